//! Reports on recipes on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// A figure and its 95 % interval.
#[derive(Serialize, ToSchema)]
pub struct Estimate {
    /// As measured.
    pub value: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// How good a recipe is: on what was hidden from it, and on what it showed.
#[derive(Serialize, ToSchema)]
pub struct RecipeReport {
    /// Id of the recipe.
    pub recipe: String,
    /// How well it finds what people turned to next; `null` until it was measured.
    #[schema(required)]
    pub offline: Option<RecipeOffline>,
    /// What came of what it showed.
    pub online: RecipeOnline,
    /// Items of the catalog.
    pub catalog_items: u64,
    /// Why nothing was measured, or of what that was; empty when there is nothing to add.
    pub words: String,
}

/// How well a recipe finds what people turned to next.
#[derive(Serialize, ToSchema)]
pub struct RecipeOffline {
    /// When it was measured.
    pub evaluated_at: Time,
    /// Persons of whom something was hidden.
    pub persons: u64,
    /// How it was measured.
    pub protocol: String,
    /// NDCG at 10.
    pub ndcg_at_10: Estimate,
    /// Recall at 10.
    pub recall_at_10: Estimate,
    /// NDCG at 10 of what is popular, for the same persons.
    pub popular_ndcg_at_10: Estimate,
    /// Share of the catalog among all answers; `null` of an empty catalog.
    #[schema(required)]
    pub coverage: Option<f64>,
    /// How surprising the answers are, in bits: −log2 of an item's share of what is popular.
    #[schema(required)]
    pub novelty_bits: Option<f64>,
}

/// What came of what a recipe showed.
#[derive(Serialize, ToSchema)]
pub struct RecipeOnline {
    /// The first decision counted; `null` when there is none.
    #[schema(required)]
    pub since_at: Option<Time>,
    /// Decisions taken with it.
    pub decisions: u64,
    /// Items shown by them.
    pub items_shown: u64,
    /// Items shown that were clicked within seven days, each once a decision.
    pub clicked: u64,
    /// Items shown that were bought within seven days.
    pub bought: u64,
    /// Decisions that showed the fallback of the placement.
    pub fallbacks: u64,
    /// Share of the items shown that were clicked, with its Wilson interval.
    #[schema(required)]
    pub click_rate: Option<Estimate>,
    /// Share of the items shown that were bought.
    #[schema(required)]
    pub purchase_rate: Option<Estimate>,
    /// Share of the catalog that was shown.
    #[schema(required)]
    pub coverage: Option<f64>,
    /// How surprising the items shown are, in bits.
    #[schema(required)]
    pub novelty_bits: Option<f64>,
    /// Day by day, the earliest first, at most 90; clicks and purchases stand at the day on which
    /// the item was shown.
    pub days: Vec<RecipeDay>,
}

/// What came of what was shown on one day.
#[derive(Serialize, ToSchema)]
pub struct RecipeDay {
    /// The day in UTC, such as 2026-11-22.
    pub day: String,
    /// Items shown.
    pub items_shown: u64,
    /// Those of them that were clicked.
    pub clicked: u64,
    /// Those of them that were bought.
    pub bought: u64,
}

impl From<kith_learning::Estimate> for Estimate {
    fn from(estimate: kith_learning::Estimate) -> Self {
        Estimate {
            value: estimate.value,
            lower: estimate.lower,
            upper: estimate.upper,
        }
    }
}
