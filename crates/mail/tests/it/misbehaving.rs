//! A relay that is silly costs one connection, never a wrong state.

use mail::smtp::{Stage, Trouble};
use mail::{Envelope, OpenError};
use tokio::time::Instant;

use crate::scripted::{
    Bag, Drip, Flood, Hang, Hear, HearSome, HearText, MESSAGE, Step, brief, envelope, open, say, send, send_this, up_to,
};

async fn check(script: Vec<Step>, outcome: &str) {
    let shown = format!("{script:?}");
    let mut connection = open(script).await.unwrap();
    assert_eq!(brief(&send(&mut connection).await), outcome, "{shown}");
}

fn with(mut script: Vec<Step>, more: impl IntoIterator<Item = Step>) -> Vec<Step> {
    script.extend(more);
    script
}

#[tokio::test(start_paused = true)]
async fn a_no_is_told_apart_by_its_stage_and_kind() {
    for (word, stage) in [("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data"), ("dot", "dot")] {
        check(with(up_to(word), [say("451 4.3.0 later\r\n")]), &format!("deferred at {stage} 451")).await;
        check(with(up_to(word), [say("550 5.7.1 no\r\n")]), &format!("refused at {stage} 550")).await;
        check(with(up_to(word), [say("421 4.3.2 bye\r\n")]), &format!("deferred at {stage} 421")).await;
    }
    check(with(up_to("dot"), [say("250 2.0.0 Ok: queued as 4F2A\r\n")]), "sent 4F2A").await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_goes_before_the_dot_has_not_taken_the_message() {
    for word in ["MAIL", "RCPT", "DATA"] {
        check(up_to(word), "not transmitted: Closed").await;
        check(with(up_to(word), [Hang]), "not transmitted: TimedOut").await;
        check(with(up_to(word), [say("25")]), "not transmitted: Closed").await;
        check(with(up_to(word), [say("hello\r\n")]), "not transmitted: Reply(NotAReply)").await;
        check(with(up_to(word), [say("250-a\r\n251 b\r\n")]), "not transmitted: Reply(CodeChanged)").await;
        check(with(up_to(word), [Flood("250-more\r\n")]), "not transmitted: Reply(TooLong)").await;
        check(with(up_to(word), [Flood("250 endless")]), "not transmitted: Reply(LineTooLong)").await;
    }
    check(with(up_to("MAIL"), [say("354 go on\r\n")]), "not transmitted: OutOfOrder { code: 354 }").await;
    check(with(up_to("DATA"), [say("250 ok\r\n")]), "not transmitted: OutOfOrder { code: 250 }").await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_goes_after_the_dot_leaves_a_doubt_with_a_name() {
    check(up_to("dot"), "uncertain: Closed").await;
    check(with(up_to("dot"), [Hang]), "uncertain: TimedOut").await;
    check(with(up_to("dot"), [say("250 2.0.0 Ok: queu")]), "uncertain: Closed").await;
    check(with(up_to("dot"), [say("hello\r\n")]), "uncertain: Reply(NotAReply)").await;
    check(with(up_to("dot"), [say("354 go on\r\n")]), "uncertain: OutOfOrder { code: 354 }").await;
    check(with(up_to("dot"), [Flood("250-more\r\n")]), "uncertain: Reply(TooLong)").await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_drops_in_the_middle_of_the_text_has_not_taken_the_message() {
    let script = with(up_to("DATA"), [say("354 go on\r\n"), HearSome]);
    let mut connection = open(script).await.unwrap();
    let outcome = send_this(&mut connection, envelope(), MESSAGE.repeat(10_000)).await;
    assert_eq!(brief(&outcome), "not transmitted: Closed");
    assert!(!connection.is_usable());
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_nothing_is_never_taken_for_an_answer() {
    let early = [say("354 go on\r\n250 2.0.0 Ok: queued as 1234\r\n"), HearText];
    check(with(up_to("DATA"), early), "not transmitted: Reply(Unasked)").await;
    check(with(up_to("MAIL"), [say("250 ok\r\n250 ok\r\n"), Hang]), "not transmitted: Reply(Unasked)").await;
    let mut connection = open(with(up_to("dot"), [say("250 ok\r\n250 ok\r\n"), Hang])).await.unwrap();
    assert_eq!(brief(&send(&mut connection).await), "sent -");
    assert_eq!(brief(&send(&mut connection).await), "not transmitted: Reply(Unasked)");
}

#[tokio::test(start_paused = true)]
async fn a_no_that_comes_before_the_dot_is_a_no() {
    for more in [Hang, HearText] {
        let early = |no: &str| with(up_to("DATA"), [say(format!("354 go on\r\n{no}\r\n")), more.clone()]);
        check(early("552 5.3.4 too large"), "refused at data 552").await;
        check(early("421 4.3.2 closing"), "deferred at data 421").await;
        check(early("451-4.3.0 not"), "not transmitted: Reply(Unasked)").await;
    }
    let script = with(up_to("DATA"), [say("354 go on\r\n"), HearSome, say("552 5.3.4 too large\r\n")]);
    let mut connection = open(script).await.unwrap();
    let outcome = send_this(&mut connection, envelope(), MESSAGE.repeat(10_000)).await;
    assert_eq!(brief(&outcome), "refused at data 552");
    assert!(!connection.is_usable());
}

#[tokio::test(start_paused = true)]
async fn no_relay_holds_us_longer_than_a_step() {
    for script in [vec![Hang], vec![Drip("220-a very slow greeting that goes on and on and on and on\r\n")]] {
        let begun = Instant::now();
        let error = open(script).await.unwrap_err();
        assert_eq!(error, OpenError::Failed { stage: Stage::Greeting, trouble: Trouble::TimedOut });
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_cannot_be_opened_says_at_which_stage() {
    async fn check(script: Vec<Step>, sentence: &str) {
        assert_eq!(open(script).await.unwrap_err().to_string(), sentence);
    }
    let hello = || say("220 relay.example\r\n");
    let rubbish = "x".repeat(1000);
    check(vec![], "at greeting: the relay closed the connection").await;
    check(vec![say("554 5.7.1 go away\r\n")], "at greeting the relay said no: 554 5.7.1 go away").await;
    check(vec![say("421 busy\r\n")], "at greeting the relay said later: 421 busy").await;
    check(vec![say("250 hi\r\n")], "at greeting: the relay answered 250 where that means nothing").await;
    check(vec![say("SSH-2.0-x\r\n")], "at greeting: the relay does not speak SMTP: a line is not a reply").await;
    check(vec![Flood("220-banner\r\n")], "at greeting: the relay does not speak SMTP: a reply does not end").await;
    check(vec![say(rubbish)], "at greeting: the relay does not speak SMTP: a reply line is too long").await;
    let long = format!("250-{}\r\n", "X".repeat(900)).repeat(550);
    check(vec![hello(), Hear("EHLO"), say(long), Hang], "at ehlo: the relay does not speak SMTP: a reply does not end")
        .await;
    check(vec![hello(), Hear("EHLO")], "at ehlo: the relay closed the connection").await;
    check(
        vec![hello(), say("250 eager\r\n"), Hang],
        "at ehlo: the relay does not speak SMTP: it answers a command that was never sent",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_old_relay_is_greeted_with_helo() {
    let script = vec![
        say("220 old\r\n"),
        Hear("EHLO"),
        say("502 what?\r\n"),
        Hear("HELO"),
        say("250 old\r\n"),
        Hear("MAIL FROM:<b+x@bounce.paper.example>\r\n"),
        say("250 ok\r\n"),
        Hear("RCPT TO:<rose@example.ht>\r\n"),
        say("250 ok\r\n"),
        Hear("DATA\r\n"),
        say("354 ok\r\n"),
        HearText,
        say("250 ok\r\n"),
    ];
    check(script, "sent -").await;
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_the_relay_is_asked_to_forget_and_after_a_success_it_is_not() {
    let message = |more: Vec<Step>| {
        let mut steps = vec![Hear("MAIL"), say("250 ok\r\n"), Hear("RCPT")];
        steps.extend(more);
        steps
    };
    let taken =
        || message(vec![say("250 ok\r\n"), Hear("DATA"), say("354 ok\r\n"), HearText, say("250 ok id=1abc-2\r\n")]);
    let mut script = up_to("EHLO");
    script.push(say("250 relay.example\r\n"));
    script.extend(taken());
    script.extend(taken());
    script.extend(message(vec![say("550 5.1.1 no such user\r\n")]));
    script.extend([Hear("RSET"), say("250 ok\r\n")]);
    script.extend(taken());
    script.extend([Hear("QUIT"), say("221 bye\r\n")]);
    let mut connection = open(script).await.unwrap();
    for outcome in ["sent 1abc-2", "sent 1abc-2", "refused at rcpt 550", "sent 1abc-2"] {
        assert_eq!(brief(&send(&mut connection).await), outcome);
    }
    assert_eq!(connection.sent(), 3);
    connection.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_dropped_half_way_is_not_followed_by_another() {
    let mut connection = open(with(up_to("DATA"), [say("354 ok\r\n"), Hang])).await.unwrap();
    let mut bag = Bag::with(1);
    let second = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(second, connection.carry(&mut bag)).await.is_err());
    assert!(!connection.is_usable());
    assert_eq!(brief(&send(&mut connection).await), "not transmitted: Abandoned");
}

#[tokio::test(start_paused = true)]
async fn what_a_relay_cannot_take_is_refused_before_a_word_is_said() {
    async fn check(recipient: &str, message: &[u8], sentence: &str) {
        let mut connection = open(with(up_to("MAIL"), [Hang])).await.unwrap();
        let envelope = Envelope::parse("", recipient).unwrap();
        let outcome = send_this(&mut connection, envelope, message.to_vec()).await;
        let mail::Outcome::Refused { text, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(text, sentence);
        assert!(connection.is_usable());
    }
    check("josé@example.ht", MESSAGE, "the address is not ASCII and this relay does not offer SMTPUTF8").await;
    check("rose@example.ht", &MESSAGE.repeat(50_000), "the message is larger than this relay takes").await;
}
