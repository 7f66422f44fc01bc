//! The one place where ports meet their implementations.

use std::path::Path;

use anyhow::{Context, Result};
use kith_runtime::Handle;

/// Starts the engine over a data folder on disk, which is created when absent.
pub fn open(data: &Path) -> Result<Handle> {
    let store = kith_store::open(data, kith_store::Options::standard())?;
    kith_runtime::start(Box::new(store.log), Box::new(store.state))
        .with_context(|| format!("starting on the data folder {}", data.display()))
}

/// Runs a future to its end, for commands that are otherwise synchronous.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    Ok(runtime
        .context("starting the async runtime")?
        .block_on(future))
}
