//! Models that are trained: in the background, kept as files, the newest whole one serves.
//!
//! A training takes what the live models remember of each node and what the catalog says of each
//! item, on a thread of its own. What came of it is written beside the others and takes its place
//! in one step; a file that is not whole is passed over, and the one before it serves.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use kith_base::{Json, Timestamp, Value, limits};
use kith_definition::RecipeModel;
use kith_engine::{Learned, Recommenders, Stream, Trained, query, state};
use kith_learn::artefact::{self, Artefact, Damage};
use kith_learn::choose::{self, Spec};
use kith_learn::content::{self, Description};
use kith_learn::interactions::Interactions;
use kith_learn::model::{Model, Part};
use kith_learn::{factors, linear, popular};
use kith_runtime::Handle;

use crate::metrics;

/// At least so long between two trainings.
const INTERVAL_MILLIS: i64 = 10 * 60_000;
/// A training follows once so many more events than at the last one were heard, of ten.
const MORE_TENTHS: u64 = 11;
/// Nodes with fewer histories than this teach nothing about each other.
const HISTORIES_MIN: usize = 10;
/// Versions of a model that are kept as files.
const VERSIONS_KEPT: usize = 3;
/// Rows of the catalog read at once.
const PAGE: usize = 1_000;
/// EDLAE in the middle of what was best on the published sets; see the document on models.
const LINEAR: linear::Settings = linear::Settings {
    lambda: 300.0,
    dropout: 0.3,
};
/// For catalogs beyond what a dense matrix is made of.
const FACTORS: factors::Settings = factors::Settings {
    factors: 64,
    lambda: 30.0,
    alpha: 4.0,
    rounds: 15,
    seed: 1,
};

/// What is trained.
const MODELS: [RecipeModel; 2] = [RecipeModel::Linear, RecipeModel::Content];

/// Why nothing came of a training, or of a file.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Learn(#[from] kith_learn::Error),
    #[error(transparent)]
    State(#[from] state::Error),
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error(transparent)]
    Io(#[from] io::Error),
}

type Outcome = (RecipeModel, Result<Trained, Error>);

/// Trains and keeps.
pub(crate) struct Training {
    folder: Option<PathBuf>,
    opened: bool,
    under_way: Option<mpsc::Receiver<Outcome>>,
    /// When the last one began, and how much was heard by then.
    last: Option<(Timestamp, u64)>,
}

impl Training {
    /// With files in a folder, or with none.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Training {
            folder,
            opened: false,
            under_way: None,
            last: None,
        }
    }

    /// Where files are kept.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Puts in force what is ready, and begins a training when it is due. `caught_up` is whether
    /// the whole log was heard.
    pub fn step(&mut self, handle: &Handle, stream: &Stream, caught_up: bool, now: Timestamp) {
        let project = handle.project();
        let wanted = MODELS.map(|model| project.placements.asks_for(model));
        if !wanted.contains(&true) {
            return;
        }
        if !self.opened {
            self.opened = true;
            self.open(handle);
        }
        self.take(handle, mpsc::Receiver::try_recv);
        let in_force = &handle.view().learned.recommenders;
        let there = [in_force.linear.is_some(), in_force.content.is_some()];
        let lacks = wanted
            .iter()
            .zip(there)
            .any(|(wanted, there)| *wanted && !there);
        if self.last.is_none() && caught_up && !lacks {
            // The files of the last process serve until there is more to learn.
            self.last = Some((now, stream.heard()));
        }
        let due = match self.last {
            None => true,
            Some((at, heard)) => {
                let long_ago = now.since(at).as_millis() >= INTERVAL_MILLIS;
                long_ago && stream.heard() * 10 > heard * MORE_TENTHS
            }
        };
        if due && caught_up && self.under_way.is_none() {
            self.begin(handle, stream, now);
        }
    }

    /// Waits for the training under way, if there is one, and puts in force what came of it.
    pub fn finish(&mut self, handle: &Handle) {
        while self.under_way.is_some() {
            self.take(handle, mpsc::Receiver::recv);
        }
    }

    fn begin(&mut self, handle: &Handle, stream: &Stream, now: Timestamp) {
        let histories = stream.histories();
        if histories.users() < HISTORIES_MIN {
            return;
        }
        self.last = Some((now, stream.heard()));
        let ids: Vec<String> = stream.ids().map(str::to_owned).collect();
        let (handle, folder) = (handle.clone(), self.folder.clone());
        let (tell, told) = mpsc::channel();
        let work = move || {
            let keep = |model, made: Result<Artefact, Error>| {
                let made = made.and_then(|made| keep(folder.as_deref(), model, made));
                // Nobody waits for it any more when the server ends.
                drop(tell.send((model, made)));
            };
            keep(RecipeModel::Content, of_catalog(&handle, now));
            keep(RecipeModel::Linear, of_histories(&histories, ids, now));
        };
        let thread = thread::Builder::new().name("kith-training".to_owned());
        match thread.spawn(work) {
            Ok(_) => self.under_way = Some(told),
            Err(error) => tracing::error!(%error, "no thread to train models on"),
        }
    }

    /// Takes what came of a training, until nothing is there or all of it was.
    fn take<E>(
        &mut self,
        handle: &Handle,
        next: impl Fn(&mpsc::Receiver<Outcome>) -> Result<Outcome, E>,
    ) where
        E: Into<mpsc::TryRecvError>,
    {
        while let Some(told) = &self.under_way {
            match next(told).map_err(Into::into) {
                Ok((model, Ok(trained))) => put(handle, model, trained),
                Ok((model, Err(error))) => {
                    ::metrics::counter!(metrics::ERRORS).increment(1);
                    tracing::error!(model = model.as_str(), %error, "a model was not trained");
                }
                Err(mpsc::TryRecvError::Empty) => return,
                Err(mpsc::TryRecvError::Disconnected) => self.under_way = None,
            }
        }
    }

    /// Puts the newest whole file of each model in force.
    fn open(&self, handle: &Handle) {
        let Some(folder) = &self.folder else {
            return;
        };
        for model in MODELS {
            for (version, path) in versions(folder, model) {
                match read(&path) {
                    Ok(made) => {
                        put(handle, model, trained(version, made));
                        break;
                    }
                    Err(error) => tracing::warn!(
                        path = %path.display(), %error,
                        "a model cannot be used; the one before it serves"
                    ),
                }
            }
        }
    }
}

fn put(handle: &Handle, model: RecipeModel, trained: Trained) {
    let version = trained.version;
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
    tracing::info!(model = model.as_str(), version, "a trained model serves");
}

/// What people with like histories touch.
fn of_histories(
    histories: &Interactions,
    items: Vec<String>,
    now: Timestamp,
) -> Result<Artefact, Error> {
    let spec = match histories.items() {
        0..=limits::LEARN_LINEAR_TRIED_ITEMS_MAX => Spec::Linear(LINEAR),
        _ => Spec::Factors(FACTORS),
    };
    let mut model = choose::fit(&[(1.0, spec)], histories)?;
    for (_, part) in &mut model.parts {
        if let Part::Linear(dense) = part {
            *part = Part::Truncated(dense.truncated());
        }
    }
    Ok(artefact("linear", items, model, now))
}

/// What is alike by what the catalog says of it.
fn of_catalog(handle: &Handle, now: Timestamp) -> Result<Artefact, Error> {
    let view = handle.view();
    let mut items: Vec<(String, Attributes, String)> = Vec::new();
    let mut after: Option<String> = None;
    while items.len() < limits::LEARN_ITEMS_MAX {
        let page = query::items(&*view.state, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            break;
        };
        after = Some(last.clone());
        for (id, bytes) in page {
            let text = String::from_utf8_lossy(&bytes);
            let item = Json::parse(&text).map_or(Value::Null, |json| json.value());
            let (attributes, text) = described(&item);
            items.push((id, attributes, text));
        }
    }
    drop(view);
    let attributes: Vec<Vec<(&str, &str)>> = items
        .iter()
        .map(|(_, attributes, _)| attributes.iter().map(|(a, b)| (&**a, &**b)).collect())
        .collect();
    let described = items.iter().zip(&attributes);
    let content =
        content::fit(described.map(|((_, _, text), attributes)| Description { attributes, text }));
    let nobody: [&[u32]; 0] = [];
    let popular = popular::fit(&Interactions::from_lists(items.len(), nobody));
    let model = Model::of(Part::Content(content), popular);
    let ids = items.into_iter().map(|(id, ..)| id).collect();
    Ok(artefact("content", ids, model, now))
}

/// Names and values.
type Attributes = Vec<(String, String)>;

/// Attributes and free text of an item.
fn described(item: &Value) -> (Attributes, String) {
    let mut attributes = Vec::new();
    let mut add = |name: &str, value: &Value| match value {
        Value::Text(text) => attributes.push((name.to_owned(), text.clone())),
        Value::List(list) => {
            let texts = list.iter().filter_map(Value::as_text);
            attributes.extend(texts.map(|text| (name.to_owned(), text.to_owned())));
        }
        _ => {}
    };
    add("category", item.path("categories"));
    add("brand", item.path("brand"));
    if let Value::Map(map) = item.path("attributes") {
        map.iter().for_each(|(name, value)| add(name, value));
    }
    let text = |name: &str| item.path(name).as_text().unwrap_or_default();
    let text = format!("{} {}", text("title"), text("description"));
    (attributes, text)
}

fn artefact(title: &str, items: Vec<String>, model: Model, now: Timestamp) -> Artefact {
    Artefact {
        title: title.to_owned(),
        learned_until: now.as_millis(),
        items,
        model,
    }
}

/// Writes a model as the next version; without a folder it is kept in memory alone.
fn keep(folder: Option<&Path>, model: RecipeModel, made: Artefact) -> Result<Trained, Error> {
    let mut version = 1;
    if let Some(folder) = folder {
        let known = versions(folder, model);
        version += known.first().map_or(0, |(version, _)| *version);
        write(folder, &name(model, version), &artefact::encode(&made)?)?;
        for (_, path) in known.iter().skip(VERSIONS_KEPT - 1) {
            fs::remove_file(path)?;
        }
    }
    Ok(trained(version, made))
}

fn trained(version: u64, made: Artefact) -> Trained {
    let at = Timestamp::from_millis(made.learned_until);
    Trained::new(version, at, made.items, made.model)
}

fn name(model: RecipeModel, version: u64) -> String {
    format!("{}-{version:08}.model", model.as_str())
}

/// The files of a model, the newest first.
fn versions(folder: &Path, model: RecipeModel) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let of = file.strip_prefix(model.as_str())?.strip_prefix('-')?;
            let version = of.strip_suffix(".model")?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

fn read(path: &Path) -> Result<Artefact, Error> {
    let found = fs::metadata(path)?.len();
    if found > limits::LEARN_MODEL_MAX_BYTES as u64 {
        let most = limits::LEARN_MODEL_MAX_BYTES;
        return Err(Damage::Large { found, most }.into());
    }
    Ok(artefact::decode(&fs::read(path)?)?)
}

/// Whole or not at all: written beside, forced to the disk, then renamed.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}
