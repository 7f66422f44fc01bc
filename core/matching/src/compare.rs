//! Comparison: how far two records agree, field by field, as levels packed into one number.

pub mod levels;
mod memo;
mod name;
mod value;

use serde::{Deserialize, Serialize};

use crate::columns::Kind;
use crate::records::Records;
use levels::Level;
use levels::{EXACT, NONE};
pub use memo::Memo;

/// Names take three slots: given name, surname, other words.
pub const NAME_SLOTS: usize = 3;
/// Most slots of a vector, at four bits each.
const SLOTS_MAX: usize = 32;
const _: () = assert!(NAME_SLOTS + kith_base::limits::MATCH_FIELDS_MAX <= SLOTS_MAX);

/// Levels of all slots, four bits each, the first slot lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vector(pub u128);

impl Vector {
    /// The level of a slot.
    pub fn level(self, slot: usize) -> u8 {
        (self.0 >> (slot * 4)) as u8 & 15
    }

    fn set(&mut self, slot: usize, level: u8) {
        self.0 |= u128::from(level) << (slot * 4);
    }
}

/// What a slot compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
}

impl Slot {
    /// Its levels, strongest first.
    pub fn levels(&self) -> &'static [Level] {
        levels::of(self.kind)
    }
}

/// The slots of these records.
pub fn slots(records: &Records) -> Vec<Slot> {
    let slot = |name: &str, kind| Slot {
        name: name.to_owned(),
        kind,
    };
    let mut slots = Vec::new();
    if records.named {
        slots.push(slot("given name", Kind::GivenName));
        slots.push(slot("surname", Kind::Surname));
        slots.push(slot("other names", Kind::FullName));
    }
    slots.extend(
        records
            .fields
            .iter()
            .map(|field| slot(&field.name, field.kind)),
    );
    slots
}

/// Compares records of one set.
pub struct Comparator<'a> {
    records: &'a Records,
    memo: Memo,
}

impl<'a> Comparator<'a> {
    /// For these records.
    pub fn new(records: &'a Records) -> Self {
        Comparator {
            records,
            memo: Memo::default(),
        }
    }

    /// The levels of two records.
    pub fn compare(&mut self, one: u32, other: u32) -> Vector {
        compare(self.records, &mut self.memo, one, other)
    }
}

/// The levels of two records.
pub fn compare(records: &Records, memo: &mut Memo, one: u32, other: u32) -> Vector {
    let rows = records.row(one).iter().zip(records.row(other));
    let (one, other) = (one as usize, other as usize);
    let mut vector = Vector::default();
    let mut slot = 0;
    if records.named {
        let names = (&records.names[one], &records.names[other]);
        let levels = name::levels(&records.words, memo, names.0, names.1);
        for (slot, level) in levels.into_iter().enumerate() {
            vector.set(slot, level);
        }
        slot = NAME_SLOTS;
    }
    for ((place, field), (a, b)) in (1u8..).zip(&records.fields).zip(rows) {
        let (a, b) = (*a, *b);
        let level = if a == 0 || b == 0 {
            NONE
        } else if a == b {
            EXACT
        } else if matches!(field.kind, Kind::Gender | Kind::Region) {
            2
        } else {
            memo.level(place, a, b, || value::level(field, a, b))
        };
        vector.set(slot, level);
        slot += 1;
    }
    vector
}

/// How many records hold the value that two records share in a slot, and how many hold any;
/// `None` where rarity does not count.
pub fn rarity(records: &Records, slot: usize, level: u8, one: u32, other: u32) -> Option<u32> {
    let fields_from = if records.named { NAME_SLOTS } else { 0 };
    if slot >= fields_from {
        let field = &records.fields[slot - fields_from];
        let code = || records.row(one)[slot - fields_from];
        return (level == EXACT).then(|| field.texts.count(code()));
    }
    let (one, other) = (one as usize, other as usize);
    let names = (&records.names[one], &records.names[other]);
    match (slot, level) {
        (0, EXACT) => Some(records.words.as_given[names.0.given as usize]),
        (1, EXACT) => Some(records.words.as_surname[names.0.surname as usize]),
        (2, 1 | 2) => name::rarest_shared(&records.words, names.0, names.1),
        _ => None,
    }
}
