//! What our server says to peers of every kind, without a network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail::server::{Answer, Arrival, Limits, Settings, converse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Says everything at once, then listens to the end. Gives the reply codes in order and what was kept.
async fn talk(settings: &Settings, said: &[u8], answer: Answer) -> (String, Vec<Arrival>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = {
        let kept = kept.clone();
        move |arrival: Arrival| {
            kept.lock().unwrap().push(arrival);
            let answer = answer.clone();
            async move { answer }
        }
    };
    let (mut ours, theirs) = tokio::io::duplex(1 << 20);
    let listen = async {
        ours.write_all(said).await.unwrap();
        ours.shutdown().await.unwrap();
        let mut heard = String::new();
        ours.read_to_string(&mut heard).await.unwrap();
        heard
    };
    let (heard, talked) = tokio::join!(listen, async {
        let talked = converse(theirs, settings, &keep).await;
        drop(keep);
        talked
    });
    talked.unwrap();
    let codes: Vec<&str> =
        heard.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect();
    let kept = std::mem::take(&mut *kept.lock().unwrap());
    (codes.join(" "), kept)
}

fn small() -> Settings {
    let limits = Limits {
        message_bytes_max: 100,
        recipients_max: 2,
        text_line_bytes_max: 40,
        mistakes_max: 2,
        ..Limits::default()
    };
    Settings { limits, ..Settings::new("tray.example") }
}

const OPENING: &str = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";

#[tokio::test(start_paused = true)]
async fn a_peer_hears_one_reply_for_each_command() {
    async fn check(said: &str, codes: &str) {
        let (heard, _) = talk(&small(), said.as_bytes(), Answer::Kept("T1".into())).await;
        assert_eq!(heard, codes, "{said:?}");
    }
    check("", "220").await;
    check("QUIT\r\nNOOP\r\n", "220 221").await;
    check("HELO x\r\nNOOP\r\nRSET\r\nVRFY rose\r\n", "220 250 250 250 252").await;
    check(&format!("{OPENING}DATA\r\nhi\r\n.\r\nQUIT\r\n"), "220 250 250 250 354 250 221").await;
    check("MAIL FROM:<a@b>\r\nEHLO x\r\nRCPT TO:<a@b>\r\nDATA\r\n", "220 503 250 503 421").await;
    check("EHLO x\r\nDATA\r\n", "220 250 503").await;
    check(&format!("{OPENING}MAIL FROM:<e@f>\r\n"), "220 250 250 250 503").await;
    check(&format!("{OPENING}RCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\n"), "220 250 250 250 250 452").await;
    check("EHLO x\r\nMAIL FROM:<a@b> SIZE=101\r\n", "220 250 552").await;
    check("EHLO x\r\nMAIL FROM:<a@b> RET=FULL\r\n", "220 250 555").await;
    check("what\r\nis\r\nthis\r\nplace\r\n", "220 500 500 421").await;
    check("NOOP\nQUIT\r\n", "220 500").await;
    check("STARTTLS\r\n", "220 503").await;
    check(&"x".repeat(5000), "220 500").await;
    check(&format!("{OPENING}DATA\r\n{}\r\n.\r\nNOOP\r\n", "x\r\n".repeat(60)), "220 250 250 250 354 552 250").await;
    check(&format!("{OPENING}DATA\r\n{}\r\n.\r\nNOOP\r\n", "x".repeat(50)), "220 250 250 250 354 554 250").await;
    check(&format!("{OPENING}DATA\r\n{}", "x\r\n".repeat(30_000)), "220 250 250 250 354 421").await;
    check(&format!("{OPENING}DATA\r\nhalf a text"), "220 250 250 250 354").await;
}

#[tokio::test(start_paused = true)]
async fn the_sinks_answer_is_the_reply() {
    async fn check(answer: Answer, codes: &str) {
        let said = format!("{OPENING}DATA\r\nhi\r\n.\r\n");
        let (heard, kept) = talk(&small(), said.as_bytes(), answer).await;
        assert_eq!((heard.as_str(), kept.len()), (codes, 1));
    }
    check(Answer::Kept("T1\r\n550 no".into()), "220 250 250 250 354 250").await;
    check(Answer::Later, "220 250 250 250 354 452").await;
    check(Answer::Refused("not\r\n250 here".into()), "220 250 250 250 354 554").await;
}

#[tokio::test(start_paused = true)]
async fn nobody_smuggles_a_second_message_behind_a_lone_line_feed() {
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\n.\r", "\r.\r\n"] {
        let said = format!("{OPENING}DATA\r\nhi{end}MAIL FROM:<e@f>\r\n.\r\nQUIT\r\n");
        let (codes, kept) = talk(&small(), said.as_bytes(), Answer::Kept("T1".into())).await;
        assert_eq!((codes.as_str(), kept.len()), ("220 250 250 250 354 250 221", 1), "{end:?}");
        assert!(kept[0].message.ends_with(b"MAIL FROM:<e@f>\r\n"), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_envelope_is_forgotten_after_its_message() {
    let said = format!("{OPENING}DATA\r\none\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<e@f.example>\r\nDATA\r\ntwo\r\n.\r\n");
    let (_, kept) = talk(&small(), said.as_bytes(), Answer::Kept("T1".into())).await;
    let envelopes: Vec<_> = kept.iter().map(|a| (a.helo.as_str(), a.sender.as_str(), a.recipients.join(","))).collect();
    assert_eq!(envelopes, [("x", "a@b.example", "c@d.example".to_owned()), ("x", "", "e@f.example".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_sent_away() {
    let (mut ours, theirs) = tokio::io::duplex(1024);
    let settings = small();
    let keep = |_: Arrival| async { Answer::Later };
    let begun = tokio::time::Instant::now();
    let (talked, heard) = tokio::join!(converse(theirs, &settings, &keep), async {
        let mut heard = String::new();
        ours.read_to_string(&mut heard).await.unwrap();
        heard
    });
    talked.unwrap();
    assert!(heard.ends_with("421 4.4.2 nothing was said for too long\r\n"), "{heard}");
    assert_eq!(begun.elapsed(), Duration::from_secs(300));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_octets_make_the_server_panic(said in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut with_opening = OPENING.as_bytes().to_vec();
        with_opening.extend_from_slice(b"DATA\r\n");
        with_opening.extend_from_slice(&said);
        runtime.block_on(talk(&small(), &said, Answer::Later));
        runtime.block_on(talk(&small(), &with_opening, Answer::Later));
    }
}
