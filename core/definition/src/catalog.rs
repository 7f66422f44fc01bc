//! `catalog`: the attributes of catalog items.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

/// The shape of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Attributes beyond the built-in members of an item.
    pub attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name in `attributes` of an item.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Learn which values each person prefers.
    pub affinity: bool,
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An RFC 3339 instant.
    Time,
    /// A list of texts.
    List,
}

const ATTRIBUTE: &[Field] = &[
    Field {
        name: "name",
        about: "the name in attributes of an item",
        shape: Shape::Name,
        default: None,
    },
    Field {
        name: "type",
        about: "what it holds",
        shape: Shape::Choice(&["text", "number", "boolean", "time", "list"]),
        default: Some("\"text\""),
    },
    Field {
        name: "affinity",
        about: "learn which values each person prefers; for text and lists",
        shape: Shape::Flag,
        default: Some("false"),
    },
];

/// The members of the catalog's shape.
pub(crate) const FIELDS: &[Field] = &[Field {
    name: "attributes",
    about: "attributes beyond title, price, categories and brand",
    shape: Shape::List {
        of: &Shape::Object(ATTRIBUTE),
        min: 0,
        max: limits::CATALOG_ATTRIBUTES_MAX,
        unique: Unique::By("name"),
    },
    default: Some("[]"),
}];

impl Catalog {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Catalog::across)
    }

    /// The dimensions affinities are learnt over: `category`, `brand`, then attributes.
    pub fn affinity_dimensions(&self) -> impl Iterator<Item = &str> {
        let learnt = self
            .attributes
            .iter()
            .filter(|attribute| attribute.affinity);
        ["category", "brand"]
            .into_iter()
            .chain(learnt.map(|attribute| attribute.name.as_str()))
    }

    fn across(catalog: &Catalog, errors: &mut Errors) {
        for (n, attribute) in catalog.attributes.iter().enumerate() {
            let words = matches!(attribute.kind, AttributeType::Text | AttributeType::List);
            if attribute.affinity && !words && !errors.has(&format!("spec.attributes[{n}]")) {
                errors.push(
                    format!("spec.attributes[{n}].affinity"),
                    "only text and lists have affinities; write false or change the type",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affinities_are_for_words() {
        let text = r#"{"attributes":[{"name":"colour","affinity":true},
            {"name":"weight","type":"number","affinity":true}]}"#;
        let errors = Catalog::parse(&Json::parse(text).unwrap()).unwrap_err();
        assert_eq!(errors[0].field, "spec.attributes[1].affinity");
        let text = r#"{"attributes":[{"name":"colour","affinity":true},{"name":"size"}]}"#;
        let catalog = Catalog::parse(&Json::parse(text).unwrap()).unwrap();
        let dimensions: Vec<_> = catalog.affinity_dimensions().collect();
        assert_eq!(dimensions, ["category", "brand", "colour"]);
    }
}
