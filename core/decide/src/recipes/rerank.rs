//! Items that the caller found, in the order that suits one person.
//!
//! What comes first was found to be the most relevant, so the place counts as much as an ingredient
//! of weight 1 would: 1 / log2(1 + place), the discount of Järvelin and Kekäläinen (2002). A
//! recipe's ingredients and boosts do the rest. Nothing is left out: what its rules refuse and what
//! cannot be had comes last.

use std::collections::BTreeMap;

use super::{Chain, CompiledRecipe};
use crate::items::reason;
use crate::session::Filled;
use crate::{Choice, ChoiceKind, Evidence, Find, Items};

/// An item with what speaks for it.
struct Ranked<'a> {
    id: &'a str,
    /// Why it comes after all that is not so.
    last: Option<String>,
    score: f64,
    reasons: Vec<String>,
}

/// Puts every named item in order.
pub(crate) fn order(chain: &Chain<'_>, items: &Items) -> Filled {
    let found = items.recipes.first().into_iter();
    let found = found.flat_map(|found| &found.items);
    let found = found.map(|find| (find.candidate.item_id.as_str(), find));
    let found: BTreeMap<&str, &Find> = found.collect();
    let named = items.named.iter().enumerate();
    let ranked = named.map(|(place, id)| chain.ranked(place, id, found.get(&**id).copied()));
    let mut ranked: Vec<Ranked<'_>> = ranked.collect();
    // Equal ones stay as they came.
    ranked.sort_by(|one, other| {
        let last = one.last.is_some().cmp(&other.last.is_some());
        last.then_with(|| other.score.total_cmp(&one.score))
    });
    let choices = ranked.into_iter().map(|one| {
        let reasons = one.last.into_iter().chain(one.reasons);
        choice(one.id, one.score, reasons)
    });
    filled(choices.collect(), false)
}

/// The named items as they came, and why.
pub(crate) fn as_it_came(named: &[String], why: &'static str) -> Filled {
    let choices = named.iter().enumerate();
    let choices = choices.map(|(place, id)| choice(id, relevance(place), [why.to_owned()]));
    let as_it_came = !named.is_empty();
    Filled {
        nothing: why,
        ..filled(choices.collect(), as_it_came)
    }
}

impl Chain<'_> {
    fn ranked<'i>(&self, place: usize, id: &'i str, find: Option<&Find>) -> Ranked<'i> {
        let mut ranked = Ranked {
            id,
            last: None,
            score: relevance(place),
            reasons: Vec::new(),
        };
        let (Some(find), Some(recipe)) = (find, self.recipes.first()) else {
            return ranked;
        };
        let evidence = &find.candidate.evidence;
        if *evidence != Evidence::Named {
            ranked.score += find.candidate.score;
            ranked.reasons.push(reason(evidence, self.now));
        }
        if find.held {
            self.ask(recipe, find, &mut ranked);
        } else {
            let words = "The catalog does not hold it".to_owned();
            ranked.reasons.push(words);
        }
        ranked
            .reasons
            .push(format!("Came {} of those found", nth(place)));
        ranked
    }

    /// What the rules of the recipe say of an item that the catalog holds.
    fn ask(&self, recipe: &CompiledRecipe, find: &Find, ranked: &mut Ranked<'_>) {
        let facts = self.facts(find);
        let (score, reasons) = recipe.boosted(ranked.score, &facts, self.now);
        ranked.score = score;
        ranked.reasons.extend(reasons);
        if !find.candidate.available {
            ranked.last = Some("Put last: it is not available".to_owned());
        } else if let Some(words) = recipe.refuses(&facts, self.now) {
            ranked.last = Some(format!("Put last: {words}"));
        }
    }
}

/// What a place counts, the first being 0.
fn relevance(place: usize) -> f64 {
    1.0 / (2.0 + place as f64).log2()
}

fn nth(place: usize) -> String {
    let place = place + 1;
    let ending = match (place % 10, place % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{place}{ending}")
}

fn choice(id: &str, score: f64, reasons: impl IntoIterator<Item = String>) -> Choice {
    Choice {
        kind: ChoiceKind::Item,
        id: id.to_owned(),
        content: kith_base::Json::default(),
        score,
        propensity: 1.0,
        reasons: reasons.into_iter().map(Into::into).collect(),
        terms: None,
        granted: None,
    }
}

fn filled(choices: Vec<Choice>, as_it_came: bool) -> Filled {
    Filled {
        choices,
        losers: Vec::new(),
        losers_cut: 0,
        wanted: Vec::new(),
        nothing: "Shown because no item was named",
        as_it_came,
    }
}
