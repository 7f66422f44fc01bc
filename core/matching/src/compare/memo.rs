//! Levels of pairs of values, remembered: a direct-mapped table of fixed size.

use crate::dictionary::mix;

const SIZE: usize = 1 << 16;

/// Remembers levels.
pub struct Memo {
    keys: Vec<u64>,
    levels: Vec<u8>,
    /// Mixed into every key, so that what was remembered before can be forgotten at once.
    age: u64,
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            keys: vec![u64::MAX; SIZE],
            levels: vec![0; SIZE],
            age: 0,
        }
    }
}

impl Memo {
    /// Forgets everything.
    pub fn forget(&mut self) {
        self.age = self.age.wrapping_add(0x9E37_79B9_7F4A_7C15);
    }

    /// The level of two codes of one field: remembered, or worked out.
    pub fn level(&mut self, field: u8, one: u32, other: u32, find: impl FnOnce() -> u8) -> u8 {
        let (low, high) = (one.min(other), one.max(other));
        // Codes of one field stay below 2²⁸: its dictionary is below 4 GiB.
        let key = (u64::from(low) << 36 | u64::from(high) << 8 | u64::from(field)) ^ self.age;
        let slot = mix(key, 0x51) as usize & (SIZE - 1);
        if self.keys[slot] != key {
            self.levels[slot] = find();
            self.keys[slot] = key;
        }
        self.levels[slot]
    }
}
