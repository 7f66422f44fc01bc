//! What people did and where they are, in words: `they viewed products of category "shoes"
//! 3 times in the last 30 days`, `leaves on 2026-12-03 10:15 UTC unless they view products again`.

use std::fmt::Write as _;

use kith_base::{Timestamp, Value};
use kith_event::Kind;

use crate::aggregate::length_in_words;
use crate::explain::{write_time, write_value};
use crate::expr::{Comparison, Expr, Literal, Question, Term};
use crate::{
    Aggregate, By, Calendar, Events, FactKey, FactSet, Facts, Filter, Function, Rule, Sequence,
    Window, words,
};

/// What is said of an event: `they viewed products`, `unless they view products`, `product views`.
struct Deed {
    past: String,
    present: String,
    noun: String,
}

impl Deed {
    fn of(events: &Events) -> Self {
        let fixed = |past: &str, present: &str, noun: &str| Deed {
            past: past.to_owned(),
            present: present.to_owned(),
            noun: noun.to_owned(),
        };
        match events {
            Events::Any => fixed("did something", "do something", "events"),
            Events::Kind(Kind::Page) => fixed("viewed pages", "view pages", "page views"),
            Events::Kind(Kind::Screen) => fixed("viewed screens", "view screens", "screen views"),
            Events::Kind(kind) => {
                let kind = kind.as_str();
                fixed(
                    &format!("sent {kind} events"),
                    &format!("send {kind} events"),
                    &format!("{kind} events"),
                )
            }
            Events::Named(Kind::Track, name) => match name.as_str() {
                "Product Viewed" => fixed("viewed products", "view products", "product views"),
                "Product Added" => fixed(
                    "put products into the cart",
                    "put products into the cart",
                    "additions to the cart",
                ),
                "Order Completed" => fixed("ordered", "order", "orders"),
                name => fixed(
                    &format!("did \"{name}\""),
                    &format!("do \"{name}\""),
                    &format!("\"{name}\" events"),
                ),
            },
            Events::Named(kind @ (Kind::Page | Kind::Screen), name) => {
                let kind = kind.as_str();
                fixed(
                    &format!("viewed the {kind} \"{name}\""),
                    &format!("view the {kind} \"{name}\""),
                    &format!("views of the {kind} \"{name}\""),
                )
            }
            Events::Named(kind, name) => {
                let events = format!("{} events \"{name}\"", kind.as_str());
                fixed(
                    &format!("sent {events}"),
                    &format!("send {events}"),
                    &events,
                )
            }
        }
    }
}

impl Rule {
    /// When the rule's answer changes by itself: `leaves on 2026-12-03 10:15 UTC unless they view
    /// products again`. `None` when it does not, or nobody can tell yet.
    pub fn outlook(&self, set: &FactSet, facts: &dyn Facts, now: Timestamp) -> Option<String> {
        let change = self
            .next_flip(set, facts, now)
            .filter(|change| change.certain)?;
        let slots = crate::Slots::only(self.slots(), set, facts, now);
        let mut out = if self.holds(&slots) {
            "leaves on "
        } else {
            "enters on "
        }
        .to_owned();
        write_time(change.at, &mut out);
        let renewed = self
            .flipping(set, facts, now, change.at)
            .into_iter()
            .find_map(|key| {
                let filter = match key {
                    FactKey::Last(name) => {
                        return Some(Deed::of(&Events::Named(Kind::Track, name.clone())).present);
                    }
                    FactKey::Aggregate(Aggregate {
                        function: Function::Count | Function::Last | Function::DaysActive,
                        events,
                        of: None,
                        by: None,
                        ..
                    }) => events,
                    _ => return None,
                };
                Some(format!(
                    "{}{}",
                    Deed::of(&filter.events).present,
                    condition(filter)
                ))
            });
        if let Some(deed) = renewed {
            let _ = write!(out, " unless they {deed} again");
        }
        Some(out)
    }
}

/// Says what a fact about deeds, audiences or places is; false when it is none of these.
pub(crate) fn write_fact(key: &FactKey, value: &Value, out: &mut String) -> bool {
    let holds = *value == Value::Bool(true);
    let _ = match key {
        FactKey::Aggregate(aggregate) => {
            write_aggregate(aggregate, value, out);
            Ok(())
        }
        FactKey::Sequence(sequence) => {
            out.push_str(if holds { "they did" } else { "they did not do" });
            out.push_str(" this ");
            write_sequence(sequence, out);
            Ok(())
        }
        FactKey::Audience(id) => match value {
            Value::Null => write!(out, "there is no audience \"{id}\""),
            _ if holds => write!(out, "they are in the audience \"{id}\""),
            _ => write!(out, "they are not in the audience \"{id}\""),
        },
        FactKey::Account(_) | FactKey::Item(_) if value.is_null() => {
            write_subject(key, out);
            write!(out, " is not known")
        }
        FactKey::AccountPersons { .. } if value.is_null() => {
            write!(out, "they belong to no account")
        }
        FactKey::AccountPersons {
            quantifier,
            audience,
        } => write!(
            out,
            "{} in the audience \"{audience}\"",
            quantifier.in_words(holds)
        ),
        FactKey::Reachable(way) if holds => write!(out, "they can be reached by {way}"),
        FactKey::Reachable(way) => write!(out, "they cannot be reached by {way}"),
        FactKey::LocalHour | FactKey::LocalWeekday if value.is_null() => {
            write!(out, "their local time is not known")
        }
        FactKey::LocalHour => {
            out.push_str("the hour is ");
            write_value(value, out);
            write!(out, " where they are")
        }
        FactKey::LocalWeekday => match value.as_text() {
            Some(day) => write!(out, "it is {day} where they are"),
            None => return false,
        },
        FactKey::Anniversary(path) if value.is_null() => write!(out, "{path} is not known"),
        _ => return false,
    };
    true
}

/// Names a fact as the other side of a comparison.
pub(crate) fn write_subject(key: &FactKey, out: &mut String) {
    let _ = match key {
        FactKey::Aggregate(aggregate) => write!(out, "{}", subject(aggregate)),
        FactKey::Sequence(sequence) => {
            out.push_str("having done this ");
            write_sequence(sequence, out);
            Ok(())
        }
        FactKey::Audience(id) => write!(out, "being in the audience \"{id}\""),
        FactKey::Item(path) => {
            out.push_str("the item's ");
            words::write_path(path, out);
            Ok(())
        }
        FactKey::Account(path) => {
            out.push_str("their account's ");
            words::write_path(path, out);
            Ok(())
        }
        FactKey::AccountPersons {
            quantifier,
            audience,
        } => write!(
            out,
            "whether {} in the audience \"{audience}\"",
            quantifier.in_words(true)
        ),
        FactKey::Reachable(way) => write!(out, "being reachable by {way}"),
        FactKey::LocalHour => write!(out, "the hour where they are"),
        FactKey::LocalWeekday => write!(out, "the weekday where they are"),
        FactKey::Anniversary(path) => write!(out, "the next anniversary of {path}"),
        other => write!(out, "{other}"),
    };
}

fn write_aggregate(aggregate: &Aggregate, value: &Value, out: &mut String) {
    let filter = &aggregate.events;
    let deed = format!("{}{}", deed_in_words(filter), by_key(aggregate));
    let window = window(aggregate.window);
    let time = aggregate.of.is_none() && matches!(value, Value::Time(_));
    let _ = match (aggregate.function, value) {
        (_, Value::Null) | (Function::Count, Value::Int(0)) => {
            write!(out, "they never {deed}{window}")
        }
        (Function::Count, Value::Int(1)) => write!(out, "they {deed} once{window}"),
        (Function::Count, Value::Int(count)) => write!(out, "they {deed} {count} times{window}"),
        (Function::DaysActive, Value::Int(days)) => {
            let plural = if *days == 1 { "" } else { "s" };
            write!(out, "they {deed} on {days} day{plural}{window}")
        }
        (Function::Streak, Value::Int(days)) => {
            let plural = if *days == 1 { "" } else { "s" };
            write!(out, "they {deed} on {days} day{plural} in a row{window}")
        }
        _ => {
            out.push_str(&subject(aggregate));
            out.push_str(if time { " was " } else { " is " });
            write_value(value, out);
            Ok(())
        }
    };
}

/// What is done, in the past tense: `viewed products of category "shoes"`.
pub(crate) fn deed_in_words(filter: &Filter) -> String {
    format!("{}{}", Deed::of(&filter.events).past, condition(filter))
}

fn subject(aggregate: &Aggregate) -> String {
    let filter = &aggregate.events;
    let noun = Deed::of(&filter.events).noun;
    let deeds = format!("{noun}{}{}", condition(filter), by_key(aggregate));
    let window = window(aggregate.window);
    let of = aggregate
        .of
        .as_ref()
        .map_or_else(|| "value".to_owned(), ToString::to_string);
    match aggregate.function {
        Function::Count => format!("the number of their {deeds}{window}"),
        Function::Sum => format!("the total {of} of their {deeds}{window}"),
        Function::Min => format!("the least {of} of their {deeds}{window}"),
        Function::Max => format!("the greatest {of} of their {deeds}{window}"),
        Function::Average => format!("the average {of} of their {deeds}{window}"),
        Function::First if aggregate.of.is_none() => format!("the first of their {deeds}{window}"),
        Function::Last if aggregate.of.is_none() => format!("the last of their {deeds}{window}"),
        Function::First => format!("the {of} of the first of their {deeds}{window}"),
        Function::Last => format!("the {of} of the last of their {deeds}{window}"),
        Function::Distinct => {
            format!("the number of different {of} values of their {deeds}{window}")
        }
        Function::Top if aggregate.most > 1 => {
            let most = aggregate.most;
            format!("the {most} most frequent {of} values of their {deeds}{window}")
        }
        Function::Top => format!("the most frequent {of} of their {deeds}{window}"),
        Function::DaysActive => format!("the number of days with {deeds}{window}"),
        Function::Streak => format!("the number of days in a row with {deeds}{window}"),
    }
}

/// ` of category "shoes"`, ` by category`, or nothing.
pub(crate) fn by_key(aggregate: &Aggregate) -> String {
    match &aggregate.by {
        None => String::new(),
        Some(By { path, key: None }) => format!(" by {path}"),
        Some(By {
            path,
            key: Some(key),
        }) => format!(" of {path} {key:?}"),
    }
}

/// ` of category "shoes"`, ` with price > 10`, or nothing.
fn condition(filter: &Filter) -> String {
    let Some(condition) = &filter.condition else {
        return String::new();
    };
    if let Expr::Test(test) = condition.expr()
        && let (Term::Fact(FactKey::Property(path)), Question::Compare(Comparison::Equal, right)) =
            (&test.left.term, &test.question)
        && matches!(right.term, Term::Literal(Literal::Text(_)))
        && test.left.shifts.is_empty()
        && right.shifts.is_empty()
    {
        return format!(" of {path} {right}");
    }
    format!(" with {condition}")
}

/// ` in the last 30 days`, ` this month`, or nothing.
pub(crate) fn window(window: Window) -> String {
    match window {
        Window::Lifetime => String::new(),
        Window::Rolling(length) => format!(" in the last {}", length_in_words(length)),
        Window::Calendar(Calendar::LastDays(days)) => {
            format!(" in the {}", Calendar::LastDays(days))
        }
        Window::Calendar(calendar) => format!(" {calendar}"),
        Window::CalendarIn(calendar, zone) => {
            format!(
                "{} in {}",
                self::window(Window::Calendar(calendar)),
                zone.as_str()
            )
        }
    }
}

fn write_sequence(sequence: &Sequence, out: &mut String) {
    let _ = write!(out, "in the last {}: ", length_in_words(sequence.window));
    let deed = |filter: &Filter| format!("{}{}", Deed::of(&filter.events).noun, condition(filter));
    for (n, (filter, within)) in sequence.steps.iter().enumerate() {
        let _ = write!(
            out,
            "{}{}",
            if n > 0 { ", then " } else { "" },
            deed(filter)
        );
        if let Some(within) = within {
            let _ = write!(out, " within {}", length_in_words(*within));
        }
    }
    if let Some((filter, within)) = &sequence.absent {
        let within = length_in_words(*within);
        let _ = write!(out, ", then no {} within {within}", deed(filter));
    }
}
