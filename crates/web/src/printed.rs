//! One printed answer: its bytes in every encoding, its tag, and which part of it a request needs.
//! Decides nothing about who may see it.

use std::borrow::Cow;

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

use crate::encoding::{self, Effort, Encoding};

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

/// How long anybody may keep a public page, for how long a cache may show it while it asks again (RFC 5861), and for
/// how long while we do not answer.
const PUBLIC: HeaderValue =
    HeaderValue::from_static("public, max-age=60, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400");
/// The one script a page may have, and only where the newsroom offers to keep pages.
pub(crate) const KEEPER: &str =
    "navigator.serviceWorker&&addEventListener('load',()=>navigator.serviceWorker.register('/offline.js'))";
const PRIVATE: HeaderValue = HeaderValue::from_static("no-store");

/// Tags of one `If-None-Match` line that are looked at.
const TAGS_MAX: usize = 32;

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
    /// None where the compressed bytes hold it: a page is kept as most visitors take it.
    plain: Option<Bytes>,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    effort: Effort,
    /// What all encodings have in common; each adds its mark (strong tags differ per bytes, RFC 9110 §8.8.3).
    tag: String,
    headers: HeaderMap,
    plates: Option<Plates>,
}

/// A printed answer cast for the press that needs no typesetting any more: bytes as they go over the wire.
#[derive(Debug, Clone)]
struct Plates {
    /// Header lines of a 304, without the tag; then the line of the tag under each mark, and an empty one.
    known: Bytes,
    tags: [Bytes; encoding::MARKS.len()],
    plain: Option<Plate>,
    gzip: Option<Plate>,
    brotli: Option<Plate>,
}

/// Header lines, an empty line and the body of one answer.
#[derive(Debug, Clone)]
pub(crate) struct Plate {
    bytes: Bytes,
    head: usize,
}

impl Plate {
    /// Everything after the status line and the date.
    pub(crate) fn whole(&self) -> &[u8] {
        &self.bytes
    }

    fn body(&self) -> Bytes {
        self.bytes.slice(self.head..)
    }

    /// The same without the body.
    pub(crate) fn head(&self) -> &[u8] {
        &self.bytes[..self.head]
    }
}

/// Which part of a printed answer one request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Whole(Encoding),
    /// Nothing: the visitor has it under this mark of ours.
    Known(&'a str),
}

/// What goes over the wire for a request, if the answer was cast.
#[derive(Debug)]
pub(crate) enum Cast<'a> {
    /// Owned for the few who take nothing packed.
    Whole(Cow<'a, Plate>),
    /// Header lines of a 304, and the tag to end them with.
    Known(&'a [u8], &'a [u8]),
}

/// A name for bytes that other bytes do not have.
pub(crate) fn tag(bytes: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, bytes);
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12])
}

impl Printed {
    /// A public answer, compressed both ways.
    pub fn new(content_type: HeaderValue, plain: impl Into<Bytes>) -> Printed {
        let plain = plain.into();
        Printed::picture(content_type, plain).compressed(Effort::Quick)
    }

    /// A public answer whose bytes are small as they are: a picture.
    pub(crate) fn picture(content_type: HeaderValue, plain: impl Into<Bytes>) -> Printed {
        let plain = plain.into();
        let headers = headers(&content_type, &plain, Keep::Anybody);
        Printed { tag: tag(&plain), ..Printed::bare(StatusCode::OK, plain, headers) }
    }

    /// An answer for one visitor: never kept by anybody, and never compressed, because it holds what was typed
    /// beside what is secret (BREACH).
    pub fn once(content_type: HeaderValue, status: StatusCode, plain: impl Into<Bytes>) -> Printed {
        let plain = plain.into();
        let headers = headers(&content_type, &plain, Keep::Nobody);
        Printed::bare(status, plain, headers)
    }

    fn bare(status: StatusCode, plain: Bytes, headers: HeaderMap) -> Printed {
        let (tag, effort) = (String::new(), Effort::Quick);
        Printed { status, plain: Some(plain), gzip: None, brotli: None, effort, tag, headers, plates: None }
    }

    fn compressed(mut self, effort: Effort) -> Printed {
        let plain = self.plain();
        self.gzip = encoding::gzip(&plain, effort).map(Bytes::from);
        self.brotli = encoding::brotli(&plain, effort).map(Bytes::from);
        self.effort = effort;
        self
    }

    /// The answer as it was printed.
    fn plain(&self) -> Bytes {
        let unpacked = || self.gzip.as_ref().map(|gzip| encoding::gunzip(gzip).into()).unwrap_or_default();
        self.plain.clone().unwrap_or_else(unpacked)
    }

    /// The same answer in as few bytes as we can make of it; takes some 50 ms of one core. It is another
    /// representation, so its tags are others; who has one of the old ones is still told so.
    #[must_use]
    pub(crate) fn at_best(&self) -> Printed {
        let is_packed = self.gzip.is_none() && self.brotli.is_none();
        if is_packed { self.clone() } else { self.clone().compressed(Effort::Best).cast() }
    }

    /// The same answer with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Printed {
        self.status = status;
        self.plates = None;
        self
    }

    /// The same answer with one more header line.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Printed {
        self.headers.insert(name, value);
        self.plates = None;
        self
    }

    /// The same answer with its bytes laid out as they go over the wire; plain ones only where there are no others.
    #[must_use]
    pub(crate) fn cast(mut self) -> Printed {
        let is_alone = self.gzip.is_none();
        let plain = self.plain.take().filter(|_| is_alone).map(|bytes| self.plate(Encoding::Plain, &bytes));
        let gzip = self.gzip.as_ref().map(|bytes| self.plate(Encoding::Gzip, bytes));
        let brotli = self.brotli.as_ref().map(|bytes| self.plate(Encoding::Brotli, bytes));
        let known = lines(self.headers.iter().filter(|(name, _)| *name != CONTENT_TYPE));
        // One copy in memory: the bodies are the ends of the plates.
        self.plain = plain.as_ref().map(Plate::body);
        self.gzip = gzip.as_ref().map(Plate::body);
        self.brotli = brotli.as_ref().map(Plate::body);
        let tags = encoding::MARKS.map(|mark| Bytes::from(format!("etag: {}\r\n\r\n", self.etag(mark))));
        self.plates = Some(Plates { known: known.into(), tags, plain, gzip, brotli });
        self
    }

    fn plate(&self, encoding: Encoding, body: &[u8]) -> Plate {
        let mut bytes = lines(self.headers.iter());
        if !self.tag.is_empty() {
            bytes.extend_from_slice(format!("etag: {}\r\n", self.etag(self.effort.mark(encoding))).as_bytes());
        }
        if let Some(token) = encoding.token() {
            bytes.extend_from_slice(format!("content-encoding: {token}\r\n").as_bytes());
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        let head = bytes.len();
        bytes.extend_from_slice(body);
        Plate { bytes: bytes.into(), head }
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
        compressed(&self.plain) + compressed(&self.gzip) + compressed(&self.brotli) + 4096
    }

    /// The answer to one request: 304 where the visitor has it, else the bytes in the best encoding. A `HEAD` is
    /// answered the same; hyper leaves the body out and keeps its length.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let accept = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = self.headers.clone();
        let mark = match self.part(accept, known) {
            Part::Known(mark) => {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                response.headers_mut().remove(CONTENT_TYPE);
                mark
            }
            Part::Whole(encoding) => {
                *response.status_mut() = self.status;
                if let Some(token) = encoding.token() {
                    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(token));
                }
                *response.body_mut() = Body::from(self.bytes(encoding));
                self.effort.mark(encoding)
            }
        };
        if !self.tag.is_empty() {
            let etag = HeaderValue::try_from(self.etag(mark)).expect("a tag is made of letters and digits");
            response.headers_mut().insert(ETAG, etag);
        }
        response
    }

    /// What [`Printed::answer`] says, as it goes over the wire; None if it was not cast.
    pub(crate) fn over_the_wire<'a>(
        &self,
        accept: Option<&str>,
        known: impl Iterator<Item = &'a str>,
    ) -> Option<Cast<'_>> {
        let plates = self.plates.as_ref()?;
        Some(match self.part(accept, known) {
            Part::Known(mark) => {
                let at = encoding::MARKS.iter().position(|known| *known == mark)?;
                Cast::Known(&plates.known, &plates.tags[at])
            }
            Part::Whole(encoding) => Cast::Whole(match encoding {
                Encoding::Plain => match &plates.plain {
                    Some(plate) => Cow::Borrowed(plate),
                    None => Cow::Owned(self.plate(Encoding::Plain, &self.plain())),
                },
                Encoding::Gzip => Cow::Borrowed(plates.gzip.as_ref()?),
                Encoding::Brotli => Cow::Borrowed(plates.brotli.as_ref()?),
            }),
        })
    }

    fn part<'a>(&self, accept: Option<&str>, known: impl Iterator<Item = &'a str>) -> Part<'a> {
        let encoding = match Encoding::chosen_by(accept) {
            Encoding::Brotli if self.brotli.is_some() => Encoding::Brotli,
            Encoding::Gzip if self.gzip.is_some() => Encoding::Gzip,
            Encoding::Brotli | Encoding::Gzip | Encoding::Plain => Encoding::Plain,
        };
        if self.status == StatusCode::OK
            && !self.tag.is_empty()
            && let Some(mark) = self.mark_among(known, self.effort.mark(encoding))
        {
            return Part::Known(mark);
        }
        Part::Whole(encoding)
    }

    fn bytes(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Plain => None,
            Encoding::Gzip => self.gzip.clone(),
            Encoding::Brotli => self.brotli.clone(),
        }
        .unwrap_or_else(|| self.plain())
    }

    fn etag(&self, mark: &str) -> String {
        format!("\"{}{mark}\"", self.tag)
    }

    /// Under which mark `If-None-Match` names this answer: in whatever bytes, they hold the same page (RFC 9110
    /// §13.1.2). A 304 repeats that mark, because it is the one under which a cache keeps its copy.
    fn mark_among<'a>(&self, known: impl Iterator<Item = &'a str>, chosen: &'static str) -> Option<&'a str> {
        known.flat_map(|line| line.split(',').take(TAGS_MAX).map(str::trim)).find_map(|one| {
            if one == "*" {
                return Some(chosen);
            }
            let one = one.strip_prefix("W/").unwrap_or(one);
            let mark = one.strip_prefix('"')?.strip_suffix('"')?.strip_prefix(self.tag.as_str())?;
            encoding::MARKS.contains(&mark).then_some(mark)
        })
    }
}

/// Header lines as they go over the wire.
fn lines<'a>(headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
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

/// Nothing runs but the script that keeps pages, where it is; it and the one style are named by their hashes. Nothing is
/// fetched but from ourselves; `connect-src` is for those who ask a page's own robots.txt from inside it.
fn content_security_policy(page: &[u8]) -> HeaderValue {
    let named = |text: &[u8]| format!("'sha256-{}'", BASE64_STANDARD.encode(digest::digest(&digest::SHA256, text)));
    let style = element(page, b"<style>", b"</style>").map_or_else(|| "'none'".to_owned(), named);
    let script = element(page, b"<script>", b"</script>").filter(|script| *script == KEEPER.as_bytes());
    let script = script.map_or_else(String::new, |script| {
        format!(" script-src {}; worker-src 'self'; manifest-src 'self';", named(script))
    });
    let policy = format!(
        "default-src 'none'; style-src {style};{script} img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy is ASCII")
}

/// The text of the first element with these tags, as it stands in the page.
fn element<'a>(page: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(page, start)? + start.len();
    let end = memchr::memmem::find(&page[start..], end)?;
    Some(&page[start..start + end])
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
        assert!(tag("br").ends_with("-b5\"") && tag("gzip").ends_with("-g6\""));
        assert_ne!(tag("br"), tag("identity"));
    }

    #[test]
    fn the_best_compression_holds_the_same_page_under_a_tag_of_its_own() {
        let text: String = (0..900).map(|n| format!("Line {n} says {}. ", n * 7919 % 1009)).collect();
        let page = Printed::new(TEXT, text);
        let best = page.at_best();
        for (accept, before, after) in [("br", "-b5\"", "-b11\""), ("gzip", "-g6\"", "-g9\"")] {
            let asked = asking(ACCEPT_ENCODING, accept);
            let tags =
                [page.answer(&asked), best.answer(&asked)].map(|a| a.headers()[ETAG].to_str().unwrap().to_owned());
            assert!(tags[0].ends_with(before) && tags[1].ends_with(after), "{tags:?}");
            // A cache that asks for news of the copy it has is told about that copy.
            let again = best.answer(&asking(IF_NONE_MATCH, &tags[0]));
            assert_eq!((again.status(), &again.headers()[ETAG]), (StatusCode::NOT_MODIFIED, &tags[0].parse().unwrap()));
        }
        assert_eq!(best.plain(), page.plain());
        assert!(best.brotli.unwrap().len() <= page.brotli.unwrap().len());
    }

    #[test]
    fn a_page_that_is_kept_is_there_for_those_who_cannot_unpack_it_and_weighs_only_what_is_packed() {
        let page = page();
        let cast = page.clone().cast();
        assert!(cast.plain() == page.plain() && cast.weight() < page.weight());
        let tags = [&page, &cast].map(|page| page.answer(&HeaderMap::new()).headers()[ETAG].clone());
        assert_eq!(tags[0], tags[1]);
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
    fn the_policy_lets_the_script_run_that_keeps_pages_and_no_other() {
        let policy = |script: &str| {
            let page = Printed::new(HTML, format!("<style>a{{}}</style><script>{script}</script>"));
            page.answer(&HeaderMap::new()).headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        assert!(policy(KEEPER).contains("; script-src 'sha256-") && policy(KEEPER).contains("; worker-src 'self';"));
        for other in ["alert(1)", &format!("{KEEPER};alert(1)"), ""] {
            assert!(!policy(other).contains("script-src"), "{other}");
        }
    }

    #[test]
    fn what_is_for_one_person_is_kept_by_nobody_and_not_compressed() {
        let once = Printed::once(HTML, StatusCode::OK, "x".repeat(4000));
        let answer = once.answer(&asking(ACCEPT_ENCODING, "br, gzip"));
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        assert!(!answer.headers().contains_key(CONTENT_ENCODING) && !answer.headers().contains_key(ETAG));
    }
}
