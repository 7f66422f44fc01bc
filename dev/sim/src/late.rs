//! Definitions that come, change and go while things happen, and jobs that are cancelled.

use kith_base::{Json, Random, Timestamp};
use kith_event::{DefinitionChange, JobChange, Record};

/// Features, by number; archived and written again.
pub(crate) const FEATURES: [&str; 2] = ["f0", "f1"];
const AUDIENCES: [&str; 4] = ["late0", "late1", "late2", "hot"];

const RULES: [&str; 10] = [
    r#"count("Product Viewed") >= 3"#,
    r#"count("Product Viewed", 12 days) >= 2"#,
    r#"sum("Order Completed", 9 days) > 20 or count("Product Added") >= 1"#,
    r#"distinct("Product Viewed", of brand) >= 2"#,
    r#"in audience "browsers" and count("Product Added") >= 1"#,
    r#"not count(any, 3 days) >= 1 and count("Product Viewed") >= 1"#,
    r#"traits.plan = "p2""#,
    "features.f0 >= 1",
    r#"any person of account in audience "browsers""#,
    r#"account.tier = "t2" and not all persons of account in audience "spenders""#,
];

const VALUES: [&str; 4] = [
    r#"count("Product Added")"#,
    r#"sum("Order Completed", 12 days)"#,
    r#"count("Product Viewed", 3 days)"#,
    r#"count("Order Completed")"#,
];

/// One of them, at an instant.
pub(crate) fn record(random: &mut Random, at: Timestamp) -> Record {
    let pick = |random: &mut Random, from: &[&'static str]| {
        *random.choose(from).expect("none of the lists is empty")
    };
    match random.below(10) {
        0..=3 => {
            let rule = pick(random, &RULES);
            let spec = format!(r#"{{"description":"","type":"rule","when":{rule:?}}}"#);
            define("audience", pick(random, &AUDIENCES), &spec, at, false)
        }
        4 => define("audience", pick(random, &AUDIENCES[..3]), "{}", at, true),
        5 | 6 => {
            let (id, value) = (pick(random, &FEATURES), pick(random, &VALUES));
            let spec = format!(r#"{{"description":"","value":{value:?},"trait":"{id}"}}"#);
            define("feature", id, &spec, at, random.chance(0.2))
        }
        7 => {
            let enabled = random.chance(0.7);
            let spec = format!(
                r#"{{"url":"https://crm.example","enabled":{enabled},"trait_changes":["f0"]}}"#
            );
            define("webhook", "crm", &spec, at, false)
        }
        _ => {
            let (kind, id) = match random.below(2) {
                0 => ("audience", pick(random, &AUDIENCES)),
                _ => ("feature", pick(random, &FEATURES)),
            };
            job(kind, id, random.chance(0.7), at)
        }
    }
}

/// A job that is cancelled or resumed.
pub(crate) fn job(kind: &str, id: &str, cancelled: bool, at: Timestamp) -> Record {
    Record::Job(JobChange {
        kind: kind.into(),
        id: id.into(),
        cancelled,
        at,
        by: "world".into(),
    })
}

fn define(kind: &str, id: &str, spec: &str, at: Timestamp, archived: bool) -> Record {
    Record::Definition(DefinitionChange {
        kind: kind.into(),
        id: id.into(),
        name: id.into(),
        archived,
        author: "world".into(),
        at,
        spec: Json::parse(spec).expect("written as JSON above"),
    })
}
