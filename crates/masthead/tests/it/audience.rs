//! Segments, letters to readers, breaking news, notes to editors, and what the newsroom does for one subscriber.

use crate::paper::{Page, Paper};
use http::StatusCode;
use newsroom::id::SubscriberId;
use newsroom::staff::Role;
use newsroom::subscriber::Address;

const ROSE: &str = "rose@example.ht";
const NORA: &str = "nora@example.ht";

/// Rose reads Kreyòl in Port-au-Prince and chose breaking news; Nora reads English in Nairobi and did not.
async fn two_readers(paper: &Paper) {
    let rose = [
        ("newsletter", "daily-updates"),
        ("newsletter", "breaking"),
        ("language", "ht"),
        ("language", "en"),
        ("zone", "America/Port-au-Prince"),
    ];
    paper.subscribe(ROSE, &rose).await;
    paper.subscribe(NORA, &[("language", "en")]).await;
}

async fn id_of(paper: &Paper, address: &str) -> SubscriberId {
    let address = Address::parse(address).unwrap();
    paper.desk.store().read(move |view| view.subscriber_at(&address)).await.unwrap().unwrap().id
}

/// Where a form led.
fn led(page: &Page) -> String {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    page.header("location").to_owned()
}

async fn ledger(paper: &Paper) -> Vec<(String, String)> {
    let lines = paper.desk.store().read(|view| view.ledger(None, 100)).await.unwrap();
    lines.into_iter().map(|line| (line.verb, line.detail)).collect()
}

crate::on_both! {
    async fn a_segment_is_counted_before_it_is_kept_and_holds_rules_not_people(paper) {
        two_readers(&paper).await;
        let ann = paper.signed_in("Ann").await;
        ann.get("/newsroom/segments").await.says("<h1>2 readers</h1>").says(ROSE).says(NORA);
        ann.get("/newsroom/segments?language=ht").await.says("<h1>1 reader</h1>").says(ROSE).hides(NORA);
        ann.get("/newsroom/segments?newsletter=breaking&zone=Africa%2FNairobi").await.says("<h1>0 readers</h1>").says("Nobody is in it");
        led(&ann.post("/newsroom/segments", &[("rules", "language=ht"), ("name", "Kreyòl")]).await);
        ann.post("/newsroom/segments", &[("rules", "language=en"), ("name", "KREYÒL")]).await.says("already a segment");
        paper.subscribe("third@example.ht", &[("language", "ht")]).await;
        let page = ann.get("/newsroom/segments").await;
        page.says("<b>Kreyòl</b></a> <span class=\"un\">2</span>");
        let id = page.body.split("/newsroom/letters/new?segment=").nth(1).unwrap().split('"').next().unwrap();
        let list = ann.post(&format!("/newsroom/segments/{id}/export"), &[]).await;
        assert!(list.header("content-disposition").contains("attachment"));
        assert_eq!((list.body.lines().count(), list.body.contains(NORA)), (3, false), "{}", list.body);
        assert!(ledger(&paper).await.iter().any(|(verb, _)| verb == "exported subscribers"));
        led(&ann.post(&format!("/newsroom/segments/{id}/deletion"), &[]).await);
        ann.get("/newsroom/segments").await.says("None kept");
    }

    async fn only_those_who_look_after_subscribers_see_them(paper) {
        two_readers(&paper).await;
        let id = id_of(&paper, ROSE).await;
        for name in ["Ben", "Rose"] {
            let room = paper.signed_in(name).await;
            for path in ["/newsroom/segments".to_owned(), "/newsroom/letters/new".into(), "/newsroom/subscribers".into(), format!("/newsroom/subscribers/{id}")] {
                let page = room.get(&path).await;
                page.hides(ROSE);
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{name} {path}");
            }
            let act = room.post(&format!("/newsroom/subscribers/{id}/acts"), &[("do", "export"), ("reason", "x")]).await;
            act.hides(ROSE);
            assert_eq!(act.status, StatusCode::FORBIDDEN);
        }
        let stranger = paper.get("/newsroom/segments").await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    }

    async fn a_letter_to_a_segment_is_looked_at_first_and_leaves_once(paper) {
        two_readers(&paper).await;
        let ann = paper.signed_in("Ann").await;
        led(&ann.post("/newsroom/segments", &[("rules", "language=ht"), ("name", "Kreyòl")]).await);
        let page = ann.get("/newsroom/segments").await;
        let segment = page.body.split("segment=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let form = [("newsletter", "daily-updates"), ("language", "en"), ("segment", segment.as_str()),
            ("title", "No letter on Monday"), ("preheader", "We move house."), ("body", "We move to [the new house](/about).\n\n- one\n- two\n")];
        ann.post("/newsroom/letters", &form[..4]).await.says("Write some text first");
        let there = led(&ann.post("/newsroom/letters", &form).await);
        ann.get(&there).await.says("1 reader").says("Send it to 1 reader now");
        let shown = ann.get(&format!("{there}/letter")).await;
        shown.says("No letter on").says("href=\"https://paper.example/about\"");
        assert!(shown.header("content-security-policy").contains("sandbox"));
        paper.round().await;
        let before = paper.mails();
        for _ in 0..2 {
            led(&ann.post(&format!("{there}/sending"), &[]).await);
        }
        paper.round().await;
        paper.round().await;
        assert_eq!(paper.mails(), before + 1, "one letter, although the button was pressed twice");
        let mail = paper.mail_to(ROSE).pop().unwrap();
        assert_eq!(mail.letter.subject, "No letter on Monday");
        assert!(mail.text().contains("Ann Mugo") && mail.text().contains("/unsubscribe/"), "{}", mail.text());
        assert!(mail.header("List-Unsubscribe-Post").contains("One-Click") && !mail.header("List-Id").is_empty());
        ann.get(&there).await.says("Let go").hides("Send it to");
        let second = led(&ann.post("/newsroom/letters", &form).await);
        ann.post(&format!("{second}/sending"), &[]).await.says("One a day is the most");
    }

    async fn breaking_news_goes_to_those_who_chose_it_after_a_second_button(paper) {
        two_readers(&paper).await;
        let id = paper.publish("The north mole is closed").await;
        let ben = paper.signed_in("Ben").await;
        ben.get(&format!("/newsroom/articles/{id}/breaking")).await.says("The north mole is closed");
        let form = [("headline", "The north mole is closed"), ("sentences", "A wave took the light. Boats stay out."),
            ("known", "Nobody was hurt, the harbour master says.\n\nThe pilot marks the entrance."), ("reported", "Two boats may be outside."), ("unknown", "When it opens.")];
        paper.round().await;
        let before = paper.mails();
        let second = led(&ben.post(&format!("/newsroom/articles/{id}/breaking"), &form).await);
        paper.round().await;
        assert_eq!(paper.mails(), before, "the first button sent something");
        for _ in 0..2 {
            ben.get(&second).await.says("Send it to 1 reader now").says("At once");
        }
        led(&ben.post(&format!("{second}/sending"), &[]).await);
        led(&ben.post(&format!("{second}/sending"), &[]).await);
        paper.round().await;
        paper.round().await;
        assert_eq!(paper.mails(), before + 1);
        let mail = paper.mail_to(ROSE).pop().unwrap();
        assert_eq!(mail.letter.subject, "Breaking: The north mole is closed");
        for part in ["Reportedly: Two boats may be outside.", "When it opens.", "https://paper.example/world/the-north-mole-is-closed", "/preferences/"] {
            assert!(mail.text().contains(part), "{part}\n{}", mail.text());
        }
        assert!(mail.html().contains("2px dashed") && mail.html().contains("2px dotted"));
        ben.get(&second).await.says("Let go").hides("Send it to");
        ben.post(&format!("/newsroom/articles/{id}/breaking"), &form).await.says("Breaking news went out today");
    }

    async fn breaking_news_is_not_sent_late_early_by_writers_or_to_those_who_left(paper) {
        two_readers(&paper).await;
        let id = paper.publish("The north mole is closed").await;
        let (ben, rose) = (paper.signed_in("Ben").await, paper.signed_in("Rose").await);
        let form = [("headline", "The mole is closed"), ("sentences", "A wave took the light.")];
        let there = format!("/newsroom/articles/{id}/breaking");
        assert_eq!(rose.get(&there).await.status, StatusCode::FORBIDDEN);
        assert_eq!(rose.post(&there, &form).await.status, StatusCode::FORBIDDEN);
        let draft = paper.draft("Not for readers yet").await;
        ben.post(&format!("/newsroom/articles/{draft}/breaking"), &form).await.says("Readers cannot see this article");
        let late = led(&ben.post(&there, &form).await);
        paper.at("2025-08-22T12:10:01+03:00");
        ben.post(&format!("{late}/sending"), &[]).await.says("minutes have passed");
        let second = led(&ben.post(&there, &form).await);
        let before = paper.mail_to(ROSE).len();
        led(&ben.post(&format!("{second}/sending"), &[]).await);
        paper.desk.leave(&paper.desk.preferences_token(id_of(&paper, ROSE).await)).await.unwrap();
        paper.round().await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before, "who left a second ago gets nothing");
    }

    async fn where_the_house_wants_two_the_writer_of_breaking_news_cannot_send_it(paper) {
        two_readers(&paper).await;
        let id = paper.publish("The north mole is closed").await;
        paper.desk.invite(None, "Ada", "ada@paper.example", Role::Administrator).await.unwrap();
        let (ada, ben) = (paper.signed_in("Ada").await, paper.signed_in("Ben").await);
        let rules = [("breaking", "two"), ("unapproved", "hold"), ("minutes", "45"), ("least", "2"), ("most", "12")];
        assert_eq!(ben.post("/newsroom/settings/house", &rules).await.status, StatusCode::FORBIDDEN, "an editor decides alone");
        for (odd, sentence) in [("45 or so", "whole numbers"), ("241", "240 minutes"), ("-1", "240 minutes")] {
            let typed = rules.map(|(name, value)| (name, if name == "minutes" { odd } else { value }));
            let page = ada.post("/newsroom/settings/house", &typed).await;
            page.says(sentence).says(&format!("value=\"{odd}\""));
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        ada.get("/newsroom/settings").await.says("sent by who wrote it").says("href=\"/newsroom/settings/house\"");
        led(&ada.post("/newsroom/settings/house", &rules).await);
        ada.get("/newsroom/settings").await.says("sent by a second editor").says("45 minutes before");
        ada.get("/newsroom/ledger").await.says("breaking news is sent by a second editor");
        let form = [("headline", "The mole is closed"), ("sentences", "A wave took the light.")];
        let second = led(&ben.post(&format!("/newsroom/articles/{id}/breaking"), &form).await);
        ben.get(&second).await.says("another editor presses this button").hides("Send it to 1 reader");
        let before = paper.mail_to(ROSE).len();
        let no = ben.post(&format!("{second}/sending"), &[]).await;
        assert_eq!(no.status, StatusCode::UNPROCESSABLE_ENTITY);
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before, "the writer sent it alone");
        led(&ada.post(&format!("{second}/sending"), &[]).await);
        paper.round().await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before + 1);
    }

    async fn editors_are_told_that_an_article_waits_unless_they_want_no_notes(paper) {
        let id = paper.draft("The harbour opens").await;
        let rose = paper.staff("Rose").await;
        paper.desk.submit(&rose, id).await.unwrap();
        paper.round().await;
        let note = paper.mail_to("ben@paper.example").pop().unwrap();
        assert_eq!(note.letter.subject, "For your review: The harbour opens");
        assert!(note.text().contains(&format!("https://paper.example/newsroom/articles/{id}")));
        assert!(note.header("List-Unsubscribe").is_empty());
        assert!(paper.mail_to("rose@paper.example").is_empty() && paper.mail_to("ann@paper.example").is_empty());
        let ben = paper.signed_in("Ben").await;
        ben.get("/newsroom/settings").await.says("tells you");
        led(&ben.post("/newsroom/settings/notes", &[("notes", "off")]).await);
        ben.get("/newsroom/settings").await.says("does not tell you");
        let other = paper.draft("The market burns").await;
        paper.desk.submit(&rose, other).await.unwrap();
        paper.round().await;
        assert_eq!(paper.mail_to("ben@paper.example").len(), 1);
    }

    async fn what_the_newsroom_does_for_a_subscriber_needs_a_reason_and_stands_in_the_ledger(paper) {
        two_readers(&paper).await;
        let (rose, nora) = (id_of(&paper, ROSE).await, id_of(&paper, NORA).await);
        let ann = paper.signed_in("Ann").await;
        let acts = format!("/newsroom/subscribers/{rose}/acts");
        ann.get(&format!("/newsroom/subscribers/{rose}")).await.says(ROSE).says("Confirmed by pressing the button").says("A welcome").says("Breaking news");
        ann.post(&acts, &[("do", "pause"), ("reason", " ")]).await.says("Say why");
        led(&ann.post(&acts, &[("do", "tags"), ("tags", "Kisumu, early readers")]).await);
        ann.get("/newsroom/segments?tag=kisumu").await.says(ROSE).hides(NORA);
        let copy = ann.post(&acts, &[("do", "export"), ("reason", "asked by telephone")]).await;
        assert!(copy.body.contains("\"kisumu\"") && copy.body.contains(ROSE));
        led(&ann.post(&acts, &[("do", "leave"), ("reason", "asked by letter")]).await);
        ann.get(&format!("/newsroom/subscribers/{rose}")).await.says("Left");
        led(&ann.post(&format!("/newsroom/subscribers/{nora}/acts"), &[("do", "erase"), ("reason", "asked by letter")]).await);
        assert_eq!(ann.get(&format!("/newsroom/subscribers/{nora}")).await.status, StatusCode::NOT_FOUND);
        let ledger = ledger(&paper).await;
        for (verb, detail) in [("exported", "asked by telephone"), ("left", "by the newsroom: asked by letter"), ("erased", "asked by letter")] {
            assert!(ledger.iter().any(|(v, d)| v == verb && d == detail), "{verb}: {ledger:#?}");
        }
        assert!(ledger.iter().all(|(_, detail)| !detail.contains('@')), "an address in the ledger");
    }
}
