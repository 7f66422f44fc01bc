//! When answers change by themselves: against looking at every instant.

use kith_base::{Duration, Timestamp, Value};
use kith_rule::{
    Aggregate, Change, Expr, FactKey, FactSet, Facts, Function, Rule, Slots, Window, next_change,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_248_000_000);

/// Events with a value, and a trait that is a time.
#[derive(Debug)]
struct Person {
    events: Vec<(Timestamp, i64)>,
    due: Timestamp,
}

const HOUR: Duration = Duration::from_secs(3_600);

fn second(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1_000)
}

impl Person {
    fn inside(&self, window: Window, now: Timestamp) -> Vec<i64> {
        let Window::Rolling(length) = window else {
            panic!("rolling windows only");
        };
        let length = length.as_millis() / 1_000;
        let inside = self
            .events
            .iter()
            .filter(|(at, _)| second(now) - length < second(*at) && second(*at) <= second(now));
        inside.map(|(_, value)| *value).collect()
    }
}

impl Facts for Person {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        let last = || self.events.iter().map(|(at, _)| *at).max();
        match key {
            FactKey::Aggregate(Aggregate {
                function, window, ..
            }) => {
                let inside = self.inside(*window, now);
                match function {
                    Function::Count => Value::Int(inside.len() as i64),
                    Function::Sum => Value::Int(inside.iter().sum()),
                    Function::Max => inside.into_iter().max().map_or(Value::Null, Value::Int),
                    other => panic!("no {other:?}"),
                }
            }
            FactKey::Last(_) => last().map_or(Value::Null, Value::Time),
            FactKey::Trait(_) => Value::Time(self.due),
            FactKey::LocalHour => Value::Int(second(now).div_euclid(3_600).rem_euclid(24)),
            other => panic!("no {other}"),
        }
    }

    fn next_change(&self, key: &FactKey, after: Timestamp) -> Option<Timestamp> {
        match key {
            FactKey::Aggregate(Aggregate {
                window: Window::Rolling(length),
                ..
            }) => {
                let leave = self.events.iter().map(|(at, _)| at.plus(*length));
                let enter = self.events.iter().map(|(at, _)| *at);
                leave.chain(enter).filter(|at| *at > after).min()
            }
            FactKey::LocalHour => {
                let hour = after.as_millis().div_euclid(HOUR.as_millis()) + 1;
                Some(Timestamp::from_millis(hour * HOUR.as_millis()))
            }
            _ => None,
        }
    }

    fn only_falls(&self, key: &FactKey, after: Timestamp) -> bool {
        let FactKey::Aggregate(Aggregate { function, .. }) = key else {
            return false;
        };
        let adds_up = match function {
            Function::Count => true,
            Function::Sum => self.events.iter().all(|(_, value)| *value >= 0),
            _ => false,
        };
        adds_up
            && self
                .events
                .iter()
                .all(|(at, _)| second(*at) <= second(after))
    }
}

fn compile(text: &str) -> (Rule, FactSet) {
    let mut set = FactSet::default();
    let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
    (rule, set)
}

fn next(text: &str, person: &Person) -> Option<Change> {
    let (rule, set) = compile(text);
    rule.next_change(&set, person, NOW)
}

/// The first instant of a grid at which a test changes, by looking at each.
fn looked_for(text: &str, person: &Person, step: Duration, steps: i64) -> Option<Timestamp> {
    let (rule, set) = compile(text);
    let holds = |at| rule.holds(&Slots::new(&set, person, at));
    let before = holds(NOW);
    let base = NOW.as_millis().div_euclid(step.as_millis()) * step.as_millis();
    let grid = (0..=steps).flat_map(|n| {
        let at = Timestamp::from_millis(base + n * step.as_millis());
        [at, at.plus(Duration::from_millis(1))]
    });
    grid.filter(|at| *at > NOW).find(|at| holds(*at) != before)
}

fn person(seconds_ago: &[i64]) -> Person {
    let event = |ago: &i64| (NOW.minus(Duration::from_secs(*ago)), 1);
    Person {
        events: seconds_ago.iter().map(event).collect(),
        due: NOW.plus(HOUR),
    }
}

#[track_caller]
fn check(text: &str, person: &Person, expect: Option<(i64, bool)>) {
    let found = next(text, person);
    let found = found.map(|change| (change.at.since(NOW).as_millis(), change.certain));
    assert_eq!(found, expect, "{text}");
}

#[test]
fn the_exact_instant() {
    let one = person(&[10]);
    check("count(\"X\", 30 seconds) > 0", &one, Some((20_000, true)));
    check("count(\"X\", 30 seconds) > 1", &one, None);
    check("last(\"X\") > now - 30 seconds", &one, Some((20_000, true)));
    check(
        "last(\"X\") >= now - 30 seconds",
        &one,
        Some((20_001, true)),
    );
    check("now - 30 seconds = last(\"X\")", &one, Some((20_000, true)));
    check(
        "days_since(last(\"X\")) >= 1",
        &one,
        Some((86_390_000, true)),
    );
    check(
        "days_since(last(\"X\")) in [3, 2]",
        &one,
        Some((2 * 86_400_000 - 10_000, true)),
    );
    check("days_until(traits.due) <= 0", &one, Some((3_600_000, true)));
    check(
        "days_until(traits.due + 1 day) < 2",
        &one,
        Some((3_600_000, true)),
    );
    check(
        "days_until(traits.due) = days_since(traits.due)",
        &one,
        Some((3_600_000, true)),
    );
    check(
        "traits.due > now and local_hour >= 23",
        &one,
        Some((3_600_000, true)),
    );
}

#[test]
fn many_events_are_halved_and_the_rest_is_looked_at_again() {
    let many = person(&(0..500).collect::<Vec<i64>>());
    check(
        "count(\"X\", 1000 seconds) > 5",
        &many,
        Some((995_000, true)),
    );
    check(
        "5 < count(\"X\", 1000 seconds)",
        &many,
        Some((995_000, true)),
    );
    check("count(\"X\", 1000 seconds) >= 0", &many, None);
    // A sum may go up and down: after 64 of its changes it says where it stopped.
    check(
        "sum(\"X\", 1000 seconds) > 5",
        &many,
        Some((564_000, false)),
    );
}

#[test]
fn a_rule_flips_later_than_its_tests() {
    let two = person(&[10, 20]);
    let (rule, set) = compile("count(\"X\", 1 minute) >= 2 or last(\"X\") > now - 2 minutes");
    let at = |seconds: i64| Timestamp::from_millis(NOW.as_millis() + seconds * 1_000);
    let certain = |at| Some(Change { at, certain: true });
    assert_eq!(rule.next_change(&set, &two, NOW), certain(at(40)));
    assert_eq!(rule.next_flip(&set, &two, NOW), certain(at(110)));
    assert_eq!(rule.next_flip(&set, &two, at(110)), None);
    let tests = rule.tests(&set, &two, NOW);
    assert_eq!(tests[0].text, "count(\"X\", 1 minute) >= 2");
    assert_eq!((tests[0].holds, tests[0].change), (true, certain(at(40))));
    assert_eq!(tests[1].change, certain(at(110)));
}

fn test_text(unit: &'static str) -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let subject = prop_oneof![
        3 => (1..40).prop_map(move |n| format!("count(\"X\", {n} {unit}s)")),
        1 => (1..40).prop_map(move |n| format!("sum(\"X\", {n} {unit}s)")),
        1 => (1..40).prop_map(move |n| format!("max(\"X\", {n} {unit}s)")),
        1 => Just("days_since(last(\"X\"))".to_owned()),
        1 => Just("days_until(traits.due)".to_owned()),
        1 => Just("local_hour".to_owned()),
    ];
    let number = (subject, word.clone(), -2..8)
        .prop_map(|(subject, word, n)| format!("{subject} {word} {n}"));
    let list = (-2..5, -2..5).prop_map(|(a, b)| format!("days_since(traits.due) in [{a}, {b}]"));
    let time = prop::sample::select(vec!["last(\"X\")", "traits.due", "traits.due - 1 day"]);
    let moment =
        (time, word, -40i64..40, any::<bool>()).prop_map(move |(time, word, n, turned)| {
            let sign = if n < 0 { '-' } else { '+' };
            let now = format!("now {sign} {} {unit}s", n.abs());
            if turned {
                format!("{now} {word} {time}")
            } else {
                format!("{time} {word} {now}")
            }
        });
    prop_oneof![5 => number, 1 => list, 3 => moment]
}

fn agrees(tests: &[String], person: &Person, unit: Duration) {
    let steps = 200;
    let horizon = NOW.plus(Duration::from_millis(steps * unit.as_millis()));
    let expect = tests
        .iter()
        .filter_map(|test| looked_for(test, person, unit, steps))
        .min();
    let text = tests.join(" and ");
    match (next(&text, person), expect) {
        (Some(Change { at, certain: true }), Some(expect)) => assert_eq!(at, expect, "{text}"),
        (Some(Change { at, certain: true }), None) => assert!(at > horizon, "{text} {at}"),
        (Some(Change { at, certain: false }), expect) => {
            assert!(
                expect.is_none_or(|expect| at < expect),
                "{text} {at} {expect:?}"
            );
        }
        (None, expect) => assert_eq!(expect, None, "{text}"),
    }
}

proptest! {
    #[test]
    fn found_as_by_looking_at_every_instant(
        tests in prop::collection::vec(test_text("second"), 1..3),
        events in prop::collection::vec((0i64..50, -2i64..4), 0..30),
        due in -100i64..100,
    ) {
        let unit = Duration::from_secs(1);
        let ago = |(n, value): &(i64, i64)| (NOW.minus(Duration::from_secs(*n)), *value);
        let due = NOW.plus(Duration::from_secs(due));
        agrees(&tests, &Person { events: events.iter().map(ago).collect(), due }, unit);
    }

    #[test]
    fn found_as_by_looking_at_every_hour(
        tests in prop::collection::vec(test_text("hour"), 1..3),
        events in prop::collection::vec((0i64..50, -2i64..4), 0..30),
        due in -100i64..100,
    ) {
        let ago = |(n, value): &(i64, i64)| (NOW.minus(Duration::from_secs(*n * 3_600)), *value);
        let due = NOW.plus(Duration::from_secs(due * 3_600));
        agrees(&tests, &Person { events: events.iter().map(ago).collect(), due }, HOUR);
    }
}

/// Rules of these tests, joined in every way.
fn rule_text(tests: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let still = prop::sample::select(vec!["traits.due > 2020-01-01", "traits.due < 2020-01-01"]);
    let leaf = prop_oneof![4 => tests, 1 => still.prop_map(str::to_owned)];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        let joined = |parts: Vec<String>, word: &str| format!("({})", parts.join(word));
        prop_oneof![
            2 => parts.clone().prop_map(move |parts| joined(parts, " and ")),
            2 => parts.prop_map(move |parts| joined(parts, " or ")),
            1 => inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_rule_changes_before_the_instant_that_is_told_and_looking_again_finds_when_one_does(
        texts in prop::collection::vec(rule_text(test_text("second")), 1..3),
        events in prop::collection::vec((0i64..50, -2i64..4), 0..20),
        due in -100i64..100,
    ) {
        let ago = |(n, value): &(i64, i64)| (NOW.minus(Duration::from_secs(*n)), *value);
        let due = NOW.plus(Duration::from_secs(due));
        let person = Person { events: events.iter().map(ago).collect(), due };
        let mut set = FactSet::default();
        let compile = |text: &String| Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
        let rules: Vec<Rule> = texts.iter().map(compile).collect();
        let unit = Duration::from_secs(1);
        let flips = texts.iter().filter_map(|text| looked_for(text, &person, unit, 200));
        let flips: Option<Timestamp> = flips.min();
        let mut here = NOW;
        loop {
            let told = next_change(&rules, &Slots::new(&set, &person, here), None);
            let Some(told) = told else {
                prop_assert_eq!(flips, None);
                break;
            };
            prop_assert!(told > here);
            prop_assert!(flips.is_none_or(|flip| told <= flip), "{} {:?}", told, flips);
            if flips.is_none_or(|flip| told == flip) {
                break;
            }
            here = told;
        }
    }
}

#[test]
fn the_part_that_decides_is_watched_alone() {
    let person = person(&[10, 25]);
    let first = |text: &str| {
        let (rule, set) = compile(text);
        next_change([&rule], &Slots::new(&set, &person, NOW), None)
    };
    let seconds = |seconds: i64| Some(NOW.plus(Duration::from_secs(seconds)));
    let (soon, later) = (
        "last(\"X\") > now - 12 seconds",
        "count(\"X\", 40 seconds) >= 2",
    );
    assert_eq!(first(&format!("{soon} and {later}")), seconds(2));
    assert_eq!(first(&format!("{later} or {soon}")), seconds(15));
    assert_eq!(first(&format!("not ({later} or {soon})")), seconds(15));
    assert_eq!(first(&format!("{soon} and traits.due < 2020-01-01")), None);
    assert_eq!(first(&format!("{soon} or traits.due > 2020-01-01")), None);
    // What would have to rise only falls: the whole stays.
    assert_eq!(
        first(&format!("{soon} and count(\"X\", 40 seconds) >= 3")),
        None
    );
}

#[test]
fn of_several_rules_the_first_that_changes() {
    let person = person(&[10, 25]);
    let texts = [
        "count(\"X\", 30 seconds) >= 2",
        "count(\"X\", 40 seconds) < 2 or last(\"X\") > now - 12 seconds",
        "traits.plan = \"pro\"",
        "count(\"X\", 1 hours) >= 1",
    ];
    let mut set = FactSet::default();
    let compile = |text: &&str| Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
    let rules: Vec<Rule> = texts.iter().map(compile).collect();
    let seconds = |seconds: i64| NOW.plus(Duration::from_secs(seconds));
    let first = |rules: &[Rule], until| next_change(rules, &Slots::new(&set, &person, NOW), until);
    assert_eq!(first(&rules, None), Some(seconds(2)));
    assert_eq!(first(&rules[..1], None), Some(seconds(5)));
    assert_eq!(first(&rules[2..3], None), None);
    let alone = rules
        .iter()
        .filter_map(|rule| rule.next_change(&set, &person, NOW));
    assert_eq!(alone.map(|change| change.at).min(), first(&rules, None));
    assert_eq!(first(&rules, Some(seconds(2))), None);
    assert_eq!(first(&rules, Some(seconds(3))), Some(seconds(2)));
}
