//! What a relay has taken, message by message, to be compared with the rows of the sender.

use std::collections::{BTreeMap, HashMap};

use crate::list::DELIVERY_HEADER;
use crate::server::Arrival;

/// What became of all texts heard under one id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Texts heard whole, with their end.
    pub heard: u32,
    /// Texts kept: more than 1 is a repeat.
    pub times: u32,
    /// Code of the last reply to the end of a text; `None` when the relay hung up instead.
    pub reply: Option<u16>,
    /// Message-ID without brackets; the last one.
    pub message_id: String,
    /// The last one.
    pub recipient: String,
}

/// Everything one relay knows.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// By the sender's own id (`X-Masthead-Delivery`), or the Message-ID of messages without one.
    pub messages: BTreeMap<String, Stored>,
    /// Connections so far.
    pub connections: u64,
    /// Most connections open at one time.
    pub connections_at_once_max: usize,
    /// Whole messages in the order they were kept, when the relay was asked to keep them.
    pub arrivals: Vec<Arrival>,
    pub(super) open: usize,
    envelopes: HashMap<String, u32>,
}

impl Book {
    /// Messages kept at least once.
    pub fn kept(&self) -> usize {
        self.messages.values().filter(|stored| stored.times > 0).count()
    }

    /// Copies too many, over all messages.
    pub fn repeats(&self) -> u64 {
        self.messages.values().map(|stored| u64::from(stored.times.saturating_sub(1))).sum()
    }

    /// Counts an envelope for this recipient and gives how many came before.
    pub(super) fn envelope(&mut self, recipient: &str) -> u32 {
        let count = self.envelopes.entry(recipient.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    pub(super) fn hear(&mut self, id: &str, arrival: &Arrival) {
        let stored = self.messages.entry(id.to_owned()).or_default();
        stored.heard += 1;
        stored.reply = None;
        stored.message_id = header(&arrival.message, "Message-ID").unwrap_or_default();
        stored.recipient = arrival.recipients.join(",");
    }

    pub(super) fn keep(&mut self, id: &str) {
        self.messages.entry(id.to_owned()).or_default().times += 1;
    }

    pub(super) fn answer(&mut self, id: &str, code: u16) {
        self.messages.entry(id.to_owned()).or_default().reply = Some(code);
    }
}

/// The id a message is booked under.
pub(super) fn id_of(message: &[u8]) -> String {
    header(message, DELIVERY_HEADER).or_else(|| header(message, "Message-ID")).unwrap_or_default()
}

/// The first header of this name, on one line and without brackets.
fn header(message: &[u8], name: &str) -> Option<String> {
    for line in message.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let Some((known, value)) = line.split_at_checked(name.len()) else { continue };
        if known.eq_ignore_ascii_case(name.as_bytes())
            && let Some(value) = value.strip_prefix(b":")
        {
            let value = String::from_utf8_lossy(value);
            return Some(value.trim().trim_matches(['<', '>']).to_owned());
        }
    }
    None
}
