//! Grants, codes and their use: one after the other, so that no limit is ever passed.

use kith_base::{NodeId, PersonId};
use kith_decide::Standing;
use kith_definition::Codes;
use kith_event::{Code, CouponsAdded, Event, GrantAsked, Kind, Position};

use crate::grants::{self, Limited};
use crate::state::Error;
use crate::table::{self, GrantRow, OfferRow};
use crate::{Effect, Project, Working};

/// Properties that say which code an event is about.
const CODES: [&str; 3] = ["coupon", "coupon_code", "code"];

/// Grants the offer if nothing speaks against it. Asked again, or while the person has it, it
/// changes nothing.
pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    asked: &GrantAsked,
) -> Result<Vec<Effect>, Error> {
    let Some(limited) = project.limited.get(&asked.offer) else {
        return Ok(Vec::new());
    };
    let Some(person) = working.node(asked.node)?.map(|row| row.leader.person()) else {
        return Ok(Vec::new());
    };
    let nodes = working.load_person(person)?;
    let offer = asked.offer.as_str();
    let standing = grants::standing(working.read(), project, &nodes, offer, asked.at)?;
    if standing != Some(Standing::Open) || is_known(working, &nodes, asked)? {
        return Ok(Vec::new());
    }
    let key = table::offer(offer);
    let mut row: OfferRow = table::read(working.read(), &key)?.unwrap_or_default();
    let code = code(working, limited, asked, &mut row)?;
    row.granted += 1;
    if let Some(budget) = &limited.limits.budget {
        row.spent = row.spent.plus(budget.each());
    }
    working.tx().put(&key, table::encode(&row));
    let grant = GrantRow {
        grant_id: asked.grant_id,
        granted_at: asked.at,
        expires_at: limited.expires_at(asked.at),
        code,
        used_at: None,
    };
    let key = table::grant(asked.node, offer, position);
    working.tx().put(&key, table::encode(&grant));
    Ok(Vec::new())
}

/// True when this very grant was made before.
fn is_known(working: &Working<'_>, nodes: &[NodeId], asked: &GrantAsked) -> Result<bool, Error> {
    for node in nodes {
        let grants = table::grants(working.read(), *node, &asked.offer)?;
        if grants.iter().any(|(_, row)| row.grant_id == asked.grant_id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The code that goes with a grant, never given out before.
fn code(
    working: &mut Working<'_>,
    limited: &Limited,
    asked: &GrantAsked,
    row: &mut OfferRow,
) -> Result<Option<Code>, Error> {
    let Some(coupon) = &limited.limits.coupon else {
        return Ok(None);
    };
    if coupon.codes == Codes::Uploaded {
        let key = table::coupon(&asked.offer, row.given);
        row.given += 1;
        return table::read(working.read(), &key);
    }
    let mut again = 0;
    loop {
        let code = Code::generate(&coupon.prefix, asked.seed, again);
        let key = table::coupon_known(&asked.offer, &code);
        if working.read().get(&key)?.is_none() {
            working.tx().put(&key, Vec::new());
            return Ok(Some(code));
        }
        // As many tries as there are codes at worst; with 60 bits the first is nearly always free.
        again += 1;
    }
}

/// Codes are given out in the order in which they came; one that the offer had is left out.
pub(super) fn add_coupons(
    working: &mut Working<'_>,
    added: &CouponsAdded,
) -> Result<Vec<Effect>, Error> {
    working.advance_clock(added.at)?;
    let key = table::offer(&added.offer);
    let mut row: OfferRow = table::read(working.read(), &key)?.unwrap_or_default();
    for code in &added.codes {
        let known = table::coupon_known(&added.offer, code);
        if working.read().get(&known)?.is_some() {
            continue;
        }
        working.tx().put(&known, Vec::new());
        let place = table::coupon(&added.offer, row.uploaded);
        working.tx().put(&place, table::encode(code));
        row.uploaded += 1;
    }
    working.tx().put(&key, table::encode(&row));
    Ok(Vec::new())
}

/// An event that uses up what the person was granted. Of a grant with a code it has to name the
/// code, or no code at all.
pub(super) fn use_up(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    event: &Event,
) -> Result<(), Error> {
    let Some(offers) = project
        .used_by
        .get(&event.name)
        .filter(|_| event.kind == Kind::Track)
    else {
        return Ok(());
    };
    let properties = event.properties.value();
    let named = CODES
        .into_iter()
        .find_map(|name| properties.path(name).as_text());
    let of_offer = properties.path("offer_id").as_text();
    let nodes = working.load_person(person)?;
    for offer in offers {
        if of_offer.is_some_and(|id| id != offer) {
            continue;
        }
        let mut used = 0;
        for node in &nodes {
            for (key, mut row) in table::grants(working.read(), *node, offer)? {
                let fits = match (&row.code, named) {
                    (Some(code), Some(named)) => code.0 == named,
                    _ => true,
                };
                let before = event.occurred_at < row.granted_at;
                if before || !fits || !row.is_open(event.occurred_at) {
                    continue;
                }
                row.used_at = Some(event.occurred_at);
                working.tx().put(&key, table::encode(&row));
                used += 1;
            }
        }
        if used > 0 {
            let key = table::offer(offer);
            let mut row: OfferRow = table::read(working.read(), &key)?.unwrap_or_default();
            row.used += used;
            working.tx().put(&key, table::encode(&row));
        }
    }
    Ok(())
}
