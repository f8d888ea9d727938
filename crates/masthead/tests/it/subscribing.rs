//! Signing up, choosing and leaving, by page and by mail.

use crate::morning::three_articles;
use crate::paper::{Page, Paper, URL};
use http::{Request, StatusCode, header};
use newsroom::id::SubscriberId;
use newsroom::subscriber::{Address, Subscriber};

const ROSE: &str = "rose@example.ht";

/// The token of a link to leave by.
fn token_in(link: &str) -> &str {
    link.rsplit('/').next().unwrap().split('?').next().unwrap()
}

crate::on_both! {
    async fn nothing_is_sent_before_the_button_is_pressed(paper) {
        let stamp = paper.desk.stamp();
        paper.post("/subscribe", &[("email", ROSE), ("stamp", &stamp), ("url", "")]).await.says("inbox");
        paper.round().await;
        let mail = paper.mail_to(ROSE).pop().unwrap();
        assert!(mail.letter.subject.contains("Daily Updates"), "{}", mail.letter.subject);
        let link = mail.path_with("/subscribe/confirm/");
        for _ in 0..3 {
            paper.get(&link).await.says("<button");
        }
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), 1, "opening the link changed something");
        paper.post(&link, &[]).await;
        paper.post(&link, &[]).await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), 2, "one confirmation, one welcome");
    }

    async fn known_and_unknown_addresses_hear_the_same(paper) {
        paper.subscribe(ROSE, &[]).await;
        let stamp = paper.desk.stamp();
        let form = |address: &'static str| vec![("email", address), ("stamp", stamp.as_str()), ("url", "")];
        let known = paper.post("/subscribe", &form(ROSE)).await;
        let unknown = paper.post("/subscribe", &form("nora@example.ht")).await;
        assert_eq!((known.status, known.body.replace(ROSE, "X")), (unknown.status, unknown.body.replace("nora@example.ht", "X")));
    }

    async fn one_confirmation_a_day_to_one_address(paper) {
        let stamp = paper.desk.stamp();
        for _ in 0..4 {
            paper.post("/subscribe", &[("email", ROSE), ("stamp", &stamp), ("url", "")]).await;
        }
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), 1);
    }

    async fn a_robot_and_a_bad_address_get_no_mail(paper) {
        let stamp = paper.desk.stamp();
        let bad = paper.post("/subscribe", &[("email", "nobody"), ("stamp", &stamp), ("url", "")]).await;
        bad.says("nobody").says("Not subscribed");
        paper.post("/subscribe", &[("email", ROSE), ("stamp", &stamp), ("url", "http://spam.example")]).await;
        paper.post("/subscribe", &[("email", ROSE), ("stamp", "forged"), ("url", "")]).await;
        paper.round().await;
        assert_eq!(paper.mails(), 0);
    }

    async fn a_form_from_another_site_is_refused(paper) {
        let stamp = paper.desk.stamp();
        let request = Request::post("/subscribe")
            .header(header::HOST, "paper.example")
            .header(header::ORIGIN, "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("email=rose%40example.ht&stamp={stamp}&url=").into())
            .unwrap();
        assert_eq!(paper.ask(request).await.status, StatusCode::FORBIDDEN);
    }

    async fn a_confirmation_works_for_two_days(paper) {
        let stamp = paper.desk.stamp();
        paper.post("/subscribe", &[("email", ROSE), ("stamp", &stamp), ("url", "")]).await;
        paper.round().await;
        let link = paper.mail_to(ROSE).pop().unwrap().path_with("/subscribe/confirm/");
        paper.at("2025-08-24T12:00:01+03:00");
        let late = paper.post(&link, &[]).await;
        assert!(late.status.is_client_error(), "{}", late.status);
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), 1);
    }

    async fn choices_are_kept_and_shown_again(paper) {
        paper.subscribe(ROSE, &[("section", "economy"), ("zone", "America/Port-au-Prince"), ("hour", "6")]).await;
        let link = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/");
        let page = paper.get(&link).await;
        page.says("r…@example.ht").hides(ROSE);
        assert!(page.header("cache-control").contains("no-store"));
        let saved = paper
            .post(&link, &[("newsletter", "daily-updates"), ("section", "world"), ("language", "fr"), ("language", "en"), ("language", ""),
                ("hour", "8"), ("zone", "Europe/Paris"), ("frequency", "weekdays")])
            .await;
        assert!(saved.status.is_success() || saved.status.is_redirection(), "{}", saved.status);
        let token = link.rsplit('/').next().unwrap();
        let rose = paper.desk.subscriber_by_preferences(token).await.unwrap();
        assert_eq!((rose.choices.hour, rose.choices.zone.name(), rose.choices.sections.len()), (8, "Europe/Paris", 1));
        assert_eq!(rose.choices.languages.iter().map(ToString::to_string).collect::<Vec<_>>(), ["fr", "en"]);
    }

    async fn one_click_leaves_at_once_and_a_look_leaves_nothing(paper) {
        paper.subscribe(ROSE, &[]).await;
        let welcome = paper.mail_to(ROSE).pop().unwrap();
        let header_link = welcome.header("List-Unsubscribe").to_owned();
        let link = header_link.split(['<', '>']).nth(1).unwrap().trim_start_matches(crate::paper::URL).to_owned();
        assert!(welcome.header("List-Unsubscribe-Post").contains("One-Click"));
        paper.get(&link).await.says("<button");
        let token = token_in(&link);
        assert!(paper.desk.subscriber_by_unsubscribe(token).await.unwrap().unsubscribed_at.is_none());
        let one_click = Request::post(&link)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click".into())
            .unwrap();
        let answer = paper.ask(one_click).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(paper.desk.subscriber_by_unsubscribe(token).await.unwrap().unsubscribed_at.is_some());
        paper.post(&link, &[]).await;
    }

    async fn one_click_leaves_the_newsletter_of_its_mail_and_a_button_leaves_the_rest(paper) {
        let both = [("newsletter", "daily-updates"), ("newsletter", "breaking"), ("zone", "Africa/Nairobi"), ("hour", "7")];
        paper.subscribe(ROSE, &both).await;
        three_articles(&paper).await;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let edition = paper.mail_to(ROSE).pop().unwrap();
        let link = edition.header("List-Unsubscribe").split(['<', '>']).nth(1).unwrap().trim_start_matches(URL).to_owned();
        assert!(edition.text().contains(&link), "the link below leaves something else:\n{}", edition.text());
        paper.get(&link).await.says("Daily Updates").says("Unsubscribe from everything");
        let one_click = |link: &str| {
            Request::post(link)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click".into())
                .unwrap()
        };
        for _ in 0..2 {
            assert_eq!(paper.ask(one_click(&link)).await.status, StatusCode::OK);
            let rose = paper.desk.subscriber_by_unsubscribe(token_in(&link)).await.unwrap();
            assert_eq!(rose.unsubscribed_at, None, "one click left breaking news, too");
            let left = paper.desk.newsletters_of(rose.id).await.unwrap();
            assert_eq!(left.iter().map(|slug| slug.as_str()).collect::<Vec<_>>(), ["breaking"]);
        }
        let before = paper.mail_to(ROSE).len();
        paper.publish("What came on Sunday").await;
        paper.morning("2025-08-24", "2025-08-24T07:00:00+03:00").await;
        assert_eq!(paper.mail_to(ROSE).len(), before, "an edition came after one click");
        paper.post(&link, &[("do", "all")]).await.says("gets no more mails");
        assert!(paper.desk.subscriber_by_unsubscribe(token_in(&link)).await.unwrap().unsubscribed_at.is_some());
    }

    async fn a_link_that_names_no_newsletter_of_ours_leaves_everything(paper) {
        paper.subscribe(ROSE, &[("newsletter", "daily-updates"), ("newsletter", "breaking")]).await;
        let welcome = paper.mail_to(ROSE).pop().unwrap().path_with("/unsubscribe/");
        let (plain, _) = welcome.split_once('?').unwrap();
        paper.post(&format!("{plain}?list=no-such-thing"), &[("button", "1")]).await.says("gets no more mails");
        assert!(paper.desk.subscriber_by_unsubscribe(token_in(plain)).await.unwrap().unsubscribed_at.is_some());
    }

    async fn a_link_for_one_thing_opens_nothing_else(paper) {
        paper.subscribe(ROSE, &[]).await;
        let token = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/").rsplit('/').next().unwrap().to_owned();
        for path in [format!("/unsubscribe/{token}"), format!("/subscribe/confirm/{token}"), format!("/preferences/{}x", &token[..36])] {
            let page = paper.post(&path, &[]).await;
            assert!(page.status.is_client_error(), "{path}: {}", page.status);
        }
        assert!(paper.desk.subscriber_by_preferences(&token).await.unwrap().unsubscribed_at.is_none());
    }

    async fn three_confirmations_in_thirty_days_to_one_address_whatever_asks(paper) {
        let stamp = |paper: &crate::paper::Paper| paper.desk.stamp();
        for day in ["22", "23", "24", "25", "26"] {
            paper.at(&format!("2025-08-{day}T12:00:01+03:00"));
            let stamp = stamp(&paper);
            paper.post("/subscribe", &[("email", ROSE), ("stamp", &stamp), ("newsletter", "breaking")]).await;
            paper.post("/subscribe", &[("email", "Rose@Example.HT"), ("stamp", &stamp)]).await;
            paper.round().await;
        }
        assert_eq!(paper.mail_to(ROSE).len(), 3);
        // Somebody else's change of address is one more way in, and closed as well.
        paper.subscribe("nora@example.ht", &[]).await;
        let nora = paper.mail_to("nora@example.ht").pop().unwrap().path_with("/preferences/");
        paper.post(&format!("{nora}/address"), &[("email", ROSE)]).await;
        paper.round().await;
        assert_eq!(paper.mail_to(ROSE).len(), 3);
    }

    async fn a_question_leaves_the_same_trace_whoever_asks_it(paper) {
        paper.subscribe(ROSE, &[]).await;
        let token = paper.desk.preferences_token(person(&paper, ROSE).await.unwrap().id);
        let erased = erase(&paper, &token).await;
        assert_eq!(erased.status, StatusCode::OK);
        paper.subscribe("nora@example.ht", &[]).await;
        let stamp = paper.desk.stamp();
        for (asked, address) in ["nora@example.ht", "new@example.ht", ROSE].into_iter().enumerate() {
            paper.post("/subscribe", &[("email", address), ("stamp", &stamp)]).await.says("inbox");
            let waiting = paper.desk.store().read(|view| view.sign_ups(10)).await.unwrap();
            assert_eq!(waiting.len(), asked + 1, "one row for each, and nothing looked up: {address}");
        }
    }

    async fn several_newsletters_are_confirmed_with_one_button(paper) {
        let both = [("newsletter", "daily-updates"), ("newsletter", "breaking")];
        paper.subscribe(ROSE, &both).await;
        let mails = paper.mail_to(ROSE);
        assert!(mails[0].text().contains("Daily Updates and Breaking news, at most once a day"), "{}", mails[0].text());
        let rose = person(&paper, ROSE).await.unwrap();
        assert_eq!(slugs(&paper, rose.id).await, ["breaking", "daily-updates"]);
        let centre = mails[1].path_with("/preferences/");
        paper.get(&centre).await.says("value=\"breaking\" checked").says("value=\"daily-updates\" checked");
        paper.post(&centre, &[("newsletter", "breaking"), ("language", "en")]).await.says("Your choices are saved");
        assert_eq!(slugs(&paper, rose.id).await, ["breaking"]);
        let none = paper.post(&centre, &[("language", "en")]).await;
        none.says("choose at least one newsletter");
        assert_eq!((none.status, slugs(&paper, rose.id).await), (StatusCode::UNPROCESSABLE_ENTITY, vec!["breaking".to_owned()]));
    }

    async fn an_address_moves_when_the_new_one_says_so_and_the_old_one_is_told(paper) {
        paper.subscribe(ROSE, &[]).await;
        let centre = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/");
        paper.post(&format!("{centre}/address"), &[("email", "rose@nowhere")]).await.says("rose@nowhere").says("Not subscribed");
        paper.post(&format!("{centre}/address"), &[("email", "rose@new.example")]).await.says("rose@new.example");
        paper.round().await;
        let (asked, before) = (paper.mail_to("rose@new.example").pop().unwrap(), paper.mail_to(ROSE).len());
        assert!(asked.text().contains("r…@example.ht") && !asked.text().contains(ROSE), "{}", asked.text());
        assert!(asked.header("List-Unsubscribe").is_empty(), "nothing exists yet");
        let link = asked.path_with("/subscribe/confirm/");
        paper.get(&link).await.says("r…@new.example").hides(ROSE);
        assert!(person(&paper, ROSE).await.is_some(), "looking moved somebody");
        paper.post(&link, &[]).await.says("r…@new.example");
        paper.post(&link, &[]).await.says("r…@new.example");
        paper.round().await;
        assert!(person(&paper, ROSE).await.is_none());
        let moved = person(&paper, "rose@new.example").await.unwrap();
        assert_eq!(moved.address.as_str(), "rose@new.example");
        let told = paper.mail_to(ROSE);
        assert_eq!(told.len(), before + 1, "the old address is told once");
        assert!(told[before].text().contains("r…@new.example") && told[before].text().contains("/preferences/"));
        assert_eq!(acts(&paper, moved.id).await.last().map(String::as_str), Some("moved"));
    }

    async fn nobody_moves_their_mails_to_where_others_get_theirs(paper) {
        paper.subscribe(ROSE, &[]).await;
        paper.at("2025-08-24T12:00:00+03:00");
        paper.subscribe("nora@example.ht", &[]).await;
        paper.at("2025-08-27T12:00:00+03:00");
        let centre = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/");
        let before = paper.mails();
        let known = paper.post(&format!("{centre}/address"), &[("email", "nora@example.ht")]).await;
        let fresh = paper.post(&format!("{centre}/address"), &[("email", "new@example.ht")]).await;
        assert_eq!(known.body.replace("nora@", "X@"), fresh.body.replace("new@", "X@"), "the answer tells who is known");
        paper.round().await;
        assert_eq!(paper.mails(), before + 1, "only the unknown address is asked");
    }

    async fn a_copy_needs_a_code_from_the_persons_own_mailbox(paper) {
        paper.subscribe(ROSE, &[("section", "economy")]).await;
        let centre = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/");
        let doings = format!("{centre}/doings");
        paper.post(&doings, &[("do", "export")]).await.says("name=\"code\"").says("r…@example.ht");
        paper.round().await;
        let mail = paper.mail_to(ROSE).pop().unwrap();
        let code = digits(mail.text());
        assert!(!mail.letter.subject.contains(&code) && mail.text().matches(&code).count() == 1);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let refused = paper.post(&doings, &[("do", "export"), ("code", wrong)]).await;
        refused.says("name=\"code\"").hides(ROSE);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        paper.post(&doings, &[("do", "erase"), ("code", &code)]).await.says("name=\"code\"");
        assert!(person(&paper, ROSE).await.is_some(), "a code for one thing did another");
        let copy = paper.post(&doings, &[("do", "export"), ("code", &format!(" {code} "))]).await;
        assert!(copy.header("content-disposition").contains("attachment"));
        let kept: serde_json::Value = serde_json::from_str(&copy.body).unwrap();
        assert_eq!((kept["address"].as_str(), kept["choices"]["sections"][0].as_str()), (Some(ROSE), Some("economy")));
        let consents = kept["consents"].as_array().unwrap();
        assert_eq!(consents[1]["what"], "confirmed");
        assert_eq!(consents[0]["network"], "203.0.113.0/24");
        assert!(consents[0]["text"].as_str().unwrap().contains("its button confirms"));
        assert!(kept["mails"].as_array().unwrap().len() >= 3);
        paper.post(&doings, &[("do", "export"), ("code", &code)]).await.says("name=\"code\"").hides(ROSE);
    }

    async fn codes_are_few_short_lived_and_not_to_be_guessed(paper) {
        paper.subscribe(ROSE, &[]).await;
        let doings = format!("{}/doings", paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/"));
        paper.post(&doings, &[("do", "erase")]).await;
        paper.round().await;
        let code = digits(paper.mail_to(ROSE).pop().unwrap().text());
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            paper.post(&doings, &[("do", "erase"), ("code", wrong)]).await;
        }
        paper.post(&doings, &[("do", "erase"), ("code", &code)]).await.says("name=\"code\"");
        assert!(person(&paper, ROSE).await.is_some(), "the sixth try was taken");
        paper.post(&doings, &[("do", "erase")]).await;
        paper.round().await;
        let fresh = digits(paper.mail_to(ROSE).pop().unwrap().text());
        paper.at("2025-08-22T12:30:01+03:00");
        paper.post(&doings, &[("do", "erase"), ("code", &fresh)]).await.says("name=\"code\"");
        assert!(person(&paper, ROSE).await.is_some(), "a code of half an hour ago was taken");
        let before = paper.mails();
        for _ in 0..3 {
            paper.post(&doings, &[("do", "erase")]).await;
        }
        paper.round().await;
        assert_eq!(paper.mails(), before + 1, "three codes a day");
    }

    async fn who_was_erased_is_brought_back_by_no_list_but_may_come_back(paper) {
        paper.subscribe(ROSE, &[]).await;
        let rose = person(&paper, ROSE).await.unwrap();
        let token = paper.desk.preferences_token(rose.id);
        erase(&paper, &token).await.says("erased");
        assert!(person(&paper, ROSE).await.is_none());
        paper.get(&format!("/preferences/{token}")).await.hides(ROSE);
        let agreed = crate::travelling::agreed();
        let list = std::io::Cursor::new(b"email\nROSE@example.ht\nnora@example.ht\n");
        let report = paper.desk.import_subscribers("list.csv", list, &agreed, &|_, _| {}).await.unwrap();
        assert_eq!((report.added, report.left_out()), (1, 1), "{report:#?}");
        paper.at("2025-08-24T12:00:00+03:00");
        let before = paper.mail_to(ROSE).len();
        paper.subscribe(ROSE, &[]).await;
        assert_eq!(paper.mail_to(ROSE).len(), before + 2, "asked and welcomed again, by their own will");
        assert!(person(&paper, ROSE).await.is_some_and(|rose| rose.confirmed_at.is_some()));
    }

    async fn every_act_is_a_line_of_the_consent_ledger(paper) {
        paper.subscribe(ROSE, &[]).await;
        let rose = person(&paper, ROSE).await.unwrap();
        let centre = format!("/preferences/{}", paper.desk.preferences_token(rose.id));
        paper.post(&centre, &[("newsletter", "daily-updates"), ("language", "fr")]).await;
        for act in ["pause", "resume", "leave"] {
            paper.post(&format!("{centre}/doings"), &[("do", act)]).await;
        }
        assert_eq!(acts(&paper, rose.id).await, ["asked", "confirmed", "changed", "paused", "resumed", "left"]);
    }

    async fn a_newsletter_that_is_not_wanted_any_more_does_not_leave(paper) {
        paper.subscribe(ROSE, &[("newsletter", "daily-updates"), ("newsletter", "breaking")]).await;
        for headline in ["The harbour opens", "The market burns", "The bridge stands"] {
            paper.publish(headline).await;
        }
        *paper.mood.lock().unwrap() = crate::paper::Mood::SaysLater;
        paper.morning("2025-08-23", "2025-08-23T07:00:00+03:00").await;
        let centre = format!("/preferences/{}", paper.desk.preferences_token(person(&paper, ROSE).await.unwrap().id));
        paper.post(&centre, &[("newsletter", "breaking"), ("language", "en")]).await;
        *paper.mood.lock().unwrap() = crate::paper::Mood::Takes;
        let before = paper.mails();
        paper.at("2025-08-23T09:00:00+03:00").round().await;
        assert_eq!(paper.mails(), before);
    }
}

/// Whoever has this address now.
async fn person(paper: &Paper, address: &str) -> Option<Subscriber> {
    let address = Address::parse(address).unwrap();
    paper.desk.store().read(move |view| view.subscriber_at(&address)).await.unwrap()
}

/// What somebody agreed to and took back, in order.
async fn acts(paper: &Paper, id: SubscriberId) -> Vec<String> {
    let lines = paper.desk.store().read(move |view| view.consents(id)).await.unwrap();
    lines.iter().map(|line| line.act.key().to_owned()).collect()
}

async fn slugs(paper: &Paper, id: SubscriberId) -> Vec<String> {
    paper.desk.newsletters_of(id).await.unwrap().iter().map(ToString::to_string).collect()
}

/// Asks for the code, reads it in the mail and types it.
async fn erase(paper: &Paper, token: &str) -> Page {
    let doings = format!("/preferences/{token}/doings");
    paper.post(&doings, &[("do", "erase")]).await;
    paper.round().await;
    let code = digits(paper.mail_to(ROSE).pop().unwrap().text());
    paper.post(&doings, &[("do", "erase"), ("code", &code)]).await
}

/// The line of a letter that is six digits.
fn digits(text: &str) -> String {
    let line = text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    line.unwrap_or_else(|| panic!("no code in:\n{text}")).to_owned()
}
