//! The JSON tree of a rule, for builders.
//!
//! ```text
//! rule     true | false | {"all":[rule…]} | {"any":[rule…]} | {"not":rule} | test
//! test     {"left":operand,"operator":"=","right":operand}       and the other comparisons
//!          {"left":operand,"operator":"in","right":[literal…]}   and "not in"
//!          {"left":fact,"operator":"exists"}                     and "is missing", "is true"
//! operand  literal | fact | {"now":[]} | {…,"shift":["-7 days"]}
//! literal  text | number | true | false | {"time":"2026-11-01"}
//!          {"days_since":operand} {"days_until":operand}
//! fact     {"trait":["address","city"]} {"context":["page","url"]} {"feature":"event_count"}
//!          {"consent":"marketing"} {"count":"Product Viewed"} {"sum":…} {"first":…} {"last":…}
//!          {"affinity":["category","shoes"]} {"identifier":"email"} {"reachable":"email"}
//!          {"audience":"big-spenders"} {"anniversary":["birthday"]} {"property":["category"]}
//!          {"local_hour":[]} {"local_weekday":[]} {"aggregate":aggregate} {"sequence":sequence}
//!          {"item":["price"]} {"account":["plan"]} {"account_persons":["any","big-spenders"]}
//!          and "all", "no"
//! aggregate {"function":"count","events":events,"where":rule,"of":["category"],
//!          "window":"30 days"}                          all but function and events optional
//! sequence {"steps":[{"events":events,"where":rule,"within":"1 hour"}…],"window":"7 days",
//!          "absent":{"events":events,"where":rule,"within":"2 days"}}
//! events   "any" | {"kind":"page"} | {"kind":"track","name":"Product Viewed"}
//! ```

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, limits};

use crate::TreeError;
use crate::error::At;
use crate::expr::{Comparison, Days, Expr, Literal, Operand, Question, Span, Term, Test, Unit};

mod fact;

const IS_TRUE: &str = "is true";
const EXISTS: &str = "exists";
const IS_MISSING: &str = "is missing";
const IN: &str = "in";
const NOT_IN: &str = "not in";

fn map(members: Vec<(&str, Value)>) -> Value {
    Value::Map(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

pub(crate) fn write(expr: &Expr) -> Value {
    let group = |parts: &[Expr]| Value::List(parts.iter().map(write).collect());
    match expr {
        Expr::Always(always) => Value::Bool(*always),
        Expr::All(parts) => map(vec![("all", group(parts))]),
        Expr::Any(parts) => map(vec![("any", group(parts))]),
        Expr::Not(inner) => map(vec![("not", write(inner))]),
        Expr::Test(test) => write_test(test),
    }
}

fn write_test(test: &Test) -> Value {
    let list = |list: &[Literal]| Value::List(list.iter().map(write_literal).collect());
    let (operator, right) = match &test.question {
        Question::Holds => (IS_TRUE, None),
        Question::Exists => (EXISTS, None),
        Question::IsMissing => (IS_MISSING, None),
        Question::Compare(comparison, right) => (comparison.as_str(), Some(write_operand(right))),
        Question::In(literals) => (IN, Some(list(literals))),
        Question::NotIn(literals) => (NOT_IN, Some(list(literals))),
    };
    let mut members = vec![
        ("left", write_operand(&test.left)),
        ("operator", Value::from(operator)),
    ];
    members.extend(right.map(|right| ("right", right)));
    map(members)
}

fn write_operand(operand: &Operand) -> Value {
    let term = match &operand.term {
        Term::Literal(literal) => write_literal(literal),
        Term::Fact(key) => fact::write(key),
        Term::Now => map(vec![("now", Value::List(Vec::new()))]),
        Term::Days(days, of) => map(vec![(days.as_str(), write_operand(of))]),
    };
    if operand.shifts.is_empty() {
        return term;
    }
    let sign = |span: &Span| if span.count < 0 { "-" } else { "" };
    let shifts = operand
        .shifts
        .iter()
        .map(|span| Value::Text(format!("{}{span}", sign(span))));
    let shift = ("shift", Value::List(shifts.collect()));
    match term {
        Value::Map(mut members) => {
            members.insert(shift.0.to_owned(), shift.1);
            Value::Map(members)
        }
        literal => map(vec![("literal", literal), shift]),
    }
}

fn write_literal(literal: &Literal) -> Value {
    match literal {
        Literal::Time(_) => map(vec![("time", Value::Text(literal.to_string()))]),
        other => other.value(),
    }
}

/// Reads a tree by way of its text, so that both forms obey the same grammar and limits and
/// every place in it is a place in the text.
pub(crate) fn read(value: &Value) -> Result<Expr, TreeError> {
    let expr = read_rule(value, "rule", 1)?;
    Expr::parse(&expr.to_string()).map_err(|error| TreeError {
        path: "rule".to_owned(),
        message: error.to_string(),
    })
}

fn wrong<T>(path: &str, message: impl Into<String>) -> Result<T, TreeError> {
    Err(TreeError {
        path: path.to_owned(),
        message: message.into(),
    })
}

fn read_rule(value: &Value, path: &str, depth: usize) -> Result<Expr, TreeError> {
    if depth > limits::RULE_DEPTH_MAX {
        let most = limits::RULE_DEPTH_MAX;
        return wrong(
            path,
            format!("nested deeper than {most} levels; use fewer groups"),
        );
    }
    let members = match value {
        Value::Bool(always) => return Ok(Expr::Always(*always)),
        Value::Map(members) => members,
        _ => return wrong(path, "not a rule; write {\"all\":[…]} or {\"left\":…}"),
    };
    let only = |name: &str| members.get(name).filter(|_| members.len() == 1);
    if let Some(inner) = only("not") {
        return Ok(Expr::Not(Box::new(read_rule(
            inner,
            &format!("{path}.not"),
            depth + 1,
        )?)));
    }
    for (name, make) in [
        ("all", Expr::All as fn(Vec<Expr>) -> Expr),
        ("any", Expr::Any),
    ] {
        let Some(parts) = only(name) else { continue };
        let Value::List(parts) = parts else {
            return wrong(&format!("{path}.{name}"), "not a list; write [rule, …]");
        };
        let each = parts.iter().enumerate();
        let read = |(n, part)| read_rule(part, &format!("{path}.{name}[{n}]"), depth + 1);
        let mut parts = each.map(read).collect::<Result<Vec<_>, _>>()?;
        return match (parts.len(), name) {
            (0, "all") => Ok(Expr::Always(true)),
            (0, _) => wrong(path, "an empty group of alternatives; add one or remove it"),
            (1, _) => Ok(parts.remove(0)),
            _ => Ok(make(parts)),
        };
    }
    read_test(members, path).map(Expr::Test)
}

fn read_test(members: &BTreeMap<String, Value>, path: &str) -> Result<Test, TreeError> {
    let known = ["left", "operator", "right"];
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return wrong(
            path,
            format!("unknown member {unknown}; a test has left, operator, right"),
        );
    }
    let (Some(left), Some(Value::Text(operator))) = (members.get("left"), members.get("operator"))
    else {
        return wrong(path, "a test needs left and operator");
    };
    let left = read_operand(left, &format!("{path}.left"))?;
    let right = members.get("right");
    let at = format!("{path}.right");
    let question = match (operator.as_str(), right) {
        (IS_TRUE, None) => Question::Holds,
        (EXISTS, None) => Question::Exists,
        (IS_MISSING, None) => Question::IsMissing,
        (IS_TRUE | EXISTS | IS_MISSING, Some(_)) => {
            return wrong(&at, format!("{operator} has no right side; remove it"));
        }
        (IN, Some(list)) => Question::In(read_list(list, &at)?),
        (NOT_IN, Some(list)) => Question::NotIn(read_list(list, &at)?),
        (other, right) => {
            let mut all = Comparison::ALL.into_iter();
            let Some(comparison) = all.find(|comparison| comparison.as_str() == other) else {
                return wrong(
                    &format!("{path}.operator"),
                    format!("{other:?} is not an operator"),
                );
            };
            let Some(right) = right else {
                return wrong(&at, format!("{other} needs a value"));
            };
            Question::Compare(comparison, read_operand(right, &at)?)
        }
    };
    Ok(Test {
        at: At::default(),
        left,
        question,
    })
}

fn read_list(value: &Value, path: &str) -> Result<Vec<Literal>, TreeError> {
    let Value::List(list) = value else {
        return wrong(path, "not a list; write [\"a\", \"b\"]");
    };
    if list.is_empty() {
        return wrong(path, "the list is empty; add a value");
    }
    let each = list.iter().enumerate();
    each.map(|(n, value)| read_literal(value, &format!("{path}[{n}]")))
        .collect()
}

fn read_operand(value: &Value, path: &str) -> Result<Operand, TreeError> {
    let operand = |term, shifts| {
        Ok(Operand {
            at: At::default(),
            term,
            shifts,
        })
    };
    let Value::Map(members) = value else {
        return operand(Term::Literal(read_literal(value, path)?), Vec::new());
    };
    let mut members = members.clone();
    let shifts = match members.remove("shift") {
        None => Vec::new(),
        Some(Value::List(shifts)) => shifts
            .iter()
            .map(|span| read_span(span, path))
            .collect::<Result<_, _>>()?,
        Some(_) => return wrong(path, "shift is not a list; write [\"-7 days\"]"),
    };
    let mut single = members.iter();
    let (Some((name, value)), None) = (single.next(), single.next()) else {
        return wrong(
            path,
            "an operand has one member beside shift, such as {\"feature\":\"…\"}",
        );
    };
    let term = match name.as_str() {
        "now" => Term::Now,
        "days_since" => Term::Days(Days::Since, Box::new(read_inner(value, path)?)),
        "days_until" => Term::Days(Days::Until, Box::new(read_inner(value, path)?)),
        "literal" => Term::Literal(read_literal(value, path)?),
        "time" => Term::Literal(read_literal(&Value::Map(members.clone()), path)?),
        _ => Term::Fact(fact::read(name, value, path)?),
    };
    operand(term, shifts)
}

/// The operand days are counted from; itself not a count of days, which bounds the stack.
fn read_inner(value: &Value, path: &str) -> Result<Operand, TreeError> {
    let operand = match value {
        Value::Map(members) if members.keys().any(|name| name.starts_with("days_")) => {
            return wrong(path, "days are counted from a time, not from other days");
        }
        value => read_operand(value, path)?,
    };
    Ok(operand)
}

fn read_literal(value: &Value, path: &str) -> Result<Literal, TreeError> {
    match value {
        Value::Text(text) => Ok(Literal::Text(text.clone())),
        Value::Int(int) => Ok(Literal::Int(*int)),
        Value::Float(float) if float.is_finite() => Ok(Literal::Float(*float)),
        Value::Bool(flag) => Ok(Literal::Flag(*flag)),
        Value::Map(members) if members.len() == 1 => match members.get("time") {
            Some(Value::Text(text)) => match Timestamp::parse(text) {
                Ok(time) => Ok(Literal::Time(time)),
                Err(error) => wrong(path, error.to_string()),
            },
            _ => wrong(
                path,
                "not a value; write text, a number or {\"time\":\"2026-11-01\"}",
            ),
        },
        _ => wrong(path, "not a value; write text, a number, true or false"),
    }
}

fn read_span(value: &Value, path: &str) -> Result<Span, TreeError> {
    let parsed = value.as_text().and_then(|text| {
        let (count, unit) = text.split_once(' ')?;
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let unit = Unit::ALL
            .into_iter()
            .find(|known| known.singular() == singular)?;
        Span::new(count.parse().ok()?, unit)
    });
    match parsed {
        Some(span) => Ok(span),
        None => wrong(path, "not a duration; write \"-7 days\""),
    }
}
