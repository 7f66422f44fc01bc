//! A log whose disk fills up.

use std::path::Path;

use kith_runtime::log::{Error, Log};
use kith_store::{Options, log::Segments};

use super::full::{in_child, limit};
use super::log::{record, records};

/// What the child does: fill, fail, carry on when there is room.
fn fill(dir: &Path) {
    let mut options = Options::small();
    options.log_segment_bytes = 1 << 30;
    let mut log = Segments::open(dir, options, None).unwrap();
    let reader = log.reader();
    limit("40000");
    let mut next = 0;
    let error = loop {
        match log.append(&records(next..next + 50)) {
            Ok(first) => next = first + 50,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Storage(_)), "{error}");
    assert!(next > 0);
    for _ in 0..3 {
        assert_eq!(reader.end(), next);
        let path = dir.join("00000000000000000000.seg");
        assert_eq!(
            path.metadata().unwrap().len(),
            log.size_bytes(),
            "nothing half-written stays"
        );
        assert!(log.append(&records(next..next + 50)).is_err());
    }
    assert_eq!(
        log.append(&records(next..next + 1)).unwrap(),
        next,
        "a small one still fits"
    );
    limit("unlimited");
    assert_eq!(
        log.append(&records(next + 1..next + 200)).unwrap(),
        next + 1
    );
    drop(log);
    let log = Segments::open(dir, options, None).unwrap();
    assert_eq!(log.cut_bytes(), 0);
    let rows = log.reader().read(0, usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, next + 200);
    assert!(
        rows.iter()
            .all(|(position, bytes)| *bytes == record(*position))
    );
}

#[test]
fn a_full_disk_fails_the_append_and_nothing_else() {
    in_child(
        "conformance::log_full::a_full_disk_fails_the_append_and_nothing_else",
        fill,
    );
}

#[test]
fn the_reserve_is_kept_free() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::small();
    options.reserve_bytes = 1 << 60;
    let mut log = Segments::open(dir.path(), options, None).unwrap();
    let error = log.append(&records(0..3)).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(log.reader().end(), 0);
    drop(log);
    let mut log = Segments::open(dir.path(), Options::small(), None).unwrap();
    assert_eq!(log.append(&records(0..3)).unwrap(), 0);
}
