//! The identity graph: merges and splits by hand, other rules tried, what is shared and refused.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_base::{Duration, NodeId, PersonId, Timestamp, limits};
use kith_definition::{Document, Kind, Spec};
use kith_engine::query::{self, Shape, WholeGraph};
use kith_engine::state::Read;
use kith_engine::table::{self, IdentityEvent, RegroupRow, VerdictRow};
use kith_engine::{Draft, Project};
use kith_event::{Identifier, Record, Says, Verdict};
use kith_identity::Rules;
use kith_runtime::View;

use crate::access::Principal;
use crate::problem::{self, Problem};
use crate::query::Body;
use crate::state::AdminState;
use crate::wire::{
    self, IdentityChange, IdentityDifference, IdentityHappening, IdentityQuality, IdentitySample,
    IdentityShape, IdentityTrial, MergeInput, PardonInput, PersonRow, Regrouping, ReviewAgreement,
    SharedIdentifier, SplitInput, VerdictKind,
};
use crate::{read, routes::persons};

/// Components of a trial of rules that are shown.
const SAMPLES: usize = 10;
/// Rows of each list.
const ROWS: usize = 200;

/// Makes identifiers one person, whatever links them, or says what that would do.
#[utoipa::path(post, path = "/api/v1/persons/merge", tag = "persons", request_body = MergeInput,
    responses((status = 200, body = Regrouping), (status = 409, body = problem::ProblemDocument)))]
pub async fn merge_persons(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Body(input): Body<MergeInput>,
) -> Result<Json<Regrouping>, Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let identifiers = known(&view, &input.identifiers)?;
    let [first, others @ ..] = &*identifiers else {
        return Err(wrong("identifiers", "names nobody: name two or more"));
    };
    if others.is_empty() || others.len() > limits::VERDICT_PAIRS_MAX {
        let most = limits::VERDICT_PAIRS_MAX + 1;
        return Err(wrong(
            "identifiers",
            &format!("holds {}: name 2 to {most}", identifiers.len()),
        ));
    }
    let pairs = others.iter().map(|other| (first.clone(), other.clone()));
    let verdict = Verdict {
        says: Says::Same,
        pairs: pairs.collect(),
        at: state.now(),
        by: principal.author,
        reason: input.reason,
    };
    let before = persons_of(&*view.state, &view.project, &identifiers)?;
    let found = regrouped(
        &state,
        &view,
        verdict,
        &before,
        input.preview,
        |draft| match persons_of(draft, &view.project, &identifiers)?.len() {
            1 => Ok(()),
            persons => {
                let detail = format!("they would still be {persons} persons");
                Err(Problem::new(problem::KEPT_APART, detail))
            }
        },
    );
    found.await.map(Json)
}

/// Takes a link back, or keeps identifiers apart from the rest of the person; or says what that
/// would do.
#[utoipa::path(post, path = "/api/v1/persons/{person_id}/split", tag = "persons",
    params(("person_id" = String, Path)), request_body = SplitInput,
    responses((status = 200, body = Regrouping)))]
pub async fn split_person(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(person_id): Path<String>,
    Body(input): Body<SplitInput>,
) -> Result<Json<Regrouping>, Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let person = persons::profile_of(&view, &person_id)?.person;
    let (says, pairs) = match &input.edge_id {
        Some(edge_id) => of_edge(&view, person, edge_id)?,
        None => (
            Says::Different,
            crossing(&view, person, &known(&view, &input.identifiers)?)?,
        ),
    };
    let verdict = Verdict {
        says,
        pairs,
        at: state.now(),
        by: principal.author,
        reason: input.reason,
    };
    let before = [person];
    let found = regrouped(&state, &view, verdict, &before, input.preview, |_| Ok(()));
    found.await.map(Json)
}

/// Takes back what an operator said of two identifiers.
#[utoipa::path(delete, path = "/api/v1/identity/verdicts/{edge_id}", tag = "identity",
    params(("edge_id" = String, Path)), responses((status = 200, body = Regrouping)))]
pub async fn withdraw_verdict(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(edge_id): Path<String>,
) -> Result<Json<Regrouping>, Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let missing = || Problem::not_found("verdict", &edge_id);
    let (a, _) = ends(&edge_id).ok_or_else(missing)?;
    let person = query::resolve_person(&*view.state, a.person())?.ok_or_else(missing)?;
    let said = query::verdicts_of(&*view.state, person)?;
    let found = said
        .into_iter()
        .find(|(from, to, _)| read::verdict_id(from.0, to.0) == edge_id);
    let (from, to, _) = found.ok_or_else(missing)?;
    let pair = (from.1, to.1);
    let before = persons_of(
        &*view.state,
        &view.project,
        &[pair.0.clone(), pair.1.clone()],
    )?;
    let verdict = Verdict {
        says: Says::Withdrawn,
        pairs: vec![pair],
        at: state.now(),
        by: principal.author,
        reason: String::new(),
    };
    let found = regrouped(&state, &view, verdict, &before, false, |_| Ok(()));
    found.await.map(Json)
}

/// Lets an identifier link whom it meets, however many, or judges it as any other again.
#[utoipa::path(post, path = "/api/v1/identity/pardons", tag = "identity",
    request_body = PardonInput, responses((status = 200, body = Regrouping)))]
pub async fn pardon_identifier(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Body(input): Body<PardonInput>,
) -> Result<Json<Regrouping>, Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let identifiers = known(&view, std::slice::from_ref(&input.identifier))?;
    let before = persons_of(&*view.state, &view.project, &identifiers)?;
    let pairs = identifiers.into_iter().map(|one| (one.clone(), one));
    let verdict = Verdict {
        says: if input.pardoned {
            Says::Pardoned
        } else {
            Says::Unpardoned
        },
        pairs: pairs.collect(),
        at: state.now(),
        by: principal.author,
        reason: input.reason,
    };
    let found = regrouped(&state, &view, verdict, &before, false, |_| Ok(()));
    found.await.map(Json)
}

/// Says what other identity rules would merge and split, of the whole graph as it is.
#[utoipa::path(post, path = "/api/v1/identity/preview", tag = "identity",
    request_body = IdentityTrial, responses((status = 200, body = IdentityDifference)))]
pub async fn preview_identity(
    State(state): State<AdminState>,
    Body(input): Body<IdentityTrial>,
) -> Result<Json<IdentityDifference>, Problem> {
    let document = Document::new(
        Kind::Identity,
        "default".into(),
        String::new(),
        &input.spec.0,
    );
    let document = document.map_err(|errors| {
        let problem = Problem::new(problem::INVALID_BODY, "these are no identity rules");
        let each = errors.into_iter();
        each.fold(problem, |problem, error| {
            problem.field(error.field, error.message)
        })
    })?;
    let Spec::Identity(spec) = document.spec else {
        return Err(Problem::new(problem::INTERNAL, "the kind has another spec"));
    };
    let compared = state.walk(move |_, view| {
        let graph = WholeGraph::read(&*view.state)?;
        Ok(graph.compare(&view.project.identity, &Rules::from(&spec), SAMPLES))
    });
    let found = compared.await?;
    let named = |persons: &[Vec<Identifier>]| -> Vec<Vec<wire::Identifier>> {
        let person = |one: &Vec<Identifier>| one.iter().map(read::identifier).collect();
        persons.iter().map(person).collect()
    };
    let sample = |sample: &query::Sample| IdentitySample {
        before: named(&sample.before),
        after: named(&sample.after),
    };
    Ok(Json(IdentityDifference {
        before: shape(&found.before),
        after: shape(&found.after),
        merged: found.merged,
        split: found.split,
        samples: found.samples.iter().map(sample).collect(),
    }))
}

/// Reads what is shared, refused and said by operators.
#[utoipa::path(get, path = "/api/v1/identity/quality", tag = "identity",
    responses((status = 200, body = IdentityQuality)))]
pub async fn read_identity_quality(
    State(state): State<AdminState>,
) -> Result<Json<IdentityQuality>, Problem> {
    let found = state.walk(|_, view| {
        let graph = WholeGraph::read(&*view.state)?;
        let rules = &view.project.identity;
        let shared = graph
            .shared(rules, ROWS)
            .into_iter()
            .map(|one| SharedIdentifier {
                identifier: read::identifier(&one.identifier),
                met: one.met as u64,
                generic: one.generic,
                pardoned: one.pardoned,
            });
        let verdicts = graph.verdicts(ROWS);
        let verdict = |(from, to, row): &(Identifier, Identifier, &VerdictRow)| {
            let id = |one: &Identifier| NodeId::of(&one.namespace, &one.value);
            verdict((id(from), from), (id(to), to), row)
        };
        let pairs = verdicts.iter().map(|(from, to, row)| {
            let id = |one: &Identifier| NodeId::of(&one.namespace, &one.value);
            ((id(from), id(to)), row.says)
        });
        let agreement = query::agreement(&*view.state, pairs)?.into_iter();
        let agreement = agreement.map(|(tens, found)| ReviewAgreement {
            from_confidence: f64::from(tens) / 100.0,
            same: found.same,
            different: found.different,
        });
        Ok(IdentityQuality {
            agreement: agreement.collect(),
            shape: shape(&graph.compare(rules, rules, 0).after),
            shared: shared.collect(),
            verdicts: verdicts.iter().map(verdict).collect(),
        })
    });
    found.await.map(Json)
}

/// Lists merges and splits, newest first.
#[utoipa::path(get, path = "/api/v1/identity/changes", tag = "identity",
    responses((status = 200, body = Vec<IdentityChange>)))]
pub async fn list_identity_changes(
    State(state): State<AdminState>,
) -> Result<Json<Vec<IdentityChange>>, Problem> {
    let ids = |persons: &[PersonId]| persons.iter().map(PersonId::to_string).collect();
    let rows = query::regroupings(&*state.view().state, ROWS)?;
    let change = |row: &RegroupRow| {
        let (what, identifier, size) = match &row.what {
            IdentityEvent::Regrouped => (IdentityHappening::Regrouped, None, None),
            IdentityEvent::Generic(of) => (IdentityHappening::Generic, Some(of), None),
            IdentityEvent::Personal(of) => (IdentityHappening::Personal, Some(of), None),
            IdentityEvent::Large(size) => (IdentityHappening::Large, None, Some(*size)),
        };
        IdentityChange {
            at: row.at.into(),
            what,
            identifier: identifier.map(read::identifier),
            size,
            before: ids(&row.before),
            after: ids(&row.after),
            by: row.by.clone(),
        }
    };
    Ok(Json(rows.iter().map(change).collect()))
}

/// What a verdict makes of these persons; tried first, and kept unless it is a preview.
pub(super) async fn regrouped(
    state: &AdminState,
    view: &View,
    verdict: Verdict,
    before: &[PersonId],
    preview: bool,
    accept: impl Fn(&Draft<'_>) -> Result<(), Problem>,
) -> Result<Regrouping, Problem> {
    let rows = |of: &dyn Read, persons: &[PersonId]| -> Result<Vec<PersonRow>, Problem> {
        let mut rows = Vec::new();
        for person in persons {
            let profile = query::profile(of, &view.project, *person)?;
            rows.extend(profile.as_ref().map(read::person_row));
        }
        Ok(rows)
    };
    let before_rows = rows(&*view.state, before)?;
    let named = before_rows.iter().flat_map(|row| &row.identifiers);
    let named: Vec<Identifier> = named
        .map(|one| Identifier::new(&*one.namespace, &*one.value))
        .collect();
    let at = later(&*view.state, &verdict)?;
    let record = Record::Verdict(Verdict { at, ..verdict });
    let after = {
        let draft = Draft::after(&*view.state, &view.project, &record)?;
        accept(&draft)?;
        rows(&draft, &persons_of(&draft, &view.project, &named)?)?
    };
    if !preview {
        state.handle().append_applied(vec![record]).await?;
    }
    Ok(Regrouping {
        before: before_rows,
        after,
        preview,
    })
}

/// When a verdict is given: after what was said of its pairs before, also when the machine's clock
/// was set back.
fn later(state: &dyn Read, verdict: &Verdict) -> Result<Timestamp, Problem> {
    let mut at = verdict.at;
    for (a, b) in &verdict.pairs {
        let node = |one: &Identifier| NodeId::of(&one.namespace, &one.value);
        let said: Option<VerdictRow> = table::read(state, &table::verdict(node(a), node(b)))?;
        if let Some(said) = said.filter(|said| said.at >= at) {
            at = said.at.plus(Duration::from_millis(1));
        }
    }
    Ok(at)
}

/// The persons of identifiers, each once, in their order.
pub(super) fn persons_of(
    state: &dyn Read,
    project: &Project,
    identifiers: &[Identifier],
) -> Result<Vec<PersonId>, Problem> {
    let mut persons = Vec::new();
    for identifier in identifiers {
        let node = query::node_of(state, project, identifier)?;
        let person = node.map(|(_, row)| row.leader.person());
        persons.extend(person.filter(|person| !persons.contains(person)));
    }
    Ok(persons)
}

/// The identifiers as they are stored; an error names the first that nobody has.
fn known(view: &View, identifiers: &[wire::Identifier]) -> Result<Vec<Identifier>, Problem> {
    let mut found = Vec::new();
    for (at, one) in identifiers.iter().enumerate() {
        let identifier = Identifier::new(&*one.namespace, &*one.value);
        let node = query::node_of(&*view.state, &view.project, &identifier)?;
        let (_, row) = node.ok_or_else(|| {
            let message = format!("nobody was ever called {}:{}", one.namespace, one.value);
            wrong(&format!("identifiers[{at}]"), &message)
        })?;
        found.push(row.identifier());
    }
    Ok(found)
}

fn wrong(field: &str, message: &str) -> Problem {
    Problem::new(problem::INVALID_BODY, format!("{field} {message}")).field(field, message)
}

/// What undoes a link.
fn of_edge(
    view: &View,
    person: PersonId,
    edge_id: &str,
) -> Result<(Says, Vec<(Identifier, Identifier)>), Problem> {
    let said = query::verdicts_of(&*view.state, person)?;
    let by_operator = said
        .into_iter()
        .find(|(from, to, _)| read::verdict_id(from.0, to.0) == edge_id);
    if let Some((from, to, _)) = by_operator {
        return Ok((Says::Withdrawn, vec![(from.1, to.1)]));
    }
    let edges = query::edges(&*view.state, person)?;
    let edge = edges.into_iter().find(|edge| edge.id() == edge_id);
    let edge = edge.ok_or_else(|| Problem::not_found("link of this person", edge_id))?;
    Ok((Says::Different, vec![(edge.from.1, edge.to.1)]))
}

/// Every pair that ties some identifiers of a person to the others.
fn crossing(
    view: &View,
    person: PersonId,
    identifiers: &[Identifier],
) -> Result<Vec<(Identifier, Identifier)>, Problem> {
    let edges = query::edges(&*view.state, person)?.into_iter();
    let active = edges.filter(|edge| edge.refusal.is_none());
    let linked = active.map(|edge| (edge.from.1, edge.to.1));
    let said = query::verdicts_of(&*view.state, person)?.into_iter();
    let same = said.filter(|(_, _, row)| row.says == Says::Same);
    let said = same.map(|(from, to, _)| (from.1, to.1));
    let is_chosen = |one: &Identifier| identifiers.contains(one);
    let pairs = linked
        .chain(said)
        .filter(|(a, b)| is_chosen(a) != is_chosen(b));
    let pairs: Vec<(Identifier, Identifier)> = pairs.collect();
    if pairs.is_empty() {
        return Err(wrong(
            "identifiers",
            "must be some of the person's, not all: nothing ties them to others",
        ));
    }
    if pairs.len() > limits::VERDICT_PAIRS_MAX {
        let most = limits::VERDICT_PAIRS_MAX;
        return Err(wrong(
            "identifiers",
            &format!("have {} links: split {most} at a time", pairs.len()),
        ));
    }
    Ok(pairs)
}

/// The ends that an id of a link names.
pub(super) fn ends(edge_id: &str) -> Option<(NodeId, NodeId)> {
    let mut parts = edge_id.split('.');
    let mut end = || PersonId::parse(parts.next()?).map(PersonId::node);
    Some((end()?, end()?))
}

fn verdict(
    from: (NodeId, &Identifier),
    to: (NodeId, &Identifier),
    row: &VerdictRow,
) -> wire::Verdict {
    wire::Verdict {
        edge_id: read::verdict_id(from.0, to.0),
        says: match row.says {
            Says::Same => VerdictKind::Same,
            _ => VerdictKind::Different,
        },
        from: read::identifier(from.1),
        to: read::identifier(to.1),
        at: row.at.into(),
        by: row.by.clone(),
        reason: row.reason.clone(),
    }
}

fn shape(shape: &Shape) -> IdentityShape {
    let refused = shape.refused.iter();
    IdentityShape {
        persons: shape.persons,
        largest: shape.largest as u64,
        refused: refused
            .map(|(reason, links)| ((*reason).to_owned(), *links))
            .collect(),
    }
}
