//! The naive model: everything from scratch over the list of different events.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, Value};
use kith_event::{Event, Identifier};
use kith_identity::Rules;

/// A person as the model sees them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Identifiers, as `namespace:value`.
    pub identifiers: BTreeSet<String>,
    /// Events by counter name.
    pub counts: BTreeMap<String, u64>,
    /// Sum of the revenue of completed orders, in cents.
    pub revenue_cents: i128,
    /// Traits, the last to happen.
    pub traits: BTreeMap<String, Value>,
    /// The last consent to marketing.
    pub marketing: Option<bool>,
    /// Items viewed, the last first.
    pub viewed: Vec<String>,
    /// Accounts, the one named last at the end.
    pub accounts: Vec<String>,
}

/// Traits of every account, the last to happen, by id.
pub fn accounts(events: &[Event]) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut own: Vec<(&Event, String)> = events
        .iter()
        .filter_map(|event| Some((event, group(event)?)))
        .collect();
    own.sort_by_key(|(event, _)| (event.occurred_at, event.deduplication_key().prefix()));
    let mut accounts: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (event, account) in own {
        let traits = accounts.entry(account).or_default();
        if let Value::Map(said) = event.traits.value() {
            traits.extend(said);
        }
    }
    accounts
}

fn group(event: &Event) -> Option<String> {
    let extra = event.extra.value();
    let named = extra.path("groupId").as_text().map(str::to_owned);
    named.filter(|_| event.kind.as_str() == "group")
}

/// Who belongs together.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// Their identifiers.
    pub identifiers: BTreeSet<Identifier>,
    /// Places of their events in the list, the first to happen first.
    pub events: Vec<usize>,
}

/// All persons of a list of different events.
pub fn persons(events: &[Event]) -> Vec<Person> {
    let person = |somebody: Somebody| {
        let own: Vec<&Event> = somebody
            .events
            .iter()
            .map(|place| &events[*place])
            .collect();
        let mut person = figures(&own);
        person.identifiers = somebody
            .identifiers
            .iter()
            .map(ToString::to_string)
            .collect();
        person
    };
    everybody(events).into_iter().map(person).collect()
}

/// Everybody there is in a list of different events.
pub fn everybody(events: &[Event]) -> Vec<Somebody> {
    let rules = Rules::default();
    let named: Vec<(Vec<Identifier>, &Event)> = events
        .iter()
        .map(|event| (identifiers(&rules, event), event))
        .collect();
    let somebody = |members: BTreeSet<Identifier>| {
        let own = named.iter().enumerate();
        let own = own.filter(|(_, (identifiers, _))| members.contains(&identifiers[0]));
        let mut own: Vec<usize> = own.map(|(place, _)| place).collect();
        let order = |event: &Event| (event.occurred_at, event.deduplication_key().prefix());
        own.sort_by_key(|place| order(&events[*place]));
        Somebody {
            identifiers: members,
            events: own,
        }
    };
    groups(&named).into_iter().map(somebody).collect()
}

/// The identifiers of an event that count, strongest first.
fn identifiers(rules: &Rules, event: &Event) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = event
        .identifiers
        .iter()
        .filter_map(|raw| rules.normalise(raw).ok())
        .collect();
    let rank = |namespace: &str| match namespace {
        "user_id" => 0,
        "email" => 1,
        "phone" => 2,
        _ => 3,
    };
    found.sort_by_key(|one| (rank(&one.namespace), one.value.clone()));
    found.dedup();
    if found.is_empty() {
        found.push(Identifier::new(
            "message_id",
            format!("shop/{}", event.message_id),
        ));
    }
    found
}

/// Groups by trying every link in order of time, with plain sets.
fn groups(named: &[(Vec<Identifier>, &Event)]) -> Vec<BTreeSet<Identifier>> {
    let mut first_at: BTreeMap<(Identifier, Identifier), i64> = BTreeMap::new();
    let mut groups: Vec<BTreeSet<Identifier>> = Vec::new();
    for (identifiers, event) in named {
        for other in &identifiers[1..] {
            let at = first_at
                .entry((identifiers[0].clone(), other.clone()))
                .or_insert(i64::MAX);
            *at = (*at).min(event.occurred_at.as_millis());
        }
        for identifier in identifiers {
            if !groups.iter().any(|group| group.contains(identifier)) {
                groups.push(BTreeSet::from([identifier.clone()]));
            }
        }
    }
    let users_of = |one: &Identifier| {
        let ends = first_at
            .keys()
            .filter_map(|(a, b)| match (a == one, b == one) {
                (true, _) => Some(b),
                (_, true) => Some(a),
                _ => None,
            });
        ends.filter(|end| end.namespace == "user_id")
            .collect::<BTreeSet<_>>()
            .len()
    };
    let refused = |one: &Identifier, other: &Identifier| {
        let users = users_of(one);
        let device = one.namespace == "anonymous_id";
        one.namespace != "user_id"
            && (users > 10 || (device && users > 1 && other.namespace == "user_id"))
    };
    let id = |one: &Identifier| NodeId::of(&one.namespace, &one.value);
    let mut links: Vec<_> = first_at.iter().collect();
    links.sort_by_key(|((a, b), at)| (**at, id(a).min(id(b)), id(a).max(id(b))));
    for ((a, b), _) in links {
        if refused(a, b) || refused(b, a) {
            continue;
        }
        let place = |one: &Identifier| groups.iter().position(|group| group.contains(one));
        let (Some(left), Some(right)) = (place(a), place(b)) else {
            continue;
        };
        let joined: BTreeSet<Identifier> = groups[left].union(&groups[right]).cloned().collect();
        let many = |namespace: &str| {
            joined
                .iter()
                .filter(|one| one.namespace == namespace)
                .count()
        };
        if left != right && many("user_id") <= 1 && many("email") <= 5 && many("phone") <= 5 {
            groups[left] = joined;
            groups.remove(right);
        }
    }
    groups
}

/// The figures of one person's events, in order of time.
fn figures(events: &[&Event]) -> Person {
    let mut person = Person::default();
    for event in events {
        let kind = event.kind.as_str();
        let name = if kind == "track" {
            event.name.clone()
        } else {
            format!("${kind}")
        };
        *person.counts.entry(name).or_default() += 1;
        let properties = event.properties.value();
        if event.name == "Order Completed" {
            let revenue = properties.path("revenue").as_number().unwrap_or_default();
            person.revenue_cents += (revenue * 100.0).round() as i128;
        }
        if event.name == "Product Viewed"
            && let Some(item) = properties.path("product_id").as_text()
        {
            person.viewed.retain(|held| held != item);
            person.viewed.insert(0, item.to_owned());
        }
        if let Value::Bool(given) = properties.path("categories.marketing") {
            person.marketing = Some(*given);
        }
        if let Some(account) = group(event) {
            person.accounts.retain(|held| *held != account);
            person.accounts.push(account);
        } else if let Value::Map(traits) = event.traits.value() {
            person.traits.extend(traits);
        }
    }
    person
}
