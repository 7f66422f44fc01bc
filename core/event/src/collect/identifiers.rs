//! The identifiers an event carries: which members they come from, and which values are none.

use std::borrow::Cow;

use kith_base::limits;

use super::Reason;
use super::raw::{self, Members, Raw};
use crate::Identifier;

/// What broken clients send in place of an id, lower case and without quotes. One of these as an
/// identifier would make one person of everybody. (The identity rules block more, and are a
/// matter of taste; these are accidents.)
const PLACEHOLDERS: [&str; 15] = [
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "(null)",
    "<null>",
    "[object object]",
    "{}",
    "[]",
    "true",
    "false",
    "(none)",
    "nsnull",
    "[object undefined]",
];

/// The longest of them, with room for quotes.
const PLACEHOLDER_MAX_BYTES: usize = 24;

/// True for values that stand for "no id".
pub(super) fn is_placeholder(value: &str) -> bool {
    if value.len() > PLACEHOLDER_MAX_BYTES {
        return false;
    }
    let bare = value.trim_matches(|char| matches!(char, '"' | '\'' | ' '));
    bare.is_empty()
        || PLACEHOLDERS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(bare))
}

/// The id of an account, from the `groupId` of an event.
pub(super) fn account_id(raw: Raw<'_>) -> Result<String, Reason> {
    let text = raw::text_or_empty(raw);
    let (field, value) = ("groupId".to_owned(), text.trim());
    let (chars, max) = (value.chars().count(), limits::IDENTIFIER_MAX_CHARS);
    if value.is_empty() {
        Err(Reason::MissingGroup)
    } else if is_placeholder(value) {
        let value = short(value);
        Err(Reason::IdentifierPlaceholder { field, value })
    } else if chars > max {
        Err(Reason::IdentifierTooLong { field, chars, max })
    } else if value.contains(char::is_control) {
        Err(Reason::IdentifierMalformed {
            field,
            value: short(value),
            expect: "an id without control characters",
        })
    } else {
        Ok(value.to_owned())
    }
}

/// Collects identifiers and the reasons against those it does not take.
#[derive(Default)]
pub(super) struct Collector {
    pub(super) taken: Vec<Identifier>,
    pub(super) reasons: Vec<Reason>,
}

impl Collector {
    /// Takes one member as an identifier. Answers false when the member holds something that is
    /// not an id, and should be kept elsewhere.
    pub(super) fn take(&mut self, namespace: &str, field: &str, raw: Raw<'_>) -> bool {
        let Some(raw) = raw else { return true };
        let Some(text) = raw::text(Some(raw)) else {
            match raw.get() {
                "null" => return true,
                "true" | "false" => self.placeholder(field, raw.get()),
                _ => self.reasons.push(Reason::IdentifierNotText {
                    field: field.to_owned(),
                    found: raw::found(raw),
                }),
            }
            return false;
        };
        let value = text.trim();
        if value.is_empty() {
            return true;
        }
        if is_placeholder(value) {
            self.placeholder(field, value);
            return true;
        }
        if value.len() > limits::IDENTIFIER_MAX_CHARS {
            let chars = value.chars().count();
            if chars > limits::IDENTIFIER_MAX_CHARS {
                self.reasons.push(Reason::IdentifierTooLong {
                    field: field.to_owned(),
                    chars,
                    max: limits::IDENTIFIER_MAX_CHARS,
                });
                return false;
            }
        }
        self.push(namespace, value);
        true
    }

    /// An e-mail address or phone number of the traits: looks at the form, because people type
    /// anything into such fields.
    pub(super) fn take_contact(&mut self, namespace: &str, field: &str, raw: Raw<'_>) {
        let Some(text) = raw::text(raw) else { return };
        let (plausible, expect) = match namespace {
            "email" => (text.contains('@'), "an e-mail address"),
            _ => (
                text.bytes().filter(u8::is_ascii_digit).count() >= 5,
                "a phone number",
            ),
        };
        let value = text.trim();
        if plausible || value.is_empty() || is_placeholder(value) {
            self.take(namespace, field, raw);
        } else {
            self.reasons.push(Reason::IdentifierMalformed {
                field: field.to_owned(),
                value: short(value),
                expect,
            });
        }
    }

    /// One element of `context.externalIds`: `{id, type, collection}`.
    pub(super) fn take_external(&mut self, element: &serde_json::value::RawValue) {
        let members = Members::read(element.get());
        let collection = raw::text_or_empty(members.get("collection"));
        if !matches!(&*collection, "" | "users") {
            return;
        }
        let kind = raw::text_or_empty(members.get("type"));
        match namespace(&kind) {
            Some(namespace) => {
                self.take(&namespace, "context.externalIds[].id", members.get("id"));
            }
            None => self.reasons.push(Reason::IdentifierMalformed {
                field: "context.externalIds[].type".to_owned(),
                value: short(&kind),
                expect: "a name of up to 64 letters, digits, dots, hyphens or underscores",
            }),
        }
    }

    /// One end of a RudderStack merge: `{type, value}`.
    pub(super) fn take_merge_end(&mut self, element: &serde_json::value::RawValue) {
        let members = Members::read(element.get());
        if let Some(namespace) = namespace(&raw::text_or_empty(members.get("type"))) {
            self.take(&namespace, "mergeProperties[].value", members.get("value"));
        }
    }

    fn placeholder(&mut self, field: &str, value: &str) {
        let (field, value) = (field.to_owned(), short(value));
        self.reasons
            .push(Reason::IdentifierPlaceholder { field, value });
    }

    fn push(&mut self, namespace: &str, value: &str) {
        let same = |taken: &Identifier| taken.namespace == namespace && taken.value == value;
        if self.taken.iter().any(same) {
            return;
        }
        if self.taken.len() == limits::IDENTIFIERS_PER_EVENT_MAX {
            let reason = Reason::TooManyIdentifiers {
                max: limits::IDENTIFIERS_PER_EVENT_MAX,
            };
            if self.reasons.last() != Some(&reason) {
                self.reasons.push(reason);
            }
            return;
        }
        self.taken.push(Identifier::new(namespace, value));
    }
}

fn short(value: &str) -> String {
    value.chars().take(40).collect()
}

/// A namespace from the type a client names, such as `userId` or `android.idfa`.
fn namespace(kind: &str) -> Option<Cow<'_, str>> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if kind.is_empty() || kind.len() > 64 || !kind.bytes().all(legal) {
        return None;
    }
    Some(match kind {
        "userId" => "user_id".into(),
        "anonymousId" => "anonymous_id".into(),
        _ if kind.bytes().any(|byte| byte.is_ascii_uppercase()) => kind.to_ascii_lowercase().into(),
        _ => kind.into(),
    })
}
