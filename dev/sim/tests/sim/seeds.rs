//! A thousand seeds hold every law; a broken fold is seen within fifty.

use kith_sim::{Report, Sabotage, run};

/// A quarter of the thousand seeds, so that the machine's cores share them.
fn green(seeds: std::ops::Range<u64>) {
    let mut total = Report::default();
    for seed in seeds {
        let report = run(seed, None).unwrap_or_else(|failure| panic!("{failure}"));
        total.acknowledged += report.acknowledged;
        total.distinct += report.distinct;
        total.crashes += report.crashes;
    }
    assert!(
        total.crashes > 250,
        "too few crashes to mean anything: {total:?}"
    );
    assert!(
        total.acknowledged > total.distinct,
        "no repeats were sent: {total:?}"
    );
}

#[test]
fn seeds_0_to_249_are_green() {
    green(0..250);
}

#[test]
fn seeds_250_to_499_are_green() {
    green(250..500);
}

#[test]
fn seeds_500_to_749_are_green() {
    green(500..750);
}

#[test]
fn seeds_750_to_999_are_green() {
    green(750..1_000);
}

#[test]
fn a_seed_plays_the_same_way_twice() {
    assert_eq!(run(7, None), run(7, None));
}

fn caught(sabotage: Sabotage) {
    let seen = (0..50).find_map(|seed| run(seed, Some(sabotage)).err());
    assert!(
        seen.is_some(),
        "{sabotage:?} went through fifty seeds unseen"
    );
}

#[test]
fn counting_repeats_is_caught() {
    caught(Sabotage::CountRepeats);
}

#[test]
fn folding_by_arrival_is_caught() {
    caught(Sabotage::ArrivalOrder);
}

#[test]
fn a_torn_commit_is_caught() {
    caught(Sabotage::TornCommit);
}

#[test]
fn joining_users_of_one_device_is_caught() {
    caught(Sabotage::ForgetUniqueness);
}
