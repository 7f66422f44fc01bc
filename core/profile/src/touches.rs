//! The items a person touched last.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::Stamp;

/// Items by their latest touch, newest first, at most
/// [`limits::RECENT_ITEMS_PER_NODE_MAX`](kith_base::limits::RECENT_ITEMS_PER_NODE_MAX). An item
/// among the newest stays, whatever the order of arrival: stamps only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Touches(Vec<(Stamp, String)>);

impl Touches {
    /// Notes a touch.
    pub fn add(&mut self, stamp: Stamp, item_id: &str) {
        let held = self.0.iter().position(|(_, held)| held == item_id);
        let item_id = match held {
            Some(at) if self.0[at].0 >= stamp => return,
            Some(at) => self.0.remove(at).1,
            None => item_id.to_owned(),
        };
        let before = |(at, id): &(Stamp, String)| (Reverse(*at), id) < (Reverse(stamp), &item_id);
        let place = self.0.partition_point(before);
        self.0.insert(place, (stamp, item_id));
        self.0
            .truncate(kith_base::limits::RECENT_ITEMS_PER_NODE_MAX);
    }

    /// Notes all touches of another list.
    pub fn merge(&mut self, other: &Touches) {
        for (stamp, item_id) in &other.0 {
            self.add(*stamp, item_id);
        }
    }

    /// Items and stamps, newest first.
    pub fn iter(&self) -> impl Iterator<Item = (Stamp, &str)> {
        self.0
            .iter()
            .map(|(stamp, item_id)| (*stamp, item_id.as_str()))
    }

    /// The latest touch of one item.
    pub fn of(&self, item_id: &str) -> Option<Stamp> {
        self.0
            .iter()
            .find(|(_, held)| held == item_id)
            .map(|(stamp, _)| *stamp)
    }

    /// True when nothing was touched.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn build(touches: &[(i64, u8)]) -> Touches {
        let mut list = Touches::default();
        for (at, item) in touches {
            let stamp = Stamp {
                at: Timestamp::from_millis(*at),
                tie: u64::from(*item),
            };
            list.add(stamp, &item.to_string());
        }
        list
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            mut touches in prop::collection::vec((0i64..1_000, 0u8..90), 0..200),
            cut in 0usize..200,
        ) {
            let whole = build(&touches);
            let cut = cut.min(touches.len());
            let mut merged = build(&touches[cut..]);
            merged.merge(&build(&touches[..cut]));
            prop_assert_eq!(&whole, &merged);
            touches.reverse();
            prop_assert_eq!(&whole, &build(&touches));
        }
    }
}
