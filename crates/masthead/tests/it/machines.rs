//! What machines are told, and what they never hear of.

use crate::paper::{Paper, draft};
use http::StatusCode;
use newsroom::machines::{AiTerms, Machines};
use newsroom::publication::Publication;
use newsroom::slug::Slug;
use newsroom::staff::{Role, Staff};
use std::sync::{Arc, Mutex};

/// A hub that keeps what it hears and answers with a status.
async fn hub(status: StatusCode) -> (String, Arc<Mutex<Vec<String>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let route = axum::routing::post(move |body: String| async move {
        ears.lock().unwrap().push(body);
        status
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hub", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/hub", route)).await });
    (url, heard)
}

async fn administrator(paper: &Paper) -> Staff {
    let id = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Administrator).await.unwrap();
    Staff { id, name: "Ada".into(), role: Role::Administrator }
}

async fn told(paper: &Paper, machines: Machines) {
    let ada = administrator(paper).await;
    paper.desk.set_machines(&ada, machines).await.unwrap();
}

crate::on_both! {
    async fn a_hub_hears_of_every_publication_correction_and_withdrawal(paper) {
        let (url, heard) = hub(StatusCode::ACCEPTED).await;
        told(&paper, Machines { hub: url.clone(), ..Machines::default() }).await;
        paper.draft("A secret budget").await;
        paper.round().await;
        assert!(heard.lock().unwrap().is_empty(), "nothing was published yet");
        let id = paper.publish("The harbour opens again").await;
        assert_eq!(paper.round().await.chores, 2, "the hub and the picture of the headline");
        let first = heard.lock().unwrap().pop().unwrap();
        assert!(first.starts_with("hub.mode=publish&"), "{first}");
        for feed in ["%2Ffeed.xml", "%2Fworld%2Ffeed.atom", "%2Fauthor%2Frose-jean%2Ffeed.json"] {
            assert!(first.contains(&format!("hub.url=https%3A%2F%2Fpaper.example{feed}")), "{first}");
        }
        let ben = paper.staff("Ben").await;
        paper.desk.correct(&ben, id, "It opened on Friday.").await.unwrap();
        paper.round().await;
        paper.desk.withdraw(&ben, id, "It has not opened.").await.unwrap();
        paper.round().await;
        assert_eq!(heard.lock().unwrap().len(), 2);
        let feed = paper.get("/feed.xml").await;
        assert_eq!(feed.header("link"), format!("<https://paper.example/feed.xml>; rel=\"self\", <{url}>; rel=\"hub\""));
        feed.says(&format!("<atom:link href=\"{url}\" rel=\"hub\"/>"));
    }

    async fn a_hub_that_fails_is_asked_again_and_a_held_paper_asks_nobody(paper) {
        let (url, heard) = hub(StatusCode::SERVICE_UNAVAILABLE).await;
        told(&paper, Machines { hub: url, ..Machines::default() }).await;
        paper.publish("The harbour opens again").await;
        assert_eq!(paper.round().await.chores, 1, "the picture of the headline");
        assert_eq!(paper.round().await.chores, 0);
        assert_eq!(heard.lock().unwrap().len(), 1, "not at once");
        paper.at("2025-08-22T12:03:00+03:00").round().await;
        assert_eq!(heard.lock().unwrap().len(), 2);
        paper.desk.hold().await.unwrap();
        paper.at("2025-08-22T13:00:00+03:00").round().await;
        assert_eq!(heard.lock().unwrap().len(), 2);
    }

    async fn terms_for_programs_that_learn_are_the_same_wherever_they_are_read(paper) {
        assert_eq!(paper.get("/").await.header("tdm-reservation"), "");
        paper.get("/robots.txt").await.hides("GPTBot").hides("License:");
        paper.get("/").await.hides("tdm-reservation");
        let social = vec!["https://social.example/@morning".to_owned()];
        let terms = "https://paper.example/about".to_owned();
        told(&paper, Machines { ai: AiTerms::NoTraining, terms, social, ..Machines::default() }).await;
        paper.get("/robots.txt").await.says("User-agent: GPTBot\n").says("\nLicense: https://paper.example/license.xml\n").hides("User-agent: ChatGPT-User");
        paper.get("/.well-known/tdmrep.json").await
            .says(r#""tdm-reservation":1"#).says(r#""tdm-policy":"https://paper.example/about""#);
        for path in ["/", "/feed.xml", "/world"] {
            let page = paper.get(path).await;
            assert_eq!((page.header("tdm-reservation"), page.header("tdm-policy")), ("1", "https://paper.example/about"), "{path}");
        }
        paper.get("/license.xml").await.says("<prohibits type=\"usage\">ai-train</prohibits>");
        paper.get("/").await.says("<meta name=\"tdm-reservation\" content=\"1\">").says("\"sameAs\":[\"https://social.example/@morning\"]");
        paper.get("/trust.txt").await.says("social=https://social.example/@morning\n").says("datatrainingallowed=no\n");
    }

    async fn only_administrators_decide_and_only_addresses_are_taken(paper) {
        let ben = paper.staff("Ben").await;
        assert!(paper.desk.set_machines(&ben, Machines::default()).await.is_err());
        let ada = administrator(&paper).await;
        for odd in ["hub.example", "http://hub.example:25/", "https://rose:word@hub.example/"] {
            let no = paper.desk.set_machines(&ada, Machines { hub: odd.into(), ..Machines::default() }).await;
            assert!(matches!(no, Err(desk::Error::Refused(_))), "{odd}");
        }
        let kept: Publication = paper.desk.paper().publication.clone();
        assert_eq!(kept.machines, Machines::default());
    }

    async fn the_sitemap_says_when_a_part_changed_and_forgets_what_was_withdrawn(paper) {
        let id = paper.publish("The harbour opens again").await;
        paper.at("2025-08-22T12:30:00+03:00").publish("Ballots").await;
        let (at_first, index) = ("2025-08-22T09:30:00Z", paper.get("/sitemap.xml").await);
        index.says(&format!("<loc>https://paper.example/sitemap-1.xml</loc>\n  <lastmod>{at_first}</lastmod>"));
        let part = paper.get("/sitemap-1.xml").await;
        part.says("<loc>https://paper.example/world/the-harbour-opens-again</loc>\n  <lastmod>2025-08-22T09:00:00Z</lastmod>");
        part.says("<loc>https://paper.example/world/ballots</loc>");
        let ben = paper.staff("Ben").await;
        paper.at("2025-08-25T12:00:00+03:00");
        paper.desk.withdraw(&ben, id, "It has not opened.").await.unwrap();
        paper.get("/sitemap.xml").await.says("<lastmod>2025-08-25T09:00:00Z</lastmod>").hides(at_first);
        paper.get("/sitemap-1.xml").await.hides("harbour").says("ballots");
        paper.get("/sitemap-news.xml").await.hides("harbour").hides("ballots");
        assert_eq!(paper.get("/world/the-harbour-opens-again").await.status, StatusCode::GONE);
        assert_eq!(paper.get("/sitemap-2.xml").await.status, StatusCode::NOT_FOUND);
    }

    async fn opinion_says_that_it_is_opinion(paper) {
        paper.publish("The harbour opens again").await;
        let page = paper.get("/world/the-harbour-opens-again").await;
        page.says("\"@type\":\"NewsArticle\"").says("\"@type\":\"BreadcrumbList\"");
        told(&paper, Machines { opinion: vec![Slug::parse("world").unwrap()], ..Machines::default() }).await;
        let page = paper.get("/world/the-harbour-opens-again").await;
        page.says("\"@type\":\"OpinionNewsArticle\"");
    }

    async fn what_is_under_embargo_is_in_no_file_for_machines(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let mut secret = draft("en", "world", "A secret budget");
        secret.embargo_until = newsroom::time::Timestamp::parse("2025-08-23T06:00:00+03:00");
        let id = paper.desk.start(&rose, secret).await.unwrap();
        assert!(paper.desk.publish(&ben, id, "").await.is_err());
        paper.publish("The harbour opens again").await;
        for path in ["/sitemap.xml", "/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-news.xml", "/feed.xml", "/feed.atom", "/feed.json",
            "/world/feed.xml", "/author/rose-jean/feed.json", "/robots.txt", "/license.xml", "/trust.txt"] {
            paper.get(path).await.hides("secret");
        }
    }
}
