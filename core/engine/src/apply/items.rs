//! Live item counts: what is hot, what is viewed together.

use std::collections::BTreeSet;

use kith_base::{DecayedSum, Duration, NodeId, Timestamp, Value, limits};
use kith_event::{Commerce, Event};
use kith_profile::Attributes;

use crate::Working;
use crate::state::Error;

/// "Popular now" halves in this time: three days keep weekly rhythms out and yesterday in.
pub const HEAT_HALF_LIFE: Duration = Duration::from_days(3);
/// "Also viewed" halves in this time.
pub const ALSO_VIEWED_HALF_LIFE: Duration = Duration::from_days(30);
/// Two views count as one look around within this span.
const TOGETHER: Duration = Duration::from_secs(30 * 60);

/// Counts the items of a track event. `owner`'s fold must not hold the event yet.
pub(super) fn count(
    working: &mut Working<'_>,
    owner: NodeId,
    event: &Event,
    commerce: &Commerce,
) -> Result<(), Error> {
    let Some(weight) = kith_profile::Weights::of(&event.name) else {
        return Ok(());
    };
    let mut ordered: BTreeSet<&str> = BTreeSet::new();
    for line in commerce.lines() {
        let Some(item_id) = line.item_id.as_deref().filter(|id| is_item_id(id)) else {
            continue;
        };
        let heat = working.heat_mut(item_id)?;
        heat.heat.add(event.occurred_at, weight, HEAT_HALF_LIFE);
        heat.views += u64::from(event.name == "Product Viewed");
        // Several lines of one order may hold the same item.
        heat.orders += u64::from(event.name == "Order Completed" && ordered.insert(item_id));
    }
    if event.name == "Product Viewed"
        && let Some(item_id) = commerce
            .product
            .item_id
            .as_deref()
            .filter(|id| is_item_id(id))
    {
        pair(working, owner, item_id, event.occurred_at)?;
    }
    Ok(())
}

/// A zero byte would run into the next part of a key.
fn is_item_id(item_id: &str) -> bool {
    item_id.len() <= limits::IDENTIFIER_MAX_CHARS && !item_id.contains('\0')
}

/// Pairs a view with the views close to it in time on the same node.
fn pair(
    working: &mut Working<'_>,
    owner: NodeId,
    item_id: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(row) = working.node(owner)? else {
        return Ok(());
    };
    let close = |time: Timestamp| time.since(at).as_millis().abs() <= TOGETHER.as_millis();
    let partners: Vec<String> = row
        .fold
        .viewed
        .iter()
        .filter(|(stamp, other)| close(stamp.at) && *other != item_id)
        .map(|(_, other)| other.to_owned())
        .take(limits::ALSO_VIEWED_PAIRS_PER_VIEW_MAX)
        .collect();
    let add = |sum: &mut DecayedSum| sum.add(at, 1.0, ALSO_VIEWED_HALF_LIFE);
    for partner in partners {
        working.add_partner(item_id, &partner, add)?;
        working.add_partner(&partner, item_id, add)?;
    }
    Ok(())
}

/// Adds what the catalog says of an item to what the event said.
pub(super) fn add_attributes(item: &[u8], marked: &[String], attributes: &mut Attributes) {
    let Ok(item) = serde_json::from_slice::<Value>(item) else {
        return;
    };
    let mut add = |dimension: &str, value: &Value| {
        let keys: Vec<String> = match value {
            Value::Text(text) => vec![text.clone()],
            Value::List(list) => list
                .iter()
                .filter_map(|one| one.as_text().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        if !keys.is_empty() && !attributes.contains_key(dimension) {
            attributes.insert(dimension.to_owned(), keys);
        }
    };
    add("category", item.path("categories"));
    add("brand", item.path("brand"));
    for name in marked {
        add(name, item.path("attributes").path(name));
    }
}
