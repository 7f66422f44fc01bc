//! People: search, profile, timeline, graph, export.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kith_base::{PersonId, Timestamp};
use kith_engine::query::{self, TimelineEntry};
use kith_engine::table::Entry;
use kith_event::{Identifier, Position, Record};
use kith_identity::MergePolicy;
use kith_profile::Profile;
use kith_runtime::View;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{self, Problem};
use crate::query::{Query, invalid};
use crate::state::AdminState;
use crate::wire::{
    DecisionRecord, Event, Graph, JsonObject, LinkPolicy, Page, Person, PersonExport, PersonRow,
};
use crate::{find, page, read};

const TIMELINE: &str = "timeline";
/// Timeline entries looked at for one page when only one name is wanted.
const ENTRIES_MAX: usize = 10_000;

/// Whose events a profile is made of.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PolicyQuery {
    /// Which links make two persons one: `exact` unless said otherwise.
    pub policy: Option<LinkPolicy>,
}

/// How to find people. Without a filter: the most recently active.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonsQuery {
    /// Whoever has exactly this identifier, as `namespace:value`.
    pub identifier: Option<String>,
    /// Beginning of any identifier's value, or a word of the name.
    pub q: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Paging of a timeline.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Only events of this name.
    pub name: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Paging alone.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingQuery {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Finds people.
#[utoipa::path(get, path = "/api/v1/persons", tag = "persons", params(PersonsQuery),
    responses((status = 200, body = Page<PersonRow>)))]
pub async fn list_persons(
    State(state): State<AdminState>,
    Query(query): Query<PersonsQuery>,
) -> Result<Json<Page<PersonRow>>, Problem> {
    let limit = page::limit(query.limit)?;
    let search = match (query.identifier, query.q) {
        (Some(_), Some(_)) => {
            let detail = "give either identifier or q";
            return Err(Problem::new(problem::INVALID_PARAMETER, detail).field("q", detail));
        }
        (Some(identifier), None) => {
            let parsed = Identifier::parse(&identifier)
                .ok_or_else(|| invalid("identifier", "is not of the form namespace:value"))?;
            find::Search::Identifier(parsed)
        }
        (None, Some(text)) => find::Search::Text(text),
        (None, None) => find::Search::Recent,
    };
    let cursor = query.cursor;
    state
        .walk(move |state, view| find::persons(state, view, &search, cursor.as_deref(), limit))
        .await
        .map(Json)
}

/// Reads a profile. An id that was merged into another answers too, with the canonical id.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}", tag = "persons",
    params(("person_id" = String, Path), PolicyQuery),
    responses((status = 200, body = Person)))]
pub async fn read_person(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<PolicyQuery>,
) -> Result<Json<Person>, Problem> {
    let view = state.view();
    let own = profile_of(&view, &person_id)?;
    let policy = match query.policy {
        None | Some(LinkPolicy::Exact) => MergePolicy::Exact,
        Some(LinkPolicy::Strict) => MergePolicy::Strict,
        Some(LinkPolicy::Loose) => MergePolicy::Loose,
    };
    let linked = query::linked(&*view.state, &view.project, own.person, policy)?;
    let profile = query::profile_under(&*view.state, &view.project, own.person, policy)?;
    let profile = profile.unwrap_or(own);
    let mut person = read::person(&view, &profile, state.now())?;
    let others = linked.iter().filter(|id| **id != profile.person);
    person.linked_person_ids = others.map(PersonId::to_string).collect();
    Ok(Json(person))
}

/// Lists a person's events, newest first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/events", tag = "persons",
    params(("person_id" = String, Path), TimelineQuery),
    responses((status = 200, body = Page<Event>)))]
pub async fn list_person_events(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Page<Event>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = timeline_place(query.cursor.as_deref())?;
    let page = state.walk(move |state, view| {
        let person = profile_of(view, &person_id)?.person;
        let mut timeline = Timeline::new(person, before, Entry::Event, limit);
        let mut items = Vec::new();
        while let Some(entry) = timeline.next(view)? {
            let Some(Record::Event(event)) = state.handle().record(entry.position)? else {
                continue;
            };
            if query
                .name
                .as_deref()
                .is_none_or(|name| name == event.label())
            {
                items.push(read::event_of(view, entry.position, &event, Some(person))?);
            }
            if items.len() == limit {
                break;
            }
        }
        Ok(Page {
            items,
            next_cursor: timeline.cursor(),
        })
    });
    page.await.map(Json)
}

/// Lists the decisions taken for a person, newest first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/decisions", tag = "persons",
    params(("person_id" = String, Path), PagingQuery),
    responses((status = 200, body = Page<DecisionRecord>)))]
pub async fn list_person_decisions(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<JsonObject>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = timeline_place(query.cursor.as_deref())?;
    let page = state.walk(move |state, view| {
        let person = profile_of(view, &person_id)?.person;
        let mut timeline = Timeline::new(person, before, Entry::Decision, limit);
        let mut items = Vec::new();
        while items.len() < limit
            && let Some(entry) = timeline.next(view)?
        {
            let record = read::decision(state.handle().record(entry.position)?);
            items.extend(record.map(JsonObject));
        }
        Ok(Page {
            items,
            next_cursor: timeline.cursor(),
        })
    });
    page.await.map(Json)
}

/// Reads a person's part of the identity graph.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/graph", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = Graph)))]
pub async fn read_person_graph(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Json<Graph>, Problem> {
    let view = state.view();
    read::graph(&*view.state, &profile_of(&view, &person_id)?).map(Json)
}

/// Hands out everything stored about a person, as a file.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/export", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = PersonExport)))]
pub async fn export_person(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Response, Problem> {
    let export = state
        .walk(move |state, view| export(state, view, &person_id))
        .await?;
    let name = format!(
        "attachment; filename=\"person-{}.json\"",
        export.person.person_id
    );
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(export)).into_response())
}

/// Everything about a person. Unlike a page this has no limit: the law asks for all of it.
fn export(state: &AdminState, view: &View, person_id: &str) -> Result<PersonExport, Problem> {
    let profile = profile_of(view, person_id)?;
    let entries = |entry| {
        let everything = usize::MAX;
        query::timeline(&*view.state, profile.person, None, Some(entry), everything)
    };
    let mut events = Vec::new();
    for entry in entries(Entry::Event)? {
        if let Some(Record::Event(event)) = state.handle().record(entry.position)? {
            let person = Some(profile.person);
            events.push(read::event_of(view, entry.position, &event, person)?);
        }
    }
    let mut decisions = Vec::new();
    for entry in entries(Entry::Decision)? {
        let record = read::decision(state.handle().record(entry.position)?);
        decisions.extend(record.map(JsonObject));
    }
    Ok(PersonExport {
        exported_at: state.now().into(),
        person: read::person(view, &profile, state.now())?,
        graph: read::graph(&*view.state, &profile)?,
        events,
        decisions,
    })
}

pub(super) fn profile_of(view: &View, person_id: &str) -> Result<Profile, Problem> {
    let missing = || Problem::not_found("person", person_id);
    let person = PersonId::parse(person_id).ok_or_else(missing)?;
    query::profile(&*view.state, &view.project, person)?.ok_or_else(missing)
}

/// A timeline read a chunk at a time, with a limit on the whole.
struct Timeline {
    person: PersonId,
    only: Entry,
    before: Option<(Timestamp, Position)>,
    chunk: std::vec::IntoIter<TimelineEntry>,
    chunk_size: usize,
    looked_at: usize,
    ended: bool,
}

impl Timeline {
    fn new(
        person: PersonId,
        before: Option<(Timestamp, Position)>,
        only: Entry,
        limit: usize,
    ) -> Self {
        Timeline {
            person,
            only,
            before,
            chunk: Vec::new().into_iter(),
            chunk_size: limit + 1,
            looked_at: 0,
            ended: false,
        }
    }

    fn next(&mut self, view: &View) -> Result<Option<TimelineEntry>, Problem> {
        if self.chunk.as_slice().is_empty() && !self.ended && self.looked_at < ENTRIES_MAX {
            let (person, only) = (self.person, Some(self.only.clone()));
            let chunk = query::timeline(&*view.state, person, self.before, only, self.chunk_size)?;
            self.ended = chunk.len() < self.chunk_size;
            self.looked_at += chunk.len();
            self.chunk = chunk.into_iter();
        }
        let next = self.chunk.next();
        if let Some(entry) = &next {
            self.before = Some((entry.at, entry.position));
        }
        Ok(next)
    }

    /// Where the next page begins; `None` when nothing is left.
    fn cursor(&self) -> Option<String> {
        let rest = !self.chunk.as_slice().is_empty() || !self.ended;
        let (at, position) = self.before.filter(|_| rest)?;
        Some(page::cursor(
            TIMELINE,
            &format!("{}/{position}", at.as_millis()),
        ))
    }
}

fn timeline_place(cursor: Option<&str>) -> Result<Option<(Timestamp, Position)>, Problem> {
    let Some(place) = page::place(TIMELINE, cursor)? else {
        return Ok(None);
    };
    let parsed = place.split_once('/').and_then(|(at, position)| {
        Some((
            Timestamp::from_millis(at.parse().ok()?),
            position.parse().ok()?,
        ))
    });
    parsed.ok_or_else(page::wrong_cursor).map(Some)
}

/// Erases a person. Arrives with the full identity graph; answers 501.
#[utoipa::path(delete, path = "/api/v1/persons/{person_id}", tag = "persons",
    params(("person_id" = String, Path)),
    responses((status = 501, description = "not available in this version")))]
pub async fn delete_person(Path(_): Path<String>) -> Problem {
    reserved("people cannot be erased")
}

fn reserved(what: &str) -> Problem {
    let detail = format!("{what} in this version; it arrives with the full identity graph");
    Problem::new(problem::NOT_AVAILABLE, detail)
}
