//! Who visits the demo shop, and what each kind of visitor does there.
//!
//! A [`Visit`] is a list of steps with pauses, written by [`script`]. Who comes is the `world`'s
//! business; who sends the steps, and when, is `traffic`'s.

use serde::Deserialize;
use serde_json::{Value, json};

use super::world::World;

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
    /// Fills a cart, comes back to it again and again, and buys only with a coupon.
    Hesitating,
    /// Makes an account and buys.
    Buyer,
    /// Looks on the phone, logs in on the computer, then on the phone as well.
    TwoDevices,
    /// A customer who comes back.
    Returning,
}

/// Shares, out of 100.
pub const SHARES: [(Persona, u64); 6] = [
    (Persona::Browser, 38),
    (Persona::CartAbandoner, 12),
    (Persona::Hesitating, 12),
    (Persona::Buyer, 14),
    (Persona::TwoDevices, 8),
    (Persona::Returning, 16),
];

/// How many go back to the home page after the first product.
const BACK_HOME_CHANCE: f64 = 0.7;
/// How many of those who hesitate go to the checkout with their coupon.
const COUPON_CHANCE: f64 = 0.6;

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
    /// Buys, with the coupon they were granted if there is one; some do only then.
    Order {
        properties: Value,
        only_with_coupon: bool,
    },
    /// Asks what to show; looks at it, and may follow it.
    Decide {
        placement: &'static str,
        item_id: Option<String>,
    },
    /// Asks for the order of what a search found.
    Rank { items: Vec<String> },
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
    /// Favourite category.
    pub taste: String,
    /// Where they came from.
    pub referrer: &'static str,
    /// In which order.
    pub steps: Vec<Step>,
}

/// The first of its categories.
pub fn category(product: &Product) -> String {
    product.categories.first().cloned().unwrap_or_default()
}

/// What a customer does on one visit; `is_known` when every device has logged in before.
pub fn script(
    world: &mut World,
    persona: Persona,
    customer: &Customer,
    is_known: bool,
) -> Vec<Step> {
    let known_on = vec![is_known; customer.devices.len()];
    let customer = customer.clone();
    let mut script = Script {
        world,
        steps: Vec::new(),
        customer,
        device: 0,
        known_on,
    };
    script.play(persona);
    script.steps
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
            Persona::Hesitating => {
                let seen = self.look_around(2, 4);
                let cart = self.fill_cart(&seen);
                for product in &cart {
                    self.look_at(product);
                    self.see_cart(&cart);
                }
                self.see_cart(&cart);
                if self.world.random.chance(COUPON_CHANCE) {
                    self.buy(&cart, true);
                }
            }
            Persona::Buyer => {
                let seen = self.look_around(2, 5);
                let cart = self.fill_cart(&seen);
                self.log_in();
                self.buy(&cart, false);
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
                self.buy(&cart, false);
            }
            Persona::Returning => {
                let seen = self.look_around(1, 4);
                if self.world.random.chance(0.5) {
                    let cart = self.fill_cart(&seen);
                    self.buy(&cart, false);
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
            let items = self.world.found(&taste);
            let searched = json!({"query": taste, "results": items.len()});
            self.track("Products Searched", searched);
            self.step(Action::Rank { items });
        }
        let mut seen = Vec::new();
        for _ in 0..count {
            let product = self.world.product(&taste);
            self.look_at(&product);
            seen.push(product);
            // Back home after the first: the large picture is chosen for whoever has looked around.
            if seen.len() == 1 && self.world.random.chance(BACK_HOME_CHANCE) {
                self.page("/shop/", "Larkfell");
                self.decide("home_hero", None);
            }
        }
        seen
    }

    fn look_at(&mut self, product: &Product) {
        self.page(&product.url, &product.title);
        self.track("Product Viewed", properties(product));
        self.decide("also_like", Some(product.item_id.clone()));
    }

    fn fill_cart(&mut self, seen: &[Product]) -> Vec<Product> {
        let count = 1 + self.world.random.below(seen.len().min(3) as u64) as usize;
        let cart: Vec<Product> = seen.iter().take(count).cloned().collect();
        for product in &cart {
            self.track("Product Added", properties(product));
        }
        self.see_cart(&cart);
        cart
    }

    fn see_cart(&mut self, cart: &[Product]) {
        self.page("/shop/cart", "Cart");
        self.track("Cart Viewed", json!({"products": lines(cart)}));
        self.decide("cart_offer", None);
        self.decide("cart_recommendations", None);
    }

    fn log_in(&mut self) {
        self.known_on[self.device] = true;
        let Customer { name, user_id, .. } = &self.customer;
        let email = format!("{}.{user_id}@example.com", name.to_lowercase());
        let traits = json!({"email": email, "first_name": self.customer.name});
        self.step(Action::Identify { traits });
    }

    fn buy(&mut self, cart: &[Product], only_with_coupon: bool) {
        self.page("/shop/checkout", "Checkout");
        self.track("Checkout Started", json!({"products": lines(cart)}));
        let revenue: f64 = cart
            .iter()
            .filter_map(|product| product.price.parse::<f64>().ok())
            .sum();
        let properties = json!({
            "order_id": format!("order-{:016x}", self.world.random.next_u64()),
            "revenue": (revenue * 100.0).round() / 100.0,
            "currency": cart.first().map(|product| product.currency.as_str()),
            "products": lines(cart),
        });
        self.step(Action::Order {
            properties,
            only_with_coupon,
        });
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
            Action::Track { .. } | Action::Order { .. } | Action::Identify { .. } => {
                800 + self.world.random.below(2_500)
            }
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
