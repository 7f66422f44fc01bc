//! Random rules over random histories: at any instant, whoever is in an audience is whom its rule
//! holds for, evaluated over facts that are built anew from all events.

mod aggregates;
mod calendar;
mod facts;
mod history;
mod parting;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Random, Timestamp};
use kith_engine::state::Read;
use kith_engine::{query, table};
use kith_event::{Identifier, ListChange, Record};
use kith_identity::Rules;
use kith_rule::{Expr, FactSet, Rule, Schema, Slots};
use kith_sim::model::{Somebody, everybody};
use proptest::prelude::*;

use crate::world::{DAY, World};
use facts::{Passed, Person, Seen};
use history::{Arrival, DAYS, Happening, arrivals};

/// Instants looked at for every set of rules.
const INSTANTS: usize = 1_000;

const FEATURES: [(&str, &str); 7] = [
    (
        "views_3d",
        r#"{"value":"count(\"Product Viewed\", 3 days)","trait":"views_3d"}"#,
    ),
    (
        "spent_this_month",
        r#"{"value":"sum(\"Order Completed\", this month)"}"#,
    ),
    (
        "favourite",
        r#"{"value":"top(\"Product Viewed\", of category, 7 days)","trait":"favourite"}"#,
    ),
    (
        "views_by_category",
        r#"{"value":"count(\"Product Viewed\", by category, 5 days)","trait":"views_by_category"}"#,
    ),
    (
        "spent_by_category",
        r#"{"value":"sum(\"Order Completed\", by category)"}"#,
    ),
    ("brands", r#"{"value":"top(any, 2 of brand, 5 days)"}"#),
    (
        "taste",
        r#"{"affinity":{"by":"category","half_life_days":4,
            "once":{"percent":20,"repurchase_days":5}}}"#,
    ),
];

/// Rules and what happens.
#[derive(Clone, Debug)]
struct Case {
    start: i64,
    rules: Vec<String>,
    /// Rules from here on are written when so many records have arrived.
    late: (usize, usize),
    history: Vec<Happening>,
    /// Of the instants.
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    history::season().prop_flat_map(|start| {
        let history = prop::collection::vec(history::happening(start), 1..70);
        let late = (0..12usize, 0..50usize);
        (rules::rules(), late, history, any::<u64>()).prop_map(
            move |(rules, late, history, seed)| Case {
                start,
                rules,
                late,
                history,
                seed,
            },
        )
    })
}

fn audience_id(number: usize) -> String {
    format!("a{number}")
}

/// Anywhere in time, and at the edges of whatever may open or close.
fn instants(case: &Case, arrivals: &[Arrival]) -> Vec<i64> {
    let mut random = Random::new(case.seed);
    let mut instant = || {
        let arrival = random.choose(arrivals).expect("something happens");
        let Record::Event(event) = &arrival.record else {
            return arrival.at;
        };
        let at = event.occurred_at.as_millis();
        match random.below(8) {
            0..=3 => case.start + random.below((DAYS as u64 + 6) * DAY as u64) as i64,
            // The second in which something that happened leaves a window, and the one before.
            4 | 5 => {
                let (_, seconds) = random.choose(&rules::LENGTHS).expect("there are some");
                let from = at.div_euclid(1_000) * 1_000 + seconds * 1_000;
                from + [-1, 0, 999][random.below(3) as usize]
            }
            6 => {
                let quarters = (at - case.start) / 900_000 + random.below(700) as i64;
                case.start + quarters * 900_000 - random.below(2) as i64
            }
            _ => at + random.below(14) as i64 * DAY,
        }
    };
    let mut instants: Vec<i64> = (0..INSTANTS).map(|_| instant()).collect();
    instants.sort_unstable();
    instants
}

/// What an engine must say, from scratch.
struct Model {
    identity: Rules,
    rules: Vec<(String, Rule, FactSet)>,
    seen: Vec<Seen>,
    passed: Passed,
    everybody: Vec<Somebody>,
    /// Who is on the list, and whoever was.
    listed: BTreeSet<Identifier>,
    mentioned: BTreeSet<Identifier>,
    clock: Timestamp,
}

impl Model {
    fn new() -> Self {
        Model {
            identity: Rules::default(),
            rules: Vec::new(),
            seen: Vec::new(),
            passed: Passed::default(),
            everybody: Vec::new(),
            listed: BTreeSet::new(),
            mentioned: BTreeSet::new(),
            clock: Timestamp::ZERO,
        }
    }

    fn write(&mut self, id: &str, rule: &str, schema: &Schema) {
        let mut set = FactSet::default();
        let expr = Expr::parse(rule).expect("it went live");
        let rule = Rule::compile_with(&expr, schema, &mut set);
        self.rules.push((id.to_owned(), rule, set));
    }

    fn take(&mut self, record: &Record) {
        match record {
            Record::Event(event) => {
                if self
                    .seen
                    .iter()
                    .any(|seen| seen.event.message_id == event.message_id)
                {
                    return;
                }
                self.clock = self.clock.max(event.received_at);
                self.seen.push(Seen::new(event.clone()));
            }
            Record::List(ListChange {
                at, add, remove, ..
            }) => {
                self.clock = self.clock.max(*at);
                let one_form = |one: &Identifier| self.identity.normalise(one).expect("a name");
                let add: Vec<Identifier> = add.iter().map(one_form).collect();
                let remove: Vec<Identifier> = remove.iter().map(one_form).collect();
                self.mentioned.extend(add.iter().chain(&remove).cloned());
                self.listed.extend(add);
                remove.iter().for_each(|one| {
                    self.listed.remove(one);
                });
            }
            other => unreachable!("{other:?} in a history"),
        }
        let events: Vec<_> = self.seen.iter().map(|seen| seen.event.clone()).collect();
        self.everybody = everybody(&events);
        let known: BTreeSet<&Identifier> = self
            .everybody
            .iter()
            .flat_map(|one| &one.identifiers)
            .collect();
        let alone: Vec<Identifier> = self
            .mentioned
            .iter()
            .filter(|one| !known.contains(one))
            .cloned()
            .collect();
        self.everybody.extend(alone.into_iter().map(|one| Somebody {
            identifiers: BTreeSet::from([one]),
            events: Vec::new(),
        }));
    }

    /// The audiences somebody is in now.
    fn audiences(&self, somebody: &Somebody) -> BTreeSet<String> {
        let Somebody {
            identifiers,
            events,
        } = somebody;
        let mut person = Person::new(&self.seen, &self.passed, events, identifiers);
        if identifiers.iter().any(|one| self.listed.contains(one)) {
            person.held.insert("vip".to_owned());
        }
        for (id, rule, set) in &self.rules {
            if rule.holds(&Slots::new(set, &person, self.clock)) {
                person.held.insert(id.clone());
            }
        }
        person.held
    }
}

/// Every person's memberships as stored, and every audience's size and list of members.
fn check(case: &Case, world: &World, model: &Model) -> Result<(), TestCaseError> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for somebody in &model.everybody {
        let person = person_of(world, somebody)?;
        let row = query::memberships(&world.state, person).expect("in memory");
        let found: BTreeSet<String> = row.audiences.into_keys().collect();
        let expected = model.audiences(somebody);
        if found != expected {
            let wrong: Vec<&String> = found.symmetric_difference(&expected).collect();
            let rules = wrong
                .iter()
                .filter_map(|id| id.strip_prefix('a')?.parse().ok());
            let rules: Vec<&String> = rules.map(|place: usize| &case.rules[place]).collect();
            return Err(TestCaseError::fail(format!(
                "at {} {:?} is in {found:?}, from scratch in {expected:?}; {rules:#?}",
                model.clock, somebody.identifiers,
            )));
        }
        for id in found {
            let key = table::member(&id, person);
            prop_assert!(world.state.get(&key).expect("in memory").is_some(), "{id}");
            *sizes.entry(id).or_default() += 1;
        }
    }
    for audience in world.project.audiences.all() {
        let size = table::read_number(&world.state, &table::audience_size(&audience.id));
        let expected = sizes.get(&audience.id).copied().unwrap_or(0);
        prop_assert_eq!(size.expect("in memory"), expected, "{}", audience.id);
    }
    let persons = table::read_number(&world.state, &table::mark(table::PERSONS));
    prop_assert_eq!(persons.expect("in memory"), model.everybody.len() as u64);
    Ok(())
}

fn person_of(world: &World, somebody: &Somebody) -> Result<PersonId, TestCaseError> {
    let of = |one: &Identifier| world.person(&one.to_string());
    let persons: BTreeSet<PersonId> = somebody.identifiers.iter().map(of).collect();
    prop_assert_eq!(persons.len(), 1, "{:?} is one person", somebody.identifiers);
    Ok(persons.into_iter().next().expect("there is one"))
}

fn write(case: &Case, world: &mut World, model: &mut Model, places: std::ops::Range<usize>) {
    for place in places {
        let id = audience_id(place);
        world.audience(&id, &case.rules[place]);
        model.write(&id, &case.rules[place], &world.project.schema);
    }
    world.catch_up();
}

fn play(case: &Case) -> Result<(), TestCaseError> {
    let (mut world, mut model) = (World::new(), Model::new());
    for (id, spec) in FEATURES {
        world.feature(id, spec);
    }
    world.define("audience", "vip", r#"{"type":"list"}"#);
    let arrivals = arrivals(&case.history);
    let late = case.late.0.min(case.rules.len());
    write(case, &mut world, &mut model, 0..late);
    let late_at = case.late.1.min(arrivals.len());
    let mut waiting = arrivals.iter().enumerate().peekable();
    for instant in instants(case, &arrivals) {
        while let Some((number, arrival)) = waiting.next_if(|(_, next)| next.at <= instant) {
            if number == late_at {
                write(case, &mut world, &mut model, late..case.rules.len());
            }
            world.apply(arrival.record.clone());
            model.take(&arrival.record);
        }
        if instant % 37 == 0 {
            world.restart();
        }
        world.settle(instant);
        model.clock = model.clock.max(Timestamp::from_millis(instant));
        check(case, &world, &model)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn membership_is_what_a_random_rule_says_from_scratch_at_a_thousand_instants(case in case()) {
        play(&case)?;
    }
}
