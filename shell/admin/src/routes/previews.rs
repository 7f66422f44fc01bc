//! Links of preview: a placement, an offer, a recipe on the real page, before or after it is saved.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use kith_base::{Json, PersonId, limits};
use kith_definition::{Document, Kind, Offer, Spec};
use kith_engine::{Project, query};
use kith_runtime::View;

use super::definitions::core_kind;
use crate::access::{PREVIEW_PARAMETER, Shows};
use crate::change;
use crate::problem::Problem;
use crate::query::{Body, invalid};
use crate::state::AdminState;
use crate::wire::{PreviewLink, PreviewLinkRequest, Time};

/// Makes a link that shows a definition on the real page, for an hour.
#[utoipa::path(post, path = "/api/v1/preview-links", tag = "definitions",
    request_body = PreviewLinkRequest, responses((status = 200, body = PreviewLink)))]
pub async fn create_preview_link(
    State(state): State<AdminState>,
    Body(request): Body<PreviewLinkRequest>,
) -> Result<axum::Json<PreviewLink>, Problem> {
    check_url(&request.url)?;
    let made = state.walk(move |state, view| {
        let shows = shows(view, &request)?;
        let (token, expires_at) = state.preview_links().issue(shows, state.now());
        Ok(PreviewLink {
            url: with_token(&request.url, &token),
            expires_at: Time(expires_at),
        })
    });
    made.await.map(axum::Json)
}

/// What the link shows, once everything it names is there.
fn shows(view: &View, request: &PreviewLinkRequest) -> Result<Shows, Problem> {
    let kind = core_kind(request.kind);
    let spec = match &request.spec {
        Some(spec) => spec.0.clone(),
        None => live(view, kind, &request.id)?,
    };
    let id = request.id.clone();
    let document = Document::new(kind, id.clone(), id, &spec);
    let document = document.map_err(|errors| change::invalid(&errors))?;
    let offer = match &document.spec {
        Spec::Placement(_) | Spec::Recipe(_) => None,
        Spec::Offer(offer) => Some((placement(offer, request)?, request.id.clone())),
        _ => return Err(invalid("kind", "must be placement, offer or recipe")),
    };
    let draft = match request.spec {
        Some(_) => Some(Project::with(&*view.state, &document.id, document.spec)?),
        None => None,
    };
    let missing = || invalid("person_id", "is not the id of a person");
    let person = match &request.person_id {
        Some(id) => {
            let person = PersonId::parse(id).ok_or_else(missing)?;
            Some(query::resolve_person(&*view.state, person)?.ok_or_else(missing)?)
        }
        None => None,
    };
    Ok(Shows {
        draft: draft.map(Arc::new),
        person,
        offer,
    })
}

fn live(view: &View, kind: Kind, id: &str) -> Result<Json, Problem> {
    let found = query::definition(&*view.state, kind.as_str(), id)?;
    let found = found.filter(|found| !found.row.archived);
    let missing = || {
        invalid(
            "id",
            &format!("is no live {}; send its spec", kind.as_str()),
        )
    };
    Ok(found.ok_or_else(missing)?.row.spec)
}

/// The placement that shows an offer.
fn placement(offer: &Offer, request: &PreviewLinkRequest) -> Result<String, Problem> {
    let named = request.placement.as_ref();
    if let Some(named) = named.filter(|named| !offer.placements.contains(named)) {
        let message = format!("{named:?} is no placement of the offer; add it to the offer");
        return Err(invalid("placement", &message));
    }
    let missing = || invalid("placement", "the offer has none; add one to the offer");
    named
        .or(offer.placements.first())
        .cloned()
        .ok_or_else(missing)
}

fn check_url(url: &str) -> Result<(), Problem> {
    if url.len() > limits::PREVIEW_URL_MAX_BYTES {
        let most = limits::PREVIEW_URL_MAX_BYTES;
        return Err(invalid("url", &format!("is longer than {most} bytes")));
    }
    let page = url.split('#').next().unwrap_or_default();
    let parsed: Option<Uri> = page.parse().ok();
    let web = |uri: &Uri| {
        let scheme = uri.scheme_str();
        uri.host().is_some() && (scheme == Some("https") || scheme == Some("http"))
    };
    if parsed.as_ref().is_some_and(web) {
        return Ok(());
    }
    let message = "must be the address of a page, such as https://shop.example.com/boots";
    Err(invalid("url", message))
}

/// The address with the token as a member of its query; one that it had before is replaced.
fn with_token(url: &str, token: &str) -> String {
    let (page, fragment) = match url.split_once('#') {
        Some((page, fragment)) => (page, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let before = format!("{PREVIEW_PARAMETER}=");
    let others = query.split('&');
    let others = others.filter(|pair| !pair.is_empty() && !pair.starts_with(&before));
    let own = format!("{before}{token}");
    let pairs: Vec<&str> = others.chain([&*own]).collect();
    let fragment = fragment.map(|fragment| format!("#{fragment}"));
    let pairs = pairs.join("&");
    format!("{path}?{pairs}{}", fragment.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_becomes_a_member_of_the_query() {
        let check = |url: &str, expected: &str| assert_eq!(with_token(url, "t.s"), expected);
        check("https://a.example/", "https://a.example/?kith_preview=t.s");
        check(
            "https://a.example/x?a=1&b=2#here",
            "https://a.example/x?a=1&b=2&kith_preview=t.s#here",
        );
        check(
            "https://a.example/?kith_preview=old.o&a=1",
            "https://a.example/?a=1&kith_preview=t.s",
        );
    }

    #[test]
    fn only_addresses_of_pages_are_taken() {
        let check = |url: &str, good: bool| assert_eq!(check_url(url).is_ok(), good, "{url}");
        check("https://shop.example.com", true);
        check("http://localhost:8080/shop/#top", true);
        check("shop.example.com/boots", false);
        check("/boots", false);
        check("javascript:alert(1)", false);
        check("https://", false);
        check("", false);
        let path = "a".repeat(limits::PREVIEW_URL_MAX_BYTES - "https://a.example/".len());
        check(&format!("https://a.example/{path}"), true);
        check(&format!("https://a.example/{path}a"), false);
    }
}
