//! The people of the demo: who comes next, with which devices, and who has been here before.
//! Pure, and the same for the same seed.

use kith_base::{NodeId, Random};

use super::persona::{Customer, Device, Persona, Product, SHARES, Visit, category, script};

const NAMES: [&str; 24] = [
    "Ada", "Bela", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya",
    "Lena", "Mika", "Nora", "Oskar", "Pia", "Quin", "Rosa", "Sami", "Tove", "Uma", "Vera", "Wim",
    "Yara",
];

const COMPUTERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

const PHONES: [&str; 2] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
     Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/142.0.0.0 Mobile Safari/537.36",
];

const REFERRERS: [&str; 5] = [
    "",
    "https://www.google.com/",
    "https://www.instagram.com/",
    "https://duckduckgo.com/",
    "https://blog.example.org/best-trail-shoes",
];

/// Everything that lasts longer than one visit.
pub struct World {
    products: Vec<Product>,
    customers: Vec<Customer>,
    /// Chance, for whoever writes a visit.
    pub random: Random,
    /// Makes ids of this run differ from those of every other.
    salt: String,
    people: u64,
}

impl World {
    /// A shop without customers.
    pub fn new(catalog: &str, seed: u64, salt: &str) -> Self {
        let products = catalog
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        World {
            products: products.collect(),
            customers: Vec::new(),
            random: Random::new(seed),
            salt: salt.to_owned(),
            people: 0,
        }
    }

    /// Milliseconds until the next visitor, for a rate a minute.
    pub fn next_arrival_ms(&mut self, visitors_per_minute: u32) -> u64 {
        let mean_ms = 60_000.0 / f64::from(visitors_per_minute.max(1));
        (-(1.0 - self.random.unit()).ln() * mean_ms) as u64
    }

    /// The next visitor.
    pub fn visit(&mut self) -> Visit {
        let drawn = self.random.below(100);
        let mut below = 0;
        let persona = SHARES.into_iter().find(|(_, share)| {
            below += share;
            drawn < below
        });
        let mut persona = persona.map_or(Persona::Browser, |(persona, _)| persona);
        if persona == Persona::Returning && self.customers.is_empty() {
            persona = Persona::Buyer;
        }
        let referrer = REFERRERS[self.random.below(REFERRERS.len() as u64) as usize];
        let (customer, is_known) = match persona {
            Persona::Returning => {
                let index = self.random.below(self.customers.len() as u64) as usize;
                (self.customers[index].clone(), true)
            }
            _ => (self.new_customer(persona), false),
        };
        let steps = script(self, persona, &customer, is_known);
        if matches!(persona, Persona::Buyer | Persona::TwoDevices) {
            self.customers.push(customer.clone());
        }
        Visit {
            persona,
            devices: customer.devices,
            taste: customer.taste,
            referrer,
            steps,
        }
    }

    fn new_customer(&mut self, persona: Persona) -> Customer {
        self.people += 1;
        let number = self.people;
        let salt = self.salt.clone();
        let mut device = |agents: &[&'static str]| {
            let chosen = self.random.below(agents.len() as u64) as usize;
            let mark = self.random.next_u64();
            Device {
                anonymous_id: NodeId::of("demo device", &format!("{salt} {mark}")).to_string(),
                user_agent: agents[chosen],
            }
        };
        let devices = match persona {
            Persona::TwoDevices => vec![device(&PHONES), device(&COMPUTERS)],
            _ if number.is_multiple_of(2) => vec![device(&PHONES)],
            _ => vec![device(&COMPUTERS)],
        };
        let name = NAMES[self.random.below(NAMES.len() as u64) as usize].to_owned();
        let taste = self
            .random
            .choose(&self.products)
            .map(category)
            .unwrap_or_default();
        Customer {
            user_id: format!("{salt}{number:04}"),
            name,
            devices,
            taste,
        }
    }

    /// Ids of what a search for a category finds.
    pub fn found(&self, searched: &str) -> Vec<String> {
        let products = self.products.iter();
        let found = products.filter(|product| category(product) == searched);
        found.map(|product| product.item_id.clone()).collect()
    }

    /// A product, in two of three cases of the given taste.
    pub fn product(&mut self, taste: &str) -> Product {
        let of_taste: Vec<Product> = self
            .products
            .iter()
            .filter(|product| category(product) == taste)
            .cloned()
            .collect();
        let wanted = if self.random.chance(0.67) {
            &of_taste
        } else {
            &self.products
        };
        let chosen = self.random.choose(wanted).or(self.products.first());
        chosen.cloned().expect("the demo catalog has products")
    }
}

#[cfg(test)]
mod tests {
    use super::super::persona::Action;
    use super::*;

    fn world(seed: u64) -> World {
        World::new(super::super::contents::CATALOG, seed, "test")
    }

    #[test]
    fn the_same_seed_plays_the_same_visits() {
        let (mut one, mut other) = (world(7), world(7));
        for _ in 0..50 {
            assert_eq!(format!("{:?}", one.visit()), format!("{:?}", other.visit()));
        }
        assert_ne!(
            format!("{:?}", world(8).visit()),
            format!("{:?}", world(9).visit())
        );
    }

    #[test]
    fn every_persona_comes_and_acts_its_part() {
        let mut world = world(1);
        let visits: Vec<Visit> = (0..300).map(|_| world.visit()).collect();
        for (persona, _) in SHARES {
            assert!(
                visits.iter().any(|visit| visit.persona == persona),
                "{persona:?}"
            );
        }
        let bought = |visit: &Visit| {
            visit.steps.iter().any(|step| {
                matches!(
                    step.action,
                    Action::Order {
                        only_with_coupon: false,
                        ..
                    }
                )
            })
        };
        let with_coupon = visits.iter().filter(|visit| {
            let is_order = |step: &&super::super::persona::Step| {
                matches!(
                    step.action,
                    Action::Order {
                        only_with_coupon: true,
                        ..
                    }
                )
            };
            visit.steps.iter().any(|step| is_order(&step))
        });
        assert!(with_coupon.count() > 0, "some buy only with a coupon");
        for visit in &visits {
            let known = visit
                .steps
                .iter()
                .filter(|step| step.user_id.is_some())
                .count();
            match visit.persona {
                Persona::Browser | Persona::CartAbandoner | Persona::Hesitating => {
                    assert_eq!((known, bought(visit)), (0, false));
                }
                Persona::Buyer => assert!(bought(visit)),
                Persona::TwoDevices => {
                    assert!(bought(visit));
                    let on = |device| {
                        visit
                            .steps
                            .iter()
                            .any(|step| step.device == device && step.user_id.is_some())
                    };
                    assert!(on(0) && on(1), "both devices log in");
                }
                Persona::Returning => assert_eq!(known, visit.steps.len()),
            }
        }
    }
}
