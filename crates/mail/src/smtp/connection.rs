//! An open connection over which messages go one after another.
//! No RSET and no NOOP between successes; a RSET after a refusal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::capabilities::Capabilities;
use super::outcome::Trouble;
use super::settings::{Order, RelaySettings, Timeouts};
use super::wire::Wire;
use super::{OpenError, Relay};

/// Whether the conversation can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Between two messages.
    Ready,
    /// The relay refused something: it must forget the transaction first.
    ResetDue,
    /// Between the first command of a message and the last reply.
    InMessage,
    /// The relay said 421 and closes (RFC 5321 §3.8).
    Dismissed,
    /// No more words: what is said next could be misunderstood.
    Broken(Trouble),
}

/// One conversation with a relay, past EHLO, TLS and AUTH.
pub struct Connection {
    pub(crate) wire: Wire,
    pub(crate) condition: Condition,
    pub(crate) timeouts: Timeouts,
    pub(crate) idle: Duration,
    pub(crate) habits: Arc<Habits>,
    /// Kept between two messages, so that each is written without a new allocation.
    pub(crate) buffer: Vec<u8>,
    capabilities: Capabilities,
    encrypted: bool,
    pipelining: bool,
    chunking: bool,
    envelopes: u64,
    envelopes_max: Option<u64>,
    sent: u64,
}

/// What the connections to one relay have learnt of it.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    lock_step_connections: AtomicU32,
    no_chunking: AtomicBool,
}

/// Connections that keep lock-step after the relay stumbled over pipelining; then it is tried again.
const LOCK_STEP_CONNECTIONS: u32 = 20;

impl Habits {
    pub(crate) fn avoid_pipelining(&self) {
        self.lock_step_connections.store(LOCK_STEP_CONNECTIONS, Ordering::Relaxed);
    }

    pub(crate) fn avoid_chunking(&self) {
        self.no_chunking.store(true, Ordering::Relaxed);
    }

    fn one_more_in_lock_step(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.lock_step_connections.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
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
    pub(crate) fn new(
        wire: Wire,
        capabilities: Capabilities,
        settings: &RelaySettings,
        habits: Arc<Habits>,
        encrypted: bool,
    ) -> Self {
        let lock_step = settings.order == Order::LockStep || habits.one_more_in_lock_step();
        Self {
            wire,
            condition: Condition::Ready,
            timeouts: settings.timeouts,
            idle: settings.idle,
            buffer: Vec::new(),
            encrypted,
            pipelining: capabilities.pipelining && !lock_step,
            chunking: capabilities.chunking && settings.chunking && !habits.no_chunking.load(Ordering::Relaxed),
            capabilities,
            envelopes: 0,
            envelopes_max: settings.messages_per_connection_max,
            sent: 0,
            habits,
        }
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

    /// Whether another message may go. `false` after any failure of the connection and after 421: open a new one then.
    pub fn is_usable(&self) -> bool {
        matches!(self.condition, Condition::Ready | Condition::ResetDue)
    }

    /// Messages the relay has taken over this connection.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Says QUIT and waits for the goodbye within the time of one step; its failure changes nothing.
    pub async fn quit(mut self) {
        if self.is_usable() && self.wire.command("QUIT", self.timeouts.step).await.is_ok() {
            let _goodbye = self.wire.reply(self.timeouts.step).await;
        }
    }

    /// Whether several commands go out before their replies.
    pub(crate) fn pipelines(&self) -> bool {
        self.pipelining
    }

    /// Whether texts go through BDAT.
    pub(crate) fn chunks(&self) -> bool {
        self.chunking
    }

    /// Whether no further envelope may be said.
    pub(crate) fn is_full(&self) -> bool {
        self.envelopes_max.is_some_and(|max| self.envelopes >= max)
    }

    pub(crate) fn count_envelope(&mut self) {
        self.envelopes += 1;
    }

    pub(crate) fn count_sent(&mut self) {
        self.sent += 1;
    }

    /// What a word between two messages makes of the connection.
    pub(crate) fn disturbed(&mut self, trouble: Trouble) -> Condition {
        self.condition = match trouble {
            Trouble::OutOfOrder { code: 421 } => Condition::Dismissed,
            trouble => Condition::Broken(trouble),
        };
        self.condition.clone()
    }

    pub(crate) fn break_off(&mut self, trouble: Trouble) -> Trouble {
        self.condition = Condition::Broken(trouble.clone());
        trouble
    }
}
