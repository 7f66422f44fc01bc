//! The loop around the engine: durable log, partition thread, back-pressure.
//!
//! [`start`] takes the two ports and gives a [`Handle`]. Two threads do the work. The *appender*
//! owns the log: it takes whatever records wait, writes them as one group, syncs, and only then
//! answers. The *partition* owns the state: it applies records in log order and commits each
//! batch together with the position applied. Between them stands a short queue; when it
//! overflows the partition reads on from the log, so a slow fold never costs an event and never
//! stops collecting.
//!
//! Not here: what a record means (`kith-engine`), where bytes lie (`kith-store`), HTTP.

mod appender;
mod backfill;
mod clock;
mod decide;
mod handle;
mod intake;
pub mod log;
pub mod memory;
pub mod metrics;
mod partition;
mod rebuild;

pub use clock::{Ahead, now};
pub use decide::{DecideError, Decided, Preview};
pub use handle::{AppendError, Handle, Notice, StartError, Status, View, start};
pub use rebuild::{Difference, compare, rebuild};
