//! One printed answer: its bytes in every encoding, its tag, and which part of it a request needs.
//! Decides nothing about who may see it.

use aws_lc_rs::digest;
use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::encoding::{self, Encoding};

/// HTML.
pub const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Plain text.
pub const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What every answer says to browsers, unless a page says something stricter.
pub(crate) const HARDENED: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), browsing-topics=()"),
];

/// How long anybody may keep a public page, and for how long a cache may show it while it asks again.
const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600");
const PRIVATE: HeaderValue = HeaderValue::from_static("no-store");

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Anybody: it says nothing about who asked.
    Anybody,
    /// Nobody: it is about one person, or it is an error.
    Nobody,
}

/// An answer that can be sent many times.
#[derive(Debug, Clone)]
pub struct Printed {
    status: StatusCode,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    /// What all encodings have in common; each adds its letter (strong tags differ per encoding, RFC 9110 §8.8.3).
    tag: String,
    headers: HeaderMap,
}

impl Printed {
    /// A public answer, compressed both ways.
    pub fn new(content_type: HeaderValue, plain: impl Into<Bytes>) -> Printed {
        let plain = plain.into();
        let hash = digest::digest(&digest::SHA256, &plain);
        let tag = BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]);
        let gzip = encoding::gzip(&plain).map(Bytes::from);
        let brotli = encoding::brotli(&plain).map(Bytes::from);
        let headers = headers(&content_type, &plain, Keep::Anybody);
        Printed { status: StatusCode::OK, plain, gzip, brotli, tag, headers }
    }

    /// An answer for one visitor: never kept by anybody, and never compressed, because it holds what was typed
    /// beside what is secret (BREACH).
    pub fn once(content_type: HeaderValue, status: StatusCode, plain: impl Into<Bytes>) -> Printed {
        let plain = plain.into();
        let headers = headers(&content_type, &plain, Keep::Nobody);
        Printed { status, plain, gzip: None, brotli: None, tag: String::new(), headers }
    }

    /// The same answer with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Printed {
        self.status = status;
        self
    }

    /// The same answer with one more header line.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Printed {
        self.headers.insert(name, value);
        self
    }

    /// The same page, to be looked at inside a page of ours: its forms lead nowhere.
    #[must_use]
    pub(crate) fn in_frame_of_ours(mut self) -> Printed {
        if let Some(policy) = self.headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()) {
            let policy = policy
                .replace("frame-ancestors 'none'", "frame-ancestors 'self'")
                .replace("form-action 'self'", "form-action 'none'");
            let policy = HeaderValue::try_from(policy).expect("a policy is ASCII");
            self.headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        self
    }

    /// The status it is sent with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Bytes it holds in memory, about.
    pub fn weight(&self) -> usize {
        let compressed = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        self.plain.len() + compressed(&self.gzip) + compressed(&self.brotli) + 1024
    }

    /// The answer to one request: 304 where the visitor has it, else the bytes in the best encoding. A `HEAD` is
    /// answered the same; hyper leaves the body out and keeps its length.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let accept = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let (encoding, bytes) = match (Encoding::chosen_by(accept), &self.brotli, &self.gzip) {
            (Encoding::Brotli, Some(bytes), _) => (Encoding::Brotli, bytes),
            (Encoding::Gzip, _, Some(bytes)) => (Encoding::Gzip, bytes),
            _ => (Encoding::Plain, &self.plain),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        if !self.tag.is_empty() {
            response.headers_mut().insert(ETAG, self.etag(encoding));
        }
        if self.status == StatusCode::OK && self.is_known_to(request) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(CONTENT_TYPE);
            return response;
        }
        if let Some(token) = encoding.token() {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        *response.body_mut() = Body::from(bytes.clone());
        response
    }

    fn etag(&self, encoding: Encoding) -> HeaderValue {
        let letter = match encoding {
            Encoding::Plain => "",
            Encoding::Gzip => "-g",
            Encoding::Brotli => "-b",
        };
        HeaderValue::try_from(format!("\"{}{letter}\"", self.tag)).expect("a tag is made of letters and digits")
    }

    /// Whether `If-None-Match` names this answer in any encoding: they hold the same page (RFC 9110 §13.1.2).
    fn is_known_to(&self, request: &HeaderMap) -> bool {
        if self.tag.is_empty() {
            return false;
        }
        request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').take(32).map(str::trim).any(|one| {
                let one = one.strip_prefix("W/").unwrap_or(one);
                let Some(tag) = one.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
                    return one == "*";
                };
                tag.strip_suffix("-g").or_else(|| tag.strip_suffix("-b")).unwrap_or(tag) == self.tag
            })
        })
    }
}

fn headers(content_type: &HeaderValue, plain: &[u8], keep: Keep) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(24);
    headers.insert(CONTENT_TYPE, content_type.clone());
    for (name, value) in HARDENED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    match keep {
        Keep::Anybody => {
            headers.insert(CACHE_CONTROL, PUBLIC);
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        Keep::Nobody => {
            headers.insert(CACHE_CONTROL, PRIVATE);
        }
    }
    if *content_type == HTML {
        headers.insert(CONTENT_SECURITY_POLICY, content_security_policy(plain));
    }
    headers
}

/// Nothing runs and nothing is fetched but our own pictures; the one style is named by its hash.
fn content_security_policy(page: &[u8]) -> HeaderValue {
    let style = style_of(page).map(|css| BASE64_STANDARD.encode(digest::digest(&digest::SHA256, css)));
    let style = style.map_or_else(|| "'none'".to_owned(), |hash| format!("'sha256-{hash}'"));
    let policy = format!(
        "default-src 'none'; style-src {style}; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy is ASCII")
}

/// The text of the first style element, as it stands in the page.
fn style_of(page: &[u8]) -> Option<&[u8]> {
    let find = |from: usize, what: &[u8]| {
        page.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let start = find(0, b"<style>")? + b"<style>".len();
    let end = find(start, b"</style>")?;
    Some(&page[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Printed {
        Printed::new(HTML, format!("<style>a{{}}</style>{}", "Who will lead? ".repeat(200)))
    }

    fn asking(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn each_encoding_has_a_strong_tag_of_its_own() {
        let page = page();
        let tag = |accept| page.answer(&asking(ACCEPT_ENCODING, accept)).headers()[ETAG].to_str().unwrap().to_owned();
        assert!(tag("br").ends_with("-b\"") && tag("gzip").ends_with("-g\""));
        assert_ne!(tag("br"), tag("identity"));
    }

    #[test]
    fn who_has_the_page_is_not_sent_it_again() {
        let page = page();
        let tag = page.answer(&HeaderMap::new()).headers()[ETAG].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
            let answer = page.answer(&asking(IF_NONE_MATCH, &known));
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(answer.headers().contains_key(CACHE_CONTROL) && answer.headers().contains_key(VARY));
        }
        for other in ["\"other\"", "other", "", "\"", "W/"] {
            assert_eq!(page.answer(&asking(IF_NONE_MATCH, other)).status(), StatusCode::OK, "{other}");
        }
    }

    #[test]
    fn the_policy_names_the_style_and_nothing_else() {
        let answer = page().answer(&HeaderMap::new());
        let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        // printf 'a{}' | openssl dgst -sha256 -binary | base64
        assert!(policy.contains("style-src 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='"), "{policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    }

    #[test]
    fn what_is_for_one_person_is_kept_by_nobody_and_not_compressed() {
        let once = Printed::once(HTML, StatusCode::OK, "x".repeat(4000));
        let answer = once.answer(&asking(ACCEPT_ENCODING, "br, gzip"));
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        assert!(!answer.headers().contains_key(CONTENT_ENCODING) && !answer.headers().contains_key(ETAG));
    }
}
