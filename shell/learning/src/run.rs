//! The thread that learns.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kith_base::Timestamp;

use crate::{Learner, metrics};

/// How often the thread looks for work when it has none: what happened is learned at most so late.
const IDLE: Duration = Duration::from_millis(200);
/// How long to wait after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// A learner at work; it ends soon after this is dropped.
#[derive(Debug)]
pub struct Running {
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Gives a learner its thread.
pub fn start(mut learner: Learner, clock: fn() -> Timestamp) -> io::Result<Running> {
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let work = move || {
        while !stop.load(Ordering::Acquire) {
            match learner.step(clock()) {
                Ok(true) => {}
                Ok(false) => thread::park_timeout(IDLE),
                Err(error) => {
                    ::metrics::counter!(metrics::ERRORS).increment(1);
                    tracing::error!(%error, "what the log says could not be learned");
                    thread::park_timeout(RETRY_DELAY);
                }
            }
        }
        learner.write();
    };
    let thread = thread::Builder::new().name("kith-learning".to_owned());
    Ok(Running {
        stopping,
        thread: Some(thread.spawn(work)?),
    })
}

impl Running {
    /// Stops and waits until the step under way is done.
    pub fn stop(mut self) {
        self.tell();
        let thread = self.thread.take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that learns panicked");
        }
    }

    fn tell(&self) {
        self.stopping.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tell();
    }
}
