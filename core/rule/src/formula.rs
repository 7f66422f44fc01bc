//! Formulas: arithmetic over terms that the asker names and over facts of a person.
//!
//! ```text
//! propensity * context * value * lever
//! propensity * (value - offer.cost) * default(features.margin_factor, 1)
//! least(value, 100) / greatest(1, count("Offer Shown", 7 days))
//! ```
//!
//! Total, as rules are: a formula gives a finite number or nothing, in time bounded by its size.
//! It gives nothing when a term or fact is missing or is no number, and when it divides by zero.

use kith_definition::nearest;

use crate::error::At;
use crate::{Error, FactKey, FactSet, Schema, Slot, Slots, Type, parse};

/// A formula as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    pub(crate) root: Part,
}

/// One part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Number(f64),
    /// Named by the asker, such as `value` or `offer.cost`.
    Term(At, String),
    Fact(At, FactKey),
    Join(Sign, Box<(Part, Part)>),
    Call(Call, Vec<Part>),
}

/// What joins two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

/// A function of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Least,
    Greatest,
    /// The first that is known.
    Default,
}

impl Call {
    pub(crate) const ALL: [(&'static str, Call); 3] = [
        ("least", Call::Least),
        ("greatest", Call::Greatest),
        ("default", Call::Default),
    ];
}

impl Formula {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::parse_formula(text).map(|root| Formula { root })
    }

    /// Every mistake of meaning. `terms` are those the asker will name; one that ends with a dot
    /// stands for all that begin so.
    pub fn check(&self, terms: &[&str], schema: &Schema) -> Vec<Error> {
        let mut errors = Vec::new();
        self.root.walk(&mut |part| match part {
            Part::Term(at, name) => {
                let known = terms.iter().any(|term| match term.strip_suffix('.') {
                    Some(group) => name.strip_prefix(group).is_some_and(|rest| rest.len() > 1),
                    None => name == term,
                });
                if !known {
                    errors.push(unknown(*at, name, terms));
                }
            }
            Part::Fact(at, key) => errors.extend(not_a_number(*at, key, schema)),
            _ => {}
        });
        errors
    }

    /// Every mistake in a text, of grammar or of meaning.
    pub fn errors(text: &str, terms: &[&str], schema: &Schema) -> Vec<Error> {
        match Formula::parse(text) {
            Ok(formula) => formula.check(terms, schema),
            Err(error) => vec![error],
        }
    }

    /// The facts it asks for, as they are written.
    pub fn facts(&self) -> Vec<&FactKey> {
        let mut keys = Vec::new();
        self.root.walk(&mut |part| {
            if let Part::Fact(_, key) = part {
                keys.push(key);
            }
        });
        keys
    }

    /// Resolves its facts to slots of `facts`.
    pub fn compile(&self, schema: &Schema, facts: &mut FactSet) -> CompiledFormula {
        CompiledFormula {
            root: Node::of(&self.root, schema, facts),
        }
    }
}

fn unknown(at: At, name: &str, terms: &[&str]) -> Error {
    let fix = match nearest(name, terms.iter().copied()) {
        Some(term) => format!("did you mean {term}?"),
        None => format!(
            "write one of {}, or a fact such as traits.x",
            terms.join(", ")
        ),
    };
    Error::new(at, format!("{name} is not known here"), fix)
}

fn not_a_number(at: At, key: &FactKey, schema: &Schema) -> Option<Error> {
    let message = match schema.type_of(key) {
        Some(Type::Number | Type::Any) => return None,
        Some(other) => format!("{key} is {}, not a number", other.describe()),
        None => format!("there is no {key}"),
    };
    Some(Error::new(
        at,
        message,
        "write a number or a fact that is one",
    ))
}

impl Part {
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Part)) {
        visit(self);
        match self {
            Part::Join(_, sides) => {
                sides.0.walk(visit);
                sides.1.walk(visit);
            }
            Part::Call(_, parts) => parts.iter().for_each(|part| part.walk(visit)),
            Part::Number(_) | Part::Term(..) | Part::Fact(..) => {}
        }
    }
}

/// A formula whose facts have slots.
#[derive(Clone, Debug)]
pub struct CompiledFormula {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Number(f64),
    Term(String),
    Fact(Slot),
    Join(Sign, Box<(Node, Node)>),
    Call(Call, Vec<Node>),
}

impl Node {
    fn of(part: &Part, schema: &Schema, facts: &mut FactSet) -> Self {
        match part {
            Part::Number(number) => Node::Number(*number),
            Part::Term(_, name) => Node::Term(name.clone()),
            Part::Fact(_, key) => Node::Fact(facts.slot(&schema.resolve(key))),
            Part::Join(sign, sides) => {
                let left = Node::of(&sides.0, schema, facts);
                Node::Join(*sign, Box::new((left, Node::of(&sides.1, schema, facts))))
            }
            Part::Call(call, parts) => {
                let parts = parts.iter().map(|part| Node::of(part, schema, facts));
                Node::Call(*call, parts.collect())
            }
        }
    }

    fn value(&self, slots: &Slots<'_>, term: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        let found = match self {
            Node::Number(number) => Some(*number),
            Node::Term(name) => term(name),
            Node::Fact(slot) => slots.value(*slot).as_number(),
            Node::Join(sign, sides) => {
                let (left, right) = (sides.0.value(slots, term)?, sides.1.value(slots, term)?);
                Some(match sign {
                    Sign::Plus => left + right,
                    Sign::Minus => left - right,
                    Sign::Times => left * right,
                    Sign::Over => left / right,
                })
            }
            Node::Call(Call::Default, parts) => {
                parts.iter().find_map(|part| part.value(slots, term))
            }
            Node::Call(call, parts) => {
                let mut found = parts.iter().map(|part| part.value(slots, term));
                let first = found.next()??;
                found.try_fold(first, |best, next| match call {
                    Call::Least => Some(best.min(next?)),
                    _ => Some(best.max(next?)),
                })
            }
        };
        found.filter(|number| number.is_finite())
    }
}

impl CompiledFormula {
    /// What it comes to for the person behind `slots`, which must be over the fact set it was
    /// compiled with; `term` gives what the asker names.
    pub fn value(&self, slots: &Slots<'_>, term: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        self.root.value(slots, term)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_base::{Timestamp, Value};
    use proptest::prelude::*;

    use super::*;

    const TERMS: [&str; 2] = ["value", "offer."];

    fn value(text: &str) -> Option<f64> {
        let known = BTreeMap::from([
            ("traits.age".to_owned(), Value::Int(40)),
            ("traits.name".to_owned(), Value::from("Ann")),
        ]);
        let formula = Formula::parse(text).expect(text);
        let mut facts = FactSet::default();
        let compiled = formula.compile(&Schema::default(), &mut facts);
        let slots = Slots::new(&facts, &known, Timestamp::ZERO);
        compiled.value(&slots, &|name| match name {
            "value" => Some(30.0),
            "offer.cost" => Some(12.5),
            _ => None,
        })
    }

    #[test]
    fn arithmetic_follows_the_usual_order() {
        let check = |text: &str, expect: f64| assert_eq!(value(text), Some(expect), "{text}");
        check("1 + 2 * 3", 7.0);
        check("(1 + 2) * 3", 9.0);
        check("10 - 2 - 3", 5.0);
        check("8 / 4 / 2", 1.0);
        check("-2 * -3", 6.0);
        check("value - offer.cost", 17.5);
        check("value * traits.age / 10", 120.0);
        check("least(value, 4, 9) + greatest(1, offer.cost)", 16.5);
        check("default(traits.gone, offer.gone, 3)", 3.0);
    }

    #[test]
    fn what_is_not_known_gives_nothing() {
        for text in [
            "traits.gone",
            "traits.name * 2",
            "offer.gone",
            "value / 0",
            "1e308 * 10",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(value("default(1 / 0, 7)"), Some(7.0));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let check = |text: &str, expect: &str| {
            let errors = Formula::errors(text, &TERMS, &Schema::default());
            let found: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert!(
                found.iter().any(|error| error.contains(expect)),
                "{text}: {found:?}"
            );
        };
        check("valu * 2", "valu is not known here; did you mean value?");
        check("value *", "the rule ends where a number");
        check(
            "value 3",
            "3 stands where + - * / or the end of the formula should",
        );
        check("(value", "the rule ends where )");
        check("features.nothing_such", "there is no features.nothing_such");
        check("features.browser * 2", "not a number");
        check("", "the rule ends where a number");
        check(&"(".repeat(40), "nested deeper");
        assert_eq!(
            Formula::errors("value * offer.cost", &TERMS, &Schema::default()),
            []
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z0-9.+*/() ,-]{0,40}") {
            if let Ok(formula) = Formula::parse(&text) {
                let mut facts = FactSet::default();
                let compiled = formula.compile(&Schema::default(), &mut facts);
                let known = BTreeMap::new();
                let slots = Slots::new(&facts, &known, Timestamp::ZERO);
                let found = compiled.value(&slots, &|_| Some(2.0));
                prop_assert!(found.is_none_or(f64::is_finite));
            }
        }
    }
}
