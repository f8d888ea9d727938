//! What readers and machines find, and what odd questions get.

use crate::paper::{Paper, URL};
use http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_sample_is_there_and_whole() {
    let paper = Paper::open().await;
    if let Ok(folder) = std::env::var("MASTHEAD_PAGES_TO") {
        std::fs::create_dir_all(folder).unwrap();
    }
    for path in [
        "/",
        "/fr/",
        "/ar/",
        "/international",
        "/fr/international",
        "/international/who-will-lead-and-pay-for-the-mission-in-haiti",
        "/topic/haiti",
        "/author/kalinda-oroko",
        "/archive",
        "/archive/2025",
        "/archive/2025/08",
        "/archive/2025/08/22",
        "/search",
        "/search?q=haiti",
        "/subscribe",
        "/ar/subscribe",
        "/corrections",
        "/about",
        "/masthead",
        "/corrections-policy",
        "/ethics",
        "/privacy",
    ] {
        let page = paper.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let small = paper.get_with(path, &[("accept-encoding", "br")]).await;
        println!("{path} {} {}", page.bytes.len(), small.bytes.len());
        assert!(small.bytes.len() < 14_336, "{path} weighs {}", small.bytes.len());
        assert!(page.text().contains("</html>") && !page.text().contains("[by"), "{path}");
        keep(path, &page.bytes);
    }
}

/// With `MASTHEAD_PAGES_TO=folder` the pages are written down, to be looked at.
fn keep(path: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("MASTHEAD_PAGES_TO") {
        let name = path.replace(['/', '?'], "_");
        std::fs::write(format!("{folder}/{name}.html"), bytes).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_find_what_they_read() {
    let paper = Paper::open().await;
    for (path, content_type, has) in [
        ("/feed.xml", "application/rss+xml; charset=utf-8", "<rss"),
        ("/feed.atom", "application/atom+xml; charset=utf-8", "<feed"),
        ("/feed.json", "application/feed+json; charset=utf-8", "\"items\""),
        ("/fr/feed.xml", "application/rss+xml; charset=utf-8", "/fr/"),
        ("/international/feed.xml", "application/rss+xml; charset=utf-8", "haiti"),
        ("/topic/haiti/feed.atom", "application/atom+xml; charset=utf-8", "haiti"),
        ("/author/kalinda-oroko/feed.json", "application/feed+json; charset=utf-8", "haiti"),
        ("/sitemap.xml", "application/xml; charset=utf-8", "<loc>https://paper.example/sitemap-1.xml</loc>"),
        ("/sitemap-0.xml", "application/xml; charset=utf-8", "/fr/international</loc>"),
        ("/sitemap-1.xml", "application/xml; charset=utf-8", "/international/who-will-lead"),
        ("/license.xml", "application/rsl+xml; charset=utf-8", "<permits type=\"usage\">all</permits>"),
        ("/.well-known/tdmrep.json", "application/json", "\"tdm-reservation\":0"),
        ("/sitemap-news.xml", "application/xml; charset=utf-8", "<news:news>"),
        ("/robots.txt", "text/plain; charset=utf-8", "Sitemap: https://paper.example/sitemap.xml"),
        ("/trust.txt", "text/plain; charset=utf-8", "contact=mailto:desk@globaldaily.example"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8", "Expires: 2026-"),
        ("/international/who-will-lead-and-pay-for-the-mission-in-haiti.txt", "text/plain; charset=utf-8", "Kenya"),
        ("/healthz", "text/plain; charset=utf-8", "ok"),
        ("/readyz", "text/plain; charset=utf-8", "ok"),
        ("/assets/icon.svg", "image/svg+xml", "<svg"),
    ] {
        let answer = paper.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, content_type), "{path}");
        assert!(answer.text().contains(has), "{path}: {}", answer.text());
        keep(path, &answer.bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_questions_get_a_plain_answer_and_never_a_500() {
    let paper = Paper::open().await;
    for (path, status) in [
        ("/%", StatusCode::BAD_REQUEST),
        ("/%00", StatusCode::BAD_REQUEST),
        ("/%ff%fe", StatusCode::BAD_REQUEST),
        ("/a/%c0%ae%c0%ae/b", StatusCode::BAD_REQUEST),
        ("/../../etc/passwd", StatusCode::NOT_FOUND),
        ("/no-such-section", StatusCode::NOT_FOUND),
        ("/xx/international", StatusCode::NOT_FOUND),
        ("/international/no-such-article", StatusCode::NOT_FOUND),
        ("/topic/no-such-topic", StatusCode::NOT_FOUND),
        ("/author/nobody", StatusCode::NOT_FOUND),
        ("/archive/2099/01/01", StatusCode::NOT_FOUND),
        ("/archive/1901/01/01", StatusCode::OK),
        ("/sitemap-2.xml", StatusCode::NOT_FOUND),
        ("/wp-login.php", StatusCode::NOT_FOUND),
        ("/search?q=%22%28%2A%20NEAR%20AND%20OR%20%3B--&page=99999999999999", StatusCode::OK),
        ("/search?q=%00%ff&section=%00&language=..&from=x", StatusCode::OK),
        ("/international?before=x&page=9999999999999999999999", StatusCode::OK),
        ("/international?before=0-0000000000000", StatusCode::OK),
        ("/preferences/wrong", StatusCode::GONE),
        ("/unsubscribe/wrong", StatusCode::GONE),
        ("/subscribe/confirm/wrong", StatusCode::GONE),
        ("/media/x", StatusCode::NOT_FOUND),
        ("/assets/..%2f..%2fsecret", StatusCode::NOT_FOUND),
    ] {
        let answer = paper.get(path).await;
        assert_eq!(answer.status, status, "{path}");
    }
    let range = paper.get_with("/", &[("range", "bytes=0-10"), ("host", "evil.example"), ("x-forwarded-host", "evil")]);
    let range = range.await;
    assert!(range.status == StatusCode::OK && !range.text().contains("evil"));
    assert_eq!(paper.get("/international").await.bytes, paper.get("/international?utm_source=x&page=2").await.bytes);
    let lost = paper.get("/fr/international/no-such-article").await;
    assert!(lost.text().contains("lang=\"fr\"") && lost.text().contains("no such article"), "{}", lost.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_leads_to_the_address_only_if_it_is_there() {
    let paper = Paper::open().await;
    for (path, to) in [
        ("/International/", "/international"),
        ("/en/international", "/international"),
        ("/fr", "/fr/"),
        ("/SEARCH/?q=haiti&x=1", "/search?q=haiti"),
        ("/feed.xml/", "/feed.xml"),
    ] {
        let answer = paper.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::MOVED_PERMANENTLY, to), "{path}");
    }
    assert_eq!(paper.get("/No-Such/Thing/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_has_is_not_sent_again_until_something_changes() {
    let paper = Paper::open().await;
    let first = paper.get("/").await;
    let known = [("if-none-match", first.header("etag"))];
    assert_eq!(paper.get_with("/", &known).await.status, StatusCode::NOT_MODIFIED);
    assert!(first.header("cache-control").contains("max-age=60") && first.header("vary") == "accept-encoding");
    assert!(first.header("content-security-policy").contains("'sha256-"));
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    let article = "/international/who-will-lead-and-pay-for-the-mission-in-haiti";
    let page = paper.get(article).await;
    withdraw(&paper, article).await;
    assert_eq!(paper.get(article).await.status, StatusCode::GONE);
    assert_eq!(paper.get(&format!("{article}.txt")).await.status, StatusCode::GONE);
    assert_eq!(paper.get_with("/", &known).await.status, StatusCode::OK);
    let picture = page.between("<img src=\"", "\"");
    assert_eq!(paper.get(&picture).await.status, StatusCode::OK, "its translations still show {picture}");
    for path in ["/feed.xml", "/sitemap.xml", "/search?q=haiti", "/topic/haiti"] {
        let text = paper.get(path).await.text();
        assert!(!text.contains(&format!("\"{article}\"")) && !text.contains(&format!("{URL}{article}<")), "{path}");
    }
}

async fn withdraw(paper: &Paper, path: &str) {
    let parts: Vec<newsroom::slug::Slug> =
        path.split('/').skip(1).map(|part| newsroom::slug::Slug::parse(part).unwrap()).collect();
    let now = paper.desk.now();
    let found = paper
        .desk
        .store()
        .read_now(move |view| view.article_at(&newsroom::language::Language::english(), &parts[0], &parts[1], now));
    let found: Result<_, store::Error> = found;
    let editor = newsroom::staff::Staff {
        id: newsroom::id::StaffId(1),
        name: "Ben".into(),
        role: newsroom::staff::Role::Editor,
    };
    paper.desk.withdraw(&editor, found.unwrap().unwrap().article.id, "It was wrong.").await.unwrap();
}
