//! Known persons, by their traits: everybody from time to time, and in between whoever tells new
//! ones, at once.

mod batch;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use kith_base::{Duration, PersonId, Timestamp, digest, limits};
use kith_engine::{query, state, table};
use kith_event::{Basis, Event, Identifier, Kind, Position, ProbableLink, Record};
use kith_identity::Rules;
use kith_matching::{Found, Index, Part};
use kith_runtime::{Handle, log};

use crate::linker::{Error, Moment, Outbox};
use crate::status::RecordFigures;
use crate::{held, people};

/// Records read from the log at once.
const READ_RECORDS: usize = 4_096;
/// So many records behind, it looks at nobody by themselves any more and compares everybody when
/// it has caught up: an import is faster than one look after the other.
const BEHIND_MAX: Position = 200_000;
/// With fewer persons there is nothing to learn weights from.
const PERSONS_MIN: usize = 20;
/// Everybody is compared again after this time,
const BATCH_INTERVAL: Duration = Duration::from_days(1);
/// or when one in so many is new or changed,
const GROWTH_SHARE: u64 = 5;
/// but not before so many times as long as it took, and this, have passed.
const REST_TIMES: u64 = 10;
const REST_MIN_MS: u64 = 10_000;
/// A link is written again when its confidence moved by so much, in thousandths, or past a
/// threshold of the rules.
const CONFIDENCE_STEP: u16 = 20;
/// Reasons of less than this, in bits, are not told.
const REASON_MIN: f32 = 0.05;

/// What is known of the records compared.
pub(crate) struct Records {
    /// The next record of the log to look at.
    next: Position,
    known: Option<Learned>,
    /// Everybody compared: the number of their record, and the digest of what it holds.
    persons: BTreeMap<PersonId, (u32, u64)>,
    /// Persons there were when everybody was compared, and persons new or changed since.
    compared: u64,
    changed: u64,
    /// Some were not looked at.
    behind: bool,
    rested_at: Option<Timestamp>,
    pub figures: RecordFigures,
}

/// What the last comparison of everybody left to go on with.
struct Learned {
    index: Index,
    columns: Vec<String>,
    /// Whether a column is compared.
    compared: Vec<bool>,
    /// Whose each record is; of a record that changed, nobody's.
    owners: Vec<Option<PersonId>>,
}

impl Records {
    /// Nobody is known.
    pub fn new() -> Self {
        Records {
            next: 0,
            known: None,
            persons: BTreeMap::new(),
            compared: 0,
            changed: 0,
            behind: false,
            rested_at: None,
            figures: RecordFigures::default(),
        }
    }

    /// Whether it finds links as people come.
    pub fn is_running(&self) -> bool {
        self.known.is_some()
    }

    /// A part of the work; true when there is more.
    pub async fn step(
        &mut self,
        handle: &Handle,
        moment: &Moment,
        out: &mut Outbox<'_>,
    ) -> Result<bool, Error> {
        if self.is_due(moment.now) {
            self.compare_all(moment, out).await?;
            return Ok(true);
        }
        self.follow(handle, moment, out).await
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let Some(last) = self.figures.last_batch_at else {
            return true;
        };
        let grown = self.changed > 0 && self.changed * GROWTH_SHARE >= self.compared;
        let rested = self.rested_at.is_none_or(|at| now >= at);
        now.since(last) >= BATCH_INTERVAL || rested && (grown || self.behind)
    }

    /// Looks at what the log says since; true when there is more.
    async fn follow(
        &mut self,
        handle: &Handle,
        moment: &Moment,
        out: &mut Outbox<'_>,
    ) -> Result<bool, Error> {
        let end = table::read_number(&*moment.view.state, &table::mark(table::APPLIED))?;
        if end.saturating_sub(self.next) > BEHIND_MAX {
            (self.next, self.behind) = (end, true);
        }
        let rules = &moment.view.project.identity;
        let (named, next) = told(handle, self.next..end)?;
        let mut told = BTreeSet::new();
        for identifiers in named {
            let state = &*moment.view.state;
            told.extend(query::person_of(state, &moment.view.project, &identifiers)?);
        }
        for person in told {
            for link in self.look_at(person, rules, moment)? {
                out.link(link).await?;
            }
        }
        self.next = next;
        Ok(self.next < end || self.is_due(moment.now))
    }

    /// One person against everybody: links that are new.
    fn look_at(
        &mut self,
        person: PersonId,
        rules: &Rules,
        moment: &Moment,
    ) -> Result<Vec<ProbableLink>, state::Error> {
        let view = &moment.view;
        let found = query::known(&*view.state, &view.project, person)?;
        let consented = found.filter(|known| known.consented_at.is_some());
        let values = consented.map(|known| people::values(&known, rules));
        let held = self.persons.get(&person).copied();
        let Some(learned) = &mut self.known else {
            let is_new = values.is_some() && held.is_none();
            if is_new && self.persons.len() < limits::LINKAGE_PERSONS_MAX {
                self.persons.insert(person, (u32::MAX, 0));
                self.changed += 1;
            }
            return Ok(Vec::new());
        };
        let values = values.unwrap_or_default();
        let row = people::row(&learned.columns, &values);
        if !people::says_something(&row) {
            if let Some((record, _)) = held {
                self.persons.remove(&person);
                learned.disown(record);
                self.changed += 1;
            }
            return Ok(Vec::new());
        }
        let digest = learned.digest(&row);
        if held.is_some_and(|(_, known)| known == digest) {
            return Ok(Vec::new());
        }
        if held.is_none() && self.persons.len() >= limits::LINKAGE_PERSONS_MAX {
            self.figures.left_out += 1;
            return Ok(Vec::new());
        }
        self.changed += 1;
        if let Some((record, _)) = held {
            learned.disown(record);
        }
        let (record, found) = learned.insert(&row, person);
        self.persons.insert(person, (record, digest));
        self.figures.persons = self.persons.len() as u64;
        learned.links((person, record), &found, moment)
    }
}

impl Learned {
    fn insert(&mut self, row: &[&str], person: PersonId) -> (u32, Vec<Found>) {
        let (record, found) = self.index.insert(row);
        self.owners.resize(record as usize, None);
        self.owners.push(Some(person));
        (record, found)
    }

    fn disown(&mut self, record: u32) {
        if let Some(owner) = self.owners.get_mut(record as usize) {
            *owner = None;
        }
    }

    fn digest(&self, row: &[&str]) -> u64 {
        digest_of(row, &self.compared)
    }

    /// Links of a person to those found that are probable enough and not written yet.
    fn links(
        &self,
        (person, record): (PersonId, u32),
        found: &[Found],
        moment: &Moment,
    ) -> Result<Vec<ProbableLink>, state::Error> {
        let view = &moment.view;
        let Some(own) = people::identifier(view, person.node())? else {
            return Ok(Vec::new());
        };
        let (mut links, mut met) = (Vec::new(), BTreeSet::from([person]));
        for found in found {
            let confidence = thousandths(self.index.probability(found.bits));
            if confidence < moment.least() || links.len() == limits::PROBABLE_PER_NODE_MAX {
                break;
            }
            let owner = self.owners.get(found.record as usize).copied().flatten();
            let other = owner.map(|owner| query::resolve_person(&*view.state, owner));
            let Some(other) = other.transpose()?.flatten() else {
                continue;
            };
            if !met.insert(other) {
                continue;
            }
            let pair = held::pair(person.node(), other.node());
            let row = held::between(&*view.state, pair)?;
            let stands = row.is_some_and(|row| match row.basis {
                Basis::Records => !moment.moved(row.confidence, confidence),
                Basis::Visitors => true,
                Basis::Household => false,
            });
            let named = people::identifier(view, other.node())?;
            if let Some(named) = named.filter(|_| !stands) {
                let parts = self.index.explain(record, *found);
                links.push(link((own.clone(), named), confidence, &parts));
            }
        }
        Ok(links)
    }
}

impl Moment {
    /// Whether a link is to be written again.
    fn moved(&self, held: u16, found: u16) -> bool {
        let rules = &self.view.project.identity.probabilistic;
        let past = |percent: u32| {
            let threshold = u16::try_from(percent * 10).unwrap_or(u16::MAX);
            (held < threshold) != (found < threshold)
        };
        held.abs_diff(found) >= CONFIDENCE_STEP
            || held != found && (past(rules.strict_percent) || past(rules.loose_percent))
    }
}

fn digest_of(row: &[&str], compared: &[bool]) -> u64 {
    let compared = row.iter().zip(compared).filter(|(_, compared)| **compared);
    let parts: Vec<&[u8]> = compared.map(|(value, _)| value.as_bytes()).collect();
    digest("linkage-record", &parts).prefix()
}

fn thousandths(probability: f32) -> u16 {
    (probability.clamp(0.0, 1.0) * 1_000.0).round() as u16
}

fn link((a, b): (Identifier, Identifier), confidence: u16, parts: &[Part]) -> ProbableLink {
    let told = parts.iter().filter(|part| part.bits.abs() >= REASON_MIN);
    let mut reasons: Vec<(String, f32)> = told
        .map(|part| (format!("{}: {}", part.name, part.level), part.bits))
        .collect();
    reasons.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    reasons.truncate(limits::PROBABLE_REASONS_MAX);
    ProbableLink {
        a,
        b,
        basis: Basis::Records,
        confidence,
        reasons,
    }
}

/// Whom the records of a range told something about that traits, consent or belonging may follow
/// from, and where to go on.
fn told(
    handle: &Handle,
    range: Range<Position>,
) -> Result<(BTreeSet<Vec<Identifier>>, Position), log::Error> {
    let mut named = BTreeSet::new();
    let mut next = range.start;
    handle.visit_log(range.start, READ_RECORDS, &mut |position, stored| {
        if position >= range.end {
            return;
        }
        next = position + 1;
        let tells = match Record::event_label(stored) {
            Some((Kind::Identify | Kind::Alias, _)) => true,
            Some((_, name)) => name == "Consent Updated",
            None => false,
        };
        if tells && let Ok(Record::Event(Event { identifiers, .. })) = Record::decode(stored) {
            named.insert(identifiers);
        }
    })?;
    Ok((named, next))
}
