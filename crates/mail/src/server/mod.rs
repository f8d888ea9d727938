//! Takes mail in: a small SMTP server (RFC 5321) for the demo's mail tray, for reports that come back, and for tests.
//! Never relays and never stores; each message goes to the sink, whose answer becomes the reply.

mod command;
mod data;
mod session;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{debug, warn};

pub use data::Unstuffer;
pub use session::converse;

/// What one peer may ask of the server. Each limit closes a way to exhaust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most octets of one message; announced as SIZE (RFC 1870).
    pub message_bytes_max: usize,
    /// Most recipients of one message (RFC 5321 §4.5.3.1.8 asks for at least 100).
    pub recipients_max: usize,
    /// Longest command line, in octets with its CRLF (512 in RFC 5321 §4.5.3.1.4, more with extensions).
    pub command_bytes_max: usize,
    /// Longest line of a message, in octets with its CRLF (RFC 5321 §4.5.3.1.6).
    pub text_line_bytes_max: usize,
    /// Commands that make no sense before the peer is sent away.
    pub mistakes_max: usize,
    /// Silence after which the peer is sent away.
    pub idle: Duration,
    /// Conversations at one time; the next peer hears 421.
    pub connections_max: usize,
    /// How long a message under way may still take when the server stops.
    pub farewell: Duration,
}

impl Default for Limits {
    /// 25 MB, 100 recipients, 2048 and 1000 octets a line, 10 mistakes, 5 minutes idle, 64 connections, 10 s farewell.
    fn default() -> Self {
        Self {
            message_bytes_max: 25 * 1024 * 1024,
            recipients_max: 100,
            command_bytes_max: 2048,
            text_line_bytes_max: 1000,
            mistakes_max: 10,
            idle: Duration::from_secs(300),
            connections_max: 64,
            farewell: Duration::from_secs(10),
        }
    }
}

/// Which conversation the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Smtp,
    /// Local delivery (RFC 2033): LHLO, and a reply per recipient after the dot.
    Lmtp,
}

/// Says whether mail for an address is taken.
pub type Accepts = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// How the server presents itself.
#[derive(Clone)]
pub struct Settings {
    /// Our host name in greeting and EHLO; printable ASCII.
    pub name: String,
    /// What one peer may ask.
    pub limits: Limits,
    /// Offers STARTTLS (RFC 3207) with this certificate when set.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    pub protocol: Protocol,
    /// Recipients that are taken; all when not set. The others hear 550 5.1.1 at RCPT.
    pub accepts: Option<Accepts>,
}

impl Settings {
    /// A server of this name with the usual limits and without TLS.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), limits: Limits::default(), tls: None, protocol: Protocol::Smtp, accepts: None }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tls = self.tls.is_some();
        f.debug_struct("Settings").field("name", &self.name).field("limits", &self.limits).field("tls", &tls).finish()
    }
}

/// One message that came in, with the envelope it came in. Everything in it is a stranger's word.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    /// What the peer called itself in EHLO or HELO.
    pub helo: String,
    /// The reverse-path; empty for `<>`.
    pub sender: String,
    /// The forward-paths, in the order they came.
    pub recipients: Vec<String>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// The message without dot-stuffing and final dot, octet by octet as it came.
    pub message: Vec<u8>,
}

/// Prints counts alone: neither addresses nor bodies belong in a log.
impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (recipients, octets) = (self.recipients.len(), self.message.len());
        write!(f, "Arrival({octets} octets for {recipients} recipients)")
    }
}

/// The sink's decision on one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Kept safely under this id: the peer hears `250 2.0.0 Ok: queued as <id>` and may forget it.
    Kept(String),
    /// Not now: the peer hears 452 4.3.1 and tries again.
    Later,
    /// Never: the peer hears 554 5.6.0 with this sentence; only printable ASCII is sent.
    Refused(String),
}

/// Takes connections until `shutdown` is done; then lets each message under way finish within `limits.farewell`, says
/// 421 to the rest and returns. `sink` is called once per message, after its final dot; its answer is the reply.
pub async fn serve<S, F>(listener: TcpListener, settings: Settings, sink: S, shutdown: impl Future<Output = ()>)
where
    S: Fn(Arrival) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send,
{
    let settings = Arc::new(settings);
    let room = Arc::new(Semaphore::new(settings.limits.connections_max));
    let (stop, stopping) = watch::channel(false);
    let mut conversations = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
            Some(_) = conversations.join_next(), if !conversations.is_empty() => continue,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, mostly: waiting lets conversations end.
                warn!(%error, "the mail server could not take a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (settings, sink, stopping) = (settings.clone(), sink.clone(), stopping.clone());
        let permit = room.clone().try_acquire_owned().ok();
        conversations.spawn(async move {
            let crowded = permit.is_none();
            if let Err(error) = session::answer(stream, &settings, &sink, stopping, crowded).await {
                debug!(%error, "a mail conversation broke off");
            }
            drop(permit);
        });
    }
    stop.send_replace(true);
    let all_done = async { while conversations.join_next().await.is_some() {} };
    let _cut_off = tokio::time::timeout(settings.limits.farewell, all_done).await;
}
