//! Live audiences, compiled: which rules there are, and which of them a change can touch.
//!
//! Audiences that refer to others stand after them, so that one pass in order settles all.
//! [`Audiences::touched`] names those whose facts a change can alter; the rest are left alone,
//! however many there are.

mod change;

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Timestamp, Value, digest};
use kith_definition::{Audience, AudienceType, Kind, Problem, Severity};
use kith_profile::{FeatureSet, Fold, PersonFacts, SeriesId};
use kith_rule::{Expr, FactKey, FactSet, Rule, Schema, Slots, Trend, audience_cycle};

use crate::Live;
use crate::accounts::Questions;
use crate::places::Places;
pub use change::Change;
use change::{asks_for_identifiers, changes_of, is_from_the_beginning};

/// A live audience.
#[derive(Clone, Debug)]
pub struct LiveAudience {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Revision of its definition.
    pub revision: u64,
    /// Who is in it; `None` for a list.
    pub rule: Option<Rule>,
    /// The rule as written.
    pub expr: Option<Expr>,
    /// Series its rule reads.
    pub series: BTreeSet<SeriesId>,
    /// Places of audiences that refer to this one, later than its own.
    dependents: Vec<usize>,
    /// Its rule asks about accounts, or that of one that refers to it.
    asks_accounts: bool,
}

/// Whom something added to a series can bring into an audience, or take out of it.
#[derive(Clone, Debug, Default)]
struct AddedTo {
    /// Audiences that nobody leaves by it.
    rises: Reached,
    /// Audiences that nobody enters by it.
    falls: Reached,
    either: Places,
}

/// Audiences by how many events it takes: with each number those that take as many or fewer.
#[derive(Clone, Debug, Default)]
struct Reached(BTreeMap<u64, Places>);

impl Reached {
    fn insert(&mut self, least: u64, place: usize) {
        // So that there are few numbers: beyond sixteen the powers of two.
        let least = if least <= 16 {
            least
        } else {
            1 << least.ilog2()
        };
        if !self.0.contains_key(&least) {
            let fewer = self.0.range(..least).next_back();
            let fewer = fewer.map_or_else(Places::default, |(_, places)| places.clone());
            self.0.insert(least, fewer);
        }
        for (_, places) in self.0.range_mut(least..) {
            places.insert(place);
        }
    }

    fn with(&self, events: u64) -> Option<&Places> {
        Some(self.0.range(..=events).next_back()?.1)
    }
}

/// Every live audience.
#[derive(Clone, Debug, Default)]
pub struct Audiences {
    all: Vec<LiveAudience>,
    facts: FactSet,
    touched: BTreeMap<Change, Places>,
    added: BTreeMap<SeriesId, AddedTo>,
    places: BTreeMap<String, usize>,
    /// Digest of the places.
    stamp: u64,
    questions: Questions,
    levels: Vec<Places>,
    moving: Places,
    of_newcomers: Places,
    asks_identity: bool,
}

impl Audiences {
    /// Compiles live definitions. What cannot be compiled is left out and told.
    pub fn compile(live: &[Live<Audience>], schema: &Schema) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut parsed: BTreeMap<&str, (&Live<Audience>, Option<Expr>)> = BTreeMap::new();
        for audience in live {
            let expr = match audience.spec.kind {
                AudienceType::List => None,
                AudienceType::Rule => match read(audience, schema) {
                    Ok(expr) => Some(expr),
                    Err(message) => {
                        problems.push(problem(&audience.id, message));
                        continue;
                    }
                },
            };
            parsed.insert(&audience.id, (audience, expr));
        }
        let mut compiled = Audiences::default();
        let (order, cyclic) = order(&parsed);
        if !cyclic.is_empty() {
            let rules = parsed
                .iter()
                .filter_map(|(id, (_, expr))| Some((*id, expr.as_ref()?)));
            let circle = audience_cycle(rules).unwrap_or_default().join(" → ");
            for id in cyclic {
                let message = format!("it depends on the circle {circle}; break it");
                problems.push(problem(id, message));
            }
        }
        for id in order {
            let (audience, expr) = &parsed[id];
            compiled.push(audience, expr.clone(), schema);
        }
        compiled.relate();
        let ids: Vec<&[u8]> = compiled.all.iter().map(|one| one.id.as_bytes()).collect();
        compiled.stamp = digest("audience-places", &ids).prefix();
        compiled.of_newcomers = compiled.may_hold_for_newcomers();
        (compiled, problems)
    }

    fn push(&mut self, audience: &Live<Audience>, expr: Option<Expr>, schema: &Schema) {
        let place = self.all.len();
        let rule = expr
            .as_ref()
            .map(|expr| Rule::compile_with(expr, schema, &mut self.facts));
        if rule.as_ref().is_some_and(Rule::moves) {
            self.moving.insert(place);
        }
        let mut series = BTreeSet::new();
        let slots = rule.iter().flat_map(|rule| rule.slots());
        let keys: Vec<FactKey> = slots.map(|slot| self.facts.key(*slot).clone()).collect();
        for key in &keys {
            if let Some(before) = key.audience().and_then(|id| self.places.get(id)) {
                let dependents = &mut self.all[*before].dependents;
                if dependents.last() != Some(&place) {
                    dependents.push(place);
                }
            }
            for change in changes_of(key) {
                if let Change::Series(id) = &change {
                    series.insert(*id);
                }
                self.touched.entry(change).or_default().insert(place);
            }
        }
        for id in &series {
            let is_added_to = |key: &FactKey| changes_of(key).contains(&Change::Series(*id));
            let trend = rule.as_ref();
            let trend = trend.and_then(|rule| rule.trend(&self.facts, is_added_to));
            let added = self.added.entry(*id).or_default();
            match trend {
                Some(Trend::Rises(least)) => added.rises.insert(least, place),
                Some(Trend::Falls(least)) => added.falls.insert(least, place),
                Some(Trend::Either) | None => {
                    added.either.insert(place);
                }
            }
        }
        self.places.insert(audience.id.clone(), place);
        self.all.push(LiveAudience {
            id: audience.id.clone(),
            name: audience.name.clone(),
            revision: audience.revision,
            rule,
            expr,
            series,
            dependents: Vec::new(),
            asks_accounts: !Questions::of(&keys).is_empty(),
        });
    }

    /// Notes what follows from how audiences refer to each other.
    fn relate(&mut self) {
        self.questions = Questions::of(self.facts.keys());
        self.asks_identity = self.facts.keys().iter().any(asks_for_identifiers);
        for place in (0..self.all.len()).rev() {
            let mut dependents = self.all[place].dependents.iter();
            let asks = dependents.any(|later| self.all[*later].asks_accounts);
            self.all[place].asks_accounts |= asks;
        }
        let mut levels = vec![0; self.all.len()];
        for place in 0..self.all.len() {
            let Some(rule) = &self.all[place].rule else {
                continue;
            };
            for key in rule.slots().iter().map(|slot| self.facts.key(*slot)) {
                let before = key.audience().and_then(|id| self.places.get(id));
                let others = matches!(key, FactKey::AccountPersons { .. });
                let least = before.map_or(0, |before| levels[*before] + usize::from(others));
                levels[place] = levels[place].max(least);
            }
            let level = levels[place];
            if self.levels.len() <= level {
                self.levels.resize(level + 1, Places::default());
            }
            self.levels[level].insert(place);
        }
    }

    /// In an order in which each refers only to earlier ones.
    pub fn all(&self) -> &[LiveAudience] {
        &self.all
    }

    /// The audience of an id.
    pub fn get(&self, id: &str) -> Option<&LiveAudience> {
        Some(&self.all[*self.places.get(id)?])
    }

    /// The place of an id in [`Audiences::all`].
    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The same for audiences with the same ids in the same places.
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp
    }

    /// What the rules ask for.
    pub fn facts(&self) -> &FactSet {
        &self.facts
    }

    /// What the rules ask of accounts.
    pub(crate) fn questions(&self) -> &Questions {
        &self.questions
    }

    /// True when evaluating these may ask about accounts.
    pub(crate) fn ask_accounts(&self, places: &Places) -> bool {
        !self.questions.is_empty() && places.iter().any(|place| self.all[place].asks_accounts)
    }

    /// True when a rule asks for a person's identifiers.
    pub(crate) fn ask_for_identifiers(&self) -> bool {
        self.asks_identity
    }

    /// Places of all audiences with a rule, so divided that each asks who of an account is in an
    /// audience only of those in earlier parts.
    pub(crate) fn levels(&self) -> &[Places] {
        &self.levels
    }

    /// True for an audience whose members are put on a list.
    pub fn is_list(&self, id: &str) -> bool {
        self.get(id).is_some_and(|audience| audience.rule.is_none())
    }

    /// True when nothing has to be kept.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// True when a rule asks for what this change can alter.
    pub(crate) fn ask_for(&self, change: &Change) -> bool {
        self.touched.contains_key(change)
    }

    /// Places of the audiences that these changes can touch.
    pub(crate) fn touched<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Places {
        let mut touched = Places::default();
        for places in changes
            .into_iter()
            .filter_map(|change| self.touched.get(change))
        {
            touched.join(places);
        }
        touched
    }

    /// Places of the audiences that somebody who is in `members` now may enter or leave by these
    /// changes.
    pub(crate) fn touched_of(&self, members: &Places, changes: &[Change]) -> Places {
        let mut touched = Places::default();
        for change in changes {
            let Change::Added { series, most } = change else {
                self.touched
                    .get(change)
                    .inspect(|places| touched.join(places));
                continue;
            };
            let Some(added) = self.added.get(series) else {
                continue;
            };
            touched.join(&added.either);
            if let Some(reached) = added.rises.with(*most) {
                touched.join_without(reached, members);
            }
            if let Some(reached) = added.falls.with(*most) {
                touched.join_within(reached, members);
            }
        }
        touched
    }

    /// Places of the audiences with these ids, which come ascending.
    pub(crate) fn members<V>(&self, held: &BTreeMap<String, V>) -> Places {
        let mut members = Places::default();
        let steps = self.places.len().max(2).ilog2() as usize;
        if held.len() * steps < self.places.len() {
            members.extend(held.keys().filter_map(|id| self.place(id)));
            return members;
        }
        let mut held = held.keys().peekable();
        for (id, place) in &self.places {
            while held.next_if(|known| *known < id).is_some() {}
            if held.next_if_eq(&id).is_some() {
                members.insert(*place);
            }
        }
        members
    }

    /// Places of the audiences whose rule may hold for somebody of whom nothing is known, or asks
    /// for what a person has from the beginning. To the others a person comes by what changes.
    pub(crate) fn of_newcomers(&self) -> &Places {
        &self.of_newcomers
    }

    fn may_hold_for_newcomers(&self) -> Places {
        let (nobody, features) = (Fold::default(), FeatureSet::default());
        let known = |id: &str| self.places.contains_key(id).then_some(false);
        let facts = PersonFacts::new(vec![&nobody], Vec::new(), &features, &Value::Null, &known);
        let slots = Slots::new(&self.facts, &facts, Timestamp::ZERO);
        let may_hold = |audience: &LiveAudience| {
            audience.rule.as_ref().is_some_and(|rule| {
                let mut keys = rule.slots().iter().map(|slot| self.facts.key(*slot));
                rule.asks_for_now() || keys.any(is_from_the_beginning) || rule.holds(&slots)
            })
        };
        let all = self.all.iter().enumerate();
        all.filter(|(_, audience)| may_hold(audience))
            .map(|(place, _)| place)
            .collect()
    }

    /// Places of the audiences whose rule may change its answer although nothing happens.
    pub(crate) fn moving(&self) -> &Places {
        &self.moving
    }

    /// An audience's place and those of all that refer to it, through others too.
    pub(crate) fn with_dependents(&self, place: usize) -> Places {
        let mut found = Places::default();
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if found.insert(place) {
                open.extend(self.dependents(place));
            }
        }
        found
    }

    /// Places of the audiences that refer to the one at `place`.
    pub(crate) fn dependents(&self, place: usize) -> &[usize] {
        &self.all[place].dependents
    }
}

fn problem(id: &str, message: String) -> Problem {
    Problem {
        severity: Severity::Error,
        kind: Kind::Audience,
        id: id.to_owned(),
        field: "spec.when".to_owned(),
        message,
    }
}

fn read(audience: &Live<Audience>, schema: &Schema) -> Result<Expr, String> {
    let expr = Expr::parse(&audience.spec.when).map_err(|error| error.to_string())?;
    match expr.check(schema).first() {
        Some(error) => Err(error.to_string()),
        None => Ok(expr),
    }
}

/// Ids in an order in which each refers only to earlier ones, and the ids on or behind a circle.
/// O(audiences and references).
fn order<'a>(
    parsed: &BTreeMap<&'a str, (&Live<Audience>, Option<Expr>)>,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, (_, expr)) in parsed {
        let facts = expr.iter().flat_map(Expr::facts);
        let named = facts.filter_map(FactKey::audience);
        let live = named.filter_map(|named| Some(*parsed.get_key_value(named)?.0));
        let live: BTreeSet<&str> = live.collect();
        missing.insert(id, live.len());
        for named in live {
            waiting.entry(named).or_default().push(id);
        }
    }
    let ready = missing.iter().filter(|(_, count)| **count == 0);
    let mut ready: Vec<&str> = ready.map(|(id, _)| *id).collect();
    let mut order: Vec<&str> = Vec::new();
    while !ready.is_empty() {
        let mut next = Vec::new();
        for id in &ready {
            for later in waiting.remove(id).unwrap_or_default() {
                let count = missing.entry(later).or_default();
                *count -= 1;
                if *count == 0 {
                    next.push(later);
                }
            }
        }
        order.append(&mut ready);
        next.sort_unstable();
        ready = next;
    }
    let cyclic = missing.into_iter().filter(|(_, count)| *count > 0);
    (order, cyclic.map(|(id, _)| id).collect())
}

/// When a person's memberships must be looked at again: the earlier of two instants.
pub(crate) fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
