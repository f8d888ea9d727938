//! A whole paper for a test: real router, real store in a temporary folder, a real SMTP conversation with a relay
//! that catches, and a clock turned by hand. Only the world is played: relay and time.

use desk::setup::Setup;
use desk::{Clock, Desk, Draft, MailSettings, Opening};
use http::{Request, StatusCode, header};
use mail::server::{Answer, Arrival};
use newsroom::article::{Byline, BylineRole, Copy};
use newsroom::id::ArticleId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::staff::Staff;
use newsroom::time::Timestamp;
use std::sync::{Arc, Mutex};
use store::{Store, StoreSettings};
use tower::ServiceExt;

/// Friday noon in Nairobi.
pub const FRIDAY_NOON: &str = "2025-08-22T12:00:00+03:00";

pub const URL: &str = "https://paper.example";

/// Which database the paper stands on.
#[derive(Debug, Clone, Copy)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Runs every rule on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($paper:ident) $body:block)*) => {
        mod rules {
            #[allow(unused_imports, reason = "a file's own imports")]
            use super::*;
            $(pub async fn $name($paper: $crate::paper::Paper) $body)*
        }
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::rules::$name($crate::paper::Paper::on($crate::paper::Engine::Sqlite).await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::rules::$name($crate::paper::Paper::on($crate::paper::Engine::Postgres).await).await;
            })*
        }
    };
}

const PUBLICATION: &str = r#"
name = "The Morning"
place = "Nairobi"
zone = "Africa/Nairobi"
languages = ["en", "fr", "ht", "ar"]
contact = "desk@paper.example"
postal_address = "The Morning, 1 Print Lane, Nairobi"
[[sections]]
slug = "world"
name = { en = "World", fr = "Monde" }
[[sections]]
slug = "economy"
name = { en = "Economy", fr = "Économie" }
[[newsletters]]
slug = "daily-updates"
name = { en = "Daily Updates", fr = "L’essentiel" }
[[authors]]
slug = "rose-jean"
name = "Rose Jean"
[[authors]]
slug = "ben-oduor"
name = "Ben Oduor"
[[staff]]
slug = "rose-jean"
name = "Rose Jean"
address = "rose@paper.example"
role = "writer"
[[staff]]
slug = "ben-oduor"
name = "Ben Oduor"
address = "ben@paper.example"
role = "editor"
[[staff]]
slug = "ann-mugo"
name = "Ann Mugo"
address = "ann@paper.example"
role = "audience manager"
"#;

/// How the relay behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Takes,
    SaysLater,
    SaysNo,
    /// Takes the whole message and hangs up instead of answering: nobody can know.
    HangsUpAfterTheDot,
    /// Hangs up in the middle of the envelope: it cannot have the message.
    HangsUpBeforeTheText,
}

/// A message the relay took.
#[derive(Debug, Clone)]
pub struct Caught {
    pub to: String,
    pub letter: mail::read::Letter,
}

impl Caught {
    pub fn text(&self) -> &str {
        self.letter.text.as_deref().unwrap_or_default()
    }

    pub fn html(&self) -> &str {
        self.letter.html.as_deref().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.letter.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The first link of the text twin that contains `part`, as a path.
    pub fn path_with(&self, part: &str) -> String {
        let link = self.text().split_whitespace().find(|word| word.starts_with(URL) && word.contains(part));
        let link = link.unwrap_or_else(|| panic!("no link with {part} in:\n{}", self.text()));
        link.trim_start_matches(URL).to_owned()
    }
}

/// An answer of the site.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.body.contains(words), "“{words}” is not on the page ({}):\n{}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert!(!self.body.contains(words), "“{words}” is on the page ({}):\n{}", self.status, self.body);
        self
    }
}

/// Secrets of providers, as an operator would have been given them.
pub fn returns() -> desk::Returns {
    let secret = |text: &str| Some(mail::Secret::new(text));
    let keys = mail::webhook::Keys {
        mailgun: secret("mailgun-signing-key"),
        sendgrid: None,
        resend: secret("whsec_c2l4dGVlbi1ieXRlcy4uLg=="),
        postmark: secret("postmark-password"),
        brevo: secret("brevo-token"),
        mailjet: secret("mailjet-password"),
        ses_topics: vec!["arn:aws:sns:eu-west-1:123456789012:bounces".into()],
    };
    desk::Returns { receives: true, keys, maildrop: None }
}

pub struct Paper {
    pub desk: Desk,
    pub clock: Clock,
    pub mood: Arc<Mutex<Mood>>,
    app: axum::Router,
    caught: Arc<Mutex<Vec<Caught>>>,
    /// Where it asks for names; knows none until it is told.
    pub names: mail::testing::NameServer,
    settings: StoreSettings,
    port: u16,
    folder: Arc<tempfile::TempDir>,
}

impl Paper {
    pub async fn on(engine: Engine) -> Self {
        Self::behind(engine, desk::Caches::default()).await
    }

    /// The same behind a cache.
    pub async fn behind(engine: Engine, caches: desk::Caches) -> Self {
        let paper = Self::empty(engine, caches).await;
        assert!(paper.desk.set_up(Setup::parse(PUBLICATION).unwrap()).await.unwrap());
        paper.desk.make_keys().await.unwrap();
        paper
    }

    /// The sample publication, on the morning of its Monday.
    pub async fn on_demo() -> Self {
        let paper = Self::empty(Engine::Sqlite, desk::Caches::default()).await;
        paper.at("2025-08-25T09:30:00+03:00");
        masthead::demo::fill(&paper.desk).await.unwrap();
        paper
    }

    async fn empty(engine: Engine, caches: desk::Caches) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = match engine {
            Engine::Sqlite => StoreSettings::Sqlite { path: folder.path().join("paper.sqlite") },
            Engine::Postgres => StoreSettings::Postgres { url: store::testing::fresh_postgres_url() },
        };
        let clock = Clock::hand(Timestamp::parse(FRIDAY_NOON).unwrap());
        Store::open(&settings).unwrap().migrate(clock.now()).unwrap();
        let (caught, mood) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Mood::Takes)));
        let port = relay(caught.clone(), mood.clone()).await;
        Self::open(settings, port, clock, caches, (caught, mood), Arc::new(folder)).await
    }

    /// Another process on the same database, with the same clock on its wall.
    pub async fn another_node(&self) -> Self {
        let tray = (self.caught.clone(), self.mood.clone());
        let (clock, folder, caches) = (self.clock.clone(), self.folder.clone(), self.desk.caches().clone());
        Self::open(self.settings.clone(), self.port, clock, caches, tray, folder).await
    }

    async fn open(
        settings: StoreSettings,
        port: u16,
        clock: Clock,
        caches: desk::Caches,
        (caught, mood): (Arc<Mutex<Vec<Caught>>>, Arc<Mutex<Mood>>),
        folder: Arc<tempfile::TempDir>,
    ) -> Self {
        let names = mail::testing::NameServer::start("").await.unwrap();
        let own_networks = desk::Network::parse("127.0.0.0/8").into_iter().collect();
        let mut relay = mail::RelaySettings::new("127.0.0.1", port, "paper.example");
        relay.tls = mail::smtp::Tls::None;
        let desk = Desk::open(Opening {
            store: Store::open(&settings).unwrap(),
            pictures: folder.path().join("pictures"),
            clock: clock.clone(),
            public_url: URL.into(),
            mail: MailSettings {
                from: "news@paper.example".into(),
                bounce_domain: "bounce.paper.example".into(),
                unsigned: false,
            },
            relays: vec![relay.into()],
            outgoing: desk::Outgoing::asking(URL, own_networks, names.names()),
            caches,
            returns: returns(),
            node: "test".into(),
        })
        .await
        .unwrap();
        let app = web::app(desk.clone(), web::WebSettings::default());
        Self { desk, clock, mood, app, caught, settings, port, folder, names }
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Turns the clock to an RFC 3339 time.
    pub fn at(&self, time: &str) -> &Self {
        self.clock.turn_to(Timestamp::parse(time).unwrap());
        self
    }

    pub async fn staff(&self, first_name: &str) -> Staff {
        let all = self.desk.staff().await.unwrap();
        all.into_iter().find(|member| member.staff.name.starts_with(first_name)).unwrap().staff
    }

    /// Rose writes, in English, under World.
    pub async fn draft(&self, headline: &str) -> ArticleId {
        self.draft_in("en", "world", headline).await
    }

    pub async fn draft_in(&self, language: &str, section: &str, headline: &str) -> ArticleId {
        let rose = self.staff("Rose").await;
        self.desk.start(&rose, draft(language, section, headline)).await.unwrap()
    }

    /// Rose writes and Ben publishes.
    pub async fn publish(&self, headline: &str) -> ArticleId {
        self.publish_in("en", "world", headline).await
    }

    pub async fn publish_in(&self, language: &str, section: &str, headline: &str) -> ArticleId {
        let id = self.draft_in(language, section, headline).await;
        let ben = self.staff("Ben").await;
        self.desk.publish(&ben, id, "").await.unwrap();
        id
    }

    pub async fn get(&self, path: &str) -> Page {
        self.ask(Request::get(path).body(axum::body::Body::empty()).unwrap()).await
    }

    /// How many bytes the answer has.
    pub async fn bytes(&self, path: &str) -> usize {
        self.file(path).await.len()
    }

    /// What is served there, as it is.
    pub async fn file(&self, path: &str) -> Vec<u8> {
        let peer = web::server::Peer("203.0.113.7:4711".parse().unwrap());
        let mut request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        request.extensions_mut().insert(peer);
        let response = self.app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    /// Sends a form as a browser does from our own page.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        self.ask(form_of(path, form)).await
    }

    pub async fn ask(&self, mut request: Request<axum::body::Body>) -> Page {
        let peer = web::server::Peer("203.0.113.7:4711".parse().unwrap());
        request.extensions_mut().insert(peer);
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Somebody of the newsroom, signed in.
    pub async fn signed_in(&self, first_name: &str) -> Newsroom<'_> {
        let link = self.desk.make_sign_in_link(self.staff(first_name).await.id).await.unwrap();
        let session = self.desk.sign_in(link.rsplit('/').next().unwrap()).await.unwrap();
        Newsroom { paper: self, cookie: format!("__Host-masthead={session}") }
    }

    /// One round of the clock.
    pub async fn round(&self) -> desk::Round {
        self.desk.round().await.unwrap()
    }

    /// Everything the relay took for this address, oldest first.
    pub fn mail_to(&self, address: &str) -> Vec<Caught> {
        let caught = self.caught.lock().unwrap();
        caught.iter().filter(|mail| mail.to.eq_ignore_ascii_case(address)).cloned().collect()
    }

    pub fn mails(&self) -> usize {
        self.caught.lock().unwrap().len()
    }

    /// Asks for the newsletter on the page, reads the mail and presses the button.
    pub async fn subscribe(&self, address: &str, choices: &[(&str, &str)]) {
        let stamp = self.desk.stamp();
        let mut form = vec![("email", address), ("stamp", stamp.as_str()), ("url", "")];
        form.extend(choices);
        assert_eq!(self.post("/subscribe", &form).await.status, StatusCode::OK);
        self.round().await;
        let mail = self.mail_to(address).pop().expect("a confirmation was mailed");
        let link = mail.path_with("/subscribe/confirm/");
        assert_eq!(self.post(&link, &[]).await.status, StatusCode::OK);
        self.round().await;
    }

    /// Lets the day's edition go and walks the clock to the given time.
    pub async fn morning(&self, day: &str, time: &str) {
        let day = newsroom::time::Day::parse(day).unwrap();
        let ben = self.staff("Ben").await;
        self.desk.approve_edition(Some(&ben), "daily-updates", day, None).await.unwrap();
        self.at(time);
        self.round().await;
        self.round().await;
    }
}

/// The newsroom's pages as one of its people sees them.
pub struct Newsroom<'a> {
    paper: &'a Paper,
    cookie: String,
}

impl Newsroom<'_> {
    pub async fn get(&self, path: &str) -> Page {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        self.paper.ask(request.body(axum::body::Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let mut request = form_of(path, form);
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        self.paper.ask(request).await
    }
}

/// A form as a browser sends it from our own page.
fn form_of(path: &str, form: &[(&str, &str)]) -> Request<axum::body::Body> {
    let body = form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&");
    Request::post(path)
        .header(header::HOST, "paper.example")
        .header(header::ORIGIN, URL)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into())
        .unwrap()
}

pub fn draft(language: &str, section: &str, headline: &str) -> Draft {
    Draft {
        language: Language::parse(language).unwrap(),
        section: Slug::parse(section).unwrap(),
        slug: None,
        work: None,
        copy: Copy {
            headline: headline.into(),
            standfirst: format!("What stands under {headline}."),
            body: format!(
                "The first paragraph of {headline}.\n\n> Nobody told us.\n> — Amina Said, harbour master, on the quay, Friday\n"
            ),
            ..Copy::default()
        },
        topics: vec![],
        bylines: vec![Byline { author: Slug::parse("rose-jean").unwrap(), role: BylineRole::Writer }],
        embargo_until: None,
    }
}

/// One port that behaves as the mood says, connection by connection.
async fn relay(caught: Arc<Mutex<Vec<Caught>>>, mood: Arc<Mutex<Mood>>) -> u16 {
    let front = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = front.local_addr().unwrap().port();
    let sound = sound_relay(caught, mood.clone()).await;
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = front.accept().await {
            let mood = *mood.lock().unwrap();
            tokio::spawn(async move {
                match mood {
                    Mood::HangsUpAfterTheDot => hang_up_at(&mut peer, b"\r\n.\r\n").await,
                    Mood::HangsUpBeforeTheText => hang_up_at(&mut peer, b"RCPT").await,
                    Mood::Takes | Mood::SaysLater | Mood::SaysNo => {
                        let mut relay = tokio::net::TcpStream::connect(("127.0.0.1", sound)).await.unwrap();
                        let _ = tokio::io::copy_bidirectional(&mut peer, &mut relay).await;
                    }
                }
            });
        }
    });
    port
}

/// Says yes to everything until the client has said `words`, then is gone.
async fn hang_up_at(peer: &mut tokio::net::TcpStream, words: &[u8]) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut heard, mut text, mut answered) = (Vec::new(), false, 0);
    let _ = peer.write_all(b"220 relay.example\r\n").await;
    let mut buffer = [0; 4096];
    while let Ok(count) = peer.read(&mut buffer).await {
        heard.extend_from_slice(&buffer[..count]);
        if count == 0 || heard.windows(words.len()).any(|window| window == words) {
            return;
        }
        while !text && let Some(end) = heard[answered..].windows(2).position(|window| window == b"\r\n") {
            let line = heard[answered..answered + end].to_ascii_uppercase();
            answered += end + 2;
            text = line.starts_with(b"DATA");
            let _ = peer.write_all(if text { b"354 go on\r\n" } else { b"250 fine\r\n" }).await;
        }
    }
}

async fn sound_relay(caught: Arc<Mutex<Vec<Caught>>>, mood: Arc<Mutex<Mood>>) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sink = move |arrival: Arrival| {
        let (caught, mood) = (caught.clone(), *mood.lock().unwrap());
        async move {
            match mood {
                Mood::SaysLater => Answer::Later,
                Mood::SaysNo => Answer::Refused("no such person here".into()),
                Mood::Takes | Mood::HangsUpAfterTheDot | Mood::HangsUpBeforeTheText => {
                    let letter = mail::read::read(&arrival.message).unwrap();
                    for to in &arrival.recipients {
                        let (to, letter) = (to.as_str().to_owned(), letter.clone());
                        caught.lock().unwrap().push(Caught { to, letter });
                    }
                    Answer::Kept("queued".into())
                }
            }
        }
    };
    tokio::spawn(mail::server::serve(
        listener,
        mail::server::Settings::new("relay.example"),
        sink,
        std::future::pending(),
    ));
    port
}

fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
