//! Facts of a person and of the moment as the terms of a linear model.

use std::sync::Arc;

use kith_base::limits::{BANDIT_BUCKETS, BANDIT_FACTS_MAX, BANDIT_LIST_MAX};
use kith_base::{Value, digest};
use serde::{Deserialize, Serialize};

/// The name of a fact, such as `traits.city` or `context.hour`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeatureName(pub Arc<str>);

impl From<&str> for FeatureName {
    fn from(name: &str) -> Self {
        FeatureName(name.into())
    }
}

/// The terms: which weight, and by how much it counts. The first is always there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Features(pub(super) Vec<(u16, f32)>);

/// The weight of what is common to all decisions.
pub(super) const COMMON: u16 = 0;

/// A fact that is no finite number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fact {0:?} is no finite number")]
pub struct NotFinite(pub String);

impl Features {
    /// Nothing is known but that there is a decision.
    pub fn none() -> Self {
        Features(vec![(COMMON, 1.0)])
    }

    /// Text and flags have a weight for each value. A number counts for the two nearest of the
    /// steps …, −3, −1, 0, 1, 3, 7, 15, …, so that its effect may bend. Absent values have a weight
    /// of their own; instants and maps say nothing. Weights are found by hash (Weinberger et al.
    /// 2009).
    pub fn encode(facts: &[(FeatureName, Value)]) -> Result<Self, NotFinite> {
        let mut sorted: Vec<&(FeatureName, Value)> = facts.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut terms = vec![(COMMON, 1.0)];
        for (name, value) in sorted.into_iter().take(BANDIT_FACTS_MAX) {
            encode(name, value, &mut terms)?;
        }
        terms.sort_by_key(|(bucket, _)| *bucket);
        terms.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1 += later.1;
            }
            same
        });
        Ok(Features(terms))
    }
}

fn encode(name: &FeatureName, value: &Value, terms: &mut Vec<(u16, f32)>) -> Result<(), NotFinite> {
    match value {
        Value::Null => terms.push((bucket(name, "absent", b""), 1.0)),
        Value::Bool(flag) => terms.push((bucket(name, "flag", &[u8::from(*flag)]), 1.0)),
        Value::Text(text) => terms.push((bucket(name, "text", text.as_bytes()), 1.0)),
        Value::Int(_) | Value::Float(_) => {
            let number = value.as_number().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| NotFinite(name.0.to_string()))?;
            let place = libm::copysign(libm::log2(1.0 + number.abs()), number);
            let step = place.floor();
            let share = place - step;
            for (step, share) in [(step, 1.0 - share), (step + 1.0, share)] {
                if share > 0.0 {
                    let step = (step as i64).to_be_bytes();
                    terms.push((bucket(name, "number", &step), share as f32));
                }
            }
        }
        Value::List(list) => {
            for element in list.iter().take(BANDIT_LIST_MAX) {
                if !matches!(element, Value::List(_)) {
                    encode(name, element, terms)?;
                }
            }
        }
        Value::Time(_) | Value::Map(_) => {}
    }
    Ok(())
}

fn bucket(name: &FeatureName, kind: &str, value: &[u8]) -> u16 {
    let hash = digest(
        "bandit-feature",
        &[name.0.as_bytes(), kind.as_bytes(), value],
    )
    .prefix();
    1 + (hash % u64::from(BANDIT_BUCKETS - 1)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: Value) -> Vec<(u16, f32)> {
        Features::encode(&[("x".into(), value)]).unwrap().0
    }

    #[test]
    fn values_become_terms() {
        assert_eq!(encoded(Value::from("a")), encoded(Value::from("a")));
        assert_ne!(encoded(Value::from("a")), encoded(Value::from("b")));
        assert_ne!(encoded(Value::Null), encoded(Value::from("")));
        let shares = |number: f64| -> Vec<f32> {
            encoded(Value::Float(number))
                .iter()
                .map(|term| term.1)
                .collect()
        };
        assert_eq!(shares(3.0), [1.0, 1.0]);
        assert_eq!(shares(2.0).len(), 3);
        assert!((shares(2.0)[1] + shares(2.0)[2] - 1.0).abs() < 1e-6);
        assert_ne!(encoded(Value::Float(-3.0)), encoded(Value::Float(3.0)));
        assert_eq!(encoded(Value::Map(Default::default())), Features::none().0);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let refused = Features::encode(&[("x".into(), Value::Float(number))]);
            assert_eq!(refused, Err(NotFinite("x".to_owned())));
        }
    }

    #[test]
    fn the_order_of_facts_does_not_matter() {
        let one = [
            ("a".into(), Value::from(1)),
            ("b".into(), Value::from(true)),
        ];
        let other = [one[1].clone(), one[0].clone()];
        assert_eq!(Features::encode(&one), Features::encode(&other));
    }
}
