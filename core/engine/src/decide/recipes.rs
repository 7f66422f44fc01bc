//! What the models of a recipe find for a person, and why.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use kith_base::{Index, Timestamp, limits};
use kith_decide::Evidence;
use kith_definition::{Recipe, RecipeModel};
use kith_learn::{Context, Kind, Mask, Reason, Touch, again::Again, rank, scores::Scores};

use super::anchors::Anchors;
use crate::learned::{Recommenders, Trained};

/// Half-life of what is bought again, and its weight per basket back.
const AGAIN: Again = Again {
    decay: 0.9,
    half_life: 90 * 86_400_000,
    kinds: [0.1, 0.2, 0.3, 1.0],
};

/// What is asked of the models.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The best items.
    Best,
    /// These, whether they are among the best or not.
    Named(&'a BTreeSet<&'a str>),
}

impl Wanted<'_> {
    /// Most items a model tells of.
    fn most(self) -> usize {
        match self {
            Wanted::Best => limits::RECIPE_FOUND_MAX,
            Wanted::Named(named) => named.len(),
        }
    }

    fn holds(self, id: &str) -> bool {
        match self {
            Wanted::Best => true,
            Wanted::Named(named) => named.contains(id),
        }
    }

    /// Of a model with so many items, those that are not wanted.
    fn mask(self, items: usize, number: &dyn Fn(&str) -> Option<u32>) -> Mask {
        match self {
            Wanted::Best => Mask::none(),
            Wanted::Named(named) => Mask::all_but(items, named.iter().filter_map(|id| number(id))),
        }
    }
}

/// An item that was found.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    /// Its id.
    pub id: &'a str,
    /// From 0 to the sum of the weights.
    pub score: f64,
    /// What says most of it.
    pub why: Why<'a>,
}

/// Why an item was found. Most of what is found is never shown, so that it is put into words only
/// on demand, by [`Question::evidence`].
#[derive(Clone, Copy)]
pub(super) enum Why<'a> {
    Touched,
    Trending,
    Visit {
        visits: u32,
    },
    Again {
        times: u32,
    },
    /// Of a group, such as `category:shoes`.
    Interest(&'a str),
    /// It goes with what the person touched; its number.
    Beside(u32),
    /// A trained model says so; the item's number there.
    Trained(RecipeModel, u32),
}

/// What is found, best first; equal scores by id.
pub(super) struct Ranked<'a>(BinaryHeap<Placed<'a>>);

struct Placed<'a>(Told<'a>);

impl<'a> Iterator for Ranked<'a> {
    type Item = Told<'a>;

    fn next(&mut self) -> Option<Told<'a>> {
        self.0.pop().map(|placed| placed.0)
    }
}

impl Ord for Placed<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let scores = self.0.score.total_cmp(&other.0.score);
        scores.then_with(|| other.0.id.cmp(self.0.id))
    }
}

impl PartialOrd for Placed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Placed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Placed<'_> {}

/// One question to the models of a recipe.
pub(super) struct Question<'a> {
    models: &'a Recommenders,
    anchors: &'a Anchors,
    wanted: Wanted<'a>,
    now: Timestamp,
    /// What is asked of pairs of items, by number.
    seeds: OnceCell<Vec<(u32, Kind)>>,
    /// The history in the numbers of the trained models.
    linear: OnceCell<Vec<Touch>>,
    content: OnceCell<Vec<Touch>>,
}

impl<'a> Question<'a> {
    pub fn new(
        models: &'a Recommenders,
        anchors: &'a Anchors,
        wanted: Wanted<'a>,
        now: Timestamp,
    ) -> Self {
        Question {
            models,
            anchors,
            wanted,
            now,
            seeds: OnceCell::new(),
            linear: OnceCell::new(),
            content: OnceCell::new(),
        }
    }

    /// What all ingredients of a recipe find together, best first: the sum of weight × score, and
    /// why by the ingredient that says most.
    pub fn find(&self, recipe: &Recipe) -> Ranked<'a> {
        let mut sums: Vec<(Told<'a>, f64)> = Vec::new();
        let mut index: Index<&str> = Index::default();
        for ingredient in recipe.ingredients.iter().filter(|one| one.weight > 0.0) {
            for told in self.ask(ingredient.model) {
                let score = ingredient.weight * told.score;
                let Some(at) = index.find(&told.id) else {
                    index.insert(told.id, sums.len());
                    sums.push((Told { score, ..told }, score));
                    continue;
                };
                let (sum, most) = &mut sums[at];
                sum.score += score;
                if score > *most {
                    (*most, sum.why) = (score, told.why);
                }
            }
        }
        let placed = sums.into_iter().map(|(told, _)| Placed(told));
        Ranked(placed.collect())
    }

    /// What one model finds: scores from 0 to 1, so that weights mean the same for every model.
    fn ask(&self, model: RecipeModel) -> Vec<Told<'a>> {
        let mut told = match model {
            RecipeModel::Visits => self.visits(),
            RecipeModel::ItemToItem => self.beside(),
            RecipeModel::Linear | RecipeModel::Content => self.by_trained(model),
            RecipeModel::Again => self.again(),
            RecipeModel::Affinity => self.interests(),
            RecipeModel::Popular => self.wanted_by_many(model, Why::Touched),
            RecipeModel::Trending => self.wanted_by_many(model, Why::Trending),
        };
        told.retain(|one| self.wanted.holds(one.id));
        told.truncate(self.wanted.most());
        told.retain(|one| one.score.is_finite() && one.score > 0.0);
        let most = told.iter().map(|one| one.score).fold(0.0, f64::max);
        told.iter_mut().for_each(|one| one.score /= most);
        told
    }

    /// Items that the live models have not to look at.
    fn mask(&self) -> Mask {
        let live = &self.models.stream;
        self.wanted.mask(live.items(), &|id| live.number(id))
    }

    /// With ids in place of the numbers of the live models.
    fn of_live(
        &self,
        found: impl IntoIterator<Item = (u32, f64)>,
        why: impl Fn(u32) -> Why<'a>,
    ) -> Vec<Told<'a>> {
        let told = found.into_iter().filter_map(|(item, score)| {
            let (id, why) = (self.models.stream.id(item)?, why(item));
            Some(Told { id, score, why })
        });
        told.collect()
    }

    fn visits(&self) -> Vec<Told<'a>> {
        let (live, most) = (&self.models.stream, self.wanted.most());
        let visit = self.anchors.visit(self.now).into_iter();
        let visit: Vec<u32> = visit.filter_map(|id| live.number(id)).collect();
        let pool = &self.models.scores;
        let (found, visits) =
            pool.lend(|scores| live.visit_like(scores, &visit, self.mask(), most));
        let found = found.into_iter().map(|(item, score)| (item, score.into()));
        self.of_live(found, |_| Why::Visit { visits })
    }

    fn seeds(&self) -> &[(u32, Kind)] {
        self.seeds.get_or_init(|| {
            let live = &self.models.stream;
            let seeds = self.anchors.seeds().into_iter();
            let seeds = seeds.filter_map(|(id, kind)| Some((live.number(id)?, kind)));
            seeds.collect()
        })
    }

    fn beside(&self) -> Vec<Told<'a>> {
        let (live, most) = (&self.models.stream, self.wanted.most());
        let pool = &self.models.scores;
        let found = pool.lend(|scores| live.beside(scores, self.seeds(), self.mask(), most));
        let found = found.into_iter().map(|(item, score)| (item, score.into()));
        self.of_live(found, Why::Beside)
    }

    /// What many people touch, all in all or lately; of the category asked for, if there is one.
    fn wanted_by_many(&self, model: RecipeModel, why: Why<'a>) -> Vec<Told<'a>> {
        let live = &self.models.stream;
        // Of named items, what is not among these hardly counts beside what is.
        let most = match self.wanted {
            Wanted::Best => self.wanted.most(),
            Wanted::Named(_) => limits::LEARN_CHOSEN_MAX,
        };
        let found: Vec<(u32, f32)> = match (&self.anchors.category, model) {
            (Some(category), _) => live.of_group(&format!("category:{category}"), most),
            (None, RecipeModel::Trending) => live.trending(most).collect(),
            (None, _) => live.popular(most).collect(),
        };
        let found = found.into_iter().map(|(item, score)| (item, score.into()));
        self.of_live(found, |_| why)
    }

    /// A trained model, with the history in its numbers, the earliest first.
    fn trained(&self, model: RecipeModel) -> Option<(&'a Trained, &[Touch])> {
        let (trained, touches) = match model {
            RecipeModel::Linear => (self.models.linear.as_deref()?, &self.linear),
            _ => (self.models.content.as_deref()?, &self.content),
        };
        let touches = touches.get_or_init(|| {
            let touch = |id: &str, kind, at: Timestamp| {
                let item = trained.number(id)?;
                let at = at.as_millis();
                Some(Touch { item, kind, at })
            };
            let history = self.anchors.history.iter().rev();
            let history = history.filter_map(|(id, kind, at)| touch(id, *kind, *at));
            let item = self.anchors.item.as_deref();
            let item = item.and_then(|id| touch(id, Kind::Viewed, self.now));
            history.chain(item).collect()
        });
        Some((trained, touches))
    }

    fn context(&self) -> Context<'static> {
        Context {
            now: self.now.as_millis(),
            category: None,
        }
    }

    fn by_trained(&self, model: RecipeModel) -> Vec<Told<'a>> {
        let Some((trained, history)) = self.trained(model) else {
            return Vec::new();
        };
        if history.is_empty() {
            return Vec::new();
        }
        let number = |id: &str| trained.number(id);
        let mask = self.wanted.mask(trained.items.len(), &number);
        let (context, most) = (self.context(), self.wanted.most());
        let best = |scores: &mut Scores| trained.model.best(scores, history, &context, &mask, most);
        let found = self.models.scores.lend(best).into_iter();
        let told = found.filter_map(|(item, score)| {
            let id = trained.items.get(item as usize)?;
            let (score, why) = (score.into(), Why::Trained(model, item));
            Some(Told { id, score, why })
        });
        told.collect()
    }

    /// What the person bought before, the sooner and the more often the better.
    fn again(&self) -> Vec<Told<'a>> {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut ids: Vec<&'a str> = Vec::new();
        let mut history = Vec::with_capacity(self.anchors.history.len());
        for (id, kind, at) in self.anchors.history.iter().rev() {
            let item = *numbers.entry(id).or_insert_with(|| {
                ids.push(id);
                ids.len() as u32 - 1
            });
            history.push(Touch {
                item,
                kind: *kind,
                at: at.as_millis(),
            });
        }
        let mut scores = Scores::new(ids.len());
        AGAIN.score(&mut scores, &history, self.now.as_millis());
        let best = rank::top(scores.told(), limits::RECIPE_FOUND_MAX);
        let told = best.into_iter().map(|(item, score)| {
            let bought = |touch: &&Touch| touch.item == item && touch.kind == Kind::Bought;
            let times = history.iter().filter(bought).count() as u32;
            Told {
                id: ids[item as usize],
                score: f64::from(score),
                why: Why::Again { times },
            }
        });
        told.collect()
    }

    /// What belongs to the categories and brands of interest, the popular first. Of named items
    /// each counts as much as the greatest interest that it belongs to.
    fn interests(&self) -> Vec<Told<'a>> {
        let live = &self.models.stream;
        let mut found: Vec<(u32, Told<'a>)> = Vec::new();
        for (group, share) in &self.anchors.interests {
            let mut tell = |item: u32, score: f64| {
                let why = Why::Interest(group);
                found.extend(live.id(item).map(|id| (item, Told { id, score, why })));
            };
            match self.wanted {
                Wanted::Best => {
                    let items = live.of_group(group, limits::RECIPE_FOUND_MAX / 2);
                    for (place, (item, _)) in items.into_iter().enumerate() {
                        tell(item, share / (1.0 + place as f64).sqrt());
                    }
                }
                Wanted::Named(named) => {
                    let known = named.iter().filter_map(|id| live.number(id));
                    let of_group = known.filter(|number| live.is_of_group(*number, group));
                    of_group.for_each(|item| tell(item, *share));
                }
            }
        }
        found.sort_by(|(_, one), (_, other)| {
            let scores = other.score.total_cmp(&one.score);
            scores.then_with(|| one.id.cmp(other.id))
        });
        let mut seen = Mask::none();
        found.retain(|(item, _)| {
            let fresh = !seen.holds(*item);
            seen.add(*item);
            fresh
        });
        found.into_iter().map(|(_, told)| told).collect()
    }

    /// Why, as a decision writes it down. Titles stand as ids until the item is read.
    pub fn evidence(&self, why: Why<'_>) -> Evidence {
        let live = &self.models.stream;
        match why {
            Why::Touched => Evidence::Touched,
            Why::Trending => Evidence::Trending,
            Why::Visit { visits } => Evidence::Visit { visits },
            Why::Again { times } => Evidence::Again { times },
            Why::Interest(group) => {
                let (dimension, key) = group.split_once(':').unwrap_or(("", group));
                Evidence::Interest {
                    dimension: dimension.to_owned(),
                    key: key.to_owned(),
                }
            }
            Why::Beside(item) => {
                let loudest = live.loudest(self.seeds(), item);
                let told = loudest.and_then(|(seed, kind)| Some((live.id(seed)?, kind)));
                told.map_or(Evidence::Touched, |(id, kind)| Evidence::Because {
                    title: id.to_owned(),
                    did: self.anchors.did(id, kind),
                })
            }
            Why::Trained(model, item) => self.of_trained(model, item),
        }
    }

    fn of_trained(&self, model: RecipeModel, item: u32) -> Evidence {
        let Some((trained, history)) = self.trained(model) else {
            return Evidence::Taste;
        };
        let about = |item: u32, kind| {
            let title = trained.items.get(item as usize)?.clone();
            let did = self.anchors.did(&title, kind);
            Some((title, did))
        };
        match trained.model.reason(item, history, &self.context()) {
            Reason::Because { item, kind } => {
                about(item, kind).map_or(Evidence::Taste, |(title, did)| Evidence::Because {
                    title,
                    did,
                })
            }
            Reason::Similar { item, kind } => {
                about(item, kind).map_or(Evidence::Taste, |(title, did)| Evidence::Similar {
                    title,
                    did,
                })
            }
            Reason::Taste => Evidence::Taste,
            Reason::Again { times } => Evidence::Again { times },
            Reason::Visit { visits } => Evidence::Visit { visits },
            Reason::Popular | Reason::PopularIn { .. } => Evidence::Touched,
            Reason::Trending => Evidence::Trending,
        }
    }
}
