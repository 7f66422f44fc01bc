//! Many changes of definitions together: all of them are made, or none.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits;
use kith_definition::{Document, Kind, Problem as Finding, Severity, check};
use kith_engine::state::Read;
use kith_engine::{query, rules};
use kith_event::DefinitionChange;

use crate::change::{check_size, live_documents, with_kept_secrets};
use crate::problem::{self, Problem};
use crate::state::AdminState;
use crate::wire::DefinitionInput;

/// Errors told of one plan.
const ERRORS_MAX: usize = 100;

/// One of the changes.
pub struct Step {
    /// Its kind.
    pub kind: Kind,
    /// Unique within the kind.
    pub id: String,
    /// The live revision it was made from; `None` when there was none.
    pub revision: Option<u64>,
    /// What is to be; `None` takes it out of use.
    pub definition: Option<DefinitionInput>,
}

impl Step {
    fn name(&self) -> (Kind, String) {
        (self.kind, self.id.clone())
    }
}

/// Makes all changes, which are in force at once, and answers their revisions in the same order.
pub async fn apply(
    state: &AdminState,
    steps: Vec<Step>,
    author: &str,
) -> Result<Vec<query::Definition>, Problem> {
    let _guard = state.writes().await;
    let (author, at) = (author.to_owned(), state.now());
    let names: Vec<(Kind, String)> = steps.iter().map(Step::name).collect();
    let prepare = move |_: &AdminState, view: &kith_runtime::View| {
        let mut changes = prepare(&*view.state, &steps)?;
        for change in &mut changes {
            (change.author, change.at) = (author.clone(), at);
        }
        Ok(changes)
    };
    let changes = state.walk(prepare).await?;
    state.append_definitions(changes).await?;
    let view = state.view();
    let written = names.into_iter().map(|(kind, id)| {
        let gone = || Problem::new(problem::INTERNAL, "a revision was applied, yet is gone");
        query::definition(&*view.state, kind.as_str(), &id)?.ok_or_else(gone)
    });
    written.collect()
}

/// What is to be written, when every change may be made and nothing live breaks by them.
fn prepare(state: &dyn Read, steps: &[Step]) -> Result<Vec<DefinitionChange>, Problem> {
    let mut found = Vec::with_capacity(steps.len());
    for step in steps {
        found.push(query::definition(state, step.kind.as_str(), &step.id)?);
    }
    refuse(
        problem::PRECONDITION_FAILED,
        "something was changed meanwhile",
        moved(steps, &found),
    )?;
    let before = live_documents(state)?;
    let changed: BTreeSet<(Kind, String)> = steps.iter().map(Step::name).collect();
    let stays = |document: &&Document| !changed.contains(&(document.kind, document.id.clone()));
    let mut after: Vec<Document> = before.iter().filter(stays).cloned().collect();
    let mut changes = Vec::with_capacity(steps.len());
    let mut errors = Vec::new();
    for (step, found) in steps.iter().zip(&found) {
        match change(step, found.as_ref()) {
            Ok((change, document)) => {
                after.extend(document);
                changes.push(change);
            }
            Err(problem) => errors.extend(problem.into_fields(&place(step.kind, &step.id))),
        }
    }
    if changed.len() < steps.len() {
        let twice = "each definition may be changed once; leave one change of it out";
        errors.push(("changes".to_owned(), twice.to_owned()));
    }
    refuse(problem::INVALID_BODY, "the definitions have errors", errors)?;
    refuse(
        problem::TOO_MANY,
        "there would be too many",
        too_many(&after),
    )?;
    refuse(
        problem::INVALID_BODY,
        "the definitions cannot go live together",
        broken(&before, &after),
    )?;
    Ok(changes)
}

/// One change, and the document that is live after it.
fn change(
    step: &Step,
    found: Option<&query::Definition>,
) -> Result<(DefinitionChange, Option<Document>), Problem> {
    let change = |name: &str, spec, archived| DefinitionChange {
        kind: step.kind.as_str().to_owned(),
        id: step.id.clone(),
        name: name.to_owned(),
        archived,
        author: String::new(),
        at: kith_base::Timestamp::ZERO,
        spec,
    };
    let Some(input) = &step.definition else {
        let live = found.filter(|found| !found.row.archived);
        let live = live.ok_or_else(|| Problem::not_found(step.kind.as_str(), &step.id))?;
        return Ok((change(&live.row.name, live.row.spec.clone(), true), None));
    };
    let spec = with_kept_secrets(step.kind, input.spec.0.clone(), found);
    check_size(&spec)?;
    let document = Document::new(
        step.kind,
        step.id.clone(),
        input.name.trim().to_owned(),
        &spec,
    )
    .map_err(|errors| crate::change::invalid(&errors))?;
    let name = match document.name.as_str() {
        "" => &step.id,
        name => name,
    };
    Ok((
        change(name, document.spec.to_json(), false),
        Some(document.clone()),
    ))
}

/// Changes made from another revision than the live one.
fn moved(steps: &[Step], found: &[Option<query::Definition>]) -> Vec<(String, String)> {
    let differs = |(step, found): (&Step, &Option<query::Definition>)| {
        let live = found.as_ref().filter(|found| !found.row.archived);
        let sentence = match (live, step.revision) {
            (None, None) => return None,
            (Some(live), Some(revision)) if live.row.revision == revision => return None,
            (Some(live), _) => {
                format!(
                    "it is at revision {} by {} now",
                    live.row.revision, live.row.author
                )
            }
            (None, Some(_)) => "it is not live any more".to_owned(),
        };
        Some((place(step.kind, &step.id), sentence))
    };
    steps.iter().zip(found).filter_map(differs).collect()
}

/// Kinds of which more would be live than may.
fn too_many(after: &[Document]) -> Vec<(String, String)> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for document in after {
        *counts.entry(document.kind).or_default() += 1;
    }
    let most = limits::DEFINITIONS_PER_KIND_MAX;
    let over = counts.into_iter().filter(|(_, count)| *count > most);
    let sentence =
        |count| format!("{count} would be live, the limit is {most}; archive some first");
    over.map(|(kind, count)| (kind.as_str().to_owned(), sentence(count)))
        .collect()
}

/// What is wrong afterwards and was not before.
fn broken(before: &[Document], after: &[Document]) -> Vec<(String, String)> {
    let findings = |all: &[Document]| {
        let mut findings = check(all);
        findings.extend(rules::check(all));
        findings.retain(|finding| finding.severity == Severity::Error);
        findings
    };
    let known = findings(before);
    let new = findings(after).into_iter();
    let field =
        |finding: &Finding| format!("{}.{}", place(finding.kind, &finding.id), finding.field);
    new.filter(|finding| !known.contains(finding))
        .map(|finding| (field(&finding), finding.message))
        .collect()
}

fn place(kind: Kind, id: &str) -> String {
    format!("{kind}/{id}")
}

/// The problem with these errors, unless there are none.
fn refuse(
    code: &'static problem::Code,
    detail: &str,
    errors: Vec<(String, String)>,
) -> Result<(), Problem> {
    if errors.is_empty() {
        return Ok(());
    }
    let more = errors.len().saturating_sub(ERRORS_MAX);
    let detail = match more {
        0 => format!("{detail}; nothing was written"),
        more => format!("{detail}, {more} more than are listed; nothing was written"),
    };
    let told = errors.into_iter().take(ERRORS_MAX);
    Err(
        told.fold(Problem::new(code, detail), |problem, (field, message)| {
            problem.field(field, message)
        }),
    )
}
