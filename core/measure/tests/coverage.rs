//! A shop with a known truth: 95 % intervals hold it in 93 to 97 % of 1,000 logs, of a fixed policy
//! and of one that learns; what is not made for logs of the second kind fails on them.

use kith_measure::policy_value::LogKind;
use kith_measure::simulated_shop::{Collector, Coverage, Shop, TARGETS};

const RUNS: u64 = 1_000;

fn covered(collector: Collector, target: usize, told: LogKind) -> Coverage {
    let coverage = Shop::new(collector).coverage(&TARGETS[target], told, 0..RUNS);
    assert!(coverage.refused <= RUNS as u32 / 100, "{coverage:?}");
    coverage
}

fn share(coverage: &Coverage, name: &str) -> f64 {
    coverage
        .row(name)
        .unwrap_or_else(|| panic!("no {name}"))
        .share()
}

fn holds(coverage: &Coverage, name: &str) {
    let share = share(coverage, name);
    assert!(
        (0.93..=0.97).contains(&share),
        "{name} holds the truth in {share} of the logs"
    );
}

#[test]
fn intervals_of_fixed_logs_hold_the_truth_of_one_offer() {
    let coverage = covered(Collector::Fixed, 0, LogKind::Fixed);
    for name in ["ipw", "snipw", "dr", "stabilised_dr", "matched_mean"] {
        holds(&coverage, name);
    }
    assert!(share(&coverage, "sequence") >= 0.95);
}

#[test]
fn intervals_of_fixed_logs_hold_the_truth_of_a_policy_by_segment() {
    let coverage = covered(Collector::Fixed, 1, LogKind::Fixed);
    for name in ["ipw", "snipw", "dr", "stabilised_dr"] {
        holds(&coverage, name);
    }
    assert!(share(&coverage, "sequence") >= 0.95);
}

#[test]
fn intervals_of_adaptive_logs_hold_the_truth_of_one_offer() {
    let coverage = covered(Collector::Thompson, 0, LogKind::Adaptive);
    holds(&coverage, "stabilised_dr");
    assert!(share(&coverage, "sequence") >= 0.95);
    let matched = share(&coverage, "matched_mean");
    assert!(
        matched < 0.7,
        "the mean of matching decisions holds it in {matched}"
    );
    for withheld in ["ipw", "snipw", "dr"] {
        assert!(
            coverage.row(withheld).is_none(),
            "{withheld} has an interval"
        );
    }
}

#[test]
fn intervals_of_adaptive_logs_hold_the_truth_of_a_policy_by_segment() {
    let coverage = covered(Collector::Thompson, 1, LogKind::Adaptive);
    holds(&coverage, "stabilised_dr");
    assert!(share(&coverage, "sequence") >= 0.95);
    let matched = share(&coverage, "matched_mean");
    assert!(
        matched < 0.8,
        "the mean of matching decisions holds it in {matched}"
    );
}
