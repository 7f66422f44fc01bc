//! The keys of one record by itself, for meeting it with records known before.

use super::atoms::{ASPECT_GROUPS_FROM, aspects};
use crate::dictionary::{MISSING, hash, mix};
use crate::records::Records;

/// Most common aspects of a record that are put together in twos.
const COMMON_MAX: usize = 6;

/// What one record can agree on, each as a number that follows from the text alone.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// Group and key of each aspect.
    pub aspects: Vec<(u8, u64)>,
    /// Keys of words.
    pub words: Vec<u64>,
}

impl Signature {
    /// Of a record.
    pub fn of(records: &Records, record: usize) -> Self {
        let mut signature = Signature::default();
        if records.named {
            signature.add_name(records, record);
        }
        for (group, field) in (ASPECT_GROUPS_FROM..).zip(&records.fields) {
            let text = field.texts.text(field.codes[record]);
            for (place, aspect) in (0u64..).zip(aspects(field.kind)) {
                let part = aspect(text);
                if !part.is_empty() {
                    let key = mix(hash(part.as_bytes()), u64::from(group) << 8 | place);
                    signature.aspects.push((group, key));
                }
            }
            if field.has_words() {
                for word in &field.value_words[field.codes[record] as usize] {
                    let text = field.words.text(*word);
                    signature
                        .words
                        .push(mix(hash(text.as_bytes()), u64::from(group) << 16));
                }
            }
        }
        signature
    }

    fn add_name(&mut self, records: &Records, record: usize) {
        let (name, words) = (&records.names[record], &records.words);
        let text = |word: u32| hash(words.texts.text(word).as_bytes());
        let sound = |word: u32| words.sounds[word as usize];
        if name.surname != MISSING {
            self.aspects.push((0, mix(text(name.surname), 1)));
            self.aspects.push((0, mix(sound(name.surname), 2)));
        }
        if name.given != MISSING {
            let line = words.nicknames[name.given as usize][0];
            let form = if line == 0 {
                text(name.given)
            } else {
                u64::from(line)
            };
            self.aspects.push((1, mix(form, 3)));
            self.aspects.push((1, mix(sound(name.given), 4)));
        }
        let all = [name.given, name.surname].into_iter().chain(name.others());
        for word in all.filter(|word| *word != MISSING) {
            self.words.push(mix(text(word), 5));
        }
    }

    /// Keys of two aspects together that are too common alone: of the rarest few, by `count`.
    pub fn composites(&self, cap: u32, count: impl Fn(u64) -> u32) -> Vec<u64> {
        let counted = self
            .aspects
            .iter()
            .map(|(group, key)| (count(*key), *group, *key));
        let mut common: Vec<(u32, u8, u64)> = counted.filter(|(count, ..)| *count > cap).collect();
        common.sort_unstable();
        common.truncate(COMMON_MAX);
        let mut keys = Vec::new();
        for (at, (_, group, key)) in common.iter().enumerate() {
            for (_, other_group, other) in &common[at + 1..] {
                if group != other_group {
                    keys.push(mix(*key.min(other), key.max(other).rotate_left(7)));
                }
            }
        }
        keys
    }
}
