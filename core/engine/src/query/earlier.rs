//! A person as they were known after some of their events.

use kith_event::{Commerce, Event, Position};
use kith_profile::series::Moment;
use kith_profile::{Fold, Profile};

use crate::apply::attributes_of;
use crate::state::{Error, Read};
use crate::{Project, backfill};

/// The same person, known by these events of theirs alone; what the catalog says of items is what
/// it says now, for features what it said then.
pub fn profile_after<'a>(
    state: &dyn Read,
    project: &Project,
    profile: &Profile,
    events: impl IntoIterator<Item = (Position, &'a Event)>,
) -> Result<Profile, Error> {
    let mut fold = Fold::default();
    for (position, event) in events {
        let commerce = Commerce::read(&event.properties);
        let attributes = attributes_of(state, project, event, &commerce)?;
        fold.add(event, &commerce, &attributes);
        let contributions = backfill::contributions(state, &project.features, event, position)?;
        fold.add_series(&project.features, &contributions, Moment::of(event));
    }
    Ok(Profile {
        fold,
        ..profile.clone()
    })
}
