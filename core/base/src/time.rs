//! Instants and spans in whole milliseconds.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time such as 2026-11-21T08:00:00.000Z, in the years 0 to 9999")]
pub struct ParseTimestampError(pub String);

impl Timestamp {
    /// The epoch.
    pub const ZERO: Timestamp = Timestamp(0);

    /// The last instant of which every zone has a date with a year of four digits. What people
    /// write to say "for ever", such as 9999-12-31, may lie a few hours later and is read as this.
    pub const LATEST: Timestamp = Timestamp(253_402_207_200_000);

    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339 and the looser forms clients send: a space for the `T`, a missing zone
    /// (taken as UTC), a bare date.
    pub fn parse(text: &str) -> Result<Self, ParseTimestampError> {
        let error = || ParseTimestampError(text.chars().take(40).collect());
        let trimmed = text.trim();
        if let Ok(instant) = trimmed.parse::<jiff::Timestamp>() {
            return Ok(Timestamp(instant.as_millisecond()));
        }
        // Without a zone, or so late that the instant has no name in some zone.
        let pieces = jiff::fmt::temporal::Pieces::parse(trimmed).map_err(|_| error())?;
        let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let is_local = pieces.offset().is_none() && pieces.time_zone_annotation().is_none();
        match civil.to_zoned(jiff::tz::TimeZone::UTC) {
            Ok(zoned) if is_local => Ok(Timestamp(zoned.timestamp().as_millisecond())),
            _ if civil.year() == 9999 => Ok(Timestamp::LATEST),
            _ => Err(error()),
        }
    }

    /// This instant plus a span, saturating.
    pub const fn plus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(duration.0))
    }

    /// This instant minus a span, saturating.
    pub const fn minus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_sub(duration.0))
    }

    /// The span from `earlier` to this instant; negative when it is later.
    pub const fn since(self, earlier: Timestamp) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// Whole days since the epoch, UTC.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-21T08:00:00.000Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(out, "{instant:.3}"),
            Err(_) => write!(out, "{}ms", self.0),
        }
    }
}

/// A span in milliseconds; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Duration(i64);

impl Duration {
    /// From milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Duration(millis)
    }

    /// From whole seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Duration(seconds.saturating_mul(1_000))
    }

    /// From days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Duration(days.saturating_mul(86_400_000))
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole days of 24 hours, rounded down.
    pub const fn whole_days(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(
            Timestamp::parse(text)
                .ok()
                .map(|time| time.to_string())
                .as_deref(),
            expect
        );
    }

    #[test]
    fn parses_what_clients_send() {
        check("2026-11-21T08:00:00.123Z", Some("2026-11-21T08:00:00.123Z"));
        check(
            "2026-11-21T08:00:00.445+00:00",
            Some("2026-11-21T08:00:00.445Z"),
        );
        check(
            "2026-11-21T10:00:00.123456+02:00",
            Some("2026-11-21T08:00:00.123Z"),
        );
        check("2026-11-21 08:00:00", Some("2026-11-21T08:00:00.000Z"));
        check("2026-11-21", Some("2026-11-21T00:00:00.000Z"));
        check("2026-11-21T08:00", Some("2026-11-21T08:00:00.000Z"));
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn the_last_day_there_is_means_for_ever() {
        let latest = Timestamp::LATEST.to_string();
        assert_eq!(latest, "9999-12-30T22:00:00.000Z");
        for text in [
            "9999-12-31T23:59:59.999Z",
            "9999-12-31T23:59:59+08:00",
            "9999-12-31T00:00:00-12:00",
            "9999-12-31 23:59:59",
            "9999-12-31",
        ] {
            check(text, Some(&latest));
        }
        check("9999-12-30", Some("9999-12-30T00:00:00.000Z"));
        check("+010000-01-01T00:00:00Z", None);
        check("10000-01-01", None);
        check("2026-02-30T00:00:00Z", None);
        check("2026-11-21T08:00:00[Asia/Taipei]", None);
    }

    #[test]
    fn arithmetic_saturates() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.plus(Duration::from_days(1)), end);
    }
}
