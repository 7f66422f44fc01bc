//! What an evaluation answers.

use super::{LogKind, Overlap, Refusal};

/// A way to estimate a policy's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Estimator {
    /// Inverse propensity weighting: the mean of w r (Horvitz and Thompson 1952).
    Ipw,
    /// Self-normalised: Σ w r / Σ w (Swaminathan and Joachims 2015); its interval is by the delta
    /// method.
    Snipw,
    /// The direct method: the mean of what a model of rewards expects. As wrong as the model.
    Dm,
    /// Doubly robust: the model, corrected by the weighted surprises (Dudík et al. 2014). The model
    /// is of earlier records only.
    Dr,
    /// IPW with weights cut at a maximum: too low for rewards above 0.
    ClippedIpw,
    /// Switch-DR: no correction where the weight is above a maximum (Wang et al. 2017).
    SwitchDr,
    /// Doubly robust with shrunk weights (Su et al. 2020).
    Dros,
    /// Doubly robust with terms stabilised to equal variance (Bibaut et al. 2021, Hadad et al.
    /// 2021).
    StabilisedDr,
    /// IPW with an empirical-Bernstein confidence sequence (Waudby-Smith et al. 2024).
    Sequence,
}

/// When the interval of an estimate holds the truth as often as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// Never: the estimate is biased, so there is no interval.
    None,
    /// On logs of a policy that did not learn from them, with many records.
    FixedLogs,
    /// On any log, also of a policy that learned, with many records.
    AdaptiveLogs,
    /// On any log, of any length, and at all times together.
    AnyTime,
}

impl Estimator {
    /// All of them.
    pub const ALL: [Estimator; 9] = [
        Estimator::Ipw,
        Estimator::Snipw,
        Estimator::Dm,
        Estimator::Dr,
        Estimator::ClippedIpw,
        Estimator::SwitchDr,
        Estimator::Dros,
        Estimator::StabilisedDr,
        Estimator::Sequence,
    ];

    /// The name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Estimator::Ipw => "ipw",
            Estimator::Snipw => "snipw",
            Estimator::Dm => "dm",
            Estimator::Dr => "dr",
            Estimator::ClippedIpw => "clipped_ipw",
            Estimator::SwitchDr => "switch_dr",
            Estimator::Dros => "dros",
            Estimator::StabilisedDr => "stabilised_dr",
            Estimator::Sequence => "sequence",
        }
    }

    /// When its interval may be believed.
    pub fn guarantee(self) -> Guarantee {
        match self {
            Estimator::Ipw | Estimator::Snipw | Estimator::Dr => Guarantee::FixedLogs,
            Estimator::StabilisedDr => Guarantee::AdaptiveLogs,
            Estimator::Sequence => Guarantee::AnyTime,
            Estimator::Dm | Estimator::ClippedIpw | Estimator::SwitchDr | Estimator::Dros => {
                Guarantee::None
            }
        }
    }
}

impl Guarantee {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Guarantee::None => "no interval: the estimate is biased by design",
            Guarantee::FixedLogs => {
                "holds for many records when the log's policy did not learn from the log"
            }
            Guarantee::AdaptiveLogs => {
                "holds for many records, also when the log's policy learned from the log"
            }
            Guarantee::AnyTime => {
                "holds for any number of records, at any time, also when the log's policy learned"
            }
        }
    }
}

/// From where to where the truth is, at the level of the settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Of the estimate, where the interval is made from one.
    pub standard_error: Option<f64>,
}

impl Interval {
    /// True when the value is inside.
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// One estimate of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How it was made.
    pub estimator: Estimator,
    /// The value per decision.
    pub value: f64,
    /// `None` where no interval of this estimator is valid for this log, and where the terms show
    /// no spread to make one from.
    pub interval: Option<Interval>,
}

impl Estimate {
    pub(super) fn new(estimator: Estimator, value: f64, interval: Option<Interval>) -> Self {
        Estimate {
            estimator,
            value,
            interval,
        }
    }
}

/// All estimates of one evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimates {
    pub(super) log: LogKind,
    pub(super) all: Vec<Estimate>,
    /// Mean reward of the log as it is.
    pub logged: f64,
    /// How much more than the log's policy the one in question earns, doubly robust and paired;
    /// with an interval on fixed logs only.
    pub lift: Estimate,
}

impl Estimates {
    /// All, in the order of [`Estimator::ALL`].
    pub fn all(&self) -> &[Estimate] {
        &self.all
    }

    /// One of them. [`Estimator::StabilisedDr`] is missing when the log does not say all
    /// propensities that it needs.
    pub fn get(&self, estimator: Estimator) -> Option<&Estimate> {
        self.all.iter().find(|one| one.estimator == estimator)
    }

    /// The one to show: doubly robust, with an interval that is valid for this log.
    pub fn headline(&self) -> &Estimate {
        let wanted = match self.log {
            LogKind::Fixed => Estimator::Dr,
            LogKind::Adaptive => Estimator::StabilisedDr,
        };
        let valid = |one: &&Estimate| one.interval.is_some();
        let found = self.get(wanted).filter(valid);
        found
            .or_else(|| self.get(Estimator::Sequence))
            .expect("every evaluation has a sequence")
    }
}

/// How well a log covers a policy, and what it earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// How much of the log speaks about the policy.
    pub overlap: Overlap,
    /// The estimates, or why there are none.
    pub answer: Result<Estimates, Refusal>,
}
