//! Accepts connections and lets the site answer on them: limits, timeouts and an orderly stop.
//! Speaks HTTP/1.1 only; knows no route and reads no body.

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
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tower::ServiceExt;
use tracing::{debug, warn};

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
}

impl Default for Limits {
    /// 4,096 connections, 10 s for a head, 30 s for a stalled reader, 32 KiB and 100 lines of head, 8,000 bytes of
    /// address (RFC 9110 §4.1 asks for at least that), 10 s to stop.
    fn default() -> Self {
        Self {
            connections_max: 4096,
            head_max: Duration::from_secs(10),
            stall_max: Duration::from_secs(30),
            head_bytes_max: 32 * 1024,
            head_lines_max: 100,
            address_bytes_max: 8000,
            stop_max: Duration::from_secs(10),
        }
    }
}

/// Pause before accepting again when the machine has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers on `listener` with `app` until `shutdown` ends, then takes no new connection, closes the quiet ones and
/// lets open answers finish for `limits.stop_max`. Gives how many connections had to be cut.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, shutdown: impl Future<Output = ()>) -> usize {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = open.join_next() => continue,
            next = next_connection(&listener, &places) => next,
        };
        let site = app.clone();
        let service = service_fn(move |request| answer(site.clone(), request, peer, limits.address_bytes_max));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_max)
            .max_buf_size(limits.head_bytes_max)
            .max_headers(limits.head_lines_max)
            .serve_connection(TokioIo::new(Patient::new(stream, limits.stall_max)), service);
        let connection = graceful.watch(connection);
        open.spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(limits.stop_max, graceful.shutdown()).await.is_ok() {
        while open.join_next().await.is_some() {}
    }
    while open.try_join_next().is_some() {}
    let cut = open.len();
    if cut > 0 {
        warn!(cut, "cut {cut} connections that were not finished in time");
        open.shutdown().await;
    }
    cut
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
}

impl Patient {
    fn new(stream: TcpStream, stall_max: Duration) -> Self {
        Self { stream, stall_max, stalled: None }
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
