//! Signing up, choosing and leaving, as browsers and mail programs do it.

use crate::paper::Paper;
use http::StatusCode;

/// What an operator vouches for.
fn agreed() -> desk::import::Agreed {
    desk::import::Agreed { source: "the old list".into(), method: "double opt-in".into(), ..Default::default() }
}

async fn stamp(paper: &Paper) -> String {
    paper.get("/subscribe").await.between("name=\"stamp\" value=\"", "\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_in_a_form_that_was_refused() {
    let paper = Paper::open().await;
    let stamp = stamp(&paper).await;
    let form = format!("email=rose%40nowhere&section=climate&hour=6&zone=America/Port-au-Prince&stamp={stamp}&lang=fr");
    let again = paper.post("/subscribe", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = again.text();
    assert!(text.contains("lang=\"fr\"") && text.contains("rose@nowhere") && text.contains("aria-invalid"), "{text}");
    assert!(text.contains("value=\"climate\" checked") && text.contains("value=\"America/Port-au-Prince\" selected"));
    assert_eq!(again.header("cache-control"), "no-store");
    let old = paper.post("/subscribe", "email=rose%40example.ht&stamp=wrong").await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_and_an_unknown_address_get_the_same_page() {
    let paper = Paper::open().await;
    let stamp = stamp(&paper).await;
    let form = format!("email=rose%40example.ht&stamp={stamp}");
    let first = paper.post("/subscribe", &form).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    assert!(first.text().contains("Look in your inbox"));
    assert_eq!(paper.post("/subscribe", &form).await.bytes, first.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_are_refused() {
    let paper = Paper::open().await;
    let stamp = stamp(&paper).await;
    let form = format!("email=rose%40example.ht&stamp={stamp}");
    for foreign in
        [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://evil.example")], &[("origin", "null")]]
    {
        assert_eq!(paper.post_from("/subscribe", &form, foreign).await.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    let plain = paper.post_from("/subscribe", &form, &[]).await;
    assert_eq!(plain.status, StatusCode::OK, "programs that are no browsers carry nobody's cookies");
    let large = paper.post("/subscribe", &"x=1&".repeat(20_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let put = http::Request::put("/").body(axum::body::Body::empty()).unwrap();
    let put = paper.ask(put).await;
    assert_eq!((put.status, put.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_cannot_flood_the_sign_up() {
    let paper = Paper::open().await;
    let stamp = stamp(&paper).await;
    let mut last = StatusCode::OK;
    for number in 0..30 {
        last = paper.post("/subscribe", &format!("email=rose{number}%40example.ht&stamp={stamp}")).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_chooses_pauses_and_leaves_with_nothing_but_the_links_of_a_mail() {
    let paper = Paper::open().await;
    let csv =
        "address,languages,zone,hour,confirmed_at\nrose@example.ht,fr,America/Port-au-Prince,7,2025-08-01T10:00:00Z\n";
    let report =
        paper.desk.import_subscribers("list.csv", std::io::Cursor::new(csv), &agreed(), &|_, _| ()).await.unwrap();
    assert_eq!(report.added, 1, "{report:?}");
    let found: Result<_, store::Error> = paper.desk.store().read_now(|view| view.subscribers(None, 1));
    let rose = found.unwrap()[0].id;
    let (keys, way_out) = (paper.desk.preferences_token(rose), paper.desk.unsubscribe_token(rose));
    let (centre, out) = (format!("/preferences/{keys}"), format!("/unsubscribe/{way_out}"));

    let page = paper.get(&centre).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("lang=\"fr\"") && page.text().contains("r…@example.ht"), "{}", page.text());
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("no-store", "noindex"));
    let saved = paper
        .post(
            &centre,
            "newsletter=daily-updates&section=climate&language=ht&language=fr&hour=6&zone=&frequency=weekdays",
        )
        .await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(
        saved.text().contains("lang=\"ht\"") && saved.text().contains("value=\"climate\" checked"),
        "{}",
        saved.text()
    );
    let wrong = paper.post(&centre, "newsletter=daily-updates&language=ht&hour=99&zone=Mars/Olympus").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let paused = paper.post(&format!("{centre}/doings"), "do=pause").await;
    assert_eq!(paused.status, StatusCode::SEE_OTHER);
    assert!(paper.get(paused.header("location")).await.text().contains("value=\"resume\""));

    assert_eq!(paper.get(&out).await.status, StatusCode::OK);
    let still: Result<_, store::Error> = paper.desk.store().read_now(move |view| view.subscriber(rose));
    assert!(still.unwrap().unwrap().unsubscribed_at.is_none(), "opening a link changes nothing");
    let provider = [("origin", "https://mail.example"), ("sec-fetch-site", "cross-site")];
    let gone = paper.post_from(&out, "List-Unsubscribe=One-Click", &provider).await;
    assert_eq!((gone.status, gone.header("content-type")), (StatusCode::OK, "text/plain; charset=utf-8"));
    assert!(!gone.headers.contains_key("set-cookie"));
    let left: Result<_, store::Error> = paper.desk.store().read_now(move |view| view.subscriber(rose));
    assert!(left.unwrap().unwrap().unsubscribed_at.is_some());
    assert_eq!(paper.post(&out, "button=1").await.status, StatusCode::OK, "leaving twice is leaving once");
    assert_eq!(
        paper.post_from("/unsubscribe/wrong", "List-Unsubscribe=One-Click", &provider).await.status,
        StatusCode::NOT_FOUND
    );
}
