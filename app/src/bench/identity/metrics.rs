//! Precision and recall of pairs and of clusters, by the usual definitions.
//!
//! True pairs are all pairs of records with one truth, met or not; with `across`, only those of
//! different files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Of what was said, how much is true.
    pub precision: f64,
    /// Of what is true, how much was said.
    pub recall: f64,
}

impl Rates {
    fn of(right: u64, said: u64, all: u64) -> Self {
        let share = |of: u64| {
            if of == 0 {
                1.0
            } else {
                right as f64 / of as f64
            }
        };
        Rates {
            precision: share(said),
            recall: share(all),
        }
    }

    /// The harmonic mean.
    pub fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum == 0.0 {
            0.0
        } else {
            2.0 * self.precision * self.recall / sum
        }
    }

    /// For the report.
    pub fn json(self) -> Value {
        let rounded = |rate: f64| (rate * 1e5).round() / 1e5;
        json!({
            "precision": rounded(self.precision),
            "recall": rounded(self.recall),
            "f1": rounded(self.f1()),
        })
    }
}

/// What is true of the records.
pub struct Truth {
    /// Whom each record is of.
    pub entity: Vec<u32>,
    /// The file of each record, where only pairs of different files count.
    pub across: Option<Vec<u16>>,
}

impl Truth {
    /// All true pairs.
    pub fn pairs(&self) -> u64 {
        self.pairs_of(self.entity.iter())
    }

    /// Whether two records are of one.
    pub fn holds(&self, one: u32, other: u32) -> bool {
        self.entity[one as usize] == self.entity[other as usize]
    }

    fn pairs_of<K: Ord>(&self, keys: impl Iterator<Item = K>) -> u64 {
        let mut sizes = BTreeMap::<K, BTreeMap<u16, u64>>::new();
        for (record, key) in keys.enumerate() {
            let file = self.across.as_ref().map_or(0, |files| files[record]);
            *sizes.entry(key).or_default().entry(file).or_default() += 1;
        }
        let two = |size: u64| size * size.saturating_sub(1) / 2;
        let of_group = |files: &BTreeMap<u16, u64>| {
            let within: u64 = files.values().map(|size| two(*size)).sum();
            let all = two(files.values().sum());
            if self.across.is_some() {
                all - within
            } else {
                all
            }
        };
        sizes.values().map(of_group).sum()
    }

    /// Rates of the pairs with at least this score.
    pub fn at(&self, scored: &[(u32, u32, f32)], least: f32) -> Rates {
        let said = scored.iter().filter(|pair| pair.2 >= least);
        let (mut right, mut count) = (0, 0);
        for (one, other, _) in said {
            count += 1;
            right += u64::from(self.holds(*one, *other));
        }
        Rates::of(right, count, self.pairs())
    }

    /// Rates at the score with the best F1, equal scores together.
    pub fn best(&self, scored: &[(u32, u32, f32)]) -> (f32, Rates) {
        let mut sorted: Vec<&(u32, u32, f32)> = scored.iter().collect();
        sorted.sort_by(|one, other| other.2.total_cmp(&one.2));
        let all = self.pairs();
        let (mut right, mut said) = (0, 0);
        let (mut best, mut best_f1) = ((f32::INFINITY, Rates::of(0, 0, all)), 0.0);
        for same in sorted.chunk_by(|one, other| one.2 == other.2) {
            said += same.len() as u64;
            right += same
                .iter()
                .filter(|pair| self.holds(pair.0, pair.1))
                .count() as u64;
            // Of whole numbers, so that equals are equal and the higher score counts.
            let f1 = 2.0 * right as f64 / (said + all) as f64;
            if f1 > best_f1 {
                best_f1 = f1;
                best = (same[0].2, Rates::of(right, said, all));
            }
        }
        best
    }

    /// Rates of the pairs that clusters imply.
    pub fn closure(&self, cluster: &[u32]) -> Rates {
        let both = cluster.iter().zip(&self.entity);
        Rates::of(
            self.pairs_of(both),
            self.pairs_of(cluster.iter()),
            self.pairs(),
        )
    }

    /// B-cubed (Bagga and Baldwin 1998): rates of each record's cluster, averaged over records.
    pub fn b_cubed(&self, cluster: &[u32]) -> Rates {
        let mut both = BTreeMap::<(u32, u32), f64>::new();
        let (mut of_cluster, mut of_entity) =
            (BTreeMap::<u32, f64>::new(), BTreeMap::<u32, f64>::new());
        for (cluster, entity) in cluster.iter().zip(&self.entity) {
            *both.entry((*cluster, *entity)).or_default() += 1.0;
            *of_cluster.entry(*cluster).or_default() += 1.0;
            *of_entity.entry(*entity).or_default() += 1.0;
        }
        let records = cluster.len().max(1) as f64;
        let (mut precision, mut recall) = (0.0, 0.0);
        for ((cluster, entity), shared) in both {
            precision += shared * shared / of_cluster[&cluster];
            recall += shared * shared / of_entity[&entity];
        }
        Rates {
            precision: precision / records,
            recall: recall / records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(across: Option<Vec<u16>>) -> Truth {
        Truth {
            entity: vec![0, 0, 0, 1, 1, 2, 3, 3],
            across,
        }
    }

    fn check(found: Rates, expect: [f64; 3]) {
        let found = [found.precision, found.recall, found.f1()];
        let close = found
            .iter()
            .zip(expect)
            .all(|(found, expect)| (found - expect).abs() < 1e-5);
        assert!(close, "{found:?} {expect:?}");
    }

    /// Expected values by the reference implementation of the protocol, in numpy.
    #[test]
    fn follows_the_reference() {
        let scored = [
            (1, 0, 0.9),
            (2, 0, 0.8),
            (3, 2, 0.8),
            (4, 3, 0.6),
            (5, 4, 0.3),
            (7, 6, 0.2),
            (6, 5, 0.2),
        ];
        let truth = truth(None);
        assert_eq!(truth.pairs(), 5);
        check(truth.at(&scored, 0.5), [0.75, 0.6, 0.66667]);
        check(truth.at(&scored, 0.95), [1.0, 0.0, 0.0]);
        let (score, rates) = truth.best(&scored);
        assert_eq!(score, 0.6);
        check(rates, [0.75, 0.6, 0.66667]);
        let cluster = [0, 0, 0, 0, 0, 5, 6, 7];
        check(truth.b_cubed(&cluster), [0.7, 0.875, 0.77778]);
        check(truth.closure(&cluster), [0.4, 0.8, 0.53333]);
    }

    #[test]
    fn counts_pairs_across_files_alone() {
        let truth = truth(Some(vec![0, 0, 1, 0, 1, 1, 1, 1]));
        assert_eq!(truth.pairs(), 3);
        check(
            truth.closure(&[0, 0, 0, 0, 0, 5, 6, 6]),
            [0.5, 1.0, 0.66667],
        );
    }
}
