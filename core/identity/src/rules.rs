//! Identity rules, compiled.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Duration, Network, Timestamp};
use kith_definition::{Identity, Normalise};
pub use kith_definition::{MergePolicy, Policies, Probabilistic, SharedDevice};

/// A namespace of which one person may hold more values than this names devices, not people.
const PERSONAL_VALUES_MAX: u32 = 20;

/// One kind of identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Stronger namespaces own the event and lead the person.
    pub priority: u32,
    /// Most different values one person may hold.
    pub limit: u32,
    /// Counted when first linked within this time of each other; `None` is ever.
    pub window: Option<Duration>,
    /// An operator too cannot go beyond the limit.
    pub immutable: bool,
    /// Whether its links join anybody.
    pub joins: bool,
    /// How values are brought to one form.
    pub normalise: Normalise,
}

impl Namespace {
    /// At most one value per person.
    pub fn is_unique(&self) -> bool {
        self.limit == 1
    }

    /// True when a person may not hold values first linked at these instants, which it puts in
    /// order when that matters.
    pub fn forbids(&self, values: &mut [Timestamp]) -> bool {
        if self.window.is_some() {
            values.sort_unstable();
        }
        most_within(values, self.window) > self.limit as usize
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
    /// When an identifier is generic.
    pub generic: Generic,
    /// Whose a device is that several unique ids used.
    pub shared_device: SharedDevice,
    /// A person with more identifiers than this is told to operators.
    pub alarm_after: usize,
    /// Domains that name no account; `None` when domains name none at all.
    pub companies: Option<BTreeSet<String>>,
    /// Networks of accounts, the smallest first.
    pub networks: Vec<(Network, String)>,
    /// How probable links are found, and from when on they count.
    pub probabilistic: Probabilistic,
    /// Which links count for what.
    pub policies: Policies,
}

/// When a non-unique identifier links nobody: a kiosk, a call centre, a placeholder value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generic {
    /// It met more unique ids than this,
    pub after: usize,
    /// within this time; `None` is ever.
    pub window: Option<Duration>,
}

impl Generic {
    /// True when unique ids first met at these instants are too many. O(n log n).
    pub fn is_passed_by(&self, met: impl IntoIterator<Item = Timestamp>) -> bool {
        let mut met: Vec<Timestamp> = met.into_iter().collect();
        met.sort_unstable();
        most_within(&met, self.window) > self.after
    }
}

/// The most of these ascending instants that lie within a window. O(n).
fn most_within(instants: &[Timestamp], window: Option<Duration>) -> usize {
    let Some(window) = window else {
        return instants.len();
    };
    let (mut from, mut most) = (0, 0);
    for (at, instant) in instants.iter().enumerate() {
        while instant.since(instants[from]) > window {
            from += 1;
        }
        most = most.max(at + 1 - from);
    }
    most
}

static UNKNOWN: Namespace = Namespace {
    priority: 50,
    limit: 5,
    window: None,
    immutable: false,
    joins: true,
    normalise: Normalise::None,
};

impl Rules {
    /// The rules of a namespace.
    pub fn namespace(&self, name: &str) -> &Namespace {
        self.namespaces.get(name).unwrap_or(&UNKNOWN)
    }

    /// The least confidence, in thousandths, of the probable links that count under a policy;
    /// `None` when none does.
    pub fn least_confidence(&self, policy: MergePolicy) -> Option<u16> {
        let percent = match policy {
            MergePolicy::Exact => return None,
            MergePolicy::Strict => self.probabilistic.strict_percent,
            MergePolicy::Loose => self.probabilistic.loose_percent,
        };
        Some(u16::try_from(percent * 10).unwrap_or(u16::MAX))
    }

    /// The same for rules by which every event finds the same node, never 0.
    pub fn fingerprint(&self) -> u64 {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for (name, namespace) in &self.namespaces {
            parts.push(name.clone().into_bytes());
            parts.push(namespace.priority.to_be_bytes().to_vec());
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

    /// The same for rules by which the same links make the same persons, with the same accounts,
    /// never 0.
    pub fn division(&self) -> u64 {
        let window = |window: Option<Duration>| window.map_or(-1, Duration::as_millis);
        let mut text = format!(
            "{}/{}/{:?}",
            self.generic.after,
            window(self.generic.window),
            self.shared_device
        );
        for (name, namespace) in &self.namespaces {
            let Namespace {
                priority,
                limit,
                immutable,
                joins,
                ..
            } = namespace;
            let within = window(namespace.window);
            text += &format!("/{name}:{priority}:{limit}:{within}:{immutable}:{joins}");
        }
        for provider in self.companies.iter().flatten() {
            text += &format!("/@{provider}");
        }
        if self.companies.is_some() {
            text += "/@";
        }
        for (network, account) in &self.networks {
            text += &format!("/{network}={account}");
        }
        kith_base::digest("identity-division", &[text.as_bytes()])
            .prefix()
            .max(1)
    }
}

impl From<&Identity> for Rules {
    fn from(identity: &Identity) -> Self {
        let days = |days: u32| Duration::from_secs(i64::from(days) * 86_400);
        let compile = |namespace: &kith_definition::Namespace| {
            let compiled = Namespace {
                priority: namespace.priority,
                limit: if namespace.unique { 1 } else { namespace.limit },
                window: namespace.limit_days.map(days).filter(|_| !namespace.unique),
                immutable: namespace.immutable,
                joins: namespace.joins,
                normalise: namespace.normalise,
            };
            (namespace.name.clone(), compiled)
        };
        Rules {
            namespaces: identity.namespaces.iter().map(compile).collect(),
            blocked_values: identity.blocked_values.clone(),
            generic: Generic {
                after: identity.generic_after as usize,
                window: identity.generic_days.map(days),
            },
            shared_device: identity.shared_device,
            companies: identity
                .accounts_by_domain
                .then(|| identity.mail_providers.clone()),
            networks: networks(identity),
            alarm_after: identity.alarm_after as usize,
            probabilistic: identity.probabilistic.clone(),
            policies: identity.policies,
        }
    }
}

fn networks(identity: &Identity) -> Vec<(Network, String)> {
    let named = identity.account_networks.iter();
    let read = named.filter_map(|one| Some((Network::parse(&one.network)?, one.account.clone())));
    let mut networks: Vec<(Network, String)> = read.collect();
    networks.sort_by_key(|(network, _)| (std::cmp::Reverse(network.length()), *network));
    networks
}

/// What an installation starts with.
impl Default for Rules {
    fn default() -> Self {
        let empty = kith_base::Json::empty();
        let identity = Identity::parse(&empty).expect("every member of the rules has a default");
        Rules::from(&identity)
    }
}
