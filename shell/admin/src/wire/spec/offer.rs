//! Documents of offers, and what placements say of them.

use utoipa::ToSchema;

use crate::wire::{JsonObject, Time};

/// Document of an `offer`.
#[derive(ToSchema)]
pub struct OfferSpec {
    /// Placements it may appear in.
    pub placements: Vec<String>,
    /// What it is for.
    #[schema(required = false)]
    pub kind: OfferKind,
    /// The lever of the formula: the weight given by hand.
    #[schema(required = false, minimum = 0, maximum = 1000, default = 100)]
    pub priority: u32,
    /// Eligibility: who may get it; empty for everybody.
    #[schema(required = false, examples("traits.plan = \"pro\""))]
    pub when: String,
    /// Applicability: when it makes sense; empty for always.
    #[schema(required = false, examples("features.cart_item_count >= 1"))]
    pub applicable_when: String,
    /// Suitability: for whom it is good; empty for everybody.
    #[schema(required = false, examples("traits.open_complaint is missing"))]
    pub suitable_when: String,
    /// Exclusion: never while this holds, whatever else.
    #[schema(required = false, examples("traits.is_minor"))]
    pub never_when: String,
    /// Not before.
    pub starts_at: Option<Time>,
    /// Not from then on.
    pub ends_at: Option<Time>,
    /// What it is worth when it is taken.
    #[schema(required = false, minimum = 0)]
    pub value: f64,
    /// How probable it is that it is taken.
    #[schema(required = false, minimum = 0, maximum = 1)]
    pub propensity: f64,
    /// Weights of moments; those whose rule holds are multiplied.
    #[schema(required = false)]
    pub context: Vec<ContextWeight>,
    /// Numbers that formulas ask for as `offer.name`.
    #[schema(required = false)]
    pub figures: Vec<Figure>,
    /// How often it may be granted, and how long a grant lasts.
    #[schema(required = false)]
    pub limits: OfferLimits,
    /// What is shown.
    pub content: JsonObject,
}

/// What an offer is for: it decides who goes first.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum OfferKind {
    /// To sell.
    Promotion,
    /// To help: before promotions, and never silenced.
    Service,
    /// Must be said: before everything.
    Mandatory,
}

/// A weight that counts at some moments.
#[derive(ToSchema)]
pub struct ContextWeight {
    /// Rule.
    pub when: String,
    /// Multiplies the context of the formula while the rule holds.
    #[schema(minimum = 0)]
    pub weight: f64,
}

/// A number of an offer.
#[derive(ToSchema)]
pub struct Figure {
    /// The name after `offer.` in formulas.
    pub name: String,
    /// The number.
    pub value: f64,
}

/// How often an offer may be granted.
#[derive(ToSchema)]
pub struct OfferLimits {
    /// Most grants to one person; `null` for any number.
    pub per_person: Option<PerPerson>,
    /// Most grants in all; `null` for any number.
    #[schema(minimum = 0)]
    pub stock: Option<u64>,
    /// Money for all grants; `null` for no bound.
    pub budget: Option<OfferBudget>,
    /// A code with every grant; `null` for none.
    pub coupon: Option<CouponSpec>,
    /// Days that a person keeps a grant, unless it is used before.
    #[schema(required = false, minimum = 1, default = 30)]
    pub keep_days: u32,
    /// Name of the event that uses a grant up; empty for none.
    #[schema(required = false, examples("Order Completed"))]
    pub used_by: String,
}

/// Most grants to one person.
#[derive(ToSchema)]
pub struct PerPerson {
    /// How many.
    #[schema(minimum = 1, maximum = 1000)]
    pub count: u32,
    /// Within so many days.
    #[schema(required = false, minimum = 1, default = 3650)]
    pub days: u32,
}

/// Money for an offer.
#[derive(ToSchema)]
pub struct OfferBudget {
    /// For all grants.
    pub amount: f64,
    /// Of one grant.
    pub cost: f64,
    /// How it is spread.
    #[schema(required = false)]
    pub pacing: Pacing,
}

/// How a budget is spread.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum Pacing {
    /// As people come.
    None,
    /// In step with the schedule.
    Even,
}

/// Codes of an offer.
#[derive(ToSchema)]
pub struct CouponSpec {
    /// Where codes come from.
    #[schema(required = false)]
    pub codes: CodeOrigin,
    /// What generated codes begin with.
    #[schema(required = false, examples("HELLO-"))]
    pub prefix: String,
}

/// Where codes come from.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum CodeOrigin {
    /// Drawn by Kith.
    Generated,
    /// Uploaded as a list.
    Uploaded,
}

/// The weight of one offer in a placement.
#[derive(ToSchema)]
pub struct Lever {
    /// The offer.
    pub offer: String,
    /// Multiplies its lever.
    #[schema(minimum = 0)]
    pub lever: f64,
}

/// A bound that promotions have to keep to.
#[derive(ToSchema)]
pub struct Floor {
    /// What it is about.
    #[schema(examples("unsubscribe risk"))]
    pub name: String,
    /// Formula of the number in question.
    #[schema(examples("offer.risk * features.fatigue"))]
    pub formula: String,
    /// It may not be less.
    pub at_least: Option<f64>,
    /// It may not be more.
    pub at_most: Option<f64>,
}
