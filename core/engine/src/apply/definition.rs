//! New revisions of definitions.

use kith_definition::Kind;
use kith_event::{DefinitionChange, Position};

use super::webhook;
use crate::state::Error;
use crate::table::{self, DefinitionRow};
use crate::{Effect, Working};

pub(super) fn apply(
    working: &mut Working<'_>,
    position: Position,
    changes: &[DefinitionChange],
) -> Result<Vec<Effect>, Error> {
    for change in changes {
        write(working, position, change)?;
    }
    Ok(Vec::new())
}

fn write(
    working: &mut Working<'_>,
    position: Position,
    change: &DefinitionChange,
) -> Result<(), Error> {
    let current = table::definition(&change.kind, &change.id);
    let before: Option<DefinitionRow> = table::read(working.tx(), &current)?;
    let row = DefinitionRow {
        revision: before.map_or(0, |row| row.revision) + 1,
        name: change.name.clone(),
        archived: change.archived,
        author: change.author.clone(),
        at: change.at,
        spec: change.spec.clone(),
    };
    let revision = table::definition_revision(&change.kind, &change.id, row.revision);
    working.tx().put(&revision, table::encode(&row));
    working.tx().put(&current, table::encode(&row));
    if change.kind == Kind::Webhook.as_str() {
        webhook::defined(working, position, change)?;
    }
    Ok(())
}
