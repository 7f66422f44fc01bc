//! Who touched which item when: what every recommender learns from.

use std::collections::BTreeMap;

use kith_base::limits;

use crate::Error;

/// Users × items with time, by user; each user's touches in order of time, then of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interactions {
    items: usize,
    starts: Vec<usize>,
    touched: Vec<u32>,
    at: Vec<i64>,
}

impl Interactions {
    /// From each user's touches as (item, time), already in order.
    pub fn from_rows<'a>(items: usize, rows: impl IntoIterator<Item = &'a [(u32, i64)]>) -> Self {
        let mut made = Interactions {
            items,
            starts: vec![0],
            ..Interactions::default()
        };
        for row in rows {
            for (item, at) in row {
                debug_assert!(
                    (*item as usize) < items,
                    "items are numbered below their count"
                );
                made.touched.push(*item);
                made.at.push(*at);
            }
            made.starts.push(made.touched.len());
        }
        made
    }

    /// From each user's items in order; the place in the row stands for the time.
    pub fn from_lists<'a>(items: usize, rows: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let mut made = Interactions {
            items,
            starts: vec![0],
            ..Interactions::default()
        };
        for row in rows {
            made.touched.extend_from_slice(row);
            made.at.extend(0..row.len() as i64);
            made.starts.push(made.touched.len());
        }
        made
    }

    /// How many items there are; their numbers are below.
    pub fn items(&self) -> usize {
        self.items
    }

    /// How many users there are.
    pub fn users(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many touches there are.
    pub fn touches(&self) -> usize {
        self.touched.len()
    }

    /// Items of a user, oldest first.
    pub fn row(&self, user: usize) -> &[u32] {
        &self.touched[self.starts[user]..self.starts[user + 1]]
    }

    /// Times of a user's touches.
    pub fn times(&self, user: usize) -> &[i64] {
        &self.at[self.starts[user]..self.starts[user + 1]]
    }

    /// The latest time, 0 of nothing.
    pub fn latest(&self) -> i64 {
        self.at.iter().copied().max().unwrap_or(0)
    }

    /// Each user's distinct items in ascending order, the newest up to a limit.
    pub fn distinct(&self) -> Sets {
        let mut sets = Sets {
            starts: vec![0],
            members: Vec::with_capacity(self.touched.len()),
        };
        for user in 0..self.users() {
            let row = self.row(user);
            let mut row = row[row.len().saturating_sub(limits::LEARN_HISTORY_ITEMS_MAX)..].to_vec();
            row.sort_unstable();
            row.dedup();
            sets.members.extend_from_slice(&row);
            sets.starts.push(sets.members.len());
        }
        sets
    }

    /// How many users touched each item.
    pub fn degrees(&self) -> Vec<u32> {
        let mut degrees = vec![0; self.items];
        let sets = self.distinct();
        for item in &sets.members {
            degrees[*item as usize] += 1;
        }
        degrees
    }

    /// Each user's items without repeats, the first touch of each, in order.
    pub fn first_touches(&self) -> Interactions {
        let mut seen = vec![u32::MAX; self.items];
        let mut made = Interactions {
            items: self.items,
            starts: vec![0],
            ..Interactions::default()
        };
        for user in 0..self.users() {
            for (item, at) in self.row(user).iter().zip(self.times(user)) {
                if std::mem::replace(&mut seen[*item as usize], user as u32) != user as u32 {
                    made.touched.push(*item);
                    made.at.push(*at);
                }
            }
            made.starts.push(made.touched.len());
        }
        made
    }

    /// Those of the users for which `keep` holds, touch by touch.
    pub fn filter(&self, mut keep: impl FnMut(usize, u32, i64) -> bool) -> Interactions {
        let mut made = Interactions {
            items: self.items,
            starts: vec![0],
            ..Interactions::default()
        };
        for user in 0..self.users() {
            for (item, at) in self.row(user).iter().zip(self.times(user)) {
                if keep(user, *item, *at) {
                    made.touched.push(*item);
                    made.at.push(*at);
                }
            }
            made.starts.push(made.touched.len());
        }
        made
    }
}

/// Sets of small numbers in one piece of memory.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    starts: Vec<usize>,
    members: Vec<u32>,
}

impl Sets {
    /// How many sets there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One set, ascending.
    pub fn get(&self, index: usize) -> &[u32] {
        &self.members[self.starts[index]..self.starts[index + 1]]
    }

    /// The other way round: for each member below `count` the sets that hold it, ascending.
    pub fn transposed(&self, count: usize) -> Sets {
        let mut starts = vec![0usize; count + 1];
        for member in &self.members {
            starts[*member as usize + 1] += 1;
        }
        for index in 0..count {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut members = vec![0; self.members.len()];
        for index in 0..self.len() {
            for member in self.get(index) {
                let place = &mut next[*member as usize];
                members[*place] = index as u32;
                *place += 1;
            }
        }
        Sets { starts, members }
    }
}

/// Ids by number. Numbers follow the ids in order: as whole numbers when all are, else as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names(Vec<Box<str>>);

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of a number.
    pub fn get(&self, number: u32) -> &str {
        &self.0[number as usize]
    }
}

/// Ids numbered as they come.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    found: BTreeMap<Box<str>, u32>,
}

impl Numbering {
    pub(crate) fn number(
        &mut self,
        id: &str,
        what: &'static str,
        most: usize,
    ) -> Result<u32, Error> {
        if let Some(number) = self.found.get(id) {
            return Ok(*number);
        }
        let number = self.found.len();
        if number >= most {
            return Err(Error::TooMany { what, most });
        }
        self.found.insert(id.into(), number as u32);
        Ok(number as u32)
    }

    /// Names in their order, and for each number as it came the place of its name.
    pub(crate) fn finish(self) -> (Names, Vec<u32>) {
        let mut ids: Vec<(Box<str>, u32)> = self.found.into_iter().collect();
        let whole = |id: &str| id.parse::<u64>().ok();
        if ids.iter().all(|(id, _)| whole(id).is_some()) {
            ids.sort_by_key(|(id, _)| whole(id));
        }
        let mut places = vec![0; ids.len()];
        for (place, (_, number)) in ids.iter().enumerate() {
            places[*number as usize] = place as u32;
        }
        (Names(ids.into_iter().map(|(id, _)| id).collect()), places)
    }
}

/// Gathers events in any order. Several sets that share users and items are told apart by a
/// number, such as 0 for training and 1 for a test.
#[derive(Debug, Default)]
pub struct Builder {
    users: Numbering,
    items: Numbering,
    events: Vec<Event>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    set: u8,
    user: u32,
    item: u32,
    at: i64,
}

/// What a [`Builder`] gathered.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Ids of users.
    pub users: Names,
    /// Ids of items.
    pub items: Names,
    /// Each set, over all users and items of all sets.
    pub sets: Vec<Interactions>,
}

impl Builder {
    /// Adds one touch.
    pub fn push(&mut self, set: u8, user: &str, item: &str, at: i64) -> Result<(), Error> {
        if self.events.len() >= limits::LEARN_EVENTS_MAX {
            let most = limits::LEARN_EVENTS_MAX;
            return Err(Error::TooMany {
                what: "events",
                most,
            });
        }
        for id in [user, item] {
            if id.len() > limits::LEARN_ID_MAX_BYTES {
                let most = limits::LEARN_ID_MAX_BYTES;
                return Err(Error::TooMany {
                    what: "bytes of an id",
                    most,
                });
            }
        }
        let user = self.users.number(user, "users", limits::LEARN_USERS_MAX)?;
        let item = self.items.number(item, "items", limits::LEARN_ITEMS_MAX)?;
        self.events.push(Event {
            set,
            user,
            item,
            at,
        });
        Ok(())
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Sorts by user, time and arrival; `sets` is how many there are.
    pub fn finish(mut self, sets: u8) -> Gathered {
        let (users, user_places) = self.users.finish();
        let (items, item_places) = self.items.finish();
        for event in &mut self.events {
            event.user = user_places[event.user as usize];
            event.item = item_places[event.item as usize];
        }
        self.events
            .sort_by_key(|event| (event.set, event.user, event.at));
        let sets = (0..sets).map(|set| {
            let from = self.events.partition_point(|event| event.set < set);
            let to = self.events.partition_point(|event| event.set <= set);
            let events = &self.events[from..to];
            let mut starts = vec![0; users.len() + 1];
            for event in events {
                starts[event.user as usize + 1] += 1;
            }
            for user in 0..users.len() {
                starts[user + 1] += starts[user];
            }
            Interactions {
                items: items.len(),
                starts,
                touched: events.iter().map(|event| event.item).collect(),
                at: events.iter().map(|event| event.at).collect(),
            }
        });
        let sets = sets.collect();
        Gathered { users, items, sets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_ids_and_rows_follow_time() {
        let mut builder = Builder::default();
        for (user, item, at) in [("b", "10", 5), ("a", "9", 3), ("b", "9", 1), ("b", "10", 5)] {
            builder.push(0, user, item, at).unwrap();
        }
        let gathered = builder.finish(1);
        assert_eq!((gathered.items.get(0), gathered.items.get(1)), ("9", "10"));
        let set = &gathered.sets[0];
        assert_eq!((set.row(0), set.row(1)), (&[0][..], &[0, 1, 1][..]));
        assert_eq!(set.first_touches().row(1), [0, 1]);
        assert_eq!(set.degrees(), [2, 1]);
    }

    #[test]
    fn sets_transpose() {
        let rows: [&[u32]; 3] = [&[0, 2], &[], &[2, 1, 2]];
        let sets = Interactions::from_lists(3, rows).distinct();
        let by_item = sets.transposed(3);
        assert_eq!((by_item.get(0), by_item.get(1)), (&[0][..], &[2][..]));
        assert_eq!(by_item.get(2), [0, 2]);
    }
}
