//! Folding goes beside the log's sync; what is folded is seen only when the log holds it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Waker};

use kith_event::{Position, Record};
use kith_runtime::log::{Error, Log, Reader};
use kith_runtime::{AppendError, Handle, start};
use kith_store::{log, state};

use crate::event;

/// A log whose appends each wait for a word: whether they succeed.
struct Gated {
    log: log::Memory,
    begun: Sender<usize>,
    word: Receiver<bool>,
}

impl Log for Gated {
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error> {
        self.begun.send(records.len()).expect("the test listens");
        if self.word.recv().expect("the test decides") {
            self.log.append(records)
        } else {
            Err(Error::Storage("no space left".into()))
        }
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.log.reader()
    }
}

fn gated() -> (Handle, Receiver<usize>, Sender<bool>) {
    let (begun, begins) = channel();
    let (decide, word) = channel();
    let log = Gated {
        log: log::Memory::new(),
        begun,
        word,
    };
    let handle = start(Box::new(log), Box::new(state::Memory::new())).expect("memory opens");
    (handle, begins, decide)
}

fn view(id: &str, who: &str) -> Record {
    Record::Event(event(id, "Product Viewed", &[("anonymous_id", who)], "{}"))
}

fn persons(handle: &Handle) -> u64 {
    let state = handle.view().state;
    let overview = kith_engine::query::overview(state.as_ref(), kith_runtime::now());
    overview.expect("state reads").persons
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_seen_before_the_log_holds_it() {
    let (handle, begins, decide) = gated();
    let append = |record| {
        let handle = handle.clone();
        tokio::spawn(async move { handle.append_applied(vec![record]).await })
    };
    let first = append(view("m1", "a"));
    assert_eq!(begins.recv().expect("an append begins"), 1);
    // Folded or not: it is neither applied nor seen.
    assert_eq!((handle.status().applied, persons(&handle)), (0, 0));
    decide.send(true).expect("the log waits");
    assert_eq!(first.await.expect("no panic"), Ok(0));
    assert_eq!(persons(&handle), 1);
    decide.send(true).expect("the log waits");
    assert_eq!(append(view("m2", "b")).await.expect("no panic"), Ok(1));
    assert_eq!(persons(&handle), 2);
    handle.shutdown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_log_does_not_take_is_withdrawn_with_all_behind_it() {
    let (handle, begins, decide) = gated();
    // What was polled once stands in the queue.
    let append = |record| {
        let mut append = Box::pin(handle.append(vec![record]));
        let mut context = Context::from_waker(Waker::noop());
        assert!(append.as_mut().poll(&mut context).is_pending());
        append
    };
    let failed = append(view("m1", "a"));
    assert_eq!(begins.recv().expect("an append begins"), 1);
    let behind = [append(view("m2", "b")), append(view("m3", "c"))];
    assert_eq!(handle.status().queued, 3);
    decide.send(false).expect("the log waits");
    for one in std::iter::once(failed).chain(behind) {
        let answer = one.await;
        assert!(matches!(answer, Err(AppendError::Storage(_))), "{answer:?}");
    }
    assert_eq!(handle.status().queued, 0);

    // The same message may come again, and stands where the first one would have.
    decide.send(true).expect("the log waits");
    let again = handle.append_applied(vec![view("m1", "d")]).await;
    assert_eq!(again, Ok(0));
    assert_eq!((handle.status().end, persons(&handle)), (1, 1));
    let state = handle.view().state;
    let found = kith_engine::query::search(state.as_ref(), "d", 9).expect("state reads");
    assert_eq!(found.len(), 1, "{found:?}");
    handle.shutdown();
}
