//! Files that leave: downloads, and the list of them.

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use kith_base::Timestamp;
use kith_engine::query;
use kith_event::{Export as Stored, Record};
use kith_export::{Counts, Format, Request, Selection};
use kith_runtime::Handle;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use crate::access::{Principal, generate_export_id};
use crate::problem::{self, Problem};
use crate::query::{Query, invalid};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Export, ExportPreview, JobKind, Page, Time, Withheld};
use crate::{audiences, page};

const LIST: &str = "exports";
/// Category that gates lists for ad platforms when none is named.
const CONSENT: &str = "marketing";
/// Bytes of one piece of a download, and pieces that wait for a slow reader.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES: usize = 8;
/// Persons between two words about progress.
const PROGRESS_EVERY: u64 = 1_000;
/// Tells the id under which a download is listed.
const EXPORT_ID: HeaderName = HeaderName::from_static("kith-export-id");

/// What to download.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv`, `ndjson`, `parquet`, or for an ad platform `google`, `meta`, `tiktok`.
    pub format: String,
    /// Id of an audience; everybody when absent.
    pub audience: Option<String>,
    /// Namespaces with commas between; all when absent.
    pub identifiers: Option<String>,
    /// Traits with commas between, computed ones too; all when absent.
    pub traits: Option<String>,
    /// Features with commas between.
    pub features: Option<String>,
    /// For ad platforms: the category a person must have said yes to; `marketing` when absent.
    pub consent: Option<String>,
}

/// Downloads an audience, or everybody, as a file. Lists for ad platforms hold hashed contacts of
/// those alone who said yes to the category. The header `Kith-Export-Id` names the entry in the
/// list of exports that says, once the download has ended, how many rows were written and who was
/// left out.
#[utoipa::path(get, path = "/api/v1/export", tag = "exports", params(ExportQuery),
    responses((status = 200, content((String = "text/csv"),
        (String = "application/x-ndjson"), (String = "application/vnd.apache.parquet")),
        headers(("Kith-Export-Id" = String)))))]
pub async fn download(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let request = request(&state, &query)?;
    let permit = std::sync::Arc::clone(state.exports()).try_acquire_owned();
    let permit = permit.map_err(|_| {
        let detail = "as many exports as may be are under way";
        Problem::new(problem::OVERLOADED, detail).retry_after_s(10)
    })?;
    let now = state.now();
    let record = Stored {
        export_id: generate_export_id(now),
        at: now,
        by: principal.author,
        audience: request.audience.clone(),
        format: request.format.as_str().to_owned(),
        finished_at: None,
        complete: false,
        rows: 0,
        withheld: Default::default(),
    };
    // Nothing leaves before it is on disk that it does.
    state
        .handle()
        .append_applied(vec![Record::Export(record.clone())])
        .await?;
    let (pieces, body) = mpsc::channel(PIECES);
    let headers = [
        (
            header::CONTENT_TYPE,
            request.format.content_type().to_owned(),
        ),
        (header::CONTENT_DISPOSITION, disposition(&request)),
        (EXPORT_ID, record.export_id.clone()),
    ];
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let end = pieces.clone();
        produce(&state, &request, record, pieces, &runtime);
        // Whoever has read to the end finds room for the next.
        drop(permit);
        drop(end);
    });
    Ok((headers, Body::from_stream(ReceiverStream::new(body))).into_response())
}

fn disposition(request: &Request) -> String {
    let whose = match request.audience.as_str() {
        "" => "persons",
        id => id,
    };
    let platform = match request.format {
        Format::Ads(platform) => format!("-{}", platform.as_str()),
        _ => String::new(),
    };
    let extension = request.format.extension();
    format!("attachment; filename=\"{whose}{platform}.{extension}\"")
}

fn request(state: &AdminState, query: &ExportQuery) -> Result<Request, Problem> {
    let format = Format::parse(&query.format).ok_or_else(|| {
        let known: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        invalid("format", &format!("must be one of {}", known.join(", ")))
    })?;
    if let Some(id) = &query.audience {
        audiences::find(&state.view(), id)?;
    }
    let list = |text: &Option<String>| {
        let text = text.as_deref()?;
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        Some(names.map(str::to_owned).collect::<Vec<String>>())
    };
    Ok(Request {
        audience: query.audience.clone().unwrap_or_default(),
        format,
        selection: Selection {
            identifiers: list(&query.identifiers),
            traits: list(&query.traits),
            features: list(&query.features).unwrap_or_default(),
        },
        consent: query.consent.clone().unwrap_or_else(|| CONSENT.to_owned()),
    })
}

/// Writes the file, then how it ended; the download ends after that is in force.
fn produce(
    state: &AdminState,
    request: &Request,
    mut record: Stored,
    pieces: mpsc::Sender<io::Result<Bytes>>,
    runtime: &tokio::runtime::Handle,
) {
    let name = format!("{} as {}", whose(&record), record.format);
    let job = state.jobs().start(JobKind::Export, &name, state.now());
    let mut out = Pieces {
        piece: Vec::with_capacity(PIECE_BYTES),
        sender: &pieces,
    };
    let mut counts = Counts::default();
    let told = |done: u64, total: u64| {
        if done.is_multiple_of(PROGRESS_EVERY) {
            job.progress(done as f64 / total.max(1) as f64, state.now());
        }
    };
    let view = state.view();
    let written = kith_export::write(&view, request, state.now(), &mut out, &mut counts, told)
        .and_then(|()| Ok(out.flush()?));
    drop(view);
    record.finished_at = Some(state.now());
    record.complete = written.is_ok();
    record.rows = counts.rows;
    record.withheld = counts.withheld;
    let error = written.err().map(|error| error.to_string());
    job.finish(error.clone(), state.now());
    let told = runtime.block_on(tell(state.handle(), record));
    let error = error.or(told.err().map(|error| error.to_string()));
    if let Some(error) = error {
        // Cut short, so that nobody takes a part for the whole.
        let _ = pieces.blocking_send(Err(io::Error::other(error)));
    }
}

async fn tell(handle: &Handle, record: Stored) -> Result<(), kith_runtime::AppendError> {
    handle.append_applied(vec![Record::Export(record)]).await?;
    Ok(())
}

fn whose(record: &Stored) -> &str {
    match record.audience.as_str() {
        "" => "everybody",
        id => id,
    }
}

/// Gathers bytes and hands them on in pieces; a reader that is slow holds the writer back.
struct Pieces<'a> {
    piece: Vec<u8>,
    sender: &'a mpsc::Sender<io::Result<Bytes>>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let sent = self.sender.blocking_send(Ok(Bytes::from(piece)));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader went away"))
    }
}

/// Counts who would be on a list for an ad platform, and who would be left out.
#[utoipa::path(get, path = "/api/v1/export/reach", tag = "exports", params(ExportQuery),
    responses((status = 200, body = ExportPreview)))]
pub async fn read_reach(
    State(state): State<AdminState>,
    Query(query): Query<ExportQuery>,
) -> Result<Json<ExportPreview>, Problem> {
    let request = request(&state, &query)?;
    let Format::Ads(platform) = request.format else {
        return Err(invalid(
            "format",
            "must be google, meta or tiktok: others leave nobody out",
        ));
    };
    let counts = state.walk(move |state, view| {
        kith_export::preview(view, &request, platform, state.now())
            .map_err(|error| Problem::new(problem::STORAGE_FAILED, error.to_string()))
    });
    let counts = counts.await?;
    Ok(Json(ExportPreview {
        rows: counts.rows,
        withheld: withheld(counts.withheld),
    }))
}

/// Lists what was taken out, newest first.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", params(PagingQuery),
    responses((status = 200, body = Page<Export>)))]
pub async fn list_exports(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Export>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::place(LIST, query.cursor.as_deref())?;
    let found = query::exports(&*state.view().state, before.as_deref(), limit + 1)?;
    let rows = found.into_iter().map(shown).collect();
    let place = |one: &Export| one.export_id.clone();
    Ok(Json(page::page(LIST, rows, limit, place)))
}

/// Reads one entry of that list.
#[utoipa::path(get, path = "/api/v1/exports/{export_id}", tag = "exports",
    params(("export_id" = String, Path)), responses((status = 200, body = Export)))]
pub async fn read_export(
    State(state): State<AdminState>,
    Path(export_id): Path<String>,
) -> Result<Json<Export>, Problem> {
    let found = query::export(&*state.view().state, &export_id)?;
    let found = found.ok_or_else(|| Problem::not_found("export", &export_id))?;
    Ok(Json(shown(found)))
}

fn shown(stored: Stored) -> Export {
    let time = |at: Option<Timestamp>| at.map(Time);
    Export {
        export_id: stored.export_id,
        at: stored.at.into(),
        by: stored.by,
        audience_id: Some(stored.audience).filter(|id| !id.is_empty()),
        format: stored.format,
        finished_at: time(stored.finished_at),
        complete: stored.complete,
        rows: stored.rows,
        withheld: withheld(stored.withheld),
    }
}

fn withheld(counts: std::collections::BTreeMap<String, u64>) -> Vec<Withheld> {
    let one = |(reason, persons)| Withheld { reason, persons };
    counts.into_iter().map(one).collect()
}
