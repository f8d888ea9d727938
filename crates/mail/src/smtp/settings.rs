//! What must be known to reach a relay. Plain values; nothing is looked up here.

use std::net::IpAddr;
use std::time::Duration;

use crate::secret::Secret;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// TLS before the first word (RFC 8314 §3.3), usually port 465.
    Implicit,
    /// STARTTLS (RFC 3207) or nothing.
    Required,
    /// STARTTLS when the relay offers it; the certificate is then checked as strictly as with `Required`.
    StartTlsIfOffered,
    /// STARTTLS when offered, whoever's certificate it is (RFC 7435): for servers that are not ours to choose.
    Opportunistic,
    /// Never, for a relay on this machine.
    None,
}

/// User name and password for AUTH.
#[derive(Clone)]
pub struct Credentials {
    /// Sent as UTF-8.
    pub username: String,
    /// Sent as UTF-8; never printed. With [`Proof::Token`] an OAuth 2.0 access token.
    pub password: Secret,
    /// What the password is.
    pub proof: Proof,
}

/// What proves who we are, and so which mechanism is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// A password: AUTH PLAIN (RFC 4616) or, failing that offer, AUTH LOGIN.
    #[default]
    Password,
    /// An access token: AUTH XOAUTH2.
    Token,
}

/// In which order the words of one message are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The next envelope in the same write as the text, where the relay offers PIPELINING (RFC 2920).
    #[default]
    PipelinedIfOffered,
    /// One command, one reply: for relays that offer PIPELINING and do not mean it.
    LockStep,
}

/// Prints neither: a user name is often a mail address.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Longest [`Timeouts::step`], in seconds: five minutes (RFC 5321 §4.5.3.2.1 and following).
pub const STEP_SECONDS_MAX: u64 = 300;
/// Longest [`Timeouts::dot`], in seconds: ten minutes (RFC 5321 §4.5.3.2.6).
pub const DOT_SECONDS_MAX: u64 = 600;

/// How long each step may take. RFC 5321 §4.5.3.2 gives the upper bounds; what is set here can only be shorter, and a
/// longer time is cut to [`STEP_SECONDS_MAX`] and [`DOT_SECONDS_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For opening a connection as a whole; then for the replies to one envelope, and for every write.
    pub step: Duration,
    /// For the reply to the final dot. Longer, because giving up here is what makes a message uncertain
    /// (RFC 5321 §4.5.3.2.6 asks for ten minutes).
    pub dot: Duration,
}

impl Default for Timeouts {
    /// 30 seconds a step, 120 for the final dot.
    fn default() -> Self {
        Self { step: Duration::from_secs(30), dot: Duration::from_secs(120) }
    }
}

impl Timeouts {
    pub(crate) fn within_the_standard(self) -> Self {
        Self {
            step: self.step.min(Duration::from_secs(STEP_SECONDS_MAX)),
            dot: self.dot.min(Duration::from_secs(DOT_SECONDS_MAX)),
        }
    }
}

/// One relay.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// Host name or IP address; also the name its certificate must carry.
    pub host: String,
    /// Where that host is, when the caller has looked it up; otherwise the machine looks.
    pub address: Option<IpAddr>,
    /// TCP port, usually 587, 465 or 25.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Certificates in PEM to trust beside those of the machine, for a relay with a private authority.
    pub extra_roots_pem: Option<String>,
    /// Who we log in as; `None` for a relay that knows us by our address.
    pub credentials: Option<Credentials>,
    /// Allows AUTH without TLS to a peer that is not loopback. Leave it `false`.
    pub auth_without_tls: bool,
    /// Our own host name for EHLO (RFC 5321 §4.1.1.1).
    pub ehlo_name: String,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// In which order the words of one message are said.
    pub order: Order,
    /// Sends texts by BDAT where the relay offers CHUNKING (RFC 3030).
    pub chunking: bool,
    /// Messages after which a connection is closed, because many relays allow only so many; `None` for no limit.
    pub messages_per_connection_max: Option<u64>,
    /// How long an open connection waits for the next message before it is closed.
    pub idle: Duration,
}

impl RelaySettings {
    /// A relay that requires STARTTLS and no login, with the usual timeouts.
    pub fn new(host: impl Into<String>, port: u16, ehlo_name: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            address: None,
            port,
            tls: Tls::Required,
            extra_roots_pem: None,
            credentials: None,
            auth_without_tls: false,
            ehlo_name: ehlo_name.into(),
            timeouts: Timeouts::default(),
            order: Order::default(),
            chunking: true,
            messages_per_connection_max: None,
            idle: Duration::from_secs(5),
        }
    }
}
