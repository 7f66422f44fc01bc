//! Keys: groups of records that agree on something rare enough to be looked at together.

use super::atoms::Atom;
use crate::dictionary::{MISSING, mix};
use crate::records::Records;

/// Groups of records, and the groups of each record.
pub struct Keys {
    /// Where each group begins in `members`.
    starts: Vec<u32>,
    /// Records of each group, ascending.
    members: Vec<u32>,
    /// Where each record's groups begin in `groups`.
    record_starts: Vec<u32>,
    groups: Vec<u32>,
}

impl Keys {
    /// The members of each group of a record.
    pub fn of(&self, record: usize) -> impl Iterator<Item = &[u32]> {
        let range = self.record_starts[record] as usize..self.record_starts[record + 1] as usize;
        self.groups[range].iter().map(|group| {
            let group = *group as usize;
            &self.members[self.starts[group] as usize..self.starts[group + 1] as usize]
        })
    }

    /// Groups by each aspect alone, where it is rare; by two together, where both are common;
    /// by rare words. The largest groups are left out so that all have at most `budget` pairs.
    pub fn new(records: &Records, atoms: &[Atom], budget: u64) -> Self {
        let mut keyed = Vec::new();
        let cap = single_cap(atoms, budget / 2);
        for (place, atom) in (0u64..).zip(atoms) {
            for (record, code) in (0u32..).zip(&atom.codes) {
                if (2..=cap).contains(&atom.counts[*code as usize]) {
                    keyed.push((mix(place + 1, u64::from(*code)), record));
                }
            }
        }
        composites(atoms, cap, records.len(), &mut keyed);
        words(records, cap, &mut keyed);
        grouped(keyed, records.len(), budget, cap)
    }
}

/// The largest count at which all pairs of records that agree on one aspect fit the budget.
fn single_cap(atoms: &[Atom], budget: u64) -> u32 {
    const MOST: usize = 400;
    let mut pairs = [0u64; MOST + 1];
    for atom in atoms {
        for count in atom
            .counts
            .iter()
            .filter(|count| (2..=MOST as u32).contains(count))
        {
            pairs[*count as usize] += u64::from(*count) * u64::from(count - 1) / 2;
        }
    }
    largest(&pairs, budget)
}

fn largest(pairs: &[u64], budget: u64) -> u32 {
    let mut sum = 0;
    let fits = pairs.iter().take_while(|pairs| {
        sum += **pairs;
        sum <= budget
    });
    (fits.count().max(8) - 1) as u32
}

/// Most common aspects of a record that are put together in twos: the rarest.
const COMMON_MAX: usize = 9;

/// Two aspects together, both too common alone. Most such keys are of one record: they are counted
/// first, and only those of several are kept.
fn composites(atoms: &[Atom], cap: u32, rows: usize, keyed: &mut Vec<(u64, u32)>) {
    let mut common = Common::default();
    let mut total = 0usize;
    for record in 0..rows {
        common.look_at(atoms, cap, record);
        common.keys(|_| total += 1);
    }
    let mut several = Several::new(total);
    for record in 0..rows {
        common.look_at(atoms, cap, record);
        common.keys(|key| several.add(key));
    }
    for record in 0..rows {
        common.look_at(atoms, cap, record);
        common.keys(|key| {
            if several.has(key) {
                keyed.push((key, record as u32));
            }
        });
    }
}

/// The common aspects of one record: count, place, group and code.
#[derive(Default)]
struct Common(Vec<(u32, usize, u8, u32)>);

impl Common {
    fn look_at(&mut self, atoms: &[Atom], cap: u32, record: usize) {
        let common = &mut self.0;
        common.clear();
        for (place, atom) in atoms.iter().enumerate() {
            let code = atom.codes[record];
            let count = atom.counts[code as usize];
            if code != MISSING && count > cap {
                common.push((count, place, atom.group, code));
            }
        }
        if common.len() > COMMON_MAX {
            common.sort_unstable();
            common.truncate(COMMON_MAX);
            common.sort_unstable_by_key(|(_, place, ..)| *place);
        }
    }

    fn keys(&self, mut found: impl FnMut(u64)) {
        for (at, (_, place, group, code)) in self.0.iter().enumerate() {
            let first = mix(*place as u64 + 101, u64::from(*code));
            for (_, other_place, other_group, other) in &self.0[at + 1..] {
                if other_group != group {
                    found(mix(first, u64::from(*other) << 8 | *other_place as u64));
                }
            }
        }
    }
}

/// Which keys came more than once, or share their bits with one that did.
struct Several {
    once: Vec<u64>,
    more: Vec<u64>,
}

impl Several {
    fn new(keys: usize) -> Self {
        let words = (keys * 4 / 64 + 1).next_power_of_two();
        Several {
            once: vec![0; words],
            more: vec![0; words],
        }
    }

    fn place(&self, key: u64) -> (usize, u64) {
        let word = (key >> 6) as usize & (self.once.len() - 1);
        (word, 1 << (key & 63))
    }

    fn add(&mut self, key: u64) {
        let (word, bit) = self.place(key);
        self.more[word] |= self.once[word] & bit;
        self.once[word] |= bit;
    }

    fn has(&self, key: u64) -> bool {
        let (word, bit) = self.place(key);
        self.more[word] & bit != 0
    }
}

/// Rare words of names and of fields that have words.
fn words(records: &Records, cap: u32, keyed: &mut Vec<(u64, u32)>) {
    let cap = cap.min(100);
    for (record, name) in (0u32..).zip(&records.names) {
        let all = [name.given, name.surname].into_iter().chain(name.others());
        for word in all.filter(|word| *word != MISSING) {
            if (2..=cap).contains(&records.words.anywhere(word)) {
                keyed.push((mix(11, u64::from(word)), record));
            }
        }
    }
    for (place, field) in (0u64..).zip(&records.fields) {
        if !field.has_words() {
            continue;
        }
        for (record, code) in (0u32..).zip(&field.codes) {
            for word in &field.value_words[*code as usize] {
                if (2..=cap).contains(&field.words.count(*word)) {
                    keyed.push((mix(place + 1_001, u64::from(*word)), record));
                }
            }
        }
    }
}

fn grouped(mut keyed: Vec<(u64, u32)>, rows: usize, budget: u64, cap: u32) -> Keys {
    keyed.sort_unstable();
    let cap = cap.max(group_cap(&keyed, budget));
    let mut keys = Keys {
        starts: vec![0],
        members: Vec::with_capacity(keyed.len()),
        record_starts: vec![0; rows + 1],
        groups: Vec::new(),
    };
    for group in keyed.chunk_by(|one, other| one.0 == other.0) {
        if !(2..=cap as usize).contains(&group.len()) {
            continue;
        }
        for (_, record) in group {
            keys.members.push(*record);
            keys.record_starts[*record as usize + 1] += 1;
        }
        keys.starts.push(keys.members.len() as u32);
    }
    drop(keyed);
    for record in 0..rows {
        keys.record_starts[record + 1] += keys.record_starts[record];
    }
    let mut next = keys.record_starts.clone();
    keys.groups = vec![0; keys.members.len()];
    for group in 0..keys.starts.len() - 1 {
        for member in keys.starts[group]..keys.starts[group + 1] {
            let place = &mut next[keys.members[member as usize] as usize];
            keys.groups[*place as usize] = group as u32;
            *place += 1;
        }
    }
    keys
}

fn group_cap(keyed: &[(u64, u32)], budget: u64) -> u32 {
    let mut pairs = [0u64; 201];
    for group in keyed.chunk_by(|one, other| one.0 == other.0) {
        if let Some(pairs) = pairs.get_mut(group.len()) {
            *pairs += group.len() as u64 * (group.len() as u64 - 1) / 2;
        }
    }
    largest(&pairs, budget)
}
