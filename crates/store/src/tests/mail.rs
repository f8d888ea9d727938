//! Deliveries: once, never lost, books that add up.

use super::{both, change, language, look, slug, subscriber};
use crate::{Claimed, Edition, EditionItem, Error, NewDelivery, Pause, Settled, Store, Swept};
use newsroom::delivery::{Books, DeliveryState, Occasion, Recipient};
use newsroom::edition::EditionState;
use newsroom::id::{DeliveryId, EditionId, SubscriberId, WorkId};
use newsroom::subscriber::{Address, Subscriber};
use newsroom::time::{Day, HOUR, MINUTE, Timestamp};
use std::collections::HashSet;

fn morning() -> Occasion {
    Occasion::Edition(slug("daily"), Day::parse("2025-08-22").unwrap())
}

fn edition(id: i64) -> NewDelivery {
    NewDelivery {
        id: DeliveryId(id),
        occasion: morning(),
        recipient: Recipient::Subscriber(SubscriberId(id)),
        address: None,
        edition: Some(EditionId(1)),
        language: language("ht"),
        dated: Timestamp(5),
        due_at: Timestamp(10),
        payload: "[1,2]".into(),
        works: vec![WorkId(1), WorkId(2)],
    }
}

async fn queue(store: &Store, count: i64) {
    change(store, move |change| {
        let people: Vec<_> = (1..=count).map(|id| (subscriber(id), format!("hash {id}"))).collect();
        change.add_new_subscribers(&people)?;
        let list: Vec<_> = (1..=count).map(edition).collect();
        assert_eq!(change.queue_deliveries(&list)?.len(), list.len());
        Ok(())
    })
    .await;
}

async fn claim(store: &Store, node: &'static str, now: i64, limit: usize) -> Vec<Claimed> {
    let (now, until) = (Timestamp(now), Timestamp(now + MINUTE));
    let claimed = store.change_guarded(move |change| change.claim_deliveries(node, now, until, limit)).await;
    claimed.map_err(|error: Error| error.to_string()).unwrap()
}

async fn settle(store: &Store, node: &'static str, list: Vec<(DeliveryId, Settled)>, now: i64) -> usize {
    let done: Result<_, Error> = store.change_guarded(move |change| change.settle(node, &list, Timestamp(now))).await;
    done.unwrap().len()
}

async fn transmit(store: &Store, node: &'static str, ids: Vec<DeliveryId>, now: i64) -> HashSet<DeliveryId> {
    let marked: Result<_, Error> = store
        .change_guarded(move |change| {
            let list: Vec<_> = ids.iter().map(|id| (*id, "main")).collect();
            change.mark_transmitted(node, &list, Timestamp(now), Timestamp(now + MINUTE))
        })
        .await;
    marked.unwrap()
}

async fn books(store: &Store) -> Books {
    let books = look(store, |view| view.books(&morning())).await;
    let parts = books.sent + books.refused + books.waiting + books.uncertain + books.suppressed + books.expired;
    assert_eq!(parts, books.total, "the books add up");
    books
}

fn ids(claimed: &[Claimed]) -> Vec<DeliveryId> {
    claimed.iter().map(|claimed| claimed.delivery.id).collect()
}

fn sent() -> Settled {
    Settled::Sent { relay: "main".into(), reply: "250 queued as 1".into() }
}

#[tokio::test]
async fn a_message_is_queued_once_per_person_and_morning() {
    for (store, _folder) in both() {
        queue(&store, 3).await;
        let again = change(&store, |change| {
            let mut other = edition(77);
            other.edition = Some(EditionId(2)); // another language of the same morning
            other.recipient = Recipient::Subscriber(SubscriberId(1));
            other.works = vec![WorkId(9)];
            change.queue_deliveries(&[edition(1), other, edition(4)])
        })
        .await;
        assert_eq!(again, [DeliveryId(4)]);
        let had = look(&store, |view| view.delivered(&[SubscriberId(1), SubscriberId(2)], WorkId(2)..=WorkId(9))).await;
        let expected = HashSet::from([(SubscriberId(1), WorkId(2)), (SubscriberId(2), WorkId(2))]);
        assert_eq!(had, expected, "what was not queued was not delivered");
        let got = look(&store, |view| view.had_occasion(&[SubscriberId(4), SubscriberId(5)], &morning())).await;
        assert_eq!(got, HashSet::from([SubscriberId(4)]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_workers_ever_claim_the_same_row() {
    for (store, _folder) in both() {
        queue(&store, 300).await;
        let workers: Vec<_> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|node| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    loop {
                        let claimed = claim(&store, node, 20, 7).await;
                        if claimed.is_empty() && look(&store, |view| view.deliveries_waiting(Timestamp(20))).await == 0
                        {
                            return mine;
                        }
                        mine.extend(ids(&claimed));
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.await.unwrap());
        }
        all.sort_unstable();
        assert_eq!(all, (1..=300).map(DeliveryId).collect::<Vec<_>>(), "{}", store.engine_name());
    }
}

#[tokio::test]
async fn books_of_deliveries_always_add_up() {
    for (store, _folder) in both() {
        queue(&store, 10).await;
        let claimed = ids(&claim(&store, "a", 20, 8).await);
        assert_eq!(claimed, (1..=8).map(DeliveryId).collect::<Vec<_>>(), "{}", store.engine_name());
        assert_eq!(books(&store).await, Books { waiting: 10, total: 10, ..Books::default() });
        assert_eq!(transmit(&store, "a", claimed[..5].to_vec(), 30).await.len(), 5);
        let reply = || String::from("a reply");
        let relay = || String::from("main");
        let list = vec![
            (claimed[0], sent()),
            (claimed[1], Settled::Refused { relay: relay(), code: "address".into(), reply: reply() }),
            (claimed[2], Settled::Uncertain { relay: relay(), reply: reply() }),
            (
                claimed[3],
                Settled::Deferred { relay: relay(), code: "421".into(), reply: reply(), next_at: Timestamp(99) },
            ),
            (claimed[5], Settled::Suppressed { reason: "left".into() }),
            (claimed[6], Settled::Expired),
            (claimed[7], Settled::Returned { next_at: Timestamp(50) }),
        ];
        assert_eq!(settle(&store, "a", list, 40).await, 7);
        let expected = Books { sent: 1, refused: 1, waiting: 5, uncertain: 1, suppressed: 1, expired: 1, total: 10 };
        assert_eq!(books(&store).await, expected);
        let again = claim(&store, "a", 60, 10).await;
        assert_eq!(ids(&again), [8, 9, 10].map(DeliveryId), "the returned one and the two never claimed");
        assert!(again.iter().all(|claimed| claimed.delivery.attempt == 1), "a return is no try");
        let deferred = claim(&store, "a", 99, 10).await;
        assert_eq!((deferred[0].delivery.id, deferred[0].delivery.attempt), (claimed[3], 2));
        let line = look(&store, |view| view.delivery(DeliveryId(1))).await.unwrap();
        assert_eq!((line.delivery.state, line.reply.as_deref()), (DeliveryState::Sent, Some("250 queued as 1")));
        assert_eq!((line.settled_at, line.delivery.payload.as_str()), (Some(Timestamp(40)), "[1,2]"));
    }
}

#[tokio::test]
async fn a_node_that_was_paused_notices_that_its_lease_is_gone() {
    for (store, _folder) in both() {
        queue(&store, 4).await;
        let claimed = ids(&claim(&store, "a", 20, 4).await);
        transmit(&store, "a", claimed[..2].to_vec(), 30).await;
        let late = 20 + MINUTE;
        assert!(transmit(&store, "a", claimed[2..].to_vec(), late).await.is_empty());
        let late = late + 10;
        let swept = change(&store, move |change| change.sweep_leases(Timestamp(late), Timestamp(late + HOUR))).await;
        assert_eq!(swept, Swept { queued: 2, again: 0, uncertain: 2 }, "only what was in the air is in doubt");
        let again = claim(&store, "b", late, 4).await;
        assert_eq!((ids(&again), again[0].delivery.attempt), (claimed[2..].to_vec(), 1));
        assert_eq!(settle(&store, "a", vec![(claimed[2], sent())], late).await, 0, "it is another's by now");
        assert_eq!(settle(&store, "a", vec![(claimed[0], sent())], late).await, 1, "a late answer still counts");
        let deferred =
            Settled::Deferred { relay: "main".into(), code: "451".into(), reply: String::new(), next_at: Timestamp(1) };
        assert_eq!(settle(&store, "a", vec![(claimed[1], deferred)], late).await, 0, "doubt stays doubt");
        let doubt = look(&store, |view| view.uncertain("edition", Timestamp(0), 9)).await;
        assert_eq!(doubt, claimed[1..2]);
        change(&store, move |change| change.resend(&doubt, Timestamp(late))).await;
        let resent = claim(&store, "b", late, 4).await;
        assert_eq!((resent[0].delivery.id, resent[0].transmitted_at), (claimed[1], Some(Timestamp(30))));
        assert_eq!(books(&store).await.waiting, 3);
    }
}

#[tokio::test]
async fn a_newsletter_that_never_loses_sends_again_what_was_in_the_air() {
    for (store, _folder) in both() {
        queue(&store, 3).await;
        change(&store, |change| {
            let daily = newsroom::publication::Newsletter {
                slug: slug("daily"),
                names: newsroom::publication::Names::new(),
                descriptions: newsroom::publication::Names::new(),
                promise: newsroom::delivery::Promise::NeverTwice,
            };
            change.save_newsletter(&daily, 0)?;
            change.set_promise(&slug("daily"), newsroom::delivery::Promise::NeverLose)
        })
        .await;
        let claimed = ids(&claim(&store, "a", 20, 3).await);
        transmit(&store, "a", claimed[..2].to_vec(), 30).await;
        // A clock that went astray made the lease of the third: it ends a day too late.
        let (late, day) = (30 + MINUTE, 24 * HOUR);
        let renewed = claimed[2..].to_vec();
        change(&store, move |change| change.renew_leases("a", &renewed, Timestamp(31), Timestamp(day))).await;
        let swept = change(&store, move |change| change.sweep_leases(Timestamp(late), Timestamp(late + HOUR))).await;
        assert_eq!(swept, Swept { queued: 1, again: 2, uncertain: 0 });
        assert_eq!(books(&store).await.waiting, 3);
    }
}

#[tokio::test]
async fn the_dot_does_not_leave_for_who_left_nor_while_it_is_paused_or_held() {
    for (store, _folder) in both() {
        queue(&store, 4).await;
        let claimed = ids(&claim(&store, "a", 20, 4).await);
        let first = claimed.clone();
        change(&store, move |change| {
            change.leave(SubscriberId(first[0].0), Timestamp(21))?;
            change.suppress(&format!("hash {}", first[1].0), "address", Timestamp(21))?;
            change.subscribe(SubscriberId(first[2].0), &slug("daily"), Timestamp(1))?;
            change.unsubscribe(SubscriberId(first[2].0), &slug("daily"), Timestamp(21)).map(drop)
        })
        .await;
        let pause = Pause { at: Timestamp(22), relay: "main".into(), reason: "550 5.7.1 spam".into() };
        let kept = pause.clone();
        assert!(change(&store, move |change| change.pause_occasion(&morning(), &kept)).await);
        assert!(transmit(&store, "a", claimed.clone(), 23).await.is_empty(), "it is paused");
        assert_eq!(look(&store, |view| view.paused(&morning())).await, Some(pause.clone()));
        assert_eq!(look(&store, |view| view.pauses()).await, [(morning(), pause)]);
        assert!(change(&store, |change| change.let_occasion_go_on(&morning(), Timestamp(24))).await);
        change(&store, |change| change.hold(Timestamp(25))).await;
        assert!(transmit(&store, "a", claimed.clone(), 26).await.is_empty(), "it is held");
        change(&store, |change| change.release()).await;
        assert_eq!(transmit(&store, "a", claimed.clone(), 27).await, HashSet::from([claimed[3]]));
    }
}

#[tokio::test]
async fn a_person_decides_about_each_doubt_once() {
    for (store, _folder) in both() {
        queue(&store, 4).await;
        let claimed = ids(&claim(&store, "a", 20, 4).await);
        transmit(&store, "a", claimed.clone(), 21).await;
        let doubt = || Settled::Uncertain { relay: "main".into(), reply: "gone".into() };
        let policy = Settled::Refused { relay: "main".into(), code: "policy".into(), reply: "550 5.7.1 spam".into() };
        let list = vec![(claimed[0], doubt()), (claimed[1], doubt()), (claimed[2], policy), (claimed[3], sent())];
        assert_eq!(settle(&store, "a", list, 22).await, 4);
        let all = claimed.clone();
        let left = change(&store, move |change| change.leave_uncertain(&all[..1])).await;
        assert_eq!(left, claimed[..1]);
        let open = look(&store, |view| view.undecided(None, 9)).await;
        assert_eq!(open.iter().map(|line| line.delivery.id).collect::<Vec<_>>(), claimed[1..2]);
        let all = claimed.clone();
        let mut again = change(&store, move |change| change.resend(&all, Timestamp(30))).await;
        again.sort_unstable();
        assert_eq!(again, claimed[..3], "what was sent stays sent");
        assert_eq!(books(&store).await, Books { waiting: 3, sent: 1, total: 4, ..Books::default() });
        let by_relay = look(&store, |view| view.books_by_relay(&morning())).await;
        assert_eq!(by_relay["main"].total, 4);
        let by_domain = look(&store, |view| view.books_by_domain(&morning())).await;
        assert_eq!((by_domain.len(), by_domain["example.ht"].sent), (1, 1));
        let said = look(&store, |view| view.replies(&morning(), DeliveryState::Sent, 9)).await;
        assert_eq!(said, [(String::new(), "250 queued as 1".into(), 1)]);
    }
}

#[tokio::test]
async fn nothing_can_be_claimed_while_the_paper_is_held() {
    for (store, _folder) in both() {
        queue(&store, 2).await;
        change(&store, |change| change.hold(Timestamp(15))).await;
        assert_eq!(look(&store, |view| view.held_at()).await, Some(Timestamp(15)));
        assert!(claim(&store, "a", 20, 9).await.is_empty());
        change(&store, |change| change.release()).await;
        assert_eq!(claim(&store, "a", 20, 9).await.len(), 2);
    }
}

#[tokio::test]
async fn who_left_a_second_ago_is_told_at_the_envelope() {
    for (store, _folder) in both() {
        queue(&store, 3).await;
        change(&store, |change| {
            change.leave(SubscriberId(1), Timestamp(18))?;
            change.suppress("hash 2", "address", Timestamp(19))?;
            let mut confirm = edition(9);
            confirm.occasion = Occasion::Confirmation(77);
            confirm.recipient = Recipient::Subscriber(SubscriberId(2));
            confirm.address = Address::parse("new@example.ht").ok();
            (confirm.payload, confirm.works) = ("token".into(), vec![]);
            change.queue_deliveries(&[confirm])?;
            Ok(())
        })
        .await;
        let claimed = ids(&claim(&store, "a", 20, 9).await);
        let envelopes = look(&store, move |view| view.envelopes(&claimed)).await;
        let told: Vec<_> = envelopes
            .iter()
            .map(|e| (e.address.as_ref().unwrap().as_str(), e.left_at, e.suppressed.as_deref()))
            .collect();
        let expected = [
            ("Rose1@example.ht", Some(Timestamp(18)), None),
            ("Rose2@example.ht", None, Some("address")),
            ("Rose3@example.ht", None, None),
            ("new@example.ht", None, None),
        ];
        assert_eq!(told, expected);
        transmit(&store, "a", vec![DeliveryId(9), DeliveryId(3)], 21).await;
        settle(&store, "a", vec![(DeliveryId(9), sent()), (DeliveryId(3), sent())], 22).await;
        let payload = |id| look(&store, move |view| Ok(view.delivery(DeliveryId(id))?.unwrap().delivery.payload));
        assert_eq!(payload(9).await, "", "a token is forgotten once it is sent");
        assert_eq!(payload(3).await, "[1,2]", "what an edition brought is kept");
    }
}

#[tokio::test]
async fn what_is_too_old_expires_and_what_is_pulled_back_stays() {
    for (store, _folder) in both() {
        queue(&store, 4).await;
        claim(&store, "a", 20, 1).await;
        assert_eq!(change(&store, |change| change.expire_deliveries(Timestamp(11 + 24 * HOUR), Timestamp(9))).await, 0);
        let stopped =
            change(&store, |change| change.suppress_editions_of(SubscriberId(2), "left", Timestamp(20))).await;
        assert_eq!(stopped, 1);
        let pulled = change(&store, |change| change.suppress_occasion(&morning(), "pulled back", Timestamp(20))).await;
        assert_eq!(pulled, 2);
        let again = change(&store, |change| change.queue_deliveries(&[edition(2), edition(3)])).await;
        assert_eq!(again, [], "what was pulled back is not made again");
        let late = Timestamp(11 + 24 * HOUR);
        change(&store, move |change| {
            change.queue_deliveries(&[edition(5)])?;
            assert_eq!(change.expire_deliveries(late, Timestamp(10))?, 1);
            Ok(())
        })
        .await;
        assert_eq!(books(&store).await.expired, 1);
    }
}

#[tokio::test]
async fn an_edition_is_one_per_newsletter_date_and_language() {
    for (store, _folder) in both() {
        let (one, words) = super::article(1, "mission");
        super::keep(&store, vec![(one, words)]).await;
        let issue = Edition {
            id: EditionId(1),
            newsletter: slug("daily"),
            date: Day::parse("2025-08-22").unwrap(),
            language: language("en"),
            state: EditionState::Assembling,
            revision: 1,
            subject: String::new(),
            preheader: String::new(),
            note: "Good morning.".into(),
            made_at: Timestamp(1),
            approved_by: None,
            approved_at: None,
            automatic_at: None,
            candidates_from: Timestamp(0),
            sent_at: None,
        };
        let mut second = issue.clone();
        second.id = EditionId(2);
        let kept = issue.clone();
        change(&store, move |change| change.add_edition(&kept)).await;
        let told: Result<(), Error> = store.change(move |change| change.add_edition(&second)).await;
        assert!(told.unwrap_err().violates("editions_once"));
        let mut approved = issue.clone();
        approved.state = EditionState::Approved;
        approved.approved_at = Some(Timestamp(7));
        let saved = approved.clone();
        let item = EditionItem {
            article: newsroom::id::ArticleId(1),
            position: 0,
            pinned_at: Some(Timestamp(3)),
            dropped_at: None,
        };
        let items = vec![item.clone()];
        change(&store, move |change| {
            change.save_edition(&saved)?;
            change.save_edition_items(EditionId(1), &items)?;
            change.save_edition_items(EditionId(1), &items)
        })
        .await;
        let en = language("en");
        look(&store, move |view| {
            assert_eq!(view.edition_of(&slug("daily"), approved.date, &en)?, Some(approved.clone()));
            assert_eq!(view.editions(&slug("daily"), &en, None, 9)?, [approved.clone()]);
            assert_eq!(view.editions(&slug("daily"), &en, Some(approved.date), 9)?, []);
            assert_eq!(view.editions_in(EditionState::Approved, 9)?.len(), 1);
            assert_eq!(view.edition_items(EditionId(1))?, std::slice::from_ref(&item));
            assert_eq!(view.candidates(Timestamp(0), Timestamp(9_000), 9)?[0].work, WorkId(1));
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_wave_is_frozen_once() {
    for (store, _folder) in both() {
        let zone = || newsroom::time::Zone::parse("Asia/Kathmandu").unwrap();
        let day = Day::parse("2025-08-22").unwrap();
        let open = |at| change(&store, move |change| change.open_wave(&slug("daily"), day, &zone(), 7, Timestamp(at)));
        assert!(open(5).await);
        assert!(!open(6).await);
        change(&store, move |change| {
            change.close_wave(&slug("daily"), day, &zone(), 7, 3, 2)?;
            change.close_wave(&slug("daily"), day, &zone(), 7, 1, 1)
        })
        .await;
        let waves = look(&store, move |view| view.waves(&slug("daily"), day)).await;
        assert_eq!((waves[0].frozen_at, waves[0].made, waves[0].nothing_new), (Timestamp(5), 4, 1));
        assert!(look(&store, move |view| view.has_wave(&slug("daily"), day, &zone(), 7)).await);
    }
}

/// A guard against a slow statement; the figures belong to bench/.
#[tokio::test]
async fn ten_thousand_subscribers_are_queued_in_a_moment() {
    for (store, _folder) in both() {
        let people: Vec<(Subscriber, String)> = (1..=10_000).map(|id| (subscriber(id), format!("hash {id}"))).collect();
        change(&store, move |change| {
            change.add_new_subscribers(&people)?;
            people.iter().try_for_each(|(person, _)| change.subscribe(person.id, &slug("daily"), Timestamp(1)))
        })
        .await;
        let began = std::time::Instant::now();
        let queued = change(&store, |change| {
            let mut after = None;
            let mut queued = 0;
            loop {
                let zone = newsroom::time::Zone::parse("America/Port-au-Prince").unwrap();
                let page = change.subscribers_due(&slug("daily"), &zone, 7, Timestamp(9), after, 2_000)?;
                let Some(last) = page.last() else { return Ok(queued) };
                after = Some(last.id);
                let people: Vec<_> = page.iter().map(|person| person.id).collect();
                assert!(change.delivered(&people, WorkId(1)..=WorkId(200))?.is_empty());
                let list: Vec<_> = page
                    .iter()
                    .map(|person| NewDelivery { works: (1..=10).map(WorkId).collect(), ..edition(person.id.0) })
                    .collect();
                queued += change.queue_deliveries(&list)?.len();
            }
        })
        .await;
        assert_eq!(queued, 10_000);
        eprintln!("{}: 10,000 deliveries with 100,000 works in {:?}", store.engine_name(), began.elapsed());
        assert!(began.elapsed().as_secs() < 20);
    }
}
