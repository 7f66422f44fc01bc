//! A state whose disk fills up, and has room again.

use std::path::Path;

use kith_engine::state::{Error, Read, Tx};
use kith_store::{Options, state::Disk};

use super::full::{in_child, limit};

fn key(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// Commits rows of a kilobyte from `next` on until that fails; answers how many there are.
fn fill(disk: &mut Disk, mut next: u64) -> (u64, Error) {
    loop {
        disk.put(&key(next), vec![next as u8; 1_000]);
        match disk.commit().and_then(|()| disk.sync()) {
            Ok(()) => next += 1,
            Err(error) => return (next, error),
        }
    }
}

fn check(state: &dyn Read, rows: u64) {
    let found = state.range(b"", &[0xf0], usize::MAX).unwrap();
    let expect = (0..rows).map(|number| (key(number), vec![number as u8; 1_000]));
    assert!(found.into_iter().eq(expect), "the rows of {rows}");
}

fn body(dir: &Path) {
    let mut disk = Disk::open(dir, Options::small(), None).unwrap();
    let snapshots = disk.snapshots();
    let mut rows = 0;
    for room in ["200000", "500000"] {
        limit(room);
        let (failed, error) = fill(&mut disk, rows);
        assert!(matches!(error, Error::Storage(_)), "{error}");
        assert!(failed > rows, "some fit");
        // It was committed, and then not written.
        rows = failed + 1;
        for _ in 0..3 {
            assert!(disk.sync().is_err(), "still full");
        }
        limit("unlimited");
        let view = snapshots();
        check(&*view, rows);
        let error = disk.sync().unwrap_err().to_string();
        assert!(error.contains("still being read"), "{error}");
        check(&*view, rows);
        drop(view);
        disk.sync().unwrap();
        check(&disk, rows);
        check(&*snapshots(), rows);
    }
    drop((disk, snapshots));
    check(&Disk::open(dir, Options::small(), None).unwrap(), rows);
}

#[test]
fn after_a_full_disk_writing_goes_on_and_nothing_is_lost() {
    in_child(
        "conformance::state_full::after_a_full_disk_writing_goes_on_and_nothing_is_lost",
        body,
    );
}
