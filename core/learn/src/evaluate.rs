//! Protocols and measures by which recommenders are compared.
//!
//! Full ranking over all items but those of the history. Recall at k is hits over wanted items;
//! NDCG at 10 is binary, its ideal has at most 10 items; both are means over users.

use kith_base::{Random, limits};

use crate::interactions::Interactions;
use crate::model::{Context, Kind, Mask, Model, Touch};
use crate::scores::Scores;
use crate::session::{self, Visits};

/// One user who is asked for: what is known, and what should be found.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// In order of time.
    pub history: Vec<Touch>,
    /// Wanted items, ascending, none twice.
    pub wanted: Vec<u32>,
}

/// What is learned from, and who is asked for.
#[derive(Clone, Debug)]
pub struct Split {
    /// To learn from.
    pub fit: Interactions,
    /// To choose by.
    pub validation: Vec<Case>,
    /// To measure by.
    pub test: Vec<Case>,
}

/// Touches of one row, all of one kind.
pub fn touches(items: &[u32], times: &[i64]) -> Vec<Touch> {
    let made = items.iter().zip(times).map(|(item, at)| Touch {
        item: *item,
        kind: Kind::Bought,
        at: *at,
    });
    made.collect()
}

fn case(history: Vec<Touch>, wanted: &[u32]) -> Case {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    Case { history, wanted }
}

/// The published protocol of sequential recommenders (Kang and McAuley, *SASRec*, ICDM 2018): of
/// each user the last item is the test, the one before validates, and the model learns from
/// neither. A user with fewer than three items is learned from and not asked for.
pub fn leave_last_out(all: &Interactions) -> Split {
    let all = all.first_touches();
    let (mut validation, mut test) = (Vec::new(), Vec::new());
    let mut rows: Vec<Vec<(u32, i64)>> = Vec::with_capacity(all.users());
    for user in 0..all.users() {
        let (row, times) = (all.row(user), all.times(user));
        let count = row.len();
        let kept = if count < 3 { count } else { count - 2 };
        rows.push(
            row[..kept]
                .iter()
                .copied()
                .zip(times[..kept].iter().copied())
                .collect(),
        );
        if count >= 3 {
            validation.push(case(
                touches(&row[..kept], times),
                &row[count - 2..count - 1],
            ));
            test.push(case(touches(&row[..count - 1], times), &row[count - 1..]));
        }
    }
    let fit = Interactions::from_rows(all.items(), rows.iter().map(Vec::as_slice));
    Split {
        fit,
        validation,
        test,
    }
}

/// Asks every user with test items that the history does not hold.
pub fn cases(train: &Interactions, test: &Interactions) -> Vec<Case> {
    let users = 0..train.users().min(test.users());
    let asked = users.filter_map(|user| {
        let seen = Mask::of(train.row(user).iter().copied());
        let wanted = test
            .row(user)
            .iter()
            .copied()
            .filter(|item| !seen.holds(*item));
        let wanted: Vec<u32> = wanted.collect();
        let history = touches(train.row(user), train.times(user));
        (!wanted.is_empty()).then(|| case(history, &wanted))
    });
    asked.collect()
}

/// Leaves out a tenth of all touches by seed: (the rest, who is asked for what was left out).
pub fn leave_tenth_out(train: &Interactions, seed: u64) -> (Interactions, Vec<Case>) {
    let mut random = Random::new(seed);
    let out: Vec<bool> = (0..train.touches()).map(|_| random.chance(0.1)).collect();
    let mut place = 0;
    let fit = train.filter(|_, _, _| {
        place += 1;
        !out[place - 1]
    });
    place = 0;
    let left = train.filter(|_, _, _| {
        place += 1;
        out[place - 1]
    });
    let cases = cases(&fit, &left);
    (fit, cases)
}

/// What is learned from before a time, and what known users first touched from then on; items
/// with fewer than `buyers_min` users before are left out.
pub fn by_time(all: &Interactions, from: i64, buyers_min: u32) -> (Interactions, Interactions) {
    let train = all.filter(|_, _, at| at < from).first_touches();
    let known = train.degrees();
    let known = |item: u32| known[item as usize] >= buyers_min;
    let train = train.filter(|_, item, _| known(item));
    let test = all
        .filter(|_, item, at| at >= from && known(item))
        .first_touches();
    let users: Vec<bool> = (0..train.users())
        .map(|user| !train.row(user).is_empty())
        .collect();
    let test = test.filter(|user, _, _| users[user]);
    (train, test)
}

/// Plays the events of all visits in the order of time, as they would come.
pub fn play(train: &Interactions, settings: session::Settings) -> Visits {
    let mut events: Vec<(i64, usize, u32)> = Vec::with_capacity(train.touches());
    for visit in 0..train.users() {
        let row = train.row(visit).iter().zip(train.times(visit));
        events.extend(row.map(|(item, at)| (*at, visit, *item)));
    }
    // A stable sort: of one instant, in the order of the visit.
    events.sort_by_key(|(at, visit, _)| (*at, *visit));
    let mut visits = Visits::new(settings);
    for (_, visit, item) in events {
        visits.observe(visit as u64, item);
    }
    visits
}

/// Visits whose next items are asked for, one after the other: without items that training never
/// saw, and with at least two that remain.
pub fn visits_asked(train: &Interactions, test: &Interactions) -> Vec<Vec<u32>> {
    let known = train.degrees();
    let visits = (0..test.users()).map(|visit| {
        let row = test.row(visit).iter().copied();
        row.filter(|item| known[*item as usize] > 0)
            .collect::<Vec<u32>>()
    });
    visits.filter(|visit| visit.len() >= 2).collect()
}

/// Means over users.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// How many users were asked for.
    pub users: usize,
    /// NDCG over the first 10.
    pub ndcg_at_10: f64,
    /// Share of the wanted items among the first 5.
    pub recall_at_5: f64,
    /// Among the first 10.
    pub recall_at_10: f64,
    /// Among the first 20.
    pub recall_at_20: f64,
    /// Share of users with a wanted item among the first 20.
    pub hit_at_20: f64,
    /// Mean of 1 / rank of the first wanted item among the first 20.
    pub mrr_at_20: f64,
}

/// How many items are asked for.
pub const RANKED: usize = 20;

impl Figures {
    /// Adds one answer; [`Figures::mean`] comes last.
    pub fn add(&mut self, ranked: &[u32], wanted: &[u32]) {
        let hit = |item: &u32| wanted.binary_search(item).is_ok();
        let hits = |k: usize| ranked.iter().take(k).filter(|item| hit(item)).count() as f64;
        let gain = |rank: usize| 1.0 / libm::log2(rank as f64 + 2.0);
        let found = ranked
            .iter()
            .take(10)
            .enumerate()
            .filter(|(_, item)| hit(item));
        let gained: f64 = found.map(|(rank, _)| gain(rank)).sum();
        let ideal: f64 = (0..wanted.len().min(10)).map(gain).sum();
        let count = wanted.len().max(1) as f64;
        self.users += 1;
        self.ndcg_at_10 += gained / ideal.max(f64::MIN_POSITIVE);
        self.recall_at_5 += hits(5) / count;
        self.recall_at_10 += hits(10) / count;
        self.recall_at_20 += hits(20) / count;
        if let Some(rank) = ranked.iter().take(20).position(hit) {
            self.hit_at_20 += 1.0;
            self.mrr_at_20 += 1.0 / (rank + 1) as f64;
        }
    }

    /// From sums to means.
    pub fn mean(mut self) -> Self {
        let users = self.users.max(1) as f64;
        for sum in [
            &mut self.ndcg_at_10,
            &mut self.recall_at_5,
            &mut self.recall_at_10,
            &mut self.recall_at_20,
            &mut self.hit_at_20,
            &mut self.mrr_at_20,
        ] {
            *sum /= users;
        }
        self
    }
}

/// Items for one case, best first, without those of the history.
pub fn ranked(model: &Model, scores: &mut Scores, case: &Case, n: usize) -> Vec<u32> {
    let mask = Mask::seen(&case.history);
    let now = case.history.last().map_or(0, |touch| touch.at);
    let context = Context {
        now,
        ..Context::default()
    };
    let chosen = model.recommend_with(scores, &case.history, &context, &mask, n);
    chosen.iter().map(|scored| scored.item).collect()
}

/// Asks a model for every case.
pub fn measure<'a>(model: &Model, cases: impl IntoIterator<Item = &'a Case>) -> Figures {
    let mut figures = Figures::default();
    let mut scores = Scores::new(model.items());
    for case in cases {
        figures.add(&ranked(model, &mut scores, case, RANKED), &case.wanted);
    }
    figures.mean()
}

/// Some of the cases, evenly spread, so that a choice does not take too long.
pub fn sample(cases: &[Case], most: usize) -> Vec<&Case> {
    let most = most.clamp(1, limits::LEARN_JUDGED_USERS_MAX);
    let step = cases.len().div_ceil(most).max(1);
    cases.iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_follow_their_definitions() {
        let mut figures = Figures::default();
        figures.add(&[5, 1, 7], &[1, 2]);
        let figures = figures.mean();
        let second = 1.0 / 3f64.log2();
        assert!((figures.ndcg_at_10 - second / (1.0 + second)).abs() < 1e-12);
        assert_eq!((figures.recall_at_20, figures.mrr_at_20), (0.5, 0.5));
    }

    #[test]
    fn the_last_item_is_asked_and_the_last_two_are_not_learned() {
        let rows: [&[u32]; 3] = [&[0, 1, 0, 2, 3], &[1, 2], &[2]];
        let split = leave_last_out(&Interactions::from_lists(4, rows));
        assert_eq!(
            (split.fit.row(0), split.fit.row(1)),
            (&[0, 1][..], &[1, 2][..])
        );
        assert_eq!((split.validation.len(), split.test.len()), (1, 1));
        assert_eq!(
            (&*split.validation[0].wanted, &*split.test[0].wanted),
            (&[2][..], &[3][..])
        );
        assert_eq!(split.test[0].history.len(), 3);
    }

    #[test]
    fn a_tenth_is_left_out_and_asked_for() {
        let row: Vec<u32> = (0..1_000).collect();
        let (fit, cases) = leave_tenth_out(&Interactions::from_lists(1_000, [&row[..]]), 42);
        assert_eq!(fit.touches() + cases[0].wanted.len(), 1_000);
        assert!((70..130).contains(&cases[0].wanted.len()));
        assert!(
            cases[0]
                .wanted
                .iter()
                .all(|item| !fit.row(0).contains(item))
        );
    }

    #[test]
    fn time_cuts_and_what_was_bought_before_is_not_asked_for() {
        let rows: [&[(u32, i64)]; 2] = [&[(0, 1), (1, 2), (0, 9), (1, 9), (2, 9)], &[(0, 9)]];
        let (train, test) = by_time(&Interactions::from_rows(3, rows), 5, 1);
        assert_eq!((train.row(0), train.row(1)), (&[0, 1][..], &[][..]));
        assert_eq!((test.row(0), test.row(1)), (&[0, 1][..], &[][..]));
        assert!(cases(&train, &test).is_empty());
    }
}
