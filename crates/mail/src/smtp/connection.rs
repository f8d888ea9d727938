//! An open connection over which messages go one after another.
//! No RSET and no NOOP between successes; a RSET after a refusal.

use super::capabilities::Capabilities;
use super::offer::{self, Offered};
use super::outcome::{Outcome, Trouble};
use super::settings::{RelaySettings, Timeouts};
use super::wire::Wire;
use super::{OpenError, Relay};
use crate::address::Envelope;

/// Whether the conversation can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Between two messages.
    Ready,
    /// The relay refused something: it must forget the transaction first.
    ResetDue,
    /// Between the first command of a message and the last reply.
    InMessage,
    /// No more words: what is said next could be misunderstood.
    Broken(Trouble),
}

/// One conversation with a relay, past EHLO, TLS and AUTH.
pub struct Connection {
    pub(crate) wire: Wire,
    pub(crate) condition: Condition,
    pub(crate) timeouts: Timeouts,
    capabilities: Capabilities,
    encrypted: bool,
    sent: u64,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("condition", &self.condition)
            .field("capabilities", &self.capabilities)
            .field("encrypted", &self.encrypted)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(wire: Wire, capabilities: Capabilities, timeouts: Timeouts, encrypted: bool) -> Self {
        Self { wire, condition: Condition::Ready, timeouts, capabilities, encrypted, sent: 0 }
    }

    /// Opens one connection. For many, make a [`Relay`] once: it reads the certificate authorities only once.
    pub async fn open(settings: &RelaySettings) -> Result<Self, OpenError> {
        Relay::new(settings.clone())?.open().await
    }

    /// What the relay offered in its last EHLO.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Whether the conversation is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Whether another message may be offered. `false` after any failure of the connection, after 421, and after an
    /// offered message was dropped: open a new one then.
    pub fn is_usable(&self) -> bool {
        matches!(self.condition, Condition::Ready | Condition::ResetDue)
    }

    /// Messages the relay has taken over this connection.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// First of two steps: MAIL, RCPT, DATA and the text, up to but without the final dot (RFC 5321 §3.3).
    /// Whatever goes wrong here, the relay has not taken the message: the error is never `Sent` nor `Uncertain`.
    /// Record that the message is about to go, then call [`Offered::transmit`]. `message` must be CRLF text
    /// ([`super::line_fault`]); otherwise, or when the relay cannot take it as it is, the outcome is `Refused`.
    pub async fn offer(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Offered<'_>, Outcome> {
        offer::offer(self, envelope, message).await?;
        Ok(Offered::new(self))
    }

    /// Says QUIT and waits for the goodbye within the time of one step; its failure changes nothing.
    pub async fn quit(mut self) {
        if self.is_usable() && self.wire.command("QUIT", self.timeouts.step).await.is_ok() {
            let _goodbye = self.wire.reply(self.timeouts.step).await;
        }
    }

    pub(crate) fn count_sent(&mut self) {
        self.sent += 1;
    }

    pub(crate) fn break_off(&mut self, trouble: Trouble) -> Trouble {
        self.condition = Condition::Broken(trouble.clone());
        trouble
    }
}
