//! A profile and a context, as a rule sees them.

use kith_base::{Timestamp, Value};
use kith_profile::{Counter, Profile, feature};
use kith_rule::{FactKey, Facts};

/// Lends facts to rules. Without a profile only the context is known.
pub struct ProfileFacts<'a> {
    /// The person.
    pub profile: Option<&'a Profile>,
    /// What the caller says about this moment.
    pub context: &'a Value,
}

impl Facts for ProfileFacts<'_> {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        if let FactKey::Context(path) = key {
            return path.follow(self.context).clone();
        }
        self.profile
            .map_or(Value::Null, |profile| fact(profile, key, now))
    }
}

fn fact(profile: &Profile, key: &FactKey, now: Timestamp) -> Value {
    let counter = |name: &str| profile.fold.counters.get(name);
    let time = |name: &str, pick: fn(&Counter) -> Timestamp| {
        counter(name).map_or(Value::Null, |of| Value::Time(pick(of)))
    };
    match key {
        FactKey::Context(_) => Value::Null,
        FactKey::Trait(path) => {
            let held = profile.fold.traits.get(path.first());
            held.map_or(Value::Null, |latest| {
                path.follow_rest(&latest.value.value).clone()
            })
        }
        FactKey::Feature(name) => {
            feature::find(name).map_or(Value::Null, |feature| feature.value(profile, now))
        }
        FactKey::Consent(category) => profile.consent(category).map_or(Value::Null, Value::Bool),
        FactKey::Count(name) => Value::Int(counter(name).map_or(0, |of| of.count.cast_signed())),
        FactKey::Sum(name) => Value::Float(counter(name).map_or(0.0, |of| of.value.as_f64())),
        FactKey::First(name) => time(name, |of| of.first_at),
        FactKey::Last(name) => time(name, |of| of.last_at),
        FactKey::Affinity { dimension, key } => {
            Value::Float(profile.affinity(dimension, key, now).unwrap_or(0.0))
        }
        FactKey::Identifier(namespace) => profile
            .identifier(namespace)
            .map_or(Value::Null, Value::from),
        FactKey::Aggregate(_)
        | FactKey::Sequence(_)
        | FactKey::Audience(_)
        | FactKey::Property(_)
        | FactKey::LocalHour
        | FactKey::LocalWeekday
        | FactKey::Reachable(_)
        | FactKey::Anniversary(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_feature_a_rule_may_name_has_a_value_and_the_reverse() {
        let named: Vec<&str> = kith_rule::FEATURES.iter().map(|known| known.name).collect();
        let mut valued: Vec<&str> = super::feature::ALL.iter().map(|known| known.name).collect();
        let mut sorted = named.clone();
        sorted.sort_unstable();
        valued.sort_unstable();
        assert_eq!(sorted, valued);
    }
}
