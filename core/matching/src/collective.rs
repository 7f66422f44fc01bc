//! What a pair's companions say: a record is compared with everybody in the other's cluster.
//!
//! Two records of one person may share little, and yet each may agree with what the other's
//! cluster holds. The bits of a pair become the average of its own and of each record's average
//! against the rest of the other's cluster.

/// A pair with its bits.
pub type Edge = (u32, u32, f32);

/// Bits of each edge with those of its companions. Pairs not among the edges count as `unmet`,
/// and no pair for more than `most` or less than `unmet`.
pub fn bits(edges: &[Edge], cluster: &[u32], unmet: f32, most: f32) -> Vec<f32> {
    let mut sizes = vec![0u32; cluster.len()];
    for number in cluster {
        sizes[*number as usize] += 1;
    }
    let sums = Sums::new(edges, cluster, unmet, most);
    let side = |one: u32, other: u32, own: f32| {
        let there = cluster[other as usize];
        let same = u32::from(there == cluster[one as usize]);
        let companions = sizes[there as usize] - 1 - same;
        let (sum, met) = sums.of(one, there);
        let rest = sum - own + unmet * (companions + 1 - met) as f32;
        (companions > 0).then(|| rest / companions as f32)
    };
    let each = |(one, other, bits): &Edge| {
        let own = bits.clamp(unmet, most);
        let sides = [side(*one, *other, own), side(*other, *one, own)];
        let (mut sum, mut count) = (own, 1.0);
        for side in sides.into_iter().flatten() {
            sum += side;
            count += 1.0;
        }
        sum / count
    };
    edges.iter().map(each).collect()
}

/// Sums of bits by record and the cluster on the other side.
struct Sums {
    starts: Vec<u32>,
    /// Cluster, sum of bits and number of pairs; by record, then by cluster.
    cells: Vec<(u32, f32, u32)>,
}

impl Sums {
    fn new(edges: &[Edge], cluster: &[u32], unmet: f32, most: f32) -> Self {
        let mut starts = vec![0u32; cluster.len() + 1];
        for (one, other, _) in edges {
            starts[*one as usize + 1] += 1;
            starts[*other as usize + 1] += 1;
        }
        for record in 0..cluster.len() {
            starts[record + 1] += starts[record];
        }
        let mut next = starts.clone();
        let mut cells = vec![(0u32, 0.0f32, 0u32); edges.len() * 2];
        for (one, other, bits) in edges {
            let bits = bits.clamp(unmet, most);
            for (record, there) in [(one, other), (other, one)] {
                let place = &mut next[*record as usize];
                cells[*place as usize] = (cluster[*there as usize], bits, 1);
                *place += 1;
            }
        }
        let mut kept = 0usize;
        for record in 0..cluster.len() {
            let range = starts[record] as usize..starts[record + 1] as usize;
            starts[record] = kept as u32;
            cells[range.clone()].sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let first = kept;
            for at in range {
                let cell = cells[at];
                if kept > first && cells[kept - 1].0 == cell.0 {
                    cells[kept - 1].1 += cell.1;
                    cells[kept - 1].2 += 1;
                } else {
                    cells[kept] = cell;
                    kept += 1;
                }
            }
        }
        starts[cluster.len()] = kept as u32;
        cells.truncate(kept);
        Sums { starts, cells }
    }

    fn of(&self, record: u32, cluster: u32) -> (f32, u32) {
        let record = record as usize;
        let cells = &self.cells[self.starts[record] as usize..self.starts[record + 1] as usize];
        let found = cells.binary_search_by_key(&cluster, |cell| cell.0);
        found.map_or((0.0, 0), |at| (cells[at].1, cells[at].2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companions_pull_a_pair_both_ways() {
        // 0, 1 and 2 are one; 3 is like 0 alone.
        let edges = [(1, 0, 12.0), (2, 0, 3.0), (2, 1, 12.0), (3, 0, 3.0)];
        let bits = bits(&edges, &[0, 0, 0, 3], -6.0, 20.0);
        assert_eq!(
            bits,
            [(12.0 + 3.0 + 12.0) / 3.0, 9.0, 9.0, (3.0 - 6.0) / 2.0]
        );
    }
}
