//! The thread that links.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kith_base::Timestamp;
use kith_runtime::AppendError;

use crate::{Error, Linker, metrics};

/// How often the thread looks for work when it has none: a link is found at most so late.
const IDLE: Duration = Duration::from_millis(200);
/// How long to wait after a failure, after which everything is made again.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// A linker at work; it ends soon after this is dropped.
#[derive(Debug)]
pub struct Running {
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Gives a linker its thread.
pub fn start(mut linker: Linker, clock: fn() -> Timestamp) -> io::Result<Running> {
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let work = move || {
        while !stop.load(Ordering::Acquire) {
            match runtime.block_on(linker.step(clock())) {
                Ok(true) => {}
                Ok(false) => thread::park_timeout(IDLE),
                Err(Error::Append(AppendError::Stopped)) => return,
                Err(error) => {
                    ::metrics::counter!(metrics::ERRORS).increment(1);
                    tracing::error!(%error, "probable links could not be looked for");
                    thread::park_timeout(RETRY_DELAY);
                }
            }
        }
    };
    let thread = thread::Builder::new().name("kith-linkage".to_owned());
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
            tracing::error!("the thread that links panicked");
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
