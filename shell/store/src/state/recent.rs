//! Committed rows on their way into the tree, and the thread that brings them there.
//!
//! A commit ends in memory, where snapshots see it. About every second what gathered is frozen
//! and written to the tree as one batch, by a thread of its own, while commits go on above it. A
//! row written by each of a thousand commits reaches the tree once; a commit waits for no disk.
//! Batches hold whole commits in their order, so a crash loses a suffix of the commits, and the
//! log replays it.

use std::{
    mem,
    ops::Range,
    sync::{
        Arc, PoisonError, RwLock,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use kith_engine::state::{Error, Read, Row};

use super::{
    clamp,
    merge::{Direction, Merged},
    sequence::Sequence,
    tree::{Tree, TreeView},
    versions::{self, Commit, NEWEST, Versions},
};
use crate::background;

/// How long committed rows gather; bounds what is replayed after a crash.
const GATHER: Duration = Duration::from_secs(1);

/// Shared between the one writer of state and its snapshots.
#[derive(Clone)]
pub(super) struct Recent {
    layers: Arc<RwLock<Layers>>,
    tree: Tree,
}

struct Layers {
    /// Takes commits.
    active: Versions,
    /// On its way into the tree; changes no more.
    frozen: Option<Versions>,
}

impl Recent {
    fn new(tree: Tree) -> Self {
        Recent {
            layers: Arc::new(RwLock::new(Layers {
                active: Versions::default(),
                frozen: None,
            })),
            tree,
        }
    }

    /// Everything as of the last commit.
    pub fn view(&self) -> View {
        // What is frozen leaves the layers after it reached the tree, and nothing is frozen while
        // this lock is held: so the tree holds what the layers do not, and nothing later.
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        View {
            active: layers.active.snapshot(),
            frozen: layers.frozen.clone(),
            tree: self.tree.view(),
        }
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one who commits.
pub(super) struct Committer {
    recent: Recent,
    /// The same layers without the lock: only this changes which they are.
    active: Versions,
    frozen: Option<Versions>,
    since: Option<Instant>,
    max_bytes: usize,
    sequence: Sequence,
    failed: bool,
    work: Option<Sender<(Versions, Sequence)>>,
    done: Receiver<Result<Sequence, Error>>,
    thread: Option<JoinHandle<()>>,
    writing: bool,
}

impl Committer {
    /// Commits above `tree`, whose newest batch is `sequence`; at most about twice `max_bytes` of
    /// rows wait for the tree.
    pub fn start(tree: Tree, sequence: Sequence, max_bytes: usize) -> std::io::Result<Self> {
        let (work, tasks) = channel();
        let (tell, done) = channel();
        let writer = tree.clone();
        let thread = thread::Builder::new()
            .name("kith-state".to_owned())
            .spawn(move || run(&writer, &tasks, &tell))?;
        let recent = Recent::new(tree);
        let active = recent.write().active.clone();
        Ok(Committer {
            recent,
            active,
            frozen: None,
            since: None,
            max_bytes,
            sequence,
            failed: false,
            work: Some(work),
            done,
            thread: Some(thread),
            writing: false,
        })
    }

    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// The newest batch in the tree.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Bytes that wait for the tree.
    pub fn waiting_bytes(&self) -> usize {
        self.active.size_bytes() + self.frozen.as_ref().map_or(0, Versions::size_bytes)
    }

    pub fn commit(&mut self, writes: Commit) {
        self.active.commit(writes);
        self.since.get_or_insert_with(Instant::now);
    }

    /// Begins to write what gathered, when it is time; waits while too much gathers above a write
    /// that has not ended. Answers the error of a write that failed: the rows stay and the next
    /// call tries again.
    pub fn turn(&mut self) -> Result<(), Error> {
        let full = self.active.size_bytes() >= self.max_bytes;
        self.settle(full || self.failed)?;
        let due = self.since.is_some_and(|since| since.elapsed() >= GATHER);
        if !self.writing && (due || full || self.failed) {
            self.begin();
            if self.failed {
                self.settle(true)?;
            }
        }
        Ok(())
    }

    /// Writes everything committed and waits for it.
    pub fn drain(&mut self) -> Result<(), Error> {
        self.settle(true)?;
        while self.frozen.is_some() || !self.active.is_empty() {
            self.begin();
            self.settle(true)?;
        }
        Ok(())
    }

    /// Hands a layer to the thread: the one that failed, or what gathered since.
    fn begin(&mut self) {
        if self.frozen.is_none() {
            let fresh = Versions::default();
            let full = mem::replace(&mut self.active, fresh.clone());
            let mut layers = self.recent.write();
            layers.active = fresh;
            layers.frozen = Some(full.clone());
            drop(layers);
            self.frozen = Some(full);
            self.since = None;
        }
        if let (Some(work), Some(frozen)) = (&self.work, &self.frozen) {
            // When the thread is gone, `settle` hears of it.
            let _ = work.send((frozen.clone(), self.sequence));
            self.writing = true;
        }
    }

    /// Takes note of a write that ended; waits for it if told to.
    fn settle(&mut self, wait: bool) -> Result<(), Error> {
        if !self.writing {
            return Ok(());
        }
        let ended = if wait {
            self.done.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            self.done.try_recv()
        };
        let ended = match ended {
            Ok(ended) => ended,
            Err(TryRecvError::Empty) => return Ok(()),
            Err(TryRecvError::Disconnected) => Err(Error::Storage(
                "the thread that writes state has ended; restart the process".to_owned(),
            )),
        };
        self.writing = false;
        self.failed = ended.is_err();
        self.sequence = ended?;
        self.recent.write().frozen = None;
        self.frozen = None;
        Ok(())
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let layers = [Some(&self.active), self.frozen.as_ref()];
        let mut held = layers.into_iter().flatten();
        match held.find_map(|layer| layer.get(key, NEWEST)) {
            Some(value) => Ok(value),
            None => self.recent.tree.get(key),
        }
    }

    /// Rows in a range that is not empty.
    pub fn scan(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
        hint: usize,
    ) -> impl Iterator<Item = Result<Row, Error>> + use<> {
        let active = self.active.scan(range, NEWEST, direction, hint);
        let tree = self.recent.tree.scan(range, direction);
        over(active, self.frozen.as_ref(), range, direction, hint, tree)
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        if let Err(error) = self.drain() {
            tracing::error!(%error, "the last rows of state were not written; the log has them");
        }
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread: writes layers, each followed by a sync, so that the tree finds little to force when
/// it does so with a lock held.
fn run(
    tree: &Tree,
    tasks: &Receiver<(Versions, Sequence)>,
    tell: &Sender<Result<Sequence, Error>>,
) {
    background::yields();
    while let Ok((rows, before)) = tasks.recv() {
        let written = tree.write(&rows, before);
        if tell.send(written).is_err() {
            return;
        }
        if let Err(error) = tree.persist() {
            tracing::error!(%error, "state could not be forced to the disk");
        }
    }
}

/// `active` over what is frozen over the tree.
fn over<T>(
    active: versions::Scan,
    frozen: Option<&Versions>,
    range: &Range<&[u8]>,
    direction: Direction,
    hint: usize,
    tree: T,
) -> impl Iterator<Item = Result<Row, Error>> + use<T>
where
    T: Iterator<Item = Result<Row, Error>>,
{
    let frozen = frozen.map(|frozen| frozen.scan(range, NEWEST, direction, hint));
    let below = Merged::new(frozen.into_iter().flatten(), tree, direction);
    Merged::new(active, below, direction)
}

/// Everything as of one commit.
pub(super) struct View {
    active: versions::View,
    frozen: Option<Versions>,
    tree: TreeView,
}

impl View {
    fn scan(
        &self,
        start: &[u8],
        end: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, Error> {
        let range = start..clamp(end);
        if range.start >= range.end {
            return Ok(Vec::new());
        }
        self.rows(&range, direction, limit).take(limit).collect()
    }

    /// Rows in a range that is not empty.
    pub fn rows(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
        hint: usize,
    ) -> impl Iterator<Item = Result<Row, Error>> + use<> {
        let active = self.active.scan(range, direction, hint);
        let tree = self.tree.scan(range, direction);
        over(active, self.frozen.as_ref(), range, direction, hint, tree)
    }
}

impl Read for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let frozen = || self.frozen.as_ref()?.get(key, NEWEST);
        match self.active.get(key).or_else(frozen) {
            Some(value) => Ok(value),
            None => self.tree.get(key),
        }
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Ascending)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Descending)
    }
}
