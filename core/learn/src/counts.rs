//! Pairs of items counted event by event, in bounded memory: what [`crate::neighbours`] counts
//! over a whole history, kept up to date.
//!
//! Of each user the latest 20 items are held; an event makes a pair with each of them. Counts
//! halve every half-life, by weighing later events more (forward decay: Cormode and others, ICDE
//! 2009). Memory stays below a number of pairs, of items and of users: a row that is full, or all
//! rows when all pairs are too many, forget the weaker half; the user longest silent is forgotten.

use std::collections::BTreeMap;

use kith_base::limits;

use crate::matrix::Rows;
use crate::neighbours::{Neighbours, Settings};
use crate::rank;

/// How much is held at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Pairs of items.
    pub pairs: usize,
    /// Users with their latest items.
    pub users: usize,
    /// Different items; events of others are left out.
    pub items: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            pairs: limits::LEARN_PAIRS_MAX,
            users: limits::LEARN_RECENT_USERS_MAX,
            items: limits::LEARN_ITEMS_MAX,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    other: u32,
    together: f32,
    followed: f32,
}

#[derive(Clone, Debug)]
struct Recent {
    heard: u64,
    items: Vec<u32>,
}

/// Counts of pairs, and each user's latest items.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    room: Room,
    half_life: i64,
    landmark: Option<i64>,
    rows: Vec<Vec<Pair>>,
    degrees: Vec<f32>,
    pairs: usize,
    heard: u64,
    users: BTreeMap<u64, Recent>,
    by_silence: BTreeMap<u64, u64>,
}

/// Half-lives after the landmark beyond which all counts are scaled down.
const SCALE_AFTER: f64 = 60.0;
/// Pairs of one item beyond which it forgets the weaker half.
const ROW_MAX: usize = 4 * limits::LEARN_ROW_ITEMS_MAX;

impl Counts {
    /// Without any event. Counts halve every `half_life`, in the unit of the times; 0 is never.
    pub fn new(room: Room, half_life: i64) -> Self {
        Counts {
            room,
            half_life: half_life.max(0),
            ..Counts::default()
        }
    }

    /// Counts one event.
    pub fn observe(&mut self, user: u64, item: u32, at: i64) {
        if item as usize >= self.room.items {
            return;
        }
        if item as usize >= self.rows.len() {
            self.rows.resize_with(item as usize + 1, Vec::new);
            self.degrees.resize(item as usize + 1, 0.0);
        }
        let weight = self.weight(at);
        let recent = self.hear(user);
        let known = recent.contains(&item);
        for (step, before) in recent.iter().rev().enumerate().filter(|(_, b)| **b != item) {
            let near = step < limits::LEARN_FOLLOWING_STEPS_MAX;
            let followed = if near {
                weight / (step + 1) as f32
            } else {
                0.0
            };
            let together = if known { 0.0 } else { weight };
            self.add(*before, item, together, followed);
            if !known {
                self.add(item, *before, together, 0.0);
            }
        }
        if !known {
            self.degrees[item as usize] += weight;
        }
        let mut recent = recent;
        recent.retain(|other| *other != item);
        if recent.len() == limits::LEARN_RECENT_ITEMS_MAX {
            recent.remove(0);
        }
        recent.push(item);
        if let Some(held) = self.users.get_mut(&user) {
            held.items = recent;
        }
        if self.pairs > self.room.pairs {
            self.forget_half();
        }
    }

    /// How many pairs are held.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// How many users are held.
    pub fn users(&self) -> usize {
        self.users.len()
    }

    /// The latest items of each user who is remembered, the earliest first.
    pub fn histories(&self) -> impl Iterator<Item = &[u32]> {
        self.users.values().map(|recent| &*recent.items)
    }

    /// The rows as they are served.
    pub fn neighbours(&self, settings: Settings) -> Neighbours {
        let mut rows = Rows::new();
        for item in 0..self.rows.len() as u32 {
            rows.push(self.row(item, settings.following));
        }
        Neighbours {
            rows,
            decay: settings.decay,
        }
    }

    /// One row as of now, without building the others.
    pub fn row(&self, item: u32, following: f32) -> impl Iterator<Item = (u32, f32)> + '_ {
        let pairs = self.rows.get(item as usize).into_iter().flatten();
        pairs.map(move |pair| (pair.other, self.cosine(item, pair, following)))
    }

    /// One entry of it; 0 where there is none.
    pub fn weight_of(&self, item: u32, other: u32, following: f32) -> f32 {
        let row = self.rows.get(item as usize).map_or(&[][..], |row| row);
        let pair = row.binary_search_by_key(&other, |pair| pair.other);
        pair.map_or(0.0, |place| self.cosine(item, &row[place], following))
    }

    fn cosine(&self, item: u32, pair: &Pair, following: f32) -> f32 {
        let degree = |item: u32| self.degrees.get(item as usize).copied().unwrap_or(0.0);
        let scale = (degree(item) * degree(pair.other)).sqrt();
        (pair.together + following * pair.followed) / scale.max(f32::MIN_POSITIVE)
    }

    /// 2 to the half-lives since the landmark, which moves on before numbers grow too large.
    fn weight(&mut self, at: i64) -> f32 {
        let landmark = *self.landmark.get_or_insert(at);
        if self.half_life == 0 {
            return 1.0;
        }
        let span = self.half_life as f64;
        let ahead = at.saturating_sub(landmark) as f64 / span;
        if ahead <= SCALE_AFTER {
            return libm::exp2(ahead) as f32;
        }
        let factor = libm::exp2(-ahead) as f32;
        for pair in self.rows.iter_mut().flatten() {
            pair.together *= factor;
            pair.followed *= factor;
        }
        self.degrees.iter_mut().for_each(|degree| *degree *= factor);
        self.landmark = Some(at);
        1.0
    }

    /// The latest items of a user, who is no longer silent.
    fn hear(&mut self, user: u64) -> Vec<u32> {
        self.heard += 1;
        let heard = self.heard;
        self.by_silence.insert(heard, user);
        if let Some(recent) = self.users.get_mut(&user) {
            self.by_silence.remove(&recent.heard);
            recent.heard = heard;
            return std::mem::take(&mut recent.items);
        }
        if self.users.len() >= self.room.users
            && let Some((_, silent)) = self.by_silence.pop_first()
        {
            self.users.remove(&silent);
        }
        self.users.insert(
            user,
            Recent {
                heard,
                items: Vec::new(),
            },
        );
        Vec::new()
    }

    fn add(&mut self, item: u32, other: u32, together: f32, followed: f32) {
        let row = &mut self.rows[item as usize];
        match row.binary_search_by_key(&other, |pair| pair.other) {
            Ok(place) => {
                row[place].together += together;
                row[place].followed += followed;
            }
            Err(place) => {
                row.insert(
                    place,
                    Pair {
                        other,
                        together,
                        followed,
                    },
                );
                self.pairs += 1;
                if row.len() > ROW_MAX {
                    self.pairs -= keep(row, ROW_MAX / 2);
                }
            }
        }
    }

    fn forget_half(&mut self) {
        for row in &mut self.rows {
            let half = row.len() / 2;
            self.pairs -= keep(row, half);
            row.shrink_to_fit();
        }
    }
}

/// Keeps the strongest pairs of a row; answers how many went.
fn keep(row: &mut Vec<Pair>, most: usize) -> usize {
    let strengths = row.iter().enumerate();
    let strengths = strengths.map(|(place, pair)| (place as u32, pair.together + pair.followed));
    let mut places: Vec<u32> = rank::top(strengths, most)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    places.sort_unstable();
    let before = row.len();
    *row = places.iter().map(|place| row[*place as usize]).collect();
    before - row.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interactions::Interactions;
    use crate::neighbours;
    use kith_base::Random;
    use proptest::prelude::*;

    const SETTINGS: Settings = Settings {
        following: 2.0,
        decay: 0.8,
    };

    proptest! {
        /// With nothing forgotten, event by event gives what counting everything gives.
        #[test]
        fn equals_the_batch(rows in proptest::collection::vec(
            proptest::collection::btree_set(0u32..30, 0..12), 1..20), seed in 0u64..9) {
            let mut random = Random::new(seed);
            let rows: Vec<Vec<u32>> = rows.iter().map(|row| {
                let mut row: Vec<u32> = row.iter().copied().collect();
                row.sort_by_key(|_| random.next_u64());
                row
            }).collect();
            let mut counts = Counts::new(Room::default(), 0);
            for step in 0..12 {
                for (user, row) in rows.iter().enumerate() {
                    if let Some(item) = row.get(step) {
                        counts.observe(user as u64, *item, step as i64);
                    }
                }
            }
            let batch = neighbours::fit(
                &Interactions::from_lists(30, rows.iter().map(Vec::as_slice)), SETTINGS);
            let streamed = counts.neighbours(SETTINGS);
            for item in 0..30 {
                for other in 0..30 {
                    let (one, two) =
                        (batch.rows.weight(item, other), streamed.rows.weight(item, other));
                    prop_assert!((one - two).abs() < 1e-5, "{item} {other}: {one} {two}");
                }
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_the_strong_stay() {
        let room = Room {
            pairs: 5_000,
            users: 100,
            items: 2_000,
        };
        let mut counts = Counts::new(room, 0);
        let mut random = Random::new(1);
        for event in 0..60_000 {
            let user = random.below(1_000);
            counts.observe(user, random.below(3_000) as u32, event);
            if event % 10 == 0 {
                counts.observe(1_000_000 + event as u64, 7, event);
                counts.observe(1_000_000 + event as u64, 8, event);
            }
            assert!(counts.pairs() <= room.pairs && counts.users() <= room.users);
            assert_eq!(counts.users.len(), counts.by_silence.len());
        }
        assert_eq!(
            counts.rows.iter().map(Vec::len).sum::<usize>(),
            counts.pairs()
        );
        let best = counts
            .row(7, 2.0)
            .max_by(|one, other| one.1.total_cmp(&other.1));
        assert_eq!(best.map(|(other, _)| other), Some(8));
    }

    #[test]
    fn late_pairs_weigh_more_however_long_ago_it_began() {
        let mut counts = Counts::new(Room::default(), 10);
        for (user, items) in [[0, 1], [0, 2]].iter().enumerate() {
            for item in items {
                counts.observe(user as u64, *item, user as i64 * 10);
            }
        }
        let together = |counts: &Counts, other: u32| {
            let found = counts.rows[0].iter().find(|pair| pair.other == other);
            found.map_or(0.0, |pair| pair.together)
        };
        assert_eq!(together(&counts, 2) / together(&counts, 1), 2.0);
        counts.observe(9, 5, 10_000);
        let told = counts.row(0, 1.0).all(|(_, weight)| weight.is_finite());
        assert!(told && together(&counts, 1) < 1e-30);
    }
}
