//! How long things take, on the clock on the wall.

use std::time::Instant;

use serde_json::Value;

/// Runs from its start.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// Seconds since.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Times of many answers.
#[derive(Default)]
pub struct Laps(Vec<f64>);

impl Laps {
    /// Adds one that ends now.
    pub fn add(&mut self, watch: &Stopwatch) {
        self.0.push(watch.seconds() * 1e6);
    }

    /// Microseconds that this share of the answers stayed within.
    pub fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() as f64 * share) as usize;
        sorted
            .get(place.min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    }
}

/// Six digits are told.
pub fn figure(value: f64) -> Value {
    Value::from((value * 1e6).round() / 1e6)
}
