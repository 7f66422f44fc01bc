//! Protocols of repeated choices: the next basket, and what somebody is drawn to next.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::again::Again;
use crate::evaluate::{Case, Figures, RANKED};
use crate::interactions::{Interactions, Names, Numbering};
use crate::model::{Context, Kind, Mask, Model, Part, Touch};
use crate::popular;
use crate::read::Table;
use crate::scores::Scores;

/// Everything each user did, oldest first.
#[derive(Clone, Debug)]
pub struct Histories {
    /// Ids of items, or of the values of a dimension.
    pub items: Names,
    /// Touches by user.
    pub users: Vec<Vec<Touch>>,
}

/// What is known, and who is asked for.
#[derive(Clone, Debug)]
pub struct Split {
    /// What everybody touched before; popularity is counted in it.
    pub known: Interactions,
    /// To choose by.
    pub validation: Vec<Case>,
    /// To measure by.
    pub test: Vec<Case>,
}

/// Orders of one user that a next one is asked for after.
const BASKETS_MIN: usize = 3;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What a word for a behaviour means; a word that is not known is a purchase in a table of
/// orders and a view in any other.
pub fn kind_of(behaviour: Option<&str>) -> Kind {
    let word = behaviour.map(str::to_lowercase);
    match word.as_deref() {
        None => Kind::Bought,
        Some(word) if word.starts_with("fav") || word.contains("wish") => Kind::Saved,
        Some(word) if word.contains("cart") => Kind::Carted,
        Some("buy" | "purchase" | "transaction" | "order" | "order completed") => Kind::Bought,
        Some(_) => Kind::Viewed,
    }
}

/// Time, order, item and what was done.
type Line<'a> = (i64, Option<&'a str>, u32, Kind);

/// Reads a table. With `dimension` a touch is of its value and not of the item. Orders of one
/// user never share a time: a later one of the same instant is a millisecond later.
pub fn histories(table: &Table, dimension: bool) -> Result<Histories, Error> {
    let most = kith_base::limits::LEARN_ITEMS_MAX;
    let mut items = Numbering::default();
    let mut users: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        let id = match (dimension, &row.dimension) {
            (true, Some(value)) if !value.is_empty() => value,
            (true, _) => continue,
            (false, _) => &row.item,
        };
        let number = items.number(id, "items", most)?;
        let at = row.at.unwrap_or(place as i64);
        let event = (
            at,
            row.basket.as_deref(),
            number,
            kind_of(row.behaviour.as_deref()),
        );
        users.entry(&row.user).or_default().push(event);
    }
    let (items, places) = items.finish();
    let in_order = users.into_values().map(|mut events| {
        // An order is where its first line is, even when lines of others lie between.
        let mut first: BTreeMap<Option<&str>, i64> = BTreeMap::new();
        for (at, basket, ..) in &events {
            let known = first.entry(*basket).or_insert(*at);
            *known = (*known).min(*at);
        }
        if table.baskets {
            events
                .iter_mut()
                .for_each(|event| event.0 = first[&event.1]);
        }
        events.sort_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
        if table.baskets {
            // Two lines of one item are one choice.
            let mut seen = BTreeSet::new();
            events.retain(|(_, basket, item, _)| seen.insert((*basket, *item)));
        }
        let mut made: Vec<Touch> = Vec::with_capacity(events.len());
        let mut basket = None;
        for (at, of, item, kind) in events {
            let last = made.last().map_or(i64::MIN, |touch| touch.at);
            let at = match table.baskets {
                true if basket == Some(of) => last,
                true => at.max(last.saturating_add(1)),
                false => at,
            };
            basket = Some(of);
            made.push(Touch {
                item: places[item as usize],
                kind,
                at,
            });
        }
        made
    });
    Ok(Histories {
        items,
        users: in_order.collect(),
    })
}

/// The next basket: of users with at least three orders the last one is asked for, the one
/// before validates; every other order is known.
pub fn next_basket(histories: &Histories) -> Split {
    let (mut validation, mut test, mut known) = (Vec::new(), Vec::new(), Vec::new());
    for touches in &histories.users {
        let starts = starts_of_baskets(touches);
        if starts.len() < BASKETS_MIN {
            known.push(touches.clone());
            continue;
        }
        let (last, before) = (starts[starts.len() - 1], starts[starts.len() - 2]);
        let kept = starts
            .len()
            .saturating_sub(kith_base::limits::LEARN_BASKETS_MAX);
        let from = starts[kept];
        test.push(case(&touches[from..last], &touches[last..]));
        validation.push(case(&touches[from..before], &touches[before..last]));
        known.push(touches[..last].to_vec());
    }
    let known = interactions(histories.items.len(), &known);
    Split {
        known,
        validation,
        test,
    }
}

fn starts_of_baskets(touches: &[Touch]) -> Vec<usize> {
    let new = |place: &usize| *place == 0 || touches[*place].at != touches[place - 1].at;
    (0..touches.len()).filter(new).collect()
}

/// What is touched by more than a view from `from` on, of users who did anything before. As long
/// a time before `from` validates.
pub fn next_touch(histories: &Histories, from: i64) -> Split {
    let touches = histories.users.iter().flatten();
    let until = touches.map(|touch| touch.at).max().unwrap_or(from);
    let asked = |from: i64, until: i64| -> Vec<Case> {
        let users = histories.users.iter().filter_map(|touches| {
            let place = touches.partition_point(|touch| touch.at < from);
            let end = touches.partition_point(|touch| touch.at <= until);
            let wanted = touches[place..end]
                .iter()
                .filter(|touch| touch.kind != Kind::Viewed);
            let wanted: Vec<Touch> = wanted.copied().collect();
            (place > 0 && !wanted.is_empty()).then(|| case(&touches[..place], &wanted))
        });
        users.collect()
    };
    let before =
        |touches: &Vec<Touch>| touches[..touches.partition_point(|touch| touch.at < from)].to_vec();
    let known: Vec<Vec<Touch>> = histories.users.iter().map(before).collect();
    Split {
        known: interactions(histories.items.len(), &known),
        validation: asked(from - (until - from), from - 1),
        test: asked(from, until),
    }
}

fn case(history: &[Touch], wanted: &[Touch]) -> Case {
    let mut wanted: Vec<u32> = wanted.iter().map(|touch| touch.item).collect();
    wanted.sort_unstable();
    wanted.dedup();
    Case {
        history: history.to_vec(),
        wanted,
    }
}

fn interactions(items: usize, rows: &[Vec<Touch>]) -> Interactions {
    let rows: Vec<Vec<(u32, i64)>> = rows
        .iter()
        .map(|row| row.iter().map(|touch| (touch.item, touch.at)).collect())
        .collect();
    Interactions::from_rows(items, rows.iter().map(Vec::as_slice))
}

/// How soon earlier baskets count less: what is tried.
pub fn basket_settings() -> Vec<Again> {
    let kinds = [1.0; 4];
    let decays = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0].iter();
    let by_basket = decays.map(|decay| Again {
        decay: *decay,
        half_life: 0,
        kinds,
    });
    let by_time = [7, 14, 30, 60, 120, 240].iter();
    let by_time = by_time.map(|days| Again {
        decay: 1.0,
        half_life: days * DAY,
        kinds,
    });
    let both = [0.9, 0.95].iter().flat_map(|decay| {
        [60, 120].map(|days| Again {
            decay: *decay,
            half_life: days * DAY,
            kinds,
        })
    });
    by_basket.chain(by_time).chain(both).collect()
}

/// How soon touches count less, and how much more than a view: what is tried.
pub fn touch_settings() -> Vec<Again> {
    let hours = [6, 12, 24, 48, 96, 0].iter();
    let settings = hours.flat_map(|hours| {
        let weights = [[1.0, 2.0, 3.0, 4.0], [1.0; 4]];
        weights.map(|kinds| Again {
            decay: 1.0,
            half_life: hours * HOUR,
            kinds,
        })
    });
    settings.collect()
}

/// What comes again, and how much what is popular counts beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// How soon earlier touches count less.
    pub again: Again,
    /// Weight of popularity in z-scores. The least tried only orders what is else equal, such as
    /// the items of one basket.
    pub popular: f32,
}

/// Weights of popularity that are tried.
const POPULAR_WEIGHTS: [f32; 3] = [0.001, 0.03, 0.1];

/// The model of one setting, filled with what is popular.
pub fn model(setting: Setting, known: &Interactions) -> Model {
    let popular = popular::fit(known);
    let parts = vec![
        (1.0, Part::Again(setting.again)),
        (setting.popular, Part::Popular(popular.clone())),
    ];
    Model { parts, popular }
}

/// Items for one case, best first; what was touched before may come again. `now` is the instant
/// asked for, else the last touch.
pub fn ranked(model: &Model, scores: &mut Scores, case: &Case, now: Option<i64>) -> Vec<u32> {
    let last = case.history.last().map_or(0, |touch| touch.at);
    let context = Context {
        now: now.unwrap_or(last),
        ..Context::default()
    };
    let chosen = model.recommend_with(scores, &case.history, &context, &Mask::none(), RANKED);
    chosen.iter().map(|scored| scored.item).collect()
}

/// Asks a model for every case.
pub fn measure(model: &Model, cases: &[Case], now: Option<i64>) -> Figures {
    let mut scores = Scores::new(model.items());
    let mut figures = Figures::default();
    for case in cases {
        figures.add(&ranked(model, &mut scores, case, now), &case.wanted);
    }
    figures.mean()
}

/// The setting with the highest sum of NDCG and recall at 10; of equal ones the first.
pub fn choose(
    settings: &[Again],
    known: &Interactions,
    validation: &[Case],
    now: Option<i64>,
) -> Result<Setting, Error> {
    let mut best: Option<(f64, Setting)> = None;
    for again in settings {
        for popular in POPULAR_WEIGHTS {
            let setting = Setting {
                again: *again,
                popular,
            };
            let figures = measure(&model(setting, known), validation, now);
            let told = figures.ndcg_at_10 + figures.recall_at_10;
            if best.is_none_or(|(most, _)| told > most) {
                best = Some((told, setting));
            }
        }
    }
    best.map(|(_, setting)| setting)
        .ok_or(Error::Empty("no setting to choose from"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{self, Wanted};

    #[test]
    fn baskets_follow_each_other_and_the_last_is_asked_for() {
        let text = "user,order,item,time\n\
                    u,1,a,10\nu,1,b,10\nu,1,a,10\nu,2,a,20\nu,3,c,20\nu,3,a,20\nv,9,b,5\n";
        let table = read::table(text, &Wanted::default()).unwrap();
        let histories = histories(&table, false).unwrap();
        assert_eq!(starts_of_baskets(&histories.users[0]).len(), 3);
        let split = next_basket(&histories);
        assert_eq!((split.test.len(), split.validation.len()), (1, 1));
        assert_eq!(
            (&*split.test[0].wanted, &*split.validation[0].wanted),
            (&[0, 2][..], &[0][..])
        );
        assert_eq!(split.test[0].history.len(), 3);
        assert_eq!(split.known.touches(), 4);
        let again = choose(&basket_settings(), &split.known, &split.validation, None).unwrap();
        let figures = measure(&model(again, &split.known), &split.test, None);
        assert_eq!((figures.users, figures.recall_at_10), (1, 1.0));
    }

    #[test]
    fn touches_of_a_dimension_after_a_time() {
        let text = "user_id,item_id,category,behavior,timestamp\n\
                    1,5,x,pv,1\n1,6,y,buy,2\n1,7,y,cart,9\n1,8,x,pv,9\n2,5,x,buy,9\n";
        let wanted = Wanted {
            dimension: Some("category"),
            ..Wanted::default()
        };
        let table = read::table(text, &wanted).unwrap();
        let histories = histories(&table, true).unwrap();
        let split = next_touch(&histories, 5_000);
        assert_eq!((split.test.len(), split.items()), (1, 2));
        assert_eq!(
            (&*split.test[0].wanted, split.test[0].history.len()),
            (&[1][..], 2)
        );
    }

    impl Split {
        fn items(&self) -> usize {
            self.known.items()
        }
    }

    #[test]
    fn words_for_what_was_done() {
        let kinds = [
            "pv",
            "fav",
            "cart",
            "addtocart",
            "buy",
            "transaction",
            "view",
        ];
        use Kind::{Bought, Carted, Saved, Viewed};
        let expect = [Viewed, Saved, Carted, Carted, Bought, Bought, Viewed];
        assert_eq!(kinds.map(|word| kind_of(Some(word))), expect);
    }
}
