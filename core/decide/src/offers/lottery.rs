//! In a placement that learns, the promotions that nothing speaks against are drawn.

use std::sync::Arc;

use kith_base::NodeId;

use super::{Filling, Ranked, Tier};
use crate::drawing::{Drawing, Entrant, Policy};

/// What of a request only a draw needs.
#[derive(Clone, Copy)]
pub(crate) struct Luck<'a> {
    pub seed: u64,
    pub policy: Policy<'a>,
    pub nodes: &'a [NodeId],
}

/// Where an offer stood in the draw.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    /// Its place among the candidates.
    pub place: usize,
    /// With which probability it was drawn at its turn; `None` when it was not.
    pub drawn: Option<f64>,
}

impl Filling<'_, '_> {
    /// With which probability each promotion is the first, if the highest priority goes first and
    /// equals are drawn by lot.
    pub fn shares(&self) -> Vec<(String, f64)> {
        let promotions = || {
            let all = self.ranked.iter();
            all.filter(|one| one.tier == Tier::Promotion)
        };
        let Some(highest) = promotions().map(|one| one.score).max_by(f64::total_cmp) else {
            return Vec::new();
        };
        let best = || promotions().filter(|one| one.score.total_cmp(&highest).is_eq());
        let share = 1.0 / best().count() as f64;
        let offers = &self.session.placements.offers;
        best()
            .map(|one| (offers[one.offer].id.to_string(), share))
            .collect()
    }

    /// Puts the promotions that are drawn before those that are not; `None` where nothing is
    /// learned or nothing is left to draw. What is mandatory, a service or theirs goes first.
    pub(super) fn draw(&mut self) -> Option<Box<Drawing>> {
        let learning = self.first.learning.as_deref()?;
        let before = self
            .ranked
            .partition_point(|one| one.tier > Tier::Promotion);
        let places = self.first.definition.spec.limit.saturating_sub(before);
        let mut promotions = self.ranked.split_off(before);
        if places == 0 || promotions.is_empty() {
            self.ranked.append(&mut promotions);
            return None;
        }
        let offers = &self.session.placements.offers;
        let all = promotions.iter().map(|one| (one, false));
        let mut all: Vec<(&Ranked, bool)> = all
            .chain(self.fallen.iter().map(|one| (one, true)))
            .collect();
        all.sort_by_key(|(one, _)| one.offer);
        let entrant = |(one, refused): &(&Ranked, bool)| Entrant {
            id: Arc::clone(&offers[one.offer].id),
            worth: one.worth,
            refused: *refused,
        };
        let entrants: Vec<Entrant> = all.iter().map(entrant).collect();
        let standing: Vec<usize> = all.iter().map(|(one, _)| one.offer).collect();
        let place = (&*self.first.definition.id, &self.session.slots);
        let luck = (self.luck.policy, self.luck.nodes);
        let draw = learning.draw(place, luck, &entrants, (self.luck.seed, places));
        for one in &mut promotions {
            let place = standing.binary_search(&one.offer).ok();
            let place = place.filter(|place| *place < draw.drawing.candidates.len());
            one.ticket = place.map(|place| Ticket { place, drawn: None });
        }
        for (place, share) in &draw.order {
            let drawn = promotions
                .iter()
                .position(|one| one.offer == standing[*place]);
            let mut one = promotions.remove(drawn.expect("who runs is no refused offer"));
            let drawn = Some(*share);
            one.ticket = Some(Ticket {
                place: *place,
                drawn,
            });
            self.ranked.push(one);
        }
        self.ranked.append(&mut promotions);
        Some(Box::new(draw.drawing))
    }
}
