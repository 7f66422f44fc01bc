//! Judging recipes on a thread of its own, when somebody asks.

use std::thread::{self, JoinHandle};

use kith_base::Timestamp;
use kith_runtime::Handle;

use super::judge;
use crate::learner::Status;
use crate::metrics;

/// Judges what is asked for, one go at a time.
pub(crate) struct Judging {
    status: Status,
    under_way: Option<JoinHandle<()>>,
}

impl Judging {
    /// Nothing under way.
    pub fn new(status: Status) -> Self {
        Judging {
            status,
            under_way: None,
        }
    }

    /// Begins when somebody asks and nothing is under way.
    pub fn step(&mut self, handle: &Handle, now: Timestamp) {
        if self
            .under_way
            .as_ref()
            .is_some_and(|work| !work.is_finished())
        {
            return;
        }
        self.finish();
        let recipes = self.status.reports.wanted();
        if recipes.is_empty() {
            return;
        }
        let (handle, status) = (handle.clone(), self.status.clone());
        let work = move || {
            let judged = judge::judge(&handle, &status.registry, &recipes, now);
            let mut judged = judged.unwrap_or_else(|error| {
                ::metrics::counter!(metrics::ERRORS).increment(1);
                tracing::error!(%error, "recipes could not be judged");
                Default::default()
            });
            for recipe in recipes {
                let judgement = judged.remove(&recipe);
                status.reports.settle(recipe, judgement);
            }
        };
        let thread = thread::Builder::new().name("kith-judging".to_owned());
        match thread.spawn(work) {
            Ok(work) => self.under_way = Some(work),
            Err(error) => tracing::error!(%error, "no thread to judge recipes on"),
        }
    }

    /// Waits for what is under way.
    pub fn finish(&mut self) {
        if self
            .under_way
            .take()
            .is_some_and(|work| work.join().is_err())
        {
            tracing::error!("the thread that judges recipes panicked");
        }
    }
}
