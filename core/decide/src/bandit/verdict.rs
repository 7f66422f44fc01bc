//! The gate's word, for people.

use super::gate::{ALPHA, Figure, Serves, TURNS_OUTCOMES, Verdict};

/// Which policy serves in a placement, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct GateVerdict {
    /// Which policy serves.
    pub serves: Serves,
    /// Outcomes in this placement so far.
    pub outcomes: u64,
    /// The best fixed offer and its value per decision.
    pub best: Option<(String, Figure)>,
    /// Value of the learned policy per decision, as it was when each decision was taken.
    pub learned: Option<Figure>,
    /// How much more that is than the best fixed offer earns.
    pub lift: Option<Figure>,
    /// The offer over which the lift is least certain, and its lower bound.
    pub hardest: Option<(String, f64)>,
    /// All of it in words.
    pub words: String,
}

impl GateVerdict {
    pub(super) fn new(verdict: Verdict, name: impl Fn(u32) -> String) -> Self {
        let mut gate = GateVerdict {
            serves: verdict.serves,
            outcomes: verdict.outcomes,
            best: verdict.best.map(|(offer, figure)| (name(offer), figure)),
            learned: verdict.learned,
            lift: verdict.lift,
            hardest: verdict.hardest.map(|(offer, lower)| (name(offer), lower)),
            words: String::new(),
        };
        gate.words = gate.in_words();
        gate
    }

    fn in_words(&self) -> String {
        let (Some((best, value)), Some(learned), Some(lift)) =
            (&self.best, self.learned, self.lift)
        else {
            return format!(
                "Offers take turns at random: {} of {TURNS_OUTCOMES} outcomes are known.",
                self.outcomes
            );
        };
        let percent = 100.0 * (1.0 - ALPHA);
        let figures = format!(
            "what was learned earns {:.4} per decision, {best} alone {:.4}: a lift of \
             {:+.4} ± {:.4}, whose {percent:.0} % lower bound is {:+.4}, of {} outcomes",
            learned.value, value.value, lift.value, lift.standard_error, lift.lower, lift.outcomes
        );
        match self.serves {
            Serves::Turns => format!(
                "Offers take turns at random: {} of {TURNS_OUTCOMES} outcomes are known; \
                 {figures}.",
                self.outcomes
            ),
            Serves::Learned => format!(
                "What was learned serves, because the lower bound of its lift over every offer is \
                 above zero: {figures}."
            ),
            Serves::Fixed => {
                let hardest = match &self.hardest {
                    Some((offer, lower)) if offer != best => {
                        format!(" Over {offer} the lower bound is {lower:+.4}.")
                    }
                    _ => String::new(),
                };
                format!(
                    "{best} serves, because it is not shown that what was learned earns more: \
                     {figures}.{hardest}"
                )
            }
        }
    }
}
