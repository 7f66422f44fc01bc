//! The base rate of an affinity: what the whole site is drawn to.
//!
//! For each series of an affinity a decayed sum over all persons' events: one for each key, and
//! one for all. Sums are exact, so that the past may be added at any time. When there are more
//! keys than [`limits::AFFINITY_SITE_KEYS_MAX`], those stay whose hash lies below the greatest
//! power of two at which they fit (adaptive sampling: Wegman; Flajolet, *On adaptive sampling*,
//! Computing 34, 1990): a function of the keys alone, whatever their order. What is kept is
//! complete; the sum of all counts the others too.

use std::collections::BTreeMap;

use kith_base::{DecayedSum, Duration, Timestamp, digest, limits};
use kith_profile::series::Contribution;
use kith_profile::{FeatureSet, SeriesId};

use crate::state::{Error, Read, Tx};
use crate::table::{self, SiteRow};

/// Sums yet to be written, by series and key.
#[derive(Debug, Default)]
pub struct SiteSums(BTreeMap<SeriesId, (DecayedSum, BTreeMap<String, DecayedSum>)>);

impl SiteSums {
    /// Adds what one event says about interests.
    pub fn add(
        &mut self,
        features: &FeatureSet,
        contributions: &[(SeriesId, Contribution)],
        at: Timestamp,
    ) {
        for (id, contribution) in contributions {
            let spec = features.get(*id);
            let Some(affinity) = spec.and_then(|spec| spec.affinity.as_ref()) else {
                continue;
            };
            let (total, keys) = self.0.entry(*id).or_default();
            for touch in contribution.touches.iter().filter(|of| of.weight > 0) {
                let (weight, half_life) = (f64::from(touch.weight), affinity.half_life());
                total.add(at, weight, half_life);
                let held = keys.entry(touch.key.clone()).or_default();
                held.add(at, weight, half_life);
            }
        }
    }

    /// Adds them to what is stored.
    pub fn write(&self, tx: &mut dyn Tx) -> Result<(), Error> {
        for (id, (total, keys)) in &self.0 {
            let at = table::site(*id);
            let mut row: SiteRow = table::read(tx, &at)?.unwrap_or_default();
            row.total.merge(total);
            for (key, sum) in keys {
                write_key(tx, *id, &mut row, key, sum)?;
            }
            tx.put(&at, table::encode(&row));
        }
        Ok(())
    }
}

fn write_key(
    tx: &mut dyn Tx,
    id: SeriesId,
    row: &mut SiteRow,
    key: &str,
    sum: &DecayedSum,
) -> Result<(), Error> {
    let hash = hash(key);
    if hash > row.greatest() {
        return Ok(());
    }
    let at = table::site_key(id, hash, key);
    let held: Option<DecayedSum> = table::read(tx, &at)?;
    row.keys += u64::from(held.is_none());
    let mut all = held.unwrap_or_default();
    all.merge(sum);
    tx.put(&at, table::encode(&all));
    while row.keys > limits::AFFINITY_SITE_KEYS_MAX as u64 {
        row.halvings += 1;
        let first = table::site_key(id, row.greatest().saturating_add(1), "");
        let end = table::end_of(&table::site(id));
        for (key, _) in Read::range(tx, &first, &end, usize::MAX)? {
            tx.delete(&key);
            row.keys -= 1;
        }
    }
    Ok(())
}

/// Forgets what is kept of a series.
pub(crate) fn forget(tx: &mut dyn Tx, id: SeriesId) -> Result<(), Error> {
    let prefix = table::site(id);
    for (key, _) in Read::range(tx, &prefix, &table::end_of(&prefix), usize::MAX)? {
        tx.delete(&key);
    }
    Ok(())
}

fn hash(key: &str) -> u64 {
    digest("site-key", &[key.as_bytes()]).prefix()
}

/// The base rate of one series as of now.
pub struct Site<'a> {
    state: &'a dyn Read,
    id: SeriesId,
    total: f64,
    now: Timestamp,
    half_life: Duration,
}

impl<'a> Site<'a> {
    /// Of a series, as it is kept in this generation.
    pub fn new(
        state: &'a dyn Read,
        id: SeriesId,
        half_life: Duration,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let row: SiteRow = table::read(state, &table::site(id))?.unwrap_or_default();
        Ok(Site {
            state,
            id,
            total: row.total.value(now, half_life),
            now,
            half_life,
        })
    }

    /// A key's share of all interest, 0 to 1; 0 when it is not known.
    pub fn share(&self, key: &str) -> Result<f64, Error> {
        let row = table::site_key(self.id, hash(key), key);
        let sum: Option<DecayedSum> = table::read(self.state, &row)?;
        let weight = sum.map_or(0.0, |sum| sum.value(self.now, self.half_life));
        Ok(if self.total > 0.0 {
            (weight / self.total).clamp(0.0, 1.0)
        } else {
            0.0
        })
    }
}
