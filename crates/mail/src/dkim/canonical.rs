//! The relaxed canonical forms of RFC 6376 §3.4 and the hash of a body.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 of a body in relaxed form (RFC 6376 §3.4.4, §3.7). Make it once where many messages share one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyHash([u8; 32]);

impl BodyHash {
    /// Hashes `body`, which is what follows the empty line after the headers.
    pub fn of(body: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        relaxed_body(body, |octets| context.update(octets));
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }

    /// Hashes what is in relaxed form already.
    pub(crate) fn of_relaxed(body: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(body);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }

    /// Hashes the body of a whole message.
    pub fn of_message(message: &[u8]) -> Self {
        Self::of(split(message).1)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Headers (with the last CRLF) and body. A message without an empty line is all headers.
pub(crate) fn split(message: &[u8]) -> (&[u8], &[u8]) {
    if let Some(body) = message.strip_prefix(b"\r\n") {
        return (b"", body);
    }
    match message.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&message[..at + 2], &message[at + 4..]),
        None => (message, b""),
    }
}

/// The header fields in order, each with its folded lines and line end.
pub(crate) fn fields(headers: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::with_capacity(32);
    let mut start = 0;
    for (at, _) in headers.windows(2).enumerate().filter(|(_, two)| *two == b"\r\n") {
        let next = at + 2;
        if !matches!(headers.get(next), Some(b' ' | b'\t')) {
            fields.push(&headers[start..next]);
            start = next;
        }
    }
    if start < headers.len() {
        fields.push(&headers[start..]);
    }
    fields
}

/// A field's name, without trailing spaces.
pub(crate) fn name(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&b| b == b':').unwrap_or(field.len());
    field[..end].trim_ascii()
}

/// Adds a field in relaxed form (RFC 6376 §3.4.2), without its line end.
pub(crate) fn relaxed_field(field: &[u8], out: &mut Vec<u8>) {
    out.extend(name(field).iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let value = field.iter().position(|&b| b == b':').map_or(&b""[..], |colon| &field[colon + 1..]);
    let start = out.len();
    let mut space_due = false;
    for &octet in value {
        match octet {
            b'\r' | b'\n' => {}
            b' ' | b'\t' => space_due = true,
            _ => {
                if space_due && out.len() > start {
                    out.push(b' ');
                }
                space_due = false;
                out.push(octet);
            }
        }
    }
}

/// Gives a body in relaxed form (RFC 6376 §3.4.4) to `take`, piece by piece: runs of spaces become one, spaces at line
/// ends and empty lines at the end go, and a body that is not empty ends in CRLF.
pub(crate) fn relaxed_body(body: &[u8], mut take: impl FnMut(&[u8])) {
    let mut empty_lines = 0;
    let mut rest = body;
    let mut relaxed = Vec::with_capacity(1024);
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (line, next) = end.map_or((rest, &b""[..]), |at| (&rest[..at], &rest[at + 2..]));
        rest = next;
        relaxed.clear();
        let mut space_due = false;
        for &octet in line {
            if matches!(octet, b' ' | b'\t') {
                space_due = true;
                continue;
            }
            if space_due {
                relaxed.push(b' ');
                space_due = false;
            }
            relaxed.push(octet);
        }
        if relaxed.is_empty() {
            empty_lines += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty_lines) {
            take(b"\r\n");
        }
        relaxed.extend_from_slice(b"\r\n");
        take(&relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(given: &str) -> String {
        let mut out = Vec::new();
        relaxed_body(given.as_bytes(), |octets| out.extend_from_slice(octets));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_relaxed_body_follows_rfc_6376() {
        fn check(given: &str, relaxed: &str) {
            assert_eq!(body(given), relaxed, "{given:?}");
        }
        // RFC 6376 §3.4.5, example 1.
        check(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
        check("", "");
        check("\r\n\r\n", "");
        check(" \t\r\n \r\n", "");
        check("no line end", "no line end\r\n");
        check("one\r\n\r\n \r\ntwo\r\n", "one\r\n\r\n\r\ntwo\r\n");
        check("a\r\n \t \r\n", "a\r\n");
    }

    #[test]
    fn a_relaxed_field_follows_rfc_6376() {
        fn check(given: &str, relaxed: &str) {
            let mut out = Vec::new();
            relaxed_field(given.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), relaxed, "{given:?}");
        }
        // RFC 6376 §3.4.5, example 1.
        check("A: X\r\n", "a:X");
        check("B : Y\t\r\n\tZ  \r\n", "b:Y Z");
        check("Subject:\r\n", "subject:");
        check("Subject:   \r\n \r\n", "subject:");
        check("X-Colon: a : b\r\n", "x-colon:a : b");
    }

    #[test]
    fn the_hash_of_an_empty_body_is_the_one_in_the_standard() {
        use base64::Engine as _;
        // RFC 6376 §3.4.4: SHA-256 of the empty input.
        let hash = base64::engine::general_purpose::STANDARD.encode(BodyHash::of(b"").as_bytes());
        assert_eq!(hash, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(BodyHash::of_message(b"A: b\r\n\r\nhi  \r\n\r\n"), BodyHash::of(b"hi\r\n"));
    }

    #[test]
    fn folded_lines_belong_to_their_field() {
        let (headers, body) = split(b"A: 1\r\n 2\r\nB: 3\r\n\r\nbody");
        assert_eq!(fields(headers), [&b"A: 1\r\n 2\r\n"[..], &b"B: 3\r\n"[..]]);
        assert_eq!(body, b"body");
        assert_eq!(fields(b""), Vec::<&[u8]>::new());
        assert_eq!(split(b"\r\nbody"), (&b""[..], &b"body"[..]));
    }
}
