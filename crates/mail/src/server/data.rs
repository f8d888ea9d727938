//! Takes the dots out of a text that comes through DATA, and finds its end.
//! Only CRLF . CRLF ends it: a lone LF never does (SMTP smuggling, CVE-2023-51764).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    LineStart,
    Text,
    AfterCr,
    Dot,
    DotCr,
}

/// Undoes dot-stuffing (RFC 5321 §4.5.2) piece by piece and finds the final dot.
#[derive(Debug)]
pub struct Unstuffer {
    at: At,
    line_bytes: usize,
    longest_line: usize,
}

impl Default for Unstuffer {
    fn default() -> Self {
        Self { at: At::LineStart, line_bytes: 0, longest_line: 0 }
    }
}

impl Unstuffer {
    /// Takes octets and adds the text to `out`. Gives the number of octets taken when the final dot was among them
    /// (what follows belongs to the next command), `None` when all were taken and the text goes on.
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        for (index, &octet) in octets.iter().enumerate() {
            self.at = match (self.at, octet) {
                (At::LineStart, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotCr,
                (At::DotCr, b'\n') => {
                    self.at = At::LineStart;
                    return Some(index + 1);
                }
                (At::DotCr, octet) => {
                    self.add(b'\r', out);
                    self.next(At::AfterCr, octet, out)
                }
                (at, octet) => self.next(at, octet, out),
            };
        }
        None
    }

    /// The longest line so far, in octets with its CRLF.
    pub fn longest_line(&self) -> usize {
        self.longest_line.max(self.line_bytes)
    }

    fn next(&mut self, at: At, octet: u8, out: &mut Vec<u8>) -> At {
        self.add(octet, out);
        match (at, octet) {
            (_, b'\r') => At::AfterCr,
            (At::AfterCr, b'\n') => {
                self.longest_line = self.longest_line.max(self.line_bytes);
                self.line_bytes = 0;
                At::LineStart
            }
            _ => At::Text,
        }
    }

    fn add(&mut self, octet: u8, out: &mut Vec<u8>) {
        self.line_bytes += 1;
        out.push(octet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MailData;
    use proptest::prelude::*;

    #[test]
    fn only_crlf_dot_crlf_ends_a_text() {
        fn check(given: &str, text: &str, ends_at: Option<usize>) {
            let mut out = Vec::new();
            assert_eq!(Unstuffer::default().push(given.as_bytes(), &mut out), ends_at, "{given:?}");
            assert_eq!(String::from_utf8(out).unwrap(), text, "{given:?}");
        }
        check("a\r\n.\r\nQUIT", "a\r\n", Some(6));
        check(".\r\n", "", Some(3));
        check("..\r\n.\r\n", ".\r\n", Some(7));
        check("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", Some(10));
        check("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", Some(11));
        check("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", Some(11));
        check("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", Some(11));
        check("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", Some(11));
        check("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", Some(10));
        check("a\r\n.", "a\r\n", None);
    }

    proptest! {
        #[test]
        fn a_text_arrives_as_it_was_sent(
            lines in proptest::collection::vec("[.]{0,3}[ -~é]{0,30}", 1..20),
            cuts in proptest::collection::vec(1usize..40, 0..20),
        ) {
            let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let mut wire = Vec::new();
            MailData::check(text.clone().into_bytes()).unwrap().dot_stuff_into(&mut wire);
            wire.extend_from_slice(b".\r\nNOOP\r\n");
            let (mut unstuffer, mut out, mut at) = (Unstuffer::default(), Vec::new(), 0);
            for cut in cuts.into_iter().chain(std::iter::repeat(7)) {
                let end = (at + cut).min(wire.len());
                if let Some(taken) = unstuffer.push(&wire[at..end], &mut out) {
                    at += taken;
                    break;
                }
                at = end;
                prop_assert!(at < wire.len(), "the final dot was missed");
            }
            prop_assert_eq!(&wire[at..], b"NOOP\r\n");
            prop_assert_eq!(out, text.into_bytes());
        }
    }
}
