//! One connection carries many messages: in a pipeline, one doubt at a time, each told exactly once.

use mail::smtp::{Order, RelaySettings, Tls};
use mail::{Connection, Ended, Relay};
use std::time::Duration;

use crate::scripted::{Bag, Hang, Hear, HearText, MESSAGE, Step, envelope, relay, say, settings};

/// A relay that offers these words and then does as scripted.
async fn open(offers: &str, settings: RelaySettings, script: Vec<Step>) -> Connection {
    let lines: Vec<String> = offers.split_whitespace().map(|offer| format!("250-{offer}\r\n")).collect();
    let hello = format!("250-relay.example\r\n{}250 HELP\r\n", lines.concat());
    let mut steps = vec![say("220 relay.example\r\n"), Hear("EHLO"), say(hello)];
    steps.extend(script);
    Relay::new(settings).unwrap().open_on(relay(steps)).await.unwrap()
}

const MAIL: &str = "MAIL FROM:<b+x@bounce.paper.example>\r\n";
const RCPT: &str = "RCPT TO:<rose@example.ht>\r\n";

fn words() -> [Step; 3] {
    [Hear(MAIL), Hear(RCPT), Hear("DATA\r\n")]
}

fn yes() -> Step {
    say("250 ok\r\n250 ok\r\n354 go on\r\n")
}

fn script(parts: impl IntoIterator<Item = Vec<Step>>) -> Vec<Step> {
    parts.into_iter().flatten().collect()
}

async fn check(offers: &str, messages: usize, steps: Vec<Step>, outcomes: &[&str], ended: Ended) {
    let shown = format!("{steps:?}");
    let mut bag = Bag::with(messages);
    let mut connection = open(offers, settings(Tls::None), steps).await;
    let end = connection.carry(&mut bag).await;
    assert_eq!((bag.brief(), end), (outcomes.iter().map(|&o| o.to_owned()).collect(), ended), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn the_next_envelope_travels_with_the_text_before_it() {
    // The relay hears the second envelope whole before it answers the first dot.
    let steps = script([
        words().into(),
        vec![yes(), HearText],
        words().into(),
        vec![say("250 Ok: queued as 0001\r\n"), yes(), HearText],
        words().into(),
        vec![say("250 Ok: queued as 0002\r\n"), yes(), HearText, say("250 Ok: queued as 0003\r\n")],
        vec![Hear("QUIT"), say("221 bye\r\n")],
    ]);
    let mut bag = Bag::with(3);
    let mut connection = open("PIPELINING", settings(Tls::None), steps).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Empty);
    assert_eq!(bag.brief(), ["1 sent 0001", "2 sent 0002", "3 sent 0003"]);
    assert_eq!(bag.left, [1, 2, 3]);
    assert_eq!(connection.sent(), 3);
    connection.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_offers_chunking_gets_counted_octets_and_no_dots() {
    let envelope = || vec![Hear(MAIL), Hear(RCPT)];
    let bdat = || vec![Hear("BDAT 45 LAST\r\n"), Hear("From"), Hear("Subject"), Hear("\r\n"), Hear(".hello\r\n")];
    let yes = || vec![say("250 ok\r\n250 ok\r\n")];
    let sent = vec![say("250 ok id=0001\r\n")];
    let steps = script([envelope(), yes(), bdat(), envelope(), sent, yes(), bdat(), vec![say("250 ok id=0002\r\n")]]);
    check("PIPELINING CHUNKING", 2, steps, &["1 sent 0001", "2 sent 0002"], Ended::Empty).await;
    // Not recognised after all: the text was not taken, and the next connection uses DATA.
    let steps = script([envelope(), yes(), bdat(), vec![say("502 what?\r\n")]]);
    let broken = Ended::Failed(mail::smtp::Trouble::OutOfOrder { code: 502 });
    check("CHUNKING PIPELINING", 1, steps, &["1 not transmitted: OutOfOrder { code: 502 }"], broken).await;
}

#[tokio::test(start_paused = true)]
async fn a_recipient_refused_in_the_pipeline_costs_nobody_else_a_message() {
    let refused = "550 5.1.1 no such user\r\n";
    let again = || script([vec![Hear("RSET\r\n")], words().into(), vec![say("250 ok\r\n"), yes(), HearText]]);
    let sent = || vec![say("250 ok\r\n")];
    let outcomes = ["1 refused at rcpt 550", "2 sent -"];
    let no_data = vec![say(format!("250 ok\r\n{refused}503 no recipients\r\n"))];
    check("PIPELINING", 2, script([words().into(), no_data, again(), sent()]), &outcomes, Ended::Empty).await;
    // RFC 2920 §3.1: 354 although there is nobody to send to. A lone dot, which must fail.
    let data = vec![say(format!("250 ok\r\n{refused}354 go on\r\n")), Hear(".\r\n"), say("554 nobody\r\n")];
    check("PIPELINING", 2, script([words().into(), data, again(), sent()]), &outcomes, Ended::Empty).await;
    let data = vec![say(format!("250 ok\r\n{refused}354 go on\r\n")), Hear(".\r\n"), say("250 taken\r\n"), Hang];
    let lost = Ended::Failed(mail::smtp::Trouble::OutOfOrder { code: 250 });
    check("PIPELINING", 2, script([words().into(), data]), &outcomes[..1], lost).await;
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_refused_does_not_take_the_next_envelope_with_it() {
    let first = || script([words().into(), vec![yes(), HearText], words().into()]);
    let no = "554 5.7.1 not this\r\n";
    let goes_on = vec![say(no), yes(), HearText, say("250 ok\r\n")];
    check("PIPELINING", 2, script([first(), goes_on]), &["1 refused at dot 554", "2 sent -"], Ended::Empty).await;
    // A relay that keeps the old envelope on the table after its no.
    let confused = vec![say(no), say("503 nested MAIL\r\n250 ok\r\n503 bad sequence\r\n"), Hear("RSET\r\n")];
    let again = script([words().into(), vec![say("250 ok\r\n"), yes(), HearText, say("250 ok\r\n")]]);
    let steps = script([first(), confused, again]);
    check("PIPELINING", 2, steps, &["1 refused at dot 554", "2 sent -"], Ended::Empty).await;
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_is_nobodys_fault_but_ends_the_connection() {
    let first = || script([words().into(), vec![yes(), HearText], words().into()]);
    let outcomes = ["1 deferred at dot 421", "2 not transmitted: Closed"];
    check("PIPELINING", 3, script([first(), vec![say("421 bye\r\n")]]), &outcomes, Ended::Dismissed).await;
    let outcomes = ["1 sent -", "2 deferred at mail 421"];
    check("PIPELINING", 3, script([first(), vec![say("250 ok\r\n421 bye\r\n")]]), &outcomes, Ended::Dismissed).await;
    let outcomes = ["1 uncertain: Closed", "2 not transmitted: Closed"];
    let closed = Ended::Failed(mail::smtp::Trouble::Closed);
    check("PIPELINING", 3, first(), &outcomes, closed).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_longer_ours_keeps_its_dot() {
    let steps = script([words().into(), vec![yes(), HearText], words().into(), vec![say("250 ok\r\n"), yes(), Hang]]);
    let mut bag = Bag { kept_back: vec![2], ..Bag::with(3) };
    let mut connection = open("PIPELINING", settings(Tls::None), steps).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Failed(mail::smtp::Trouble::Abandoned));
    assert_eq!(bag.brief(), ["1 sent -", "2 not transmitted: Abandoned"]);
    assert_eq!((bag.left, bag.waiting.len()), (vec![1], 1));
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_does_not_mean_pipelining_is_asked_one_thing_at_a_time_next_time() {
    let relay_settings = settings(Tls::None);
    let shared = Relay::new(relay_settings).unwrap();
    let hello = || vec![say("220 relay\r\n"), Hear("EHLO"), say("250-relay\r\n250 PIPELINING\r\n")];
    let mut bag = Bag::with(2);
    for (steps, outcome) in [
        (vec![Hear(MAIL), say("250 ok\r\n"), Hang], "1 not transmitted: TimedOut"),
        (
            script([
                vec![Hear(MAIL), say("250 ok\r\n"), Hear(RCPT), say("250 ok\r\n")],
                vec![Hear("DATA"), say("354 go\r\n"), HearText, say("250 ok\r\n")],
            ]),
            "2 sent -",
        ),
    ] {
        let mut connection = shared.open_on(relay(script([hello(), steps]))).await.unwrap();
        connection.carry(&mut bag).await;
        assert_eq!(bag.brief().last().unwrap(), outcome);
    }
    let steps = script([hello(), words().into(), vec![say("250 ok\r\n503 5.5.1 Pipelining not supported\r\n"), Hang]]);
    let mut connection = Relay::new(settings(Tls::None)).unwrap().open_on(relay(steps)).await.unwrap();
    let mut bag = Bag::with(1);
    connection.carry(&mut bag).await;
    assert_eq!(bag.brief(), ["1 not transmitted: NoPipelining"]);
}

#[tokio::test(start_paused = true)]
async fn one_thing_at_a_time_can_be_asked_for() {
    let said = |word, reply: &str| vec![Hear(word), say(reply)];
    let steps = script([
        said(MAIL, "250 ok\r\n"),
        said(RCPT, "550 no\r\n"),
        said("RSET\r\n", "250 ok\r\n"),
        said(MAIL, "250 ok\r\n"),
        said(RCPT, "250 ok\r\n"),
        said("DATA\r\n", "354 go\r\n"),
        vec![HearText, say("250 ok\r\n")],
    ]);
    let mut bag = Bag::with(2);
    let mut connection =
        open("PIPELINING", RelaySettings { order: Order::LockStep, ..settings(Tls::None) }, steps).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Empty);
    assert_eq!(bag.brief(), ["1 refused at rcpt 550", "2 sent -"]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_stops_at_its_limit_and_when_it_has_nothing_to_do() {
    let message = || script([words().into(), vec![yes(), HearText, say("250 ok\r\n")]]);
    let mut bag = Bag::with(3);
    let limited = RelaySettings { messages_per_connection_max: Some(1), ..settings(Tls::None) };
    let mut connection = open("PIPELINING", limited, message()).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Full);
    assert_eq!((bag.brief(), bag.waiting.len()), (vec!["1 sent -".to_owned()], 2));

    let begun = tokio::time::Instant::now();
    let mut bag = Bag { patient: true, ..Bag::with(1) };
    let idle = RelaySettings { idle: Duration::from_secs(7), ..settings(Tls::None) };
    let mut connection = open("PIPELINING", idle, script([message(), vec![Hear("QUIT"), Hang]])).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Idle);
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
    assert!(connection.is_usable());

    let mut bag = Bag { patient: true, ..Bag::default() };
    let mut connection = open("PIPELINING", settings(Tls::None), vec![say("421 4.4.2 idle\r\n")]).await;
    assert_eq!(connection.carry(&mut bag).await, Ended::Dismissed);
}

#[tokio::test(start_paused = true)]
async fn what_a_relay_cannot_take_is_told_before_a_word_is_said() {
    let large = (envelope(), MESSAGE.repeat(50));
    let mut bag = Bag::of([large.clone(), (envelope(), MESSAGE.to_vec()), large]);
    let steps = script([
        vec![Hear("MAIL FROM:<b+x@bounce.paper.example> SIZE=45\r\n"), Hear(RCPT), Hear("DATA\r\n")],
        vec![yes(), HearText, say("250 ok\r\n")],
    ]);
    let mut connection = {
        let hello = say("250-relay\r\n250-PIPELINING\r\n250 SIZE 100\r\n");
        let steps = script([vec![say("220 relay\r\n"), Hear("EHLO"), hello], steps]);
        Relay::new(settings(Tls::None)).unwrap().open_on(relay(steps)).await.unwrap()
    };
    assert_eq!(connection.carry(&mut bag).await, Ended::Empty);
    assert_eq!(bag.brief(), ["1 refused at mail 552", "3 refused at mail 552", "2 sent -"]);
}
