//! Which offer works is learned from the log of a running engine.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use kith_base::{Duration, Json};
use kith_decide::bandit::Serves;
use kith_event::{Identifier, Record};
use kith_learning::Learner;

use shop::{HERO, Shop, define, offer};

const DAY: Duration = Duration::from_days(1);

/// Everything that decisions take from what was learned, as text.
fn learned(shop: &Shop) -> String {
    format!("{:?}", shop.handle.view().learned.policies)
}

#[tokio::test]
async fn the_better_offer_serves_and_the_gate_stays_shut() {
    let mut shop = Shop::new([[0.1, 0.4]; 2], 1).await;
    let mut learner = Learner::new(shop.handle.clone());
    let first = shop.decide("u0").await;
    let choice = &first.entry.choices[0];
    assert_eq!(choice.propensity, 0.5);
    assert!(
        choice.reasons[1].starts_with(
            "Drawn by lot with probability 50 % of 2 candidates: offers take turns at random"
        ),
        "{:?}",
        choice.reasons
    );
    shop.visits(900, &mut learner).await;
    shop.pass(DAY, &mut learner).await;
    let view = shop.handle.view();
    let gate = view.learned.policies.bandit.gate("hero");
    assert_eq!(gate.serves, Serves::Fixed, "{}", gate.words);
    assert_eq!(gate.outcomes, 901);
    let (best, figure) = gate.best.expect("there is a best one");
    assert_eq!(best, "b");
    assert!((figure.value - 0.4).abs() < 0.08, "{figure:?}");
    let after = shop.decide("u0").await;
    let drawing = after.inputs.drawing.as_deref().expect("it is drawn");
    let b = drawing.candidates.iter().find(|one| one.offer == "b");
    assert!(b.unwrap().propensity > 0.9, "{drawing:?}");
    assert_eq!(drawing.features, ["traits.kind"]);
    shop.learn(&mut learner).await;
    assert_eq!(shop.differences(), 0);
    // Definitions change, and what was decided stays what it was.
    let other = r#"{"type":"offers","limit":2,"learning":{"features":["traits.plan"]}}"#;
    shop.append(vec![
        define("placement", "hero", other, shop.now),
        define("offer", "a", &offer(r#","value":9"#), shop.now),
    ])
    .await;
    assert_eq!(shop.differences(), 0);
}

#[tokio::test]
async fn the_gate_opens_where_what_works_depends_on_the_visitor() {
    let mut shop = Shop::new([[0.5, 0.05], [0.05, 0.5]], 2).await;
    let mut learner = Learner::new(shop.handle.clone());
    shop.visits(1_500, &mut learner).await;
    let gate = shop.handle.view().learned.policies.bandit.gate("hero");
    assert_eq!(gate.serves, Serves::Learned, "{}", gate.words);
    // The last hundred earn far more than either offer alone would.
    let mut fits = 0;
    for number in 0..100 {
        let outcome = shop.decide(&format!("u{}", number % 20)).await;
        let best = ["a", "b"][number % 2];
        fits += usize::from(outcome.entry.choices[0].id == best);
    }
    assert!(fits >= 80, "{fits}");
    shop.learn(&mut learner).await;
    assert_eq!(shop.differences(), 0);
}

#[tokio::test]
async fn a_restart_knows_all_to_the_last_reward() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shop = Shop::new([[0.1, 0.4]; 2], 3).await;
    let mut learner = Learner::in_folder(shop.handle.clone(), folder.path());
    shop.visits(150, &mut learner).await;
    learner.write();
    // Of these the file knows nothing.
    shop.visits(150, &mut learner).await;
    let last = shop.decide("u1").await;
    shop.click(&last.entry.decision_id, "").await;
    shop.pass(DAY, &mut learner).await;
    let expect = learned(&shop);
    drop(learner);
    let file = folder.path().join("policies");
    let again = async |folder: &std::path::Path| {
        shop.handle.learn(|_| kith_engine::Learned::default());
        let mut learner = Learner::in_folder(shop.handle.clone(), folder);
        shop.read(&mut learner);
        (learned(&shop), learner)
    };
    let (found, mut learner) = again(folder.path()).await;
    assert_eq!(found, expect, "from the checkpoint and the log");
    learner.write();
    let (found, _) = again(folder.path()).await;
    assert_eq!(found, expect, "from a newer checkpoint");
    let bytes = std::fs::read(&file).expect("it was written");
    for cut in [0, 5, 20, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&file, &bytes[..cut]).expect("it can be cut");
        let (found, _) = again(folder.path()).await;
        assert_eq!(found, expect, "cut to {cut} bytes");
    }
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    let mut newer = bytes;
    newer[7] += 1;
    for bytes in [damaged, newer] {
        std::fs::write(&file, bytes).expect("it can be written");
        let (found, _) = again(folder.path()).await;
        assert_eq!(found, expect);
    }
}

#[tokio::test]
async fn what_is_no_reward_changes_nothing_and_is_counted() {
    let mut shop = Shop::new([[0.0; 2]; 2], 4).await;
    let mut learner = Learner::new(shop.handle.clone());
    let one = shop.decide("u0").await.entry.decision_id;
    shop.click("7d5a2b9e-0000-0000-0000-000000000000", "").await;
    for reward in ["\"NaN\"", "\"much\"", "1e308", "-1", "{}"] {
        shop.now = shop.now.plus(Duration::from_secs(1));
        shop.click(&one, &format!(",\"reward\":{reward}")).await;
    }
    shop.now = shop.now.plus(Duration::from_secs(1));
    shop.click(&one, ",\"choice_id\":\"gone\"").await;
    shop.now = shop.now.plus(Duration::from_secs(1));
    let before = {
        let mut event = shop.event(
            "Decision Clicked",
            "u0",
            &format!(r#"{{"decision_id":"{one}"}}"#),
        );
        event.occurred_at = shop.now.minus(Duration::from_secs(3_600));
        event
    };
    shop.append(vec![Record::Event(before)]).await;
    shop.now = shop.now.plus(Duration::from_secs(1));
    shop.click(&one, ",\"reward\":0.5").await;
    shop.now = shop.now.plus(Duration::from_secs(1));
    shop.click(&one, "").await;
    shop.pass(DAY, &mut learner).await;
    shop.click(&one, "").await;
    shop.pass(DAY, &mut learner).await;
    let check = |reason: &str, expect: u64| assert_eq!(shop.ignored(reason), expect, "{reason}");
    check("unknown-decision", 1);
    check("not-finite", 3);
    check("out-of-range", 2);
    check("not-drawn", 1);
    check("before-decision", 1);
    check("duplicate-reward", 1);
    check("too-late", 1);
    let offers = shop.handle.view().learned.policies.bandit.offers("hero");
    assert_eq!(offers.len(), 1);
    assert_eq!((offers[0].shown, offers[0].earned), (1, 0.5));
}

#[tokio::test]
async fn a_reward_without_a_decision_counts_for_the_latest_of_the_person() {
    let hero = r#"{"type":"offers","learning":
        {"reward":"\"Order Completed\" where revenue >= 50","window_days":2}}"#;
    let mut shop = Shop::with([[0.0; 2]; 2], 5, hero, ["", ""]).await;
    let mut learner = Learner::new(shop.handle.clone());
    shop.decide("u0").await;
    shop.now = shop.now.plus(Duration::from_secs(60));
    shop.decide("u1").await;
    // Too small; of nobody who saw anything; then one under an address linked meanwhile.
    let mut records = Vec::new();
    for (user, revenue) in [("u0", 10), ("u9", 90)] {
        let event = shop.event(
            "Order Completed",
            user,
            &format!(r#"{{"revenue":{revenue}}}"#),
        );
        records.push(Record::Event(event));
    }
    let mut linked = shop.event("Signed In", "u1", "{}");
    linked
        .identifiers
        .push(Identifier::new("email", "One@Shop.example"));
    records.push(Record::Event(linked));
    let mut order = shop.event("Order Completed", "", r#"{"revenue":90}"#);
    order.identifiers = vec![Identifier::new("email", "One@Shop.example")];
    records.push(Record::Event(order));
    shop.append(records).await;
    shop.pass(Duration::from_days(2), &mut learner).await;
    let offers = shop.handle.view().learned.policies.bandit.offers("hero");
    let earned: f64 = offers.iter().map(|one| one.earned).sum();
    let shown: u64 = offers.iter().map(|one| one.shown).sum();
    assert_eq!((shown, earned), (2, 1.0), "{offers:?}");
}

#[tokio::test]
async fn stock_stays_exact_where_offers_are_drawn() {
    let offers = [r#","limits":{"stock":30}"#, r#","limits":{"stock":20}"#];
    let mut shop = Shop::with([[0.0; 2]; 2], 6, HERO, offers).await;
    let mut records = Vec::new();
    for user in 0..100 {
        let mut event = shop.event("", &format!("p{user}"), "{}");
        event.kind = kith_event::Kind::Identify;
        event.traits = Json::parse("{}").unwrap();
        records.push(Record::Event(event));
    }
    shop.append(records).await;
    let (now, mut calls) = (shop.now, Vec::new());
    for user in 0..100 {
        let request = kith_engine::decide::Request {
            placements: vec!["hero".into()],
            identifiers: vec![Identifier::new("user_id", format!("p{user}"))],
            context: kith_base::Value::Null,
            ..Default::default()
        };
        let (handle, call) = (shop.handle.clone(), shop.call());
        calls.push(tokio::spawn(async move {
            handle.decide(request, None, now, call).await.unwrap()
        }));
    }
    let mut granted = [0, 0];
    for call in calls {
        let decided = call.await.unwrap();
        let outcome = decided.answer.outcomes().next().unwrap();
        shop.decisions.push(outcome.entry.decision_id.clone());
        for choice in &outcome.entry.choices {
            assert!(choice.granted.as_ref().is_some_and(|grant| grant.new));
            granted[usize::from(choice.id == "b")] += 1;
        }
    }
    assert_eq!(granted, [30, 20]);
    let mut learner = Learner::new(shop.handle.clone());
    shop.learn(&mut learner).await;
    assert_eq!(shop.differences(), 0);
}

#[tokio::test]
async fn nothing_is_folded_while_no_placement_learns() {
    let mut shop = Shop::with([[0.5; 2]; 2], 7, r#"{"type":"offers"}"#, ["", ""]).await;
    let mut learner = Learner::new(shop.handle.clone());
    shop.visits(20, &mut learner).await;
    let policies = shop.handle.view().learned.policies.clone();
    assert_eq!((policies.read, policies.bandit.pending()), (0, 0));
    assert!(policies.waiting.is_empty() && policies.ignored.is_empty());
    // From now on it learns, and then no more: what is open is settled still.
    shop.append(vec![define("placement", "hero", HERO, shop.now)])
        .await;
    shop.decide("u0").await;
    shop.learn(&mut learner).await;
    shop.pass(Duration::from_secs(1), &mut learner).await;
    assert_eq!(shop.handle.view().learned.policies.waiting["hero"], 1);
    let plain = r#"{"type":"offers"}"#;
    shop.append(vec![define("placement", "hero", plain, shop.now)])
        .await;
    shop.decide("u0").await;
    shop.pass(DAY, &mut learner).await;
    let policies = shop.handle.view().learned.policies.clone();
    assert!(policies.waiting.is_empty());
    assert_eq!(policies.bandit.gate("hero").outcomes, 1);
}
