//! Walks the frames of one segment file from its beginning and says where and how they end.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use kith_event::Position;
use kith_runtime::log::Error;

use super::{SEGMENT_HEADER_LEN, damaged, frame, frame::Header, segment_header, storage};

/// A torn write may leave zeros; a stored payload never ends in this many of them.
const ZEROS: u64 = 64;

/// What a segment file holds.
pub(crate) struct Scan {
    /// Every frame of every complete group: its offset and header.
    pub frames: Vec<(u64, Header)>,
    /// Position after the last record of the last complete group.
    pub end: Position,
    /// Bytes up to the end of the last complete group; what follows is a torn tail.
    pub good_len: u64,
    /// Bytes of the file.
    pub file_len: u64,
}

/// Sees a frame's header and stored payload; `Err` says what is wrong with them.
pub(crate) type Visit<'a> = dyn FnMut(&Header, &[u8]) -> Result<(), &'static str> + 'a;

/// Reads a whole segment, verifies the checksum of every frame, and shows each frame, with its
/// payload as stored, to `visit`, which may find fault with it.
pub(crate) fn segment(path: &Path, first: Position, visit: &mut Visit<'_>) -> Result<Scan, Error> {
    let failed = |error| storage(path, error);
    let file = File::open(path).map_err(failed)?;
    let file_len = file.metadata().map_err(failed)?.len();
    let mut input = BufReader::with_capacity(256 << 10, file);
    let mut scan = Scan {
        frames: Vec::new(),
        end: first,
        good_len: 0,
        file_len,
    };
    if !begins(&mut input, path, first, file_len)? {
        return Ok(scan);
    }
    scan.good_len = SEGMENT_HEADER_LEN as u64;
    let mut offset = scan.good_len;
    let mut position = first;
    let mut group = Vec::new();
    let mut stored = Vec::new();
    while let Some(header) = next(&mut input, path, offset, position, file_len, &mut stored)? {
        visit(&header, &stored).map_err(|reason| damaged(position, path, offset, reason))?;
        group.push((offset, header));
        offset += header.frame_len();
        position = header.end();
        if header.last {
            scan.frames.append(&mut group);
            scan.end = position;
            scan.good_len = offset;
        }
    }
    Ok(scan)
}

/// Checks the segment's own header; false when a crash left it incomplete.
fn begins(
    input: &mut BufReader<File>,
    path: &Path,
    first: Position,
    file_len: u64,
) -> Result<bool, Error> {
    if file_len < SEGMENT_HEADER_LEN as u64 {
        return Ok(false);
    }
    let mut header = [0; SEGMENT_HEADER_LEN];
    input
        .read_exact(&mut header)
        .map_err(|error| storage(path, error))?;
    if header == segment_header(first) {
        return Ok(true);
    }
    if header == [0; SEGMENT_HEADER_LEN] && zeros_from(path, 0, file_len)? {
        return Ok(false);
    }
    Err(damaged(
        first,
        path,
        0,
        "a segment's header does not match its name or checksum",
    ))
}

/// The frame at `offset`, verified; `None` at the end of the file or of what is whole in it.
fn next(
    input: &mut BufReader<File>,
    path: &Path,
    offset: u64,
    position: Position,
    file_len: u64,
    stored: &mut Vec<u8>,
) -> Result<Option<Header>, Error> {
    let failed = |error: io::Error| damaged(position, path, offset, &format!("it says {error}"));
    let header_len = frame::HEADER_LEN as u64;
    if file_len - offset < header_len {
        return Ok(None);
    }
    let mut bytes = [0; frame::HEADER_LEN];
    input.read_exact(&mut bytes).map_err(failed)?;
    let Some(header) = Header::decode(&bytes) else {
        if file_len > offset + header_len && zeros_from(path, offset + header_len, file_len)? {
            return Ok(None);
        }
        return Err(damaged(
            position,
            path,
            offset,
            "a frame's header is not intact",
        ));
    };
    if header.first != position {
        let reason = format!("a frame begins with position {} here", header.first);
        return Err(damaged(position, path, offset, &reason));
    }
    let frame_end = offset + header.frame_len();
    if frame_end > file_len {
        return Ok(None);
    }
    stored.resize(header.stored_len as usize, 0);
    input.read_exact(stored).map_err(failed)?;
    if crc32fast::hash(stored) == header.payload_check {
        return Ok(Some(header));
    }
    let zeros = u64::from(header.stored_len).min(ZEROS);
    if zeros_from(path, frame_end - zeros, file_len)? {
        return Ok(None);
    }
    Err(damaged(
        position,
        path,
        offset,
        "a frame does not match its checksum",
    ))
}

fn zeros_from(path: &Path, offset: u64, file_len: u64) -> Result<bool, Error> {
    let check = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(file_len - offset).read_to_end(&mut bytes)?;
        Ok(bytes.iter().all(|byte| *byte == 0))
    };
    check().map_err(|error| storage(path, error))
}
