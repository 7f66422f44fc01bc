//! Which way a rule's answer can go when something is added to what it counts.
//!
//! One more purchase cannot take anybody out of "at least three purchases in 30 days", and cannot
//! bring anybody into "fewer than three": such rules need no second look at who is in, or out,
//! already. A rule that asks several such questions goes the way they all go.

use crate::compiled::{Argument, Node, Test};
use crate::expr::Comparison;
use crate::{FactKey, FactSet, Function, Rule};

/// Which way an answer can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It can only become true.
    Rises,
    /// It can only become false.
    Falls,
    /// It can become either.
    Either,
}

impl Trend {
    fn turned(self) -> Self {
        match self {
            Trend::Rises => Trend::Falls,
            Trend::Falls => Trend::Rises,
            Trend::Either => Trend::Either,
        }
    }
}

impl Rule {
    /// Which way the answer can go when an event without negative values is added to the series
    /// behind the facts that `is_added_to` names, and time stands still; `None` when it asks for
    /// none of them.
    pub fn trend(&self, set: &FactSet, is_added_to: impl Fn(&FactKey) -> bool) -> Option<Trend> {
        self.root.trend(set, &is_added_to)
    }
}

impl Node {
    fn trend(&self, set: &FactSet, is_added_to: &dyn Fn(&FactKey) -> bool) -> Option<Trend> {
        match self {
            Node::Always(_) => None,
            Node::All(parts) | Node::Any(parts) => {
                let trends = parts.iter().filter_map(|part| part.trend(set, is_added_to));
                trends.reduce(|a, b| if a == b { a } else { Trend::Either })
            }
            Node::Not(inner) => inner.trend(set, is_added_to).map(Trend::turned),
            Node::Test { test, .. } => test.trend(set, is_added_to),
        }
    }
}

impl Test {
    fn trend(&self, set: &FactSet, is_added_to: &dyn Fn(&FactKey) -> bool) -> Option<Trend> {
        let mut asked = self.slots().into_iter().map(|slot| set.key(slot));
        if !asked.any(is_added_to) {
            return None;
        }
        let (slot, comparison) = match self {
            Test::Compare(comparison, Argument::Fact(slot), Argument::Constant(_)) => {
                (*slot, *comparison)
            }
            Test::Compare(comparison, Argument::Constant(_), Argument::Fact(slot)) => {
                (*slot, comparison.turned())
            }
            _ => return Some(Trend::Either),
        };
        let FactKey::Aggregate(aggregate) = set.key(slot) else {
            return Some(Trend::Either);
        };
        let is_number = match aggregate.function {
            Function::Count | Function::Sum | Function::DaysActive | Function::Streak => true,
            // Missing while there is none: then it is neither more nor less.
            Function::Max => false,
            _ => return Some(Trend::Either),
        };
        Some(match comparison {
            Comparison::More | Comparison::AtLeast => Trend::Rises,
            Comparison::Less | Comparison::AtMost if is_number => Trend::Falls,
            _ => Trend::Either,
        })
    }
}

impl Comparison {
    /// The same with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Comparison::Less => Comparison::More,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::More => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
            other => other,
        }
    }
}
