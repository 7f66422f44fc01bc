//! What a reward is expected to be, from the records so far: means that are pulled to coarser ones.
//!
//! A prediction for a record uses earlier records only. So the doubly robust terms keep their
//! conditional mean whatever the policy of the log learned, and one pass is enough.

use std::collections::BTreeMap;

use kith_base::limits::POLICY_CELLS_MAX;

use super::log::Logged;

/// Records that a coarser mean counts for in a finer one.
const SHRINKAGE_RECORDS: f64 = 20.0;

/// Memory: one cell for each arm, slot and arm, and context, slot and arm that was seen.
#[derive(Clone, Debug)]
pub struct RewardModel {
    variance_first: f64,
    all: Cell,
    arms: BTreeMap<u64, Cell>,
    slots: BTreeMap<(u32, u64), Cell>,
    contexts: BTreeMap<(u64, u32, u64), Cell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    records: f64,
    rewards: f64,
    /// Of what was predicted when the record came.
    squared_errors: f64,
}

/// What is expected of one candidate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected {
    pub reward: f64,
    /// Of the reward around it.
    pub variance: f64,
}

impl Cell {
    fn mean(&self, coarser: f64) -> f64 {
        (self.rewards + SHRINKAGE_RECORDS * coarser) / (self.records + SHRINKAGE_RECORDS)
    }

    fn variance(&self, coarser: f64) -> f64 {
        (self.squared_errors + SHRINKAGE_RECORDS * coarser) / (self.records + SHRINKAGE_RECORDS)
    }

    fn add(&mut self, reward: f64, error: f64) {
        self.records += 1.0;
        self.rewards += reward;
        self.squared_errors += error * error;
    }
}

impl RewardModel {
    /// Knows nothing; before the first record the variance is this, for one record's worth.
    pub fn new(variance_first: f64) -> Self {
        RewardModel {
            variance_first,
            all: Cell::default(),
            arms: BTreeMap::new(),
            slots: BTreeMap::new(),
            contexts: BTreeMap::new(),
        }
    }

    /// What is expected of every candidate, written into `expected`.
    pub fn predict(&self, record: &Logged<'_>, expected: &mut Vec<Expected>) {
        let all = &self.all;
        let mean = if all.records > 0.0 {
            all.rewards / all.records
        } else {
            0.0
        };
        let variance = (all.squared_errors + self.variance_first) / (all.records + 1.0);
        expected.clear();
        expected.extend(record.candidates.iter().map(|candidate| {
            let arm = candidate.arm;
            let mut best = Expected {
                reward: mean,
                variance,
            };
            let finer = [
                self.arms.get(&arm),
                self.slots.get(&(record.slot, arm)),
                self.contexts.get(&(record.context, record.slot, arm)),
            ];
            for cell in finer.into_iter().flatten() {
                best.reward = cell.mean(best.reward);
                best.variance = cell.variance(best.variance);
            }
            best
        }));
    }

    /// Learns a record after it was predicted.
    pub fn learn(&mut self, record: &Logged<'_>, predicted: f64) {
        let arm = record.candidates[record.chosen].arm;
        let (reward, error) = (record.reward, record.reward - predicted);
        let has_room = self.arms.len() + self.slots.len() + self.contexts.len() < POLICY_CELLS_MAX;
        self.all.add(reward, error);
        let context = (record.context, record.slot, arm);
        for cell in [
            cell(&mut self.arms, arm, has_room),
            cell(&mut self.slots, (record.slot, arm), has_room),
            cell(&mut self.contexts, context, has_room),
        ]
        .into_iter()
        .flatten()
        {
            cell.add(reward, error);
        }
    }
}

fn cell<K: Ord>(cells: &mut BTreeMap<K, Cell>, key: K, has_room: bool) -> Option<&mut Cell> {
    if has_room {
        Some(cells.entry(key).or_default())
    } else {
        cells.get_mut(&key)
    }
}
