//! Staff, sessions, subscribers, consent.

use super::{both, change, language, look, slug, subscriber};
use crate::{Audience, Confirmation, Error, Member, Report};
use newsroom::id::{StaffId, SubscriberId};
use newsroom::returned::Class;
use newsroom::staff::{Role, Staff};
use newsroom::subscriber::{Address, Consent, ConsentAct};
use newsroom::time::Timestamp;

fn ben() -> Member {
    Member {
        staff: Staff { id: StaffId(1), name: "Ben".into(), role: Role::Editor },
        address: Address::parse("Ben@example.org").unwrap(),
        author: Some(slug("ben")),
        joined_at: Timestamp(1),
        left_at: None,
    }
}

#[tokio::test]
async fn a_sign_in_link_opens_one_session_and_only_in_time() {
    for (store, _folder) in both() {
        change(&store, |change| {
            change.add_member(&ben())?;
            change.keep_sign_in_link("link", StaffId(1), Timestamp(10), Timestamp(20))?;
            change.keep_sign_in_link("late", StaffId(1), Timestamp(10), Timestamp(12))
        })
        .await;
        let spend = |hash: &'static str| change(&store, move |change| change.use_sign_in_link(hash, Timestamp(15)));
        assert_eq!(spend("late").await, None);
        assert_eq!(spend("link").await, Some(StaffId(1)));
        assert_eq!(spend("link").await, None);
        change(&store, |change| change.open_session("s", StaffId(1), Timestamp(15), Timestamp(100))).await;
        let member =
            |now| look(&store, move |view| Ok(view.session("s", Timestamp(now))?.map(|session| session.member)));
        assert_eq!(member(50).await, Some(ben()));
        assert_eq!(member(100).await, None);
        let mut gone = ben();
        gone.left_at = Some(Timestamp(60));
        change(&store, move |change| change.save_member(&gone)).await;
        assert_eq!(member(70).await, None, "who left has no session");
        assert_eq!(look(&store, |view| view.sign_in_links_since(StaffId(1), Timestamp(9))).await, 2);
        assert_eq!(change(&store, |change| change.sweep_sessions(Timestamp(200))).await, 3);
    }
}

#[tokio::test]
async fn one_address_is_one_member_whatever_its_capitals() {
    for (store, _folder) in both() {
        change(&store, |change| change.add_member(&ben())).await;
        let mut twin = ben();
        twin.staff.id = StaffId(2);
        twin.address = Address::parse("BEN@example.org").unwrap();
        let found = twin.address.clone();
        assert_eq!(look(&store, move |view| view.member_at(&found)).await, Some(ben()));
        let told: Result<(), Error> = store.change(move |change| change.add_member(&twin)).await;
        assert!(told.unwrap_err().violates("staff_address"));
    }
}

#[tokio::test]
async fn a_subscriber_is_read_back_as_kept_and_found_by_address() {
    for (store, _folder) in both() {
        let rose = subscriber(1);
        let kept = rose.clone();
        change(&store, move |change| change.add_subscriber(&kept, "hash 1")).await;
        let address = Address::parse("rose1@EXAMPLE.ht").unwrap();
        let told = rose.clone();
        look(&store, move |view| {
            assert_eq!(view.subscriber(SubscriberId(1))?, Some(told.clone()));
            assert_eq!(view.subscriber_at(&address)?, Some(told.clone()));
            assert_eq!(view.subscriber_of_hash("hash 1")?, Some(told.clone()));
            Ok(())
        })
        .await;
        let mut again = rose.clone();
        again.id = SubscriberId(2);
        let new = change(&store, move |change| {
            change.add_new_subscribers(&[(again.clone(), "hash 1".into()), (subscriber(3), "hash 3".into())])
        })
        .await;
        assert_eq!(new, [SubscriberId(3)], "an import adds only whom we do not know");
        let told: Result<(), Error> =
            store.change(move |change| change.change_address(SubscriberId(3), &subscriber(1).address, "hash 1")).await;
        assert!(told.unwrap_err().violates("subscribers_address"));
        let mut choices = rose.choices.clone();
        choices.languages = vec![language("en")];
        choices.sections.clear();
        choices.hour = 18;
        let saved = choices.clone();
        change(&store, move |change| change.save_choices(SubscriberId(1), "Rosa", &saved)).await;
        let rosa = look(&store, |view| view.subscriber(SubscriberId(1))).await.unwrap();
        assert_eq!((rosa.name.as_str(), rosa.choices), ("Rosa", choices));
    }
}

#[tokio::test]
async fn erasing_leaves_nothing_that_names_a_person() {
    for (store, _folder) in both() {
        change(&store, |change| {
            change.add_subscriber(&subscriber(1), "hash 1")?;
            change.subscribe(SubscriberId(1), &slug("daily"), Timestamp(3))?;
            change.suppress("hash 1", "erased", Timestamp(9))?;
            change.erase_subscriber(SubscriberId(1), Timestamp(9))
        })
        .await;
        look(&store, |view| {
            assert_eq!(view.subscriber(SubscriberId(1))?, None);
            assert_eq!(view.subscriber_at(&subscriber(1).address)?, None);
            assert_eq!(view.subscriber_of_hash("hash 1")?, None);
            assert_eq!(view.subscribers(None, 9)?, []);
            assert_eq!(view.audience(Timestamp(9))?, Audience::default());
            assert_eq!(view.suppression("hash 1")?, Some(("erased".into(), Timestamp(9))));
            Ok(())
        })
        .await;
        change(&store, |change| change.add_subscriber(&subscriber(2), "hash 1")).await;
    }
}

#[tokio::test]
async fn a_confirmation_counts_once() {
    for (store, _folder) in both() {
        let asked = Confirmation {
            subscriber: SubscriberId(1),
            newsletter: slug("daily"),
            address_hash: "hash 1".into(),
            what: serde_json::json!({"sections": ["haiti"]}),
            made_at: Timestamp(5),
            expires_at: Timestamp(50),
            confirmed_at: None,
        };
        let kept = asked.clone();
        change(&store, move |change| {
            let mut pending = subscriber(1);
            pending.confirmed_at = None;
            change.add_subscriber(&pending, "hash 1")?;
            change.keep_confirmation("t", &kept)
        })
        .await;
        assert_eq!(look(&store, |view| view.confirmation("t", Timestamp(50))).await, None, "too late");
        assert_eq!(look(&store, |view| view.confirmation("t", Timestamp(9))).await, Some(asked.clone()));
        let used = change(&store, |change| change.use_confirmation("t", Timestamp(9))).await.unwrap();
        assert_eq!(used, Confirmation { confirmed_at: Some(Timestamp(9)), ..asked });
        assert_eq!(change(&store, |change| change.use_confirmation("t", Timestamp(10))).await, None);
        assert_eq!(look(&store, |view| view.confirmations_of(SubscriberId(1), Timestamp(4))).await, 1);
        assert_eq!(look(&store, |view| view.confirmations_to("hash 1", Timestamp(4))).await, 1);
        assert_eq!(look(&store, |view| view.confirmations_to("hash 2", Timestamp(4))).await, 0);
        assert_eq!(look(&store, |view| view.confirmations_since(Timestamp(4))).await, 0);
    }
}

#[tokio::test]
async fn an_edition_is_due_only_for_those_who_may_get_it() {
    for (store, _folder) in both() {
        change(&store, |change| {
            let mut people: Vec<_> = (1..=7).map(|id| (subscriber(id), format!("hash {id}"))).collect();
            people[1].0.confirmed_at = None;
            people[2].0.unsubscribed_at = Some(Timestamp(4));
            people[3].0.paused_until = Some(Timestamp(99));
            people[4].0.choices.hour = 8;
            change.add_new_subscribers(&people)?;
            for id in [1, 2, 3, 4, 5, 6] {
                change.subscribe(SubscriberId(id), &slug("daily"), Timestamp(3))?;
            }
            change.suppress("hash 6", "address", Timestamp(5))
        })
        .await;
        let due = |now| {
            look(&store, move |view| {
                let zone = subscriber(1).choices.zone;
                let page = view.subscribers_due(&slug("daily"), &zone, 7, Timestamp(now), None, 99)?;
                Ok(page.iter().map(|person| person.id.0).collect::<Vec<_>>())
            })
        };
        assert_eq!(due(9).await, [1]);
        assert_eq!(due(99).await, [1, 4]);
        let slots = look(&store, |view| view.slots()).await;
        assert_eq!(slots.iter().map(|slot| (slot.hour, slot.subscribers)).collect::<Vec<_>>(), [(7, 4), (8, 1)]);
        let audience = look(&store, |view| view.audience(Timestamp(9))).await;
        assert_eq!(audience, Audience { confirmed: 5, pending: 1, left: 1, paused: 1 });
        assert_eq!(look(&store, |view| view.subscribed_count(&slug("daily"))).await, 4);
        assert!(change(&store, |change| change.unsubscribe(SubscriberId(1), &slug("daily"), Timestamp(9))).await);
        assert_eq!(due(9).await, [0; 0]);
        assert!(change(&store, |change| change.leave(SubscriberId(4), Timestamp(9))).await);
        assert!(!change(&store, |change| change.leave(SubscriberId(4), Timestamp(10))).await);
        change(&store, |change| change.confirm_subscriber(SubscriberId(4), Timestamp(11))).await;
        assert_eq!(due(99).await, [4], "who comes back is back");
    }
}

#[tokio::test]
async fn consent_and_reports_are_kept_in_order_and_once() {
    for (store, _folder) in both() {
        let line = |at, act| Consent {
            subscriber: SubscriberId(1),
            at: Timestamp(at),
            act,
            text_version: "2025-1".into(),
            network: Some("203.0.113.0".into()),
            method: "form".into(),
        };
        let report = Report {
            source: "bounce".into(),
            name: "x".into(),
            subscriber: SubscriberId(1),
            delivery: None,
            class: Class::Address,
            at: Timestamp(5),
            detail: String::new(),
        };
        let kept = [line(1, ConsentAct::Asked), line(2, ConsentAct::Confirmed)];
        let list = kept.clone();
        let new = change(&store, move |change| {
            list.iter().try_for_each(|line| change.record_consent(line))?;
            Ok((change.record_report(&report)?, change.record_report(&report)?))
        })
        .await;
        assert_eq!(new, (true, false));
        assert_eq!(look(&store, |view| view.consents(SubscriberId(1))).await, kept);
        assert_eq!(look(&store, |view| view.reports_since(SubscriberId(1), Class::Address, Timestamp(4))).await, 1);
    }
}
