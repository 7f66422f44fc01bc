//! Identity rules, compiled.

use std::collections::{BTreeMap, BTreeSet};

use kith_definition::{Identity, Normalise};

/// A namespace of which one person may hold more values than this names devices, not people.
const PERSONAL_VALUES_MAX: u32 = 20;

/// One kind of identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Stronger namespaces own the event and lead the person.
    pub priority: u32,
    /// Most different values one person may hold.
    pub limit: u32,
    /// How values are brought to one form.
    pub normalise: Normalise,
}

impl Namespace {
    /// At most one value per person.
    pub fn is_unique(&self) -> bool {
        self.limit == 1
    }

    /// Names devices. A device that several unique ids used belongs to none of them.
    pub fn is_device(&self) -> bool {
        self.limit > PERSONAL_VALUES_MAX
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

static UNKNOWN: Namespace = Namespace {
    priority: 50,
    limit: 5,
    normalise: Normalise::None,
};

impl Rules {
    /// The rules of a namespace.
    pub fn namespace(&self, name: &str) -> &Namespace {
        self.namespaces.get(name).unwrap_or(&UNKNOWN)
    }

    /// The same for equal rules, never 0.
    pub fn fingerprint(&self) -> u64 {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for (name, namespace) in &self.namespaces {
            parts.push(name.clone().into_bytes());
            parts.push(namespace.priority.to_be_bytes().to_vec());
            parts.push(namespace.limit.to_be_bytes().to_vec());
            parts.push(vec![namespace.normalise as u8]);
        }
        parts.push(self.namespaces.len().to_be_bytes().to_vec());
        parts.extend(
            self.blocked_values
                .iter()
                .map(|value| value.clone().into_bytes()),
        );
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        kith_base::digest("identity-rules", &parts).prefix().max(1)
    }
}

impl From<&Identity> for Rules {
    fn from(identity: &Identity) -> Self {
        let compile = |namespace: &kith_definition::Namespace| {
            let limit = if namespace.unique { 1 } else { namespace.limit };
            let (priority, normalise) = (namespace.priority, namespace.normalise);
            (
                namespace.name.clone(),
                Namespace {
                    priority,
                    limit,
                    normalise,
                },
            )
        };
        Rules {
            namespaces: identity.namespaces.iter().map(compile).collect(),
            blocked_values: identity.blocked_values.clone(),
        }
    }
}

/// What an installation starts with.
impl Default for Rules {
    fn default() -> Self {
        let empty = kith_base::Json::empty();
        let identity = Identity::parse(&empty).expect("every member of the rules has a default");
        Rules::from(&identity)
    }
}
