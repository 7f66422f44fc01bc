//! Reads aggregates and sequences: events, conditions, windows.

use kith_base::{Duration, limits};
use kith_definition::nearest;
use kith_event::Kind;

use super::Parser;
use crate::error::At;
use crate::token::Token;
use crate::{
    Aggregate, By, Calendar, Condition, Error, Events, Filter, Function, Sequence, Unit, Window,
    ZoneName,
};

/// Short words for the usual shopping events.
const SHORTHANDS: [(&str, &str); 3] = [
    ("purchase", "Order Completed"),
    ("view", "Product Viewed"),
    ("cart_add", "Product Added"),
];

impl Parser {
    /// After its function.
    pub(super) fn aggregate(&mut self, at: At, function: Function) -> Result<Aggregate, Error> {
        self.count_aggregate(at)?;
        self.expect_symbol("(")?;
        let events = self.filter()?;
        let mut of = None;
        let of_at = self.at();
        let mut most = 1;
        if self.is_symbol(",") && self.is_keyword_at(1, "of") {
            self.next += 2;
            of = Some(self.path_parts()?);
        } else if self.is_symbol(",") && self.is_keyword_at(2, "of") {
            self.next += 1;
            most = self.most(function)?;
            of = Some(self.path_parts()?);
        }
        let by_at = self.at();
        let mut by = None;
        if self.is_symbol(",") && self.is_keyword_at(1, "by") {
            self.next += 2;
            let path = self.path_parts()?;
            by = Some(By { path, key: None });
        }
        let mut window = Window::Lifetime;
        if self.take_symbol(",") {
            window = self.window()?;
        }
        self.expect_symbol(")")?;
        if let Some(by) = &mut by {
            by.key = self.key()?;
        }
        let name = function.as_str();
        match function {
            _ if by.is_some() && !Function::BY_KEY.contains(&function) => {
                let message = format!("{name} is not kept by key");
                let fix = match function {
                    Function::Top => "write top(…, 3 of category) for the most frequent ones",
                    _ => {
                        "write count, sum, min, max or average, or a condition: \
                         where category = \"…\""
                    }
                };
                Err(Error::new(by_at, message, fix))
            }
            Function::Distinct | Function::Top if of.is_none() => {
                let message = format!("{name} does not know of which property");
                let fix = format!("write {name}({events}, of category)");
                Err(Error::new(at, message, fix))
            }
            Function::Count | Function::DaysActive | Function::Streak if of.is_some() => {
                let message = format!("{name} looks at events, not at one of their properties");
                let fix = "remove it, or write distinct to count different values";
                Err(Error::new(of_at, message, fix))
            }
            _ => Ok(Aggregate {
                function,
                events,
                of,
                by,
                most,
                window,
            }),
        }
    }

    /// How many values, and `of`.
    fn most(&mut self, function: Function) -> Result<u8, Error> {
        let at = self.at();
        let name = function.as_str();
        let Token::Int(most) = self.take() else {
            return Err(Error::new(at, "a number is missing", "write 3 of category"));
        };
        self.next += 1;
        if function != Function::Top {
            let message = format!("{name} gives one value, not {most}");
            return Err(Error::new(at, message, "write of without a number, or top"));
        }
        match u8::try_from(most) {
            Ok(fits) if (1..=limits::TOP_MAX).contains(&fits) => Ok(fits),
            _ => {
                let fix = format!("write a number from 1 to {}", limits::TOP_MAX);
                Err(Error::new(
                    at,
                    format!("top cannot give {most} values"),
                    fix,
                ))
            }
        }
    }

    /// `["shoes"]`, if it is there.
    pub(super) fn key(&mut self) -> Result<Option<String>, Error> {
        if !self.take_symbol("[") {
            return Ok(None);
        }
        let key = match self.take() {
            Token::Text(key) => key,
            Token::Int(number) => number.to_string(),
            Token::Word(word) if word == "true" || word == "false" => word,
            _ => {
                self.next -= 1;
                return Err(self.unexpected("a key in double quotes, such as [\"shoes\"]"));
            }
        };
        self.expect_symbol("]")?;
        Ok(Some(key))
    }

    fn count_aggregate(&mut self, at: At) -> Result<(), Error> {
        self.aggregates += 1;
        if self.aggregates <= limits::RULE_AGGREGATES_MAX {
            return Ok(());
        }
        let most = limits::RULE_AGGREGATES_MAX;
        let message = format!("the rule has more than {most} aggregates");
        Err(Error::new(at, message, "split it into audiences"))
    }

    /// After `sequence`.
    pub(super) fn sequence(&mut self, at: At) -> Result<Sequence, Error> {
        self.count_aggregate(at)?;
        self.expect_symbol("(")?;
        let mut steps = Vec::new();
        let mut absent = None;
        while !matches!(self.peek(), Token::Int(_)) {
            let step_at = self.at();
            if absent.is_some() {
                return Err(self.unexpected("the window, such as 7 days, after the step with not"));
            }
            let negated = self.take_keyword("not");
            let filter = self.filter()?;
            let within = match self.take_keyword("within") {
                true => Some(self.length()?),
                false => None,
            };
            match (negated, within) {
                (true, Some(within)) => absent = Some((filter, within)),
                (true, None) => return Err(self.unexpected("within, such as within 2 days,")),
                (false, Some(_)) if steps.is_empty() => {
                    let fix = "remove it from the first step";
                    let message = "within counts from the step before";
                    return Err(Error::new(step_at, message, fix));
                }
                (false, within) => steps.push((filter, within)),
            }
            if steps.len() > limits::SEQUENCE_STEPS_MAX {
                let most = limits::SEQUENCE_STEPS_MAX;
                let message = format!("the sequence has more than {most} steps");
                return Err(Error::new(step_at, message, "leave one out"));
            }
            if !self.take_symbol(",") {
                return Err(self.unexpected("a comma and the window, such as 7 days,"));
            }
        }
        let window = self.length()?;
        self.expect_symbol(")")?;
        if steps.is_empty() || steps.len() + usize::from(absent.is_some()) < 2 {
            let fix = "add a step, or write count(…) > 0 for a single one";
            return Err(Error::new(at, "a sequence needs two steps", fix));
        }
        Ok(Sequence {
            steps,
            absent,
            window,
        })
    }

    pub(super) fn filter(&mut self) -> Result<Filter, Error> {
        let events = self.events()?;
        let mut condition = None;
        if self.take_keyword("where") {
            self.in_condition = true;
            condition = Some(Condition::new(self.any()?));
            self.in_condition = false;
        }
        Ok(Filter::new(events, condition))
    }

    fn events(&mut self) -> Result<Events, Error> {
        let at = self.at();
        let word = match self.peek() {
            Token::Text(name) => {
                let events = Events::Named(Kind::Track, name.clone());
                self.next += 1;
                return Ok(events);
            }
            Token::Word(word) => word.clone(),
            _ => return Err(self.unexpected("the name of an event in double quotes")),
        };
        self.next += 1;
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("any") {
            return Ok(Events::Any);
        }
        if let Some((_, name)) = SHORTHANDS.iter().find(|(short, _)| is(short)) {
            return Ok(Events::Named(Kind::Track, (*name).to_owned()));
        }
        let Some(kind) = Kind::ALL.into_iter().find(|kind| is(kind.as_str())) else {
            let shorts = SHORTHANDS.iter().map(|(short, _)| *short);
            let kinds = Kind::ALL.into_iter().map(Kind::as_str);
            let near = nearest(&word, shorts.chain(kinds).chain(["any"]));
            let fix = match near {
                Some(near) => format!("did you mean {near}?"),
                None => format!("write \"{word}\" in quotes, page, screen, identify or any"),
            };
            return Err(Error::new(at, format!("{word} is not an event"), fix));
        };
        match self.peek() {
            Token::Text(name) => {
                let events = Events::Named(kind, name.clone());
                self.next += 1;
                Ok(events)
            }
            _ => Ok(Events::Kind(kind)),
        }
    }

    fn window(&mut self) -> Result<Window, Error> {
        let calendar = match () {
            () if matches!(self.peek(), Token::Int(_)) => {
                return Ok(Window::Rolling(self.length()?));
            }
            () if self.take_keyword("today") => Calendar::Today,
            () if self.take_keyword("this") => {
                let periods = [
                    ("week", Calendar::ThisWeek),
                    ("month", Calendar::ThisMonth),
                    ("year", Calendar::ThisYear),
                ];
                let mut periods = periods.into_iter();
                match periods.find(|(word, _)| self.take_keyword(word)) {
                    Some((_, calendar)) => calendar,
                    None => return Err(self.unexpected("week, month or year")),
                }
            }
            () if self.take_keyword("last") => self.last_days()?,
            () => return Err(self.unexpected("a window such as 30 days, today or this month")),
        };
        if !self.take_keyword("in") {
            return Ok(Window::Calendar(calendar));
        }
        let at = self.at();
        let Token::Text(name) = self.peek().clone() else {
            return Err(self.unexpected("a zone such as \"Europe/Berlin\""));
        };
        self.next += 1;
        match ZoneName::parse(&name) {
            Ok(zone) => Ok(Window::CalendarIn(calendar, zone)),
            Err(fix) => Err(Error::new(at, format!("{name:?} is no time zone"), fix)),
        }
    }

    /// After `last`.
    fn last_days(&mut self) -> Result<Calendar, Error> {
        let at = self.at();
        let Token::Int(days) = *self.peek() else {
            return Err(self.unexpected("a number, as in last 7 calendar days"));
        };
        self.next += 1;
        if !self.is_keyword("calendar") {
            let fix = format!("write {days} days, or last {days} calendar days");
            return Err(Error::new(at, "last counts calendar days", fix));
        }
        self.next += 1;
        if !self.take_keyword("days") && !self.take_keyword("day") {
            return Err(self.unexpected("days"));
        }
        match u16::try_from(days) {
            Ok(days) if days > 0 && i64::from(days) <= limits::WINDOW_DAYS_MAX => {
                Ok(Calendar::LastDays(days))
            }
            _ => Err(out_of_bounds(
                at,
                &format!("{days} calendar days"),
                days == 0,
            )),
        }
    }

    /// A length of time between a second and the longest window.
    fn length(&mut self) -> Result<Duration, Error> {
        let at = self.at();
        let span = self.span(1)?;
        let length = span.duration();
        if length.as_millis() < Unit::Second.millis()
            || length > Duration::from_days(limits::WINDOW_DAYS_MAX)
        {
            return Err(out_of_bounds(at, &span.to_string(), span.count == 0));
        }
        Ok(length)
    }
}

fn out_of_bounds(at: At, length: &str, empty: bool) -> Error {
    let too = if empty { "short" } else { "long" };
    let most = limits::WINDOW_DAYS_MAX;
    let fix = format!("write 1 second to {most} days, or no window for a whole lifetime");
    Error::new(at, format!("{length} is too {too}"), fix)
}
