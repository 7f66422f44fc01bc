//! One person as rules see them, read once: their folds, identifiers and memberships.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Timestamp, Value};
use kith_event::{Event, Identifier, Position};
use kith_profile::series::{Interests, Moment};
use kith_profile::{FeatureSet, Fold, PersonFacts, Series, SeriesId};
use kith_rule::{FactKey, Facts, Path};

use crate::accounts::{PersonAccounts, accounts_by_rules, as_counted};
use crate::state::{Error, Read};
use crate::table::{self, NodeRow, PersonRow};
use crate::{Project, backfill};

/// What rules may know of a person.
pub struct Standing {
    /// Who.
    pub person: PersonId,
    /// Audiences the person is in, with the instants of entry.
    pub audiences: BTreeMap<String, Timestamp>,
    rows: Vec<NodeRow>,
    identifiers: Vec<Identifier>,
    accounts: Option<PersonAccounts>,
    /// Series that are not kept, folded for this look alone.
    added: Fold,
}

/// Reads a person; `None` when there is none under exactly this id. O(nodes) reads.
pub fn standing(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
) -> Result<Option<Standing>, Error> {
    let row: Option<PersonRow> = table::read(state, &table::person(person))?;
    row.map(|row| standing_of(state, project, person, &row.nodes))
        .transpose()
}

/// The same over these nodes, which may be those of several persons whom a merge policy takes for
/// one. The audiences are those of the person alone.
pub fn standing_of(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
    nodes: &[NodeId],
) -> Result<Standing, Error> {
    let mut rows: Vec<NodeRow> = Vec::with_capacity(nodes.len());
    for node in nodes {
        rows.extend(table::read_node(state, *node)?);
    }
    rows.sort_by_key(|row| Reverse(project.identity.namespace(&row.namespace).priority));
    let number = |key: &[u8]| table::read_number(state, key);
    let held = || {
        let names = rows.iter().map(|row| (&*row.namespace, &*row.value));
        accounts_by_rules(&project.identity, rows.iter().map(|row| &row.fold), names)
    };
    let accounts = PersonAccounts::read(state, &number, &project.questions, held)?;
    Ok(Standing {
        person,
        accounts,
        audiences: super::memberships(state, person)?.audiences,
        identifiers: rows.iter().map(NodeRow::identifier).collect(),
        rows,
        added: Fold::default(),
    })
}

impl Standing {
    /// Folds one of the person's events, found at a position, into series that are not kept for
    /// them.
    pub fn add(
        &mut self,
        state: &dyn Read,
        missing: &FeatureSet,
        event: &Event,
        position: Position,
    ) -> Result<(), Error> {
        let contributions = backfill::contributions(state, missing, event, position)?;
        if !contributions.is_empty() {
            self.added
                .add_series(missing, &contributions, Moment::of(event));
        }
        Ok(())
    }

    /// Answers a question about the person's facts.
    pub fn ask<T>(&self, project: &Project, question: impl FnOnce(&dyn Facts) -> T) -> T {
        let known = |id: &str| {
            let lives = project.audiences.get(id).is_some();
            lives.then(|| self.audiences.contains_key(id))
        };
        let of_accounts = |key: &FactKey| {
            let accounts = self.accounts.as_ref();
            accounts.map_or(Value::Null, |known| known.answer(key, &as_counted))
        };
        let folds = self.rows.iter().map(|row| &row.fold);
        let context = Value::Null;
        let facts = PersonFacts::new(
            folds.chain([&self.added]).collect(),
            self.identifiers.iter().collect(),
            &project.features,
            &context,
            &known,
        )
        .with_accounts(Some(&of_accounts));
        question(&facts)
    }

    /// The value of a feature, built in or defined.
    pub fn feature(&self, project: &Project, name: &str, now: Timestamp) -> Value {
        let key = project.schema.resolve(&FactKey::Feature(name.to_owned()));
        self.ask(project, |facts| facts.fact(&key, now))
    }
}

impl Standing {
    /// The value of a trait; of one that a feature is published as, the feature's, unless its past
    /// is still being read (see [`super::unready_series`]).
    pub fn trait_value(
        &self,
        project: &Project,
        unready: &BTreeSet<SeriesId>,
        name: &str,
        now: Timestamp,
    ) -> Value {
        match project.computed.get(name) {
            Some(computed)
                if computed
                    .series
                    .is_none_or(|series| !unready.contains(&series)) =>
            {
                self.ask(project, |facts| facts.fact(&computed.key, now))
            }
            _ => {
                let key = Path::new(vec![name.to_owned()]).map(FactKey::Trait);
                key.map_or(Value::Null, |key| {
                    self.ask(project, |facts| facts.fact(&key, now))
                })
            }
        }
    }

    /// All interests in one series of an affinity.
    pub fn interests(&self, series: SeriesId) -> Interests {
        let mut merged = Interests::default();
        let held = self
            .rows
            .iter()
            .filter_map(|row| row.fold.series.get(series));
        for interests in held.filter_map(Series::interests) {
            merged.merge(interests);
        }
        merged
    }

    /// Whether the person said yes to a category; `None` when they said nothing.
    pub fn consent(&self, project: &Project, category: &str, now: Timestamp) -> Option<bool> {
        let key = FactKey::Consent(category.to_owned());
        match self.ask(project, |facts| facts.fact(&key, now)) {
            Value::Bool(granted) => Some(granted),
            _ => None,
        }
    }

    /// The person's identifiers, the strongest first.
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// Names of the traits that events brought.
    pub fn trait_names(&self) -> impl Iterator<Item = &str> {
        let folds = self.rows.iter().map(|row| &row.fold);
        folds.flat_map(|fold| fold.traits.iter().map(|(name, _)| name))
    }
}

/// The latest instant any record told; rules are evaluated at it.
pub fn clock(state: &dyn Read) -> Result<Timestamp, Error> {
    let stored = table::read_number(state, &table::mark(table::CLOCK))?;
    Ok(Timestamp::from_millis(stored.cast_signed()))
}
