//! What definitions compute about a person: features, computed traits, audiences.

use std::collections::BTreeMap;

use kith_base::{NodeId, Timestamp, Value, limits};
use kith_definition::{Affinity, Feature, Kind};
use kith_engine::query::{self, Standing};
use kith_engine::site::Site;
use kith_profile::series::lift;
use kith_profile::{Profile, SeriesId};
use kith_rule::FactKey;
use kith_runtime::View;

use crate::problem::Problem;
use crate::wire::{Interest, Interests, PersonAudience};

/// What definitions say about a person.
#[derive(Default)]
pub struct Computed {
    /// Values of defined features by id; `Null` while the past is still being read.
    pub features: BTreeMap<String, Value>,
    /// Values of computed traits by name, with the feature they come from.
    pub traits: BTreeMap<String, (String, Value)>,
    /// Features that are affinities.
    pub interests: Vec<Interests>,
    /// Audiences the person is in, by id.
    pub audiences: Vec<PersonAudience>,
}

/// Keys shown of an affinity.
const KEYS_MAX: usize = 50;

/// Computes it as of `now`.
pub fn computed(view: &View, profile: &Profile, now: Timestamp) -> Result<Computed, Problem> {
    let (state, project) = (&*view.state, &view.project);
    let nodes: Vec<NodeId> = profile.nodes.iter().map(|node| node.id).collect();
    let standing = query::standing_of(state, project, profile.person, &nodes)?;
    let now = now.max(query::clock(state)?);
    let unready = query::unready_series(state)?;
    let mut computed = Computed::default();
    let most = limits::DEFINITIONS_PER_KIND_MAX;
    for found in query::live_definitions(state, Kind::Feature.as_str(), most)? {
        let Ok(feature) = Feature::parse(&found.row.spec) else {
            continue;
        };
        let key = project.schema.resolve(&FactKey::Feature(found.id.clone()));
        let series = SeriesId::of_fact(&key);
        if let FactKey::Interest { of, .. } = &key
            && series.is_some_and(|series| !unready.contains(&series))
        {
            let (id, name) = (found.id.clone(), found.row.name.clone());
            let interests = interests(view, &standing, of, now)?;
            computed.interests.push(Interests {
                feature_id: id,
                name,
                ..interests
            });
        }
        let value = match &key {
            _ if series.is_some_and(|series| unready.contains(&series)) => Value::Null,
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

/// The shares of a person, greatest first, beside those of the site.
fn interests(
    view: &View,
    standing: &Standing,
    of: &Affinity,
    now: Timestamp,
) -> Result<Interests, Problem> {
    let (state, project) = (&*view.state, &view.project);
    let series = project.features.id_of_affinity(of);
    let site = Site::new(state, series, of.half_life(), now)?;
    let merged = standing.interests(series);
    let mut shares = merged.shares(of, now);
    shares.keys.sort_by(|a, b| b.share.total_cmp(&a.share));
    let key_count = shares.keys.len() as u64;
    let mut keys = Vec::new();
    for share in shares.keys.iter().take(KEYS_MAX) {
        let base = site.share(share.key)?;
        keys.push(Interest {
            key: share.key.to_owned(),
            share: share.share,
            site_share: (base > 0.0).then_some(base),
            lift: lift(share.weight, shares.weight, base),
            bought_at: share.bought_at.map(Into::into),
        });
    }
    Ok(Interests {
        feature_id: String::new(),
        name: String::new(),
        keys,
        key_count,
    })
}
