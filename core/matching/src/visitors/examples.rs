//! New ids with their candidates, kept until log-ins tell who they are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kith_base::limits::{VISITOR_EXAMPLES_MAX, VISITOR_PENDING_MAX, VISITOR_RETURNING_MAX};

use super::features::{self, Row};
use super::site::Site;
use crate::boost;

/// The candidates of a new id, as they compared when its first session ended.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub visitor: u64,
    /// The items of the session.
    pub items: Vec<u32>,
    pub candidates: Vec<Candidate>,
}

/// One of them, with what its row was made from where that may change.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub id: u64,
    pub row: Row,
    /// Items of the id, and of the ids linked with it.
    pub items: Vec<(u32, u16)>,
    pub chain_items: Vec<(u32, u16)>,
}

/// Bounded: what waits longest gives way.
#[derive(Clone, Debug, Default)]
pub(super) struct Examples {
    pending: BTreeMap<u64, Example>,
    order: VecDeque<u64>,
    confirmed: VecDeque<Example>,
    /// Returning visitors as if they were new; they themselves are among the candidates.
    returning: VecDeque<Example>,
    /// Log-ins of new ids since the last training.
    pub fresh: usize,
}

impl Example {
    /// Puts the margin of the model of returning visitors into the rows.
    pub fn liken(&mut self, likeness: &boost::Model) {
        let rows: Vec<&[f32]> = self.candidates.iter().map(|one| &one.row[..]).collect();
        let margins = likeness.margins(&rows);
        for (one, margin) in self.candidates.iter_mut().zip(margins) {
            one.row[features::LIKENESS] = margin;
        }
    }
}

impl Examples {
    pub fn wait(&mut self, example: Example) {
        if example.candidates.is_empty() {
            return;
        }
        self.order.push_back(example.visitor);
        self.pending.insert(example.visitor, example);
        while self.order.len() > VISITOR_PENDING_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.pending.remove(&oldest);
            }
        }
    }

    /// Somebody logged in under the id.
    pub fn confirm(&mut self, visitor: u64) {
        let Some(example) = self.pending.remove(&visitor) else {
            return;
        };
        self.fresh += 1;
        self.confirmed.push_back(example);
        if self.confirmed.len() > VISITOR_EXAMPLES_MAX {
            self.confirmed.pop_front();
        }
    }

    pub fn add_returning(&mut self, example: Example) {
        self.returning.push_back(example);
        if self.returning.len() > VISITOR_RETURNING_MAX {
            self.returning.pop_front();
        }
    }

    pub fn returning(&self) -> impl Iterator<Item = &Example> {
        self.returning.iter()
    }

    pub fn confirmed(&self) -> impl Iterator<Item = &Example> {
        self.confirmed.iter()
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Example> {
        self.pending
            .values_mut()
            .chain(&mut self.confirmed)
            .chain(&mut self.returning)
    }

    /// Puts the margin of the model of returning visitors into the rows.
    pub fn liken(&mut self, likeness: &boost::Model) {
        for example in self.all() {
            example.liken(likeness);
        }
    }

    /// Makes the rows fit to the site's topics.
    pub fn refresh(&mut self, site: &Site) {
        for example in self.all() {
            for one in &mut example.candidates {
                let (items, chain_items) = (&one.items, &one.chain_items);
                features::refresh(&mut one.row, &example.items, items, chain_items, site);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.confirmed.len()
    }

    /// Drops ids, as new ones and as candidates.
    pub fn remove(&mut self, ids: &BTreeSet<u64>) {
        self.pending.retain(|id, _| !ids.contains(id));
        self.order.retain(|id| !ids.contains(id));
        self.confirmed
            .retain(|example| !ids.contains(&example.visitor));
        self.returning
            .retain(|example| !ids.contains(&example.visitor));
        for example in self.all() {
            example.candidates.retain(|one| !ids.contains(&one.id));
        }
    }

    /// Whether an id is in any example.
    #[cfg(test)]
    pub fn knows(&self, visitor: u64) -> bool {
        self.pending
            .values()
            .chain(&self.confirmed)
            .chain(&self.returning)
            .any(|example| {
                example.visitor == visitor || example.candidates.iter().any(|one| one.id == visitor)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(visitor: u64) -> Example {
        let row = [0.0; features::WIDTH];
        let candidate = Candidate {
            id: 0,
            row,
            items: Vec::new(),
            chain_items: Vec::new(),
        };
        Example {
            visitor,
            items: Vec::new(),
            candidates: vec![candidate],
        }
    }

    #[test]
    fn what_waits_longest_gives_way() {
        let mut examples = Examples::default();
        for visitor in 1..=VISITOR_PENDING_MAX as u64 {
            examples.wait(example(visitor));
        }
        assert!(examples.knows(1));
        examples.wait(example(u64::MAX));
        assert!(!examples.knows(1) && examples.knows(2));
    }

    #[test]
    fn the_newest_confirmed_and_returning_are_kept() {
        let mut examples = Examples::default();
        for visitor in 1..=VISITOR_EXAMPLES_MAX as u64 + 1 {
            examples.wait(example(visitor));
            examples.confirm(visitor);
            assert_eq!(examples.len(), (visitor as usize).min(VISITOR_EXAMPLES_MAX));
        }
        for visitor in 1..=VISITOR_RETURNING_MAX as u64 + 1 {
            examples.add_returning(example(visitor));
        }
        assert_eq!(examples.returning().count(), VISITOR_RETURNING_MAX);
        assert_eq!(examples.returning().next().map(|one| one.visitor), Some(2));
    }
}
