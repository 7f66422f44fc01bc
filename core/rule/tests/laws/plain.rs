//! The reference: the documentation read aloud, with no compilation.
use std::cmp::Ordering;
use std::collections::BTreeMap;

use kith_base::{Timestamp, Value};
use kith_rule::{Comparison, Days, Expr, Operand, Question, Term};

use crate::NOW;

type Known = BTreeMap<String, Value>;

pub fn holds(expr: &Expr, known: &Known) -> bool {
    match expr {
        Expr::Always(always) => *always,
        Expr::All(parts) => !parts.iter().any(|part| !holds(part, known)),
        Expr::Any(parts) => parts.iter().filter(|part| holds(part, known)).count() > 0,
        Expr::Not(inner) => !holds(inner, known),
        Expr::Test(test) => {
            let left = value(&test.left, known);
            match &test.question {
                Question::Holds => matches!(left, Value::Bool(true)),
                Question::Exists => left != Value::Null,
                Question::IsMissing => left == Value::Null,
                Question::In(list) => list.iter().any(|one| equal(&left, &one.value())),
                Question::NotIn(list) => {
                    left != Value::Null && !list.iter().any(|one| equal(&left, &one.value()))
                }
                Question::Compare(word, right) => compare(*word, &left, &value(right, known)),
            }
        }
    }
}

fn value(operand: &Operand, known: &Known) -> Value {
    let mut value = match &operand.term {
        Term::Literal(literal) => literal.value(),
        Term::Fact(key) => known.get(&key.to_string()).cloned().unwrap_or(Value::Null),
        Term::Now => Value::Time(NOW),
        Term::Days(way, of) => match (way, time(&value(of, known))) {
            (_, None) => Value::Null,
            (Days::Since, Some(time)) => Value::Int(NOW.since(time).whole_days()),
            (Days::Until, Some(time)) => Value::Int(-NOW.since(time).whole_days()),
        },
    };
    for span in &operand.shifts {
        value = match time(&value) {
            Some(time) => Value::Time(time.plus(span.duration())),
            None => Value::Null,
        };
    }
    value
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(time) => Some(*time),
        Value::Text(text) => Timestamp::parse(text).ok(),
        _ => None,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Time(_), _) | (_, Value::Time(_)) => Some(time(left)?.cmp(&time(right)?)),
        _ => number(left)?.partial_cmp(&number(right)?),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::List(left), Value::List(right)) => left == right,
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

fn compare(word: Comparison, left: &Value, right: &Value) -> bool {
    if *left == Value::Null || *right == Value::Null {
        return false;
    }
    let order = order(left, right);
    match word {
        Comparison::Equal => equal(left, right),
        Comparison::NotEqual => !equal(left, right),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::More => order == Some(Ordering::Greater),
        Comparison::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Contains => match (left, right) {
            (Value::List(list), one) => list.iter().any(|known| equal(known, one)),
            (Value::Text(text), Value::Text(part)) => text.find(part.as_str()).is_some(),
            _ => false,
        },
        Comparison::StartsWith => match (left, right) {
            (Value::Text(text), Value::Text(part)) => text.strip_prefix(&**part).is_some(),
            _ => false,
        },
        Comparison::EndsWith => match (left, right) {
            (Value::Text(text), Value::Text(part)) => text.strip_suffix(&**part).is_some(),
            _ => false,
        },
        Comparison::Matches => match (left, right) {
            (Value::Text(text), Value::Text(form)) => {
                glob(&text.to_lowercase(), &form.to_lowercase())
            }
            _ => false,
        },
    }
}

/// By definition, letter by letter.
pub fn glob(text: &str, form: &str) -> bool {
    let rest = |text: &str| {
        text.chars()
            .next()
            .map(|first| text[first.len_utf8()..].to_owned())
    };
    match (form.chars().next(), rest(form)) {
        (Some('*'), Some(form)) => {
            glob(text, &form) || rest(text).is_some_and(|text| glob(&text, &format!("*{form}")))
        }
        (Some(sign), Some(form)) => {
            let first = text.chars().next();
            let fits = first == Some(sign) || (sign == '?' && first.is_some());
            fits && rest(text).is_some_and(|text| glob(&text, &form))
        }
        _ => text.is_empty(),
    }
}
