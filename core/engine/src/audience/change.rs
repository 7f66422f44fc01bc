//! What changes about a person, and which facts each change can alter.

use kith_profile::SeriesId;
use kith_rule::{Aggregate, FactKey, Function, Quantifier, Window};

/// What an event, or anything else, changed about a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Something happened: built-in features.
    Activity,
    /// An event of this name was counted.
    Event(String),
    /// A trait was offered a value.
    Trait(String),
    /// A consent category was decided.
    Consent(String),
    /// Interest in a dimension.
    Affinity,
    /// A series took a contribution, or changed in any other way.
    Series(SeriesId),
    /// An event without negative values was added to a series, and nothing else became of it.
    Added {
        /// Which.
        series: SeriesId,
        /// There are at most so many events in it now.
        most: u64,
    },
    /// Identifiers of the person.
    Identity,
    /// Which accounts the person belongs to.
    Accounts,
    /// A trait of an account.
    AccountTrait(String),
    /// Whether anybody of an account is in an audience.
    AccountAny(String),
    /// Whether everybody of an account is in an audience.
    AccountAll(String),
    /// The zone by whose calendar the person's days go.
    Zone,
}

/// What must change for a fact to change, apart from time.
pub(super) fn changes_of(key: &FactKey) -> Vec<Change> {
    match key {
        FactKey::Trait(path) => vec![Change::Trait(path.first().to_owned())],
        FactKey::Anniversary(path) => {
            vec![Change::Trait(path.first().to_owned()), Change::Zone]
        }
        FactKey::Feature(_) | FactKey::LocalHour | FactKey::LocalWeekday => vec![Change::Activity],
        FactKey::Consent(category) => vec![Change::Consent(category.clone())],
        FactKey::Count(name) | FactKey::Sum(name) | FactKey::First(name) | FactKey::Last(name) => {
            vec![Change::Event(name.clone())]
        }
        FactKey::Affinity { .. } => vec![Change::Affinity],
        FactKey::Identifier(_) => vec![Change::Identity],
        FactKey::Reachable(_) => {
            vec![Change::Identity, Change::Consent("marketing".to_owned())]
        }
        FactKey::Aggregate(_) | FactKey::Interest { .. } => {
            let series = SeriesId::of_fact(key).map(Change::Series);
            let zone = asks_for_zone(key).then_some(Change::Zone);
            series.into_iter().chain(zone).collect()
        }
        FactKey::Sequence(sequence) => {
            let steps = sequence.steps.iter().map(|(filter, _)| filter);
            let absent = sequence.absent.iter().map(|(filter, _)| filter);
            let id = |filter| Change::Series(SeriesId::of(filter, None));
            steps.chain(absent).map(id).collect()
        }
        FactKey::Account(path) => {
            let named = Change::AccountTrait(path.first().to_owned());
            vec![Change::Accounts, named]
        }
        FactKey::AccountPersons {
            quantifier,
            audience,
        } => {
            let members = match quantifier {
                Quantifier::Any | Quantifier::No => Change::AccountAny(audience.clone()),
                Quantifier::All => Change::AccountAll(audience.clone()),
            };
            vec![Change::Accounts, members]
        }
        FactKey::Context(_)
        | FactKey::Item(_)
        | FactKey::Property(_)
        | FactKey::Audience(_)
        | FactKey::Keyed { .. } => Vec::new(),
    }
}

/// True for a fact about who the person is.
pub(super) fn asks_for_identifiers(key: &FactKey) -> bool {
    matches!(key, FactKey::Identifier(_) | FactKey::Reachable(_))
}

/// True for a fact that may be known of a person to whom nothing happened.
pub(super) fn is_from_the_beginning(key: &FactKey) -> bool {
    match key {
        FactKey::Identifier(_)
        | FactKey::Reachable(_)
        | FactKey::Anniversary(_)
        | FactKey::LocalHour
        | FactKey::LocalWeekday
        | FactKey::Account(_)
        | FactKey::AccountPersons { .. }
        | FactKey::Property(_)
        | FactKey::Item(_)
        | FactKey::Context(_) => true,
        FactKey::Trait(_)
        | FactKey::Feature(_)
        | FactKey::Keyed { .. }
        | FactKey::Consent(_)
        | FactKey::Count(_)
        | FactKey::Sum(_)
        | FactKey::First(_)
        | FactKey::Last(_)
        | FactKey::Affinity { .. }
        | FactKey::Aggregate(_)
        | FactKey::Interest { .. }
        | FactKey::Sequence(_)
        | FactKey::Audience(_) => false,
    }
}

/// True for an aggregate over days of the person's own calendar.
fn asks_for_zone(key: &FactKey) -> bool {
    let FactKey::Aggregate(Aggregate {
        function, window, ..
    }) = key
    else {
        return false;
    };
    match window {
        Window::Calendar(_) => true,
        Window::CalendarIn(..) => false,
        Window::Lifetime | Window::Rolling(_) => {
            matches!(function, Function::DaysActive | Function::Streak)
        }
    }
}
