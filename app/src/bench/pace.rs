//! Load at a fixed rate, measured without flattering.
//!
//! Request *i* is due at `start + i / rate`, and its time runs from that moment, sent or not: a
//! server that stalls is charged for every request that had to wait (what Gil Tene calls
//! coordinated omission is left no room).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;

/// Times in microseconds, to three digits, up to a minute.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are well formed")
}

/// A quantile of a histogram of microseconds, in milliseconds.
pub fn ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1_000.0
}

/// Notes a duration.
pub fn note(histogram: &mut Histogram<u64>, time: Duration) {
    histogram.saturating_record((time.as_micros() as u64).max(1));
}

/// What a run at a fixed rate gave.
pub struct Paced {
    /// From the due moment to the answer.
    pub times: Histogram<u64>,
    /// Requests answered.
    pub done: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Runs `work` at `rate` a second for `time` on so many threads; each makes its own state, such
/// as a connection, with `open`.
pub fn run<S: Send>(
    rate: f64,
    time: Duration,
    threads: usize,
    open: impl Fn(usize) -> Result<S> + Sync,
    work: impl Fn(&mut S, u64) -> Result<()> + Sync,
) -> Result<Paced> {
    let total = (rate * time.as_secs_f64()) as u64;
    let next = AtomicU64::new(0);
    let failed = AtomicBool::new(false);
    let times = Mutex::new(histogram());
    let states: Vec<S> = (0..threads).map(&open).collect::<Result<_>>()?;
    let start = Instant::now() + Duration::from_millis(20);
    let run_one = |mut state: S| -> Result<()> {
        let mut own = histogram();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= total || failed.load(Ordering::Relaxed) {
                break;
            }
            let due = start + Duration::from_secs_f64(index as f64 / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            work(&mut state, index).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            note(&mut own, due.elapsed());
        }
        let mut all = times.lock().expect("no holder of this lock panics");
        all.add(own).expect("both histograms have the same bounds");
        Ok(())
    };
    std::thread::scope(|scope| {
        let run_one = &run_one;
        let running: Vec<_> = states
            .into_iter()
            .map(|state| scope.spawn(move || run_one(state)))
            .collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().expect("a load thread does not panic"))
    })?;
    let elapsed = start.elapsed();
    let times = times.into_inner().expect("no holder of this lock panics");
    Ok(Paced {
        done: times.len(),
        times,
        elapsed,
    })
}
