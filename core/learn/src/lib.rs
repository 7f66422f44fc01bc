//! Learning what to recommend: training, models as files, and the kernels that score.
//!
//! [`choose::choose`] tries models on part of the training data and [`choose::fit`] makes the
//! [`Model`] to serve, which answers [`Model::recommend`] with items, scores and a [`Reason`] each.
//! Four things need no training and change with every event: [`session::Visits`],
//! [`counts::Counts`], what is popular, and what somebody comes back to ([`again::Again`]).
//!
//! Not here: rules, filters, caps and exploration (`kith-decide`), files and clocks (`app`).
//!
//! ```
//! use kith_learn::choose::{self, Spec};
//! use kith_learn::interactions::Interactions;
//! use kith_learn::{Context, Kind, Mask, Touch, neighbours};
//!
//! let rows: [&[u32]; 3] = [&[0, 1], &[0, 1, 2], &[1, 2]];
//! let spec = Spec::Neighbours(neighbours::Settings { following: 2.0, decay: 0.6 });
//! let model = choose::fit(&[(1.0, spec)], &Interactions::from_lists(3, rows))?;
//! let history = [Touch { item: 0, kind: Kind::Viewed, at: 0 }];
//! let chosen = model.recommend(&history, &Context::default(), &Mask::seen(&history), 1);
//! assert_eq!(chosen[0].item, 1);
//! # Ok::<(), kith_learn::Error>(())
//! ```

pub mod again;
pub mod artefact;
pub mod choose;
pub mod content;
pub mod counts;
mod error;
pub mod evaluate;
pub mod factors;
pub mod interactions;
pub mod interval;
pub mod linear;
pub mod matrix;
pub mod model;
pub mod neighbours;
pub mod popular;
pub mod rank;
pub mod read;
pub mod repeat;
pub mod scores;
pub mod session;

pub use error::Error;
pub use model::{Context, Kind, Mask, Model, Part, Reason, Scored, Touch};
