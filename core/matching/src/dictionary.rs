//! Texts as numbers: each different text has one code, and equal codes mean equal texts.

/// The code of a missing value.
pub const MISSING: u32 = 0;

/// Different texts, each with its code, and how many values hold it.
///
/// Codes count from 1 in order of first appearance; 0 is a missing value. The table is open
/// addressing with a fixed hash, so that nothing depends on the process.
#[derive(Clone, Debug)]
pub struct Dictionary {
    arena: String,
    ends: Vec<u32>,
    counts: Vec<u32>,
    /// Part of the hash, and the code: most texts that differ are told apart without reading them.
    slots: Vec<(u32, u32)>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary {
            arena: String::new(),
            ends: vec![0],
            counts: vec![0],
            slots: vec![(0, MISSING); 16],
        }
    }
}

impl Dictionary {
    /// Different texts, the missing one included: codes are below this.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no text was taken in.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }

    /// The text of a code; empty for the missing value.
    pub fn text(&self, code: u32) -> &str {
        if code == MISSING {
            return "";
        }
        let code = code as usize;
        &self.arena[self.ends[code - 1] as usize..self.ends[code] as usize]
    }

    /// How many values hold this text.
    pub fn count(&self, code: u32) -> u32 {
        self.counts[code as usize]
    }

    /// The code of a text and one more value that holds it.
    pub fn add(&mut self, text: &str) -> u32 {
        let code = self.code(text);
        self.counts[code as usize] += 1;
        code
    }

    /// One more value that holds the text of this code.
    pub fn count_more(&mut self, code: u32, more: u32) {
        self.counts[code as usize] += more;
    }

    /// The code of a text, taken in when it is new; no value is counted.
    pub fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return MISSING;
        }
        let hash = hash(text.as_bytes());
        let mut slot = self.slot(text, hash);
        if self.slots[slot].1 != MISSING {
            return self.slots[slot].1;
        }
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
            slot = self.slot(text, hash);
        }
        let code = u32::try_from(self.ends.len()).expect("fewer than 2³² different texts");
        self.arena.push_str(text);
        let end = u32::try_from(self.arena.len()).expect("texts of one column are below 4 GiB");
        self.ends.push(end);
        self.counts.push(0);
        self.slots[slot] = (hash as u32, code);
        code
    }

    /// The code of a text that was taken in before.
    pub fn find(&self, text: &str) -> Option<u32> {
        let code = self.slots[self.slot(text, hash(text.as_bytes()))].1;
        (code != MISSING).then_some(code)
    }

    /// Forgets the texts taken in last, down to `length` codes. The last taken in stand at the ends
    /// of their runs of slots, so that emptying their slots leaves no gap.
    pub fn truncate(&mut self, length: usize) {
        while self.ends.len() > length {
            let code = self.ends.len() as u32 - 1;
            let text = self.text(code);
            let slot = self.slot(text, hash(text.as_bytes()));
            self.slots[slot] = (0, MISSING);
            self.ends.pop();
            self.counts.pop();
            self.arena.truncate(self.ends[code as usize - 1] as usize);
        }
    }

    fn slot(&self, text: &str, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = place(hash as u32, mask);
        loop {
            let (known, code) = self.slots[slot];
            if code == MISSING || known == hash as u32 && self.text(code) == text {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let mut larger = vec![(0, MISSING); size];
        // In order of codes, so that the last taken in stand at the ends of their runs.
        let mut of_codes = vec![0u32; self.ends.len()];
        for (hash, code) in &self.slots {
            of_codes[*code as usize] = *hash;
        }
        for (code, hash) in (0u32..).zip(of_codes).skip(1) {
            let mut slot = place(hash, size - 1);
            while larger[slot].1 != MISSING {
                slot = (slot + 1) & (size - 1);
            }
            larger[slot] = (hash, code);
        }
        self.slots = larger;
    }
}

/// The first slot of a hash: all of its 32 bits, spread over a table of any size.
fn place(hash: u32, mask: usize) -> usize {
    (hash as usize).wrapping_mul(0x9E37_79B1) & mask
}

/// A fixed hash of bytes: eight at a time, folded multiplications.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64 ^ 0x9E37_79B9_7F4A_7C15;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = mix(state, u64::from_le_bytes(word));
    }
    mix(state, 0x2545_F491_4F6C_DD1D)
}

/// One word mixed into a hash.
pub fn mix(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word) * 0x9FB2_1C65_1E98_DF25_u128;
    (product >> 64) as u64 ^ product as u64 ^ word.rotate_left(23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_each_text_one_code() {
        let mut dictionary = Dictionary::default();
        let codes: Vec<u32> = (0..5_000)
            .map(|n| dictionary.add(&format!("text {n}")))
            .collect();
        for (n, code) in codes.iter().enumerate() {
            let text = format!("text {n}");
            assert_eq!(dictionary.text(*code), text);
            assert_eq!(dictionary.add(&text), *code);
            assert_eq!(dictionary.find(&text), Some(*code));
            assert_eq!(dictionary.count(*code), 2);
        }
        assert_eq!(dictionary.add(""), MISSING);
        assert_eq!(dictionary.find("other"), None);
        let length = dictionary.len();
        let new: Vec<String> = (0..50).map(|n| format!("new {n}")).collect();
        new.iter()
            .for_each(|text| assert!(dictionary.add(text) as usize >= length));
        dictionary.truncate(length);
        assert!(new.iter().all(|text| dictionary.find(text).is_none()));
        assert!(
            codes
                .iter()
                .enumerate()
                .all(|(n, code)| dictionary.find(&format!("text {n}")) == Some(*code))
        );
    }
}
