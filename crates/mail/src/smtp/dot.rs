//! Dot-stuffing and the check that a text can go through DATA unharmed.

/// Longest line of a message, in octets without its line end (RFC 5321 §4.5.3.1.6).
pub const LINE_BYTES_MAX: usize = 998;

/// The text of a message as it goes through DATA (RFC 5321 §4.5.2): a dot is put before every line that starts with
/// one. Ends with CRLF; the final `.` CRLF is not part of it.
pub fn dot_stuff(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 8);
    for line in message.split_inclusive(|&b| b == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Why a message cannot go through DATA as it is: `None` when every line ends in CRLF, holds no other CR or LF and no
/// NUL, and has at most 998 octets (RFC 5321 §2.3.8, §4.5.3.1.6).
pub fn line_fault(message: &[u8]) -> Option<&'static str> {
    for line in message.split_inclusive(|&b| b == b'\n') {
        let text = match line.strip_suffix(b"\n") {
            None => line,
            Some(cut) => match cut.strip_suffix(b"\r") {
                Some(text) => text,
                None => return Some("the message has a line feed without a carriage return"),
            },
        };
        if text.len() > LINE_BYTES_MAX {
            return Some("the message has a line of more than 998 octets");
        }
        if text.iter().any(|&b| b == b'\r' || b == 0) {
            return Some("the message has a stray carriage return or a NUL");
        }
    }
    None
}
