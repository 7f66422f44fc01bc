//! Everybody against everybody: weights are learned anew, and what was written is set right.

use std::collections::BTreeMap;
use std::time::Instant;

use kith_base::{Duration, NodeId, PersonId, limits};
use kith_engine::state;
use kith_engine::table;
use kith_event::Basis;
use kith_matching::{Fitted, Index, Match, Matcher, Settings};

use super::{
    BATCH_INTERVAL, Learned, PERSONS_MIN, REST_MIN_MS, REST_TIMES, Records, digest_of, link,
    thousandths,
};
use crate::held::{self, Held};
use crate::linker::{Error, Moment, Outbox};
use crate::metrics;
use crate::people::{self, Gathered};

/// A fitted table and the pairs that are probable enough, the most probable first.
struct Judged {
    gathered: Gathered,
    matcher: Matcher,
    fitted: Fitted,
    likely: Vec<Match>,
}

impl Records {
    /// Compares everybody, writes how that differs from what is written, and goes on from there.
    pub(super) async fn compare_all(
        &mut self,
        moment: &Moment,
        out: &mut Outbox<'_>,
    ) -> Result<(), Error> {
        let started = Instant::now();
        let state = &*moment.view.state;
        let next = table::read_number(state, &table::mark(table::APPLIED))?;
        // What was known makes room first.
        (self.known, self.persons) = (None, BTreeMap::new());
        let gathered = people::gather(&moment.view)?;
        self.figures.persons = gathered.persons.len() as u64;
        self.figures.left_out = gathered.left_out;
        (self.figures.pairs, self.figures.links) = (0, 0);
        if gathered.persons.len() < PERSONS_MIN {
            let nobody = |person: &PersonId| (*person, (u32::MAX, 0));
            self.persons = gathered.persons.iter().map(nobody).collect();
        } else {
            let judged = Judged::of(gathered, moment.least());
            self.figures.pairs = judged.matcher.met as u64;
            self.figures.links = judged.write_difference(moment, out).await?;
            self.learn(judged);
        }
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rest_ms = took_ms.saturating_mul(REST_TIMES).max(REST_MIN_MS);
        let rest = Duration::from_millis(i64::try_from(rest_ms).unwrap_or(i64::MAX));
        self.rested_at = Some(moment.now.plus(rest));
        self.figures.took_ms = took_ms;
        self.figures.last_batch_at = Some(moment.now);
        self.figures.next_batch_at = Some(moment.now.plus(BATCH_INTERVAL));
        (self.next, self.behind) = (next, false);
        (self.compared, self.changed) = (self.figures.persons, 0);
        ::metrics::histogram!(metrics::BATCH_SECONDS).record(started.elapsed());
        ::metrics::gauge!(metrics::PERSONS).set(self.figures.persons as f64);
        tracing::info!(
            persons = self.figures.persons,
            pairs = self.figures.pairs,
            links = self.figures.links,
            took_ms,
            "everybody's traits were compared"
        );
        Ok(())
    }

    fn learn(&mut self, judged: Judged) {
        let Judged {
            gathered,
            matcher,
            fitted,
            ..
        } = judged;
        let Gathered {
            table,
            columns,
            persons,
            ..
        } = gathered;
        let mut compared = vec![false; columns.len()];
        let names = matcher.plan.names.iter().map(|(column, _)| column);
        let fields = matcher.plan.fields.iter().flat_map(|field| &field.columns);
        for column in names.chain(fields) {
            compared[*column] = true;
        }
        for (row, person) in persons.iter().enumerate() {
            let values: Vec<&str> = (0..columns.len())
                .map(|column| table.value(row, column))
                .collect();
            let digest = digest_of(&values, &compared);
            self.persons.insert(*person, (row as u32, digest));
        }
        drop(table);
        self.known = Some(Learned {
            index: Index::new(matcher, fitted),
            columns,
            compared,
            owners: persons.into_iter().map(Some).collect(),
        });
    }
}

impl Judged {
    fn of(gathered: Gathered, least: u16) -> Self {
        let mut matcher = Matcher::new(&gathered.table, Settings::default());
        let mut fitted = matcher.fit();
        let pairs = matcher.predict(&fitted);
        let (_, mut likely) = matcher.cluster(&mut fitted, &pairs);
        likely.retain(|found| thousandths(found.probability) >= least);
        likely.sort_by(|one, other| {
            let bits = other.bits.total_cmp(&one.bits);
            let probability = other.probability.total_cmp(&one.probability);
            let rows = (one.one, one.other).cmp(&(other.one, other.other));
            probability.then(bits).then(rows)
        });
        Judged {
            gathered,
            matcher,
            fitted,
            likely,
        }
    }

    /// Writes links that are new or moved, and those that are gone; how many there are now.
    async fn write_difference(&self, moment: &Moment, out: &mut Outbox<'_>) -> Result<u64, Error> {
        let view = &moment.view;
        let Held {
            links: mut held,
            others: mut counts,
        } = held::of_records(&*view.state)?;
        let mut all = 0;
        for found in &self.likely {
            let person = |row: u32| self.gathered.persons[row as usize];
            let pair = held::pair(person(found.one).node(), person(found.other).node());
            let is_full = |node| {
                let count = counts.get(&node).copied().unwrap_or_default();
                count >= limits::PROBABLE_PER_NODE_MAX
            };
            if is_full(pair.0) || is_full(pair.1) {
                continue;
            }
            for node in [pair.0, pair.1] {
                *counts.entry(node).or_default() += 1;
            }
            all += 1;
            let confidence = thousandths(found.probability);
            let stands = match held.remove(&pair) {
                Some(known) => !moment.moved(known, confidence),
                None => held::between(&*view.state, pair)?
                    .is_some_and(|row| row.basis == Basis::Visitors),
            };
            if stands {
                continue;
            }
            let ends = (
                people::identifier(view, pair.0)?,
                people::identifier(view, pair.1)?,
            );
            if let (Some(a), Some(b)) = ends {
                let parts = self.matcher.explain(&self.fitted, found);
                out.link(link((a, b), confidence, &parts)).await?;
            }
        }
        for ((a, b), _) in held {
            if self.knows_both(&*view.state, (a, b))? {
                let ends = (people::identifier(view, a)?, people::identifier(view, b)?);
                if let (Some(a), Some(b)) = ends {
                    out.gone((a, b)).await?;
                }
            }
        }
        Ok(all)
    }

    /// Whether it can be said that two nodes are no link: not of one person, which an operator's
    /// word may have made of them, and not of somebody beyond the limit.
    fn knows_both(
        &self,
        state: &dyn state::Read,
        (a, b): (NodeId, NodeId),
    ) -> Result<bool, state::Error> {
        let leader = |node: NodeId| -> Result<Option<PersonId>, state::Error> {
            let row = table::read_node(state, node)?;
            Ok(row.map(|row| row.leader.person()))
        };
        let (a, b) = (leader(a)?, leader(b)?);
        let is_known = |person: Option<PersonId>| {
            let persons = &self.gathered.persons;
            person.is_some_and(|person| persons.binary_search(&person).is_ok())
        };
        Ok(a != b && (self.gathered.left_out == 0 || is_known(a) && is_known(b)))
    }
}
