//! What providers of relays tell us by HTTP: who they are, how each proves itself, and what it says. Pure: the bytes,
//! the headers, the keys and the time come as arguments. Whatever is not proven is refused before it is read.

mod proof;
mod read;
mod sns;

use newsroom::returned::Class;

pub use proof::{Call, Keys, NotProven, verify};
pub use read::notices;
pub use sns::{Sns, SnsKind};

use crate::bounce::Why;
use crate::smtp::Enhanced;

/// Most octets of one call.
pub const CALL_BYTES_MAX: usize = 1024 * 1024;
/// Most notices read out of one call.
pub const NOTICES_MAX: usize = 1_000;

/// A provider whose calls we understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provider {
    Ses,
    Mailgun,
    SendGrid,
    Postmark,
    Brevo,
    Resend,
    Mailjet,
}

impl Provider {
    pub const ALL: [Provider; 7] = [
        Provider::Ses,
        Provider::Mailgun,
        Provider::SendGrid,
        Provider::Postmark,
        Provider::Brevo,
        Provider::Resend,
        Provider::Mailjet,
    ];

    /// As it stands in addresses and settings.
    pub fn key(self) -> &'static str {
        match self {
            Provider::Ses => "ses",
            Provider::Mailgun => "mailgun",
            Provider::SendGrid => "sendgrid",
            Provider::Postmark => "postmark",
            Provider::Brevo => "brevo",
            Provider::Resend => "resend",
            Provider::Mailjet => "mailjet",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.key() == key)
    }
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Something came back, or arrived.
    Came(Class),
    /// The person left by the provider's own link.
    Left,
}

/// One thing a provider says about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The provider's own id of this event: the same event has the same id on every call.
    pub id: String,
    pub about: About,
    /// Lower case.
    pub recipient: Option<String>,
    /// Our Message-ID without brackets, when the provider gives it back.
    pub message_id: Option<String>,
    /// Our delivery header, when the provider gives it back.
    pub delivery: Option<String>,
    pub status: Option<Enhanced>,
    /// What the other side said, short; it may hold an address.
    pub text: String,
    pub why: Why,
}
