//! Texts without which a condition cannot hold.
//!
//! Whoever looks at the whole past for the events of a filter reads hundreds of bytes of each to
//! find that few are meant. Where the condition compares with texts, an event that holds none of
//! them anywhere is passed over unread.

use kith_base::Value;

use crate::compiled::{Argument, Node, Test};
use crate::expr::Comparison;
use crate::{FactKey, FactSet, Rule};

impl Rule {
    /// Texts one of which is part of the properties or of the context, if the condition holds;
    /// `None` when nothing can be said. What a JSON text escapes is among them as it was meant.
    pub fn texts_in(&self, set: &FactSet) -> Option<Vec<String>> {
        self.root.texts(set)
    }
}

impl Node {
    fn texts(&self, set: &FactSet) -> Option<Vec<String>> {
        match self {
            Node::Always(_) | Node::Not(_) => None,
            // The one that tells most.
            Node::All(parts) => {
                let each = parts.iter().filter_map(|part| part.texts(set));
                each.min_by_key(|texts| {
                    let shortest = texts.iter().map(String::len).min().unwrap_or(0);
                    (texts.len(), usize::MAX - shortest)
                })
            }
            Node::Any(parts) => {
                let each: Option<Vec<_>> = parts.iter().map(|part| part.texts(set)).collect();
                each.map(|texts| texts.concat())
            }
            Node::Test { test, .. } => test.texts(set),
        }
    }
}

impl Test {
    fn texts(&self, set: &FactSet) -> Option<Vec<String>> {
        let is_of_event = |argument: &Argument| match argument {
            Argument::Fact(slot) => {
                let key = set.key(*slot);
                matches!(key, FactKey::Property(_) | FactKey::Context(_))
            }
            _ => false,
        };
        match self {
            Test::Compare(Comparison::Equal, fact, Argument::Constant(value))
            | Test::Compare(Comparison::Equal, Argument::Constant(value), fact)
            | Test::Compare(
                Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith,
                fact,
                Argument::Constant(value),
            ) if is_of_event(fact) => Some(vec![plain(value)?]),
            Test::In {
                left,
                list,
                negated: false,
            } if is_of_event(left) => list.iter().map(plain).collect(),
            _ => None,
        }
    }
}

/// The text as nothing but itself equals it: a time equals every text that names it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.is_empty() && value.as_time().is_none() => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Aggregate;

    fn check(filter: &str, expect: Option<&[&str]>) {
        let aggregate = Aggregate::parse(&format!("count({filter})")).unwrap();
        let mut set = FactSet::default();
        let expr = aggregate.events.condition.as_ref().unwrap().expr();
        let texts = Rule::compile(expr, &mut set).texts_in(&set);
        let expect: Option<Vec<String>> =
            expect.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(texts, expect, "{filter}");
    }

    #[test]
    fn what_an_event_must_hold() {
        check("\"View\" where category = \"lamps\"", Some(&["lamps"]));
        check(
            "\"View\" where category = \"lamps\" and price >= 50",
            Some(&["lamps"]),
        );
        check(
            "\"View\" where a = \"x\" and category = \"lamps\"",
            Some(&["lamps"]),
        );
        check("\"View\" where a = \"x\" or b = \"y\"", Some(&["x", "y"]));
        check("\"View\" where a in [\"x\", \"y\"]", Some(&["x", "y"]));
        check("\"View\" where url contains \"/sale\"", Some(&["/sale"]));
        check("\"View\" where url starts with \"/a\"", Some(&["/a"]));
        check("\"View\" where context.locale = \"de\"", Some(&["de"]));
    }

    #[test]
    fn what_tells_nothing() {
        check("\"View\" where price >= 50", None);
        check("\"View\" where a = \"x\" or price >= 50", None);
        check("\"View\" where not a = \"x\"", None);
        check("\"View\" where a != \"x\"", None);
        check("\"View\" where a not in [\"x\"]", None);
        check("\"View\" where url matches \"*sale*\"", None);
        check("\"View\" where a in [\"x\", 5]", None);
        check("\"View\" where day = \"2026-03-01\"", None);
        check("\"View\" where a = \"\"", None);
    }
}
