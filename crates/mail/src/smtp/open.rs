//! Opens a connection: connect, greeting, EHLO, TLS, login.
//! Sends no mail.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::capabilities::Capabilities;
use super::connection::Connection;
use super::outcome::{OpenError, Stage, Trouble};
use super::reply::Reply;
use super::settings::{Credentials, RelaySettings, Tls};
use super::tls::Encryption;
use super::wire::{Duplex, Wire};

/// One relay, ready to be connected to any number of times. Cheap to clone; holds no connection.
#[derive(Clone)]
pub struct Relay {
    settings: Arc<RelaySettings>,
    encryption: Option<Encryption>,
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
        let encryption = Encryption::of(&settings)?;
        Ok(Self { settings: Arc::new(settings), encryption })
    }

    /// What it was made from.
    pub fn settings(&self) -> &RelaySettings {
        &self.settings
    }

    /// Connects and says everything that comes before the first message. Takes at most `timeouts.step` for each step
    /// (RFC 5321 §4.5.3.2). Errs with the stage at which it ended.
    pub async fn open(&self) -> Result<Connection, OpenError> {
        let connect = TcpStream::connect((self.settings.host.as_str(), self.settings.port));
        let stream = timeout(self.settings.timeouts.step, connect)
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            .map_err(|error| failed(Stage::Connect, connect_trouble(&error)))?;
        stream.set_nodelay(true).map_err(|error| failed(Stage::Connect, error.into()))?;
        let to_this_machine = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        self.talk(Box::new(stream), to_this_machine).await
    }

    /// Like [`Relay::open`] on a stream that is connected already, such as a tunnel; it does not count as loopback.
    pub async fn open_on<S>(&self, stream: S) -> Result<Connection, OpenError>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        self.talk(Box::new(stream), false).await
    }

    async fn talk(&self, stream: Box<dyn Duplex>, to_this_machine: bool) -> Result<Connection, OpenError> {
        let settings = &*self.settings;
        let step = settings.timeouts.step;
        let (mut encrypted, stream) = match (&self.encryption, settings.tls) {
            (Some(encryption), Tls::Implicit) => (true, self.handshake(encryption, stream).await?),
            _ => (false, stream),
        };
        let mut wire = Wire::new(stream);
        let greeting = wire.reply(step).await.map_err(|trouble| failed(Stage::Greeting, trouble))?;
        expect(Stage::Greeting, greeting, 220)?;
        let mut capabilities = self.say_hello(&mut wire).await?;
        if let (Some(encryption), false) = (&self.encryption, encrypted) {
            if capabilities.starttls {
                wire = self.start_tls(encryption, wire).await?;
                capabilities = self.say_hello(&mut wire).await?;
                encrypted = true;
            } else if settings.tls == Tls::Required {
                return Err(OpenError::TlsNotOffered);
            }
        }
        if let Some(credentials) = &settings.credentials {
            if !(encrypted || to_this_machine || settings.auth_without_tls) {
                return Err(OpenError::AuthUnsafe);
            }
            self.log_in(&mut wire, credentials, &capabilities).await?;
        }
        Ok(Connection::new(wire, capabilities, settings.timeouts, encrypted))
    }

    async fn handshake(&self, encryption: &Encryption, stream: Box<dyn Duplex>) -> Result<Box<dyn Duplex>, OpenError> {
        timeout(self.settings.timeouts.step, encryption.wrap(stream))
            .await
            .unwrap_or(Err(Trouble::TimedOut))
            .map_err(|trouble| failed(Stage::Tls, trouble))
    }

    /// EHLO, or HELO for a relay that does not know it (RFC 5321 §3.2).
    async fn say_hello(&self, wire: &mut Wire) -> Result<Capabilities, OpenError> {
        let name = &self.settings.ehlo_name;
        let reply = self.ask(wire, Stage::Ehlo, &format!("EHLO {name}")).await?;
        if reply.code == 250 {
            return Ok(Capabilities::parse(&reply));
        }
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            let reply = self.ask(wire, Stage::Ehlo, &format!("HELO {name}")).await?;
            expect(Stage::Ehlo, reply, 250)?;
            return Ok(Capabilities::default());
        }
        expect(Stage::Ehlo, reply, 250)?;
        Ok(Capabilities::default())
    }

    async fn start_tls(&self, encryption: &Encryption, mut wire: Wire) -> Result<Wire, OpenError> {
        let reply = self.ask(&mut wire, Stage::Tls, "STARTTLS").await?;
        expect(Stage::Tls, reply, 220)?;
        let stream = wire.into_stream().map_err(|trouble| failed(Stage::Tls, trouble))?;
        Ok(Wire::new(self.handshake(encryption, stream).await?))
    }

    /// AUTH PLAIN (RFC 4616) or, failing that offer, AUTH LOGIN.
    async fn log_in(&self, wire: &mut Wire, with: &Credentials, can: &Capabilities) -> Result<(), OpenError> {
        let (username, password) = (with.username.as_str(), with.password.reveal());
        if can.auth_plain {
            let proof = BASE64.encode(format!("\0{username}\0{password}"));
            // RFC 4954 §4: an initial response that would make the line too long goes on its own line.
            if proof.len() <= 400 {
                let reply = self.ask(wire, Stage::Auth, &format!("AUTH PLAIN {proof}")).await?;
                return expect(Stage::Auth, reply, 235);
            }
            let reply = self.ask(wire, Stage::Auth, "AUTH PLAIN").await?;
            expect(Stage::Auth, reply, 334)?;
            let reply = self.ask(wire, Stage::Auth, &proof).await?;
            return expect(Stage::Auth, reply, 235);
        }
        if !can.auth_login {
            return Err(OpenError::AuthNotOffered);
        }
        let reply = self.ask(wire, Stage::Auth, "AUTH LOGIN").await?;
        expect(Stage::Auth, reply, 334)?;
        let reply = self.ask(wire, Stage::Auth, &BASE64.encode(username)).await?;
        expect(Stage::Auth, reply, 334)?;
        let reply = self.ask(wire, Stage::Auth, &BASE64.encode(password)).await?;
        expect(Stage::Auth, reply, 235)
    }

    async fn ask(&self, wire: &mut Wire, stage: Stage, line: &str) -> Result<Reply, OpenError> {
        let step = self.settings.timeouts.step;
        wire.command(line, step).await.map_err(|trouble| failed(stage, trouble))?;
        wire.reply(step).await.map_err(|trouble| failed(stage, trouble))
    }
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
