//! Takes a message apart as far as reports need it: header blocks and decoded texts. Never fails on bad MIME, never
//! goes deeper than [`DEPTH_MAX`], never keeps more than [`TEXT_BYTES_MAX`] of a part.

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{MessageParser, MimeHeaders};

/// How deep multiparts may stand in each other.
pub(super) const DEPTH_MAX: usize = 8;
/// Most parts looked at.
pub(super) const PARTS_MAX: usize = 64;
/// Most octets of one part that are read.
pub(super) const TEXT_BYTES_MAX: usize = 256 * 1024;

/// One part that holds no further parts.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// `text/plain`, lower case; a part that does not say is that.
    pub(super) kind: String,
    /// Decoded, line ends as `\n`.
    pub(super) text: String,
}

/// The headers of one block: names in lower case, values unfolded, in order.
#[derive(Debug, Default)]
pub(super) struct Head(Vec<(String, String)>);

impl Head {
    /// Reads until the first empty line. Lines that are no headers are passed over.
    pub(super) fn read(text: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines().take_while(|line| !line.trim().is_empty()) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':')
                && !name.trim().is_empty()
                && name.trim_end().bytes().all(|byte| byte.is_ascii_graphic())
            {
                fields.push((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }

    /// The first value under `name` (lower case).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value under `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The decoded subject of a header block.
pub(super) fn subject(head: &[u8]) -> String {
    let parsed = MessageParser::default().parse_headers(head);
    parsed.as_ref().and_then(|parsed| parsed.subject()).unwrap_or_default().to_owned()
}

/// Every part that holds text, in order, header blocks of returned messages among them.
pub(super) fn split(message: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    walk(message, 0, &mut parts);
    parts
}

fn walk(block: &[u8], depth: usize, parts: &mut Vec<Part>) {
    if parts.len() >= PARTS_MAX {
        return;
    }
    let (head, body) = halves(block);
    let parsed = MessageParser::default().parse_headers(head);
    let kind = parsed.as_ref().and_then(|head| head.content_type());
    let whole =
        kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase());
    let whole = whole.unwrap_or_else(|| "text/plain".into());
    let boundary = kind.and_then(|kind| kind.attribute("boundary")).filter(|boundary| !boundary.is_empty());
    if let (true, Some(boundary), true) = (whole.starts_with("multipart/"), boundary, depth < DEPTH_MAX) {
        let pieces = pieces(body, boundary.as_bytes());
        if !pieces.is_empty() {
            for piece in pieces {
                walk(piece, depth + 1, parts);
            }
            return;
        }
    }
    if whole == "message/rfc822" && depth < DEPTH_MAX && is_report(body) {
        return walk(body, depth + 1, parts);
    }
    let text = ["text/", "message/", "multipart/"].iter().any(|start| whole.starts_with(start));
    if text {
        let encoding = parsed.as_ref().and_then(|head| head.content_transfer_encoding()).unwrap_or_default();
        let charset = kind.and_then(|kind| kind.attribute("charset")).unwrap_or_default();
        parts.push(Part { kind: whole, text: decode(body, encoding, charset) });
    }
}

/// A report that a gateway wrapped into a message of its own.
fn is_report(block: &[u8]) -> bool {
    let head = Head::read(&String::from_utf8_lossy(halves(block).0));
    head.get("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/report"))
}

/// The header block with its empty line, and what follows it.
pub(super) fn halves(block: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = block[start..].iter().position(|byte| *byte == b'\n') {
        let line = &block[start..start + length];
        start += length + 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            return block.split_at(start);
        }
    }
    (block, b"")
}

/// What stands between the lines `--boundary`, up to `--boundary--` or the end. A missing end is forgiven.
fn pieces<'m>(body: &'m [u8], boundary: &[u8]) -> Vec<&'m [u8]> {
    let (mut found, mut open, mut start) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        if let Some(rest) = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) {
            let rest = rest.trim_ascii();
            if rest.is_empty() || rest == b"--" {
                if let Some(open) = open {
                    found.push(&body[open..start]);
                }
                open = rest.is_empty().then_some(end);
                if open.is_none() || found.len() >= PARTS_MAX {
                    return found;
                }
            }
        }
        start = end;
    }
    found.extend(open.map(|open| &body[open..]));
    found
}

fn decode(body: &[u8], encoding: &str, charset: &str) -> String {
    let cut = &body[..body.len().min(TEXT_BYTES_MAX)];
    let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64_decode(&cut[..cut.len() / 4 * 4]).or_else(|| base64_decode(cut)),
        "quoted-printable" => quoted_printable_decode(cut),
        _ => None,
    };
    let octets = decoded.as_deref().unwrap_or(cut);
    let text = match encoding_rs::Encoding::for_label(charset.trim().as_bytes()) {
        Some(known) => known.decode(octets).0,
        None => String::from_utf8_lossy(octets),
    };
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// An HTML text as words: enough to find sentences in it.
pub(super) fn plain(html: &str) -> String {
    mail_parser::decoders::html::html_to_text(html)
}
