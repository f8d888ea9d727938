//! What a page of the newsroom says when it cannot be shown, and how pages are sent at all.
//! A refusal that belongs beside a form is shown there instead.

use super::assets;
use super::pages::TroublePage;
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use desk::Error;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use newsroom::refusal::Refusal;

/// Nothing from elsewhere, no script and style of a page's own, nobody may frame it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nobody is signed in.
    SignInFirst,
    Missing,
    Refused(Refusal),
    /// What was sent is larger than anything we take.
    TooLarge,
    /// What was sent is not a form.
    NotAForm,
    Broken(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing => Self::Missing,
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Broken(cause) => Self::Broken(cause),
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, title, sentence) = match self {
            Self::SignInFirst => return Redirect::to("/newsroom/sign-in").into_response(),
            Self::Missing => (
                StatusCode::NOT_FOUND,
                "Nothing stands here",
                "The address is wrong, or what stood here is gone. Nothing was changed.".to_owned(),
            ),
            Self::Refused(refusal) => (StatusCode::FORBIDDEN, "Not like this", refusal.to_string()),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "That is too large",
                "All together is more than 64 MB. Go back in your browser: what you typed is still there. Send smaller pictures.".to_owned(),
            ),
            Self::NotAForm => (
                StatusCode::BAD_REQUEST,
                "The form arrived broken",
                "Go back in your browser: what you typed is still there. Send it once more.".to_owned(),
            ),
            Self::Broken(cause) => {
                tracing::error!("a page of the newsroom could not be shown: {cause}");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something broke on our side",
                    "What you asked for may not have happened. Look before you ask again; the cause is in the log.".to_owned(),
                )
            }
        };
        let style = assets::style_href().to_owned();
        page(status, &TroublePage { style, title, sentence, href: "/newsroom", words: "Today" })
    }
}

/// What a handler gives: a page, or why not.
pub(crate) type Shown = Result<Response, Trouble>;

/// Prints a page.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!("a template of the newsroom did not print: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something broke on our side; the cause is in the log.\n")
                .into_response()
        }
    }
}

/// After a form: see there.
pub(crate) fn see(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// What every answer of the newsroom carries unless it says otherwise: kept by nobody, found by nobody, framed by nobody.
pub(crate) async fn dress(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
