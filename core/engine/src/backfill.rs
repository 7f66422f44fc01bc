//! Folding the past into series that live definitions ask for only since now.
//!
//! From the position at which a series became live on, every event is folded into it as it is
//! applied. What came before is read from the log in order and added afterwards: folding is a
//! sum, so the end is the same as if the series had always been there. A [`Chunk`] is gathered
//! from a stretch of the log anywhere, and merged where the state is owned, together with the
//! place it reached, so that it can stop and go on at any time.
//!
//! How far that has come is not in the log, and so nothing that is may depend on it: whether an
//! audience must wait goes by what the log tells, of the end ([`Record::CaughtUp`]) or of where
//! somebody's cancelling left it ([`Record::Reached`]). Where the state is behind what it tells,
//! after a crash or in a replay, the rest is folded first ([`short_of`]).

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, Value};
use kith_event::{Commerce, Event, Position, Record};
use kith_profile::series::{Contribution, Moment};
use kith_profile::{FeatureSet, Fold, SeriesId};

use crate::site::SiteSums;
use crate::state::{Error, Read};
use crate::table::{self, SeriesRow};
use crate::{Project, Working};

/// Series with the same stretch of the log still to be folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Which.
    pub series: BTreeSet<SeriesId>,
    /// Folded up to here.
    pub caught_up: Position,
    /// Folded as applied from here on.
    pub since: Position,
    /// To be folded up to here.
    pub until: Position,
    /// The log tells that it is folded so far, whoever cancelled it since.
    pub told: bool,
}

/// True when the project knows all of these series.
pub fn has_all(project: &Project, series: &BTreeSet<SeriesId>) -> bool {
    generations(project, series).len() == series.len()
}

/// The first series that are behind, and those that are as far; `None` when the past of all is
/// folded but of those that somebody cancelled.
pub fn pending(state: &dyn Read) -> Result<Option<Pending>, Error> {
    let rows = table::series_rows(state)?.into_iter();
    let wanted = rows.filter(|(_, row)| row.is_behind() && row.cancelled_at.is_none());
    Ok(alike(wanted.map(|(id, row)| (id, row.since, row)), false))
}

/// The first series that are behind what a record tells; `None` when none is.
pub fn short_of(state: &dyn Read, record: &Record) -> Result<Option<Pending>, Error> {
    let told: BTreeMap<SeriesId, Position> = match record {
        Record::CaughtUp(series) => series
            .iter()
            .map(|id| (SeriesId(*id), Position::MAX))
            .collect(),
        Record::Reached(places) => places.iter().map(|(id, to)| (SeriesId(*id), *to)).collect(),
        _ => return Ok(None),
    };
    let rows = table::series_rows(state)?.into_iter();
    let short = rows.filter_map(|(id, row)| {
        let until = (*told.get(&id)?).min(row.since);
        (row.caught_up < until).then_some((id, until, row))
    });
    Ok(alike(short, true))
}

/// The first of these, and those with the same stretch to be folded.
fn alike(
    rows: impl Iterator<Item = (SeriesId, Position, SeriesRow)>,
    told: bool,
) -> Option<Pending> {
    let mut rows = rows.peekable();
    let (_, until, first) = rows.peek()?;
    let place = (first.caught_up, first.since, *until);
    let same = rows.filter(|(_, until, row)| (row.caught_up, row.since, *until) == place);
    Some(Pending {
        series: same.map(|(id, ..)| id).collect(),
        caught_up: place.0,
        since: place.1,
        until: place.2,
        told,
    })
}

/// What is to be told in the log: of which series the past is folded, and how far those have come
/// that somebody cancelled.
pub fn untold(state: &dyn Read) -> Result<Vec<Record>, Error> {
    let rows = table::series_rows(state)?;
    let ended = |row: &SeriesRow| !row.is_behind() && row.told < row.since;
    let left =
        |row: &SeriesRow| row.is_behind() && row.cancelled_at.is_some() && row.told < row.caught_up;
    let caught_up: Vec<u64> = rows
        .iter()
        .filter(|(_, row)| ended(row))
        .map(|(id, _)| id.0)
        .collect();
    let reached: Vec<(u64, Position)> = rows
        .iter()
        .filter(|(_, row)| left(row))
        .map(|(id, row)| (id.0, row.caught_up))
        .collect();
    let caught_up = (!caught_up.is_empty()).then_some(Record::CaughtUp(caught_up));
    let reached = (!reached.is_empty()).then_some(Record::Reached(reached));
    Ok(caught_up.into_iter().chain(reached).collect())
}

/// True when the log does not yet tell how far the past of every series is folded: a replay would
/// not end at the same place.
pub fn is_unsettled(state: &dyn Read) -> Result<bool, Error> {
    Ok(pending(state)?.is_some() || !untold(state)?.is_empty())
}

/// What an event of the past adds to series, with the catalog as it was at its position.
pub(crate) fn contributions(
    state: &dyn Read,
    features: &FeatureSet,
    event: &Event,
    position: Position,
) -> Result<Vec<(SeriesId, Contribution)>, Error> {
    let mut failed = None;
    let mut item = |item_id: &str| match table::item_at(state, item_id, position) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(error) => {
            failed = Some(error);
            Value::Null
        }
    };
    let commerce = Commerce::read(&event.properties);
    let contributions = features.contributions(event, &commerce, &mut item);
    failed.map_or(Ok(contributions), Err)
}

/// A stretch of the past, folded by node.
#[derive(Debug)]
pub struct Chunk {
    pending: Pending,
    features: FeatureSet,
    to: Position,
    nodes: BTreeMap<NodeId, Fold>,
    site: SiteSums,
    past: Past,
}

/// How to tell whether an event counted when it was applied.
#[derive(Debug)]
enum Past {
    /// Every event found its node by the rules in force: it counts unless it is among the
    /// repeats, of which those of a stretch are at hand.
    Noted {
        repeats: BTreeSet<Position>,
        until: Position,
    },
    /// It counts when it stands on the timeline of its node.
    OnTimelines,
}

/// Positions whose repeats are read at once.
const REPEATS_STRETCH: Position = 65_536;

impl Past {
    fn of(state: &dyn Read, project: &Project) -> Result<Self, Error> {
        let resolved_by = table::read_number(state, &table::mark(table::RESOLVED_BY))?;
        Ok(if resolved_by == project.identity.fingerprint() {
            Past::Noted {
                repeats: BTreeSet::new(),
                until: 0,
            }
        } else {
            Past::OnTimelines
        })
    }

    fn counts(
        &mut self,
        state: &dyn Read,
        node: NodeId,
        event: &Event,
        position: Position,
    ) -> Result<bool, Error> {
        match self {
            Past::Noted { repeats, until } => {
                if position >= *until {
                    *until = position + REPEATS_STRETCH;
                    *repeats = table::repeats(state, position, *until)?
                        .into_iter()
                        .collect();
                }
                Ok(!repeats.contains(&position))
            }
            Past::OnTimelines => {
                let entry = table::timeline(node, event.occurred_at, position);
                Ok(state.get(&entry)?.is_some())
            }
        }
    }
}

impl Chunk {
    /// Nothing gathered yet.
    pub fn new(state: &dyn Read, project: &Project, pending: Pending) -> Result<Self, Error> {
        Ok(Chunk {
            features: project
                .features
                .only(&generations(project, &pending.series)),
            to: pending.caught_up,
            pending,
            nodes: BTreeMap::new(),
            site: SiteSums::default(),
            past: Past::of(state, project)?,
        })
    }

    /// The next position to be gathered; `None` when nothing is left.
    pub fn next(&self) -> Option<Position> {
        (self.to < self.pending.until).then_some(self.to)
    }

    /// Nodes gathered.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True when no node was gathered.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Passes over the record at [`Chunk::next`] when its stored form tells that no series wants
    /// it; false when it must be gathered.
    pub fn passes(&mut self, stored: &[u8]) -> bool {
        let label = Record::event_label(stored);
        let passes = label.is_none_or(|(kind, name)| !self.features.may_take(kind, name, stored));
        if passes {
            self.to += 1;
        }
        passes
    }

    /// Gathers the record at [`Chunk::next`]. A repeat of an earlier event does not count.
    pub fn gather(
        &mut self,
        state: &dyn Read,
        project: &Project,
        record: &Record,
    ) -> Result<(), Error> {
        let position = self.to;
        self.to += 1;
        let Record::Event(event) = record else {
            return Ok(());
        };
        let contributions = contributions(state, &self.features, event, position)?;
        if contributions.is_empty() {
            return Ok(());
        }
        let node = owner(project, event);
        if self.past.counts(state, node, event, position)? {
            let fold = self.nodes.entry(node).or_default();
            fold.add_series(&self.features, &contributions, Moment::of(event));
            self.site
                .add(&self.features, &contributions, event.occurred_at);
        }
        Ok(())
    }
}

/// The ids under which series are kept.
fn generations(project: &Project, series: &BTreeSet<SeriesId>) -> Vec<SeriesId> {
    let live = project.features.series();
    live.filter(|(_, spec)| series.contains(&spec.id))
        .map(|(kept, _)| kept)
        .collect()
}

fn owner(project: &Project, event: &Event) -> NodeId {
    let strongest = &crate::apply::resolve(project, event)[0];
    NodeId::of(&strongest.namespace, &strongest.value)
}

/// Adds a chunk to the nodes. One that no longer fits the series, because definitions changed
/// meanwhile or somebody cancelled it, is dropped.
pub fn merge(working: &mut Working<'_>, chunk: &Chunk) -> Result<(), Error> {
    for id in &chunk.pending.series {
        let row: Option<SeriesRow> = table::read(working.tx(), &table::series(*id))?;
        let expected = (chunk.pending.caught_up, chunk.pending.since);
        let fits = |row: &SeriesRow| {
            let wanted = row.cancelled_at.is_none() || chunk.pending.told;
            wanted && (row.caught_up, row.since) == expected
        };
        if !row.is_some_and(|row| fits(&row)) {
            return Ok(());
        }
    }
    for (node, fold) in &chunk.nodes {
        if working.node(*node)?.is_some() {
            working.known_node_mut(*node)?.fold.merge(fold);
        }
    }
    chunk.site.write(working.tx())?;
    for id in &chunk.pending.series {
        let key = table::series(*id);
        let row: Option<SeriesRow> = table::read(working.tx(), &key)?;
        if let Some(mut row) = row {
            row.caught_up = chunk.to;
            working.tx().put(&key, table::encode(&row));
        }
    }
    Ok(())
}
