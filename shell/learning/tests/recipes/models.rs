//! Trained models: choice, versions, and which of them serves.

use kith_base::Duration;
use kith_definition::RecipeModel;
use kith_learning::{Learner, ServeError};
use kith_runtime::start;
use kith_store::state;

use crate::world::{PLACEMENT, World};

const TRAINED: &str = r#"{"ingredients":[{"model":"linear"},{"model":"content"}]}"#;

/// Twelve visitors, half of whom look at what is for feet, half at what is for hands.
async fn looked(world: &mut World) {
    world.catalog(&["shoe", "sock", "lace"]).await;
    for number in 0..12 {
        let items = match number % 2 {
            0 => ["shoe", "sock"],
            _ => ["glove", "ring"],
        };
        for item in items {
            world
                .did(&format!("v{number}"), "Product Viewed", item)
                .await;
        }
    }
    world.did("new", "Product Viewed", "shoe").await;
}

fn trained(world: &World) -> (Option<u64>, Option<u64>) {
    let learned = &world.handle.view().learned.recommenders;
    let version =
        |of: &Option<std::sync::Arc<kith_engine::Trained>>| of.as_ref().map(|of| of.version);
    (version(&learned.linear), version(&learned.content))
}

#[tokio::test]
async fn trained_models_serve_and_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start().await;
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.define("recipe", "main", TRAINED).await;
    world.define("placement", "home", PLACEMENT).await;
    looked(&mut world).await;
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(1), Some(1)));
    let shown = world.shown("new", "{}");
    let ids: Vec<&str> = shown.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids[0], "sock", "people with like histories: {shown:?}");
    // The lace was never touched: it is alike by its category, as nothing for hands is.
    assert!(
        ids.contains(&"lace") && !ids.contains(&"glove"),
        "{shown:?}"
    );

    // Ten minutes and many events later there is another version; a cut file is passed over.
    for round in 0..3 {
        world
            .did(&format!("w{round}"), "Product Viewed", "sock")
            .await;
    }
    world.now = world.now.plus(Duration::from_secs(11 * 60));
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(2), Some(2)));
    let newest = folder.path().join("linear-00000002.model");
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();

    // Another process serves them before it has heard anything.
    restart(&mut world, folder.path()).await;
    assert_eq!(trained(&world), (Some(1), Some(2)));
    assert_eq!(world.shown("new", "{}"), shown);
    // Nothing is trained again for nothing.
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(1), Some(2)));
}

/// Another process over the same log and the same files.
async fn restart(world: &mut World, folder: &std::path::Path) {
    world.handle.shutdown();
    let state = Box::new(state::Memory::new());
    world.handle = start(Box::new(world.log.clone()), state).unwrap();
    let end = world.handle.status().end;
    world.handle.wait_applied(end).await.unwrap();
    world.learner = Learner::in_folder(world.handle.clone(), folder);
    world.learner.step(world.now).unwrap();
}

/// Ten minutes and some events later.
async fn train_again(world: &mut World) {
    for round in 0..5 {
        let who = format!("w{}-{round}", world.messages);
        world.did(&who, "Product Viewed", "sock").await;
        world.did(&who, "Product Viewed", "shoe").await;
    }
    world.now = world.now.plus(Duration::from_secs(11 * 60));
    world.learn();
    world.learner.finish_training();
}

#[tokio::test]
async fn a_pinned_version_serves_until_the_newest_may_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start().await;
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.define("recipe", "main", TRAINED).await;
    world.define("placement", "home", PLACEMENT).await;
    looked(&mut world).await;
    world.learn();
    world.learner.finish_training();
    train_again(&mut world).await;
    assert_eq!(trained(&world), (Some(2), Some(2)));
    let shown = world.shown("new", "{}");

    let linear = RecipeModel::Linear;
    let registry = world.learner.status().registry;
    let by = ("ann", world.now);
    let unknown = registry.serve(&world.handle, linear, Some(9), by);
    let known = match unknown {
        Err(ServeError::UnknownVersion { known, .. }) => known,
        other => panic!("{other:?}"),
    };
    assert_eq!(known, [2, 1]);
    assert_eq!(registry.pin(linear), None, "a refused pin changes nothing");
    registry.serve(&world.handle, linear, Some(1), by).unwrap();
    assert_eq!(trained(&world), (Some(1), Some(2)));
    let pin = registry.pin(linear).unwrap();
    assert_eq!((pin.version, pin.at, &*pin.by), (Some(1), world.now, "ann"));

    // Trainings go on, are kept, and do not serve; the pinned file is not cleared away.
    for _ in 0..3 {
        train_again(&mut world).await;
    }
    assert_eq!(trained(&world), (Some(1), Some(5)));
    let kept = |world: &World| -> Vec<u64> {
        let versions = world.learner.status().registry.versions(linear);
        versions.iter().map(|told| told.version).collect()
    };
    assert_eq!(kept(&world), [5, 4, 3, 1]);

    restart(&mut world, folder.path()).await;
    assert_eq!(trained(&world), (Some(1), Some(5)), "after a restart too");
    let registry = world.learner.status().registry;
    registry
        .serve(&world.handle, linear, None, ("bob", world.now))
        .unwrap();
    assert_eq!(trained(&world), (Some(5), Some(5)));
    assert_eq!(registry.pin(linear), None);
    restart(&mut world, folder.path()).await;
    assert_eq!(trained(&world), (Some(5), Some(5)));
    let file = std::fs::read_to_string(folder.path().join("linear-serves.json")).unwrap();
    assert!(file.contains("ann") && file.contains("bob"), "{file}");
    assert_eq!(world.shown("new", "{}")[0].0, shown[0].0);
}

#[tokio::test]
async fn a_damaged_pinned_file_is_told_and_the_newest_whole_one_serves() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start().await;
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.define("recipe", "main", TRAINED).await;
    world.define("placement", "home", PLACEMENT).await;
    looked(&mut world).await;
    world.learn();
    world.learner.finish_training();
    train_again(&mut world).await;
    let linear = RecipeModel::Linear;
    let by = ("ann", world.now);
    let registry = world.learner.status().registry;
    registry.serve(&world.handle, linear, Some(1), by).unwrap();
    // As long as before: only reading all of it shows the damage.
    let path = folder.path().join("linear-00000001.model");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bytes).unwrap();

    let refused = registry.serve(&world.handle, linear, Some(1), by);
    assert!(
        matches!(refused, Err(ServeError::Damaged { version: 1, .. })),
        "{refused:?}"
    );
    assert_eq!(
        trained(&world),
        (Some(1), Some(2)),
        "what is in memory serves on"
    );
    restart(&mut world, folder.path()).await;
    assert_eq!(trained(&world), (Some(2), Some(2)));
    let versions = world.learner.status().registry.versions(linear);
    let told: Vec<_> = versions
        .iter()
        .map(|one| (one.version, one.problem.is_some()))
        .collect();
    assert_eq!(told, [(2, false), (1, true)], "{versions:?}");
    assert_eq!(
        world.learner.status().registry.pin(linear).unwrap().version,
        Some(1)
    );
    // What is trained later serves, as long as the pinned one cannot.
    train_again(&mut world).await;
    assert_eq!(trained(&world), (Some(3), Some(3)));
}

/// A shop with so many histories that settings can be told apart.
#[tokio::test]
async fn settings_are_chosen_on_the_shops_own_histories() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start().await;
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.define("recipe", "main", TRAINED).await;
    for number in 0..60 {
        for item in 0..4 {
            let item = format!("{}{}", ["a", "b"][number % 2], (number / 2 + item) % 6);
            let who = format!("v{number}");
            world.did(&who, "Product Viewed", &item).await;
        }
    }
    world.learn();
    world.learner.finish_training();
    let registry = world.learner.status().registry;
    let version = registry.versions(RecipeModel::Linear).remove(0);
    let (about, told) = (&version.about, version.about.evaluation.unwrap());
    assert_eq!((about.histories, told.users), (60, 60));
    assert!(
        about.tried > 1 && about.chosen.contains("the best of"),
        "{about:?}"
    );
    assert!(
        told.ndcg_at_10.value > told.popular_ndcg_at_10.value,
        "{told:?}"
    );
    let run = registry.training().unwrap();
    assert_eq!((run.progress, run.error), (1.0, None));
    assert!(run.finished_at.is_some() && run.eta_at.is_none());
}
