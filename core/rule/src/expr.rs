//! A rule as it was written: the syntax tree, and its text form.

use std::fmt;

use kith_base::{Duration, Timestamp, Value};

use crate::error::At;
use crate::fact::quote;
use crate::{Error, FactKey, Schema, TreeError, parse, tree};

/// A rule, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Always true, or never.
    Always(bool),
    /// All of at least two hold.
    All(Vec<Expr>),
    /// At least one of at least two holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// One question about facts.
    Test(Test),
}

/// One question about facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Where it starts.
    pub at: At,
    /// What is asked about.
    pub left: Operand,
    /// What is asked.
    pub question: Question,
}

/// What is asked about an operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// It is true.
    Holds,
    /// It is known.
    Exists,
    /// It is not known.
    IsMissing,
    /// How it relates to another.
    Compare(Comparison, Operand),
    /// It is one of these.
    In(Vec<Literal>),
    /// It is known and none of these.
    NotIn(Vec<Literal>),
}

/// How two operands relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `contains`: a text a part, a list an element.
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
}

/// One side of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// Where it starts.
    pub at: At,
    /// What it is.
    pub term: Term,
    /// Added to a time, in the order written.
    pub shifts: Vec<Span>,
}

/// An operand before it is shifted.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A fixed value.
    Literal(Literal),
    /// A fact.
    Fact(FactKey),
    /// The moment of evaluation.
    Now,
}

/// A fixed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `"…"`
    Text(String),
    /// `42`
    Int(i64),
    /// `4.2`; always finite.
    Float(f64),
    /// `true`, `false`
    Flag(bool),
    /// `2026-11-01` or RFC 3339.
    Time(Timestamp),
}

/// A length of time with the unit it was written in; negative when subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many; never 0 of a negative.
    pub count: i64,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time of fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
}

impl Expr {
    /// Reads a text; blank text is a rule that always holds.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::parse(text)
    }

    /// Everything wrong with a text: why it cannot be read, or every mistake of meaning.
    pub fn errors(text: &str, schema: &Schema) -> Vec<Error> {
        match Expr::parse(text) {
            Ok(expr) => expr.check(schema),
            Err(error) => vec![error],
        }
    }

    /// The same rule as a JSON tree.
    pub fn to_tree(&self) -> Value {
        tree::write(self)
    }

    /// Reads a JSON tree. Places are those in the text form.
    pub fn from_tree(value: &Value) -> Result<Self, TreeError> {
        tree::read(value)
    }

    /// Parts: groups, tests, operands, list elements. Evaluation costs at most so many steps.
    pub fn nodes(&self) -> usize {
        match self {
            Expr::Always(_) => 1,
            Expr::All(parts) | Expr::Any(parts) => 1 + parts.iter().map(Expr::nodes).sum::<usize>(),
            Expr::Not(inner) => 1 + inner.nodes(),
            Expr::Test(test) => {
                let more = match &test.question {
                    Question::Compare(_, right) => 1 + right.shifts.len(),
                    Question::In(list) | Question::NotIn(list) => list.len(),
                    _ => 0,
                };
                2 + test.left.shifts.len() + more
            }
        }
    }

    /// Levels of nesting; a single test has 1.
    pub fn depth(&self) -> usize {
        match self {
            Expr::Always(_) | Expr::Test(_) => 1,
            Expr::All(parts) | Expr::Any(parts) => {
                1 + parts.iter().map(Expr::depth).max().unwrap_or_default()
            }
            Expr::Not(inner) => 1 + inner.depth(),
        }
    }
}

impl Comparison {
    /// Every comparison.
    pub const ALL: [Comparison; 9] = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::More,
        Comparison::AtLeast,
        Comparison::Contains,
        Comparison::StartsWith,
        Comparison::EndsWith,
    ];

    /// As written in a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::More => ">",
            Comparison::AtLeast => ">=",
            Comparison::Contains => "contains",
            Comparison::StartsWith => "starts with",
            Comparison::EndsWith => "ends with",
        }
    }
}

impl Literal {
    /// As a value.
    pub fn value(&self) -> Value {
        match self {
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Int(int) => Value::Int(*int),
            Literal::Float(float) => Value::Float(*float),
            Literal::Flag(flag) => Value::Bool(*flag),
            Literal::Time(time) => Value::Time(*time),
        }
    }
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Unit; 5] = [
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Week,
    ];

    /// The word for one.
    pub const fn singular(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
        }
    }

    /// Its length.
    pub const fn millis(self) -> i64 {
        match self {
            Unit::Second => 1_000,
            Unit::Minute => 60_000,
            Unit::Hour => 3_600_000,
            Unit::Day => 86_400_000,
            Unit::Week => 604_800_000,
        }
    }
}

impl Span {
    /// The longest span: a hundred years and a bit.
    pub(crate) const MILLIS_MAX: i64 = 36_600 * 86_400_000;

    /// Checks the length.
    pub fn new(count: i64, unit: Unit) -> Option<Self> {
        let millis = count.checked_mul(unit.millis())?;
        (millis.abs() <= Span::MILLIS_MAX).then_some(Span { count, unit })
    }

    /// Its length; negative when subtracted.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.count.saturating_mul(self.unit.millis()))
    }
}

/// `7 days`, without its sign.
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count.unsigned_abs();
        let plural = if count == 1 { "" } else { "s" };
        write!(out, "{count} {}{plural}", self.unit.singular())
    }
}

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
