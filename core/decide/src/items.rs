//! Which items a placement shows: each strategy's candidates in turn until the limit is filled.

use std::collections::BTreeSet;
use std::sync::Arc;

use kith_base::{Duration, Timestamp, limits};
use kith_definition::Placement;

use crate::session::Filled;
use crate::{Candidate, Candidates, Choice, ChoiceKind, Did, Evidence, Items, Loser, LoserCode};

/// Fills the placement, and cuts `items` down to what was looked at.
pub(crate) fn fill(placement: &Placement, items: &mut Items, now: Timestamp) -> Filled {
    let mut choosing = Choosing {
        placement,
        now,
        seen: BTreeSet::new(),
        choices: Vec::new(),
        losers: Vec::new(),
        losers_cut: 0,
        runners_up: 0,
    };
    let mut given = std::mem::take(&mut items.candidates);
    for step in &placement.strategies {
        let found = given.iter_mut().find(|list| list.strategy == step.strategy);
        let found = found
            .map(|list| std::mem::take(&mut list.items))
            .unwrap_or_default();
        let looked_at = choosing.consider_all(found, items);
        if !looked_at.is_empty() {
            items.candidates.push(Candidates {
                strategy: step.strategy,
                items: looked_at,
            });
        }
    }
    items
        .purchases
        .retain(|item, _| choosing.seen.contains(item));
    Filled {
        choices: choosing.choices,
        losers: choosing.losers,
        losers_cut: choosing.losers_cut,
        wanted: Vec::new(),
        nothing: "Shown because no item was found",
        as_it_came: false,
    }
}

struct Choosing<'a> {
    placement: &'a Placement,
    now: Timestamp,
    seen: BTreeSet<String>,
    choices: Vec<Choice>,
    losers: Vec<Loser>,
    losers_cut: usize,
    runners_up: usize,
}

impl Choosing<'_> {
    /// Returns those looked at, with content only where it was chosen: a replay needs no more.
    fn consider_all(&mut self, found: Vec<Candidate>, items: &Items) -> Vec<Candidate> {
        let mut looked_at = Vec::new();
        for mut candidate in found {
            if self.runners_up >= limits::RUNNERS_UP_PER_DECISION_MAX {
                break;
            }
            if !self.seen.insert(candidate.item_id.clone()) {
                continue;
            }
            let chosen = self.consider(&candidate, items);
            if !chosen {
                candidate.content = None;
            }
            looked_at.push(candidate);
        }
        looked_at
    }

    fn consider(&mut self, candidate: &Candidate, items: &Items) -> bool {
        let choices = self.choices.len();
        if choices >= self.placement.limit {
            self.runners_up += 1;
            self.lose(
                candidate,
                LoserCode::OverLimit,
                format!("No place left after {choices}"),
            );
            return false;
        }
        if items.current_item.as_ref() == Some(&candidate.item_id) {
            let reason = "Left out: it is the item being looked at";
            self.lose(candidate, LoserCode::Excluded, reason);
            return false;
        }
        let bought = items.purchases.get(&candidate.item_id);
        let days = i64::from(self.placement.exclude_purchased_days);
        let ago = bought.map(|bought| self.now.since(*bought));
        if let Some(ago) = ago.filter(|ago| *ago < Duration::from_days(days)) {
            self.lose(
                candidate,
                LoserCode::Excluded,
                format!("Left out: bought {}", days_ago(ago)),
            );
            return false;
        }
        if !candidate.available {
            self.lose(
                candidate,
                LoserCode::Unavailable,
                "Left out: it is not available",
            );
            return false;
        }
        let Some(content) = candidate.content.clone() else {
            let reason = "Left out: the catalog does not hold it";
            self.lose(candidate, LoserCode::Unavailable, reason);
            return false;
        };
        self.choices.push(Choice {
            kind: ChoiceKind::Item,
            id: candidate.item_id.clone(),
            content,
            score: if candidate.score.is_finite() {
                candidate.score
            } else {
                0.0
            },
            propensity: 1.0,
            reasons: vec![reason(&candidate.evidence, self.now).into()],
            terms: None,
            granted: None,
        });
        true
    }

    fn lose(&mut self, candidate: &Candidate, code: LoserCode, reason: impl Into<Arc<str>>) {
        if self.losers.len() >= limits::LOSERS_PER_DECISION_MAX {
            self.losers_cut += 1;
            return;
        }
        let id = Arc::from(candidate.item_id.as_str());
        self.losers.push(Loser {
            kind: ChoiceKind::Item,
            id,
            code,
            reason: reason.into(),
            score: None,
            terms: None,
        });
    }
}

pub(crate) fn reason(evidence: &Evidence, now: Timestamp) -> String {
    match evidence {
        Evidence::Popular { views: 0 } => "Popular now".to_owned(),
        Evidence::Popular { views: 1 } => "Popular now: 1 view in the last days".to_owned(),
        Evidence::Popular { views } => format!("Popular now: {views} views in the last days"),
        Evidence::ViewedWith { title } => format!("Also viewed by people who viewed {title}"),
        Evidence::ViewedAt(at) => format!("Viewed {}", time_ago(now.since(*at))),
        Evidence::Because { title, did } => {
            let (did, go_on) = match did {
                Did::LooksAt | Did::Viewed => ("looked at", "look at"),
                Did::Saved => ("saved", "choose"),
                Did::Carted => ("put into the cart", "take"),
                Did::Bought => ("bought", "buy"),
            };
            format!("Because they {did} \"{title}\": people who did also {go_on} this")
        }
        Evidence::Similar { title, did } => {
            let did = match did {
                Did::LooksAt | Did::Viewed => "looked at",
                Did::Saved => "saved",
                Did::Carted => "put into the cart",
                Did::Bought => "bought",
            };
            format!("Like \"{title}\", which they {did}")
        }
        Evidence::Taste => "Chosen by people with a like taste".to_owned(),
        Evidence::Again { times: 1 } => "Bought before".to_owned(),
        Evidence::Again { times } => format!("Bought before: {times} times"),
        Evidence::Visit { visits: 1 } => "Went on from a visit like this one".to_owned(),
        Evidence::Visit { visits } => {
            format!("Goes on from visits like this one, of which {visits} were compared")
        }
        Evidence::Interest { dimension, key } => {
            format!("Because they are interested in the {dimension} \"{key}\"")
        }
        Evidence::Touched => "Popular".to_owned(),
        Evidence::Trending => "Trending".to_owned(),
        Evidence::Named => "Found by the search".to_owned(),
    }
}

pub(crate) fn days_ago(ago: Duration) -> String {
    match ago.whole_days() {
        ..=0 => "within the last day".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn time_ago(ago: Duration) -> String {
    let minutes = ago.as_millis() / 60_000;
    let (count, unit) = match minutes {
        ..1 => return "just now".to_owned(),
        1..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}
