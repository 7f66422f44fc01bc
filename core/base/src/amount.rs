//! Exact decimal amounts: sums must not depend on the order of their terms, so no floats.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A decimal number with six places, held as a whole number of millionths. Adding is exact,
/// associative and commutative; it saturates at ±1.7e32.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(i128);

const UNIT: i128 = 1_000_000;

impl Amount {
    /// Zero.
    pub const ZERO: Amount = Amount(0);

    /// From millionths.
    pub const fn from_micros(micros: i128) -> Self {
        Amount(micros)
    }

    /// True for nothing.
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// Millionths.
    pub const fn as_micros(self) -> i128 {
        self.0
    }

    /// From a float, rounded to the nearest millionth; `None` when not finite or too large.
    pub fn from_f64(float: f64) -> Option<Self> {
        (float.is_finite() && float.abs() < 1e24)
            .then(|| Amount((float * UNIT as f64).round() as i128))
    }

    /// Parses `-12`, `12.5`, `0.000001`; more than six places are rounded to nearest.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty())
            || whole.len() > 24
            || !digits_only(whole)
            || !digits_only(fraction)
        {
            return None;
        }
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let mut micros = whole * UNIT;
        let mut place = UNIT / 10;
        for byte in fraction.bytes().take(6) {
            micros += i128::from(byte - b'0') * place;
            place /= 10;
        }
        if fraction.as_bytes().get(6).is_some_and(|byte| *byte >= b'5') {
            micros += 1;
        }
        Some(Amount(if negative { -micros } else { micros }))
    }

    /// The exact sum.
    pub const fn plus(self, other: Amount) -> Self {
        Amount(self.0.saturating_add(other.0))
    }

    /// `self` times a whole number.
    pub const fn times(self, factor: i64) -> Self {
        Amount(self.0.saturating_mul(factor as i128))
    }

    /// The nearest float, for display and comparison in rules.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / UNIT as f64
    }
}

/// The shortest decimal form with at least two places: `19.90`, `0.125`.
impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0.abs() / UNIT, self.0.abs() % UNIT);
        let text = format!("{fraction:06}");
        let places = text.trim_end_matches('0').len().max(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(out, "{sign}{whole}.{}", &text[..places])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(
            Amount::parse(text)
                .map(|amount| amount.to_string())
                .as_deref(),
            expect
        );
    }

    #[test]
    fn parses_and_prints() {
        check("19.9", Some("19.90"));
        check("-0.125", Some("-0.125"));
        check("7", Some("7.00"));
        check(".5", Some("0.50"));
        check("0.0000015", Some("0.000002"));
        check("1e3", None);
        check("", None);
        check("-", None);
        check("12,5", None);
    }

    #[test]
    fn floats_round_to_the_millionth() {
        assert_eq!(Amount::from_f64(0.1 + 0.2), Amount::parse("0.3"));
        assert_eq!(Amount::from_f64(f64::NAN), None);
    }
}
