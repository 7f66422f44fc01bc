//! Text brought to one form, and how far two texts are from each other.

mod confusable;
mod distance;
mod fold;
mod phonetic;

pub use distance::{jaro_winkler, osa_within};
pub use fold::{fold, is_nothing, words};
pub use phonetic::phonetic;
