//! What goes wrong between us and the relay: nothing lost, nothing sent twice by guess, every doubt named.

use crate::morning::{books, three_articles};
use crate::paper::Mood;
use newsroom::delivery::DeliveryState;

const ROSE: &str = "rose@example.ht";
const DAY: &str = "2025-08-23";

crate::on_both! {
    async fn a_relay_that_hangs_up_after_the_dot_leaves_a_doubt_that_is_named_and_not_guessed_away(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        *paper.mood.lock().unwrap() = Mood::HangsUpAfterTheDot;
        paper.morning(DAY, "2025-08-23T07:00:00+03:00").await;
        let doubt = books(&paper, DAY).await;
        assert_eq!((doubt.uncertain, doubt.waiting, doubt.total), (1, 0, 1));
        *paper.mood.lock().unwrap() = Mood::Takes;
        for hour in 8..20 {
            paper.at(&format!("2025-08-23T{hour:02}:00:00+03:00")).round().await;
        }
        assert_eq!(paper.mail_to(ROSE).len(), before, "a doubt was settled by sending again");
        assert_eq!(books(&paper, DAY).await.uncertain, 1);
    }

    async fn a_relay_that_hangs_up_before_the_text_has_nothing_and_is_asked_again(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        *paper.mood.lock().unwrap() = Mood::HangsUpBeforeTheText;
        paper.morning(DAY, "2025-08-23T07:00:00+03:00").await;
        assert_eq!(books(&paper, DAY).await.waiting, 1);
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-23T07:30:00+03:00").round().await;
        assert_eq!(paper.mail_to(ROSE).len(), before + 1);
        assert_eq!(books(&paper, DAY).await.sent, 1);
    }

    async fn a_clock_that_jumps_and_comes_back_neither_expires_a_letter_nor_keeps_it_waiting(paper) {
        three_articles(&paper).await;
        paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        let before = paper.mail_to(ROSE).len();
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        paper.morning(DAY, "2025-08-23T07:00:00+03:00").await;
        *paper.mood.lock().unwrap() = Mood::Takes;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let jumps = async {
            // Once it has mailed something, the mailroom has looked at the clock.
            let (mails, stamp) = (paper.mails(), paper.desk.stamp());
            paper.post("/subscribe", &[("email", "samir@example.lb"), ("stamp", stamp.as_str()), ("url", "")]).await;
            until(async || paper.mails() > mails).await;
            paper.at("2025-08-26T07:00:00+03:00");
            let jumped = paper.desk.now();
            let store = paper.desk.store().clone();
            until(async || {
                let next: Result<_, store::Error> = store.read(|view| view.next_delivery_at()).await;
                next.unwrap().is_some_and(|at| at > jumped)
            })
            .await;
            assert_eq!(books(&paper, DAY).await.waiting, 1, "it expired by a clock that was wrong");
            paper.at("2025-08-23T07:05:00+03:00");
            until(async || paper.mail_to(ROSE).len() > before).await;
            drop(stop);
        };
        tokio::join!(paper.desk.run(async { drop(stopped.await) }), jumps);
        assert_eq!(books(&paper, DAY).await.sent, 1);
        assert_eq!(paper.mail_to(ROSE).len(), before + 1);
    }

    async fn a_node_that_dies_loses_nothing_and_what_it_had_in_the_air_is_doubtful(paper) {
        three_articles(&paper).await;
        for reader in [ROSE, "samir@example.lb"] {
            paper.subscribe(reader, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        }
        let before = paper.mails();
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        paper.morning(DAY, "2025-08-23T07:00:00+03:00").await;
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-23T07:10:00+03:00");
        // Another node takes both rows, marks one as transmitted and is never heard of again.
        let (now, until) = (paper.desk.now(), paper.desk.now().plus(5 * newsroom::time::MINUTE));
        let taken = paper.desk.store().change_guarded(move |change| {
            let taken = change.claim_deliveries("dead", now, until, 10)?;
            change.mark_transmitted("dead", &[(taken[0].delivery.id, "main")], now, until)?;
            Ok::<_, store::Error>(taken)
        }).await.unwrap();
        assert_eq!(taken.len(), 2);
        paper.round().await;
        assert_eq!(paper.mails(), before, "its lease was not respected");
        paper.at("2025-08-23T07:20:00+03:00").round().await;
        paper.round().await;
        let books = books(&paper, DAY).await;
        assert_eq!((books.sent, books.uncertain, books.total), (1, 1, 2));
        assert_eq!(paper.mails(), before + 1);
        let id = taken[0].delivery.id;
        let line = paper.desk.store().read(move |view| view.delivery(id)).await.unwrap().unwrap();
        assert_eq!(line.delivery.state, DeliveryState::Uncertain);
    }
}

/// Looks again and again, for a minute at most.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it did not come to pass within a minute");
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_address_and_no_token_is_logged_or_in_the_ledger_on_the_worst_of_mornings() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(masthead::log::filter("trace"))
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let paper = crate::paper::Paper::on(crate::paper::Engine::Sqlite).await;
    three_articles(&paper).await;
    paper.subscribe(ROSE, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
    let tokens: Vec<String> = paper
        .mail_to(ROSE)
        .iter()
        .flat_map(|mail| {
            mail.text()
                .split(|c: char| "/#?".contains(c) || c.is_whitespace())
                .map(|part| part.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|part| part.len() == 37 && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .collect();
    assert!(!tokens.is_empty(), "no token to look for");
    for (hour, mood) in [(7, Mood::SaysLater), (8, Mood::HangsUpBeforeTheText), (9, Mood::SaysNo)] {
        *paper.mood.lock().unwrap() = mood;
        let time = format!("2025-08-23T{hour:02}:00:00+03:00");
        if hour == 7 {
            paper.morning(DAY, &time).await;
        } else {
            paper.at(&time).round().await;
        }
    }
    let ledger = paper.desk.store().read(|view| view.ledger(None, 500)).await.unwrap();
    let ledger =
        ledger.iter().map(|line| format!("{} {} {}\n", line.verb, line.subject, line.detail)).collect::<String>();
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("desk") && ledger.contains("confirmed"),
        "nothing was logged, so nothing was checked:\\n{logged}"
    );
    for secret in tokens.iter().map(String::as_str).chain([ROSE, "rose@"]) {
        for (name, text) in [("log", &logged), ("ledger", &ledger)] {
            let line = text.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "the {name} tells: {line:?}");
        }
    }
}
