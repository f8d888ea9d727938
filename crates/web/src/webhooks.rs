//! Where mail providers call: the raw bytes and headers go to the desk, which asks for proof.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::returned::CallAnswer;
use http::{HeaderMap, StatusCode};

use crate::printed::{Printed, TEXT};
use crate::site::Web;

/// 200: kept, now or before. 403: not proven. 404: no such provider. 503: not kept, call again.
pub(crate) async fn take(
    State(web): State<Web>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    let (status, words) = match web.desk().take_call(&provider, &header, &body).await {
        Ok(CallAnswer::Taken) => (StatusCode::OK, "taken\n".to_owned()),
        Ok(CallAnswer::Refused(why)) => (StatusCode::FORBIDDEN, format!("not taken: {why}\n")),
        Ok(CallAnswer::Unknown) => (StatusCode::NOT_FOUND, "there is no such provider here\n".to_owned()),
        Err(error) => {
            tracing::warn!(%error, "a provider's call could not be kept: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "not now\n".to_owned())
        }
    };
    Printed::once(TEXT, status, words).answer(&HeaderMap::new())
}
