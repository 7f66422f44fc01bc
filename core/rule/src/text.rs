//! The canonical text of a rule: reading it gives the same rule.

use std::fmt;

use kith_base::Timestamp;

use crate::path::quote;
use crate::{Expr, Literal, Operand, Question, Span, Term, Test};

/// Canonical text: parsing it gives the same expression.
impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Always(always) => write!(out, "{always}"),
            Expr::All(parts) => join(parts, " and ", out, |part| {
                matches!(part, Expr::All(_) | Expr::Any(_))
            }),
            Expr::Any(parts) => join(parts, " or ", out, |part| matches!(part, Expr::Any(_))),
            Expr::Not(inner) => {
                out.write_str("not ")?;
                enclose(inner, matches!(**inner, Expr::All(_) | Expr::Any(_)), out)
            }
            Expr::Test(test) => write!(out, "{test}"),
        }
    }
}

fn join(
    parts: &[Expr],
    word: &str,
    out: &mut fmt::Formatter<'_>,
    enclosed: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            out.write_str(word)?;
        }
        enclose(part, enclosed(part), out)?;
    }
    Ok(())
}

fn enclose(part: &Expr, enclosed: bool, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if enclosed {
        write!(out, "({part})")
    } else {
        write!(out, "{part}")
    }
}

impl fmt::Display for Test {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.left)?;
        let (word, list) = match &self.question {
            Question::Holds => return Ok(()),
            Question::Exists => return out.write_str(" exists"),
            Question::IsMissing => return out.write_str(" is missing"),
            Question::Compare(comparison, right) => {
                return write!(out, " {} {right}", comparison.as_str());
            }
            Question::In(list) => ("in", list),
            Question::NotIn(list) => ("not in", list),
        };
        write!(out, " {word} [")?;
        for (n, literal) in list.iter().enumerate() {
            write!(out, "{}{literal}", if n > 0 { ", " } else { "" })?;
        }
        out.write_str("]")
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Literal(literal) => write!(out, "{literal}")?,
            Term::Fact(key) => write!(out, "{key}")?,
            Term::Now => out.write_str("now")?,
            Term::Days(days, of) => write!(out, "{}({of})", days.as_str())?,
        }
        for span in &self.shifts {
            write!(out, " {} {span}", if span.count < 0 { '-' } else { '+' })?;
        }
        Ok(())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Text(text) => quote(text, out),
            Literal::Int(int) => write!(out, "{int}"),
            // The debug form keeps the point of whole floats, so that they stay floats.
            Literal::Float(float) => write!(out, "{float:?}"),
            Literal::Flag(flag) => write!(out, "{flag}"),
            Literal::Time(time) => write_time(*time, out),
        }
    }
}

/// A date where midnight allows it.
fn write_time(time: Timestamp, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = time.to_string();
    out.write_str(text.strip_suffix("T00:00:00.000Z").unwrap_or(&text))
}

/// `7 days`, without its sign.
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count.unsigned_abs();
        let plural = if count == 1 { "" } else { "s" };
        write!(out, "{count} {}{plural}", self.unit.singular())
    }
}
