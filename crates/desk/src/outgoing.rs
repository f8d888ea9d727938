//! The one door through which this program asks somebody's web server for something: pings, webhooks, certificates.
//! Whoever named the address, it never reaches a network that is not public, unless the operator listed it.
//! Always outside a transaction.

mod connect;
mod reach;
#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::network::Network;
use bytes::Bytes;
use connect::Encryption;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use mail::Names;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Position, Url};

/// The whole errand, redirects included.
const SECONDS_MAX: u64 = 5;
/// Bytes of an answer's body.
pub const REPLY_BYTES_MAX: usize = 5_000_000;
/// Bytes of an answer's headers, and how many of them.
const HEADER_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
const REDIRECTS_MAX: usize = 3;
/// Bytes of an address.
pub const URL_BYTES_MAX: usize = 2_048;

/// Asks public web servers. Clones share everything; no connection and no cookie is kept.
#[derive(Clone)]
pub struct Outgoing(Arc<Inner>);

struct Inner {
    name: HeaderValue,
    exceptions: Vec<Network>,
    encryption: Encryption,
    limits: Limits,
    /// Name servers that were named; without them web servers are looked up as every program of the machine does.
    named: Option<Names>,
    /// The machine's name servers, for what only they can be asked.
    own: OnceLock<Names>,
}

/// What ends an errand; only tests are less patient.
struct Limits {
    time: Duration,
    body_bytes: usize,
}

/// What is asked of whom.
#[derive(Debug, Clone)]
pub struct Errand {
    url: String,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

/// What a server answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }
}

impl Errand {
    /// Fetches `url`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: Method::GET, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Sends `body` to `url`.
    pub fn post(url: impl Into<String>, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
        Self { url: url.into(), method: Method::POST, headers, body: body.into() }
    }

    /// Adds a header. Not sent on to another site when the answer is a redirect there.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

/// Why there is no answer. Names the host at most: a path can hold a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReply {
    /// Empty where the address could not be read.
    pub host: String,
    pub why: Why,
}

/// What went wrong with an errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Not `http://…` or `https://…`, or too long.
    NoAddress,
    /// It carries a name or a password before the `@`.
    Password,
    /// A port of some other protocol.
    Port(u16),
    /// Every address of the host is on a network that is not public, and none is an exception.
    NotPublic,
    Unknown,
    Unreachable,
    /// The certificate, or the encryption itself.
    Encryption,
    /// Not HTTP, or broken off.
    Garbled,
    TooSlow,
    TooLarge,
    TooManyRedirects,
    /// A redirect from `https` to `http`.
    Downgraded,
}

impl std::fmt::Display for NoReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = &self.host;
        match self.why {
            Why::NoAddress => write!(f, "This is no address of the web; it begins with https:// or http://."),
            Why::Password => write!(f, "The address of {host} holds a name or a password; leave it out."),
            Why::Port(port) => write!(f, "Port {port} of {host} is not for the web; use 443, 80 or one above 1023."),
            Why::NotPublic => {
                write!(f, "{host} is not on a public network. If it is meant, list it in outgoing.allow.")
            }
            Why::Unknown => write!(f, "No address is known for {host}."),
            Why::Unreachable => write!(f, "{host} takes no connection."),
            Why::Encryption => write!(f, "{host} has no certificate that can be trusted."),
            Why::Garbled => write!(f, "{host} did not answer as web servers do."),
            Why::TooSlow => write!(f, "{host} did not answer within {SECONDS_MAX} seconds."),
            Why::TooLarge => write!(f, "{host} answered with more than {} MB.", REPLY_BYTES_MAX / 1_000_000),
            Why::TooManyRedirects => write!(f, "{host} redirected more than {REDIRECTS_MAX} times."),
            Why::Downgraded => write!(f, "{host} redirected to an address without encryption."),
        }
    }
}

impl std::error::Error for NoReply {}

impl From<NoReply> for Error {
    fn from(no: NoReply) -> Self {
        Self::Broken(no.to_string())
    }
}

impl Outgoing {
    /// Says to servers that it is the paper at `public_url` who asks. Addresses in `exceptions` may be reached although
    /// they are not public: a hub or a cache on the operator's own network.
    pub fn new(public_url: &str, exceptions: Vec<Network>) -> Self {
        Self::with(public_url, exceptions, Encryption::new(Vec::new()), Limits::default())
    }

    /// The same, with these name servers asked about everything.
    pub fn asking(public_url: &str, exceptions: Vec<Network>, names: Names) -> Self {
        let encryption = Encryption::new(Vec::new());
        Self(Arc::new(Inner { named: Some(names), ..Inner::of(public_url, exceptions, encryption, Limits::default()) }))
    }

    fn with(public_url: &str, exceptions: Vec<Network>, encryption: Encryption, limits: Limits) -> Self {
        Self(Arc::new(Inner::of(public_url, exceptions, encryption, limits)))
    }

    /// Whether a machine that somebody named may be connected to: it is public, or the operator said so.
    pub fn may_reach(&self, address: std::net::IpAddr) -> bool {
        reach::may_reach(address, &self.0.exceptions)
    }

    /// The name servers to ask about mail.
    pub fn names(&self) -> &Names {
        self.0.named.as_ref().unwrap_or_else(|| self.0.own.get_or_init(Names::of_this_machine))
    }

    /// Reads an address as [`Outgoing::send`] does, without asking anybody: for forms.
    pub fn check(url: &str) -> Result<(), NoReply> {
        reach::read(url).map(drop)
    }

    /// Runs the errand within 5 seconds, at most 3 redirects (each looked at like the first address) and 5 MB of
    /// answer. A status of 400 and above is an answer, too. A POST is repeated on 307 and 308 only (RFC 9110 §15.4);
    /// its other redirects are handed back. The body is as it came: compression is not asked for.
    pub async fn send(&self, errand: Errand) -> Result<Reply, NoReply> {
        let url = reach::read(&errand.url)?;
        let mut host = reach::host_of(&url);
        match tokio::time::timeout(self.0.limits.time, self.follow(errand, url, &mut host)).await {
            Ok(done) => done.map_err(|why| NoReply { host, why }),
            Err(_) => Err(NoReply { host, why: Why::TooSlow }),
        }
    }

    /// `host` is left at whoever was asked last.
    async fn follow(&self, mut errand: Errand, mut url: Url, host: &mut String) -> Result<Reply, Why> {
        for _ in 0..=REDIRECTS_MAX {
            let reply = self.once(&errand, &url).await?;
            let Some(next) = redirected(&errand.method, &reply, &url)? else { return Ok(reply) };
            if next.origin() != url.origin() {
                let content_type = errand.headers.remove(header::CONTENT_TYPE);
                errand.headers = content_type.map(|value| (header::CONTENT_TYPE, value)).into_iter().collect();
            }
            *host = reach::host_of(&next);
            url = next;
        }
        Err(Why::TooManyRedirects)
    }

    /// One connection, one request, one answer.
    async fn once(&self, errand: &Errand, url: &Url) -> Result<Reply, Why> {
        let stream = connect::reach(url, &self.0.exceptions, self.0.named.as_ref()).await?;
        let stream = self.0.encryption.wrap(url, stream).await?;
        let mut http = hyper::client::conn::http1::Builder::new();
        http.max_buf_size(HEADER_BYTES_MAX).max_headers(HEADERS_MAX);
        let (mut ask, connection) = http.handshake(TokioIo::new(stream)).await.map_err(|_| Why::Garbled)?;
        // Dropping the set ends the connection, whatever became of the errand.
        let mut connections = tokio::task::JoinSet::new();
        connections.spawn(connection);
        let (head, body) = ask.send_request(self.request(errand, url)?).await.map_err(|_| Why::Garbled)?.into_parts();
        let body = Limited::new(body, self.0.limits.body_bytes).collect().await;
        let body = body.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
            true => Why::TooLarge,
            false => Why::Garbled,
        })?;
        Ok(Reply { status: head.status, headers: head.headers, body: body.to_bytes() })
    }

    fn request(&self, errand: &Errand, url: &Url) -> Result<http::Request<Full<Bytes>>, Why> {
        let mut request = http::Request::new(Full::new(errand.body.clone()));
        *request.method_mut() = errand.method.clone();
        *request.uri_mut() = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| Why::NoAddress)?;
        *request.headers_mut() = errand.headers.clone();
        let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
        let own = [
            (header::HOST, host.map_err(|_| Why::NoAddress)?),
            (header::USER_AGENT, self.0.name.clone()),
            (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            (header::CONNECTION, HeaderValue::from_static("close")),
        ];
        for (name, value) in own {
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

impl Inner {
    fn of(public_url: &str, exceptions: Vec<Network>, encryption: Encryption, limits: Limits) -> Self {
        let name = format!("Masthead/{} (+{public_url})", env!("CARGO_PKG_VERSION"));
        let name = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("Masthead"));
        Self { name, exceptions, encryption, limits, named: None, own: OnceLock::new() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(SECONDS_MAX), body_bytes: REPLY_BYTES_MAX }
    }
}

/// Where the answer sends us, read as strictly as the first address. `None`: it is the answer.
fn redirected(method: &Method, reply: &Reply, from: &Url) -> Result<Option<Url>, Why> {
    let repeats = matches!(reply.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let moves = matches!(reply.status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER);
    let follows = repeats || (moves && *method == Method::GET);
    if !follows {
        return Ok(None);
    }
    let Some(location) = reply.headers.get(header::LOCATION) else { return Ok(None) };
    let next = location.to_str().ok().and_then(|text| from.join(text).ok()).ok_or(Why::Garbled)?;
    let next = reach::read(next.as_str()).map_err(|no| no.why)?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(Why::Downgraded);
    }
    Ok(Some(next))
}
