//! One message as a plain value, and its check before it is printed. What could become two headers cannot be one.
//! Never makes words: subject and body come finished.

use std::borrow::Cow;
use std::fmt;

use crate::address::Address;
use crate::body::Body;
use crate::mime;

/// Longest header value, in octets: far below anything a relay refuses, far above anything we print.
pub const HEADER_VALUE_BYTES_MAX: usize = 16 * 1024;
/// Longest stretch without a space in a header value we print unencoded, in octets. With its name and `: ` it must
/// stay within the 998 octets of a line (RFC 5322 §2.1.1).
pub const HEADER_WORD_BYTES_MAX: usize = 900;

/// A display name and an address (RFC 5322 §3.4). The name may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Mailbox<'a> {
    /// What the reader sees; encoded by RFC 2047 where needed. Control characters become spaces.
    pub name: &'a str,
    /// Where it is.
    pub address: &'a Address,
}

/// One extra header, which cannot hold a second one. The value is unstructured text (RFC 5322 §2.2.1), folded at its
/// spaces when long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    name: Cow<'static, str>,
    value: String,
}

impl Header {
    /// `name` is printable ASCII without a colon (RFC 5322 §2.2). Errs for a name the message prints itself, such as
    /// `Subject` or `Bcc`, and for a value with control characters or longer than [`HEADER_VALUE_BYTES_MAX`].
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Result<Self, BadMessage> {
        let header = Self { name: name.into(), value: value.into() };
        check_header(&header.name, &header.value)?;
        Ok(header)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn value(&self) -> &str {
        &self.value
    }
}

/// A message to one reader, ready to be printed by [`Message::build`].
#[derive(Clone)]
pub struct Message<'a> {
    /// Who signs.
    pub from: Mailbox<'a>,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Mailbox<'a>>,
    /// Who reads.
    pub to: Mailbox<'a>,
    /// The subject in Unicode; control characters become spaces.
    pub subject: &'a str,
    /// The Date header, in microseconds UTC; fixed per occasion so that a resend is byte-identical.
    pub date: i64,
    /// Without angle brackets, see [`crate::Identity::message_id`].
    pub message_id: &'a str,
    /// Language tag (BCP 47) for Content-Language (RFC 3282).
    pub language: Option<&'a str>,
    /// Printed in this order after our own, see [`crate::list`].
    pub headers: &'a [Header],
    /// What it says, finished.
    pub body: &'a Body,
}

/// Prints the Message-ID alone: neither people nor bodies belong in a log.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Why a message cannot be printed. A mistake of the program or its settings, never of a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadMessage {
    /// A header name with characters outside RFC 5322 §3.6.8, or empty.
    HeaderName(String),
    /// An extra header that the message prints itself, such as `Subject` or `Bcc`.
    ReservedHeader(String),
    /// A value with control characters, or too long; carries the header's name.
    HeaderValue(String),
    /// The date lies outside the years 1900 to 9999.
    Date,
}

impl fmt::Display for BadMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderName(name) => write!(f, "{name:?} is not a header name"),
            Self::ReservedHeader(name) => write!(f, "the header {name} is printed by the message itself"),
            Self::HeaderValue(name) => {
                write!(f, "the value of the header {name} holds control characters or is too long")
            }
            Self::Date => f.write_str("the date of the message lies outside the years 1900 to 9999"),
        }
    }
}

impl std::error::Error for BadMessage {}

const RESERVED: [&str; 12] = [
    "bcc",
    "content-language",
    "content-transfer-encoding",
    "content-type",
    "date",
    "dkim-signature",
    "from",
    "message-id",
    "mime-version",
    "reply-to",
    "subject",
    "to",
];

const SECONDS_FROM_1900: i64 = -2_208_988_800;
const SECONDS_TO_9999: i64 = 253_402_300_799;

impl Message<'_> {
    /// Prints the message (RFC 5322, RFC 2047): CRLF everywhere, lines of at most 998 octets. Building twice gives the
    /// same bytes. Errs when a header could not be printed safely.
    pub fn build(&self) -> Result<Vec<u8>, BadMessage> {
        self.check()?;
        Ok(mime::print(self))
    }

    fn check(&self) -> Result<(), BadMessage> {
        let seconds = self.date.div_euclid(1_000_000);
        if !(SECONDS_FROM_1900..=SECONDS_TO_9999).contains(&seconds) {
            return Err(BadMessage::Date);
        }
        let names = [("From", self.from.name), ("To", self.to.name), ("Subject", self.subject)];
        for (name, value) in names.into_iter().chain(self.reply_to.iter().map(|r| ("Reply-To", r.name))) {
            if value.len() > HEADER_VALUE_BYTES_MAX {
                return Err(BadMessage::HeaderValue(name.into()));
            }
        }
        let id_is_plain = self.message_id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
        if !id_is_plain || self.message_id.is_empty() || self.message_id.len() > HEADER_WORD_BYTES_MAX {
            return Err(BadMessage::HeaderValue("Message-ID".into()));
        }
        let tag_is_plain = |tag: &str| tag.len() < 100 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !self.language.is_none_or(tag_is_plain) {
            return Err(BadMessage::HeaderValue("Content-Language".into()));
        }
        Ok(())
    }
}

fn check_header(name: &str, value: &str) -> Result<(), BadMessage> {
    let printable = name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    if name.is_empty() || name.len() > 70 || !printable {
        return Err(BadMessage::HeaderName(name.into()));
    }
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(BadMessage::ReservedHeader(name.into()));
    }
    let word_too_long = value.is_ascii() && value.split(' ').any(|word| word.len() > HEADER_WORD_BYTES_MAX);
    if value.len() > HEADER_VALUE_BYTES_MAX || word_too_long || value.chars().any(char::is_control) {
        return Err(BadMessage::HeaderValue(name.into()));
    }
    Ok(())
}
