//! A rule ready to run: facts resolved to slots, constants folded.

use kith_base::{Duration, Timestamp, Value};

use crate::expr::{Comparison, Days, Expr, Operand, Question, Term};
use crate::{FactSet, Schema, Slot, Slots};

/// A compiled rule. Evaluating one of four tests takes about 75 ns once its facts are fetched.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) root: Node,
    /// The tests whose answers may change although nothing happens.
    pub(crate) moving: Box<[Test]>,
    slots: Box<[Slot]>,
    /// The tests as written, in the order of the tree.
    pub(crate) texts: Box<[Box<str>]>,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Always(bool),
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    Test {
        test: Test,
        /// Its answer may change although nothing happens.
        moves: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Holds(Slot),
    Exists(Slot),
    IsMissing(Slot),
    Compare(Comparison, Argument, Argument),
    In {
        left: Argument,
        list: Box<[Value]>,
        negated: bool,
    },
}

/// One side of a test; shifts are summed up.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Constant(Value),
    Fact(Slot),
    Now(Duration),
    Shifted(Slot, Duration),
    Days(Days, Box<Argument>),
}

/// The value of an argument: borrowed where it is stored somewhere.
pub(crate) enum Answer<'a> {
    Stored(&'a Value),
    Computed(Value),
}

impl Answer<'_> {
    pub(crate) fn value(&self) -> &Value {
        match self {
            Answer::Stored(value) => value,
            Answer::Computed(value) => value,
        }
    }
}

impl Rule {
    /// Resolves the facts of a rule to slots of `facts`.
    pub fn compile(expr: &Expr, facts: &mut FactSet) -> Self {
        Rule::compile_with(expr, &Schema::default(), facts)
    }

    /// The same; features that the schema defines by an aggregate become that aggregate.
    pub fn compile_with(expr: &Expr, schema: &Schema, facts: &mut FactSet) -> Self {
        let mut slots = Vec::new();
        let root = Compiler {
            schema,
            facts,
            slots: &mut slots,
        }
        .node(expr);
        slots.sort_unstable();
        slots.dedup();
        let tests = root.tests().into_iter();
        Rule {
            moving: tests.filter(|test| test.moves(facts)).cloned().collect(),
            root,
            slots: slots.into(),
            texts: expr
                .tests()
                .iter()
                .map(|test| test.to_string().into())
                .collect(),
        }
    }

    /// True when its answer may change although nothing happens.
    pub fn moves(&self) -> bool {
        !self.moving.is_empty()
    }

    /// True when a test compares with the time of day or of the calendar, and not only facts
    /// with each other.
    pub fn asks_for_now(&self) -> bool {
        self.moving.iter().any(Test::asks_for_now)
    }

    /// True when the rule holds for the person behind `slots`, which must be over the fact set
    /// the rule was compiled with.
    pub fn holds(&self, slots: &Slots) -> bool {
        self.root.holds(slots)
    }

    /// The facts the rule may ask for, each once.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }
}

impl Node {
    pub(crate) fn holds(&self, slots: &Slots) -> bool {
        match self {
            Node::Always(always) => *always,
            Node::All(parts) => parts.iter().all(|part| part.holds(slots)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(slots)),
            Node::Not(inner) => !inner.holds(slots),
            Node::Test { test, .. } => test.holds(slots),
        }
    }
}

impl Test {
    pub(crate) fn holds(&self, slots: &Slots) -> bool {
        match self {
            Test::Holds(slot) => slots.value(*slot) == &Value::Bool(true),
            Test::Exists(slot) => !slots.value(*slot).is_null(),
            Test::IsMissing(slot) => slots.value(*slot).is_null(),
            Test::Compare(comparison, left, right) => {
                let (left, right) = (left.answer(slots), right.answer(slots));
                comparison.holds(left.value(), right.value())
            }
            Test::In {
                left,
                list,
                negated,
            } => {
                let left = left.answer(slots);
                let left = left.value();
                !left.is_null() && list.iter().any(|element| left.equals(element)) != *negated
            }
        }
    }
}

impl Argument {
    pub(crate) fn answer<'a>(&'a self, slots: &'a Slots) -> Answer<'a> {
        match self {
            Argument::Constant(value) => Answer::Stored(value),
            Argument::Fact(slot) => Answer::Stored(slots.value(*slot)),
            Argument::Now(shift) => Answer::Computed(Value::Time(slots.now().plus(*shift))),
            Argument::Shifted(slot, shift) => {
                let time = slots.value(*slot).as_time();
                Answer::Computed(time.map_or(Value::Null, |time| Value::Time(time.plus(*shift))))
            }
            Argument::Days(days, of) => {
                let time = of.answer(slots).value().as_time();
                let count = |time| Value::Int(days.count(time, slots.now()));
                Answer::Computed(time.map_or(Value::Null, count))
            }
        }
    }
}

impl Comparison {
    /// How two values relate; false when one of them is missing.
    pub fn holds(self, left: &Value, right: &Value) -> bool {
        if left.is_null() || right.is_null() {
            return false;
        }
        match self {
            Comparison::Equal => left.equals(right),
            Comparison::NotEqual => !left.equals(right),
            Comparison::Less => left.compare(right).is_some_and(|order| order.is_lt()),
            Comparison::AtMost => left.compare(right).is_some_and(|order| order.is_le()),
            Comparison::More => left.compare(right).is_some_and(|order| order.is_gt()),
            Comparison::AtLeast => left.compare(right).is_some_and(|order| order.is_ge()),
            Comparison::Contains => match (left, right) {
                (Value::List(list), element) => list.iter().any(|known| known.equals(element)),
                (Value::Text(text), Value::Text(part)) => text.contains(part.as_str()),
                _ => false,
            },
            Comparison::StartsWith => both_text(left, right, |text, part| text.starts_with(part)),
            Comparison::EndsWith => both_text(left, right, |text, part| text.ends_with(part)),
            Comparison::Matches => both_text(left, right, matches),
        }
    }
}

fn both_text(left: &Value, right: &Value, test: impl Fn(&str, &str) -> bool) -> bool {
    match (left, right) {
        (Value::Text(text), Value::Text(part)) => test(text, part),
        _ => false,
    }
}

/// Whether a text is of a form: `*` stands for any letters, `?` for one; case is ignored.
/// O(text × form) at worst, linear for one `*`.
fn matches(text: &str, form: &str) -> bool {
    let fold = |text: &str| {
        text.chars()
            .flat_map(char::to_lowercase)
            .collect::<Vec<_>>()
    };
    let (text, form) = (fold(text), fold(form));
    let (mut here, mut next) = (0, 0);
    // After the last `*`, and where the text went on from there.
    let mut retry: Option<(usize, usize)> = None;
    while here < text.len() {
        match form.get(next) {
            Some('*') => {
                next += 1;
                retry = Some((next, here));
            }
            Some(sign) if *sign == '?' || *sign == text[here] => {
                here += 1;
                next += 1;
            }
            _ => {
                let Some((after, from)) = retry else {
                    return false;
                };
                (next, here) = (after, from + 1);
                retry = Some((after, from + 1));
            }
        }
    }
    form[next..].iter().all(|sign| *sign == '*')
}

struct Compiler<'a> {
    schema: &'a Schema,
    facts: &'a mut FactSet,
    slots: &'a mut Vec<Slot>,
}

impl Compiler<'_> {
    fn node(&mut self, expr: &Expr) -> Node {
        match expr {
            Expr::Always(always) => Node::Always(*always),
            Expr::All(parts) => Node::All(parts.iter().map(|part| self.node(part)).collect()),
            Expr::Any(parts) => Node::Any(parts.iter().map(|part| self.node(part)).collect()),
            Expr::Not(inner) => Node::Not(Box::new(self.node(inner))),
            Expr::Test(test) => self.test(&test.left, &test.question),
        }
    }

    fn test(&mut self, left: &Operand, question: &Question) -> Node {
        let left = self.argument(left);
        let list = |literals: &[crate::Literal]| literals.iter().map(|one| one.value()).collect();
        let test = match question {
            Question::Compare(comparison, right) => {
                Test::Compare(*comparison, left, self.argument(right))
            }
            Question::In(literals) => Test::In {
                left,
                list: list(literals),
                negated: false,
            },
            Question::NotIn(literals) => Test::In {
                left,
                list: list(literals),
                negated: true,
            },
            // The parser allows these three for bare facts only; anything else is always known.
            Question::Holds => match left {
                Argument::Fact(slot) => Test::Holds(slot),
                _ => return Node::Always(false),
            },
            Question::Exists => match left {
                Argument::Fact(slot) => Test::Exists(slot),
                _ => return Node::Always(true),
            },
            Question::IsMissing => match left {
                Argument::Fact(slot) => Test::IsMissing(slot),
                _ => return Node::Always(false),
            },
        };
        let moves = test.moves(self.facts);
        Node::Test { test, moves }
    }

    fn argument(&mut self, operand: &Operand) -> Argument {
        let millis = operand
            .shifts
            .iter()
            .map(|span| span.duration().as_millis());
        let shift = Duration::from_millis(millis.fold(0, i64::saturating_add));
        match &operand.term {
            Term::Now => Argument::Now(shift),
            Term::Literal(literal) if operand.shifts.is_empty() => {
                Argument::Constant(literal.value())
            }
            Term::Literal(literal) => {
                let time: Option<Timestamp> = literal.value().as_time();
                Argument::Constant(time.map_or(Value::Null, |time| Value::Time(time.plus(shift))))
            }
            Term::Days(days, of) if operand.shifts.is_empty() => {
                Argument::Days(*days, Box::new(self.argument(of)))
            }
            // A number of days is no time.
            Term::Days(..) => Argument::Constant(Value::Null),
            Term::Fact(key) => {
                let key = self.schema.resolve(key);
                let slot = self.facts.slot(&key);
                self.slots.push(slot);
                if operand.shifts.is_empty() {
                    Argument::Fact(slot)
                } else {
                    Argument::Shifted(slot, shift)
                }
            }
        }
    }
}
