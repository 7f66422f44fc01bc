//! The set of anonymous visitors in `kith bench anonymous`: a simulated shop with known answers.
//!
//! The task: when the first session of a visitor id ends, name the earlier id of the same person.
//! Judged are ids that never log in; to be found are those whose person was seen before under
//! another id; sessions without consent are not there. Two figures of each kind are told:
//! `settled`, with a model that knows the site's log-ins, and `first_days`, where the matcher
//! starts with nothing and learns from log-ins as they come.

mod kiosk;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use kith_matching::visitors::{
    Answer, Cut, Link, Matcher, Model, Quality, Scored, Settings, cuts, figures,
};
use serde_json::{Value, json};

use crate::output::{BadInput, Output};
use sessions::{Row, read};

/// Confidences at which what the engine states is held against the truth.
const CONFIDENCES: [f32; 5] = [0.5, 0.7, 0.8, 0.9, 0.95];
/// Days after which the matcher that starts with nothing is judged apart.
const WARM_DAYS: i64 = 30;

/// The folders with sessions of anonymous visitors: this one, or those in it.
pub fn sets(data: &Path) -> Vec<PathBuf> {
    let inner = std::fs::read_dir(data).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = inner.map(|entry| entry.path()).collect();
    folders.sort();
    folders.insert(0, data.to_owned());
    folders.retain(|folder| {
        sessions::FILES
            .iter()
            .all(|file| folder.join(file).is_file())
    });
    folders
}

/// Options of `kith bench anonymous`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder with sessions.csv.gz and truth.csv.gz, or with folders of such
    #[arg(long)]
    pub data: PathBuf,
}

/// All figures of the first set of a folder.
pub fn run(data: &Path, output: Output) -> Result<Value> {
    let all = sets(data);
    let Some(folder) = all.first() else {
        let files = sessions::FILES.join(" and ");
        let message = format!("--data is {}, which holds no {files}", data.display());
        return Err(BadInput(message).into());
    };
    output.say(&format!("{} …", folder.display()));
    figures_of(folder)
}

fn figures_of(folder: &Path) -> Result<Value> {
    let rows = read(folder)?;
    ensure!(!rows.is_empty(), "{} holds no sessions", folder.display());
    let truth = Truth::of(&rows);
    let mut matcher = Matcher::new(Settings::default(), Model::default());
    let first = pass(&rows, &mut matcher)?;
    let first_model = matcher.model().clone();
    matcher.learn();
    let model = matcher.model().clone();
    let settings = Settings {
        learning: false,
        ..Settings::default()
    };
    let settled = pass(&rows, &mut Matcher::new(settings, model.clone()))?;
    let warm_s = WARM_DAYS * 86_400;
    let warm = first.since(&truth, warm_s);
    let quality = |model: &Model| Some(model.person.as_ref()?.quality.clone());
    let household = model
        .household
        .as_ref()
        .map(|scorer| scorer.quality.clone());
    let person = truth.ranking(&settled.answers, 0);
    Ok(json!({
        "best_f1": person["best_f1"]["f1"],
        "recall_at_p95": person["at_precision_95"]["recall"],
        "recall_at_p90": person["at_precision_90"]["recall"],
        "unit": "a visitor id, linked to one earlier id or to none when its first session ends",
        "population": {
            "judged": "ids with consent that never log in",
            "judged_ids": truth.judged(0).count(),
            "findable": "judged ids whose person was seen before under another id",
            "findable_ids": truth.findable(0),
            "findable_by_device_ids": truth.judged(0).filter(|id| id.device_before).count(),
        },
        "settled": {
            "model": "trained on the log-ins of the whole time; no judged id has one",
            "person": person,
            "stated_and_true": truth.stated(&settled.answers, quality(&model), Level::Person),
            "household": truth.stated(&settled.answers, household, Level::Household),
            "cost": settled.cost(),
        },
        "first_days": {
            "model": "nothing known on the first day; trained on the log-ins so far",
            "person": truth.ranking(&first.answers, 0),
            "person_after_30_days": truth.ranking(&warm, warm_s),
            "stated_and_true": truth.stated(&warm, quality(&first_model), Level::Person),
            "cost": first.cost(),
        },
        "links_without_consent": violations(&rows, &first.answers)
            + violations(&rows, &settled.answers),
        "kiosks": kiosk::run(&rows),
    }))
}

/// The figures that matter most, for people.
pub fn lines(figures: &Value) -> String {
    let mut lines = String::new();
    for kind in ["settled", "first_days"] {
        let person = &figures[kind]["person"];
        let (best, sure) = (&person["best_f1"], &person["at_precision_95"]);
        lines += &format!(
            "{kind}: best F1 {} (precision {}, recall {}); recall {} at precision .95\n",
            best["f1"], best["precision"], best["recall"], sure["recall"],
        );
    }
    let violations = &figures["links_without_consent"];
    lines + &format!("{violations} links without consent")
}

/// What one walk through the sessions gave.
struct Pass {
    answers: Vec<Answer>,
    /// Of each answer, sorted.
    latencies_us: Vec<f64>,
    trainings: usize,
    cpu_seconds: f64,
}

fn pass(rows: &[Row], matcher: &mut Matcher) -> Result<Pass> {
    let started = cpu_seconds()?;
    let mut pass = Pass {
        answers: Vec::new(),
        latencies_us: Vec::new(),
        trainings: 0,
        cpu_seconds: 0.0,
    };
    for row in rows {
        let asked = Instant::now();
        if let Some(answer) = matcher.observe(&row.session) {
            pass.latencies_us.push(asked.elapsed().as_secs_f64() * 1e6);
            pass.answers.push(answer);
        }
        if matcher.due() {
            matcher.learn();
            pass.trainings += 1;
        }
    }
    pass.latencies_us.sort_by(f64::total_cmp);
    pass.cpu_seconds = cpu_seconds()? - started;
    Ok(pass)
}

impl Pass {
    fn since(&self, truth: &Truth, from_s: i64) -> Vec<Answer> {
        let late = |answer: &&Answer| truth.0[&answer.visitor].first_s >= from_s;
        self.answers.iter().filter(late).cloned().collect()
    }

    fn cost(&self) -> Value {
        let ids = self.answers.len().max(1);
        let candidates: usize = self.answers.iter().map(|answer| answer.candidates).sum();
        let at = |share: f64| {
            let place = (self.latencies_us.len() as f64 * share) as usize;
            rounded(self.latencies_us.get(place).copied().unwrap_or_default())
        };
        json!({
            "candidates_per_id": rounded(candidates as f64 / ids as f64),
            "latency_p50_us": at(0.5),
            "latency_p99_us": at(0.99),
            "trainings": self.trainings,
            "cpu_seconds": rounded(self.cpu_seconds),
        })
    }
}

/// Who is behind an id.
struct Id {
    person: u32,
    household: u32,
    first_s: i64,
    /// Somebody logs in under it, at any time.
    logs_in: bool,
    /// Its person, or its device, was seen before under another id.
    person_before: bool,
    device_before: bool,
}

struct Truth(BTreeMap<u64, Id>);

#[derive(Clone, Copy)]
enum Level {
    Person,
    Household,
}

impl Level {
    fn link(self, answer: &Answer) -> Option<&Link> {
        match self {
            Level::Person => answer.person.as_ref(),
            Level::Household => answer.household.as_ref(),
        }
    }
}

impl Truth {
    fn of(rows: &[Row]) -> Self {
        let (mut persons, mut devices) = (BTreeSet::new(), BTreeSet::new());
        let mut ids: BTreeMap<u64, Id> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.session.consent) {
            let id = ids.entry(row.session.visitor).or_insert_with(|| Id {
                person: row.person,
                household: row.household,
                first_s: row.session.at_s,
                logs_in: false,
                person_before: persons.contains(&row.person),
                device_before: devices.contains(&row.device),
            });
            id.logs_in |= row.session.login.is_some();
            persons.insert(row.person);
            devices.insert(row.device);
        }
        Truth(ids)
    }

    fn judged(&self, from_s: i64) -> impl Iterator<Item = &Id> {
        self.0
            .values()
            .filter(move |id| !id.logs_in && id.first_s >= from_s)
    }

    fn findable(&self, from_s: i64) -> usize {
        self.judged(from_s).filter(|id| id.person_before).count()
    }

    /// The links of judged ids. Equal confidences are put in order by their margins.
    fn links(&self, answers: &[Answer], level: Level) -> Vec<Scored> {
        let scored = |answer: &Answer| {
            let link = level.link(answer)?;
            let (new, old) = (&self.0[&answer.visitor], &self.0[&link.earlier]);
            let household = new.household == old.household;
            let right = match level {
                Level::Person => new.person == old.person,
                Level::Household => household,
            };
            let order = 1e-6 / (1.0 + f64::from(-link.margin).exp());
            let score = f64::from(link.confidence) + order;
            (!new.logs_in).then_some(Scored {
                score,
                right,
                household,
            })
        };
        answers.iter().filter_map(scored).collect()
    }

    fn ranking(&self, answers: &[Answer], from_s: i64) -> Value {
        let links = self.links(answers, Level::Person);
        let findable = self.findable(from_s);
        let figures = figures(&links, findable);
        json!({
            "findable_ids": findable,
            "best_f1": told(&figures.best_f1),
            "best_f05": told(&figures.best_f05),
            "at_precision_95": told(&figures.precision_95),
            "at_precision_90": told(&figures.precision_90),
        })
    }

    /// Links of at least a confidence: what held-out log-ins say of them, and the truth.
    fn stated(&self, answers: &[Answer], quality: Option<Quality>, level: Level) -> Value {
        let links = self.links(answers, level);
        let cuts = cuts(&links, 0);
        let at = |confidence: f32| {
            let stated = quality.as_ref()?.at(confidence)?;
            let cut = cuts
                .iter()
                .rfind(|cut| cut.score >= f64::from(confidence))?;
            Some(json!({
                "confidence": rounded(f64::from(confidence)),
                "links": cut.links,
                "stated_precision": rounded(f64::from(stated.precision)),
                "true_precision": rounded(cut.precision),
                "stated_recall_of_log_ins": rounded(f64::from(stated.recall)),
            }))
        };
        CONFIDENCES.into_iter().filter_map(at).collect()
    }
}

fn told(cut: &Cut) -> Value {
    json!({
        "precision": rounded(cut.precision),
        "recall": rounded(cut.recall),
        "f1": rounded(cut.f1),
        "f05": rounded(cut.f05),
        "household_precision": rounded(cut.household_precision),
        "confidence": rounded(cut.score),
        "links": cut.links,
    })
}

/// Links with an id that had refused by the time they were made.
fn violations(rows: &[Row], answers: &[Answer]) -> usize {
    let mut refused = BTreeSet::new();
    let mut answers = answers.iter().peekable();
    let mut found = 0;
    for row in rows {
        let visitor = row.session.visitor;
        if !row.session.consent {
            refused.insert(visitor);
        }
        if answers
            .peek()
            .is_some_and(|answer| answer.visitor == visitor)
            && let Some(answer) = answers.next()
        {
            let links = [&answer.person, &answer.household, &answer.shared_device];
            found += links
                .into_iter()
                .flatten()
                .filter(|link| {
                    !row.session.consent
                        || refused.contains(&visitor)
                        || refused.contains(&link.earlier)
                })
                .count();
        }
    }
    found
}

/// Four places: gates differ in the third.
fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// Processor time of this process so far.
fn cpu_seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").context("reading processor time")?;
    let first = text.split(' ').next().unwrap_or_default();
    let nanoseconds: f64 = first.trim().parse().context("reading processor time")?;
    Ok(nanoseconds / 1e9)
}

#[cfg(test)]
mod tests;
