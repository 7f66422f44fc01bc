//! Refused input, and input that was accepted on a later try.

use kith_event::{Position, Redriven};

use crate::state::Error;
use crate::table::{self, RefusedRow};
use crate::{Effect, Working};

pub(super) fn apply(working: &mut Working<'_>, position: Position) -> Result<Vec<Effect>, Error> {
    let row = RefusedRow {
        redriven_at: None,
        message_id: None,
        redriven_in: None,
    };
    working
        .tx()
        .put(&table::refused(position), table::encode(&row));
    working.add(&table::mark(table::REFUSED_OPEN), 1)?;
    Ok(vec![Effect::Refused { position }])
}

pub(super) fn apply_redriven(
    working: &mut Working<'_>,
    position: Position,
    redriven: &Redriven,
) -> Result<Vec<Effect>, Error> {
    let key = table::refused(redriven.refused);
    let open =
        table::read::<RefusedRow>(working.tx(), &key)?.is_some_and(|row| row.redriven_at.is_none());
    if open {
        let row = RefusedRow {
            redriven_at: Some(redriven.at),
            message_id: Some(redriven.message_id.clone()),
            redriven_in: Some(position),
        };
        working.tx().put(&key, table::encode(&row));
        working.add(&table::mark(table::REFUSED_OPEN), -1)?;
    }
    Ok(Vec::new())
}
