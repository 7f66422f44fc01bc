//! Clusters by average linkage: two groups are one when their records agree on average.
//!
//! One wrong pair joins two persons in connected components; here it is outvoted by all the pairs
//! between the two groups that say otherwise. Pairs that were not met count as [`Linkage::unmet`].

/// What linkage needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Linkage {
    /// Bits of a pair that was not met.
    pub unmet: f32,
    /// Bits a pair counts for at most, either way.
    pub most: f32,
    /// Groups join while the average is at least this.
    pub least: f32,
}

/// Bits of a veto: no average outweighs it.
pub const VETO: f32 = -1.0e6;

/// A neighbour of a group: the sum of bits of the pairs between the two, and how many were met.
#[derive(Clone, Copy)]
struct Side {
    to: u32,
    met: u32,
    /// In whole parts of a bit, so that both sides add up to the same whatever the order: a chain
    /// of nearest neighbours ends because each step is strictly nearer than the one before.
    sum: i64,
}

/// Parts of one bit that are told apart.
const PARTS: f32 = 1_024.0;

struct State {
    linkage: Linkage,
    parent: Vec<u32>,
    size: Vec<u32>,
    sides: Vec<Vec<Side>>,
}

/// The number of each record's cluster: that of its first record.
///
/// Groups merge along chains of nearest neighbours (Murtagh 1983), which for averages gives what
/// merging the best pair first does.
pub fn average_linkage(
    records: usize,
    edges: impl Iterator<Item = (u32, u32, f32)>,
    linkage: Linkage,
) -> Vec<u32> {
    let edges: Vec<(u32, u32, i64)> = edges
        .map(|(one, other, bits)| {
            let most = linkage.most;
            let bits = if bits <= VETO {
                VETO
            } else {
                bits.clamp(-most, most)
            };
            (one, other, (bits * PARTS) as i64)
        })
        .collect();
    let mut counts = vec![0u32; records];
    for (one, other, _) in &edges {
        counts[*one as usize] += 1;
        counts[*other as usize] += 1;
    }
    let room = |count: &u32| Vec::with_capacity(*count as usize);
    let mut state = State {
        linkage,
        parent: (0..records as u32).collect(),
        size: vec![1; records],
        sides: counts.iter().map(room).collect(),
    };
    for (one, other, sum) in edges {
        for (from, to) in [(one, other), (other, one)] {
            state.sides[from as usize].push(Side { to, sum, met: 1 });
        }
    }
    let mut chain: Vec<u32> = Vec::new();
    for start in 0..records as u32 {
        if state.parent[start as usize] != start {
            continue;
        }
        chain.push(start);
        while let Some(top) = chain.last().copied() {
            state.follow(top, &mut chain);
        }
    }
    let mut first = vec![u32::MAX; records];
    for record in 0..records as u32 {
        let root = state.find(record) as usize;
        first[root] = first[root].min(record);
    }
    (0..records as u32)
        .map(|record| first[state.find(record) as usize])
        .collect()
}

impl State {
    fn find(&mut self, mut record: u32) -> u32 {
        while self.parent[record as usize] != record {
            let above = self.parent[self.parent[record as usize] as usize];
            self.parent[record as usize] = above;
            record = above;
        }
        record
    }

    /// One step: to the nearest neighbour, or a merge with the one before, or the end.
    fn follow(&mut self, top: u32, chain: &mut Vec<u32>) {
        let before = chain.len().checked_sub(2).map(|at| chain[at]);
        match self.nearest(top, before) {
            None => {
                chain.pop();
            }
            Some(near) if Some(near) == before => {
                chain.truncate(chain.len() - 2);
                let merged = self.merge(top, near);
                chain.push(merged);
            }
            Some(near) => chain.push(near),
        }
    }

    /// The neighbour with the best average, if that is good enough; of equals the one before in
    /// the chain, then the first.
    fn nearest(&mut self, group: u32, before: Option<u32>) -> Option<u32> {
        self.tidy(group);
        let size = f64::from(self.size[group as usize]);
        let mut best: Option<(f64, bool, u32)> = None;
        for side in &self.sides[group as usize] {
            let pairs = size * f64::from(self.size[side.to as usize]);
            let unmet = f64::from(self.linkage.unmet) * (pairs - f64::from(side.met));
            let average = (side.sum as f64 / f64::from(PARTS) + unmet) / pairs;
            let is_before = Some(side.to) == before;
            let better = best.is_none_or(|(than, was_before, to)| {
                (average, is_before, std::cmp::Reverse(side.to))
                    > (than, was_before, std::cmp::Reverse(to))
            });
            if average >= f64::from(self.linkage.least) && better {
                best = Some((average, is_before, side.to));
            }
        }
        best.map(|(_, _, to)| to)
    }

    /// Puts together what has merged among the neighbours.
    fn tidy(&mut self, group: u32) {
        let mut sides = std::mem::take(&mut self.sides[group as usize]);
        let mut stale = false;
        for side in &mut sides {
            let root = self.find(side.to);
            stale |= root != side.to;
            side.to = root;
        }
        if stale {
            sides.retain(|side| side.to != group);
            sides.sort_by_key(|side| side.to);
            sides.dedup_by(|next, kept| {
                let same = next.to == kept.to;
                if same {
                    kept.sum += next.sum;
                    kept.met += next.met;
                }
                same
            });
        }
        self.sides[group as usize] = sides;
    }

    fn merge(&mut self, one: u32, other: u32) -> u32 {
        let (keep, drop) = if self.sides[one as usize].len() >= self.sides[other as usize].len() {
            (one, other)
        } else {
            (other, one)
        };
        self.parent[drop as usize] = keep;
        self.size[keep as usize] += self.size[drop as usize];
        let moved = std::mem::take(&mut self.sides[drop as usize]);
        self.sides[keep as usize].extend(moved);
        // The group's own pairs and doubled neighbours go with the next look.
        let mut sides = std::mem::take(&mut self.sides[keep as usize]);
        for side in &mut sides {
            side.to = self.find(side.to);
        }
        sides.retain(|side| side.to != keep);
        sides.sort_by_key(|side| side.to);
        sides.dedup_by(|next, kept| {
            let same = next.to == kept.to;
            if same {
                kept.sum += next.sum;
                kept.met += next.met;
            }
            same
        });
        self.sides[keep as usize] = sides;
        keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKAGE: Linkage = Linkage {
        unmet: -6.0,
        most: 20.0,
        least: 0.0,
    };

    fn check(records: usize, edges: &[(u32, u32, f32)], expect: &[u32]) {
        let found = average_linkage(records, edges.iter().copied(), LINKAGE);
        assert_eq!(found, expect, "{edges:?}");
    }

    #[test]
    fn one_wrong_pair_does_not_join_two_groups() {
        let mut edges = Vec::new();
        for (one, other) in [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)] {
            edges.push((one, other, 10.0));
        }
        edges.push((2, 3, 9.0));
        check(6, &edges, &[0, 0, 0, 3, 3, 3]);
        // Two of three pairs between the groups are enough.
        edges.extend([
            (1, 3, 9.0),
            (2, 4, 9.0),
            (0, 3, 9.0),
            (2, 5, 9.0),
            (1, 4, 9.0),
        ]);
        check(6, &edges, &[0; 6]);
    }

    #[test]
    fn a_veto_is_final() {
        check(3, &[(0, 1, 20.0), (1, 2, 20.0), (0, 2, VETO)], &[0, 0, 2]);
        check(2, &[(0, 1, VETO)], &[0, 1]);
    }

    #[test]
    fn records_without_pairs_stay_alone() {
        check(3, &[], &[0, 1, 2]);
    }
}
