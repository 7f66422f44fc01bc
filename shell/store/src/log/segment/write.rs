//! Opening, and the writing end.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use kith_event::Position;
use kith_runtime::log::{Error, Log, Reader};

use super::{
    SEGMENT_HEADER_LEN,
    cache::Cache,
    damaged,
    frame::{Encoder, GROUP_SIZE_MAX_BYTES},
    index::{Segment, sidecar},
    list,
    read::Shared,
    scan, segment_header, segment_path, storage,
};
use crate::{Lock, Options, lock::sync_dir, space};

/// The log in a folder.
pub struct Segments {
    dir: PathBuf,
    options: Options,
    shared: Arc<Shared>,
    encoder: Encoder,
    buffer: Vec<u8>,
    active: Arc<Segment>,
    /// The active segment's file; `None` after a failed write, until it was opened anew. A file
    /// whose sync failed once must not be synced again: the kernel has dropped the pages and
    /// would answer success.
    file: Option<File>,
    cut_bytes: u64,
    _lock: Option<Arc<Lock>>,
}

impl Segments {
    /// Opens the log in `dir`, beginning it when the folder is empty. Cuts a torn tail; refuses
    /// damage.
    pub fn open(dir: &Path, options: Options, lock: Option<Arc<Lock>>) -> Result<Self, Error> {
        let mut files = list(dir)?;
        let newest = match files.pop() {
            Some(newest) => newest,
            None => {
                create(dir, 0).map_err(|error| storage(dir, error))?;
                (0, segment_path(dir, 0))
            }
        };
        let mut segments = Vec::new();
        for (first, path) in &files {
            segments.push(Arc::new(sealed(*first, path)?));
        }
        let (active, file, cut_bytes) = recover(dir, newest.0, &newest.1)?;
        let active = Arc::new(active);
        segments.push(Arc::clone(&active));
        check_gaps(&segments)?;
        if cut_bytes > 0 {
            tracing::warn!(
                cut_bytes,
                position = active.end(),
                "cut what a crash left of an append"
            );
        }
        let shared = Shared {
            end: AtomicU64::new(active.end()),
            segments: RwLock::new(segments),
            cache: Mutex::new(Cache::new(options.log_cache_bytes)),
        };
        Ok(Segments {
            dir: dir.to_owned(),
            options,
            shared: Arc::new(shared),
            encoder: Encoder::new().map_err(|error| storage(dir, error))?,
            buffer: Vec::new(),
            active,
            file: Some(file),
            cut_bytes,
            _lock: lock,
        })
    }

    /// Bytes of an unacknowledged append that opening cut from the end.
    pub fn cut_bytes(&self) -> u64 {
        self.cut_bytes
    }

    /// Bytes of all segments.
    pub fn size_bytes(&self) -> u64 {
        let segments = self
            .shared
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        segments.iter().map(|segment| segment.len()).sum()
    }

    /// The active file, opened anew and cut back after a failure.
    fn file(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            let file = File::options()
                .read(true)
                .write(true)
                .open(&self.active.path)?;
            let len = file.metadata()?.len();
            if len < self.active.len() {
                let path = self.active.path.display();
                return Err(io::Error::other(format!(
                    "{path} lost {} bytes",
                    self.active.len() - len
                )));
            }
            file.set_len(self.active.len())?;
            file.sync_all()?;
            self.file = Some(file);
        }
        self.file
            .as_ref()
            .ok_or_else(|| io::Error::other("the segment is not open"))
    }

    /// Seals the active segment and begins the next one.
    fn roll(&mut self) -> io::Result<()> {
        let first = self.active.end();
        let file = create(&self.dir, first)?;
        if let Err(error) = self.active.save() {
            // The next opening makes it anew.
            tracing::warn!(%error, "the index of a sealed log segment was not written");
        }
        self.active = Arc::new(Segment::empty(first, segment_path(&self.dir, first)));
        self.file = Some(file);
        let mut segments = self
            .shared
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.push(Arc::clone(&self.active));
        Ok(())
    }

    /// Writes the buffer behind the last group and syncs it.
    fn write(&mut self) -> io::Result<()> {
        let (len, reserve_bytes) = (self.active.len(), self.options.reserve_bytes);
        let buffer = std::mem::take(&mut self.buffer);
        let file = self.file()?;
        space::check(file, buffer.len() as u64, reserve_bytes)?;
        let written = file
            .write_all_at(&buffer, len)
            .and_then(|()| file.sync_data());
        if written.is_err() {
            // What reached the file must not be found by the next opening. Should this fail as
            // well, `file` does it again before anything else is written.
            let _ = file.set_len(len).and_then(|()| file.sync_all());
            self.file = None;
        }
        self.buffer = buffer;
        written
    }
}

impl Log for Segments {
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error> {
        let first = self.active.end();
        if records.is_empty() {
            return Ok(first);
        }
        let size: usize = records.iter().map(|record| 4 + record.len()).sum();
        if size > GROUP_SIZE_MAX_BYTES {
            return Err(Error::Storage(format!(
                "a group of {size} bytes is larger than {GROUP_SIZE_MAX_BYTES}"
            )));
        }
        if self.active.len() >= self.options.log_segment_bytes {
            self.roll().map_err(|error| storage(&self.dir, error))?;
        }
        self.buffer.clear();
        let headers = self
            .encoder
            .group(first, records, &mut self.buffer)
            .map_err(|error| storage(&self.active.path, error))?;
        self.write()
            .map_err(|error| storage(&self.active.path, error))?;
        self.active.extend(headers.iter());
        self.shared.end.store(self.active.end(), Ordering::Release);
        Ok(first)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        let shared: Arc<Shared> = Arc::clone(&self.shared);
        shared
    }
}

/// Creates a segment durably, name and header.
fn create(dir: &Path, first: Position) -> io::Result<File> {
    let path = segment_path(dir, first);
    let begin = || {
        // A file of this name can only be the leftover of a creation that failed.
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        file.write_all_at(&segment_header(first), 0)?;
        file.sync_all()?;
        sync_dir(dir)?;
        Ok(file)
    };
    begin().inspect_err(|_| {
        let _ = std::fs::remove_file(&path);
    })
}

fn sealed(first: Position, path: &Path) -> Result<Segment, Error> {
    if let Some(segment) = Segment::load(first, path) {
        return Ok(segment);
    }
    let scan = scan::segment(path, first, &mut |_, _| Ok(()))?;
    if scan.good_len != scan.file_len {
        return Err(damaged(
            scan.end,
            path,
            scan.good_len,
            "a sealed segment ends in a torn frame",
        ));
    }
    let segment = Segment::with_frames(first, path.to_owned(), &scan.frames);
    if let Err(error) = segment.save() {
        tracing::warn!(%error, path = %sidecar(path).display(), "a log index was not written");
    }
    Ok(segment)
}

/// The newest segment, and how many bytes a crash left after its last whole group.
fn recover(dir: &Path, first: Position, path: &Path) -> Result<(Segment, File, u64), Error> {
    let failed = |error| storage(path, error);
    let scan = scan::segment(path, first, &mut |_, _| Ok(()))?;
    if scan.good_len < SEGMENT_HEADER_LEN as u64 {
        let file = create(dir, first).map_err(failed)?;
        return Ok((Segment::empty(first, path.to_owned()), file, scan.file_len));
    }
    let file = File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(failed)?;
    let cut_bytes = scan.file_len - scan.good_len;
    if cut_bytes > 0 {
        file.set_len(scan.good_len).map_err(failed)?;
    }
    // What a killed process wrote may not be on the disk yet, and is now about to be believed.
    file.sync_all().map_err(failed)?;
    Ok((
        Segment::with_frames(first, path.to_owned(), &scan.frames),
        file,
        cut_bytes,
    ))
}

fn check_gaps(segments: &[Arc<Segment>]) -> Result<(), Error> {
    for pair in segments.windows(2) {
        if pair[0].end() != pair[1].first {
            let reason = format!(
                "the segment that ends here is followed by position {}",
                pair[1].first
            );
            return Err(damaged(
                pair[0].end(),
                &pair[0].path,
                pair[0].len(),
                &reason,
            ));
        }
    }
    Ok(())
}
