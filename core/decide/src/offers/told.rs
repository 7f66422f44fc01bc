//! Offers in words: why one is shown, and why another is not.

use std::sync::Arc;

use super::{Against, Ranked, Tier, tied};
use crate::arbitration::Short;
use crate::placements::Placements;
use crate::session::Session;
use crate::{ChoiceKind, Drawing, Loser, LoserCode};

pub(super) fn rank_words(
    ranked: &[Ranked],
    place: usize,
    (tied, places): (usize, usize),
) -> Arc<str> {
    let one = &ranked[place];
    let priority = Short(one.score);
    let count = ranked.len();
    let mut words = match (count, one.tier, tied > places, place) {
        (1, ..) => "The only eligible offer".to_owned(),
        (_, Tier::Mandatory, ..) => "Mandatory: it goes before everything".to_owned(),
        (_, Tier::Service, ..) => "A service: it goes before promotions".to_owned(),
        (_, Tier::Held, ..) => "Theirs already: it goes before other promotions".to_owned(),
        (_, _, true, _) => format!("Drawn by lot among {tied} offers of priority {priority}"),
        (_, _, _, 0) => format!("Highest priority ({priority}) of {count} eligible offers"),
        _ => format!(
            "Number {} of {count} eligible offers (priority {priority})",
            place + 1
        ),
    };
    if let Some(terms) = &one.terms {
        words.push_str(&format!("; priority {priority} from {terms}"));
    }
    words.into()
}

/// An eligible offer for which there was no place.
pub(super) fn outdone(
    all: &Placements,
    ranked: &[Ranked],
    beaten: &Ranked,
    shown: usize,
    drawing: Option<&Drawing>,
) -> Loser {
    // A limit is at least 1, so somebody is shown when somebody is beaten.
    let last = &ranked[shown.saturating_sub(1)];
    let (priority, lowest) = (Short(beaten.score), Short(last.score));
    let lost = beaten.ticket.and_then(|ticket| Some((ticket, drawing?)));
    let (code, mut reason) = if let Some((ticket, drawing)) = lost {
        (LoserCode::OverLimit, drawing.words_lost(ticket.place))
    } else if beaten.tier < last.tier {
        let first = match last.tier {
            Tier::Mandatory => "mandatory offers",
            Tier::Service => "services",
            _ => "what is theirs already",
        };
        (LoserCode::LowerPriority, format!("Comes after {first}"))
    } else if beaten.score < last.score {
        let reason = format!("Priority {priority} is below {lowest}, the lowest that is shown");
        (LoserCode::LowerPriority, reason)
    } else {
        let (tied, _) = tied(ranked, shown.saturating_sub(1), shown);
        (
            LoserCode::OverLimit,
            format!("Lost the lot among {tied} offers of priority {priority}"),
        )
    };
    if let Some(terms) = &beaten.terms {
        reason.push_str(&format!("; {terms}"));
    }
    Loser {
        kind: ChoiceKind::Offer,
        id: Arc::clone(&all.offers[beaten.offer].id),
        code,
        reason: reason.into(),
        score: beaten.terms.is_some().then_some(beaten.score),
        terms: beaten.terms.clone(),
    }
}

/// An offer that could not be shown at all.
pub(super) fn out_of_question(session: &mut Session<'_>, index: usize, against: &Against) -> Loser {
    let offer = &session.placements.offers[index];
    let now = session.slots.now();
    let reason = match against {
        Against::Schedule => match (offer.starts_at, offer.ends_at) {
            (Some(starts), _) if now < starts => format!("Not yet: it starts at {starts}").into(),
            (_, Some(ends)) => format!("No longer: it ended at {ends}").into(),
            _ => "Not eligible".into(),
        },
        Against::Never(rule) => session.because("Excluded: ", *rule),
        Against::Silenced(rule) => session.because("No promotions now: ", *rule),
        Against::Eligibility(rule) => session.reason(*rule),
        Against::Applicability(rule) => session.because("Not applicable now: ", *rule),
        Against::Suitability(rule) => session.because("Not suitable: ", *rule),
        Against::Limit(closed) => closed.words().into(),
        Against::Floor(broken) => format!("Out of bounds: {broken}").into(),
        Against::Weak(None, ..) => {
            "Not relevant: its priority cannot be worked out, something in the formula is missing"
                .into()
        }
        Against::Weak(Some(score), least, terms) => {
            let (score, least) = (Short(*score), Short(*least));
            format!("Not relevant: priority {score} is below {least}; {terms}").into()
        }
    };
    let (score, terms) = match against {
        Against::Weak(score, _, terms) => (*score, Some(terms.clone())),
        _ => (None, None),
    };
    Loser {
        kind: ChoiceKind::Offer,
        id: Arc::clone(&offer.id),
        code: against.code(),
        reason,
        score,
        terms,
    }
}
