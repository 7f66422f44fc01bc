//! The log port: what every implementation promises.

use kith_runtime::log::{Error, Log};
use kith_store::{Options, log};

fn each(law: impl Fn(&str, &mut dyn Log)) {
    law("memory", &mut log::Memory::new());
    law(
        "simulated",
        &mut log::Simulated::new(1, log::simulated::Faults::none()),
    );
    let dir = tempfile::tempdir().unwrap();
    law(
        "disk",
        &mut log::Segments::open(dir.path(), Options::small(), None).unwrap(),
    );
}

/// A record that says its number and compresses a little.
pub fn record(number: u64) -> Vec<u8> {
    format!(
        "{{\"number\":{number},\"mixed\":{}}}",
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    )
    .into_bytes()
}

pub fn records(numbers: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    numbers.map(record).collect()
}

#[test]
fn appends_are_numbered_and_read_back() {
    each(|name, log| {
        let reader = log.reader();
        assert_eq!(reader.end(), 0, "{name}");
        assert_eq!(reader.read(0, 10).unwrap(), vec![], "{name}");
        assert_eq!(log.append(&records(0..3)).unwrap(), 0, "{name}");
        assert_eq!(log.append(&[]).unwrap(), 3, "{name}");
        assert_eq!(log.append(&records(3..4)).unwrap(), 3, "{name}");
        assert_eq!(reader.end(), 4, "{name}");
        let all: Vec<_> = (0..4).map(|number| (number, record(number))).collect();
        assert_eq!(reader.read(0, 99).unwrap(), all, "{name}");
        assert_eq!(reader.read(1, 2).unwrap(), all[1..3], "{name}");
        assert_eq!(reader.read(3, 0).unwrap(), vec![], "{name}");
        assert_eq!(reader.read(4, 5).unwrap(), vec![], "{name}");
        assert!(
            matches!(reader.read(5, 1), Err(Error::OutOfRange(5))),
            "{name}"
        );
        assert!(
            matches!(reader.read(u64::MAX, 1), Err(Error::OutOfRange(_))),
            "{name}"
        );
        assert_eq!(reader.read(0, usize::MAX).unwrap().len(), 4, "{name}");
    });
}

#[test]
fn groups_of_any_size_keep_every_byte() {
    each(|name, log| {
        let sizes = [
            0usize, 1, 63, 64, 4_096, 65_531, 65_532, 65_533, 200_000, 0, 3,
        ];
        let group: Vec<Vec<u8>> = sizes
            .iter()
            .map(|size| (0..*size).map(|at| (at * at % 251) as u8).collect())
            .collect();
        for first in 0..3 {
            let position = log.append(&group).unwrap();
            assert_eq!(position, first * sizes.len() as u64, "{name}");
        }
        let read = log.reader().read(0, 99).unwrap();
        assert_eq!(read.len(), 3 * sizes.len(), "{name}");
        for (position, record) in read {
            assert_eq!(record, group[position as usize % sizes.len()], "{name}");
        }
    });
}

#[test]
fn random_reads_find_their_record_across_segments() {
    each(|name, log| {
        let mut next = 0;
        for group in 0..600u64 {
            let count = 1 + group * group % 37;
            assert_eq!(
                log.append(&records(next..next + count)).unwrap(),
                next,
                "{name}"
            );
            next += count;
        }
        let reader = log.reader();
        for step in 0..3_000u64 {
            let from = step * 7_919 % next;
            let limit = 1 + (step % 5) as usize;
            let expect: Vec<_> = (from..next)
                .take(limit)
                .map(|number| (number, record(number)))
                .collect();
            assert_eq!(reader.read(from, limit).unwrap(), expect, "{name}");
        }
        let all = reader.read(0, usize::MAX).unwrap();
        assert!(
            all.iter()
                .all(|(position, bytes)| *bytes == record(*position)),
            "{name}"
        );
        assert_eq!(all.len() as u64, next, "{name}");
    });
}

#[test]
fn readers_on_other_threads_see_whole_groups() {
    each(|name, log| {
        let reader = log.reader();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let reader = reader.clone();
                scope.spawn(move || {
                    let mut from = 0;
                    while from < 1_000 {
                        let end = reader.end();
                        assert_eq!(end % 10, 0, "{name}: half a group was visible");
                        let rows = reader.read(from, 64).unwrap();
                        assert!(
                            rows.iter().all(|(at, bytes)| *bytes == record(*at)),
                            "{name}"
                        );
                        from += rows.len() as u64;
                        std::thread::yield_now();
                    }
                });
            }
            for group in 0..100 {
                log.append(&records(group * 10..group * 10 + 10)).unwrap();
            }
        });
    });
}

#[test]
fn simulated_faults_follow_the_seed() {
    use log::simulated::{Fault, Faults, Simulated};
    let mut log = Simulated::new(3, Faults::none());
    log.append(&records(0..2)).unwrap();
    log.fail_after(1, Fault::Error);
    assert!(log.append(&records(2..4)).is_err());
    assert_eq!(log.append(&records(2..3)).unwrap(), 2);
    log.fail_after(1, Fault::TornTail);
    assert!(log.append(&records(3..5)).is_err() && log.is_down());
    assert!(log.append(&records(3..5)).is_err());
    let mut log = log.restart();
    assert_eq!(log.reader().end(), 3);
    log.switch().fail_after(1, Fault::AckLost);
    assert!(log.append(&records(3..5)).is_err());
    assert_eq!(log.restart().reader().end(), 5);

    let run = |seed| {
        let mut log = Simulated::new(
            seed,
            Faults {
                error: 0.1,
                crash: 0.1,
            },
        );
        let mut outcome = Vec::new();
        for _ in 0..50 {
            let end = log.reader().end();
            outcome.push(log.append(&records(end..end + 3)).is_ok());
            if log.is_down() {
                log = log.restart();
            }
        }
        let kept = log.reader().read(0, 999).unwrap();
        assert!(
            kept.iter()
                .all(|(position, bytes)| *bytes == record(*position))
        );
        (outcome, kept.len())
    };
    assert_eq!(run(11), run(11));
    assert_ne!(run(11), run(12));
}
