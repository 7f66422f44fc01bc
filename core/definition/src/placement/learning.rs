//! What a placement of offers learns from, and how it explores.

use kith_base::{Duration, limits};
use serde::{Deserialize, Serialize};

use super::{Placement, PlacementType};
use crate::Errors;
use crate::shape::{Field, Shape, Unique};

/// A placement that learns which of its promotions works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// The event that is a success, as a feature names events:
    /// `"Order Completed" where revenue >= 50`.
    pub reward: String,
    /// Days after a decision within which it counts.
    pub window_days: u32,
    /// Facts that say for whom and when an offer works: `traits.country`.
    pub features: Vec<String>,
    /// Share of decisions that is spread equally over all candidates.
    pub floor: f64,
    /// Share that what was learned serves while the best fixed offer serves the rest.
    pub trial: f64,
    /// Share that the best fixed offer keeps while what was learned serves the rest.
    pub holdout: f64,
    /// Minutes instead of days, for what is answered at once; 0 counts the days.
    #[serde(default)]
    pub window_minutes: u32,
}

impl Learning {
    /// How long after a decision a reward counts.
    pub fn window(&self) -> Duration {
        match self.window_minutes {
            0 => Duration::from_days(i64::from(self.window_days)),
            minutes => Duration::from_secs(i64::from(minutes) * 60),
        }
    }
}

const SHARE: Shape = Shape::Number { min: 0, max: 1 };

/// The members of learning.
pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "reward",
        about: "the event that is a success, as a feature names events: \"Order Completed\" where \
                revenue >= 50",
        shape: Shape::Rule,
        default: Some("\"\\\"Decision Clicked\\\"\""),
    },
    Field {
        name: "window_days",
        about: "days after a decision within which a reward counts",
        shape: Shape::Whole {
            min: 1,
            max: limits::LEARNING_WINDOW_DAYS_MAX,
        },
        default: Some("1"),
    },
    Field {
        name: "features",
        about: "facts that say for whom and when an offer works, such as traits.country",
        shape: Shape::List {
            of: &Shape::Rule,
            min: 0,
            max: limits::LEARNING_FEATURES_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "floor",
        about: "share of decisions that is spread equally over all candidates, at least 0.001",
        shape: SHARE,
        default: Some("0.02"),
    },
    Field {
        name: "trial",
        about: "share that what was learned serves while the best fixed offer serves the rest",
        shape: SHARE,
        default: Some("0.2"),
    },
    Field {
        name: "holdout",
        about: "share that the best fixed offer keeps while what was learned serves the rest",
        shape: SHARE,
        default: Some("0.1"),
    },
    Field {
        name: "window_minutes",
        about: "minutes instead of days, where the answer comes at once; 0 counts the days",
        shape: Shape::Whole {
            min: 0,
            max: limits::LEARNING_WINDOW_MINUTES_MAX,
        },
        default: Some("0"),
    },
];

/// What only several fields together show.
pub(super) fn across(placement: &Placement, errors: &mut Errors) {
    let at = "spec.learning";
    let Some(learning) = placement.learning.as_ref().filter(|_| !errors.has(at)) else {
        return;
    };
    if placement.kind == PlacementType::Items && !errors.has("spec.type") {
        errors.push(at, "only a placement of offers learns; write null");
        return;
    }
    if learning.reward.trim().is_empty() {
        let message = "is empty; name the event that is a success, such as \"Decision Clicked\" \
                       in double quotes";
        errors.push(format!("{at}.reward"), message);
    }
    if learning.floor < 0.001 {
        let message = "nothing is known of what is never shown; write at least 0.001";
        errors.push(format!("{at}.floor"), message);
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Json;

    use super::*;

    fn errors(text: &str) -> Vec<String> {
        match Placement::parse(&Json::parse(text).unwrap()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn an_empty_object_learns_from_clicks() {
        let text = r#"{"type":"offers","learning":{}}"#;
        let placement = Placement::parse(&Json::parse(text).unwrap()).unwrap();
        let learning = placement.learning.unwrap();
        assert_eq!(learning.reward, "\"Decision Clicked\"");
        assert_eq!((learning.window_days, learning.floor), (1, 0.02));
        assert_eq!((learning.trial, learning.holdout), (0.2, 0.1));
        assert_eq!(learning.window(), Duration::from_days(1));
    }

    #[test]
    fn minutes_count_instead_of_days() {
        let text = r#"{"type":"offers","learning":{"window_days":2,"window_minutes":15}}"#;
        let placement = Placement::parse(&Json::parse(text).unwrap()).unwrap();
        assert_eq!(
            placement.learning.unwrap().window(),
            Duration::from_secs(900)
        );
    }

    #[test]
    fn what_cannot_be_learned_is_named() {
        let check = |learning: &str, expect: &[&str]| {
            let found = errors(&format!(r#"{{"type":"offers","learning":{learning}}}"#));
            assert_eq!(found.len(), expect.len(), "{learning}: {found:?}");
            for (found, expect) in found.iter().zip(expect) {
                assert!(found.starts_with(expect), "{found}");
            }
        };
        check("null", &[]);
        check(
            r#"{"window_days":0}"#,
            &["spec.learning.window_days: 0 is not a whole number from 1 to 90"],
        );
        check(
            r#"{"window_minutes":1441}"#,
            &["spec.learning.window_minutes: 1441 is not a whole number from 0 to 1440"],
        );
        check(r#"{"floor":0}"#, &["spec.learning.floor: nothing is known"]);
        check(r#"{"trial":1.5}"#, &["spec.learning.trial: 1.5"]);
        check(r#"{"reward":" "}"#, &["spec.learning.reward: is empty"]);
        check(
            r#"{"features":["traits.a","traits.a"]}"#,
            &["spec.learning.features"],
        );
        let items = r#"{"type":"items","strategies":[{"strategy":"popular-now"}],"learning":{}}"#;
        assert_eq!(
            errors(items),
            ["spec.learning: only a placement of offers learns; write null"]
        );
    }
}
