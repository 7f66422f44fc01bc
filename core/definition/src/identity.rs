//! `identity`: how identifiers are cleaned, ranked and joined to persons.

use std::collections::BTreeSet;

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::shape::{self, Field, Shape, Unique};

mod network;

use network::ACCOUNT_NETWORK;
pub use network::AccountNetwork;

/// The identity rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The kinds of identifier.
    pub namespaces: Vec<Namespace>,
    /// Values that name nobody, in lower case; see [`Identity::blocks`].
    #[serde(deserialize_with = "lower_case")]
    pub blocked_values: BTreeSet<String>,
    /// An identifier that met more unique ids than this links nobody.
    pub generic_after: u32,
    /// Within so many days; `None` is ever.
    pub generic_days: Option<u32>,
    /// Whose a device is that several unique ids used.
    pub shared_device: SharedDevice,
    /// A person with more identifiers than this is told to operators.
    pub alarm_after: u32,
    /// Whether somebody whom no event puts into an account belongs to that of their e-mail domain.
    pub accounts_by_domain: bool,
    /// Domains that name no account, beside those of the known providers of mail.
    #[serde(deserialize_with = "lower_case")]
    pub mail_providers: BTreeSet<String>,
    /// To which account somebody belongs, by their network, whom nothing else puts into one.
    pub account_networks: Vec<AccountNetwork>,
    /// Links that are probable only.
    pub probabilistic: Probabilistic,
    /// Which links count for what.
    pub policies: Policies,
}

/// How probable links are found, and from when on they count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probabilistic {
    /// Whether the traits of known persons are compared.
    pub records: bool,
    /// Whether the visits of anonymous visitors are compared.
    pub visitors: bool,
    /// The consent category that both ends must have granted.
    pub consent: String,
    /// Links of at least so many percent count under `strict`.
    pub strict_percent: u32,
    /// Links of at least so many percent count under `loose`.
    pub loose_percent: u32,
    /// Links of at least so many percent, and fewer than count under `strict`, wait for review.
    pub review_percent: u32,
}

/// Which links count for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Whose facts placements of offers look at.
    pub offers: MergePolicy,
    /// Whose facts placements of items look at.
    pub items: MergePolicy,
}

/// Which links make two persons one for who reads them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergePolicy {
    /// Those that events and operators made.
    #[default]
    Exact,
    /// Probable ones of high confidence too.
    Strict,
    /// Probable ones of less confidence too.
    Loose,
}

/// One kind of identifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Such as `user_id`.
    pub name: String,
    /// The strongest identifier of an event owns the event: higher is stronger.
    pub priority: u32,
    /// Two different values never belong to one person.
    pub unique: bool,
    /// Most values one person may have.
    pub limit: u32,
    /// First linked within so many days of each other; `None` is ever.
    pub limit_days: Option<u32>,
    /// The first values stay: an operator too cannot add one beyond the limit.
    pub immutable: bool,
    /// False when links of it are noted and join nobody.
    pub joins: bool,
    /// How values are cleaned.
    pub normalise: Normalise,
}

/// Whose a device is that several unique ids used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharedDevice {
    /// Nobody's: what happens on it without a log-in belongs to the device alone.
    #[default]
    Nobody,
    /// Of the one who used it first.
    First,
}

/// How values are cleaned before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalise {
    /// Trimmed only.
    None,
    /// Trimmed, in lower case.
    Lower,
    /// An e-mail address.
    Email,
    /// A phone number, E.164.
    Phone,
}

const DAYS: Shape = Shape::Whole { min: 1, max: 3_650 };

const NAMESPACE: &[Field] = &[
    Field {
        name: "name",
        about: "the namespace, such as user_id",
        shape: Shape::Name,
        default: None,
    },
    Field {
        name: "priority",
        about: "higher is stronger: the strongest identifier of an event owns the event",
        shape: Shape::Whole { min: 0, max: 1_000 },
        default: None,
    },
    Field {
        name: "unique",
        about: "two different values never belong to one person",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "limit",
        about: "most values one person may have",
        shape: Shape::Whole { min: 1, max: 1_000 },
        default: Some("100"),
    },
    Field {
        name: "limit_days",
        about: "the limit counts values first linked within so many days; null counts all",
        shape: Shape::Nullable(&DAYS),
        default: Some("null"),
    },
    Field {
        name: "immutable",
        about: "the first values stay: an operator too cannot add one beyond the limit",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "joins",
        about: "false: its links are noted and join nobody",
        shape: Shape::Flag,
        default: Some("true"),
    },
    Field {
        name: "normalise",
        about: "how values are cleaned before they are compared",
        shape: Shape::Choice(&["none", "lower", "email", "phone"]),
        default: Some("\"none\""),
    },
];

/// Identifiers of the field's clients, strongest first.
const NAMESPACES_DEFAULT: &str = r#"[
    {"name":"user_id","priority":100,"unique":true,"limit":1,
     "limit_days":null,"immutable":false,"joins":true,
     "normalise":"none"},
    {"name":"email","priority":80,"unique":false,"limit":5,
     "limit_days":null,"immutable":false,"joins":true,
     "normalise":"email"},
    {"name":"phone","priority":70,"unique":false,"limit":5,
     "limit_days":null,"immutable":false,"joins":true,
     "normalise":"phone"},
    {"name":"anonymous_id","priority":10,"unique":false,"limit":100,
     "limit_days":null,"immutable":false,"joins":true,
     "normalise":"none"}]"#;

/// What broken clients send instead of an id; gathered by Segment and PostHog.
const BLOCKED_DEFAULT: &str = r#"["-1","0","[object object]","anonymous","distinct_id",
    "distinctid","email","false","guest","id","nan","none","not_authenticated","null","true",
    "undefined"]"#;

const PERCENT: Shape = Shape::Whole { min: 50, max: 100 };

const POLICY: Shape = Shape::Choice(&["exact", "strict", "loose"]);

const PROBABILISTIC: &[Field] = &[
    Field {
        name: "records",
        about: "compare the traits of known persons",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "visitors",
        about: "compare the visits of anonymous visitors",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "consent",
        about: "the consent category that both must have granted",
        shape: Shape::Name,
        default: Some("\"linking\""),
    },
    Field {
        name: "strict_percent",
        about: "links of at least this confidence count under strict",
        shape: PERCENT,
        default: Some("95"),
    },
    Field {
        name: "loose_percent",
        about: "links of at least this confidence count under loose",
        shape: PERCENT,
        default: Some("80"),
    },
    Field {
        name: "review_percent",
        about: "links of at least this confidence that do not count under strict wait for review",
        shape: PERCENT,
        default: Some("60"),
    },
];

const POLICIES: &[Field] = &[
    Field {
        name: "offers",
        about: "whose facts placements of offers look at",
        shape: POLICY,
        default: Some("\"exact\""),
    },
    Field {
        name: "items",
        about: "whose facts placements of items look at",
        shape: POLICY,
        default: Some("\"exact\""),
    },
];

/// The members of the identity rules.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "namespaces",
        about: "the kinds of identifier",
        shape: Shape::List {
            of: &Shape::Object(NAMESPACE),
            min: 1,
            max: limits::NAMESPACES_MAX,
            unique: Unique::By("name"),
        },
        default: Some(NAMESPACES_DEFAULT),
    },
    Field {
        name: "blocked_values",
        about: "values that name nobody, compared without case and quotes",
        shape: Shape::List {
            of: &Shape::Text {
                chars_max: limits::IDENTIFIER_MAX_CHARS,
                example: "undefined",
            },
            min: 0,
            max: limits::BLOCKED_VALUES_MAX,
            unique: Unique::Whole,
        },
        default: Some(BLOCKED_DEFAULT),
    },
    Field {
        name: "generic_after",
        about: "an identifier that met more unique ids than this links nobody",
        shape: Shape::Whole {
            min: 1,
            max: limits::GENERIC_AFTER_MAX,
        },
        default: Some("10"),
    },
    Field {
        name: "generic_days",
        about: "met within so many days; null is ever",
        shape: Shape::Nullable(&DAYS),
        default: Some("null"),
    },
    Field {
        name: "shared_device",
        about: "whose a device is that several unique ids used",
        shape: Shape::Choice(&["nobody", "first"]),
        default: Some("\"nobody\""),
    },
    Field {
        name: "alarm_after",
        about: "a person with more identifiers than this is told to operators",
        shape: Shape::Whole {
            min: 2,
            max: limits::COMPONENT_NODES_MAX as i64,
        },
        default: Some("100"),
    },
    Field {
        name: "accounts_by_domain",
        about: "whom no event puts into an account belongs to that of their e-mail domain",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "mail_providers",
        about: "domains that name no account, beside those of the known providers of mail",
        shape: Shape::List {
            of: &Shape::Text {
                chars_max: limits::IDENTIFIER_MAX_CHARS,
                example: "campus.example",
            },
            min: 0,
            max: limits::MAIL_PROVIDERS_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "account_networks",
        about: "to which account those belong, by their network, whom nothing else puts into one",
        shape: Shape::List {
            of: &Shape::Object(ACCOUNT_NETWORK),
            min: 0,
            max: limits::ACCOUNT_NETWORKS_MAX,
            unique: Unique::By("network"),
        },
        default: Some("[]"),
    },
    Field {
        name: "probabilistic",
        about: "how probable links are found, and from when on they count",
        shape: Shape::Object(PROBABILISTIC),
        default: Some(
            r#"{"records":false,"visitors":false,"consent":"linking",
                "strict_percent":95,"loose_percent":80,"review_percent":60}"#,
        ),
    },
    Field {
        name: "policies",
        about: "which links count for what",
        shape: Shape::Object(POLICIES),
        default: Some(r#"{"offers":"exact","items":"exact"}"#),
    },
];

impl Identity {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, |read: &Self, errors| {
            network::check(&read.account_networks, errors);
            let Probabilistic {
                strict_percent,
                loose_percent,
                review_percent,
                ..
            } = read.probabilistic;
            for (name, percent) in [
                ("loose_percent", loose_percent),
                ("review_percent", review_percent),
            ] {
                if percent > strict_percent {
                    errors.push(
                        format!("spec.probabilistic.{name}"),
                        format!(
                            "{percent} is more than strict_percent; \
                             write at most {strict_percent}"
                        ),
                    );
                }
            }
        })
    }

    /// The rules of a namespace.
    pub fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces
            .iter()
            .find(|namespace| namespace.name == name)
    }

    /// True for a value that names nobody: blank, blocked (whatever its case, with or without
    /// quotes around it), or made of nothing but zeros and dashes.
    pub fn blocks(&self, value: &str) -> bool {
        let bare = value.trim().trim_matches(['"', '\'', '`']).trim();
        bare.bytes().all(|byte| matches!(byte, b'0' | b'-'))
            || self.blocked_values.contains(bare)
            || self.blocked_values.contains(&bare.to_lowercase())
    }
}

impl Default for Identity {
    fn default() -> Self {
        Identity::parse(&Json::empty()).expect("the defaults in the table are rules")
    }
}

fn lower_case<'de, D: serde::Deserializer<'de>>(input: D) -> Result<BTreeSet<String>, D::Error> {
    let values = Vec::<String>::deserialize(input)?;
    Ok(values
        .iter()
        .map(|value| value.trim().to_lowercase())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_ranks_what_clients_send() {
        let identity = Identity::default();
        let user = identity.namespace("user_id").unwrap();
        assert_eq!((user.priority, user.unique, user.limit), (100, true, 1));
        let email = identity.namespace("email").unwrap();
        assert_eq!(
            (email.priority, email.limit, email.normalise),
            (80, 5, Normalise::Email)
        );
        let priorities: Vec<_> = identity
            .namespaces
            .iter()
            .map(|rule| rule.priority)
            .collect();
        assert_eq!(priorities, [100, 80, 70, 10]);
        assert_eq!(identity.namespace("colour"), None);
    }

    #[test]
    fn probable_links_count_for_nothing_until_asked_for() {
        let identity = Identity::default();
        assert!(!identity.probabilistic.records && !identity.probabilistic.visitors);
        assert_eq!(identity.policies.offers, MergePolicy::Exact);
        let parse = |text: &str| Identity::parse(&Json::parse(text).unwrap());
        let some = parse(r#"{"probabilistic":{"records":true},"policies":{"items":"loose"}}"#);
        let some = some.unwrap();
        assert_eq!(some.probabilistic.strict_percent, 95);
        assert_eq!(some.policies.items, MergePolicy::Loose);
        let text = r#"{"probabilistic":{"strict_percent":70,"loose_percent":71}}"#;
        let errors = parse(text).unwrap_err();
        assert_eq!(errors[0].field, "spec.probabilistic.loose_percent");
        assert!(
            errors[0].message.ends_with("write at most 70"),
            "{errors:?}"
        );
    }

    #[test]
    fn blocks_what_names_nobody() {
        let identity = Identity::default();
        let blocked = [
            "",
            " ",
            "0",
            "-1",
            "00000000-0000-0000-0000-000000000000",
            "null",
            "NULL",
            "\"null\"",
            "None",
            "NaN",
            "undefined",
            "[object Object]",
            "Guest",
            "'anonymous'",
            "true",
            "id",
        ];
        for value in blocked {
            assert!(identity.blocks(value), "{value:?} should be blocked");
        }
        for value in ["42", "a@b.c", "nullable", "10", "-2", "true-fan"] {
            assert!(!identity.blocks(value), "{value:?} should not be blocked");
        }
    }
}
