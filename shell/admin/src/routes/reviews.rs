//! Probable links: of a person, and those that wait for an operator.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_engine::query::{self, End, Hindrance, Probable};
use kith_event::{Basis, Says, Verdict};
use kith_identity::MergePolicy;
use kith_runtime::View;

use super::identity::{ends, persons_of, regrouped};
use super::persons::profile_of;
use crate::access::Principal;
use crate::problem::{self, Problem};
use crate::query::Body;
use crate::read;
use crate::state::AdminState;
use crate::wire::{
    LinkBasis, LinkPolicy, LinkReason, Page, ProbableEnd, ProbableLink, Regrouping, ReviewInput,
};

/// Links shown at once.
const ROWS: usize = 100;

/// Lists the probable links of a person, the most probable first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/probable-links", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = Vec<ProbableLink>)))]
pub async fn list_probable_links(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Json<Vec<ProbableLink>>, Problem> {
    let view = state.view();
    let person = profile_of(&view, &person_id)?.person;
    let links = query::probable_of(&*view.state, &view.project, person)?;
    let links: Result<_, _> = links
        .iter()
        .take(ROWS)
        .map(|link| wire(&view, link))
        .collect();
    links.map(Json)
}

/// Lists probable links that wait for an operator, the most probable first: a hundred, and more
/// when these are decided.
#[utoipa::path(get, path = "/api/v1/identity/reviews", tag = "identity",
    responses((status = 200, body = Page<ProbableLink>)))]
pub async fn list_reviews(
    State(state): State<AdminState>,
) -> Result<Json<Page<ProbableLink>>, Problem> {
    let found = state.walk(|_, view| {
        let links = query::reviews(&*view.state, &view.project, ROWS)?;
        let items: Result<_, Problem> = links.iter().map(|link| wire(view, link)).collect();
        Ok(Page {
            items: items?,
            next_cursor: None,
        })
    });
    found.await.map(Json)
}

/// Decides about a probable link: from then on it is an operator's word.
#[utoipa::path(post, path = "/api/v1/identity/reviews/{edge_id}", tag = "identity",
    params(("edge_id" = String, Path)), request_body = ReviewInput,
    responses((status = 200, body = Regrouping), (status = 409, body = problem::ProblemDocument)))]
pub async fn decide_review(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(edge_id): Path<String>,
    Body(input): Body<ReviewInput>,
) -> Result<Json<Regrouping>, Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let missing = || Problem::not_found("probable link", &edge_id);
    let pair = ends(&edge_id).ok_or_else(missing)?;
    let link = query::probable_between(&*view.state, &view.project, pair)?.ok_or_else(missing)?;
    let identifiers = [link.from.identifier, link.to.identifier];
    let [a, b] = identifiers.clone();
    let verdict = Verdict {
        says: if input.same {
            Says::Same
        } else {
            Says::Different
        },
        pairs: vec![(a, b)],
        at: state.now(),
        by: principal.author,
        reason: input.reason,
    };
    let before = persons_of(&*view.state, &view.project, &identifiers)?;
    let found = regrouped(&state, &view, verdict, &before, input.preview, |draft| {
        let persons = persons_of(draft, &view.project, &identifiers)?.len();
        match persons == 1 || !input.same {
            true => Ok(()),
            false => {
                let detail = "they would still be two persons: another word keeps them apart";
                Err(Problem::new(problem::KEPT_APART, detail))
            }
        }
    });
    found.await.map(Json)
}

fn wire(view: &View, link: &Probable) -> Result<ProbableLink, Problem> {
    let end = |end: &End| -> Result<ProbableEnd, Problem> {
        let profile = query::profile(&*view.state, &view.project, end.person)?;
        let missing = || Problem::not_found("person", &end.person.to_string());
        Ok(ProbableEnd {
            namespace: end.identifier.namespace.clone(),
            value: end.identifier.value.clone(),
            person: read::person_row(&profile.ok_or_else(missing)?),
        })
    };
    let reason = |(about, bits): &(String, f32)| LinkReason {
        about: about.clone(),
        bits: f64::from(*bits),
    };
    Ok(ProbableLink {
        edge_id: link.id(),
        from: end(&link.from)?,
        to: end(&link.to)?,
        basis: match link.row.basis {
            Basis::Records => LinkBasis::Records,
            Basis::Visitors => LinkBasis::Visitors,
            Basis::Household => LinkBasis::Household,
        },
        confidence: f64::from(link.row.confidence) / 1_000.0,
        reasons: link.row.reasons.iter().map(reason).collect(),
        found_at: link.row.at.into(),
        policy: link.policy.map(policy),
        hindrance: link.hindrance.map(in_words).unwrap_or_default().to_owned(),
    })
}

fn policy(policy: MergePolicy) -> LinkPolicy {
    match policy {
        MergePolicy::Exact => LinkPolicy::Exact,
        MergePolicy::Strict => LinkPolicy::Strict,
        MergePolicy::Loose => LinkPolicy::Loose,
    }
}

fn in_words(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::Unique => "each has an identifier of a kind of which nobody has two",
        Hindrance::Apart => "an operator says that they are two persons",
        Hindrance::Consent => "one of them does not consent to be linked",
    }
}
