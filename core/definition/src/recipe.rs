//! `recipe`: which items of the catalog are recommended, and how they are found.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

/// A recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// For people.
    pub description: String,
    /// What it is for.
    pub goal: Goal,
    /// Models that find items, with their weights.
    pub ingredients: Vec<Ingredient>,
    /// Only items for which this rule text holds; empty takes all.
    pub include_when: String,
    /// No items for which this rule text holds.
    pub exclude_when: String,
    /// Items that count more or less.
    pub boosts: Vec<Boost>,
    /// How unlike each other the chosen items are.
    pub diversity: Diversity,
    /// Share of places that are filled by lot, so that other items are seen too.
    pub exploration: f64,
    /// Recipes that fill what this one leaves empty; its exclusions hold there too.
    pub fallbacks: Vec<String>,
}

/// What a recipe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// What the person has neither bought nor in the cart.
    Discover,
    /// What the person bought before.
    Reorder,
}

/// A model with its weight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingredient {
    /// Which model.
    pub model: RecipeModel,
    /// How much it counts against the others.
    pub weight: f64,
}

/// A way to find items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeModel {
    /// What visits like the present one went on with.
    Visits,
    /// What goes with the item, the cart or the history at hand.
    ItemToItem,
    /// What people with like histories touch, trained in the background.
    Linear,
    /// What the person touches again and again.
    Again,
    /// What is alike by its own words and attributes, trained in the background.
    Content,
    /// What belongs to the categories and brands that the person has shown interest in.
    Affinity,
    /// What many people touch.
    Popular,
    /// What many people touch lately.
    Trending,
}

impl RecipeModel {
    /// Every model.
    pub const ALL: [RecipeModel; 8] = [
        RecipeModel::Visits,
        RecipeModel::ItemToItem,
        RecipeModel::Linear,
        RecipeModel::Again,
        RecipeModel::Content,
        RecipeModel::Affinity,
        RecipeModel::Popular,
        RecipeModel::Trending,
    ];

    /// The name in specs and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            RecipeModel::Visits => "visits",
            RecipeModel::ItemToItem => "item-to-item",
            RecipeModel::Linear => "linear",
            RecipeModel::Again => "again",
            RecipeModel::Content => "content",
            RecipeModel::Affinity => "affinity",
            RecipeModel::Popular => "popular",
            RecipeModel::Trending => "trending",
        }
    }
}

/// Items that count more or less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// For which this rule text holds.
    pub when: String,
    /// Multiplies their score.
    pub factor: f64,
}

/// How unlike each other the chosen items are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diversity {
    /// Most items of one category; `None` is any number.
    pub per_category: Option<usize>,
    /// How much being like an item chosen already counts against one, 0 to 1 (maximal marginal
    /// relevance: Carbonell and Goldstein, SIGIR 1998).
    pub mmr: f64,
}

const INGREDIENT: &[Field] = &[
    Field {
        name: "model",
        about: "how items are found",
        shape: Shape::Choice(&[
            "visits",
            "item-to-item",
            "linear",
            "again",
            "content",
            "affinity",
            "popular",
            "trending",
        ]),
        default: None,
    },
    Field {
        name: "weight",
        about: "how much it counts against the others",
        shape: Shape::Number {
            min: 0,
            max: limits::RECIPE_WEIGHT_MAX,
        },
        default: Some("1.0"),
    },
];

const BOOST: &[Field] = &[
    Field {
        name: "when",
        about: "rule over item.… and the person, such as item.attributes.margin > 0.3",
        shape: Shape::Rule,
        default: None,
    },
    Field {
        name: "factor",
        about: "multiplies the score of the items for which it holds",
        shape: Shape::Number {
            min: 0,
            max: limits::RECIPE_WEIGHT_MAX,
        },
        default: None,
    },
];

const DIVERSITY: &[Field] = &[
    Field {
        name: "per_category",
        about: "most items of one category; null takes any number",
        shape: Shape::Nullable(&Shape::Whole {
            min: 1,
            max: limits::CHOICES_PER_PLACEMENT_MAX as i64,
        }),
        default: Some("null"),
    },
    Field {
        name: "mmr",
        about: "how much being like an item chosen already counts against one, 0 to 1",
        shape: Shape::Number { min: 0, max: 1 },
        default: Some("0.0"),
    },
];

/// The members of a recipe.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        about: "what it recommends and to whom, for people",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_TEXT_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "goal",
        about: "discover: what the person has neither bought nor in the cart; reorder: what they \
                bought before",
        shape: Shape::Choice(&["discover", "reorder"]),
        default: Some("\"discover\""),
    },
    Field {
        name: "ingredients",
        about: "models that find items, with their weights",
        shape: Shape::List {
            of: &Shape::Object(INGREDIENT),
            min: 1,
            max: RecipeModel::ALL.len(),
            unique: Unique::By("model"),
        },
        default: None,
    },
    Field {
        name: "include_when",
        about: "rule over item.… and the person; only items for which it holds, empty takes all",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "exclude_when",
        about: "rule over item.… and the person; no items for which it holds",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "boosts",
        about: "items that count more or less",
        shape: Shape::List {
            of: &Shape::Object(BOOST),
            min: 0,
            max: limits::RECIPE_BOOSTS_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "diversity",
        about: "how unlike each other the chosen items are",
        shape: Shape::Object(DIVERSITY),
        default: Some("{\"per_category\":null,\"mmr\":0.0}"),
    },
    Field {
        name: "exploration",
        about: "share of places that are filled by lot among the candidates, 0 to 0.5",
        shape: Shape::Number { min: 0, max: 1 },
        default: Some("0.0"),
    },
    Field {
        name: "fallbacks",
        about: "ids of recipes that fill what this one leaves empty; its exclusions hold there too",
        shape: Shape::List {
            of: &Shape::Id,
            min: 0,
            max: limits::FALLBACKS_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
];

/// Most of [`Recipe::exploration`]: beyond it more is drawn than chosen.
const EXPLORATION_MAX: f64 = 0.5;

impl Recipe {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Recipe::across)
    }

    /// Its rules with their fields; blank ones too.
    pub fn rules(&self) -> Vec<(String, &str)> {
        let own = [
            ("spec.include_when", &self.include_when),
            ("spec.exclude_when", &self.exclude_when),
        ];
        let own = own.map(|(field, text)| (field.to_owned(), text.as_str()));
        let boosts = self.boosts.iter().enumerate();
        let boosts = boosts.map(|(n, one)| (format!("spec.boosts[{n}].when"), one.when.as_str()));
        own.into_iter().chain(boosts).collect()
    }

    fn across(recipe: &Recipe, errors: &mut Errors) {
        let at = "spec.exploration";
        if recipe.exploration > EXPLORATION_MAX && !errors.has(at) {
            errors.push(at, "more than half by lot is no recipe; write 0.5 at most");
        }
        let weights = || recipe.ingredients.iter().map(|one| one.weight);
        if !errors.has("spec.ingredients") && weights().all(|weight| weight == 0.0) {
            let message = "every weight is 0, so nothing is found; give one a weight";
            errors.push("spec.ingredients", message);
        }
        for (n, boost) in recipe.boosts.iter().enumerate() {
            let at = format!("spec.boosts[{n}].when");
            if boost.when.trim().is_empty() && !errors.has(&at) {
                errors.push(at, "is empty; write for which items the factor counts");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = Recipe::parse(&Json::parse(text).unwrap()).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fills_defaults_and_refuses_what_finds_nothing() {
        let text = r#"{"ingredients":[{"model":"popular"}]}"#;
        let recipe = Recipe::parse(&Json::parse(text).unwrap()).unwrap();
        assert_eq!(
            (recipe.goal, recipe.ingredients[0].weight),
            (Goal::Discover, 1.0)
        );
        let text = r#"{"ingredients":[{"model":"popular","weight":0}],"exploration":0.6}"#;
        assert_eq!(
            errors(text),
            [
                "spec.exploration: more than half by lot is no recipe; write 0.5 at most",
                "spec.ingredients: every weight is 0, so nothing is found; give one a weight",
            ]
        );
        assert_eq!(errors(r#"{"ingredients":[]}"#).len(), 1);
    }
}
