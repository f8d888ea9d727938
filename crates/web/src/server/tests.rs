//! The limits of `serve`, tried over real sockets on loopback.

use super::*;
use axum::extract::Extension;
use axum::routing::get;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Barrier, Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<usize>,
}

async fn run(app: Router, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, app, limits, async move {
        let _ = stopped.await;
    }));
    Running { address, stop, server }
}

async fn say(address: SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

/// Everything the server says until it closes; what came before a reset counts.
async fn hear(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    while let Ok(count) = stream.read(&mut part).await {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&part[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "good morning" }))
}

const ASK: &str = "GET / HTTP/1.1\r\nhost: paper\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered_and_carries_its_peer() {
    let app = Router::new().route("/", get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }));
    let paper = run(app, Limits::default()).await;
    let stream = say(paper.address, ASK).await;
    let own = stream.local_addr().unwrap().to_string();
    let heard = hear(stream).await;
    assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with(&own), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn half_a_head_does_not_hold_a_place() {
    async fn check(words: &str) {
        let paper = run(hello(), Limits::default()).await;
        let stream = say(paper.address, words).await;
        assert!(!hear(stream).await.contains("200 OK"), "{words:?}");
    }
    check("").await;
    check("GET / HT").await;
    check("GET / HTTP/1.1\r\nhost: paper\r\nx-slow: ").await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_connection_is_closed_after_its_answer() {
    let paper = run(hello(), Limits::default()).await;
    let heard = hear(say(paper.address, "GET / HTTP/1.1\r\nhost: paper\r\n\r\n").await).await;
    assert!(heard.ends_with("good morning"), "{heard}");
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_its_own_number() {
    async fn check(words: &str, gets: &str) {
        let paper = run(hello(), Limits::default()).await;
        let heard = hear(say(paper.address, words).await).await;
        assert!(heard.starts_with(gets), "{words:.40}: {heard:.60}");
    }
    let path = |bytes| format!("GET /{} HTTP/1.1\r\nhost: paper\r\nconnection: close\r\n\r\n", "x".repeat(bytes));
    let lines = |count| ASK.replace("\r\n\r\n", &("\r\nx: 1".repeat(count) + "\r\n\r\n"));
    let header = |bytes| ASK.replace("paper", &"y".repeat(bytes));
    check(&path(7000), "HTTP/1.1 404").await;
    check(&path(9000), "HTTP/1.1 414").await;
    check(&lines(90), "HTTP/1.1 200").await;
    check(&lines(120), "HTTP/1.1 431").await;
    check(&header(20_000), "HTTP/1.1 200").await;
    // Ends where the limit is: bytes left unread would make the kernel reset the connection under the answer.
    check(&header(40_000)[..32 * 1024], "HTTP/1.1 431").await;
}

#[tokio::test]
async fn no_more_connections_are_open_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let pair = Arc::new(Barrier::new(2));
    let (seen, peak) = (now.clone(), most.clone());
    let app = Router::new().route(
        "/",
        get(move || async move {
            peak.fetch_max(seen.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            pair.wait().await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            seen.fetch_sub(1, Ordering::SeqCst);
        }),
    );
    let paper = run(app, Limits { connections_max: 2, ..Limits::default() }).await;
    let mut visitors = JoinSet::new();
    for _ in 0..8 {
        visitors.spawn(async move { hear(say(paper.address, ASK).await).await });
    }
    while let Some(heard) = visitors.join_next().await {
        assert!(heard.unwrap().starts_with("HTTP/1.1 200"));
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

/// A site whose one answer waits for `Notify::notify_one` on the second, after telling the first that it began.
fn slow() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (begun.clone(), go.clone());
    let app = Router::new().route(
        "/",
        get(move || async move {
            tell.notify_one();
            wait.notified().await;
            "finished"
        }),
    );
    (app, begun, go)
}

#[tokio::test]
async fn an_open_answer_is_finished_before_we_stop() {
    let (app, begun, go) = slow();
    let paper = run(app, Limits::default()).await;
    let open = tokio::spawn(hear(say(paper.address, "GET / HTTP/1.1\r\nhost: paper\r\n\r\n").await));
    let quiet = say(paper.address, "").await;
    begun.notified().await;
    paper.stop.send(()).unwrap();
    assert_eq!(hear(quiet).await, "");
    assert!(TcpStream::connect(paper.address).await.is_err(), "a stopping server takes no new visitor");
    go.notify_one();
    assert!(open.await.unwrap().ends_with("finished"));
    assert_eq!(paper.server.await.unwrap(), 0);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_when_we_stop() {
    let (app, begun, _go) = slow();
    let paper = run(app, Limits { stop_max: Duration::from_millis(1), ..Limits::default() }).await;
    let open = tokio::spawn(hear(say(paper.address, ASK).await));
    begun.notified().await;
    paper.stop.send(()).unwrap();
    assert_eq!(paper.server.await.unwrap(), 1);
    assert_eq!(open.await.unwrap(), "");
}

#[tokio::test]
async fn a_reader_who_takes_nothing_loses_the_connection() {
    let app = Router::new().route("/", get(|| async { "x".repeat(64 << 20) }));
    let limits = Limits { connections_max: 1, stall_max: Duration::from_millis(1), ..Limits::default() };
    let paper = run(app.route("/next", get(|| async { "next" })), limits).await;
    let silent = say(paper.address, ASK).await;
    let next = hear(say(paper.address, &ASK.replace("/ ", "/next ")).await).await;
    assert!(next.ends_with("next"), "{next}");
    drop(silent);
}

#[tokio::test]
async fn what_is_sent_after_our_last_word_does_not_take_it_back() {
    let paper = run(hello(), Limits::default()).await;
    let mut stream =
        say(paper.address, "GET / HTTP/1.1\r\nhost: paper\r\ntransfer-encoding: chunked\r\n\r\nno chunk").await;
    let mut heard = vec![0; 12];
    stream.read_exact(&mut heard).await.unwrap();
    // Whoever closes over these bytes resets the connection, and the rest of the answer is gone.
    stream.write_all(&[b'x'; 60_000]).await.unwrap();
    let mut rest = Vec::new();
    while stream.read_buf(&mut rest).await.expect("closed in order") > 0 {}
    assert!(rest.ends_with(b"good morning"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test(start_paused = true)]
async fn who_never_hangs_up_is_not_heard_out_for_long() {
    let paper = run(hello(), Limits { connections_max: 1, ..Limits::default() }).await;
    let _open = say(paper.address, ASK).await;
    let heard = hear(say(paper.address, ASK).await).await;
    assert!(heard.ends_with("good morning"), "{heard}");
}
