//! Reports on recipes: what came of what they showed, and how well they find what people turned to
//! next.

pub(crate) mod judge;
pub(crate) mod judging;
mod online;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kith_base::{Duration, Timestamp, limits};
use kith_event::Record;

pub use judge::Offline;
pub use online::{Day, Online};

use online::Shown;

/// How long a recipe is held for judged; then it is judged again when somebody asks.
const JUDGED_FOR: Duration = Duration::from_secs(3_600);

/// Reports on recipes. Shared by the thread that learns and by whoever asks.
#[derive(Debug, Default)]
pub struct Reports {
    online: Mutex<Shown>,
    judged: Mutex<Judged>,
}

#[derive(Debug, Default)]
struct Judged {
    /// Recipes that somebody asks about.
    wanted: BTreeSet<String>,
    /// The last word about each.
    done: BTreeMap<String, Judgement>,
}

/// How well a recipe does, or why nobody can tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The revision of the recipe that was judged.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// What was measured, or in words why it was not.
    pub found: Result<Offline, String>,
}

impl Reports {
    /// What came of what a recipe showed; nothing while it showed nothing.
    pub fn online(&self, recipe: &str) -> Online {
        self.shown().recipe(recipe).cloned().unwrap_or_default()
    }

    /// The last word about a recipe, of whichever revision. It is judged in the background when
    /// there is none yet, or none of this revision, or an old one.
    pub fn offline(&self, recipe: &str, revision: u64, now: Timestamp) -> Option<Judgement> {
        let mut judged = self.judged();
        let known = judged.done.get(recipe).cloned();
        let fresh = known.as_ref().is_some_and(|known| {
            known.revision == revision && now.since(known.at).as_millis() < JUDGED_FOR.as_millis()
        });
        if !fresh && judged.wanted.len() < limits::RECIPE_REPORTS_MAX {
            judged.wanted.insert(recipe.to_owned());
        }
        known
    }

    /// Reads the next records of the log.
    pub(crate) fn fold<'a>(&self, records: impl IntoIterator<Item = &'a Record>) {
        let mut shown = self.shown();
        records.into_iter().for_each(|record| shown.fold(record));
    }

    /// Some of the recipes that somebody asks about.
    pub(crate) fn wanted(&self) -> Vec<String> {
        let judged = self.judged();
        let wanted = judged.wanted.iter().take(limits::RECIPES_JUDGED_MAX);
        wanted.cloned().collect()
    }

    pub(crate) fn settle(&self, recipe: String, judgement: Option<Judgement>) {
        let mut judged = self.judged();
        judged.wanted.remove(&recipe);
        if let Some(judgement) = judgement {
            if judged.done.len() >= limits::RECIPE_REPORTS_MAX {
                judged.done.pop_first();
            }
            judged.done.insert(recipe, judgement);
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.online.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judged(&self) -> MutexGuard<'_, Judged> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
