//! The language by law: nothing panics, both forms say the same, and compiled evaluation agrees
//! with a plain interpreter written from the documentation.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use kith_base::{Duration, Timestamp, Value, limits};
use kith_event::Kind;
use kith_rule::{
    Aggregate, At, Calendar, Comparison, Condition, Days, Events, Expr, FactKey, FactSet, Filter,
    Function, Literal, Operand, Path, Question, Rule, Schema, Sequence, Slots, Span, Term, Test,
    Unit, Window,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_248_000_000);

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "plan"]).prop_map(str::to_owned),
        1 => ".{0,4}",
    ]
}

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(name(), 1..3).prop_filter_map("not empty", Path::new)
}

/// Facts that are no aggregates.
fn plain_fact() -> impl Strategy<Value = FactKey> {
    prop_oneof![
        4 => path().prop_map(FactKey::Trait),
        1 => path().prop_map(FactKey::Context),
        1 => name().prop_map(FactKey::Feature),
        1 => name().prop_map(FactKey::Consent),
        1 => name().prop_map(FactKey::Count),
        1 => name().prop_map(FactKey::Sum),
        1 => name().prop_map(FactKey::First),
        1 => name().prop_map(FactKey::Last),
        1 => name().prop_map(FactKey::Identifier),
        1 => name().prop_map(FactKey::Reachable),
        1 => name().prop_map(FactKey::Audience),
        1 => path().prop_map(FactKey::Anniversary),
        1 => prop::sample::select(vec![FactKey::LocalHour, FactKey::LocalWeekday]),
        1 => (name(), name()).prop_map(|(dimension, key)| FactKey::Affinity { dimension, key }),
    ]
}

/// Facts of one event.
fn event_fact() -> impl Strategy<Value = FactKey> {
    prop_oneof![
        3 => path().prop_map(FactKey::Property),
        1 => prop::sample::select(vec!["now", "not", "Within", "context", "properties", "traits"])
            .prop_map(|name| FactKey::Property(Path::dotted(name))),
        1 => path().prop_map(FactKey::Context),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let kind = || prop::sample::select(Kind::ALL.to_vec());
    let events = prop_oneof![
        1 => Just(Events::Any),
        1 => kind().prop_map(Events::Kind),
        4 => (kind(), name()).prop_map(|(kind, name)| Events::Named(kind, name)),
    ];
    let condition = prop::option::of(expr_of(event_fact().boxed(), 2).prop_map(Condition::new));
    (events, condition).prop_map(|(events, condition)| Filter { events, condition })
}

fn length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (1i64..100).prop_map(Duration::from_secs),
        (1i64..401).prop_map(Duration::from_days)
    ]
}

fn window() -> impl Strategy<Value = Window> {
    let calendars = vec![
        Calendar::Today,
        Calendar::ThisWeek,
        Calendar::ThisMonth,
        Calendar::ThisYear,
        Calendar::LastDays(1),
        Calendar::LastDays(400),
    ];
    prop_oneof![
        1 => Just(Window::Lifetime),
        2 => length().prop_map(Window::Rolling),
        1 => prop::sample::select(calendars).prop_map(Window::Calendar),
    ]
}

fn aggregate() -> impl Strategy<Value = FactKey> {
    let function = prop::sample::select(Function::ALL.to_vec());
    (function, filter(), path(), any::<bool>(), window()).prop_map(
        |(function, events, path, of, window)| {
            let of = match function {
                Function::Distinct | Function::Top => true,
                Function::Count | Function::DaysActive | Function::Streak => false,
                _ => of,
            };
            let of = of.then_some(path);
            Aggregate {
                function,
                events,
                of,
                window,
            }
            .key()
        },
    )
}

fn sequence() -> impl Strategy<Value = FactKey> {
    let steps = prop::collection::vec((filter(), prop::option::of(length())), 2..5);
    let absent = prop::option::of((filter(), length()));
    (steps, absent, length()).prop_map(|(mut steps, absent, window)| {
        steps[0].1 = None;
        if absent.is_some() {
            steps.truncate(1);
        }
        FactKey::Sequence(Sequence {
            steps,
            absent,
            window,
        })
    })
}

fn fact() -> impl Strategy<Value = FactKey> {
    prop_oneof![12 => plain_fact(), 2 => aggregate(), 1 => sequence()]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-2i64..3).prop_map(|days| NOW.plus(Duration::from_days(days))),
        (0i64..4_000_000_000_000).prop_map(Timestamp::from_millis),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        prop::sample::select(vec!["", "a", "ab", "2026-11-21", "\"\\\n"])
            .prop_map(|text| Literal::Text(text.to_owned())),
        ".{0,6}".prop_map(Literal::Text),
        (-3i64..4).prop_map(Literal::Int),
        (-i64::MAX..i64::MAX).prop_map(Literal::Int),
        (-3.0..3.0).prop_map(Literal::Float),
        any::<f64>()
            .prop_filter("finite", |float| float.is_finite())
            .prop_map(Literal::Float),
        any::<bool>().prop_map(Literal::Flag),
        moment().prop_map(Literal::Time),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let count = prop_oneof![-3i64..4, -5_000i64..5_000];
    (count, prop::sample::select(Unit::ALL.to_vec()))
        .prop_filter_map("short enough", |(count, unit)| Span::new(count, unit))
}

fn operand_of(fact: BoxedStrategy<FactKey>) -> impl Strategy<Value = Operand> {
    let make = |(term, shifts)| Operand {
        at: At::default(),
        term,
        shifts,
    };
    let term = prop_oneof![
        4 => fact.prop_map(Term::Fact),
        3 => literal().prop_map(Term::Literal),
        1 => Just(Term::Now),
    ];
    let plain = (term, prop::collection::vec(span(), 0..2))
        .prop_map(make)
        .boxed();
    let way = prop::sample::select(vec![Days::Since, Days::Until]);
    let days = (way, plain.clone(), prop::collection::vec(span(), 0..2));
    prop_oneof![
        8 => plain,
        1 => days.prop_map(move |(way, of, shifts)| make((Term::Days(way, Box::new(of)), shifts))),
    ]
}

fn bare(key: FactKey) -> Operand {
    Operand {
        at: At::default(),
        term: Term::Fact(key),
        shifts: Vec::new(),
    }
}

fn leaf_of(fact: BoxedStrategy<FactKey>) -> impl Strategy<Value = Test> {
    let operand = || operand_of(fact.clone());
    let comparison = prop::sample::select(Comparison::ALL.to_vec());
    let list = || prop::collection::vec(literal(), 1..4);
    let question = prop_oneof![
        6 => (comparison, operand()).prop_map(|(word, right)| Question::Compare(word, right)),
        1 => list().prop_map(Question::In),
        1 => list().prop_map(Question::NotIn),
    ];
    let unary = prop::sample::select(vec![Question::Holds, Question::Exists, Question::IsMissing]);
    prop_oneof![
        4 => (operand(), question)
            .prop_map(|(left, question)| Test { at: At::default(), left, question }),
        1 => (fact.clone(), unary)
            .prop_map(|(key, question)| Test { at: At::default(), left: bare(key), question }),
    ]
}

fn expr_of(fact: BoxedStrategy<FactKey>, depth: u32) -> impl Strategy<Value = Expr> {
    let leaf = leaf_of(fact).prop_map(Expr::Test);
    let leaf = prop_oneof![8 => leaf, 1 => any::<bool>().prop_map(Expr::Always)];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Any),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    expr_of(fact().boxed(), 4)
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        2 => Just(Value::Null),
        8 => literal().prop_map(|literal| literal.value()),
        1 => Just(Value::Float(f64::NAN)),
    ];
    prop_oneof![
        6 => scalar.clone(),
        1 => prop::collection::vec(scalar, 0..4).prop_map(Value::List),
    ]
}

/// Facts for every key of a rule: some drawn freely, some taken from the rule's own literals, so
/// that comparisons are met exactly.
fn known(expr: &Expr, values: &[Value]) -> BTreeMap<String, Value> {
    let mut own = Vec::new();
    literals(expr, &mut own);
    let drawn = values
        .iter()
        .cycle()
        .enumerate()
        .map(|(n, value)| match own.get(n / 2) {
            Some(own) if n % 2 == 0 => own.clone(),
            _ => value.clone(),
        });
    let mut set = FactSet::default();
    Rule::compile(expr, &mut set);
    set.keys()
        .iter()
        .map(ToString::to_string)
        .zip(drawn)
        .collect()
}

fn literals(expr: &Expr, found: &mut Vec<Value>) {
    match expr {
        Expr::Always(_) => {}
        Expr::All(parts) | Expr::Any(parts) => {
            parts.iter().for_each(|part| literals(part, found));
        }
        Expr::Not(inner) => literals(inner, found),
        Expr::Test(test) => match &test.question {
            Question::Compare(_, right) => match &right.term {
                Term::Literal(literal) => found.push(literal.value()),
                Term::Now => found.push(Value::Time(NOW)),
                Term::Fact(_) | Term::Days(..) => {}
            },
            Question::In(list) | Question::NotIn(list) => found.push(list[0].value()),
            _ => {}
        },
    }
}

mod plain {
    //! The reference: the documentation read aloud, with no compilation.
    use super::*;

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
}

/// By definition, letter by letter.
fn glob(text: &str, form: &str) -> bool {
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

fn tokens() -> impl Strategy<Value = String> {
    let words = [
        "traits",
        "features",
        "context",
        "count",
        "affinity",
        ".",
        "plan",
        "=",
        "!=",
        "<=",
        ">",
        "in",
        "not",
        "and",
        "or",
        "(",
        ")",
        "[",
        "]",
        ",",
        "\"x\"",
        "1",
        "-",
        "+",
        "2.5",
        "2026-11-01",
        "now",
        "7",
        "days",
        "exists",
        "is",
        "missing",
        "contains",
        "starts",
        "with",
        "true",
        "consent",
        "é",
        "view",
        "where",
        "of",
        "today",
        "sequence",
        "within",
        "days_since",
        "audience",
        "anniversary",
        "matches",
        "'",
        "\"",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24)
        .prop_map(|words| words.join(" "))
}

#[test]
fn matches_ignores_case_and_knows_two_wildcards() {
    let check = |text: &str, form: &str, expect: bool| {
        let (left, right) = (Value::from(text), Value::from(form));
        assert_eq!(
            Comparison::Matches.holds(&left, &right),
            expect,
            "{text} {form}"
        );
    };
    check("Shoes", "sh*s", true);
    check("shoe", "sh*s", false);
    check("SHOES", "shoes", true);
    check("shoes", "sho?s", true);
    check("shoes", "s?s", false);
    check("mississippi", "*iss*pi", true);
    check("", "*", true);
    check("", "?", false);
}

proptest! {
    #[test]
    fn matching_is_as_defined(text in "[abA]{0,8}", form in "[ab*?]{0,6}") {
        let (left, right) = (Value::from(&*text), Value::from(&*form));
        let expect = glob(&text.to_lowercase(), &form);
        prop_assert_eq!(Comparison::Matches.holds(&left, &right), expect);
    }

    #[test]
    fn parsing_never_panics_and_what_parses_round_trips(text in prop_oneof![".{0,80}", tokens()]) {
        if let Ok(expr) = Expr::parse(&text) {
            let _ = expr.check(&Schema::default());
            prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
        }
    }

    #[test]
    fn text_and_tree_say_the_same(expr in expr()) {
        prop_assume!(expr.depth() <= limits::RULE_DEPTH_MAX);
        prop_assume!(expr.nodes() <= limits::RULE_NODES_MAX);
        prop_assume!(expr.to_string().len() <= limits::RULE_SIZE_MAX_BYTES);
        prop_assert_eq!(&Expr::parse(&expr.to_string()).unwrap(), &expr);
        let tree = serde_json::to_string(&expr.to_tree()).unwrap();
        let read = Expr::from_tree(&serde_json::from_str(&tree).unwrap()).unwrap();
        // A JSON parser may miss the last bit of a float.
        prop_assert_eq!(Expr::from_tree(&expr.to_tree()).unwrap(), expr);
        prop_assert_eq!(Expr::parse(&read.to_string()), Ok(read));
    }

    #[test]
    fn compiled_agrees_with_plain(
        expr in expr(),
        values in prop::collection::vec(value(), 1..8),
    ) {
        let known = known(&expr, &values);
        let mut set = FactSet::default();
        let rule = Rule::compile(&expr, &mut set);
        let slots = Slots::new(&set, &known, NOW);
        prop_assert_eq!(rule.holds(&slots), plain::holds(&expr, &known));
        let explanation = rule.explain(&slots);
        prop_assert_eq!(explanation.holds, rule.holds(&slots));
        prop_assert!(!explanation.sentence.is_empty());
        prop_assert_eq!(rule.slots().len(), set.keys().len());
    }

    #[test]
    fn any_tree_is_read_or_refused(
        text in "[\\[\\]{}:,a-z\"]{0,40}",
        expr in expr(),
        cut in 0usize..200,
    ) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = Expr::from_tree(&value);
        }
        // A tree with one of its names changed.
        let whole = serde_json::to_string(&expr.to_tree()).unwrap();
        let spoilt: String =
            whole.chars().enumerate().map(|(n, one)| if n == cut { 'z' } else { one }).collect();
        if let Ok(value) = serde_json::from_str::<Value>(&spoilt) {
            let _ = Expr::from_tree(&value);
        }
    }
}
