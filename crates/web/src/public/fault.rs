//! The pages nobody wants to see, each in the language of its address: 400, 404, 410, 500, and plain refusals.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use newsroom::time::Timestamp;
use press::page::{Gone, Meta, NotFound, Page};

use super::sheet::Sheet;
use crate::address::Place;
use crate::printed::{HTML, Printed, TEXT};
use crate::site::Web;

/// Why a page is not shown.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing stands here.
    NotFound,
    /// It stood here and was withdrawn.
    Gone { headline: String, at: Option<Timestamp>, reason: Option<String> },
    /// It stands at another place for good.
    Moved(Place),
    /// The machine failed; the cause is for the operator.
    Broken(String),
}

impl Fault {
    pub(crate) fn broken(cause: impl std::fmt::Display) -> Fault {
        Fault::Broken(cause.to_string())
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Fault {
        Fault::broken(error)
    }
}

impl From<desk::Error> for Fault {
    fn from(error: desk::Error) -> Fault {
        match error {
            desk::Error::Missing => Fault::NotFound,
            desk::Error::Refused(refusal) => Fault::broken(refusal),
            desk::Error::Broken(cause) => Fault::Broken(cause),
        }
    }
}

/// The answer to a request that cannot be answered with what it asked for. `path` is the address, for the search field.
pub(crate) async fn answer(sheet: &Sheet, fault: Fault, path: &str, request: &HeaderMap) -> Response {
    match fault {
        Fault::NotFound => not_found(sheet, StatusCode::NOT_FOUND, path, request).await,
        Fault::Gone { headline, at, reason } => gone(sheet, &headline, at, reason, request),
        Fault::Moved(to) => moved(&sheet.href(&to)),
        Fault::Broken(cause) => broken(&sheet.web, sheet.language.code(), &cause, request),
    }
}

/// "There is no page at this address", with 404 or, for an address that cannot be read at all, 400. Offers what
/// stands near it, and the newest articles; where even that fails, the page goes without.
pub(crate) async fn not_found(sheet: &Sheet, status: StatusCode, path: &str, request: &HeaderMap) -> Response {
    let meta = Meta::unlisted(sheet.say("not_found_title", &[]));
    let near = super::nearest::look(sheet, path).await.unwrap_or_else(|fault| {
        tracing::warn!("nothing could be offered instead of a missing page: {fault:?}");
        super::nearest::Nearest::default()
    });
    let model = NotFound { meta, query: super::nearest::words_of(path), perhaps: near.perhaps, newest: near.newest };
    print(sheet, status, &Page::NotFound(model), request)
}

fn gone(sheet: &Sheet, headline: &str, at: Option<Timestamp>, reason: Option<String>, request: &HeaderMap) -> Response {
    let meta = Meta::unlisted(sheet.say("gone_title", &[]));
    let headline = Some(headline.to_owned()).filter(|headline| !headline.is_empty());
    let when = at.map(|at| sheet.moment_long(at));
    print(sheet, StatusCode::GONE, &Page::Gone(Gone { meta, headline, when, reason }), request)
}

fn print(sheet: &Sheet, status: StatusCode, page: &Page, request: &HeaderMap) -> Response {
    match sheet.html(page) {
        Ok(html) => Printed::once(HTML, status, html).answer(request),
        Err(cause) => broken(&sheet.web, sheet.language.code(), &cause, request),
    }
}

/// "Something broke on our side", with a reference that is in the log as well.
pub(crate) fn broken(web: &Web, language: &str, cause: &str, request: &HeaderMap) -> Response {
    let reference = format!("{:x}", web.desk().now().0);
    tracing::error!(%reference, "a page could not be shown ({reference}): {cause}");
    let html = web.desk().theme().broken(language, Some(&reference));
    Printed::once(HTML, StatusCode::INTERNAL_SERVER_ERROR, html).answer(request)
}

/// A move for good (301, which every crawler and every old browser knows; only reading is ever moved). Everybody may
/// keep it as long as any page.
pub(crate) fn moved(to: &str) -> Response {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    match HeaderValue::from_str(to) {
        Ok(location) => {
            response.headers_mut().insert(header::LOCATION, location);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        }
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// "See there" after a form.
pub(crate) fn see_other(to: &str) -> Response {
    let mut response = moved(to);
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal in one plain line, for machines and for what no form of ours sends.
pub(crate) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    Printed::once(TEXT, status, sentence).answer(&HeaderMap::new())
}
