//! The logged decisions that an evaluation reads, and why one of them is not taken.

use kith_base::limits::POLICY_CANDIDATES_MAX;

/// Something that could have been shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which arm it is, such as the prefix of a digest of the offer's id.
    pub arm: u64,
    /// How probable it was under the policy that wrote the log; `None` where the log does not say.
    pub propensity: Option<f64>,
    /// How probable it is under the policy in question.
    pub target: f64,
}

/// One decision with its reward. Records are pushed in the order in which they were taken.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'a> {
    /// What distinguishes rewards beside the arm, such as a segment; any constant if nothing.
    pub context: u64,
    /// The place on the page; rewards of different slots have means of their own.
    pub slot: u32,
    /// Everything that could have been shown.
    pub candidates: &'a [Candidate],
    /// Which of the candidates was.
    pub chosen: usize,
    /// What came of it.
    pub reward: f64,
}

/// Why a record is not taken. It changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Invalid {
    /// Nothing could have been shown, or too much.
    #[error("has {0} candidates; allowed are 1 to {max}", max = POLICY_CANDIDATES_MAX)]
    Candidates(usize),
    /// The chosen one is none of the candidates.
    #[error("chose candidate {chosen} of {candidates}")]
    Chosen {
        /// What the record says.
        chosen: usize,
        /// How many there are.
        candidates: usize,
    },
    /// The chosen one has no propensity, or it is no probability above 0.
    #[error("has a propensity of {0:?} for what was chosen; it must be above 0 and at most 1")]
    Propensity(Option<f64>),
    /// A probability is below 0, above 1 or no number.
    #[error("has a probability of {0}")]
    Probability(f64),
    /// The policy in question does not choose exactly one.
    #[error("has probabilities under the policy in question that add up to {0}, not 1")]
    TargetSum(f64),
    /// The reward is no number.
    #[error("has a reward that is no finite number")]
    RewardNotFinite,
    /// The reward is outside of what was declared.
    #[error("has a reward of {reward}, outside of {least} to {most}")]
    RewardRange {
        /// What the record says.
        reward: f64,
        /// What was declared.
        least: f64,
        /// What was declared.
        most: f64,
    },
}

/// How far probabilities of the policy in question may add up beside 1: rounded tables.
const TARGET_SUM_SLACK: f64 = 1e-3;

impl Logged<'_> {
    /// Probability under the policy in question over that under the log's.
    pub(super) fn weight(&self) -> f64 {
        let chosen = &self.candidates[self.chosen];
        chosen.target / chosen.propensity.expect("a checked record has it")
    }

    pub(super) fn check(&self, (least, most): (f64, f64)) -> Result<(), Invalid> {
        let candidates = self.candidates.len();
        if candidates == 0 || candidates > POLICY_CANDIDATES_MAX {
            return Err(Invalid::Candidates(candidates));
        }
        let chosen = self.candidates.get(self.chosen).ok_or(Invalid::Chosen {
            chosen: self.chosen,
            candidates,
        })?;
        if !chosen.propensity.is_some_and(|p| p > 0.0 && p <= 1.0) {
            return Err(Invalid::Propensity(chosen.propensity));
        }
        let mut sum = 0.0;
        for candidate in self.candidates {
            for probability in [Some(candidate.target), candidate.propensity] {
                if let Some(p) = probability
                    && !(0.0..=1.0).contains(&p)
                {
                    return Err(Invalid::Probability(p));
                }
            }
            sum += candidate.target;
        }
        if (sum - 1.0).abs() > TARGET_SUM_SLACK {
            return Err(Invalid::TargetSum(sum));
        }
        if !self.reward.is_finite() {
            return Err(Invalid::RewardNotFinite);
        }
        if self.reward < least || self.reward > most {
            return Err(Invalid::RewardRange {
                reward: self.reward,
                least,
                most,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(candidates: &[Candidate], chosen: usize, reward: f64) -> Result<(), Invalid> {
        let record = Logged {
            context: 0,
            slot: 0,
            candidates,
            chosen,
            reward,
        };
        record.check((0.0, 1.0))
    }

    fn candidate(propensity: Option<f64>, target: f64) -> Candidate {
        Candidate {
            arm: 0,
            propensity,
            target,
        }
    }

    #[test]
    fn bad_records_are_refused() {
        let half = candidate(Some(0.5), 0.5);
        assert_eq!(check(&[half, half], 0, 1.0), Ok(()));
        assert_eq!(check(&[], 0, 1.0), Err(Invalid::Candidates(0)));
        let chosen = Invalid::Chosen {
            chosen: 2,
            candidates: 2,
        };
        assert_eq!(check(&[half, half], 2, 1.0), Err(chosen));
        let nan = check(&[half, half], 0, f64::NAN);
        assert_eq!(nan, Err(Invalid::RewardNotFinite));
        let infinite = check(&[half, half], 0, f64::INFINITY);
        assert_eq!(infinite, Err(Invalid::RewardNotFinite));
        assert!(matches!(
            check(&[half, half], 0, 2.0),
            Err(Invalid::RewardRange { .. })
        ));
        assert_eq!(check(&[half], 0, 1.0), Err(Invalid::TargetSum(0.5)));
        let propensities = [None, Some(0.0), Some(f64::NAN), Some(1.5), Some(-0.5)];
        for propensity in propensities {
            let refused = check(&[candidate(propensity, 1.0)], 0, 1.0);
            assert!(
                matches!(refused, Err(Invalid::Propensity(_))),
                "{propensity:?}"
            );
        }
        let target = check(&[half, candidate(None, f64::NAN)], 0, 1.0);
        assert!(matches!(target, Err(Invalid::Probability(_))));
    }
}
