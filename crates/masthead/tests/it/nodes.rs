//! Several processes on one database, and the cache in front of them: what one changes, all show.

use crate::paper::{Engine, Page, Paper, draft};
use desk::{Caches, Purge};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use newsroom::article::LeadPicture;
use newsroom::machines::Machines;
use newsroom::staff::{Role, Staff};
use newsroom::surrogate::Label;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ARTICLE: &str = "/world/the-harbour-opens-again";
const SURFACES: [&str; 6] = ["/", "/world", "/feed.xml", "/sitemap-1.xml", "/search?q=harbour", "/author/rose-jean"];

/// Waits until `node` knows what `other` has changed: a second at most. From then on its pages must be right.
async fn within_a_second(node: &Paper, other: &Paper) {
    let changed = Instant::now();
    let newest = other.desk.content_version().unwrap();
    while node.desk.content_version().unwrap() < newest {
        assert!(changed.elapsed() < Duration::from_secs(1), "the other node does not know yet");
        tokio::task::yield_now().await;
    }
}

async fn shows(node: &Paper, words: &str) -> Vec<bool> {
    let mut all = Vec::new();
    for path in SURFACES {
        all.push(node.get(path).await.body.contains(words));
    }
    all
}

#[tokio::test]
async fn what_one_node_publishes_corrects_and_withdraws_is_on_the_other_within_a_second() {
    let one = Paper::on(Engine::Postgres).await;
    let other = one.another_node().await;
    let ben = one.staff("Ben").await;
    assert_eq!(other.get(ARTICLE).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shows(&other, ARTICLE).await, [false; 6], "and every page is remembered now");
    let id = one.publish("The harbour opens again").await;
    within_a_second(&other, &one).await;
    assert_eq!(other.get(ARTICLE).await.status, StatusCode::OK);
    assert_eq!(shows(&other, ARTICLE).await, [true; 6]);
    one.desk.correct(&ben, id, "It opened on Friday.").await.unwrap();
    within_a_second(&other, &one).await;
    other.get(ARTICLE).await.says("It opened on Friday.");
    other.get("/corrections").await.says("It opened on Friday.");
    one.desk.save(&ben, id, 1, draft("en", "world", "The harbour stays open")).await.unwrap();
    one.desk.publish(&ben, id, "The headline").await.unwrap();
    within_a_second(&other, &one).await;
    other.get("/").await.says("The harbour stays open");
    // The other way round, too: nobody leads.
    other.desk.withdraw(&ben, id, "It has not opened.").await.unwrap();
    within_a_second(&one, &other).await;
    for node in [&one, &other] {
        assert_eq!(node.get(ARTICLE).await.status, StatusCode::GONE);
        assert_eq!(shows(node, ARTICLE).await, [false; 6]);
    }
    let ada = administrator(&one).await;
    let social = vec!["https://social.example/@morning".to_owned()];
    one.desk.set_machines(&ada, Machines { social, ..Machines::default() }).await.unwrap();
    within_a_second(&other, &one).await;
    other.get("/trust.txt").await.says("social=https://social.example/@morning");
}

async fn administrator(paper: &Paper) -> Staff {
    let id = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Administrator).await.unwrap();
    Staff { id, name: "Ada".into(), role: Role::Administrator }
}

/// A cache's address for purging: what it heard, and what it answers.
#[derive(Clone, Default)]
struct Front {
    heard: Arc<Mutex<Vec<(HeaderMap, serde_json::Value)>>>,
    is_away: Arc<Mutex<bool>>,
}

impl Front {
    async fn open(&self) -> Purge {
        let front = self.clone();
        let route = axum::routing::post(
            move |headers: HeaderMap, axum::Json(body): axum::Json<serde_json::Value>| async move {
                front.heard.lock().unwrap().push((headers, body));
                if *front.is_away.lock().unwrap() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
            },
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/purge", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/purge", route)).await });
        let proof = (HeaderName::from_static("fastly-key"), HeaderValue::from_static("hush"));
        Purge { url, proof: Some(proof) }
    }

    /// The keys it was told since it was asked last.
    fn told(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let keys = |(headers, body): (HeaderMap, serde_json::Value)| {
            assert_eq!(headers["fastly-key"], "hush");
            let keys = body["surrogate_keys"].as_array().unwrap().clone();
            keys.into_iter().map(|key| key.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        heard.into_iter().flat_map(keys).collect()
    }
}

/// Whether a cache that dropped these would drop the page.
fn drops(told: &[String], page: &Page) -> bool {
    let label = page.header("surrogate-key");
    assert!(label.split(' ').any(|key| key == "everything"), "{label}");
    label.split(' ').any(|key| told.iter().any(|told| told == key))
}

#[tokio::test]
async fn a_cache_in_front_is_told_to_drop_what_a_change_touched_and_nothing_else() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let front = Front::default();
        let purge = Some(front.open().await);
        let paper = Paper::behind(engine, Caches { label: Some(Label::SurrogateKey), purge }).await;
        paper.round().await;
        assert_eq!(front.told(), ["everything"], "it may hold anything of before");
        paper.publish_in("fr", "economy", "Le port rouvre").await;
        paper.round().await;
        front.told();
        let (french, before) = (paper.get("/fr/economy/le-port-rouvre").await, paper.get("/").await);
        let id = paper.publish("The harbour opens again").await;
        paper.round().await;
        let told = front.told();
        assert!(drops(&told, &before) && !drops(&told, &french), "{told:?}");
        let (article, fresh) = (paper.get(ARTICLE).await, paper.get("/").await);
        assert!(drops(&told, &article) && drops(&told, &fresh), "they are made of what was told");
        paper.round().await;
        assert_eq!(front.told(), Vec::<String>::new(), "nothing has changed");

        *front.is_away.lock().unwrap() = true;
        let ben = paper.staff("Ben").await;
        paper.desk.correct(&ben, id, "It opened on Friday.").await.unwrap();
        assert_eq!(paper.round().await.chores, 0);
        assert!(!front.told().is_empty());
        *front.is_away.lock().unwrap() = false;
        paper.at("2025-08-22T12:10:00+03:00").round().await;
        let told = front.told();
        assert!(drops(&told, &article) && told.contains(&"corrections/en".to_owned()), "{told:?}");

        paper.desk.hold().await.unwrap();
        paper.desk.withdraw(&ben, id, "It has not opened.").await.unwrap();
        paper.round().await;
        assert_eq!(front.told(), Vec::<String>::new(), "a held paper tells nobody");
    }
}

#[tokio::test]
async fn a_cache_in_front_is_told_to_drop_a_picture_with_the_article_that_showed_it() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let front = Front::default();
        let purge = Some(front.open().await);
        let paper = Paper::behind(engine, Caches { label: Some(Label::SurrogateKey), purge }).await;
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/pictures");
        let mut pages = Vec::new();
        for (headline, file) in [("The pans are raked", "salt-pans.png"), ("A market opens", "market-scales.png")] {
            let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
            let picture = paper.desk.add_picture(None, file, bytes).await.unwrap();
            let mut words = draft("en", "world", headline);
            let alt = format!("What {file} shows");
            words.copy.lead = Some(LeadPicture { picture: Some(picture), alt, ..LeadPicture::default() });
            let id = paper.desk.start(&rose, words).await.unwrap();
            paper.desk.publish(&ben, id, "").await.unwrap();
            pages.push((id, paper.get(&format!("/world/{}", headline.to_lowercase().replace(' ', "-"))).await));
        }
        let drawn = paper.publish("The harbour opens again").await;
        while paper.round().await.chores > 0 {}
        front.told();
        let (salt, market) = (paper.get(&picture_on(&pages[0].1)).await, paper.get(&picture_on(&pages[1].1)).await);
        let headline = paper.get(&picture_on(&paper.get(ARTICLE).await)).await;
        for picture in [&salt, &market, &headline] {
            assert_eq!(picture.status, StatusCode::OK);
        }
        paper.desk.withdraw(&ben, pages[0].0, "The pans are dry.").await.unwrap();
        paper.round().await;
        let told = front.told();
        assert!(drops(&told, &salt) && !drops(&told, &market) && !drops(&told, &headline), "{told:?}");
        paper.desk.withdraw(&ben, drawn, "It has not opened.").await.unwrap();
        paper.round().await;
        let told = front.told();
        assert!(drops(&told, &headline) && !drops(&told, &market), "{told:?}");
    }
}

/// The path of the first picture on a page, or else of the one it is passed on with.
fn picture_on(page: &Page) -> String {
    let at = page.body.split_once("/media/").unwrap_or_else(|| panic!("no picture: {}", page.body)).1;
    format!("/media/{}", at.split(['"', ' ', '<']).next().unwrap())
}

#[tokio::test]
async fn pages_are_labelled_only_where_a_cache_asks_for_it() {
    let paper = Paper::behind(Engine::Sqlite, Caches { label: Some(Label::CacheTag), purge: None }).await;
    paper.publish("The harbour opens again").await;
    let page = paper.get(ARTICLE).await;
    assert!(page.header("cache-tag").starts_with("everything,"), "{}", page.header("cache-tag"));
    let again = http::Request::get(ARTICLE).header("if-none-match", page.header("etag"));
    let again = paper.ask(again.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((again.status, again.header("cache-tag")), (StatusCode::NOT_MODIFIED, page.header("cache-tag")));
    let bare = Paper::on(Engine::Sqlite).await;
    let page = bare.get("/").await;
    assert!(page.header("cache-tag").is_empty() && page.header("surrogate-key").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_never_answers_holds_up_no_article() {
    let heard = Arc::new(Mutex::new(0));
    let ears = heard.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hub", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            *ears.lock().unwrap() += 1;
            silent.push(stream);
        }
    });
    let paper = Paper::on(Engine::Sqlite).await;
    let ada = administrator(&paper).await;
    paper.desk.set_machines(&ada, Machines { hub: url, ..Machines::default() }).await.unwrap();
    for headline in ["One", "Two", "Three", "Four"] {
        paper.publish(headline).await;
    }
    let id = paper.draft("The harbour opens again").await;
    let (ben, now) = (paper.staff("Ben").await, paper.desk.now());
    paper.desk.schedule(&ben, id, now.plus(newsroom::time::MINUTE)).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let desk = paper.desk.clone();
    let running = tokio::spawn(async move { desk.run(async { drop(stopped.await) }).await });
    while *heard.lock().unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    paper.clock.turn_to(now.plus(newsroom::time::MINUTE));
    while paper.get(ARTICLE).await.status != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    // Each of the four would be waited for five seconds.
    assert!(*heard.lock().unwrap() < 4);
    stop.send(()).unwrap();
    running.await.unwrap();
}
