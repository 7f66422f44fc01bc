//! Identity rules, compiled.

use std::collections::{BTreeMap, BTreeSet};

/// How a namespace's values are brought to one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// Trimmed only.
    None,
    /// Trimmed and lower-cased; must look like an address.
    Email,
    /// E.164: `+` and 7 to 15 digits.
    Phone,
}

/// One kind of identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Stronger namespaces own the event and lead the person.
    pub priority: u32,
    /// Most different values one person may hold; `None` for no limit.
    pub limit: Option<u32>,
    /// How values are brought to one form.
    pub normalisation: Normalisation,
}

impl Namespace {
    /// At most one value per person.
    pub fn is_unique(&self) -> bool {
        self.limit == Some(1)
    }

    /// A namespace without a limit names a device. A device that several unique ids used
    /// belongs to none of them.
    pub fn is_device(&self) -> bool {
        self.limit.is_none()
    }
}

/// All namespaces and the values that identify nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// By name. An unknown namespace counts as a limit-5 identifier of priority 50.
    pub namespaces: BTreeMap<String, Namespace>,
    /// Lower-case values that identify nobody, in any namespace.
    pub blocked_values: BTreeSet<String>,
}

static UNKNOWN: Namespace =
    Namespace { priority: 50, limit: Some(5), normalisation: Normalisation::None };

impl Rules {
    /// The rules of a namespace.
    pub fn namespace(&self, name: &str) -> &Namespace {
        self.namespaces.get(name).unwrap_or(&UNKNOWN)
    }

    /// What an installation starts with.
    pub fn standard() -> Self {
        let namespace = |priority, limit, normalisation| Namespace {
            priority,
            limit,
            normalisation,
        };
        let namespaces = [
            ("user_id", namespace(100, Some(1), Normalisation::None)),
            ("email", namespace(80, Some(5), Normalisation::Email)),
            ("phone", namespace(70, Some(5), Normalisation::Phone)),
            ("anonymous_id", namespace(10, None, Normalisation::None)),
        ];
        Rules {
            namespaces: namespaces.map(|(name, rules)| (name.to_owned(), rules)).into(),
            blocked_values: STANDARD_BLOCKED.iter().map(|value| (*value).to_owned()).collect(),
        }
    }
}

/// Values seen in the field that stand for nobody: PostHog's and Segment's public lists, joined.
const STANDARD_BLOCKED: [&str; 17] = [
    "-1", "0", "[object object]", "anonymous", "distinct_id", "distinctid", "email", "false",
    "guest", "id", "nan", "none", "not_authenticated", "null", "nil", "true", "undefined",
];
