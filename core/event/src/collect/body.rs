//! Splitting a body into events, whatever state it is in.
//!
//! A sound body is read in one pass. Where an element of a batch cannot be read, its end is
//! found by brackets and quotes alone; where those are at fault too, the next text that can
//! hardly be anything but an event ends the broken part.

use std::borrow::Cow;

use kith_base::limits;
use serde_json::value::RawValue;

use super::raw::{self, Raw};
use super::steps;
use super::wire::Wire;
use super::{Enrich, Error, Limits, Parsed, Reason, RefusedItem, Request, Route, Warning, scan};
use crate::{Kind, Refused};

/// How often per body a place after broken bytes is tried as the start of an event. Each try
/// looks at a few event sizes at most, which bounds the work on a hostile body.
const RECOVERY_TRIES_MAX: usize = 256;

/// Only a guess that saves growing the list of events.
const USUAL_EVENT_BYTES: usize = 500;

/// What a try counts when the whole rest of the body had to be looked at.
const FAR_SCAN_TRIES: usize = 16;

/// A body, split. Borrows the bytes.
#[derive(Default)]
pub struct Body<'a> {
    items: Vec<Item<'a>>,
    write_key: Raw<'a>,
    pub(super) sent_at: Raw<'a>,
    pub(super) context: Raw<'a>,
    pub(super) integrations: Raw<'a>,
    is_batch: bool,
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly all items are events: no box for each"
)]
enum Item<'a> {
    Event(Wire<'a>, &'a str),
    Broken(&'a [u8], Reason),
}

/// Splits a body. Give it [`super::repaired`] bytes, so that every text in it is Unicode.
pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Body<'a>, Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = Reader {
        bytes,
        text: std::str::from_utf8(bytes).ok(),
        body: Body {
            items: Vec::with_capacity((bytes.len() / USUAL_EVENT_BYTES).clamp(1, 1_000)),
            ..Body::default()
        },
        limits,
        tries_left: RECOVERY_TRIES_MAX,
    };
    let start = scan::skip_space(bytes, 0);
    match bytes.get(start) {
        None => return Err(Error::Empty),
        Some(b'[') => {
            reader.batch(start + 1)?;
        }
        Some(b'{') if reader.may_be_a_batch() => reader.envelope(start)?,
        Some(_) => {}
    }
    if !reader.body.is_batch {
        reader.single(start);
    }
    Ok(reader.body)
}

impl<'a> Body<'a> {
    /// The write key in the body: its own, else that of the first event. A masked one (`***`)
    /// counts as none.
    pub fn write_key(&self) -> Option<Cow<'a, str>> {
        let first = self.items.iter().find_map(|item| match item {
            Item::Event(wire, _) => Some(wire.write_key),
            Item::Broken(..) => None,
        });
        raw::text(self.write_key.or(first.flatten()))
            .filter(|key| !key.is_empty() && !key.ends_with("***"))
    }

    /// How many events, sound and broken.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True for an empty batch.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// True for `{"batch":[…]}` and for a bare list.
    pub fn is_batch(&self) -> bool {
        self.is_batch
    }

    /// Runs every event through the steps.
    pub fn events(self, request: &Request<'_>, enrich: &mut Enrich<'_>) -> Parsed {
        let mut parsed = Parsed::default();
        parsed.events.reserve(self.items.len());
        for (index, item) in self.items.iter().enumerate() {
            let (raw, message_id, reason) = match item {
                Item::Broken(raw, reason) => (*raw, String::new(), reason.clone()),
                Item::Event(wire, text) => {
                    match steps::run((wire, text, index), &self, request, enrich) {
                        Ok((event, reasons)) => {
                            parsed
                                .warnings
                                .extend(reasons.into_iter().map(|reason| Warning {
                                    index,
                                    message_id: event.message_id.clone(),
                                    reason,
                                }));
                            parsed.events.push(event);
                            continue;
                        }
                        Err(reason) => {
                            let message_id = raw::text_or_empty(wire.message_id).into_owned();
                            (text.as_bytes(), message_id, reason)
                        }
                    }
                }
            };
            let refused = refused(raw, &reason, request);
            parsed.refused.push(RefusedItem {
                index,
                message_id,
                refused,
            });
        }
        parsed
    }
}

fn refused(raw: &[u8], reason: &Reason, request: &Request<'_>) -> Refused {
    let kept = &raw[..raw.len().min(limits::REJECTED_RAW_MAX_BYTES)];
    Refused {
        source: request.source.to_owned(),
        received_at: request.received_at,
        kind: match request.route {
            Route::Any => None,
            Route::Kind(kind) => Some(kind),
            Route::Merge => Some(Kind::Alias),
        },
        code: reason.code().to_owned(),
        message: reason.to_string(),
        field: reason.field().to_owned(),
        raw: String::from_utf8_lossy(kept).into_owned(),
    }
}

struct Reader<'a, 'l> {
    bytes: &'a [u8],
    /// The same bytes, where all of them are UTF-8.
    text: Option<&'a str>,
    body: Body<'a>,
    limits: &'l Limits,
    tries_left: usize,
}

impl<'a> Reader<'a, '_> {
    fn may_be_a_batch(&self) -> bool {
        match self.text {
            Some(text) => text.contains("\"batch\""),
            None => true,
        }
    }

    /// The members around `batch`, each as far as it can be read.
    fn envelope(&mut self, start: usize) -> Result<(), Error> {
        let mut here = start + 1;
        loop {
            here = scan::skip_space(self.bytes, here);
            match self.bytes.get(here) {
                Some(b',') => {
                    here += 1;
                    continue;
                }
                Some(b'"') => {}
                _ => return Ok(()),
            }
            let Some(key_end) = scan::string_end(self.bytes, here) else {
                return Ok(());
            };
            let key = &self.bytes[here + 1..key_end - 1];
            let colon = scan::skip_space(self.bytes, key_end);
            if self.bytes.get(colon) != Some(&b':') {
                return Ok(());
            }
            here = scan::skip_space(self.bytes, colon + 1);
            if key == b"batch" && self.bytes.get(here) == Some(&b'[') && !self.body.is_batch {
                here = self.batch(here + 1)?;
                continue;
            }
            let Some(end) = scan::value_end(self.bytes, here) else {
                return Ok(());
            };
            let member = match key {
                b"writeKey" => &mut self.body.write_key,
                b"sentAt" => &mut self.body.sent_at,
                b"context" => &mut self.body.context,
                b"integrations" => &mut self.body.integrations,
                _ => {
                    here = end;
                    continue;
                }
            };
            *member = std::str::from_utf8(&self.bytes[here..end])
                .ok()
                .and_then(|text| serde_json::from_str::<&RawValue>(text).ok())
                .filter(|value| value.get() != "null");
            here = end;
        }
    }

    /// The elements of a batch; answers the place after its end.
    fn batch(&mut self, start: usize) -> Result<usize, Error> {
        self.body.is_batch = true;
        let mut here = start;
        loop {
            here = scan::skip_space(self.bytes, here);
            match self.bytes.get(here) {
                None => return Ok(here),
                Some(b']') => return Ok(here + 1),
                Some(b',') => here += 1,
                Some(_) if self.body.items.len() >= self.limits.batch_events_max => {
                    return Err(Error::BatchTooLarge {
                        max: self.limits.batch_events_max,
                    });
                }
                Some(_) => here = self.element(here),
            }
        }
    }

    /// One element of a batch; answers the place after it.
    fn element(&mut self, start: usize) -> usize {
        let reach = self.reach(start);
        if let Some(near) = self
            .text
            .map(|text| &text[start..text.floor_char_boundary(reach)])
        {
            let mut stream = serde_json::Deserializer::from_str(near).into_iter::<Wire<'a>>();
            if let Some(Ok(wire)) = stream.next() {
                let end = stream.byte_offset();
                self.body.items.push(Item::Event(wire, &near[..end]));
                return start + end;
            }
        }
        let near = scan::value_end(&self.bytes[..reach], start);
        let end = near.or_else(|| scan::value_end(self.bytes, start));
        let slice = &self.bytes[start..end.unwrap_or(self.bytes.len())];
        let reason = match sound(slice) {
            Ok((wire, text)) => {
                self.body.items.push(Item::Event(wire, text));
                return start + slice.len();
            }
            Err(_) if end.is_none() => Reason::Truncated,
            Err(reason) => reason,
        };
        let bracketed = match reason {
            Reason::NotAnEvent { .. } => true,
            Reason::InvalidUtf8 { .. } => sound(String::from_utf8_lossy(slice).as_bytes()).is_ok(),
            _ => false,
        };
        if !bracketed {
            let cost = if near.is_some() { 1 } else { FAR_SCAN_TRIES };
            if let Some((comma, next)) = self.recover(start + 1, cost) {
                let broken = &self.bytes[start..comma];
                let reason = sound(broken).err().unwrap_or(reason);
                self.body.items.push(Item::Broken(broken, reason));
                return next;
            }
        }
        self.body.items.push(Item::Broken(slice, reason));
        start + slice.len()
    }

    /// How far from a place an event may go; what is longer is refused in any case.
    fn reach(&self, start: usize) -> usize {
        self.bytes
            .len()
            .min(start + 4 * self.limits.event_size_max_bytes)
    }

    /// The next `,{` with which a whole, recognisable event begins: where the comma is, and
    /// where the event is.
    fn recover(&mut self, from: usize, cost: usize) -> Option<(usize, usize)> {
        let last = self.reach(from);
        let mut start = from;
        self.tries_left = self.tries_left.saturating_sub(cost);
        while self.tries_left > 0 {
            start += 1 + self
                .bytes
                .get(start + 1..last)?
                .iter()
                .position(|byte| *byte == b'{')?;
            let before = self.bytes[from..start].trim_ascii_end();
            if before.last() != Some(&b',') {
                continue;
            }
            self.tries_left -= 1;
            if let Some(end) = scan::value_end(&self.bytes[..self.reach(start)], start)
                && let Ok((wire, _)) = sound(&self.bytes[start..end])
                && wire.is_recognisable()
            {
                return Some((from + before.len() - 1, start));
            }
        }
        None
    }

    /// The whole body as one event.
    fn single(&mut self, start: usize) {
        let rest = self.bytes[start..].trim_ascii_end();
        self.body.items.push(match sound(rest) {
            Ok((wire, _)) if wire.is_blank() => Item::Broken(rest, Reason::MissingBatch),
            Ok((wire, text)) => Item::Event(wire, text),
            Err(reason) => Item::Broken(rest, reason),
        });
    }
}

/// Reads bytes as one event.
fn sound(bytes: &[u8]) -> Result<(Wire<'_>, &str), Reason> {
    let text = std::str::from_utf8(bytes).map_err(|error| Reason::InvalidUtf8 {
        offset: error.valid_up_to(),
    })?;
    serde_json::from_str(text)
        .map(|wire| (wire, text))
        .map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => Reason::Truncated,
            serde_json::error::Category::Data => Reason::NotAnEvent {
                found: found(bytes),
            },
            _ => Reason::InvalidJson {
                detail: error.to_string(),
            },
        })
}

fn found(bytes: &[u8]) -> &'static str {
    match bytes.first() {
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}
