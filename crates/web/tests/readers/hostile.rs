//! Whatever comes over the wire: odd, huge, broken, split and slow requests, over real sockets on loopback. The fast
//! lane and the router say the same, nobody gets a 500, and no page that others may keep is changed by it.

use crate::dice::Dice;
use crate::paper::Paper;
use std::fmt::Write;
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use web::WebSettings;
use web::server::{Limits, Site};

/// What stands in headers that want to be believed, and must stand on no page.
const EVIL: &str = "evil.example";
/// Connections of one run; `MASTHEAD_REQUESTS` asks for more.
const CONNECTIONS: usize = 500;
/// Longer than any answer takes on the busiest machine: what takes longer hangs.
const HANGS: Duration = Duration::from_secs(30);
/// Pages whose bytes must never change.
const PAGES: [&str; 12] = [
    "/",
    "/international",
    "/fr/",
    "/feed.xml",
    "/international/feed.json",
    "/sitemap.xml",
    "/sitemap-1.xml",
    "/robots.txt",
    "/search",
    "/archive/2025/08/25",
    "/author/kalinda-oroko",
    ARTICLE,
];
const ARTICLE: &str = "/international/who-will-lead-and-pay-for-the-mission-in-haiti";
/// Other places, most of them nowhere.
const PLACES: [&str; 20] = [
    "/search?q=haiti",
    "/search?q=%22%28*+NEAR+AND+OR&after=2-1",
    "/search?q=haiti&after=9-99999999999999999999",
    "/international?before=1756000000000000-0000000000000",
    "/international?before=99999999999999999999-x&page=9999999999999",
    "/feed.xml?before=1756000000000000-0000000000000",
    "/nothing",
    "/xx/international",
    "/..%2f..%2fetc/passwd",
    "/%00",
    "/%ff%fe",
    "/media/0000-360.jpg",
    "/assets/../Cargo.toml",
    "/archive/2025/13/40",
    "/newsroom",
    "/healthz",
    "*",
    "//",
    "/?",
    "/%e2%80%ae/%2e%2e",
];
const METHODS: [&str; 12] =
    ["GET", "GET", "GET", "GET", "GET", "HEAD", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "BREW"];

/// A site on loopback until it is dropped; `fast`: with its lanes.
async fn open(paper: &Paper, fast: bool) -> SocketAddr {
    let site: Site = if fast {
        web::site(paper.desk.clone(), WebSettings::default())
    } else {
        web::app(paper.desk.clone(), WebSettings::default()).into()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::server::serve(listener, site, Limits::default(), std::future::pending()));
    address
}

/// A header line that somebody might send.
fn line(dice: &mut Dice, tag: &str) -> String {
    let long = "x".repeat(dice.roll(6_000));
    match dice.roll(24) {
        0 => format!("x-forwarded-host: {EVIL}"),
        1 => format!("x-original-url: /{EVIL}\r\nx-rewrite-url: /{EVIL}"),
        2 => format!("forwarded: for={EVIL};host={EVIL};proto=http"),
        3 => format!("x-forwarded-for: {EVIL}\r\nx-real-ip: {EVIL}"),
        4 => format!("cookie: masthead={EVIL}; __Host-masthead={EVIL}"),
        5 => "accept-language: ar, fr;q=0.5".into(),
        6 => format!("origin: http://{EVIL}\r\nreferer: http://{EVIL}/"),
        7 => format!("range: bytes={}-{}", dice.roll(100), dice.roll(100)),
        8 => "range: bytes=0-0,5-,-9999999999999999999999".into(),
        9 => format!("if-none-match: {}", dice.one_of(&["*", "W/", "\"", "\"x\", \"y\"", ",,,", EVIL])),
        10 => format!("if-none-match: \"{tag}{}\"", dice.one_of(&["", "-g6", "-g9", "-b5", "-b11", "-x"])),
        11 => "if-modified-since: Mon, 25 Aug 2099 05:00:00 GMT".into(),
        12 => "if-match: \"nothing\"".into(),
        13 => format!(
            "accept-encoding: {}",
            dice.one_of(&["gzip", "br", "br;q=0, *", "identity;q=0", "gzip;q=nan,,;", "zstd"])
        ),
        14 => "accept-encoding: gzip\r\naccept-encoding: br".into(),
        15 => format!("connection: {}", dice.one_of(&["keep-alive", "Keep-Alive, TE", "upgrade", "x"])),
        16 => "expect: 100-continue".into(),
        17 => "upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__".into(),
        18 => format!("content-length: {}", dice.one_of(&["0", "3", "-1", "99999999999999999999", "1, 2", "0x1"])),
        19 => "transfer-encoding: chunked".into(),
        20 => format!("x-long: {long}"),
        21 => "x-line: 1\r\n".repeat(dice.roll(120)).trim_end().to_owned(),
        22 => format!("x-odd: \u{1}{}\u{7f}", '\u{e9}'),
        _ => format!("host: {EVIL}"),
    }
}

/// One request, seldom a good one.
fn request(dice: &mut Dice, tag: &str) -> Vec<u8> {
    let method = *dice.one_of(&METHODS);
    let mut path = if dice.roll(3) > 0 { *dice.one_of(&PAGES) } else { *dice.one_of(&PLACES) }.to_owned();
    match dice.roll(12) {
        0 => path.push_str("?utm_source=x&page=99999999999999999999"),
        1 => path = path.chars().flat_map(|c| format!("%{:02x}", c as u32).chars().collect::<Vec<_>>()).collect(),
        2 => path.insert_str(dice.roll(path.len()), "/./"),
        3 => path.push_str(&"/x".repeat(dice.roll(5_000))),
        4 => path = format!("http://{EVIL}{path}"),
        5 => path.push('\u{e9}'),
        _ => {}
    }
    let version =
        *dice.one_of(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", ""]);
    let mut text = format!("{method} {path} {version}\r\nhost: paper.example\r\n");
    for _ in 0..dice.roll(4) {
        let _ = write!(text, "{}\r\n", line(dice, tag));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    if dice.roll(12) == 0 {
        let at = dice.roll(bytes.len());
        bytes[at] = u8::try_from(dice.roll(256)).unwrap();
    }
    bytes
}

/// Everything that comes back until the connection ends, with the bytes sent in pieces of these lengths.
async fn talk(address: SocketAddr, words: &[u8], pieces: &[usize]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut rest = words;
    for piece in pieces {
        let (now, later) = rest.split_at((*piece).min(rest.len()));
        // A server that has heard enough may hang up.
        let _ = stream.write_all(now).await;
        tokio::task::yield_now().await;
        rest = later;
    }
    let _ = stream.write_all(rest).await;
    let mut all = Vec::new();
    let ended =
        tokio::time::timeout(HANGS, async { while stream.read_buf(&mut all).await.is_ok_and(|count| count > 0) {} });
    assert!(ended.await.is_ok(), "no end after {:?}", String::from_utf8_lossy(words));
    all
}

/// An answer as far as two servers must agree on it: compressed bodies are read, and what depends on how well they were
/// compressed is left out.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    status: u16,
    lines: Vec<String>,
    body: Vec<u8>,
}

impl Said {
    /// Whether these were the last words of the connection.
    fn is_last(&self) -> bool {
        self.lines.iter().any(|line| line == "connection: close")
    }

    /// Whether another server said the same. Whether it closed depends on how much of a body nobody wants had come.
    fn is_as(&self, other: &Said) -> bool {
        let of =
            |said: &Said| said.lines.iter().filter(|line| *line != "connection: close").cloned().collect::<Vec<_>>();
        (self.status, of(self), &self.body) == (other.status, of(other), &other.body)
    }
}

/// Whether two servers said the same as long as both spoke. One may stop earlier if it had said so, or if it was sent a
/// body: how much of what cannot be read has come when the answer is ready is chance.
fn agree(words: &[u8], one: &[Said], other: &[Said]) -> bool {
    let words = String::from_utf8_lossy(words).to_ascii_lowercase();
    let has_body = words.contains("content-length") || words.contains("transfer-encoding");
    let shorter = if one.len() < other.len() { one } else { other };
    one.iter().zip(other).all(|(one, other)| one.is_as(other))
        && (one.len() == other.len() || has_body || shorter.last().is_some_and(Said::is_last))
}

fn read(mut bytes: &[u8]) -> Vec<Said> {
    let mut all = Vec::new();
    while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let of = |name: &str| head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let rest = &bytes[end + 4..];
        // What was cut off or changed on the way may have become another method, so the bytes say whether it was a HEAD.
        let has_body = !rest.is_empty() && !rest.starts_with(b"HTTP/1.");
        let length: usize = of("content-length").filter(|_| has_body).map_or(0, |length| length.parse().unwrap());
        let encoding = of("content-encoding").unwrap_or("identity");
        let body = plain(encoding, &rest[..length]);
        let depends = |line: &&str| {
            line.starts_with("date: ")
                || (line.starts_with("content-length: ") && (encoding != "identity" || status == 304))
        };
        let mut lines: Vec<String> = head.split("\r\n").skip(1).filter(|line| !depends(line)).map(unmarked).collect();
        lines.sort();
        all.push(Said { status, lines, body });
        bytes = &rest[length..];
    }
    assert!(bytes.is_empty(), "{:?} is no answer", String::from_utf8_lossy(bytes));
    all
}

/// An `ETag` without what says how it was compressed.
fn unmarked(line: &str) -> String {
    let marks = ["-g6\"", "-g9\"", "-b5\"", "-b11\""];
    let bare = line.strip_prefix("etag: ").and_then(|tag| marks.iter().find_map(|mark| tag.strip_suffix(mark)));
    bare.map_or_else(|| line.to_owned(), |tag| format!("etag: {tag}\""))
}

fn plain(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match encoding {
        _ if bytes.is_empty() => {}
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
        "br" => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap()),
        _ => out.extend_from_slice(bytes),
    }
    out
}

fn ask(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: paper.example\r\nconnection: close\r\n\r\n").into_bytes()
}

async fn pages(address: SocketAddr) -> Vec<Said> {
    let mut all = Vec::new();
    for path in PAGES {
        let said = read(&talk(address, &ask(path), &[]).await);
        assert_eq!(said[0].status, 200, "{path}");
        all.extend(said);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_lane_and_router_say_the_same_and_no_page_of_others_changes() {
    let (seed, mut dice) = Dice::thrown();
    let paper = Paper::open().await;
    let (fast, slow) = (open(&paper, true).await, open(&paper, false).await);
    let before = pages(slow).await;
    assert_eq!(before, pages(fast).await);
    let tag = before.last().unwrap().lines.iter().find_map(|line| line.strip_prefix("etag: \"")).unwrap();
    let tag = tag.trim_end_matches('"').to_owned();
    let connections = std::env::var("MASTHEAD_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(CONNECTIONS);
    let mut answered = 0;
    for number in 0..connections {
        let mut words = Vec::new();
        for _ in 0..=dice.roll(3) {
            words.extend(request(&mut dice, &tag));
        }
        words.extend(ask("/healthz"));
        let pieces: Vec<usize> = (0..dice.roll(5)).map(|_| 1 + dice.roll(words.len())).collect();
        let context = || format!("seed {seed}, connection {number}: {:?}", String::from_utf8_lossy(&words));
        let (lane, router) = (talk(fast, &words, &pieces).await, talk(slow, &words, &pieces).await);
        let (lane, router) = (read(&lane), read(&router));
        assert!(agree(&words, &lane, &router), "{}\n  lane: {lane:?}\nrouter: {router:?}", context());
        for said in &lane {
            assert!(said.status < 500, "{} {}", said.status, context());
            let is_for_anybody = said.lines.iter().any(|line| line.starts_with("cache-control: public"));
            let speaks = said.lines.iter().any(|line| line.contains(EVIL))
                || said.body.windows(EVIL.len()).any(|window| window == EVIL.as_bytes());
            assert!(!(is_for_anybody && speaks), "{}", context());
        }
        answered += lane.len();
    }
    assert!(answered > connections / 2, "only {answered} answers: the requests are too odd to prove anything");
    assert_eq!(before, pages(fast).await, "seed {seed}");
    assert_eq!(before, pages(slow).await, "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_get_their_pages_while_others_say_nothing_or_half_of_it() {
    let paper = Paper::open().await;
    for fast in [true, false] {
        let address = open(&paper, fast).await;
        let mut silent = Vec::new();
        for number in 0..200 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let half = ask(ARTICLE);
            stream.write_all(&half[..number % half.len()]).await.unwrap();
            silent.push(stream);
        }
        // And some who ask, and never read what comes.
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let many = format!("GET {ARTICLE} HTTP/1.1\r\nhost: paper.example\r\n\r\n").repeat(500);
            let _ = tokio::time::timeout(Duration::from_millis(50), stream.write_all(many.as_bytes())).await;
            silent.push(stream);
        }
        for path in PAGES {
            assert_eq!(read(&talk(address, &ask(path), &[]).await)[0].status, 200, "{path}");
        }
    }
}
