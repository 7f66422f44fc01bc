//! A person's calendar: midnights, weeks and hours in their zone.
//!
//! Zones come from the database compiled in, never from the machine: the same events give the
//! same answer everywhere. A midnight that daylight saving skips is the first instant of the
//! day; one that comes twice is the earlier.

use std::sync::OnceLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use kith_base::{Timestamp, Value};
use kith_rule::{Calendar, ZoneName};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Zones change their offset between these instants only; seconds of the years 1 and 9998.
const SECOND_MIN: i64 = -62_104_060_800;
const SECOND_MAX: i64 = 253_339_142_400;

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// By its IANA name, such as `Asia/Taipei`; UTC when there is none.
    pub fn named(name: &str) -> Self {
        static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
        let database = DATABASE.get_or_init(TimeZoneDatabase::bundled);
        database.get(name).map_or(Zone::UTC, Zone)
    }

    /// The one a rule names.
    pub fn of(name: ZoneName) -> Self {
        Zone(name.zone())
    }

    /// The day a second belongs to, in days since 1970-01-01.
    pub fn day(&self, second: i64) -> i64 {
        (clamped(second) + self.offset(second)).div_euclid(DAY)
    }

    /// The days of many seconds: fast while they come in order.
    pub fn days(&self, seconds: impl Iterator<Item = i64>) -> impl Iterator<Item = i64> {
        let mut known = (1, 0, 0);
        seconds.map(move |second| {
            let second = clamped(second);
            if second < known.0 || known.1 <= second {
                let start = second.div_euclid(DAY) * DAY;
                let (first, last) = (self.offset(start), self.offset(start + DAY));
                if first != last {
                    return (second + self.offset(second)).div_euclid(DAY);
                }
                known = (start, start + DAY, first);
            }
            (second + known.2).div_euclid(DAY)
        })
    }

    /// The first second of a day.
    pub fn start_of(&self, day: i64) -> i64 {
        let day = day.clamp(SECOND_MIN / DAY + 1, SECOND_MAX / DAY - 1);
        let date = date(day);
        let start = date.to_zoned(self.0.clone());
        start.map_or(day * DAY, |start| start.timestamp().as_second())
    }

    /// The first second of the calendar window that `second` is in.
    pub fn start(&self, calendar: Calendar, second: i64) -> i64 {
        self.start_of(first_day(calendar, self.day(second)))
    }

    /// The first second whose calendar window no longer holds `second`.
    pub fn leaves(&self, calendar: Calendar, second: i64) -> i64 {
        let day = self.day(second);
        let next = match calendar {
            Calendar::Today => day + 1,
            Calendar::ThisWeek => first_day(calendar, day) + 7,
            Calendar::ThisMonth => first_day(calendar, first_day(calendar, day) + 31),
            Calendar::ThisYear => first_day(calendar, first_day(calendar, day) + 366),
            Calendar::LastDays(days) => day + i64::from(days.max(1)),
        };
        self.start_of(next)
    }

    /// 0 to 23.
    pub fn hour(&self, second: i64) -> i64 {
        (clamped(second) + self.offset(second)).rem_euclid(DAY) / 3_600
    }

    /// The first second after this one at which [`Zone::hour`] changes.
    pub fn next_hour(&self, second: i64) -> i64 {
        let local = clamped(second) + self.offset(second);
        let mut next = second + 3_600 - local.rem_euclid(3_600);
        if let Ok(instant) = jiff::Timestamp::from_second(clamped(second))
            && let Some(change) = self.0.following(instant).next()
        {
            next = next.min(change.timestamp().as_second());
        }
        next
    }

    /// `monday` to `sunday`.
    pub fn weekday(&self, second: i64) -> &'static str {
        match date(self.day(second)).weekday() {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        }
    }

    /// The day, from `today` on, with the month and day of a date, as days since 1970-01-01;
    /// 29 February is 1 March in common years. A date is text that begins with one, or an
    /// instant, which has one in this zone.
    pub fn anniversary(&self, of: &Value, today: i64) -> Option<i64> {
        let written = || of.as_text()?.get(..10)?.parse::<Date>().ok();
        let meant = || Some(date(self.day(second_of(of.as_time()?))));
        let of = written().or_else(meant)?;
        let in_year = |year: i16| {
            let day = Date::new(year, of.month(), of.day());
            day.or_else(|_| Date::new(year, 3, 1))
                .map_or(today, days_of)
        };
        let year = date(today).year();
        let this = in_year(year);
        Some(if this < today {
            in_year(year + 1)
        } else {
            this
        })
    }

    fn offset(&self, second: i64) -> i64 {
        let instant = jiff::Timestamp::from_second(clamped(second));
        instant.map_or(0, |instant| i64::from(self.0.to_offset(instant).seconds()))
    }
}

/// The second an instant lies in.
pub fn second_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1_000)
}

/// The instant a second begins.
pub fn instant_of(second: i64) -> Timestamp {
    Timestamp::from_millis(second.saturating_mul(1_000))
}

fn first_day(calendar: Calendar, day: i64) -> i64 {
    let civil = date(day);
    match calendar {
        Calendar::Today => day,
        Calendar::ThisWeek => day - i64::from(civil.weekday().to_monday_zero_offset()),
        Calendar::ThisMonth => days_of(civil.first_of_month()),
        Calendar::ThisYear => days_of(civil.first_of_year()),
        Calendar::LastDays(days) => day - i64::from(days.max(1)) + 1,
    }
}

fn clamped(second: i64) -> i64 {
    second.clamp(SECOND_MIN, SECOND_MAX)
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn date(day: i64) -> Date {
    let day = day.clamp(SECOND_MIN / DAY - 1, SECOND_MAX / DAY + 1);
    EPOCH.saturating_add(jiff::Span::new().days(day))
}

fn days_of(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(text: &str) -> i64 {
        second_of(Timestamp::parse(text).unwrap())
    }

    fn text(second: i64) -> String {
        instant_of(second).to_string().replace(".000Z", "Z")
    }

    #[test]
    fn windows_begin_at_the_persons_midnight() {
        let taipei = Zone::named("Asia/Taipei");
        let now = second("2026-11-21T17:00:00Z");
        let check = |calendar, start: &str, leaves: &str| {
            assert_eq!(text(taipei.start(calendar, now)), start, "{calendar:?}");
            assert_eq!(text(taipei.leaves(calendar, now)), leaves, "{calendar:?}");
        };
        check(
            Calendar::Today,
            "2026-11-21T16:00:00Z",
            "2026-11-22T16:00:00Z",
        );
        check(
            Calendar::ThisWeek,
            "2026-11-15T16:00:00Z",
            "2026-11-22T16:00:00Z",
        );
        check(
            Calendar::ThisMonth,
            "2026-10-31T16:00:00Z",
            "2026-11-30T16:00:00Z",
        );
        check(
            Calendar::ThisYear,
            "2025-12-31T16:00:00Z",
            "2026-12-31T16:00:00Z",
        );
        check(
            Calendar::LastDays(7),
            "2026-11-15T16:00:00Z",
            "2026-11-28T16:00:00Z",
        );
        assert_eq!(taipei.hour(now), 1);
        assert_eq!(taipei.weekday(now), "sunday");
        assert_eq!(Zone::named("No/Where").hour(now), 17);
    }

    #[test]
    fn a_day_of_23_or_25_hours_is_one_day() {
        let berlin = Zone::named("Europe/Berlin");
        let check = |noon: &str, hours: i64| {
            let day = berlin.day(second(noon));
            let length = berlin.start_of(day + 1) - berlin.start_of(day);
            assert_eq!(length, hours * 3_600, "{noon}");
        };
        check("2026-03-29T10:00:00Z", 23);
        check("2026-10-25T11:00:00Z", 25);
        check("2026-10-26T11:00:00Z", 24);
        let before = second("2026-03-29T00:30:00Z");
        assert_eq!((berlin.hour(before), berlin.hour(before + 1_800)), (1, 3));
        assert_eq!(berlin.next_hour(before), before + 1_800);
        let twice = second("2026-10-25T00:59:59Z");
        assert_eq!((berlin.hour(twice), berlin.hour(twice + 1)), (2, 2));
    }

    #[test]
    fn a_skipped_midnight_is_the_first_instant_of_the_day() {
        let beirut = Zone::named("Asia/Beirut");
        let day = beirut.day(second("2026-03-29T09:00:00Z"));
        let start = beirut.start_of(day);
        assert_eq!(text(start), "2026-03-28T22:00:00Z");
        assert_eq!((beirut.day(start - 1), beirut.day(start)), (day - 1, day));
        assert_eq!(beirut.hour(start), 1);
    }

    #[test]
    fn days_of_many_seconds_are_those_of_each() {
        for name in [
            "Europe/Berlin",
            "Asia/Kathmandu",
            "America/Havana",
            "Pacific/Apia",
        ] {
            let zone = Zone::named(name);
            let from = second("2011-12-01T00:00:00Z");
            let seconds: Vec<i64> = (0..9_000).map(|n| from + n * 4_001).collect();
            let days: Vec<i64> = zone.days(seconds.iter().copied()).collect();
            let each: Vec<i64> = seconds.iter().map(|second| zone.day(*second)).collect();
            assert_eq!(days, each, "{name}");
        }
    }

    #[test]
    fn anniversaries() {
        let check = |of: &str, today: &str, expect: &str| {
            let day = |text: &str| second(text) / DAY;
            let next = Zone::UTC.anniversary(&Value::from(of), day(today));
            assert_eq!(next, Some(day(expect)), "{of} {today}");
        };
        check("1990-11-21", "2026-11-21", "2026-11-21");
        check("1990-11-20", "2026-11-21", "2027-11-20");
        check("1992-02-29", "2026-11-21", "2027-03-01");
        check("1992-02-29", "2027-03-01", "2027-03-01");
        check("1992-02-29", "2027-03-02", "2028-02-29");
    }

    #[test]
    fn instants_beyond_the_calendar_do_not_panic() {
        let zone = Zone::named("Asia/Taipei");
        for second in [i64::MIN, i64::MIN / 1_000, i64::MAX / 1_000, i64::MAX] {
            zone.day(second);
            zone.hour(second);
            zone.weekday(second);
            for calendar in [
                Calendar::Today,
                Calendar::ThisWeek,
                Calendar::ThisMonth,
                Calendar::ThisYear,
                Calendar::LastDays(u16::MAX),
            ] {
                zone.start(calendar, second);
                zone.leaves(calendar, second);
            }
        }
    }
}
