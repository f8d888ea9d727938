//! The one style sheet and the one small script of the newsroom's pages, named by what is in them.
//! The script only keeps what was typed and listens to keys: every page works without it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/newsroom/desk.css");
const SCRIPT: &str = include_str!("../../assets/newsroom/desk.js");

static STYLE_HREF: LazyLock<String> = LazyLock::new(|| format!("/newsroom/assets/desk-{:016x}.css", print_of(STYLE)));
static SCRIPT_HREF: LazyLock<String> = LazyLock::new(|| format!("/newsroom/assets/desk-{:016x}.js", print_of(SCRIPT)));

/// Where the style sheet of this build stands.
pub(crate) fn style_href() -> &'static str {
    &STYLE_HREF
}

/// Where the script of this build stands.
pub(crate) fn script_href() -> &'static str {
    &SCRIPT_HREF
}

/// `GET /newsroom/assets/{name}`: kept by browsers for a year, because another content has another name.
pub(crate) async fn show(Path(name): Path<String>) -> Response {
    let (body, kind) = match name {
        name if STYLE_HREF.ends_with(&format!("/{name}")) => (STYLE, "text/css; charset=utf-8"),
        name if SCRIPT_HREF.ends_with(&format!("/{name}")) => (SCRIPT, "text/javascript; charset=utf-8"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let kept = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], body).into_response()
}

/// FNV-1a, 64 bits: tells builds apart, guards nothing.
fn print_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
