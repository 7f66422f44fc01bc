//! Live item counts: what is hot, what is viewed together.

use kith_base::{Duration, NodeId, Timestamp, Value, limits};
use kith_event::{Commerce, Event};
use kith_profile::Attributes;

use crate::Working;
use crate::state::Error;
use crate::table;

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
    for line in commerce.lines() {
        let Some(item_id) = line.item_id.as_deref().filter(|id| is_item_id(id)) else {
            continue;
        };
        let heat = working.heat_mut(item_id)?;
        heat.heat.add(event.occurred_at, weight, HEAT_HALF_LIFE);
        heat.views += u64::from(event.name == "Product Viewed");
        heat.orders += u64::from(event.name == "Order Completed");
        let rank = heat.heat.rank().map(rank_key);
        let before = std::mem::replace(&mut heat.rank, rank);
        if before != rank {
            if let Some(before) = before {
                working.tx().delete(&table::heat_rank(before, item_id));
            }
            if let Some(rank) = rank {
                working
                    .tx()
                    .put(&table::heat_rank(rank, item_id), Vec::new());
            }
        }
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

fn is_item_id(item_id: &str) -> bool {
    item_id.len() <= limits::IDENTIFIER_MAX_CHARS
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
    for partner in partners {
        add_partner(working, item_id, &partner, at)?;
        add_partner(working, &partner, item_id, at)?;
    }
    Ok(())
}

/// Adds one view together; when the list is full the coldest partner makes room.
fn add_partner(
    working: &mut Working<'_>,
    item_id: &str,
    partner: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let row = working.also_viewed_mut(item_id)?;
    if !row.0.contains_key(partner) && row.0.len() >= limits::ALSO_VIEWED_PARTNERS_MAX {
        let heat = |id: &String| row.0.get(id).and_then(|sum| sum.rank()).unwrap_or(f64::MIN);
        let coldest = row
            .0
            .keys()
            .min_by(|a, b| heat(a).total_cmp(&heat(b)))
            .cloned();
        if let Some(coldest) = coldest {
            row.0.remove(&coldest);
        }
    }
    row.0
        .entry(partner.to_owned())
        .or_default()
        .add(at, 1.0, ALSO_VIEWED_HALF_LIFE);
    Ok(())
}

/// A number whose ascending order is descending rank.
fn rank_key(rank: f64) -> u64 {
    let bits = rank.to_bits();
    let ascending = if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    };
    !ascending
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hotter_ranks_come_first() {
        let order = [100.5, 3.0, 0.0, -2.0, -1e6].map(rank_key);
        assert!(order.is_sorted());
    }
}
