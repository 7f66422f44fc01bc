//! Days and hours of a zone, by the calendar's own arithmetic.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kith_base::{Timestamp, Value};
use kith_rule::Calendar;

pub fn second(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1_000)
}

fn zoned(zone: &TimeZone, second: i64) -> jiff::Zoned {
    let instant = jiff::Timestamp::from_second(second).expect("within the calendar");
    instant.to_zoned(zone.clone())
}

pub fn date(zone: &TimeZone, second: i64) -> Date {
    zoned(zone, second).date()
}

pub fn hour(zone: &TimeZone, now: Timestamp) -> i64 {
    i64::from(zoned(zone, second(now)).hour())
}

pub fn weekday(zone: &TimeZone, now: Timestamp) -> &'static str {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let day = date(zone, second(now)).weekday().to_monday_zero_offset();
    days[usize::try_from(day).expect("0 to 6")]
}

/// Whether a second, not after now, is in the calendar's window.
pub fn holds(calendar: Calendar, zone: &TimeZone, at: i64, now: i64) -> bool {
    let (date, today) = (date(zone, at), date(zone, now));
    match calendar {
        Calendar::Today => date == today,
        Calendar::ThisWeek => {
            let week = |date: Date| (date.iso_week_date().year(), date.iso_week_date().week());
            week(date) == week(today)
        }
        Calendar::ThisMonth => (date.year(), date.month()) == (today.year(), today.month()),
        Calendar::ThisYear => date.year() == today.year(),
        Calendar::LastDays(days) => {
            let before = today.checked_sub(i64::from(days).days());
            date > before.expect("within the calendar")
        }
    }
}

/// The midnight that begins the next such day, today's if it is one.
pub fn anniversary(zone: &TimeZone, of: &Value, now: Timestamp) -> Value {
    let Some(of) = of
        .as_text()
        .and_then(|text| text.get(..10)?.parse::<Date>().ok())
    else {
        return Value::Null;
    };
    let mut day = date(zone, second(now));
    let is_it = |day: Date| {
        let leap_day = (of.month(), of.day()) == (2, 29);
        let stands_in = leap_day && !day.in_leap_year() && (day.month(), day.day()) == (3, 1);
        stands_in || (day.month(), day.day()) == (of.month(), of.day())
    };
    while !is_it(day) {
        day = day.tomorrow().expect("within the calendar");
    }
    let midnight = day.to_zoned(zone.clone()).expect("within the calendar");
    Value::Time(Timestamp::from_millis(
        midnight.timestamp().as_millisecond(),
    ))
}
