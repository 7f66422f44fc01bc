//! Estimates against their definitions, and refusals.

use super::*;

fn candidates(propensities: &[f64], targets: &[f64]) -> Vec<Candidate> {
    let pairs = propensities.iter().zip(targets).enumerate();
    pairs
        .map(|(arm, (propensity, target))| Candidate {
            arm: arm as u64,
            propensity: Some(*propensity),
            target: *target,
        })
        .collect()
}

/// Two arms shown half the time each; the first is rewarded every fourth time, the second never.
fn run(settings: Settings, targets: [f64; 2], propensities: [f64; 2]) -> Evaluation {
    let all = candidates(&propensities, &targets);
    let records = (0..2_000usize).map(|number| Logged {
        context: 0,
        slot: 0,
        candidates: &all,
        chosen: number % 2,
        reward: if number % 8 == 0 { 1.0 } else { 0.0 },
    });
    evaluate(settings, records).unwrap()
}

#[test]
fn estimates_follow_their_definitions() {
    let settings = Settings::new(LogKind::Fixed);
    let evaluation = run(settings, [0.8, 0.2], [0.5, 0.5]);
    let estimates = evaluation.answer.unwrap();
    let value = |estimator| estimates.get(estimator).unwrap().value;
    assert!((value(Estimator::Ipw) - 0.2).abs() < 1e-12);
    assert!((value(Estimator::Snipw) - 0.2).abs() < 1e-12);
    assert!((value(Estimator::Dr) - 0.2).abs() < 2e-3);
    assert!((value(Estimator::SwitchDr) - value(Estimator::Dr)).abs() < 1e-12);
    assert!((estimates.logged - 0.125).abs() < 1e-12);
    assert!((estimates.lift.value - 0.075).abs() < 2e-3);
    assert!((evaluation.overlap.effective_records - 1_470.588).abs() < 1e-3);
    assert!((evaluation.overlap.weight_max - 1.6).abs() < 1e-12);
    for estimate in estimates.all() {
        let biased = estimate.estimator.guarantee() == Guarantee::None;
        assert_eq!(
            estimate.interval.is_none(),
            biased,
            "{:?}",
            estimate.estimator
        );
        assert!(estimate.interval.is_none_or(|interval| interval.holds(0.2)));
    }
    assert_eq!(estimates.headline().estimator, Estimator::Dr);
}

#[test]
fn intervals_for_fixed_logs_are_withheld_on_adaptive_ones() {
    let settings = Settings::new(LogKind::Adaptive);
    let estimates = run(settings, [0.8, 0.2], [0.5, 0.5]).answer.unwrap();
    for estimate in estimates.all() {
        let valid = matches!(
            estimate.estimator.guarantee(),
            Guarantee::AdaptiveLogs | Guarantee::AnyTime
        );
        assert_eq!(
            estimate.interval.is_some(),
            valid,
            "{:?}",
            estimate.estimator
        );
    }
    assert_eq!(estimates.lift.interval, None);
    assert_eq!(estimates.headline().estimator, Estimator::StabilisedDr);
}

#[test]
fn weights_are_clipped() {
    let settings = Settings {
        weight_max: 1.0,
        ..Settings::new(LogKind::Fixed)
    };
    let estimates = run(settings, [0.8, 0.2], [0.5, 0.5]).answer.unwrap();
    let clipped = estimates.get(Estimator::ClippedIpw).unwrap();
    assert!((clipped.value - 0.125).abs() < 1e-12);
    assert_eq!(clipped.interval, None);
}

#[test]
fn it_refuses_without_overlap() {
    let settings = Settings::new(LogKind::Fixed);
    let refused = |evaluation: Evaluation| evaluation.answer.unwrap_err().code();
    assert_eq!(refused(evaluate(settings, []).unwrap()), "empty");
    let wrong = run(settings, [0.5, 0.5], [1.0, 0.1]);
    assert_eq!(refused(wrong), "weights-off");

    let few = candidates(&[0.5, 0.5], &[0.5, 0.5]);
    let record = Logged {
        context: 0,
        slot: 0,
        candidates: &few,
        chosen: 0,
        reward: 0.0,
    };
    let few = evaluate(settings, std::iter::repeat_n(record, 99)).unwrap();
    assert_eq!(refused(few), "too-few-effective-records");

    let never = candidates(&[1.0, 0.0], &[0.5, 0.5]);
    let record = Logged {
        candidates: &never,
        ..record
    };
    let never = evaluate(settings, std::iter::repeat_n(record, 1_000)).unwrap();
    assert_eq!(never.overlap.unsupported_arm, Some(1));
    assert_eq!(refused(never), "support-missing");

    let rare = candidates(&[0.001, 0.999], &[0.5, 0.5]);
    let records = (0..1_000usize).map(|number| Logged {
        candidates: &rare,
        chosen: usize::from(number != 0),
        ..record
    });
    let rare = evaluate(settings, records).unwrap();
    assert!(matches!(
        rare.answer.unwrap_err(),
        Refusal::OneDecides { .. } | Refusal::TooFew { .. }
    ));
}

#[test]
fn one_policy_on_its_own_log_is_the_mean() {
    let settings = Settings::new(LogKind::Fixed);
    let estimates = run(settings, [0.5, 0.5], [0.5, 0.5]).answer.unwrap();
    for estimator in [Estimator::Ipw, Estimator::Snipw] {
        let value = estimates.get(estimator).unwrap().value;
        assert!((value - estimates.logged).abs() < 1e-12);
    }
    assert!(estimates.lift.value.abs() < 1e-2);
}

#[test]
fn unknown_propensities_leave_only_what_needs_none() {
    let mut all = candidates(&[0.5, 0.5], &[0.5, 0.5]);
    all[1].propensity = None;
    let record = Logged {
        context: 0,
        slot: 0,
        candidates: &all,
        chosen: 0,
        reward: 1.0,
    };
    let settings = Settings::new(LogKind::Adaptive);
    let evaluation = evaluate(settings, std::iter::repeat_n(record, 1_000)).unwrap();
    let estimates = evaluation.answer.unwrap();
    assert_eq!(estimates.get(Estimator::StabilisedDr), None);
    assert_eq!(estimates.headline().estimator, Estimator::Sequence);
}
