//! Lists of records by key: open addressing with a fixed hash, lists chained in one array.

const NOBODY: u32 = u32::MAX;

/// Records by key.
pub struct Lists {
    keys: Vec<u64>,
    counts: Vec<u32>,
    heads: Vec<u32>,
    /// A record, and the place of the one before it.
    chain: Vec<(u32, u32)>,
    used: usize,
}

impl Default for Lists {
    fn default() -> Self {
        Lists::with_room(1 << 10)
    }
}

impl Lists {
    fn with_room(size: usize) -> Self {
        Lists {
            keys: vec![0; size],
            counts: vec![0; size],
            heads: vec![NOBODY; size],
            chain: Vec::new(),
            used: 0,
        }
    }

    fn slot(&self, key: u64) -> usize {
        let mask = self.keys.len() - 1;
        let key = key.max(1);
        let mut slot = key as usize & mask;
        while self.keys[slot] != 0 && self.keys[slot] != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn place(&mut self, key: u64) -> usize {
        if self.used * 10 >= self.keys.len() * 7 {
            self.grow();
        }
        let slot = self.slot(key);
        self.used += usize::from(self.keys[slot] == 0);
        self.keys[slot] = key.max(1);
        slot
    }

    fn grow(&mut self) {
        let mut larger = Lists::with_room(self.keys.len() * 2);
        for (slot, key) in self.keys.iter().enumerate().filter(|(_, key)| **key != 0) {
            let to = larger.slot(*key);
            larger.keys[to] = *key;
            larger.counts[to] = self.counts[slot];
            larger.heads[to] = self.heads[slot];
        }
        larger.used = self.used;
        larger.chain = std::mem::take(&mut self.chain);
        *self = larger;
    }

    /// Counts one more record with the key.
    pub fn count_more(&mut self, key: u64) {
        let slot = self.place(key);
        self.counts[slot] += 1;
    }

    /// Records counted with the key.
    pub fn count(&self, key: u64) -> u32 {
        self.counts[self.slot(key)]
    }

    /// Puts a record on the key's list.
    pub fn put(&mut self, key: u64, record: u32) {
        let slot = self.place(key);
        let place = self.chain.len() as u32;
        self.chain.push((record, self.heads[slot]));
        self.heads[slot] = place;
    }

    /// The records of the key, the latest first.
    pub fn of(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.heads[self.slot(key)];
        std::iter::from_fn(move || {
            let (record, before) = *self.chain.get(at as usize)?;
            at = before;
            Some(record)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;

    #[test]
    fn keeps_every_record_of_a_key() {
        let mut lists = Lists::default();
        for record in 0..5_000u32 {
            lists.put(u64::from(record % 700) * 0x9E37_79B9, record);
            lists.count_more(u64::from(record % 700) * 0x9E37_79B9);
        }
        for key in 0..700u32 {
            let found: Vec<u32> = lists.of(u64::from(key) * 0x9E37_79B9).collect();
            let mut expect: Vec<u32> = (0..5_000).filter(|record| record % 700 == key).collect();
            expect.reverse();
            assert_eq!(found, expect);
            assert_eq!(
                lists.count(u64::from(key) * 0x9E37_79B9),
                expect.len() as u32
            );
        }
        assert_eq!(lists.of(12_345).next(), None);
    }
}
