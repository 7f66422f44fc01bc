//! A decision taken: found by id, and on the timeline of the person it was for.

use kith_event::{DecisionTaken, Position};

use crate::state::Error;
use crate::table::{self, Entry};
use crate::{Effect, Project, Working};

pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    taken: &DecisionTaken,
) -> Result<Vec<Effect>, Error> {
    let key = table::decision(&taken.decision_id);
    working.tx().put(&key, position.to_be_bytes().to_vec());
    if let Some(node) = project.strongest_node(&taken.identifiers) {
        let entry = table::timeline(node, taken.at, position);
        working.tx().put(&entry, Entry::Decision.to_bytes());
    }
    Ok(Vec::new())
}
