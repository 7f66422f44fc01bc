//! The reading end.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use kith_event::Position;
use kith_runtime::log::{Error, Reader};

use super::{
    cache::Cache,
    damaged,
    frame::{self, Block, Decoder, Header},
    index::Segment,
};

/// What the writer shares with its readers.
pub(crate) struct Shared {
    /// Ascending, without gaps; never empty.
    pub segments: RwLock<Vec<Arc<Segment>>>,
    /// Position after the last durable record.
    pub end: AtomicU64,
    pub cache: Mutex<Cache>,
}

/// Where a run of reads stands, so that the next frame need not be searched.
struct Cursor {
    segment: Arc<Segment>,
    file: File,
    /// The next frame: its offset and first position.
    offset: u64,
    position: Position,
    decoder: Decoder,
}

impl Reader for Shared {
    fn end(&self) -> Position {
        self.end.load(Ordering::Acquire)
    }

    fn visit(
        &self,
        from: Position,
        limit: usize,
        see: &mut dyn FnMut(Position, &[u8]),
    ) -> Result<(), Error> {
        let end = self.end();
        if from > end || from < self.start() {
            return Err(Error::OutOfRange(from));
        }
        let until = end.min(from.saturating_add(limit as Position));
        let mut cursor = None;
        let mut position = from;
        while position < until {
            let block = self.block(position, &mut cursor)?;
            let stop = block.end().min(until);
            (position..stop).for_each(|at| see(at, block.record(at)));
            position = stop;
        }
        Ok(())
    }
}

impl Shared {
    fn start(&self) -> Position {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments[0].first
    }

    fn segment(&self, position: Position) -> Arc<Segment> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let after = segments.partition_point(|segment| segment.first <= position);
        Arc::clone(&segments[after.max(1) - 1])
    }

    fn block(&self, position: Position, cursor: &mut Option<Cursor>) -> Result<Arc<Block>, Error> {
        let cached = self
            .cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(position);
        if let Some(block) = cached {
            return Ok(block);
        }
        let mut at = match cursor.take() {
            Some(at) if at.position == position && position < at.segment.end() => at,
            _ => self.seek(position)?,
        };
        let (header, stored) = at.read()?;
        let block = frame::decode(&mut at.decoder, &header, stored)
            .map_err(|reason| at.damaged(reason))
            .map(Arc::new)?;
        at.offset += header.frame_len();
        at.position = header.end();
        *cursor = Some(at);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(Arc::clone(&block));
        Ok(block)
    }

    /// Finds the frame that holds a position.
    fn seek(&self, position: Position) -> Result<Cursor, Error> {
        let segment = self.segment(position);
        let lost = |error: io::Error| damaged(position, &segment.path, 0, &error.to_string());
        let offset = segment
            .locate(position)
            .ok_or(Error::OutOfRange(position))?;
        let file = File::open(&segment.path).map_err(lost)?;
        let mut cursor = Cursor {
            segment: Arc::clone(&segment),
            file,
            offset,
            position,
            decoder: Decoder::new(),
        };
        loop {
            let header = cursor.header()?;
            if position < header.first {
                return Err(cursor.damaged("the index points behind a frame"));
            }
            if position < header.end() {
                cursor.position = header.first;
                return Ok(cursor);
            }
            cursor.offset += header.frame_len();
        }
    }
}

impl Cursor {
    fn header(&self) -> Result<Header, Error> {
        let mut bytes = [0; frame::HEADER_LEN];
        self.file
            .read_exact_at(&mut bytes, self.offset)
            .map_err(|error| self.damaged(&error.to_string()))?;
        Header::decode(&bytes).ok_or_else(|| self.damaged("a frame's header is not intact"))
    }

    fn read(&self) -> Result<(Header, Vec<u8>), Error> {
        let header = self.header()?;
        if header.first != self.position {
            return Err(self.damaged("a frame begins with another position"));
        }
        if self.offset + header.frame_len() > self.segment.len() {
            return Err(self.damaged("a frame reaches beyond its segment"));
        }
        let mut stored = vec![0; header.stored_len as usize];
        self.file
            .read_exact_at(&mut stored, self.offset + frame::HEADER_LEN as u64)
            .map_err(|error| self.damaged(&error.to_string()))?;
        Ok((header, stored))
    }

    fn damaged(&self, reason: &str) -> Error {
        damaged(self.position, &self.segment.path, self.offset, reason)
    }
}
