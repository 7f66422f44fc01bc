//! An offer shown without being decided for.

use crate::{Choice, ChoiceKind, Placements};

impl Placements {
    /// An offer as a placement shows it, whoever it is for; `None` when the placement has no such
    /// offer.
    pub fn shown(&self, placement: &str, offer: &str, why: &str) -> Option<Choice> {
        let placement = self.placements.get(placement)?;
        let mut offers = placement.offers.iter().map(|index| &self.offers[*index]);
        let found = offers.find(|one| &*one.id == offer)?;
        Some(Choice {
            kind: ChoiceKind::Offer,
            id: found.id.to_string(),
            content: found.content.clone(),
            score: 0.0,
            propensity: 1.0,
            reasons: vec![why.into()],
            terms: None,
            granted: None,
        })
    }
}
