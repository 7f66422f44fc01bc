//! A thousand seeds hold every law; a broken fold is seen within fifty.

use kith_sim::{Report, Sabotage, run};

#[test]
fn a_thousand_seeds_are_green() {
    let mut total = Report::default();
    for seed in 0..1_000 {
        let report = run(seed, None).unwrap_or_else(|failure| panic!("{failure}"));
        total.acknowledged += report.acknowledged;
        total.distinct += report.distinct;
        total.crashes += report.crashes;
        total.persons += report.persons;
    }
    assert!(
        total.crashes > 1_000,
        "too few crashes to mean anything: {total:?}"
    );
    assert!(
        total.acknowledged > total.distinct,
        "no repeats were sent: {total:?}"
    );
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
