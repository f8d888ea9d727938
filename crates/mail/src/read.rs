//! Reads a message that came in, so that a person can look at it.
//! Bounded on any input; trusts nothing it reads, and runs nothing.

use mail_parser::{Address as ParsedAddress, MessageParser, MimeHeaders, PartType};

/// Messages above this size, in octets, are not read.
pub const READ_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Most headers given back; the rest is left out.
pub const READ_HEADERS_MAX: usize = 200;
/// Longest header value given back, in octets; the rest is cut off.
pub const READ_VALUE_BYTES_MAX: usize = 8 * 1024;
/// Longest text or HTML given back, in octets; the rest is cut off.
pub const READ_PART_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most correspondents given back for one header.
pub const READ_CORRESPONDENTS_MAX: usize = 100;

/// A name and an address as they stand in From or To; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correspondent {
    /// Display name, decoded.
    pub name: String,
    /// Address as written; not checked.
    pub address: String,
}

/// A message as a person reads it. Everything comes from outside: escape it before showing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Decoded subject.
    pub subject: String,
    /// Who says to have written it.
    pub from: Vec<Correspondent>,
    /// Who it says it is to.
    pub to: Vec<Correspondent>,
    /// The Date header in microseconds UTC, when it can be read.
    pub date: Option<i64>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// The first plain text part, if there is one.
    pub text: Option<String>,
    /// The first HTML part, if there is one.
    pub html: Option<String>,
    /// Name as written and unfolded raw value of each header, in order.
    pub headers: Vec<(String, String)>,
}

/// Reads a message (RFC 5322, MIME). `None` when it has no header at all or is larger than [`READ_BYTES_MAX`].
pub fn read(message: &[u8]) -> Option<Letter> {
    if message.len() > READ_BYTES_MAX {
        return None;
    }
    let parsed = MessageParser::default().parse(message)?;
    let parts = || parsed.parts.iter().filter(|part| part.attachment_name().is_none());
    let text = parts().find_map(|part| match &part.body {
        PartType::Text(text) => Some(cut(text, READ_PART_BYTES_MAX)),
        _ => None,
    });
    let html = parts().find_map(|part| match &part.body {
        PartType::Html(html) => Some(cut(html, READ_PART_BYTES_MAX)),
        _ => None,
    });
    let between = |start: u32, end: u32| {
        let octets = message.get(start as usize..end as usize).unwrap_or_default();
        cut(String::from_utf8_lossy(octets).replace(['\r', '\n'], "").trim(), READ_VALUE_BYTES_MAX)
    };
    let headers = parsed.headers().iter().take(READ_HEADERS_MAX).map(|header| {
        let name = between(header.offset_field, header.offset_start);
        (name.trim_end_matches(':').trim_end().to_owned(), between(header.offset_start, header.offset_end))
    });
    let letter = Letter {
        subject: cut(parsed.subject().unwrap_or_default(), READ_VALUE_BYTES_MAX),
        from: correspondents(parsed.from()),
        to: correspondents(parsed.to()),
        date: parsed.date().filter(|date| date.is_valid()).and_then(|d| d.to_timestamp().checked_mul(1_000_000)),
        message_id: parsed.message_id().map(|id| cut(id, READ_VALUE_BYTES_MAX)),
        text,
        html,
        headers: headers.collect(),
    };
    take_apart(parsed);
    Some(letter)
}

/// Drops messages that stand in each other one by one: as deep as an attacker puts them, the stack would not do.
fn take_apart(message: mail_parser::Message<'_>) {
    let mut waiting = vec![message];
    while let Some(mut message) = waiting.pop() {
        let inner = message.parts.drain(..).filter_map(|part| match part.body {
            PartType::Message(inner) => Some(inner),
            _ => None,
        });
        waiting.extend(inner);
    }
}

fn correspondents(address: Option<&ParsedAddress<'_>>) -> Vec<Correspondent> {
    let Some(address) = address else { return Vec::new() };
    let known = |text: Option<&str>| cut(text.unwrap_or_default(), READ_VALUE_BYTES_MAX);
    address
        .iter()
        .take(READ_CORRESPONDENTS_MAX)
        .map(|one| Correspondent { name: known(one.name()), address: known(one.address()) })
        .collect()
}

fn cut(text: &str, bytes_max: usize) -> String {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
