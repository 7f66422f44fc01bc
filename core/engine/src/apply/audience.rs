//! Memberships: kept true as things happen and as time passes.
//!
//! After a change only the audiences whose facts it can touch are evaluated. A person whose
//! rules read windows has one timer, at or before the instant at which the first of them may
//! flip; it is set earlier when need be and never later, so that most events leave it alone. A
//! timer is evaluated at its own instant, whenever it is handled: the time written with a change
//! of membership is exact.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use kith_base::{PersonId, Timestamp, Value, limits};
use kith_event::{Event, Identifier, Kind, Position};
use kith_profile::series::Contribution;
use kith_profile::{Attributes, Dropped, PersonFacts, SeriesId};
use kith_rule::{FactKey, Slots, next_change};

use super::{account, traits};
use crate::accounts::PersonAccounts;
use crate::audience::{Change, earlier};
use crate::places::Places;
use crate::state::Error;
use crate::table::{self, Entry, JobRow, MembershipChange, MembershipRow, NodeRow};
use crate::{Effect, Project, Working};

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

/// Settles what was due for a person before `now`; first of all when something happens to them.
pub(super) fn catch_up(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let now = working.clock()?;
    for _ in 0..limits::TIMER_STEPS_PER_PERSON_MAX {
        let Some(due) = working.membership(person)?.due.filter(|due| *due <= now) else {
            return Ok(());
        };
        let pass = evaluate(
            working,
            project,
            person,
            project.audiences.moving(),
            due,
            None,
        )?;
        let next = pass.due;
        settle(
            working,
            project,
            position,
            person,
            (pass.flips, due),
            effects,
        )?;
        let of_traits = traits::compare(working, project, position, person, due)?;
        reschedule(working, person, earlier(next, of_traits))?;
    }
    Ok(())
}

/// Evaluates the audiences that `changes` can touch; of somebody who was not there before, those
/// too that may hold although nothing happened yet.
pub(super) fn after(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    (person, is_new): (PersonId, bool),
    changes: &[Change],
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let mut places = project.audiences.touched(changes);
    if is_new {
        places.join(project.audiences.of_newcomers());
    }
    update(working, project, position, person, &places, effects)
}

/// Evaluates the audiences at these places.
pub(super) fn update(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    touched: &Places,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    if touched.is_empty() {
        return Ok(());
    }
    let now = working.clock()?;
    let due = working.membership(person)?.due;
    let pass = evaluate(working, project, person, touched, now, due)?;
    let due = earlier(due, pass.due);
    settle(
        working,
        project,
        position,
        person,
        (pass.flips, now),
        effects,
    )?;
    reschedule(working, person, due)
}

/// Evaluates the audiences that refer to a list, after the person was put on it or taken off.
pub(super) fn after_list(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    list: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let Some(place) = project.audiences.place(list) else {
        return Ok(());
    };
    let touched = Places::from_iter(project.audiences.dependents(place).iter().copied());
    update(working, project, position, person, &touched, effects)
}

/// Looks whether a person is in one audience, without telling anybody. Who is, is since `since`.
pub(super) fn find(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    id: &str,
    since: Timestamp,
) -> Result<(), Error> {
    let Some(place) = project.audiences.place(id) else {
        return Ok(());
    };
    let now = working.clock()?;
    let due = working.membership(person)?.due;
    let pass = evaluate(
        working,
        project,
        person,
        &Places::from_iter([place]),
        now,
        due,
    )?;
    found(working, project, person, pass, since, now)
}

/// Writes down, without a word, what was found about a person.
pub(super) fn found(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    pass: Pass,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    for (id, entered) in pass.flips {
        set(
            working,
            project,
            (person, &id),
            entered.then_some(since),
            now,
        )?;
    }
    expect(working, person, pass.due)
}

/// What an event changes about its person, in the order of [`Change`].
pub(super) fn changes(
    project: &Project,
    event: &Event,
    attributes: &[Attributes],
    contributions: &[(SeriesId, Contribution)],
) -> Vec<Change> {
    let mut changes = vec![Change::Activity];
    if event.kind == Kind::Track {
        changes.push(Change::Event(event.name.clone()));
    }
    if !attributes.is_empty() {
        changes.push(Change::Affinity);
    }
    if !event.traits.is_empty()
        && let Value::Map(traits) = event.traits.value()
    {
        changes.extend(traits.into_keys().map(Change::Trait));
    }
    if event.name == "Consent Updated"
        && let Value::Map(categories) = event.properties.value().path("categories")
    {
        changes.extend(categories.keys().cloned().map(Change::Consent));
    }
    if event.kind == Kind::Group {
        changes.push(Change::Accounts);
    }
    let specs = contributions
        .iter()
        .filter_map(|(kept, _)| project.features.get(*kept));
    changes.extend(specs.map(|spec| Change::Series(spec.id)));
    changes
}

/// What changes about a person as keys make room for others.
pub(super) fn dropped(dropped: Dropped) -> impl Iterator<Item = Change> {
    let traits = dropped.traits.into_iter().map(Change::Trait);
    let counters = dropped.counters.into_iter().map(Change::Event);
    let consents = dropped.consents.into_iter().map(Change::Consent);
    traits.chain(counters).chain(consents)
}

/// Evaluates `places` and, as they flip, what refers to them, in order.
fn evaluate(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    places: &Places,
    at: Timestamp,
    until: Option<Timestamp>,
) -> Result<Pass, Error> {
    let judge = Judge::new(working, project, at)?;
    put_to(&judge, working, person, places, until)
}

/// Evaluates `places` and nothing else, whatever refers to what flips.
pub(super) fn evaluate_only(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    places: &Places,
    at: Timestamp,
) -> Result<Pass, Error> {
    let mut judge = Judge::new(working, project, at)?;
    judge.only = Some(places);
    put_to(&judge, working, person, places, None)
}

fn put_to(
    judge: &Judge<'_>,
    working: &mut Working<'_>,
    person: PersonId,
    places: &Places,
    until: Option<Timestamp>,
) -> Result<Pass, Error> {
    working.membership(person)?;
    let nodes = working.load_person(person)?;
    let rows: Vec<&NodeRow> = nodes.iter().filter_map(|id| working.loaded(*id)).collect();
    let accounts = judge.accounts(working, &rows, places)?;
    let held = working.membership_at_hand(person);
    Ok(judge.judge(person, (rows, accounts.as_ref()), held, places, until))
}

/// Evaluates audiences over the nodes of one person after another, all at one instant.
pub(super) struct Judge<'a> {
    project: &'a Project,
    at: Timestamp,
    /// Those that pass over some persons.
    unfinished: BTreeMap<String, JobRow>,
    /// The places that may be evaluated; `None` is all of them.
    only: Option<&'a Places>,
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
        let folds = rows.iter().map(|row| &row.fold);
        PersonAccounts::read(working.read(), &number, audiences.questions(), folds)
    }

    fn leaves_out(&self, audience: &str, person: PersonId) -> bool {
        let job = self.unfinished.get(audience);
        job.is_some_and(|job| job.leaves_out(&table::person(person)))
    }

    /// Evaluates `places` and what refers to those that flip. When to look again is told when it
    /// is before `until`.
    pub fn judge(
        &self,
        person: PersonId,
        (mut rows, accounts): (Vec<&NodeRow>, Option<&PersonAccounts>),
        held: Option<&MembershipRow>,
        places: &Places,
        until: Option<Timestamp>,
    ) -> Pass {
        let audiences = &self.project.audiences;
        let ids = held.into_iter().flat_map(|row| row.audiences.keys());
        let was: Places = ids.filter_map(|id| audiences.place(id)).collect();
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

/// Writes flips down, where everybody finds them.
pub(super) fn settle(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    (flips, at): (Vec<(String, bool)>, Timestamp),
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    for (audience, entered) in flips {
        set(
            working,
            project,
            (person, &audience),
            entered.then_some(at),
            at,
        )?;
        let change = MembershipChange {
            person,
            audience,
            entered,
            at,
        };
        tell(working, position, change, effects);
    }
    Ok(())
}

/// Puts a person into an audience since an instant, or takes them out.
pub(super) fn set(
    working: &mut Working<'_>,
    project: &Project,
    (person, audience): (PersonId, &str),
    since: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Error> {
    let key = table::member(audience, person);
    let row = working.membership_mut(person)?;
    let was = match since {
        Some(since) => row.audiences.insert(audience.to_owned(), since).is_some(),
        None => row.audiences.remove(audience).is_some(),
    };
    match since {
        Some(since) => working
            .tx()
            .put(&key, since.as_millis().to_be_bytes().to_vec()),
        None => working.tx().delete(&key),
    }
    let delta = i64::from(since.is_some()) - i64::from(was);
    if delta != 0 {
        let size = working.add(&table::audience_size(audience), delta)?;
        let hour = u64::try_from(at.as_millis() / 3_600_000).unwrap_or(0);
        working.put_number(&table::audience_hour(audience, hour), size)?;
        for id in working.membership(person)?.accounts.clone() {
            account::count(working, project, &id, audience, delta)?;
        }
    }
    Ok(())
}

/// Tells of an entry or exit: on the timeline, in the outbox and to whoever listens.
pub(super) fn tell(
    working: &mut Working<'_>,
    position: Position,
    change: MembershipChange,
    effects: &mut Vec<Effect>,
) {
    let number = working.next_change_number(position);
    let entry = Entry::Audience {
        id: change.audience.clone(),
        entered: change.entered,
    };
    let mut key = table::timeline(change.person.node(), change.at, position);
    key.extend_from_slice(&number.to_be_bytes());
    working.tx().put(&key, entry.to_bytes());
    let key = table::membership_change(position, number);
    working.tx().put(&key, table::encode(&change));
    effects.push(Effect::Membership(change));
}

/// Lets the person's timer fire at an instant, unless it fires earlier.
pub(super) fn expect(
    working: &mut Working<'_>,
    person: PersonId,
    due: Option<Timestamp>,
) -> Result<(), Error> {
    let due = earlier(working.membership(person)?.due, due);
    reschedule(working, person, due)
}

/// Sets the person's timer when it must fire earlier than it would, or again.
pub(super) fn reschedule(
    working: &mut Working<'_>,
    person: PersonId,
    due: Option<Timestamp>,
) -> Result<(), Error> {
    let before = working.membership(person)?.due;
    if before == due {
        return Ok(());
    }
    let what = timer_name(person);
    if let Some(before) = before {
        working.tx().delete(&table::timer(before, &what));
    }
    if let Some(due) = due {
        working.tx().put(&table::timer(due, &what), Vec::new());
    }
    working.membership_mut(person)?.due = due;
    Ok(())
}

fn timer_name(person: PersonId) -> String {
    format!("p{person}")
}

/// The person of a timer.
pub(super) fn timer_person(what: &str) -> Option<PersonId> {
    PersonId::parse(what.strip_prefix('p')?)
}
