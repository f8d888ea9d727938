//! Finding an article again: by its words, by its date, by an old address, in another language.

use http::{Request, StatusCode, header};
use newsroom::slug::Slug;
use newsroom::time::Timestamp;

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

crate::on_both! {
    async fn what_was_looked_for_is_marked_where_it_stands(paper) {
        paper.publish("The harbour opens again").await;
        paper.get("/search?q=HARBOURS+nobody").await
            .says("The <mark>harbour</mark> opens again")
            .says("<mark>Nobody</mark> told us")
            .says("1\u{a0}result");
        paper.get("/search?q=%22opens+harbour%22").await.hides("the-harbour-opens-again");
        paper.get("/search?q=%22harbour+opens%22").await.says("the-harbour-opens-again");
    }

    async fn a_search_that_finds_nothing_says_what_may_be_asked_instead(paper) {
        paper.publish("The harbour opens again").await;
        paper.publish_in("fr", "world", "Le port rouvre").await;
        let slip = paper.get("/search?q=harbuor").await;
        assert_eq!(slip.status, StatusCode::OK);
        slip.says("Nothing fits “harbuor”").says("<a href=\"/search?q=harbour\">harbour</a>");
        paper.get("/search?q=rouvre").await.says("/search?q=rouvre&amp;language=fr");
        paper.get("/search?q=harbour&section=economy").await.says("<a href=\"/search?q=harbour\">Without these limits");
        paper.get("/search?q=harbour+zeppelins").await.says("/search?q=harbour\">Without “zeppelins”");
    }

    async fn a_search_keeps_to_the_author_and_the_order_that_were_asked_for(paper) {
        paper.publish("The harbour opens again").await;
        paper.at("2025-08-22T12:30:00Z").publish("The market waits for the harbour").await;
        paper.get("/search?q=harbour&author=Rose+Jean").await.says("the-harbour-opens-again").says("value=\"Rose Jean\"");
        paper.get("/search?q=harbour&author=nobody").await.hides("the-harbour-opens-again");
        let order = |page: &str| {
            let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not on {page}"));
            at("href=\"/world/the-harbour-opens-again\"") < at("href=\"/world/the-market-waits")
        };
        assert!(!order(&paper.get("/search?q=harbour&order=newest").await.body));
    }

    async fn a_moved_article_is_found_from_every_address_it_ever_had(paper) {
        let ben = paper.staff("Ben").await;
        let id = paper.publish("The harbour opens again").await;
        paper.at("2025-08-22T15:00:00+03:00");
        paper.desk.readdress(&ben, id, slug("economy"), slug("the-harbour-opens-again")).await.unwrap();
        paper.desk.readdress(&ben, id, slug("economy"), slug("the-harbour")).await.unwrap();
        for (old, new) in [
            ("/world/the-harbour-opens-again", "/economy/the-harbour"),
            ("/economy/the-harbour-opens-again", "/economy/the-harbour"),
            ("/world/the-harbour-opens-again.txt", "/economy/the-harbour.txt"),
        ] {
            let answer = paper.get(old).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::MOVED_PERMANENTLY, new), "{old}");
        }
        assert_eq!(paper.get("/economy/the-harbour").await.status, StatusCode::OK);
        paper.get("/sitemap.xml").await.says("<lastmod>2025-08-22T12:00:00Z</lastmod>");
        paper.get("/sitemap-1.xml").await.says("https://paper.example/economy/the-harbour<");
        paper.get("/search?q=harbour&section=economy").await.says("/economy/the-harbour");
        paper.get("/search?q=harbour&section=world").await.hides("/economy/the-harbour\"");
        let rose = paper.staff("Rose").await;
        assert!(paper.desk.readdress(&rose, id, slug("world"), slug("mine")).await.is_err());
        assert!(paper.desk.readdress(&ben, id, slug("nowhere"), slug("mine")).await.is_err());
        paper.desk.withdraw(&ben, id, "It was not true.").await.unwrap();
        for old in ["/world/the-harbour-opens-again", "/economy/the-harbour-opens-again", "/economy/the-harbour"] {
            let answer = paper.get(old).await;
            assert_eq!(answer.status, StatusCode::GONE, "{old}");
            answer.says("It was not true.");
        }
    }

    async fn a_missing_page_offers_what_stands_near_and_nothing_unpublished(paper) {
        paper.publish("The harbour opens again").await;
        paper.publish_in("fr", "economy", "Le port rouvre").await;
        paper.draft("A secret budget").await;
        for (path, offered) in [
            ("/economy/the-harbour-opens-again", "/world/the-harbour-opens-again"),
            ("/world/harbuor-opens-again.html", "/world/the-harbour-opens-again"),
            ("/world/le-port-rouvre", "/fr/economy/le-port-rouvre"),
            ("/economi", "href=\"/economy\""),
            ("/archiv/2025", "href=\"/archive\""),
            ("/nothing/like/this/at/all", "/world/the-harbour-opens-again"),
        ] {
            let page = paper.get(path).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
            page.says(offered).says("name=\"q\"");
        }
        paper.get("/world/a-secret-budgets").await.hides("A secret budget");
    }

    async fn the_archive_leads_from_the_year_to_the_day_and_past_what_is_empty(paper) {
        paper.at("2023-02-03T09:00:00Z").publish("An old storm").await;
        paper.at("2025-08-22T09:00:00Z").publish("The harbour opens again").await;
        paper.get("/archive").await.says("href=\"/archive/2025/08/22\"").says("href=\"/archive/2023\"").hides("/archive/2024");
        paper.get("/archive/2023").await.says("href=\"/archive/2023/02\"").hides("/archive/2023/03").says("href=\"/archive/2025\"");
        paper.get("/archive/2023/02").await.says("href=\"/archive/2023/02/03\"").says("href=\"/archive/2025/08\"").says("1\u{a0}article");
        paper.get("/archive/2023/02/03").await.says("An old storm").says("href=\"/archive/2025/08/22\"").says("href=\"/archive/2023/02\"");
        let empty = paper.get("/archive/2024").await;
        assert_eq!(empty.status, StatusCode::OK);
        empty.says("noindex");
        assert_eq!(paper.get("/archive/2026").await.status, StatusCode::NOT_FOUND);
    }

    async fn a_day_of_many_articles_goes_on_on_further_pages(paper) {
        for number in 1..=45 {
            paper.publish(&format!("Dispatch number {number}")).await;
        }
        let first = paper.get("/archive/2025/08/22").await;
        first.says("dispatch-number-45\"").hides("dispatch-number-1\"");
        let next = first.body.split("href=\"").find_map(|part| part.strip_prefix("/archive/2025/08/22?before="));
        let next = next.and_then(|part| part.split('"').next()).expect("the day goes on");
        let rest = paper.get(&format!("/archive/2025/08/22?before={next}")).await;
        rest.says("dispatch-number-1\"").hides("dispatch-number-45\"");
    }

    async fn feeds_and_answers_lead_page_by_page_to_every_article_once(paper) {
        for number in 1..=45 {
            paper.publish(&format!("Dispatch number {number}")).await;
        }
        let mut urls = Vec::new();
        let mut next = Some("/world/feed.json".to_owned());
        while let Some(path) = next.take() {
            let page: serde_json::Value = serde_json::from_str(&paper.get(&path).await.body).unwrap();
            assert_eq!(page["feed_url"], format!("https://paper.example{path}"));
            urls.extend(page["items"].as_array().unwrap().iter().map(|item| item["url"].to_string()));
            next = page["next_url"].as_str().map(|url| url.trim_start_matches("https://paper.example").to_owned());
        }
        let mut next = Some("/search?q=dispatch".to_owned());
        let mut hits = Vec::new();
        while let Some(path) = next.take() {
            let page = paper.get(&path).await.body.replace("&amp;", "&");
            hits.extend(page.split("href=\"/world/dispatch-number-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
            next = page.split("href=\"").find(|part| part.starts_with("/search?q=dispatch&after=") && part.contains(">Next page"))
                .map(|part| part.split('"').next().unwrap().to_owned());
        }
        for list in [&mut urls, &mut hits] {
            assert_eq!(list.len(), 45);
            list.sort();
            list.dedup();
            assert_eq!(list.len(), 45);
        }
    }

    async fn the_language_switch_stays_on_the_page(paper) {
        paper.publish("The harbour opens again").await;
        paper.get("/world").await.says("<a href=\"https://paper.example/fr/world\" lang=\"fr\" hreflang=\"fr\">");
        paper.get("/fr/world").await.says("<a href=\"https://paper.example/world\" lang=\"en\" hreflang=\"en\">");
        paper.get("/world/the-harbour-opens-again").await.says("<a href=\"/fr/\" lang=\"fr\" hreflang=\"fr\">");
    }

    async fn a_readers_language_is_offered_and_never_forced(paper) {
        paper.publish("The harbour opens again").await;
        let asked = Request::get("/").header(header::ACCEPT_LANGUAGE, "fr").body(axum::body::Body::empty()).unwrap();
        let page = paper.ask(asked).await;
        assert_eq!(page.status, StatusCode::OK);
        page.says("<html lang=\"en\"").says("hreflang=\"x-default\"").says("hreflang=\"fr\"");
        assert!(!page.header("vary").to_lowercase().contains("accept-language"), "{}", page.header("vary"));
    }

    async fn what_was_published_before_the_index_was_made_is_found_again(paper) {
        paper.publish("The harbour opens again").await;
        let desk = paper.desk.clone();
        let chore = newsroom::id::ChoreId(77);
        let emptied = desk.store().change(move |change| {
            for id in change.live_after(newsroom::id::ArticleId(0), 100)? {
                change.unindex_article(id)?;
            }
            change.raise_content_version()?;
            change.add_chore(chore, "index-again", "", Timestamp(0))
        });
        emptied.await.unwrap();
        paper.get("/search?q=harbour").await.hides("the-harbour-opens-again");
        paper.round().await;
        paper.round().await;
        paper.get("/search?q=harbour&order=newest").await.says("the-harbour-opens-again");
    }
}
