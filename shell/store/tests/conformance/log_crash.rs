//! What a disk can do to the log.

use std::{fs, path::Path};

use kith_runtime::log::{Error, Log};
use kith_store::{Options, log::Segments};

use super::log::{record, records};

const FIRST: &str = "00000000000000000000.seg";

fn open(dir: &Path) -> Result<Segments, Error> {
    Segments::open(dir, Options::small(), None)
}

/// A folder with one segment of these bytes.
fn with_segment(bytes: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(FIRST), bytes).unwrap();
    dir
}

/// One segment: its bytes, and its length and end after each group. The last group has frames
/// of 64 KiB, of which it fills one and begins another.
fn segment() -> (Vec<u8>, Vec<(usize, u64)>) {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path()).unwrap();
    let mut ends = vec![(log.size_bytes() as usize, 0)];
    let large = (0..3).map(|part| (0..30_000u32).map(|at| (at % (90 + part)) as u8).collect());
    for group in [records(0..5), records(5..6), large.collect()] {
        log.append(&group).unwrap();
        ends.push((log.size_bytes() as usize, log.reader().end()));
    }
    (fs::read(dir.path().join(FIRST)).unwrap(), ends)
}

fn check_usable(log: &mut Segments, end: u64) {
    assert_eq!(log.reader().end(), end);
    assert_eq!(log.append(&[record(77)]).unwrap(), end);
    let rows = log.reader().read(0, 99).unwrap();
    assert_eq!(rows.len() as u64, end + 1);
    assert!(
        rows.iter()
            .take(6)
            .zip(0..end.min(6))
            .all(|((at, bytes), n)| *at == n && *bytes == record(n))
    );
    assert_eq!(rows.last().unwrap(), &(end, record(77)));
}

#[test]
fn a_group_torn_at_any_byte_is_cut() {
    let (bytes, ends) = segment();
    assert_eq!(bytes.len(), ends.last().unwrap().0);
    for cut in 0..=bytes.len() {
        let dir = with_segment(&bytes[..cut]);
        let (good, end) = *ends.iter().rfind(|(len, _)| *len <= cut).unwrap_or(&(0, 0));
        let mut log = open(dir.path()).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!(log.cut_bytes() as usize, cut - good, "cut at {cut}");
        check_usable(&mut log, end);
        drop(log);
        assert_eq!(
            open(dir.path()).unwrap().reader().end(),
            end + 1,
            "cut at {cut}"
        );
    }
}

#[test]
fn a_tail_of_zeros_is_cut() {
    let (bytes, ends) = segment();
    let (before, end) = ends[2];
    for written in [
        before,
        before + 1,
        before + 31,
        before + 32,
        before + 33,
        bytes.len() - 64,
    ] {
        let mut torn = bytes.clone();
        torn[written..].fill(0);
        let dir = with_segment(&torn);
        let mut log = open(dir.path()).unwrap_or_else(|error| panic!("{written}: {error}"));
        check_usable(&mut log, end);
    }
    let dir = with_segment(&[0; 4_096]);
    check_usable(&mut open(dir.path()).unwrap(), 0);
}

#[test]
fn one_flipped_byte_is_refused_with_its_place() {
    let (bytes, ends) = segment();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x04;
        let dir = with_segment(&flipped);
        let error = open(dir.path())
            .err()
            .unwrap_or_else(|| panic!("flip at {at} was not seen"));
        let Error::Damaged { position, reason } = &error else {
            panic!("{error}")
        };
        assert!(
            reason.contains(FIRST) && reason.contains("at offset"),
            "{error}"
        );
        let (_, begun) = *ends.iter().rfind(|(len, _)| *len <= at).unwrap_or(&(0, 0));
        assert!(
            *position >= begun,
            "flip at {at} is called position {position}"
        );
        assert_eq!(
            fs::read(dir.path().join(FIRST)).unwrap(),
            flipped,
            "damage is left alone"
        );
    }
}

/// A log of several sealed segments.
fn sealed(dir: &Path) -> u64 {
    let mut log = open(dir).unwrap();
    let mut next = 0;
    while fs::read_dir(dir).unwrap().count() < 8 {
        next += log.append(&records(next..next + 40)).map(|_| 40).unwrap();
    }
    next
}

fn files(dir: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

#[test]
fn sidecars_are_made_anew_when_missing_or_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let end = sealed(dir.path());
    let sidecars = files(dir.path(), "idx");
    assert!(sidecars.len() >= 3);
    let originals: Vec<_> = sidecars
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    fs::remove_file(&sidecars[0]).unwrap();
    let mut wrong = originals[1].clone();
    wrong[20] ^= 1;
    fs::write(&sidecars[1], wrong).unwrap();
    fs::write(&sidecars[2], &originals[2][..30]).unwrap();
    let log = open(dir.path()).unwrap();
    let rows = log.reader().read(0, usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, end);
    assert!(
        rows.iter()
            .all(|(position, bytes)| *bytes == record(*position))
    );
    for (path, original) in sidecars.iter().zip(&originals) {
        assert_eq!(&fs::read(path).unwrap(), original);
    }
}

#[test]
fn damage_in_a_sealed_segment_is_named_when_read() {
    let dir = tempfile::tempdir().unwrap();
    let end = sealed(dir.path());
    let victim = &files(dir.path(), "seg")[1];
    let mut bytes = fs::read(victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(victim, bytes).unwrap();
    let log = open(dir.path()).unwrap();
    let reader = log.reader();
    let mut lost = 0;
    for position in 0..end {
        match reader.read(position, 1) {
            Ok(rows) => assert_eq!(rows, [(position, record(position))]),
            Err(Error::Damaged {
                position: named,
                reason,
            }) => {
                lost += 1;
                assert!(
                    named <= position && reason.contains("at offset"),
                    "{reason}"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(lost, 40, "one group is one frame here");
}

#[test]
fn a_missing_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    sealed(dir.path());
    fs::remove_file(&files(dir.path(), "seg")[1]).unwrap();
    let error = open(dir.path()).err().unwrap();
    assert!(
        error.to_string().contains("is followed by position"),
        "{error}"
    );
}

#[test]
fn bytes_of_version_1_are_read() {
    let bytes = include_bytes!("../fixtures/log-v1.seg");
    let dir = with_segment(bytes);
    let log = open(dir.path()).unwrap();
    let rows = log.reader().read(0, 99).unwrap();
    assert_eq!(log.cut_bytes(), 0);
    assert_eq!(rows.len(), 12);
    for (position, bytes) in &rows[..11] {
        assert_eq!(*bytes, record(*position));
    }
    assert_eq!(rows[11].1, [7], "too short to be compressed");
}
