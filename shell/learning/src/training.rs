//! Models that are trained in the background, on a thread of their own.
//!
//! A training takes what the live models remember of each node and what the catalog says of each
//! item. Settings are chosen on the shop's own histories, within a bound of work.

mod fit;

use std::sync::{Arc, mpsc};
use std::thread;

use kith_base::Timestamp;
use kith_definition::RecipeModel;
use kith_engine::Stream;
use kith_learn::artefact::Artefact;
use kith_runtime::Handle;

use crate::metrics;
use crate::registry::{Error, MODELS, Made, Registry};

/// At least so long between two trainings.
const INTERVAL_MILLIS: i64 = 10 * 60_000;
/// A training takes no more of the time than one part in so many.
const SHARE: i64 = 10;
/// A training follows once so many more events than at the last one were heard, of ten.
const MORE_TENTHS: u64 = 11;
/// Nodes with fewer histories than this teach nothing about each other.
const HISTORIES_MIN: usize = 10;

type Outcome = (RecipeModel, Result<Made, Error>);

/// Trains, and puts in force what came of it.
pub(crate) struct Training {
    registry: Arc<Registry>,
    opened: bool,
    under_way: Option<mpsc::Receiver<Outcome>>,
    /// When the last one began, and how much was heard by then.
    last: Option<(Timestamp, u64)>,
    /// How long the last one took, in milliseconds.
    took_millis: i64,
}

impl Training {
    /// With where models are kept.
    pub fn new(registry: Arc<Registry>) -> Self {
        Training {
            registry,
            opened: false,
            under_way: None,
            last: None,
            took_millis: 0,
        }
    }

    /// Where models are kept.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Puts in force what is ready, and begins a training when it is due. `caught_up` is whether
    /// the whole log was heard.
    pub fn step(&mut self, handle: &Handle, stream: &Stream, caught_up: bool, now: Timestamp) {
        let project = handle.project();
        let wanted = MODELS.map(|model| project.placements.asks_for(model));
        if !wanted.contains(&true) {
            return;
        }
        if !self.opened {
            self.opened = true;
            for model in MODELS {
                self.registry.open(handle, model);
            }
        }
        let was_under_way = self.under_way.is_some();
        self.take(handle, mpsc::Receiver::try_recv);
        if let (true, None, Some((began, _))) = (was_under_way, &self.under_way, self.last) {
            self.took_millis = now.since(began).as_millis();
        }
        let in_force = &handle.view().learned.recommenders;
        let there = [in_force.linear.is_some(), in_force.content.is_some()];
        let lacks = wanted
            .iter()
            .zip(there)
            .any(|(wanted, there)| *wanted && !there);
        if self.last.is_none() && caught_up && !lacks {
            // The files of the last process serve until there is more to learn.
            self.last = Some((now, stream.heard()));
        }
        let due = match self.last {
            None => true,
            Some((at, heard)) => {
                let interval = INTERVAL_MILLIS.max(self.took_millis.saturating_mul(SHARE));
                let long_ago = now.since(at).as_millis() >= interval;
                long_ago && stream.heard() * 10 > heard * MORE_TENTHS
            }
        };
        if due && caught_up && self.under_way.is_none() {
            self.begin(handle, stream, now);
        }
    }

    /// Waits for the training under way, if there is one, and puts in force what came of it.
    pub fn finish(&mut self, handle: &Handle) {
        while self.under_way.is_some() {
            self.take(handle, mpsc::Receiver::recv);
        }
    }

    fn begin(&mut self, handle: &Handle, stream: &Stream, now: Timestamp) {
        let histories = stream.histories();
        if histories.users() < HISTORIES_MIN {
            return;
        }
        self.last = Some((now, stream.heard()));
        let ids: Vec<String> = stream.ids().map(str::to_owned).collect();
        let (handle, registry) = (handle.clone(), Arc::clone(&self.registry));
        let (tell, told) = mpsc::channel();
        self.registry.training_began(now);
        let work = move || {
            let keep = |model, made: Result<Artefact, Error>| {
                let made = made.and_then(|made| registry.keep(model, made));
                // Nobody waits for it any more when the server ends.
                drop(tell.send((model, made)));
            };
            keep(RecipeModel::Content, fit::of_catalog(&handle, now));
            let reached = &mut |share| registry.training_reached(share);
            let made = fit::of_histories(&histories, ids, now, reached);
            keep(RecipeModel::Linear, made);
        };
        let thread = thread::Builder::new().name("kith-training".to_owned());
        match thread.spawn(work) {
            Ok(_) => self.under_way = Some(told),
            Err(error) => {
                tracing::error!(%error, "no thread to train models on");
                self.registry.training_ended();
            }
        }
    }

    /// Takes what came of a training, until nothing is there or all of it was.
    fn take<E>(
        &mut self,
        handle: &Handle,
        next: impl Fn(&mpsc::Receiver<Outcome>) -> Result<Outcome, E>,
    ) where
        E: Into<mpsc::TryRecvError>,
    {
        while let Some(told) = &self.under_way {
            match next(told).map_err(Into::into) {
                Ok((model, Ok(made))) => self.registry.put(handle, model, made),
                Ok((model, Err(error))) => {
                    ::metrics::counter!(metrics::ERRORS).increment(1);
                    tracing::error!(model = model.as_str(), %error, "a model was not trained");
                    self.registry.training_failed(model, &error);
                }
                Err(mpsc::TryRecvError::Empty) => return,
                Err(mpsc::TryRecvError::Disconnected) => {
                    self.under_way = None;
                    self.registry.training_ended();
                }
            }
        }
    }
}
