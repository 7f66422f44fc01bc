//! The fold of a person's events: traits, counters, touches, affinities, consents.
//!
//! [`Fold`] is one node's state. [`Fold::add`] takes one event, [`Fold::merge`] another fold;
//! both commute and associate to the last bit, so a person's profile is the merge of the nodes'
//! folds in any order, linking moves nothing and unlinking is exact. Where a map is full, the
//! keys kept are those with the smallest hashes (bottom-k sampling: Cohen and Kaplan,
//! *Summarizing Data using Bottom-k Sketches*, PODC 2007): a key that is kept was kept from its
//! first event on, whatever the order, so every figure shown is complete.
//!
//! [`Profile`] is the merged view of a person and lends facts to rules; [`feature::ALL`] is the
//! list of built-in features.
//!
//! Not here: who belongs to whom (`kith-identity`) and where rows are kept (`kith-engine`).

mod account;
mod bounded;
mod facts;
pub mod feature;
mod features;
mod fold;
mod network;
mod packed;
mod part;
mod profile;
mod register;
pub mod series;
mod touches;
mod view;
mod zone;

pub use account::{Account, Accounts, accounts_of};
pub use bounded::BoundedMap;
pub use facts::{PersonFacts, no_audiences};
pub use features::{FeatureSet, SeriesId, SeriesSpec, takes};
pub use fold::{
    AFFINITY_HALF_LIFE, Attributes, Consent, Counter, Dropped, Fold, Weights, tells_consent,
};
pub use part::{Parts, Unreadable};
pub use profile::{Profile, ProfileNode};
pub use register::{Earliest, Latest, Stamp};
pub use series::Series;
pub use touches::Touches;
pub use zone::Zone;
