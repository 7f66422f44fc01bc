//! Catalog items.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{JsonObject, Time};

/// Something that can be recommended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item {
    /// The id events name it by.
    pub item_id: String,
    /// What people read.
    pub title: String,
    /// Page of the item.
    #[schema(required)]
    pub url: Option<String>,
    /// Picture of the item.
    #[schema(required)]
    pub image_url: Option<String>,
    /// Price as a decimal string.
    #[schema(required, examples("19.90"))]
    pub price: Option<String>,
    /// ISO 4217 code.
    #[schema(required, examples("EUR"))]
    pub currency: Option<String>,
    /// Categories, the most telling first.
    pub categories: Vec<String>,
    /// Brand.
    #[schema(required)]
    pub brand: Option<String>,
    /// False when it must not be recommended.
    pub available: bool,
    /// Further attributes; typed by the catalog definition.
    pub attributes: JsonObject,
    /// When it was last written.
    pub updated_at: Time,
}

/// A catalog item to write. It replaces the item as a whole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ItemInput {
    /// The id events name it by; may be left out where the path names it.
    #[serde(default)]
    #[schema(required)]
    pub item_id: String,
    /// What people read; the id when absent.
    #[serde(default)]
    pub title: Option<String>,
    /// Page of the item.
    #[serde(default)]
    pub url: Option<String>,
    /// Picture of the item.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Price as a decimal string; a number is taken too.
    #[serde(default, deserialize_with = "read_price")]
    #[schema(examples("19.90"))]
    pub price: Option<String>,
    /// ISO 4217 code.
    #[serde(default)]
    #[schema(examples("EUR"))]
    pub currency: Option<String>,
    /// Categories, the most telling first.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Brand.
    #[serde(default)]
    pub brand: Option<String>,
    /// False when it must not be recommended; true when absent.
    #[serde(default = "available")]
    #[schema(default = true)]
    pub available: bool,
    /// Further attributes; typed by the catalog definition.
    #[serde(default)]
    pub attributes: JsonObject,
}

fn available() -> bool {
    true
}

/// Feeds write prices as numbers as often as not.
fn read_price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match kith_base::Value::deserialize(deserializer)? {
        kith_base::Value::Null => Ok(None),
        kith_base::Value::Text(text) => Ok(Some(text)),
        kith_base::Value::Int(whole) => Ok(Some(whole.to_string())),
        kith_base::Value::Float(float) => {
            let amount = kith_base::Amount::from_f64(float);
            let amount = amount.ok_or_else(|| D::Error::custom("the price is too large"))?;
            Ok(Some(amount.to_string()))
        }
        _ => Err(D::Error::custom("the price is neither text nor a number")),
    }
}

/// What became of a batch of items. Good items are stored whatever the others are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemsAccepted {
    /// Items stored.
    pub accepted: u64,
    /// Items at fault.
    pub rejected: Vec<ItemProblem>,
}

/// An item that was not stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemProblem {
    /// Place in the batch, from 0.
    pub index: u64,
    /// The member at fault; empty when the whole item is.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
