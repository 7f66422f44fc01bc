//! Topics of items, found from which items the same visitors look at.
//!
//! Latent Dirichlet allocation (Blei, Ng and Jordan, 2003) by collapsed Gibbs sampling (Griffiths
//! and Steyvers, *Finding Scientific Topics*, 2004): a visitor is a mixture of few topics, a topic
//! is a distribution over items. Of each item the topic that it was drawn from most is kept. The
//! same visitors and seed always give the same topics.

use std::collections::BTreeMap;

use kith_base::Random;
use serde::{Deserialize, Serialize};

/// Number of topics looked for.
pub(super) const TOPICS: usize = 64;
const ROUNDS: usize = 25;
/// Prior of a topic in a visitor, and of an item in a topic: few topics each, some noise.
const VISITOR_PRIOR: f32 = 0.1;
const ITEM_PRIOR: f32 = 0.05;
/// Items with fewer views have no topic yet.
const VIEWS_MIN: u32 = 4;

/// The topic of each item that has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Topics {
    of: BTreeMap<u32, u16>,
}

/// Views per topic.
pub(super) type Views = BTreeMap<u16, u16>;

struct Sampler {
    random: Random,
    /// Views per item and topic.
    items: Vec<[u32; TOPICS]>,
    /// Views per topic.
    totals: [u32; TOPICS],
}

impl Topics {
    /// Topics from what each visitor looked at.
    pub fn find(visitors: &[Vec<u32>], seed: u64) -> Self {
        let mut codes = BTreeMap::new();
        for item in visitors.iter().flatten() {
            let next = codes.len();
            codes.entry(*item).or_insert(next);
        }
        let mut sampler = Sampler {
            random: Random::new(seed),
            items: vec![[0; TOPICS]; codes.len()],
            totals: [0; TOPICS],
        };
        let mut documents: Vec<Vec<(usize, usize)>> = visitors
            .iter()
            .map(|items| {
                items
                    .iter()
                    .map(|item| sampler.start(codes[item]))
                    .collect()
            })
            .collect();
        for _ in 0..ROUNDS {
            for document in &mut documents {
                sampler.sweep(document);
            }
        }
        let topic = |code: usize| {
            let views = &sampler.items[code];
            let most = (0..TOPICS)
                .rev()
                .max_by_key(|topic| views[*topic])
                .unwrap_or(0);
            (views.iter().sum::<u32>() >= VIEWS_MIN).then_some(most as u16)
        };
        Topics {
            of: codes
                .iter()
                .filter_map(|(item, code)| Some((*item, topic(*code)?)))
                .collect(),
        }
    }

    /// Views of items as views of their topics.
    pub fn count(&self, views: impl Iterator<Item = (u32, u16)>) -> Views {
        let mut topics = Views::new();
        for (item, views) in views {
            if let Some(topic) = self.get(item) {
                let sum = topics.entry(topic).or_default();
                *sum = views.saturating_add(*sum);
            }
        }
        topics
    }

    pub fn get(&self, item: u32) -> Option<u16> {
        self.of.get(&item).copied()
    }
}

impl Sampler {
    fn start(&mut self, item: usize) -> (usize, usize) {
        let topic = self.random.below(TOPICS as u64) as usize;
        self.items[item][topic] += 1;
        self.totals[topic] += 1;
        (item, topic)
    }

    /// Draws each view's topic anew, given all others.
    fn sweep(&mut self, document: &mut [(usize, usize)]) {
        let mut here = [0.0f32; TOPICS];
        for (_, topic) in document.iter() {
            here[*topic] += 1.0;
        }
        let smoothing = ITEM_PRIOR * self.items.len() as f32;
        for (item, topic) in document {
            here[*topic] -= 1.0;
            self.items[*item][*topic] -= 1;
            self.totals[*topic] -= 1;
            let counts = &self.items[*item];
            let mut weights = [0.0f32; TOPICS];
            for other in 0..TOPICS {
                weights[other] = (here[other] + VISITOR_PRIOR)
                    * (counts[other] as f32 + ITEM_PRIOR)
                    / (self.totals[other] as f32 + smoothing);
            }
            let sum: f32 = weights.iter().sum();
            let mut at = self.random.unit() as f32 * sum;
            *topic = weights
                .iter()
                .position(|weight| {
                    at -= weight;
                    at < 0.0
                })
                .unwrap_or(TOPICS - 1);
            here[*topic] += 1.0;
            self.items[*item][*topic] += 1;
            self.totals[*topic] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_the_same_visitors_look_at_share_a_topic() {
        // Each visitor looks at six of the ten items of one of five kinds.
        let mut random = Random::new(2);
        let visitors: Vec<Vec<u32>> = (0..600)
            .map(|visitor| {
                (0..6)
                    .map(|_| visitor % 5 * 10 + random.below(10) as u32)
                    .collect()
            })
            .collect();
        let topics = Topics::find(&visitors, 1);
        let kind = |item: u32| item / 10;
        // A kind may have several topics; none has two kinds.
        let mut kinds = BTreeMap::new();
        for item in 0..50 {
            let topic = topics.get(item).unwrap();
            assert_eq!(
                *kinds.entry(topic).or_insert(kind(item)),
                kind(item),
                "topic {topic}"
            );
        }
        assert_eq!(topics.get(99), None);
        assert_eq!(topics, Topics::find(&visitors, 1));
    }
}
