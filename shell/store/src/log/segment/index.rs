//! Where frames are: a sparse index per segment, in memory and in a sidecar file.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use kith_event::Position;

use super::{SEGMENT_HEADER_LEN, frame::Header};
use crate::lock::sync_dir;

/// First bytes of a sidecar; the last one is the format version.
const MAGIC: [u8; 8] = *b"kithidx\x01";
/// One entry about every so many bytes of segment, whatever the size of groups: a segment of
/// 64 MiB costs at most 64 KiB of memory, and finding a record walks 16 KiB of headers at most.
const SPACING_BYTES: u64 = 16 << 10;

/// One segment file.
pub(crate) struct Segment {
    pub first: Position,
    pub path: PathBuf,
    extent: RwLock<Extent>,
}

#[derive(Default)]
struct Extent {
    /// First position and offset of some frames, ascending.
    entries: Vec<(Position, u64)>,
    end: Position,
    len: u64,
}

impl Segment {
    pub fn empty(first: Position, path: PathBuf) -> Self {
        let len = SEGMENT_HEADER_LEN as u64;
        let extent = Extent {
            entries: Vec::new(),
            end: first,
            len,
        };
        Segment {
            first,
            path,
            extent: RwLock::new(extent),
        }
    }

    pub fn with_frames(first: Position, path: PathBuf, frames: &[(u64, Header)]) -> Self {
        let segment = Segment::empty(first, path);
        segment.extend(frames.iter().map(|(_, header)| header));
        segment
    }

    /// Takes in frames written after the others.
    pub fn extend<'a>(&self, headers: impl Iterator<Item = &'a Header>) {
        let mut extent = self.extent.write().unwrap_or_else(PoisonError::into_inner);
        for header in headers {
            let next_at = extent
                .entries
                .last()
                .map_or(0, |(_, offset)| offset + SPACING_BYTES);
            if extent.len >= next_at {
                let entry = (header.first, extent.len);
                extent.entries.push(entry);
            }
            extent.len += header.frame_len();
            extent.end = header.end();
        }
    }

    /// Position after the last record.
    pub fn end(&self) -> Position {
        self.extent
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .end
    }

    /// Bytes of the file.
    pub fn len(&self) -> u64 {
        self.extent
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len
    }

    /// Offset of a frame at or before the one that holds `position`.
    pub fn locate(&self, position: Position) -> Option<u64> {
        let extent = self.extent.read().unwrap_or_else(PoisonError::into_inner);
        let after = extent
            .entries
            .partition_point(|(first, _)| *first <= position);
        Some(extent.entries[after.checked_sub(1)?].1)
    }

    /// Writes the sidecar; the segment is sealed.
    pub fn save(&self) -> io::Result<()> {
        let path = sidecar(&self.path);
        let draft = path.with_extension("idx.new");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&self.encode())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        path.parent().map_or(Ok(()), sync_dir)
    }

    fn encode(&self) -> Vec<u8> {
        let extent = self.extent.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = MAGIC.to_vec();
        for number in [
            self.first,
            extent.end,
            extent.len,
            extent.entries.len() as u64,
        ] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for (position, offset) in &extent.entries {
            bytes.extend_from_slice(&position.to_le_bytes());
            bytes.extend_from_slice(&offset.to_le_bytes());
        }
        let check = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    /// A sealed segment from its sidecar; `None` when that is absent or does not fit the file.
    pub fn load(first: Position, path: &Path) -> Option<Self> {
        let bytes = fs::read(sidecar(path)).ok()?;
        let (content, check) = bytes.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*check) != crc32fast::hash(content) {
            return None;
        }
        let (words, rest) = content.strip_prefix(&MAGIC)?.as_chunks::<8>();
        let numbers: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let (&[named, end, len, count], entries) = numbers.split_first_chunk::<4>()?;
        let (pairs, odd) = entries.as_chunks::<2>();
        let file_len = fs::metadata(path).ok()?.len();
        let fits = named == first && len == file_len && rest.is_empty() && odd.is_empty();
        if !fits || pairs.len() as u64 != count {
            return None;
        }
        let entries = pairs.iter().map(|pair| (pair[0], pair[1])).collect();
        let extent = RwLock::new(Extent { entries, end, len });
        Some(Segment {
            first,
            path: path.to_owned(),
            extent,
        })
    }
}

pub(crate) fn sidecar(segment: &Path) -> PathBuf {
    segment.with_extension("idx")
}
