//! Memberships against the rules, asked from scratch at the last instant.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp, Value};
use kith_engine::audience::LiveAudience;
use kith_engine::state::Read;
use kith_engine::{Project, query, table};
use kith_profile::{PersonFacts, Profile};
use kith_rule::{FactKey, Quantifier, Slots};

/// Every person is in exactly the audiences whose rules hold, every size is right, and no timer
/// is passed over.
pub fn agree(state: &dyn Read) -> Result<(), String> {
    let project = Project::load(state).map_err(text)?;
    let clock = table::read_number(state, &table::mark(table::CLOCK)).map_err(text)?;
    let now = Timestamp::from_millis(clock.cast_signed());
    let mut everybody = Everybody::read(state, &project)?;
    for audience in project.audiences.all() {
        everybody.settle(state, &project, audience, now)?;
    }
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for (person, expected) in &everybody.held {
        let row = query::memberships(state, *person).map_err(text)?;
        let found: BTreeSet<String> = row.audiences.into_keys().collect();
        if found != *expected {
            return Err(format!(
                "{person} is in {found:?}, the rules say {expected:?}"
            ));
        }
        for id in found {
            let key = table::member(&id, *person);
            if state.get(&key).map_err(text)?.is_none() {
                return Err(format!("{person} is missing among the members of {id}"));
            }
            *sizes.entry(id).or_default() += 1;
        }
    }
    for audience in project.audiences.all() {
        let counted = query::audience(state, &audience.id, 0).map_err(text)?.size;
        let listed = query::members(state, &audience.id, None, usize::MAX);
        let listed = listed.map_err(text)?.len() as u64;
        let expected = sizes.get(&audience.id).copied().unwrap_or(0);
        if (counted, listed) != (expected, expected) {
            let id = &audience.id;
            return Err(format!(
                "{id} counts {counted}, lists {listed}, has {expected}"
            ));
        }
    }
    are_all_found(state)?;
    everybody.are_counted(state)
}

/// Looking for timers finds the first of them.
fn are_all_found(state: &dyn Read) -> Result<(), String> {
    let first = state.range(b"q", &table::end_of(b"q"), 1).map_err(text)?;
    let Some(due) = first.first().and_then(|(key, _)| table::timer_place(key)) else {
        return Ok(());
    };
    let found = table::timers_due(state, due.0, 1).map_err(text)?;
    if found != first {
        return Err(format!("the timer due at {} is passed over", due.0));
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// All persons, with the audiences found to hold for them so far.
struct Everybody {
    profiles: BTreeMap<PersonId, Profile>,
    held: BTreeMap<PersonId, BTreeSet<String>>,
    accounts: BTreeMap<String, BTreeSet<PersonId>>,
}

impl Everybody {
    fn read(state: &dyn Read, project: &Project) -> Result<Self, String> {
        let mut everybody = Everybody {
            profiles: BTreeMap::new(),
            held: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        let persons = state.range(b"p", &table::end_of(b"p"), usize::MAX);
        for (key, _) in persons.map_err(text)? {
            let person = PersonId(key[1..17].try_into().map_err(text)?);
            let profile = query::profile(state, project, person).map_err(text)?;
            let profile = profile.ok_or_else(|| format!("person {person} has no profile"))?;
            for (account, _) in profile.fold.accounts.iter() {
                let persons = everybody.accounts.entry(account.to_owned()).or_default();
                persons.insert(person);
            }
            everybody.profiles.insert(person, profile);
            let row = query::memberships(state, person).map_err(text)?;
            let lists = row.audiences.into_keys();
            let lists = lists.filter(|id| project.audiences.is_list(id));
            everybody.held.insert(person, lists.collect());
        }
        Ok(everybody)
    }

    /// Finds who is in one audience; those it asks for were found before.
    fn settle(
        &mut self,
        state: &dyn Read,
        project: &Project,
        audience: &LiveAudience,
        now: Timestamp,
    ) -> Result<(), String> {
        let Some(rule) = &audience.rule else {
            return Ok(());
        };
        let mut members = Vec::new();
        for (person, profile) in &self.profiles {
            let accounts = query::accounts(state, project, profile).map_err(text)?;
            let identifiers = profile.nodes.iter().map(|node| &node.identifier).collect();
            let known = |id: &str| Some(self.held[person].contains(id));
            let of_accounts = |key: &FactKey| self.of_accounts(&accounts, key);
            let context = Value::Null;
            let facts = PersonFacts::new(
                vec![&profile.fold],
                identifiers,
                &project.features,
                &context,
                &known,
            )
            .with_accounts(Some(&of_accounts));
            if rule.holds(&Slots::new(project.audiences.facts(), &facts, now)) {
                members.push(*person);
            }
        }
        for person in members {
            let held = self.held.entry(person).or_default();
            held.insert(audience.id.clone());
        }
        Ok(())
    }

    fn of_accounts(&self, accounts: &[query::PersonAccount], key: &FactKey) -> Value {
        match key {
            FactKey::Account(path) => {
                let mut held = accounts
                    .iter()
                    .filter_map(|of| of.account.traits.get(path.first()))
                    .map(|held| &held.value.value)
                    .filter(|value| !value.is_null());
                let first = held.next().map(|held| path.follow_rest(held).clone());
                first.unwrap_or_default()
            }
            FactKey::AccountPersons {
                quantifier,
                audience,
            } => {
                let persons: BTreeSet<PersonId> = accounts
                    .iter()
                    .flat_map(|of| self.accounts[&of.id].iter().copied())
                    .collect();
                let mut is_in = persons.iter().map(|one| self.held[one].contains(audience));
                match quantifier {
                    _ if persons.is_empty() => Value::Null,
                    Quantifier::Any => Value::Bool(is_in.any(|is_in| is_in)),
                    Quantifier::All => Value::Bool(is_in.all(|is_in| is_in)),
                    Quantifier::No => Value::Bool(!is_in.any(|is_in| is_in)),
                }
            }
            _ => unreachable!("{key} is not asked of accounts"),
        }
    }

    /// The numbers kept of accounts are those of their persons.
    fn are_counted(&self, state: &dyn Read) -> Result<(), String> {
        let mut expected: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for (account, persons) in &self.accounts {
            expected.insert(table::account_size(account), persons.len() as u64);
            for audience in persons.iter().flat_map(|person| &self.held[person]) {
                let key = table::account_members(account, audience);
                *expected.entry(key).or_default() += 1;
            }
            let listed = table::persons_of_account(state, account, None, usize::MAX);
            let listed: BTreeSet<PersonId> = listed.map_err(text)?.into_iter().collect();
            if listed != *persons {
                return Err(format!("{account} lists {listed:?}, has {persons:?}"));
            }
        }
        let rows = state.range(b"N", &table::end_of(b"N"), usize::MAX);
        let rows = rows.map_err(text)?.into_iter();
        let found: BTreeMap<Vec<u8>, u64> = rows
            .map(|(key, bytes)| (key, table::number(&bytes)))
            .collect();
        let of = |numbers: &BTreeMap<Vec<u8>, u64>, other: &BTreeMap<Vec<u8>, u64>| {
            let differing = numbers.iter().find(|(key, n)| other.get(*key) != Some(*n));
            differing.map(|(key, n)| format!("{} is {n}", key.escape_ascii()))
        };
        match (of(&found, &expected), of(&expected, &found)) {
            (None, None) => Ok(()),
            (found, expected) => Err(format!("counted {found:?}, expected {expected:?}")),
        }
    }
}
