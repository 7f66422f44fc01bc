//! Lists of records by key: open addressing with a fixed hash, lists in chained nodes.

const NOBODY: u32 = u32::MAX;
/// Records of one node: with the link, a quarter of a line of the processor's cache.
const NODE: usize = 3;

/// Records by key.
pub struct Lists {
    slots: Vec<Slot>,
    nodes: Vec<Node>,
    used: usize,
}

/// What is known of a key, in one place: each look at memory waits.
#[derive(Clone, Copy)]
struct Slot {
    key: u64,
    count: u32,
    head: u32,
}

/// Some records of a key, the latest first, and the node of those before.
#[derive(Clone, Copy)]
struct Node {
    records: [u32; NODE],
    before: u32,
}

impl Default for Lists {
    fn default() -> Self {
        Lists::with_room(1 << 10)
    }
}

impl Lists {
    fn with_room(size: usize) -> Self {
        let empty = Slot {
            key: 0,
            count: 0,
            head: NOBODY,
        };
        Lists {
            slots: vec![empty; size],
            nodes: Vec::new(),
            used: 0,
        }
    }

    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let key = key.max(1);
        let mut slot = key as usize & mask;
        while self.slots[slot].key != 0 && self.slots[slot].key != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn place(&mut self, key: u64) -> usize {
        if self.used * 10 >= self.slots.len() * 7 {
            self.grow();
        }
        let slot = self.slot(key);
        self.used += usize::from(self.slots[slot].key == 0);
        self.slots[slot].key = key.max(1);
        slot
    }

    fn grow(&mut self) {
        let mut larger = Lists::with_room(self.slots.len() * 2);
        for slot in self.slots.iter().filter(|slot| slot.key != 0) {
            let to = larger.slot(slot.key);
            larger.slots[to] = *slot;
        }
        larger.used = self.used;
        larger.nodes = std::mem::take(&mut self.nodes);
        *self = larger;
    }

    /// Counts one more record with the key.
    pub fn count_more(&mut self, key: u64) {
        let slot = self.place(key);
        self.slots[slot].count += 1;
    }

    /// Records counted with the key.
    pub fn count(&self, key: u64) -> u32 {
        self.slots[self.slot(key)].count
    }

    /// Puts a record on the key's list.
    pub fn put(&mut self, key: u64, record: u32) {
        let slot = self.place(key);
        let head = self.slots[slot].head;
        if let Some(node) = self.nodes.get_mut(head as usize)
            && node.records[NODE - 1] == NOBODY
        {
            node.records.rotate_right(1);
            node.records[0] = record;
            return;
        }
        let mut records = [NOBODY; NODE];
        records[0] = record;
        self.slots[slot].head = self.nodes.len() as u32;
        self.nodes.push(Node {
            records,
            before: head,
        });
    }

    /// The records of the key, the latest first.
    pub fn of(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let node = |at: u32| self.nodes.get(at as usize);
        let first = node(self.slots[self.slot(key)].head);
        let nodes = std::iter::successors(first, move |known| node(known.before));
        nodes
            .flat_map(|node| node.records)
            .filter(|record| *record != NOBODY)
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
