//! Interest in the keys of one dimension: a decayed sum for each, and when it was last satisfied.
//!
//! | what | formula |
//! |---|---|
//! | weight of a key | Σ weight · 2^((t − now) / half-life): forward decay, see [`DecayedSum`] |
//! | after a purchase | weight · percent / 100, until the repurchase interval is over |
//! | share | weight / Σ weights of all keys |
//! | lift | (weight + μ·b) / (Σ weights + μ) / b, b the site's own share |
//!
//! The lift compares a share with the base rate of the whole site, smoothed with μ units of the
//! base rate itself (Dirichlet prior smoothing: Zhai and Lafferty, *A Study of Smoothing Methods
//! for Language Models Applied to Ad Hoc Information Retrieval*, SIGIR 2001): somebody of whom
//! little is known is like everybody, lift 1.
//!
//! A sum: the same for every order and grouping of events. Of more keys than there is room for
//! those with the smallest hashes stay ([`BoundedMap`]), each complete; the sum of all weights
//! counts the others too, so that shares stay exact. Stored: a key takes its text, 1 byte and 6 a
//! period (at most 25) with events, 7 more once something was bought: 20 to 30 bytes for what was
//! looked at in two periods, at most 106 kB a person (256 keys of 120 one-byte characters, in all
//! 25 periods). A test holds the figures.

use kith_base::{DecayedSum, Duration, Timestamp, limits};
use kith_definition::Affinity;

use super::varint::{Reader, put_bytes, put_i64, put_u64};
use crate::BoundedMap;

/// Weight of the base rate in a lift: what ten product views count where a view counts 1.
pub const SMOOTHING: f64 = 10.0;

/// What one event adds to the interest in a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The key, such as a category.
    pub key: String,
    /// What the event counts.
    pub weight: u32,
    /// It satisfies the interest.
    pub buys: bool,
}

/// The state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interests {
    total: DecayedSum,
    keys: BoundedMap<Interest, { limits::AFFINITY_FEATURE_KEYS_MAX }>,
}

/// The interest in one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Decayed weight.
    pub sum: DecayedSum,
    /// When it was last satisfied.
    pub bought_at: Option<Timestamp>,
}

/// How a key stands at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Share<'a> {
    /// The key.
    pub key: &'a str,
    /// Of all interest, 0 to 1.
    pub share: f64,
    /// Its weight now.
    pub weight: f64,
    /// When it was last satisfied.
    pub bought_at: Option<Timestamp>,
}

/// A person's shares beside the weight they are shares of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares<'a> {
    /// By key; none whose weight is 0.
    pub keys: Vec<Share<'a>>,
    /// All weight now.
    pub weight: f64,
}

impl Interests {
    /// Adds one event's touches.
    pub fn add(&mut self, at: Timestamp, touches: &[Touch], half_life: Duration) {
        for touch in touches {
            let weight = f64::from(touch.weight);
            if touch.weight > 0 {
                self.total.add(at, weight, half_life);
            }
            self.keys.update(&touch.key, Interest::default, |held| {
                if touch.weight > 0 {
                    held.sum.add(at, weight, half_life);
                }
                if touch.buys {
                    held.bought_at = held.bought_at.max(Some(at));
                }
            });
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Interests) {
        self.total.merge(&other.total);
        self.keys.merge(&other.keys, |held, other| {
            held.sum.merge(&other.sum);
            held.bought_at = held.bought_at.max(other.bought_at);
        });
    }

    /// Keys kept.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Every share. Without a purchase in between they are the same at every instant, to the
    /// last bit.
    pub fn shares(&self, of: &Affinity, now: Timestamp) -> Shares<'_> {
        let Some(newest) = self.total.newest() else {
            return Shares::default();
        };
        let mut all = self.total.as_of(newest);
        let mut keys = Vec::with_capacity(self.keys.len());
        for (key, held) in self.keys.iter() {
            let whole = held.sum.as_of(newest);
            let left = whole * held.left(of, now);
            all -= whole - left;
            if left > 0.0 {
                keys.push((key, left, held.bought_at));
            }
        }
        if all <= 0.0 {
            return Shares::default();
        }
        let scale = self.total.value(now, of.half_life()) / self.total.as_of(newest);
        let share = |(key, left, bought_at)| Share {
            key,
            share: f64::clamp(left / all, 0.0, 1.0),
            weight: left * scale,
            bought_at,
        };
        Shares {
            keys: keys.into_iter().map(share).collect(),
            weight: all * scale,
        }
    }

    /// The share of one key; 0 when nothing is known of it.
    pub fn share(&self, of: &Affinity, key: &str, now: Timestamp) -> f64 {
        let shares = self.shares(of, now).keys;
        let found = shares.iter().find(|share| share.key == key);
        found.map_or(0.0, |share| share.share)
    }

    /// The key with the greatest share; of equal ones the first by its text.
    pub fn top(&self, of: &Affinity, now: Timestamp) -> Option<&str> {
        let shares = self.shares(of, now).keys.into_iter();
        let first = shares.reduce(|best, next| {
            let wins = next.share > best.share;
            if wins { next } else { best }
        });
        first.map(|share| share.key)
    }

    /// The next instant after this one at which an interest is back.
    pub fn next_change(&self, of: &Affinity, after: Timestamp) -> Option<Timestamp> {
        let back = self.keys.iter().filter_map(|(_, held)| held.back_at(of));
        back.filter(|at| *at > after).min()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_sum(&self.total, out);
        put_u64(out, self.keys.len() as u64);
        for (key, held) in self.keys.iter() {
            put_bytes(out, key.as_bytes());
            let buckets = held.sum.buckets().len() as u64;
            put_u64(out, buckets << 1 | u64::from(held.bought_at.is_some()));
            if let Some(at) = held.bought_at {
                put_i64(out, at.as_millis());
            }
            write_buckets(&held.sum, out);
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let count = from.u64()?;
        let total = read_buckets(count, from)?;
        let mut keys = BoundedMap::default();
        for _ in 0..from.u64()? {
            let key = std::str::from_utf8(from.bytes()?).ok()?;
            let head = from.u64()?;
            let bought_at = match head & 1 {
                1 => Some(Timestamp::from_millis(from.i64()?)),
                _ => None,
            };
            let sum = read_buckets(head >> 1, from)?;
            keys.put(key, Interest { sum, bought_at }, |_, _| {});
        }
        Some(Interests { total, keys })
    }
}

impl Interest {
    /// What a purchase left of it, as a part of 1.
    fn left(&self, of: &Affinity, now: Timestamp) -> f64 {
        let Some((once, _)) = of.once.as_ref().zip(self.bought_at) else {
            return 1.0;
        };
        match self.back_at(of) {
            Some(at) if at <= now => 1.0,
            _ => f64::from(once.percent) / 100.0,
        }
    }

    /// When all of it is back after a purchase; `None` for never.
    fn back_at(&self, of: &Affinity) -> Option<Timestamp> {
        let (once, bought_at) = of.once.as_ref().zip(self.bought_at)?;
        let interval = Duration::from_days(i64::from(once.repurchase_days));
        (once.repurchase_days > 0).then(|| bought_at.plus(interval))
    }
}

/// How much greater a share is than the site's, 1 for neither more nor less; `None` while the
/// site's is not known.
pub fn lift(weight: f64, of: f64, site_share: f64) -> Option<f64> {
    let smoothed = (weight + SMOOTHING * site_share) / (of + SMOOTHING);
    (site_share > 0.0).then(|| smoothed / site_share)
}

fn write_sum(sum: &DecayedSum, out: &mut Vec<u8>) {
    put_u64(out, sum.buckets().len() as u64);
    write_buckets(sum, out);
}

fn write_buckets(sum: &DecayedSum, out: &mut Vec<u8>) {
    let mut before = 0;
    for (period, units) in sum.buckets() {
        put_i64(out, period.wrapping_sub(before));
        put_u64(out, *units);
        before = *period;
    }
}

fn read_buckets(count: u64, from: &mut Reader<'_>) -> Option<DecayedSum> {
    let mut buckets = Vec::new();
    let mut period = 0i64;
    for _ in 0..count {
        period = period.wrapping_add(from.i64()?);
        buckets.push((period, from.u64()?));
    }
    Some(DecayedSum::from_buckets(buckets))
}

#[cfg(test)]
mod tests {
    use kith_base::Json;
    use kith_definition::Feature;
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400_000;

    fn affinity(spec: &str) -> Affinity {
        let spec = format!(r#"{{"affinity":{spec}}}"#);
        let feature = Feature::parse(&Json::parse(&spec).unwrap()).unwrap();
        feature.affinity.unwrap()
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY)
    }

    fn touch(key: &str, weight: u32) -> Touch {
        Touch {
            key: key.to_owned(),
            weight,
            buys: weight == 5,
        }
    }

    fn build(of: &Affinity, touches: &[(i64, &str, u32)]) -> Interests {
        let mut interests = Interests::default();
        for (day, key, weight) in touches {
            interests.add(at(*day), &[touch(key, *weight)], of.half_life());
        }
        interests
    }

    #[test]
    fn recent_interest_counts_more_and_shares_stay_as_time_passes() {
        let of = affinity(r#"{"by":"category","half_life_days":10}"#);
        let interests = build(&of, &[(0, "tents", 2), (10, "shoes", 1), (20, "shoes", 1)]);
        // At day 20: tents 2 / 4, shoes 1 / 2 + 1.
        let share = |key, day| interests.share(&of, key, at(day));
        assert!((share("tents", 20) - 0.25).abs() < 1e-9);
        assert!((share("shoes", 20) - 0.75).abs() < 1e-9);
        assert_eq!(share("shoes", 20).to_bits(), share("shoes", 99).to_bits());
        assert_eq!(share("boots", 20), 0.0);
        assert_eq!(interests.top(&of, at(20)), Some("shoes"));
        let weight = interests.shares(&of, at(30)).weight;
        assert!((weight - 1.0).abs() < 1e-9, "{weight}");
    }

    #[test]
    fn a_purchase_satisfies_until_the_repurchase_interval_is_over() {
        let spec = r#"{"by":"category","once":{"percent":20,"repurchase_days":60}}"#;
        let of = affinity(spec);
        let interests = build(&of, &[(0, "tents", 5), (0, "shoes", 1)]);
        let share = |key, at| interests.share(&of, key, at);
        let back = at(60);
        let before = back.minus(Duration::from_millis(1));
        assert!((share("tents", before) - 0.5).abs() < 1e-9);
        assert!((share("tents", back) - 5.0 / 6.0).abs() < 1e-9);
        assert_eq!(interests.next_change(&of, at(0)), Some(back));
        assert_eq!(interests.next_change(&of, back), None);
        let for_ever = affinity(r#"{"by":"category","once":{"percent":0}}"#);
        let interests = build(&for_ever, &[(0, "tents", 5), (0, "shoes", 1)]);
        assert_eq!(interests.top(&for_ever, at(999)), Some("shoes"));
        assert_eq!(interests.next_change(&for_ever, at(0)), None);
        let nothing_left = build(&for_ever, &[(0, "tents", 5)]);
        assert_eq!(nothing_left.shares(&for_ever, at(1)), Shares::default());
    }

    #[test]
    fn the_limit_of_keys_holds_and_one_beyond_leaves_shares_exact() {
        let of = affinity(r#"{"by":"category"}"#);
        let mut interests = Interests::default();
        let max = limits::AFFINITY_FEATURE_KEYS_MAX;
        for n in 0..max {
            interests.add(at(0), &[touch(&n.to_string(), 1)], of.half_life());
        }
        assert_eq!(interests.len(), max);
        interests.add(at(0), &[touch("beyond", 1)], of.half_life());
        assert_eq!(interests.len(), max);
        let one = interests.shares(&of, at(0)).keys[0].share;
        assert!((one - 1.0 / (max as f64 + 1.0)).abs() < 1e-12);
    }

    #[test]
    fn somebody_unknown_is_like_everybody() {
        assert_eq!(lift(0.0, 0.0, 0.2), Some(1.0));
        assert_eq!(lift(1.0, 1.0, 0.0), None);
        // Much is known: the ratio of the shares. (900 + 2) / 1010 / 0.2.
        let much = lift(900.0, 1_000.0, 0.2).unwrap();
        assert!((much - 4.465_346).abs() < 1e-6, "{much}");
        assert!(lift(0.0, 1_000.0, 0.2).unwrap() < 0.01);
    }

    #[test]
    fn a_key_looked_at_in_two_periods_takes_30_bytes_and_all_at_most_106_kb() {
        let of = affinity(r#"{"by":"category"}"#);
        let size = |interests: &Interests| {
            let mut out = Vec::new();
            interests.write(&mut out);
            assert_eq!(Interests::read(&mut Reader(&out)).as_ref(), Some(interests));
            out.len()
        };
        let one = build(&of, &[(20_000, "shoes", 1)]);
        let two = build(&of, &[(20_000, "shoes", 1), (20_000, "boots & co", 5)]);
        let more = build(&of, &[(20_000, "shoes", 1), (20_030, "shoes", 1)]);
        let alone = |interests: &Interests| {
            let mut total = Vec::new();
            write_sum(&interests.total, &mut total);
            size(interests) - total.len() - 1
        };
        assert!(alone(&one) <= 15, "{}", alone(&one));
        assert!(alone(&more) <= 30, "{}", alone(&more));
        assert!(alone(&two) - alone(&one) <= 26, "{}", alone(&two));
        let mut full = Interests::default();
        for n in 0..limits::AFFINITY_FEATURE_KEYS_MAX {
            let key = format!("{n:0>120}");
            for period in 0..25 {
                let touch = touch(&key, 1_000);
                full.add(at(20_000 + period * 30), &[touch], of.half_life());
            }
        }
        assert!(size(&full) <= 106_000, "{}", size(&full));
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            mut touches in prop::collection::vec((0i64..900, 0u32..400, 0u32..6), 0..400),
            cut in 0usize..400,
        ) {
            let of = affinity(r#"{"by":"category","half_life_days":7,"once":{}}"#);
            let build = |touches: &[(i64, u32, u32)]| {
                let mut interests = Interests::default();
                for (day, key, weight) in touches {
                    let touch = touch(&key.to_string(), *weight);
                    interests.add(at(*day), &[touch], of.half_life());
                }
                interests
            };
            let whole = build(&touches);
            let cut = cut.min(touches.len());
            let mut merged = build(&touches[cut..]);
            merged.merge(&build(&touches[..cut]));
            prop_assert_eq!(&whole, &merged);
            let mut stored = Vec::new();
            whole.write(&mut stored);
            let read = Interests::read(&mut Reader(&stored));
            prop_assert_eq!(read.as_ref(), Some(&whole));
            touches.reverse();
            prop_assert_eq!(&whole, &build(&touches));
        }
    }
}
