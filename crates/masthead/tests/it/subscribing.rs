//! Signing up, choosing and leaving, by page and by mail.

use http::{Request, StatusCode, header};

const ROSE: &str = "rose@example.ht";

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
        let token = link.rsplit('/').next().unwrap();
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

    async fn a_link_for_one_thing_opens_nothing_else(paper) {
        paper.subscribe(ROSE, &[]).await;
        let token = paper.mail_to(ROSE).pop().unwrap().path_with("/preferences/").rsplit('/').next().unwrap().to_owned();
        for path in [format!("/unsubscribe/{token}"), format!("/subscribe/confirm/{token}"), format!("/preferences/{}x", &token[..36])] {
            let page = paper.post(&path, &[]).await;
            assert!(page.status.is_client_error(), "{path}: {}", page.status);
        }
        assert!(paper.desk.subscriber_by_preferences(&token).await.unwrap().unsubscribed_at.is_none());
    }
}
