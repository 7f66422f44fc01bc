//! Next item of a visit, from visits like it: V-SKNN over an index of recent visits.
//!
//! Ludewig and Jannach, *Evaluation of session-based recommendation algorithms*, UMUAI 2018. The
//! newest visits that share an item with the current one are compared with it, its late items
//! weighing more; the nearest say what came with those items. To that is added what directly
//! followed the last items in all visits (their sequential rules), which puts the very next item
//! first. Every event changes the index at once; nothing is trained.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use kith_base::limits;

use crate::model::{Mask, Reason, Scored};
use crate::rank;
use crate::scores::Scores;

/// How neighbours are chosen and what they say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Newest visits that are compared.
    pub compared: usize,
    /// Nearest of them that speak.
    pub nearest: usize,
    /// How much rare items count more: 1 + weight · ln(visits / visits with it).
    pub rarity: f32,
    /// Weight of what directly followed, against the neighbours; both are scaled to at most 1.
    pub following: f32,
    /// Weight of an item of the visit in that, per step back.
    pub decay: f32,
}

impl Default for Settings {
    /// Chosen by hit rate and reciprocal rank on the last tenth of the training visits of the
    /// RSC15 sample, of some thirty settings; half or double of any of them costs below 0.005.
    fn default() -> Self {
        Settings {
            compared: 1_000,
            nearest: 200,
            rarity: 1.0,
            following: 0.2,
            decay: 0.3,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Visit {
    key: u64,
    items: Vec<u32>,
}

/// Recent visits, by number; the oldest leave first.
#[derive(Debug, Default)]
pub struct Visits {
    settings: Settings,
    /// The number of the first of `visits`.
    first: u64,
    visits: VecDeque<Visit>,
    open: BTreeMap<u64, u64>,
    /// Numbers of visits with an item, oldest first.
    with: Vec<VecDeque<u64>>,
    /// What followed an item, with 1/step.
    after: Vec<BTreeMap<u32, f32>>,
}

impl Visits {
    /// Without any visit.
    pub fn new(settings: Settings) -> Self {
        Visits {
            settings,
            ..Visits::default()
        }
    }

    /// How many visits are remembered.
    pub fn len(&self) -> usize {
        self.visits.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    /// How many items were seen.
    pub fn items(&self) -> usize {
        self.with.len()
    }

    /// Adds one event of the visit that goes by `key`.
    pub fn observe(&mut self, key: u64, item: u32) {
        if item as usize >= limits::LEARN_ITEMS_MAX {
            return;
        }
        if item as usize >= self.with.len() {
            self.with.resize_with(item as usize + 1, VecDeque::new);
            self.after.resize_with(item as usize + 1, BTreeMap::new);
        }
        let number = match self.open.get(&key) {
            Some(number) => *number,
            None => self.begin(key),
        };
        let visit = &mut self.visits[(number - self.first) as usize];
        if visit.items.len() >= limits::LEARN_SESSION_ITEMS_MAX {
            return;
        }
        let known = visit.items.contains(&item);
        let earlier = visit
            .items
            .iter()
            .rev()
            .take(limits::LEARN_FOLLOWING_STEPS_MAX);
        for (step, before) in earlier.enumerate().filter(|(_, before)| **before != item) {
            let row = &mut self.after[*before as usize];
            *row.entry(item).or_default() += 1.0 / (step + 1) as f32;
            if row.len() > 2 * limits::LEARN_ROW_ITEMS_MAX {
                forget_half(row);
            }
        }
        visit.items.push(item);
        if !known {
            let with = &mut self.with[item as usize];
            with.push_back(number);
            if with.len() > limits::LEARN_SESSIONS_PER_ITEM_MAX {
                with.pop_front();
            }
        }
    }

    fn begin(&mut self, key: u64) -> u64 {
        if self.visits.len() >= limits::LEARN_SESSIONS_MAX
            && let Some(oldest) = self.visits.pop_front()
        {
            for item in &oldest.items {
                let with = &mut self.with[*item as usize];
                if let Some(place) = with.iter().position(|number| *number == self.first) {
                    with.remove(place);
                }
            }
            self.open.remove(&oldest.key);
            self.first += 1;
        }
        let number = self.first + self.visits.len() as u64;
        self.visits.push_back(Visit {
            key,
            ..Visit::default()
        });
        self.open.insert(key, number);
        number
    }

    /// The best `n` items to come next in a visit of these items, the last one last.
    pub fn recommend(
        &self,
        scores: &mut Scores,
        visit: &[u32],
        mask: &Mask,
        n: usize,
    ) -> Vec<Scored> {
        let (best, visits) = self.best(scores, visit, mask, n);
        let reason = Reason::Visit { visits };
        let told = best.into_iter().map(|(item, score)| Scored {
            item,
            score,
            reason,
        });
        told.collect()
    }

    /// The same, with how many visits spoke.
    pub fn best(
        &self,
        scores: &mut Scores,
        visit: &[u32],
        mask: &Mask,
        n: usize,
    ) -> (Vec<(u32, f32)>, u32) {
        let visit = &visit[visit.len().saturating_sub(limits::LEARN_SESSION_ITEMS_MAX)..];
        scores.begin(self.items());
        let near = self.neighbours(visit);
        let spoke = self.hear(scores, visit, &near);
        self.follow(scores, visit);
        let open = scores.told().filter(|(item, _)| !mask.holds(*item));
        let best = rank::top(open, n.min(limits::LEARN_CHOSEN_MAX));
        (best, spoke)
    }

    /// The nearest visits with how near they are.
    fn neighbours(&self, visit: &[u32]) -> Vec<(u64, f32)> {
        let mut last: BTreeMap<u32, usize> = BTreeMap::new();
        for (place, item) in visit.iter().enumerate() {
            last.insert(*item, place + 1);
        }
        let mut found: Vec<(u64, f32)> = Vec::new();
        for (item, place) in &last {
            let weight = *place as f32 / visit.len() as f32;
            let Some(with) = self.with.get(*item as usize) else {
                continue;
            };
            let newest = with.iter().rev().take(self.settings.compared);
            found.extend(newest.map(|number| (*number, weight)));
        }
        found.sort_unstable_by_key(|(number, _)| Reverse(*number));
        let mut near: Vec<(u64, f32)> = Vec::with_capacity(found.len().min(self.settings.compared));
        for (number, weight) in found {
            let full = near.len() == self.settings.compared;
            match near.last_mut() {
                Some((last, sum)) if *last == number => *sum += weight,
                _ if full => break,
                _ => near.push((number, weight)),
            }
        }
        let nearer = |one: &(u64, f32), other: &(u64, f32)| {
            other.1.total_cmp(&one.1).then(other.0.cmp(&one.0))
        };
        if near.len() > self.settings.nearest {
            near.select_nth_unstable_by(self.settings.nearest, nearer);
            near.truncate(self.settings.nearest);
        }
        near.sort_unstable_by(nearer);
        near
    }

    /// Adds what the neighbours hold; answers how many spoke.
    fn hear(&self, scores: &mut Scores, visit: &[u32], near: &[(u64, f32)]) -> u32 {
        let mut most = 0f32;
        for (number, weight) in near {
            let theirs = &self.visits[(*number - self.first) as usize].items;
            let shared = visit.iter().rev().position(|item| theirs.contains(item));
            let decay = 1.0 / (shared.unwrap_or(visit.len()) + 1) as f32;
            for (place, item) in theirs.iter().enumerate() {
                if theirs[..place].contains(item) {
                    continue;
                }
                let with = self.with[*item as usize].len().max(1) as f32;
                let rarity = libm::logf((self.visits.len() as f32 / with).max(1.0));
                scores.add(
                    *item,
                    weight * decay * (1.0 + self.settings.rarity * rarity),
                );
            }
        }
        for (_, score) in scores.told() {
            most = most.max(score);
        }
        if most > 0.0 {
            scores.scale(1.0 / most);
        }
        near.len() as u32
    }

    /// Adds what directly followed the items of the visit.
    fn follow(&self, scores: &mut Scores, visit: &[u32]) {
        let mut weight = self.settings.following;
        for item in visit.iter().rev() {
            if weight < 1e-3 {
                break;
            }
            let Some(row) = self.after.get(*item as usize) else {
                continue;
            };
            let most = row.values().copied().fold(0.0, f32::max);
            for (other, count) in row {
                scores.add(*other, weight * count / most);
            }
            weight *= self.settings.decay;
        }
    }
}

/// Keeps the greater half of the weights.
fn forget_half(row: &mut BTreeMap<u32, f32>) {
    let all = row.iter().map(|(item, weight)| (*item, *weight));
    let best = rank::top(all, limits::LEARN_ROW_ITEMS_MAX);
    *row = best.into_iter().collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(visits: &Visits, visit: &[u32]) -> Vec<u32> {
        let mut scores = Scores::default();
        let told = visits.recommend(&mut scores, visit, &Mask::of(visit.iter().copied()), 5);
        told.iter().map(|scored| scored.item).collect()
    }

    #[test]
    fn every_event_changes_the_next_answer() {
        let mut visits = Visits::new(Settings::default());
        assert!(chosen(&visits, &[1]).is_empty());
        for (key, item) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 4)] {
            visits.observe(key, item);
        }
        assert_eq!(chosen(&visits, &[1]), [2, 4]);
        for key in 10..13 {
            visits.observe(key, 1);
            visits.observe(key, 9);
        }
        assert_eq!(chosen(&visits, &[1]), [9, 2, 4]);
        assert!(chosen(&visits, &[77]).is_empty());
    }

    #[test]
    fn late_items_weigh_more() {
        let mut visits = Visits::new(Settings {
            following: 0.0,
            ..Settings::default()
        });
        for (key, items) in [(1, [1, 5]), (2, [2, 6])] {
            items.iter().for_each(|item| visits.observe(key, *item));
        }
        assert_eq!(chosen(&visits, &[1, 2]), [6, 5]);
        assert_eq!(chosen(&visits, &[2, 1]), [5, 6]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut visits = Visits::new(Settings::default());
        for key in 0..limits::LEARN_SESSIONS_MAX as u64 + 1_000 {
            visits.observe(key, (key % 7) as u32);
            visits.observe(key.saturating_sub(500), 8 + (key % 5) as u32);
        }
        assert_eq!(visits.len(), limits::LEARN_SESSIONS_MAX);
        assert!(
            visits
                .with
                .iter()
                .all(|with| with.len() <= limits::LEARN_SESSIONS_PER_ITEM_MAX)
        );
        for item in 0..2_000 {
            visits.observe(u64::MAX - u64::from(item), 3);
            visits.observe(u64::MAX - u64::from(item), 1_000 + item);
        }
        assert!(visits.after[3].len() <= 2 * limits::LEARN_ROW_ITEMS_MAX);
        assert!(!chosen(&visits, &[3]).is_empty());
    }
}
