//! Where a person stands with offers that have limits.
//!
//! One function says it: to whoever decides, of a snapshot, and to the one writer, of the state as
//! it stands between two records. Only the writer's word counts, so that no limit is ever passed.

use kith_base::{Amount, Duration, NodeId, PersonId, Timestamp};
use kith_decide::{Closed, Grant, Standing};
use kith_definition::{Budget, Codes, Limits, Offer, Pacing};

use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, GrantRow, OfferRow, PersonRow};

/// What deciding about a grant needs of a live offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Limited {
    pub(crate) limits: Limits,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl Limited {
    /// `None` for an offer without limits.
    pub(crate) fn of(offer: &Offer) -> Option<Self> {
        offer.limits.any().then(|| Limited {
            limits: offer.limits.clone(),
            starts_at: offer.starts_at,
            ends_at: offer.ends_at,
        })
    }

    /// First instant at which a grant made at `at` has ended.
    pub(crate) fn expires_at(&self, at: Timestamp) -> Timestamp {
        let kept = at.plus(Duration::from_days(i64::from(self.limits.keep_days)));
        self.ends_at.map_or(kept, |ends| kept.min(ends))
    }

    fn is_scheduled(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|starts| starts <= now)
            && self.ends_at.is_none_or(|ends| now < ends)
    }

    /// Which limit is reached, by what is granted to all and to the person.
    pub(crate) fn closed(
        &self,
        row: &OfferRow,
        theirs: &[GrantRow],
        now: Timestamp,
    ) -> Option<Closed> {
        let limits = &self.limits;
        if let Some(most) = limits.per_person {
            let since = now.plus(Duration::from_days(-i64::from(most.days)));
            let counted = theirs.iter().filter(|grant| grant.granted_at > since);
            if counted.count() >= most.count as usize {
                let (count, days) = (most.count, most.days);
                return Some(Closed::PerPerson { count, days });
            }
        }
        if let Some(stock) = limits.stock.filter(|stock| row.granted >= *stock) {
            return Some(Closed::OutOfStock { stock });
        }
        if let Some(budget) = &limits.budget {
            let spent = row.spent.plus(budget.each());
            if spent > budget.total() {
                return Some(Closed::BudgetSpent);
            }
            if spent > self.allowed(budget, now) {
                return Some(Closed::AheadOfPace);
            }
        }
        let uploaded = limits.coupon.as_ref().map(|coupon| coupon.codes) == Some(Codes::Uploaded);
        (uploaded && row.given >= row.uploaded).then_some(Closed::NoCode)
    }

    /// What may be spent so far.
    fn allowed(&self, budget: &Budget, now: Timestamp) -> Amount {
        let (Pacing::Even, Some(starts), Some(ends)) =
            (budget.pacing, self.starts_at, self.ends_at)
        else {
            return budget.total();
        };
        let millis = |span: Duration| i128::from(span.as_millis());
        let length = millis(ends.since(starts)).max(1);
        let passed = millis(now.since(starts)).clamp(0, length);
        Amount::from_micros(budget.total().as_micros() * passed / length)
    }
}

/// Where the person of these nodes stands with a live offer; `None` when it has no limits.
pub fn standing(
    state: &dyn Read,
    project: &Project,
    nodes: &[NodeId],
    offer: &str,
    now: Timestamp,
) -> Result<Option<Standing>, Error> {
    let Some(limited) = project.limited.get(offer) else {
        return Ok(None);
    };
    let mut theirs = Vec::new();
    for node in nodes {
        let grants = table::grants(state, *node, offer)?;
        theirs.extend(grants.into_iter().map(|(_, row)| row));
    }
    let open = theirs.iter().filter(|grant| grant.is_open(now));
    if let Some(row) = open.min_by_key(|grant| (grant.granted_at, grant.grant_id)) {
        return Ok(Some(Standing::Held(Grant {
            grant_id: row.grant_id.to_string(),
            granted_at: row.granted_at,
            expires_at: row.expires_at,
            code: row.code.clone(),
            new: false,
        })));
    }
    let row: OfferRow = table::read(state, &table::offer(offer))?.unwrap_or_default();
    let closed = match limited.closed(&row, &theirs, now) {
        None if limited.is_scheduled(now) => return Ok(Some(Standing::Open)),
        None => Closed::NotAsked,
        Some(closed) => closed,
    };
    Ok(Some(Standing::Closed(closed)))
}

/// The nodes of the person that a node belongs to now.
pub(crate) fn nodes_of(state: &dyn Read, node: NodeId) -> Result<Vec<NodeId>, Error> {
    let Some(row) = table::read_node(state, node)? else {
        return Ok(Vec::new());
    };
    person_nodes(state, row.leader.person())
}

fn person_nodes(state: &dyn Read, person: PersonId) -> Result<Vec<NodeId>, Error> {
    let row: Option<PersonRow> = table::read(state, &table::person(person))?;
    Ok(row.map(|row| row.nodes).unwrap_or_default())
}

/// The same for whoever asked for a grant, after the writer has answered.
pub fn standing_after(
    state: &dyn Read,
    project: &Project,
    asked: &kith_event::GrantAsked,
) -> Result<Standing, Error> {
    let nodes = nodes_of(state, asked.node)?;
    let found = standing(state, project, &nodes, &asked.offer, asked.at)?;
    Ok(match found {
        Some(Standing::Held(grant)) => {
            let new = grant.grant_id == asked.grant_id.to_string();
            Standing::Held(Grant { new, ..grant })
        }
        Some(Standing::Closed(closed) | Standing::Refused(closed)) => Standing::Closed(closed),
        // Something happened in between, such as a new revision.
        Some(Standing::Open) | None => Standing::Closed(Closed::NotAsked),
    })
}
