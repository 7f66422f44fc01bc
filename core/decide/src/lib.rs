//! What a placement shows one person now, with reasons, propensities and what lost.
//!
//! [`Placements`] is compiled once per project. A call opens a [`Session`] over one person's
//! facts, in which every distinct rule is evaluated once, and fills one placement after another
//! with [`Session::decide`]. The [`Outcome`] holds the [`Entry`] that the API answers, the losers,
//! and the [`Inputs`]: everything the decision depended on. [`replay`] takes the same decision
//! again from the inputs and gives the same bytes.
//!
//! Offers: in schedule, not excluded, through the three layers (eligible, applicable, suitable),
//! within their limits, keeping to the placement's floors; mandatory before service before what
//! the person was granted before the rest, the highest priority first
//! (`propensity × context × value × lever`); equals are drawn by lot from the seed. Items: the
//! candidates of each strategy in turn until the limit is filled, without repeats, unavailable
//! items, the item at hand, or what was just bought; or what a recipe's models found, by its rules,
//! boosts, diversity and exploration, then its fallbacks under the same exclusions. When nothing is
//! left, the placements it falls back on, under the same exclusions. When nothing is left there
//! either, nobody is known or the person refused personalization, the placement's fallback content.
//!
//! [`bandit`] learns which offer works in which placement for whom, and decides whether what it
//! learned may serve.
//!
//! Not here: finding candidates, and anything that happens after the choice.

mod arbitration;
pub mod bandit;
mod drawing;
mod grants;
mod inputs;
mod items;
mod offers;
mod outcome;
mod placements;
mod recipes;
mod replay;
mod session;
mod shown;
mod words;

pub use arbitration::{TERMS, Terms};
pub use drawing::{Drawable, Drawing, Drawn, Policy, features};
pub use grants::{Closed, Grant, Granted, Standing};
pub use inputs::{
    Candidate, Candidates, Did, Evidence, Find, Found, Inputs, Items, ProfileUse, Request,
};
pub use outcome::{Choice, ChoiceKind, Entry, Experiment, Loser, LoserCode, Outcome};
pub use placements::Placements;
pub use recipes::Chain;
pub use replay::{ReplayError, Reranked, Reranker, Specs, replay};
pub use session::Session;
pub use words::to_them;
