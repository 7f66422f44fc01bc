//! Training on log-ins, and what held-out log-ins say of it.
//!
//! The log-ins are divided into [`FOLDS`] by who logged in. Each fold is scored by a model that
//! never saw its persons; these scores are calibrated and tell precision and recall. The model in
//! use is trained on all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::examples::{Example, Examples};
use super::features::{self, LIKENESS, Row, WIDTH};
use super::history::History;
use super::quality::{Judged, Outcome, Quality};
use super::session::mix;
use crate::boost::{self, Column, Settings};
use crate::calibrate::{Calibration, Observation};

pub(super) const FOLDS: usize = 3;
/// Fewer pairs of one person than this teach nothing.
const CONFIRMED_MIN: usize = 30;
const ROUNDS: usize = 25;

/// A trained model of one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scorer {
    forest: Option<boost::Model>,
    calibration: Calibration,
    /// What held-out log-ins say of it.
    pub quality: Quality,
}

/// What log-ins tell of two ids.
pub(super) struct Labels<'a> {
    pub visitors: &'a BTreeMap<u64, History>,
    /// Share of sessions with a log-in, of those who log in at all.
    login_rate: f32,
}

impl<'a> Labels<'a> {
    pub fn new(visitors: &'a BTreeMap<u64, History>) -> Self {
        let (mut after, mut with) = (1.0, 1.0);
        for history in visitors.values() {
            after += history.after_login.0 as f32;
            with += history.after_login.1 as f32;
        }
        Labels {
            visitors,
            login_rate: (with / after).clamp(0.02, 1.0),
        }
    }

    /// How probably an id has a log-in by now if its person logs in at all.
    fn known(&self, history: &History) -> f32 {
        let never = libm::powf(1.0 - self.login_rate, history.sessions as f32);
        (1.0 - never).max(0.05)
    }

    fn login(&self, visitor: u64) -> Option<u64> {
        self.visitors
            .get(&visitor)
            .filter(|history| !history.shared)?
            .login
    }
}

/// Trains one level. `same` says which log-ins belong together.
pub(super) fn train(
    examples: &Examples,
    labels: &Labels,
    same: &impl Fn(u64, u64) -> bool,
    seed: u64,
) -> Option<Scorer> {
    let examples: Vec<(&Example, u64)> = examples
        .confirmed()
        .filter_map(|example| Some((example, labels.login(example.visitor)?)))
        .collect();
    let fold_of = |login: u64| (mix(login) % FOLDS as u64) as usize;
    let mut judged = Vec::new();
    for fold in 0..FOLDS {
        let learned = examples.iter().filter(|(_, login)| fold_of(*login) != fold);
        let forest = forest_of(learned, labels, same, seed.wrapping_add(fold as u64));
        for (example, login) in examples.iter().filter(|(_, login)| fold_of(*login) == fold) {
            judged.push(judge(example, *login, forest.as_ref(), labels, same));
        }
    }
    let forest = forest_of(examples.iter(), labels, same, seed);
    let calibration = calibrate(&mut judged)?;
    let quality = Quality::of(&judged);
    Some(Scorer {
        forest,
        calibration,
        quality,
    })
}

fn forest_of<'a>(
    examples: impl Iterator<Item = &'a (&'a Example, u64)>,
    labels: &Labels,
    same: &impl Fn(u64, u64) -> bool,
    seed: u64,
) -> Option<boost::Model> {
    let mut rows: Vec<&Row> = Vec::new();
    let mut outcomes = Vec::new();
    for (example, login) in examples {
        for candidate in &example.candidates {
            if let Some(other) = labels.login(candidate.id) {
                rows.push(&candidate.row);
                outcomes.push(f32::from(u8::from(same(*login, other))));
            }
        }
    }
    if outcomes.iter().sum::<f32>() < CONFIRMED_MIN as f32 {
        return None;
    }
    fit(&rows, &outcomes, &settings(seed), |_| true)
}

fn settings(seed: u64) -> Settings {
    Settings {
        trees: 200,
        leaves: 12,
        depth: 6,
        shrinkage: 0.05,
        l2: 3.0,
        child_weight_min: 3.0,
        bins: 48,
        row_share: 0.6,
        feature_share: 0.35,
        trends: features::trends(),
        seed,
    }
}

/// Without enough log-ins, what returning visitors taught has to do.
fn margins(forest: Option<&boost::Model>, rows: &[&Row]) -> Vec<f32> {
    match forest {
        Some(forest) => {
            let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
            forest.margins(&rows)
        }
        None => rows.iter().map(|row| row[LIKENESS]).collect(),
    }
}

/// A model of what tells a returning visitor from others, without any log-in.
pub(super) fn likeness<'a>(
    examples: impl Iterator<Item = &'a Example>,
    seed: u64,
) -> Option<boost::Model> {
    let (mut rows, mut outcomes) = (Vec::new(), Vec::new());
    for example in examples {
        for candidate in &example.candidates {
            rows.push(&candidate.row);
            outcomes.push(f32::from(u8::from(candidate.id == example.visitor)));
        }
    }
    if outcomes.iter().sum::<f32>() < CONFIRMED_MIN as f32 {
        return None;
    }
    let settings = Settings {
        trees: 60,
        shrinkage: 0.15,
        ..settings(seed)
    };
    fit(&rows, &outcomes, &settings, features::of_returning)
}

fn fit(
    rows: &[&Row],
    outcomes: &[f32],
    settings: &Settings,
    allowed: impl Fn(usize) -> bool,
) -> Option<boost::Model> {
    // A column of zeros is never split.
    let column = |feature: usize| -> Vec<f32> {
        rows.iter()
            .map(|row| if allowed(feature) { row[feature] } else { 0.0 })
            .collect()
    };
    let columns: Vec<Vec<f32>> = (0..WIDTH).map(column).collect();
    let columns: Vec<Column> = columns
        .iter()
        .map(|column| Column::Numbers(column))
        .collect();
    boost::train(&columns, outcomes, &[], settings).ok()
}

/// The best candidate of a held-out id, and what log-ins say of it.
fn judge(
    example: &Example,
    login: u64,
    forest: Option<&boost::Model>,
    labels: &Labels,
    same: &impl Fn(u64, u64) -> bool,
) -> Judged {
    let rows: Vec<&Row> = example.candidates.iter().map(|one| &one.row).collect();
    let ids = example.candidates.iter().map(|one| one.id);
    let scored = margins(forest, &rows).into_iter().zip(ids);
    let (margin, id) = scored
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .expect("an example has candidates");
    let chance = |id: u64| {
        labels
            .visitors
            .get(&id)
            .map_or(1.0, |history| labels.known(history))
    };
    let outcome = match labels.login(id) {
        Some(other) if same(login, other) => Outcome::Confirmed,
        _ => Outcome::Unconfirmed { chance: chance(id) },
    };
    let single = labels
        .visitors
        .get(&id)
        .is_some_and(|history| history.sessions == 1);
    let findable = example
        .candidates
        .iter()
        .any(|one| labels.login(one.id).is_some_and(|other| same(login, other)));
    Judged {
        margin,
        outcome,
        findable,
        single,
        probability: 0.5,
    }
}

/// Probabilities of the best candidates' margins. Of candidates that never logged in, the
/// outcome is the expectation given the probability so far (Dempster, Laird and Rubin, 1977).
/// Each observation counts half with its outcome and half with the logistic curve through all
/// (Platt, 1999): where log-ins are few, single ones would move the isotonic steps too far.
fn calibrate(judged: &mut [Judged]) -> Option<Calibration> {
    let mut calibration = None;
    for _ in 0..ROUNDS {
        let curve = Curve::fit(judged);
        let observations: Vec<Observation> = judged
            .iter()
            .map(|one| Observation {
                score: one.margin,
                outcome: (one.expected() + curve.probability(one.margin)) / 2.0,
                weight: 1.0,
            })
            .collect();
        let fitted = Calibration::fit(&observations)?;
        for one in judged.iter_mut() {
            one.probability = fitted.probability(one.margin);
        }
        calibration = Some(fitted);
        correct_single(judged);
    }
    calibration
}

/// Ids with one session log in more rarely than the others' sessions tell, such as those of
/// private windows. At the same margin they are right as often, so what is missing among their
/// confirmations tells how much.
fn correct_single(judged: &mut [Judged]) {
    let (mut confirmed, mut expected) = (1.0, 1.0);
    for one in judged.iter().filter(|one| one.single) {
        confirmed += f32::from(u8::from(matches!(one.outcome, Outcome::Confirmed)));
        expected += one.expected();
    }
    let seen: f32 = confirmed / expected;
    for one in judged.iter_mut().filter(|one| one.single) {
        if let Outcome::Unconfirmed { chance } = &mut one.outcome {
            *chance = seen.clamp(0.02, 0.98);
        }
    }
}

/// A logistic curve over margins.
struct Curve {
    shift: f64,
    slope: f64,
}

impl Curve {
    fn probability(&self, margin: f32) -> f32 {
        boost::logistic((self.shift + self.slope * f64::from(margin)) as f32)
    }

    /// Logistic regression by Newton's method, held near the identity where there is little.
    fn fit(judged: &[Judged]) -> Self {
        let mut curve = Curve {
            shift: 0.0,
            slope: 1.0,
        };
        for _ in 0..ROUNDS {
            let mut slopes = [-curve.shift, 1.0 - curve.slope];
            let mut curves = [1.0, 0.0, 1.0];
            for one in judged {
                let margin = f64::from(one.margin);
                let probability = f64::from(curve.probability(one.margin));
                let miss = f64::from(one.expected()) - probability;
                let bend = probability * (1.0 - probability);
                slopes = [slopes[0] + miss, slopes[1] + miss * margin];
                curves = [
                    curves[0] + bend,
                    curves[1] + bend * margin,
                    curves[2] + bend * margin * margin,
                ];
            }
            let determinant = curves[0] * curves[2] - curves[1] * curves[1];
            if determinant <= 1e-9 {
                break;
            }
            curve.shift += (curves[2] * slopes[0] - curves[1] * slopes[1]) / determinant;
            curve.slope += (curves[0] * slopes[1] - curves[1] * slopes[0]) / determinant;
            curve.slope = curve.slope.clamp(0.1, 5.0);
        }
        curve
    }
}

impl Scorer {
    /// Log-odds of rows before calibration.
    pub(super) fn margins(&self, rows: &[&Row]) -> Vec<f32> {
        margins(self.forest.as_ref(), rows)
    }

    /// The probability that a best candidate with this margin is right.
    pub(super) fn confidence(&self, margin: f32) -> f32 {
        self.calibration.probability(margin)
    }

    /// What each feature added to the margin.
    pub(super) fn explain(&self, row: &Row) -> Vec<f32> {
        match &self.forest {
            Some(forest) => forest.explain(row).features,
            None => vec![0.0; WIDTH],
        }
    }
}
