//! One cell of a row: text to a typed value, or a complaint that says how to mend it.

use std::borrow::Cow;

use kith_base::{Amount, Timestamp};
use serde_json::{Number, Value};

use super::mapping::Type;

/// Events earlier than this are a wrong unit or format, not history.
const EARLIEST: Timestamp = Timestamp::from_millis(315_532_800_000); // 1980-01-01

/// Why a row became no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The column at fault; empty when the whole row is.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Complaint {
    /// About one cell.
    pub fn new(column: &str, value: &str, message: impl Into<String>, fix: &str) -> Self {
        Complaint {
            column: column.to_owned(),
            value: value.chars().take(200).collect(),
            message: message.into(),
            fix: fix.to_owned(),
        }
    }
}

/// Reads a cell that is not empty.
pub fn read(
    column: &str,
    cell: &str,
    kind: Type,
    separator: Option<&str>,
) -> Result<Value, Complaint> {
    match kind {
        Type::Text => Ok(Value::from(cell)),
        Type::Integer => integer(column, cell).map(Value::from),
        Type::Number => number(column, cell),
        Type::Boolean => boolean(column, cell).map(Value::from),
        Type::List => {
            let entries = cell.split(separator.unwrap_or("|")).map(str::trim);
            Ok(entries
                .filter(|entry| !entry.is_empty())
                .map(Value::from)
                .collect())
        }
    }
}

/// A whole number; spreadsheets write `17850.0`, R writes `1e+05`.
fn integer(column: &str, cell: &str) -> Result<i64, Complaint> {
    let plain = without_exponent(cell);
    let whole = plain.split_once('.').map_or(&*plain, |(whole, fraction)| {
        if fraction.bytes().all(|byte| byte == b'0') {
            whole
        } else {
            cell
        }
    });
    whole.parse().map_err(|_| {
        let message = format!("{cell:?} is not a whole number");
        Complaint::new(
            column,
            cell,
            message,
            "correct the cell, or use `type: number` or `text`",
        )
    })
}

fn number(column: &str, cell: &str) -> Result<Value, Complaint> {
    let parsed = match cell.parse::<i64>() {
        Ok(integer) => Some(Number::from(integer)),
        Err(_) => cell.parse::<f64>().ok().and_then(Number::from_f64),
    };
    parsed.map(Value::Number).ok_or_else(|| {
        let message = format!("{cell:?} is not a number");
        Complaint::new(
            column,
            cell,
            message,
            "write numbers with a point and no separators",
        )
    })
}

/// A number for sums, exact to six places.
pub fn amount(column: &str, cell: &str) -> Result<Amount, Complaint> {
    Amount::parse(&without_exponent(cell)).ok_or_else(|| {
        let message = format!("{cell:?} is not a decimal number");
        Complaint::new(
            column,
            cell,
            message,
            "write numbers with a point and no separators",
        )
    })
}

/// `4.4e-16` as `0.00000000000000044`: R and pandas write small and large numbers so. What is no
/// such number stays as it is.
fn without_exponent(cell: &str) -> Cow<'_, str> {
    /// Of a float, at most 308.
    const EXPONENT_MAX: usize = 400;
    let Some((mantissa, exponent)) = cell.split_once(['e', 'E']) else {
        return Cow::Borrowed(cell);
    };
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    let places = exponent.parse::<i32>().ok();
    let Some(places) = places.filter(|places| places.unsigned_abs() as usize <= EXPONENT_MAX)
    else {
        return Cow::Borrowed(cell);
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(cell);
    }
    // Digits enough on both sides of the point, wherever it goes.
    let zeros = "0".repeat(places.unsigned_abs() as usize);
    let (padded, point) = if places < 0 {
        (format!("{zeros}{digits}"), whole.len())
    } else {
        (format!("{digits}{zeros}"), whole.len() + zeros.len())
    };
    let (whole, fraction) = padded.split_at(point);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Cow::Owned(format!("{sign}{whole}.{fraction}"))
}

fn boolean(column: &str, cell: &str) -> Result<bool, Complaint> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => {
            let message = format!("{cell:?} is neither true nor false");
            Err(Complaint::new(
                column,
                cell,
                message,
                "write true, false, yes, no, 1 or 0",
            ))
        }
    }
}

/// How times are written.
#[derive(Debug)]
pub enum TimeFormat {
    /// With its zone, as RFC 3339.
    Rfc3339,
    /// Whole units since 1970-01-01 UTC, of so many milliseconds.
    Unix(i64),
    /// A pattern; local in a zone unless the pattern holds one.
    Pattern(String, jiff::tz::TimeZone),
}

impl TimeFormat {
    /// Reads the words of a mapping.
    pub fn parse(format: &str, zone: &str) -> Result<Self, String> {
        Ok(match format {
            "rfc3339" => TimeFormat::Rfc3339,
            "unix-seconds" => TimeFormat::Unix(1_000),
            "unix-milliseconds" => TimeFormat::Unix(1),
            pattern if pattern.contains('%') => {
                let zone = jiff::tz::TimeZone::get(zone)
                    .map_err(|_| format!("{zone:?} is not a zone such as Europe/London"))?;
                TimeFormat::Pattern(pattern.to_owned(), zone)
            }
            other => {
                return Err(format!(
                    "{other:?} is no time format: write rfc3339, unix-seconds, \
                     unix-milliseconds, or a pattern such as %d/%m/%Y %H:%M"
                ));
            }
        })
    }

    /// The instant a cell names.
    pub fn read(&self, column: &str, cell: &str, now: Timestamp) -> Result<Timestamp, Complaint> {
        let parsed = match self {
            TimeFormat::Rfc3339 => Timestamp::parse(cell).ok(),
            TimeFormat::Unix(unit) => cell
                .parse::<i64>()
                .ok()
                .and_then(|count| count.checked_mul(*unit))
                .map(Timestamp::from_millis),
            TimeFormat::Pattern(pattern, zone) => pattern_time(pattern, zone, cell),
        };
        let time = parsed.ok_or_else(|| {
            let message = format!("{cell:?} is not a time in the mapping's format");
            Complaint::new(column, cell, message, "correct `time.format`, or the cell")
        })?;
        if time < EARLIEST || time > now.plus(kith_base::Duration::from_days(1)) {
            let message = format!("{cell:?} would be {time}, which cannot be");
            return Err(Complaint::new(
                column,
                cell,
                message,
                "check the unit in `time.format`",
            ));
        }
        Ok(time)
    }
}

fn pattern_time(pattern: &str, zone: &jiff::tz::TimeZone, cell: &str) -> Option<Timestamp> {
    let instant = if pattern.contains("%z") || pattern.contains("%:z") {
        jiff::Timestamp::strptime(pattern, cell).ok()?
    } else {
        let local = jiff::civil::DateTime::strptime(pattern, cell).ok()?;
        local.to_zoned(zone.clone()).ok()?.timestamp()
    };
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn check(kind: Type, cell: &str, expect: Option<Value>) {
        assert_eq!(read("c", cell, kind, None).ok(), expect, "{cell}");
    }

    fn time(format: &str, zone: &str, cell: &str) -> Option<String> {
        let format = TimeFormat::parse(format, zone).unwrap();
        format
            .read("c", cell, NOW)
            .ok()
            .map(|time| time.to_string())
    }

    #[test]
    fn cells_have_types() {
        check(Type::Integer, "17850.0", Some(17_850.into()));
        check(Type::Integer, "17850.5", None);
        check(Type::Integer, "1e+05", Some(100_000.into()));
        check(Type::Integer, "1.7850E4", Some(17_850.into()));
        check(Type::Integer, "12e-1", None);
        check(Type::Integer, "0e0", Some(0.into()));
        check(Type::Integer, "1e999999999", None);
        check(Type::Integer, "e5", None);
        check(Type::Integer, "1e", None);
        check(Type::Number, "4.4e-16", Some(4.4e-16.into()));
        check(Type::Number, "2.55", Some(2.55.into()));
        check(Type::Number, "-3", Some((-3).into()));
        check(Type::Number, "2,55", None);
        check(Type::Number, "NaN", None);
        check(Type::Boolean, "Yes", Some(true.into()));
        check(Type::Boolean, "perhaps", None);
        check(Type::List, "a| b||", Some(serde_json::json!(["a", "b"])));
        check(Type::Text, "0012", Some("0012".into()));
    }

    #[test]
    fn amounts_may_have_exponents() {
        let check = |cell: &str, expect: Option<&str>| {
            let amount = amount("c", cell).ok().map(|amount| amount.to_string());
            assert_eq!(amount.as_deref(), expect, "{cell}");
        };
        check("4.4e-16", Some("0.00"));
        check("-1.25e-3", Some("-0.00125"));
        check("1.5E+03", Some("1500.00"));
        check("12e-1", Some("1.20"));
        check("1e400", None);
        check("1e401", None);
        check("1e5e5", None);
        check("-e5", None);
        check("0x1e5", None);
    }

    #[test]
    fn times_have_formats() {
        let seconds = time("unix-seconds", "UTC", "1511544070");
        assert_eq!(seconds.as_deref(), Some("2017-11-24T17:21:10.000Z"));
        let summer = time("%Y-%m-%d %H:%M:%S", "Europe/London", "2011-07-01 12:00:00");
        assert_eq!(summer.as_deref(), Some("2011-07-01T11:00:00.000Z"));
        let offset = time("%d/%m/%Y %H:%M %z", "UTC", "01/02/2011 10:00 +0200");
        assert_eq!(offset.as_deref(), Some("2011-02-01T08:00:00.000Z"));
        assert_eq!(time("unix-seconds", "UTC", "1511544070000"), None);
        assert_eq!(time("unix-milliseconds", "UTC", "1511544070"), None);
        assert_eq!(time("rfc3339", "UTC", "soon"), None);
        assert!(
            TimeFormat::parse("epoch", "UTC")
                .unwrap_err()
                .contains("unix-seconds")
        );
        assert!(
            TimeFormat::parse("%Y", "Mars/Olympus")
                .unwrap_err()
                .contains("zone")
        );
    }
}
