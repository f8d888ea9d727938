//! The sample publication behind a router, and ways to ask it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use desk::import::article::Options;
use desk::import::folder::Folder;
use desk::setup::Setup;
use desk::{Clock, Desk, MailSettings, Opening};
use http::{HeaderMap, Request, StatusCode};
use newsroom::time::Timestamp;
use store::{Store, StoreSettings};
use tower::ServiceExt;
use web::server::Peer;
use web::{WebSettings, app};

/// Where the sample publication's readers find it.
pub(crate) const URL: &str = "https://paper.example";
/// Monday 25 August 2025, 10:00 in Nairobi.
pub(crate) const MORNING: &str = "2025-08-25T10:00:00+03:00";

/// A running paper without a network.
pub(crate) struct Paper {
    pub(crate) desk: Desk,
    app: Router,
    network: AtomicU64,
    _folder: Option<tempfile::TempDir>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What stands between `before` and the next `after`.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let text = self.text();
        let start = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
        text[start..].split(after).next().unwrap_or_default().to_owned()
    }
}

impl Paper {
    pub(crate) async fn open() -> Paper {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreSettings::Sqlite { path: folder.path().join("paper.db") }).unwrap();
        let morning = Timestamp::parse(MORNING).unwrap();
        store.migrate(morning).unwrap();
        let desk = Desk::open(Opening {
            store,
            pictures: folder.path().join("media"),
            clock: Clock::hand(morning),
            public_url: URL.into(),
            mail: MailSettings {
                from: "desk@paper.example".into(),
                bounce_domain: "paper.example".into(),
                unsigned: false,
            },
            relays: Vec::new(),
            outgoing: desk::Outgoing::new(URL, Vec::new()),
            caches: desk::Caches::default(),
            returns: desk::Returns::default(),
            node: "test".into(),
        })
        .await
        .unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo");
        let read = |path: &str| std::fs::read_to_string(demo.join(path)).unwrap();
        let mut setup = Setup::parse(&read("publication.toml")).unwrap();
        for name in desk::setup::POLICIES {
            setup.policies.push((name.into(), "en".into(), read(&format!("policies/{name}.md"))));
        }
        desk.set_up(setup).await.unwrap();
        let articles = Folder::on_disk(&international(&demo, folder.path())).unwrap();
        let report = desk.import_markdown(articles, Options::default(), &|_, _| ()).await.unwrap();
        assert!(report.added > 5, "{report:?}");
        while desk.round().await.unwrap().chores > 0 {}
        desk.content_version().unwrap();
        let app = app(desk.clone(), WebSettings::default());
        Paper { desk, app, network: AtomicU64::new(0), _folder: Some(folder) }
    }

    /// The same paper with nothing printed yet.
    pub(crate) fn anew(&self) -> Paper {
        let app = app(self.desk.clone(), WebSettings::default());
        Paper { desk: self.desk.clone(), app, network: AtomicU64::new(0), _folder: None }
    }

    pub(crate) async fn ask(&self, mut request: Request<Body>) -> Answer {
        let port = 1 + self.network.fetch_add(1, Ordering::Relaxed) % 60_000;
        let peer: SocketAddr = format!("203.0.113.9:{port}").parse().unwrap();
        request.extensions_mut().insert(Peer(peer));
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// A form of ours, sent by a browser.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_from(path, form, &[("sec-fetch-site", "same-origin"), ("origin", URL)]).await
    }

    pub(crate) async fn post_from(&self, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

/// The articles of one section with a small picture in place of each large one: resizing takes longer than all the
/// rest of a test.
fn international(demo: &Path, folder: &Path) -> PathBuf {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("../press/themes/default/asset/apple-touch-icon.png");
    let copy = folder.join("sample");
    for (name, picture) in [("articles/international", None), ("pictures", Some(small))] {
        std::fs::create_dir_all(copy.join(name)).unwrap();
        for file in std::fs::read_dir(demo.join(name)).unwrap() {
            let path = file.unwrap().path();
            let to = copy.join(name).join(path.file_name().unwrap());
            std::fs::copy(picture.as_ref().unwrap_or(&path), to).unwrap();
        }
    }
    copy
}
