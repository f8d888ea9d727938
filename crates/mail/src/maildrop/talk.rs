//! Lines and octets to and from a mailbox server, each within its time and all of them within a limit.
//! Knows neither POP3 nor IMAP.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::smtp::{Duplex, Trouble};

/// Longest line of a server, in octets: room for the numbers of half a million messages.
pub const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most octets read in one visit: far above any visit of ours.
pub const VISIT_BYTES_MAX: u64 = 1 << 30;

/// How a conversation ended before its time. Holds no address, secret or text of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Closed,
    Io(ErrorKind),
    NoSuchHost,
    TimedOut,
    /// More than a visit, a line or a message may hold.
    TooMuch,
    /// The server said something that cannot be said here.
    Garbled,
    Tls(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the server closed the connection"),
            Self::Io(kind) => write!(f, "the network failed: {kind}"),
            Self::NoSuchHost => f.write_str("the server's name has no address"),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::TooMuch => f.write_str("the server said more than it may"),
            Self::Garbled => f.write_str("the server said something that means nothing here"),
            Self::Tls(cause) => write!(f, "no secure connection: {cause}"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::UnexpectedEof => Self::Closed,
            kind => Self::Io(kind),
        }
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Closed => Self::Closed,
            Trouble::Io(kind) => Self::Io(kind),
            Trouble::NoSuchHost => Self::NoSuchHost,
            Trouble::TimedOut => Self::TimedOut,
            Trouble::Tls(cause) => Self::Tls(cause),
            Trouble::Reply(_) | Trouble::OutOfOrder { .. } | Trouble::NoPipelining | Trouble::Abandoned => {
                Self::Garbled
            }
        }
    }
}

/// One conversation.
pub(super) struct Talk {
    stream: BufReader<Box<dyn Duplex>>,
    step: Duration,
    octets_left: u64,
}

impl Talk {
    pub(super) fn new(stream: Box<dyn Duplex>, step: Duration) -> Self {
        Self { stream: BufReader::new(stream), step, octets_left: VISIT_BYTES_MAX }
    }

    /// Gives the stream back for the TLS handshake. Errs when something was said before it: whoever said that was not
    /// behind the certificate.
    pub(super) fn into_stream(self) -> Result<Box<dyn Duplex>, Fault> {
        if self.stream.buffer().is_empty() { Ok(self.stream.into_inner()) } else { Err(Fault::Garbled) }
    }

    /// Says one line; the line's end is added.
    pub(super) async fn say(&mut self, line: &str) -> Result<(), Fault> {
        let line = format!("{line}\r\n");
        let stream = self.stream.get_mut();
        let said = async {
            stream.write_all(line.as_bytes()).await?;
            stream.flush().await
        };
        Ok(timeout(self.step, said).await.map_err(|_| Fault::TimedOut)??)
    }

    /// The next line without its end, however slowly it drips: all of it within one step.
    pub(super) async fn line(&mut self) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        let most = (LINE_BYTES_MAX as u64).min(self.octets_left);
        let mut limited = (&mut self.stream).take(most);
        let count = timeout(self.step, limited.read_until(b'\n', &mut line)).await.map_err(|_| Fault::TimedOut)??;
        self.octets_left -= count as u64;
        match line.pop() {
            Some(b'\n') => {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                Ok(line)
            }
            Some(_) if count as u64 == most => Err(Fault::TooMuch),
            Some(_) | None => Err(Fault::Closed),
        }
    }

    /// Exactly `count` octets.
    pub(super) async fn octets(&mut self, count: usize) -> Result<Vec<u8>, Fault> {
        self.octets_left = self.octets_left.checked_sub(count as u64).ok_or(Fault::TooMuch)?;
        let mut octets = Vec::new();
        let mut limited = (&mut self.stream).take(count as u64);
        timeout(self.step, limited.read_to_end(&mut octets)).await.map_err(|_| Fault::TimedOut)??;
        if octets.len() == count { Ok(octets) } else { Err(Fault::Closed) }
    }
}
