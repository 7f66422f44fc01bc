//! Which way a rule's answer can go when something is added to what it counts.
//!
//! One more purchase cannot take anybody out of "at least three purchases in 30 days", and cannot
//! bring anybody into "fewer than three": such rules need no second look at who is in, or out,
//! already, and neither does the first at somebody with two purchases. A rule that asks several
//! such questions goes the way they all go.

use crate::compiled::{Argument, Node, Test};
use crate::expr::Comparison;
use crate::{FactKey, FactSet, Function, Rule};

/// Which way an answer can go, and how many events there must be for that at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It can only become true.
    Rises(u64),
    /// It can only become false.
    Falls(u64),
    /// It can become either.
    Either,
}

impl Trend {
    fn turned(self) -> Self {
        match self {
            Trend::Rises(least) => Trend::Falls(least),
            Trend::Falls(least) => Trend::Rises(least),
            Trend::Either => Trend::Either,
        }
    }

    /// Of two that must both hold.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Trend::Rises(a), Trend::Rises(b)) => Trend::Rises(a.max(b)),
            (Trend::Falls(a), Trend::Falls(b)) => Trend::Falls(a.min(b)),
            _ => Trend::Either,
        }
    }

    /// Of two one of which must hold.
    fn or(self, other: Self) -> Self {
        self.turned().and(other.turned()).turned()
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
            Node::All(parts) => trends(parts, set, is_added_to).reduce(Trend::and),
            Node::Any(parts) => trends(parts, set, is_added_to).reduce(Trend::or),
            Node::Not(inner) => inner.trend(set, is_added_to).map(Trend::turned),
            Node::Test { test, .. } => test.trend(set, is_added_to),
        }
    }
}

fn trends<'a>(
    parts: &'a [Node],
    set: &'a FactSet,
    is_added_to: &'a dyn Fn(&FactKey) -> bool,
) -> impl Iterator<Item = Trend> {
    let parts = parts.iter();
    parts.filter_map(move |part| part.trend(set, is_added_to))
}

impl Test {
    fn trend(&self, set: &FactSet, is_added_to: &dyn Fn(&FactKey) -> bool) -> Option<Trend> {
        let mut asked = self.slots().into_iter().map(|slot| set.key(slot));
        if !asked.any(is_added_to) {
            return None;
        }
        let (slot, comparison, limit) = match self {
            Test::Compare(comparison, Argument::Fact(slot), Argument::Constant(limit)) => {
                (*slot, *comparison, limit)
            }
            Test::Compare(comparison, Argument::Constant(limit), Argument::Fact(slot)) => {
                (*slot, comparison.turned(), limit)
            }
            _ => return Some(Trend::Either),
        };
        let FactKey::Aggregate(aggregate) = set.key(slot) else {
            return Some(Trend::Either);
        };
        // A key may fall out for lack of room, and is missing then.
        if aggregate.by.is_some() {
            return Some(Trend::Either);
        }
        let limit = limit.as_number();
        // None of them is greater than the number of events.
        let least = match (aggregate.function, comparison) {
            (Function::Sum | Function::Max, _) => 0.0,
            (_, Comparison::AtLeast | Comparison::Less) => limit.map_or(0.0, f64::ceil),
            _ => limit.map_or(0.0, |limit| limit.floor() + 1.0),
        } as u64;
        let is_number = match aggregate.function {
            Function::Count | Function::Sum | Function::DaysActive | Function::Streak => true,
            // Missing while there is none: then it is neither more nor less.
            Function::Max => false,
            _ => return Some(Trend::Either),
        };
        Some(match comparison {
            Comparison::More | Comparison::AtLeast => Trend::Rises(least),
            Comparison::Less | Comparison::AtMost if is_number => Trend::Falls(least),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expr;

    fn trend(text: &str) -> Option<Trend> {
        let mut set = FactSet::default();
        let rule = Rule::compile(&Expr::parse(text).unwrap(), &mut set);
        let of_views = |key: &FactKey| match key {
            FactKey::Aggregate(of) => of.events.to_string() == "\"View\"",
            _ => false,
        };
        rule.trend(&set, of_views)
    }

    #[test]
    fn of_one_question() {
        let cases = [
            ("count(\"View\", 7 days) >= 3", Some(Trend::Rises(3))),
            ("count(\"View\", 7 days) >= 2.5", Some(Trend::Rises(3))),
            ("count(\"View\", 7 days) > 2.5", Some(Trend::Rises(3))),
            ("count(\"View\", 7 days) > 3", Some(Trend::Rises(4))),
            ("3 < count(\"View\", 7 days)", Some(Trend::Rises(4))),
            ("count(\"View\", 7 days) < 3", Some(Trend::Falls(3))),
            ("3 >= count(\"View\", 7 days)", Some(Trend::Falls(4))),
            ("count(\"View\", 7 days) >= -1", Some(Trend::Rises(0))),
            ("count(\"View\", 7 days) = 3", Some(Trend::Either)),
            ("streak(\"View\") >= 4", Some(Trend::Rises(4))),
            ("days_active(\"View\") <= 4", Some(Trend::Falls(5))),
            ("sum(\"View\", of price) >= 50", Some(Trend::Rises(0))),
            ("max(\"View\", of price) >= 50", Some(Trend::Rises(0))),
            ("max(\"View\", of price) < 50", Some(Trend::Either)),
            ("min(\"View\", of price) < 50", Some(Trend::Either)),
            ("average(\"View\", of price) > 50", Some(Trend::Either)),
            ("distinct(\"View\", of price) > 5", Some(Trend::Either)),
            ("count(\"Purchase\", 7 days) >= 3", None),
            ("traits.plan = \"pro\"", None),
        ];
        for (text, expect) in cases {
            assert_eq!(trend(text), expect, "{text}");
        }
    }

    #[test]
    fn of_several() {
        let (few, many) = (
            "count(\"View\", 7 days) >= 3",
            "count(\"View\", 90 days) >= 9",
        );
        let plan = "traits.plan = \"pro\"";
        let cases = [
            (format!("{few} and {many}"), Some(Trend::Rises(9))),
            (format!("{few} or {many}"), Some(Trend::Rises(3))),
            (format!("not ({few} and {many})"), Some(Trend::Falls(9))),
            (format!("not ({few} or {many})"), Some(Trend::Falls(3))),
            (format!("not {few} and not {many}"), Some(Trend::Falls(3))),
            (format!("not {few} or not {many}"), Some(Trend::Falls(9))),
            (format!("{few} and not {many}"), Some(Trend::Either)),
            (format!("{plan} or not {few}"), Some(Trend::Falls(3))),
            (plan.to_owned(), None),
        ];
        for (text, expect) in cases {
            assert_eq!(trend(&text), expect, "{text}");
        }
    }
}
