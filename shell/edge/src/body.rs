//! Bodies within bounds: at most so many bytes on the wire, at most so many after inflating.

use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use kith_base::limits;

use crate::answer::Failure;

/// Bodies larger than this are inflated and parsed away from the threads that serve sockets.
pub(crate) const LARGE_BYTES: usize = 128 * 1024;

const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];

/// A body that is too large is read on and thrown away up to this size: a client that is still
/// sending would see a broken connection instead of the answer.
const DISCARDED_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a body to its end, whatever its framing.
pub(crate) async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Failure> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|size_bytes| size_bytes > DISCARDED_MAX_BYTES) {
        return Err(too_large());
    }
    let max = limits::BODY_SIZE_MAX_BYTES as u64;
    let (mut chunks, mut size_bytes): (Vec<Bytes>, u64) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(chunk) = frame.map_err(|_| incomplete())?.into_data() else {
            continue;
        };
        size_bytes += chunk.len() as u64;
        if size_bytes > DISCARDED_MAX_BYTES {
            break;
        }
        chunks.push(chunk);
        if size_bytes > max {
            chunks.clear();
        }
    }
    if size_bytes > max {
        return Err(too_large());
    }
    Ok(match chunks.as_slice() {
        [only] => only.clone(),
        several => several.concat().into(),
    })
}

fn incomplete() -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "incomplete-body",
        "the connection ended before the body did",
    )
}

fn too_large() -> Failure {
    let max = limits::BODY_SIZE_MAX_BYTES;
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        format!("the body is larger than {max} bytes: send fewer events in one request"),
    )
}

/// Inflates a body by its first bytes, or by what the header says. Clients send gzip under any
/// content type, and plain JSON under a gzip header after a proxy inflated it.
pub(crate) fn inflate(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Failure> {
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
    if body.starts_with(&GZIP_MAGIC) {
        return bounded(MultiGzDecoder::new(&*body));
    }
    match encoding.as_str() {
        "deflate" if !looks_like_json(&body) => bounded(ZlibDecoder::new(&*body)),
        "" | "identity" | "gzip" | "x-gzip" | "deflate" => Ok(body),
        _ if looks_like_json(&body) => Ok(body),
        other => Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-encoding",
            format!("Content-Encoding {other:?} is not supported: send gzip or plain JSON"),
        )),
    }
}

fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn bounded(decoder: impl Read) -> Result<Bytes, Failure> {
    let max = limits::BODY_INFLATED_MAX_BYTES;
    let mut out = Vec::new();
    let inflated = decoder.take(max as u64 + 1).read_to_end(&mut out);
    if out.len() > max {
        return Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            format!("the body inflates to more than {max} bytes: send fewer events in one request"),
        ));
    }
    match inflated {
        Ok(_) => Ok(out.into()),
        // A compressed body that was cut off still holds its first events.
        Err(_) if looks_like_json(&out) => Ok(out.into()),
        Err(error) => Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "broken-compression",
            format!("the compressed body cannot be inflated: {error}"),
        )),
    }
}
