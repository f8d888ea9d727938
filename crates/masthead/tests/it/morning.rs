//! The daily edition, from the clock to the inbox.

use crate::paper::{Mood, Paper};
use desk::Error;
use newsroom::delivery::{Books, Occasion};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::time::Day;

const ROSE: &str = "rose@example.ht";
const SAMIR: &str = "samir@example.lb";

pub(crate) async fn books(paper: &Paper, day: &str) -> Books {
    let occasion = Occasion::Edition(Slug::parse("daily-updates").unwrap(), Day::parse(day).unwrap());
    paper.desk.store().read(move |view| view.books(&occasion)).await.unwrap()
}

pub(crate) async fn three_articles(paper: &Paper) {
    paper.publish("The harbour opens again").await;
    paper.publish("Eleven silent days").await;
    paper.publish_in("en", "economy", "The price of maize").await;
}

crate::on_both! {
    async fn an_edition_comes_at_the_readers_own_hour_and_once(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "America/Port-au-Prince"), ("hour", "7")]).await;
        paper.subscribe(SAMIR, &[("zone", "Asia/Beirut"), ("hour", "6")]).await;
        let (rose, samir) = (paper.mail_to(ROSE).len(), paper.mail_to(SAMIR).len());
        paper.morning("2025-08-23", "2025-08-23T06:00:00+03:00").await; // Beirut
        assert_eq!((paper.mail_to(ROSE).len(), paper.mail_to(SAMIR).len()), (rose, samir + 1));
        paper.at("2025-08-23T06:59:00-04:00").round().await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), rose, "a minute early");
        paper.at("2025-08-23T07:00:00-04:00").round().await;
        for _ in 0..3 {
            paper.round().await;
        }
        assert_eq!((paper.mail_to(ROSE).len(), paper.mail_to(SAMIR).len()), (rose + 1, samir + 1));
        let edition = paper.mail_to(ROSE).pop().unwrap();
        for words in ["The harbour opens again", "Eleven silent days", "The price of maize"] {
            assert!(edition.text().contains(words) && edition.html().contains(words), "{words}");
        }
        assert_eq!(edition.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert!(edition.header("DKIM-Signature").contains("d=paper.example"));
        let books = books(&paper, "2025-08-23").await;
        assert_eq!((books.sent, books.total), (2, 2));
    }

    async fn nobody_approved_and_nothing_leaves(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        paper.at("2025-08-23T07:05:00+03:00").round().await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before);
        let no = paper.desk.send_edition(None, "daily-updates", Day::parse("2025-08-23").unwrap()).await.unwrap_err();
        assert!(matches!(no, Error::Refused(Refusal::EditionNotReady { .. })), "{no}");
        paper.morning("2025-08-23", "2025-08-23T08:00:00+03:00").await;
        assert_eq!(paper.mail_to(ROSE).len(), before + 1, "approved late, it still comes");
    }

    async fn a_reader_never_gets_the_same_work_twice(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        paper.publish("A bridge on foot").await;
        paper.publish("The rate is left alone").await;
        paper.morning("2025-08-24", "2025-08-24T07:00:00+03:00").await;
        let second = paper.mail_to(ROSE).pop().unwrap();
        assert!(second.text().contains("A bridge on foot") && !second.text().contains("The harbour opens again"));
    }

    async fn too_little_that_is_new_is_no_mail_and_is_counted(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("section", "economy"), ("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        assert_eq!(paper.mail_to(ROSE).len(), before);
        let lines = paper.desk.editions(10).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.nothing_new).max(), Some(1));
    }

    async fn a_letter_that_cannot_be_printed_holds_up_no_other(paper) {
        three_articles(&paper).await;
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        for number in 0..12 {
            let mut heavy = crate::paper::draft("en", "economy", &format!("The accounts, part {number}"));
            heavy.copy.standfirst = "&".repeat(1_000);
            let heavy = paper.desk.start(&rose, heavy).await.unwrap();
            paper.desk.publish(&ben, heavy, "").await.unwrap();
        }
        paper.subscribe(ROSE, &[("section", "economy"), ("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        paper.subscribe(SAMIR, &[("section", "world"), ("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let (of_rose, of_samir) = (paper.mail_to(ROSE).len(), paper.mail_to(SAMIR).len());
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        paper.at("2025-08-23T07:30:00+03:00").round().await;
        assert_eq!((paper.mail_to(ROSE).len(), paper.mail_to(SAMIR).len()), (of_rose, of_samir + 1));
        let books = books(&paper, "2025-08-23").await;
        assert_eq!((books.waiting, books.sent, books.total), (1, 1, 2), "it waits and is not lost");
    }

    async fn a_morning_without_any_article_is_counted_for_everybody(paper) {
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        paper.subscribe(SAMIR, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let lines = paper.desk.editions(10).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.nothing_new).max(), Some(2));
        assert_eq!(books(&paper, "2025-08-23").await.total, 0);
    }

    async fn a_reader_gets_each_piece_in_the_first_language_understood(paper) {
        let en = paper.publish("Who will lead the mission").await;
        let ben = paper.staff("Ben").await;
        let rose = paper.staff("Rose").await;
        let work = paper.desk.store().read(move |view| view.article(en)).await.unwrap().unwrap().work;
        let mut french = crate::paper::draft("fr", "world", "Qui conduira la mission");
        french.work = Some(work);
        let french = paper.desk.start(&rose, french).await.unwrap();
        paper.desk.publish(&ben, french, "").await.unwrap();
        paper.publish("Eleven silent days").await;
        paper.subscribe(ROSE, &[("language", "fr"), ("language", "en"), ("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let edition = paper.mail_to(ROSE).pop().unwrap();
        assert!(edition.text().contains("Qui conduira la mission") && !edition.text().contains("Who will lead"));
        assert!(edition.text().contains("Eleven silent days"), "what is not translated comes in the next language");
        assert_eq!(edition.header("Content-Language"), "fr");
    }

    async fn who_left_a_second_ago_gets_nothing(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE);
        let token = before.last().unwrap().path_with("/preferences/").rsplit('/').next().unwrap().to_owned();
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        paper.desk.leave(&token).await.unwrap();
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-23T07:10:00+03:00").round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before.len());
        let books = books(&paper, "2025-08-23").await;
        assert_eq!((books.suppressed, books.total), (1, 1));
    }

    async fn a_relay_that_says_later_is_asked_again_with_the_same_message(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        assert_eq!(books(&paper, "2025-08-23").await.waiting, 1);
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before, "not before its time");
        paper.at("2025-08-23T07:02:00+03:00").round().await;
        let mail = paper.mail_to(ROSE).pop().unwrap();
        assert_eq!(paper.mail_to(ROSE).len(), before + 1);
        assert!(mail.letter.message_id.clone().unwrap().ends_with("@paper.example"));
        assert_eq!(books(&paper, "2025-08-23").await.sent, 1);
    }

    async fn a_refusal_is_kept_with_the_relays_words(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        *paper.mood.lock().unwrap() = Mood::SaysNo;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let books = books(&paper, "2025-08-23").await;
        assert_eq!((books.refused, books.total), (1, 1));
    }

    async fn nothing_leaves_a_held_installation(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mails();
        paper.desk.hold().await.unwrap();
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        assert_eq!(paper.mails(), before);
        paper.desk.release().await.unwrap();
        paper.at("2025-08-23T07:30:00+03:00").round().await;
        assert_eq!(paper.mails(), before + 1);
    }

    async fn a_paused_reader_rests_and_then_gets_mail_again(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let mails = paper.mail_to(ROSE);
        let token = mails.last().unwrap().path_with("/preferences/").rsplit('/').next().unwrap().to_owned();
        paper.desk.pause(&token, 30).await.unwrap();
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        assert_eq!(paper.mail_to(ROSE).len(), mails.len());
        paper.desk.resume(&token).await.unwrap();
        paper.morning("2025-08-24", "2025-08-24T07:00:00+03:00").await;
        assert_eq!(paper.mail_to(ROSE).len(), mails.len() + 1);
    }

    async fn what_is_withdrawn_after_the_freeze_is_not_in_the_mail(paper) {
        let gone = paper.publish("The forged report").await;
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let ben = paper.staff("Ben").await;
        paper.desk.withdraw(&ben, gone, "It was forged.").await.unwrap();
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-23T07:05:00+03:00").round().await;
        let mail = paper.mail_to(ROSE).pop().unwrap();
        assert!(!mail.text().contains("forged") && mail.text().contains("The harbour opens again"));
    }
}
