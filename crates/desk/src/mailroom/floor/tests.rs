//! Lanes and rows, by weights, limits and turns.

use super::*;
use crate::relays::RelayLimits;
use newsroom::delivery::{DeliveryState, Occasion, Recipient};
use newsroom::id::SubscriberId;
use newsroom::time::Timestamp;
use std::collections::BTreeMap;

fn plan(name: &str, limits: RelayLimits) -> RelayPlan {
    let mut settings = mail::RelaySettings::new("127.0.0.1", 25, "paper.example");
    settings.tls = mail::smtp::Tls::None;
    RelayPlan { name: name.into(), direct: false, settings, limits }
}

fn weighing(weight: u32) -> RelayLimits {
    RelayLimits { weight, ..RelayLimits::default() }
}

fn post(id: i64, domain: &str) -> Post {
    let delivery = Delivery {
        id: DeliveryId(id),
        occasion: Occasion::Welcome(Timestamp(1)),
        recipient: Recipient::Subscriber(SubscriberId(id)),
        state: DeliveryState::Claimed,
        dated: Timestamp(0),
        due_at: Timestamp(0),
        attempt: 1,
        payload: String::new(),
    };
    let envelope = mail::Envelope::parse("b@paper.example", &format!("r{id}@{domain}")).unwrap();
    let message = mail::MailData::check(b"Subject: x".to_vec()).unwrap();
    let letter = Letter { delivery, domain: domain.into(), promise: Promise::NeverTwice, route: None };
    Post { letter, envelope, message }
}

/// A letter that goes straight to whoever takes mail for its domain.
fn straight(id: i64, domain: &str, provider: &str) -> Post {
    let mut post = post(id, domain);
    let route = mail::mx::Route { provider: provider.into(), hosts: vec![format!("mx.{provider}")] };
    post.letter.route = Some(Arc::new(route));
    post
}

fn without_relay(limits: RelayLimits) -> RelayPlan {
    RelayPlan { limits, ..RelayPlan::straight("direct", mail::RelaySettings::new("", 25, "paper.example")) }
}

fn floor(plans: &[RelayPlan]) -> Floor {
    let mut floor = Floor::default();
    floor.build(plans);
    floor
}

/// The domains that lane `at` gives, in turn, until it makes one wait.
fn given(floor: &mut Floor, at: usize, now: i64) -> Vec<String> {
    let mut domains = Vec::new();
    let generation = floor.generation;
    while let Next::Post(post) = floor.next(at, generation, now) {
        domains.push(post.letter.domain.clone());
    }
    domains
}

#[test]
fn relays_get_messages_by_their_weights() {
    let mut floor = floor(&[plan("a", weighing(3)), plan("b", weighing(1))]);
    floor.accept((0..400).map(|id| post(id, "example.org")));
    assert!(floor.deal(0).is_empty());
    assert_eq!((floor.lanes[0].ready(), floor.lanes[1].ready()), (300, 100));
}

#[test]
fn a_destination_that_many_write_to_holds_up_nobody_else() {
    let mut floor = floor(&[plan("a", RelayLimits::default())]);
    floor.accept((0..5).map(|id| post(id, "big.example")).chain([post(9, "small.example")]));
    floor.deal(0);
    assert_eq!(given(&mut floor, 0, 0)[..3], ["big.example", "small.example", "big.example"]);
}

#[test]
fn a_destination_gets_no_more_than_its_limit() {
    let limits = RelayLimits { domain_connections: Some(2), domain_per_minute: Some(60), ..RelayLimits::default() };
    let mut floor = floor(&[plan("a", limits)]);
    floor.accept((0..50).map(|id| post(id, if id % 2 == 0 { "big.example" } else { "other.example" })));
    floor.deal(0);
    let mut count: BTreeMap<String, u32> = BTreeMap::new();
    for second in 0..10 {
        for domain in given(&mut floor, 0, second * 1_000_000) {
            *count.entry(domain).or_default() += 1;
        }
    }
    assert_eq!(count, BTreeMap::from([("big.example".into(), 2), ("other.example".into(), 2)]), "two on their way");
    floor.lanes[0].arrived(&post(0, "big.example").letter);
    assert_eq!(given(&mut floor, 0, 11_000_000), ["big.example"]);
    floor.accept((100..400).map(|id| post(id, "big.example")));
    let later = floor.deal(0);
    assert!(later.len() > 100 && later.iter().all(|it| it.wait >= 60_000_000), "a crowd goes back into the queue");
}

#[test]
fn what_a_broken_relay_was_to_carry_goes_by_another_or_back() {
    let mut floor = floor(&[plan("a", weighing(1)), plan("b", weighing(1))]);
    floor.accept((0..10).map(|id| post(id, "example.org")));
    floor.deal(0);
    (0..3).for_each(|_| floor.lanes[0].breaker.failed(0));
    floor.empty(0);
    assert!(floor.deal(0).is_empty());
    assert_eq!((floor.lanes[0].ready(), floor.lanes[1].ready()), (0, 10));
    assert!(!floor.another_than(DeliveryId(1), 0, 1) || floor.lanes[1].breaker.is_sound());
    (0..3).for_each(|_| floor.lanes[1].breaker.failed(0));
    floor.empty(1);
    let back = floor.deal(0);
    assert_eq!((back.len(), floor.ready()), (10, 0));
    assert!(back.iter().all(|it| it.wait == 15_000_000), "until the first is tried again");
}

#[test]
fn what_was_tried_over_a_relay_is_not_tried_there_at_once() {
    let mut floor = floor(&[plan("a", weighing(100)), plan("b", weighing(1))]);
    assert!((0..5).all(|id| floor.another_than(DeliveryId(id), 0, 0)));
    floor.accept((0..5).map(|id| post(id, "example.org")));
    floor.deal(0);
    assert_eq!((floor.lanes[0].ready(), floor.lanes[1].ready()), (0, 5));
}

#[test]
fn other_plans_keep_what_stands_ready_and_send_old_connections_home() {
    let mut floor = floor(&[plan("a", weighing(1))]);
    floor.accept((0..5).map(|id| post(id, "example.org")));
    floor.deal(0);
    let old = floor.generation;
    floor.build(&[plan("b", weighing(1))]);
    assert!(floor.deal(0).is_empty());
    assert_eq!(floor.lanes[0].ready(), 5);
    assert!(matches!(floor.next(0, old, 0), Next::Quit));
    let generation = floor.generation;
    assert!(matches!(floor.next(0, generation, 0), Next::Post(_)));
    assert_eq!(floor.ids().len(), 4);
    assert_eq!(floor.pull_back(&Occasion::Welcome(Timestamp(1))).len(), 4);
}

#[test]
fn a_full_lane_lets_the_others_go_on() {
    let mut floor = floor(&[plan("slow", weighing(1)), plan("fast", weighing(1))]);
    floor.accept((0..READY_MAX as i64 + 10).map(|id| post(id, "example.org")));
    assert!(floor.deal(0).is_empty());
    assert_eq!((floor.lanes[0].ready(), floor.lanes[1].ready()), (READY_MAX / 2, READY_MAX / 2));
    given(&mut floor, 1, 0);
    floor.deal(0);
    assert_eq!((floor.lanes[1].ready(), floor.ready()), (10, READY_MAX / 2 + 10));
}

#[test]
fn domains_of_one_provider_share_its_limits_where_no_relay_stands_between() {
    let limits = RelayLimits { domain_connections: Some(1), ..RelayLimits::default() };
    let mut floor = floor(&[without_relay(limits)]);
    floor.accept([
        straight(1, "a.example", "host.example"),
        straight(2, "b.example", "host.example"),
        straight(3, "c.example", "other.example"),
        post(4, "nowhere.example"),
    ]);
    let homeless: Vec<i64> = floor.deal(0).into_iter().map(|one| one.id.0).collect();
    assert_eq!(homeless, [4], "a letter without a way was kept");
    let Next::Post(first) = floor.next(0, 1, 0) else { panic!("nothing was given") };
    assert_eq!(given(&mut floor, 0, 0), ["c.example"], "one provider had two connections at once");
    let Taken::Post(next) = floor.next_for(0, 1, "host.example", 0) else { panic!("the connection had one only") };
    assert_eq!((&*first.letter.domain, &*next.letter.domain), ("a.example", "b.example"));
    assert!(matches!(floor.next_for(0, 1, "host.example", 0), Taken::Nothing), "there was no more");
    floor.accept([straight(5, "a.example", "host.example")]);
    assert!(floor.deal(0).is_empty());
    floor.lanes[0].arrived(&first.letter);
    floor.lanes[0].arrived(&next.letter);
    assert!(given(&mut floor, 0, 0).is_empty(), "the connection is open still");
    floor.lanes[0].hung_up("host.example");
    assert_eq!(given(&mut floor, 0, 0), ["a.example"]);
}

#[test]
fn a_provider_that_cannot_be_reached_holds_up_nobody_else_and_its_letters_are_given_back() {
    let mut floor = floor(&[without_relay(RelayLimits::default())]);
    floor.accept((0..10).map(|id| straight(id, "a.example", "dead.example")));
    floor.accept((10..12).map(|id| straight(id, "b.example", "host.example")));
    assert!(floor.deal(0).is_empty());
    let lost = straight(99, "a.example", "dead.example").letter;
    let mut back = Vec::new();
    for _ in 0..mail::breaker::FAILURES_MAX {
        back = floor.lanes[0].unreachable("dead.example", "no answer", 0);
    }
    assert_eq!((back.len(), floor.lanes[0].ready()), (10, 2));
    assert!(back.iter().all(|one| one.wait > 0));
    floor.accept([straight(12, "a.example", "dead.example")]);
    assert_eq!(floor.deal(1).len(), 1, "it was kept for a provider that is left alone");
    assert_eq!(given(&mut floor, 0, 1), ["b.example", "b.example"]);
    floor.lanes[0].works(&lost);
    floor.accept([straight(13, "a.example", "dead.example")]);
    assert!(floor.deal(2).is_empty());
}

#[test]
fn a_provider_that_has_too_much_gets_less_and_others_as_much_as_before() {
    let mut floor = floor(&[without_relay(RelayLimits::default())]);
    floor.accept((0..50).map(|id| straight(id, "a.example", "slow.example")));
    floor.accept((50..100).map(|id| straight(id, "b.example", "host.example")));
    assert!(floor.deal(0).is_empty());
    let letter = straight(100, "a.example", "slow.example").letter;
    floor.lanes[0].slow_down(&letter, 0);
    let domains = given(&mut floor, 0, 1);
    let slow = domains.iter().filter(|domain| *domain == "a.example").count();
    assert!(slow <= 1 && domains.len() - slow == 50, "{slow} of {}", domains.len());
}
