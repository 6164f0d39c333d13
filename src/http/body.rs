//! The body of a request: read whole if it is small enough, else read and thrown away for a while, since
//! a client that writes first receives a response only once all that it wrote was taken.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::request::Refusal;
use crate::auth::byte_budget::BytePermit;
use crate::limits::{BODY_MAX, BODY_SMALL, DISCARD_MAX, DISCARD_WITHIN};
use crate::messages::ErrorMessage;

const TOO_LARGE: Refusal =
    Refusal::Malformed(StatusCode::PAYLOAD_TOO_LARGE, ErrorMessage::TooLargeBody);
const COMPRESSED: Refusal =
    Refusal::Malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorMessage::CompressedBody);
pub const CUT_OFF: Refusal = Refusal::Malformed(StatusCode::BAD_REQUEST, ErrorMessage::BodyCutOff);

/// A body, and the memory that it takes: none where it is small.
pub struct Read {
    pub body: Bytes,
    pub permit: Option<BytePermit>,
}

/// Reads it whole. The permit is asked for where the body is not small.
///
/// # Errors
/// When the body is larger than [`BODY_MAX`], compressed, does not come whole, or there is no memory for it.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    permit: impl AsyncFnOnce() -> BytePermit,
) -> Result<Read, Refusal> {
    let mut data = body.into_data_stream();
    let declared = length(headers);
    if is_compressed(headers) {
        return refuse(headers, data, 0, COMPRESSED).await;
    }
    if declared.is_some_and(|length| length > BODY_MAX) {
        return refuse(headers, data, 0, TOO_LARGE).await;
    }
    let Some(first) = next(&mut data).await? else {
        return Ok(Read { body: Bytes::new(), permit: None });
    };
    if first.len() > BODY_MAX {
        return refuse(headers, data, first.len(), TOO_LARGE).await;
    }
    // Most come in one piece, and are small.
    let is_whole = declared == Some(first.len());
    if is_whole && first.len() <= BODY_SMALL {
        return Ok(Read { body: first, permit: None });
    }
    let mut permit = permit().await;
    if let Err(why) = permit.grow(first.len()) {
        return refuse(headers, data, first.len(), Refusal::NoMemory(why)).await;
    }
    let Some(second) = next(&mut data).await? else {
        return Ok(Read { body: first, permit: Some(permit) });
    };
    let mut whole = Vec::new();
    let mut pieces = [first, second].into_iter();
    while let Some(bytes) = match pieces.next() {
        Some(bytes) => Some(bytes),
        None => next(&mut data).await?,
    } {
        let length = whole.len() + bytes.len();
        if length > BODY_MAX {
            return refuse(headers, data, length, TOO_LARGE).await;
        }
        if length > whole.capacity() {
            let capacity = declared.unwrap_or(2 * length).clamp(length, BODY_MAX);
            if let Err(why) = permit.grow(capacity.saturating_sub(permit.bytes())) {
                drop(whole);
                return refuse(headers, data, length, Refusal::NoMemory(why)).await;
            }
            whole.reserve_exact(capacity - whole.len());
        }
        whole.extend_from_slice(&bytes);
    }
    Ok(Read { body: whole.into(), permit: Some(permit) })
}

async fn next(data: &mut BodyDataStream) -> Result<Option<Bytes>, Refusal> {
    data.next().await.transpose().map_err(|_| CUT_OFF)
}

/// Throws away the rest of a body of which `seen` bytes were read already, then refuses.
async fn refuse(
    headers: &HeaderMap,
    mut data: BodyDataStream,
    mut seen: usize,
    why: Refusal,
) -> Result<Read, Refusal> {
    // A client that waits for `100 Continue` sends nothing.
    let waits = headers
        .get(header::EXPECT)
        .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if !waits {
        let discard = async {
            while seen < DISCARD_MAX
                && let Some(Ok(bytes)) = data.next().await
            {
                seen += bytes.len();
            }
        };
        // A body that is slow or endless is not waited for.
        let _late = timeout(DISCARD_WITHIN, discard).await;
    }
    Err(why)
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut encodings = encodings.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    encodings
        .any(|it| !it.trim_ascii().is_empty() && !it.trim_ascii().eq_ignore_ascii_case(b"identity"))
}
