//! Accepts connections and lets the site answer on them: limits, timeouts and an orderly stop. What is remembered is
//! answered on a lane, everything else by the router. Speaks HTTP/1.1 only; knows no route and reads no body.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::lane::{self, Memory};

/// Who is at the other end of the connection; every request carries it in its extensions.
/// Behind a proxy this is the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What one listener grants its visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; further ones wait in the kernel's queue until one ends.
    pub connections_max: usize,
    /// Time for a whole request head, counted from the connect or from the last answer. So it is also how long a
    /// quiet connection is kept.
    pub head_max: Duration,
    /// Time without taking a single byte of an answer after which a reader counts as gone.
    pub stall_max: Duration,
    /// Bytes of a request head; more gets 431. hyper needs at least 8,192.
    pub head_bytes_max: usize,
    /// Lines in a request head; more gets 431.
    pub head_lines_max: usize,
    /// Bytes of the address in the request line; more gets 414.
    pub address_bytes_max: usize,
    /// Time that open answers get when we stop.
    pub stop_max: Duration,
    /// Time a reader gets to take our last words and hang up, once we have said them.
    pub farewell_max: Duration,
    /// Threads for pages from memory; 0 answers them among everything else.
    pub lanes: usize,
}

impl Default for Limits {
    /// 4,096 connections, 10 s for a head, 30 s for a stalled reader, 32 KiB and 100 lines of head, 8,000 bytes of
    /// address (RFC 9110 §4.1 asks for at least that), 10 s to stop, 2 s to part, a lane for each core.
    fn default() -> Self {
        Self {
            connections_max: 4096,
            head_max: Duration::from_secs(10),
            stall_max: Duration::from_secs(30),
            head_bytes_max: 32 * 1024,
            head_lines_max: 100,
            address_bytes_max: 8000,
            stop_max: Duration::from_secs(10),
            farewell_max: Duration::from_secs(2),
            lanes: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }
}

/// Pause before accepting again when the machine has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bytes a connection reads at first; more where a request needs more.
const AHEAD_BYTES: usize = 2048;

/// What a server answers with.
#[derive(Clone)]
pub struct Site {
    pub(crate) app: Router,
    /// Pages that need no asking; without it everything goes to the router.
    pub(crate) memory: Option<Memory>,
}

impl From<Router> for Site {
    fn from(app: Router) -> Self {
        Self { app, memory: None }
    }
}

/// How far the stop has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stop {
    No,
    /// Finish what is open.
    Orderly,
    /// Time is over.
    Cut,
}

/// A connection's view of the stop.
#[derive(Clone)]
pub(crate) struct Stage(watch::Receiver<Stop>);

impl Stage {
    /// Done when no further request is to be answered.
    pub(crate) async fn stopping(mut self) {
        let _ = self.0.wait_for(|stop| *stop >= Stop::Orderly).await;
    }

    /// Done when nothing is to be finished any more.
    async fn cut(mut self) {
        let _ = self.0.wait_for(|stop| *stop == Stop::Cut).await;
    }
}

/// Answers on `listener` with `site` until `shutdown` ends, then takes no new connection, closes the quiet ones and
/// lets open answers finish for `limits.stop_max`. Gives how many connections had to be cut.
pub async fn serve(
    listener: TcpListener,
    site: impl Into<Site>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> usize {
    let site = site.into();
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let (stop, stage) = watch::channel(Stop::No);
    let stage = Stage(stage);
    let mut lanes = Lanes::open(if site.memory.is_some() { limits.lanes } else { 0 });
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next_connection(&listener, &places) => next,
        };
        let stream = Patient::new(stream, limits.stall_max, Vec::new());
        lanes.take(Visit { stream, peer, site: site.clone(), limits, stage: stage.clone(), place });
    }
    drop(listener);
    stop.send_replace(Stop::Orderly);
    let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
    let mut cut = 0;
    if timeout(limits.stop_max, places.acquire_many(all)).await.is_err() {
        cut = limits.connections_max - places.available_permits();
        warn!(cut, "cut {cut} connections that were not finished in time");
        stop.send_replace(Stop::Cut);
        drop(places.acquire_many(all).await);
    }
    cut
}

/// Threads of their own for remembered pages, so that no reader of them waits for a page that is being printed.
/// Without any, they are answered where everything else is.
struct Lanes {
    lanes: Vec<mpsc::UnboundedSender<Visit>>,
    next: usize,
}

impl Lanes {
    fn open(count: usize) -> Lanes {
        let pages = Handle::current();
        Lanes { lanes: (0..count).filter_map(|number| open_lane(number, pages.clone())).collect(), next: 0 }
    }

    /// One lane after the other.
    fn take(&mut self, visit: Visit) {
        if self.lanes.is_empty() {
            tokio::spawn(visit.go(None));
            return;
        }
        self.next = (self.next + 1) % self.lanes.len();
        // Only fails where a lane's thread is gone; the visitor is then let go.
        let _ = self.lanes[self.next].send(visit);
    }
}

/// One lane, which ends with its sender; None, with a word in the log, where the machine has no thread left.
fn open_lane(number: usize, pages: Handle) -> Option<mpsc::UnboundedSender<Visit>> {
    let (sender, mut visits) = mpsc::unbounded_channel::<Visit>();
    let opened = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        std::thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
            runtime.block_on(async {
                while let Some(visit) = visits.recv().await {
                    if let Some(visit) = visit.here() {
                        tokio::spawn(visit.go(Some(pages.clone())));
                    }
                }
            });
        })
    });
    match opened {
        Ok(_) => Some(sender),
        Err(error) => {
            warn!(%error, "a fast lane could not be opened: {error}");
            None
        }
    }
}

/// One connection and what it needs.
struct Visit {
    stream: Patient,
    peer: Peer,
    site: Site,
    limits: Limits,
    stage: Stage,
    /// Held until the connection is over.
    place: OwnedSemaphorePermit,
}

impl Visit {
    /// The whole connection: where it is as long as memory answers, then with the router, on `pages` if given.
    async fn go(mut self, pages: Option<Handle>) {
        if let Some(memory) = self.site.memory.clone() {
            let mut ahead = Vec::with_capacity(AHEAD_BYTES);
            match lane::answer(&mut self.stream, &mut ahead, &memory, self.limits, self.stage.clone()).await {
                lane::End::Closed => return self.part().await,
                lane::End::HandedOver => self.stream.ahead = ahead,
            }
        }
        match pages {
            Some(pages) => drop(pages.spawn(async move {
                if let Some(visit) = self.here() {
                    visit.with_router().await;
                }
            })),
            None => self.with_router().await,
        }
    }

    /// The same connection, watched by the runtime that asks. Where another one watches it, each request is first
    /// seen there and told here, which costs as much again as the answer. None: it broke in this moment.
    fn here(self) -> Option<Visit> {
        let Visit { stream: Patient { stream, stall_max, ahead, .. }, peer, site, limits, stage, place } = self;
        let stream = TcpStream::from_std(stream.into_std().ok()?).ok()?;
        Some(Visit { stream: Patient::new(stream, stall_max, ahead), peer, site, limits, stage, place })
    }

    async fn with_router(mut self) {
        if self.ask_router().await {
            self.part().await;
        }
    }

    /// Whether the connection ended by itself and was not cut.
    async fn ask_router(&mut self) -> bool {
        let Visit { stream, peer, site, limits, stage, .. } = self;
        let (app, peer, address_bytes_max) = (site.app.clone(), *peer, limits.address_bytes_max);
        let service = service_fn(move |request| answer(app.clone(), request, peer, address_bytes_max));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_max)
            .max_buf_size(limits.head_bytes_max)
            .max_headers(limits.head_lines_max)
            // Else hyper 1.12 writes the 400 of a broken head before what is left of the answer that comes first.
            .writev(false)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let (mut stopping, mut is_stopping) = (pin!(stage.clone().stopping()), false);
        let mut cut = pin!(stage.clone().cut());
        loop {
            tokio::select! {
                ended = &mut connection => {
                    if let Err(error) = ended {
                        debug!(%error, "a connection ended early");
                    }
                    return true;
                }
                () = &mut cut => return false,
                () = &mut stopping, if !is_stopping => {
                    is_stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Says that nothing more comes, then hears the reader out. A connection closed over bytes that nobody has read
    /// is reset, and a reset takes with it what the reader has not yet read of our answer (RFC 9112 §9.6).
    async fn part(mut self) {
        let mut ignored = [0; 4096];
        let heard_out = async {
            self.stream.shutdown().await?;
            while self.stream.stream.read(&mut ignored).await? > 0 {}
            io::Result::Ok(())
        };
        tokio::select! {
            _ = timeout(self.limits.farewell_max, heard_out) => {}
            () = self.stage.cut() => {}
        }
        drop(self.place);
    }
}

async fn next_connection(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, Peer, OwnedSemaphorePermit) {
    let place = places.clone().acquire_owned().await.expect("this semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // Without it the last packet of a page waits for an acknowledgement. A socket that refuses is closing.
                let _ = stream.set_nodelay(true);
                return (stream, Peer(address), place);
            }
            Err(error) if gone_before_we_looked(&error) => {}
            Err(error) => {
                warn!(%error, "could not accept a connection: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn gone_before_we_looked(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn answer(
    site: Router,
    mut request: Request<Incoming>,
    peer: Peer,
    address_bytes_max: usize,
) -> Result<Response, std::convert::Infallible> {
    let address_bytes = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if address_bytes > address_bytes_max {
        return Ok((StatusCode::URI_TOO_LONG, "This address is too long.\n").into_response());
    }
    request.extensions_mut().insert(peer);
    site.oneshot(request.map(Body::new)).await
}

/// A connection that gives up on a reader who takes nothing: hyper has no timeout for writing, and without one a few
/// thousand silent readers would hold every place.
struct Patient {
    stream: TcpStream,
    stall_max: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    /// What was read before and comes first.
    ahead: Vec<u8>,
}

impl Patient {
    fn new(stream: TcpStream, stall_max: Duration, ahead: Vec<u8>) -> Self {
        Self { stream, stall_max, stalled: None, ahead }
    }

    /// Passes progress on; turns a wait longer than `stall_max` into an error.
    fn judge<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let deadline = Instant::now() + self.stall_max;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the reader takes nothing")))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let count = buffer.remaining().min(self.ahead.len());
            buffer.put_slice(&self.ahead[..count]);
            self.ahead.drain(..count);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
