//! When an event happened: the client's time, with the error of the client's clock taken out.

use kith_base::{Duration, Timestamp};

use super::Reason;
use super::raw::{self, Raw};

/// How far in the future an event may lie; clocks of phones are off by hours, not by days.
const FUTURE_MAX: Duration = Duration::from_days(1);

/// 1990-01-01. What claims to be older is an unset clock or a zero value (`0001-01-01`).
const EARLIEST: Timestamp = Timestamp::from_millis(631_152_000_000);

/// The last millisecond of the year 9999, which means "for ever" to those who send it.
const LAST_MILLI: f64 = 253_402_300_799_999.0;

/// What the times of one event say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) occurred_at: Timestamp,
    pub(super) original_at: Option<Timestamp>,
    pub(super) warning: Option<Reason>,
}

/// The rule of the field: original = `originalTimestamp`, else `timestamp`; with `sentAt` the
/// event happened as long before the receipt as the client says it happened before sending.
/// Clients that send both `originalTimestamp` and `timestamp` have corrected the latter already.
pub(super) fn read(
    original: Raw<'_>,
    timestamp: Raw<'_>,
    sent_at: Raw<'_>,
    received_at: Timestamp,
) -> Times {
    let original_time = original.and_then(instant);
    let timestamp_time = timestamp.and_then(instant);
    let Some(first) = original_time.or(timestamp_time) else {
        let unreadable = [("originalTimestamp", original), ("timestamp", timestamp)]
            .into_iter()
            .find_map(|(field, raw)| {
                Some(Reason::UnreadableTime {
                    field,
                    value: shown(raw?),
                })
            });
        return Times {
            occurred_at: received_at,
            original_at: None,
            warning: unreadable,
        };
    };
    let corrected = match (original_time, timestamp_time, sent_at.and_then(instant)) {
        (Some(_), Some(last), _) => last,
        (_, _, Some(sent)) => received_at.minus(sent.since(first)),
        _ => first,
    };
    let absurd = corrected > received_at.plus(FUTURE_MAX) || corrected < EARLIEST;
    let (field, sent) = match original_time {
        Some(_) => ("originalTimestamp", original),
        None => ("timestamp", timestamp),
    };
    Times {
        occurred_at: if absurd { received_at } else { corrected },
        original_at: Some(first),
        warning: absurd.then(|| Reason::AbsurdTime {
            field,
            value: sent.map(shown).unwrap_or_default(),
        }),
    }
}

fn shown(raw: &serde_json::value::RawValue) -> String {
    raw.get().trim_matches('"').chars().take(40).collect()
}

/// An instant from text, or from a number of seconds or milliseconds since 1970.
fn instant(raw: &serde_json::value::RawValue) -> Option<Timestamp> {
    let text = raw::text(Some(raw))?;
    if raw.get().starts_with('"') {
        return utc(text.as_bytes()).or_else(|| Timestamp::parse(&text).ok());
    }
    let number: f64 = text.parse().ok()?;
    let millis = if number.abs() < 1e11 {
        number * 1e3
    } else {
        number
    };
    (millis.abs() < 2e14 || millis == LAST_MILLI)
        .then(|| Timestamp::from_millis(millis as i64).min(Timestamp::LATEST))
}

/// `2026-11-21T08:00:00.123Z`, the form nearly all clients send, ten times as fast as the
/// general parser. Anything else is `None`.
fn utc(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
        (23, b'Z'),
    ];
    if marks.iter().any(|(place, mark)| text[*place] != *mark) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        text[from..to].iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i64::from(byte - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let millis = number(20, 23)?;
    // Days after the 28th, leap seconds and the ends of the calendar are for the general parser.
    let plain = (1970..9999).contains(&year) && (1..=12).contains(&month);
    if !plain || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days from civil, after Howard Hinnant's "chrono-compatible low-level date algorithms".
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(Timestamp::from_millis(
        ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millis,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    const RECEIVED: &str = "2026-11-21T08:00:10.000Z";

    fn check(original: &str, timestamp: &str, sent_at: &str, expect: (&str, &str, &str)) {
        let raw = |text: &str| {
            (!text.is_empty()).then(|| RawValue::from_string(text.to_owned()).unwrap())
        };
        let (original, timestamp, sent_at) = (raw(original), raw(timestamp), raw(sent_at));
        let received_at = Timestamp::parse(RECEIVED).unwrap();
        let times = read(
            original.as_deref(),
            timestamp.as_deref(),
            sent_at.as_deref(),
            received_at,
        );
        let read = (
            times.occurred_at.to_string(),
            times
                .original_at
                .map(|time| time.to_string())
                .unwrap_or_default(),
            times
                .warning
                .map(|reason| reason.code().to_owned())
                .unwrap_or_default(),
        );
        assert_eq!((read.0.as_str(), read.1.as_str(), read.2.as_str()), expect);
    }

    #[test]
    fn the_clock_error_is_taken_out() {
        let (early, sent) = (
            r#""2026-11-21T09:00:00.000Z""#,
            r#""2026-11-21T09:00:05.000Z""#,
        );
        let expect = ("2026-11-21T08:00:05.000Z", "2026-11-21T09:00:00.000Z", "");
        check("", early, sent, expect);
        check(early, "", sent, expect);
        check(
            "",
            early,
            "",
            ("2026-11-21T09:00:00.000Z", "2026-11-21T09:00:00.000Z", ""),
        );
        let last = r#""2026-11-21T07:59:59.000Z""#;
        check(
            early,
            last,
            sent,
            ("2026-11-21T07:59:59.000Z", "2026-11-21T09:00:00.000Z", ""),
        );
        check("", "", sent, (RECEIVED, "", ""));
        check("", "", "", (RECEIVED, "", ""));
    }

    #[test]
    fn absurd_and_unreadable_times_become_the_receipt() {
        let year_9999 = r#""9999-06-01T00:00:00.000Z""#;
        check(
            "",
            year_9999,
            "",
            (RECEIVED, "9999-06-01T00:00:00.000Z", "absurd-time"),
        );
        check(
            "",
            r#""9999-12-31T23:59:59.999Z""#,
            "",
            (RECEIVED, "9999-12-30T22:00:00.000Z", "absurd-time"),
        );
        check(
            "",
            "253402300799999",
            "",
            (RECEIVED, "9999-12-30T22:00:00.000Z", "absurd-time"),
        );
        check(
            "",
            r#""12026-01-01T00:00:00Z""#,
            "",
            (RECEIVED, "", "unreadable-time"),
        );
        check(
            "",
            r#""0001-01-01T00:00:00Z""#,
            "",
            (RECEIVED, "0001-01-01T00:00:00.000Z", "absurd-time"),
        );
        check("", r#""yesterday""#, "", (RECEIVED, "", "unreadable-time"));
        check("", "{}", "", (RECEIVED, "", "unreadable-time"));
        let tomorrow = r#""2026-11-22T08:00:09.000Z""#;
        check(
            "",
            tomorrow,
            "",
            ("2026-11-22T08:00:09.000Z", "2026-11-22T08:00:09.000Z", ""),
        );
    }

    #[test]
    fn numbers_are_seconds_or_milliseconds() {
        check(
            "",
            "1795248000",
            "",
            ("2026-11-21T08:00:00.000Z", "2026-11-21T08:00:00.000Z", ""),
        );
        check(
            "",
            "1795248000123",
            "",
            ("2026-11-21T08:00:00.123Z", "2026-11-21T08:00:00.123Z", ""),
        );
    }

    proptest! {
        #[test]
        fn the_fast_parser_agrees_with_the_general_one(millis in 0_i64..253_370_764_800_000) {
            let time = Timestamp::from_millis(millis);
            let fast = utc(time.to_string().as_bytes());
            prop_assert!(fast.is_none_or(|fast| fast == time));
        }
    }
}
