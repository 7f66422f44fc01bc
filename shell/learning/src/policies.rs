//! Which offer works, from decisions and what came of them.
//!
//! A fold of the log: definitions say which placements learn and from what, decisions open a
//! window, events within it are rewards, and time closes it. An event names its decision
//! (`decision_id`, as the tag reports clicks) or counts for the latest open decision of its person
//! in the placement: of the identifiers that the person had when it was taken, or that an event
//! named together with them since.

mod checkpoint;
mod reward;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use kith_base::limits::LEARNING_SEEN_MAX;
use kith_base::{Digest, Duration, NodeId, Timestamp, limits};
use kith_decide::bandit::{Bandit, Fact, Ignored, Settings};
use kith_definition::{Kind, Learning, Placement};
use kith_engine::decide::{Logged, slot_name};
use kith_engine::{Learned, Policies as InForce};
use kith_event::{DecisionTaken, DefinitionChange, Event, Position, Record};
use kith_identity::Rules;
use kith_rule::CompiledFilter;
use kith_runtime::Handle;
use serde::{Deserialize, Serialize};

use crate::open::{Open, OpenDecision, nodes, rules};
use reward::{Told, reward};

/// What was learned comes into force at most so often.
const IN_FORCE_EVERY: Duration = Duration::from_millis(250);
/// How often it is written to disk.
const KEPT_EVERY: Duration = Duration::from_secs(30);

/// Which offer works, from decisions and what came of them.
pub(crate) struct Policies {
    kept: Kept,
    /// What a reward is, by placement.
    rewards: BTreeMap<String, CompiledFilter>,
    identity: Rules,
    /// Something changed since it came into force, and since it was written.
    changed: bool,
    unwritten: bool,
    in_force_at: Option<Timestamp>,
    written_at: Option<Timestamp>,
    file: Option<PathBuf>,
    /// Rewards that counted, by decision, where somebody asks for them.
    heard: Option<BTreeMap<String, f64>>,
}

/// All that follows from the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    next: Position,
    at: Timestamp,
    bandit: Bandit,
    /// Placements that learn, or did while decisions still wait.
    placements: BTreeMap<String, Learns>,
    /// Text of the identity rules.
    identity: Option<String>,
    open: Open,
    ignored: BTreeMap<String, BTreeMap<String, u64>>,
    /// Rewards lately, to leave out what was sent twice.
    seen: BTreeSet<Digest>,
    seen_order: VecDeque<Digest>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Learns {
    learning: Learning,
    /// It learns from no further decision.
    ended: bool,
}

impl Kept {
    fn new() -> Self {
        Kept {
            next: 0,
            at: Timestamp::ZERO,
            bandit: Bandit::new(Settings::default()),
            placements: BTreeMap::new(),
            identity: None,
            open: Open::default(),
            ignored: BTreeMap::new(),
            seen: BTreeSet::new(),
            seen_order: VecDeque::new(),
        }
    }
}

impl Policies {
    /// Nothing known.
    pub fn new() -> Self {
        Policies {
            kept: Kept::new(),
            rewards: BTreeMap::new(),
            identity: Rules::default(),
            changed: false,
            unwritten: false,
            in_force_at: None,
            written_at: None,
            file: None,
            heard: None,
        }
    }

    /// What the file says, if it can be used with a log of that end; written there from now on.
    pub fn open(file: PathBuf, end: Position) -> Self {
        let mut policies = Policies::new();
        match checkpoint::read::<Kept>(&file) {
            Ok(Some(kept)) if kept.next <= end => policies.restore(kept),
            Ok(Some(_)) => tracing::warn!("what was learned is of another log; it is made anew"),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "what was learned is read from the log again"),
        }
        policies.file = Some(file);
        policies
    }

    fn restore(&mut self, kept: Kept) {
        self.identity = kept.identity.as_deref().and_then(rules).unwrap_or_default();
        self.rewards = kept
            .placements
            .iter()
            .filter_map(|(id, learns)| Some((id.clone(), reward(&learns.learning)?)))
            .collect();
        self.kept = kept;
        self.changed = true;
    }

    /// Of one placement, to hear which rewards count.
    pub fn only(placement: &str, learning: &Learning, identity: Rules) -> Self {
        let mut policies = Policies::new();
        policies.identity = identity;
        policies.heard = Some(BTreeMap::new());
        if let Some(reward) = reward(learning) {
            let learns = Learns {
                learning: learning.clone(),
                ended: false,
            };
            policies.rewards.insert(placement.to_owned(), reward);
            policies
                .kept
                .placements
                .insert(placement.to_owned(), learns);
        }
        policies
    }

    /// The latest instant told, and the rewards that counted.
    pub fn heard(self) -> (Timestamp, BTreeMap<String, f64>) {
        (self.kept.at, self.heard.unwrap_or_default())
    }

    /// The next record of the log; one that is known already changes nothing.
    pub fn fold(&mut self, position: Position, record: &Record) {
        if position < self.kept.next {
            return;
        }
        self.kept.next = position + 1;
        match record {
            Record::Definition(change) => self.define(change),
            Record::Definitions(changes) => changes.iter().for_each(|one| self.define(one)),
            _ if self.kept.placements.is_empty() => {}
            Record::Decision(taken) => self.decided(taken),
            Record::Event(event) => self.happened(event),
            Record::Tick(at) => self.pass(*at),
            _ => {}
        }
    }

    fn define(&mut self, change: &DefinitionChange) {
        if change.kind == Kind::Identity.as_str() {
            let text = (!change.archived).then(|| change.spec.as_str().to_owned());
            self.identity = text.as_deref().and_then(rules).unwrap_or_default();
            self.kept.identity = text;
            self.unwritten = true;
        }
        if change.kind != Kind::Placement.as_str() {
            return;
        }
        let spec = Placement::parse(&change.spec).ok();
        let learning = spec.and_then(|spec| spec.learning);
        let learning = learning.filter(|_| !change.archived);
        match learning.and_then(|learning| Some((reward(&learning)?, learning))) {
            Some((reward, learning)) => {
                let learns = Learns {
                    learning,
                    ended: false,
                };
                self.rewards.insert(change.id.clone(), reward);
                self.kept.placements.insert(change.id.clone(), learns);
            }
            None => match self.kept.placements.get_mut(&change.id) {
                Some(learns) => learns.ended = true,
                None => return,
            },
        }
        self.forget_ended();
        self.touched();
    }

    /// A placement that learns no more is kept until its last decision is settled.
    fn forget_ended(&mut self) {
        let waiting = self.kept.open.waiting();
        self.kept
            .placements
            .retain(|id, learns| !learns.ended || waiting.contains_key(id));
        let placements = &self.kept.placements;
        self.rewards.retain(|id, _| placements.contains_key(id));
    }

    fn decided(&mut self, taken: &DecisionTaken) {
        self.pass(taken.at);
        let found = self.kept.placements.get(&taken.placement);
        let Some(learns) = found.filter(|learns| !learns.ended) else {
            return;
        };
        let window = learns.learning.window();
        let Some(logged) = Logged::read(taken) else {
            return;
        };
        let mut known = false;
        for decided in logged.slots(window) {
            let folded = self.kept.bandit.fold(Fact::Decided(decided));
            known |= folded.is_ok();
            self.note(&taken.placement, folded);
        }
        if known {
            let offers = logged.drawn().map(str::to_owned).collect();
            let times = (taken.at, taken.at.plus(window));
            let open = OpenDecision::new(&taken.decision_id, &taken.placement, times, offers);
            let mut of_person = logged.drawing.nodes;
            let own = nodes(&self.identity, &taken.identifiers);
            for node in own {
                if !of_person.contains(&node) {
                    of_person.push(node);
                }
            }
            self.kept.open.open(open, &of_person);
        }
        self.touched();
    }

    fn happened(&mut self, event: &Event) {
        self.pass(event.received_at);
        let nodes = nodes(&self.identity, &event.identifiers);
        self.kept.open.link(&nodes);
        let matching: Vec<String> = self
            .rewards
            .iter()
            .filter(|(_, reward)| kith_profile::takes(reward, event))
            .map(|(placement, _)| placement.clone())
            .collect();
        if matching.is_empty() {
            return;
        }
        let key = event.deduplication_key();
        if self.kept.seen.contains(&key) {
            return;
        }
        let told = Told::of(event);
        let mut counted = false;
        for placement in matching {
            counted |= self.reward(&placement, event, &told, &nodes);
        }
        if counted {
            self.remember(key);
            self.touched();
        }
    }

    /// Counts an event as the reward of a decision of this placement; false when there is none.
    fn reward(&mut self, placement: &str, event: &Event, told: &Told, nodes: &[NodeId]) -> bool {
        if told
            .placement
            .as_deref()
            .is_some_and(|named| named != placement)
        {
            return false;
        }
        let found = match &told.decision_id {
            Some(id) => self.kept.open.get(id),
            None => {
                let slack = Duration::from_secs(limits::CLOCK_AHEAD_MAX_S);
                let by = event.occurred_at.plus(slack);
                self.kept.open.latest(nodes, placement, by)
            }
        };
        let slot = match (found, &told.decision_id) {
            (Some(open), _) if open.placement != placement => return false,
            (Some(open), _) => {
                let place = |id: &String| open.offers.iter().position(|offer| offer == id);
                let number = match &told.choice_id {
                    None => Some(0),
                    Some(id) => place(id),
                };
                let Some(number) = number else {
                    self.count(placement, "not-drawn");
                    return true;
                };
                slot_name(&open.decision_id, number)
            }
            (None, Some(id)) => id.clone(),
            (None, None) => return false,
        };
        let folded = self.kept.bandit.fold(Fact::Rewarded {
            decision: slot.clone(),
            reward: told.reward,
            at: event.occurred_at,
        });
        if let (Some(heard), Ok(())) = (&mut self.heard, &folded) {
            heard.insert(slot, told.reward);
        }
        self.note(placement, folded);
        true
    }

    fn pass(&mut self, now: Timestamp) {
        self.kept.at = self.kept.at.max(now);
        let closes = self.kept.bandit.next_close();
        if closes.is_some_and(|at| at <= self.kept.at) {
            let _ = self.kept.bandit.fold(Fact::Passed(self.kept.at));
            self.kept.open.close(self.kept.at);
            self.forget_ended();
            self.touched();
        }
    }

    fn note(&mut self, placement: &str, folded: Result<(), Ignored>) {
        if let Err(ignored) = folded {
            self.count(placement, ignored.code());
        }
    }

    fn count(&mut self, placement: &str, reason: &str) {
        let reasons = self.kept.ignored.entry(placement.to_owned()).or_default();
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }

    fn remember(&mut self, key: Digest) {
        self.kept.seen.insert(key);
        self.kept.seen_order.push_back(key);
        if self.kept.seen_order.len() > LEARNING_SEEN_MAX
            && let Some(oldest) = self.kept.seen_order.pop_front()
        {
            self.kept.seen.remove(&oldest);
        }
    }

    fn touched(&mut self) {
        self.changed = true;
        self.unwritten = true;
    }

    /// Puts what was learned in force, when there is anything new.
    pub fn put_in_force(&mut self, handle: &Handle, now: Timestamp) {
        let due = |last: Option<Timestamp>, every: Duration| {
            last.is_none_or(|last| now >= last.plus(every) || now < last)
        };
        if self.changed && due(self.in_force_at, IN_FORCE_EVERY) {
            let policies = Arc::new(InForce {
                bandit: self.kept.bandit.served(),
                ignored: self.kept.ignored.clone(),
                waiting: self.kept.open.waiting().clone(),
                read: self.kept.next,
                at: self.kept.at,
            });
            handle.learn(|learned| Learned {
                policies: Arc::clone(&policies),
                ..learned.clone()
            });
            self.changed = false;
            self.in_force_at = Some(now);
        }
        if self.unwritten && due(self.written_at, KEPT_EVERY) {
            self.written_at = Some(now);
            self.write();
        }
    }

    /// Writes what was learned, where it is kept.
    pub fn write(&mut self) {
        let Some(file) = self.file.as_ref().filter(|_| self.unwritten) else {
            return;
        };
        match checkpoint::write(file, &self.kept) {
            Ok(()) => self.unwritten = false,
            Err(error) => tracing::warn!(%error, "what was learned could not be written"),
        }
    }
}
