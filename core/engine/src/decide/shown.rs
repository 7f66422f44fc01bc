//! A logged decision of a recipe, as reports read it.

use kith_event::DecisionTaken;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Which items a recipe showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Id of the placement's recipe; `None` when nothing was asked of one.
    pub recipe: Option<String>,
    /// Ids of the items, in order.
    pub items: Vec<String>,
    /// True when the placement's fallback was shown.
    pub fallback: bool,
}

#[derive(Deserialize)]
struct Record {
    decision: Entry,
}

#[derive(Deserialize)]
struct Entry {
    choices: Vec<Choice>,
    fallback: bool,
}

#[derive(Deserialize)]
struct Choice {
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Stored {
    inputs: Inputs,
}

#[derive(Deserialize)]
struct Inputs {
    #[serde(default)]
    recipes: Vec<(String, IgnoredAny)>,
    #[serde(default)]
    items: Items,
}

#[derive(Default, Deserialize)]
struct Items {
    #[serde(default)]
    named: Vec<IgnoredAny>,
}

impl Shown {
    /// `None` of a record that cannot be read, and of items that the caller found.
    pub fn read(taken: &DecisionTaken) -> Option<Self> {
        let record: Record = serde_json::from_str(taken.record.as_str()).ok()?;
        let stored: Stored = serde_json::from_str(taken.inputs.as_str()).ok()?;
        if !stored.inputs.items.named.is_empty() {
            return None;
        }
        let Entry { choices, fallback } = record.decision;
        let items = choices.into_iter().filter(|choice| choice.kind == "item");
        Some(Shown {
            recipe: stored.inputs.recipes.into_iter().next().map(|(id, _)| id),
            items: items.map(|choice| choice.id).collect(),
            fallback,
        })
    }
}
