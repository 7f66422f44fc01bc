//! What definitions compute about a person: features, computed traits, audiences.

use std::collections::BTreeMap;

use kith_base::{PersonId, Timestamp, Value, limits};
use kith_definition::{Feature, Kind};
use kith_engine::query;
use kith_profile::SeriesId;
use kith_rule::FactKey;
use kith_runtime::View;

use crate::problem::Problem;
use crate::wire::PersonAudience;

/// What definitions say about a person.
#[derive(Default)]
pub struct Computed {
    /// Values of defined features by id; `Null` while the past is still being read.
    pub features: BTreeMap<String, Value>,
    /// Values of computed traits by name, with the feature they come from.
    pub traits: BTreeMap<String, (String, Value)>,
    /// Audiences the person is in, by id.
    pub audiences: Vec<PersonAudience>,
}

/// Computes it as of `now`.
pub fn computed(view: &View, person: PersonId, now: Timestamp) -> Result<Computed, Problem> {
    let (state, project) = (&*view.state, &view.project);
    let Some(standing) = query::standing(state, project, person)? else {
        return Ok(Computed::default());
    };
    let now = now.max(query::clock(state)?);
    let unready = query::unready_series(state)?;
    let mut computed = Computed::default();
    let most = limits::DEFINITIONS_PER_KIND_MAX;
    for found in query::definitions(state, Kind::Feature.as_str(), None, most)? {
        let Some(feature) = Feature::parse(&found.row.spec)
            .ok()
            .filter(|_| !found.row.archived)
        else {
            continue;
        };
        let key = project.schema.resolve(&FactKey::Feature(found.id.clone()));
        let value = match &key {
            FactKey::Aggregate(aggregate)
                if unready.contains(&SeriesId::of_aggregate(aggregate)) =>
            {
                Value::Null
            }
            // Its value cannot be read, and that is told where features are listed.
            FactKey::Feature(_) => continue,
            _ => standing.feature(project, &found.id, now),
        };
        if !feature.published_as.is_empty() && !value.is_null() {
            let published = (found.id.clone(), value.clone());
            computed.traits.insert(feature.published_as, published);
        }
        computed.features.insert(found.id, value);
    }
    let audience = |(id, since): (&String, &Timestamp)| {
        let live = project.audiences.get(id)?;
        Some(PersonAudience {
            audience_id: id.clone(),
            name: live.name.clone(),
            since: (*since).into(),
        })
    };
    computed.audiences = standing.audiences.iter().filter_map(audience).collect();
    Ok(computed)
}
