//! Reports on recipes: what came of what was shown, and what they find of what was hidden.

use kith_base::{Digest, Duration, Json, Value, digest};
use kith_definition::Goal;
use kith_engine::decide::{Request, decide};
use kith_event::{Identifier, Record};
use kith_learning::{Judgement, Learner, Offline, Online};

use crate::world::World;

/// Shows somebody the placement, and writes the decision down. Answers its id and items.
async fn show(world: &mut World, who: &str) -> (String, Vec<String>) {
    world.messages += 1;
    world.now = world.now.plus(Duration::from_secs(1));
    let request = Request {
        placements: vec!["home".into()],
        identifiers: vec![Identifier::parse(&format!("anonymous_id:{who}")).unwrap()],
        context: Value::Null,
        ..Request::default()
    };
    let call: Digest = digest("call", &[&world.messages.to_be_bytes()]);
    let view = world.handle.view();
    let answer = decide(view.sources(), &request, world.now, call).unwrap();
    let taken = answer.records(&request).next().unwrap();
    let entry = &answer.outcomes().next().unwrap().entry;
    let items = entry.choices.iter().map(|choice| choice.id.clone());
    let told = (entry.decision_id.clone(), items.collect());
    drop(view);
    world.append(Record::Decision(taken)).await;
    told
}

fn online(world: &World) -> Online {
    world.learner.status().reports.online("main")
}

#[tokio::test]
async fn what_came_of_recommendations_is_counted() {
    let mut world = World::start().await;
    world.recipes().await;
    for who in ["a", "b"] {
        for item in ["shoe", "sock", "lace"] {
            world.did(who, "Product Viewed", item).await;
        }
    }
    world.did("new", "Product Viewed", "shoe").await;
    world.learn();
    assert_eq!(online(&world), Online::default());
    let (first, items) = show(&mut world, "new").await;
    assert_eq!(items, ["sock", "lace", "shoe"]);
    let (second, _) = show(&mut world, "new").await;
    let (_, nothing) = show(&mut world, "nobody").await;
    assert!(nothing.is_empty(), "{nothing:?}");

    // Clicks: twice the same item of one decision, one that was not shown, one of no decision.
    for (decision, item) in [
        (&first, &*items[0]),
        (&first, &*items[0]),
        (&second, "boot"),
    ] {
        let told = format!(r#"{{"decision_id":"{decision}","choice_id":"{item}"}}"#);
        world.tell("new", "Decision Clicked", &told).await;
    }
    let told = format!(r#"{{"decision_id":"none","choice_id":"{}"}}"#, items[0]);
    world.tell("new", "Decision Clicked", &told).await;
    world.tell("new", "Product Clicked", "{}").await;
    // A purchase counts for the latest decision that showed it, and somebody else's for none.
    world.did("new", "Order Completed", &items[1]).await;
    world.did("new", "Order Completed", &items[1]).await;
    world.did("a", "Order Completed", &items[0]).await;
    world.learn();
    let told = online(&world);
    assert_eq!(
        (told.decisions, told.fallbacks, told.items_shown),
        (3, 1, 6)
    );
    assert_eq!((told.clicked, told.bought), (1, 1), "{told:?}");
    assert_eq!(told.different_items(), 3);
    let stream = &world.handle.view().learned.recommenders.stream;
    assert!(told.novelty_bits(stream).unwrap() > 0.0);
    let days: Vec<_> = told
        .days
        .values()
        .map(|day| (day.items_shown, day.bought))
        .collect();
    assert_eq!(days, [(6, 1)]);

    // Eight days later the window is closed.
    world.now = world.now.plus(Duration::from_days(8));
    let late = format!(r#"{{"decision_id":"{second}","choice_id":"{}"}}"#, items[0]);
    world.tell("new", "Decision Clicked", &late).await;
    world.did("new", "Order Completed", &items[0]).await;
    world.learn();
    assert_eq!(online(&world), told);

    // After a restart the log says the same.
    world.learner = Learner::new(world.handle.clone());
    world.learn();
    assert_eq!(online(&world), told);
}

fn judged(world: &mut World, recipe: &str) -> Judgement {
    let reports = world.learner.status().reports;
    reports.offline(recipe, 1, world.now);
    world.learn();
    world.learner.finish_judging();
    reports
        .offline(recipe, 1, world.now)
        .expect("it was judged")
}

fn offline(world: &mut World, recipe: &str) -> Offline {
    judged(world, recipe).found.unwrap()
}

/// Visitors who look at `a…`, or at `b…`, in an order that follows.
async fn two_tastes(world: &mut World, visitors: usize) {
    let items: Vec<String> = (0..6)
        .flat_map(|n| [format!("a{n}"), format!("b{n}")])
        .collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    world.catalog(&items).await;
    for number in 0..visitors {
        for step in 0..3 {
            let item = format!("{}{}", ["a", "b"][number % 2], (number / 2 + step) % 6);
            world
                .did(&format!("v{number}"), "Product Viewed", &item)
                .await;
        }
    }
}

#[tokio::test]
async fn a_recipe_is_judged_on_what_was_hidden_from_it() {
    let mut world = World::start().await;
    let next = r#"{"ingredients":[{"model":"item-to-item"}]}"#;
    world.define("recipe", "next", next).await;
    let none = r#"{"ingredients":[{"model":"item-to-item"}],"include_when":"item.price > 999"}"#;
    world.define("recipe", "none", none).await;
    two_tastes(&mut world, 6).await;
    let few = judged(&mut world, "next");
    let words = few.found.unwrap_err();
    assert!(words.contains("4 more persons"), "{words}");

    two_tastes(&mut world, 60).await;
    world.now = world.now.plus(Duration::from_secs(2 * 3_600));
    let told = offline(&mut world, "next");
    assert_eq!(told.persons, 60, "{told:?}");
    // Of its taste four items are open, and what follows is the likeliest.
    assert!(
        told.ndcg_at_10.lower > told.popular_ndcg_at_10.upper,
        "{told:?}"
    );
    assert!(told.recall_at_10.value > 0.9, "{told:?}");
    assert!(
        told.different_items >= 10 && told.novelty_bits.unwrap() > 2.0,
        "{told:?}"
    );
    // The rules of a recipe hold here as they do when it serves.
    let told = offline(&mut world, "none");
    assert_eq!((told.ndcg_at_10.value, told.different_items), (0.0, 0));
    assert_eq!(told.novelty_bits, None);
    let unknown = world
        .learner
        .status()
        .reports
        .offline("unknown", 1, world.now);
    assert_eq!(unknown, None);
}

#[tokio::test]
async fn what_is_hidden_is_hidden_from_the_models_too() {
    // Each visitor goes on to an item of their own: who had not seen it could not know.
    let mut world = World::start().await;
    let next = r#"{"ingredients":[{"model":"item-to-item"},{"model":"visits"}]}"#;
    world.define("recipe", "next", next).await;
    let own: Vec<String> = (0..20).map(|n| format!("own{n}")).collect();
    world
        .catalog(&own.iter().map(String::as_str).collect::<Vec<_>>())
        .await;
    for (n, item) in own.iter().enumerate() {
        let who = format!("v{n}");
        world.did(&who, "Product Viewed", "shoe").await;
        world.did(&who, "Product Viewed", item).await;
    }
    let told = offline(&mut world, "next");
    assert_eq!(told.persons, 20);
    assert_eq!(told.recall_at_10.value, 0.0, "{told:?}");
}

#[tokio::test]
async fn a_recipe_to_reorder_is_judged_on_what_was_bought_again() {
    let mut world = World::start().await;
    let goal = Json::from_serialize(&Goal::Reorder).unwrap();
    let again = format!(
        r#"{{"goal":{},"ingredients":[{{"model":"again"}}]}}"#,
        goal.as_str()
    );
    world.define("recipe", "again", &again).await;
    for number in 0..12 {
        let who = format!("v{number}");
        for item in ["sock", "lace", "sock"] {
            world.did(&who, "Order Completed", item).await;
        }
    }
    let told = offline(&mut world, "again");
    assert_eq!(
        (told.persons, told.recall_at_10.value),
        (12, 1.0),
        "{told:?}"
    );
    assert!(told.protocol.contains("bought before"), "{}", told.protocol);
}
