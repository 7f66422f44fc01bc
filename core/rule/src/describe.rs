//! A rule in words, without anybody it is about: `they ordered at least 2 times in the last 30
//! days, and their plan is "pro"`.

use std::fmt::Write as _;

use kith_base::{Duration, Value};

use crate::explain::{length, relation, shifted, write_list, write_moment};
use crate::expr::{Comparison, Days, Expr, Operand, Question, Term, Test};
use crate::words::{self, Measure};
use crate::{Aggregate, FactKey, Function, history};

impl Expr {
    /// What the rule asks for, in words.
    pub fn in_words(&self) -> String {
        let mut out = String::new();
        match self {
            Expr::Always(true) => out.push_str("everybody"),
            Expr::Always(false) => out.push_str("nobody"),
            _ => write(self, false, &mut out),
        }
        out
    }
}

impl Aggregate {
    /// What it is the value of, in words.
    pub fn in_words(&self) -> String {
        let mut out = String::new();
        words::write_subject(&self.clone().key(), &mut out);
        out
    }
}

/// Writes a part; a group within a group stands in parentheses.
fn write(expr: &Expr, nested: bool, out: &mut String) {
    match expr {
        Expr::Always(true) => out.push_str("it holds for everybody"),
        Expr::Always(false) => out.push_str("it holds for nobody"),
        Expr::All(parts) => write_group(parts, ", and ", nested, out),
        Expr::Any(parts) => write_group(parts, ", or ", nested, out),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Test(test) if write_denied(test, out) => {}
            inner => {
                out.push_str("it is not so that ");
                write(inner, true, out);
            }
        },
        Expr::Test(test) => write_test(test, out),
    }
}

fn write_group(parts: &[Expr], joint: &str, nested: bool, out: &mut String) {
    let parentheses = nested && parts.len() > 1;
    out.push_str(if parentheses { "(" } else { "" });
    for (n, part) in parts.iter().enumerate() {
        out.push_str(if n > 0 { joint } else { "" });
        write(part, parts.len() > 1, out);
    }
    out.push_str(if parentheses { ")" } else { "" });
}

/// Says that what is asked for is not so, where there are words for it.
fn write_denied(test: &Test, out: &mut String) -> bool {
    let (Term::Fact(key), Question::Holds) = (&test.left.term, &test.question) else {
        return false;
    };
    let value = match key {
        FactKey::Consent(_) => Value::Null,
        FactKey::Audience(_) | FactKey::Sequence(_) | FactKey::Reachable(_) => Value::Bool(false),
        FactKey::AccountPersons { .. } => Value::Bool(false),
        _ => return false,
    };
    words::write_fact(key, &value, out);
    true
}

fn write_test(test: &Test, out: &mut String) {
    match &test.question {
        Question::Holds => match &test.left.term {
            Term::Fact(key) => {
                words::write_fact(key, &Value::Bool(true), out);
            }
            _ => write_operand(&test.left, out),
        },
        Question::Exists => write_presence(&test.left, true, out),
        Question::IsMissing => write_presence(&test.left, false, out),
        Question::Compare(comparison, right) => {
            if !write_times(&test.left, *comparison, right, out) {
                write_comparison(&test.left, *comparison, right, out);
            }
        }
        Question::In(literals) | Question::NotIn(literals) => {
            write_operand(&test.left, out);
            out.push_str(match &test.question {
                Question::NotIn(_) => " is known and not one of ",
                _ => " is one of ",
            });
            let values: Vec<Value> = literals.iter().map(|literal| literal.value()).collect();
            write_list(&values, out);
        }
    }
}

fn write_presence(left: &Operand, present: bool, out: &mut String) {
    if let Term::Fact(FactKey::Identifier(namespace)) = &left.term {
        return words::write_presence(namespace, present, out);
    }
    write_operand(left, out);
    out.push_str(if present {
        " is known"
    } else {
        " is not known"
    });
}

/// `they viewed products at least 3 times in the last 30 days`; false when nothing is counted
/// against a fixed number.
fn write_times(left: &Operand, comparison: Comparison, right: &Operand, out: &mut String) -> bool {
    let (Term::Fact(key), Term::Literal(literal)) = (&left.term, &right.term) else {
        return false;
    };
    let (deed, when) = match key {
        FactKey::Count(event) => (words::deed_in_words(event), String::new()),
        FactKey::Aggregate(aggregate) if aggregate.function == Function::Count => {
            deed_and_window(aggregate)
        }
        _ => return false,
    };
    let Value::Int(count) = literal.value() else {
        return false;
    };
    let never = matches!(
        (comparison, count),
        (Comparison::Equal | Comparison::AtMost, 0) | (Comparison::Less, 1)
    );
    if never {
        let _ = write!(out, "they never {deed}{when}");
        return true;
    }
    let (how, count) = match comparison {
        Comparison::AtLeast => ("at least ", count),
        Comparison::More if count == 0 => ("at least ", 1),
        Comparison::More => ("more than ", count),
        Comparison::Less => ("fewer than ", count),
        Comparison::AtMost => ("at most ", count),
        Comparison::Equal => ("exactly ", count),
        Comparison::NotEqual => ("not exactly ", count),
        _ => return false,
    };
    let times = match count {
        1 if comparison != Comparison::Less => "once".to_owned(),
        1 => "1 time".to_owned(),
        count => format!("{count} times"),
    };
    let _ = write!(out, "they {deed} {how}{times}{when}");
    true
}

fn deed_and_window(aggregate: &Aggregate) -> (String, String) {
    (
        format!(
            "{}{}",
            history::deed_in_words(&aggregate.events),
            history::by_key(aggregate)
        ),
        history::window(aggregate.window),
    )
}

fn write_comparison(left: &Operand, comparison: Comparison, right: &Operand, out: &mut String) {
    write_operand(left, out);
    if let (Term::Now, Some(shift)) = (&right.term, shift_of(right))
        && shift.as_millis() < 0
    {
        let length = length(shift.as_millis());
        let told = match comparison {
            Comparison::More | Comparison::AtLeast => format!(" is within the last {length}"),
            Comparison::Less | Comparison::AtMost => format!(" is more than {length} ago"),
            _ => format!(" {}{length} ago", relation(comparison, true, true)),
        };
        return out.push_str(&told);
    }
    let time = matches!(right.term, Term::Now)
        || matches!(&right.term, Term::Literal(literal)
            if matches!(literal.value(), Value::Time(_)));
    out.push(' ');
    out.push_str(match comparison {
        Comparison::Equal => "is ",
        Comparison::NotEqual => "is known and not ",
        other => relation(other, true, time),
    });
    let measure = match &left.term {
        Term::Fact(key) => Measure::of(key),
        _ => Measure::Plain,
    };
    match &right.term {
        Term::Literal(literal) if right.shifts.is_empty() => measure.write(&literal.value(), out),
        _ => write_operand(right, out),
    }
}

fn shift_of(operand: &Operand) -> Option<Duration> {
    let mut millis = 0_i64;
    for span in &operand.shifts {
        millis = millis.checked_add(span.duration().as_millis())?;
    }
    Some(Duration::from_millis(millis))
}

fn write_operand(operand: &Operand, out: &mut String) {
    let shift = shift_of(operand).unwrap_or(Duration::from_millis(0));
    if let Term::Now = operand.term {
        return write_moment(shift, out);
    }
    if shift.as_millis() != 0 {
        let _ = write!(out, "{} ", shifted(shift));
    }
    match &operand.term {
        Term::Fact(key) => words::write_subject(key, out),
        Term::Literal(literal) => Measure::Plain.write(&literal.value(), out),
        Term::Days(days, of) => {
            out.push_str(match days {
                Days::Since => "the number of days since ",
                Days::Until => "the number of days until ",
            });
            write_operand(of, out);
        }
        Term::Now => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &str, expect: &str) {
        assert_eq!(Expr::parse(rule).unwrap().in_words(), expect, "{rule}");
    }

    #[test]
    fn a_rule_is_said_as_a_marketer_would() {
        check("", "everybody");
        check("traits.plan = \"pro\"", "their plan is \"pro\"");
        check(
            "count(\"Product Viewed\" where category = \"shoes\", 30 days) >= 3",
            "they viewed products of category \"shoes\" at least 3 times in the last 30 days",
        );
        check("count(\"Order Completed\") = 0", "they never ordered");
        check(
            "count(purchase, 7 days) > 0",
            "they ordered at least once in the last 7 days",
        );
        check(
            "features.purchase_revenue >= 100 and not in audience \"staff\"",
            "the revenue of their orders is at least 100, \
             and they are not in the audience \"staff\"",
        );
        check(
            "traits.plan in [\"pro\", \"team\"] and (identifier(\"email\") exists or \
             not consent.marketing)",
            "their plan is one of \"pro\", \"team\", and (their e-mail address is known, \
             or they have not agreed to marketing)",
        );
        check(
            "traits.seen_at > now - 7 days or traits.seen_at < now - 60 days",
            "their seen at is within the last 7 days, or their seen at is more than 60 days ago",
        );
        check(
            "not (traits.a = 1 or traits.b = 2)",
            "it is not so that (their a is 1, or their b is 2)",
        );
        check("reachable(\"email\")", "they can be reached by email");
        check(
            "anniversary(traits.birthday) <= now + 7 days",
            "the next anniversary of birthday is not after in 7 days",
        );
        check(
            "days_since(traits.trial_at) >= 10",
            "the number of days since their trial at is at least 10",
        );
    }
}
