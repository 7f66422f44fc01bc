//! Which offers a placement shows: in schedule, eligible, highest priority, then by lot.

use std::sync::Arc;

use kith_base::{Random, Timestamp, limits};

use crate::placements::{CompiledOffer, CompiledPlacement};
use crate::session::{Filled, Session};
use crate::{Choice, ChoiceKind, Loser, LoserCode};

/// An offer that may be shown.
struct Eligible {
    /// Index among all offers.
    offer: usize,
    priority: u32,
    /// Drawn from the seed; the lowest wins among equals.
    lot: u64,
}

pub(crate) fn fill(session: &mut Session, placement: &CompiledPlacement, seed: u64) -> Filled {
    let now = session.slots.now();
    let all = &session.placements.offers;
    let mut eligible = Vec::new();
    let mut others = Vec::new();
    for index in &placement.offers {
        let offer = &all[*index];
        if !is_scheduled(offer, now) {
            others.push((*index, LoserCode::NotScheduled));
        } else if offer.rule.is_some_and(|rule| !session.holds(rule)) {
            others.push((*index, LoserCode::NotEligible));
        } else {
            let lot = Random::new(seed ^ offer.lot).next_u64();
            eligible.push(Eligible {
                offer: *index,
                priority: offer.priority,
                lot,
            });
        }
    }
    eligible.sort_by(|a, b| (b.priority, a.lot, a.offer).cmp(&(a.priority, b.lot, b.offer)));
    let shown = placement.definition.spec.limit.min(eligible.len());
    let choices = (0..shown)
        .map(|place| choice(session, &eligible, place, shown))
        .collect();
    let mut losers = Vec::with_capacity(
        limits::LOSERS_PER_DECISION_MAX.min(eligible.len() - shown + others.len()),
    );
    let room = limits::LOSERS_PER_DECISION_MAX;
    for beaten in eligible[shown..].iter().take(room) {
        losers.push(outdone(all, &eligible, beaten, shown));
    }
    for (index, code) in others.iter().take(room - losers.len()) {
        losers.push(out_of_question(session, *index, *code));
    }
    let losers_cut = eligible.len() - shown + others.len() - losers.len();
    Filled {
        choices,
        losers,
        losers_cut,
        nothing: "Shown because no offer is eligible",
    }
}

fn is_scheduled(offer: &CompiledOffer, now: Timestamp) -> bool {
    offer.starts_at.is_none_or(|starts| starts <= now)
        && offer.ends_at.is_none_or(|ends| now < ends)
}

/// How many have the priority of `eligible[place]`, and how many of these are shown.
fn tied(eligible: &[Eligible], place: usize, shown: usize) -> (usize, usize) {
    let priority = eligible[place].priority;
    let first = eligible.partition_point(|one| one.priority > priority);
    let end = eligible.partition_point(|one| one.priority >= priority);
    (end - first, shown.min(end).saturating_sub(first))
}

fn choice(session: &mut Session, eligible: &[Eligible], place: usize, shown: usize) -> Choice {
    let offer = &session.placements.offers[eligible[place].offer];
    let (tied, places) = tied(eligible, place, shown);
    let eligibility: Arc<str> = match offer.rule {
        Some(rule) => session.reason(rule),
        None => "It is for everybody".into(),
    };
    let priority = offer.priority;
    let rank: Arc<str> = match (eligible.len(), tied > places, place) {
        (1, _, _) => "The only eligible offer".into(),
        (_, true, _) => format!("Drawn by lot among {tied} offers of priority {priority}").into(),
        (count, _, 0) => format!("Highest priority ({priority}) of {count} eligible offers").into(),
        (count, ..) => format!(
            "Number {} of {count} eligible offers (priority {priority})",
            place + 1
        )
        .into(),
    };
    Choice {
        kind: ChoiceKind::Offer,
        id: offer.id.to_string(),
        content: offer.content.clone(),
        score: f64::from(priority),
        propensity: places as f64 / tied as f64,
        reasons: vec![eligibility, rank],
    }
}

/// An eligible offer for which there was no place.
fn outdone(all: &[CompiledOffer], eligible: &[Eligible], beaten: &Eligible, shown: usize) -> Loser {
    // A limit is at least 1, so somebody is shown when somebody is beaten.
    let lowest = eligible[shown.saturating_sub(1)].priority;
    let priority = beaten.priority;
    let (code, reason) = if priority < lowest {
        let reason = format!("Priority {priority} is below {lowest}, the lowest that is shown");
        (LoserCode::LowerPriority, reason)
    } else {
        let (tied, _) = tied(eligible, shown.saturating_sub(1), shown);
        (
            LoserCode::OverLimit,
            format!("Lost the lot among {tied} offers of priority {priority}"),
        )
    };
    let id = Arc::clone(&all[beaten.offer].id);
    Loser {
        kind: ChoiceKind::Offer,
        id,
        code,
        reason: reason.into(),
    }
}

/// An offer that could not be shown at all.
fn out_of_question(session: &mut Session, index: usize, code: LoserCode) -> Loser {
    let offer = &session.placements.offers[index];
    let now = session.slots.now();
    let reason = match (code, offer.rule, offer.starts_at, offer.ends_at) {
        (LoserCode::NotEligible, Some(rule), ..) => session.reason(rule),
        (_, _, Some(starts), _) if now < starts => format!("Not yet: it starts at {starts}").into(),
        (_, _, _, Some(ends)) => format!("No longer: it ended at {ends}").into(),
        _ => "Not eligible".into(),
    };
    Loser {
        kind: ChoiceKind::Offer,
        id: Arc::clone(&offer.id),
        code,
        reason,
    }
}
