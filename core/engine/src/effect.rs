//! What applying a record asks of the outside.

use kith_base::{NodeId, PersonId};
use kith_event::Position;

use crate::table::MembershipChange;

/// The closed list of effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// An event was folded into a node.
    Folded {
        /// The event.
        position: Position,
        /// The node that owns it.
        node: NodeId,
        /// The node's person after the event.
        person: PersonId,
    },
    /// An event was seen before and changed nothing.
    Duplicate {
        /// The repeat.
        position: Position,
        /// The event it repeats.
        first: Position,
    },
    /// An input was refused.
    Refused {
        /// Where it stands.
        position: Position,
    },
    /// A person entered an audience, or left it.
    Membership(MembershipChange),
    /// So many timers of persons fired.
    TimersFired(u64),
}
