//! The recipe of a placement and those it may fall back on, as one person meets them: which items
//! they leave out, and how many are enough.

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, limits};
use kith_definition::{Goal, Placement, Recipe};

use super::{CompiledRecipe, OfItem};
use crate::items::days_ago;
use crate::{Candidate, Find, Items, LoserCode};

/// The recipes of a placement, in order, for one person at one moment.
pub struct Chain<'a> {
    pub(crate) placement: &'a Placement,
    pub(crate) recipes: Vec<&'a CompiledRecipe>,
    /// What the rules ask of the person.
    pub(crate) person: BTreeMap<String, Value>,
    pub(crate) now: Timestamp,
}

impl Chain<'_> {
    /// Whether an item may not be shown by a recipe of the chain, the first being 0.
    pub fn leaves_out(&self, stage: usize, find: &Find, items: &Items) -> bool {
        self.left_out(stage, find, items).is_some()
    }

    /// How many items that may be shown a recipe has to find: the choice is made among so many of
    /// the best. A boost may lift any item, so that with boosts all are looked at.
    pub fn enough(&self, stage: usize) -> usize {
        let boosts = self.recipes.get(stage).map(|recipe| &recipe.boosts);
        match boosts {
            Some(boosts) if boosts.is_empty() => self.placement.limit + limits::RECIPE_SPARE_MAX,
            _ => limits::RECIPE_LOOKED_AT_MAX,
        }
    }

    /// Whether so many items that may be shown fill the placement for certain, so that the recipe
    /// needs no fallback.
    pub fn fills(&self, stage: usize, open: usize) -> bool {
        let recipe = self.recipes.get(stage).map(|recipe| &recipe.definition);
        let capped = recipe.is_none_or(|recipe| recipe.spec.diversity.per_category.is_some());
        !capped && open >= self.placement.limit
    }

    /// Why an item may not be shown, by this recipe or any that came before it in the chain.
    pub(super) fn left_out(
        &self,
        stage: usize,
        find: &Find,
        items: &Items,
    ) -> Option<(LoserCode, String)> {
        let candidate = &find.candidate;
        let excluded = |words: String| Some((LoserCode::Excluded, words));
        if items.current_item.as_ref() == Some(&candidate.item_id) {
            return excluded("Left out: it is the item being looked at".to_owned());
        }
        let bought = items.purchases.get(&candidate.item_id);
        let ago = bought.map(|bought| self.now.since(*bought));
        let days = i64::from(self.placement.exclude_purchased_days);
        if let Some(ago) = ago.filter(|ago| *ago < kith_base::Duration::from_days(days)) {
            return excluded(format!("Left out: bought {}", days_ago(ago)));
        }
        for recipe in &self.recipes[..=stage] {
            let left = goal_leaves_out(&recipe.definition.spec, candidate, items, ago);
            if left.is_some() {
                return left.and_then(&excluded);
            }
        }
        if !candidate.available {
            let words = "Left out: it is not available".to_owned();
            return Some((LoserCode::Unavailable, words));
        }
        if candidate.content.is_none() && !find.held {
            let words = "Left out: the catalog does not hold it".to_owned();
            return Some((LoserCode::Unavailable, words));
        }
        let facts = self.facts(find);
        let mut chain = self.recipes[..=stage].iter();
        let words = chain.find_map(|recipe| recipe.refuses(&facts, self.now))?;
        excluded(format!("Left out: {words}"))
    }

    pub(super) fn facts<'f>(&'f self, find: &'f Find) -> OfItem<'f> {
        OfItem {
            person: &self.person,
            item: &find.facts,
        }
    }
}

impl CompiledRecipe {
    /// Why its rules leave an item out, in words.
    pub(super) fn refuses(&self, facts: &OfItem<'_>, now: Timestamp) -> Option<String> {
        let rules = [(&self.include, true), (&self.exclude, false)];
        rules.into_iter().find_map(|(rule, wanted)| {
            let rule = rule.as_ref()?;
            let holds = rule.holds(facts, now, !wanted);
            (holds != wanted).then(|| rule.words(facts, now))
        })
    }
}

/// Why the goal of a recipe leaves an item out.
fn goal_leaves_out(
    recipe: &Recipe,
    candidate: &Candidate,
    items: &Items,
    bought: Option<kith_base::Duration>,
) -> Option<String> {
    match (recipe.goal, bought) {
        (Goal::Discover, Some(ago)) => Some(format!("Left out: bought {}", days_ago(ago))),
        (Goal::Discover, None) if items.cart.contains(&candidate.item_id) => {
            Some("Left out: it is in the cart".to_owned())
        }
        (Goal::Reorder, None) => Some("Left out: never bought before".to_owned()),
        _ => None,
    }
}
