//! Events as they arrive, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use kith_runtime::Notice;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{BroadcastStream, WatchStream};

use crate::metric;
use crate::read;
use crate::routes::events::Filter;
use crate::state::AdminState;

/// Proxies drop connections that are silent for longer than about half a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Opens a stream of what the filter takes, until the program stops. A reader too slow for the
/// traffic misses some.
pub fn open(state: AdminState, filter: Filter) -> Response {
    let notices = BroadcastStream::new(state.handle().notices());
    let open = Open::count();
    let reading = state.clone();
    let messages = notices.filter_map(move |notice| {
        let _ = &open;
        let notice = notice.ok()?;
        let message = message(&reading, &notice, &filter)?;
        Some(Some(Ok::<_, Infallible>(message)))
    });
    let stopping = WatchStream::new(state.stopping()).filter(|stopping| *stopping);
    let messages = messages
        .merge(stopping.map(|_| None))
        .take_while(Option::is_some)
        .filter_map(|message| message);
    let mut response = Sse::new(messages)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response();
    // nginx would hold events back otherwise.
    let unbuffered = axum::http::HeaderValue::from_static("no");
    response
        .headers_mut()
        .insert("x-accel-buffering", unbuffered);
    response
}

fn message(state: &AdminState, notice: &Notice, filter: &Filter) -> Option<Message> {
    let (name, data) = match notice {
        Notice::Event {
            position,
            person,
            event,
        } => {
            let wanted = filter.takes(event) && filter.takes_person(Some(*person));
            let view = wanted.then(|| state.view())?;
            let event = read::event_of(&view, *position, event, Some(*person)).ok()?;
            ("event", serde_json::to_string(&event))
        }
        Notice::Refused { position, refused } => {
            let wanted = filter.takes_refused(&refused.source);
            let rejected = wanted.then(|| read::rejected(*position, refused, None))?;
            ("rejected", serde_json::to_string(&rejected))
        }
        Notice::Membership(change) => {
            let wanted = filter.takes_unnamed() && filter.takes_person(Some(change.person));
            let change = wanted.then(|| read::membership_change(change))?;
            ("membership", serde_json::to_string(&change))
        }
    };
    Some(Message::default().event(name).data(data.ok()?))
}

/// Counts a stream as open while it lives.
struct Open;

impl Open {
    fn count() -> Self {
        metrics::gauge!(metric::STREAMS).increment(1.0);
        Open
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!(metric::STREAMS).decrement(1.0);
    }
}
