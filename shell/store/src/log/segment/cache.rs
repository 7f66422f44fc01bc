//! Decompressed blocks that were read last, bounded in bytes.

use std::{collections::BTreeMap, sync::Arc};

use kith_event::Position;

use super::frame::Block;

pub(crate) struct Cache {
    blocks: BTreeMap<Position, (u64, Arc<Block>)>,
    /// Blocks by their last use.
    used: BTreeMap<u64, Position>,
    clock: u64,
    size_bytes: usize,
    size_max_bytes: usize,
}

impl Cache {
    pub fn new(size_max_bytes: usize) -> Self {
        Cache {
            blocks: BTreeMap::new(),
            used: BTreeMap::new(),
            clock: 0,
            size_bytes: 0,
            size_max_bytes,
        }
    }

    /// The block that holds a position.
    pub fn get(&mut self, position: Position) -> Option<Arc<Block>> {
        let (_, (used, block)) = self.blocks.range_mut(..=position).next_back()?;
        if position >= block.end() {
            return None;
        }
        self.clock += 1;
        self.used.remove(used);
        *used = self.clock;
        self.used.insert(self.clock, block.first);
        Some(Arc::clone(block))
    }

    pub fn insert(&mut self, block: Arc<Block>) {
        if block.size_bytes() > self.size_max_bytes {
            return;
        }
        self.clock += 1;
        self.size_bytes += block.size_bytes();
        self.used.insert(self.clock, block.first);
        if let Some((used, old)) = self.blocks.insert(block.first, (self.clock, block)) {
            self.used.remove(&used);
            self.size_bytes -= old.size_bytes();
        }
        while self.size_bytes > self.size_max_bytes {
            let Some((_, first)) = self.used.pop_first() else {
                break;
            };
            if let Some((_, old)) = self.blocks.remove(&first) {
                self.size_bytes -= old.size_bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::segment::frame::{Decoder, Encoder, HEADER_LEN, decode};

    fn block(first: Position) -> Arc<Block> {
        let mut bytes = Vec::new();
        let records = [vec![1; 500], vec![2; 500]];
        let headers = Encoder::new()
            .unwrap()
            .group(first, &records, &mut bytes)
            .unwrap();
        let stored = bytes.split_off(HEADER_LEN);
        Arc::new(decode(&mut Decoder::new(), &headers[0], stored).unwrap())
    }

    #[test]
    fn keeps_what_was_used_last_within_the_bound() {
        let size = block(0).size_bytes();
        let mut cache = Cache::new(3 * size);
        for first in [0, 2, 4] {
            cache.insert(block(first));
        }
        assert_eq!(cache.get(1).unwrap().first, 0);
        cache.insert(block(6));
        assert!(cache.get(2).is_none() && cache.get(3).is_none());
        assert_eq!(cache.get(5).unwrap().record(5), [2; 500]);
        assert_eq!(cache.get(0).unwrap().first, 0);
        assert!(cache.get(8).is_none());
        cache.insert(block(6));
        assert_eq!(cache.size_bytes, 3 * size);
    }
}
