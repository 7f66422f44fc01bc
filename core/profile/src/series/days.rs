//! The quarters of an hour with events, day by day: what days a person was active on, in any
//! zone.

use std::collections::BTreeMap;

use kith_base::limits::SERIES_ACTIVE_DAYS_MAX;

use super::block::DAY;
use super::varint::{Reader, put, put_i64, put_u64};

/// Seconds of a quarter of an hour: every zone's midnight lies on one.
pub const QUARTER: i64 = 900;

/// Bits of the 96 quarters by day (UTC), the newest
/// [`SERIES_ACTIVE_DAYS_MAX`] days. Two to four bytes for a day with a visit; at most 15.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActiveDays(BTreeMap<i64, u128>);

impl ActiveDays {
    /// Notes a second.
    pub fn add(&mut self, second: i64) {
        let quarter = second.rem_euclid(DAY) / QUARTER;
        self.join(second.div_euclid(DAY), 1 << quarter);
    }

    /// Notes all another one notes.
    pub fn merge(&mut self, other: &ActiveDays) {
        other
            .0
            .iter()
            .for_each(|(day, bits)| self.join(*day, *bits));
    }

    /// First seconds of the quarters, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = i64> {
        self.0.iter().rev().flat_map(|(day, bits)| {
            let set = (0..96)
                .rev()
                .filter(move |quarter| bits >> quarter & 1 == 1);
            set.map(move |quarter| day * DAY + quarter * QUARTER)
        })
    }

    /// True when nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn join(&mut self, day: i64, bits: u128) {
        *self.0.entry(day).or_default() |= bits;
        if self.0.len() > SERIES_ACTIVE_DAYS_MAX {
            self.0.pop_first();
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_u64(out, self.0.len() as u64);
        let mut before = 0;
        for (day, bits) in &self.0 {
            put_i64(out, day - before);
            before = *day;
            let few = bits.count_ones();
            if few <= 12 {
                out.push(few as u8);
                out.extend((0..96u8).filter(|quarter| bits >> quarter & 1 == 1));
            } else {
                out.push(0);
                put(out, *bits);
            }
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut days = BTreeMap::new();
        let mut day = 0i64;
        for _ in 0..from.u64()? {
            day = day.checked_add(from.i64()?)?;
            (day.unsigned_abs() <= i64::MAX.unsigned_abs() / 86_400_000 + 1).then_some(())?;
            let bits = match from.u64()? {
                0 => from.get()?,
                few => (0..few).try_fold(0, |bits, _| Some(bits | 1 << (from.u64()? % 96)))?,
            };
            days.insert(day, bits);
        }
        Some(ActiveDays(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(seconds: &[i64]) -> ActiveDays {
        let mut days = ActiveDays::default();
        seconds.iter().for_each(|second| days.add(*second));
        days
    }

    fn bytes(days: &ActiveDays) -> usize {
        let mut out = Vec::new();
        days.write(&mut out);
        assert_eq!(ActiveDays::read(&mut Reader(&out)).as_ref(), Some(days));
        out.len()
    }

    #[test]
    fn one_visit_a_day_takes_three_bytes() {
        let daily: Vec<i64> = (20_000..20_365).map(|day| day * DAY + 40_000).collect();
        assert!(bytes(&build(&daily)) <= 5 + 3 * 365);
        let busy: Vec<i64> = (0..96).map(|quarter| quarter * QUARTER).collect();
        assert!(bytes(&build(&busy)) <= 17);
    }

    #[test]
    fn the_newest_days_stay_whatever_the_order() {
        let mut seconds: Vec<i64> = (0..3_000).map(|day| day * DAY - 7).collect();
        let days = build(&seconds);
        seconds.reverse();
        assert_eq!(build(&seconds), days);
        assert_eq!(days.0.len(), SERIES_ACTIVE_DAYS_MAX);
        assert_eq!(
            days.newest_first().next(),
            Some(2_998 * DAY + DAY - QUARTER)
        );
        bytes(&days);
    }
}
