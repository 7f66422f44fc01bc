//! Placements that learn: the gate's word, and what another policy would have earned.

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, digest, limits};
use kith_decide::bandit::{Figure, Serves};
use kith_decide::{ReplayError, Reranker};
use kith_definition::{Learning, Placement};
use kith_engine::decide::{self, Logged};
use kith_event::{Position, Record};
use kith_learning::Rewards;
use kith_measure::policy_value::{
    Candidate, Estimate, Evaluation, Evaluator, LogKind, Logged as Row, Settings,
};
use kith_runtime::View;

use crate::problem::{self, Problem};
use crate::state::AdminState;
use crate::wire::{
    self, PlacementPolicy, PolicyEstimate, PolicyFigure, PolicyKind, PolicyOffer, PolicyValue,
    PolicyValueRequest,
};

/// Records read at a time.
const CHUNK: usize = 1_000;

/// What the learned policies say of a placement.
pub fn read(view: &View, id: &str) -> Result<PlacementPolicy, Problem> {
    learning(view, id)?;
    let policies = &view.learned.policies;
    let gate = policies.bandit.gate(id);
    let (best, best_value) = gate
        .best
        .map(|(offer, value)| (offer, figure(value)))
        .unzip();
    let (hardest, hardest_lower) = gate.hardest.unzip();
    let offers = policies.bandit.offers(id).into_iter();
    Ok(PlacementPolicy {
        serves: serves(gate.serves),
        words: gate.words,
        outcomes: gate.outcomes,
        waiting: policies.waiting.get(id).copied().unwrap_or(0),
        best,
        best_value,
        learned: gate.learned.map(figure),
        lift: gate.lift.map(figure),
        hardest,
        hardest_lower,
        offers: offers
            .map(|one| PolicyOffer {
                offer: one.offer,
                shown: one.shown,
                earned: one.earned,
                alone: one.alone.map(figure),
            })
            .collect(),
        ignored: policies.ignored.get(id).cloned().unwrap_or_default(),
        position: policies.read,
    })
}

fn serves(serves: Serves) -> wire::Serves {
    match serves {
        Serves::Turns => wire::Serves::Turns,
        Serves::Fixed => wire::Serves::Fixed,
        Serves::Learned => wire::Serves::Learned,
    }
}

fn figure(figure: Figure) -> PolicyFigure {
    PolicyFigure {
        value: figure.value,
        standard_error: figure.standard_error,
        lower: figure.lower,
        outcomes: figure.outcomes,
    }
}

fn learning<'a>(view: &'a View, id: &str) -> Result<&'a Learning, Problem> {
    let found = view.project.placements.get(id);
    let found = found.ok_or_else(|| Problem::not_found("placement", id))?;
    found.spec.learning.as_ref().ok_or_else(|| {
        let message = "the placement does not learn; set spec.learning, then decisions are drawn \
                       and say what other policies would have earned";
        refused("placement_id", message.to_owned())
    })
}

fn refused(field: &str, message: String) -> Problem {
    Problem::new(problem::INVALID_BODY, format!("{field}: {message}")).field(field, message)
}

/// One past decision as an evaluation reads it.
struct Past {
    decision_id: String,
    at: Timestamp,
    context: u64,
    candidates: Vec<Candidate>,
    chosen: usize,
    worth: f64,
}

/// The policy in question.
enum Policy {
    Offer(String),
    Uniform,
    Learned,
    Ranked(Box<Reranker>),
}

/// Values a policy by the past decisions of a placement.
pub fn value(
    state: &AdminState,
    view: &View,
    id: &str,
    request: PolicyValueRequest,
) -> Result<PolicyValue, Problem> {
    let learning = learning(view, id)?;
    let range = (
        time("from", request.from.as_deref())?,
        time("to", request.to.as_deref())?,
    );
    let mut policy = policy(&request)?;
    let mut rewards = Rewards::new(id, learning, view.project.identity.clone());
    let end = state.handle().status().applied;
    let start = end.saturating_sub(limits::POLICY_RECORDS_MAX);
    let mut reading = Reading::default();
    let mut next: Position = start;
    while next < end {
        let records = state.handle().read_log(next, CHUNK)?;
        let Some((last, _)) = records.last() else {
            break;
        };
        next = last + 1;
        for (position, record) in records {
            let Ok(record) = record else { continue };
            rewards.fold(position, &record);
            if let Record::Decision(taken) = &record
                && taken.placement == id
                && range.0.is_none_or(|from| from <= taken.at)
                && range.1.is_none_or(|to| taken.at < to)
            {
                match Logged::read(taken) {
                    Some(logged) => reading.add(view, &mut policy, &logged)?,
                    None => reading.left_out += 1,
                }
            }
        }
    }
    let (now, earned) = rewards.finish();
    let window = learning.window();
    let cut = reading.cut || start > 0;
    let all = reading.rows.len();
    reading.rows.retain(|row| row.at.plus(window) <= now);
    let waiting = (all - reading.rows.len()) as u64;
    let evaluation = evaluate(&reading.rows, &earned)?;
    Ok(PolicyValue {
        waiting,
        left_out: reading.left_out,
        cut,
        ..told(&evaluation)
    })
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match Timestamp::parse(text) {
        Ok(time) => Ok(Some(time)),
        Err(_) => {
            let message = "is no instant; write one such as 2026-11-21T08:00:00Z";
            Err(refused(field, message.to_owned()))
        }
    }
}

fn policy(request: &PolicyValueRequest) -> Result<Policy, Problem> {
    let missing = |field: &str, of: &str| refused(field, format!("is needed for {of}"));
    Ok(match request.policy {
        PolicyKind::Offer => {
            let offer = request.offer.clone();
            Policy::Offer(offer.ok_or_else(|| missing("offer", "the policy offer"))?)
        }
        PolicyKind::Uniform => Policy::Uniform,
        PolicyKind::Learned => Policy::Learned,
        PolicyKind::HighestPriority => Policy::Ranked(Box::new(Reranker::new(None))),
        PolicyKind::Placement => {
            let spec = request.spec.as_ref();
            let spec = spec.ok_or_else(|| missing("spec", "the policy placement"))?;
            let placement =
                Placement::parse(&spec.0).map_err(|errors| crate::change::invalid(&errors))?;
            Policy::Ranked(Box::new(Reranker::new(Some(placement))))
        }
    })
}

#[derive(Default)]
struct Reading {
    rows: Vec<Past>,
    candidates: usize,
    left_out: u64,
    cut: bool,
}

impl Reading {
    /// Of a decision with several slots the first that was drawn counts.
    fn add(&mut self, view: &View, policy: &mut Policy, logged: &Logged) -> Result<(), Problem> {
        let slots = logged.drawing.slots();
        let Some(slot) = slots.first() else {
            self.left_out += 1;
            return Ok(());
        };
        let full = self.rows.len() >= limits::POLICY_DECISIONS_MAX
            || self.candidates + slot.candidates.len() > limits::POLICY_ROWS_MAX;
        if full {
            self.cut = true;
            return Ok(());
        }
        let offers = slot.candidates.iter();
        let offers: Vec<&str> = offers
            .map(|(place, ..)| logged.drawing.candidates[*place].offer.as_str())
            .collect();
        let Some(mut targets) = targets(view, policy, logged, &offers, &slot.candidates)? else {
            self.left_out += 1;
            return Ok(());
        };
        let pairs = offers.iter().zip(&slot.candidates);
        let mut candidates: Vec<Candidate> = pairs
            .map(|(offer, (_, propensity, _))| Candidate {
                arm: arm(offer),
                propensity: Some(*propensity),
                target: targets.remove(*offer).unwrap_or(0.0),
            })
            .collect();
        // What the policy would have shown and could not be drawn.
        candidates.extend(targets.into_iter().map(|(offer, target)| Candidate {
            arm: arm(&offer),
            propensity: Some(0.0),
            target,
        }));
        self.candidates += candidates.len();
        let (chosen, ..) = slot.candidates[slot.chosen];
        self.rows.push(Past {
            decision_id: logged.inputs.decision_id.clone(),
            at: logged.inputs.now,
            context: segment(logged),
            candidates,
            chosen: slot.chosen,
            worth: logged.drawing.candidates[chosen].worth.max(0.0),
        });
        Ok(())
    }
}

fn arm(offer: &str) -> u64 {
    digest("arm", &[offer.as_bytes()]).prefix()
}

/// What the words and flags among the features say.
fn segment(logged: &Logged) -> u64 {
    let facts = logged.drawing.features.iter();
    let words = facts.filter_map(|name| match logged.inputs.facts.get(name)? {
        Value::Text(text) => Some(format!("{name}={text}")),
        Value::Bool(flag) => Some(format!("{name}={flag}")),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    let parts: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
    digest("segment", &parts).prefix()
}

/// The probabilities of the policy in question by offer; `None` when the revisions that decided are
/// gone.
fn targets(
    view: &View,
    policy: &mut Policy,
    logged: &Logged,
    offers: &[&str],
    candidates: &[(usize, f64, f64)],
) -> Result<Option<BTreeMap<String, f64>>, Problem> {
    let each = |share: &dyn Fn(usize) -> f64| -> BTreeMap<String, f64> {
        let named = offers.iter().enumerate();
        named
            .map(|(n, offer)| ((*offer).to_owned(), share(n)))
            .collect()
    };
    Ok(Some(match policy {
        Policy::Offer(offer) if offers.contains(&offer.as_str()) => {
            BTreeMap::from([(offer.clone(), 1.0)])
        }
        Policy::Offer(_) => each(&|n| candidates[n].1),
        Policy::Uniform => each(&|_| 1.0 / offers.len() as f64),
        Policy::Learned => each(&|n| candidates[n].2),
        Policy::Ranked(reranker) => {
            let found = decide::rerank(reranker, &*view.state, &logged.inputs);
            let reranked = match found {
                Ok(reranked) => reranked,
                Err(decide::ReplayError::Decide(ReplayError::Missing(_))) => return Ok(None),
                Err(error) => {
                    return Err(Problem::new(problem::NOT_REPLAYABLE, error.to_string()));
                }
            };
            if let Some(name) = reranked.unknown.first() {
                let message = format!(
                    "it asks for {name}, which past decisions did not look at; add it to \
                     spec.learning.features and value it later"
                );
                return Err(refused("spec", message));
            }
            let mut shares: BTreeMap<String, f64> = reranked.shares.into_iter().collect();
            if shares.is_empty() {
                shares.insert(NOTHING.to_owned(), 1.0);
            }
            shares
        }
    }))
}

/// The name of showing nothing; no offer has it.
const NOTHING: &str = "(nothing)";

fn evaluate(rows: &[Past], earned: &BTreeMap<String, f64>) -> Result<Evaluation, Problem> {
    let most = rows.iter().map(|row| row.worth).fold(0.0, f64::max);
    let mut evaluator = Evaluator::new(Settings {
        rewards: (0.0, if most > 0.0 { most } else { 1.0 }),
        ..Settings::new(LogKind::Adaptive)
    });
    for row in rows {
        let reward = earned.get(&row.decision_id).copied().unwrap_or(0.0);
        let record = Row {
            context: row.context,
            slot: 0,
            candidates: &row.candidates,
            chosen: row.chosen,
            reward: reward * row.worth,
        };
        if let Err(invalid) = evaluator.push(&record) {
            let id = &row.decision_id;
            let detail = format!("decision {id} {invalid}");
            return Err(Problem::new(problem::NOT_REPLAYABLE, detail));
        }
    }
    Ok(evaluator.finish())
}

fn told(evaluation: &Evaluation) -> PolicyValue {
    let overlap = &evaluation.overlap;
    let mut value = PolicyValue {
        words: String::new(),
        refusal: None,
        headline: None,
        estimates: Vec::new(),
        logged: None,
        decisions: overlap.records,
        effective_decisions: overlap.effective_records,
        weight_max: overlap.weight_max,
        waiting: 0,
        left_out: 0,
        cut: false,
    };
    match &evaluation.answer {
        Err(refusal) => {
            value.words = format!("No estimate: {refusal}.");
            value.refusal = Some(refusal.code().to_owned());
        }
        Ok(estimates) => {
            let headline = estimate(estimates.headline());
            let (low, high) = (headline.low.unwrap_or(0.0), headline.high.unwrap_or(0.0));
            value.words = format!(
                "It would have earned {:.4} per decision, with 95 % between {low:.4} and \
                 {high:.4}; what was shown earned {:.4}. {} decisions say as much as {:.0} of its \
                 own.",
                headline.value, estimates.logged, overlap.records, overlap.effective_records
            );
            value.logged = Some(estimates.logged);
            value.headline = Some(headline);
            value.estimates = estimates.all().iter().map(estimate).collect();
        }
    }
    value
}

fn estimate(one: &Estimate) -> PolicyEstimate {
    let (low, high) = one.interval.map(|found| (found.low, found.high)).unzip();
    PolicyEstimate {
        estimator: one.estimator.name().to_owned(),
        value: one.value,
        low,
        high,
        holds: match low {
            Some(_) => one.estimator.guarantee().words().to_owned(),
            None => "no interval that holds on a log of a policy that learned".to_owned(),
        },
    }
}
