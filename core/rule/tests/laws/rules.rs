//! Rules of every shape.

use kith_base::{Duration, Timestamp};
use kith_event::Kind;
use kith_rule::{
    Aggregate, At, By, Calendar, Comparison, Condition, Days, Events, Expr, FactKey, Filter,
    Function, Literal, Operand, Path, Quantifier, Question, Sequence, Span, Term, Test, Unit,
    Window, ZoneName,
};
use proptest::prelude::*;

use crate::NOW;

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
        1 => (name(), ".{0,6}").prop_map(|(feature, key)| FactKey::Keyed { feature, key }),
        1 => name().prop_map(FactKey::Consent),
        1 => name().prop_map(FactKey::Count),
        1 => name().prop_map(FactKey::Sum),
        1 => name().prop_map(FactKey::First),
        1 => name().prop_map(FactKey::Last),
        1 => name().prop_map(FactKey::Identifier),
        1 => name().prop_map(FactKey::Reachable),
        1 => name().prop_map(FactKey::Audience),
        1 => path().prop_map(FactKey::Account),
        1 => (prop::sample::select(Quantifier::ALL.to_vec()), name())
            .prop_map(|(quantifier, audience)| FactKey::AccountPersons { quantifier, audience }),
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
    (events, condition).prop_map(|(events, condition)| Filter::new(events, condition))
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
        1 => prop::sample::select(calendars.clone()).prop_map(Window::Calendar),
        1 => prop::sample::select(calendars).prop_map(|calendar| {
            Window::CalendarIn(calendar, ZoneName::parse("America/Sao_Paulo").expect("a zone"))
        }),
    ]
}

fn aggregate() -> impl Strategy<Value = FactKey> {
    let function = prop::sample::select(Function::ALL.to_vec());
    let by = (path(), prop::option::of("[a-z0-9 \"]{0,6}"));
    let by = (prop::option::of(by), 1..=kith_base::limits::TOP_MAX);
    (function, filter(), path(), any::<bool>(), window(), by).prop_map(
        |(function, events, path, of, window, (by, most))| {
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
                by: by
                    .filter(|_| Function::BY_KEY.contains(&function))
                    .map(|(path, key)| By { path, key }),
                most: if function == Function::Top { most } else { 1 },
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

pub fn literal() -> impl Strategy<Value = Literal> {
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

pub fn expr() -> impl Strategy<Value = Expr> {
    expr_of(fact().boxed(), 4)
}
