//! Reads replies strictly and within limits, so that a silly relay costs one connection and nothing else.
//! Decides nothing about what a reply means.

use std::fmt;

/// Longest reply line, in octets with its line end. RFC 5321 §4.5.3.1.5 says 512; some relays are more talkative.
pub const REPLY_LINE_BYTES_MAX: usize = 1000;
/// Most lines in one reply.
pub const REPLY_LINES_MAX: usize = 100;
/// Most octets in one reply.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// An enhanced status code (RFC 3463): class, subject and detail, such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enhanced {
    /// 2, 4 or 5.
    pub class: u8,
    /// 0 to 999.
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

impl Enhanced {
    /// Reads `5.1.1` at the start of `text` (RFC 2034 §4), followed by a space or the end.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.split(' ').next()?;
        let mut numbers = word.split('.');
        let mut next = || {
            let digits = numbers.next()?;
            let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse::<u16>().ok() } else { None }
        };
        let (class, subject, detail) = (next()?, next()?, next()?);
        let whole = numbers.next().is_none() && matches!(class, 2 | 4 | 5);
        whole.then_some(Self { class: class as u8, subject, detail })
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// One complete reply (RFC 5321 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// RFC 3463 status of the first line, when its class agrees with the code.
    pub enhanced: Option<Enhanced>,
    /// The text of each line without code and enhanced status; invalid UTF-8 and control characters replaced.
    pub lines: Vec<String>,
}

impl Reply {
    /// All lines joined by one space.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// 200 to 299.
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The relay's own name for a message in the reply to the final dot: `queued as X` (Postfix and ours), `id=X`
    /// (Exim), `Ok X` or `OK X` (SES and others), `X Message accepted` (Sendmail).
    pub fn queue_id(&self) -> Option<String> {
        let text = self.text();
        let words: Vec<&str> = text.split_whitespace().collect();
        let after = |first: &str, second: &str| {
            let at =
                words.windows(2).position(|w| w[0].eq_ignore_ascii_case(first) && w[1].eq_ignore_ascii_case(second))?;
            words.get(at + 2).copied()
        };
        let id =
            after("queued", "as").or_else(|| words.iter().find_map(|word| word.strip_prefix("id="))).or_else(|| {
                match words.as_slice() {
                    [ok, id, ..] if ok.eq_ignore_ascii_case("ok") => Some(*id),
                    [id, message, accepted, ..]
                        if message.eq_ignore_ascii_case("message") && accepted.eq_ignore_ascii_case("accepted") =>
                    {
                        Some(*id)
                    }
                    _ => None,
                }
            })?;
        let id = id.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let plausible = (4..=128).contains(&id.len()) && id.bytes().any(|b| b.is_ascii_digit());
        plausible.then(|| id.to_owned())
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        write!(f, " {}", self.text())
    }
}

/// Why what came is not a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyFault {
    /// A line longer than [`REPLY_LINE_BYTES_MAX`].
    LineTooLong,
    /// More than [`REPLY_LINES_MAX`] lines or [`REPLY_BYTES_MAX`] octets.
    TooLong,
    /// A line that does not start with a code between 200 and 599 and a space, a hyphen or its end.
    NotAReply,
    /// A continuation line with another code than the first.
    CodeChanged,
    /// Octets that answer no command of ours.
    Unasked,
}

impl fmt::Display for ReplyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LineTooLong => "a reply line is too long",
            Self::TooLong => "a reply does not end",
            Self::NotAReply => "a line is not a reply",
            Self::CodeChanged => "the code changes within a reply",
            Self::Unasked => "it answers a command that was never sent",
        })
    }
}

impl std::error::Error for ReplyFault {}

/// Collects octets and gives back whole replies in order. Keeps what comes after a reply for the next one.
#[derive(Debug, Default)]
pub struct ReplyReader {
    buffer: Vec<u8>,
    read: usize,
    scanned: usize,
    taken: usize,
    open: Option<Reply>,
}

impl ReplyReader {
    /// Adds octets as they came from the relay.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Whether nothing is left over: no half reply, no reply unread.
    pub fn is_empty(&self) -> bool {
        self.open.is_none() && self.read == self.buffer.len()
    }

    /// Octets kept and not yet given back as a reply.
    pub fn waiting(&self) -> usize {
        self.buffer.len() - self.read
    }

    /// The next whole reply, `None` while more octets are needed. After an error the connection is of no use.
    pub fn next_reply(&mut self) -> Result<Option<Reply>, ReplyFault> {
        while let Some(end) = self.line_end()? {
            let line = self.read..end;
            self.taken += end + 1 - self.read;
            let (code, last, text) = parse_line(&self.buffer[line])?;
            self.read = end + 1;
            self.scanned = self.read;
            let reply = self.open.get_or_insert_with(|| Reply { code, enhanced: None, lines: Vec::new() });
            if reply.code != code {
                return Err(ReplyFault::CodeChanged);
            }
            if reply.lines.len() == REPLY_LINES_MAX || self.taken > REPLY_BYTES_MAX {
                return Err(ReplyFault::TooLong);
            }
            add_line(reply, text);
            if last {
                self.buffer.drain(..self.read);
                (self.read, self.scanned, self.taken) = (0, 0, 0);
                return Ok(self.open.take());
            }
        }
        Ok(None)
    }

    /// Where the next line feed stands.
    fn line_end(&mut self) -> Result<Option<usize>, ReplyFault> {
        let found = self.buffer[self.scanned..].iter().position(|&b| b == b'\n').map(|at| at + self.scanned);
        self.scanned = found.unwrap_or(self.buffer.len());
        if self.scanned - self.read >= REPLY_LINE_BYTES_MAX {
            return Err(ReplyFault::LineTooLong);
        }
        Ok(found)
    }
}

/// Code, whether this is the last line, and the text. A lone LF ends a line too: relays that send it mean it.
fn parse_line(line: &[u8]) -> Result<(u16, bool, String), ReplyFault> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(3).ok_or(ReplyFault::NotAReply)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(ReplyFault::NotAReply);
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let (last, text) = match rest {
        [] => (true, rest),
        [b' ', text @ ..] => (true, text),
        [b'-', text @ ..] => (false, text),
        _ => return Err(ReplyFault::NotAReply),
    };
    if !(200..600).contains(&code) {
        return Err(ReplyFault::NotAReply);
    }
    Ok((code, last, String::from_utf8_lossy(text).replace(char::is_control, "\u{fffd}")))
}

fn add_line(reply: &mut Reply, text: String) {
    let enhanced = Enhanced::parse(&text).filter(|e| u16::from(e.class) == reply.code / 100);
    if reply.lines.is_empty() {
        reply.enhanced = enhanced;
    }
    // Only a repetition of the first status is cut off: "4.3.2.1 is listed" must stay whole.
    let rest = match enhanced {
        Some(_) if enhanced == reply.enhanced => {
            text.split_once(' ').map_or("", |(_, rest)| rest).trim_start().to_owned()
        }
        _ => text,
    };
    reply.lines.push(rest);
}
