//! A success means durable; a log that fails or is full says so in the right words.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use axum::http::StatusCode;
use kith_base::{Timestamp, limits};
use kith_event::{Position, Record};
use kith_runtime::log::{Error, Log, Reader};
use kith_store::log::Memory;

use crate::harness::{Edge, options, track};

/// A log that can be told to fail, or to stop in the middle of an append.
struct Faulty {
    inner: Memory,
    fails: Arc<AtomicBool>,
    stops: Arc<AtomicBool>,
    barrier: Arc<Barrier>,
}

impl Log for Faulty {
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::Storage("the disk /dev/secret is full".to_owned()));
        }
        if self.stops.swap(false, Ordering::SeqCst) {
            self.barrier.wait();
            self.barrier.wait();
        }
        self.inner.append(records)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.inner.reader()
    }
}

struct Switches {
    fails: Arc<AtomicBool>,
    stops: Arc<AtomicBool>,
    barrier: Arc<Barrier>,
}

async fn faulty() -> (Edge, Switches) {
    let switches = Switches {
        fails: Arc::default(),
        stops: Arc::default(),
        barrier: Arc::new(Barrier::new(2)),
    };
    let log = Faulty {
        inner: Memory::new(),
        fails: Arc::clone(&switches.fails),
        stops: Arc::clone(&switches.stops),
        barrier: Arc::clone(&switches.barrier),
    };
    (Edge::with(Box::new(log), options()).await, switches)
}

#[tokio::test]
async fn a_failed_log_is_503_and_says_nothing_of_the_disk() {
    let (edge, switches) = faulty().await;
    switches.fails.store(true, Ordering::SeqCst);
    let answer = edge.post("/v1/t", track("m-1")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "storage-failed");
    assert!(!String::from_utf8(answer.body).unwrap().contains("secret"));
    assert!(edge.events().is_empty());
    switches.fails.store(false, Ordering::SeqCst);
    assert_eq!(
        edge.post("/v1/t", track("m-1")).await.status,
        StatusCode::OK
    );
    assert_eq!(edge.events().len(), 1);
}

#[tokio::test]
async fn a_full_queue_is_429_with_whole_seconds() {
    let (edge, switches) = faulty().await;
    switches.stops.store(true, Ordering::SeqCst);
    let tick = || Record::Tick(Timestamp::ZERO);
    edge.handle.append_later(tick()).unwrap();
    switches.barrier.wait();
    for _ in 1..limits::APPEND_QUEUE_RECORDS_MAX {
        edge.handle.append_later(tick()).unwrap();
    }
    let answer = edge.post("/v1/t", track("m-1")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "overloaded")
    );
    let seconds: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&seconds));
    assert_eq!(
        answer.header("x-ratelimit-reset"),
        answer.header("retry-after")
    );
    switches.barrier.wait();
    edge.handle.append(vec![tick()]).await.ok();
}
