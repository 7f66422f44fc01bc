//! A person's facts: what events give to which series, and folds read as their merge.

use kith_base::{Json, Timestamp, Value};
use kith_event::{Commerce, Enrichment, Event, Identifier, Kind};
use kith_profile::series::Moment;
use kith_profile::{
    FeatureSet, Fold, PersonFacts, Profile, Series, SeriesId, feature, no_audiences,
};
use kith_rule::{Aggregate, Expr, FactKey, FactSet, Facts, Path, Rule, Slots};

const NOON: &str = "2026-11-20T12:00:00Z";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a test writes a time")
}

fn event(id: &str, name: &str, time: &str, properties: &str) -> Event {
    Event {
        source: "shop".into(),
        message_id: id.into(),
        kind: Kind::Track,
        name: name.into(),
        identifiers: vec![Identifier::new("user_id", "1")],
        received_at: at(time),
        occurred_at: at(time),
        original_at: None,
        properties: Json::parse(properties).expect("a test writes JSON"),
        traits: Json::empty(),
        context: Json::empty(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

fn order(id: &str, time: &str) -> Event {
    let lines = r#"{"revenue":90,"coupon":"X","products":[
        {"product_id":"a","category":"shoes","price":30,"quantity":2},
        {"product_id":"b","category":"hats","price":"40.5"},
        {"product_id":"c","category":"shoes","price":10}]}"#;
    event(id, "Order Completed", time, lines)
}

fn fold(features: &FeatureSet, events: &[Event]) -> Fold {
    let mut fold = Fold::default();
    for event in events {
        let commerce = Commerce::read(&event.properties);
        fold.add(event, &commerce, &[]);
        let contributions = features.contributions(event, &commerce, &mut |_| Value::Null);
        fold.add_series(features, &contributions, Moment::of(event));
    }
    fold
}

fn value(text: &str, events: &[Event]) -> Value {
    let aggregate = Aggregate::parse(text).expect("a test writes an aggregate");
    let features = FeatureSet::compile([&aggregate], []);
    let fold = fold(&features, events);
    let facts = PersonFacts::new(vec![&fold], vec![], &features, &Value::Null, &no_audiences);
    facts.fact(&FactKey::Aggregate(aggregate), at(NOON))
}

#[test]
fn conditions_choose_lines_and_their_values() {
    let events = [
        order("1", "2026-11-20T11:00:00Z"),
        order("2", "2026-10-01T11:00:00Z"),
    ];
    let check = |text: &str, expect: Value| assert_eq!(value(text, &events), expect, "{text}");
    let shoes = r#""Order Completed" where category = "shoes""#;
    check(&format!("count({shoes})"), Value::Int(2));
    check(&format!("count({shoes}, 30 days)"), Value::Int(1));
    check(&format!("sum({shoes}, 30 days)"), Value::Float(70.0));
    check(&format!("sum({shoes}, of quantity)"), Value::Float(4.0));
    check(&format!("max({shoes}, of price)"), Value::Float(30.0));
    check(
        r#"count("Order Completed" where category = "bags")"#,
        Value::Int(0),
    );
    // A condition on the order itself leaves its revenue.
    check(
        r#"sum("Order Completed" where coupon = "X")"#,
        Value::Float(180.0),
    );
    check(r#"average("Order Completed")"#, Value::Float(90.0));
    check(r#"distinct("Order Completed", of category)"#, Value::Int(2));
    check(
        r#"top("Order Completed", of category, 90 days)"#,
        Value::from("hats"),
    );
    check(r#"first("Order Completed", of coupon)"#, Value::from("X"));
    check(
        r#"last("Order Completed", of price, 30 days)"#,
        Value::Int(30),
    );
}

#[test]
fn aggregates_share_series_and_keep_only_what_is_wanted() {
    let parse = |text: &str| Aggregate::parse(text).unwrap();
    let (ever, month) = (parse("count(page)"), parse("sum(page, 30 days)"));
    let other = parse("distinct(page, of url)");
    let first = FeatureSet::compile([&ever], []);
    let both = FeatureSet::compile([&ever, &month, &other], []);
    assert_eq!((first.len(), both.len()), (1, 2));
    let id = SeriesId::of_aggregate(&ever);
    assert_eq!(first.get(id).unwrap().needs.detail_days, 0);
    assert_eq!(both.get(id).unwrap().needs.detail_days, 30);
    assert_eq!(both.wanting(&first), {
        let mut ids = vec![id, SeriesId::of_aggregate(&other)];
        ids.sort_unstable();
        ids
    });
    assert_eq!(first.wanting(&both), []);
    // An event nobody names adds nothing.
    let track = order("1", NOON);
    assert_eq!(
        both.contributions(&track, &Commerce::read(&track.properties), &mut |_| {
            Value::Null
        }),
        []
    );
}

#[test]
fn a_series_no_longer_wanted_goes_with_the_next_event() {
    let parse = |text: &str| Aggregate::parse(text).unwrap();
    let count = parse(r#"count("Order Completed", 30 days)"#);
    let top = parse(r#"top("Order Completed", of category)"#);
    let before = FeatureSet::compile([&count, &top], []);
    let mut kept = fold(&before, &[order("1", NOON)]);
    assert_eq!(kept.series.len(), 2);
    let after = FeatureSet::compile([&count], []);
    kept.drop_unwanted_series(&before.only(&[]));
    assert_eq!(kept.series.len(), 2);
    let next = order("2", NOON);
    let commerce = Commerce::read(&next.properties);
    kept.add_series(
        &after,
        &after.contributions(&next, &commerce, &mut |_| Value::Null),
        Moment::of(&next),
    );
    assert_eq!(kept.series.len(), 1);
}

#[test]
fn folds_are_read_as_their_merge() {
    let texts = [
        r#"count("Product Viewed", 2 days)"#,
        r#"top("Product Viewed", of category)"#,
    ];
    let aggregates = texts.map(|text| Aggregate::parse(text).unwrap());
    let features = FeatureSet::compile(&aggregates, []);
    let mut random = kith_base::Random::new(7);
    let names = [
        "Product Viewed",
        "Product Added",
        "Product Removed",
        "Order Completed",
    ];
    let mut nodes: [Vec<Event>; 3] = Default::default();
    for n in 0..400u64 {
        let item = random.below(9);
        let properties = format!(
            r#"{{"product_id":"{item}","category":"c{}","price":3}}"#,
            item % 4
        );
        // More names than one fold keeps counters for.
        let counted = format!("Name {}", random.below(200));
        let name = names
            .get(random.below(8) as usize)
            .copied()
            .unwrap_or(&counted);
        let mut made = event(&n.to_string(), name, NOON, &properties);
        made.occurred_at =
            Timestamp::from_millis(at(NOON).as_millis() - random.below(400_000_000) as i64);
        made.traits = Json::parse(&format!(r#"{{"t{}":{n}}}"#, random.below(9))).unwrap();
        nodes[random.below(3) as usize].push(made);
    }
    let folds = nodes.map(|events| fold(&features, &events));
    let mut merged = Fold::default();
    folds.iter().for_each(|fold| merged.merge(fold));
    let null = Value::Null;
    let many = PersonFacts::new(
        folds.iter().collect(),
        vec![],
        &features,
        &null,
        &no_audiences,
    );
    let one = PersonFacts::new(vec![&merged], vec![], &features, &null, &no_audiences);
    let mut keys: Vec<FactKey> = aggregates.into_iter().map(FactKey::Aggregate).collect();
    keys.extend(
        feature::ALL
            .iter()
            .map(|known| FactKey::Feature(known.name.into())),
    );
    keys.extend((0..9).map(|n| FactKey::Trait(Path::dotted(&format!("t{n}")))));
    keys.extend((0..200).map(|n| FactKey::Count(format!("Name {n}"))));
    let mut known = 0;
    for key in &keys {
        assert_eq!(many.fact(key, at(NOON)), one.fact(key, at(NOON)), "{key}");
        known += usize::from(one.fact(key, at(NOON)) != Value::Int(0));
    }
    assert!(known > 100 && merged.counters.len() == 128);
    let profile = Profile {
        person: kith_base::NodeId::of("a", "b").person(),
        nodes: vec![],
        fold: merged.clone(),
    };
    let in_cart = Value::Int(feature::cart(&profile).len() as i64);
    let cart = FactKey::Feature("cart_item_count".into());
    assert_eq!(one.fact(&cart, at(NOON)), in_cart);
}

#[test]
fn a_stored_fold_names_none_of_its_entries() {
    let features = FeatureSet::default();
    let seen = |n: usize| {
        let properties = format!(r#"{{"product_id":"p{n}","category":"c{}"}}"#, n % 7);
        event(&n.to_string(), "Product Viewed", NOON, &properties)
    };
    let bytes = |count: usize| {
        let events: Vec<Event> = (0..count).map(seen).collect();
        let fold = fold(&features, &events);
        let bytes = rmp_serde::to_vec_named(&fold).expect("a fold is stored");
        assert_eq!(
            rmp_serde::from_slice::<Fold>(&bytes).expect("it is read"),
            fold
        );
        bytes.len()
    };
    // An item that was viewed: when, what tells it from others of that instant, and its id.
    let each = (bytes(50) - bytes(10)) as f64 / 40.0;
    assert!((19.0..=20.0).contains(&each), "{each}");
}

#[test]
fn the_persons_zone_is_the_newest_one_told() {
    let parse = |text: &str| Aggregate::parse(text).unwrap();
    let today = parse(r#"count("Product Viewed", today)"#);
    let features = FeatureSet::compile([&today], []);
    let mut view = event("1", "Product Viewed", "2026-11-20T15:30:00Z", "{}");
    let late = event("2", "Product Viewed", "2026-11-20T16:30:00Z", "{}");
    view.context = Json::parse(r#"{"timezone":"Asia/Taipei"}"#).unwrap();
    let fold = fold(&features, &[view, late]);
    let null = Value::Null;
    let facts = PersonFacts::new(vec![&fold], vec![], &features, &null, &no_audiences);
    let now = at("2026-11-20T17:00:00Z");
    let key = FactKey::Aggregate(today);
    assert_eq!(facts.fact(&key, now), Value::Int(1));
    assert_eq!(
        facts.next_change(&key, now),
        Some(at("2026-11-21T16:00:00Z"))
    );
    assert_eq!(facts.fact(&FactKey::LocalHour, now), Value::Int(1));
    assert_eq!(
        facts.fact(&FactKey::LocalWeekday, now),
        Value::from("saturday")
    );
    assert_eq!(
        facts.next_change(&FactKey::LocalHour, now),
        Some(at("2026-11-20T18:00:00Z"))
    );
}

#[test]
fn birthdays_reachability_and_audiences() {
    let features = FeatureSet::default();
    let mut identify = event("1", "", NOON, "{}");
    identify.kind = Kind::Identify;
    identify.traits = Json::parse(r#"{"birthday":"1992-02-29"}"#).unwrap();
    let refused = event(
        "2",
        "Consent Updated",
        NOON,
        r#"{"categories":{"marketing":false}}"#,
    );
    let open = fold(&features, std::slice::from_ref(&identify));
    let closed = fold(&features, &[identify, refused]);
    let email = Identifier::new("email", "a@b.c");
    let null = Value::Null;
    let audiences = |id: &str| (id == "known").then_some(true);
    let facts = |fold| PersonFacts::new(vec![fold], vec![&email], &features, &null, &audiences);
    let check = |fold, key: FactKey, expect: Value| {
        assert_eq!(facts(fold).fact(&key, at(NOON)), expect, "{key}");
    };
    let birthday = FactKey::Anniversary(Path::dotted("birthday"));
    check(&open, birthday.clone(), Value::Time(at("2027-03-01")));
    assert_eq!(
        facts(&open).next_change(&birthday, at(NOON)),
        Some(at("2027-03-02"))
    );
    check(&open, FactKey::Reachable("email".into()), Value::Bool(true));
    check(
        &open,
        FactKey::Reachable("phone".into()),
        Value::Bool(false),
    );
    check(
        &closed,
        FactKey::Reachable("email".into()),
        Value::Bool(false),
    );
    check(&open, FactKey::Audience("known".into()), Value::Bool(true));
    check(&open, FactKey::Audience("other".into()), Value::Null);
    check(
        &open,
        FactKey::Identifier("email".into()),
        Value::from("a@b.c"),
    );
}

#[test]
fn a_rule_with_a_sequence_holds_and_says_when_it_ends() {
    let text = r#"sequence("Product Added", not "Order Completed" within 1 hour, 2 days)"#;
    let expr = Expr::parse(text).unwrap();
    let mut set = FactSet::default();
    let rule = Rule::compile(&expr, &mut set);
    let FactKey::Sequence(sequence) = set.keys()[0].clone() else {
        panic!("the only fact is the sequence");
    };
    let features = FeatureSet::compile([], [&sequence]);
    let cart = fold(&features, &[event("1", "Product Added", NOON, "{}")]);
    let null = Value::Null;
    let facts = PersonFacts::new(vec![&cart], vec![], &features, &null, &no_audiences);
    let holds = |time: &str| rule.holds(&Slots::new(&set, &facts, at(time)));
    assert!(!holds("2026-11-20T12:59:59Z"));
    assert!(holds("2026-11-20T13:00:00Z"));
    assert!(holds("2026-11-22T11:59:59Z"));
    assert!(!holds("2026-11-22T12:00:00Z"));
    let change = facts.next_change(&set.keys()[0], at(NOON));
    assert_eq!(change, Some(at("2026-11-20T13:00:00Z")));
    assert_eq!(Series::default().lifetime().count, 0);
}
