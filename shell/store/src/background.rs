//! Threads that may wait.

/// How much nicer than the rest (0 to 19): a thread of this one gets about a tenth of a core that
/// others want too, and all of one that nobody wants.
const NICE: i32 = 10;

/// Makes the calling thread, and threads it starts, yield to the others of this process. What
/// writes state waits for a processor rather than the events and decisions it is about.
pub(crate) fn yields() {
    // Linux keeps this by thread. A system that does not let us is only less smooth.
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a background thread keeps its priority");
    }
}
