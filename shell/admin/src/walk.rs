//! Walking the log back from its end, a chunk at a time, with a limit on the whole.

use kith_engine::table;
use kith_event::{Event, Position, Record};
use kith_runtime::{Handle, View};

use crate::problem::Problem;

/// Records read at a time.
const CHUNK: u64 = 512;
/// Records looked at in one request: at 4 µs each some 0.2 s.
const RECORDS_MAX: u64 = 50_000;

/// Records in front of a position, newest first.
pub struct Walk<'a> {
    handle: &'a Handle,
    chunk: Vec<(Position, Record)>,
    /// Everything from here on was handed out or lies in the chunk.
    start: Position,
    /// The last one handed out.
    reached: Position,
    floor: Position,
}

impl<'a> Walk<'a> {
    /// Records before `before`, or before the applied end.
    pub fn new(handle: &'a Handle, before: Option<Position>) -> Self {
        let applied = handle.status().applied;
        let start = before.map_or(applied, |before| before.min(applied));
        Walk {
            handle,
            chunk: Vec::new(),
            start,
            reached: start,
            floor: start.saturating_sub(RECORDS_MAX),
        }
    }

    /// Goes as far back as this position, however far that is.
    pub fn down_to(mut self, floor: Position) -> Self {
        self.floor = floor;
        self
    }

    /// The last record handed out, or the floor once nothing is left.
    pub fn reached(&self) -> Position {
        self.reached
    }

    /// The next older record; records that cannot be read are passed over.
    pub fn next(&mut self) -> Result<Option<(Position, Record)>, Problem> {
        loop {
            if let Some((position, record)) = self.chunk.pop() {
                self.reached = position;
                return Ok(Some((position, record)));
            }
            if self.start <= self.floor {
                self.reached = self.start;
                return Ok(None);
            }
            let from = self.start.saturating_sub(CHUNK).max(self.floor);
            let count = usize::try_from(self.start - from).expect("a chunk is small");
            let read = self.handle.read_log(from, count)?;
            let readable = read
                .into_iter()
                .filter(|(position, _)| *position < self.start);
            self.chunk = readable
                .filter_map(|(position, record)| Some((position, record.ok()?)))
                .collect();
            self.start = from;
        }
    }

    /// Where the next walk begins; `None` at the beginning of the log.
    pub fn rest(&self) -> Option<Position> {
        (self.reached > 0).then_some(self.reached)
    }
}

/// False for an event that repeats an earlier one.
pub fn is_first(view: &View, position: Position, event: &Event) -> Result<bool, Problem> {
    let seen = view.state.get(&table::seen(event.deduplication_key()))?;
    let first = seen.and_then(|bytes| table::SeenRow::from_bytes(&bytes));
    // Message ids are forgotten after a while: what nobody remembers was not a repeat.
    Ok(first.is_none_or(|seen| seen.position == position))
}
