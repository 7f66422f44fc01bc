//! The classes of values that tests of one operand can tell apart, by one value of each.
//!
//! A missing value, `true`, `false` and a list stand for themselves and everything that has no
//! order. Numbers, texts and times are told apart only by the fixed values they are compared
//! with: those values themselves, something between each two, and something on either side.

use kith_base::{Duration, Timestamp, Value};

use crate::expr::{Comparison, Expr, Literal, Operand, Question, Term, Test};
use crate::{FactKey, Function};

/// What `now` is when only distances from it matter.
const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

/// Beyond this, whole and other numbers are not compared exactly.
const EXACT_MAX: f64 = 4e15;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// One operand, with a value of every class.
pub(super) struct Subject {
    /// Its text.
    pub name: String,
    values: Vec<Value>,
}

/// A test with the fact on the left and fixed values on the right.
struct Plain<'a> {
    left: &'a Operand,
    asks: Asks,
}

enum Asks {
    Holds,
    Exists,
    IsMissing,
    Compare(Comparison, Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
}

impl Subject {
    /// The one operand that all parts are about; `None` when they are about several, or ask what
    /// cannot be told from single values.
    pub(super) fn of(parts: &[&Expr]) -> Option<Self> {
        let mut operand: Option<&Operand> = None;
        let mut fixed = Vec::new();
        let (mut about_now, mut about_dates) = (false, false);
        for test in parts.iter().flat_map(|part| part.tests()) {
            let plain = Plain::read(test)?;
            if operand.is_some_and(|known| known != plain.left) {
                return None;
            }
            operand = Some(plain.left);
            let now = test.operands().any(|side| side.term == Term::Now);
            match plain.asks {
                Asks::Compare(_, value) => {
                    about_now |= now;
                    about_dates |= !now && matches!(value, Value::Time(_));
                    fixed.push(value);
                }
                Asks::In(values) | Asks::NotIn(values) => {
                    about_dates |= values.iter().any(|value| matches!(value, Value::Time(_)));
                    fixed.extend(values);
                }
                Asks::Holds | Asks::Exists | Asks::IsMissing => {}
            }
        }
        let operand = operand?;
        let about_text = fixed.iter().any(|value| matches!(value, Value::Text(_)));
        let inexact = |value: &Value| value.as_number().is_some_and(|n| n.abs() > EXACT_MAX);
        if (about_now && about_dates)
            || (about_text && (about_now || about_dates))
            || fixed.iter().any(inexact)
        {
            return None;
        }
        Some(Subject {
            name: operand.to_string(),
            values: classes(operand, &fixed),
        })
    }

    /// The answers for all classes.
    pub(super) fn answers(&self, holds: impl Fn(&Value) -> bool) -> Vec<bool> {
        self.values.iter().map(holds).collect()
    }

    /// Whether a part holds for a value of the operand.
    pub(super) fn holds(&self, part: &Expr, value: &Value) -> bool {
        match part {
            Expr::Always(always) => *always,
            Expr::All(parts) => parts.iter().all(|part| self.holds(part, value)),
            Expr::Any(parts) => parts.iter().any(|part| self.holds(part, value)),
            Expr::Not(inner) => !self.holds(inner, value),
            Expr::Test(test) => Plain::read(test).is_some_and(|plain| plain.holds(value)),
        }
    }
}

impl<'a> Plain<'a> {
    fn read(test: &'a Test) -> Option<Self> {
        let values = |list: &[Literal]| list.iter().map(Literal::value).collect();
        let asks = match &test.question {
            Question::Holds => Asks::Holds,
            Question::Exists => Asks::Exists,
            Question::IsMissing => Asks::IsMissing,
            Question::In(list) => Asks::In(values(list)),
            Question::NotIn(list) => Asks::NotIn(values(list)),
            Question::Compare(comparison, right) => {
                let turned = turned(*comparison)?;
                return match (fixed(&test.left), fixed(right)) {
                    (None, Some(value)) => Some(Plain {
                        left: &test.left,
                        asks: Asks::Compare(*comparison, value),
                    }),
                    (Some(value), None) => Some(Plain {
                        left: right,
                        asks: Asks::Compare(turned, value),
                    }),
                    _ => None,
                };
            }
        };
        fixed(&test.left).is_none().then_some(Plain {
            left: &test.left,
            asks,
        })
    }

    fn holds(&self, value: &Value) -> bool {
        match &self.asks {
            Asks::Holds => *value == Value::Bool(true),
            Asks::Exists => !value.is_null(),
            Asks::IsMissing => value.is_null(),
            Asks::Compare(comparison, fixed) => comparison.holds(value, fixed),
            Asks::In(list) => list.iter().any(|one| value.equals(one)),
            Asks::NotIn(list) => !value.is_null() && !list.iter().any(|one| value.equals(one)),
        }
    }
}

/// The comparison seen from the other side; `None` for those of parts of a text.
fn turned(comparison: Comparison) -> Option<Comparison> {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => Some(comparison),
        Comparison::Less => Some(Comparison::More),
        Comparison::AtMost => Some(Comparison::AtLeast),
        Comparison::More => Some(Comparison::Less),
        Comparison::AtLeast => Some(Comparison::AtMost),
        Comparison::Contains
        | Comparison::StartsWith
        | Comparison::EndsWith
        | Comparison::Matches => None,
    }
}

/// The value of an operand that asks for no fact.
fn fixed(operand: &Operand) -> Option<Value> {
    let value = match &operand.term {
        Term::Literal(literal) => literal.value(),
        Term::Now => Value::Time(NOW),
        Term::Days(_, of) if fixed(of).is_some() => return Some(Value::Null),
        Term::Days(..) | Term::Fact(_) => return None,
    };
    if operand.shifts.is_empty() {
        return Some(value);
    }
    let shift = |time: Timestamp| {
        let spans = operand.shifts.iter().map(|span| span.duration());
        Value::Time(spans.fold(time, Timestamp::plus))
    };
    Some(value.as_time().map_or(Value::Null, shift))
}

fn classes(operand: &Operand, fixed: &[Value]) -> Vec<Value> {
    let mut values = vec![Value::Null];
    let whole = match (&operand.term, operand.shifts.is_empty()) {
        (Term::Days(..), true) => Some((i64::MIN, i64::MAX)),
        (Term::Fact(key), true) => match key {
            FactKey::Consent(_)
            | FactKey::Sequence(_)
            | FactKey::Audience(_)
            | FactKey::AccountPersons { .. }
            | FactKey::Reachable(_) => {
                values.extend([false, true].map(Value::Bool));
                return values;
            }
            FactKey::LocalWeekday => {
                values.extend(WEEKDAYS.map(Value::from));
                return values;
            }
            FactKey::LocalHour => Some((0, 23)),
            FactKey::Count(_) => Some((0, i64::MAX)),
            FactKey::Aggregate(aggregate) => match aggregate.function {
                Function::Count | Function::DaysActive | Function::Streak => Some((0, i64::MAX)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let numbers = numbers(fixed);
    if let Some((least, most)) = whole {
        let near = |number: &f64| {
            let whole = number.floor() as i64;
            [whole - 1, whole, whole + 1, whole + 2]
        };
        let near = numbers
            .iter()
            .flat_map(near)
            .chain([least.max(0), most.min(23)]);
        values.extend(near.filter(|n| (least..=most).contains(n)).map(Value::Int));
        return values;
    }
    values.extend([false, true].map(Value::Bool));
    values.push(Value::List(Vec::new()));
    values.extend(between(&numbers).into_iter().map(Value::Float));
    let texts = fixed.iter().filter_map(Value::as_text);
    values.extend([Value::from("")]);
    for text in texts {
        values.extend([Value::from(text), Value::Text(format!("{text}\0"))]);
    }
    values.push(Value::Time(NOW));
    for time in fixed.iter().filter_map(Value::as_time) {
        let near = [-1, 0, 1].map(|millis| time.plus(Duration::from_millis(millis)));
        values.extend(near.map(Value::Time));
    }
    values
}

fn numbers(fixed: &[Value]) -> Vec<f64> {
    let mut numbers: Vec<f64> = fixed.iter().filter_map(Value::as_number).collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The numbers, one between each two, one below and one above; 0 when there are none.
fn between(numbers: &[f64]) -> Vec<f64> {
    let (Some(least), Some(most)) = (numbers.first(), numbers.last()) else {
        return vec![0.0];
    };
    let middles = numbers.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0);
    let mut found = vec![least - 1.0, most + 1.0];
    found.extend(middles);
    found.extend(numbers);
    found
}
