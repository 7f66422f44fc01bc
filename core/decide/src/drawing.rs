//! In a placement that learns, promotions are drawn by lot; what the draw depended on is kept.
//!
//! The probabilities are those of [`Bandit::propose_under`]. The draw is a race: each candidate
//! has a time of its own, exponential with its probability as the rate, made of the seed and the
//! offer's id, and the earliest is shown. So an offer that turns out to be granted out falls out of
//! the race and the others keep their order; and each propensity is that of being drawn after those
//! before it and those that fell out (Plackett 1975; Luce 1959).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{NodeId, Random, Value, limits};
use kith_definition::Learning;
use kith_rule::{Slot, Slots};
use serde::{Deserialize, Serialize};

use crate::arbitration::Short;
use crate::bandit::{Arm, Bandit, FeatureName, Features, Serves, Settings};
use crate::inputs::{read_exact, write_exact};

/// Where the probabilities of a draw come from.
#[derive(Clone, Copy, Debug, Default)]
pub enum Policy<'a> {
    /// Nothing was learned yet.
    #[default]
    Unlearned,
    /// What was learned so far.
    Learned(&'a Bandit),
    /// A draw that was made before.
    Drawn(&'a Drawing),
}

/// What a draw depended on, as it is stored with the decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// Which policy served.
    pub serves: Serves,
    /// Share that was spread equally over all candidates.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub floor: f64,
    /// Facts that were looked at; their values are among the facts of the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Nodes of the person, so that the reward is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeId>,
    /// Everything that could have been drawn, in a fixed order.
    pub candidates: Vec<Drawable>,
    /// Places of those that were drawn, in this order.
    pub drawn: Vec<u32>,
}

/// One candidate of a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawable {
    /// Id of the offer.
    pub offer: String,
    /// What a reward of 1 is worth.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub worth: f64,
    /// With which probability it is the first to be drawn.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub propensity: f64,
    /// With which what was learned would have drawn it.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub learned: f64,
    /// Expected probability of a reward.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub expected: f64,
    /// It could not be granted, so that it fell out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

/// How a placement learns.
#[derive(Clone, Debug)]
pub(crate) struct CompiledLearning {
    pub settings: Settings,
    /// Facts, as they are written.
    pub features: Vec<(String, Slot)>,
}

/// Something that may be drawn.
pub(crate) struct Entrant {
    pub id: Arc<str>,
    pub worth: f64,
    pub refused: bool,
}

/// A draw, and who was drawn.
pub(crate) struct Draw {
    pub drawing: Drawing,
    /// Places of the entrants in the order drawn, each with its propensity.
    pub order: Vec<(usize, f64)>,
}

impl CompiledLearning {
    pub fn new(learning: &Learning, features: Vec<(String, Slot)>) -> Self {
        CompiledLearning {
            settings: Settings {
                floor: learning.floor,
                trial: learning.trial,
                holdout: learning.holdout,
                window: learning.window(),
            },
            features,
        }
    }

    /// Draws `places` of the entrants.
    pub fn draw(
        &self,
        (placement, slots): (&str, &Slots<'_>),
        (policy, nodes): (Policy<'_>, &[NodeId]),
        entrants: &[Entrant],
        (seed, places): (u64, usize),
    ) -> Draw {
        let entrants = &entrants[..entrants.len().min(limits::BANDIT_OFFERS_MAX)];
        let mut drawing = match policy {
            Policy::Drawn(drawing) => again(drawing, entrants),
            Policy::Learned(bandit) => self.propose(bandit, (placement, slots), entrants),
            Policy::Unlearned => {
                let bandit = Bandit::new(self.settings);
                self.propose(&bandit, (placement, slots), entrants)
            }
        };
        if !matches!(policy, Policy::Drawn(_)) {
            drawing.nodes = nodes
                .iter()
                .take(limits::LEARNING_NODES_MAX)
                .copied()
                .collect();
        }
        let order = race(&drawing.candidates, seed, places);
        drawing.drawn = order.iter().map(|(place, _)| *place as u32).collect();
        Draw { drawing, order }
    }

    fn propose(
        &self,
        bandit: &Bandit,
        (placement, slots): (&str, &Slots<'_>),
        entrants: &[Entrant],
    ) -> Drawing {
        let value = |slot: &Slot| slots.value(*slot).clone();
        let facts = self.features.iter().map(|(name, slot)| (name, value(slot)));
        let features = features(facts);
        let arms: Vec<Arm<'_>> = entrants
            .iter()
            .map(|entrant| Arm {
                offer: &entrant.id,
                value: entrant.worth,
            })
            .collect();
        let proposal = bandit.propose_under(&self.settings, placement, &features, &arms);
        let candidate = |(place, entrant): (usize, &Entrant)| Drawable {
            offer: entrant.id.to_string(),
            worth: entrant.worth,
            propensity: proposal.propensities[place],
            learned: proposal.learned[place],
            expected: proposal.expected[place],
            refused: entrant.refused,
        };
        Drawing {
            serves: proposal.serves,
            floor: self.settings.floor,
            features: self.features.iter().map(|(name, _)| name.clone()).collect(),
            nodes: Vec::new(),
            candidates: entrants.iter().enumerate().map(candidate).collect(),
            drawn: Vec::new(),
        }
    }
}

/// Terms of the model. What is no finite number says nothing.
pub fn features<'a>(facts: impl Iterator<Item = (&'a String, Value)>) -> Features {
    let finite = |value: &Value| match value {
        Value::Float(float) => float.is_finite(),
        Value::List(list) => !list
            .iter()
            .any(|one| matches!(one, Value::Float(float) if !float.is_finite())),
        _ => true,
    };
    let facts: Vec<(FeatureName, Value)> = facts
        .filter(|(_, value)| finite(value))
        .map(|(name, value)| (FeatureName::from(name.as_str()), value))
        .collect();
    Features::encode(&facts).unwrap_or_else(|_| Features::none())
}

/// The probabilities as they were, for the entrants as they are now.
fn again(drawing: &Drawing, entrants: &[Entrant]) -> Drawing {
    let known: BTreeMap<&str, &Drawable> = drawing
        .candidates
        .iter()
        .map(|one| (one.offer.as_str(), one))
        .collect();
    let candidates = entrants
        .iter()
        .map(|entrant| match known.get(&*entrant.id) {
            Some(one) => Drawable::clone(one),
            // Never the case for what is replayed; another policy is not drawn again.
            None => Drawable {
                offer: entrant.id.to_string(),
                worth: entrant.worth,
                propensity: 0.0,
                learned: 0.0,
                expected: 0.0,
                refused: entrant.refused,
            },
        });
    Drawing {
        candidates: candidates.collect(),
        drawn: Vec::new(),
        ..drawing.clone()
    }
}

/// The earliest of the candidates that may be shown.
fn race(candidates: &[Drawable], seed: u64, places: usize) -> Vec<(usize, f64)> {
    let running = candidates
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.refused);
    let mut times: Vec<(f64, usize)> = running
        .map(|(place, one)| (time(one, seed), place))
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut gone = BTreeSet::new();
    let mut order = Vec::with_capacity(places.min(times.len()));
    for (_, place) in times.iter().take(places) {
        let left = times.iter().filter(|(_, other)| !gone.contains(other));
        let left: f64 = left.map(|(_, other)| candidates[*other].propensity).sum();
        let own = candidates[*place].propensity;
        let share = if left > 0.0 {
            (own / left).min(1.0)
        } else {
            0.0
        };
        order.push((*place, share));
        gone.insert(*place);
    }
    order
}

fn time(candidate: &Drawable, seed: u64) -> f64 {
    let parts = [&seed.to_be_bytes()[..], candidate.offer.as_bytes()];
    let unit = Random::from_parts("draw", &parts).unit();
    -libm::log1p(-unit) / candidate.propensity
}

impl Serves {
    fn words(self) -> &'static str {
        match self {
            Serves::Turns => "offers take turns at random until enough is known",
            Serves::Fixed => "the best fixed offer serves, and a part goes to what was learned",
            Serves::Learned => {
                "what was learned serves, and a part stays with the best fixed offer"
            }
        }
    }
}

impl Drawing {
    /// Why a candidate was drawn, with the propensity it had at its turn.
    pub(crate) fn words(&self, place: usize, propensity: f64) -> String {
        format!(
            "Drawn by lot with probability {} of {}: {}; {}",
            Percent(propensity),
            count(self.candidates.len()),
            self.serves.words(),
            self.expectation(place)
        )
    }

    /// Why it was not.
    pub(crate) fn words_lost(&self, place: usize) -> String {
        let own = &self.candidates[place];
        format!(
            "Not drawn: its probability was {} of {}; {}",
            Percent(own.propensity),
            count(self.candidates.len()),
            self.expectation(place)
        )
    }

    fn expectation(&self, place: usize) -> String {
        let own = &self.candidates[place];
        format!(
            "expected reward {}, worth {}; a floor of {} is spread over all",
            Short(own.expected),
            Short(own.worth),
            Percent(self.floor)
        )
    }

    /// The slots that were drawn, each with everything that could have been drawn in it: place of
    /// the candidate, its propensity and what was learned would have given it.
    pub fn slots(&self) -> Vec<Drawn> {
        let mut gone: BTreeSet<usize> = BTreeSet::new();
        let mut slots = Vec::with_capacity(self.drawn.len());
        for drawn in &self.drawn {
            let left: Vec<usize> = (0..self.candidates.len())
                .filter(|place| !self.candidates[*place].refused && !gone.contains(place))
                .collect();
            let sum = |part: fn(&Drawable) -> f64| -> f64 {
                left.iter()
                    .map(|place| part(&self.candidates[*place]))
                    .sum()
            };
            let (all, learned) = (sum(|one| one.propensity), sum(|one| one.learned));
            let share = |part: f64, all: f64| {
                if all > 0.0 {
                    (part / all).min(1.0)
                } else {
                    0.0
                }
            };
            let candidates = left.iter().map(|place| {
                let one = &self.candidates[*place];
                (
                    *place,
                    share(one.propensity, all),
                    share(one.learned, learned),
                )
            });
            let candidates: Vec<_> = candidates.collect();
            let place = *drawn as usize;
            if let Some(chosen) = left.iter().position(|one| *one == place) {
                slots.push(Drawn { chosen, candidates });
            }
            gone.insert(place);
        }
        slots
    }
}

/// One slot of a draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Which of its candidates was drawn.
    pub chosen: usize,
    /// Place in [`Drawing::candidates`], propensity, and what was learned would have given it.
    pub candidates: Vec<(usize, f64, f64)>,
}

fn count(candidates: usize) -> String {
    match candidates {
        1 => "one candidate".to_owned(),
        many => format!("{many} candidates"),
    }
}

/// A share, for people.
struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} %", (self.0 * 1_000.0).round() / 10.0)
    }
}
