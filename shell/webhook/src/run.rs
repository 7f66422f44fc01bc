//! One task a webhook, so that a slow endpoint holds back nobody but itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kith_base::Timestamp;
use tokio::task::JoinHandle;

use crate::{Dispatcher, Scanned};

/// How often a task without work looks for some: a change is told at most so late.
const IDLE: Duration = Duration::from_millis(100);
/// How long to wait when the engine cannot take outcomes.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Ends its task when dropped.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Delivers until dropped. What was under way then is sent again after the next start.
pub async fn run(dispatcher: Arc<Dispatcher>, clock: fn() -> Timestamp) {
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    loop {
        let project = dispatcher.handle().project();
        tasks.retain(|id, _| project.webhooks.contains_key(id));
        for id in project.webhooks.keys() {
            if !tasks.contains_key(id) {
                let task = tokio::spawn(deliver(Arc::clone(&dispatcher), id.clone(), clock));
                tasks.insert(id.clone(), Task(task));
            }
        }
        drop(project);
        tokio::time::sleep(IDLE).await;
    }
}

async fn deliver(dispatcher: Arc<Dispatcher>, id: String, clock: fn() -> Timestamp) {
    let mut scanned = Scanned::default();
    loop {
        match dispatcher.round(&id, &mut scanned, clock()).await {
            Ok(round) if round.sent > 0 || round.more => {}
            Ok(_) => tokio::time::sleep(IDLE).await,
            Err(error) => {
                tracing::error!(webhook = id, %error, "deliveries could not go on");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}
