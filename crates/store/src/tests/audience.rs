//! Questions that wait, segments, lists from elsewhere, and letters besides the edition.

use super::{both, change, language, look, slug, subscriber};
use crate::{Alert, Segment, SignUpAsked, Store};
use newsroom::breaking::Words;
use newsroom::id::{AlertId, ArticleId, SegmentId, StaffId, SubscriberId};
use newsroom::segment::{Rules, Span};
use newsroom::subscriber::{Address, Consent, ConsentAct};
use newsroom::time::{DAY, Day, Timestamp, Zone};

const NOW: Timestamp = Timestamp(400 * DAY);

/// Six people, one difference each.
async fn people(store: &Store) {
    change(store, |change| {
        let mut all: Vec<_> = (1..=9).map(|id| (subscriber(id), format!("hash {id}"))).collect();
        for (one, _) in &mut all {
            one.confirmed_at = Some(Timestamp(DAY));
            one.choices.sections.clear();
            one.choices.languages = vec![language("en")];
            one.choices.zone = Zone::utc();
        }
        all[0].0.choices.sections = vec![slug("economy"), slug("world")];
        all[1].0.choices.sections = vec![slug("world-news")];
        all[2].0.choices.languages = vec![language("ht"), language("en")];
        all[3].0.choices.zone = Zone::parse("Africa/Nairobi").unwrap();
        all[4].0.confirmed_at = Some(Timestamp(NOW.0 - DAY));
        all[6].0.unsubscribed_at = Some(Timestamp(2 * DAY));
        all[7].0.confirmed_at = None;
        all[8].0.paused_until = Some(Timestamp(NOW.0 + DAY));
        change.add_new_subscribers(&all)?;
        for id in [1, 2, 7] {
            change.subscribe(SubscriberId(id), &slug("daily"), Timestamp(DAY))?;
        }
        change.tag(&[
            (SubscriberId(2), slug("kisumu")),
            (SubscriberId(2), slug("kisumu")),
            (SubscriberId(7), slug("kisumu")),
        ])?;
        let line = |id, act| Consent {
            subscriber: SubscriberId(id),
            at: Timestamp(NOW.0 - 5 * DAY),
            act,
            text_version: String::new(),
            network: None,
            method: "form".into(),
        };
        change.record_consents(&[line(3, ConsentAct::Changed), line(4, ConsentAct::Imported)])?;
        change.suppress("hash 6", "complaint", Timestamp(3))
    })
    .await;
}

#[tokio::test]
async fn a_segment_finds_those_to_whom_all_its_rules_apply_and_nobody_who_must_not_be_mailed() {
    for (store, _folder) in both() {
        people(&store).await;
        let check = |what: &'static str, rules: Rules, ids: &'static [i64]| {
            let store = store.clone();
            async move {
                let (page, count) = look(&store, move |view| {
                    let mut all = Vec::new();
                    let mut after = None;
                    loop {
                        let page = view.segment_members(&rules, NOW, after, 2)?;
                        let Some(last) = page.last() else { break };
                        after = Some(last.id);
                        all.extend(page.iter().map(|one| one.id.0));
                    }
                    Ok((all, view.segment_count(&rules, NOW)?))
                })
                .await;
                assert_eq!((page.as_slice(), count), (ids, ids.len() as u64), "{what} on {}", store.engine_name());
            }
        };
        let none = Rules::default;
        check("no rule", none(), &[1, 2, 3, 4, 5]).await;
        check("newsletter", Rules { newsletter: Some(slug("daily")), ..none() }, &[1, 2]).await;
        check("section", Rules { sections: vec![slug("world")], ..none() }, &[1, 3, 4, 5]).await;
        check("language", Rules { languages: vec![language("ht"), language("fr")], ..none() }, &[3]).await;
        check("zone", Rules { zones: vec![Zone::parse("Africa/Nairobi").unwrap()], ..none() }, &[4]).await;
        check("tag", Rules { tags: vec![slug("kisumu"), slug("x")], ..none() }, &[2]).await;
        check("joined", Rules { joined: Some(Span::Within(30)), ..none() }, &[5]).await;
        check("joined before", Rules { joined: Some(Span::NotWithin(30)), ..none() }, &[1, 2, 3, 4]).await;
        check("acted", Rules { acted: Some(Span::Within(30)), ..none() }, &[3]).await;
        check("quiet", Rules { acted: Some(Span::NotWithin(30)), ..none() }, &[1, 2, 4, 5]).await;
        let both = Rules { newsletter: Some(slug("daily")), tags: vec![slug("kisumu")], ..none() };
        check("two rules", both, &[2]).await;
    }
}

#[tokio::test]
async fn a_segment_has_a_name_of_its_own_until_it_is_deleted() {
    for (store, _folder) in both() {
        let kept = |id, name: &str| Segment {
            id: SegmentId(id),
            name: name.into(),
            rules: Rules { tags: vec![slug("a")], ..Rules::default() },
            made_by: Some(StaffId(1)),
            made_at: Timestamp(4),
        };
        let (one, again, third) = (kept(1, "Kreyòl"), kept(2, "KREYÒL"), kept(3, "kreyòl"));
        let first = one.clone();
        change(&store, move |change| change.add_segment(&one)).await;
        let taken = store.change(move |change| change.add_segment(&again)).await;
        assert!(taken.is_err_and(|error: crate::Error| error.violates("segments_name")));
        assert_eq!(look(&store, |view| view.segments()).await, [first]);
        assert!(change(&store, |change| change.delete_segment(SegmentId(1), Timestamp(5))).await);
        assert!(!change(&store, |change| change.delete_segment(SegmentId(1), Timestamp(6))).await);
        change(&store, move |change| change.add_segment(&third)).await;
    }
}

#[tokio::test]
async fn a_question_is_answered_by_one_node_only() {
    for (store, _folder) in both() {
        let asked = SignUpAsked {
            id: 7,
            address: Address::parse("rose@example.ht").unwrap(),
            address_hash: "h".into(),
            subscriber: None,
            what: serde_json::json!({ "hour": 7 }),
            network: Some("203.0.113.0/24".into()),
            asked_at: Timestamp(3),
        };
        let kept = asked.clone();
        change(&store, move |change| change.add_sign_up(&kept)).await;
        assert_eq!(look(&store, |view| Ok((view.sign_ups(10)?, view.sign_ups_waiting()?))).await, (vec![7], 1));
        assert_eq!(change(&store, |change| change.take_sign_up(7)).await, Some(asked));
        assert_eq!(change(&store, |change| change.take_sign_up(7)).await, None);
    }
}

#[tokio::test]
async fn a_code_is_tried_a_few_times_and_spent_once() {
    for (store, _folder) in both() {
        change(&store, |change| {
            change.add_subscriber(&subscriber(1), "hash 1")?;
            change.add_code(5, SubscriberId(1), "erase", Timestamp(10), Timestamp(20))
        })
        .await;
        assert_eq!(look(&store, |view| view.codes_since(SubscriberId(1), Timestamp(9))).await, 1);
        assert!(change(&store, |change| change.try_codes(SubscriberId(1), "export", Timestamp(15))).await.is_empty());
        for tries in 1..=3 {
            let codes = change(&store, |change| change.try_codes(SubscriberId(1), "erase", Timestamp(15))).await;
            assert_eq!(codes.iter().map(|code| (code.id, code.tries)).collect::<Vec<_>>(), [(5, tries)]);
        }
        assert!(change(&store, |change| change.try_codes(SubscriberId(1), "erase", Timestamp(20))).await.is_empty());
        assert!(change(&store, |change| change.use_code(5, Timestamp(16))).await);
        assert!(!change(&store, |change| change.use_code(5, Timestamp(17))).await);
    }
}

#[tokio::test]
async fn breaking_news_is_let_go_once_a_day_in_a_language() {
    for (store, _folder) in both() {
        let alert = |id, tag: &str, day: &str| Alert {
            id: AlertId(id),
            article: ArticleId(1),
            language: language(tag),
            day: Day::parse(day).unwrap(),
            words: Words { headline: "The mole is closed".into(), ..Words::default() },
            made_by: StaffId(1),
            made_at: Timestamp(5),
            released_by: None,
            released_at: None,
        };
        let all = [
            alert(1, "en", "2025-08-22"),
            alert(2, "en", "2025-08-22"),
            alert(3, "fr", "2025-08-22"),
            alert(4, "en", "2025-08-23"),
        ];
        let first = all[0].clone();
        change(&store, move |change| all.iter().try_for_each(|alert| change.add_alert(alert))).await;
        let day = first.day;
        assert_eq!(look(&store, move |view| view.alert_on(day, &language("en"))).await, None);
        let release = |id| {
            let store = store.clone();
            async move { store.change(move |change| change.release_alert(AlertId(id), StaffId(2), Timestamp(6))).await }
        };
        assert_eq!(release(1).await, Ok(true));
        assert_eq!(release(1).await, Ok(false), "pressed twice");
        assert!(release(2).await.is_err_and(|error: crate::Error| error.violates("alerts_day")));
        assert_eq!((release(3).await, release(4).await), (Ok(true), Ok(true)));
        let sent = look(&store, move |view| view.alert_on(day, &language("en"))).await.unwrap();
        assert_eq!(sent, Alert { released_by: Some(StaffId(2)), released_at: Some(Timestamp(6)), ..first });
    }
}

#[test]
fn no_statement_changes_a_line_of_the_consent_ledger() {
    let mut seen = 0;
    for statement in crate::store::statements().filter(|statement| statement.text().contains("consents")) {
        let text = statement.text();
        let grows = text.starts_with("select") || text.starts_with("insert into consents");
        // Being erased takes the network out; what was agreed, when and how stays.
        assert!(grows || statement.name == "FORGET_NETWORKS_OF", "{}", statement.name);
        seen += 1;
    }
    assert!(seen >= 4);
}
