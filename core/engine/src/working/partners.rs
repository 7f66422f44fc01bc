//! The items viewed close to one item.

use std::collections::BTreeMap;

use kith_base::{DecayedSum, limits};

use crate::state::{Error, Read, Tx};
use crate::table;

/// So many partners beyond the limit are gathered before the coldest make room together:
/// finding them looks at all.
pub(crate) const SPARE: usize = 16;

/// About [`limits::ALSO_VIEWED_PARTNERS_MAX`] partners, never more than [`SPARE`] above it. Each
/// is a row of its own, so that one view writes one small row and not the whole list.
#[derive(Debug, Default)]
pub(crate) struct Partners(BTreeMap<String, Partner>);

#[derive(Debug)]
struct Partner {
    sum: DecayedSum,
    changed: bool,
}

impl Partners {
    /// All partners of an item.
    pub fn read(state: &dyn Read, item_id: &str) -> Result<Self, Error> {
        let rows = table::partners(state, item_id)?;
        let partner = |(id, sum)| {
            let changed = false;
            (id, Partner { sum, changed })
        };
        Ok(Partners(rows.into_iter().map(partner).collect()))
    }

    /// Changes one partner's sum. Answers the partners that made room for a new one.
    pub fn add(&mut self, partner: &str, add: impl FnOnce(&mut DecayedSum)) -> Vec<String> {
        if let Some(held) = self.0.get_mut(partner) {
            add(&mut held.sum);
            held.changed = true;
            return Vec::new();
        }
        let full = self.0.len() >= limits::ALSO_VIEWED_PARTNERS_MAX + SPARE;
        let gone = if full { self.cut() } else { Vec::new() };
        let mut sum = DecayedSum::default();
        add(&mut sum);
        let changed = true;
        self.0.insert(partner.to_owned(), Partner { sum, changed });
        gone
    }

    /// Takes the coldest away, so that one is missing to the limit.
    fn cut(&mut self) -> Vec<String> {
        let rank = |held: &Partner| held.sum.rank().unwrap_or(f64::MIN);
        let mut ranks: Vec<(f64, &String)> =
            self.0.iter().map(|(id, held)| (rank(held), id)).collect();
        ranks.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        let count = self.0.len() + 1 - limits::ALSO_VIEWED_PARTNERS_MAX;
        let gone: Vec<String> = ranks[..count].iter().map(|(_, id)| (*id).clone()).collect();
        gone.iter().for_each(|id| {
            self.0.remove(id);
        });
        gone
    }

    /// Writes the rows that changed.
    pub fn write(&mut self, tx: &mut dyn Tx, item_id: &str) {
        for (partner, held) in self.0.iter_mut().filter(|(_, held)| held.changed) {
            held.changed = false;
            let key = table::also_viewed(item_id, partner);
            tx.put(&key, table::encode(&held.sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use kith_base::{Duration, Timestamp};

    use super::*;

    #[test]
    fn the_coldest_make_room() {
        let mut partners = Partners::default();
        let mut gone = Vec::new();
        for index in 0..limits::ALSO_VIEWED_PARTNERS_MAX + SPARE + 1 {
            let add = |sum: &mut DecayedSum| {
                sum.add(
                    Timestamp::from_millis(0),
                    1.0 + index as f64,
                    Duration::from_days(1),
                );
            };
            gone.extend(partners.add(&format!("item-{index:03}"), add));
        }
        assert_eq!(gone.len(), SPARE + 1);
        assert_eq!(gone[0], "item-000");
        assert_eq!(partners.0.len(), limits::ALSO_VIEWED_PARTNERS_MAX);
        assert!(partners.0.contains_key("item-080"));
    }
}
