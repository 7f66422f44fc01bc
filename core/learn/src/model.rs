//! A model as it is served: weighted parts, what is popular behind them, and why each item.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::again::Again;
use crate::content::Content;
use crate::factors::Factors;
use crate::linear::Linear;
use crate::matrix::Rows;
use crate::neighbours::Neighbours;
use crate::popular::Popular;
use crate::rank;
use crate::scores::Scores;

/// What somebody did with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// Looked at it.
    Viewed,
    /// Kept it for later: a wish list, a favourite.
    Saved,
    /// Put it into a cart.
    Carted,
    /// Bought it.
    Bought,
}

/// One touch of a person's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Which item, by number.
    pub item: u32,
    /// What was done.
    pub kind: Kind,
    /// When, in the unit that the model was trained with.
    pub at: i64,
}

/// What a request is about, besides the person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The present, in the unit of the touches.
    pub now: i64,
    /// Only items of this category, with the category of every item.
    pub category: Option<(u32, &'a [u32])>,
}

/// Items that may not be chosen: seen, bought, unavailable.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    bits: Vec<u64>,
}

impl Mask {
    /// Nothing masked.
    pub fn none() -> Self {
        Mask::default()
    }

    /// These items.
    pub fn of(items: impl IntoIterator<Item = u32>) -> Self {
        let mut mask = Mask::default();
        for item in items {
            mask.add(item);
        }
        mask
    }

    /// Everything of the first `count` items but these.
    pub fn all_but(count: usize, items: impl IntoIterator<Item = u32>) -> Self {
        let mut mask = Mask {
            bits: vec![u64::MAX; count.div_ceil(64)],
        };
        for item in items {
            if let Some(word) = mask.bits.get_mut(item as usize / 64) {
                *word &= !(1 << (item % 64));
            }
        }
        mask
    }

    /// Everything in a history: to discover, not to reorder.
    pub fn seen(history: &[Touch]) -> Self {
        Mask::of(history.iter().map(|touch| touch.item))
    }

    /// Masks one more.
    pub fn add(&mut self, item: u32) {
        let word = item as usize / 64;
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (item % 64);
    }

    /// Whether it is masked.
    pub fn holds(&self, item: u32) -> bool {
        let word = self.bits.get(item as usize / 64);
        word.is_some_and(|word| word >> (item % 64) & 1 == 1)
    }
}

/// Why an item was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Because of an item in the history: people who touched that one touch this one.
    Because {
        /// The item of the history that spoke loudest.
        item: u32,
        /// What was done with it.
        kind: Kind,
    },
    /// It has much in common with an item of the history.
    Similar {
        /// The item of the history.
        item: u32,
        /// What was done with it.
        kind: Kind,
    },
    /// People with like histories touch it.
    Taste,
    /// It was touched before, this often.
    Again {
        /// Touches in the history.
        times: u32,
    },
    /// Visits like this one went on with it.
    Visit {
        /// How many of the visits looked at hold it.
        visits: u32,
    },
    /// Many people touch it.
    Popular,
    /// Many people touch it lately.
    Trending,
    /// Many people touch it, among those of its category.
    PopularIn {
        /// The category asked for.
        category: u32,
    },
}

/// An item with its score and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Which.
    pub item: u32,
    /// Comparable within one answer only.
    pub score: f32,
    /// Why.
    pub reason: Reason,
}

/// One ingredient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// Counts of touches, or of late ones.
    Popular(Popular),
    /// Co-occurrence of items.
    Neighbours(Neighbours),
    /// A dense linear model.
    Linear(Linear),
    /// A linear model, its greatest weights.
    Truncated(Rows),
    /// Vectors of items.
    Factors(Factors),
    /// What items have in common by their own words and attributes.
    Content(Content),
    /// What the person touched before.
    Again(Again),
}

/// Parts with weights on scores of equal spread, then what is popular.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Ingredients with their weights.
    pub parts: Vec<(f32, Part)>,
    /// What fills the places that the parts leave, and what a person without history gets.
    pub popular: Popular,
}

impl Model {
    /// A model of one part.
    pub fn of(part: Part, popular: Popular) -> Self {
        Model {
            parts: vec![(1.0, part)],
            popular,
        }
    }

    /// How many items it knows.
    pub fn items(&self) -> usize {
        self.popular.scores.len()
    }

    /// The best `n` items for a person, best first; equal ones by the lower number.
    pub fn recommend(
        &self,
        history: &[Touch],
        context: &Context<'_>,
        mask: &Mask,
        n: usize,
    ) -> Vec<Scored> {
        let mut scores = Scores::new(self.items());
        self.recommend_with(&mut scores, history, context, mask, n)
    }

    /// The same with memory that is used again.
    pub fn recommend_with(
        &self,
        scores: &mut Scores,
        history: &[Touch],
        context: &Context<'_>,
        mask: &Mask,
        n: usize,
    ) -> Vec<Scored> {
        let history = newest(history);
        let best = self.best(scores, history, context, mask, n);
        let mut chosen: Vec<Scored> = best
            .into_iter()
            .map(|(item, score)| Scored {
                item,
                score,
                reason: self.reason(item, history, context),
            })
            .collect();
        let n = n.min(limits::LEARN_CHOSEN_MAX).min(self.items());
        if chosen.len() < n {
            self.fill(&mut chosen, mask, context, n);
        }
        chosen
    }

    /// The best `n` items of those that a part has anything to say of, best first.
    pub fn best(
        &self,
        scores: &mut Scores,
        history: &[Touch],
        context: &Context<'_>,
        mask: &Mask,
        n: usize,
    ) -> Vec<(u32, f32)> {
        let history = newest(history);
        let open = |item: u32| !mask.holds(item) && context.admits(item);
        if let Some(Part::Factors(factors)) = self.only()
            && !history.is_empty()
        {
            return factors.best(&person_of(factors, history), open, n);
        }
        self.score(scores, history, context);
        let scored = scores.told().filter(|(item, _)| open(*item));
        rank::top(scored, n)
    }

    /// The part that counts, if only one does.
    fn only(&self) -> Option<&Part> {
        let mut counting = self.parts.iter().filter(|(weight, _)| *weight != 0.0);
        match (counting.next(), counting.next()) {
            (Some((weight, part)), None) if *weight > 0.0 => Some(part),
            _ => None,
        }
    }

    /// Scores of all items that a part has anything to say of, left in `scores`.
    pub fn score(&self, scores: &mut Scores, history: &[Touch], context: &Context<'_>) {
        scores.begin(self.items());
        if let Some(part) = self.only() {
            part.score(scores, history, context);
            return;
        }
        let mut own = Scores::new(self.items());
        for (weight, part) in self.parts.iter().filter(|(weight, _)| *weight != 0.0) {
            own.begin(self.items());
            part.score(&mut own, history, context);
            scores.add_scaled(&own, *weight);
        }
    }

    fn fill(&self, chosen: &mut Vec<Scored>, mask: &Mask, context: &Context<'_>, n: usize) {
        let told = Mask::of(chosen.iter().map(|scored| scored.item));
        let popular = self.popular.scores.iter().enumerate();
        let popular = popular.map(|(item, score)| (item as u32, *score));
        let rest = popular
            .filter(|(item, _)| !mask.holds(*item) && !told.holds(*item) && context.admits(*item));
        let best = rank::top(rest, n - chosen.len());
        let least = chosen.last().map_or(0.0, |last| last.score.min(0.0));
        chosen.extend(best.iter().map(|(item, _)| Scored {
            item: *item,
            score: least,
            reason: self.popular.reason(context),
        }));
    }

    /// Why an item, told by the first part that can: parts stand in the order of their merit. Of a
    /// history the item that spoke loudest.
    pub fn reason(&self, item: u32, history: &[Touch], context: &Context<'_>) -> Reason {
        let history = newest(history);
        let told = self
            .parts
            .iter()
            .find_map(|(_, part)| part.reason(item, history, context));
        told.unwrap_or(if history.is_empty() {
            self.popular.reason(context)
        } else {
            Reason::Taste
        })
    }
}

impl Context<'_> {
    fn admits(&self, item: u32) -> bool {
        self.category
            .is_none_or(|(category, of)| of.get(item as usize) == Some(&category))
    }
}

impl Part {
    /// In the form that serves: a dense linear model cut to its strongest weights.
    pub fn served(self) -> Self {
        match self {
            Part::Linear(dense) => Part::Truncated(dense.truncated()),
            other => other,
        }
    }

    fn score(&self, to: &mut Scores, history: &[Touch], context: &Context<'_>) {
        match self {
            Part::Popular(popular) => to.add_row(1.0, &popular.scores),
            Part::Neighbours(neighbours) => {
                let mut weight = 1.0;
                let mut seen = Mask::none();
                for touch in history.iter().rev() {
                    if seen.holds(touch.item) {
                        continue;
                    }
                    seen.add(touch.item);
                    for (column, value) in neighbours.rows.row(touch.item) {
                        to.add(column, weight * value);
                    }
                    weight *= neighbours.decay;
                    if weight < 1e-7 {
                        break;
                    }
                }
            }
            Part::Linear(linear) => {
                each_once(history, |item| to.add_row(1.0, linear.row(item)));
            }
            Part::Truncated(rows) => each_once(history, |item| {
                for (column, value) in rows.row(item) {
                    to.add(column, value);
                }
            }),
            Part::Factors(factors) if !history.is_empty() => {
                let person = person_of(factors, history);
                let scored = factors.scores(&person);
                scored.for_each(|(item, score)| to.add(item, score));
            }
            Part::Factors(_) => {}
            Part::Content(content) => content.score(to, history),
            Part::Again(again) => again.score(to, history, context.now),
        }
    }

    fn reason(&self, item: u32, history: &[Touch], context: &Context<'_>) -> Option<Reason> {
        match self {
            Part::Popular(popular) => Some(popular.reason(context)),
            Part::Neighbours(neighbours) => {
                let steps = history.iter().rev().enumerate();
                loudest(steps.map(|(step, touch)| {
                    let decay = libm::powf(neighbours.decay, step as f32);
                    (decay * neighbours.rows.weight(touch.item, item), *touch)
                }))
                .map(|touch| Reason::Because {
                    item: touch.item,
                    kind: touch.kind,
                })
            }
            Part::Linear(linear) => {
                let weight = |touch: &Touch| linear.row(touch.item).get(item as usize).copied();
                let told = history
                    .iter()
                    .rev()
                    .map(|touch| (weight(touch).unwrap_or(0.0), *touch));
                loudest(told).map(|touch| Reason::Because {
                    item: touch.item,
                    kind: touch.kind,
                })
            }
            Part::Truncated(rows) => {
                let told = history
                    .iter()
                    .rev()
                    .map(|touch| (rows.weight(touch.item, item), *touch));
                loudest(told).map(|touch| Reason::Because {
                    item: touch.item,
                    kind: touch.kind,
                })
            }
            Part::Factors(_) => None,
            Part::Content(content) => {
                let told = history.iter().rev();
                loudest(told.map(|touch| (content.rows.weight(touch.item, item), *touch))).map(
                    |touch| Reason::Similar {
                        item: touch.item,
                        kind: touch.kind,
                    },
                )
            }
            Part::Again(_) => {
                let times = history.iter().filter(|touch| touch.item == item).count() as u32;
                (times > 0).then_some(Reason::Again { times })
            }
        }
    }
}

/// The touch with the greatest weight above 0; of equal ones the first.
fn loudest(told: impl Iterator<Item = (f32, Touch)>) -> Option<Touch> {
    let mut best: Option<(f32, Touch)> = None;
    for (weight, touch) in told {
        if weight > best.map_or(0.0, |(best, _)| best) {
            best = Some((weight, touch));
        }
    }
    best.map(|(_, touch)| touch)
}

/// The newest touches, as many as count.
fn newest(history: &[Touch]) -> &[Touch] {
    let most = limits::LEARN_HISTORY_ITEMS_MAX;
    &history[history.len().saturating_sub(most)..]
}

fn person_of(factors: &Factors, history: &[Touch]) -> Vec<f32> {
    let items: Vec<u32> = history.iter().map(|touch| touch.item).collect();
    factors.person(&items)
}

fn each_once(history: &[Touch], mut tell: impl FnMut(u32)) {
    let mut items: Vec<u32> = history.iter().map(|touch| touch.item).collect();
    items.sort_unstable();
    items.dedup();
    items.into_iter().for_each(&mut tell);
}

impl Model {
    /// Whether a read form holds together.
    pub fn is_sound(&self) -> bool {
        let items = self.items();
        items <= limits::LEARN_ITEMS_MAX
            && self.parts.len() <= limits::LEARN_BLEND_PARTS_MAX
            && self.popular.is_sound(items)
            && self
                .parts
                .iter()
                .all(|(weight, part)| weight.is_finite() && part.is_sound(items))
    }
}

impl Part {
    fn is_sound(&self, items: usize) -> bool {
        match self {
            Part::Popular(popular) => popular.is_sound(items),
            Part::Neighbours(neighbours) => {
                neighbours.decay.is_finite() && neighbours.rows.is_sound(items)
            }
            Part::Linear(linear) => linear.items() == items && linear.is_sound(),
            Part::Truncated(rows) => rows.is_sound(items),
            Part::Factors(factors) => factors.items() == items && factors.is_sound(),
            Part::Content(content) => content.rows.is_sound(items),
            Part::Again(again) => again.is_sound(),
        }
    }
}
