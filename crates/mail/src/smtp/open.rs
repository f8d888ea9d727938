//! Opens a connection: connect, greeting, EHLO, TLS, login.
//! Sends no mail.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::capabilities::Capabilities;
use super::connection::{Connection, Habits};
use super::outcome::{OpenError, Stage, Trouble};
use super::reply::Reply;
use super::settings::{Credentials, Proof, RelaySettings, Tls};
use super::tls::Encryption;
use super::wire::{Duplex, Wire};

/// Longest proof that goes on the line of its AUTH command (RFC 4954 §4 allows 12,288 octets, old relays 512).
const AUTH_INLINE_BYTES_MAX: usize = 400;

/// One relay, ready to be connected to any number of times. Cheap to clone; holds no connection.
#[derive(Clone)]
pub struct Relay {
    settings: Arc<RelaySettings>,
    encryption: Option<Encryption>,
    habits: Arc<Habits>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Relay {
    /// Checks the settings and reads the certificate authorities of the machine once. Errs with
    /// [`OpenError::Settings`] only.
    pub fn new(mut settings: RelaySettings) -> Result<Self, OpenError> {
        settings.timeouts = settings.timeouts.within_the_standard();
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !plain(&settings.ehlo_name) {
            return Err(OpenError::Settings("the EHLO name must be an ASCII host name".into()));
        }
        if settings
            .credentials
            .as_ref()
            .is_some_and(|c| c.username.contains('\0') || c.password.reveal().contains('\0'))
        {
            return Err(OpenError::Settings("user name and password must not hold NUL".into()));
        }
        let encryption = Encryption::of(&settings.host, settings.tls, settings.extra_roots_pem.as_deref())
            .map_err(OpenError::Settings)?;
        Ok(Self { settings: Arc::new(settings), encryption, habits: Arc::default() })
    }

    /// What it was made from.
    pub fn settings(&self) -> &RelaySettings {
        &self.settings
    }

    /// Connects and says everything that comes before the first message, within `timeouts.step` altogether: a relay
    /// that drips must not hold us for that long at each step. Errs with the stage at which it ended.
    pub async fn open(&self) -> Result<Connection, OpenError> {
        let deadline = self.deadline();
        let (host, port) = (self.settings.host.as_str(), self.settings.port);
        let connect = async {
            match self.settings.address {
                Some(address) => TcpStream::connect((address, port)).await,
                None => TcpStream::connect((host, port)).await,
            }
        };
        let stream = timeout_at(deadline, connect)
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            .map_err(|error| failed(Stage::Connect, connect_trouble(&error)))?;
        stream.set_nodelay(true).map_err(|error| failed(Stage::Connect, error.into()))?;
        let to_this_machine = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        self.talk(Box::new(stream), to_this_machine, deadline).await
    }

    /// Like [`Relay::open`] on a stream that is connected already, such as a tunnel; it does not count as loopback.
    pub async fn open_on<S>(&self, stream: S) -> Result<Connection, OpenError>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        self.talk(Box::new(stream), false, self.deadline()).await
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.timeouts.step
    }

    async fn talk(
        &self,
        stream: Box<dyn Duplex>,
        to_this_machine: bool,
        deadline: Instant,
    ) -> Result<Connection, OpenError> {
        let settings = &*self.settings;
        let (mut encrypted, stream) = match (&self.encryption, settings.tls) {
            (Some(encryption), Tls::Implicit) => (true, handshake(encryption, stream, deadline).await?),
            _ => (false, stream),
        };
        let mut hello = Hello { wire: Wire::new(stream), deadline };
        let greeting = hello.wire.reply_by(deadline).await.map_err(|trouble| failed(Stage::Greeting, trouble))?;
        expect(Stage::Greeting, greeting, 220)?;
        let mut capabilities = hello.say_hello(&settings.ehlo_name).await?;
        if let (Some(encryption), false) = (&self.encryption, encrypted) {
            if capabilities.starttls {
                hello = hello.start_tls(encryption).await?;
                capabilities = hello.say_hello(&settings.ehlo_name).await?;
                encrypted = true;
            } else if settings.tls == Tls::Required {
                return Err(OpenError::TlsNotOffered);
            }
        }
        if let Some(credentials) = &settings.credentials {
            if !(encrypted || to_this_machine || settings.auth_without_tls) {
                return Err(OpenError::AuthUnsafe);
            }
            hello.log_in(credentials, &capabilities).await?;
        }
        Ok(Connection::new(hello.wire, capabilities, settings, self.habits.clone(), encrypted))
    }
}

/// What is said before the first message, all of it before one point in time.
struct Hello {
    wire: Wire,
    deadline: Instant,
}

impl Hello {
    /// EHLO, or HELO for a relay that does not know it (RFC 5321 §3.2).
    async fn say_hello(&mut self, name: &str) -> Result<Capabilities, OpenError> {
        let reply = self.ask(Stage::Ehlo, &format!("EHLO {name}")).await?;
        if reply.code == 250 {
            return Ok(Capabilities::parse(&reply));
        }
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            let reply = self.ask(Stage::Ehlo, &format!("HELO {name}")).await?;
            expect(Stage::Ehlo, reply, 250)?;
            return Ok(Capabilities::default());
        }
        expect(Stage::Ehlo, reply, 250)?;
        Ok(Capabilities::default())
    }

    async fn start_tls(mut self, encryption: &Encryption) -> Result<Self, OpenError> {
        let reply = self.ask(Stage::Tls, "STARTTLS").await?;
        expect(Stage::Tls, reply, 220)?;
        let stream = self.wire.into_stream().map_err(|trouble| failed(Stage::Tls, trouble))?;
        Ok(Self { wire: Wire::new(handshake(encryption, stream, self.deadline).await?), ..self })
    }

    async fn log_in(&mut self, with: &Credentials, can: &Capabilities) -> Result<(), OpenError> {
        let (username, password) = (with.username.as_str(), with.password.reveal());
        match with.proof {
            Proof::Token if can.auth_xoauth2 => {
                // Google's and Microsoft's form; \x01 stands between the fields.
                self.prove("XOAUTH2", &format!("user={username}\x01auth=Bearer {password}\x01\x01")).await
            }
            Proof::Password if can.auth_plain => self.prove("PLAIN", &format!("\0{username}\0{password}")).await,
            Proof::Password if can.auth_login => {
                self.answer("AUTH LOGIN", 334).await?;
                self.answer(&BASE64.encode(username), 334).await?;
                self.answer(&BASE64.encode(password), 235).await
            }
            Proof::Token | Proof::Password => Err(OpenError::AuthNotOffered),
        }
    }

    /// AUTH with an initial response (RFC 4954 §4), which goes on its own line where it would make the command too long.
    async fn prove(&mut self, mechanism: &str, proof: &str) -> Result<(), OpenError> {
        let proof = BASE64.encode(proof);
        let last = if proof.len() <= AUTH_INLINE_BYTES_MAX {
            format!("AUTH {mechanism} {proof}")
        } else {
            self.answer(&format!("AUTH {mechanism}"), 334).await?;
            proof
        };
        let mut reply = self.ask(Stage::Auth, &last).await?;
        if reply.code == 334 {
            // XOAUTH2 tells why it says no in a challenge, which an empty answer ends.
            reply = self.ask(Stage::Auth, "").await?;
        }
        expect(Stage::Auth, reply, 235)
    }

    async fn answer(&mut self, line: &str, code: u16) -> Result<(), OpenError> {
        let reply = self.ask(Stage::Auth, line).await?;
        expect(Stage::Auth, reply, code)
    }

    async fn ask(&mut self, stage: Stage, line: &str) -> Result<Reply, OpenError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.wire.command(line, left).await.map_err(|trouble| failed(stage, trouble))?;
        self.wire.reply_by(self.deadline).await.map_err(|trouble| failed(stage, trouble))
    }
}

async fn handshake(
    encryption: &Encryption,
    stream: Box<dyn Duplex>,
    deadline: Instant,
) -> Result<Box<dyn Duplex>, OpenError> {
    timeout_at(deadline, encryption.wrap(stream))
        .await
        .unwrap_or(Err(Trouble::TimedOut))
        .map_err(|trouble| failed(Stage::Tls, trouble))
}

fn expect(stage: Stage, reply: Reply, code: u16) -> Result<(), OpenError> {
    match reply.code {
        given if given == code => Ok(()),
        400..=499 => Err(OpenError::Deferred { stage, reply }),
        500..=599 => Err(OpenError::Refused { stage, reply }),
        code => Err(failed(stage, Trouble::OutOfOrder { code })),
    }
}

fn failed(stage: Stage, trouble: Trouble) -> OpenError {
    OpenError::Failed { stage, trouble }
}

/// A name that cannot be looked up comes back from the resolver without an errno.
fn connect_trouble(error: &std::io::Error) -> Trouble {
    match error.kind() {
        std::io::ErrorKind::TimedOut => Trouble::TimedOut,
        _ if error.raw_os_error().is_none() => Trouble::NoSuchHost,
        kind => Trouble::Io(kind),
    }
}
