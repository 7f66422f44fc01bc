//! The model registry: versions of trained models as files, and which of them serves.
//!
//! The newest whole version serves unless somebody pinned another one. A pin is a file beside the
//! models: it names one of them and is worth nothing without them, so that it is kept, moved and
//! lost with them; every change of it stays in the file with who made it and when. What cannot be
//! read is passed over and told, and the newest whole version serves.

mod files;
mod pins;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use kith_base::{Duration, Timestamp};
use kith_definition::RecipeModel;
use kith_engine::{Learned, Recommenders, Trained, state};
use kith_learn::artefact::{About, Artefact, Damage};
use kith_runtime::Handle;

pub use pins::Pin;

/// What is trained.
pub(crate) const MODELS: [RecipeModel; 2] = [RecipeModel::Linear, RecipeModel::Content];

/// Why nothing came of a training, or of a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Learn(#[from] kith_learn::Error),
    #[error(transparent)]
    State(#[from] state::Error),
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Why a version does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nothing is trained under this name.
    #[error("{0:?} is no trained model; there are linear and content")]
    UnknownModel(String),
    /// There is no such version.
    #[error("the model {model} has no version {version}; there are {known:?}")]
    UnknownVersion {
        /// Which model.
        model: &'static str,
        /// Which version.
        version: u64,
        /// Those that are kept, the newest first.
        known: Vec<u64>,
    },
    /// Its file cannot be used.
    #[error("version {version} of the model {model} cannot be used: {reason}")]
    Damaged {
        /// Which model.
        model: &'static str,
        /// Which version.
        version: u64,
        /// What is wrong with the file.
        reason: String,
    },
    /// The pin could not be written.
    #[error("what serves could not be written down: {0}")]
    Io(#[from] io::Error),
}

/// A version that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Counts up with each training.
    pub version: u64,
    /// When its training began; `None` where the file does not tell.
    pub trained_at: Option<Timestamp>,
    /// How it came to be.
    pub about: About,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// A training under way, or the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingRun {
    /// When it began.
    pub started_at: Timestamp,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// When it will probably be done, while it is at work and anybody can tell.
    pub eta_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
}

/// Versions of trained models, which of them serves, and how far a training is. Shared by the
/// thread that learns and by whoever asks or chooses.
#[derive(Debug, Default)]
pub struct Registry {
    folder: Option<PathBuf>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    training: Option<(TrainingRun, Option<Instant>)>,
    /// What each model in force says of itself.
    in_force: BTreeMap<RecipeModel, (u64, Timestamp, About)>,
    /// Files that were found unusable when they were read.
    damaged: BTreeMap<(RecipeModel, u64), String>,
    /// Pins where there is no folder.
    pins: BTreeMap<RecipeModel, Pin>,
}

impl Registry {
    /// With files in a folder, or with none.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Registry {
            folder,
            ..Registry::default()
        }
    }

    /// The model of a name that is trained.
    pub fn model(name: &str) -> Result<RecipeModel, ServeError> {
        let found = MODELS.into_iter().find(|model| model.as_str() == name);
        found.ok_or_else(|| ServeError::UnknownModel(name.to_owned()))
    }

    /// The versions of a model, the newest first.
    pub fn versions(&self, model: RecipeModel) -> Vec<Version> {
        let inner = self.inner();
        let Some(folder) = &self.folder else {
            let in_force = inner.in_force.get(&model).into_iter();
            let version = |(version, at, about): &(u64, Timestamp, About)| Version {
                version: *version,
                trained_at: Some(*at),
                about: about.clone(),
                problem: None,
            };
            return in_force.map(version).collect();
        };
        let found = files::versions(folder, model).into_iter();
        let told = found.map(|(version, path)| {
            let mut told = Version {
                version,
                trained_at: None,
                about: About::default(),
                problem: inner.damaged.get(&(model, version)).cloned(),
            };
            match files::head(&path) {
                Ok(head) => {
                    told.trained_at = Some(Timestamp::from_millis(head.learned_until));
                    told.about = head.about;
                }
                Err(error) => told.problem = Some(error.to_string()),
            }
            told
        });
        told.collect()
    }

    /// Which version was chosen by hand, by whom; `None` while the newest serves.
    pub fn pin(&self, model: RecipeModel) -> Option<Pin> {
        let inner = self.inner();
        self.pin_of(&inner, model)
    }

    /// The training under way, or the last one since the start of the program.
    pub fn training(&self) -> Option<TrainingRun> {
        self.inner().training.as_ref().map(|(run, _)| run.clone())
    }

    /// What the model in force says of itself.
    pub fn about(&self, model: RecipeModel) -> Option<About> {
        let inner = self.inner();
        inner
            .in_force
            .get(&model)
            .map(|(_, _, about)| about.clone())
    }

    /// Lets a version serve from now on, whatever is trained later, also after a restart; `None`
    /// lets the newest serve again.
    pub fn serve(
        &self,
        handle: &Handle,
        model: RecipeModel,
        version: Option<u64>,
        (by, at): (&str, Timestamp),
    ) -> Result<(), ServeError> {
        let mut inner = self.inner();
        let made = match version {
            Some(version) => self.one(&mut inner, model, version)?,
            None => self.newest(&mut inner, model),
        };
        let pin = Pin {
            version,
            at,
            by: by.to_owned(),
        };
        match &self.folder {
            Some(folder) => pins::write(folder, model, pin)?,
            None => drop(inner.pins.insert(model, pin)),
        }
        if let Some(made) = made {
            inner.put(handle, model, made);
        }
        Ok(())
    }

    /// Puts in force what was pinned, else the newest whole file.
    pub(crate) fn open(&self, handle: &Handle, model: RecipeModel) {
        let mut inner = self.inner();
        let pinned = self.pin_of(&inner, model).and_then(|pin| pin.version);
        let made = pinned.and_then(|version| match self.one(&mut inner, model, version) {
            Ok(made) => made,
            Err(error) => {
                tracing::warn!(%error, "the pinned model cannot be used; the newest serves");
                None
            }
        });
        let made = made.or_else(|| self.newest(&mut inner, model));
        if let Some(made) = made {
            inner.put(handle, model, made);
        }
    }

    /// Writes a model as the next version; without a folder it is kept in memory alone.
    pub(crate) fn keep(&self, model: RecipeModel, made: Artefact) -> Result<Made, Error> {
        let inner = self.inner();
        let known = inner
            .in_force
            .get(&model)
            .map_or(0, |(version, ..)| *version);
        let Some(folder) = &self.folder else {
            return Ok(Made::of(known + 1, made));
        };
        let pinned = self.pin_of(&inner, model).and_then(|pin| pin.version);
        drop(inner);
        let version = files::keep(folder, model, &made, pinned)?;
        Ok(Made::of(version, made))
    }

    /// Puts a model just trained in force, unless a pinned one is.
    pub(crate) fn put(&self, handle: &Handle, model: RecipeModel, made: Made) {
        let mut inner = self.inner();
        let pinned = self.pin_of(&inner, model).and_then(|pin| pin.version);
        let serves = inner.in_force.get(&model).map(|(version, ..)| *version);
        if pinned.is_some() && pinned == serves {
            let version = made.trained.version;
            tracing::info!(
                model = model.as_str(),
                version,
                "kept; another one is pinned"
            );
            return;
        }
        inner.put(handle, model, made);
    }

    pub(crate) fn training_began(&self, at: Timestamp) {
        let run = TrainingRun {
            started_at: at,
            progress: 0.0,
            eta_at: None,
            finished_at: None,
            error: None,
        };
        self.inner().training = Some((run, Some(Instant::now())));
    }

    /// How far the training is; the rest is taken to go on at the same speed.
    pub(crate) fn training_reached(&self, share: f64) {
        if let Some((run, Some(began))) = &mut self.inner().training {
            run.progress = share.clamp(0.0, 1.0);
            let whole_ms = began.elapsed().as_millis() as f64 / run.progress;
            let whole_ms = whole_ms.is_finite().then_some(whole_ms as i64);
            run.eta_at = whole_ms.map(|ms| run.started_at.plus(Duration::from_millis(ms)));
        }
    }

    /// Something could not be trained; the rest goes on.
    pub(crate) fn training_failed(&self, model: RecipeModel, error: &Error) {
        if let Some((run, _)) = &mut self.inner().training {
            run.error = Some(format!("{}: {error}", model.as_str()));
        }
    }

    pub(crate) fn training_ended(&self) {
        if let Some((run, began)) = &mut self.inner().training
            && let Some(began) = began.take()
        {
            let took = Duration::from_millis(began.elapsed().as_millis() as i64);
            run.finished_at = Some(run.started_at.plus(took));
            run.eta_at = None;
            if run.error.is_none() {
                run.progress = 1.0;
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pin_of(&self, inner: &Inner, model: RecipeModel) -> Option<Pin> {
        let pin = match &self.folder {
            Some(folder) => pins::read(folder, model),
            None => inner.pins.get(&model).cloned(),
        };
        pin.filter(|pin| pin.version.is_some())
    }

    /// A version that is kept, read whole; `None` when it is in force and in memory alone.
    fn one(
        &self,
        inner: &mut Inner,
        model: RecipeModel,
        version: u64,
    ) -> Result<Option<Made>, ServeError> {
        let name = model.as_str();
        let Some(folder) = &self.folder else {
            let in_force = inner.in_force.get(&model).map(|(version, ..)| *version);
            return match in_force {
                Some(known) if known == version => Ok(None),
                known => Err(ServeError::UnknownVersion {
                    model: name,
                    version,
                    known: known.into_iter().collect(),
                }),
            };
        };
        let found = files::versions(folder, model);
        let Some((_, path)) = found.iter().find(|(known, _)| *known == version) else {
            let known = found.into_iter().map(|(version, _)| version).collect();
            return Err(ServeError::UnknownVersion {
                model: name,
                version,
                known,
            });
        };
        inner.read(model, version, path).map(Some).map_err(|error| {
            let reason = error.to_string();
            ServeError::Damaged {
                model: name,
                version,
                reason,
            }
        })
    }

    /// The newest whole file.
    fn newest(&self, inner: &mut Inner, model: RecipeModel) -> Option<Made> {
        let folder = self.folder.as_ref()?;
        let mut found = files::versions(folder, model).into_iter();
        found.find_map(|(version, path)| match inner.read(model, version, &path) {
            Ok(made) => Some(made),
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, %error, "a model cannot be used; the one before it serves");
                None
            }
        })
    }
}

impl Inner {
    /// Reads a file whole, and remembers when that fails.
    fn read(&mut self, model: RecipeModel, version: u64, path: &Path) -> Result<Made, Error> {
        let read = files::read(path);
        match &read {
            Ok(_) => drop(self.damaged.remove(&(model, version))),
            Err(error) => drop(self.damaged.insert((model, version), error.to_string())),
        }
        Ok(Made::of(version, read?))
    }

    fn put(&mut self, handle: &Handle, model: RecipeModel, made: Made) {
        let Made { trained, about } = made;
        let (version, at) = (trained.version, trained.trained_at);
        let trained = Some(Arc::new(trained));
        handle.learn(|learned| {
            let mut recommenders: Recommenders = (*learned.recommenders).clone();
            match model {
                RecipeModel::Linear => recommenders.linear = trained.clone(),
                _ => recommenders.content = trained.clone(),
            }
            Learned {
                recommenders: Arc::new(recommenders),
                ..learned.clone()
            }
        });
        self.in_force.insert(model, (version, at, about));
        tracing::info!(model = model.as_str(), version, "a trained model serves");
    }
}

/// A model that is ready to serve, and what it says of itself.
pub(crate) struct Made {
    trained: Trained,
    about: About,
}

impl Made {
    fn of(version: u64, made: Artefact) -> Self {
        let at = Timestamp::from_millis(made.learned_until);
        Made {
            trained: Trained::new(version, at, made.items, made.model),
            about: made.about,
        }
    }
}
