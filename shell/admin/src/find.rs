//! Finding people: by identifier, by text, by their last event.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use kith_base::{PersonId, limits};
use kith_engine::{query, table};
use kith_event::{Identifier, Position, Record};
use kith_runtime::View;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::walk::Walk;
use crate::wire::{Page, PersonRow};
use crate::{page, read};

const LIST: &str = "persons";

/// What to look for.
pub enum Search {
    /// Whoever has this identifier.
    Identifier(Identifier),
    /// Whoever has an identifier, or a word of the name, that begins so.
    Text(String),
    /// Everybody, most recently active first.
    Recent,
}

/// One page of people.
pub fn persons(
    state: &AdminState,
    view: &View,
    search: &Search,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<PersonRow>, Problem> {
    let place = page::place(LIST, cursor)?;
    let (persons, next) = match search {
        Search::Identifier(identifier) => {
            let one = std::slice::from_ref(identifier);
            let person = query::person_of(&*view.state, &view.project, one)?;
            (Vec::from_iter(person), None)
        }
        Search::Text(text) => by_text(view, text, place.as_deref(), limit)?,
        Search::Recent => by_activity(state, view, place.as_deref(), limit)?,
    };
    let mut items = Vec::with_capacity(persons.len());
    for person in persons {
        let profile = query::profile(&*view.state, &view.project, person)?;
        items.extend(profile.map(|profile| read::person_row(&profile)));
    }
    Ok(Page {
        items,
        next_cursor: next.map(|place| page::cursor(LIST, &place)),
    })
}

type Found = (Vec<PersonId>, Option<String>);

/// The place is the number of people passed over.
fn by_text(view: &View, text: &str, place: Option<&str>, limit: usize) -> Result<Found, Problem> {
    let offset: usize = match place {
        Some(place) => place.parse().map_err(|_| page::wrong_cursor())?,
        None => 0,
    };
    let wanted = offset
        .saturating_add(limit)
        .saturating_add(1)
        .min(limits::PAGE_MAX * 4);
    let mut found = query::search(&*view.state, text, wanted)?;
    let more = found.len() > offset + limit;
    found.truncate(offset + limit);
    let found = found.into_iter().skip(offset).collect();
    Ok((found, more.then(|| (offset + limit).to_string())))
}

/// People of the last events come first, in that order; then everybody else by id. The place is
/// `END/OFFSET` among the first and `END/after/ID` among the rest, where END is the position the
/// list was begun at: what happens meanwhile does not shift it.
fn by_activity(
    state: &AdminState,
    view: &View,
    place: Option<&str>,
    limit: usize,
) -> Result<Found, Problem> {
    let applied = state.handle().status().applied;
    let mut parts = place.unwrap_or_default().split('/');
    let end = match parts.next().filter(|end| !end.is_empty()) {
        Some(end) => end.parse().map_err(|_| page::wrong_cursor())?,
        None => applied,
    };
    let mut found = Vec::new();
    let (offset, after) = match (parts.next(), parts.next()) {
        (Some("after"), Some(id)) => (
            usize::MAX,
            Some(PersonId::parse(id).ok_or_else(page::wrong_cursor)?),
        ),
        (offset, None) => (
            offset
                .unwrap_or("0")
                .parse()
                .map_err(|_| page::wrong_cursor())?,
            None,
        ),
        _ => return Err(page::wrong_cursor()),
    };
    let recent = recent(
        state,
        view,
        end,
        offset.saturating_add(limit).saturating_add(1),
    )?;
    found.extend(recent.persons.iter().skip(offset).take(limit).copied());
    let passed = offset.saturating_add(found.len());
    if passed < recent.persons.len() {
        return Ok((found, Some(format!("{end}/{passed}"))));
    }
    let known: BTreeSet<PersonId> = recent.persons.iter().copied().collect();
    let more = the_rest(view, &known, after, limit, &mut found)?;
    let last = found.last().filter(|_| more);
    let place = last.map(|last| match known.contains(last) {
        true => format!("{end}/{passed}"),
        false => format!("{end}/after/{last}"),
    });
    Ok((found, place))
}

/// Fills a page with people by id, and says whether more follow.
fn the_rest(
    view: &View,
    known: &BTreeSet<PersonId>,
    after: Option<PersonId>,
    limit: usize,
    found: &mut Vec<PersonId>,
) -> Result<bool, Problem> {
    let mut start = after.map_or_else(|| vec![b'p'], table::person);
    if after.is_some() {
        start.push(0);
    }
    loop {
        let rows = view
            .state
            .range(&start, &table::end_of(b"p"), limits::PAGE_MAX)?;
        for (key, _) in &rows {
            let Some(id) = key.get(1..17).and_then(|id| id.try_into().ok()) else {
                continue;
            };
            if known.contains(&PersonId(id)) {
                continue;
            }
            if found.len() == limit {
                return Ok(true);
            }
            found.push(PersonId(id));
        }
        match rows.last() {
            Some((key, _)) if rows.len() == limits::PAGE_MAX => {
                start.clone_from(key);
                start.push(0);
            }
            _ => return Ok(false),
        }
    }
}

/// Lists kept: a few people may page through the list at one time.
const LISTS_MAX: usize = 8;
/// How far back the order by activity goes; whoever was active before comes in order of id.
const RECENT_RECORDS_MAX: u64 = 200_000;
/// Most people in the order by activity.
const RECENT_PERSONS_MAX: usize = 50_000;

/// People of the last events before a position, as far as anybody asked.
pub struct Recent {
    /// Most recently active first, without repeats.
    persons: Vec<PersonId>,
    /// Records from here on are in it.
    reached: Position,
    /// It goes no further back.
    floor: Position,
}

impl Recent {
    fn is_whole(&self) -> bool {
        self.reached <= self.floor || self.persons.len() >= RECENT_PERSONS_MAX
    }
}

/// At least `wanted` people of the events before `end`, if there are so many. The list is kept
/// for the next page, and for a later list, which then only walks what is new.
fn recent(
    state: &AdminState,
    view: &View,
    end: Position,
    wanted: usize,
) -> Result<Arc<Recent>, Problem> {
    let older = {
        let lists = state
            .recent()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        lists
            .range(..=end)
            .next_back()
            .map(|(end, list)| (*end, Arc::clone(list)))
    };
    let mut list = match older {
        Some((held, list)) if held == end && (list.persons.len() >= wanted || list.is_whole()) => {
            return Ok(list);
        }
        Some((held, list)) => join(state, view, end, held, &list)?,
        None => {
            let floor = end.saturating_sub(RECENT_RECORDS_MAX);
            Recent {
                persons: Vec::new(),
                reached: end,
                floor,
            }
        }
    };
    let mut known: BTreeSet<PersonId> = list.persons.iter().copied().collect();
    let mut walk = Walk::new(state.handle(), Some(list.reached)).down_to(list.floor);
    while list.persons.len() < wanted && !list.is_whole() {
        extend(view, &mut walk, &mut known, &mut list.persons)?;
        list.reached = walk.reached();
    }
    let list = Arc::new(list);
    let mut lists = state
        .recent()
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    lists.insert(end, Arc::clone(&list));
    while lists.len() > LISTS_MAX {
        lists.pop_first();
    }
    Ok(list)
}

/// What is new since an older list, in front of it.
fn join(
    state: &AdminState,
    view: &View,
    end: Position,
    held: Position,
    older: &Recent,
) -> Result<Recent, Problem> {
    let floor = end.saturating_sub(RECENT_RECORDS_MAX);
    let mut known = BTreeSet::new();
    let mut persons = Vec::new();
    let mut walk = Walk::new(state.handle(), Some(end)).down_to(held.max(floor));
    while walk.reached() > held.max(floor) {
        extend(view, &mut walk, &mut known, &mut persons)?;
    }
    if held <= floor {
        return Ok(Recent {
            persons,
            reached: floor,
            floor,
        });
    }
    for person in &older.persons {
        let current = query::resolve_person(&*view.state, *person)?;
        persons.extend(current.filter(|person| known.insert(*person)));
    }
    persons.truncate(RECENT_PERSONS_MAX);
    Ok(Recent {
        persons,
        reached: older.reached,
        floor: older.floor,
    })
}

fn extend(
    view: &View,
    walk: &mut Walk<'_>,
    known: &mut BTreeSet<PersonId>,
    persons: &mut Vec<PersonId>,
) -> Result<(), Problem> {
    if let Some((_, Record::Event(event))) = walk.next()? {
        let person = query::person_of(&*view.state, &view.project, &event.identifiers)?;
        persons.extend(person.filter(|person| known.insert(*person)));
    }
    Ok(())
}
