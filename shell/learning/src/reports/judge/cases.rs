//! Persons of whom something is hidden.

use std::collections::BTreeSet;

use kith_base::{Timestamp, limits};
use kith_definition::Goal;
use kith_engine::query;
use kith_engine::table::Entry;
use kith_event::{Commerce, Event, Position, Record};
use kith_learn::Kind;
use kith_profile::Profile;
use kith_runtime::{Handle, View};

use super::Error;
use crate::recommenders::kind_of;

/// Persons read at once.
const PAGE: usize = 1_000;
/// The consent category without which nobody is recommended anything.
const PERSONALIZATION: &str = "personalization";

/// A person as they were known before something.
pub struct Case {
    /// Without what is hidden.
    pub profile: Profile,
    /// When the hidden thing happened.
    pub at: Timestamp,
    /// The items that were hidden.
    pub wanted: BTreeSet<String>,
    /// All items that they had touched by then.
    pub touched: BTreeSet<String>,
    /// Those that they had bought.
    pub bought: BTreeSet<String>,
}

/// All of them.
pub struct Found {
    /// What the recipes are for.
    pub goal: Goal,
    /// Those of whom something is hidden.
    pub cases: Vec<Case>,
    /// The events that are hidden.
    pub hidden: BTreeSet<Position>,
    /// Persons looked at.
    pub looked_at: usize,
}

/// Looks at persons by id, which is a digest, so that they are a fair sample of all.
pub fn find(handle: &Handle, view: &View, goal: Goal) -> Result<Found, Error> {
    let mut found = Found {
        goal,
        cases: Vec::new(),
        hidden: BTreeSet::new(),
        looked_at: 0,
    };
    let mut after = None;
    loop {
        let page = query::persons(&*view.state, after, PAGE)?;
        for person in &page {
            let full = found.cases.len() >= limits::RECIPE_JUDGED_PERSONS_MAX;
            if full || found.looked_at >= limits::RECIPE_LOOKED_AT_PERSONS_MAX {
                return Ok(found);
            }
            found.looked_at += 1;
            let Some(profile) = query::profile(&*view.state, &view.project, *person)? else {
                continue;
            };
            if may_be_asked(&profile) {
                hide(handle, view, &profile, &mut found)?;
            }
        }
        after = page.last().copied();
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Whether there are two items, and recommendations are not refused.
fn may_be_asked(profile: &Profile) -> bool {
    let fold = &profile.fold;
    let touched = [&fold.viewed, &fold.added, &fold.bought].into_iter();
    let items: BTreeSet<&str> = touched
        .flat_map(|touches| touches.iter().map(|(_, item)| item))
        .collect();
    let bought = fold.bought.iter().next().is_some();
    (items.len() > 1 || bought) && profile.consent(PERSONALIZATION) != Some(false)
}

/// An event of a person, with what it says of items.
struct Touch {
    position: Position,
    event: Event,
    kind: Option<Kind>,
    items: BTreeSet<String>,
}

fn hide(handle: &Handle, view: &View, profile: &Profile, found: &mut Found) -> Result<(), Error> {
    let touches = touches(handle, view, profile)?;
    let Some((place, wanted)) = last(&touches, found.goal) else {
        return Ok(());
    };
    for item in &wanted {
        if query::item(&*view.state, item)?.is_none() {
            // Nobody can recommend what is not in the catalog any more.
            return Ok(());
        }
    }
    let (before, hidden) = touches.split_at(place);
    let events = before.iter().map(|touch| (touch.position, &touch.event));
    let known = query::profile_after(&*view.state, &view.project, profile, events)?;
    let of = |wanted: &dyn Fn(Kind) -> bool| {
        let some = before.iter().filter(|touch| touch.kind.is_some_and(wanted));
        some.flat_map(|touch| touch.items.iter().cloned()).collect()
    };
    found.cases.push(Case {
        profile: known,
        at: hidden
            .first()
            .map_or(Timestamp::ZERO, |touch| touch.event.occurred_at),
        wanted,
        touched: of(&|_| true),
        bought: of(&|kind| kind == Kind::Bought),
    });
    found
        .hidden
        .extend(hidden.iter().map(|touch| touch.position));
    Ok(())
}

/// The newest events of a person, in order of time.
fn touches(handle: &Handle, view: &View, profile: &Profile) -> Result<Vec<Touch>, Error> {
    let most = limits::RECIPE_JUDGED_EVENTS_MAX;
    let (state, events) = (&*view.state, Some(Entry::Event));
    let entries = query::timeline(state, profile.person, None, events, most)?;
    let mut touches = Vec::with_capacity(entries.len());
    for entry in entries.into_iter().rev() {
        let read = handle.read_log(entry.position, 1)?.pop();
        let Some((position, Ok(Record::Event(event)))) = read else {
            continue;
        };
        let kind = kind_of(&event.name);
        let commerce = Commerce::read(&event.properties);
        let lines = commerce.lines().iter().filter(|_| kind.is_some());
        let items = lines.filter_map(|line| line.item_id.clone()).collect();
        touches.push(Touch {
            position,
            event,
            kind,
            items,
        });
    }
    Ok(touches)
}

/// The place of the last event that turned to something, and what it was.
fn last(touches: &[Touch], goal: Goal) -> Option<(usize, BTreeSet<String>)> {
    let (mut touched, mut bought) = (BTreeSet::new(), BTreeSet::new());
    let mut last = None;
    for (place, touch) in touches.iter().enumerate() {
        let buys = touch.kind == Some(Kind::Bought);
        let wanted: BTreeSet<String> = match goal {
            Goal::Discover if touched.is_empty() => BTreeSet::new(),
            Goal::Discover => touch.items.difference(&touched).cloned().collect(),
            Goal::Reorder if buys => touch.items.intersection(&bought).cloned().collect(),
            Goal::Reorder => BTreeSet::new(),
        };
        if !wanted.is_empty() {
            last = Some((place, wanted));
        }
        touched.extend(touch.items.iter().cloned());
        if buys {
            bought.extend(touch.items.iter().cloned());
        }
    }
    last
}
