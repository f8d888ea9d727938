//! Whatever a relay does, no outcome claims more certainty than its octets allow.

use std::sync::Arc;
use std::time::Duration;

use mail::smtp::{Order, RelaySettings, Stage, Tls, Trouble};
use mail::testing::{Act, Bounds, Conduct, Offers, Stored, WildRelay};
use mail::{Ended, Envelope, Outcome, Relay};
use proptest::prelude::*;

use crate::scripted::{Bag, brief, settings};

const MESSAGES: usize = 6;
const CONNECTIONS_MAX: usize = 30;

/// One run: what the relay does at which moment, and over what kind of line.
#[derive(Clone, Debug)]
struct Run {
    /// Act by connection, message and stage; the rest obeys.
    acts: Vec<(u64, u64, Stage, Act)>,
    lies: bool,
    pipelining: bool,
    chunking: bool,
    forgets: bool,
    lock_step: bool,
    line_bytes: usize,
    kept_back: Vec<usize>,
}

fn honest_act() -> impl Strategy<Value = Act> {
    let code = prop_oneof![Just(421u16), Just(450), Just(451), Just(500), Just(503), Just(550), Just(554)];
    prop_oneof![
        4 => code.prop_map(|code| Act::Say(format!("{code} no\r\n"))),
        2 => Just(Act::HangUp),
        2 => Just(Act::KeepAndHangUp),
        2 => (0usize..12).prop_map(Act::SayPart),
        2 => (0usize..200).prop_map(Act::CutText),
        1 => Just(Act::Silence),
        1 => (1u64..4).prop_map(|seconds| Act::Drip(Duration::from_secs(seconds))),
        1 => (1u64..200).prop_map(|seconds| Act::Wait(Duration::from_secs(seconds))),
    ]
}

fn lie() -> impl Strategy<Value = Act> {
    let code = prop_oneof![Just(200u16), Just(221), Just(250), Just(354), Just(421), Just(550), Just(999), Just(100)];
    prop_oneof![
        code.clone().prop_map(|code| Act::Say(format!("{code} so\r\n"))),
        code.clone().prop_map(|code| Act::SayMore(format!("{code} and more\r\n"))),
        code.prop_map(|code| Act::Say(format!("{code}-so\r\n250 other\r\n"))),
        Just(Act::Late),
        Just(Act::Flood("250-endless\r\n".into())),
        Just(Act::Flood("x".into())),
    ]
}

fn run(lies: bool) -> impl Strategy<Value = Run> {
    let stage = prop_oneof![
        1 => Just(Stage::Greeting),
        1 => Just(Stage::Ehlo),
        3 => Just(Stage::Mail),
        3 => Just(Stage::Rcpt),
        3 => Just(Stage::Data),
        5 => Just(Stage::Dot),
    ];
    let act = if lies { prop_oneof![honest_act(), lie()].boxed() } else { honest_act().boxed() };
    let acts = proptest::collection::vec((1u64..6, 0u64..5, stage, act), 0..14);
    let line = prop_oneof![1usize..64, Just(100_000usize)];
    let kept_back = proptest::collection::vec(1usize..=MESSAGES, 0..2);
    (acts, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), line, kept_back).prop_map(
        move |(acts, pipelining, chunking, forgets, lock_step, line_bytes, kept_back)| Run {
            acts,
            lies,
            pipelining,
            chunking,
            forgets: forgets && lies,
            lock_step,
            line_bytes,
            kept_back,
        },
    )
}

/// Sends everything once, over as many connections as it takes.
async fn play(run: &Run) -> (Bag, WildRelay) {
    let acts = run.acts.clone();
    let conduct = Conduct::acting(move |moment| {
        let due = acts.iter().find(|(connection, message, stage, _)| {
            *connection == moment.connection
                && *stage == moment.stage
                && (*message == moment.message || *stage < Stage::Mail)
        });
        due.map_or(Act::Obey, |(.., act)| act.clone())
    });
    let offers = Offers {
        pipelining: run.pipelining,
        chunking: run.chunking,
        forgets_early_words: run.forgets,
        ..Offers::default()
    };
    let wild = Arc::new(WildRelay::without_port(conduct.offering(offers)));
    let order = if run.lock_step { Order::LockStep } else { Order::PipelinedIfOffered };
    let relay = Relay::new(RelaySettings { order, ..settings(Tls::None) }).unwrap();
    let message = |number: usize| {
        let text =
            format!("X-Masthead-Delivery: {number}\r\nSubject: x\r\n\r\n.dot\r\n{}", "words\r\n".repeat(number * 9));
        (Envelope::parse("", &format!("r{number}@example.ht")).unwrap().with_id("x"), text.into_bytes())
    };
    let mut bag = Bag { kept_back: run.kept_back.clone(), ..Bag::of((1..=MESSAGES).map(message)) };
    for _ in 0..CONNECTIONS_MAX {
        let (ours, theirs) = tokio::io::duplex(run.line_bytes);
        let answering = tokio::spawn({
            let wild = wild.clone();
            async move { wild.answer(theirs).await }
        });
        if let Ok(mut connection) = relay.open_on(ours).await {
            let ended = connection.carry(&mut bag).await;
            assert_eq!(connection.is_usable(), matches!(ended, Ended::Empty | Ended::Full | Ended::Idle), "{ended:?}");
            drop(connection);
        }
        answering.await.unwrap();
        if bag.waiting.is_empty() {
            break;
        }
    }
    (bag, Arc::into_inner(wild).unwrap())
}

fn judge(run: &Run, number: usize, outcome: &Outcome, stored: &Stored) -> Result<(), TestCaseError> {
    let told = format!("message {number}: {}; the relay has {stored:?}", brief(outcome));
    let whole = stored.heard > 0;
    prop_assert!(stored.times <= 1, "sent twice, {}", told);
    match outcome {
        Outcome::NotTransmitted(Trouble::OutOfOrder { code: 500..=502 }) if run.chunking => {
            prop_assert_eq!(stored.times, 0, "{}", told);
        }
        Outcome::NotTransmitted(_) => prop_assert!(!whole, "{}", told),
        Outcome::Deferred { stage, code, .. } | Outcome::Refused { stage, code, .. } if *stage == Stage::Dot => {
            let honest = whole && stored.times == 0 && stored.reply == Some(*code);
            prop_assert!(run.lies || honest, "{}", told);
        }
        Outcome::Deferred { .. } | Outcome::Refused { .. } => prop_assert!(!whole, "{}", told),
        Outcome::Sent { .. } => prop_assert!(run.lies || stored.times == 1, "{}", told),
        Outcome::Uncertain(_) => {}
    }
    Ok(())
}

fn check(run: &Run) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (bag, wild) = runtime.block_on(play(run));
    let book = wild.book();
    prop_assert_eq!(bag.outcomes.len() + bag.waiting.len(), MESSAGES, "a parcel was lost");
    for (number, outcome) in &bag.outcomes {
        let stored = book.messages.get(&number.to_string()).cloned().unwrap_or_default();
        judge(run, *number, outcome, &stored)?;
        if run.kept_back.contains(number) {
            prop_assert_eq!(stored.heard, 0, "message {} left although it was not ours any more", number);
        }
    }
    for parcel in &bag.waiting {
        prop_assert!(!book.messages.contains_key(&parcel.key.to_string()), "a message left that was never taken");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_outcome_claims_more_than_an_honest_relays_octets_allow(run in run(false)) {
        check(&run)?;
    }

    #[test]
    fn no_lie_of_a_relay_makes_a_message_that_left_count_as_kept_here(run in run(true)) {
        check(&run)?;
    }
}

#[tokio::test(start_paused = true)]
async fn the_sums_come_out_against_a_relay_that_drops_at_random() {
    for seed in 0..40 {
        let wild = Arc::new(WildRelay::without_port(Conduct::dropping(seed, 60)));
        let relay = Relay::new(settings(Tls::None)).unwrap();
        let mut bag = Bag::of((1..=60).map(|n: usize| {
            let text = format!("X-Masthead-Delivery: {n}\r\n\r\nwords\r\n");
            (Envelope::parse("", "r@example.ht").unwrap(), text.into_bytes())
        }));
        while !bag.waiting.is_empty() {
            let (ours, theirs) = tokio::io::duplex(4096);
            let wild = wild.clone();
            tokio::spawn(async move { wild.answer(theirs).await });
            if let Ok(mut connection) = relay.open_on(ours).await {
                connection.carry(&mut bag).await;
            }
        }
        let count = |word: &str| bag.brief().iter().filter(|line| line.contains(word)).count();
        let (sent, unsure) = (count(" sent "), count(" uncertain"));
        assert_eq!(sent + unsure + count(" not transmitted"), 60, "seed {seed}");
        let kept = wild.book().kept();
        assert!(sent <= kept && kept <= sent + unsure, "seed {seed}: {sent} sent, {unsure} unsure, {kept} kept");
        assert_eq!(wild.book().repeats(), 0, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_relays_limits_are_told_as_what_they_are() {
    async fn check(conduct: Conduct, messages: usize, outcomes: &[&str], ended: Ended) {
        let wild = WildRelay::start(conduct).await.unwrap();
        let to = RelaySettings { host: "127.0.0.1".into(), port: wild.port(), ..settings(Tls::None) };
        let mut connection = Relay::new(to).unwrap().open().await.unwrap();
        let mut bag = Bag::with(messages);
        assert_eq!(
            (connection.carry(&mut bag).await, bag.brief()),
            (ended, outcomes.iter().map(|&o| o.into()).collect())
        );
    }
    let bearing = |bounds| Conduct::default().bearing(bounds);
    let two = Bounds { messages_per_connection_max: Some(2), ..Bounds::default() };
    check(bearing(two), 4, &["1 sent W1.1", "2 sent W1.2", "3 deferred at mail 421"], Ended::Dismissed).await;
    let slow = Bounds { messages_per_second_max: Some(1), ..Bounds::default() };
    check(bearing(slow), 2, &["1 sent W1.1", "2 deferred at mail 451"], Ended::Empty).await;
    let none = Conduct::saying(Stage::Rcpt, "550 5.1.1 no such user");
    check(none, 2, &["1 refused at rcpt 550", "2 refused at rcpt 550"], Ended::Empty).await;
    check(Conduct::greylisting(), 2, &["1 deferred at rcpt 451", "2 sent W1.2"], Ended::Empty).await;
}
