//! What a disk can do to the state.

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use kith_engine::state::{Read, Row, Tx};
use kith_store::{Options, state::Disk};

/// A file without its trailing zeros, and its length: journals are mostly a hole.
type Image = BTreeMap<PathBuf, (Vec<u8>, u64)>;

fn capture(dir: &Path) -> Image {
    let mut image = Image::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut bytes = fs::read(&path).unwrap();
            let len = bytes.len() as u64;
            let used = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            bytes.truncate(used);
            image.insert(path.strip_prefix(dir).unwrap().to_owned(), (bytes, len));
        }
    }
    image
}

fn restore(image: &Image, dir: &Path) {
    for (path, (bytes, len)) in image {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(*len)
            .unwrap();
    }
}

fn all(disk: &Disk) -> Result<Vec<Row>, kith_engine::state::Error> {
    disk.range(&[], &[0xff], usize::MAX)
}

/// Commits of which the first half lies in sorted files and the rest in the journal; answers the
/// rows after each commit.
fn build(dir: &Path) -> Vec<Vec<Row>> {
    let mut disk = Disk::open(dir, Options::small(), None).unwrap();
    let mut history = vec![Vec::new()];
    for commit in 0..60u32 {
        for row in 0..20u32 {
            let key = format!("t/{:03}", commit * 7 % 50 + row);
            disk.put(
                key.as_bytes(),
                format!("{commit} {row} ").repeat(6).into_bytes(),
            );
        }
        disk.commit().unwrap();
        // One batch for each commit.
        disk.sync().unwrap();
        history.push(all(&disk).unwrap());
        if commit == 30 {
            disk.flush().unwrap();
        }
    }
    history
}

/// Opens a copy with one bit changed and reads everything; true when that was refused.
fn refused(image: &Image, path: &Path, at: usize, bit: u8, history: &[Vec<Row>]) -> bool {
    let place = format!("{} at {at}", path.display());
    let mut image = image.clone();
    image.get_mut(path).unwrap().0[at] ^= bit;
    let copy = tempfile::tempdir().unwrap();
    restore(&image, copy.path());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        all(&Disk::open(copy.path(), Options::small(), None)?)
    }));
    match outcome.unwrap_or_else(|_| panic!("panicked: {place}")) {
        Ok(rows) => {
            // A lost suffix of commits is what the log repairs.
            assert!(history.contains(&rows), "other rows: {place}");
            false
        }
        Err(error) => {
            assert!(
                error.to_string().contains("kith replay"),
                "{error}: {place}"
            );
            true
        }
    }
}

#[test]
fn one_flipped_byte_never_changes_an_answer_unseen() {
    let dir = tempfile::tempdir().unwrap();
    let history = build(dir.path());
    let image = capture(dir.path());
    let mut noticed = 0;
    for (path, (bytes, _)) in &image {
        let step = (bytes.len() / 40).max(1);
        for at in (0..bytes.len()).step_by(step) {
            noticed += usize::from(refused(&image, path, at, 0x10, &history));
        }
    }
    assert!(noticed > 100, "only {noticed} flips were noticed");
}

#[test]
fn a_batch_with_a_wrong_number_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let history = build(dir.path());
    let image = capture(dir.path());
    let (path, bytes) = journal(&image);
    // The trailer of one batch and the beginning of the next one, which has 21 rows.
    let border = b"FJL\x03\x01\x15\0\0\0";
    let borders: Vec<_> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(border))
        .collect();
    assert!(borders.len() >= 50);
    let mut noticed = 0;
    for at in borders.iter().skip(30).step_by(6) {
        for bit in [0x01, 0x10, 0x40] {
            let number = at + border.len();
            noticed += usize::from(refused(&image, path, number, bit, &history));
        }
    }
    assert!(noticed >= 5, "only {noticed} numbers were noticed");
}

/// The journal with the most in it.
fn journal(image: &Image) -> (&Path, &[u8]) {
    let journals = image
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|found| found == "jnl"));
    let (path, (bytes, _)) = journals.max_by_key(|(_, (bytes, _))| bytes.len()).unwrap();
    (path, bytes)
}

#[test]
fn a_cut_journal_loses_a_suffix_only() {
    let dir = tempfile::tempdir().unwrap();
    let history = build(dir.path());
    let image = capture(dir.path());
    let (journal, bytes) = journal(&image);
    for cut in (0..bytes.len()).step_by(bytes.len() / 60) {
        for zeros in [false, true] {
            let mut image = image.clone();
            let file = image.get_mut(journal).unwrap();
            file.0.truncate(cut);
            if !zeros {
                file.1 = cut as u64;
            }
            let copy = tempfile::tempdir().unwrap();
            restore(&image, copy.path());
            match Disk::open(copy.path(), Options::small(), None) {
                Ok(mut disk) => {
                    let rows = all(&disk).unwrap();
                    assert!(history.contains(&rows), "other rows: cut at {cut}");
                    disk.put(b"again", vec![1]);
                    disk.commit().unwrap();
                }
                Err(error) => assert!(error.to_string().contains("kith replay"), "{error}"),
            }
        }
    }
}

#[test]
fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let history = build(dir.path());
    for round in 0..3u8 {
        let mut disk = Disk::open(dir.path(), Options::small(), None).unwrap();
        assert_eq!(disk.batches(), 60 + u64::from(round));
        let mut rows = all(&disk).unwrap();
        rows.retain(|(key, _)| key.starts_with(b"t/"));
        assert_eq!(&rows, history.last().unwrap());
        disk.put(&[b'r', round], vec![round]);
        disk.commit().unwrap();
    }
}

#[test]
fn uncommitted_writes_are_gone_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = Disk::open(dir.path(), Options::small(), None).unwrap();
    disk.put(b"a", vec![1]);
    disk.commit().unwrap();
    disk.put(b"b", vec![2]);
    drop(disk);
    let disk = Disk::open(dir.path(), Options::small(), None).unwrap();
    assert_eq!(all(&disk).unwrap(), [(b"a".to_vec(), vec![1])]);
}

#[test]
fn a_full_disk_refuses_commits_and_keeps_the_writes_pending() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::small();
    options.reserve_bytes = 1 << 60;
    let mut disk = Disk::open(dir.path(), options, None).unwrap();
    disk.put(b"a", vec![1]);
    let error = disk.commit().unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(disk.get(b"a").unwrap(), Some(vec![1]));
    assert_eq!(disk.snapshots()().get(b"a").unwrap(), None);
}

#[test]
fn a_second_opening_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _disk = Disk::open(dir.path(), Options::small(), None).unwrap();
    let error = Disk::open(dir.path(), Options::small(), None)
        .err()
        .unwrap();
    assert!(error.to_string().contains("another process"), "{error}");
}
