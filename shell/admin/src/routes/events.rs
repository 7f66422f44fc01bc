//! Events as stored, newest first or live.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kith_base::{PersonId, limits};
use kith_definition::Kind;
use kith_engine::query;
use kith_event::{Position, Record};
use kith_runtime::View;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::{Query, invalid};
use crate::state::AdminState;
use crate::walk::{self, Walk};
use crate::wire::{Event, Page};
use crate::{page, read, stream};

const LIST: &str = "events";

/// Filters of a list of events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only of this person, by id.
    pub person: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Filters of the live stream.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only of this person, by id.
    pub person: Option<String>,
}

/// Lists events, newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventsQuery),
    responses((status = 200, body = Page<Event>)))]
pub async fn list_events(
    State(state): State<AdminState>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<Page<Event>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::number_place(LIST, query.cursor.as_deref())?;
    let filter = Filter::new(query.source, query.name, query.person)?;
    let page = state
        .walk(move |state, view| list(state, view, &filter, before, limit))
        .await?;
    Ok(Json(page))
}

/// Which events are wanted.
pub struct Filter {
    source: Option<String>,
    name: Option<String>,
    person: Option<PersonId>,
}

impl Filter {
    fn new(
        source: Option<String>,
        name: Option<String>,
        person: Option<String>,
    ) -> Result<Self, Problem> {
        let parse = |text: String| {
            PersonId::parse(&text).ok_or_else(|| invalid("person", "is not the id of a person"))
        };
        Ok(Filter {
            source,
            name,
            person: person.map(parse).transpose()?,
        })
    }

    /// Whether an event is wanted, its person aside.
    pub fn takes(&self, event: &kith_event::Event) -> bool {
        self.source
            .as_ref()
            .is_none_or(|source| *source == event.source)
            && self
                .name
                .as_deref()
                .is_none_or(|name| name == event.label())
    }

    /// Whether events of a person are wanted.
    pub fn takes_person(&self, person: Option<PersonId>) -> bool {
        self.person.is_none() || self.person == person
    }

    /// Whether what is no event of a source is wanted.
    pub fn takes_unnamed(&self) -> bool {
        self.name.is_none() && self.source.is_none()
    }

    /// Whether refused input of a source is wanted; it has neither name nor person.
    pub fn takes_refused(&self, source: &str) -> bool {
        let any = self.name.is_none() && self.person.is_none();
        any && self.source.as_deref().is_none_or(|wanted| wanted == source)
    }
}

/// Walks the log back from its applied end. A page may be short, or even empty, while
/// `next_cursor` says that there is more: rare events lie far apart.
fn list(
    state: &AdminState,
    view: &View,
    filter: &Filter,
    before: Option<Position>,
    limit: usize,
) -> Result<Page<Event>, Problem> {
    let mut walk = Walk::new(state.handle(), before);
    let mut items = Vec::new();
    while let Some((position, record)) = walk.next()? {
        let Record::Event(event) = record else {
            continue;
        };
        if !filter.takes(&event) || !walk::is_first(view, position, &event)? {
            continue;
        }
        let person = query::person_of(&*view.state, &view.project, &event.identifiers)?;
        if filter.takes_person(person) {
            items.push(read::event_of(view, position, &event, person)?);
        }
        if items.len() == limit {
            break;
        }
    }
    let next_cursor = walk
        .rest()
        .map(|position| page::cursor(LIST, &position.to_string()));
    Ok(Page { items, next_cursor })
}

/// Sends events as they arrive: `event: event` carries an `Event`, `event: rejected` a
/// `RejectedEvent`. A comment every 15 seconds keeps the connection alive.
#[utoipa::path(get, path = "/api/v1/events/stream", tag = "events", params(StreamQuery),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn stream_events(
    State(state): State<AdminState>,
    Query(query): Query<StreamQuery>,
) -> Result<Response, Problem> {
    let filter = Filter::new(query.source, query.name, query.person)?;
    Ok(stream::open(state, filter))
}

/// Reads one event as stored, with its fate.
#[utoipa::path(get, path = "/api/v1/events/{message_id}", tag = "events",
    params(("message_id" = String, Path)), responses((status = 200, body = Event)))]
pub async fn read_event(
    State(state): State<AdminState>,
    Path(message_id): Path<String>,
) -> Result<Json<Event>, Problem> {
    let view = state.view();
    // Events outlive their source: archived ones are asked too.
    let kind = Kind::Source.as_str();
    let limit = limits::DEFINITIONS_PER_KIND_MAX;
    let sources = query::definitions(&*view.state, kind, None, limit)?;
    let sources = sources.iter().map(|source| source.id.as_str());
    let position = query::event_position(&*view.state, sources, &message_id)?;
    let record = position
        .map(|position| state.handle().record(position))
        .transpose()?
        .flatten();
    match (position, record) {
        (Some(position), Some(Record::Event(event))) => {
            read::event(&view, position, &event).map(Json)
        }
        _ => Err(Problem::not_found("event", &message_id)),
    }
}
