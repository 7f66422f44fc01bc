//! Why a rule holds or does not, in words.

use std::fmt::Write as _;

use kith_base::{Duration, Timestamp, Value};

use crate::compiled::{Argument, Node, Test};
use crate::expr::{Comparison, Days, Unit};
use crate::words::{self, Measure, write_fact, write_subject};
use crate::{FactKey, Rule, Slots};

/// Why a rule, or a part of it, holds or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it holds.
    pub holds: bool,
    /// Why, naming the actual values: `they ordered 2 times, which is at least 1`.
    pub sentence: String,
    /// The same for each part of a group.
    pub parts: Vec<Explanation>,
}

/// Longest sentence about a group names so many of its parts.
const PARTS_NAMED_MAX: usize = 3;
/// A value in a sentence is cut after so many characters.
const VALUE_CHARS_MAX: usize = 60;
/// A list in a sentence is cut after so many elements.
const ELEMENTS_NAMED_MAX: usize = 5;

impl Rule {
    /// Why the rule holds or does not, with every part.
    pub fn explain(&self, slots: &Slots) -> Explanation {
        explain(&self.root, slots)
    }

    /// The sentence of [`Rule::explain`] alone.
    pub fn reason(&self, slots: &Slots) -> String {
        let mut sentence = String::new();
        self.write_reason(slots, &mut sentence);
        sentence
    }

    /// Adds the sentence to a text.
    pub fn write_reason(&self, slots: &Slots, out: &mut String) {
        write_node(&self.root, slots, out);
    }
}

fn explain(node: &Node, slots: &Slots) -> Explanation {
    let parts = match node {
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().map(|part| explain(part, slots)).collect()
        }
        Node::Not(inner) => vec![explain(inner, slots)],
        Node::Always(_) | Node::Test { .. } => Vec::new(),
    };
    let mut sentence = String::new();
    write_node(node, slots, &mut sentence);
    Explanation {
        holds: node.holds(slots),
        sentence,
        parts,
    }
}

/// Writes the statements of fact that settle the node's answer.
fn write_node(node: &Node, slots: &Slots, out: &mut String) {
    match node {
        Node::Always(true) => out.push_str("it is for everybody"),
        Node::Always(false) => out.push_str("it is for nobody"),
        Node::Not(inner) => write_node(inner, slots, out),
        Node::Test { test, .. } => write_test(test, slots, out),
        Node::All(parts) => {
            let holds = node.holds(slots);
            let settling = parts.iter().filter(|part| holds || !part.holds(slots));
            write_parts(settling, slots, out);
        }
        Node::Any(parts) if node.holds(slots) => {
            let settling = parts.iter().find(|part| part.holds(slots));
            write_parts(settling.into_iter(), slots, out);
        }
        Node::Any(parts) => write_parts(parts.iter(), slots, out),
    }
}

fn write_parts<'a>(parts: impl Iterator<Item = &'a Node>, slots: &Slots, out: &mut String) {
    let mut more = 0;
    for (n, part) in parts.enumerate() {
        if n >= PARTS_NAMED_MAX {
            more += 1;
            continue;
        }
        if n > 0 {
            out.push_str(", and ");
        }
        write_node(part, slots, out);
    }
    if more > 0 {
        let _ = write!(out, ", and {more} more");
    }
}

/// Why one test holds or does not.
pub(crate) fn test_in_words(test: &Test, slots: &Slots) -> String {
    let mut sentence = String::new();
    write_test(test, slots, &mut sentence);
    sentence
}

fn write_test(test: &Test, slots: &Slots, out: &mut String) {
    match test {
        Test::Holds(slot) | Test::Exists(slot) | Test::IsMissing(slot) => {
            let (key, value) = (slots.set().key(*slot), slots.value(*slot));
            if let FactKey::Identifier(namespace) = key {
                words::write_presence(namespace, !value.is_null(), out);
            } else {
                write_fact(key, value, out);
            }
        }
        Test::Compare(comparison, left, right) => {
            let holds = test.holds(slots);
            if write_statement(left, slots, out) {
                write_relation(*comparison, holds, left, right, slots, out);
            }
        }
        Test::In {
            left,
            list,
            negated,
        } => {
            let holds = test.holds(slots);
            if !write_statement(left, slots, out) {
                return;
            }
            out.push_str(if holds == *negated {
                ", not one of "
            } else {
                ", one of "
            });
            write_list(list, out);
        }
    }
}

/// Says what the left side is; false when that says it all, since it is not known.
fn write_statement(left: &Argument, slots: &Slots, out: &mut String) -> bool {
    let answer = left.answer(slots);
    let value = answer.value();
    match left {
        Argument::Fact(slot) => return write_fact(slots.set().key(*slot), value, out),
        Argument::Constant(_) => write_value(value, out),
        Argument::Now(shift) => {
            write_moment(*shift, out);
            out.push_str(" is ");
            write_value(value, out);
        }
        Argument::Shifted(slot, shift) => {
            write_fact(slots.set().key(*slot), slots.value(*slot), out);
            if !value.is_null() {
                let _ = write!(out, " ({} is ", shifted(*shift));
                write_value(value, out);
                out.push(')');
            }
        }
        Argument::Days(days, of) => {
            if write_statement(of, slots, out) {
                let _ = write!(out, " ({})", days_in_words(*days, value));
            }
        }
    }
    !value.is_null()
}

fn write_relation(
    comparison: Comparison,
    holds: bool,
    left: &Argument,
    right: &Argument,
    slots: &Slots,
    out: &mut String,
) {
    let contains = matches!(left.answer(slots).value(), Value::List(_));
    let plain = matches!(left, Argument::Fact(_)) && matches!(right, Argument::Constant(_));
    match (comparison, holds) {
        (Comparison::Equal, true) | (Comparison::NotEqual, false) if plain => return,
        (Comparison::Equal, false) | (Comparison::NotEqual, true) if plain => {
            out.push_str(", not ");
        }
        _ if right.answer(slots).value().is_null() => {
            out.push_str(", but ");
            write_statement(right, slots, out);
            return;
        }
        (Comparison::Contains, true) if contains => out.push_str(", among them "),
        (Comparison::Contains, false) if contains => out.push_str(", without "),
        _ => {
            let is_time = |side: &Argument| matches!(side.answer(slots).value(), Value::Time(_));
            out.push_str(", which ");
            out.push_str(relation(comparison, holds, is_time(left) || is_time(right)));
        }
    }
    let measure = match left {
        Argument::Fact(slot) => Measure::of(slots.set().key(*slot)),
        _ => Measure::Plain,
    };
    write_right(right, measure, slots, out);
}

/// The relation in words, after "which".
pub(crate) const fn relation(comparison: Comparison, holds: bool, time: bool) -> &'static str {
    match (comparison, holds, time) {
        (Comparison::Equal, true, _) | (Comparison::NotEqual, false, _) => "equals ",
        (Comparison::Equal, false, _) | (Comparison::NotEqual, true, _) => "does not equal ",
        (Comparison::Less, true, false) => "is less than ",
        (Comparison::Less, false, false) => "is not less than ",
        (Comparison::AtMost, true, false) => "is at most ",
        (Comparison::AtMost, false, false) => "is not at most ",
        (Comparison::More, true, false) => "is more than ",
        (Comparison::More, false, false) => "is not more than ",
        (Comparison::AtLeast, true, false) => "is at least ",
        (Comparison::AtLeast, false, false) => "is not at least ",
        (Comparison::Less, true, true) => "is before ",
        (Comparison::Less, false, true) => "is not before ",
        (Comparison::AtMost, true, true) => "is not after ",
        (Comparison::AtMost, false, true) => "is after ",
        (Comparison::More, true, true) => "is after ",
        (Comparison::More, false, true) => "is not after ",
        (Comparison::AtLeast, true, true) => "is not before ",
        (Comparison::AtLeast, false, true) => "is before ",
        (Comparison::Contains, true, _) => "contains ",
        (Comparison::Contains, false, _) => "does not contain ",
        (Comparison::StartsWith, true, _) => "starts with ",
        (Comparison::StartsWith, false, _) => "does not start with ",
        (Comparison::EndsWith, true, _) => "ends with ",
        (Comparison::EndsWith, false, _) => "does not end with ",
        (Comparison::Matches, true, _) => "matches ",
        (Comparison::Matches, false, _) => "does not match ",
    }
}

fn write_right(right: &Argument, measure: Measure, slots: &Slots, out: &mut String) {
    let answer = right.answer(slots);
    match right {
        Argument::Constant(value) => measure.write(value, out),
        Argument::Fact(slot) => {
            write_subject(slots.set().key(*slot), out);
            out.push_str(" (");
            measure.write(answer.value(), out);
            out.push(')');
        }
        Argument::Now(shift) => {
            write_value(answer.value(), out);
            out.push_str(" (");
            write_moment(*shift, out);
            out.push(')');
        }
        Argument::Shifted(slot, shift) => {
            let _ = write!(out, "{} ", shifted(*shift));
            write_subject(slots.set().key(*slot), out);
            out.push_str(" (");
            write_value(answer.value(), out);
            out.push(')');
        }
        Argument::Days(days, of) => {
            out.push_str(&days_in_words(*days, answer.value()));
            out.push_str(" (");
            write_right(of, Measure::Plain, slots, out);
            out.push(')');
        }
    }
}

/// `3 days ago`, `in 1 day`, `today`.
fn days_in_words(days: Days, value: &Value) -> String {
    let count = match value {
        Value::Int(count) if days == Days::Since => -count,
        Value::Int(count) => *count,
        _ => return "no number of days".to_owned(),
    };
    let plural = if count.abs() == 1 { "" } else { "s" };
    match count {
        0 => "less than a day".to_owned(),
        1.. => format!("in {count} day{plural}"),
        _ => format!("{} day{plural} ago", -count),
    }
}

/// A value as it may stand in a sentence.
pub(crate) fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Time(time) => write_time(*time, out),
        Value::Float(float) => {
            let _ = write!(out, "{}", (float * 1e4).round() / 1e4);
        }
        Value::Int(int) => {
            let _ = write!(out, "{int}");
        }
        Value::Bool(flag) => out.push_str(if *flag { "yes" } else { "no" }),
        Value::List(list) if !list.is_empty() => write_list(list, out),
        Value::Text(text) if is_plain(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        other => {
            let text = serde_json::to_string(other).unwrap_or_default();
            match text.char_indices().nth(VALUE_CHARS_MAX) {
                Some((end, _)) => {
                    out.push_str(&text[..end]);
                    out.push('…');
                }
                None => out.push_str(&text),
            }
        }
    }
}

pub(crate) fn write_list(list: &[Value], out: &mut String) {
    for (n, element) in list.iter().take(ELEMENTS_NAMED_MAX).enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        write_value(element, out);
    }
    if list.len() > ELEMENTS_NAMED_MAX {
        let _ = write!(out, " and {} more", list.len() - ELEMENTS_NAMED_MAX);
    }
}

/// True for a short text that stands in quotes as it is; most do, and the rest is three times as
/// slow to write.
fn is_plain(text: &str) -> bool {
    text.len() <= VALUE_CHARS_MAX - 2
        && text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// `2026-11-01`, `2026-11-01 08:00 UTC`, `2026-11-01 08:00:30 UTC`.
pub(crate) fn write_time(time: Timestamp, out: &mut String) {
    let text = time.to_string();
    let Some((day, clock)) = text.split_once('T') else {
        return out.push_str(&text);
    };
    out.push_str(day);
    let clock = clock.split('.').next().unwrap_or_default();
    if clock != "00:00:00" {
        let _ = write!(out, " {} UTC", clock.strip_suffix(":00").unwrap_or(clock));
    }
}

/// `now`, `7 days ago`, `in 2 hours`.
pub(crate) fn write_moment(shift: Duration, out: &mut String) {
    match shift.as_millis() {
        0 => out.push_str("now"),
        millis if millis < 0 => {
            let _ = write!(out, "{} ago", length(millis));
        }
        millis => {
            let _ = write!(out, "in {}", length(millis));
        }
    }
}

/// `7 days before`, `2 hours after`.
pub(crate) fn shifted(shift: Duration) -> String {
    let millis = shift.as_millis();
    format!(
        "{} {}",
        length(millis),
        if millis < 0 { "before" } else { "after" }
    )
}

/// In the largest unit that leaves no rest, weeks apart: people count days.
pub(crate) fn length(millis: i64) -> String {
    let units = Unit::ALL
        .into_iter()
        .rev()
        .filter(|unit| *unit != Unit::Week);
    let millis = millis.unsigned_abs();
    let whole = |unit: &Unit| millis.is_multiple_of(unit.millis().unsigned_abs());
    let unit = units.clone().find(whole).unwrap_or(Unit::Second);
    let count = millis / unit.millis().unsigned_abs();
    format!(
        "{count} {}{}",
        unit.singular(),
        if count == 1 { "" } else { "s" }
    )
}
