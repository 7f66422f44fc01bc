//! Who is whom: identifiers become nodes, events link nodes, rules decide which links hold.
//!
//! [`Rules`] normalises and blocks identifiers. [`partition`] divides a connected component into
//! persons. It is a function of the set of links alone, so the order in which events arrive
//! cannot change who is one person.
//!
//! Not here: reading and writing the graph (`kith-engine`).

mod company;
mod component;
mod forest;
mod normalise;
mod partition;
mod rules;
mod shared;

pub use normalise::Blocked;
pub use partition::{Basis, Group, Link, LinkState, Node, Partition, Refusal, partition};
pub use rules::{Generic, MergePolicy, Namespace, Policies, Probabilistic, Rules, SharedDevice};
