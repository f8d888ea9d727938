//! What stands beside a link when somebody passes it on.

use crate::paper::{Page, Paper, draft};
use desk::LookForm;
use http::StatusCode;
use newsroom::article::LeadPicture;
use newsroom::staff::{Role, Staff};

const ADDRESS: &str = "/world/the-harbour-opens-again";
const MESSENGER_BYTES_MAX: usize = 300_000;

/// The path of the picture that a page names for messengers.
fn picture_of(page: &Page) -> Option<String> {
    let at = page.body.split_once("<meta property=\"og:image\" content=\"https://paper.example")?.1;
    Some(at.split('"').next()?.to_owned())
}

async fn drawn(paper: &Paper, address: &str) -> String {
    paper.round().await;
    picture_of(&paper.get(address).await).unwrap_or_else(|| panic!("{address} names no picture"))
}

crate::on_both! {
    async fn a_headline_without_a_picture_is_drawn_for_messengers(paper) {
        paper.publish("The harbour opens again").await;
        let card = picture_of(&paper.get(ADDRESS).await).unwrap();
        assert!(card.starts_with("/world/card.png?"), "it is drawn by the next round, until then there is {card}");
        let path = drawn(&paper, ADDRESS).await;
        let page = paper.get(ADDRESS).await;
        page.says("<meta name=\"twitter:card\" content=\"summary_large_image\">");
        page.says("<meta property=\"og:image:width\" content=\"1200\"><meta property=\"og:image:height\" content=\"630\">");
        page.says("<meta property=\"og:image:alt\" content=\"The harbour opens again – The Morning\">");
        page.says(&format!("\"image\":[\"https://paper.example{path}\"]"));
        let png = paper.file(&path).await;
        // PNG (W3C), 11.2.2 IHDR: width and height are the first eight bytes after the name of the chunk.
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!([&png[16..20], &png[20..24]], [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()]);
        assert!(png.len() < MESSENGER_BYTES_MAX, "{}", png.len());
        let answer = paper.get(&path).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/png"));
    }

    async fn a_drawn_headline_is_nowhere_once_the_article_is_withdrawn_or_under_embargo(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.publish("The harbour opens again").await);
        let path = drawn(&paper, ADDRESS).await;
        let until = newsroom::time::Timestamp::parse("2025-08-23T06:00:00+03:00").unwrap();
        let words = desk::Draft { embargo_until: Some(until), ..draft("en", "world", "The harbour opens again") };
        paper.desk.save(&ben, id, 1, words.clone()).await.unwrap();
        assert_eq!(paper.get(&path).await.status, StatusCode::NOT_FOUND);
        paper.at("2025-08-23T06:00:00+03:00").round().await;
        assert_eq!(paper.get(&path).await.status, StatusCode::OK);
        paper.desk.withdraw(&ben, id, "The report was forged.").await.unwrap();
        paper.round().await;
        assert_eq!(paper.get(&path).await.status, StatusCode::NOT_FOUND);
        for guess in ["-720.png", "-1200.jpg", ".png"] {
            assert_eq!(paper.get(&path.replace("-1200.png", guess)).await.status, StatusCode::NOT_FOUND, "{guess}");
        }
    }

    async fn a_new_headline_and_a_new_colour_are_drawn_anew(paper) {
        let (ben, id) = (paper.staff("Ben").await, paper.publish("The harbour opens again").await);
        let first = drawn(&paper, ADDRESS).await;
        let mut words = draft("en", "world", "The harbour opens again");
        words.copy.headline = "The harbour closes again".into();
        paper.desk.save(&ben, id, 1, words).await.unwrap();
        paper.desk.publish(&ben, id, "It closed at noon").await.unwrap();
        let second = drawn(&paper, ADDRESS).await;
        let owner = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Owner).await.unwrap();
        let owner = Staff { id: owner, name: "Ada".into(), role: Role::Owner };
        let look = LookForm { accent: "#8a1c1c".into(), ..LookForm::of(&paper.desk.paper().publication) };
        paper.desk.set_look(&owner, look).await.unwrap();
        while paper.round().await.chores > 0 {}
        let third = drawn(&paper, ADDRESS).await;
        assert!(first != second && second != third, "{first} {second} {third}");
        assert_eq!(paper.get(&first).await.status, StatusCode::NOT_FOUND, "what it said before is shown to nobody");
    }

    async fn pages_that_are_no_article_are_passed_on_with_the_publications_card(paper) {
        paper.publish("The harbour opens again").await;
        let mut seen = std::collections::BTreeSet::new();
        let pages = [("/", "/card.png?", "The Morning"), ("/world", "/world/card.png?", "World – The Morning"),
            ("/author/rose-jean", "/author/rose-jean/card.png?", "Rose Jean – The Morning"),
            ("/fr/world", "/fr/world/card.png?", "Monde – The Morning"), ("/archive", "/card.png?", "The Morning")];
        for (address, path, alt) in pages {
            let page = paper.get(address).await;
            page.says(&format!("<meta property=\"og:image:alt\" content=\"{alt}\">"));
            page.says("<meta name=\"twitter:card\" content=\"summary_large_image\"><meta property=\"og:image:width\" content=\"1200\">");
            let named = picture_of(&page).unwrap();
            assert!(named.starts_with(path), "{named}");
            let png = paper.file(&named).await;
            assert_eq!((&png[..8], &png[16..20]), (b"\x89PNG\r\n\x1a\n".as_slice(), 1200_u32.to_be_bytes().as_slice()));
            assert!(png.len() < MESSENGER_BYTES_MAX, "{address}: {}", png.len());
            assert_eq!(paper.get(&named).await.header("content-type"), "image/png");
            seen.insert(png);
        }
        assert_eq!(seen.len(), 4, "each says which page it stands beside");
        for nothing in ["/nowhere/card.png", "/author/nobody/card.png", "/topic/none/card.png", "/corrections/card.png"] {
            assert_eq!(paper.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
        }
        let owner = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Owner).await.unwrap();
        let owner = Staff { id: owner, name: "Ada".into(), role: Role::Owner };
        let before = picture_of(&paper.get("/world").await).unwrap();
        let look = LookForm { accent: "#8a1c1c".into(), ..LookForm::of(&paper.desk.paper().publication) };
        paper.desk.set_look(&owner, look).await.unwrap();
        let after = picture_of(&paper.get("/world").await).unwrap();
        assert_ne!(before, after, "messengers would keep the old colour");
        assert!(!seen.contains(&paper.file(&after).await));
    }

    async fn a_headline_in_letters_we_have_not_got_is_passed_on_with_its_sections_card(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let words = desk::Draft { slug: newsroom::slug::Slug::parse("haiti"), ..draft("en", "world", "海地使命由谁领导") };
        let id = paper.desk.start(&rose, words.clone()).await.unwrap();
        paper.desk.publish(&ben, id, "").await.unwrap();
        let page = "/world/haiti";
        assert!(drawn(&paper, page).await.starts_with("/world/card.png?"));
        paper.get(page).await.hides("\"image\":[");
        let mut latin = words;
        latin.copy.short_social = "Who leads the mission?".into();
        paper.desk.save(&ben, id, 1, latin).await.unwrap();
        paper.desk.publish(&ben, id, "A headline for other papers").await.unwrap();
        assert!(drawn(&paper, page).await.starts_with("/media/"), "this one can be drawn");
    }

    async fn an_article_with_a_picture_of_its_own_is_passed_on_with_that(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../press/themes/default/asset/apple-touch-icon.png");
        let picture = paper.desk.add_picture(None, "mast.png", std::fs::read(file).unwrap()).await.unwrap();
        let mut words = draft("en", "world", "The harbour opens again");
        let alt = "A lighthouse".to_owned();
        words.copy.lead = Some(LeadPicture { picture: Some(picture), alt, ..LeadPicture::default() });
        let id = paper.desk.start(&rose, words.clone()).await.unwrap();
        paper.desk.publish(&ben, id, "").await.unwrap();
        let path = drawn(&paper, ADDRESS).await;
        assert!(path.ends_with(".jpg"), "{path}");
        paper.get(ADDRESS).await.says("og:image:alt\" content=\"A lighthouse\"").says("og:image:width");
        words.copy.lead = None;
        paper.desk.save(&ben, id, 1, words).await.unwrap();
        paper.desk.publish(&ben, id, "The picture showed another harbour").await.unwrap();
        assert!(drawn(&paper, ADDRESS).await.ends_with(".png"));
    }
}
