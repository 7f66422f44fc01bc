//! The API's description, generated from the routes and the wire types.
//!
//! The committed copy is `openapi.json` beside this crate's manifest: a change in it is a change
//! of the public surface. `KITH_WRITE_OPENAPI=1 cargo test -p kith-admin openapi` writes it anew.

use std::sync::LazyLock;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{Modify, OpenApi};

use crate::problem::ProblemDocument;
use crate::routes::{
    audiences, catalog, decisions, definitions, events, exports, identity, jobs, keys, matching,
    models, offers, overview, persons, policies, previews, rejected, reports, reviews, rules,
    session, sources, webhooks,
};
use crate::wire;
use crate::wire::spec;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kith",
        description = "The control plane of Kith. Times are RFC 3339 in UTC, money is a decimal \
            string beside an ISO 4217 code, lists are paged by an opaque cursor, errors are \
            problem documents (RFC 9457)."
    ),
    paths(
        session::read_session,
        session::set_up,
        session::sign_in,
        session::sign_out,
        overview::read_overview,
        events::list_events,
        events::stream_events,
        events::read_event,
        rejected::list_rejected,
        rejected::redrive,
        persons::list_persons,
        persons::read_person,
        persons::list_person_events,
        persons::list_person_decisions,
        persons::read_person_graph,
        persons::export_person,
        identity::merge_persons,
        identity::split_person,
        identity::withdraw_verdict,
        identity::pardon_identifier,
        identity::preview_identity,
        identity::read_identity_quality,
        identity::list_identity_changes,
        matching::read_matching,
        models::read_models,
        models::serve_model,
        reports::read_recipe_report,
        reviews::list_probable_links,
        reviews::list_reviews,
        reviews::decide_review,
        persons::delete_person,
        audiences::explain_membership,
        audiences::list_audiences,
        audiences::read_audience,
        audiences::list_members,
        audiences::add_members,
        audiences::remove_members,
        audiences::read_audience_size,
        audiences::list_audience_changes,
        rules::parse_rule,
        decisions::list_decisions,
        decisions::read_decision,
        decisions::replay_decision,
        decisions::explain_decision,
        offers::read_funnel,
        policies::read_policy,
        policies::read_policy_value,
        offers::read_offer_state,
        offers::add_coupons,
        definitions::apply_definitions,
        definitions::list_definitions,
        definitions::read_definition,
        definitions::write_definition,
        definitions::archive_definition,
        definitions::list_revisions,
        definitions::preview_definition,
        previews::create_preview_link,
        definitions::read_schema,
        sources::create_write_key,
        sources::revoke_write_key,
        keys::list_keys,
        keys::create_key,
        keys::revoke_key,
        catalog::list_items,
        catalog::write_items,
        catalog::read_item,
        catalog::write_item,
        catalog::delete_item,
        webhooks::list_webhooks,
        webhooks::read_webhook,
        webhooks::create_secret,
        webhooks::revoke_secret,
        webhooks::test_webhook,
        webhooks::list_deliveries,
        webhooks::resend,
        exports::download,
        exports::read_reach,
        exports::list_exports,
        exports::read_export,
        jobs::list_jobs,
        jobs::read_job,
        jobs::cancel_job,
        jobs::resume_job,
    ),
    components(schemas(
        ProblemDocument,
        wire::RejectedEvent,
        spec::SourceSpec,
        spec::PlacementSpec,
        spec::RecipeSpec,
        spec::OfferSpec,
        spec::FeatureSpec,
        spec::AudienceSpec,
        spec::WebhookSpec,
        spec::IdentitySpec,
        spec::CatalogSpec,
    )),
    modifiers(&Security, &Responses, &Pages),
    security(("secret_key" = []), ("console_session" = []))
)]
struct Api;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A secret key, `ksk_…`."))
            .build();
        components.add_security_scheme("secret_key", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "kith_session",
            "The console's session. Writes need the header `X-Kith-Console: 1` too.",
        );
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        components.add_security_scheme("console_session", cookie);
    }
}

/// Every route may answer a problem, and every answer is described.
struct Responses;

impl Modify for Responses {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.put,
                &mut item.post,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                let responses = &mut operation.responses.responses;
                for (status, response) in responses.iter_mut() {
                    if let RefOr::T(response) = response
                        && response.description.is_empty()
                    {
                        let created = status == "201";
                        let description = if created { "created" } else { "success" };
                        response.description = description.to_owned();
                    }
                }
                responses.insert("default".to_owned(), error_response().into());
            }
        }
    }
}

fn error_response() -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description("an error")
        .content("application/problem+json", content)
        .build()
}

/// Pages refer to the schema of their rows instead of repeating it.
struct Pages;

impl Modify for Pages {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let schemas = &mut openapi.components.get_or_insert_default().schemas;
        for (name, schema) in schemas.iter_mut() {
            let Some(row) = name.strip_prefix("Page_") else {
                continue;
            };
            if let RefOr::T(Schema::Object(page)) = schema
                && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
            {
                items.items = Ref::from_schema_name(row).into();
            }
        }
    }
}

/// The description as JSON.
pub fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut text = Api::openapi()
            .to_pretty_json()
            .expect("the description has string keys only");
        text.push('\n');
        text
    });
    &DOCUMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openapi_document_is_the_committed_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("KITH_WRITE_OPENAPI").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == document(),
            "openapi.json differs from the code; run \
             KITH_WRITE_OPENAPI=1 cargo test -p kith-admin openapi and review the change"
        );
    }
}
