//! Webhooks: how they stand, their secrets, tests, deliveries and dead letters.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use kith_base::{Duration, Timestamp, limits};
use kith_definition::{Document, Kind, Spec, Webhook as Stored, WebhookSecret as StoredSecret};
use kith_engine::table::{self, WebhookRow};
use kith_engine::{Live, query};
use kith_event::{ChangePlace, DefinitionChange, Record, Resend};
use kith_runtime::View;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::{Principal, generate_write_key};
use crate::problem::{self, Problem};
use crate::query::{Body, Query, invalid};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{
    DeliveredTrait, Delivery, DeliveryAttempt, DeliveryEvent, DeliveryState, Page, ResendInput,
    Resent, Time, Webhook, WebhookSecret, WebhookSecretCreated, WebhookState, WebhookTest,
};
use crate::{change, page};

const LIST: &str = "webhooks";
/// How long secrets sign on after a new one is made: time to give receivers the new one.
const OVERLAP: Duration = Duration::from_days(1);
/// Letters of a secret's id.
const SECRET_ID_CHARS: usize = 12;

/// Lists webhooks by id.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks", params(PagingQuery),
    responses((status = 200, body = Page<Webhook>)))]
pub async fn list_webhooks(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Webhook>>, Problem> {
    let limit = page::limit(query.limit)?;
    let after = page::place(LIST, query.cursor.as_deref())?;
    let view = state.view();
    let all = view.project.webhooks.values();
    let rest = all.filter(|live| after.as_ref().is_none_or(|after| live.id > *after));
    let shown: Result<Vec<Webhook>, Problem> = rest
        .take(limit + 1)
        .map(|live| webhook(&view, live, state.now()))
        .collect();
    let place = |one: &Webhook| one.webhook_id.clone();
    Ok(Json(page::page(LIST, shown?, limit, place)))
}

/// Reads one webhook with its numbers.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path)), responses((status = 200, body = Webhook)))]
pub async fn read_webhook(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, Problem> {
    let view = state.view();
    webhook(&view, live(&view, &id)?, state.now()).map(Json)
}

fn live<'a>(view: &'a View, id: &str) -> Result<&'a Live<Stored>, Problem> {
    let found = view.project.webhooks.get(id);
    found.ok_or_else(|| Problem::not_found("webhook", id))
}

fn webhook(view: &View, live: &Live<Stored>, now: Timestamp) -> Result<Webhook, Problem> {
    let row: WebhookRow = query::webhook(&*view.state, &live.id)?.unwrap_or_default();
    let secrets: Vec<WebhookSecret> = live.spec.secrets.iter().filter_map(secret).collect();
    let signs = |one: &WebhookSecret| one.expires_at.is_none_or(|at| now < at.0);
    let state = match () {
        () if !live.spec.enabled => WebhookState::Off,
        () if row.gone_at.is_some() => WebhookState::Gone,
        () if !secrets.iter().any(signs) => WebhookState::NoSecret,
        () => WebhookState::Active,
    };
    Ok(Webhook {
        webhook_id: live.id.clone(),
        name: live.name.clone(),
        description: live.spec.description.clone(),
        url: live.spec.url.clone(),
        audiences: live.spec.audiences.clone(),
        trait_changes: live.spec.trait_changes.clone(),
        state,
        gone_at: row.gone_at.map(Time),
        delivered: row.delivered,
        waiting: row.waiting,
        dead: row.dead,
        withheld: row.withheld,
        secrets,
    })
}

fn secret(stored: &StoredSecret) -> Option<WebhookSecret> {
    let time = |text: &str| Timestamp::parse(text).ok().map(Time);
    Some(WebhookSecret {
        secret_id: stored.id.clone(),
        created_at: time(&stored.created_at)?,
        expires_at: stored.expires_at.as_deref().and_then(time),
    })
}

/// Makes a secret. It is shown this once; the ones before sign on for a day, beside it.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secrets", tag = "webhooks",
    params(("id" = String, Path)), responses((status = 201, body = WebhookSecretCreated)))]
pub async fn create_secret(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<WebhookSecretCreated>), Problem> {
    let _guard = state.writes().await;
    let (found, mut spec) = find(&state, &id)?;
    let now = state.now();
    let ends = now.plus(OVERLAP);
    spec.secrets
        .retain(|one| secret(one).is_some_and(|one| one.expires_at.is_none_or(|at| now < at.0)));
    if spec.secrets.len() >= limits::SECRETS_PER_WEBHOOK_MAX {
        let most = limits::SECRETS_PER_WEBHOOK_MAX;
        let detail = format!("{most} secrets sign already, which is the limit; revoke one first");
        return Err(Problem::new(problem::TOO_MANY, detail));
    }
    for one in &mut spec.secrets {
        one.expires_at.get_or_insert_with(|| ends.to_string());
    }
    let others = (!spec.secrets.is_empty()).then_some(Time(ends));
    let secret_id: String = generate_write_key().chars().take(SECRET_ID_CHARS).collect();
    spec.secrets.push(StoredSecret {
        id: secret_id.clone(),
        created_at: now.to_string(),
        expires_at: None,
    });
    write(&state, found, spec, principal.author).await?;
    let secret = state.webhooks().secret(&id, &secret_id);
    let created = WebhookSecretCreated {
        secret_id,
        secret,
        others_expire_at: others,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revokes a secret at once.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}/secrets/{secret_id}", tag = "webhooks",
    params(("id" = String, Path), ("secret_id" = String, Path)),
    responses((status = 204, description = "revoked")))]
pub async fn revoke_secret(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path((id, secret_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let _guard = state.writes().await;
    let (found, mut spec) = find(&state, &id)?;
    let before = spec.secrets.len();
    spec.secrets.retain(|one| one.id != secret_id);
    if spec.secrets.len() == before {
        return Err(Problem::not_found("secret", &secret_id));
    }
    write(&state, found, spec, principal.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(state: &AdminState, id: &str) -> Result<(query::Definition, Stored), Problem> {
    let missing = || Problem::not_found("webhook", id);
    let found = query::definition(&*state.view().state, Kind::Webhook.as_str(), id)?
        .filter(|found| !found.row.archived)
        .ok_or_else(missing)?;
    let spec = Stored::parse(&found.row.spec).map_err(|errors| change::invalid(&errors))?;
    Ok((found, spec))
}

async fn write(
    state: &AdminState,
    found: query::Definition,
    spec: Stored,
    author: String,
) -> Result<(), Problem> {
    let spec = Spec::Webhook(spec).to_json();
    let (id, name) = (found.id.clone(), found.row.name.clone());
    Document::new(Kind::Webhook, id, name, &spec).map_err(|errors| change::invalid(&errors))?;
    let change = DefinitionChange {
        kind: found.kind,
        id: found.id,
        name: found.row.name,
        archived: false,
        author,
        at: state.now(),
        spec,
    };
    state.append_definition(change).await
}

/// Sends a test message, once, and says what the endpoint answered. It is kept nowhere.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks",
    params(("id" = String, Path)), responses((status = 200, body = WebhookTest)))]
pub async fn test_webhook(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<WebhookTest>, Problem> {
    live(&state.view(), &id)?;
    let tested = state.webhooks().test(&id, state.now()).await;
    let answer = tested.map_err(|error| Problem::new(problem::INVALID_BODY, error.to_string()))?;
    Ok(Json(WebhookTest {
        delivered: answer.is_success(),
        status: answer.status,
        detail: answer.detail,
        took_ms: answer.took_ms,
    }))
}

/// Filters of the list of deliveries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists deliveries, newest entry or exit first. Of those made, the newest 1,000 are kept.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), DeliveriesQuery),
    responses((status = 200, body = Page<Delivery>)))]
pub async fn list_deliveries(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::place(LIST, query.cursor.as_deref())?;
    let before = before
        .map(|text| place(&text).ok_or_else(page::wrong_cursor))
        .transpose()?;
    let wanted = query.state;
    let found = state.walk(move |_, view| {
        live(view, &id)?;
        let mut found = Vec::new();
        for standing in table::DeliveryState::ALL {
            if wanted.is_some_and(|wanted| wanted != shown(standing)) {
                continue;
            }
            let rows = query::deliveries(&*view.state, &id, standing, before, limit + 1)?;
            found.extend(rows.into_iter().map(|(place, row)| (place, standing, row)));
        }
        found.sort_by_key(|(place, ..)| std::cmp::Reverse(*place));
        found.truncate(limit + 1);
        let rows = found.into_iter();
        let deliveries: Result<Vec<Delivery>, Problem> = rows
            .map(|(place, standing, row)| delivery(view, &id, place, standing, row))
            .collect();
        Ok(page::page(LIST, deliveries?, limit, |one| {
            one.delivery_id.clone()
        }))
    });
    found.await.map(Json)
}

fn shown(standing: table::DeliveryState) -> DeliveryState {
    match standing {
        table::DeliveryState::Delivered => DeliveryState::Delivered,
        table::DeliveryState::Waiting => DeliveryState::Waiting,
        table::DeliveryState::Dead => DeliveryState::Dead,
    }
}

fn delivery(
    view: &View,
    id: &str,
    place: ChangePlace,
    standing: table::DeliveryState,
    row: table::DeliveryRow,
) -> Result<Delivery, Problem> {
    let change = &row.change;
    let profile = query::profile(&*view.state, &view.project, change.person())?;
    let person_id = change.person().to_string();
    let (event, audience_id, changed) = match change {
        table::Happening::Membership(change) => {
            let event = match change.entered {
                true => DeliveryEvent::Entered,
                false => DeliveryEvent::Left,
            };
            (event, Some(change.audience.clone()), None)
        }
        table::Happening::Trait(change) => {
            let changed = DeliveredTrait {
                name: change.name.clone(),
                old_value: change.old.clone(),
                new_value: change.new.clone(),
            };
            (DeliveryEvent::TraitChanged, None, Some(changed))
        }
    };
    let attempts = row.attempts.iter().map(|(at, attempt)| DeliveryAttempt {
        at: Time(*at),
        status: attempt.status,
        detail: attempt.detail.clone(),
        took_ms: attempt.took_ms,
    });
    Ok(Delivery {
        delivery_id: format!("{}-{}", place.0, place.1),
        message_id: kith_webhook::message_id(id, place, change),
        state: shown(standing),
        event,
        audience_id,
        changed,
        display_name: profile.map_or_else(|| person_id.clone(), |profile| profile.display_name()),
        person_id,
        at: Time(change.at()),
        next_at: row.next_at.map(Time),
        attempts: attempts.collect(),
    })
}

/// The change that an id of a delivery names.
fn place(delivery_id: &str) -> Option<ChangePlace> {
    let (position, number) = delivery_id.split_once('-')?;
    Some((position.parse().ok()?, number.parse().ok()?))
}

/// Sends dead letters again, those named or all: they begin their tries anew, under the same
/// message ids.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/resend", tag = "webhooks",
    params(("id" = String, Path)), request_body = ResendInput,
    responses((status = 200, body = Resent)))]
pub async fn resend(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Body(input): Body<ResendInput>,
) -> Result<Json<Resent>, Problem> {
    let view = state.view();
    live(&view, &id)?;
    let dead = table::DeliveryState::Dead;
    let all = query::deliveries(&*view.state, &id, dead, None, limits::WEBHOOK_DEAD_MAX)?;
    let mut changes: Vec<ChangePlace> = all.into_iter().map(|(place, _)| place).collect();
    if let Some(wanted) = &input.delivery_ids {
        let places: Option<Vec<ChangePlace>> = wanted.iter().map(|one| place(one)).collect();
        let named =
            places.ok_or_else(|| invalid("delivery_ids", "holds what is no delivery_id"))?;
        if let Some(n) = named.iter().position(|one| !changes.contains(one)) {
            return Err(Problem::not_found("dead letter", &wanted[n]));
        }
        changes = named;
    }
    drop(view);
    let resent = changes.len() as u64;
    if resent > 0 {
        let record = Record::Resend(Resend {
            webhook: id,
            at: state.now(),
            by: principal.author,
            changes,
        });
        state.handle().append_applied(vec![record]).await?;
    }
    Ok(Json(Resent { resent }))
}
