//! Who visits the demo shop, and what they do there: pure, and the same for the same seed.
//!
//! A [`Visit`] is a list of steps with pauses. Who sends them, and when, is `traffic`'s business.

use kith_base::{NodeId, Random};
use serde::Deserialize;
use serde_json::{Value, json};

/// A product of the demo catalog.
#[derive(Clone, Debug, Deserialize)]
pub struct Product {
    /// Its id.
    pub item_id: String,
    /// Its name.
    pub title: String,
    /// Where its page is.
    pub url: String,
    /// Decimal text.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
    /// Path of categories.
    pub categories: Vec<String>,
    /// Who makes it.
    pub brand: String,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Number in the shop.
    pub user_id: String,
    /// First name.
    pub name: String,
    /// One browser each.
    pub devices: Vec<Device>,
    /// Favourite category.
    pub taste: String,
}

/// A browser.
#[derive(Clone, Debug)]
pub struct Device {
    /// The cookie's value.
    pub anonymous_id: String,
    /// As the browser calls itself.
    pub user_agent: &'static str,
}

/// The kinds of visitor, with how many in a hundred are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Looks around and leaves, unknown.
    Browser,
    /// Fills a cart and leaves it.
    CartAbandoner,
    /// Makes an account and buys.
    Buyer,
    /// Looks on the phone, logs in on the computer, then on the phone as well.
    TwoDevices,
    /// A customer who comes back.
    Returning,
}

/// Shares, out of 100.
const SHARES: [(Persona, u64); 5] = [
    (Persona::Browser, 42),
    (Persona::CartAbandoner, 20),
    (Persona::Buyer, 14),
    (Persona::TwoDevices, 8),
    (Persona::Returning, 16),
];

/// What a visitor does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Opens a page.
    Page { path: String, title: String },
    /// An event with its properties.
    Track {
        name: &'static str,
        properties: Value,
    },
    /// Says who they are.
    Identify { traits: Value },
    /// Asks what to show; looks at it, and may follow it.
    Decide {
        placement: &'static str,
        item_id: Option<String>,
    },
}

/// One thing on one device.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which of the visit's devices.
    pub device: usize,
    /// How long before it.
    pub pause_ms: u64,
    /// The customer, once known on the device.
    pub user_id: Option<String>,
    /// What.
    pub action: Action,
}

/// One visit, ready to be played.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who.
    pub persona: Persona,
    /// With what.
    pub devices: Vec<Device>,
    /// Where they came from.
    pub referrer: &'static str,
    /// In which order.
    pub steps: Vec<Step>,
}

const NAMES: [&str; 24] = [
    "Ada", "Bela", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya",
    "Lena", "Mika", "Nora", "Oskar", "Pia", "Quin", "Rosa", "Sami", "Tove", "Uma", "Vera", "Wim",
    "Yara",
];

const COMPUTERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

const PHONES: [&str; 2] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
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
    random: Random,
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
        let mut script = Script {
            world: self,
            steps: Vec::new(),
            customer: customer.clone(),
            device: 0,
            known_on: vec![is_known; customer.devices.len()],
        };
        script.play(persona);
        let steps = script.steps;
        if matches!(persona, Persona::Buyer | Persona::TwoDevices) {
            self.customers.push(customer.clone());
        }
        Visit {
            persona,
            devices: customer.devices,
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

    /// A product, in two of three cases of the given taste.
    fn product(&mut self, taste: &str) -> Product {
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

fn category(product: &Product) -> String {
    product.categories.first().cloned().unwrap_or_default()
}

/// A visit being written.
struct Script<'a> {
    world: &'a mut World,
    steps: Vec<Step>,
    customer: Customer,
    device: usize,
    known_on: Vec<bool>,
}

impl Script<'_> {
    fn play(&mut self, persona: Persona) {
        self.arrive();
        match persona {
            Persona::Browser => {
                self.look_around(2, 5);
            }
            Persona::CartAbandoner => {
                let seen = self.look_around(2, 4);
                self.fill_cart(&seen);
            }
            Persona::Buyer => {
                let seen = self.look_around(2, 5);
                let cart = self.fill_cart(&seen);
                self.log_in();
                self.buy(&cart);
            }
            Persona::TwoDevices => {
                self.look_around(1, 3);
                self.device = 1;
                self.arrive();
                let seen = self.look_around(1, 3);
                self.log_in();
                let cart = self.fill_cart(&seen);
                self.device = 0;
                self.page("/shop/account", "Account");
                self.log_in();
                self.buy(&cart);
            }
            Persona::Returning => {
                let seen = self.look_around(1, 4);
                if self.world.random.chance(0.5) {
                    let cart = self.fill_cart(&seen);
                    self.buy(&cart);
                }
            }
        }
    }

    fn arrive(&mut self) {
        self.page("/shop/", "Larkfell");
        let granted = json!({"analytics": true, "personalization": true, "marketing": false});
        self.track("Consent Updated", json!({"categories": granted}));
        self.decide("home_hero", None);
        self.decide("home_recommendations", None);
    }

    fn look_around(&mut self, least: u64, most: u64) -> Vec<Product> {
        let count = least + self.world.random.below(most - least + 1);
        let taste = self.customer.taste.clone();
        if self.world.random.chance(0.3) {
            self.page("/shop/search", "Search");
            self.track("Products Searched", json!({"query": taste}));
        }
        let mut seen = Vec::new();
        for _ in 0..count {
            let product = self.world.product(&taste);
            self.page(&product.url, &product.title);
            self.track("Product Viewed", properties(&product));
            self.decide("also_like", Some(product.item_id.clone()));
            seen.push(product);
        }
        seen
    }

    fn fill_cart(&mut self, seen: &[Product]) -> Vec<Product> {
        let count = 1 + self.world.random.below(seen.len().min(3) as u64) as usize;
        let cart: Vec<Product> = seen.iter().take(count).cloned().collect();
        for product in &cart {
            self.track("Product Added", properties(product));
        }
        self.page("/shop/cart", "Cart");
        self.track("Cart Viewed", json!({"products": lines(&cart)}));
        self.decide("cart_offer", None);
        cart
    }

    fn log_in(&mut self) {
        self.known_on[self.device] = true;
        let Customer { name, user_id, .. } = &self.customer;
        let email = format!("{}.{user_id}@example.com", name.to_lowercase());
        let traits = json!({"email": email, "first_name": self.customer.name});
        self.step(Action::Identify { traits });
    }

    fn buy(&mut self, cart: &[Product]) {
        self.page("/shop/checkout", "Checkout");
        self.track("Checkout Started", json!({"products": lines(cart)}));
        let revenue: f64 = cart
            .iter()
            .filter_map(|product| product.price.parse::<f64>().ok())
            .sum();
        let order = json!({
            "order_id": format!("order-{:016x}", self.world.random.next_u64()),
            "revenue": (revenue * 100.0).round() / 100.0,
            "currency": cart.first().map(|product| product.currency.as_str()),
            "products": lines(cart),
        });
        self.track("Order Completed", order);
    }

    fn page(&mut self, path: &str, title: &str) {
        self.step(Action::Page {
            path: path.to_owned(),
            title: title.to_owned(),
        });
    }

    fn track(&mut self, name: &'static str, properties: Value) {
        self.step(Action::Track { name, properties });
    }

    fn decide(&mut self, placement: &'static str, item_id: Option<String>) {
        self.step(Action::Decide { placement, item_id });
    }

    fn step(&mut self, action: Action) {
        let pause_ms = match action {
            // Reading a page; what happens on it follows at once.
            Action::Page { .. } if !self.steps.is_empty() => {
                4_000 + self.world.random.below(14_000)
            }
            Action::Track { .. } | Action::Identify { .. } => 800 + self.world.random.below(2_500),
            _ => 300,
        };
        let user_id = self.known_on[self.device].then(|| self.customer.user_id.clone());
        self.steps.push(Step {
            device: self.device,
            pause_ms,
            user_id,
            action,
        });
    }
}

fn properties(product: &Product) -> Value {
    json!({
        "product_id": product.item_id,
        "name": product.title,
        "category": category(product),
        "brand": product.brand,
        "price": product.price.parse::<f64>().unwrap_or_default(),
        "currency": product.currency,
    })
}

fn lines(cart: &[Product]) -> Vec<Value> {
    let line = |product: &Product| {
        let mut line = properties(product);
        line["quantity"] = json!(1);
        line
    };
    cart.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
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
                    Action::Track {
                        name: "Order Completed",
                        ..
                    }
                )
            })
        };
        for visit in &visits {
            let known = visit
                .steps
                .iter()
                .filter(|step| step.user_id.is_some())
                .count();
            match visit.persona {
                Persona::Browser | Persona::CartAbandoner => {
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
