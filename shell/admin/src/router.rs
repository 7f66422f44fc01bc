//! Every route of the control plane, in one list.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use kith_base::limits;

use crate::access::guard;
use crate::problem::{self, Problem};
use crate::routes::{
    audiences, catalog, decisions, definitions, events, exports, identity, jobs, keys, matching,
    meta, models, offers, overview, persons, policies, previews, rejected, reports, reviews, rules,
    session, sources, webhooks,
};
use crate::state::AdminState;
use crate::{console, metric};

/// The control plane and the console, ready to be merged with the data plane.
pub fn router(state: AdminState) -> Router {
    let open = Router::new()
        .route(
            "/api/v1/session",
            get(session::read_session)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route("/api/v1/setup", post(session::set_up));
    let api = guarded()
        .layer(from_fn_with_state(state.clone(), guard))
        .merge(open)
        .layer(map_response(never_cached))
        .layer(DefaultBodyLimit::max(limits::BODY_INFLATED_MAX_BYTES))
        .layer(from_fn(metric::measure));
    Router::new()
        .merge(api)
        .route("/api/v1/{*path}", axum::routing::any(meta::no_such_route))
        .route("/metrics", get(metric::read_metrics))
        .route("/openapi.json", get(meta::read_openapi))
        .route("/errors", get(meta::list_error_pages))
        .route("/errors/{code}", get(meta::read_error_page))
        .merge(console::router())
        .layer(from_fn(as_problem))
        .with_state(state)
}

/// Routes that need somebody.
fn guarded() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/overview", get(overview::read_overview))
        .route("/api/v1/jobs", get(jobs::list_jobs))
        .route("/api/v1/jobs/{job_id}", get(jobs::read_job))
        .route("/api/v1/jobs/{job_id}/cancel", post(jobs::cancel_job))
        .route("/api/v1/jobs/{job_id}/resume", post(jobs::resume_job))
        .merge(observed())
        .merge(grouped())
        .merge(sent())
        .merge(configured())
}

/// What happened: events, people, decisions.
fn observed() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/events", get(events::list_events))
        .route("/api/v1/events/stream", get(events::stream_events))
        .route("/api/v1/events/{message_id}", get(events::read_event))
        .route("/api/v1/rejected-events", get(rejected::list_rejected))
        .route(
            "/api/v1/rejected-events/{id}/redrive",
            post(rejected::redrive),
        )
        .route("/api/v1/persons", get(persons::list_persons))
        .route("/api/v1/persons/merge", post(identity::merge_persons))
        .route(
            "/api/v1/persons/{person_id}",
            get(persons::read_person).delete(persons::delete_person),
        )
        .route(
            "/api/v1/persons/{person_id}/events",
            get(persons::list_person_events),
        )
        .route(
            "/api/v1/persons/{person_id}/decisions",
            get(persons::list_person_decisions),
        )
        .route(
            "/api/v1/persons/{person_id}/graph",
            get(persons::read_person_graph),
        )
        .route(
            "/api/v1/persons/{person_id}/export",
            get(persons::export_person),
        )
        .route(
            "/api/v1/persons/{person_id}/split",
            post(identity::split_person),
        )
        .merge(identified())
        .route("/api/v1/decisions", get(decisions::list_decisions))
        .route(
            "/api/v1/decisions/{decision_id}",
            get(decisions::read_decision),
        )
        .route(
            "/api/v1/decisions/{decision_id}/replay",
            post(decisions::replay_decision),
        )
        .route(
            "/api/v1/decisions/{decision_id}/explanation",
            get(decisions::explain_decision),
        )
        .merge(offered())
}

/// Offers at work, and which of them works.
fn offered() -> Router<AdminState> {
    Router::new()
        .route(
            "/api/v1/placements/{placement_id}/funnel",
            get(offers::read_funnel),
        )
        .route(
            "/api/v1/placements/{placement_id}/policy",
            get(policies::read_policy),
        )
        .route(
            "/api/v1/placements/{placement_id}/policy-value",
            post(policies::read_policy_value),
        )
        .route("/api/v1/models", get(models::read_models))
        .route("/api/v1/models/{model}/serve", post(models::serve_model))
        .route(
            "/api/v1/recipes/{id}/report",
            get(reports::read_recipe_report),
        )
        .route(
            "/api/v1/offers/{offer_id}/grants",
            get(offers::read_offer_state),
        )
        .route(
            "/api/v1/offers/{offer_id}/coupons",
            post(offers::add_coupons),
        )
}

/// Who is whom.
fn identified() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/identity/preview", post(identity::preview_identity))
        .route("/api/v1/identity/matching", get(matching::read_matching))
        .route("/api/v1/identity/reviews", get(reviews::list_reviews))
        .route(
            "/api/v1/identity/reviews/{edge_id}",
            post(reviews::decide_review),
        )
        .route(
            "/api/v1/persons/{person_id}/probable-links",
            get(reviews::list_probable_links),
        )
        .route(
            "/api/v1/identity/quality",
            get(identity::read_identity_quality),
        )
        .route(
            "/api/v1/identity/changes",
            get(identity::list_identity_changes),
        )
        .route(
            "/api/v1/identity/pardons",
            post(identity::pardon_identifier),
        )
        .route(
            "/api/v1/identity/verdicts/{edge_id}",
            delete(identity::withdraw_verdict),
        )
}

/// Who is in which audience.
fn grouped() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/audiences", get(audiences::list_audiences))
        .route("/api/v1/audiences/{id}", get(audiences::read_audience))
        .route(
            "/api/v1/audiences/{id}/members",
            get(audiences::list_members)
                .post(audiences::add_members)
                .delete(audiences::remove_members),
        )
        .route(
            "/api/v1/audiences/{id}/size",
            get(audiences::read_audience_size),
        )
        .route(
            "/api/v1/audiences/{id}/changes",
            get(audiences::list_audience_changes),
        )
        .route(
            "/api/v1/persons/{person_id}/explain",
            get(audiences::explain_membership),
        )
        .route("/api/v1/rules/parse", post(rules::parse_rule))
}

/// What leaves: deliveries and files.
fn sent() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/webhooks", get(webhooks::list_webhooks))
        .route("/api/v1/webhooks/{id}", get(webhooks::read_webhook))
        .route(
            "/api/v1/webhooks/{id}/secrets",
            post(webhooks::create_secret),
        )
        .route(
            "/api/v1/webhooks/{id}/secrets/{secret_id}",
            delete(webhooks::revoke_secret),
        )
        .route("/api/v1/webhooks/{id}/test", post(webhooks::test_webhook))
        .route(
            "/api/v1/webhooks/{id}/deliveries",
            get(webhooks::list_deliveries),
        )
        .route("/api/v1/webhooks/{id}/resend", post(webhooks::resend))
        .route("/api/v1/export", get(exports::download))
        .route("/api/v1/export/reach", get(exports::read_reach))
        .route("/api/v1/exports", get(exports::list_exports))
        .route("/api/v1/exports/{export_id}", get(exports::read_export))
}

/// What people set up: definitions, keys, catalog items.
fn configured() -> Router<AdminState> {
    Router::new()
        .route("/api/v1/definitions", post(definitions::apply_definitions))
        .route(
            "/api/v1/definitions/{kind}",
            get(definitions::list_definitions),
        )
        .route(
            "/api/v1/definitions/{kind}/preview",
            post(definitions::preview_definition),
        )
        .route("/api/v1/preview-links", post(previews::create_preview_link))
        .route(
            "/api/v1/definitions/{kind}/{id}",
            get(definitions::read_definition)
                .put(definitions::write_definition)
                .delete(definitions::archive_definition),
        )
        .route(
            "/api/v1/definitions/{kind}/{id}/revisions",
            get(definitions::list_revisions),
        )
        .route("/api/v1/schemas/{kind}", get(definitions::read_schema))
        .route("/api/v1/sources/{id}/keys", post(sources::create_write_key))
        .route(
            "/api/v1/sources/{id}/keys/{prefix}",
            delete(sources::revoke_write_key),
        )
        .route("/api/v1/keys", get(keys::list_keys).post(keys::create_key))
        .route("/api/v1/keys/{key_id}", delete(keys::revoke_key))
        .route(
            "/api/v1/catalog/items",
            get(catalog::list_items).post(catalog::write_items),
        )
        .route(
            "/api/v1/catalog/items/{item_id}",
            get(catalog::read_item)
                .put(catalog::write_item)
                .delete(catalog::delete_item),
        )
}

/// Answers about people must not stay in any cache.
async fn never_cached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Gives what the framework refuses by itself the form of every other error.
async fn as_problem(request: Request, next: Next) -> Response {
    let wanted = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let code = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => problem::METHOD_NOT_ALLOWED,
        StatusCode::PAYLOAD_TOO_LARGE => problem::BODY_TOO_LARGE,
        StatusCode::BAD_REQUEST => problem::INVALID_PARAMETER,
        _ => return response,
    };
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value == problem::CONTENT_TYPE) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let detail = format!("{wanted} cannot be served: {}", code.title.to_lowercase());
    let mut response = Problem::new(code, detail).into_response();
    response
        .headers_mut()
        .extend(allow.map(|allow| (header::ALLOW, allow)));
    response
}
