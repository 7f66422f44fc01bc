//! What a definition would do, without storing it: the same code as a real decision, or as the
//! real audience.

mod audience;

use kith_base::{Json, PersonId, Value, digest};
use kith_definition::{Document, Kind, Placement, Spec};
use kith_engine::decide::{self, Decided, Outcome, Sources};
use kith_engine::{Project, query};
use kith_event::Identifier;
use kith_runtime::View;

use crate::problem::Problem;
use crate::query::invalid;
use crate::state::AdminState;
use crate::wire::{JsonObject, Preview, PreviewRequest, RuleKind, Warning};
use crate::{change, rule_forms};

/// Tries a definition as a person. What is wrong with it comes as warnings, never as an error:
/// a form under edit is wrong most of the time.
pub fn run(
    state: &AdminState,
    view: &View,
    kind: Kind,
    request: &PreviewRequest,
) -> Result<Preview, Problem> {
    let id = request.id.clone();
    let document = match Document::new(kind, id.clone(), id, &request.spec.0) {
        Ok(document) => document,
        Err(errors) => {
            let warning = |error: kith_definition::FieldError| Warning {
                field: error.field,
                message: error.message,
            };
            return Ok(empty(errors.into_iter().map(warning).collect()));
        }
    };
    let mut warnings: Vec<Warning> = change::findings(&*view.state, &document)?
        .into_iter()
        .map(|finding| Warning {
            field: finding.field,
            message: finding.message,
        })
        .collect();
    let mut tried = match &document.spec {
        Spec::Audience(spec) => audience::audience(state, view, &document, spec, request.exact)?,
        Spec::Feature(spec) => audience::feature(state, view, &document, spec)?,
        _ => return decision(state, view, &document, warnings, request),
    };
    if let Spec::Audience(spec) = &document.spec {
        warnings.extend(oddities(view, &document, spec)?);
    }
    tried.warnings = warnings;
    Ok(tried)
}

/// What the rule of an audience hardly means.
fn oddities(
    view: &View,
    document: &Document,
    spec: &kith_definition::Audience,
) -> Result<Vec<Warning>, Problem> {
    if spec.kind == kith_definition::AudienceType::List {
        return Ok(Vec::new());
    }
    let project = Project::with(&*view.state, &document.id, document.spec.clone())?;
    let received = query::received(&*view.state)?;
    let forms = rule_forms::of_text(&spec.when, RuleKind::Audience, &project.schema, &received);
    let warning = |lint: crate::wire::RuleLint| Warning {
        field: "spec.when".to_owned(),
        message: format!(
            "line {}, column {}: {}; {}",
            lint.line, lint.column, lint.message, lint.fix
        ),
    };
    Ok(forms.lint.into_iter().map(warning).collect())
}

/// What a placement or an offer would show.
fn decision(
    state: &AdminState,
    view: &View,
    document: &Document,
    mut warnings: Vec<Warning>,
    request: &PreviewRequest,
) -> Result<Preview, Problem> {
    let placement = match &document.spec {
        Spec::Placement(_) => Some(document.id.clone()),
        Spec::Recipe(_) => request
            .placement
            .clone()
            .or_else(|| placement_of_recipe(view, &document.id)),
        Spec::Offer(offer) => request
            .placement
            .clone()
            .or_else(|| offer.placements.first().cloned()),
        _ => None,
    };
    let mut tried = vec![(document.id.clone(), document.spec.clone())];
    let placement = match (placement, &document.spec) {
        (Some(placement), _) => placement,
        (None, Spec::Recipe(_)) => {
            tried.push((LIST.to_owned(), Spec::Placement(list_of(&document.id))));
            LIST.to_owned()
        }
        (None, _) => return Ok(empty(warnings)),
    };
    let project = Project::with_all(&*view.state, tried)?;
    match decide(state, view, &project, &placement, request)? {
        Some(outcome) => Ok(Preview {
            decision: Some(JsonObject(outcome.entry.to_json())),
            losers: outcome
                .losers
                .iter()
                .map(JsonObject::from_serialize)
                .collect(),
            facts: JsonObject::from_serialize(&outcome.inputs.facts),
            warnings,
            ..Preview::default()
        }),
        None => {
            let message = format!("there is no placement {placement}");
            if !warnings
                .iter()
                .any(|warning| warning.field.starts_with("spec.placements"))
            {
                warnings.push(Warning {
                    field: "placement".to_owned(),
                    message,
                });
            }
            Ok(empty(warnings))
        }
    }
}

/// The placement that a recipe is tried in while none uses it; no placement has this id.
const LIST: &str = "(list)";
/// Items of that list.
const LIST_ITEMS: usize = 8;

/// A plain list of what a recipe finds.
fn list_of(recipe: &str) -> Placement {
    let text = format!(r#"{{"type":"items","limit":{LIST_ITEMS},"recipe":"{recipe}"}}"#);
    let spec = Json::parse(&text).expect("an id needs no escapes");
    Placement::parse(&spec).expect("the other members have defaults")
}

/// The first placement that a recipe fills.
fn placement_of_recipe(view: &View, recipe: &str) -> Option<String> {
    let placements = &view.project.placements;
    let fills = |id: &&str| placements.recipes(id).any(|found| found.id == recipe);
    placements.ids().find(fills).map(str::to_owned)
}

fn decide(
    state: &AdminState,
    view: &View,
    project: &Project,
    placement: &str,
    request: &PreviewRequest,
) -> Result<Option<Outcome>, Problem> {
    let identifiers: Vec<Identifier> = request
        .identifiers
        .iter()
        .map(|(namespace, value)| Identifier::new(namespace, value))
        .collect();
    let person = match &request.person_id {
        Some(person_id) => {
            let missing = || invalid("person_id", "is not the id of a person");
            let person = PersonId::parse(person_id).ok_or_else(missing)?;
            Some(query::resolve_person(&*view.state, person)?.ok_or_else(missing)?)
        }
        None => query::person_of(&*view.state, project, &identifiers)?,
    };
    let asked = decide::Request {
        placements: vec![placement.to_owned()],
        identifiers,
        context: match request.context.0.value() {
            Value::Map(members) => Value::Map(members),
            _ => Value::Null,
        },
        ..decide::Request::default()
    };
    // The same preview draws the same lot, so that only an edit changes what is shown.
    let call = digest("preview", &[placement.as_bytes()]);
    let sources = Sources {
        project,
        ..view.sources()
    };
    let answer = decide::decide_for(sources, &asked, person, state.now(), call)?;
    Ok(answer
        .decided
        .into_iter()
        .find_map(|decided| match decided {
            Decided::Taken(outcome) => Some(*outcome),
            Decided::UnknownPlacement(_) => None,
        }))
}

fn empty(warnings: Vec<Warning>) -> Preview {
    Preview {
        warnings,
        ..Preview::default()
    }
}
