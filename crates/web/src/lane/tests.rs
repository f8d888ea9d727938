//! The fast lane beside the router, byte by byte, over real sockets on loopback.

use super::*;
use crate::printed::{HTML, Printed};
use crate::server::{self, Site};
use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http::{Request, StatusCode};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A site that remembers one page at `/page`, and says back what it hears elsewhere. `lanes`: None has no fast lane at all.
async fn run(lanes: Option<usize>) -> (SocketAddr, oneshot::Sender<()>, Arc<AtomicUsize>) {
    let page = Printed::new(HTML, format!("<style>a{{}}</style>{}", "Who will lead the mission? ".repeat(500))).cast();
    let kept = Arc::new(Kept::new(page, 1));
    let (router, recalled) = (kept.clone(), Arc::new(AtomicUsize::new(0)));
    let app = Router::new().fallback(move |request: Request<Body>| async move {
        match (request.method().as_str(), request.uri().path()) {
            ("GET" | "HEAD", "/page") => router.printed.answer(request.headers()),
            (_, "/page") => StatusCode::METHOD_NOT_ALLOWED.into_response(),
            _ => (StatusCode::OK, request.into_body()).into_response(),
        }
    });
    let count = recalled.clone();
    let memory: Memory = Arc::new(move |path| {
        let found = (path == "/page").then(|| kept.clone());
        count.fetch_add(usize::from(found.is_some()), Ordering::SeqCst);
        found
    });
    let site = Site { app, memory: lanes.map(|_| memory) };
    let limits = Limits { lanes: lanes.unwrap_or(0), ..Limits::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(server::serve(listener, site, limits, async move {
        let _ = stopped.await;
    }));
    (address, stop, recalled)
}

/// Everything that comes back for these bytes until the server closes or says nothing more.
async fn talk(address: SocketAddr, words: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words).await.unwrap();
    let mut all = Vec::new();
    let mut part = [0; 16 * 1024];
    while let Ok(count) = stream.read(&mut part).await {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&part[..count]);
    }
    all
}

/// The answers in what came back: status line, header lines in the order of the alphabet, body.
fn answers(mut bytes: &[u8], heads: &[bool]) -> Vec<(String, Vec<String>, Vec<u8>)> {
    let mut all = Vec::new();
    for head_only in heads.iter().chain(std::iter::repeat(&false)) {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { break };
        let text = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
        let status = lines.remove(0);
        let is_date = |line: &String| line.starts_with("date: ");
        assert_eq!(lines.iter().filter(|line| is_date(line)).count(), 1, "{text}");
        lines.retain(|line| !is_date(line));
        // axum says so to a HEAD whose answer is a 304; a 304 needs no length (RFC 9110 §8.6).
        if status.contains(" 304 ") {
            lines.retain(|line| line != "content-length: 0");
        }
        lines.sort();
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = if *head_only { 0 } else { length.map_or(0, |length| length.parse().unwrap()) };
        all.push((status, lines, bytes[end + 4..][..length].to_vec()));
        bytes = &bytes[end + 4 + length..];
    }
    assert!(bytes.is_empty(), "{:?} is left over", String::from_utf8_lossy(bytes));
    all
}

/// Both say the same; gives how many of the answers came from memory and the answers.
async fn same(words: &[u8], heads: &[bool]) -> (usize, Vec<(String, Vec<String>, Vec<u8>)>) {
    let last = [words, b"GET /last HTTP/1.1\r\nhost: paper\r\nconnection: close\r\n\r\n"].concat();
    let mut said = Vec::new();
    let mut from_memory = 0;
    for lanes in [None, Some(0), Some(2)] {
        let (address, _stop, recalled) = run(lanes).await;
        said.push(answers(&talk(address, &last).await, heads));
        from_memory = recalled.load(Ordering::SeqCst);
    }
    let shown = String::from_utf8_lossy(words).into_owned();
    assert_eq!(said[0], said[1], "{shown}");
    assert_eq!(said[0], said[2], "{shown}");
    (from_memory, said.remove(0))
}

fn ask(method: &str, path: &str, lines: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: paper\r\n{lines}\r\n")
}

#[tokio::test]
async fn both_lanes_say_the_same_bytes() {
    async fn check(method: &str, path: &str, lines: &str, status: &str, is_remembered: bool) {
        let (from_memory, said) = same(ask(method, path, lines).as_bytes(), &[method == "HEAD"]).await;
        assert!(said[0].0.starts_with(&format!("HTTP/1.1 {status}")), "{lines}: {}", said[0].0);
        assert_eq!(from_memory, usize::from(is_remembered), "{method} {path} {lines}");
    }
    let (_, said) = same(ask("GET", "/page", "accept-encoding: br\r\n").as_bytes(), &[]).await;
    let tag = said[0].1.iter().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    for lines in [
        "",
        "Accept-Encoding: gzip, deflate, br\r\n",
        "accept-encoding: gzip\r\n",
        "accept-encoding: br;q=0, gzip;q=0.5\r\n",
        "accept-encoding: identity\r\n",
        "accept-encoding: gzip\r\naccept-encoding: br\r\n",
        "accept-encoding: g\u{fc}zip\r\n",
        "if-none-match: \"other\"\r\n",
        "range: bytes=0-99\r\n",
        "connection: Keep-Alive\r\n",
        "cookie: a=b\r\naccept-language: fr\r\nx-forwarded-host: evil.example\r\nx-original-url: /admin\r\n",
    ] {
        check("GET", "/page", lines, "200", true).await;
        check("HEAD", "/page", lines, "200", true).await;
    }
    for known in [&tag, &format!("\"x\", W/{tag}"), "*", &tag.replace("-b5", "-g6"), &tag.replace("-b5", "")] {
        check("GET", "/page", &format!("if-none-match: {known}\r\naccept-encoding: br\r\n"), "304", true).await;
        check("HEAD", "/page", &format!("if-none-match: \"y\"\r\nIf-None-Match: {known}\r\n"), "304", true).await;
    }
    let many = "x-line: 1\r\n".repeat(40);
    for lines in [&many, "expect: 100-continue\r\n", "upgrade: h2c\r\n", "content-length: 0\r\n"] {
        check("GET", "/page", lines, "200", false).await;
    }
    check("GET", "/page?x=1", "", "200", false).await;
    check("GET", "/other", "", "200", false).await;
    check("POST", "/page", "content-length: 0\r\n", "405", false).await;
}

#[tokio::test]
async fn requests_sent_together_are_answered_in_their_order_on_either_lane() {
    let page = ask("GET", "/page", "");
    let head = ask("HEAD", "/page", "accept-encoding: br\r\n");
    let post = "POST /other HTTP/1.1\r\nhost: paper\r\ncontent-length: 5\r\n\r\nhello".to_owned();
    let all = [page.as_str(), &head, &page, &post, &page, &head].concat();
    let (from_memory, said) = same(all.as_bytes(), &[false, true, false, false, false, true]).await;
    assert_eq!(from_memory, 3, "what follows the form is answered by the router");
    assert_eq!(said[3].2, b"hello");
    assert_eq!(said.len(), 7);
}

#[tokio::test]
async fn garbage_is_refused_alike() {
    for words in [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /page\r\n\r\n",
        "GET /page HTTP/1.1\r\nbad header\r\n\r\n",
        "\0\0\r\n\r\n",
    ] {
        let mut said = Vec::new();
        for lanes in [None, Some(2)] {
            let (address, _stop, _) = run(lanes).await;
            said.push(answers(&talk(address, words.as_bytes()).await, &[]));
        }
        assert_eq!(said[0], said[1], "{words:?}");
    }
}

#[tokio::test]
async fn a_request_that_comes_in_pieces_is_one_request() {
    let (address, _stop, recalled) = run(Some(1)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let asked = ask("HEAD", "/page", "accept-encoding: br\r\n");
    for _ in 0..3 {
        for piece in asked.as_bytes().chunks(7) {
            stream.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
        }
        assert!(heard.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!(recalled.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn the_lane_keeps_no_quiet_visitor() {
    for words in ["", "GET /pa", "GET /page HTTP/1.1\r\nhost: paper\r\nx-slow: "] {
        let (address, _stop, _) = run(Some(0)).await;
        assert_eq!(talk(address, words.as_bytes()).await, b"", "{words:?}");
    }
    let (address, _stop, _) = run(Some(0)).await;
    let heard = talk(address, ask("HEAD", "/page", "").as_bytes()).await;
    assert!(heard.starts_with(b"HTTP/1.1 200"), "closed after its answer, not before");
}

#[tokio::test]
async fn a_lane_closes_when_the_server_stops() {
    let (address, stop, _) = run(Some(2)).await;
    let mut quiet = TcpStream::connect(address).await.unwrap();
    quiet.write_all(ask("HEAD", "/page", "").as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        quiet.read_buf(&mut heard).await.unwrap();
    }
    stop.send(()).unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(5), quiet.read_buf(&mut heard)).await;
    assert_eq!(closed.unwrap().unwrap_or(0), 0);
}
