//! Memberships against the rules, asked from scratch at the last instant.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp, Value};
use kith_engine::state::Read;
use kith_engine::{Project, query, table};
use kith_profile::PersonFacts;
use kith_rule::Slots;

/// Every person is in exactly the audiences whose rules hold, and every size is right.
pub(crate) fn agree(state: &dyn Read) -> Result<(), String> {
    let project = Project::load(state).map_err(text)?;
    let clock = table::read_number(state, &table::mark(table::CLOCK)).map_err(text)?;
    let now = Timestamp::from_millis(clock.cast_signed());
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    let persons = state
        .range(b"p", &table::end_of(b"p"), usize::MAX)
        .map_err(text)?;
    for (key, _) in persons {
        let person = PersonId(key[1..17].try_into().map_err(text)?);
        let row = query::memberships(state, person).map_err(text)?;
        let found: BTreeSet<String> = row.audiences.into_keys().collect();
        let expected = holding(state, &project, person, now)?;
        if found != expected {
            return Err(format!(
                "{person} is in {found:?}, the rules say {expected:?}"
            ));
        }
        for id in found {
            let key = table::member(&id, person);
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
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn holding(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
    now: Timestamp,
) -> Result<BTreeSet<String>, String> {
    let profile = query::profile(state, project, person).map_err(text)?;
    let profile = profile.ok_or_else(|| format!("person {person} has no profile"))?;
    let identifiers = profile.nodes.iter().map(|node| &node.identifier).collect();
    let mut held: BTreeSet<String> = BTreeSet::new();
    for audience in project.audiences.all() {
        let Some(rule) = &audience.rule else {
            continue;
        };
        let known = |id: &str| Some(held.contains(id));
        let (context, folds) = (Value::Null, vec![&profile.fold]);
        let facts = PersonFacts::new(
            folds,
            Clone::clone(&identifiers),
            &project.features,
            &context,
            &known,
        );
        let holds = rule.holds(&Slots::new(project.audiences.facts(), &facts, now));
        if holds {
            held.insert(audience.id.clone());
        }
    }
    Ok(held)
}
