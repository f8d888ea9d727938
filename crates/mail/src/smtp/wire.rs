//! Octets to and from a relay, each step within its time.
//! Knows replies, not what they answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};

use super::outcome::Trouble;
use super::reply::{REPLY_BYTES_MAX, Reply, ReplyFault, ReplyReader};

/// Most octets read from one relay before the connection counts as broken: far above any conversation of ours.
const READ_BYTES_MAX: u64 = 1 << 30;
const READ_CHUNK_BYTES: usize = 4096;
const WRITE_BLOCK_BYTES: usize = 256 * 1024;

/// A stream to a relay, encrypted or not.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A write that did not come to its end.
#[derive(Debug)]
pub(crate) struct Cut {
    /// Octets the stream took: no octet after these can have left.
    pub(crate) left: usize,
    pub(crate) trouble: Trouble,
}

/// A stream with its half-read replies.
pub(crate) struct Wire {
    stream: Box<dyn Duplex>,
    replies: ReplyReader,
    octets_read: u64,
}

impl Wire {
    pub(crate) fn new(stream: Box<dyn Duplex>) -> Self {
        Self { stream, replies: ReplyReader::default(), octets_read: 0 }
    }

    /// Gives the stream back for the TLS handshake. Errs when something was said before it: whoever said that was not
    /// behind the certificate (the STARTTLS injection of CVE-2011-0411).
    pub(crate) fn into_stream(mut self) -> Result<Box<dyn Duplex>, Trouble> {
        if self.replies.is_empty() {
            Ok(std::mem::replace(&mut self.stream, Box::new(tokio::io::empty())))
        } else {
            Err(ReplyFault::Unasked.into())
        }
    }

    /// Writes one command line, after making sure that no reply is waiting that answers nothing.
    pub(crate) async fn command(&mut self, line: &str, within: Duration) -> Result<(), Trouble> {
        self.expect_silence().await?;
        self.write(format!("{line}\r\n").as_bytes(), within).await
    }

    /// Writes and flushes everything, each block of [`WRITE_BLOCK_BYTES`] within the time (RFC 5321 §4.5.3.2.5).
    pub(crate) async fn write(&mut self, octets: &[u8], within: Duration) -> Result<(), Trouble> {
        for block in octets.chunks(WRITE_BLOCK_BYTES) {
            timeout(within, self.stream.write_all(block)).await.map_err(|_| Trouble::TimedOut)??;
        }
        Ok(timeout(within, self.stream.flush()).await.map_err(|_| Trouble::TimedOut)??)
    }

    /// Writes and flushes everything like [`Wire::write`], and stops when the relay speaks before the octet at
    /// `quiet_until` has left. Errs with the number of octets that may have left.
    pub(crate) async fn send(&mut self, octets: &[u8], quiet_until: usize, within: Duration) -> Result<(), Cut> {
        let blocks = octets.len().div_ceil(WRITE_BLOCK_BYTES).max(1) as u32;
        let mut left = 0;
        let sent = timeout(within.saturating_mul(blocks), self.send_all(octets, quiet_until, &mut left)).await;
        sent.unwrap_or(Err(Trouble::TimedOut)).map_err(|trouble| Cut { left, trouble })
    }

    async fn send_all(&mut self, octets: &[u8], quiet_until: usize, left: &mut usize) -> Result<(), Trouble> {
        while *left < octets.len() {
            let mut chunk = [0u8; READ_CHUNK_BYTES];
            let mut heard = ReadBuf::new(&mut chunk);
            let stream = &mut self.stream;
            // Reading while the relay does not take more: one that says no and waits would hold us for the whole time.
            let written = poll_fn(|context| {
                if let Poll::Ready(written) = Pin::new(&mut *stream).poll_write(context, &octets[*left..]) {
                    return Poll::Ready(written.map(Some));
                }
                match Pin::new(&mut *stream).poll_read(context, &mut heard) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(read) => Poll::Ready(read.map(|()| None)),
                }
            });
            match written.await? {
                Some(0) => return Err(Trouble::Closed),
                Some(count) => *left += count,
                None if heard.filled().is_empty() => return Err(Trouble::Closed),
                None => self.hear(heard.filled())?,
            }
            if *left < quiet_until && !self.replies.is_empty() {
                return Err(ReplyFault::Unasked.into());
            }
        }
        Ok(self.stream.flush().await?)
    }

    fn hear(&mut self, octets: &[u8]) -> Result<(), Trouble> {
        self.octets_read += octets.len() as u64;
        if self.octets_read > READ_BYTES_MAX || self.replies.waiting() > REPLY_BYTES_MAX {
            return Err(ReplyFault::TooLong.into());
        }
        self.replies.push(octets);
        Ok(())
    }

    /// Reads one whole reply within the time, however slowly it drips.
    pub(crate) async fn reply(&mut self, within: Duration) -> Result<Reply, Trouble> {
        timeout(within, self.read_reply()).await.map_err(|_| Trouble::TimedOut)?
    }

    /// Reads one whole reply before a point in time. Safe to drop: what was read of a reply is kept.
    pub(crate) async fn reply_by(&mut self, deadline: Instant) -> Result<Reply, Trouble> {
        timeout_at(deadline, self.read_reply()).await.map_err(|_| Trouble::TimedOut)?
    }

    async fn read_reply(&mut self) -> Result<Reply, Trouble> {
        let mut chunk = [0u8; READ_CHUNK_BYTES];
        loop {
            if let Some(reply) = self.replies.next_reply()? {
                return Ok(reply);
            }
            let count = self.stream.read(&mut chunk).await?;
            if count == 0 {
                return Err(Trouble::Closed);
            }
            self.hear(&chunk[..count])?;
        }
    }

    /// Errs when the relay has said something since its last reply, or has gone. Looks, but does not wait.
    /// A relay that closes an idle connection says 421 first (RFC 5321 §3.8): that is a goodbye, not a fault.
    pub(crate) async fn expect_silence(&mut self) -> Result<(), Trouble> {
        match self.unasked().await? {
            None if self.replies.is_empty() => Ok(()),
            Some(reply) if reply.code == 421 => Err(Trouble::OutOfOrder { code: 421 }),
            None | Some(_) => Err(ReplyFault::Unasked.into()),
        }
    }

    /// Waits until the relay says something although nothing was asked, or goes. Safe to drop.
    pub(crate) async fn disturbance(&mut self) -> Trouble {
        match self.read_reply().await {
            Ok(reply) if reply.code == 421 => Trouble::OutOfOrder { code: 421 },
            Ok(_) => ReplyFault::Unasked.into(),
            Err(trouble) => trouble,
        }
    }

    /// A whole reply that is there already although nothing was asked. Looks, but does not wait.
    pub(crate) async fn unasked(&mut self) -> Result<Option<Reply>, Trouble> {
        if let Some(reply) = self.replies.next_reply()? {
            return Ok(Some(reply));
        }
        let mut chunk = [0u8; READ_CHUNK_BYTES];
        let mut buffer = ReadBuf::new(&mut chunk);
        let looked = poll_fn(|context| match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
            Poll::Pending => Poll::Ready(None),
            Poll::Ready(result) => Poll::Ready(Some(result)),
        });
        match looked.await {
            None => Ok(None),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) if buffer.filled().is_empty() => Err(Trouble::Closed),
            Some(Ok(())) => {
                self.hear(buffer.filled())?;
                Ok(self.replies.next_reply()?)
            }
        }
    }

    /// Whether nothing the relay said is left unread here.
    pub(crate) fn is_silent(&self) -> bool {
        self.replies.is_empty()
    }
}
