//! When a rule's answer changes by itself: events leave windows, days begin, moments pass.
//!
//! Between two change points of its facts ([`Facts::next_change`]) a test depends on the clock
//! only through `now` and counts of days, and there the instants at which its answer can flip
//! follow from the values compared. So a test is walked from change point to change point, each
//! candidate put to the compiled test itself; a window that only empties is halved instead.
//! A test costs at most `RULE_CHANGE_STEPS_MAX` evaluations and change points, or 8 and 26.

use kith_base::{Duration, Timestamp, limits};

use crate::compiled::{Argument, Node, Test};
use crate::expr::Comparison;
use crate::{Aggregate, FactKey, FactSet, Facts, Function, Rule, Slot, Slots, Window};

/// An instant to look again at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Whether an answer changes then; otherwise none changes before.
    pub certain: bool,
}

/// One test of a rule, for somebody who asks why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestReport {
    /// As written.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why, in words.
    pub reason: String,
    /// When its answer changes if nothing happens.
    pub change: Option<Change>,
}

/// After so many steps a window that only empties is halved: few events are walked faster.
const STEPS_BEFORE_HALVING: usize = 8;

impl Rule {
    /// The earliest instant after `now` at which the answer of one of the rule's tests changes
    /// although nothing happens; `None` when none ever does.
    pub fn next_change(&self, set: &FactSet, facts: &dyn Facts, now: Timestamp) -> Option<Change> {
        let tests = self.moving.iter();
        let changes = tests.filter_map(|test| Watch::new(test, set, facts).next(now));
        changes.min_by_key(|change| (change.at, !change.certain))
    }

    /// Every test with its answer, the reason and when that changes, in the order written.
    pub fn tests(&self, set: &FactSet, facts: &dyn Facts, now: Timestamp) -> Vec<TestReport> {
        let slots = Slots::only(self.slots(), set, facts, now);
        let texts = self.texts.iter().map(|text| text.to_string());
        let tests = self.root.tests().into_iter().zip(texts);
        let report = |(test, text): (&Test, String)| TestReport {
            text,
            holds: test.holds(&slots),
            reason: crate::explain::test_in_words(test, &slots),
            change: Watch::new(test, set, facts).next(now),
        };
        tests.map(report).collect()
    }

    /// When the rule's own answer changes if nothing happens. Uncertain when none was found
    /// before that instant.
    pub fn next_flip(&self, set: &FactSet, facts: &dyn Facts, now: Timestamp) -> Option<Change> {
        let holds = |at| self.holds(&Slots::only(self.slots(), set, facts, at));
        let before = holds(now);
        let mut change = Change {
            at: now,
            certain: true,
        };
        for _ in 0..limits::RULE_CHANGE_STEPS_MAX {
            change = self.next_change(set, facts, change.at)?;
            if !change.certain || holds(change.at) != before {
                return Some(change);
            }
        }
        Some(Change {
            certain: false,
            ..change
        })
    }

    /// The facts of the tests whose answers differ between two instants.
    pub(crate) fn flipping<'a>(
        &self,
        set: &'a FactSet,
        facts: &dyn Facts,
        now: Timestamp,
        then: Timestamp,
    ) -> Vec<&'a FactKey> {
        let watches = self.root.tests().into_iter();
        let watches = watches.map(|test| Watch::new(test, set, facts));
        let flipping = watches.filter(|watch| watch.holds(now) != watch.holds(then));
        let slots = flipping.flat_map(|watch| watch.slots.clone());
        slots.map(|slot| set.key(slot)).collect()
    }
}

impl Node {
    pub(crate) fn tests(&self) -> Vec<&Test> {
        match self {
            Node::Always(_) => Vec::new(),
            Node::All(parts) | Node::Any(parts) => parts.iter().flat_map(Node::tests).collect(),
            Node::Not(inner) => inner.tests(),
            Node::Test { test, .. } => vec![test],
        }
    }
}

impl Test {
    /// Whether its answer may change although nothing happens.
    pub(crate) fn moves(&self, set: &FactSet) -> bool {
        let (_, arguments) = self.arguments();
        arguments.iter().any(|argument| argument.moves())
            || self.slots().into_iter().any(|slot| set.key(slot).moves())
    }

    /// The facts it asks for, each once, in order.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let (slot, arguments) = self.arguments();
        let mut slots: Vec<Slot> = arguments.into_iter().filter_map(Argument::slot).collect();
        slots.extend(slot);
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Whether its answer may change while no fact does.
    pub(crate) fn asks_for_now(&self) -> bool {
        let (_, arguments) = self.arguments();
        arguments.iter().any(|argument| argument.moves())
    }

    /// True when its answer, which is `holds` now, stays until something happens: what would have
    /// to rise can only fall.
    pub(crate) fn stays(&self, holds: bool, only_falls: impl Fn(Slot) -> bool) -> bool {
        use Comparison::{AtLeast, AtMost, Less, More};
        let Test::Compare(comparison, left, right) = self else {
            return false;
        };
        let (slot, rises) = match (left, right, comparison) {
            (Argument::Fact(slot), Argument::Constant(_), More | AtLeast)
            | (Argument::Constant(_), Argument::Fact(slot), Less | AtMost) => (*slot, false),
            (Argument::Fact(slot), Argument::Constant(_), Less | AtMost)
            | (Argument::Constant(_), Argument::Fact(slot), More | AtLeast) => (*slot, true),
            _ => return false,
        };
        holds == rises && only_falls(slot)
    }

    pub(crate) fn arguments(&self) -> (Option<Slot>, Vec<&Argument>) {
        match self {
            Test::Holds(slot) | Test::Exists(slot) | Test::IsMissing(slot) => {
                (Some(*slot), Vec::new())
            }
            Test::Compare(_, left, right) => (None, vec![left, right]),
            Test::In { left, .. } => (None, vec![left]),
        }
    }
}

impl Argument {
    pub(crate) fn slot(&self) -> Option<Slot> {
        match self {
            Argument::Fact(slot) | Argument::Shifted(slot, _) => Some(*slot),
            Argument::Days(_, of) => of.slot(),
            Argument::Constant(_) | Argument::Now(_) => None,
        }
    }

    /// Whether its value moves with the clock while no fact changes.
    pub(crate) fn moves(&self) -> bool {
        match self {
            Argument::Now(_) => true,
            Argument::Days(_, of) => !of.moves(),
            _ => false,
        }
    }
}

/// A test, the facts it asks for, and where they come from.
pub(crate) struct Watch<'a> {
    test: &'a Test,
    slots: Vec<Slot>,
    set: &'a FactSet,
    facts: &'a dyn Facts,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(test: &'a Test, set: &'a FactSet, facts: &'a dyn Facts) -> Self {
        Watch {
            test,
            slots: test.slots(),
            set,
            facts,
        }
    }

    fn slots(&self, at: Timestamp) -> Slots<'_> {
        Slots::only(&self.slots, self.set, self.facts, at)
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.test.holds(&self.slots(at))
    }

    pub(crate) fn next(&self, now: Timestamp) -> Option<Change> {
        let before = self.holds(now);
        let only_falls = |slot| self.facts.only_falls(self.set.key(slot), now);
        if self.test.stays(before, only_falls) {
            return None;
        }
        let flips = |at: Timestamp| self.holds(at) != before;
        let certain = |at| Some(Change { at, certain: true });
        let mut here = now;
        for step in 0..limits::RULE_CHANGE_STEPS_MAX {
            if step == STEPS_BEFORE_HALVING
                && let Some(end) = self.emptied(here)
            {
                if flips(end) {
                    return certain(halve(here, end, flips));
                }
                here = end;
            }
            let end = self.boundary(here);
            let mut crossings = self.crossings(here);
            crossings.retain(|at| *at > here && end.is_none_or(|end| *at < end));
            crossings.sort_unstable();
            if let Some(at) = crossings.into_iter().find(|at| flips(*at)) {
                return certain(at);
            }
            here = end?;
            if flips(here) {
                return certain(here);
            }
        }
        Some(Change {
            at: here,
            certain: false,
        })
    }

    /// The next instant at which a fact may change.
    fn boundary(&self, after: Timestamp) -> Option<Timestamp> {
        let keys = self.slots.iter().map(|slot| self.set.key(*slot));
        let changes = keys.filter_map(|key| self.facts.next_change(key, after));
        let both = match self.test {
            Test::Compare(_, left, right) if left.moves() && right.moves() => {
                let slots = self.slots(after);
                [left, right].map(|side| next_day(side, &slots, after))
            }
            _ => [None, None],
        };
        changes
            .chain(both.into_iter().flatten())
            .filter(|at| *at > after)
            .min()
    }

    /// Where the answer can flip as long as no fact changes.
    fn crossings(&self, here: Timestamp) -> Vec<Timestamp> {
        let slots = self.slots(here);
        let mut found = Vec::new();
        match self.test {
            Test::Compare(_, left, right) => match (left.moves(), right.moves()) {
                (true, false) => cross(left, right, &slots, &mut found),
                (false, true) => cross(right, left, &slots, &mut found),
                _ => {}
            },
            Test::In { left, list, .. } if left.moves() => {
                for element in list {
                    cross(
                        left,
                        &Argument::Constant(element.clone()),
                        &slots,
                        &mut found,
                    );
                }
            }
            _ => {}
        }
        found
    }

    /// When everything now inside the window of the test has left it, if the test compares the
    /// size of a rolling window with a fixed number: then it flips at most once before.
    fn emptied(&self, here: Timestamp) -> Option<Timestamp> {
        let Test::Compare(comparison, left, right) = self.test else {
            return None;
        };
        let ordered = matches!(
            comparison,
            Comparison::Less | Comparison::AtMost | Comparison::More | Comparison::AtLeast
        );
        let slot = match (left, right) {
            (Argument::Fact(slot), Argument::Constant(_)) if ordered => slot,
            (Argument::Constant(_), Argument::Fact(slot)) if ordered => slot,
            _ => return None,
        };
        match self.set.key(*slot) {
            FactKey::Aggregate(Aggregate {
                function: Function::Count | Function::DaysActive,
                by: None,
                window: Window::Rolling(length),
                ..
            }) => Some(whole_second(here).plus(*length)),
            _ => None,
        }
    }
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis().div_euclid(1_000) * 1_000)
}

/// The first whole second up to `end` at which it flips, given that it flips once.
fn halve(here: Timestamp, end: Timestamp, flips: impl Fn(Timestamp) -> bool) -> Timestamp {
    let (mut low, mut high) = (
        whole_second(here).as_millis() / 1_000,
        end.as_millis() / 1_000,
    );
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if flips(Timestamp::from_millis(middle * 1_000)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Timestamp::from_millis(high * 1_000)
}

/// Adds the instants at which a moving side passes or leaves the value of a still one.
fn cross(moving: &Argument, still: &Argument, slots: &Slots, found: &mut Vec<Timestamp>) {
    let still = still.answer(slots);
    match moving {
        Argument::Now(shift) => {
            let Some(time) = still.value().as_time() else {
                return;
            };
            let equal = time.minus(*shift);
            found.extend([equal, equal.plus(Duration::from_millis(1))]);
        }
        Argument::Days(days, of) => {
            let time = of.answer(slots).value().as_time();
            let (Some(time), Some(count)) = (time, still.value().as_number()) else {
                return;
            };
            // Days since grow by one at every whole day after the time.
            let since = count * days.count_sign();
            if since.abs() > DAYS_MAX {
                return;
            }
            for days in [since.ceil(), since.floor() + 1.0] {
                found.push(time.plus(Duration::from_days(days as i64)));
            }
        }
        _ => {}
    }
}

/// Ten thousand years.
const DAYS_MAX: f64 = 3_652_500.0;

fn next_day(side: &Argument, slots: &Slots, after: Timestamp) -> Option<Timestamp> {
    let Argument::Days(_, of) = side else {
        return None;
    };
    let time = of.answer(slots).value().as_time()?;
    let days = after.since(time).whole_days() + 1;
    Some(time.plus(Duration::from_days(days)))
}
