//! Who is in which audience, evaluated over the rows of one person.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use kith_base::{PersonId, Timestamp, Value};
use kith_event::Identifier;
use kith_profile::PersonFacts;
use kith_rule::{FactKey, Slots, next_change};

use crate::accounts::{PersonAccounts, accounts_by_rules};
use crate::places::Places;
use crate::state::Error;
use crate::table::{self, JobRow, NodeRow};
use crate::{Project, Working};

/// What evaluation found.
pub(super) struct Pass {
    /// Audience and whether the person is in it now; only what changed.
    pub flips: Vec<(String, bool)>,
    /// When to look again, at the latest.
    pub due: Option<Timestamp>,
}

impl Pass {
    /// True when there is nothing to be written down.
    pub fn is_empty(&self) -> bool {
        self.flips.is_empty() && self.due.is_none()
    }
}

/// Evaluates audiences over the nodes of one person after another, all at one instant.
pub(super) struct Judge<'a> {
    project: &'a Project,
    at: Timestamp,
    /// Those that pass over some persons.
    unfinished: BTreeMap<String, JobRow>,
    /// The places that may be evaluated; `None` is all of them.
    pub only: Option<&'a Places>,
}

impl<'a> Judge<'a> {
    pub fn new(
        working: &mut Working<'_>,
        project: &'a Project,
        at: Timestamp,
    ) -> Result<Self, Error> {
        let jobs = working.jobs()?.iter();
        let unfinished = jobs.filter(|(_, job)| !job.is_running());
        Ok(Judge {
            project,
            at,
            unfinished: unfinished.cloned().collect(),
            only: None,
        })
    }

    /// What evaluating `places` over these nodes may ask of their person's accounts.
    pub fn accounts(
        &self,
        working: &Working<'_>,
        rows: &[&NodeRow],
        places: &Places,
    ) -> Result<Option<PersonAccounts>, Error> {
        let audiences = &self.project.audiences;
        if !audiences.ask_accounts(places) {
            return Ok(None);
        }
        let number = |key: &[u8]| working.number_at_hand(key);
        let held = || {
            let names = rows.iter().map(|row| (&*row.namespace, &*row.value));
            let folds = rows.iter().map(|row| &row.fold);
            accounts_by_rules(&self.project.identity, folds, names)
        };
        PersonAccounts::read(working.read(), &number, audiences.questions(), held)
    }

    fn leaves_out(&self, audience: &str, person: PersonId) -> bool {
        let job = self.unfinished.get(audience);
        job.is_some_and(|job| job.leaves_out(&table::person(person)))
    }

    /// Evaluates `places`, for a person who was in others, and what refers to those that flip.
    /// When to look again is told when it is before `until`.
    pub fn judge(
        &self,
        (person, was): (PersonId, Places),
        (mut rows, accounts): (Vec<&NodeRow>, Option<&PersonAccounts>),
        places: &Places,
        until: Option<Timestamp>,
    ) -> Pass {
        let audiences = &self.project.audiences;
        let members = RefCell::new(was.clone());
        let is_member = |place: usize| members.borrow().contains(place);
        let known = |id: &str| Some(is_member(audiences.place(id)?));
        // The person counts among those of the account as they are found to be here.
        let own = |id: &str| {
            let place = audiences.place(id);
            place.map_or(0, |at| {
                i64::from(is_member(at)) - i64::from(was.contains(at))
            })
        };
        let of_accounts =
            |key: &FactKey| accounts.map_or(Value::Null, |known| known.answer(key, &own));
        let identifiers = self.identifiers(&mut rows);
        let context = Value::Null;
        let facts = PersonFacts::new(
            rows.iter().map(|row| &row.fold).collect(),
            identifiers.iter().collect(),
            &self.project.features,
            &context,
            &known,
        )
        .with_accounts(Some(&of_accounts));
        let slots = Slots::new(audiences.facts(), &facts, self.at);
        let (mut waiting, mut from) = (places.clone(), 0);
        let (mut evaluated, mut flips) = (Vec::new(), Vec::new());
        while let Some(place) = waiting.next_from(from) {
            from = place + 1;
            let audience = &audiences.all()[place];
            let Some(rule) = &audience.rule else {
                continue;
            };
            if self.leaves_out(&audience.id, person) {
                continue;
            }
            let holds = rule.holds(&slots);
            evaluated.push(rule);
            if holds == is_member(place) {
                continue;
            }
            flips.push((audience.id.clone(), holds));
            if holds {
                members.borrow_mut().insert(place);
            } else {
                members.borrow_mut().remove(place);
            }
            for later in audiences.dependents(place) {
                if self.only.is_none_or(|only| only.contains(*later)) {
                    waiting.insert(*later);
                }
            }
        }
        let due = next_change(evaluated, &slots, until);
        Pass { flips, due }
    }

    /// Puts the nodes in the order of their identifiers, the strongest first, and names these, if
    /// any rule asks for them.
    fn identifiers(&self, rows: &mut [&NodeRow]) -> Vec<Identifier> {
        let (audiences, identity) = (&self.project.audiences, &self.project.identity);
        if !audiences.ask_for_identifiers() {
            return Vec::new();
        }
        rows.sort_by_key(|row| Reverse(identity.namespace(&row.namespace).priority));
        rows.iter().map(|row| row.identifier()).collect()
    }
}
