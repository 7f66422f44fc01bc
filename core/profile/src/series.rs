//! The state that aggregates over the same events share: a sum over them.
//!
//! | part | kept for | what |
//! |---|---|---|
//! | lifetime | always | count, sum, ends and times of all events |
//! | edges | `first … of`, `last … of` | the property of the first and the last event |
//! | days | `days_active`, `streak` over a lifetime | quarters of an hour with events, by day |
//! | blocks | windows, sequences | events by second, a [`Block`] per day |
//! | keys | `distinct`, `top` over a lifetime | values with counts; beyond 512 a [`Sketch`] |
//! | key blocks | the same in a window, `first … of`, `last … of` | values by second |
//! | keyed | `sum`, `min`, `max`, `average` by key | [`Keyed`]: numbers for each key |
//! | interests | affinities | [`Interests`]: a decayed sum for each key |
//!
//! [`Series::add`] and [`Series::merge`] commute and associate to the last bit. Every limit cuts
//! by a function of the events alone (see [`Block`], [`Keys`], [`ActiveDays`]), and blocks are
//! dropped whole once they lie more than the horizon behind the newest day *received*, which no
//! later arrival can undo. Merging nodes leaves their own series unchanged.
//!
//! Sizes, stored (a test holds them): about 20 bytes for a series, and with a window 8 more per
//! active day and 2 to 4 more per active second, 2 more with a price; 13 per value and day for
//! `distinct` and `top` in a window, 9 and the text per value over a lifetime. At most 4 kB a
//! day with events only, about 15 kB with different prices. Somebody with 30 visits of 8 views
//! in 90 days has 1 kB.
//!
//! Cost: adding is O(the day's entries), reading a window O(days + entries of its two ends).

mod block;
mod by_key;
mod change;
mod days;
mod interest;
mod key_block;
mod keyed;
mod keys;
pub(crate) mod map;
mod read;
mod sequence;
mod sketch;
mod stored;
mod tally;
mod varint;

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Duration, Timestamp, Value};
use kith_definition::Affinity;
use kith_event::Event;
use kith_rule::{Aggregate, Function, Window};
use serde::{Deserialize, Serialize};

use crate::{Earliest, Latest, Stamp};

pub use block::{Block, DAY};
pub use days::ActiveDays;
pub use interest::{Interests, SMOOTHING, Share, Shares, Touch, lift};
pub use key_block::KeyBlock;
pub use keyed::Keyed;
pub use keys::Keys;
pub use map::SeriesMap;
pub use sequence::{Steps, Timeline};
pub use sketch::Sketch;
pub use tally::Tally;

use crate::zone::second_of;
use stored::DAY_MAX;

/// What the aggregates over a series want kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// The property of the first and last event.
    pub edges: bool,
    /// Days, for a lifetime.
    pub days: bool,
    /// Values, for a lifetime.
    pub keys: bool,
    /// The values themselves, not only how many.
    pub texts: bool,
    /// Days of second detail; 0 for none.
    pub detail_days: u16,
    /// Days of second detail by value; 0 for none.
    pub key_days: u16,
    /// Half-life of interests, in days; 0 when none are kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub half_life_days: u16,
    /// Numbers by key, for a lifetime.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tallies: bool,
    /// Days of second detail of numbers by key; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tally_days: u16,
}

fn is_zero(days: &u16) -> bool {
    *days == 0
}

/// What one event adds to a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The event, with its values if it has any.
    pub tally: Tally,
    /// Its different values of the property, by hash, as JSON texts.
    pub keys: Vec<(u64, Box<str>)>,
    /// What it adds to keys: hash, JSON text and numbers of each.
    pub keyed: Vec<(u64, Box<str>, Tally)>,
    /// What it says about interests, each key once.
    pub touches: Vec<Touch>,
}

/// When an event happened and arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it happened, and what is different for different events.
    pub stamp: Stamp,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// The state. See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    needs: Needs,
    newest_day: Option<i64>,
    lifetime: Tally,
    first_at: Timestamp,
    last_at: Timestamp,
    earliest: Option<Earliest<Box<str>>>,
    latest: Option<Latest<Box<str>>>,
    days: ActiveDays,
    blocks: BTreeMap<i64, Block>,
    keys: Keys,
    key_blocks: BTreeMap<i64, KeyBlock>,
    texts: BTreeMap<u64, Box<str>>,
    interests: Option<Box<Interests>>,
    keyed: Option<Box<Keyed>>,
}

impl Needs {
    /// Of one aggregate.
    pub fn of(aggregate: &Aggregate) -> Self {
        let mut needs = Needs::default();
        let is_edge = matches!(aggregate.function, Function::First | Function::Last);
        let by_value = match aggregate.function {
            Function::Distinct | Function::Top => true,
            _ => is_edge && aggregate.of.is_some(),
        };
        needs.edges = is_edge && aggregate.of.is_some();
        let days = horizon_days(aggregate.window);
        if aggregate.by.is_some() {
            needs.texts = true;
            match aggregate.function {
                Function::Count => (needs.keys, needs.key_days) = (days == 0, days),
                _ => (needs.tallies, needs.tally_days) = (days == 0, days),
            }
            return needs;
        }
        match aggregate.function {
            Function::DaysActive | Function::Streak if days == 0 => needs.days = true,
            _ if by_value => {
                needs.keys = days == 0 && !is_edge;
                needs.key_days = days;
                needs.texts = aggregate.function == Function::Top || (is_edge && days > 0);
            }
            _ => needs.detail_days = days,
        }
        needs
    }

    /// Of an affinity.
    pub fn of_affinity(affinity: &Affinity) -> Self {
        Needs {
            half_life_days: affinity.half_life_days,
            ..Needs::default()
        }
    }

    /// Second detail for a rolling window.
    pub fn detail(window: Duration) -> Self {
        Needs {
            detail_days: horizon_days(Window::Rolling(window)),
            ..Needs::default()
        }
    }

    /// What either needs.
    pub fn join(self, other: Needs) -> Self {
        Needs {
            edges: self.edges | other.edges,
            days: self.days | other.days,
            keys: self.keys | other.keys,
            texts: self.texts | other.texts,
            detail_days: self.detail_days.max(other.detail_days),
            key_days: self.key_days.max(other.key_days),
            half_life_days: self.half_life_days.max(other.half_life_days),
            tallies: self.tallies | other.tallies,
            tally_days: self.tally_days.max(other.tally_days),
        }
    }

    /// Whether numbers are kept by key.
    pub fn by_key(self) -> bool {
        self.tallies || self.tally_days > 0
    }

    /// True when a series kept for `self` answers everything `other` asks.
    pub fn cover(self, other: Needs) -> bool {
        self.join(other) == self
    }
}

/// Days (UTC) before today's that a window may reach into.
fn horizon_days(window: Window) -> u16 {
    use kith_rule::Calendar;
    let days = match (window, window.calendar()) {
        (_, Some(calendar)) => match calendar {
            Calendar::Today => 1,
            Calendar::ThisWeek => 7,
            Calendar::ThisMonth => 31,
            Calendar::ThisYear => 366,
            Calendar::LastDays(days) => i64::from(days.max(1)),
        },
        (Window::Rolling(length), None) => {
            let millis = length.as_millis().max(1);
            millis.div_euclid(DAY * 1_000) + i64::from(millis % (DAY * 1_000) > 0)
        }
        _ => 0,
    };
    days.min(kith_base::limits::WINDOW_DAYS_MAX) as u16
}

impl Contribution {
    /// An event without values.
    pub fn one() -> Self {
        Contribution {
            tally: Tally::one(),
            keys: Vec::new(),
            keyed: Vec::new(),
            touches: Vec::new(),
        }
    }

    /// Adds numbers to a key, which the event has not had yet.
    pub fn add_keyed(&mut self, key: &Value, tally: Tally) {
        let key = key_of(key);
        self.keyed
            .extend(key.map(|(hash, text)| (hash, text, tally)));
    }

    /// Adds a value to be counted by `distinct` and the like.
    pub fn add_key(&mut self, value: &Value) {
        let Some((hash, text)) = key_of(value) else {
            return;
        };
        let known = self.keys.iter().any(|(known, _)| *known == hash);
        if !known && self.keys.len() < kith_base::limits::SERIES_KEYS_PER_EVENT_MAX {
            self.keys.push((hash, text));
        }
    }
}

/// The hash of a value and its JSON text, cut to size.
pub(crate) fn key_of(value: &Value) -> Option<(u64, Box<str>)> {
    let text = serde_json::to_string(value).ok()?;
    Some((hash_of(&text), cut(value, text)))
}

/// The hash of a value, by its JSON text.
fn hash_of(json: &str) -> u64 {
    kith_base::digest("series-key", &[json.as_bytes()]).prefix()
}

/// A JSON text of bounded length: a longer text value loses its end.
fn cut(value: &Value, json: String) -> Box<str> {
    let limit = kith_base::limits::SERIES_KEY_MAX_CHARS;
    match value {
        Value::Text(text) if json.len() > limit => {
            let short: String = text.chars().take(limit).collect();
            let short = serde_json::to_string(&short);
            short.unwrap_or_default().into_boxed_str()
        }
        _ => json.into_boxed_str(),
    }
}

impl Moment {
    /// Of an event.
    pub fn of(event: &Event) -> Self {
        Moment {
            stamp: Stamp {
                at: event.occurred_at,
                tie: event.deduplication_key().prefix(),
            },
            received_at: event.received_at,
        }
    }
}

impl Series {
    /// Adds one event.
    pub fn add(&mut self, needs: Needs, event: &Contribution, moment: Moment) {
        self.needs = needs;
        self.add_lifetime(&event.tally, moment.stamp.at, moment.stamp.at);
        self.newest_day = self.newest_day.max(Some(moment.received_at.day()));
        let second = second_of(moment.stamp.at);
        let (day, of_day) = (second.div_euclid(DAY), second.rem_euclid(DAY) as u32);
        if needs.days {
            self.days.add(second);
        }
        if needs.edges
            && let Some((_, text)) = event.keys.first()
        {
            Earliest::offer(&mut self.earliest, moment.stamp, || text.clone());
            Latest::offer(&mut self.latest, moment.stamp, || text.clone());
        }
        if needs.detail_days > 0 && self.is_within(day, needs.detail_days) {
            self.blocks
                .entry(day)
                .or_default()
                .add(of_day, &event.tally);
        }
        self.add_keys(event, day, of_day);
        if !event.keyed.is_empty() && needs.by_key() {
            self.add_keyed(event, day, of_day);
        }
        if needs.half_life_days > 0 && !event.touches.is_empty() {
            let half_life = Duration::from_days(i64::from(needs.half_life_days));
            let interests = self.interests.get_or_insert_default();
            interests.add(moment.stamp.at, &event.touches, half_life);
        }
        self.prune();
    }

    /// Adds everything another series holds.
    pub fn merge(&mut self, other: &Series) {
        self.needs = self.needs.join(other.needs);
        self.newest_day = self.newest_day.max(other.newest_day);
        if other.lifetime.count > 0 {
            self.add_lifetime(&other.lifetime, other.first_at, other.last_at);
        }
        Earliest::merge(&mut self.earliest, &other.earliest);
        Latest::merge(&mut self.latest, &other.latest);
        self.days.merge(&other.days);
        for (day, block) in &other.blocks {
            self.blocks.entry(*day).or_default().merge(block);
        }
        self.keys.merge(&other.keys);
        for (day, block) in &other.key_blocks {
            self.key_blocks.entry(*day).or_default().merge(block);
        }
        if let Some(other) = &other.keyed {
            self.keyed.get_or_insert_default().merge(other);
        }
        if let Some(other) = &other.interests {
            self.interests.get_or_insert_default().merge(other);
        }
        let texts = other.texts.iter();
        self.texts
            .extend(texts.map(|(hash, text)| (*hash, text.clone())));
        self.prune();
        self.drop_unused_texts();
    }

    /// Events of all times.
    pub fn event_count(&self) -> u64 {
        self.lifetime.count
    }

    /// What it is kept for.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Interests, when they are kept and there are any.
    pub fn interests(&self) -> Option<&Interests> {
        self.interests.as_deref()
    }

    /// All events ever.
    pub fn lifetime(&self) -> &Tally {
        &self.lifetime
    }

    /// The coarsest resolution of a day, in seconds; 1 unless a day has too many events.
    pub fn resolution_secs(&self) -> u32 {
        let each = self.blocks.values().map(Block::resolution_secs);
        each.max().unwrap_or(1)
    }

    fn add_lifetime(&mut self, tally: &Tally, first_at: Timestamp, last_at: Timestamp) {
        if self.lifetime.count == 0 {
            (self.first_at, self.last_at) = (first_at, last_at);
        }
        self.first_at = self.first_at.min(first_at);
        self.last_at = self.last_at.max(last_at);
        self.lifetime.merge(tally);
    }

    fn add_keys(&mut self, event: &Contribution, day: i64, of_day: u32) {
        if event.keys.is_empty() {
            return;
        }
        let in_window = self.needs.key_days > 0 && self.is_within(day, self.needs.key_days);
        if self.needs.texts && (self.needs.keys || in_window) {
            self.texts.extend(event.keys.iter().cloned());
        }
        let mut fell_out = false;
        if self.needs.keys {
            let before = self.keys.counts().len();
            event
                .keys
                .iter()
                .for_each(|(hash, _)| self.keys.add(*hash, 1));
            fell_out |= before == kith_base::limits::SERIES_KEYS_LIFETIME_MAX;
        }
        if in_window {
            let hashes = event.keys.iter().map(|(hash, _)| *hash);
            fell_out |= self.key_blocks.entry(day).or_default().add(of_day, hashes);
        }
        if fell_out {
            self.drop_unused_texts();
        }
    }

    fn is_within(&self, day: i64, horizon: u16) -> bool {
        let newest = self.newest_day.unwrap_or(i64::MIN);
        day >= newest.saturating_sub(i64::from(horizon) + 1)
    }

    /// Drops what is not needed: whole blocks behind the horizon, parts nobody asks for.
    fn prune(&mut self) {
        let needs = self.needs;
        let stale = |series: &Series, day: Option<&i64>, horizon: u16| {
            day.is_some_and(|day| horizon == 0 || !series.is_within(*day, horizon))
        };
        while stale(self, self.blocks.keys().next(), needs.detail_days) {
            self.blocks.pop_first();
        }
        let mut dropped = false;
        while stale(self, self.key_blocks.keys().next(), needs.key_days) {
            self.key_blocks.pop_first();
            dropped = true;
        }
        dropped |= self.prune_keyed();
        if !needs.days && !self.days.is_empty() {
            self.days = ActiveDays::default();
        }
        if !needs.keys && !self.keys.counts().is_empty() {
            self.keys = Keys::default();
            dropped = true;
        }
        if !needs.edges {
            (self.earliest, self.latest) = (None, None);
        }
        if dropped || (!needs.texts && !self.texts.is_empty()) {
            self.drop_unused_texts();
        }
    }

    fn drop_unused_texts(&mut self) {
        if self.texts.is_empty() {
            return;
        }
        let mut used: BTreeSet<u64> = BTreeSet::new();
        if self.needs.texts {
            used.extend(self.keys.hashes());
            used.extend(self.keyed.iter().flat_map(|keyed| keyed.hashes()));
            let blocks = self.key_blocks.values();
            used.extend(blocks.flat_map(|block| block.iter().map(|key| key.hash)));
        }
        self.texts.retain(|hash, _| used.contains(hash));
    }
}
