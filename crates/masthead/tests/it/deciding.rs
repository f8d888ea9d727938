//! What people decide about mail: doubts sent again or left, promises, relays tried, addresses written to again, and what
//! the newsroom is told before providers act.

use crate::morning::{books, three_articles};
use crate::paper::{Engine, Mood, Paper};
use crate::program::{fine, output};
use desk::Error;
use desk::doubts::Which;
use http::StatusCode;
use newsroom::delivery::Promise;
use serde_json::Value;

const ROSE: &str = "rose@example.ht";
const DAY: &str = "2025-08-23";
const SEVEN: &str = "2025-08-23T07:00:00+03:00";

/// Three readers, of whose issue nobody can know whether it arrived.
async fn three_doubts(paper: &Paper) {
    three_articles(paper).await;
    for reader in [ROSE, "samir@example.lb", "ada@example.ke"] {
        paper.subscribe(reader, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
    }
    *paper.mood.lock().unwrap() = Mood::HangsUpAfterTheDot;
    paper.morning(DAY, SEVEN).await;
    for minute in 1..10 {
        paper.at(&format!("2025-08-23T07:{minute:02}:00+03:00")).round().await;
    }
    *paper.mood.lock().unwrap() = Mood::Takes;
    assert_eq!(books(paper, DAY).await.uncertain, 3);
}

async fn ledger(paper: &Paper) -> String {
    let lines = paper.desk.store().read(|view| view.ledger(None, 500)).await.unwrap();
    lines.iter().map(|line| format!("{} {} {}\n", line.verb, line.subject, line.detail)).collect()
}

crate::on_both! {
    async fn a_doubt_is_sent_again_or_left_and_asked_about_once(paper) {
        three_doubts(&paper).await;
        let open = paper.desk.uncertain(None, 10).await.unwrap();
        let first = open[0].delivery.id;
        assert_eq!(open.len(), 3);
        assert_eq!(paper.desk.leave_uncertain(None, Which::Deliveries(vec![first])).await.unwrap(), 1);
        assert_eq!(paper.desk.uncertain(None, 10).await.unwrap().len(), 2);
        assert_eq!(paper.desk.send_again(None, Which::AllUncertain).await.unwrap(), 2);
        assert_eq!(paper.desk.send_again(None, Which::AllUncertain).await.unwrap(), 0);
        let before = paper.mails();
        // By then the relay that hung up is no longer left alone.
        paper.at("2025-08-23T07:30:00+03:00").round().await;
        let after = books(&paper, DAY).await;
        assert_eq!((after.sent, after.uncertain, after.total), (2, 1, 3));
        assert_eq!(paper.mails(), before + 2);
        let ledger = ledger(&paper).await;
        assert!(ledger.contains("left doubtful letters deliveries 1 of them (by operator)"), "{ledger}");
        assert!(ledger.contains("sent doubtful letters again deliveries 2 of them (by operator)"), "{ledger}");
    }

    async fn a_newsletter_that_promises_never_to_lose_an_issue_sends_a_doubt_again_by_itself(paper) {
        let ann = paper.signed_in("Ann").await;
        let form = [("newsletter", "daily-updates"), ("promise", "never-lose")];
        assert_eq!(ann.get("/newsroom/settings/mail").await.status, StatusCode::FORBIDDEN);
        assert_eq!(ann.post("/newsroom/settings/mail/promise", &form).await.status, StatusCode::FORBIDDEN);
        let ola = administrator(&paper).await;
        ola.post("/newsroom/settings/mail/promise", &form).await.says("Kept.").says("value=\"never-lose\" selected");
        assert_eq!(paper.desk.paper().newsletters[0].promise, Promise::NeverLose);
        assert!(ledger(&paper).await.contains("changed a promise daily-updates never-lose"));
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        *paper.mood.lock().unwrap() = Mood::HangsUpAfterTheDot;
        paper.morning(DAY, SEVEN).await;
        assert_eq!(books(&paper, DAY).await.uncertain, 0);
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-23T07:30:00+03:00").round().await;
        assert_eq!(books(&paper, DAY).await.sent, 1);
    }

    async fn a_relay_is_tried_by_those_who_may_and_says_in_words_how_far_it_came(paper) {
        let relay = paper.desk.relays()[0].name.clone();
        let ola = administrator(&paper).await;
        let form = [("relay", relay.as_str())];
        ola.get("/newsroom/settings/mail").await.says(&relay).says("a test goes to ola@paper.example").hides("last word");
        ola.post("/newsroom/settings/mail/trial", &form).await.says("It took the letter.").says("last word");
        let letter = paper.mail_to("ola@paper.example").pop().expect("the test arrived");
        assert!(letter.letter.subject.contains(&relay), "{}", letter.letter.subject);
        assert!(letter.header("DKIM-Signature").contains("d=paper.example"), "the test was not signed");
        assert_eq!(ola.post("/newsroom/settings/mail/trial", &[("relay", "other")]).await.status, StatusCode::NOT_FOUND);
        *paper.mood.lock().unwrap() = Mood::SaysNo;
        ola.post("/newsroom/settings/mail/trial", &form).await.says("does not take this letter").says("no such person here");
        *paper.mood.lock().unwrap() = Mood::HangsUpAfterTheDot;
        ola.post("/newsroom/settings/mail/trial", &form).await.says("may arrive or not");
        paper.desk.hold().await.unwrap();
        let held = ola.post("/newsroom/settings/mail/trial", &form).await;
        assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY, "a held installation sent a letter");
        let ben = paper.staff("Ben").await;
        assert!(matches!(paper.desk.try_relay(&ben, &relay).await, Err(Error::Refused(_))));
        let ledger = ledger(&paper).await;
        assert!(ledger.contains(&format!("tried a relay {relay} it took the letter")), "{ledger}");
        assert!(ledger.contains("it ended at: last word") && !ledger.contains("ola@"), "{ledger}");
    }

    async fn what_came_back_stands_on_a_subscribers_page_and_can_be_forgiven_with_a_reason(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let delivery = paper.mail_to(ROSE).pop().unwrap().header("X-Masthead-Delivery").to_owned();
        let bounce = paper.desk.bounce_address_of(delivery.parse().unwrap());
        let report = crate::returning::complaint(&bounce, "c1");
        paper.desk.take_mail("smtp", std::slice::from_ref(&bounce), report).await.unwrap();
        let address = newsroom::subscriber::Address::parse(ROSE).unwrap();
        let person = paper.desk.store().read(move |view| view.subscriber_at(&address)).await.unwrap().unwrap();
        let (ann, page) = (paper.signed_in("Ann").await, format!("/newsroom/subscribers/{}", person.id));
        ann.get(&page).await.says("What came back").says("called unwanted").says("Nothing goes to this address");
        let acts = format!("{page}/acts");
        let unsaid = ann.post(&acts, &[("do", "write-again"), ("reason", " ")]).await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        let again = ann.post(&acts, &[("do", "write-again"), ("reason", "Pressed the wrong button")]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        ann.get(&page).await.hides("Nothing goes to this address");
        assert!(ledger(&paper).await.contains("Pressed the wrong button"));
        let ben = paper.signed_in("Ben").await;
        assert_eq!(ben.post(&acts, &[("do", "write-again"), ("reason", "x")]).await.status, StatusCode::FORBIDDEN);
    }
}

/// Somebody who administers, signed in.
async fn administrator(paper: &Paper) -> crate::paper::Newsroom<'_> {
    let role = newsroom::staff::Role::Administrator;
    paper.desk.invite(None, "Ola Diallo", "ola@paper.example", role).await.unwrap();
    paper.signed_in("Ola").await
}

#[tokio::test(flavor = "multi_thread")]
async fn doubts_are_listed_sent_again_and_left_from_the_command_line() {
    let paper = Paper::on(Engine::Sqlite).await;
    three_doubts(&paper).await;
    let data = paper.folder();
    let uncertain = |words: &[&str]| fine(data, &[&["mail", "uncertain"], words].concat());
    let listed = uncertain(&["list", "--json"]);
    let lines: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(lines.iter().all(|line| line["occasion"] == "edition:daily-updates:2025-08-23"), "{listed}");
    assert!(!listed.contains('@'), "an address was told: {listed}");
    assert_eq!(uncertain(&["list", "--date", "2025-08-22", "--json"]), "");
    let id = lines[0]["id"].as_str().unwrap();
    assert!(uncertain(&["leave", id]).contains("1 letter: left"));
    let again = output(data, &["mail", "uncertain", "leave", id]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("undecided"), "{again:?}");
    assert_eq!(uncertain(&["resend", "--date", DAY, "--json"]).trim(), "{\"state\":\"queued\",\"letters\":2}");
    assert!(uncertain(&["resend", "--all"]).contains("No letter is uncertain"));
    assert!(uncertain(&["list"]).contains("No letter is uncertain"));
}

#[tokio::test]
async fn editors_are_told_of_complaints_before_providers_act_on_them() {
    let paper = Paper::on(Engine::Sqlite).await;
    three_articles(&paper).await;
    let ben = paper.signed_in("Ben").await;
    ben.get("/newsroom").await.hides("called unwanted");
    for n in 0..3 {
        let reader = format!("reader{n}@example.ht");
        paper.subscribe(&reader, &[]).await;
        let delivery = paper.mail_to(&reader).pop().unwrap().header("X-Masthead-Delivery").to_owned();
        let bounce = paper.desk.bounce_address_of(delivery.parse().unwrap());
        let report = crate::returning::complaint(&bounce, &format!("c{n}"));
        paper.desk.take_mail("smtp", std::slice::from_ref(&bounce), report).await.unwrap();
    }
    ben.get("/newsroom").await.says("were called unwanted").says("Gmail asks for less than 0.10 %");
    let rose = paper.signed_in("Rose").await;
    rose.get("/newsroom").await.hides("were called unwanted");
}
