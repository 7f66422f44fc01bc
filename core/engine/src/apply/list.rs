//! People put on a list, or taken off it.

use kith_event::{ListChange, Position};

use super::{audience, event};
use crate::state::Error;
use crate::table::{self, MembershipChange};
use crate::{Effect, Project, Working};

/// Somebody who is put on a list before anything is known of them becomes a person.
pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    change: &ListChange,
) -> Result<Vec<Effect>, Error> {
    working.advance_clock(change.at)?;
    let mut effects = Vec::new();
    for (identifiers, listed) in [(&change.add, true), (&change.remove, false)] {
        for identifier in identifiers {
            let Ok(normal) = project.identity.normalise(identifier) else {
                continue;
            };
            let event::Touched { nodes, made } = event::touch_nodes(working, &[normal])?;
            let node = nodes[0];
            for id in made {
                let person = (id.person(), true);
                audience::after(working, project, position, person, &[], &mut effects)?;
            }
            let key = table::listed(&change.audience, node);
            if listed {
                let since = change.at.as_millis().to_be_bytes().to_vec();
                working.tx().put(&key, since);
            } else {
                working.tx().delete(&key);
            }
            let person = working.person_of(node)?;
            let now_listed = working.is_listed(&change.audience, person)?;
            let row = working.membership(person)?;
            if row.audiences.contains_key(&change.audience) == now_listed {
                continue;
            }
            let since = now_listed.then_some(change.at);
            let place = (person, &*change.audience);
            audience::set(working, project, place, since, change.at)?;
            let told = MembershipChange {
                person,
                audience: change.audience.clone(),
                entered: now_listed,
                at: change.at,
            };
            audience::tell(working, position, told, &mut effects);
            audience::after_list(
                working,
                project,
                position,
                person,
                &change.audience,
                &mut effects,
            )?;
        }
    }
    Ok(effects)
}
