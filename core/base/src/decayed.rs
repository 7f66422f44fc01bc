//! A decayed sum that is exact: adding and merging commute to the last bit.

use serde::{Deserialize, Serialize};

use crate::{Duration, Timestamp};

/// How many half-lives behind the newest bucket a bucket is kept; older ones weigh < 2⁻²⁴.
const PERIODS_KEPT: i64 = 24;
/// Fixed-point scale of a bucket.
const SCALE: f64 = 4_294_967_296.0;

/// Σ weight · 2^((t − now) / half-life) over events, evaluated at any `now`.
///
/// Forward decay (Cormode, Shkapenyuk, Srivastava, Xu, *Forward Decay*, ICDE 2009) with time cut
/// into periods of one half-life: a bucket holds, as a whole number of 2⁻³², the sum of
/// weight · 2^(fraction of the period). Whole numbers add exactly, and a bucket is dropped only
/// for being too far behind the newest one, which no later arrival can undo. So the sum does not
/// depend on the order of arrival. Memory: at most 25 buckets of at most 16 bytes; adding is
/// O(buckets).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecayedSum {
    buckets: Vec<(i64, u64)>,
}

impl DecayedSum {
    /// Adds `weight` (≥ 0, at most a million) at time `at`.
    pub fn add(&mut self, at: Timestamp, weight: f64, half_life: Duration) {
        let span = half_life.as_millis().max(1);
        let period = at.as_millis().div_euclid(span);
        let fraction = at.as_millis().rem_euclid(span) as f64 / span as f64;
        let clamped = weight.clamp(0.0, 1e6);
        let units = (clamped * libm::exp2(fraction) * SCALE).round() as u64;
        self.insert(period, units);
        self.prune();
    }

    /// Adds another sum with the same half-life.
    pub fn merge(&mut self, other: &DecayedSum) {
        for (period, units) in &other.buckets {
            self.insert(*period, *units);
        }
        self.prune();
    }

    /// The sum as of `now`.
    pub fn value(&self, now: Timestamp, half_life: Duration) -> f64 {
        let span = half_life.as_millis().max(1) as f64;
        let now = now.as_millis() as f64 / span;
        let weigh =
            |(period, units): &(i64, u64)| *units as f64 / SCALE * libm::exp2(*period as f64 - now);
        self.buckets.iter().map(weigh).sum()
    }

    /// A number that orders sums of one half-life the same way at every `now`: log₂ of the sum
    /// at the epoch. `None` for an empty sum.
    pub fn rank(&self) -> Option<f64> {
        let newest = self.buckets.last()?.0;
        let weigh = |(period, units): &(i64, u64)| {
            *units as f64 / SCALE * libm::exp2((*period - newest) as f64)
        };
        let total: f64 = self.buckets.iter().map(weigh).sum();
        (total > 0.0).then(|| libm::log2(total) + newest as f64)
    }

    /// The newest period of one half-life with anything in it; `None` for an empty sum.
    pub fn newest(&self) -> Option<i64> {
        self.buckets.last().map(|(period, _)| *period)
    }

    /// The sum as of the beginning of a period. Sums of one half-life as of one period keep their
    /// proportions at every instant, to the last bit, since whole periods only halve and double.
    pub fn as_of(&self, period: i64) -> f64 {
        let weigh = |(at, units): &(i64, u64)| {
            *units as f64 / SCALE * libm::exp2(at.saturating_sub(period) as f64)
        };
        self.buckets.iter().map(weigh).sum()
    }

    /// Periods with their whole numbers of 2⁻³², ascending: what is stored.
    pub fn buckets(&self) -> &[(i64, u64)] {
        &self.buckets
    }

    /// From stored buckets; those of one period are added up.
    pub fn from_buckets(buckets: impl IntoIterator<Item = (i64, u64)>) -> Self {
        let mut sum = DecayedSum::default();
        for (period, units) in buckets {
            sum.insert(period, units);
        }
        sum.prune();
        sum
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    fn insert(&mut self, period: i64, units: u64) {
        match self
            .buckets
            .binary_search_by_key(&period, |bucket| bucket.0)
        {
            Ok(at) => self.buckets[at].1 = self.buckets[at].1.saturating_add(units),
            Err(at) => self.buckets.insert(at, (period, units)),
        }
    }

    fn prune(&mut self) {
        if let Some((newest, _)) = self.buckets.last().copied() {
            self.buckets
                .retain(|(period, _)| newest.saturating_sub(*period) <= PERIODS_KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_days(1);

    fn sum(events: &[(i64, u8)]) -> DecayedSum {
        let mut sum = DecayedSum::default();
        for (at, weight) in events {
            sum.add(Timestamp::from_millis(*at), f64::from(*weight), DAY);
        }
        sum
    }

    #[test]
    fn halves_every_half_life() {
        let sum = sum(&[(0, 8)]);
        let at = |days: i64| sum.value(Timestamp::from_millis(days * 86_400_000), DAY);
        assert!((at(0) - 8.0).abs() < 1e-6);
        assert!((at(3) - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            mut events in prop::collection::vec((0i64..4_000_000_000, 1u8..9), 0..40),
            cut in 0usize..40,
        ) {
            let whole = sum(&events);
            let cut = cut.min(events.len());
            let mut merged = sum(&events[cut..]);
            merged.merge(&sum(&events[..cut]));
            prop_assert_eq!(&whole, &merged);
            events.reverse();
            prop_assert_eq!(&whole, &sum(&events));
        }

        #[test]
        fn agrees_with_the_plain_formula(
            events in prop::collection::vec((0i64..1_000_000_000, 1u8..9), 1..20),
        ) {
            let now = 1_000_000_000;
            let plain: f64 = events.iter()
                .map(|(at, weight)| {
                    f64::from(*weight) * f64::exp2((at - now) as f64 / 86_400_000.0)
                })
                .sum();
            let ours = sum(&events).value(Timestamp::from_millis(now), DAY);
            prop_assert!((plain - ours).abs() <= 1e-6 * plain);
        }

        #[test]
        fn what_is_stored_reads_back(
            events in prop::collection::vec((-9_000_000_000i64..9_000_000_000, 1u8..9), 0..20),
        ) {
            let sum = sum(&events);
            prop_assert_eq!(&DecayedSum::from_buckets(sum.buckets().iter().copied()), &sum);
            if let Some(newest) = sum.newest() {
                let at = Timestamp::from_millis(newest * 86_400_000);
                let (whole, exact) = (sum.as_of(newest), sum.value(at, DAY));
                prop_assert!((whole - exact).abs() <= 1e-9 * exact);
            }
        }
    }
}
