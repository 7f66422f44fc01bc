//! Offers at work: what is granted of them, their coupon codes, and who passes their layers.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_base::limits;
use kith_definition::{Codes, Kind, Offer};
use kith_engine::{query, table};
use kith_event::{Code, CouponsAdded, Record};

use crate::access::Principal;
use crate::funnel;
use crate::problem::{self, Problem};
use crate::query::parse;
use crate::state::AdminState;
use crate::wire::{CouponsAccepted, CouponsInput, OfferState, PlacementFunnel};

/// How much of an offer is granted, and what is left.
#[utoipa::path(get, path = "/api/v1/offers/{offer_id}/grants", tag = "offers",
    params(("offer_id" = String, Path)), responses((status = 200, body = OfferState)))]
pub async fn read_offer_state(
    State(state): State<AdminState>,
    Path(offer_id): Path<String>,
) -> Result<Json<OfferState>, Problem> {
    let offer = find(&state, &offer_id)?;
    let row = row(&state, &offer_id)?;
    let left = |stock: u64| stock.saturating_sub(row.granted);
    Ok(Json(OfferState {
        granted: row.granted,
        used: row.used,
        spent: row.spent.to_string(),
        stock_left: offer.limits.stock.map(left),
        codes_left: row.uploaded - row.given,
    }))
}

/// Adds coupon codes to an offer whose codes are uploaded. Codes that the offer had before are
/// left out, so that a list may be sent again.
#[utoipa::path(post, path = "/api/v1/offers/{offer_id}/coupons", tag = "offers",
    params(("offer_id" = String, Path)), request_body = CouponsInput,
    responses((status = 200, body = CouponsAccepted)))]
pub async fn add_coupons(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(offer_id): Path<String>,
    body: Bytes,
) -> Result<Json<CouponsAccepted>, Problem> {
    let offer = find(&state, &offer_id)?;
    let input: CouponsInput = parse(&body)?;
    let codes = offer.limits.coupon.map(|coupon| coupon.codes);
    if codes != Some(Codes::Uploaded) {
        let message = "the offer takes no list of codes; set spec.limits.coupon.codes to uploaded";
        return Err(refused("offer_id", message.to_owned()));
    }
    let most = limits::COUPONS_PER_REQUEST_MAX;
    if input.codes.is_empty() || input.codes.len() > most {
        let message = format!("has {} codes; send 1 to {most} at once", input.codes.len());
        return Err(refused("codes", message));
    }
    let fits = |code: &String| {
        let chars = code.chars().count();
        (1..=limits::COUPON_MAX_CHARS).contains(&chars) && !code.chars().any(char::is_control)
    };
    let trimmed = input.codes.iter().map(|code| code.trim().to_owned());
    let codes: Vec<String> = trimmed.collect();
    if let Some(index) = codes.iter().position(|code| !fits(code)) {
        let most = limits::COUPON_MAX_CHARS;
        let message = format!("is not a code of 1 to {most} characters");
        return Err(refused(&format!("codes[{index}]"), message));
    }
    let (sent, before) = (codes.len() as u64, row(&state, &offer_id)?.uploaded);
    let added = CouponsAdded {
        offer: offer_id.clone(),
        at: state.now(),
        by: principal.author,
        codes: codes.into_iter().map(Code).collect(),
    };
    let records = vec![Record::Coupons(added)];
    state.handle().append_applied(records).await?;
    let after = row(&state, &offer_id)?;
    let added = (after.uploaded - before).min(sent);
    Ok(Json(CouponsAccepted {
        added,
        known: sent - added,
        codes_left: after.uploaded - after.given,
    }))
}

/// Decides a placement for a sample of people, and counts at which layer each offer falls out.
#[utoipa::path(get, path = "/api/v1/placements/{placement_id}/funnel", tag = "offers",
    params(("placement_id" = String, Path)), responses((status = 200, body = PlacementFunnel)))]
pub async fn read_funnel(
    State(state): State<AdminState>,
    Path(placement_id): Path<String>,
) -> Result<Json<PlacementFunnel>, Problem> {
    let walked = state.walk(move |state, view| {
        if view.project.placements.get(&placement_id).is_none() {
            return Err(Problem::not_found("placement", &placement_id));
        }
        funnel::run(state, view, &placement_id)
    });
    walked.await.map(Json)
}

fn refused(field: &str, message: String) -> Problem {
    Problem::new(problem::INVALID_BODY, format!("{field}: {message}")).field(field, message)
}

fn find(state: &AdminState, id: &str) -> Result<Offer, Problem> {
    let missing = || Problem::not_found("offer", id);
    let found = query::definition(&*state.view().state, Kind::Offer.as_str(), id)?
        .filter(|found| !found.row.archived)
        .ok_or_else(missing)?;
    Offer::parse(&found.row.spec).map_err(|errors| crate::change::invalid(&errors))
}

fn row(state: &AdminState, offer: &str) -> Result<table::OfferRow, Problem> {
    let row = table::read(&*state.view().state, &table::offer(offer))?;
    Ok(row.unwrap_or_default())
}
