//! What a rule may ask about a person's events: aggregates and sequences.
//!
//! ```text
//! count("Product Viewed" where category = "shoes", 30 days)
//! sum("Order Completed" where brand = "Acme", of price, this month)
//! count("Order Completed", by category, 90 days)["shoes"] · top("Order Completed", 3 of category)
//! sequence("Product Added", not "Order Completed" within 2 hours, 7 days)
//! ```
//!
//! Displayed in the canonical form that the parser reads back unchanged. All of them are keys:
//! they are compared and ordered, conditions by their canonical text.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use kith_base::{Duration, Timestamp, digest};
use kith_event::Kind;

use crate::expr::{Expr, Unit};
use crate::path::{quote, write_key};
use crate::{FactKey, FactSet, Facts, Path, Rule, Slots, ZoneName};

/// One number, text or time computed from the events of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aggregate {
    /// How.
    pub function: Function,
    /// From which events.
    pub events: Filter,
    /// From which of their properties; `None` is the event itself or its value.
    pub of: Option<Path>,
    /// Each value of a property apart.
    pub by: Option<By>,
    /// How many values `top` gives: 1 the value itself, more a list.
    pub most: u8,
    /// From when on.
    pub window: Window,
}

/// What a number is kept by: for each value of a property one of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct By {
    /// The property.
    pub path: Path,
    /// The value asked for, as text; `None` is all of them.
    pub key: Option<String>,
}

/// How events become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// How many.
    Count,
    /// The sum of a number, 0 when there is none.
    Sum,
    /// The least number.
    Min,
    /// The greatest number.
    Max,
    /// The mean of a number.
    Average,
    /// The earliest: its time, or its property.
    First,
    /// The latest: its time, or its property.
    Last,
    /// How many different values of a property.
    Distinct,
    /// The most frequent value of a property.
    Top,
    /// On how many days.
    DaysActive,
    /// On how many days in a row, up to today or yesterday.
    Streak,
}

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter {
    /// By kind and name.
    pub events: Events,
    /// By their properties and context.
    pub condition: Option<Condition>,
    digest: u64,
}

/// Events by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Events {
    /// Every event.
    Any,
    /// Every event of a kind.
    Kind(Kind),
    /// Events of a kind with this name.
    Named(Kind, String),
}

/// A rule over the properties and the context of one event.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    expr: Arc<Expr>,
}

/// The stretch of time that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// All of it.
    Lifetime,
    /// So many whole seconds up to now: an event of second `s` is inside at second `n` iff
    /// `n - length < s <= n`.
    Rolling(Duration),
    /// By the calendar, in the person's zone.
    Calendar(Calendar),
    /// By the calendar, in a zone of one's own: of the workspace, of a shop.
    CalendarIn(Calendar, ZoneName),
}

/// A window that begins at a midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Calendar {
    /// Since the last midnight.
    Today,
    /// Since Monday.
    ThisWeek,
    /// Since the first of the month.
    ThisMonth,
    /// Since 1 January.
    ThisYear,
    /// Today and the days before it, so many in all.
    LastDays(u16),
}

/// Events one after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequence {
    /// Each after the one before it, and within the time given from it.
    pub steps: Vec<(Filter, Option<Duration>)>,
    /// What did not happen after the last step; known only once this time has passed.
    pub absent: Option<(Filter, Duration)>,
    /// Everything happens inside this rolling window.
    pub window: Duration,
}

impl Aggregate {
    /// Reads one aggregate, as it stands in a rule: `count("Order Completed", 30 days)`.
    pub fn parse(text: &str) -> Result<Self, crate::Error> {
        crate::parse::parse_aggregate(text)
    }

    /// The fact a rule asks for. Lifetime counts, sums and times of a track by name have
    /// facts of their own.
    pub fn key(self) -> FactKey {
        let of_all = self.of.is_none() && self.by.is_none();
        let plain = of_all && self.window == Window::Lifetime && self.events.condition.is_none();
        let name = match &self.events.events {
            Events::Named(Kind::Track, name) if plain => name.clone(),
            _ => return FactKey::Aggregate(self),
        };
        match self.function {
            Function::Count => FactKey::Count(name),
            Function::Sum => FactKey::Sum(name),
            Function::First => FactKey::First(name),
            Function::Last => FactKey::Last(name),
            _ => FactKey::Aggregate(self),
        }
    }
}

impl Aggregate {
    /// The property whose values its series knows. What is counted by key is how often each
    /// value came, which `top` asks for too.
    pub fn series_of(&self) -> Option<&Path> {
        match (self.function, &self.by) {
            (Function::Count, Some(by)) => Some(&by.path),
            _ => self.of.as_ref(),
        }
    }

    /// The property by whose values its series keeps numbers.
    pub fn series_by(&self) -> Option<&Path> {
        match (self.function, &self.by) {
            (Function::Count, _) => None,
            (_, by) => by.as_ref().map(|by| &by.path),
        }
    }

    /// True when it gives a number for each key, not one.
    pub fn is_map(&self) -> bool {
        self.by.as_ref().is_some_and(|by| by.key.is_none())
    }

    /// The same of one key alone; `None` when it is not kept by key.
    pub fn at_key(&self, key: &str) -> Option<Self> {
        let by = self.by.as_ref().filter(|by| by.key.is_none())?;
        let by = Some(By {
            path: by.path.clone(),
            key: Some(key.to_owned()),
        });
        Some(Aggregate { by, ..self.clone() })
    }
}

impl Function {
    /// Those that can be kept by key.
    pub const BY_KEY: [Function; 5] = [
        Function::Count,
        Function::Sum,
        Function::Min,
        Function::Max,
        Function::Average,
    ];

    /// Every function.
    pub const ALL: [Function; 11] = [
        Function::Count,
        Function::Sum,
        Function::Min,
        Function::Max,
        Function::Average,
        Function::First,
        Function::Last,
        Function::Distinct,
        Function::Top,
        Function::DaysActive,
        Function::Streak,
    ];

    /// As written in a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Function::Count => "count",
            Function::Sum => "sum",
            Function::Min => "min",
            Function::Max => "max",
            Function::Average => "average",
            Function::First => "first",
            Function::Last => "last",
            Function::Distinct => "distinct",
            Function::Top => "top",
            Function::DaysActive => "days_active",
            Function::Streak => "streak",
        }
    }
}

impl Window {
    /// The calendar it goes by, in whatever zone.
    pub fn calendar(self) -> Option<Calendar> {
        match self {
            Window::Calendar(calendar) | Window::CalendarIn(calendar, _) => Some(calendar),
            Window::Lifetime | Window::Rolling(_) => None,
        }
    }
}

impl Sequence {
    /// The filters of all steps and of what must not happen.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        let steps = self.steps.iter().map(|(filter, _)| filter);
        steps.chain(self.absent.as_ref().map(|(filter, _)| filter))
    }
}

impl Filter {
    /// Reads which events: `"Order Completed" where revenue >= 50`.
    pub fn parse(text: &str) -> Result<Self, crate::Error> {
        crate::parse::parse_filter(text)
    }

    /// Events that also meet a condition, if there is one.
    pub fn new(events: Events, condition: Option<Condition>) -> Self {
        let mut filter = Filter {
            events,
            condition,
            digest: 0,
        };
        filter.digest = digest("filter", &[filter.to_string().as_bytes()]).prefix();
        filter
    }

    /// What tells it from every other: a prefix of the digest of its text.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Ready to be asked about events.
    pub fn compile(&self) -> CompiledFilter {
        let condition = self.condition.as_ref().map(|condition| {
            let mut facts = FactSet::default();
            let rule = Rule::compile(condition.expr(), &mut facts);
            (rule, facts)
        });
        CompiledFilter {
            events: self.events.clone(),
            condition,
        }
    }
}

impl Events {
    /// Whether an event of this kind and name is one of them.
    pub fn include(&self, kind: Kind, name: &str) -> bool {
        match self {
            Events::Any => true,
            Events::Kind(wanted) => *wanted == kind,
            Events::Named(wanted, exact) => *wanted == kind && exact == name,
        }
    }
}

impl Condition {
    /// From a rule whose facts are properties and context.
    pub fn new(expr: Expr) -> Self {
        Condition {
            text: expr.to_string(),
            expr: Arc::new(expr),
        }
    }

    /// The rule.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Its canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl PartialOrd for Condition {
    fn partial_cmp(&self, other: &Condition) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Condition {
    fn cmp(&self, other: &Condition) -> Ordering {
        self.text.cmp(&other.text)
    }
}

/// A filter ready to be asked about events.
#[derive(Clone, Debug)]
pub struct CompiledFilter {
    events: Events,
    condition: Option<(Rule, FactSet)>,
}

impl CompiledFilter {
    /// Kind and name; an index of filters goes by these.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The properties and context that the condition asks for; none when there is no condition.
    pub fn facts(&self) -> &[FactKey] {
        self.condition
            .as_ref()
            .map_or(&[], |(_, facts)| facts.keys())
    }

    /// Whether the condition holds for an event that happened `at`, which the condition calls
    /// `now`. `facts` answers [`FactKey::Property`] and [`FactKey::Context`]. Kind and name are
    /// not looked at: see [`Events::include`].
    pub fn matches(&self, facts: &dyn Facts, at: Timestamp) -> bool {
        match &self.condition {
            None => true,
            Some((rule, set)) => rule.holds(&Slots::new(set, facts, at)),
        }
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}({}", self.function.as_str(), self.events)?;
        match &self.of {
            Some(path) if self.most > 1 => write!(out, ", {} of {path}", self.most)?,
            Some(path) => write!(out, ", of {path}")?,
            None => {}
        }
        if let Some(by) = &self.by {
            write!(out, ", by {}", by.path)?;
        }
        if self.window != Window::Lifetime {
            write!(out, ", {}", self.window)?;
        }
        out.write_str(")")?;
        match self.by.as_ref().and_then(|by| by.key.as_ref()) {
            Some(key) => write_key(key, out),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.events)?;
        match &self.condition {
            Some(condition) => write!(out, " where {condition}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Events {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Events::Any => out.write_str("any"),
            Events::Kind(kind) => out.write_str(kind.as_str()),
            Events::Named(Kind::Track, name) => quote(name, out),
            Events::Named(kind, name) => {
                write!(out, "{} ", kind.as_str())?;
                quote(name, out)
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Empty for a lifetime.
impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Lifetime => Ok(()),
            Window::Rolling(length) => out.write_str(&length_in_words(*length)),
            Window::Calendar(calendar) => write!(out, "{calendar}"),
            Window::CalendarIn(calendar, zone) => {
                write!(out, "{calendar} in ")?;
                quote(zone.as_str(), out)
            }
        }
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Calendar::Today => out.write_str("today"),
            Calendar::ThisWeek => out.write_str("this week"),
            Calendar::ThisMonth => out.write_str("this month"),
            Calendar::ThisYear => out.write_str("this year"),
            Calendar::LastDays(1) => out.write_str("last 1 calendar day"),
            Calendar::LastDays(days) => write!(out, "last {days} calendar days"),
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("sequence(")?;
        for (filter, within) in &self.steps {
            write!(out, "{filter}")?;
            if let Some(within) = within {
                write!(out, " within {}", length_in_words(*within))?;
            }
            out.write_str(", ")?;
        }
        if let Some((filter, within)) = &self.absent {
            write!(out, "not {filter} within {}, ", length_in_words(*within))?;
        }
        write!(out, "{})", length_in_words(self.window))
    }
}

/// In the largest unit that leaves no rest, weeks apart: people count days.
pub(crate) fn length_in_words(length: Duration) -> String {
    let units = Unit::ALL
        .into_iter()
        .rev()
        .filter(|unit| *unit != Unit::Week);
    let millis = length.as_millis().unsigned_abs();
    let whole = |unit: &Unit| millis.is_multiple_of(unit.millis().unsigned_abs());
    let unit = units.clone().find(whole).unwrap_or(Unit::Second);
    let count = millis / unit.millis().unsigned_abs();
    format!(
        "{count} {}{}",
        unit.singular(),
        if count == 1 { "" } else { "s" }
    )
}
