//! The order of batches in the tree's journals, checked before the tree replays them.
//!
//! The tree's checksum of a batch covers its rows and not its sequence number, so one wrong bit
//! there would let an older row win over a newer one without anybody noticing. Numbers only grow
//! within and across journals; a number changed so little that the order stays the same does no
//! harm. Everything else about a batch is left to the tree, which checks it.
//!
//! An entry is a tag and then: 1 begins a batch (count 4 bytes, number 8), 2 is a row (type 1,
//! compression 1, keyspace 8, length of the key 2, of the value 4, of the value as stored 4, key,
//! value as stored), 3 ends a batch (checksum 8, trailer 4), 4 clears a keyspace (8).

use std::{
    fs::{self, File},
    io::{self, BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Says in which journal a batch is out of order, if in any.
pub(super) fn fault(dir: &Path) -> io::Result<Option<String>> {
    let mut newest = None;
    for path in journals(dir)? {
        let mut entries = BufReader::with_capacity(256 << 10, File::open(&path)?);
        while let Some(entry) = next(&mut entries)? {
            let Entry::Begin(number) = entry else {
                continue;
            };
            if newest.is_some_and(|newest| number <= newest) {
                return Ok(Some(format!(
                    "a batch is out of order in {}",
                    path.display()
                )));
            }
            newest = Some(number);
        }
    }
    Ok(None)
}

/// Journals in the order they were written.
pub(super) fn journals(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut journals = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let number = name
            .strip_suffix(".jnl")
            .and_then(|number| number.parse::<u64>().ok());
        journals.extend(number.map(|number| (number, path)));
    }
    journals.sort_unstable();
    Ok(journals.into_iter().map(|(_, path)| path).collect())
}

enum Entry {
    Begin(u64),
    Other,
}

/// `None` at the end of what can be read, where the tree stops too.
fn next(input: &mut BufReader<File>) -> io::Result<Option<Entry>> {
    match read(input) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        entry => entry,
    }
}

fn read(input: &mut BufReader<File>) -> io::Result<Option<Entry>> {
    match array::<1>(input)? {
        [1] => {
            let _count = array::<4>(input)?;
            return Ok(Some(Entry::Begin(u64::from_le_bytes(array(input)?))));
        }
        [2] => {
            let _kind_compression_keyspace = array::<10>(input)?;
            let key_len = u16::from_le_bytes(array(input)?);
            let _value_len = array::<4>(input)?;
            let stored_len = u32::from_le_bytes(array(input)?);
            input.seek_relative(i64::from(key_len) + i64::from(stored_len))?;
        }
        [3] => drop(array::<12>(input)?),
        [4] => drop(array::<8>(input)?),
        _ => return Ok(None),
    }
    Ok(Some(Entry::Other))
}

fn array<const N: usize>(input: &mut BufReader<File>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
