//! JSON Schema (draft 2020-12) of every kind, made from the same tables the validator uses.

use std::collections::BTreeMap;

use kith_base::{Value, limits};

use crate::shape::{Field, Shape, Unique};
use crate::{Kind, Spec};

/// The schema of a whole document of this kind, as a file holds it.
pub fn schema(kind: Kind) -> Value {
    let id = match kind.only_id() {
        Some(only) => map([("const", Value::from(only))]),
        None => of_shape(&Shape::Id),
    };
    let name = map([
        ("type", Value::from("string")),
        ("maxLength", whole(limits::DEFINITION_NAME_MAX_CHARS)),
    ]);
    let properties = map([
        ("kind", map([("const", Value::from(kind.as_str()))])),
        ("id", id),
        ("name", name),
        ("spec", of_fields(Spec::fields(kind))),
    ]);
    map([
        (
            "$schema",
            Value::from("https://json-schema.org/draft/2020-12/schema"),
        ),
        ("title", Value::from(kind.as_str())),
        ("description", Value::from(kind.about())),
        ("type", Value::from("object")),
        ("properties", properties),
        ("required", texts(["kind", "id", "spec"])),
        ("additionalProperties", Value::Bool(false)),
    ])
}

fn of_fields(fields: &[Field]) -> Value {
    let property = |field: &Field| {
        let mut schema = of_shape(&field.shape);
        if let Value::Map(members) = &mut schema {
            members.insert("description".to_owned(), Value::from(field.about));
            if let Some(default) = field.default {
                let default = serde_json::from_str(default).unwrap_or_default();
                members.insert("default".to_owned(), default);
            }
        }
        (field.name.to_owned(), schema)
    };
    let required = fields
        .iter()
        .filter(|field| field.default.is_none())
        .map(|field| field.name);
    map([
        ("type", Value::from("object")),
        (
            "properties",
            Value::Map(fields.iter().map(property).collect()),
        ),
        ("required", texts(required)),
        ("additionalProperties", Value::Bool(false)),
    ])
}

fn of_shape(shape: &Shape) -> Value {
    let string = |extra: (&'static str, Value)| map([("type", Value::from("string")), extra]);
    match shape {
        Shape::Flag => map([("type", Value::from("boolean"))]),
        Shape::Text {
            chars_max,
            example: "",
        } => string(("maxLength", whole(*chars_max))),
        Shape::Text { chars_max, .. } => map([
            ("type", Value::from("string")),
            ("minLength", Value::Int(1)),
            ("maxLength", whole(*chars_max)),
        ]),
        Shape::Rule => string(("maxLength", whole(limits::RULE_SIZE_MAX_BYTES))),
        Shape::Id => string(("pattern", Value::from("^[a-z0-9_-]{1,64}$"))),
        Shape::Name => map([
            ("type", Value::from("string")),
            (
                "pattern",
                Value::from("^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$"),
            ),
            ("maxLength", whole(limits::DEFINITION_ID_MAX_CHARS)),
        ]),
        Shape::Origin => string((
            "pattern",
            Value::from("^(\\*|https?://[A-Za-z0-9.:-]{1,255})$"),
        )),
        Shape::Choice(words) => string(("enum", texts(words.iter().copied()))),
        Shape::Whole { min, max } => map([
            ("type", Value::from("integer")),
            ("minimum", Value::Int(*min)),
            ("maximum", Value::Int(*max)),
        ]),
        Shape::Number { min, max } => map([
            ("type", Value::from("number")),
            ("minimum", Value::Int(*min)),
            ("maximum", Value::Int(*max)),
        ]),
        Shape::Time => string(("format", Value::from("date-time"))),
        Shape::Content => map([("type", Value::from("object"))]),
        Shape::Object(fields) => of_fields(fields),
        Shape::List {
            of,
            min,
            max,
            unique,
        } => map([
            ("type", Value::from("array")),
            ("items", of_shape(of)),
            ("minItems", whole(*min)),
            ("maxItems", whole(*max)),
            ("uniqueItems", Value::Bool(matches!(unique, Unique::Whole))),
        ]),
        Shape::Nullable(inner) => {
            let null = map([("type", Value::from("null"))]);
            map([("anyOf", Value::List(vec![of_shape(inner), null]))])
        }
    }
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    let owned = members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Value::Map(owned.collect::<BTreeMap<_, _>>())
}

fn texts<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(words.into_iter().map(Value::from).collect())
}

fn whole(number: usize) -> Value {
    Value::Int(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_the_table_says() {
        let schema = schema(Kind::Offer);
        let priority = schema.path("properties.spec.properties.priority");
        assert_eq!(priority.path("maximum"), &Value::Int(1_000));
        assert_eq!(priority.path("default"), &Value::Int(100));
        let required = schema.path("properties.spec.required");
        assert_eq!(required, &texts(["placements"]));
    }

    #[test]
    fn every_kind_has_one_and_every_default_is_valid_json() {
        fn walk(fields: &[Field]) {
            for field in fields {
                if let Some(default) = field.default {
                    serde_json::from_str::<Value>(default).expect(field.name);
                }
                assert!(!field.about.is_empty(), "{} has no description", field.name);
                match &field.shape {
                    Shape::Object(fields) => walk(fields),
                    Shape::List {
                        of: Shape::Object(fields),
                        ..
                    } => walk(fields),
                    _ => {}
                }
            }
        }
        for kind in Kind::ALL {
            walk(Spec::fields(kind));
            assert_eq!(schema(kind).path("title"), &Value::from(kind.as_str()));
        }
    }
}
