//! Bodies as they go out: printed once for many readers, with gaps that are filled in for each.
//! What is printed here is its own relaxed form (RFC 6376 §3.4.4), so that DKIM hashes it as it stands. Makes no words.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::dkim::BodyHash;
use crate::identity::base32;

/// Longest line of quoted-printable and base64 (RFC 2045 §6.7 and §6.8).
const CODED_LINE_OCTETS_MAX: usize = 76;
/// Octets that become one line of base64.
const BASE64_LINE_OCTETS: usize = CODED_LINE_OCTETS_MAX / 4 * 3;

/// A piece of a text that many readers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The same for all.
    Fixed(&'a str),
    /// What each reader has instead, within one line; counted from 0.
    Gap(usize),
}

/// A body that many messages share, coded once, with gaps.
#[derive(Clone, Debug)]
pub struct Stencil {
    headers: String,
    parts: Vec<Part>,
    /// What stands behind the last part.
    close: String,
}

#[derive(Clone, Debug)]
struct Part {
    /// Its delimiter and headers; empty where it is the whole body.
    head: String,
    coded: Coded,
}

/// A text as it will be sent; the tokens name gaps.
#[derive(Clone, Debug)]
enum Coded {
    /// Quoted-printable or plain; every piece begins and ends a line.
    Lines(Vec<Token>),
    /// Coded when the gaps are filled: base64 knows no lines to leave a gap at.
    Base64(Vec<Token>),
}

#[derive(Clone, Debug)]
enum Token {
    Octets(Vec<u8>),
    Gap(usize),
}

/// The finished body of one message, with the headers that say how to read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    headers: String,
    octets: Vec<u8>,
}

/// Prints the size alone: bodies do not belong in a log.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} octets)", self.octets.len())
    }
}

impl Body {
    /// A body for one message alone: text, and HTML as the better choice (RFC 2046 §5.1.4) if there is one.
    pub fn of(text: &str, html: Option<&str>) -> Self {
        let html = html.map(|html| [Piece::Fixed(html)]);
        Stencil::cut(&[Piece::Fixed(text)], html.as_ref().map(|html| &html[..])).fill(&[], &[])
    }

    /// SHA-256 of its relaxed form, for the signature.
    pub fn hash(&self) -> BodyHash {
        BodyHash::of_relaxed(&self.octets)
    }

    /// MIME-Version, Content-Type and, for one part, Content-Transfer-Encoding, each with its CRLF.
    pub(crate) fn headers(&self) -> &str {
        &self.headers
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl Stencil {
    /// Codes what is shared: any line ends are taken, CRLF is printed, other control characters except the tab go.
    /// Latin text becomes quoted-printable (or stays as it is), text that this would bloat base64.
    pub fn cut(text: &[Piece<'_>], html: Option<&[Piece<'_>]>) -> Self {
        let (text_headers, text) = coded("plain", text);
        let Some(html) = html else {
            let parts = vec![Part { head: String::new(), coded: text }];
            return Self { headers: format!("MIME-Version: 1.0\r\n{text_headers}"), parts, close: String::new() };
        };
        let (html_headers, html) = coded("html", html);
        // `=_` can stand in neither coding (RFC 2045 §6.7), so that no text and no gap can hold it.
        let boundary = format!("=_{}", base32(&fingerprint(&[&text, &html])[..20]));
        let headers =
            format!("MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n");
        let parts = vec![
            Part { head: format!("--{boundary}\r\n{text_headers}\r\n"), coded: text },
            Part { head: format!("\r\n--{boundary}\r\n{html_headers}\r\n"), coded: html },
        ];
        Self { headers, parts, close: format!("\r\n--{boundary}--\r\n") }
    }

    /// The body of one reader. Gaps without a text stay empty; line ends in a gap become spaces.
    pub fn fill(&self, text: &[&str], html: &[&str]) -> Body {
        let fixed = self.parts.iter().map(|part| part.head.len() + part.coded.len()).sum::<usize>();
        let filled = text.iter().chain(html).map(|gap| gap.len() + 64).sum::<usize>();
        let mut octets = Vec::with_capacity(fixed + filled + filled / 8 + self.close.len());
        for (part, gaps) in self.parts.iter().zip([text, html]) {
            octets.extend_from_slice(part.head.as_bytes());
            part.coded.fill(gaps, &mut octets);
        }
        octets.extend_from_slice(self.close.as_bytes());
        Body { headers: self.headers.clone(), octets }
    }
}

impl Coded {
    fn tokens(&self) -> &[Token] {
        match self {
            Coded::Lines(tokens) | Coded::Base64(tokens) => tokens,
        }
    }

    /// About how many octets the shared part takes.
    fn len(&self) -> usize {
        let octets = self.tokens().iter().map(|token| if let Token::Octets(octets) = token { octets.len() } else { 0 });
        let octets = octets.sum::<usize>();
        match self {
            Coded::Lines(_) => octets,
            Coded::Base64(_) => octets / 3 * 4 + octets / 24,
        }
    }

    fn fill(&self, gaps: &[&str], out: &mut Vec<u8>) {
        let gap = |at: &usize| plain(gaps.get(*at).copied().unwrap_or_default()).replace('\n', " ");
        match self {
            Coded::Lines(tokens) => {
                let start = out.len();
                for token in tokens {
                    match token {
                        Token::Octets(octets) => out.extend_from_slice(octets),
                        Token::Gap(at) => quote(&gap(at), out),
                    }
                }
                end_with_a_line(start, out);
            }
            Coded::Base64(tokens) => {
                let mut whole = Vec::with_capacity(self.len());
                for token in tokens {
                    match token {
                        Token::Octets(octets) => whole.extend_from_slice(octets),
                        Token::Gap(at) => whole.extend_from_slice(gap(at).as_bytes()),
                    }
                }
                let mut line = [0; CODED_LINE_OCTETS_MAX];
                for piece in whole.chunks(BASE64_LINE_OCTETS) {
                    let count = BASE64.encode_slice(piece, &mut line).expect("a line of base64 has 76 octets");
                    out.extend_from_slice(&line[..count]);
                    out.extend_from_slice(b"\r\n");
                }
            }
        }
    }
}

/// A soft line break ends no part, and relaxed forms know no empty lines at the end.
fn end_with_a_line(start: usize, out: &mut Vec<u8>) {
    if out[start..].ends_with(b"=\r\n") {
        out.truncate(out.len() - 3);
        out.extend_from_slice(b"\r\n");
    }
    while out[start..].ends_with(b"\r\n\r\n") || &out[start..] == b"\r\n" {
        out.truncate(out.len() - 2);
    }
}

/// The headers of a part, and its text as it will be sent.
fn coded(kind: &str, pieces: &[Piece<'_>]) -> (String, Coded) {
    let mut plains: Vec<(Option<usize>, String)> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Fixed(text) => (None, plain(text)),
            Piece::Gap(at) => (Some(*at), String::new()),
        })
        .collect();
    // One line end at the end: relaxed forms know no empty lines there.
    if let Some((None, last)) = plains.last_mut() {
        let kept = last.trim_end_matches('\n').len();
        last.truncate(kept);
        if kept > 0 {
            last.push('\n');
        }
    }
    let tokens = |code: fn(&str) -> Vec<u8>| -> Vec<Token> {
        plains.iter().map(|(gap, text)| gap.map_or_else(|| Token::Octets(code(text)), Token::Gap)).collect()
    };
    let lines = Coded::Lines(tokens(|text| {
        let mut octets = Vec::with_capacity(text.len() + text.len() / 16);
        quote(text, &mut octets);
        octets
    }));
    let whole = Coded::Base64(tokens(|text| text.replace('\n', "\r\n").into_bytes()));
    let as_it_is =
        matches!((lines.tokens(), whole.tokens()), ([Token::Octets(one)], [Token::Octets(other)]) if one == other);
    let (encoding, coded) = match () {
        () if as_it_is => ("7bit", lines),
        () if lines.len() <= whole.len() => ("quoted-printable", lines),
        () => ("base64", whole),
    };
    (format!("Content-Type: text/{kind}; charset=\"utf-8\"\r\nContent-Transfer-Encoding: {encoding}\r\n"), coded)
}

fn fingerprint(texts: &[&Coded]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for token in texts.iter().flat_map(|coded| coded.tokens()) {
        match token {
            Token::Octets(octets) => context.update(octets),
            Token::Gap(at) => context.update(&at.to_be_bytes()),
        }
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Any line ends become line feeds, other control characters except the tab go.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {
                letters.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Adds a text as quoted-printable (RFC 2045 §6.7) in lines of its own; a soft line break ends what does not end a line.
/// Spaces that relays or DKIM would take for one or for none are coded, and so are what mailboxes and SMTP mangle: a
/// dot, or `From `, where a line begins.
fn quote(text: &str, out: &mut Vec<u8>) {
    let octets = text.as_bytes();
    let mut column = 0;
    for (at, &octet) in octets.iter().enumerate() {
        if octet == b'\n' {
            out.extend_from_slice(b"\r\n");
            column = 0;
            continue;
        }
        let next = octets.get(at + 1);
        let as_it_is = match octet {
            b' ' => column > 0 && out.last() != Some(&b' ') && next.is_some_and(|next| *next != b'\n'),
            b'.' => column > 0,
            b'F' => column > 0 || !octets[at..].starts_with(b"From "),
            b'=' => false,
            _ => octet.is_ascii_graphic(),
        };
        let width = if as_it_is { 1 } else { 3 };
        // The last column is kept for a soft line break, unless the line ends here anyway.
        let room = CODED_LINE_OCTETS_MAX - usize::from(next != Some(&b'\n'));
        if column + width > room {
            out.extend_from_slice(b"=\r\n");
            column = 0;
            let begins_badly = matches!(octet, b'.' | b' ') || octets[at..].starts_with(b"From ");
            if as_it_is && begins_badly {
                code(octet, out);
                column = 3;
                continue;
            }
        }
        if as_it_is {
            out.push(octet);
        } else {
            code(octet, out);
        }
        column += width;
    }
    if column > 0 {
        out.extend_from_slice(b"=\r\n");
    }
}

fn code(octet: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'=', DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &str) -> String {
        let mut out = Vec::new();
        quote(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_relays_and_mailboxes_mangle_is_coded() {
        fn check(text: &str, sent: &str) {
            assert_eq!(quoted(text), sent, "{text:?}");
        }
        check("Plain words.\n", "Plain words.\r\n");
        check("é = è\n", "=C3=A9 =3D =C3=A8\r\n");
        check("two  spaces \n", "two =20spaces=20\r\n");
        check(".\n..\n a\n", "=2E\r\n=2E.\r\n=20a\r\n");
        check("From here\nFrom\n", "=46rom here\r\nFrom\r\n");
        check("no end", "no end=\r\n");
        check("a\tb\n", "a=09b\r\n");
        let long = "word ".repeat(40);
        assert!(quoted(&long).lines().all(|line| line.len() <= CODED_LINE_OCTETS_MAX), "{}", quoted(&long));
    }

    #[test]
    fn a_text_of_76_columns_needs_no_soft_line_break() {
        let line = format!("{}\n", "a".repeat(76));
        assert_eq!(quoted(&line), line.replace('\n', "\r\n"));
        assert_eq!(quoted(&format!("{}\n", "a".repeat(77))), format!("{}=\r\naa\r\n", "a".repeat(75)));
    }

    #[test]
    fn a_text_that_ends_with_a_gap_is_its_own_relaxed_form() {
        fn check(text: &str, gap: &str, sent: &str) {
            let body = Stencil::cut(&[Piece::Fixed(text), Piece::Gap(0)], None).fill(&[gap], &[]);
            assert_eq!((std::str::from_utf8(body.octets()), body.hash()), (Ok(sent), BodyHash::of(sent.as_bytes())));
        }
        check("", "\n", "=20\r\n");
        check("This letter was written for", "Rose", "This letter was written for=\r\nRose\r\n");
        check("Dear all,\n\n", "", "Dear all,\r\n");
        check("\n\n", "", "");
    }

    proptest! {
        #[test]
        fn a_filled_body_is_read_as_it_was_written_and_is_its_own_relaxed_form(
            fixed in proptest::collection::vec("(?s)[a-zF .=éع誰\\n\\r\\t]{0,120}", 1..5),
            gaps in proptest::collection::vec("(?s)[a-z .=éع\\n]{0,90}", 0..4),
            html in any::<bool>(),
        ) {
            let mut pieces = Vec::new();
            let mut whole = String::new();
            for (at, text) in fixed.iter().enumerate() {
                pieces.push(Piece::Fixed(text));
                whole.push_str(&plain(text));
                if let Some(gap) = gaps.get(at) {
                    pieces.push(Piece::Gap(at));
                    whole.push_str(&gap.replace('\n', " "));
                }
            }
            let gaps: Vec<&str> = gaps.iter().map(String::as_str).collect();
            let body = Stencil::cut(&pieces, html.then_some(&pieces[..])).fill(&gaps, &gaps);
            prop_assert_eq!(body.hash(), BodyHash::of(body.octets()));
            let message = [b"From: a@b.example\r\n", body.headers().as_bytes(), b"\r\n", body.octets()].concat();
            prop_assert!(crate::MailData::check(message.clone()).is_ok());
            let letter = crate::read::read(&message).unwrap();
            let read = |text: Option<String>| text.unwrap_or_default().replace("\r\n", "\n").trim_end_matches('\n').to_owned();
            let whole = whole.trim_end_matches('\n');
            prop_assert_eq!(read(letter.text), whole);
            if html {
                prop_assert_eq!(read(letter.html), whole);
            }
        }
    }
}
