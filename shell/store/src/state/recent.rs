//! Committed rows on their way into the tree, and the thread that brings them there.
//!
//! A commit ends in memory, where snapshots see it. About every second what gathered is frozen
//! and written to the tree as one batch, by a thread of its own, while commits go on above it. A
//! row written by each of a thousand commits reaches the tree once; a commit waits for no disk.
//! Batches hold whole commits in their order, so a crash loses a suffix of the commits, and the
//! log replays it.
//!
//! After a write that failed the tree takes no more: it cannot know what reached the disk. So it is
//! opened anew, which finds that out, as soon as there is room and nobody reads it; until then
//! the rows stay here and reads go on.

use std::{
    fs::File,
    mem,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock,
        mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
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
use crate::{Options, background, space};

/// How long committed rows gather; bounds what is replayed after a crash.
const GATHER: Duration = Duration::from_secs(1);
/// How long the thread keeps rows that it wrote; whoever commits lets go of them before.
const HOLD: Duration = Duration::from_secs(5);
/// How long views are waited for before the tree is opened anew; new ones wait as long.
const VIEWS_END: Duration = Duration::from_secs(1);
const VIEWS_POLL: Duration = Duration::from_millis(5);

/// Shared between the one writer of state and its snapshots.
#[derive(Clone)]
pub(super) struct Recent {
    layers: Arc<RwLock<Layers>>,
}

struct Layers {
    /// Takes commits.
    active: Versions,
    /// On its way into the tree; changes no more.
    frozen: Option<Versions>,
    /// `None` when it could not be opened anew.
    tree: Option<Arc<Tree>>,
}

impl Recent {
    fn new(tree: Arc<Tree>) -> Self {
        Recent {
            layers: Arc::new(RwLock::new(Layers {
                active: Versions::default(),
                frozen: None,
                tree: Some(tree),
            })),
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
            tree: layers.tree.as_ref().map(Tree::view),
        }
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the tree is, and how it is opened.
pub(super) struct Place {
    /// Its folder.
    pub dir: PathBuf,
    /// The folder, to be asked for its free space.
    pub handle: File,
    /// What it may take.
    pub options: Options,
}

impl Place {
    /// An error when there is no room for so many bytes.
    fn check(&self, bytes: usize) -> Result<(), Error> {
        space::check(&self.handle, bytes as u64, self.options.reserve_bytes / 2)
            .map_err(|error| Error::Storage(error.to_string()))
    }
}

/// The one who commits.
pub(super) struct Committer {
    place: Place,
    recent: Recent,
    tree: Option<Arc<Tree>>,
    /// The same layers without the lock: only this changes which they are.
    active: Versions,
    frozen: Option<Versions>,
    since: Option<Instant>,
    sequence: Sequence,
    failed: bool,
    work: Option<Sender<Task>>,
    done: Receiver<Result<Sequence, Error>>,
    thread: Option<JoinHandle<()>>,
    writing: bool,
}

/// Rows to be written to a tree as the batch after another.
type Task = (Arc<Tree>, Versions, Sequence);

impl Committer {
    /// Opens the tree and commits above it; at most about twice `state_recent_bytes` of rows wait
    /// for it.
    pub fn start(place: Place) -> Result<Self, Error> {
        let (tree, sequence) = Tree::open(&place.dir, place.options)?;
        let tree = Arc::new(tree);
        let (work, tasks) = channel();
        let (tell, done) = channel();
        let thread = thread::Builder::new()
            .name("kith-state".to_owned())
            .spawn(move || run(&tasks, &tell))
            .map_err(|error| Error::Storage(format!("{}: {error}", place.dir.display())))?;
        let recent = Recent::new(Arc::clone(&tree));
        let active = recent.write().active.clone();
        Ok(Committer {
            place,
            recent,
            tree: Some(tree),
            active,
            frozen: None,
            since: None,
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

    /// An error when the disk has no room for so many bytes more.
    pub fn check_room(&self, bytes: usize) -> Result<(), Error> {
        let waiting =
            self.active.size_bytes() + self.frozen.as_ref().map_or(0, Versions::size_bytes);
        self.place.check(waiting + bytes)
    }

    pub fn commit(&mut self, writes: Commit) {
        self.active.commit(writes);
        self.since.get_or_insert_with(Instant::now);
    }

    /// Begins to write what gathered, when it is time; waits while too much gathers above a write
    /// that has not ended. Answers the error of a write that failed: the rows stay and the next
    /// call tries again.
    pub fn turn(&mut self) -> Result<(), Error> {
        let full = self.active.size_bytes() >= self.place.options.state_recent_bytes;
        self.settle(full || self.failed)?;
        let due = self.since.is_some_and(|since| since.elapsed() >= GATHER);
        if !self.writing && (due || full || self.failed) {
            let again = self.failed;
            self.reopen_failed()?;
            self.begin();
            if again {
                self.settle(true)?;
            }
        }
        Ok(())
    }

    /// Opens the tree anew after a write that failed.
    fn reopen_failed(&mut self) -> Result<(), Error> {
        if !self.failed {
            return Ok(());
        }
        self.check_room(0)?;
        let mut layers = self.recent.write();
        if let Some(tree) = self.tree.take() {
            layers.tree = None;
            let began = Instant::now();
            while Arc::strong_count(&tree) > 1 {
                if began.elapsed() > VIEWS_END {
                    layers.tree = Some(Arc::clone(&tree));
                    self.tree = Some(tree);
                    return Err(Error::Storage(
                        "a write failed, and the state is still being read".to_owned(),
                    ));
                }
                thread::sleep(VIEWS_POLL);
            }
        }
        let (tree, sequence) = Tree::open(&self.place.dir, self.place.options)?;
        let tree = Arc::new(tree);
        layers.tree = Some(Arc::clone(&tree));
        self.tree = Some(tree);
        self.sequence = sequence;
        self.failed = false;
        tracing::info!("the state was opened anew after a write that failed");
        Ok(())
    }

    /// The tree, unless it could not be opened anew.
    pub fn tree(&self) -> Result<&Arc<Tree>, Error> {
        self.tree.as_ref().ok_or_else(closed)
    }

    /// Writes everything committed and waits for it.
    pub fn drain(&mut self) -> Result<(), Error> {
        self.settle(true)?;
        self.reopen_failed()?;
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
        if let (Some(work), Some(frozen), Some(tree)) = (&self.work, &self.frozen, &self.tree) {
            // When the thread is gone, `settle` hears of it.
            let _ = work.send((Arc::clone(tree), frozen.clone(), self.sequence));
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
            None => self.tree()?.get(key),
        }
    }

    /// Rows in a range that is not empty.
    pub fn scan(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
        hint: usize,
    ) -> Result<impl Iterator<Item = Result<Row, Error>> + use<>, Error> {
        let active = self.active.scan(range, NEWEST, direction, hint);
        let tree = self.tree()?.scan(range, direction);
        Ok(over(
            active,
            self.frozen.as_ref(),
            range,
            direction,
            hint,
            tree,
        ))
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
/// it does so with a lock held. It keeps the last layer until the next one comes: whoever commits
/// lets go of it meanwhile, and is not held up for as long as freeing its rows takes.
fn run(tasks: &Receiver<Task>, tell: &Sender<Result<Sequence, Error>>) {
    background::yields();
    let mut last = None;
    loop {
        let (tree, rows, before) = match tasks.recv_timeout(HOLD) {
            Ok(task) => task,
            Err(RecvTimeoutError::Timeout) => {
                last = None;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        drop(last.replace(rows.clone()));
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
    tree: Option<TreeView>,
}

/// Of reads while there is no tree.
fn closed() -> Error {
    Error::Storage("the state could not be opened anew yet after a write that failed".to_owned())
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
        self.rows(&range, direction, limit)?.take(limit).collect()
    }

    /// Rows in a range that is not empty.
    pub fn rows(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
        hint: usize,
    ) -> Result<impl Iterator<Item = Result<Row, Error>> + use<>, Error> {
        let active = self.active.scan(range, direction, hint);
        let tree = self.tree.as_ref().ok_or_else(closed)?;
        let tree = tree.scan(range, direction);
        Ok(over(
            active,
            self.frozen.as_ref(),
            range,
            direction,
            hint,
            tree,
        ))
    }
}

impl Read for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let frozen = || self.frozen.as_ref()?.get(key, NEWEST);
        match self.active.get(key).or_else(frozen) {
            Some(value) => Ok(value),
            None => self.tree.as_ref().ok_or_else(closed)?.get(key),
        }
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Ascending)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Descending)
    }
}
