//! The envelope around every spec.

use kith_base::{Json, Value, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{is_id, shown};
use crate::{Errors, FieldError, Kind, Spec, nearest};

/// What a file holds, and what the API takes and gives. The spec is checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which kind.
    pub kind: Kind,
    /// Unique within the kind.
    pub id: String,
    /// For people; the id when none was given.
    pub name: String,
    /// The checked content.
    pub spec: Spec,
}

/// A checked definition with the revision that is in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Revisioned<T> {
    /// Unique within the kind.
    pub id: String,
    /// For people.
    pub name: String,
    /// 1, 2, 3, …
    pub revision: u64,
    /// The content.
    pub spec: T,
}

/// Names one revision of one definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Which kind.
    pub kind: Kind,
    /// Id within the kind.
    pub id: String,
    /// Which revision.
    pub revision: u64,
}

const MEMBERS: [&str; 4] = ["kind", "id", "name", "spec"];

impl Document {
    /// Reads `{"kind","id","name","spec"}`, reporting every error.
    pub fn parse(text: &Json) -> Result<Self, Vec<FieldError>> {
        let mut errors = Errors::default();
        let Value::Map(mut members) = text.value() else {
            errors.push("", "a definition is an object with kind, id, name and spec");
            return Err(errors.into_vec());
        };
        for member in members
            .keys()
            .filter(|member| !MEMBERS.contains(&member.as_str()))
        {
            let message = match nearest(member, MEMBERS) {
                Some(known) => format!("unknown member; did you mean {known}?"),
                None => format!("unknown member; known here: {}", MEMBERS.join(", ")),
            };
            errors.push(member, message);
        }
        let kind = read_kind(members.get("kind"), &mut errors);
        let id = match members.get("id") {
            Some(Value::Text(id)) => id.clone(),
            Some(other) => shown(other),
            None => String::new(),
        };
        let name = match members.get("name") {
            Some(Value::Text(name)) if !name.is_empty() => name.clone(),
            None | Some(Value::Null | Value::Text(_)) => id.clone(),
            Some(other) => {
                errors.push("name", format!("{} is not text", shown(other)));
                id.clone()
            }
        };
        let Some(kind) = kind else {
            return Err(errors.into_vec());
        };
        let spec = members.remove("spec").unwrap_or_default();
        let spec = Json::from_serialize(&spec).expect("a value always has a JSON form");
        match (Document::new(kind, id, name, &spec), errors.into_vec()) {
            (Ok(document), errors) if errors.is_empty() => Ok(document),
            (Ok(_), errors) => Err(errors),
            (Err(more), errors) => Err(errors.into_iter().chain(more).collect()),
        }
    }

    /// From parts, as a `PUT` brings them.
    pub fn new(kind: Kind, id: String, name: String, spec: &Json) -> Result<Self, Vec<FieldError>> {
        let mut errors = Errors::default();
        if let Err(error) = check_id(kind, &id) {
            errors.push(error.field, error.message);
        }
        let length = name.chars().count();
        if length > limits::DEFINITION_NAME_MAX_CHARS {
            let most = limits::DEFINITION_NAME_MAX_CHARS;
            errors.push(
                "name",
                format!("{length} characters is too long; keep it within {most}"),
            );
        }
        match (Spec::parse(kind, spec), errors.into_vec()) {
            (Ok(spec), errors) if errors.is_empty() => Ok(Document {
                kind,
                id,
                name,
                spec,
            }),
            (Ok(_), errors) => Err(errors),
            (Err(more), errors) => Err(errors.into_iter().chain(more).collect()),
        }
    }

    /// The whole document in its canonical form.
    pub fn to_json(&self) -> Json {
        let members = [
            ("kind", Value::from(self.kind.as_str())),
            ("id", Value::from(self.id.as_str())),
            ("name", Value::from(self.name.as_str())),
            ("spec", self.spec.to_json().value()),
        ];
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Json::from_serialize(&Value::Map(members.collect()))
            .expect("a value always has a JSON form")
    }
}

fn read_kind(value: Option<&Value>, errors: &mut Errors) -> Option<Kind> {
    let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let Some(Value::Text(text)) = value else {
        errors.push(
            "kind",
            format!("is missing; write one of {}", known.join(", ")),
        );
        return None;
    };
    let kind = Kind::parse(text);
    if kind.is_none() {
        let hint = match nearest(text, known.iter().copied()) {
            Some(kind) => format!("did you mean {kind}?"),
            None => format!("write one of {}", known.join(", ")),
        };
        errors.push(
            "kind",
            format!(
                "{} is not a kind; {hint}",
                shown(&Value::from(text.as_str()))
            ),
        );
    }
    kind
}

/// Checks an id: `[a-z0-9_-]{1,64}`, and `default` for kinds of which there is one.
pub fn check_id(kind: Kind, id: &str) -> Result<(), FieldError> {
    let shown = shown(&Value::from(id));
    let message = match kind.only_id() {
        Some(only) if id != only => {
            format!("{shown} is not allowed: there is one {kind}, write \"{only}\"")
        }
        None if !is_id(id) => {
            format!("{shown} is not an id; write 1 to 64 of a-z, 0-9, _ and -")
        }
        _ => return Ok(()),
    };
    Err(FieldError {
        field: "id".to_owned(),
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = Document::parse(&Json::parse(text).unwrap()).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_a_whole_document() {
        let text = r#"{"kind":"offer","id":"hello","spec":{"placements":["home"]}}"#;
        let document = Document::parse(&Json::parse(text).unwrap()).unwrap();
        assert_eq!(
            (document.kind, document.name.as_str()),
            (Kind::Offer, "hello")
        );
        assert_eq!(Document::parse(&document.to_json()).unwrap(), document);
    }

    #[test]
    fn names_errors_of_envelope_and_spec_together() {
        let text = r#"{"kind":"offer","id":"Big Sale","nam":"x","spec":{"priority":-1}}"#;
        let expect = [
            "nam: unknown member; did you mean name?",
            "id: \"Big Sale\" is not an id; write 1 to 64 of a-z, 0-9, _ and -",
            "spec.placements: is missing; write [\"home_hero\"]",
            "spec.priority: -1 is not a whole number from 0 to 1000; write for example 0",
        ];
        assert_eq!(errors(text), expect);
        assert_eq!(
            errors(r#"{"kind":"ofer"}"#),
            ["kind: \"ofer\" is not a kind; did you mean offer?"]
        );
        let only = errors(r#"{"kind":"catalog","id":"mine","spec":{}}"#);
        assert_eq!(
            only,
            ["id: \"mine\" is not allowed: there is one catalog, write \"default\""]
        );
    }
}
