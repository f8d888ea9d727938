//! Signing up, choosing and leaving, as browsers and mail programs do it.

use crate::paper::Paper;
use http::StatusCode;

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
