//! Reads for people: pure functions of a state at one instant.

mod accounts;
mod activity;
mod audiences;
mod catalog;
mod definitions;
mod earlier;
mod graph;
mod identity;
mod known;
mod linked;
mod overview;
mod people;
mod probable;
mod search;
mod standing;
mod timeline;
mod trial;
mod webhooks;

pub use accounts::{PersonAccount, accounts};
pub use activity::{audience_jobs, caught_up, received, turnover, unready_series};
pub use audiences::{AudienceState, audience, members, membership_changes, memberships};
pub use catalog::{also_viewed, hottest, item, items};
pub use definitions::{Definition, definition, definitions, live_definitions, revision, revisions};
pub use earlier::profile_after;
pub use graph::{Edge, edges};
pub use identity::{
    Difference, Said, Sample, Shape, SharedIdentifier, WholeGraph, regroupings, verdicts_of,
};
pub use known::{Known, known};
pub use linked::{Hindrance, hindrance, linked, profile_under};
pub use overview::{Overview, RefusedEntry, event_position, minutes, overview, refusals, refused};
pub use people::{node_of, person_of, profile, resolve_person, search};
pub use probable::{Agreement, End, Probable, agreement, probable_between, probable_of, reviews};
pub use search::{Found, search_items};
pub use standing::{Standing, clock, standing, standing_of};
pub use timeline::{TimelineEntry, decision_position, timeline};
pub use trial::{Trial, persons_of_part};
pub use webhooks::{
    changes_at, changes_from, deliveries, delivery, due, export, exports, persons, webhook,
};
