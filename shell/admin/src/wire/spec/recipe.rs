//! Document of a `recipe`. For the description of the API only: `kith-definition` reads it.

use utoipa::ToSchema;

/// Document of a `recipe`: which items are recommended, and how they are found.
#[derive(ToSchema)]
pub struct RecipeSpec {
    /// What it recommends and to whom.
    #[schema(required = false)]
    pub description: String,
    /// What it is for.
    #[schema(required = false)]
    pub goal: RecipeGoal,
    /// Models that find items, with their weights.
    pub ingredients: Vec<RecipeIngredient>,
    /// Rule over `item.…` and the person: only items for which it holds.
    #[schema(required = false, examples("item.price < 100"))]
    pub include_when: String,
    /// Rule over `item.…` and the person: no items for which it holds.
    #[schema(required = false, examples("item.categories contains \"gift-cards\""))]
    pub exclude_when: String,
    /// Items that count more or less.
    #[schema(required = false)]
    pub boosts: Vec<RecipeBoost>,
    /// How unlike each other the chosen items are.
    #[schema(required = false)]
    pub diversity: RecipeDiversity,
    /// Share of places that are filled by lot.
    #[schema(required = false, default = 0.0, minimum = 0, maximum = 0.5)]
    pub exploration: f64,
    /// Ids of recipes that fill what this one leaves empty.
    #[schema(required = false)]
    pub fallbacks: Vec<String>,
}

/// What a recipe is for.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum RecipeGoal {
    /// What the person has neither bought nor in the cart.
    Discover,
    /// What the person bought before.
    Reorder,
}

/// A model with its weight.
#[derive(ToSchema)]
pub struct RecipeIngredient {
    /// Which model.
    pub model: RecipeModel,
    /// How much it counts against the others.
    #[schema(required = false, default = 1.0)]
    pub weight: f64,
}

/// A way to find items.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum RecipeModel {
    /// What visits like the present one went on with.
    Visits,
    /// What goes with the item, the cart or the history at hand.
    ItemToItem,
    /// What people with like histories touch.
    Linear,
    /// What the person touches again and again.
    Again,
    /// What is alike by its own words and attributes.
    Content,
    /// What belongs to the categories and brands of interest.
    Affinity,
    /// What many people touch.
    Popular,
    /// What many people touch lately.
    Trending,
}

/// Items that count more or less.
#[derive(ToSchema)]
pub struct RecipeBoost {
    /// Rule over `item.…` and the person.
    pub when: String,
    /// Multiplies the score of the items for which it holds.
    pub factor: f64,
}

/// How unlike each other the chosen items are.
#[derive(ToSchema)]
pub struct RecipeDiversity {
    /// Most items of one category.
    pub per_category: Option<u32>,
    /// How much being like an item chosen already counts against one, 0 to 1.
    #[schema(required = false, default = 0.0)]
    pub mmr: f64,
}
