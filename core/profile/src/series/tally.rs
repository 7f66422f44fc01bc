//! How many events, and the sum and the ends of their values.

use kith_base::Amount;

use super::varint::{Reader, put_amount, put_u64};

/// Events of a stretch of time. An event may have no value, one, or several (the lines of an
/// order); `min` and `max` are zero while there is no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events.
    pub count: u64,
    /// Values.
    pub values: u64,
    /// Their exact sum.
    pub sum: Amount,
    /// The least.
    pub min: Amount,
    /// The greatest.
    pub max: Amount,
}

/// No event has a value.
const NONE: u64 = 0;
/// Every event has one value, and they are all the same.
const SAME: u64 = 1;
/// Every event has one value.
const EACH: u64 = 2;
/// Anything else.
const MIXED: u64 = 3;

impl Tally {
    /// One event without a value.
    pub const fn one() -> Self {
        Tally {
            count: 1,
            values: 0,
            sum: Amount::ZERO,
            min: Amount::ZERO,
            max: Amount::ZERO,
        }
    }

    /// Adds a value to the events there are.
    pub fn add_value(&mut self, value: Amount) {
        self.merge(&Tally {
            count: 0,
            values: 1,
            sum: value,
            min: value,
            max: value,
        });
    }

    /// Adds other events.
    pub fn merge(&mut self, other: &Tally) {
        self.count = self.count.saturating_add(other.count);
        if other.values == 0 {
            return;
        }
        if self.values == 0 {
            (self.min, self.max) = (other.min, other.max);
        } else {
            self.min = self.min.min(other.min);
            self.max = self.max.max(other.max);
        }
        self.values = self.values.saturating_add(other.values);
        self.sum = self.sum.plus(other.sum);
    }

    /// One byte for an event without a value, three for one with a price.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let shape = match self.values {
            0 => NONE,
            values if values != self.count => MIXED,
            _ if self.is_same() => SAME,
            _ => EACH,
        };
        super::varint::put(out, u128::from(self.count) << 2 | u128::from(shape));
        if shape == MIXED {
            put_u64(out, self.values);
        }
        if shape != NONE {
            put_amount(out, self.min);
        }
        if shape >= EACH {
            put_amount(out, self.max);
            put_amount(out, self.sum);
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let head = from.get()?;
        let count = u64::try_from(head >> 2).ok()?;
        let shape = (head & 3) as u64;
        let values = match shape {
            NONE => 0,
            MIXED => from.u64()?,
            _ => count,
        };
        let mut tally = Tally {
            count,
            values,
            ..Tally::default()
        };
        if shape != NONE {
            tally.min = from.amount()?;
            tally.max = tally.min;
            tally.sum = times(tally.min, values);
        }
        if shape >= EACH {
            tally.max = from.amount()?;
            tally.sum = from.amount()?;
        }
        Some(tally)
    }

    fn is_same(&self) -> bool {
        self.min == self.max && self.sum == times(self.min, self.values)
    }
}

fn times(amount: Amount, factor: u64) -> Amount {
    Amount::from_micros(amount.as_micros().saturating_mul(i128::from(factor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(tally: Tally) -> usize {
        let mut out = Vec::new();
        tally.write(&mut out);
        assert_eq!(Tally::read(&mut Reader(&out)), Some(tally));
        out.len()
    }

    fn of(values: &[i128]) -> Tally {
        let mut tally = Tally::default();
        for value in values {
            let mut one = Tally::one();
            one.add_value(Amount::from_micros(*value));
            tally.merge(&one);
        }
        tally
    }

    #[test]
    fn what_is_common_is_short() {
        assert_eq!(bytes(Tally::one()), 1);
        assert_eq!(bytes(of(&[19_900_000])), 3);
        assert_eq!(bytes(of(&[1_000_000, 1_000_000])), 2);
    }

    #[test]
    fn every_shape_reads_back() {
        bytes(Tally::default());
        bytes(of(&[1, -5, 12_345_678]));
        bytes(of(&[0]));
        let mut mixed = of(&[3, 4]);
        mixed.merge(&Tally::one());
        bytes(mixed);
        assert_eq!((mixed.count, mixed.values), (3, 2));
        let huge = Tally {
            count: u64::MAX,
            values: u64::MAX,
            sum: Amount::from_micros(i128::MAX),
            min: Amount::from_micros(i128::MIN),
            max: Amount::from_micros(i128::MAX),
        };
        bytes(huge);
    }
}
