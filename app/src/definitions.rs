//! `kith plan`, `apply`, `pull` and `check`: definitions as files.
//!
//! `files` reads and writes a folder, `live` reads and writes a running Kith; what would change
//! between the two is `kith_definition::plan`.

mod files;
mod live;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_definition::{Action, Change, Document, Kind, Severity};
use serde_json::json;

use crate::output::{BadInput, Output, Verdict};
use crate::target;
use files::Folder;
pub use files::parse;

/// Options of `plan`, `apply` and `pull`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder with definitions, one YAML or JSON file each
    dir: PathBuf,
    #[command(flatten)]
    target: target::Options,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// Folder with definitions
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// Something wrong with a file, in one sentence.
struct Finding {
    severity: Severity,
    text: String,
}

/// `kith check`: exit 1 when a definition must not go live.
pub fn check(options: &CheckOptions, output: Output) -> Result<Verdict> {
    let folder = Folder::read(&options.dir)?;
    let findings = findings(&folder);
    let sentences = |severity| -> Vec<&str> {
        let wanted = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        wanted.map(|finding| finding.text.as_str()).collect()
    };
    let (errors, warnings) = (sentences(Severity::Error), sentences(Severity::Warning));
    let mut lines: Vec<String> = errors.iter().map(|text| format!("error: {text}")).collect();
    lines.extend(warnings.iter().map(|text| format!("warning: {text}")));
    let (files, found) = (folder.documents.len(), errors.len());
    lines.push(format!(
        "{files} definitions, {found} errors, {} warnings",
        warnings.len()
    ));
    let object = json!({"definitions": files, "errors": errors, "warnings": warnings});
    output.result(&object, &lines.join("\n"));
    Ok(if errors.is_empty() {
        Verdict::Done
    } else {
        Verdict::CheckFailed
    })
}

/// `kith plan`: shows what `apply` would do.
pub fn plan(options: &Options, output: Output) -> Result<Verdict> {
    let documents = sound(options)?;
    let target = options.target.open()?;
    let changes = kith_engine::rules::plan(&live::documents(&target)?, &documents);
    let members = live::members(&target)?;
    report(&changes, &members, "would change", output);
    Ok(Verdict::Done)
}

/// `kith apply`: makes the live definitions those of the folder.
pub fn apply(options: &Options, output: Output) -> Result<Verdict> {
    let documents = sound(options)?;
    let target = options.target.open()?;
    let current = live::read(&target)?;
    let live: Vec<Document> = current.iter().map(|one| one.document.clone()).collect();
    let changes = kith_engine::rules::plan(&live, &documents);
    let members = live::members(&target)?;
    live::apply(&target, &current, &documents, &changes)?;
    report(&changes, &members, "changed", output);
    Ok(Verdict::Done)
}

/// `kith pull`: writes what is live and differs from the folder.
pub fn pull(options: &Options, output: Output) -> Result<Verdict> {
    let mut folder = Folder::read_or_create(&options.dir)?;
    let target = options.target.open()?;
    let live = live::documents(&target)?;
    let written = folder.write_changed(&live)?;
    let gone = folder.without(&live);
    let mut lines: Vec<String> = written.iter().map(|path| format!("wrote {path}")).collect();
    lines.extend(
        gone.iter()
            .map(|path| format!("{path} is not live; it was left as it is")),
    );
    lines.push(format!(
        "{} definitions live, {} files written",
        live.len(),
        written.len()
    ));
    let object = json!({"definitions": live.len(), "written": written, "not_live": gone});
    output.result(&object, &lines.join("\n"));
    Ok(Verdict::Done)
}

/// The folder's documents, or every error in them.
fn sound(options: &Options) -> Result<Vec<Document>> {
    let folder = Folder::read(&options.dir)?;
    let findings = findings(&folder);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<&str> = errors.map(|finding| finding.text.as_str()).collect();
    if !errors.is_empty() {
        return Err(BadInput(format!("nothing was done:\n  {}", errors.join("\n  "))).into());
    }
    Ok(folder
        .documents
        .into_iter()
        .map(|(_, document)| document)
        .collect())
}

/// Everything that is wrong: unreadable files, bad members, rules, and references.
fn findings(folder: &Folder) -> Vec<Finding> {
    let error = |text: String| Finding {
        severity: Severity::Error,
        text,
    };
    let mut findings: Vec<Finding> = folder.errors.iter().cloned().map(error).collect();
    let documents = folder.documents.iter().map(|(_, document)| document);
    let problems = kith_definition::check(documents.clone());
    findings.extend(
        problems
            .into_iter()
            .chain(kith_engine::rules::check(documents))
            .map(|problem| Finding {
                severity: problem.severity,
                text: format!(
                    "{}: {}: {}",
                    folder.path_of(problem.kind, &problem.id),
                    problem.field,
                    problem.message
                ),
            }),
    );
    findings
}

/// Whom a change touches that is about no single definition.
fn reach(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Identity => Some("every person: who is one person, and under which identifiers"),
        Kind::Catalog => Some("every rule and placement that uses items' attributes"),
        _ => None,
    }
}

/// `members` are the numbers of members of live audiences, by id.
fn report(changes: &[Change], members: &BTreeMap<String, u64>, verb: &str, output: Output) {
    let counted = |named: &str| -> String {
        let id = named.strip_prefix("audience/");
        match id.and_then(|id| members.get(id)) {
            Some(1) => format!("{named} (1 member now)"),
            Some(count) => format!("{named} ({count} members now)"),
            None => named.to_owned(),
        }
    };
    let mut lines = Vec::new();
    for change in changes {
        let sign = match change.action {
            Action::Create => '+',
            Action::Update => '~',
            Action::Archive => '-',
        };
        let this = format!("{}/{}", change.kind, change.id);
        lines.push(format!("{sign} {}", counted(&this)));
        for field in &change.fields {
            let text = |value: &kith_base::Value| {
                serde_json::to_string(value).expect("a value always has a JSON form")
            };
            let (old, new) = (text(&field.old), text(&field.new));
            lines.push(format!("    {}: {old} -> {new}", field.field));
        }
        if !change.touches.is_empty() {
            let touches: Vec<String> = change.touches.iter().map(|one| counted(one)).collect();
            lines.push(format!("    touches {}", touches.join(", ")));
        } else if let Some(all) = reach(change.kind) {
            lines.push(format!("    touches {all}"));
        }
    }
    lines.push(format!("{} definitions {verb}", changes.len()));
    let touched = |id: &str| {
        let named = format!("{}/{id}", Kind::Audience);
        changes.iter().any(|change| {
            change.touches.contains(&named) || (change.kind == Kind::Audience && change.id == id)
        })
    };
    let members: BTreeMap<&String, &u64> = members.iter().filter(|(id, _)| touched(id)).collect();
    let object = json!({"changes": changes, "members_now": members});
    output.result(&object, &lines.join("\n"));
}
