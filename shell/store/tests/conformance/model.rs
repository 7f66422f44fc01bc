//! The state port against a plain ordered map, with random operations.

use std::collections::BTreeMap;

use kith_engine::state::{Read, Row, Tx};
use kith_store::{Options, state};
use proptest::{collection::vec, prelude::*};

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Commit,
    Rollback,
    Range(Vec<u8>, Vec<u8>, usize),
    RangeBack(Vec<u8>, Vec<u8>, usize),
    Get(Vec<u8>),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![0u8..4, Just(0xfe)], 0..3)
        .prop_filter("the tree takes no empty key", |key| !key.is_empty())
}

fn bound() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![0u8..4, Just(0xff)], 0..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (key(), vec(any::<u8>(), 0..4)).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key().prop_map(Step::Delete),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        2 => (bound(), bound(), 0usize..6).prop_map(|(a, b, limit)| Step::Range(a, b, limit)),
        2 => (bound(), bound(), 0usize..6).prop_map(|(a, b, limit)| Step::RangeBack(a, b, limit)),
        1 => key().prop_map(Step::Get),
    ]
}

fn check(tx: &mut dyn Tx, steps: &[Step]) {
    let mut model = BTreeMap::<Vec<u8>, Vec<u8>>::new();
    let mut committed = model.clone();
    let snapshots = tx.snapshots();
    for step in steps {
        match step {
            Step::Put(key, value) => {
                tx.put(key, value.clone());
                model.insert(key.clone(), value.clone());
            }
            Step::Delete(key) => {
                tx.delete(key);
                model.remove(key);
            }
            Step::Commit => {
                tx.commit().unwrap();
                committed = model.clone();
            }
            Step::Rollback => {
                tx.rollback();
                model = committed.clone();
            }
            Step::Get(key) => {
                assert_eq!(tx.get(key).unwrap(), model.get(key).cloned());
                assert_eq!(snapshots().get(key).unwrap(), committed.get(key).cloned());
            }
            Step::Range(start, end, limit) => {
                let expect = |map| slice(map, start, end).take(*limit).collect::<Vec<_>>();
                assert_eq!(tx.range(start, end, *limit).unwrap(), expect(&model));
                assert_eq!(
                    snapshots().range(start, end, *limit).unwrap(),
                    expect(&committed)
                );
            }
            Step::RangeBack(start, end, limit) => {
                let expect = |map| {
                    slice(map, start, end)
                        .rev()
                        .take(*limit)
                        .collect::<Vec<_>>()
                };
                assert_eq!(tx.range_back(start, end, *limit).unwrap(), expect(&model));
                let snapshot = snapshots();
                assert_eq!(
                    snapshot.range_back(start, end, *limit).unwrap(),
                    expect(&committed)
                );
            }
        }
    }
}

fn slice<'a>(
    map: &'a BTreeMap<Vec<u8>, Vec<u8>>,
    start: &'a [u8],
    end: &'a [u8],
) -> impl DoubleEndedIterator<Item = Row> + use<'a> {
    map.iter()
        .filter(move |(key, _)| start <= key.as_slice() && key.as_slice() < end)
        .map(|(key, value)| (key.clone(), value.clone()))
}

proptest! {
    #[test]
    fn memory_behaves_like_a_map(steps in vec(step(), 1..120)) {
        check(&mut state::Memory::new(), &steps);
        check(&mut state::Simulated::new(7), &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn disk_behaves_like_a_map(steps in vec(step(), 1..200), flush in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = state::Disk::open(dir.path(), Options::small(), None).unwrap();
        if flush {
            let (before, after) = steps.split_at(steps.len() / 2);
            check(&mut disk, before);
            disk.commit().unwrap();
            disk.flush().unwrap();
            let rows = disk.range(&[], &[0xff], usize::MAX).unwrap();
            for (key, _) in rows {
                disk.delete(&key);
            }
            disk.commit().unwrap();
            check(&mut disk, after);
        } else {
            check(&mut disk, &steps);
        }
    }
}
