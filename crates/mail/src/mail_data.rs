//! The mail data of one message (RFC 5321 §2.3.1 and §2.3.8), checked once.
//! What is not safe to send cannot be made: no smuggled end, no second command, no line a relay would cut.

use std::fmt;

/// Longest line of a message, in octets without its line end (RFC 5321 §4.5.3.1.6).
pub const LINE_BYTES_MAX: usize = 998;

/// A message that can go through DATA or BDAT unharmed: every line ends in CRLF, no other CR or LF, no NUL, at most
/// [`LINE_BYTES_MAX`] octets a line, at least one line.
#[derive(Clone, PartialEq, Eq)]
pub struct MailData {
    octets: Vec<u8>,
    dotted_lines: usize,
    eight_bit: bool,
    utf8_headers: bool,
}

/// Prints the size alone: bodies do not belong in a log.
impl fmt::Debug for MailData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailData({} octets)", self.octets.len())
    }
}

/// Why octets are no mail data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMailData {
    /// There is nothing to send.
    Empty,
    /// A line feed without a carriage return before it: some relays end a message there (CVE-2023-51764).
    BareLineFeed,
    /// A carriage return that ends no line, or a NUL.
    StrayControl,
    /// A line of more than 998 octets (RFC 5321 §4.5.3.1.6).
    LineTooLong,
}

impl fmt::Display for BadMailData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the message is empty",
            Self::BareLineFeed => "the message has a line feed without a carriage return",
            Self::StrayControl => "the message has a stray carriage return or a NUL",
            Self::LineTooLong => "the message has a line of more than 998 octets",
        })
    }
}

impl std::error::Error for BadMailData {}

impl MailData {
    /// Checks a printed message, signatures included. A last line without its end gets one.
    pub fn check(mut octets: Vec<u8>) -> Result<Self, BadMailData> {
        if octets.is_empty() {
            return Err(BadMailData::Empty);
        }
        if octets.last() != Some(&b'\n') {
            octets.extend_from_slice(b"\r\n");
        }
        let (mut start, mut dotted_lines) = (0, 0);
        for end in memchr::memchr_iter(b'\n', &octets) {
            let line = octets[start..end].strip_suffix(b"\r").ok_or(BadMailData::BareLineFeed)?;
            if line.len() > LINE_BYTES_MAX {
                return Err(BadMailData::LineTooLong);
            }
            if memchr::memchr2(b'\r', 0, line).is_some() {
                return Err(BadMailData::StrayControl);
            }
            dotted_lines += usize::from(line.first() == Some(&b'.'));
            start = end + 1;
        }
        let eight_bit = !octets.is_ascii();
        let utf8_headers = eight_bit && !headers(&octets).is_ascii();
        Ok(Self { octets, dotted_lines, eight_bit, utf8_headers })
    }

    /// The message as the reader's program will see it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// Octets without dot-stuffing, as SIZE and BDAT count them (RFC 1870 §5).
    pub fn len(&self) -> usize {
        self.octets.len()
    }

    /// Never: an empty message is not mail data.
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Whether an octet above 127 is in it, so that 8BITMIME must be offered (RFC 6152).
    pub fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }

    /// Whether such an octet is in a header, so that SMTPUTF8 must be offered (RFC 6531 §3.2).
    pub fn has_utf8_headers(&self) -> bool {
        self.utf8_headers
    }

    /// Adds the text as it goes through DATA, a dot before every line that starts with one (RFC 5321 §4.5.2), without
    /// the final dot.
    pub fn dot_stuff_into(&self, out: &mut Vec<u8>) {
        if self.dotted_lines == 0 {
            return out.extend_from_slice(&self.octets);
        }
        out.reserve(self.octets.len() + self.dotted_lines);
        dot_stuff(&self.octets, out);
    }
}

/// A dot before every line that starts with one (RFC 5321 §4.5.2, RFC 1939 §3).
pub(crate) fn dot_stuff(text: &[u8], out: &mut Vec<u8>) {
    for line in text.split_inclusive(|&b| b == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
}

fn headers(message: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    &message[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Unstuffer;
    use proptest::prelude::*;

    #[test]
    fn what_could_end_a_message_early_is_no_mail_data() {
        fn check(given: &[u8], why: BadMailData) {
            assert_eq!(MailData::check(given.to_vec()).unwrap_err(), why, "{given:?}");
        }
        check(b"", BadMailData::Empty);
        check(b"a\n", BadMailData::BareLineFeed);
        check(b"a\r\n\n", BadMailData::BareLineFeed);
        check(b"\n.\n", BadMailData::BareLineFeed);
        check(b"a\r.\r\n", BadMailData::StrayControl);
        check(b"a\r", BadMailData::StrayControl);
        check(b"a\0b\r\n", BadMailData::StrayControl);
        check(&[b'a'; 999], BadMailData::LineTooLong);
    }

    #[test]
    fn mail_data_knows_what_the_relay_must_offer() {
        fn check(given: &str, eight_bit: bool, utf8_headers: bool) {
            let data = MailData::check(given.as_bytes().to_vec()).unwrap();
            assert_eq!((data.is_eight_bit(), data.has_utf8_headers()), (eight_bit, utf8_headers), "{given:?}");
        }
        check("A: b\r\n\r\nc", false, false);
        check("A: b\r\n\r\né", true, false);
        check("A: é\r\n\r\nc", true, true);
        check("é", true, true);
    }

    proptest! {
        #[test]
        fn what_a_server_takes_out_of_data_is_what_was_put_in(
            lines in proptest::collection::vec("[.]{0,3}[a-zé \\x01]{0,12}[.\r\n\0]{0,2}", 1..12),
            cut in 1usize..9,
        ) {
            if let Ok(data) = MailData::check(lines.join("\r\n").into_bytes()) {
                let mut sent = Vec::new();
                data.dot_stuff_into(&mut sent);
                sent.extend_from_slice(b".\r\n");
                let (mut unstuffer, mut text, mut taken) = (Unstuffer::default(), Vec::new(), 0);
                for piece in sent.chunks(cut) {
                    let end = unstuffer.push(piece, &mut text);
                    taken += end.unwrap_or(piece.len());
                    if end.is_some() {
                        break;
                    }
                }
                // Nothing inside ends the text, and nothing is left over behind the final dot.
                prop_assert_eq!(taken, sent.len());
                prop_assert_eq!(text.as_slice(), data.as_bytes());
            }
        }
    }
}
