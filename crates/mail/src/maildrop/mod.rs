//! Fetches what came back from a mailbox on another server, over POP3 (RFC 1939) or IMAP (RFC 3501, 9051).
//! Lists, reads and removes; what a message means, and whether it may go, is decided by whoever asks.

mod imap;
mod pop3;
mod talk;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::secret::Secret;
use crate::smtp::{Encryption, Tls};
use talk::Talk;

pub use talk::{Fault, LINE_BYTES_MAX, VISIT_BYTES_MAX};

/// Most messages listed in one visit, the oldest first.
pub const WAITING_MAX: usize = 10_000;
/// Largest message that is read, in octets; larger ones are not reports.
pub const MESSAGE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// How long one step may take.
const STEP: Duration = Duration::from_secs(60);

/// The language the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Pop3,
    Imap,
}

impl Protocol {
    /// Its short name, as counted.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
        }
    }

    /// The port it has when nobody says otherwise (RFC 8314 for TLS from the first octet).
    pub fn usual_port(self, tls: Tls) -> u16 {
        match (self, tls == Tls::Implicit) {
            (Self::Pop3, true) => 995,
            (Self::Pop3, false) => 110,
            (Self::Imap, true) => 993,
            (Self::Imap, false) => 143,
        }
    }
}

/// Where the mailbox is and who may look into it.
#[derive(Clone, Debug)]
pub struct MaildropSettings {
    pub protocol: Protocol,
    /// Host name or IP address; also the name its certificate must carry.
    pub host: String,
    pub port: u16,
    /// How the connection is encrypted. Without TLS we log in on this machine only.
    pub tls: Tls,
    pub username: String,
    pub password: Secret,
    /// The IMAP mailbox, usually `INBOX`; POP3 has only one.
    pub folder: String,
    /// Certificates in PEM to trust beside those of the machine.
    pub extra_roots_pem: Option<String>,
}

/// Where in a visit something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Connect,
    Greeting,
    Tls,
    Login,
    List,
    Read,
    Remove,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Greeting => "its greeting",
            Self::Tls => "encryption",
            Self::Login => "the login",
            Self::List => "listing",
            Self::Read => "reading a message",
            Self::Remove => "removing what was read",
        })
    }
}

/// Why a visit came to nothing or ended early. Its sentence holds no secret and nothing the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaildropError {
    /// The settings cannot work.
    Settings(String),
    /// TLS is required and the server does not offer it.
    TlsNotOffered,
    /// The password would travel in the clear.
    LoginUnsafe,
    /// The server said no. `text` is in its words and may hold an address: never log it.
    Refused {
        at: Step,
        text: String,
    },
    Failed {
        at: Step,
        fault: Fault,
    },
}

impl fmt::Display for MaildropError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(cause) => write!(f, "the mailbox cannot be reached as it is set up: {cause}"),
            Self::TlsNotOffered => f.write_str("the mailbox server offers no encryption, and the settings ask for it"),
            Self::LoginUnsafe => f.write_str("the mailbox server would get the password without encryption"),
            Self::Refused { at, .. } => write!(f, "the mailbox server said no at {at}"),
            Self::Failed { at, fault } => write!(f, "the mailbox failed at {at}: {fault}"),
        }
    }
}

impl std::error::Error for MaildropError {}

fn failed<F: Into<Fault>>(at: Step) -> impl FnOnce(F) -> MaildropError {
    move |fault| MaildropError::Failed { at, fault: fault.into() }
}

/// One mailbox, ready to be visited any number of times. Cheap to clone; holds no connection.
#[derive(Clone)]
pub struct Maildrop {
    settings: MaildropSettings,
    encryption: Option<Encryption>,
}

impl fmt::Debug for Maildrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maildrop").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Maildrop {
    /// Checks the settings and reads the machine's certificate authorities once. Errs with
    /// [`MaildropError::Settings`] only.
    pub fn new(settings: MaildropSettings) -> Result<Self, MaildropError> {
        let unsayable = |text: &str| text.is_empty() || text.contains(['\r', '\n', '\0']);
        let wrong = |cause: &str| Err(MaildropError::Settings(cause.into()));
        if unsayable(&settings.username) || unsayable(settings.password.reveal()) {
            return wrong("user name and password must be there and hold no line break");
        }
        if unsayable(&settings.folder) || !settings.folder.is_ascii() {
            return wrong("the folder's name must be plain ASCII");
        }
        let encryption = Encryption::of(&settings.host, settings.tls, settings.extra_roots_pem.as_deref())
            .map_err(MaildropError::Settings)?;
        Ok(Self { settings, encryption })
    }

    pub fn settings(&self) -> &MaildropSettings {
        &self.settings
    }

    /// Connects, logs in and lists what waits.
    pub async fn visit(&self) -> Result<Visit, MaildropError> {
        let MaildropSettings { host, port, protocol, tls, .. } = &self.settings;
        let connected = timeout(STEP, TcpStream::connect((host.as_str(), *port))).await;
        let stream = connected.map_err(|_| Fault::TimedOut).and_then(|it| it.map_err(connect_fault));
        let stream = stream.map_err(failed(Step::Connect))?;
        let near = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        let mut talk = Talk::new(Box::new(stream), STEP);
        if *tls == Tls::Implicit {
            talk = self.encrypt(talk).await?;
        }
        let mut visit = match protocol {
            Protocol::Pop3 => Visit::Pop3(pop3::Session::open(self, talk, near).await?),
            Protocol::Imap => Visit::Imap(imap::Session::open(self, talk, near).await?),
        };
        visit.list().await?;
        Ok(visit)
    }

    async fn encrypt(&self, talk: Talk) -> Result<Talk, MaildropError> {
        let Some(encryption) = &self.encryption else { return Err(MaildropError::TlsNotOffered) };
        let stream = talk.into_stream().map_err(failed(Step::Tls))?;
        let encrypted = timeout(STEP, encryption.wrap(stream)).await.map_err(|_| Fault::TimedOut);
        let stream = encrypted.and_then(|it| it.map_err(Fault::from)).map_err(failed(Step::Tls))?;
        Ok(Talk::new(stream, STEP))
    }

    /// What to do about STARTTLS or STLS, by what the server offers: whether to ask for it.
    fn wants_tls(&self, offered: bool) -> Result<bool, MaildropError> {
        match self.settings.tls {
            Tls::Required if !offered => Err(MaildropError::TlsNotOffered),
            Tls::Required | Tls::StartTlsIfOffered | Tls::Opportunistic => Ok(offered),
            Tls::Implicit | Tls::None => Ok(false),
        }
    }

    /// A password goes only over TLS, or to this very machine.
    fn may_log_in(&self, encrypted: bool, near: bool) -> Result<(), MaildropError> {
        if encrypted || near { Ok(()) } else { Err(MaildropError::LoginUnsafe) }
    }
}

/// A name that cannot be looked up comes back from the resolver without an errno.
fn connect_fault(error: std::io::Error) -> Fault {
    if error.raw_os_error().is_none() && error.kind() != std::io::ErrorKind::TimedOut {
        return Fault::NoSuchHost;
    }
    error.into()
}

/// A message in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The same on every visit, and no other message's (UIDL; UIDVALIDITY and UID).
    pub id: String,
    /// What this visit calls it.
    number: u32,
}

/// What reading a message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Whole(Vec<u8>),
    /// Larger than [`MESSAGE_BYTES_MAX`]; it was not read.
    TooLarge,
    /// Somebody else took it since it was listed.
    Gone,
}

/// One visit. Over POP3, what was removed comes back if the visit does not end with [`Visit::leave`].
#[derive(Debug)]
pub enum Visit {
    Pop3(pop3::Session),
    Imap(imap::Session),
}

impl Visit {
    async fn list(&mut self) -> Result<(), MaildropError> {
        match self {
            Self::Pop3(session) => session.list().await,
            Self::Imap(session) => session.list().await,
        }
    }

    /// What waits, the oldest first, at most [`WAITING_MAX`].
    pub fn waiting(&self) -> &[Waiting] {
        match self {
            Self::Pop3(session) => session.waiting(),
            Self::Imap(session) => session.waiting(),
        }
    }

    /// The message as it came; it stays where it is.
    pub async fn read(&mut self, message: &Waiting) -> Result<Read, MaildropError> {
        match self {
            Self::Pop3(session) => session.read(message).await,
            Self::Imap(session) => session.read(message).await,
        }
    }

    /// Takes the message away, at the latest when we leave.
    pub async fn remove(&mut self, message: &Waiting) -> Result<(), MaildropError> {
        match self {
            Self::Pop3(session) => session.remove(message).await,
            Self::Imap(session) => session.remove(message).await,
        }
    }

    /// Says goodbye.
    pub async fn leave(self) -> Result<(), MaildropError> {
        match self {
            Self::Pop3(session) => session.leave().await,
            Self::Imap(session) => session.leave().await,
        }
    }
}
