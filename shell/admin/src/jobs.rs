//! Jobs: long work in the background, as the console shows it. They are remembered until the
//! program ends; what they change is in the log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kith_base::{Duration, Timestamp};

use crate::wire::{Job, JobKind, JobState, Time};

/// Jobs remembered; beyond it the oldest finished one is forgotten.
const JOBS_MAX: usize = 1_000;

/// The list of jobs; clones share it.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<BTreeMap<u64, Job>>>);

/// A job at work. Dropped without [`Running::finish`], it shows as failed.
pub struct Running {
    jobs: Jobs,
    number: u64,
    ended: bool,
}

impl Jobs {
    /// Registers a job that starts now.
    pub fn start(&self, kind: JobKind, name: &str, now: Timestamp) -> Running {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = jobs.last_key_value().map_or(1, |(number, _)| number + 1);
        if jobs.len() >= JOBS_MAX {
            let finished = jobs.iter().find(|(_, job)| job.state != JobState::Running);
            if let Some(number) = finished.map(|(number, _)| *number) {
                jobs.remove(&number);
            }
        }
        let job = Job {
            job_id: number.to_string(),
            kind,
            name: name.to_owned(),
            state: JobState::Running,
            progress: 0.0,
            eta_at: None,
            error: None,
            started_at: Time(now),
            finished_at: None,
        };
        jobs.insert(number, job);
        drop(jobs);
        Running {
            jobs: self.clone(),
            number,
            ended: false,
        }
    }

    /// At most `limit` jobs before the number `before`, newest first.
    pub fn list(&self, before: Option<u64>, limit: usize) -> Vec<Job> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.range(..before.unwrap_or(u64::MAX))
            .rev()
            .take(limit)
            .map(|(_, job)| job.clone())
            .collect()
    }

    /// One job.
    pub fn find(&self, job_id: &str) -> Option<Job> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get(&job_id.parse().ok()?).cloned()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Job)) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.get_mut(&number) {
            change(job);
        }
    }
}

impl Running {
    /// Says how far it is, 0 to 1; the rest is taken to go on at the same speed.
    pub fn progress(&self, share: f64, now: Timestamp) {
        self.jobs.change(self.number, |job| {
            job.progress = share.clamp(0.0, 1.0);
            let spent_ms = now.since(job.started_at.0).as_millis() as f64;
            let left_ms = spent_ms * (1.0 - job.progress) / job.progress;
            job.eta_at = left_ms
                .is_finite()
                .then(|| Time(now.plus(Duration::from_millis(left_ms as i64))));
        });
    }

    /// Ends it, with the error if there was one.
    pub fn finish(mut self, error: Option<String>, now: Timestamp) {
        self.ended = true;
        self.jobs.change(self.number, |job| {
            job.state = if error.is_none() {
                JobState::Done
            } else {
                JobState::Failed
            };
            if error.is_none() {
                job.progress = 1.0;
            }
            job.error = error;
            job.eta_at = None;
            job.finished_at = Some(Time(now));
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.jobs.change(self.number, |job| {
                job.state = JobState::Failed;
                job.eta_at = None;
                job.error = Some("the work was broken off".to_owned());
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_shows_progress_and_its_end() {
        let jobs = Jobs::default();
        let at = |seconds| Timestamp::ZERO.plus(Duration::from_secs(seconds));
        let running = jobs.start(JobKind::Import, "orders.csv", at(0));
        running.progress(0.25, at(10));
        assert_eq!(jobs.find("1").unwrap().eta_at, Some(Time(at(40))));
        running.finish(None, at(41));
        let job = jobs.find("1").unwrap();
        assert_eq!(
            (job.state, job.finished_at),
            (JobState::Done, Some(Time(at(41))))
        );
        drop(jobs.start(JobKind::Import, "broken.csv", at(50)));
        let list = jobs.list(None, 10);
        assert_eq!((list[0].state, list.len()), (JobState::Failed, 2));
        assert_eq!(jobs.list(Some(2), 10)[0].job_id, "1");
    }
}
