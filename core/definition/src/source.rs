//! `source`: where events come from, and how its tag behaves.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

/// A source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it runs on.
    #[serde(rename = "type")]
    pub kind: SourceType,
    /// A disabled source answers as an unknown key does.
    pub enabled: bool,
    /// Origins whose pages may use the key; empty allows every origin.
    pub origins: Vec<String>,
    /// How the tag behaves.
    pub tag: Tag,
    /// Write keys, hashed.
    pub keys: Vec<WriteKey>,
}

/// What a source runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceType {
    /// A site with a tag.
    Web,
    /// A back end.
    Server,
    /// A mobile app.
    App,
    /// Files.
    Import,
}

/// Settings of `kith.js`; the key, host and version are added when it is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// What happens before the visitor chose.
    pub consent: Consent,
    /// Send page views, also in single-page apps.
    pub page_views: bool,
    /// Send events declared by `data-…` attributes.
    pub declarative: bool,
    /// Send every click.
    pub click_capture: bool,
    /// Name of the data layer array on the page.
    pub data_layer: String,
    /// Domains whose links carry the visitor's id.
    pub link_domains: Vec<String>,
    /// How long a slot may stay hidden while its decision is awaited.
    pub hide_timeout_ms: u32,
    /// Slots the tag fills.
    pub placements: Vec<TagPlacement>,
}

/// Consent before the visitor chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Taken as given or as refused.
    pub default: ConsentDefault,
    /// Categories asked about.
    pub categories: Vec<String>,
}

/// What silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentDefault {
    /// Yes.
    Granted,
    /// No.
    Denied,
}

/// A slot on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagPlacement {
    /// Id of the placement.
    pub placement: String,
    /// CSS selector of the element.
    pub selector: String,
    /// How the content gets into it.
    pub mode: RenderMode,
    /// The template of mode `template`.
    pub template: String,
}

/// How content gets into a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenderMode {
    /// `content.html`.
    Html,
    /// `content.text`.
    Text,
    /// The template, filled with the content's members.
    Template,
    /// Not by the tag: the page gets an event.
    Event,
}

/// A write key: shown once, kept as a hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteKey {
    /// The first letters, for people to recognise it.
    pub prefix: String,
    /// Hash of the whole key.
    pub hash: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

const WORD: Shape = Shape::Text {
    chars_max: 200,
    example: "word",
};

const CONSENT: &[Field] = &[
    Field {
        name: "default",
        about: "what holds before the visitor chose",
        shape: Shape::Choice(&["denied", "granted"]),
        default: Some("\"denied\""),
    },
    Field {
        name: "categories",
        about: "the categories asked about",
        shape: Shape::List {
            of: &Shape::Name,
            min: 0,
            max: limits::CONSENTS_PER_NODE_MAX,
            unique: Unique::Whole,
        },
        default: Some(r#"["analytics","personalization","marketing"]"#),
    },
];

const TAG_PLACEMENT: &[Field] = &[
    Field {
        name: "placement",
        about: "id of the placement to show",
        shape: Shape::Id,
        default: None,
    },
    Field {
        name: "selector",
        about: "CSS selector of the element to fill",
        shape: Shape::Text {
            chars_max: 500,
            example: "#hero",
        },
        default: None,
    },
    Field {
        name: "mode",
        about: "how the content gets into the element",
        shape: Shape::Choice(&["html", "text", "template", "event"]),
        default: Some("\"html\""),
    },
    Field {
        name: "template",
        about: "HTML with {{member}} of the content, for mode template",
        shape: Shape::Text {
            chars_max: limits::TAG_TEMPLATE_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
];

const TAG: &[Field] = &[
    Field {
        name: "consent",
        about: "what is asked of the visitor, and what silence means",
        shape: Shape::Object(CONSENT),
        default: Some(CONSENT_DEFAULT),
    },
    Field {
        name: "page_views",
        about: "send page views, also in single-page apps",
        shape: Shape::Flag,
        default: Some("true"),
    },
    Field {
        name: "declarative",
        about: "send events declared by attributes of the page",
        shape: Shape::Flag,
        default: Some("true"),
    },
    Field {
        name: "click_capture",
        about: "send every click",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "data_layer",
        about: "name of the data layer array on the page",
        shape: WORD,
        default: Some("\"dataLayer\""),
    },
    Field {
        name: "link_domains",
        about: "domains whose links carry the visitor's id",
        shape: Shape::List {
            of: &WORD,
            min: 0,
            max: limits::SOURCE_LIST_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "hide_timeout_ms",
        about: "how long a slot may stay hidden while its decision is awaited",
        shape: Shape::Whole { min: 0, max: 5_000 },
        default: Some("500"),
    },
    Field {
        name: "placements",
        about: "slots the tag fills",
        shape: Shape::List {
            of: &Shape::Object(TAG_PLACEMENT),
            min: 0,
            max: limits::SOURCE_LIST_MAX,
            unique: Unique::By("selector"),
        },
        default: Some("[]"),
    },
];

const WRITE_KEY: &[Field] = &[
    Field {
        name: "prefix",
        about: "the first letters of the key",
        shape: Shape::Text {
            chars_max: 25,
            example: "c1234",
        },
        default: None,
    },
    Field {
        name: "hash",
        about: "hash of the whole key",
        shape: Shape::Text {
            chars_max: 200,
            example: "sha256:…",
        },
        default: None,
    },
    Field {
        name: "created_at",
        about: "when it was made",
        shape: Shape::Time,
        default: None,
    },
];

const CONSENT_DEFAULT: &str =
    r#"{"default":"denied","categories":["analytics","personalization","marketing"]}"#;

const TAG_DEFAULT: &str = r#"{"consent":{"default":"denied",
    "categories":["analytics","personalization","marketing"]},"page_views":true,
    "declarative":true,"click_capture":false,"data_layer":"dataLayer","link_domains":[],
    "hide_timeout_ms":500,"placements":[]}"#;

/// The members of a source.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "type",
        about: "what the source runs on",
        shape: Shape::Choice(&["web", "server", "app", "import"]),
        default: None,
    },
    Field {
        name: "enabled",
        about: "a disabled source takes no events",
        shape: Shape::Flag,
        default: Some("true"),
    },
    Field {
        name: "origins",
        about: "origins whose pages may use the write key; empty allows every origin",
        shape: Shape::List {
            of: &Shape::Origin,
            min: 0,
            max: limits::SOURCE_LIST_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "tag",
        about: "how the tag behaves",
        shape: Shape::Object(TAG),
        default: Some(TAG_DEFAULT),
    },
    Field {
        name: "keys",
        about: "write keys, hashed; made and revoked by their own routes",
        shape: Shape::List {
            of: &Shape::Object(WRITE_KEY),
            min: 0,
            max: limits::KEYS_PER_SOURCE_MAX,
            unique: Unique::By("hash"),
        },
        default: Some("[]"),
    },
];

impl Source {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Source::across)
    }

    fn across(source: &Source, errors: &mut Errors) {
        for (n, placement) in source.tag.placements.iter().enumerate() {
            let at = format!("spec.tag.placements[{n}].template");
            let blank = placement.template.is_empty();
            if placement.mode == RenderMode::Template && blank && !errors.has(&at) {
                errors.push(at, "mode template needs one; write HTML with {{title}}");
            }
        }
    }
}

impl Default for Tag {
    fn default() -> Self {
        serde_json::from_str(TAG_DEFAULT).expect("the default in the table is a tag")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_the_tag() {
        let source = Source::parse(&Json::parse(r#"{"type":"web"}"#).unwrap()).unwrap();
        assert!(source.enabled && source.origins.is_empty());
        assert_eq!(source.tag, Tag::default());
        let partly = r#"{"type":"web","tag":{"consent":{"default":"granted"}}}"#;
        let source = Source::parse(&Json::parse(partly).unwrap()).unwrap();
        assert_eq!(source.tag.consent.default, ConsentDefault::Granted);
        assert_eq!(source.tag.consent.categories.len(), 3);
    }

    #[test]
    fn a_template_is_asked_for() {
        let text = r##"{"type":"web","tag":{"placements":[
            {"placement":"home","selector":"#a","mode":"template"},
            {"placement":"home","selector":"#a"}]}}"##;
        let errors = Source::parse(&Json::parse(text).unwrap()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["spec.tag.placements[1]", "spec.tag.placements[0].template"]
        );
    }
}
