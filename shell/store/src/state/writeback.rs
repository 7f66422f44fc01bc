//! The tree's journal, brought to the disk little by little.
//!
//! The tree forces its journal to the disk each time a memtable is full, and no commit gets
//! through meanwhile. What was forced before costs nothing then, so a thread does it after every
//! few megabytes, without a lock. It promises nothing: what must be on the disk is forced by the
//! tree itself, which also hears of a failed write, since each open file is told of it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use super::journal;

/// Most bytes committed before the journal is forced.
const STEP_BYTES: u64 = 2 << 20;

/// Wakes the thread; the thread ends with it.
pub(super) struct Writeback {
    wake: SyncSender<()>,
    committed_bytes: u64,
}

impl Writeback {
    /// For the tree in `dir`.
    pub fn start(dir: &Path) -> io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let dir = dir.to_owned();
        thread::Builder::new()
            .name("kith-writeback".to_owned())
            .spawn(move || run(dir, &woken))?;
        Ok(Writeback {
            wake,
            committed_bytes: 0,
        })
    }

    /// Notes a commit.
    pub fn note(&mut self, size_bytes: u64) {
        self.committed_bytes += size_bytes;
        if self.committed_bytes >= STEP_BYTES {
            self.committed_bytes = 0;
            // Full means that it is about to look anyway.
            let _ = self.wake.try_send(());
        }
    }
}

fn run(dir: PathBuf, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let newest = journal::journals(&dir).ok().and_then(|mut all| all.pop());
        if let Some(journal) = newest.and_then(|path| File::open(path).ok()) {
            // A failure is the tree's to report.
            let _ = journal.sync_data();
        }
    }
}
