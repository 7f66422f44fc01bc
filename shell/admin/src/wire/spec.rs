//! The documents inside definitions, kind by kind, as the OpenAPI shows them. The core checks and
//! compiles what clients write; these types only describe it.

use utoipa::ToSchema;

use super::{JsonObject, Time};

mod offer;
mod recipe;

pub use offer::{
    CodeOrigin, ContextWeight, CouponSpec, Figure, Floor, Lever, OfferBudget, OfferKind,
    OfferLimits, OfferSpec, Pacing, PerPerson,
};

pub use recipe::{
    RecipeBoost, RecipeDiversity, RecipeGoal, RecipeIngredient, RecipeModel, RecipeSpec,
};

/// Document of a `source`.
#[derive(ToSchema)]
pub struct SourceSpec {
    /// What sends the events.
    #[schema(rename = "type")]
    pub kind: SourceType,
    /// False refuses its events.
    #[schema(required = false, default = true)]
    pub enabled: bool,
    /// Origins its tag may be used on; empty for any.
    #[schema(required = false)]
    pub origins: Vec<String>,
    /// Settings of `kith.js`.
    #[schema(required = false)]
    pub tag: TagSpec,
    /// Its write keys, hashed. Written by the routes under `/api/v1/sources/{id}/keys` only.
    #[schema(read_only, required = false)]
    pub keys: Vec<WriteKeyEntry>,
}

/// What sends events.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum SourceType {
    /// A site with the tag, or another client in a browser.
    Web,
    /// A back end.
    Server,
    /// An app.
    App,
    /// Files.
    Import,
}

/// A write key as it is stored.
#[derive(ToSchema)]
pub struct WriteKeyEntry {
    /// Its first characters.
    pub prefix: String,
    /// Its hash.
    pub hash: String,
    /// When it was made.
    pub created_at: Time,
}

/// Settings of `kith.js`.
#[derive(ToSchema)]
pub struct TagSpec {
    /// What is allowed before the visitor has chosen.
    #[schema(required = false)]
    pub consent: TagConsent,
    /// Send page views, also in single-page apps.
    #[schema(required = false, default = true)]
    pub page_views: bool,
    /// Send events for elements marked with `data-e`.
    #[schema(required = false, default = true)]
    pub declarative: bool,
    /// Send every click.
    #[schema(required = false, default = false)]
    pub click_capture: bool,
    /// Name of the page's data layer.
    #[schema(required = false, default = "dataLayer")]
    pub data_layer: String,
    /// Domains whose links carry the visitor's id.
    #[schema(required = false)]
    pub link_domains: Vec<String>,
    /// Longest time a slot stays hidden while its decision is awaited.
    #[schema(required = false, default = 500)]
    pub hide_timeout_ms: u32,
    /// Where decisions are rendered.
    #[schema(required = false)]
    pub placements: Vec<TagPlacement>,
}

/// What is allowed before the visitor has chosen.
#[derive(ToSchema)]
pub struct TagConsent {
    /// Applies to every category.
    pub default: ConsentDefault,
    /// The categories asked for.
    pub categories: Vec<String>,
}

/// What holds before the visitor has chosen.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum ConsentDefault {
    /// Allowed.
    Granted,
    /// Not allowed.
    Denied,
}

/// Where and how the tag renders a decision.
#[derive(ToSchema)]
pub struct TagPlacement {
    /// Id of the placement.
    pub placement: String,
    /// CSS selector of the slot.
    pub selector: String,
    /// How the content gets into the slot.
    pub mode: TagMode,
    /// Template for the mode `template`.
    #[schema(required = false)]
    pub template: String,
}

/// How content gets into a slot.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum TagMode {
    /// `content.html` as HTML.
    Html,
    /// `content.text` as text.
    Text,
    /// The template, once per choice.
    Template,
    /// An event on the slot; the page does the rest.
    Event,
}

/// Document of a `placement`.
#[derive(ToSchema)]
pub struct PlacementSpec {
    /// What it is for.
    #[schema(required = false)]
    pub description: String,
    /// What may fill it.
    #[schema(rename = "type")]
    pub kind: PlacementType,
    /// Most choices shown.
    #[schema(required = false, default = 1, minimum = 1, maximum = 50)]
    pub limit: u32,
    /// For items: tried in order until the limit is reached.
    #[schema(required = false)]
    pub strategies: Vec<StrategyRef>,
    /// For items: id of the recipe that finds them, in place of strategies.
    pub recipe: Option<String>,
    /// Items bought within so many days are not shown.
    #[schema(required = false, default = 30)]
    pub exclude_purchased_days: u32,
    /// Rule: no promotions while it holds, such as during an open complaint.
    #[schema(required = false, examples("traits.open_complaint = true"))]
    pub silence_promotions_when: String,
    /// How offers are ranked; empty for `propensity * context * value * lever`.
    #[schema(required = false, examples("propensity * (value - offer.cost)"))]
    pub formula: String,
    /// Weights of single offers in this placement.
    #[schema(required = false)]
    pub levers: Vec<Lever>,
    /// Bounds that every promotion has to keep to.
    #[schema(required = false)]
    pub floors: Vec<Floor>,
    /// Promotions ranked below are not shown.
    pub silence_below: Option<f64>,
    /// Which promotion works is learned, and promotions are drawn; null ranks them.
    pub learning: Option<Learning>,
    /// Shown when nothing is eligible.
    #[schema(required = false)]
    pub fallback: Fallback,
}

/// What a placement of offers learns from, and how it explores.
#[derive(ToSchema)]
pub struct Learning {
    /// The event that is a success, as a feature names events.
    #[schema(
        required = false,
        default = "\"Decision Clicked\"",
        examples("\"Order Completed\" where revenue >= 50")
    )]
    pub reward: String,
    /// Days after a decision within which a reward counts.
    #[schema(required = false, default = 1, minimum = 1, maximum = 90)]
    pub window_days: u32,
    /// Minutes instead of days, where the answer comes at once; 0 counts the days.
    #[schema(required = false, default = 0, minimum = 0, maximum = 1440)]
    pub window_minutes: u32,
    /// Facts that say for whom and when an offer works.
    #[schema(required = false, examples(json!(["traits.country"])))]
    pub features: Vec<String>,
    /// Share of decisions that is spread equally over all candidates.
    #[schema(required = false, default = 0.02, minimum = 0.001, maximum = 1)]
    pub floor: f64,
    /// Share that what was learned serves while the best fixed offer serves the rest.
    #[schema(required = false, default = 0.2, minimum = 0, maximum = 1)]
    pub trial: f64,
    /// Share that the best fixed offer keeps while what was learned serves the rest.
    #[schema(required = false, default = 0.1, minimum = 0, maximum = 1)]
    pub holdout: f64,
}

/// What may fill a placement.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum PlacementType {
    /// Offers that name the placement.
    Offers,
    /// Catalog items by its strategies.
    Items,
}

/// A recommendation strategy of a placement.
#[derive(ToSchema)]
pub struct StrategyRef {
    /// Which.
    pub strategy: Strategy,
}

/// Recommendation strategies.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum Strategy {
    /// What many people look at now.
    PopularNow,
    /// What people look at who looked at the item on the page, or the last one viewed.
    AlsoViewed,
    /// What this person looked at last.
    RecentlyViewed,
}

/// Shown when nothing is eligible.
#[derive(ToSchema)]
pub struct Fallback {
    /// A placement of offers that is filled instead.
    pub placement: Option<String>,
    /// The content; `null` shows nothing.
    pub content: Option<JsonObject>,
}

/// Document of a `feature`; its id is the name after `features.` in rules.
#[derive(ToSchema)]
pub struct FeatureSpec {
    /// What it says, for people.
    #[schema(required = false)]
    pub description: String,
    /// An aggregate as in a rule; empty for an affinity.
    #[schema(required = false, examples("count(\"Order Completed\", 30 days)"))]
    pub value: String,
    /// Instead of a value: what the person is drawn to.
    #[schema(required = false)]
    pub affinity: Option<AffinitySpec>,
    /// The trait it is published as; empty for none.
    #[schema(required = false)]
    pub r#trait: String,
}

/// A decayed affinity: shares of interest over the keys of one dimension of items.
#[derive(ToSchema)]
pub struct AffinitySpec {
    /// The dimension.
    pub by: AffinityDimension,
    /// Name of the attribute; of keywords, name of the text, the title when empty.
    #[schema(required = false)]
    pub attribute: String,
    /// Where one price band ends and the next begins, ascending.
    #[schema(required = false)]
    pub bounds: Vec<u32>,
    /// An event counts half as much after so many days; 30 when absent.
    #[schema(required = false, minimum = 1, maximum = 3650)]
    pub half_life_days: u16,
    /// What each event counts; product views 1, wishes 2, products added 3, orders 5 when absent.
    #[schema(required = false)]
    pub weights: Vec<AffinityWeight>,
    /// For what is bought once: how a purchase lowers the interest.
    #[schema(required = false)]
    pub once: Option<AffinityOnce>,
    /// Property that marks an event, or a line of it, as a gift, which is left out; empty for none.
    #[schema(required = false)]
    pub gift: String,
}

/// A dimension of items.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum AffinityDimension {
    /// The category.
    Category,
    /// The brand.
    Brand,
    /// The band that the price is in.
    Price,
    /// The value, or values, of an attribute.
    Attribute,
    /// The words of a text.
    Keyword,
}

/// What an event counts in an affinity.
#[derive(ToSchema)]
pub struct AffinityWeight {
    /// Its name.
    pub event: String,
    /// So much.
    #[schema(required = false, minimum = 1, maximum = 1000)]
    pub weight: u16,
}

/// Interest that a purchase satisfies.
#[derive(ToSchema)]
pub struct AffinityOnce {
    /// The purchase; `Order Completed` when absent.
    #[schema(required = false)]
    pub event: String,
    /// What is left of the interest in a key after a purchase in it; 10 when absent.
    #[schema(required = false, maximum = 100)]
    pub percent: u8,
    /// After so many days all of it is back; 0 for never.
    #[schema(required = false, maximum = 3650)]
    pub repurchase_days: u16,
}

/// Document of an `audience`.
#[derive(ToSchema)]
pub struct AudienceSpec {
    /// What it is for.
    #[schema(required = false)]
    pub description: String,
    /// `rule`: whoever the rule holds for. `list`: whoever was put on it.
    #[schema(required = false)]
    pub r#type: AudienceType,
    /// Rule that says who is in it; of a list, empty.
    #[schema(required = false, examples("features.purchase_count >= 2"))]
    pub when: String,
}

/// How the members of an audience are found.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum AudienceType {
    /// By a rule.
    Rule,
    /// One by one.
    List,
}

/// Document of a `webhook`.
#[derive(ToSchema)]
pub struct WebhookSpec {
    /// What it is for.
    #[schema(required = false)]
    pub description: String,
    /// Where deliveries go: https, or http to the server's own machine.
    #[schema(examples("https://crm.example/hooks/kith"))]
    pub url: String,
    /// False: what happens meanwhile is not delivered, then or later.
    #[schema(required = false)]
    pub enabled: bool,
    /// Ids of the audiences it is told about. It must name one, or a trait in `trait_changes`.
    #[schema(required = false)]
    pub audiences: Vec<String>,
    /// What it is told about them; both when absent.
    #[schema(required = false)]
    pub events: Vec<WebhookEvent>,
    /// Computed traits whose changes it is told of, of everybody; at most one notice a minute for
    /// each person and trait.
    #[schema(required = false)]
    pub trait_changes: Vec<String>,
    /// Traits that a delivery carries, computed ones too.
    #[schema(required = false)]
    pub traits: Vec<String>,
    /// Namespaces of the identifiers that a delivery carries; `user_id` when absent.
    #[schema(required = false)]
    pub identifiers: Vec<String>,
    /// Category a person must have consented to; empty when none is needed.
    #[schema(required = false)]
    pub consent: String,
    /// What signs deliveries. Made and revoked by their own routes; what is sent is not read.
    #[schema(required = false)]
    pub secrets: Vec<WebhookSecretName>,
}

/// What a webhook may be told.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum WebhookEvent {
    /// Somebody entered.
    Entered,
    /// Somebody left.
    Left,
}

/// Names a secret, without the secret.
#[derive(ToSchema)]
pub struct WebhookSecretName {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
    /// When it stops signing; `null` for the newest.
    pub expires_at: Option<Time>,
}

/// Document of `identity/default`.
#[derive(ToSchema)]
pub struct IdentitySpec {
    /// Kinds of identifier, in any order.
    pub namespaces: Vec<Namespace>,
    /// Values that identify nobody, such as `unknown`.
    #[schema(required = false)]
    pub blocked_values: Vec<String>,
}

/// A kind of identifier.
#[derive(ToSchema)]
pub struct Namespace {
    /// Such as `email`.
    pub name: String,
    /// An event belongs to its identifier of the highest priority.
    pub priority: u32,
    /// True when two different values mean two different people.
    #[schema(required = false)]
    pub unique: bool,
    /// Most values one person may have.
    #[schema(required = false)]
    pub limit: u32,
    /// How values are made comparable.
    #[schema(required = false)]
    pub normalise: Normalise,
}

/// How values of a namespace are made comparable.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum Normalise {
    /// Trimmed only.
    None,
    /// As an e-mail address.
    Email,
    /// As a telephone number in E.164.
    Phone,
}

/// Document of `catalog/default`.
#[derive(ToSchema)]
pub struct CatalogSpec {
    /// Attributes beyond the fixed members of an item.
    pub attributes: Vec<CatalogAttribute>,
}

/// An attribute of catalog items.
#[derive(ToSchema)]
pub struct CatalogAttribute {
    /// Member of `attributes`.
    pub name: String,
    /// Type of its value.
    #[schema(rename = "type")]
    pub kind: AttributeType,
    /// Keep each person's interest in its values.
    #[schema(required = false, default = false)]
    pub affinity: bool,
}

/// Types of attribute values.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum AttributeType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339.
    Time,
    /// Several texts.
    List,
}
