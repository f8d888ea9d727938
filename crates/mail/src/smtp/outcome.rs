//! What can come of a connection and of one message on it.
//! Distinguishes exactly what the queue must know: sent, later, no, not sent, unknown.

use std::fmt;

use super::reply::{Enhanced, Reply, ReplyFault};

/// The point of the conversation an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Opening the TCP connection.
    Connect,
    /// The relay's first line.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS and the handshake.
    Tls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA and the text of the message, before the final dot.
    Data,
    /// The final dot.
    Dot,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Dot => "dot",
        })
    }
}

/// How a connection failed. Holds no address, secret or body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The peer closed the connection.
    Closed,
    /// The operating system reported an error.
    Io(std::io::ErrorKind),
    /// The name of the relay has no address.
    NoSuchHost,
    /// No answer within the time allowed for this stage.
    TimedOut,
    /// A reply that is not SMTP, too long, or an answer to a command never sent.
    Reply(ReplyFault),
    /// A reply of a kind that cannot follow this command, such as 250 after DATA.
    OutOfOrder {
        /// The code that came.
        code: u16,
    },
    /// The TLS handshake failed: certificate, name or protocol.
    Tls(String),
    /// The relay offers PIPELINING and does not mean it; the next connections say one command at a time.
    NoPipelining,
    /// A message was offered on this connection and never transmitted, so the connection cannot go on.
    Abandoned,
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Self::Closed,
            other => Self::Io(other),
        }
    }
}

impl From<ReplyFault> for Trouble {
    fn from(fault: ReplyFault) -> Self {
        Self::Reply(fault)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the relay closed the connection"),
            Self::Io(kind) => write!(f, "the network failed: {kind}"),
            Self::NoSuchHost => f.write_str("the relay's name has no address"),
            Self::TimedOut => f.write_str("the relay did not answer in time"),
            Self::Reply(fault) => write!(f, "the relay does not speak SMTP: {fault}"),
            Self::OutOfOrder { code } => write!(f, "the relay answered {code} where that means nothing"),
            Self::Tls(cause) => write!(f, "no secure connection: {cause}"),
            Self::NoPipelining => f.write_str("the relay offers pipelining and does not understand it"),
            Self::Abandoned => f.write_str("a message was offered on this connection and never transmitted"),
        }
    }
}

impl std::error::Error for Trouble {}

/// What became of one message. Exactly one of these is true, and each calls for its own next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it (2xx after the final dot). Never send it again.
    Sent {
        /// The relay's whole reply.
        reply: Reply,
        /// The relay's own name for the message, where its reply shows one.
        queue_id: Option<String>,
    },
    /// The relay said later (4xx). Try again by [`crate::retry::next_try`].
    Deferred {
        /// Which command was answered.
        stage: Stage,
        /// 400 to 499.
        code: u16,
        /// RFC 3463 status, where given.
        enhanced: Option<Enhanced>,
        /// The text without codes; may quote the address, so never log it.
        text: String,
    },
    /// The relay said no (5xx), or the message cannot be given to it (see `text`). Do not try again unchanged.
    Refused {
        /// Which command was answered.
        stage: Stage,
        /// 500 to 599.
        code: u16,
        /// RFC 3463 status, where given.
        enhanced: Option<Enhanced>,
        /// The text without codes; may quote the address, so never log it.
        text: String,
    },
    /// The connection failed before the final dot: the relay cannot have taken it, and trying again is safe.
    NotTransmitted(Trouble),
    /// The connection failed after the final dot may have gone out and before its reply: nobody can know.
    Uncertain(Trouble),
}

impl Outcome {
    /// A 4xx or 5xx reply at `stage` as an outcome; any other code is out of order.
    pub(crate) fn from_no(stage: Stage, reply: Reply) -> Self {
        let Reply { code, enhanced, .. } = reply;
        let text = reply.text();
        match code {
            400..=499 => Self::Deferred { stage, code, enhanced, text },
            500..=599 => Self::Refused { stage, code, enhanced, text },
            _ => Self::NotTransmitted(Trouble::OutOfOrder { code }),
        }
    }
}

/// Why no connection could be opened. No message was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The relay said later (4xx) at this stage.
    Deferred {
        /// Which step was answered.
        stage: Stage,
        /// The relay's reply.
        reply: Reply,
    },
    /// The relay said no (5xx) at this stage, for example to our password.
    Refused {
        /// Which step was answered.
        stage: Stage,
        /// The relay's reply.
        reply: Reply,
    },
    /// The connection failed at this stage.
    Failed {
        /// Which step failed.
        stage: Stage,
        /// How.
        trouble: Trouble,
    },
    /// `tls = "required"`, and the relay offers no STARTTLS (or somebody between took the offer away).
    TlsNotOffered,
    /// A user name is set, and the relay offers no AUTH that fits: PLAIN or LOGIN for a password, XOAUTH2 for a token.
    AuthNotOffered,
    /// A user name is set, and the connection is neither encrypted nor to this machine.
    AuthUnsafe,
    /// The settings cannot work; the sentence says which.
    Settings(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deferred { stage, reply } => write!(f, "at {stage} the relay said later: {reply}"),
            Self::Refused { stage, reply } => write!(f, "at {stage} the relay said no: {reply}"),
            Self::Failed { stage, trouble } => write!(f, "at {stage}: {trouble}"),
            Self::TlsNotOffered => f.write_str("TLS is required and the relay does not offer STARTTLS"),
            Self::AuthNotOffered => f.write_str(
                "the relay offers no way to log in that we can use (AUTH PLAIN, LOGIN, or XOAUTH2 for a token)",
            ),
            Self::AuthUnsafe => {
                f.write_str("the password would travel unencrypted; turn on TLS or allow it in the settings")
            }
            Self::Settings(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for OpenError {}
