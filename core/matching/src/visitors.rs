//! Which earlier visitor id a new one probably continues, on a site's own signals alone.
//!
//! Somebody whose cookie was lost, or who takes another device, comes as a new visitor id.
//! [`Matcher::observe`] takes the sessions of a site as they end. When it is the first of an id it
//! answers with the earlier id of probably the same person, and of probably the same household,
//! each with its own confidence. These are links to be weighed by who reads them: nothing is
//! merged here.
//!
//! - **Signals**: address and network as keyed hashes, kind of line, what the browser tells with
//!   every request, the hour, the items looked at. Nothing is probed in the browser.
//! - **Candidates** come from bounded [`rings`] of the newest ids of an address, a network, a
//!   device, an item. [`features`] compares them.
//! - **Learning** ([`Matcher::learn`], to be called when [`Matcher::due`]) takes log-ins as the
//!   truth and holds a third of them out at a time, which tells precision and recall of the
//!   confidence (see [`Quality`]). Until enough persons logged in, there are no links.
//! - **Consent** is the gate: a session without it changes nothing here and takes out its id as
//!   [`Matcher::withdraw`] does.
//!
//! Not here: clock, randomness, I/O. Equal sessions and seeds give equal answers.

mod examples;
mod features;
mod history;
mod housemates;
mod learn;
mod metrics;
mod quality;
mod rings;
mod session;
mod site;
mod topics;

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits::{
    VISITOR_CHAIN_MAX, VISITOR_REFUSED_MAX, VISITOR_TOPIC_IDS_MAX, VISITORS_MAX,
};
use serde::{Deserialize, Serialize};

use crate::boost;
use examples::{Candidate, Example, Examples};
use features::{Around, Row};
use history::{History, Linked};
use housemates::Housemates;
pub use learn::Scorer;
pub use metrics::{Cut, Figures, Scored, cuts, figures};
pub use quality::{Point, Quality};
use rings::{Key, Rings};
pub use session::{Device, Net, Session};
use site::Site;
use topics::Topics;

/// Links of at least this confidence add up to chains, whose tastes and hours count together.
const CHAIN_CONFIDENCE_MIN: f32 = 0.7;
/// Candidates of a returning visitor, itself included, that likeness is learned from.
const RETURNING_CANDIDATES: usize = 16;
/// One in so many returning sessions is learned from.
const RETURNING_SHARE: u64 = 4;
/// Log-ins of new ids before the first training.
const FRESH_MIN: usize = 20;
/// What most moved an answer: so many comparisons are told.
const REASONS: usize = 5;

/// What was learned, to be stored and to start another [`Matcher`] with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    topics: Topics,
    likeness: Option<boost::Model>,
    /// Links of ids to ids of the same person.
    pub person: Option<Scorer>,
    /// Links of ids to ids of the same household.
    pub household: Option<Scorer>,
}

/// How a matcher works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether sessions are kept to learn from.
    pub learning: bool,
    /// Ids kept; beyond it the sixteenth part that was not seen for longest is dropped.
    pub visitors_max: usize,
    /// Of everything drawn while learning.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            learning: true,
            visitors_max: VISITORS_MAX,
            seed: 1,
        }
    }
}

/// All that is known of a site's consenting visitors.
#[derive(Clone, Debug)]
pub struct Matcher {
    settings: Settings,
    visitors: BTreeMap<u64, History>,
    /// Ids that refused; they stay out until [`Matcher::admit`].
    refused: BTreeSet<u64>,
    rings: Rings,
    site: Site,
    examples: Examples,
    /// Examples at the last training.
    trained: usize,
    model: Model,
}

/// A probable link to an earlier id.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The id seen before.
    pub earlier: u64,
    /// Log-odds before calibration: puts links of equal confidence in order.
    pub margin: f32,
    /// The probability that it is right, as held-out log-ins say.
    pub confidence: f32,
    /// What moved the margin most, by name of the comparison.
    pub reasons: Vec<(&'static str, f32)>,
}

/// What is said of a new id when its first session ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The new id.
    pub visitor: u64,
    /// Earlier ids it was compared with.
    pub candidates: usize,
    /// The best of them as the same person.
    pub person: Option<Link>,
    /// The best of them as of the same household.
    pub household: Option<Link>,
    /// The best of them as the same person is a device that two persons logged in on: it is
    /// nobody's, and so no link to a person.
    pub shared_device: Option<Link>,
}

/// A link that stands: the new id, the earlier one.
pub type Edge = (u64, u64);

impl Matcher {
    /// Starts with nobody known.
    pub fn new(settings: Settings, model: Model) -> Self {
        let mut site = Site::default();
        site.set_topics(model.topics.clone());
        Matcher {
            settings,
            visitors: BTreeMap::new(),
            refused: BTreeSet::new(),
            rings: Rings::default(),
            site,
            examples: Examples::default(),
            trained: 0,
            model,
        }
    }

    /// What was learned so far.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Takes a session that ended. Sessions must come in order of time. Answers at the first of an
    /// id; a session without consent withdraws its id.
    pub fn observe(&mut self, session: &Session) -> Option<Answer> {
        if !session.consent {
            self.withdraw(session.visitor);
            return None;
        }
        if self.refused.contains(&session.visitor) {
            return None;
        }
        let keys = Key::all(session);
        let new = !self.visitors.contains_key(&session.visitor);
        let answer = if new {
            self.make_room();
            Some(self.answer(session, &keys))
        } else {
            self.learn_from_return(session, &keys);
            None
        };
        self.site.add(session, new);
        let topics = &self.site.topics;
        match self.visitors.get_mut(&session.visitor) {
            Some(history) => history.add(session, topics),
            None => {
                let history = History::new(session, topics);
                self.visitors.insert(session.visitor, history);
            }
        }
        if let Some(answer) = &answer {
            self.link(answer, session.at_s);
        }
        self.rings.insert(&keys, session.visitor);
        if session.login.is_some() {
            self.examples.confirm(session.visitor);
        }
        answer
    }

    fn answer(&mut self, session: &Session, keys: &[Key]) -> Answer {
        let example = self.example(session, self.rings.candidates(keys));
        let all = || example.candidates.iter();
        let near = all().filter(|one| features::is_near(&one.row));
        let best = best(self.model.person.as_ref(), all());
        let shared = best.as_ref().is_some_and(|link| {
            self.visitors
                .get(&link.earlier)
                .is_some_and(|old| old.shared)
        });
        let (person, shared_device) = if shared { (None, best) } else { (best, None) };
        let answer = Answer {
            visitor: session.visitor,
            candidates: example.candidates.len(),
            person,
            household: self::best(self.model.household.as_ref(), near),
            shared_device,
        };
        if self.settings.learning {
            self.examples.wait(example);
        }
        answer
    }

    /// Compares a session with ids.
    fn example(&self, session: &Session, ids: Vec<u64>) -> Example {
        let known = |id: &u64| Some((*id, self.visitors.get(id)?));
        let earlier: Vec<(u64, &History)> = ids.iter().filter_map(known).collect();
        let histories: Vec<&History> = earlier.iter().map(|(_, history)| *history).collect();
        let around = Around::new(session, &histories, &self.site);
        let compare = |(id, old): &(u64, &History)| {
            let chain = self.chain(*id, old);
            let row = features::compare(session, old, &chain, &around, &self.site);
            let (items, chain_items) = if self.settings.learning {
                let others = chain.iter().skip(1).flat_map(|other| &other.items);
                (old.items.clone(), others.copied().collect())
            } else {
                (Vec::new(), Vec::new())
            };
            Candidate {
                id: *id,
                row,
                items,
                chain_items,
            }
        };
        let mut example = Example {
            visitor: session.visitor,
            items: session.items.clone(),
            candidates: earlier.iter().map(compare).collect(),
        };
        if let Some(likeness) = &self.model.likeness {
            example.liken(likeness);
        }
        example
    }

    /// The id and those linked with it through links of high confidence.
    fn chain<'a>(&'a self, id: u64, history: &'a History) -> Vec<&'a History> {
        let mut chain = vec![(id, history)];
        let mut next = 0;
        while next < chain.len() && chain.len() < VISITOR_CHAIN_MAX {
            let old = chain[next].1;
            let earlier = old
                .person
                .filter(|link| link.confidence >= CHAIN_CONFIDENCE_MIN);
            let later = old.followers.iter().map(|(id, _)| *id);
            for id in earlier.map(|link| link.earlier).into_iter().chain(later) {
                if chain.len() < VISITOR_CHAIN_MAX
                    && chain.iter().all(|(known, _)| *known != id)
                    && let Some(history) = self.visitors.get(&id)
                {
                    chain.push((id, history));
                }
            }
            next += 1;
        }
        chain.into_iter().map(|(_, history)| history).collect()
    }

    fn link(&mut self, answer: &Answer, at_s: i64) {
        let linked = |link: &Option<Link>| {
            link.as_ref().map(|link| Linked {
                earlier: link.earlier,
                confidence: link.confidence,
            })
        };
        let person = linked(&answer.person);
        if let Some(new) = self.visitors.get_mut(&answer.visitor) {
            new.person = person;
            new.household = linked(&answer.household);
            new.shared_device = linked(&answer.shared_device);
        }
        let strong = person.filter(|link| link.confidence >= CHAIN_CONFIDENCE_MIN);
        if let Some(earlier) = strong.and_then(|link| self.visitors.get_mut(&link.earlier)) {
            earlier.follow(answer.visitor, at_s);
        }
    }

    /// Somebody came back under their own id: as if they had lost it, that is an example of
    /// what one person's sessions have in common.
    fn learn_from_return(&mut self, session: &Session, keys: &[Key]) {
        let drawn = session::mix(session.visitor ^ session.at_s as u64);
        if !self.settings.learning || !drawn.is_multiple_of(RETURNING_SHARE) {
            return;
        }
        let mut ids = self.rings.candidates(keys);
        if !ids.contains(&session.visitor) {
            return;
        }
        ids.sort_by_key(|id| (*id != session.visitor, session::mix(*id ^ drawn)));
        ids.truncate(RETURNING_CANDIDATES);
        let example = self.example(session, ids);
        self.examples.add_returning(example);
    }

    /// Whether enough was learned about for a training to be worth it: half as many log-ins again.
    pub fn due(&self) -> bool {
        self.examples.fresh >= FRESH_MIN && self.examples.fresh * 2 >= self.trained
    }

    /// Trains anew on all log-ins so far. Takes about a second per 10,000 visitors.
    pub fn learn(&mut self) {
        let seed = self.settings.seed;
        let topics = Topics::find(&self.views(), seed);
        self.site.set_topics(topics.clone());
        for history in self.visitors.values_mut() {
            history.count_topics(&topics);
        }
        self.examples.refresh(&self.site);
        let likeness = learn::likeness(self.examples.returning(), seed);
        if let Some(likeness) = &likeness {
            self.examples.liken(likeness);
        }
        let labels = learn::Labels::new(&self.visitors);
        let housemates = Housemates::find(&self.visitors);
        let person = learn::train(&self.examples, &labels, &|one, other| one == other, seed);
        let household = learn::train(
            &self.examples,
            &labels,
            &|one, other| housemates.are(one, other),
            seed,
        );
        self.model = Model {
            topics,
            likeness,
            person,
            household,
        };
        self.trained = self.examples.len();
        self.examples.fresh = 0;
    }

    /// What each of the newest visitors looked at.
    fn views(&self) -> Vec<Vec<u32>> {
        let mut newest: Vec<(i64, &History)> = self
            .visitors
            .values()
            .map(|history| (history.last_s, history))
            .collect();
        newest.sort_by_key(|(last_s, _)| *last_s);
        let from = newest.len().saturating_sub(VISITOR_TOPIC_IDS_MAX);
        let views = |history: &History| {
            let times = |(item, views): &(u32, u16)| std::iter::repeat_n(*item, (*views).into());
            history.items.iter().flat_map(times).collect()
        };
        newest[from..]
            .iter()
            .map(|(_, history)| views(history))
            .collect()
    }

    /// Takes an id out: of everything kept to recognise it, to learn from, and of all links, which
    /// are returned. It stays out until [`Matcher::admit`]. What was learned before stays as sums
    /// in which nobody can be found.
    pub fn withdraw(&mut self, visitor: u64) -> Vec<Edge> {
        if self.refused.len() >= VISITOR_REFUSED_MAX {
            self.refused.pop_first();
        }
        self.refused.insert(visitor);
        self.forget(&BTreeSet::from([visitor]))
    }

    /// Lets an id in again that had refused.
    pub fn admit(&mut self, visitor: u64) {
        self.refused.remove(&visitor);
    }

    /// Every link that stands, of any level.
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.visitors
            .iter()
            .flat_map(|(id, history)| history.links().map(move |link| (*id, link.earlier)))
    }

    fn forget(&mut self, ids: &BTreeSet<u64>) -> Vec<Edge> {
        let known: Vec<(u64, History)> = ids
            .iter()
            .filter_map(|id| Some((*id, self.visitors.remove(id)?)))
            .collect();
        if known.is_empty() {
            return Vec::new();
        }
        let mut dropped = Vec::new();
        for (id, history) in &known {
            dropped.extend(history.links().map(|link| (*id, link.earlier)));
            let addresses = history
                .places
                .iter()
                .flat_map(|place| [place.ip, place.network]);
            self.site.remove(*id, addresses);
        }
        for (id, history) in &mut self.visitors {
            dropped.extend(history.unlink(ids).map(|link| (*id, link.earlier)));
        }
        self.rings.remove(ids);
        self.examples.remove(ids);
        dropped
    }

    fn make_room(&mut self) {
        if self.visitors.len() < self.settings.visitors_max {
            return;
        }
        let mut oldest: Vec<(i64, u64)> = self
            .visitors
            .iter()
            .map(|(id, history)| (history.last_s, *id))
            .collect();
        oldest.sort_unstable();
        oldest.truncate(self.settings.visitors_max.div_ceil(16));
        self.forget(&oldest.into_iter().map(|(_, id)| id).collect());
    }
}

fn best<'a>(
    scorer: Option<&Scorer>,
    candidates: impl Iterator<Item = &'a Candidate>,
) -> Option<Link> {
    let scorer = scorer?;
    let candidates: Vec<&Candidate> = candidates.collect();
    let rows: Vec<&Row> = candidates.iter().map(|one| &one.row).collect();
    let (margin, one) = scorer
        .margins(&rows)
        .into_iter()
        .zip(candidates)
        .max_by(|(a, one), (b, other)| a.total_cmp(b).then(other.id.cmp(&one.id)))?;
    let mut reasons: Vec<(&'static str, f32)> = features::NAMES
        .into_iter()
        .zip(scorer.explain(&one.row))
        .collect();
    reasons.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
    reasons.truncate(REASONS);
    Some(Link {
        earlier: one.id,
        margin,
        confidence: scorer.confidence(margin),
        reasons,
    })
}

#[cfg(test)]
mod tests;
