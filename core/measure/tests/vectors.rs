//! The Open Bandit sample against the figures of obp 0.4.1, to 1e-9. Skips where data is absent.

use std::path::{Path, PathBuf};

use kith_measure::policy_value::{
    Candidate, Estimator, Evaluation, Evaluator, LogKind, Logged, Settings,
};
use serde_json::Value;

fn shared(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("../shared").join(path)
}

fn evaluate(log: &str, policy: &Value) -> Evaluation {
    let policy: Vec<Vec<f64>> =
        serde_json::from_value(policy.clone()).expect("the log has the form of its kind");
    let mut lines = log.lines();
    let header: Vec<&str> = lines
        .next()
        .expect("the log has the form of its kind")
        .split(',')
        .collect();
    let column = |name: &str| {
        header
            .iter()
            .position(|one| *one == name)
            .expect("the log has the form of its kind")
    };
    let names = ["item_id", "position", "click", "propensity_score"];
    let [item, position, click, propensity] = names.map(column);
    let mut evaluator = Evaluator::new(Settings::new(LogKind::Fixed));
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let chosen: usize = cells[item]
            .parse()
            .expect("the log has the form of its kind");
        let slot: usize = cells[position]
            .parse::<usize>()
            .expect("the log has the form of its kind")
            - 1;
        let known: f64 = cells[propensity]
            .parse()
            .expect("the log has the form of its kind");
        let arms = policy.iter().enumerate();
        let candidates: Vec<Candidate> = arms
            .map(|(arm, targets)| Candidate {
                arm: arm as u64,
                propensity: Some(known),
                target: targets[slot],
            })
            .collect();
        let record = Logged {
            context: 0,
            slot: slot as u32,
            candidates: &candidates,
            chosen,
            reward: cells[click]
                .parse()
                .expect("the log has the form of its kind"),
        };
        evaluator
            .push(&record)
            .expect("the log has the form of its kind");
    }
    evaluator.finish()
}

#[test]
fn figures_are_those_of_the_reference() {
    let Ok(text) = std::fs::read_to_string(shared("reference/vectors/models_small.json")) else {
        eprintln!("skipped: there are no vectors beside the project");
        return;
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for (name, vector) in vectors["ope"].as_object().unwrap() {
        let log = shared("data").join(format!("{}.xz", vector["log"].as_str().unwrap()));
        let Ok(packed) = std::fs::read(log) else {
            eprintln!("skipped: no log of {name}");
            continue;
        };
        let mut log = String::new();
        let mut reader = liblzma::read::XzDecoder::new_multi_decoder(&packed[..]);
        std::io::Read::read_to_string(&mut reader, &mut log).unwrap();
        let evaluation = evaluate(&log, &vector["pi"]);
        let estimates = evaluation.answer.unwrap();
        let value = |estimator| estimates.get(estimator).unwrap().value;
        let figures = [
            ("ipw", value(Estimator::Ipw), 1e-9),
            ("snipw", value(Estimator::Snipw), 1e-9),
            ("ess", evaluation.overlap.effective_records, 1e-6),
            ("max_weight", evaluation.overlap.weight_max, 1e-9),
        ];
        for (figure, value, slack) in figures {
            let expect = vector[figure].as_f64().unwrap();
            assert!(
                (value - expect).abs() < slack,
                "{name} {figure}: {value}, not {expect}"
            );
        }
        let dr = estimates.headline();
        eprintln!("{name}: dr {} {:?}", dr.value, dr.interval);
        compared += 1;
    }
    eprintln!("{compared} logs compared");
}
