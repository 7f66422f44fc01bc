//! What to recommend, from what people do with items.
//!
//! Nothing is learned while no recipe is defined; when the first one is, the log is read again from
//! its beginning, apart from the others. What is learned is held twice: one copy serves while the
//! other hears what happens, and they change places at most once a second, so that a decision never
//! waits and never sees half an event.

use std::sync::Arc;

use kith_base::{Timestamp, Value, limits};
use kith_engine::decide::groups_of;
use kith_engine::{Heard, Learned, Project, Recommenders as Served, Stream};
use kith_event::{Commerce, Event, Position, Record};
use kith_learn::Kind;
use kith_runtime::{Handle, log};

use crate::registry::Registry;
use crate::training::Training;

/// How long what was learned serves before it is looked whether there is more.
const PUBLISH_MILLIS: i64 = 1_000;
/// Records read in one step.
const RECORDS_PER_STEP: usize = 1_000;
/// Events that wait for the resting copy beyond which no more are read.
const LAG_MAX: usize = 200_000;

/// Something that a copy hears.
#[derive(Clone)]
pub(crate) enum Told {
    Heard(Heard),
    Described(Arc<str>, Vec<Arc<str>>),
}

impl Told {
    pub fn tell(&self, stream: &mut Stream) {
        match self {
            Told::Heard(heard) => stream.hear(heard),
            Told::Described(item, groups) => stream.describe(item, groups),
        }
    }
}

/// What to recommend, from what people do with items.
pub(crate) struct Recommenders {
    next: Position,
    /// The copy that hears, when it is not in use any more.
    resting: Arc<Stream>,
    /// What one of the copies still has to hear.
    waiting: Vec<Told>,
    /// How many of `waiting` the copy in force has heard.
    heard_in_force: usize,
    /// How many of `waiting` the resting copy has heard.
    heard_resting: usize,
    published_at: Option<Timestamp>,
    at_work: bool,
    training: Training,
}

impl Recommenders {
    /// Nothing known, with where trained models are kept.
    pub fn new(registry: Arc<Registry>) -> Self {
        Recommenders {
            next: 0,
            resting: Arc::default(),
            waiting: Vec::new(),
            heard_in_force: 0,
            heard_resting: 0,
            published_at: None,
            at_work: false,
            training: Training::new(registry),
        }
    }

    /// Learns from the next records; true when there is more to do at once.
    pub fn step(&mut self, handle: &Handle, now: Timestamp) -> Result<bool, log::Error> {
        let project = handle.project();
        if !project.placements.has_recipes() {
            if self.at_work {
                *self = Recommenders::new(Arc::clone(self.training.registry()));
                put(handle, &Arc::default());
            }
            return Ok(false);
        }
        self.at_work = true;
        if self.waiting.len() >= LAG_MAX && !self.catch_up() {
            // Somebody still looks at the resting copy; it is free within the time of an answer.
            return Ok(false);
        }
        let records = handle.read_log(self.next, RECORDS_PER_STEP)?;
        let more = records.len() == RECORDS_PER_STEP;
        for (position, record) in records {
            if let Ok(record) = &record {
                self.fold(&project, record);
            }
            self.next = position + 1;
        }
        self.catch_up();
        self.put_in_force(handle, now);
        let stream = Arc::clone(&handle.view().learned.recommenders.stream);
        let caught_up = !more && self.heard_in_force == self.waiting.len();
        self.training.step(handle, &stream, caught_up, now);
        Ok(more)
    }

    /// Waits for the training under way, if there is one.
    pub fn finish_training(&mut self, handle: &Handle) {
        self.training.finish(handle);
    }

    fn fold(&mut self, project: &Project, record: &Record) {
        told(project, record, &mut |told| self.waiting.push(told));
    }

    /// Lets the resting copy hear what it has not heard; false while somebody looks at it.
    fn catch_up(&mut self) -> bool {
        let Some(stream) = Arc::get_mut(&mut self.resting) else {
            return false;
        };
        for told in &self.waiting[self.heard_resting..] {
            told.tell(stream);
        }
        self.heard_resting = self.waiting.len();
        let both = self.heard_resting.min(self.heard_in_force);
        self.waiting.drain(..both);
        self.heard_resting -= both;
        self.heard_in_force -= both;
        true
    }

    /// Lets the copies change places, when there is anything new.
    fn put_in_force(&mut self, handle: &Handle, now: Timestamp) {
        let due = self
            .published_at
            .is_none_or(|at| now.since(at).as_millis().abs() >= PUBLISH_MILLIS);
        if !due || self.heard_resting <= self.heard_in_force {
            return;
        }
        let Some(stream) = Arc::get_mut(&mut self.resting) else {
            return;
        };
        stream.settle();
        let before = Arc::clone(&handle.view().learned.recommenders.stream);
        put(handle, &self.resting);
        self.resting = before;
        std::mem::swap(&mut self.heard_in_force, &mut self.heard_resting);
        self.published_at = Some(now);
    }
}

fn put(handle: &Handle, stream: &Arc<Stream>) {
    handle.learn(|learned| Learned {
        recommenders: Arc::new(Served {
            stream: Arc::clone(stream),
            ..(*learned.recommenders).clone()
        }),
        ..learned.clone()
    });
}

/// What a record says to the models that every event changes.
pub(crate) fn told(project: &Project, record: &Record, tell: &mut dyn FnMut(Told)) {
    match record {
        Record::Event(event) => heard(project, event, tell),
        Record::Catalog(change) => {
            for (id, item) in &change.items {
                let Some(item) = item else { continue };
                let stored: Value = item.value();
                let groups = groups_of(&stored).into_iter().map(Arc::from).collect();
                tell(Told::Described(Arc::from(id.as_str()), groups));
            }
        }
        _ => {}
    }
}

fn heard(project: &Project, event: &Event, tell: &mut dyn FnMut(Told)) {
    let Some(kind) = kind_of(&event.name) else {
        return;
    };
    let Some(node) = project.strongest_node(&event.identifiers) else {
        return;
    };
    let commerce = Commerce::read(&event.properties);
    for line in commerce.lines() {
        let Some(item) = line.item_id.as_deref() else {
            continue;
        };
        if item.len() > limits::IDENTIFIER_MAX_CHARS || item.contains('\0') {
            continue;
        }
        let groups = [("category", &line.category), ("brand", &line.brand)];
        let groups = groups.into_iter().filter_map(|(dimension, key)| {
            Some(Arc::from(format!("{dimension}:{}", key.as_deref()?)))
        });
        tell(Told::Heard(Heard {
            node,
            item: Arc::from(item),
            kind,
            at: event.occurred_at,
            groups: groups.collect(),
        }));
    }
}

/// What an event says somebody did with its items.
pub(crate) fn kind_of(name: &str) -> Option<Kind> {
    match name {
        "Product Viewed" => Some(Kind::Viewed),
        "Product Added to Wishlist" => Some(Kind::Saved),
        "Product Added" => Some(Kind::Carted),
        "Order Completed" => Some(Kind::Bought),
        _ => None,
    }
}
