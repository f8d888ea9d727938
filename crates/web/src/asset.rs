//! The few files that belong to the program: icons. Embedded, so that there is nothing to install.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::printed::{Printed, TEXT};

const ICON: &[u8] = include_bytes!("../assets/public/icon.svg");
const TOUCH_ICON: &[u8] = include_bytes!("../assets/public/icon-180.png");

/// A week: they change with the program only, and their addresses stay.
const WEEK: HeaderValue = HeaderValue::from_static("public, max-age=604800");
/// An SVG that is opened by itself runs nothing and fetches nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

/// The file of a name, or 404.
pub(crate) fn asset(name: &str, request: &HeaderMap) -> Response {
    let (content_type, bytes) = match name {
        "icon.svg" => ("image/svg+xml", ICON),
        "icon-180.png" | "favicon.ico" => ("image/png", TOUCH_ICON),
        _ => return Printed::once(TEXT, StatusCode::NOT_FOUND, "There is no such file.\n").answer(request),
    };
    Printed::new(HeaderValue::from_static(content_type), bytes)
        .with(header::CACHE_CONTROL, WEEK)
        .with(header::CONTENT_SECURITY_POLICY, NOTHING)
        .answer(request)
}
