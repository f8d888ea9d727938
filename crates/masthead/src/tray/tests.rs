//! The tray, tried through its two doors: SMTP and its pages.

use super::*;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};

fn arrival(to: &str, message: &str) -> Arrival {
    Arrival {
        helo: "paper".into(),
        sender: "bounce@example.org".into(),
        recipients: vec![to.into()],
        encrypted: false,
        message: message.replace('\n', "\r\n").into_bytes(),
    }
}

const LETTER: &str = "From: Global Daily Update <news@example.org>\nTo: rose@example.ht\nSubject: =?utf-8?q?Konfime_ab=C3=B2nman?=\nDate: Mon, 24 Nov 2025 07:00:00 +0000\nMessage-ID: <abc@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nOpen http://127.0.0.1:8080/confirm/abc.\n--b\nContent-Type: text/html; charset=utf-8\n\n<html><head><title>x</title></head><body><h1>Bonjou</h1></body></html>\n--b--\n";

struct Room {
    folder: tempfile::TempDir,
    kept: Arc<Kept>,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { kept: Arc::new(Kept::open(folder.path().join("tray")).unwrap()), folder }
    }

    fn again(self) -> Self {
        Self { kept: Arc::new(Kept::open(self.folder.path().join("tray")).unwrap()), folder: self.folder }
    }

    fn catch(&self, to: &str, message: &str) -> String {
        self.kept.catch(&arrival(to, message), Timestamp(1_764_000_000_000_000)).unwrap()
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let tray = page::Tray {
            kept: self.kept.clone(),
            site: "http://127.0.0.1:8080".into(),
            send: "masthead edition send".into(),
            smtp: "127.0.0.1:2525".parse().unwrap(),
        };
        let response = tower_call(page::routes(tray), request).await;
        let status = response.status();
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, policy, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self, path: &str) -> String {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8025").body(Body::empty()).unwrap();
        self.ask(request).await.2
    }
}

async fn tower_call(mut app: axum::Router, request: Request<Body>) -> axum::response::Response {
    use axum::extract::Request as Asked;
    use tower::Service;
    let service: &mut axum::Router = &mut app;
    std::future::poll_fn(|context| Service::<Asked>::poll_ready(service, context)).await.unwrap();
    Service::<Asked>::call(service, request).await.unwrap()
}

#[tokio::test]
async fn a_caught_letter_is_listed_and_shown_from_every_side() {
    let room = Room::new();
    let id = room.catch("rose@example.ht", LETTER);
    let list = room.get("/").await;
    assert!(list.contains("Konfime abònman") && list.contains("rose@example.ht"), "{list}");
    assert!(room.get(&format!("/message/{id}")).await.contains("<iframe"));
    assert!(room.get(&format!("/message/{id}?show=text")).await.contains("href=\"http://127.0.0.1:8080/confirm/abc\""));
    assert!(room.get(&format!("/message/{id}?show=source")).await.contains("Delivered-To: rose@example.ht"));
    assert!(room.get(&format!("/message/{id}/html")).await.contains("<head><base target=\"_blank\">"));
    let told: serde_json::Value = serde_json::from_str(&room.get("/messages.json").await).unwrap();
    assert_eq!(told[0]["to"][0], "rose@example.ht");
    assert_eq!(told[0]["message_id"], "abc@example.org");
    assert_eq!(told[0]["links"][0], "http://127.0.0.1:8080/confirm/abc");
    assert_eq!(told[0]["date"], "2025-11-24T07:00:00Z");
    let told: serde_json::Value = serde_json::from_str(&room.get(&format!("/message/{id}.json")).await).unwrap();
    assert!(told["html"].as_str().unwrap().contains("Bonjou"));
    assert_eq!(told["headers"][0][0], "Return-Path");
}

#[tokio::test]
async fn letters_are_found_by_recipient() {
    let room = Room::new();
    room.catch("rose@example.ht", "Subject: one\n\nx\n");
    room.catch("ben@example.ke", "Subject: two\n\nx\n");
    let found = room.get("/?to=ROSE%40").await;
    assert!(found.contains(">one<") && !found.contains(">two<"), "{found}");
    assert!(room.get("/?to=nobody").await.contains("No letter to anybody like this."));
}

#[tokio::test]
async fn an_empty_tray_says_what_to_do() {
    let page = Room::new().get("/").await;
    assert!(page.contains("http://127.0.0.1:8080/subscribe") && page.contains("masthead edition send"), "{page}");
    assert!(!page.contains("Delete all"));
}

#[tokio::test]
async fn a_hostile_letter_breaks_no_page() {
    let room = Room::new();
    let cases = [
        "Subject: <script>alert(1)</script>\nFrom: \"</title><script>alert(2)</script>\" <a@b>\n\n<script>alert(3)</script>\n",
        "Content-Type: text/html\n\n<script>alert(4)</script><form action=/letters/deletion method=post><base href=//evil.example>\n",
        "Delivered-To: boss@example.org\nSubject: \u{202e}gnp.exe\n\nx\n",
        "",
        "\n\n\n",
        "no header at all",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n--a--\n",
        "Subject: =?utf-8?b?////?=\nDate: Thu, 99 Foo 99999 99:99:99\n\n\0\u{1b}[31m\n",
    ];
    for message in cases {
        let id = room.catch("\"><script>alert(0)</script>@example.org", message);
        for path in ["/", "/messages.json", &format!("/message/{id}.json")] {
            room.get(path).await;
        }
        for path in [format!("/message/{id}"), format!("/message/{id}?show=text"), format!("/message/{id}?show=source")]
        {
            let page = room.get(&path).await;
            assert!(!page.contains("<script") && page.contains("</html>"), "{message:?}: {page}");
        }
        let request = Request::get(format!("/message/{id}/html")).header(header::HOST, "localhost").body(Body::empty());
        let (_, policy, _) = room.ask(request.unwrap()).await;
        assert!(policy.starts_with("sandbox ") && !policy.contains("script"), "{policy}");
    }
    let again = room.again();
    assert!(again.kept.newest("boss@", None, 9).is_empty(), "a letter cannot say whose it is");
}

#[tokio::test]
async fn letters_are_there_again_after_a_restart() {
    let room = Room::new();
    room.catch("rose@example.ht", LETTER);
    room.catch("ben@example.ke", "Subject: two\n\nx\n");
    std::fs::write(room.folder.path().join("tray/00000000000000009.part"), "Subject: half").unwrap();
    let before = room.kept.newest("", None, 9);
    let room = room.again();
    assert_eq!(room.kept.newest("", None, 9), before);
    assert_eq!(std::fs::read_dir(room.folder.path().join("tray")).unwrap().count(), 2);
}

#[tokio::test]
async fn only_the_newest_letters_are_kept() {
    let room = Room::new();
    for n in 0..CAUGHT_MAX + 3 {
        room.catch("rose@example.ht", &format!("Subject: {n}\n\nx\n"));
    }
    assert_eq!(room.kept.count(), CAUGHT_MAX);
    assert_eq!(std::fs::read_dir(room.folder.path().join("tray")).unwrap().count(), CAUGHT_MAX);
    let (mut seen, mut path) = (0, String::from("/"));
    loop {
        let page = room.get(&path).await;
        seen += page.matches("class=\"hl\"").count();
        let Some((_, rest)) = page.split_once("class=\"pages\"><a href=\"") else { break };
        path = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!(seen, CAUGHT_MAX);
}

#[tokio::test]
async fn the_button_deletes_all_letters_and_only_our_own_page_may_press_it() {
    let room = Room::new();
    room.catch("rose@example.ht", LETTER);
    let press = |host: &str, site: &str| {
        let request = Request::post("/letters/deletion").header(header::HOST, host).header("sec-fetch-site", site);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(room.ask(press("127.0.0.1:8025", "cross-site")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(room.ask(press("evil.example", "same-origin")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(room.kept.count(), 1);
    assert_eq!(room.ask(press("[::1]:8025", "same-origin")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(room.kept.count(), 0);
    assert_eq!(room.again().kept.count(), 0);
}

#[tokio::test]
async fn what_comes_over_smtp_stands_in_the_list() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir().unwrap();
    let bind = || TcpListener::bind("127.0.0.1:0");
    let (smtp, web) = (bind().await.unwrap(), bind().await.unwrap());
    let (smtp_at, web_at) = (smtp.local_addr().unwrap(), web.local_addr().unwrap());
    let opening = Opening {
        smtp,
        web,
        folder: folder.path().into(),
        site: "http://127.0.0.1:8080".into(),
        send: String::new(),
        now: Arc::new(|| Timestamp(1_764_000_000_000_000)),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let tray = tokio::spawn(run(opening, async {
        let _ = stopped.await;
    }));
    let say = |to: SocketAddr, words: &'static str| async move {
        let mut stream = tokio::net::TcpStream::connect(to).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        heard
    };
    let mail = "EHLO paper\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<rose@example.ht>\r\nDATA\r\nSubject: over the wire\r\n\r\n..x\r\n.\r\nQUIT\r\n";
    let heard = say(smtp_at, mail).await;
    assert!(heard.contains("queued as 01764000000000000"), "{heard}");
    let list = say(web_at, "GET /messages.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(list.contains("over the wire"), "{list}");
    stop.send(()).unwrap();
    tray.await.unwrap().unwrap();
}
