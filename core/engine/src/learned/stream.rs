//! Models that every event changes at once: visits, pairs of items, what is popular and trending.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_base::{NodeId, Timestamp, limits};
use kith_learn::counts::{Counts, Room};
use kith_learn::interactions::Interactions;
use kith_learn::scores::Scores;
use kith_learn::session::{self, Visits};
use kith_learn::{Kind, Mask, rank};

/// Events of one node with no more than this between them are one visit.
pub const VISIT_GAP_MILLIS: i64 = 30 * 60_000;
/// Pairs of items halve in this time.
const PAIRS_HALF_LIFE_MILLIS: i64 = 30 * DAY;
/// What is popular halves in this time.
const POPULAR_HALF_LIFE_MILLIS: i64 = 30 * DAY;
/// What is trending halves in this time.
const TRENDING_HALF_LIFE_MILLIS: i64 = 2 * DAY;
const DAY: i64 = 86_400_000;
/// How much what followed an item counts against what was touched with it.
const FOLLOWING: f32 = 2.0;
/// Half-lives after the landmark beyond which all sums are scaled down.
const SCALE_AFTER: f64 = 60.0;

/// One thing that somebody did with an item.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Where it is folded.
    pub node: NodeId,
    /// Which item.
    pub item: Arc<str>,
    /// What was done.
    pub kind: Kind,
    /// When.
    pub at: Timestamp,
    /// What it belongs to, such as `category:shoes`.
    pub groups: Vec<Arc<str>>,
}

/// Sums that halve, with the best of them at hand.
#[derive(Clone, Debug, Default)]
struct Heat {
    half_life: i64,
    landmark: Option<i64>,
    sums: Vec<f32>,
    best: Vec<(u32, f32)>,
    total: f64,
}

/// Everything that changes with each event. Of the same events in the same order it is the same.
#[derive(Debug)]
pub struct Stream {
    numbers: BTreeMap<Arc<str>, u32>,
    ids: Vec<Arc<str>>,
    visits: Visits,
    /// The last event of a node, and the key of the visit it belongs to.
    open: BTreeMap<u64, (i64, u64)>,
    /// The same of nodes that were not heard since there were too many.
    closing: BTreeMap<u64, (i64, u64)>,
    counts: Counts,
    popular: Heat,
    trending: Heat,
    groups: BTreeMap<Arc<str>, Vec<u32>>,
    heard: u64,
}

impl Default for Stream {
    fn default() -> Self {
        Stream {
            numbers: BTreeMap::new(),
            ids: Vec::new(),
            visits: Visits::new(session::Settings::default()),
            open: BTreeMap::new(),
            closing: BTreeMap::new(),
            counts: Counts::new(Room::default(), PAIRS_HALF_LIFE_MILLIS),
            popular: Heat::of(POPULAR_HALF_LIFE_MILLIS),
            trending: Heat::of(TRENDING_HALF_LIFE_MILLIS),
            groups: BTreeMap::new(),
            heard: 0,
        }
    }
}

impl Stream {
    /// Learns from one event. Items beyond the most are left out.
    pub fn hear(&mut self, heard: &Heard) {
        let Some(item) = self.number_or_new(&heard.item) else {
            return;
        };
        self.heard += 1;
        let at = heard.at.as_millis();
        let node = node_key(heard.node);
        let visit = self.visit(node, at);
        self.visits.observe(visit, item);
        self.counts.observe(node, item, at);
        let weight = weight_of(heard.kind);
        self.popular.add(item, weight, at);
        self.trending.add(item, weight, at);
        for group in &heard.groups {
            self.belongs(item, group);
        }
    }

    /// Learns what an item belongs to.
    pub fn describe(&mut self, item: &Arc<str>, groups: &[Arc<str>]) {
        let Some(item) = self.number_or_new(item) else {
            return;
        };
        for group in groups {
            self.belongs(item, group);
        }
    }

    /// Finds the best anew; to be called before it is used.
    pub fn settle(&mut self) {
        self.popular.settle();
        self.trending.settle();
    }

    /// How many events were heard.
    pub fn heard(&self) -> u64 {
        self.heard
    }

    /// How many items are known.
    pub fn items(&self) -> usize {
        self.ids.len()
    }

    /// How many visits are remembered.
    pub fn visits(&self) -> usize {
        self.visits.len()
    }

    /// How many pairs of items are counted.
    pub fn pairs(&self) -> usize {
        self.counts.pairs()
    }

    /// What each node touched lately, the earliest first.
    pub fn histories(&self) -> Interactions {
        Interactions::from_lists(self.ids.len(), self.counts.histories())
    }

    /// Ids by number.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| &**id)
    }

    /// The number of an item.
    pub fn number(&self, item: &str) -> Option<u32> {
        self.numbers.get(item).copied()
    }

    /// The id of a number.
    pub fn id(&self, number: u32) -> Option<&str> {
        self.ids.get(number as usize).map(|id| &**id)
    }

    /// What visits like this one go on with, the best first, and how many visits spoke; the last
    /// item last. Masked items are left out.
    pub fn visit_like(
        &self,
        scores: &mut Scores,
        visit: &[u32],
        mut mask: Mask,
        n: usize,
    ) -> (Vec<(u32, f32)>, u32) {
        if visit.is_empty() {
            return (Vec::new(), 0);
        }
        visit.iter().for_each(|item| mask.add(*item));
        self.visits.best(scores, visit, &mask, n)
    }

    /// What goes with these items, the most important first. Masked items are left out.
    pub fn beside(
        &self,
        sums: &mut Scores,
        items: &[(u32, Kind)],
        mut mask: Mask,
        n: usize,
    ) -> Vec<(u32, f32)> {
        items.iter().for_each(|(item, _)| mask.add(*item));
        sums.begin(self.ids.len());
        for ((item, _), weight) in weighted(items) {
            for (other, score) in self.counts.row(*item, FOLLOWING) {
                sums.add(other, weight * score);
            }
        }
        rank::top(sums.told().filter(|(item, _)| !mask.holds(*item)), n)
    }

    /// Which of these items, the most important first, says most of another that goes with them;
    /// of equal ones the first.
    pub fn loudest(&self, items: &[(u32, Kind)], other: u32) -> Option<(u32, Kind)> {
        let mut most = None;
        for (said, weight) in weighted(items) {
            let score = weight * self.counts.weight_of(said.0, other, FOLLOWING);
            if score > most.map_or(0.0, |(most, _)| most) {
                most = Some((score, *said));
            }
        }
        most.map(|(_, said)| said)
    }

    /// What many people touch.
    pub fn popular(&self, n: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        self.popular.best.iter().take(n).copied()
    }

    /// What many people touch lately.
    pub fn trending(&self, n: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        self.trending.best.iter().take(n).copied()
    }

    /// How surprising an item is, in bits: −log2 of its share of all that is popular (the novelty
    /// of Zhou and others, PNAS 2010). No item is held for rarer than one event of all. `None`
    /// while nothing was heard.
    pub fn surprise_bits(&self, item: &str) -> Option<f64> {
        let least = 1.0 / self.heard as f64;
        if self.popular.total <= 0.0 || !least.is_finite() {
            return None;
        }
        let number = self.number(item);
        let heat = number.map_or(0.0, |number| f64::from(self.popular.of_item(number)));
        Some(-(heat / self.popular.total).max(least).log2())
    }

    /// What belongs to a group, with how popular it is, the most popular first.
    pub fn of_group(&self, group: &str, n: usize) -> Vec<(u32, f32)> {
        let items = self.groups.get(group).into_iter().flatten();
        rank::top(items.map(|item| (*item, self.popular.of_item(*item))), n)
    }

    /// Whether an item belongs to a group.
    pub fn is_of_group(&self, item: u32, group: &str) -> bool {
        let items = self.groups.get(group);
        items.is_some_and(|items| items.binary_search(&item).is_ok())
    }

    fn number_or_new(&mut self, item: &Arc<str>) -> Option<u32> {
        if let Some(number) = self.numbers.get(item) {
            return Some(*number);
        }
        let fits = item.len() <= limits::LEARN_ID_MAX_BYTES && !item.is_empty();
        if !fits || self.ids.len() >= limits::LEARN_ITEMS_MAX {
            return None;
        }
        let number = self.ids.len() as u32;
        self.ids.push(Arc::clone(item));
        self.numbers.insert(Arc::clone(item), number);
        Some(number)
    }

    fn belongs(&mut self, item: u32, group: &Arc<str>) {
        let full = self.groups.len() >= limits::LEARN_GROUPS_MAX;
        if full && !self.groups.contains_key(group) {
            return;
        }
        let items = self.groups.entry(Arc::clone(group)).or_default();
        if items.len() < limits::LEARN_GROUP_ITEMS_MAX
            && let Err(place) = items.binary_search(&item)
        {
            items.insert(place, item);
        }
    }

    /// The key of the visit that an event belongs to.
    fn visit(&mut self, node: u64, at: i64) -> u64 {
        let before = self.open.get(&node).or_else(|| self.closing.get(&node));
        let key = match before {
            Some((last, key)) if (at - last).abs() <= VISIT_GAP_MILLIS => *key,
            _ => node ^ (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        };
        if self.open.len() >= limits::LEARN_RECENT_USERS_MAX / 2 {
            self.closing = std::mem::take(&mut self.open);
        }
        self.open.insert(node, (at, key));
        key
    }
}

impl Heat {
    fn of(half_life: i64) -> Self {
        Heat {
            half_life,
            ..Heat::default()
        }
    }

    /// Later events weigh more, so that earlier ones need not be touched (forward decay: Cormode
    /// and others, ICDE 2009).
    fn add(&mut self, item: u32, weight: f32, at: i64) {
        if item as usize >= self.sums.len() {
            self.sums.resize(item as usize + 1, 0.0);
        }
        let landmark = *self.landmark.get_or_insert(at);
        let ahead = at.saturating_sub(landmark) as f64 / self.half_life as f64;
        let mut factor = exp2(ahead);
        if ahead > SCALE_AFTER {
            let down = exp2(-ahead);
            self.sums.iter_mut().for_each(|sum| *sum *= down);
            self.landmark = Some(at);
            factor = 1.0;
        }
        self.sums[item as usize] += weight * factor;
    }

    fn of_item(&self, item: u32) -> f32 {
        self.sums.get(item as usize).copied().unwrap_or(0.0)
    }

    fn settle(&mut self) {
        self.total = self.sums.iter().map(|sum| f64::from(*sum)).sum();
        let all = self.sums.iter().enumerate();
        let all = all.map(|(item, sum)| (item as u32, *sum));
        self.best = rank::top(all.filter(|(_, sum)| *sum > 0.0), limits::LEARN_CHOSEN_MAX);
    }
}

fn exp2(exponent: f64) -> f32 {
    exponent.exp2() as f32
}

/// Items that are asked of pairs, with what each counts.
fn weighted(items: &[(u32, Kind)]) -> impl Iterator<Item = (&(u32, Kind), f32)> {
    /// How much each further item counts against the one before it.
    const DECAY: f32 = 0.8;
    let weights = std::iter::successors(Some(1.0), |weight| Some(weight * DECAY));
    let items = items.iter().take(limits::LEARN_RECENT_ITEMS_MAX);
    items.zip(weights)
}

fn node_key(node: NodeId) -> u64 {
    let bytes = node.0[..8].try_into().expect("an id has sixteen bytes");
    u64::from_be_bytes(bytes)
}

/// What an event says of how wanted an item is.
const fn weight_of(kind: Kind) -> f32 {
    match kind {
        Kind::Viewed => 1.0,
        Kind::Saved => 2.0,
        Kind::Carted => 3.0,
        Kind::Bought => 5.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(node: &str, item: &str, minute: i64) -> Heard {
        Heard {
            node: NodeId::of("anonymous_id", node),
            item: item.into(),
            kind: Kind::Viewed,
            at: Timestamp::from_millis(minute * 60_000),
            groups: vec![format!("category:{}", &item[..1]).into()],
        }
    }

    fn visit_like<'a>(live: &'a Stream, visit: &[u32]) -> Vec<&'a str> {
        let mut scores = Scores::default();
        ids(
            live,
            &live.visit_like(&mut scores, visit, Mask::none(), 5).0,
        )
    }

    fn beside(live: &Stream, item: u32, mask: Mask) -> Vec<&str> {
        let mut scores = Scores::default();
        let items = [(item, Kind::Viewed)];
        ids(live, &live.beside(&mut scores, &items, mask, 5))
    }

    fn ids<'a>(live: &'a Stream, scored: &[(u32, f32)]) -> Vec<&'a str> {
        scored.iter().filter_map(|one| live.id(one.0)).collect()
    }

    #[test]
    fn learns_pairs_visits_and_what_is_wanted() {
        let mut live = Stream::default();
        for (node, item, minute) in [
            ("a", "x1", 0),
            ("a", "y1", 1),
            ("b", "x1", 2),
            ("b", "y1", 3),
            ("c", "x1", 4),
            ("c", "z1", 400),
        ] {
            live.hear(&heard(node, item, minute));
        }
        live.settle();
        let x = live.number("x1").unwrap();
        // The visit of c ended before z1.
        assert_eq!(visit_like(&live, &[x]), ["y1"]);
        assert_eq!(beside(&live, x, Mask::none()), ["y1", "z1"]);
        let [y, z] = ["y1", "z1"].map(|id| live.number(id).unwrap());
        assert_eq!(beside(&live, x, Mask::of([z])), ["y1"]);
        let items = [(z, Kind::Viewed), (x, Kind::Bought)];
        assert_eq!(live.loudest(&items, y), Some((x, Kind::Bought)));
        assert_eq!(live.loudest(&items[..1], y), None);
        assert!(live.is_of_group(x, "category:x") && !live.is_of_group(x, "category:y"));
        let popular: Vec<_> = live.popular(1).map(|(item, _)| item).collect();
        assert_eq!(popular, [x]);
        assert_eq!(live.of_group("category:x", 5).len(), 1);
    }

    #[test]
    fn what_is_lately_wanted_trends() {
        let mut live = Stream::default();
        (0..10).for_each(|n| live.hear(&heard(&n.to_string(), "old", n)));
        let late = 30 * 24 * 60;
        (0..3).for_each(|n| live.hear(&heard(&n.to_string(), "new", late + n)));
        live.settle();
        let first = |found: Option<(u32, f32)>| live.id(found.unwrap().0).unwrap().to_owned();
        assert_eq!(first(live.trending(1).next()), "new");
        // 13 of 13 events: the old one has a half of 10 by now.
        let bits = |item: &str| live.surprise_bits(item).unwrap();
        assert!((bits("old") - (8.0f64 / 5.0).log2()).abs() < 0.01);
        assert!((bits("none") - 13f64.log2()).abs() < 1e-9);
        assert_eq!(Stream::default().surprise_bits("old"), None);
        assert_eq!(first(live.popular(1).next()), "old");
    }
}
