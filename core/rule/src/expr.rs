//! A rule as it was written: the syntax tree.

use kith_base::{Duration, Timestamp, Value};

use crate::error::At;
use crate::{Error, FactKey, Filter, Schema, TreeError, parse, tree};

/// A rule, or a part of one.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most parts of a rule are tests")]
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
#[expect(clippy::large_enum_variant, reason = "most questions compare")]
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
    /// `matches`: the whole text, `*` for any letters and `?` for one, upper and lower case alike.
    Matches,
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
    /// The whole days of 24 hours between now and a time.
    Days(Days, Box<Operand>),
}

/// Which way days are counted. One is always minus the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Days {
    /// `days_since`: 0 during the first day after the time.
    Since,
    /// `days_until`: 1 during the last day before the time.
    Until,
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
                    Question::Compare(_, right) => right.nodes(),
                    Question::In(list) | Question::NotIn(list) => list.len(),
                    _ => 0,
                };
                1 + test.left.nodes() + more
            }
        }
    }

    /// Levels of nesting; a single test has 1.
    pub fn depth(&self) -> usize {
        match self {
            Expr::Always(_) => 1,
            Expr::Test(test) => {
                let conditions = test.operands().flat_map(Operand::filters);
                let deepest = conditions.filter_map(|filter| filter.condition.as_ref());
                let depth = deepest.map(|condition| condition.expr().depth()).max();
                1 + depth.unwrap_or_default()
            }
            Expr::All(parts) | Expr::Any(parts) => {
                1 + parts.iter().map(Expr::depth).max().unwrap_or_default()
            }
            Expr::Not(inner) => 1 + inner.depth(),
        }
    }

    /// Every test, in the order written; those inside conditions are not among them.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Expr::Always(_) => Vec::new(),
            Expr::All(parts) | Expr::Any(parts) => parts.iter().flat_map(Expr::tests).collect(),
            Expr::Not(inner) => inner.tests(),
            Expr::Test(test) => vec![test],
        }
    }

    /// Every fact asked for, in the order written.
    pub fn facts(&self) -> impl Iterator<Item = &FactKey> {
        let operands = self.tests().into_iter().flat_map(Test::operands);
        operands.filter_map(Operand::fact)
    }
}

impl Test {
    /// Its one or two sides.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let right = match &self.question {
            Question::Compare(_, right) => Some(right),
            _ => None,
        };
        std::iter::once(&self.left).chain(right)
    }
}

impl Operand {
    /// The fact it is, or counts days from.
    pub fn fact(&self) -> Option<&FactKey> {
        match &self.term {
            Term::Fact(key) => Some(key),
            Term::Days(_, of) => of.fact(),
            Term::Literal(_) | Term::Now => None,
        }
    }

    /// The filters of its aggregate or sequence.
    pub(crate) fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.fact().into_iter().flat_map(FactKey::filters)
    }

    fn nodes(&self) -> usize {
        let own = match &self.term {
            Term::Days(_, of) => 1 + of.nodes(),
            _ => 1,
        };
        let condition = |filter: &Filter| filter.condition.as_ref().map(|of| of.expr().nodes());
        let inside: usize = match &self.term {
            Term::Fact(key) => key
                .filters()
                .map(|one| 1 + condition(one).unwrap_or(0))
                .sum(),
            _ => 0,
        };
        own + self.shifts.len() + inside
    }
}

impl Days {
    /// As written in a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Days::Since => "days_since",
            Days::Until => "days_until",
        }
    }

    /// 1 where the count grows with time, -1 where it falls.
    pub(crate) const fn count_sign(self) -> f64 {
        match self {
            Days::Since => 1.0,
            Days::Until => -1.0,
        }
    }

    /// How many.
    pub const fn count(self, time: Timestamp, now: Timestamp) -> i64 {
        let since = now.since(time).whole_days();
        match self {
            Days::Since => since,
            Days::Until => -since,
        }
    }
}

impl Comparison {
    /// Every comparison.
    pub const ALL: [Comparison; 10] = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::More,
        Comparison::AtLeast,
        Comparison::Contains,
        Comparison::StartsWith,
        Comparison::EndsWith,
        Comparison::Matches,
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
            Comparison::Matches => "matches",
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
