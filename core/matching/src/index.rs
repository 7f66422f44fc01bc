//! One record against everything known before, with the weights that the batch has learned.

mod lists;
mod told;

use kith_base::limits;

use crate::block::Signature;
use crate::compare::{Memo, compare};
use crate::evidence::Pair;
use crate::layer::Seen;
use crate::matcher::{Fitted, LOOKED_AT_MIN, Matcher, UNMET};
use lists::Lists;

/// Records that share a key and are met by it; a key with more is common.
const MET_BY_KEY_MAX: u32 = 50;

/// Records that can be asked about, one at a time.
pub struct Index {
    matcher: Matcher,
    fitted: Fitted,
    lists: Lists,
    memo: Memo,
}

/// A known record that may be the one asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its number: the row of the table, or what [`Index::insert`] answered.
    pub record: u32,
    /// Bits for a match.
    pub bits: f32,
}

impl Index {
    /// All records of a fitted table.
    pub fn new(matcher: Matcher, fitted: Fitted) -> Self {
        let mut index = Index {
            matcher,
            fitted,
            lists: Lists::default(),
            memo: Memo::default(),
        };
        for record in 0..index.matcher.records.len() {
            index.count(record);
        }
        for record in 0..index.matcher.records.len() {
            index.list(record);
        }
        index
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.matcher.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Known records that may be this one, best first. Values are in the order of the columns of
    /// the table.
    pub fn find(&mut self, values: &[&str]) -> Vec<Found> {
        let (record, mark) = self.matcher.records.push(&self.matcher.plan, values, 0);
        let found = self.judge(record);
        self.matcher.records.pop(mark);
        // Codes of what is forgotten are given to other texts.
        self.memo.forget();
        found
    }

    /// Adds a record: its number, and the known records that may be the same.
    pub fn insert(&mut self, values: &[&str]) -> (u32, Vec<Found>) {
        let (record, _) = self.matcher.records.push(&self.matcher.plan, values, 0);
        let found = self.judge(record);
        self.matcher.records.count_last();
        self.matcher.order.push(record);
        self.count(record as usize);
        self.list(record as usize);
        (record, found)
    }

    fn count(&mut self, record: usize) {
        let signature = Signature::of(&self.matcher.records, record);
        for key in signature
            .aspects
            .iter()
            .map(|(_, key)| key)
            .chain(&signature.words)
        {
            self.lists.count_more(*key);
        }
    }

    fn list(&mut self, record: usize) {
        let signature = Signature::of(&self.matcher.records, record);
        let lists = &mut self.lists;
        for key in signature
            .aspects
            .iter()
            .map(|(_, key)| key)
            .chain(&signature.words)
        {
            if lists.count(*key) <= MET_BY_KEY_MAX {
                lists.put(*key, record as u32);
            }
        }
        for key in signature.composites(MET_BY_KEY_MAX, |key| lists.count(key)) {
            if lists.count(key) < MET_BY_KEY_MAX {
                lists.count_more(key);
                lists.put(key, record as u32);
            }
        }
    }

    /// Records that share keys with this one: of those met by its rarest keys, the ones with
    /// which it shares most.
    fn met(&self, record: u32) -> Vec<u32> {
        let signature = Signature::of(&self.matcher.records, record as usize);
        let composites = signature.composites(MET_BY_KEY_MAX, |key| self.lists.count(key));
        let aspects = signature.aspects.iter().map(|(_, key)| *key);
        let all = aspects
            .chain(signature.words.iter().copied())
            .chain(composites);
        let counted = all.map(|key| (self.lists.count(key), key));
        let mut rare: Vec<(u32, u64)> = counted
            .filter(|(count, _)| (1..=MET_BY_KEY_MAX).contains(count))
            .collect();
        rare.sort_unstable();
        rare.dedup();
        let mut met: Vec<(u32, f32)> = Vec::with_capacity(limits::MATCH_CANDIDATES_MAX);
        for (count, key) in rare {
            if met.len() + count as usize > limits::MATCH_CANDIDATES_MAX {
                break;
            }
            let bits = (self.len() as f32 / count as f32).log2();
            met.extend(self.lists.of(key).map(|other| (other, bits)));
        }
        met.sort_unstable_by_key(|(other, _)| *other);
        met.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        if met.len() > limits::MATCH_COMPARED_MAX {
            met.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
            met.truncate(limits::MATCH_COMPARED_MAX);
        }
        met.into_iter().map(|(other, _)| other).collect()
    }

    fn judge(&mut self, record: u32) -> Vec<Found> {
        let mut found = Vec::new();
        let mut row = Vec::new();
        for other in self
            .met(record)
            .into_iter()
            .filter(|other| *other != record)
        {
            let records = &self.matcher.records;
            let vector = compare(records, &mut self.memo, record, other);
            let weights = &self.fitted.learned.weights;
            let mut bits = weights.of_pair(records, vector, record, other);
            if bits <= LOOKED_AT_MIN || self.matcher.is_vetoed(record, other) {
                continue;
            }
            let pair = Pair {
                one: record,
                other,
                same_cluster: false,
            };
            let seen = Seen { pair, vector, bits };
            if let Some(layer) = &self.fitted.learned.layer {
                bits = layer.bits(records, (weights, &self.fitted.evidence), &seen, &mut row);
            } else if let Some(careful) = &self.fitted.careful {
                bits = careful.bits(records, weights, &seen);
            }
            if bits > UNMET {
                found.push(Found {
                    record: self.matcher.order[other as usize],
                    bits,
                });
            }
        }
        found.sort_by(|one, other| {
            other
                .bits
                .total_cmp(&one.bits)
                .then(one.record.cmp(&other.record))
        });
        found
    }
}
