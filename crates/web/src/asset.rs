//! The few files that belong to the theme: icons, and whatever pictures a publisher's theme brings along.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::printed::{Printed, TEXT};
use crate::site::Web;

/// An hour: they change with the theme or the publication, and their addresses stay.
const HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// An SVG that is opened by itself runs nothing and fetches nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

/// The icon of browser tabs: the theme's own, else the publication's drawing, else ours.
pub(crate) fn icon(web: &Web, request: &HeaderMap) -> Response {
    let theme = web.desk().theme();
    let paper = web.desk().paper();
    match paper.publication.logo_path() {
        Some(path) if !theme.files().has("asset/icon.svg") => send("image/svg+xml", drawn(path).into_bytes(), request),
        Some(_) | None => of_theme(web, "icon.svg", request),
    }
}

/// A picture of the theme, or 404.
pub(crate) fn of_theme(web: &Web, name: &str, request: &HeaderMap) -> Response {
    match web.desk().theme().asset(name) {
        Some((media_type, bytes)) => send(media_type, bytes.to_vec(), request),
        None => missing(request),
    }
}

/// There is no such file.
pub(crate) fn missing(request: &HeaderMap) -> Response {
    Printed::once(TEXT, StatusCode::NOT_FOUND, "There is no such file.\n").answer(request)
}

fn send(media_type: &'static str, bytes: Vec<u8>, request: &HeaderMap) -> Response {
    Printed::new(HeaderValue::from_static(media_type), bytes)
        .with(header::CACHE_CONTROL, HOUR)
        .with(header::CONTENT_SECURITY_POLICY, NOTHING)
        .answer(request)
}

/// The publication's drawing as a file of its own, in the ink of the browser's scheme.
fn drawn(path: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><style>path{{fill:none;stroke:#14181a;\
         stroke-width:2.4}}@media(prefers-color-scheme:dark){{path{{stroke:#e6e7e4}}}}</style><path d=\"{path}\"/></svg>"
    )
}
