//! How good links are where the truth is known.

use serde::Serialize;

/// One link with the truth.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// The greater, the surer; equal scores are taken together.
    pub score: f64,
    /// Whether it is right.
    pub right: bool,
    /// Whether it is right within a household.
    pub household: bool,
}

/// Links at or above one score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cut {
    /// The score.
    pub score: f64,
    /// Links.
    pub links: usize,
    /// Share of them that are right.
    pub precision: f64,
    /// Right ones as a share of those there are to be found.
    pub recall: f64,
    /// Share of them that are right within a household.
    pub household_precision: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// The same with precision counting twice (van Rijsbergen's F with beta one half).
    pub f05: f64,
}

/// What a ranking of links is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// The cut with the greatest F1.
    pub best_f1: Cut,
    /// The cut with the greatest F0.5.
    pub best_f05: Cut,
    /// The cut with the greatest recall among those of at least this precision.
    pub precision_95: Cut,
    /// The same at a lower precision.
    pub precision_90: Cut,
}

/// Figures over every distinct score. `findable` is how many links there are to be found.
pub fn figures(links: &[Scored], findable: usize) -> Figures {
    let mut figures = Figures::default();
    for cut in cuts(links, findable) {
        let raise = |kept: &mut Cut, by: fn(&Cut) -> f64| {
            if by(&cut) > by(kept) {
                *kept = cut;
            }
        };
        raise(&mut figures.best_f1, |cut| cut.f1);
        raise(&mut figures.best_f05, |cut| cut.f05);
        if cut.precision >= 0.95 {
            raise(&mut figures.precision_95, |cut| cut.recall);
        }
        if cut.precision >= 0.9 {
            raise(&mut figures.precision_90, |cut| cut.recall);
        }
    }
    figures
}

/// The cut at every distinct score, falling.
pub fn cuts(links: &[Scored], findable: usize) -> Vec<Cut> {
    let mut sorted = links.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut taken, mut right, mut household) = (0, 0, 0);
    let mut cuts = Vec::new();
    for same in sorted.chunk_by(|a, b| a.score == b.score) {
        taken += same.len();
        right += same.iter().filter(|link| link.right).count();
        household += same.iter().filter(|link| link.household).count();
        let precision = right as f64 / taken as f64;
        let recall = right as f64 / findable.max(1) as f64;
        let mean = |beta: f64| {
            let sum = beta * beta * precision + recall;
            if sum > 0.0 {
                (1.0 + beta * beta) * precision * recall / sum
            } else {
                0.0
            }
        };
        cuts.push(Cut {
            score: same[0].score,
            links: taken,
            precision,
            recall,
            household_precision: household as f64 / taken as f64,
            f1: mean(1.0),
            f05: mean(0.5),
        });
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(links: &[(f64, bool)]) -> Vec<Scored> {
        let scored = |(score, right): &(f64, bool)| Scored {
            score: *score,
            right: *right,
            household: true,
        };
        links.iter().map(scored).collect()
    }

    #[test]
    fn counts_by_hand() {
        // After 1, 2 and 4 links: precision 1, 1, 3/4; recall 1/5, 2/5, 3/5.
        let found = links(&[(0.9, true), (0.7, true), (0.5, false), (0.5, true)]);
        let cuts = cuts(&found, 5);
        let told: Vec<(usize, f64, f64)> = cuts
            .iter()
            .map(|cut| (cut.links, cut.precision, cut.recall))
            .collect();
        assert_eq!(told, [(1, 1.0, 0.2), (2, 1.0, 0.4), (4, 0.75, 0.6)]);
        let figures = figures(&found, 5);
        assert!(
            (figures.best_f1.f1 - 2.0 / 3.0).abs() < 1e-12,
            "{figures:?}"
        );
        assert!(
            (figures.best_f05.f05 - 1.25 * 0.4 / 0.65).abs() < 1e-12,
            "{figures:?}"
        );
        assert_eq!(
            (figures.precision_95.recall, figures.precision_95.score),
            (0.4, 0.7)
        );
        assert_eq!(figures.best_f1.household_precision, 1.0);
    }

    #[test]
    fn equal_scores_are_one_cut() {
        let found = links(&[(0.5, true), (0.5, false)]);
        assert_eq!(cuts(&found, 1).len(), 1);
        assert_eq!(figures(&found, 1).precision_90, Cut::default());
    }

    #[test]
    fn no_links_are_no_figures() {
        assert_eq!(figures(&[], 3), Figures::default());
    }
}
