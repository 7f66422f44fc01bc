//! A definition among the live ones as if it were stored, and persons to try it on.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::PersonId;
use kith_definition::Spec;
use kith_profile::{FeatureSet, SeriesId};
use kith_rule::FactKey;

use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, SeriesRow};

/// A project with one definition put in place.
pub struct Trial {
    /// The project. Series that are not kept yet, or not for so long, read as empty.
    pub project: Project,
    /// Those of them that the definition reads: to be folded from the past of whoever is looked at.
    pub missing: FeatureSet,
}

impl Trial {
    /// Compiles it.
    pub fn new(state: &dyn Read, id: &str, spec: Spec) -> Result<Self, Error> {
        let kind = spec.kind();
        let mut project = Project::with(state, id, spec)?;
        let kept: BTreeMap<SeriesId, SeriesRow> = table::series_rows(state)?.into_iter().collect();
        let specs = project.features.series().map(|(_, spec)| spec);
        let usable = specs.filter_map(|spec| {
            let row = kept.get(&spec.id)?;
            let whole = row.caught_up >= row.since && row.needs.cover(spec.needs);
            whole.then_some((spec.id, row.generation))
        });
        let usable: BTreeMap<SeriesId, u64> = usable.collect();
        project.features = project
            .features
            .in_generations(|series| usable.get(&series).copied());
        let asked = asked(&project, kind, id);
        // A series of no generation is kept under its own id, where no fold ever has anything.
        let missing: Vec<SeriesId> = asked
            .into_iter()
            .filter(|series| !usable.contains_key(series))
            .collect();
        Ok(Trial {
            missing: project.features.only(&missing),
            project,
        })
    }
}

/// The series a definition reads.
fn asked(project: &Project, kind: kith_definition::Kind, id: &str) -> BTreeSet<SeriesId> {
    if kind == kith_definition::Kind::Audience {
        let audience = project.audiences.get(id);
        return audience
            .map(|audience| audience.series.clone())
            .unwrap_or_default();
    }
    let key = project.schema.resolve(&FactKey::Feature(id.to_owned()));
    SeriesId::of_fact(&key).into_iter().collect()
}

/// The persons of one of `parts` equal parts of all ids, `parts` a power of two up to 65,536.
/// Ids are digests, so that any part is a fair sample.
pub fn persons_of_part(state: &dyn Read, part: u32, parts: u32) -> Result<Vec<PersonId>, Error> {
    let width = 65_536 / parts.clamp(1, 65_536);
    let place = |at: u32| {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&(at as u16).to_be_bytes());
        table::person(PersonId(id))
    };
    let start = place(part * width);
    let end = match (part + 1) * width {
        65_536.. => table::end_of(b"p"),
        end => place(end),
    };
    let rows = state.range(&start, &end, usize::MAX)?;
    let person = |key: &Vec<u8>| Some(PersonId(key.get(1..)?.try_into().ok()?));
    Ok(rows.iter().filter_map(|(key, _)| person(key)).collect())
}
