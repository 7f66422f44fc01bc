//! Places of audiences, one bit each.

/// A set of places in [`Audiences::all`](crate::audience::Audiences::all). Joining two sets of
/// `n` audiences takes n / 64 steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places(Vec<u64>);

const BITS: usize = u64::BITS as usize;

impl Places {
    /// Puts a place in; false when it was there.
    pub fn insert(&mut self, place: usize) -> bool {
        let (word, bit) = (place / BITS, 1 << (place % BITS));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// Takes a place out.
    pub fn remove(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / BITS) {
            *word &= !(1 << (place % BITS));
        }
    }

    /// True when the place is in it.
    pub fn contains(&self, place: usize) -> bool {
        let word = self.0.get(place / BITS).copied().unwrap_or(0);
        word >> (place % BITS) & 1 == 1
    }

    /// True when nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Puts all of another set in.
    pub fn join(&mut self, other: &Places) {
        self.join_words(other.0.iter().copied());
    }

    /// Puts those of another set in that are in `members`.
    pub fn join_within(&mut self, other: &Places, members: &Places) {
        let members = members.0.iter().copied().chain(std::iter::repeat(0));
        self.join_words(other.0.iter().zip(members).map(|(word, held)| word & held));
    }

    /// Puts those of another set in that are not in `members`.
    pub fn join_without(&mut self, other: &Places, members: &Places) {
        let members = members.0.iter().copied().chain(std::iter::repeat(0));
        self.join_words(other.0.iter().zip(members).map(|(word, held)| word & !held));
    }

    fn join_words(&mut self, words: impl Iterator<Item = u64>) {
        for (at, word) in words.enumerate() {
            match self.0.get_mut(at) {
                Some(own) => *own |= word,
                None => self.0.push(word),
            }
        }
    }

    /// The least place that is not before `from`.
    pub fn next_from(&self, from: usize) -> Option<usize> {
        let first = from / BITS;
        let mut word = self.0.get(first)? >> (from % BITS) << (from % BITS);
        for at in first.. {
            if word != 0 {
                return Some(at * BITS + word.trailing_zeros() as usize);
            }
            word = *self.0.get(at + 1)?;
        }
        None
    }

    /// Every place, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let place = self.next_from(from)?;
            from = place + 1;
            Some(place)
        })
    }
}

impl Extend<usize> for Places {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, places: I) {
        for place in places {
            self.insert(place);
        }
    }
}

impl FromIterator<usize> for Places {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut all = Places::default();
        all.extend(places);
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_what_a_set_of_numbers_is(
            ones in prop::collection::vec(0usize..300, 0..40),
            others in prop::collection::vec(0usize..300, 0..40),
            gone in prop::collection::vec(0usize..400, 0..20),
            from in 0usize..400,
        ) {
            let (mut places, mut set) = (Places::default(), BTreeSet::new());
            for one in ones {
                prop_assert_eq!(places.insert(one), set.insert(one));
            }
            let (half, rest) = others.split_at(others.len() / 2);
            let members: Places = gone.iter().copied().collect();
            places.join(&half.iter().copied().collect());
            set.extend(half);
            let rest_places: Places = rest.iter().copied().collect();
            let (inside, outside) = (
                |place: &&usize| gone.contains(place),
                |place: &&usize| !gone.contains(place),
            );
            if from % 2 == 0 {
                places.join_within(&rest_places, &members);
                set.extend(rest.iter().filter(inside));
            } else {
                places.join_without(&rest_places, &members);
                set.extend(rest.iter().filter(outside));
            }
            for one in gone {
                places.remove(one);
                set.remove(&one);
            }
            prop_assert!(places.iter().eq(set.iter().copied()));
            prop_assert_eq!(places.is_empty(), set.is_empty());
            prop_assert_eq!(places.contains(from), set.contains(&from));
            prop_assert_eq!(places.next_from(from), set.range(from..).next().copied());
        }
    }
}
