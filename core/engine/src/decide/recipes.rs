//! What the models of a recipe find for a person, and what its rules ask of each item.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Index, Timestamp, Value, limits};
use kith_decide::{Did, Evidence};
use kith_definition::{Recipe, RecipeModel};
use kith_learn::{Context, Kind, Mask, Reason, Scored, Touch, again::Again, rank, scores::Scores};
use kith_profile::Profile;

use crate::learned::{Recommenders, Stream, Trained, VISIT_GAP_MILLIS};

/// Who and what a recommendation is about.
pub(super) struct Anchors {
    /// The item being looked at.
    pub item: Option<String>,
    /// The cart, as the caller says or as is known of the person.
    pub cart: Vec<String>,
    /// Only items of this category.
    pub category: Option<String>,
    /// What the person did, the newest first.
    history: Vec<(String, Kind, Timestamp)>,
    /// Their interest in categories and brands, the greatest first.
    interests: Vec<(String, f64)>,
}

/// Groups whose items the model of interest looks at.
const INTERESTS_MAX: usize = 6;
/// Half-life of what is bought again, and its weight per basket back.
const AGAIN: Again = Again {
    decay: 0.9,
    half_life: 90 * 86_400_000,
    kinds: [0.1, 0.2, 0.3, 1.0],
};

/// An item that a model found: score from 0 to 1, and why.
type Told = (String, f64, Evidence);

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

impl Anchors {
    /// Of a profile and what the caller says.
    pub fn of(profile: Option<&Profile>, context: &Value, now: Timestamp) -> Self {
        let text = |path: &str| context.path(path).as_text().map(str::to_owned);
        let item = text("item_id").or_else(|| text("page.item_id"));
        let cart = match context.path("cart") {
            Value::List(list) => {
                let ids = list.iter().take(limits::LEARN_RECENT_ITEMS_MAX);
                ids.filter_map(|one| one.as_text().or_else(|| one.path("item_id").as_text()))
                    .map(str::to_owned)
                    .collect()
            }
            _ => profile.map(kith_profile::feature::cart).unwrap_or_default(),
        };
        let mut history = Vec::new();
        let mut interests = Vec::new();
        if let Some(profile) = profile {
            let fold = &profile.fold;
            let lists = [
                (&fold.viewed, Kind::Viewed),
                (&fold.added, Kind::Carted),
                (&fold.bought, Kind::Bought),
            ];
            for (touches, kind) in lists {
                let touched = touches.iter();
                history.extend(touched.map(|(stamp, id)| (id.to_owned(), kind, stamp.at)));
            }
            history.sort_by(|one, other| (other.2, other.1, &one.0).cmp(&(one.2, one.1, &other.0)));
            for dimension in ["category", "brand"] {
                let shares = profile.affinities(dimension, now).into_iter();
                interests.extend(shares.map(|(key, share)| (format!("{dimension}:{key}"), share)));
            }
            interests
                .sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            interests.truncate(INTERESTS_MAX);
        }
        Anchors {
            item,
            cart,
            category: text("category"),
            history,
            interests,
        }
    }

    /// What is asked of pairs of items: the item at hand, else the cart, else the history.
    fn seeds(&self) -> Vec<(&str, Kind)> {
        if let Some(item) = &self.item {
            return vec![(item, Kind::Viewed)];
        }
        let cart: Vec<_> = self
            .cart
            .iter()
            .map(|id| (id.as_str(), Kind::Carted))
            .collect();
        if !cart.is_empty() {
            return cart;
        }
        let mut seen = BTreeSet::new();
        let history = self.history.iter();
        let newest = history.filter(|(id, _, _)| seen.insert(id.as_str()));
        newest
            .take(limits::LEARN_RECENT_ITEMS_MAX)
            .map(|(id, kind, _)| (id.as_str(), *kind))
            .collect()
    }

    /// The present visit, the last item last.
    fn visit(&self, now: Timestamp) -> Vec<&str> {
        let mut visit: Vec<&str> = Vec::new();
        let mut after = now;
        for (id, _, at) in &self.history {
            if after.since(*at).as_millis() > VISIT_GAP_MILLIS {
                break;
            }
            after = *at;
            if !visit.contains(&id.as_str()) && visit.len() < limits::LEARN_SESSION_ITEMS_MAX {
                visit.push(id);
            }
        }
        visit.reverse();
        if let Some(item) = &self.item {
            visit.retain(|id| id != item);
            visit.push(item);
        }
        visit
    }

    /// What the person did with an item last, as it is told.
    fn did(&self, item: &str, kind: Kind) -> Did {
        if self.item.as_deref() == Some(item) {
            return Did::LooksAt;
        }
        match kind {
            Kind::Viewed => Did::Viewed,
            Kind::Saved => Did::Saved,
            Kind::Carted => Did::Carted,
            Kind::Bought => Did::Bought,
        }
    }
}

/// What all ingredients of a recipe find together, best first: the sum of weight × score, and the
/// evidence of the ingredient that says most. Titles stand as ids until the item is read.
pub(super) fn find(
    recipe: &Recipe,
    models: &Recommenders,
    anchors: &Anchors,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for ingredient in recipe.ingredients.iter().filter(|one| one.weight > 0.0) {
        let found = ask(ingredient.model, models, anchors, wanted, now);
        let weighted = found.into_iter();
        told.extend(weighted.map(|(id, score, why)| (id, ingredient.weight * score, why)));
    }
    // Of each item the sum, and the place of what says most.
    let mut sums: Vec<(f64, usize)> = Vec::with_capacity(told.len());
    let mut index: Index<&str> = Index::default();
    for (place, (id, score, _)) in told.iter().enumerate() {
        let Some(at) = index.find(&id.as_str()) else {
            index.insert(id, sums.len());
            sums.push((*score, place));
            continue;
        };
        let (sum, most) = &mut sums[at];
        *sum += score;
        if *score > told[*most].1 {
            *most = place;
        }
    }
    sums.sort_unstable_by(|(one, at), (other, beside)| {
        let ids = || told[*at].0.cmp(&told[*beside].0);
        other.total_cmp(one).then_with(ids)
    });
    let take = |(sum, place): (f64, usize)| {
        let (id, _, evidence) = &mut told[place];
        let nothing = Evidence::Touched;
        (
            std::mem::take(id),
            sum,
            std::mem::replace(evidence, nothing),
        )
    };
    sums.into_iter().map(take).collect()
}

fn ask(
    model: RecipeModel,
    models: &Recommenders,
    anchors: &Anchors,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Vec<Told> {
    let (live, most) = (&*models.stream, wanted.most());
    let number = |id: &str| live.number(id);
    let mask = || wanted.mask(live.items(), &number);
    let plain = |found: Vec<(u32, f32)>, evidence: &Evidence| {
        let told = found.into_iter().filter_map(|(item, score)| {
            let id = live.id(item)?;
            Some((id.to_owned(), f64::from(score), evidence.clone()))
        });
        told.collect()
    };
    // Of named items, what is not among these hardly counts beside what is.
    let of_all = match wanted {
        Wanted::Best => most,
        Wanted::Named(_) => limits::LEARN_CHOSEN_MAX,
    };
    let of_category = || {
        let category = anchors.category.as_ref()?;
        let group = format!("category:{category}");
        Some(live.of_group(&group, of_all))
    };
    let mut told: Vec<Told> = match model {
        RecipeModel::Visits => {
            let visit: Vec<u32> = anchors.visit(now).into_iter().filter_map(number).collect();
            put(
                live.visit_like(&visit, mask(), most),
                &|n| live.id(n),
                anchors,
            )
        }
        RecipeModel::ItemToItem => {
            let seeds = anchors.seeds().into_iter();
            let seeds: Vec<_> = seeds
                .filter_map(|(id, kind)| Some((number(id)?, kind)))
                .collect();
            put(live.beside(&seeds, mask(), most), &|n| live.id(n), anchors)
        }
        RecipeModel::Linear => by_trained(models.linear.as_deref(), anchors, wanted, now),
        RecipeModel::Content => by_trained(models.content.as_deref(), anchors, wanted, now),
        RecipeModel::Again => again(anchors, now),
        RecipeModel::Affinity => interests(live, anchors, wanted),
        RecipeModel::Popular => plain(
            of_category().unwrap_or_else(|| live.popular(of_all).collect()),
            &Evidence::Touched,
        ),
        RecipeModel::Trending => plain(
            of_category().unwrap_or_else(|| live.trending(of_all).collect()),
            &Evidence::Trending,
        ),
    };
    told.retain(|(id, _, _)| wanted.holds(id));
    told.truncate(most);
    scaled(told)
}

/// Scores from 0 to 1, so that weights mean the same for every model.
fn scaled(mut told: Vec<Told>) -> Vec<Told> {
    told.retain(|(_, score, _)| score.is_finite() && *score > 0.0);
    let most = told.iter().map(|(_, score, _)| *score).fold(0.0, f64::max);
    told.iter_mut().for_each(|(_, score, _)| *score /= most);
    told
}

/// What a model says, with ids and evidence in place of numbers and reasons.
fn put<'a>(
    scored: Vec<Scored>,
    id: &dyn Fn(u32) -> Option<&'a str>,
    anchors: &Anchors,
) -> Vec<Told> {
    let told = scored.into_iter().filter_map(|one| {
        let evidence = match one.reason {
            Reason::Because { item, kind } => {
                let title = id(item)?.to_owned();
                let did = anchors.did(&title, kind);
                Evidence::Because { title, did }
            }
            Reason::Similar { item, kind } => {
                let title = id(item)?.to_owned();
                let did = anchors.did(&title, kind);
                Evidence::Similar { title, did }
            }
            Reason::Taste => Evidence::Taste,
            Reason::Again { times } => Evidence::Again { times },
            Reason::Visit { visits } => Evidence::Visit { visits },
            Reason::Popular | Reason::PopularIn { .. } => Evidence::Touched,
            Reason::Trending => Evidence::Trending,
        };
        Some((id(one.item)?.to_owned(), f64::from(one.score), evidence))
    });
    told.collect()
}

fn by_trained(
    trained: Option<&Trained>,
    anchors: &Anchors,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Vec<Told> {
    let Some(trained) = trained else {
        return Vec::new();
    };
    let mut history: Vec<Touch> = Vec::new();
    for (id, kind, at) in anchors.history.iter().rev() {
        if let Some(item) = trained.number(id) {
            history.push(Touch {
                item,
                kind: *kind,
                at: at.as_millis(),
            });
        }
    }
    if let Some(item) = anchors.item.as_deref().and_then(|id| trained.number(id)) {
        history.push(Touch {
            item,
            kind: Kind::Viewed,
            at: now.as_millis(),
        });
    }
    if history.is_empty() {
        return Vec::new();
    }
    let context = Context {
        now: now.as_millis(),
        category: None,
    };
    let number = |id: &str| trained.number(id);
    let mask = wanted.mask(trained.items.len(), &number);
    let model = &trained.model;
    let found = model.recommend(&history, &context, &mask, wanted.most());
    let id = |number: u32| trained.items.get(number as usize).map(String::as_str);
    put(found, &id, anchors)
}

/// What the person bought before, the sooner and the more often the better.
fn again(anchors: &Anchors, now: Timestamp) -> Vec<Told> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut ids: Vec<&str> = Vec::new();
    let mut history = Vec::with_capacity(anchors.history.len());
    for (id, kind, at) in anchors.history.iter().rev() {
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
    AGAIN.score(&mut scores, &history, now.as_millis());
    let best = rank::top(scores.told(), limits::RECIPE_FOUND_MAX);
    let told = best.into_iter().map(|(item, score)| {
        let bought = |touch: &&Touch| touch.item == item && touch.kind == Kind::Bought;
        let times = history.iter().filter(bought).count() as u32;
        let evidence = Evidence::Again { times };
        (ids[item as usize].to_owned(), f64::from(score), evidence)
    });
    told.collect()
}

/// What belongs to the categories and brands of interest, the popular first. Of named items each
/// counts as much as the greatest interest that it belongs to.
fn interests(live: &Stream, anchors: &Anchors, wanted: Wanted<'_>) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for (group, share) in &anchors.interests {
        let Some((dimension, key)) = group.split_once(':') else {
            continue;
        };
        let mut tell = |id: &str, score: f64| {
            let evidence = Evidence::Interest {
                dimension: dimension.to_owned(),
                key: key.to_owned(),
            };
            told.push((id.to_owned(), score, evidence));
        };
        match wanted {
            Wanted::Best => {
                let items = live.of_group(group, limits::RECIPE_FOUND_MAX / 2);
                for (place, (item, _)) in items.into_iter().enumerate() {
                    let Some(id) = live.id(item) else { continue };
                    tell(id, share / (1.0 + place as f64).sqrt());
                }
            }
            Wanted::Named(named) => {
                let of_group = |id: &&&str| {
                    let number = live.number(id);
                    number.is_some_and(|number| live.is_of_group(number, group))
                };
                named
                    .iter()
                    .filter(of_group)
                    .for_each(|id| tell(id, *share));
            }
        }
    }
    told.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let mut seen = BTreeSet::new();
    told.retain(|(id, _, _)| seen.insert(id.clone()));
    told
}
