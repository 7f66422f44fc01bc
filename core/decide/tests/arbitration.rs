//! Arbitration by example: layers, limits and policies, and what the record says of losers.

use std::collections::BTreeMap;

use kith_base::{Duration, Json, Timestamp, Value};
use kith_decide::*;
use kith_definition::{Offer, Placement, Revisioned};
use kith_rule::Schema;

const NOW: &str = "2026-11-21T08:00:00Z";

fn placement(id: &str, spec: &str) -> Revisioned<Placement> {
    let spec = Json::parse(spec).expect("JSON");
    revisioned(id, Placement::parse(&spec).expect("a placement"))
}

fn offer(id: &str, spec: &str) -> Revisioned<Offer> {
    let text = format!(r#"{{"placements":["hero"]{spec}}}"#);
    let spec = Json::parse(&text).expect("JSON");
    revisioned(id, Offer::parse(&spec).expect("an offer"))
}

fn revisioned<T>(id: &str, spec: T) -> Revisioned<T> {
    Revisioned {
        id: id.to_owned(),
        name: String::new(),
        revision: 1,
        spec,
    }
}

fn now() -> Timestamp {
    Timestamp::parse(NOW).expect("a time")
}

struct Case {
    facts: BTreeMap<String, Value>,
    standing: BTreeMap<String, Standing>,
}

fn case() -> Case {
    Case {
        facts: BTreeMap::from([
            ("traits.plan".to_owned(), Value::from("free")),
            ("traits.complaints".to_owned(), Value::Int(1)),
            ("context.weather".to_owned(), Value::from("rain")),
        ]),
        standing: BTreeMap::new(),
    }
}

impl Case {
    fn decide(
        &self,
        placements: &[Revisioned<Placement>],
        offers: &[Revisioned<Offer>],
    ) -> Outcome {
        let (compiled, problems) = Placements::compile(placements, offers, &Schema::default());
        assert_eq!(problems, []);
        let mut session = compiled.session(&self.facts, now());
        let request = Request {
            placement: "hero",
            decision_id: "d-1",
            seed: 1,
            profile: ProfileUse::Used,
            items: Items::default(),
            standing: self.standing.clone(),
            policy: Policy::Unlearned,
            nodes: &[],
        };
        session.decide(request).expect("the placement exists")
    }
}

/// What is shown, then what lost with its reason.
fn lines(outcome: &Outcome) -> Vec<String> {
    let shown = outcome.entry.choices.iter();
    let shown = shown.map(|choice| format!("{} {}", choice.id, choice.score));
    let lost = |loser: &Loser| format!("{} {:?}: {}", loser.id, loser.code, loser.reason);
    shown.chain(outcome.losers.iter().map(lost)).collect()
}

fn hero(spec: &str) -> Revisioned<Placement> {
    placement("hero", &format!(r#"{{"type":"offers"{spec}}}"#))
}

#[test]
fn each_layer_names_itself_and_its_rule() {
    let offers = [
        offer("may", r#","when":"traits.plan = \"pro\"""#),
        offer("now", r#","applicable_when":"context.weather = \"sun\"""#),
        offer("good", r#","suitable_when":"traits.complaints = 0""#),
        offer("never", r#","never_when":"traits.plan = \"free\"""#),
        offer("left", r#","priority":1"#),
    ];
    assert_eq!(
        lines(&case().decide(&[hero("")], &offers)),
        [
            "left 1",
            "good NotSuitable: Not suitable: their complaints is 1, not 0",
            "may NotEligible: Not eligible: their plan is \"free\", not \"pro\"",
            "never Excluded: Excluded: their plan is \"free\"",
            "now NotApplicable: Not applicable now: the weather is \"rain\", not \"sun\"",
        ]
    );
}

#[test]
fn the_priority_is_propensity_times_context_times_value_times_lever() {
    let offers = [
        offer("sure", r#","propensity":0.5,"value":10"#),
        offer(
            "rainy",
            r#","propensity":0.1,"value":40,"context":[
                {"when":"context.weather = \"rain\"","weight":2},
                {"when":"context.weather = \"sun\"","weight":9}]"#,
        ),
        offer("pushed", r#","propensity":0.1,"value":10"#),
    ];
    let outcome = case().decide(&[hero("")], &offers);
    assert_eq!(
        lines(&outcome),
        [
            "rainy 800",
            "sure LowerPriority: Priority 500 is below 800, the lowest that is shown; \
             propensity 0.5, context 1, value 10, lever 100",
            "pushed LowerPriority: Priority 100 is below 800, the lowest that is shown; \
             propensity 0.1, context 1, value 10, lever 100",
        ]
    );
    let terms = outcome.entry.choices[0].terms.as_ref().expect("terms");
    assert_eq!((terms.propensity, terms.context), (0.1, 2.0));
    assert_eq!((terms.value, terms.lever), (40.0, 100.0));
    let sum = terms.propensity * terms.context * terms.value * terms.lever;
    assert_eq!(sum, outcome.entry.choices[0].score);
    let levers = hero(r#","levers":[{"offer":"pushed","lever":20}]"#);
    assert_eq!(lines(&case().decide(&[levers], &offers))[0], "pushed 2000");
    let formula = hero(r#","formula":"value - propensity * traits.complaints * 100""#);
    assert_eq!(lines(&case().decide(&[formula], &offers))[0], "rainy 30");
    let unknown = hero(r#","formula":"value * traits.gone""#);
    let outcome = case().decide(&[unknown], &offers);
    assert!(outcome.entry.choices.is_empty());
    assert_eq!(outcome.losers[0].code, LoserCode::NotRelevant);
}

#[test]
fn floors_and_thresholds_leave_out_promotions() {
    let offers = [
        offer(
            "risky",
            r#","value":90,"figures":[{"name":"risk","value":0.05}]"#,
        ),
        offer("unknown", r#","value":80"#),
        offer(
            "weak",
            r#","value":0.01,"figures":[{"name":"risk","value":0.01}]"#,
        ),
        offer(
            "fine",
            r#","value":5,"figures":[{"name":"risk","value":0.02}]"#,
        ),
        offer("help", r#","kind":"service","priority":1"#),
    ];
    let rules = r#","limit":2,"silence_below":50,"floors":[
        {"name":"the risk that they leave","formula":"offer.risk * traits.complaints",
         "at_most":0.02}]"#;
    let outcome = case().decide(&[hero(rules)], &offers);
    assert_eq!(
        lines(&outcome),
        [
            "help 1",
            "fine 500",
            "risky BelowFloor: Out of bounds: the risk that they leave would be 0.05, above 0.02",
            "unknown BelowFloor: Out of bounds: the risk that they leave is not known",
            "weak NotRelevant: Not relevant: priority 1 is below 50; \
             propensity 1, context 1, value 0.01, lever 100",
        ]
    );
}

#[test]
fn what_must_be_said_comes_first_and_a_complaint_silences_promotions() {
    let offers = [
        offer("sale", r#","priority":1000"#),
        offer("recall", r#","kind":"mandatory","priority":1"#),
        offer("help", r#","kind":"service","priority":2"#),
    ];
    let both = hero(r#","limit":2"#);
    assert_eq!(
        lines(&case().decide(&[both], &offers)),
        [
            "recall 1",
            "help 2",
            "sale LowerPriority: Comes after services"
        ]
    );
    let silent = hero(r#","limit":9,"silence_promotions_when":"traits.complaints > 0""#);
    assert_eq!(
        lines(&case().decide(&[silent], &offers)),
        [
            "recall 1",
            "help 2",
            "sale Silenced: No promotions now: their complaints is 1, which is more than 0",
        ]
    );
}

#[test]
fn exclusions_hold_in_every_fallback() {
    let of_next = |id: &str, spec: &str| {
        let text = format!(r#"{{"placements":["next"]{spec}}}"#);
        revisioned(id, Offer::parse(&Json::parse(&text).unwrap()).unwrap())
    };
    let offers = [
        offer("own", r#","when":"traits.plan = \"pro\"""#),
        of_next("sale", ""),
        of_next(
            "gone",
            r#","kind":"service","never_when":"traits.complaints > 0""#,
        ),
        of_next("help", r#","kind":"service""#),
    ];
    let silent = r#","fallback":{"placement":"next"},
        "silence_promotions_when":"traits.complaints > 0""#;
    let placements = [
        hero(silent),
        placement("next", r#"{"type":"offers","limit":9}"#),
    ];
    let outcome = case().decide(&placements, &offers);
    let found = lines(&outcome);
    assert_eq!(found[0], "help 100");
    assert!(outcome.entry.fallback);
    let reasons = &outcome.entry.choices[0].reasons;
    assert_eq!(&*reasons[2], "From next, since hero has nothing to show");
    let codes: Vec<_> = outcome
        .losers
        .iter()
        .map(|one| (&*one.id, one.code))
        .collect();
    let expect = [
        ("own", LoserCode::Silenced),
        ("gone", LoserCode::Excluded),
        ("sale", LoserCode::Silenced),
    ];
    assert_eq!(codes, expect);
}

#[test]
fn a_circle_of_fallbacks_ends_in_nothing() {
    let to = |next: &str| format!(r#","fallback":{{"placement":"{next}"}}"#);
    let around = [
        hero(&to("next")),
        placement("next", &format!(r#"{{"type":"offers"{}}}"#, to("hero"))),
    ];
    let outcome = case().decide(
        &around,
        &[offer("own", r#","when":"traits.plan = \"pro\"""#)],
    );
    assert!(outcome.entry.choices.is_empty());
    assert_eq!(outcome.losers.len(), 1);
}

#[test]
fn a_grant_is_theirs_whatever_the_layers_say_later() {
    let limited = r#","when":"traits.plan = \"pro\"","limits":{"stock":5},"priority":1"#;
    let offers = [
        offer("coupon", limited),
        offer("full", r#","limits":{"stock":0}"#),
        offer("open", r#","limits":{"stock":7},"priority":3"#),
        offer("plain", r#","priority":2"#),
    ];
    let mut case = case();
    let grant = Grant {
        grant_id: "g-1".to_owned(),
        granted_at: now().plus(Duration::from_days(-1)),
        expires_at: now().plus(Duration::from_days(1)),
        code: None,
        new: false,
    };
    case.standing = BTreeMap::from([
        ("coupon".to_owned(), Standing::Held(grant)),
        (
            "full".to_owned(),
            Standing::Closed(Closed::OutOfStock { stock: 0 }),
        ),
        ("open".to_owned(), Standing::Open),
    ]);
    let outcome = case.decide(&[hero(r#","limit":2"#)], &offers);
    assert_eq!(
        lines(&outcome),
        [
            "coupon 1",
            "open 3",
            "plain LowerPriority: Priority 2 is below 3, the lowest that is shown",
            "full LimitReached: Limit reached: all 0 are granted",
        ]
    );
    let granted = outcome.entry.choices[0].granted.as_ref().expect("granted");
    assert!(!granted.new);
    assert_eq!(outcome.wanted, ["open".into()]);
    assert!(outcome.entry.choices[1].granted.is_none());
    case.standing.clear();
    let outcome = case.decide(&[hero("")], &offers);
    assert_eq!(lines(&outcome)[0], "plain 2", "nobody asked for grants");
}

#[test]
fn inputs_of_earlier_versions_are_read() {
    let stored = r#"{"decision_id":"d","now":0,"seed":1,"profile":"used","placement":["hero",1],
        "offers":[["a",3]],"facts":{"traits.plan":"free"},"items":{}}"#;
    let inputs: Inputs = serde_json::from_str(stored).expect("inputs");
    assert!(inputs.standing.is_empty() && inputs.fallbacks.is_empty());
    let again = serde_json::to_string(&inputs).expect("JSON");
    assert!(!again.contains("standing") && !again.contains("fallbacks"));
}
