//! The state port: what every implementation promises.

use kith_engine::state::{Read, Row, Tx};
use kith_store::{Options, state};

/// Runs one law over every implementation, each from empty.
fn each(law: impl Fn(&str, &mut dyn Tx)) {
    law("memory", &mut state::Memory::new());
    law("simulated", &mut state::Simulated::new(1));
    let dir = tempfile::tempdir().unwrap();
    law(
        "disk",
        &mut state::Disk::open(dir.path(), Options::small(), None).unwrap(),
    );
}

fn rows(pairs: &[(&str, &str)]) -> Vec<Row> {
    pairs
        .iter()
        .map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

fn fill(tx: &mut dyn Tx, pairs: &[(&str, &str)]) {
    for (key, value) in pairs {
        tx.put(key.as_bytes(), value.as_bytes().to_vec());
    }
}

#[test]
fn own_writes_are_seen_at_once_and_snapshots_see_commits() {
    each(|name, tx| {
        let snapshots = tx.snapshots();
        let empty = snapshots();
        fill(tx, &[("a", "1"), ("b", "2")]);
        assert_eq!(tx.get(b"a").unwrap(), Some(b"1".to_vec()), "{name}");
        assert_eq!(snapshots().get(b"a").unwrap(), None, "{name}");
        tx.commit().unwrap();
        let first = snapshots();
        fill(tx, &[("a", "3")]);
        tx.delete(b"b");
        tx.commit().unwrap();
        assert_eq!(empty.range(b"", b"z", 9).unwrap(), rows(&[]), "{name}");
        assert_eq!(
            first.range(b"", b"z", 9).unwrap(),
            rows(&[("a", "1"), ("b", "2")]),
            "{name}"
        );
        assert_eq!(
            snapshots().range(b"", b"z", 9).unwrap(),
            rows(&[("a", "3")]),
            "{name}"
        );
        assert_eq!(first.get(b"b").unwrap(), Some(b"2".to_vec()), "{name}");
        assert_eq!(tx.get(b"b").unwrap(), None, "{name}");
    });
}

#[test]
fn ranges_are_half_open_ordered_and_limited() {
    each(|name, tx| {
        fill(tx, &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
        tx.commit().unwrap();
        let check = |read: &dyn Read, start: &str, end: &str, limit, expect: &[(&str, &str)]| {
            let (start, end) = (start.as_bytes(), end.as_bytes());
            assert_eq!(
                read.range(start, end, limit).unwrap(),
                rows(expect),
                "{name}"
            );
            let mut back: Vec<_> = expect.to_vec();
            back.reverse();
            if limit >= 4 {
                assert_eq!(
                    read.range_back(start, end, limit).unwrap(),
                    rows(&back),
                    "{name}"
                );
            }
        };
        check(tx, "a", "c", 9, &[("a", "1"), ("b", "2")]);
        check(
            tx,
            "",
            "zz",
            9,
            &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")],
        );
        check(tx, "aa", "bb", 9, &[("b", "2")]);
        check(tx, "b", "b", 9, &[]);
        check(tx, "c", "a", 9, &[]);
        check(tx, "a", "z", 2, &[("a", "1"), ("b", "2")]);
        check(tx, "a", "z", 0, &[]);
        let back = tx.range_back(b"a", b"d", 2).unwrap();
        assert_eq!(back, rows(&[("c", "3"), ("b", "2")]), "{name}");
        check(&*tx.snapshots()(), "b", "d", 9, &[("b", "2"), ("c", "3")]);
    });
}

#[test]
fn pending_writes_merge_into_ranges() {
    each(|name, tx| {
        fill(tx, &[("b", "old"), ("d", "old"), ("f", "old")]);
        tx.commit().unwrap();
        fill(tx, &[("a", "new"), ("d", "new"), ("e", "new")]);
        tx.delete(b"b");
        tx.delete(b"x");
        let expect = [("a", "new"), ("d", "new"), ("e", "new"), ("f", "old")];
        assert_eq!(tx.range(b"", b"z", 9).unwrap(), rows(&expect), "{name}");
        assert_eq!(
            tx.range(b"", b"z", 2).unwrap(),
            rows(&expect[..2]),
            "{name}"
        );
        let mut back = expect;
        back.reverse();
        assert_eq!(tx.range_back(b"", b"z", 9).unwrap(), rows(&back), "{name}");
        assert_eq!(
            tx.range_back(b"", b"z", 1).unwrap(),
            rows(&back[..1]),
            "{name}"
        );
        tx.commit().unwrap();
        assert_eq!(tx.range(b"", b"z", 9).unwrap(), rows(&expect), "{name}");
    });
}

#[test]
fn a_limit_counts_what_is_left_after_deletes() {
    each(|name, tx| {
        for number in 0..3_000u32 {
            tx.put(&number.to_be_bytes(), vec![1]);
        }
        tx.commit().unwrap();
        for number in 0..2_990u32 {
            tx.delete(&number.to_be_bytes());
        }
        let left = tx.range(&[], &[0xff], 5).unwrap();
        assert_eq!(left.len(), 5, "{name}");
        assert_eq!(left[0].0, 2_990u32.to_be_bytes(), "{name}");
    });
}

#[test]
fn empty_keys_values_and_commits_are_fine() {
    each(|name, tx| {
        tx.commit().unwrap();
        tx.put(b"empty", Vec::new());
        tx.commit().unwrap();
        tx.commit().unwrap();
        tx.sync().unwrap();
        assert_eq!(tx.get(b"empty").unwrap(), Some(Vec::new()), "{name}");
        assert_eq!(
            tx.range(b"", b"\xff\xff\xff", 9).unwrap(),
            rows(&[("empty", "")]),
            "{name}"
        );
    });
}

#[test]
fn snapshots_are_consistent_from_other_threads() {
    each(|name, tx| {
        let snapshots = tx.snapshots();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let snapshots = snapshots.clone();
                scope.spawn(move || {
                    for _ in 0..200 {
                        let snapshot = snapshots();
                        let rows = snapshot.range(b"row/", b"row0", 100).unwrap();
                        let mut values: Vec<_> = rows.into_iter().map(|row| row.1).collect();
                        values.dedup();
                        assert!(values.len() <= 1, "{name}: a snapshot saw half a commit");
                    }
                });
            }
            for round in 0..200u32 {
                for row in 0..20 {
                    let key = format!("row/{row:02}");
                    tx.put(key.as_bytes(), round.to_be_bytes().to_vec());
                }
                tx.commit().unwrap();
            }
        });
    });
}

#[test]
fn simulated_faults_follow_the_seed() {
    let survivors = |seed| {
        let mut tx = state::Simulated::new(seed);
        for number in 0..20u8 {
            tx.put(&[number], vec![number]);
            tx.commit().unwrap();
            if number == 9 {
                tx.sync().unwrap();
            }
        }
        tx.put(b"pending", vec![]);
        tx.crash().range(&[], &[0xff], 99).unwrap().len()
    };
    let counts: Vec<usize> = (0..50).map(survivors).collect();
    assert_eq!(counts, (0..50).map(survivors).collect::<Vec<_>>());
    assert!(counts.iter().all(|count| (10..=20).contains(count)));
    assert!(counts.contains(&10) && counts.contains(&20));

    let mut tx = state::Simulated::new(1);
    tx.put(b"a", vec![1]);
    tx.fail_after(1);
    assert!(tx.commit().is_err());
    assert_eq!(tx.snapshots()().get(b"a").unwrap(), None);
    tx.commit().unwrap();
    assert_eq!(tx.reopen().get(b"a").unwrap(), Some(vec![1]));
}
