//! Memberships: kept true as things happen and as time passes.
//!
//! After a change only the audiences whose facts it can touch are evaluated. A person whose
//! rules read windows has one timer, at or before the instant at which the first of them may
//! flip; it is set earlier when need be and never later, so that most events leave it alone. A
//! timer is evaluated at its own instant, whenever it is handled: the time written with a change
//! of membership is exact.

use kith_base::{Amount, NodeId, PersonId, Timestamp, Value, limits};
use kith_event::{Event, Kind, Position};
use kith_profile::series::Contribution;
use kith_profile::{Attributes, Dropped, Series, SeriesId};

use super::judge::{Judge, Pass};
use super::{account, traits};
use crate::audience::{Change, earlier};
use crate::places::Places;
use crate::state::Error;
use crate::table::{self, Entry, MembershipChange, NodeRow};
use crate::{Effect, Project, Working};

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
        let members = members(working, project, person)?;
        let moving = project.audiences.moving();
        let pass = evaluate(working, project, (person, members), moving, due, None)?;
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
    let audiences = &project.audiences;
    let now = working.clock()?;
    let due = working.membership(person)?.due;
    let members = working.members(audiences, person)?.clone();
    let mut places = if due.is_some_and(|due| due <= now) {
        // Not all that was due is settled: who is in something may not be in it any more.
        audiences.touched(changes)
    } else {
        audiences.touched_of(&members, changes)
    };
    if is_new {
        places.join(audiences.of_newcomers());
    }
    update_of(
        working,
        project,
        position,
        (person, members),
        &places,
        effects,
    )
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
    let who = (person, members(working, project, person)?);
    update_of(working, project, position, who, touched, effects)
}

/// The same for somebody who is in `members`.
fn update_of(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    (person, members): (PersonId, Places),
    touched: &Places,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    if touched.is_empty() {
        return Ok(());
    }
    let now = working.clock()?;
    let due = working.membership(person)?.due;
    let pass = evaluate(working, project, (person, members), touched, now, due)?;
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
    let who = (person, members(working, project, person)?);
    let places = Places::from_iter([place]);
    let pass = evaluate(working, project, who, &places, now, due)?;
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

/// What an event changes about its person, whose nodes these are, the event's own first or among
/// them.
pub(super) fn changes(
    working: &Working<'_>,
    project: &Project,
    (nodes, owner): (&[NodeId], NodeId),
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
    let events = |id: &NodeId| working.loaded(*id).map_or(0, |row| row.fold.event_count);
    let all: u64 = nodes.iter().map(events).sum();
    let others = all - events(&owner);
    // With so few events those of a day keep their seconds, whoever the person is merged from:
    // then one more event moves none of the others.
    let adds_up = all <= limits::SERIES_SECONDS_PER_DAY_MAX as u64;
    let own = working.loaded(owner).map(|row| &row.fold.series);
    changes.extend(contributions.iter().filter_map(|(kept, contribution)| {
        let series = project.features.get(*kept)?.id;
        if !adds_up || contribution.tally.min < Amount::ZERO {
            return Some(Change::Series(series));
        }
        let own = own.and_then(|own| own.get(*kept));
        let most = own.map_or(0, Series::event_count) + others;
        Some(Change::Added { series, most })
    }));
    changes
}

/// What changes about a person as keys make room for others.
pub(super) fn dropped(dropped: Dropped) -> impl Iterator<Item = Change> {
    let traits = dropped.traits.into_iter().map(Change::Trait);
    let counters = dropped.counters.into_iter().map(Change::Event);
    let consents = dropped.consents.into_iter().map(Change::Consent);
    traits.chain(counters).chain(consents)
}

/// The audiences that a person is in.
fn members(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
) -> Result<Places, Error> {
    Ok(working.members(&project.audiences, person)?.clone())
}

/// Evaluates `places` and, as they flip, what refers to them, in order.
fn evaluate(
    working: &mut Working<'_>,
    project: &Project,
    who: (PersonId, Places),
    places: &Places,
    at: Timestamp,
    until: Option<Timestamp>,
) -> Result<Pass, Error> {
    let judge = Judge::new(working, project, at)?;
    put_to(&judge, working, who, places, until)
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
    let who = (person, members(working, project, person)?);
    put_to(&judge, working, who, places, None)
}

fn put_to(
    judge: &Judge<'_>,
    working: &mut Working<'_>,
    who: (PersonId, Places),
    places: &Places,
    until: Option<Timestamp>,
) -> Result<Pass, Error> {
    let nodes = working.load_person(who.0)?;
    let rows: Vec<&NodeRow> = nodes.iter().filter_map(|id| working.loaded(*id)).collect();
    let accounts = judge.accounts(working, &rows, places)?;
    Ok(judge.judge(who, (rows, accounts.as_ref()), places, until))
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
        working.delete_timer(before, &what);
    }
    if let Some(due) = due {
        working.put_timer(due, &what)?;
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
