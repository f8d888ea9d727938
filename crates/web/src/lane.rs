//! The fast lane: answers what is remembered straight from a connection's bytes, with one write and nothing made anew.
//! Knows only plain GET and HEAD; hands everything else over unread. Says byte for byte what `Printed::answer` says.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use crate::cache::Kept;
use crate::printed::Cast;
use crate::server::{Limits, Stage};

/// Gives the page at a path if it is remembered and still true. Asked for each request, so it must not wait.
pub type Memory = Arc<dyn Fn(&str) -> Option<Arc<Kept>> + Send + Sync>;

/// Header lines of a request that are read here; who sends more is handed over.
const LINES_MAX: usize = 32;
/// Bytes of a request head that are waited for here; who sends more is handed over.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// How a connection left the lane.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// There is nothing more to say.
    Closed,
    /// The bytes ahead are for somebody who knows more.
    HandedOver,
}

/// Answers requests for remembered pages until something else comes, the visitor leaves or is quiet for
/// `limits.head_max`, or the server stops. What was read and not answered stays in `ahead`.
pub(crate) async fn answer<S>(stream: &mut S, ahead: &mut Vec<u8>, memory: &Memory, limits: Limits, stage: Stage) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut date = Date::default();
    let mut since = Instant::now();
    let mut quiet = std::pin::pin!(sleep_until(since + limits.head_max));
    let mut stopping = std::pin::pin!(stage.stopping());
    loop {
        let mut read = 0;
        while read < ahead.len() {
            let Some(next) = Asked::read(&ahead[read..]) else { break };
            let Some(asked) = next else { return left(ahead, read) };
            let Some(kept) = memory(asked.path) else { return left(ahead, read) };
            let known = asked.known.iter().flatten().copied();
            let Some(cast) = kept.printed.over_the_wire(asked.accept, known) else { return left(ahead, read) };
            if send(stream, &mut date, &cast, asked.head_only).await.is_err() {
                return End::Closed;
            }
            read += asked.bytes;
            since = Instant::now();
        }
        ahead.drain(..read);
        if ahead.len() >= HEAD_BYTES_MAX {
            return End::HandedOver;
        }
        ahead.reserve(1024);
        tokio::select! {
            biased;
            got = stream.read_buf(ahead) => match got {
                Ok(0) | Err(_) => return End::Closed,
                Ok(_) => {}
            },
            () = &mut stopping => return End::Closed,
            () = &mut quiet => {
                let until = since + limits.head_max;
                if until <= Instant::now() {
                    return End::Closed;
                }
                quiet.as_mut().reset(until);
            }
        }
    }
}

fn left(ahead: &mut Vec<u8>, read: usize) -> End {
    ahead.drain(..read);
    End::HandedOver
}

/// One write, as long as the kernel takes it whole.
async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    date: &mut Date,
    cast: &Cast<'_>,
    head_only: bool,
) -> io::Result<()> {
    let first;
    let parts: [&[u8]; 3] = match cast {
        Cast::Whole(plate) => {
            first = date.line("HTTP/1.1 200 OK");
            [first, if head_only { plate.head() } else { plate.whole() }, b""]
        }
        Cast::Known(head, tag) => {
            first = date.line("HTTP/1.1 304 Not Modified");
            [first, head, tag]
        }
    };
    let mut slices = parts.map(IoSlice::new);
    let mut rest = &mut slices[..];
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match stream.write_vectored(rest).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => IoSlice::advance_slices(&mut rest, count),
        }
    }
    Ok(())
}

/// Status line and `Date`, made anew when the second has changed.
#[derive(Default)]
struct Date {
    second: u64,
    status: &'static str,
    text: Vec<u8>,
}

impl Date {
    fn line(&mut self, status: &'static str) -> &[u8] {
        let now = desk::clock::machine_time();
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if second != self.second || status != self.status {
            (self.second, self.status) = (second, status);
            self.text = format!("{status}\r\ndate: {}\r\n", httpdate::fmt_http_date(now)).into_bytes();
        }
        &self.text
    }
}

/// A request that may be for a remembered page, as far as the answer depends on it.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    path: &'a str,
    head_only: bool,
    accept: Option<&'a str>,
    /// Lines of `If-None-Match`.
    known: [Option<&'a str>; 4],
    /// How long the request was.
    bytes: usize,
}

impl<'a> Asked<'a> {
    /// None: more bytes are needed. `Some(None)`: this is for somebody who knows more.
    fn read(bytes: &'a [u8]) -> Option<Option<Asked<'a>>> {
        let mut lines = [httparse::EMPTY_HEADER; LINES_MAX];
        let mut request = httparse::Request::new(&mut lines);
        let count = match request.parse(bytes) {
            Ok(httparse::Status::Complete(count)) => count,
            Ok(httparse::Status::Partial) => return None,
            Err(_) => return Some(None),
        };
        Some(Asked::of(&request, count))
    }

    fn of(request: &httparse::Request<'_, 'a>, bytes: usize) -> Option<Asked<'a>> {
        let head_only = match request.method? {
            "GET" => false,
            "HEAD" => true,
            _ => return None,
        };
        if request.version != Some(1) {
            return None;
        }
        let mut asked = Asked { path: request.path?, head_only, accept: None, known: [None; 4], bytes };
        let (mut accepts, mut knowns) = (0, 0);
        for line in &*request.headers {
            // By length first: most lines end there.
            match line.name.len() {
                6 if line.name.eq_ignore_ascii_case("expect") => return None,
                7 if line.name.eq_ignore_ascii_case("upgrade") => return None,
                14 if line.name.eq_ignore_ascii_case("content-length") => return None,
                17 if line.name.eq_ignore_ascii_case("transfer-encoding") => return None,
                10 if line.name.eq_ignore_ascii_case("connection")
                    && !line.value.eq_ignore_ascii_case(b"keep-alive") =>
                {
                    return None;
                }
                15 if line.name.eq_ignore_ascii_case("accept-encoding") => {
                    if accepts == 0 {
                        asked.accept = text(line.value);
                    }
                    accepts += 1;
                }
                13 if line.name.eq_ignore_ascii_case("if-none-match") => {
                    *asked.known.get_mut(knowns)? = text(line.value);
                    knowns += 1;
                }
                _ => {}
            }
        }
        Some(asked)
    }
}

/// The value as text, where `HeaderValue::to_str` gives one.
fn text(value: &[u8]) -> Option<&str> {
    let plain = value.iter().all(|byte| *byte == b'\t' || (b' '..0x7f).contains(byte));
    if plain { std::str::from_utf8(value).ok() } else { None }
}

#[cfg(test)]
mod tests;
