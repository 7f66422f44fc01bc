//! The thread.

use kith_linkage::State;

use crate::people::{again, traits};
use crate::world::{World, linker};

#[tokio::test]
async fn the_thread_links_and_stops() {
    let mut world = World::start(r#""records":true"#).await;
    let mut records = Vec::new();
    for person in 0..80 {
        for (name, told) in [("u", traits(person)), ("x", again(person))] {
            let who = format!("user_id:{name}{person}");
            records.push(world.identify(&who, &told));
            records.push(world.consent(&[&who], true));
        }
    }
    world.append(records).await;
    let end = world.end();
    let linker = linker(&world.handle);
    let status = linker.status();
    let running = kith_linkage::start(linker, kith_runtime::now).unwrap();
    // Its first record is that of the links.
    world.handle.wait_applied(end + 1).await.unwrap();
    assert!(world.links().len() >= 70, "{}", world.links().len());
    running.stop();
    assert_eq!(status.figures().state, State::Running);
    assert_eq!(world.end(), end + 1);
}
