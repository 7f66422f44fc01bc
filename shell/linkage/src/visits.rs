//! Anonymous visitors: whom each new visitor id probably continues.

use std::collections::BTreeMap;

use kith_base::{Duration, NodeId, Timestamp, Value, limits};
use kith_engine::query::{self, Known};
use kith_engine::table;
use kith_engine::{Project, state};
use kith_event::{Basis, Event, Identifier, Position, ProbableLink, Record};
use kith_matching::visitors::{Answer, Link, Matcher, Model, Settings};
use kith_profile::tells_consent;
use kith_runtime::{Handle, View, log};

use crate::linker::{Error, Moment, Outbox};
use crate::sessions::{ANONYMOUS, Open, Sessions, number, visitor};
use crate::status::VisitorFigures;
use crate::{SiteKey, held, metrics, people};

/// Records read from the log at once.
const READ_RECORDS: usize = 4_096;
/// Records looked at to learn of what time a place of the log is.
const DATED_RECORDS: usize = 64;

/// What is known of visitors.
pub(crate) struct Visits {
    key: SiteKey,
    sessions: Sessions,
    matcher: Matcher,
    /// The next record of the log to look at; `None` before the first step.
    next: Option<Position>,
    /// While it catches up with the log after a start: sessions that were over by then were judged
    /// before it.
    judged_until: Option<Timestamp>,
    /// What was said under visitor ids, as far as the log was read.
    said: BTreeMap<u64, bool>,
    /// The end of the last session, in seconds: they must come in order.
    last_s: i64,
    caught_up: bool,
    figures: VisitorFigures,
}

impl Visits {
    /// Nobody is known.
    pub fn new(key: SiteKey) -> Self {
        Visits {
            key,
            sessions: Sessions::default(),
            matcher: Matcher::new(Settings::default(), Model::default()),
            next: None,
            judged_until: None,
            said: BTreeMap::new(),
            last_s: i64::MIN,
            caught_up: false,
            figures: VisitorFigures::default(),
        }
    }

    /// Whether it finds links as people come.
    pub fn is_running(&self) -> bool {
        self.caught_up && self.matcher.model().person.is_some()
    }

    /// For others to read.
    pub fn figures(&self) -> VisitorFigures {
        self.figures.clone()
    }

    /// A part of the work; true when there is more.
    pub async fn step(
        &mut self,
        handle: &Handle,
        moment: &Moment,
        out: &mut Outbox<'_>,
    ) -> Result<bool, Error> {
        let view = &moment.view;
        let end = table::read_number(&*view.state, &table::mark(table::APPLIED))?;
        let from = match self.next {
            Some(next) => next,
            None => self.begin(handle, view, end)?,
        };
        let (events, next) = read(handle, from, end)?;
        for event in events {
            if tells_consent(&event) {
                self.hear(&event, view)?;
            }
            let rules = &view.project.identity;
            for over in self.sessions.take(&event, rules, &self.key) {
                self.judge(over, moment, out).await?;
            }
        }
        self.next = Some(next);
        self.caught_up = next >= end;
        if self.caught_up {
            for over in self.sessions.sweep(moment.now, &self.key) {
                self.judge(over, moment, out).await?;
            }
            self.judged_until = None;
        }
        Ok(!self.caught_up)
    }

    /// Finds where the history that is looked at begins.
    fn begin(&mut self, handle: &Handle, view: &View, end: Position) -> Result<Position, Error> {
        self.judged_until = held::newest_of_visits(&*view.state)?;
        let history = Duration::from_days(limits::LINKAGE_HISTORY_DAYS);
        let oldest = query::clock(&*view.state)?.minus(history);
        let mut first = end.saturating_sub(limits::LINKAGE_HISTORY_RECORDS_MAX);
        let mut last = end;
        while first < last {
            let middle = first + (last - first) / 2;
            match received_at(handle, middle) {
                Some(at) if at >= oldest => last = middle,
                Some(_) => first = middle + 1,
                None if last - first > DATED_RECORDS as Position => first = middle + 1,
                None => last = first,
            }
        }
        self.next = Some(first);
        Ok(first)
    }

    /// What an event says of consent.
    fn hear(&mut self, event: &Event, view: &View) -> Result<(), Error> {
        let (state, project) = (&*view.state, &*view.project);
        let category = &project.identity.probabilistic.consent;
        if let (Some(node), Some(granted)) =
            (visitor(event, &project.identity), granted(event, category))
        {
            self.said.insert(number(node), granted);
            if self.said.len() > limits::LINKAGE_CONSENTS_MAX {
                self.said.pop_first();
            }
        }
        let person = query::person_of(state, project, &event.identifiers)?;
        let known = person.map(|person| query::known(state, project, person));
        let known = known.transpose()?.flatten();
        let refused = known.filter(|known| known.consented_at.is_none());
        for (node, identifier) in refused.map(|known| known.nodes).unwrap_or_default() {
            if identifier.namespace == ANONYMOUS {
                // The engine took the links back when it applied the event.
                self.matcher.withdraw(number(node));
                self.sessions.forget(number(node));
            }
        }
        Ok(())
    }

    /// A session is over.
    async fn judge(
        &mut self,
        over: Open,
        moment: &Moment,
        out: &mut Outbox<'_>,
    ) -> Result<(), Error> {
        let view = &moment.view;
        let over_at = over.over_at();
        let known = person_behind(&*view.state, &view.project, over.node)?;
        let mut session = over.session;
        session.consent = self.consents(known.as_ref(), session.visitor, over.last);
        self.last_s = self.last_s.max(session.at_s);
        session.at_s = self.last_s;
        if session.consent {
            self.matcher.admit(session.visitor);
            self.figures.sessions += 1;
            self.figures.log_ins += u64::from(session.login.is_some());
            ::metrics::counter!(metrics::SESSIONS).increment(1);
        }
        let answer = self.matcher.observe(&session);
        self.figures.ids += u64::from(answer.is_some());
        if let Some(answer) =
            answer.filter(|_| self.judged_until.is_none_or(|until| over_at > until))
        {
            for link in links(&answer, over.node, moment)? {
                out.link(link).await?;
            }
        }
        if self.matcher.due() {
            self.matcher.learn();
            let model = self.matcher.model();
            let points = |scorer: &Option<kith_matching::visitors::Scorer>| {
                let quality = scorer.as_ref().map(|scorer| scorer.quality.points.clone());
                quality.unwrap_or_default()
            };
            self.figures.person = points(&model.person);
            self.figures.household = points(&model.household);
        }
        Ok(())
    }

    /// Whether a session counts: its person consents, and did when it ended. What was said under
    /// the visitor id itself is known as of then; of what was said elsewhere, only the last.
    fn consents(&self, known: Option<&Known>, id: u64, last: Timestamp) -> bool {
        let Some(since) = known.and_then(|known| known.consented_at) else {
            return false;
        };
        self.said.get(&id).copied().unwrap_or(since <= last)
    }
}

/// Events of a part of the log, and where to go on.
fn read(
    handle: &Handle,
    from: Position,
    end: Position,
) -> Result<(Vec<Event>, Position), log::Error> {
    let (mut events, mut next) = (Vec::new(), from);
    handle.visit_log(from, READ_RECORDS, &mut |position, stored| {
        if position >= end {
            return;
        }
        next = position + 1;
        if Record::event_label(stored).is_some()
            && let Ok(Record::Event(event)) = Record::decode(stored)
        {
            events.push(event);
        }
    })?;
    Ok((events, next))
}

/// When the first event from a place of the log on came; `None` when there is none close to it.
fn received_at(handle: &Handle, position: Position) -> Option<Timestamp> {
    let near = handle.read_log(position, DATED_RECORDS).ok()?;
    near.into_iter().find_map(|(_, record)| match record {
        Ok(Record::Event(event)) => Some(event.received_at),
        _ => None,
    })
}

/// What an event says of a category.
fn granted(event: &Event, category: &str) -> Option<bool> {
    let properties = event.properties.value();
    let Value::Map(said) = properties.path("categories") else {
        return None;
    };
    match said.get(category) {
        Some(Value::Bool(granted)) => Some(*granted),
        _ => None,
    }
}

fn person_behind(
    state: &dyn state::Read,
    project: &Project,
    node: NodeId,
) -> Result<Option<Known>, state::Error> {
    let person = query::resolve_person(state, node.person())?;
    let known = person.map(|person| query::known(state, project, person));
    Ok(known.transpose()?.flatten())
}

/// The links of an answer that are probable enough and not written yet.
fn links(
    answer: &Answer,
    node: NodeId,
    moment: &Moment,
) -> Result<Vec<ProbableLink>, state::Error> {
    let view = &moment.view;
    let mut links: Vec<ProbableLink> = Vec::new();
    let (person, household) = (answer.person.as_ref(), answer.household.as_ref());
    let Some(own) = people::identifier(view, node)? else {
        return Ok(links);
    };
    for (link, basis) in [(person, Basis::Visitors), (household, Basis::Household)] {
        let likely = link.filter(|link| thousandths(link) >= moment.least());
        let Some((link, (earlier, other))) = likely
            .map(|link| Ok(behind(&*view.state, link.earlier)?.map(|found| (link, found))))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        let held = held::between(&*view.state, held::pair(node, earlier))?;
        let stands =
            held.is_some_and(|row| row.basis != Basis::Household || basis == Basis::Household);
        let told = links.iter().any(|told| told.b == other);
        let same = query::resolve_person(&*view.state, node.person())?
            == query::resolve_person(&*view.state, earlier.person())?;
        if !stands && !told && !same {
            let confidence = thousandths(link);
            let reasons = link.reasons.iter();
            let reasons = reasons.map(|(name, margin)| ((*name).to_owned(), bits(*margin)));
            links.push(ProbableLink {
                a: own.clone(),
                b: other,
                basis,
                confidence,
                reasons: reasons.collect(),
            });
        }
    }
    Ok(links)
}

fn thousandths(link: &Link) -> u16 {
    (link.confidence.clamp(0.0, 1.0) * 1_000.0).round() as u16
}

/// Log-odds as bits.
fn bits(margin: f32) -> f32 {
    margin / std::f32::consts::LN_2
}

/// The node of a visitor id by its number, and how it is called.
fn behind(state: &dyn state::Read, id: u64) -> Result<Option<(NodeId, Identifier)>, state::Error> {
    let [node] = table::nodes_from(state, &id.to_be_bytes())?[..] else {
        return Ok(None);
    };
    let row = table::read_node(state, node)?;
    Ok(row.map(|row| (node, row.identifier())))
}
