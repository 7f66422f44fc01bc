//! When to look again at many rules of one person: the first instant at which one of their answers
//! may change although nothing happens.

use std::cell::OnceCell;

use kith_base::Timestamp;

use crate::change::Watch;
use crate::compiled::{Argument, Node, Test};
use crate::{Rule, Slot, Slots};

/// An instant after that of `slots` before which no answer of one of the rules changes although
/// nothing happens, as far as it lies before `until`: what comes later is not looked for. The
/// tests are looked at in the order in which their facts may change first, so that nearly all of
/// them are left alone.
pub fn next_change<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    slots: &Slots,
    until: Option<Timestamp>,
) -> Option<Timestamp> {
    let (set, facts, now) = (slots.set(), slots.facts(), slots.now());
    let mut moving = rules.into_iter().filter(|rule| rule.moves()).peekable();
    moving.peek()?;
    let ahead = Ahead::new(slots);
    let mut watched = Vec::new();
    moving.for_each(|rule| {
        rule.root.watch(&ahead, &mut watched);
    });
    let earliest = |test: &'a Test| Some((test.earliest(&ahead)?, test));
    let mut open: Vec<(Timestamp, &Test)> = watched
        .into_iter()
        .filter_map(earliest)
        .filter(|(at, _)| until.is_none_or(|until| *at < until))
        .collect();
    open.sort_by_key(|(at, _)| *at);
    let mut found = until;
    for (at, test) in open {
        if found.is_some_and(|found| at >= found) {
            break;
        }
        if let Some(change) = Watch::new(test, set, facts).next(now) {
            found = Some(found.map_or(change.at, |found| found.min(change.at)));
        }
    }
    found.filter(|found| until.is_none_or(|until| *found < until))
}

/// What time does to the facts of one person, each looked at once, when first asked for.
struct Ahead<'a> {
    slots: &'a Slots<'a>,
    /// When each may change first.
    points: Vec<OnceCell<Option<Timestamp>>>,
    /// Which can only fall.
    falls: Vec<OnceCell<bool>>,
}

impl<'a> Ahead<'a> {
    fn new(slots: &'a Slots<'a>) -> Self {
        let count = slots.set().len();
        Ahead {
            slots,
            points: vec![OnceCell::new(); count],
            falls: vec![OnceCell::new(); count],
        }
    }

    fn point(&self, slot: Slot) -> Option<Timestamp> {
        let (facts, key) = (self.slots.facts(), self.slots.set().key(slot));
        *self.points[slot.place()].get_or_init(|| facts.next_point(key, self.slots.now()))
    }

    fn only_falls(&self, slot: Slot) -> bool {
        let (facts, key) = (self.slots.facts(), self.slots.set().key(slot));
        *self.falls[slot.place()].get_or_init(|| facts.only_falls(key, self.slots.now()))
    }
}

/// The answer of a node.
#[derive(Clone, Copy)]
struct Standing {
    holds: bool,
    /// It stays until something happens.
    stays: bool,
}

impl Node {
    /// The node's answer, and in `watched` tests one of which must change before it does. Where
    /// one part alone decides, as a false one does of those that must all hold, the others are
    /// not watched.
    fn watch<'n>(&'n self, ahead: &Ahead<'_>, watched: &mut Vec<&'n Test>) -> Standing {
        match self {
            Node::Always(holds) => Standing {
                holds: *holds,
                stays: true,
            },
            Node::Not(inner) => {
                let inner = inner.watch(ahead, watched);
                Standing {
                    holds: !inner.holds,
                    ..inner
                }
            }
            Node::All(parts) => watch_parts(parts, false, ahead, watched),
            Node::Any(parts) => watch_parts(parts, true, ahead, watched),
            Node::Test { test, moves } => {
                let holds = test.holds(ahead.slots);
                let stays = !moves || test.stays(holds, |slot| ahead.only_falls(slot));
                if !stays {
                    watched.push(test);
                }
                Standing { holds, stays }
            }
        }
    }
}

/// The parts of a node whose answer is `decisive` as soon as that of one of them is.
fn watch_parts<'n>(
    parts: &'n [Node],
    decisive: bool,
    ahead: &Ahead<'_>,
    watched: &mut Vec<&'n Test>,
) -> Standing {
    let begun = watched.len();
    // The tests of the first part that decides for now.
    let mut deciding: Option<(usize, usize)> = None;
    let mut stays = true;
    for part in parts {
        let from = watched.len();
        let part = part.watch(ahead, watched);
        if part.holds == decisive && part.stays {
            watched.truncate(begun);
            return part;
        }
        if part.holds == decisive && deciding.is_none() {
            deciding = Some((from, watched.len()));
        }
        stays &= part.stays;
    }
    let Some((from, to)) = deciding else {
        return Standing {
            holds: !decisive,
            stays,
        };
    };
    watched.truncate(to);
    watched.drain(begun..from);
    Standing {
        holds: decisive,
        stays: false,
    }
}

impl Test {
    /// Before this instant its answer stays; `None` when it always stays.
    fn earliest(&self, ahead: &Ahead<'_>) -> Option<Timestamp> {
        if let Test::Compare(_, Argument::Fact(slot), Argument::Constant(_)) = self {
            return ahead.point(*slot);
        }
        let (slot, arguments) = self.arguments();
        if arguments.iter().any(|argument| argument.moves()) {
            return Some(ahead.slots.now());
        }
        let slots = arguments.into_iter().filter_map(Argument::slot).chain(slot);
        slots.filter_map(|slot| ahead.point(slot)).min()
    }
}
