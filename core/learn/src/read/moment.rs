//! Times as files have them: seconds or milliseconds since 1970, or a date with a time of day.

/// Milliseconds since 1970; `None` when it is no time. Dates without a zone are taken as UTC.
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<f64>() {
        // Beyond the year 5138 in seconds it is milliseconds.
        let millis = if number.abs() >= 1e11 {
            number
        } else {
            number * 1_000.0
        };
        return (number.is_finite() && millis.abs() < 1e15).then_some(millis.round() as i64);
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time.trim_end_matches('Z').trim()),
        None => (text, ""),
    };
    let (year, month, day) = date_of(date)?;
    Some(days(year, month, day)? * 86_400_000 + time_of_day(time)?)
}

/// 2010-12-01, 2010/12/01 or, as in American files, 12/1/2010.
fn date_of(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(['-', '/']).map(|part| part.parse::<i64>().ok());
    let (first, second, third) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    Some(if first > 31 {
        (first, second, third)
    } else {
        (third, first, second)
    })
}

fn time_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let text = text.split('+').next().unwrap_or_default();
    let mut parts = text.split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0.0))?;
    let fits = (0.0..24.0).contains(&hours) && (0.0..60.0).contains(&minutes);
    let fits = fits && (0.0..61.0).contains(&seconds);
    fits.then_some(((hours * 60.0 + minutes) * 60_000.0 + seconds * 1_000.0) as i64)
}

/// Days since 1970 (Hinnant, *chrono-compatible low-level date algorithms*, `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !((1..=12).contains(&month) && (1..=31).contains(&day) && (1..=9_999).contains(&year)) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_of_many_shapes() {
        assert_eq!(parse("1396437466.94"), Some(1_396_437_466_940));
        assert_eq!(parse("1511544070"), Some(1_511_544_070_000));
        assert_eq!(parse("1511544070123"), Some(1_511_544_070_123));
        assert_eq!(parse("2010-12-01 08:26:00"), Some(1_291_191_960_000));
        assert_eq!(parse("2010-12-01T08:26:00Z"), Some(1_291_191_960_000));
        assert_eq!(parse("12/1/2010 8:26"), Some(1_291_191_960_000));
        assert_eq!(parse("1970-01-02"), Some(86_400_000));
        for bad in ["", "x", "2010-13-01", "2010-12-01 25:00", "NaN", "1-2"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
