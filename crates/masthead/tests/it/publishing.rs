//! From a draft to the pages, and back again.

use crate::paper::draft;
use desk::{Draft, Error};
use http::StatusCode;
use newsroom::article::{Byline, BylineRole};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::time::Timestamp;

crate::on_both! {
    async fn what_is_not_published_is_on_no_surface(paper) {
        paper.publish("The harbour opens again").await;
        paper.draft("A secret budget").await;
        for path in ["/", "/world", "/search?q=budget", "/search?q=secret", "/feed.xml", "/feed.atom", "/feed.json", "/sitemap.xml", "/sitemap-1.xml",
            "/sitemap-news.xml", "/author/rose-jean", "/archive/2025/08/22", "/corrections"] {
            let page = paper.get(path).await;
            assert!(!page.status.is_server_error(), "{path}: {}", page.status);
            page.hides("A secret budget").hides("a-secret-budget");
        }
        assert_eq!(paper.get("/world/a-secret-budget").await.status, StatusCode::NOT_FOUND);
        assert_eq!(paper.get("/world/a-secret-budget.txt").await.status, StatusCode::NOT_FOUND);
        paper.get("/").await.says("The harbour opens again");
    }

    async fn a_published_article_is_on_every_surface_at_once(paper) {
        paper.get("/").await;
        paper.publish("The harbour opens again").await;
        for path in ["/", "/world", "/world/the-harbour-opens-again", "/world/the-harbour-opens-again.txt", "/search?q=nobody",
            "/feed.xml", "/feed.atom", "/feed.json", "/world/feed.xml", "/author/rose-jean", "/archive/2025/08/22"] {
            let page = paper.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            page.says("The harbour opens again");
        }
        paper.get("/sitemap-news.xml").await.says("https://paper.example/world/the-harbour-opens-again");
        let article = paper.get("/world/the-harbour-opens-again").await;
        article.says("Rose Jean").says("Amina Said").says("application/ld+json").says("Daily Updates");
    }

    async fn a_writer_cannot_publish_and_nobody_publishes_their_own_copy(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let id = paper.draft("By Rose").await;
        let no = paper.desk.publish(&rose, id, "").await.unwrap_err();
        assert!(matches!(no, Error::Refused(Refusal::NotYours { .. })), "{no}");
        let own = paper.desk.start(&ben, draft("en", "world", "By Ben")).await.unwrap();
        let no = paper.desk.publish(&ben, own, "").await.unwrap_err();
        assert!(matches!(no, Error::Refused(Refusal::OwnCopy)), "{no}");
    }

    async fn nobody_makes_a_colleague_greater_than_themselves(paper) {
        use newsroom::staff::{Role, Staff};
        let ben = paper.staff("Ben").await;
        assert!(paper.desk.invite(Some(&ben), "Eve", "eve@paper.example", Role::Writer).await.is_err());
        let id = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Administrator).await.unwrap();
        let ada = Staff { id, name: "Ada".into(), role: Role::Administrator };
        assert!(paper.desk.invite(Some(&ada), "Eve", "eve@paper.example", Role::Owner).await.is_err());
        assert!(paper.desk.invite(Some(&ada), "Eve", "eve@paper.example", Role::Editor).await.is_ok());
    }

    async fn two_articles_never_stand_at_one_address(paper) {
        paper.publish("The harbour opens again").await;
        let rose = paper.staff("Rose").await;
        let no = paper.desk.start(&rose, draft("en", "world", "The harbour opens again!")).await.unwrap_err();
        assert!(matches!(no, Error::Refused(Refusal::AddressTaken { .. })), "{no}");
        paper.desk.start(&rose, draft("fr", "world", "The harbour opens again")).await.unwrap();
    }

    async fn saving_never_overwrites_what_somebody_else_saved(paper) {
        let rose = paper.staff("Rose").await;
        let id = paper.draft("The harbour").await;
        assert_eq!(paper.desk.save(&rose, id, 1, draft("en", "world", "The harbour")).await.unwrap(), 2);
        let no = paper.desk.save(&rose, id, 1, draft("en", "world", "The harbour")).await.unwrap_err();
        assert!(matches!(no, Error::Refused(Refusal::SomebodyElseChangedIt)), "{no}");
    }

    async fn the_clock_publishes_what_was_scheduled_and_not_a_minute_before(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.draft("Ballots").await);
        let at = Timestamp::parse("2025-08-23T06:00:00+03:00").unwrap();
        paper.desk.schedule(&ben, id, at).await.unwrap();
        paper.at("2025-08-23T05:59:59+03:00").round().await;
        assert_eq!(paper.get("/world/ballots").await.status, StatusCode::NOT_FOUND);
        paper.at("2025-08-23T06:00:00+03:00").round().await;
        paper.get("/world/ballots").await.says("06:00");
        paper.get("/").await.says("Ballots");
    }

    async fn a_correction_stands_above_the_text_and_on_the_list_for_good(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.publish("The harbour opens again").await);
        paper.get("/world/the-harbour-opens-again").await.hides("It opened on Thursday");
        paper.at("2025-08-22T13:00:00+03:00").desk.correct(&ben, id, "We wrote Friday. It opened on Thursday.").await.unwrap();
        paper.get("/world/the-harbour-opens-again").await.says("It opened on Thursday").says("Correction");
        paper.get("/corrections").await.says("It opened on Thursday").says("The harbour opens again");
    }

    async fn a_withdrawn_article_says_why_at_its_address_and_is_nowhere_else(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.publish("The harbour opens again").await);
        paper.desk.withdraw(&ben, id, "The report was forged.").await.unwrap();
        let gone = paper.get("/world/the-harbour-opens-again").await;
        assert_eq!(gone.status, StatusCode::GONE);
        gone.says("The report was forged.");
        paper.get("/corrections").await.says("The report was forged.").hides("/world/the-harbour-opens-again");
        for path in ["/", "/world", "/feed.xml", "/search?q=harbour", "/sitemap-news.xml"] {
            paper.get(path).await.hides("The first paragraph").hides("/world/the-harbour-opens-again");
        }
    }

    async fn every_published_change_can_be_read_under_the_article(paper) {
        let ben = paper.staff("Ben").await;
        let id = paper.publish("The harbour opens again").await;
        paper.at("2025-08-22T15:00:00+03:00");
        paper.desk.save(&ben, id, 1, draft("en", "world", "The harbour opens again")).await.unwrap();
        paper.desk.publish(&ben, id, "The number of berths is added").await.unwrap();
        paper.get("/world/the-harbour-opens-again").await.says("The number of berths is added").says("15:00");
    }

    async fn new_names_and_topics_of_what_is_live_wait_for_publication_like_every_other_word(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.publish("The harbour opens again").await);
        let (path, words) = ("/world/the-harbour-opens-again", draft("en", "world", "The harbour opens again"));
        let bylines = vec![Byline { author: Slug::parse("ben-oduor").unwrap(), role: BylineRole::Writer }];
        paper.desk.save(&ben, id, 1, Draft { bylines, ..words }).await.unwrap();
        let newsroom = paper.signed_in("Ben").await;
        for _ in 0..2 {
            paper.get(path).await.says("Rose Jean").hides("Ben Oduor");
            paper.get("/feed.json").await.says("Rose Jean").hides("Ben Oduor");
            paper.get("/author/ben-oduor").await.hides("The harbour opens again");
            newsroom.get(&format!("/newsroom/articles/{id}/preview/page")).await.says("Ben Oduor");
            let no = paper.desk.publish(&ben, id, "").await.unwrap_err();
            assert!(matches!(no, Error::Refused(Refusal::ChangeWithoutLine)), "{no}");
        }
        paper.desk.publish(&ben, id, "The byline is right now").await.unwrap();
        paper.get(path).await.says("Ben Oduor").says("The byline is right now");
        paper.get("/author/ben-oduor").await.says("The harbour opens again");
        paper.get("/author/rose-jean").await.hides("The harbour opens again");
        paper.desk.publish(&ben, id, "").await.unwrap();
        paper.get(path).await.says("Ben Oduor");
    }

    async fn a_text_that_tries_to_be_code_is_printed_as_words(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let mut hostile = draft("en", "world", "<script>alert(1)</script> & \"quotes\"");
        hostile.copy.body = "<img src=x onerror=alert(2)> [x](javascript:alert(3))\n\n**bold**".into();
        let id = paper.desk.start(&rose, hostile).await.unwrap();
        paper.desk.publish(&ben, id, "").await.unwrap();
        for path in ["/", "/world", "/feed.xml", "/search?q=quotes"] {
            paper.get(path).await.hides("<script>alert(1)").hides("onerror=alert").hides("javascript:alert");
        }
    }

    async fn odd_requests_get_a_right_status_and_a_plain_page(paper) {
        paper.publish("The harbour opens again").await;
        for (path, status) in [
            ("/nothing-here", 404), ("/world/nothing", 404), ("/..%2f..%2fetc/passwd", 404), ("/%00", 400), ("/%ff%fe", 400),
            ("/world?page=99999999999999999999", 200), ("/archive/2025/13/40", 404), ("/archive/9999/99/99", 404),
            ("/search?q=%22unclosed", 200), ("/search?q=AND+OR+NOT+(", 200), ("/search?q=*", 200), ("/xx/world", 404),
            ("/topic/none", 404), ("/author/none", 404), ("/media/abc-360.jpg", 404), ("/preferences/abc", 410),
            ("/robots.txt", 200), ("/trust.txt", 200), ("/healthz", 200), ("/readyz", 200), ("/archive", 200),
        ] {
            let page = paper.get(path).await;
            assert!(!page.status.is_server_error(), "{path}: {}", page.status);
            if status != 410 {
                assert_eq!(page.status.as_u16(), status, "{path}");
            }
        }
    }

    async fn a_page_that_has_not_changed_is_not_sent_again(paper) {
        paper.publish("The harbour opens again").await;
        let first = paper.get("/world/the-harbour-opens-again").await;
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty());
        let again = http::Request::get("/world/the-harbour-opens-again").header("if-none-match", &tag);
        let again = paper.ask(again.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert!(first.header("set-cookie").is_empty(), "public pages set no cookie");
    }
}
