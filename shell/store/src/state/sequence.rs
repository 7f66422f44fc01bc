//! The store's own rows: proof that no committed batch is missing.
//!
//! Every batch writes one row with its number, a checksum of its writes chained to the batch
//! before, and a checksum of the row itself. The rows sit in a ring of 65,536 slots, which is
//! more batches than the journals of the LSM tree can hold at 1 KiB and more a batch. A batch
//! that was lost while a later one survived leaves its slot with an old number, and the chain
//! broken; that is checked when the state is opened. A lost *suffix* is fine: the log replays it.

use kith_engine::state::Error;

use super::RESERVED;

/// Slots of the ring.
const SLOTS: u64 = 65_536;
const KEY_LEN: usize = 5;
const ROW_LEN: usize = 21;
const VERSION: u8 = 1;

/// Number and chained checksum of the newest batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub number: u64,
    chain: u32,
}

/// A batch being added up.
pub(crate) struct Chain {
    number: u64,
    hasher: crc32fast::Hasher,
}

impl Chain {
    /// Begins the batch after `before`.
    pub fn after(before: Sequence) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&before.chain.to_le_bytes());
        Chain {
            number: before.number + 1,
            hasher,
        }
    }

    /// Adds one write.
    pub fn add(&mut self, key: &[u8], value: Option<&[u8]>) {
        let len = value.map_or(u64::MAX, |value| value.len() as u64);
        self.hasher.update(&(key.len() as u64).to_le_bytes());
        self.hasher.update(key);
        self.hasher.update(&len.to_le_bytes());
        self.hasher.update(value.unwrap_or_default());
    }

    /// What the batch becomes.
    pub fn end(self) -> Sequence {
        Sequence {
            number: self.number,
            chain: self.hasher.finalize(),
        }
    }
}

impl Sequence {
    /// The row that proves this batch, given the one before.
    pub fn row(self, before: Sequence) -> ([u8; KEY_LEN], [u8; ROW_LEN]) {
        let mut row = [0; ROW_LEN];
        row[0] = VERSION;
        row[1..9].copy_from_slice(&self.number.to_le_bytes());
        row[9..13].copy_from_slice(&before.chain.to_le_bytes());
        row[13..17].copy_from_slice(&self.chain.to_le_bytes());
        let check = crc32fast::hash(&row[..17]);
        row[17..].copy_from_slice(&check.to_le_bytes());
        (key(self.number), row)
    }
}

/// First key of the ring, and the first key after it.
pub(crate) const RING: ([u8; 3], [u8; 3]) = (
    [RESERVED[0], RESERVED[1], b's'],
    [RESERVED[0], RESERVED[1], b's' + 1],
);

fn key(number: u64) -> [u8; KEY_LEN] {
    let slot = ((number % SLOTS) as u16).to_be_bytes();
    [RING.0[0], RING.0[1], RING.0[2], slot[0], slot[1]]
}

struct Link {
    before: u32,
    sequence: Sequence,
}

/// Checks the whole ring and answers the newest batch.
pub(crate) fn verify(
    rows: impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), Error>>,
) -> Result<Sequence, Error> {
    let mut links = Vec::new();
    for row in rows {
        let (key, value) = row?;
        links.push(parse(&key, &value)?);
    }
    links.sort_by_key(|link| link.sequence.number);
    let Some(newest) = links.last().map(|link| link.sequence) else {
        return Ok(Sequence::default());
    };
    let expected = newest.number.min(SLOTS);
    if let Some(gap) = gap(&links) {
        return Err(damaged(gap, "a committed batch is missing before this one"));
    }
    if links.len() as u64 != expected {
        let found = links.len();
        let reason = format!("{found} of the last {expected} committed batches are left");
        return Err(damaged(newest.number, &reason));
    }
    Ok(newest)
}

fn gap(links: &[Link]) -> Option<u64> {
    let broken = links.windows(2).find(|pair| {
        pair[0].sequence.number + 1 != pair[1].sequence.number
            || pair[0].sequence.chain != pair[1].before
    });
    broken.map(|pair| pair[1].sequence.number)
}

fn parse(key: &[u8], value: &[u8]) -> Result<Link, Error> {
    let row: &[u8; ROW_LEN] = value
        .try_into()
        .map_err(|_| damaged_key(key, "a sequence row has the wrong length"))?;
    let word = |at: usize| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
    if row[0] != VERSION || word(17) != crc32fast::hash(&row[..17]) {
        return Err(damaged_key(
            key,
            "a sequence row does not match its checksum",
        ));
    }
    let number = u64::from(word(1)) | u64::from(word(5)) << 32;
    if self::key(number) != key {
        return Err(damaged_key(key, "a sequence row stands in the wrong slot"));
    }
    Ok(Link {
        before: word(9),
        sequence: Sequence {
            number,
            chain: word(13),
        },
    })
}

fn damaged(number: u64, reason: &str) -> Error {
    Error::Damaged {
        key: format!("of batch {number}"),
        reason: with_advice(reason),
    }
}

fn damaged_key(key: &[u8], reason: &str) -> Error {
    Error::Damaged {
        key: key.escape_ascii().to_string(),
        reason: with_advice(reason),
    }
}

/// State is a fold of the log, so damage to it costs time and no data.
pub(crate) fn with_advice(reason: &str) -> String {
    format!("{reason}; rebuild the state from the log with `kith replay`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(batches: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rows = std::collections::BTreeMap::new();
        let mut before = Sequence::default();
        for number in 0..batches {
            let value = number.to_le_bytes();
            let mut next = Chain::after(before);
            next.add(b"key", Some(&value));
            let next = next.end();
            let (key, row) = next.row(before);
            rows.insert(key.to_vec(), row.to_vec());
            before = next;
        }
        rows.into_iter().collect()
    }

    fn check(rows: Vec<(Vec<u8>, Vec<u8>)>, expect: Result<u64, &str>) {
        match (verify(rows.into_iter().map(Ok)), expect) {
            (Ok(sequence), Ok(number)) => assert_eq!(sequence.number, number),
            (Err(error), Err(text)) => {
                let error = error.to_string();
                assert!(
                    error.contains(text) && error.contains("kith replay"),
                    "{error}"
                );
            }
            (got, expect) => panic!("{got:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn accepts_what_was_committed() {
        check(ring(0), Ok(0));
        check(ring(1), Ok(1));
        check(ring(300), Ok(300));
        check(ring(SLOTS + 10), Ok(SLOTS + 10));
    }

    #[test]
    fn refuses_a_missing_batch() {
        let mut rows = ring(300);
        rows.remove(100);
        check(rows, Err("missing before"));
        let mut rows = ring(300);
        rows.remove(0);
        check(rows, Err("299 of the last 300"));
        // A slot that kept the batch of one round earlier.
        let mut rows = ring(SLOTS + 10);
        rows[5] = ring(10)[5].clone();
        check(rows, Err("missing before"));
    }

    #[test]
    fn accepts_a_lost_suffix() {
        let mut rows = ring(300);
        rows.retain(|(_, row)| u64::from(row[1]) | u64::from(row[2]) << 8 <= 200);
        check(rows, Ok(200));
    }

    #[test]
    fn refuses_a_changed_row() {
        let mut rows = ring(3);
        rows[1].1[14] ^= 1;
        check(rows, Err("checksum"));
        let mut rows = ring(3);
        rows[1].1.pop();
        check(rows, Err("length"));
    }
}
