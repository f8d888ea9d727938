//! The newsroom asked at its door, as browsers ask it: who gets in, what a role gets, and that nothing typed is lost.

use crate::{WebSettings, app};
use axum::Router;
use axum::body::Body;
use desk::setup::{AuthorSetup, Setup};
use desk::{Clock, Desk, MailSettings, Opening};
use http::{Request, StatusCode, header};
use newsroom::staff::Role;
use newsroom::time::Timestamp;
use store::{Store, StoreSettings};
use tower::ServiceExt;

const URL: &str = "https://paper.example";

/// A paper with four sections, one author and one person of each role.
struct House {
    desk: Desk,
    app: Router,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreSettings::Sqlite { path: folder.path().join("paper.db") }).unwrap();
        let morning = Timestamp::parse("2025-08-25T10:00:00+03:00").unwrap();
        store.migrate(morning).unwrap();
        let mail =
            MailSettings { from: "desk@paper.example".into(), bounce_domain: "paper.example".into(), unsigned: false };
        let (pictures, clock) = (folder.path().join("media"), Clock::hand(morning));
        let outgoing = desk::Outgoing::new(URL, Vec::new());
        let opening = Opening {
            store,
            pictures,
            clock,
            public_url: URL.into(),
            mail,
            relays: Vec::new(),
            outgoing,
            caches: desk::Caches::default(),
            returns: desk::Returns::default(),
            node: "test".into(),
        };
        let desk = Desk::open(opening).await.unwrap();
        let mut setup = Setup::plain("Paper", "en", "Africa/Nairobi");
        let author = |slug: &str, name: &str| AuthorSetup {
            slug: slug.into(),
            name: name.into(),
            title: String::new(),
            place: String::new(),
            zone: String::new(),
            bio: std::collections::BTreeMap::new(),
        };
        setup.authors = vec![author("rose", "Rose")];
        desk.set_up(setup).await.unwrap();
        desk.content_version().unwrap();
        let app = app(desk.clone(), WebSettings::default());
        Self { desk, app, _folder: folder }
    }

    /// The cookie of somebody new.
    async fn somebody(&self, name: &str, role: Role) -> String {
        let id = self.desk.invite(None, name, &format!("{name}@paper.example"), role).await.unwrap();
        let link = self.desk.make_sign_in_link(id).await.unwrap();
        let path = link.strip_prefix(URL).unwrap();
        // A mail scanner opens it first; the link must still work afterwards.
        assert_eq!(self.get("", path).await.status, StatusCode::OK);
        let answer = self.post("", path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(self.post("", path, "").await.status, StatusCode::GONE, "a link works once");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn get(&self, cookie: &str, path: &str) -> Answer {
        self.ask(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, cookie: &str, path: &str, form: &str) -> Answer {
        self.post_from(cookie, path, form, URL).await
    }

    async fn post_from(&self, cookie: &str, path: &str, form: &str, origin: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::ORIGIN, origin)
            .header(header::HOST, "paper.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Where a new article of `cookie` stands.
    async fn article(&self, cookie: &str, headline: &str) -> String {
        let form =
            format!("headline={headline}&body=One.&section=news&language=en&byline_author=rose&byline_role=writer");
        let answer = self.post(cookie, "/newsroom/articles", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.header("location").split('?').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let house = House::open().await;
    for path in ["/newsroom", "/newsroom/articles", "/newsroom/ledger", "/newsroom/media/00", "/newsroom/nowhere"] {
        let answer = house.get("", path).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/newsroom/sign-in"), "{path}");
    }
    let answer = house.post("", "/newsroom/articles", "headline=x").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/newsroom/sign-in"));
    let cookie = house.somebody("ben", Role::Editor).await;
    assert!(cookie.starts_with("__Host-masthead="));
    assert_eq!(house.get(&cookie, "/newsroom").await.status, StatusCode::OK);
    assert_eq!(house.post(&cookie, "/newsroom/sign-out", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        house.get(&cookie, "/newsroom").await.status,
        StatusCode::SEE_OTHER,
        "the session ended, not only the cookie"
    );
}

#[tokio::test]
async fn asking_for_a_link_tells_nothing_about_who_works_here() {
    let house = House::open().await;
    house.somebody("ben", Role::Editor).await;
    let known = house.post("", "/newsroom/sign-in", "address=ben%40paper.example").await;
    let unknown = house.post("", "/newsroom/sign-in", "address=eve%40paper.example").await;
    assert_eq!((known.status, unknown.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(known.text.replace("ben@", "eve@"), unknown.text);
    let slip = house.post("", "/newsroom/sign-in", "address=ben").await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.text.contains("value=\"ben\""));
}

#[tokio::test]
async fn a_role_gets_its_pages_and_no_others() {
    let house = House::open().await;
    for (role, name, closed) in [
        (Role::Writer, "w", vec!["/newsroom/subscribers", "/newsroom/staff"]),
        (Role::Editor, "e", vec!["/newsroom/subscribers", "/newsroom/staff"]),
        (Role::AudienceManager, "m", vec!["/newsroom/articles/new", "/newsroom/staff"]),
        (Role::Administrator, "a", vec![]),
        (Role::Owner, "o", vec![]),
    ] {
        let cookie = house.somebody(name, role).await;
        for path in [
            "/newsroom",
            "/newsroom/articles",
            "/newsroom/articles/new",
            "/newsroom/pictures",
            "/newsroom/edition",
            "/newsroom/deliveries",
            "/newsroom/subscribers",
            "/newsroom/staff",
            "/newsroom/ledger",
            "/newsroom/settings",
        ] {
            let answer = house.get(&cookie, path).await;
            let wanted = if closed.contains(&path) { StatusCode::FORBIDDEN } else { StatusCode::OK };
            assert_eq!(answer.status, wanted, "{role:?} {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        }
        assert_eq!(house.get(&cookie, "/newsroom/nowhere").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let house = House::open().await;
    let cookie = house.somebody("ben", Role::Editor).await;
    let form = "headline=Gone&section=news&language=en";
    let answer = house.post_from(&cookie, "/newsroom/articles", form, "https://evil.example").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!house.get(&cookie, "/newsroom/articles?state=all").await.text.contains("Gone"));
}

#[tokio::test]
async fn what_is_refused_comes_back_with_everything_typed() {
    let house = House::open().await;
    let cookie = house.somebody("ben", Role::Writer).await;
    let form =
        "headline=Boats&body=One%0D%0A%0D%0ATwo&section=news&language=en&embargo_day=2025-08-26&embargo_time=soon";
    let answer = house.post(&cookie, "/newsroom/articles", form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [">\nBoats</textarea>", ">\nOne\n\nTwo</textarea>", "value=\"soon\"", "This is not a time."] {
        assert!(answer.text.contains(kept), "{kept}");
    }
    house.article(&cookie, "Boats").await;
    let again = house.post(&cookie, "/newsroom/articles", "headline=Boats&body=Mine&section=news&language=en").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("Another article stands at") && again.text.contains("Mine</textarea>"));
}

#[tokio::test]
async fn whoever_saves_second_sees_both_texts_and_loses_none() {
    let house = House::open().await;
    let (ben, ada) = (house.somebody("ben", Role::Writer).await, house.somebody("ada", Role::Editor).await);
    let at = house.article(&ben, "Boats").await;
    let form = |body: &str| format!("based_on=1&headline=Boats&body={body}&section=news&language=en&then=stay");
    let first = house.post(&ada, &format!("{at}/revisions"), &form("Hers")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = house.post(&ben, &format!("{at}/revisions"), &form("His")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for words in [
        "ada saved this article",
        "<del>Hers</del>",
        "<ins>His</ins>",
        ">\nHis</textarea>",
        "name=\"based_on\" value=\"2\"",
    ] {
        assert!(second.text.contains(words), "{words}");
    }
}

#[tokio::test]
async fn an_article_goes_its_way_and_only_editors_let_it_out() {
    let house = House::open().await;
    let (ben, ada) = (house.somebody("ben", Role::Writer).await, house.somebody("ada", Role::Editor).await);
    let at = house.article(&ben, "Boats").await;
    assert!(!house.get(&ben, &at).await.text.contains("value=\"publication\""));
    let by_hand = house.post(&ben, &format!("{at}/publication"), "when=now").await;
    assert_eq!(by_hand.status, StatusCode::UNPROCESSABLE_ENTITY);
    let same = "based_on=1&headline=Boats&body=One.&section=news&language=en&byline_author=rose&byline_role=writer";
    let sent = house.post(&ben, &format!("{at}/revisions"), &format!("{same}&then=submission")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let locked = house.get(&ben, &at).await.text;
    assert!(locked.contains("the editors’ turn") && locked.contains("readonly") && !locked.contains(">Save</button>"));
    let past = house.post(&ada, &format!("{at}/publication"), "when=at&day=2025-08-24&time=18").await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.text.contains("That time has passed.") && past.text.contains("value=\"18\""));
    assert_eq!(house.post(&ada, &format!("{at}/publication"), "when=now").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get("", "/news/boats").await.status, StatusCode::OK);
    let empty = house.post(&ada, &format!("{at}/withdrawal"), "text=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.post(&ada, &format!("{at}/withdrawal"), "text=Never+sailed.").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get("", "/news/boats").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn no_text_of_a_writer_becomes_markup() {
    let house = House::open().await;
    let ben = house.somebody("ben", Role::Writer).await;
    let bad = "%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%3E";
    let at = house.article(&ben, &format!("Boats{bad}")).await;
    for path in [
        at.clone(),
        format!("{at}/revisions"),
        "/newsroom".into(),
        "/newsroom/articles".into(),
        format!("{at}/preview"),
    ] {
        assert!(!house.get(&ben, &path).await.text.contains("<script>alert"), "{path}");
    }
}
