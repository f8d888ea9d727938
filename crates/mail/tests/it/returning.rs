//! Reports and complaints written for this project, and whatever else may come in: read rightly, or harmlessly.

use mail::bounce::{self, Returned, Unreadable, Verdict};
use newsroom::returned::Class;
use proptest::prelude::*;

fn read(message: &str) -> Returned {
    bounce::read(message.replace('\n', "\r\n").as_bytes()).unwrap()
}

/// A report with a machine-readable part.
fn dsn(fields: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nTo: b+x@bounce.paper.example\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         Your letter did not arrive.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; rose@example.ht\n{fields}\n\n--b--\n"
    )
}

/// A report in words alone.
fn text(words: &str) -> String {
    format!("From: MAILER-DAEMON@mx.example\nTo: desk@paper.example\nSubject: Mail delivery failed\n\n{words}\n")
}

fn first(message: &str) -> Verdict {
    read(message).verdicts.swap_remove(0)
}

#[test]
fn codes_beat_words_and_words_may_acquit() {
    fn check(fields: &str, class: Class, rule: &str) {
        let verdict = first(&dsn(fields));
        assert_eq!((verdict.class, verdict.why.rule), (class, rule), "{fields}");
        assert_eq!(verdict.recipient.as_deref(), Some("rose@example.ht"), "{fields}");
    }
    let failed = |rest: &str| format!("Action: failed\n{rest}");
    check(&failed("Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 nobody of that name"), Class::Address, "status");
    check(&failed("Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 over quota"), Class::MailboxFull, "words-acquit");
    check(
        &failed("Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 your IP has a bad reputation"),
        Class::Sender,
        "words-acquit",
    );
    check(&failed("Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.10 not here"), Class::Address, "status");
    check(&failed("Status: 5.7.1\nDiagnostic-Code: smtp; 550 user unknown"), Class::Sender, "status");
    check(&failed("Status: 5.2.2"), Class::MailboxFull, "status");
    check(&failed("Status: 5.3.4"), Class::Message, "status");
    check(&failed("Status: 4.4.7"), Class::Temporary, "status");
    check("Action: delayed\nStatus: 5.1.1", Class::Temporary, "action");
    check("Action: relayed\nStatus: 2.0.0", Class::Delivered, "action");
    check(&failed("Status: 5.1.1\nDiagnostic-Code: x-unix; the program broke"), Class::Unclear, "action");
    check(&failed("Status: 5.0.0\nDiagnostic-Code: smtp; 550 user unknown"), Class::Unclear, "stage");
    check(
        &failed("Status: 5.0.0\nDiagnostic-Code: smtp; 550 no (in reply to end of DATA command)"),
        Class::Unclear,
        "none",
    );
}

#[test]
fn systems_that_know_no_standard_are_understood() {
    fn check(words: &str, class: Class, recipient: Option<&str>) {
        let verdict = first(&text(words));
        assert_eq!((verdict.class, verdict.recipient.as_deref()), (class, recipient), "{words}\n{verdict:?}");
    }
    let rose = Some("rose@example.ht");
    check("  rose@example.ht\n    Unrouteable address\n", Class::Address, rose);
    check("<rose@example.ht>:\nRemote host said: 550 no such user here\n[RCPT_TO]\n", Class::Address, rose);
    check(
        "<rose@example.ht>: 550 5.1.1 gone\n--- Below this line is a copy of the message.\n\nSubject: spam\n",
        Class::Address,
        rose,
    );
    check("  rose@example.ht\n    retry timeout exceeded\n", Class::Temporary, rose);
    check("As their mailbox is full:\n rose@example.ht\n", Class::MailboxFull, rose);
    check(
        "Delivery to the following recipient has been delayed:\n\n     rose@example.ht\n\nuser unknown\n",
        Class::Temporary,
        rose,
    );
    check("Das Postfach ist voll.\n<rose@example.ht>:\n", Class::MailboxFull, rose);
    check("<rose@example.ht>: SMTP error after MAIL FROM:<x@y.example>: 550 no\n", Class::Sender, rose);
    check("something broke\n", Class::Unclear, None);
}

#[test]
fn a_complaint_is_never_called_a_bounce() {
    let feedback = |kind: &str| {
        format!(
            "From: <fbl@isp.example>\nSubject: FW: delivery failed, user unknown\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
             550 5.1.1 user unknown\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n\
             Original-Mail-From: <b+abc@bounce.paper.example>\nOriginal-Rcpt-To: <rose@example.ht>\n\n--b--\n"
        )
    };
    for (kind, class) in [
        ("abuse", Class::Complaint),
        ("fraud", Class::Complaint),
        ("opt-out", Class::Complaint),
        ("auth-failure", Class::Sender),
        ("not-spam", Class::Delivered),
    ] {
        let returned = read(&feedback(kind));
        assert_eq!(returned.verdicts[0].class, class, "{kind}");
        assert!(returned.proofs.addresses.contains(&"b+abc@bounce.paper.example".to_owned()));
    }
}

#[test]
fn programs_that_answer_for_people_are_told_apart_from_reports() {
    fn check(headers: &str, class: Class) {
        let message = format!("From: Rose <rose@example.ht>\nTo: desk@paper.example\n{headers}\n\nI am not here.\n");
        assert_eq!(first(&message).class, class, "{headers}");
    }
    check("Subject: Away\nAuto-Submitted: auto-replied", Class::AutoReply);
    check("Subject: Re: Daily\nX-Autoreply: yes", Class::AutoReply);
    check("Subject: Automatic reply: Daily", Class::AutoReply);
    check("Subject: Réponse automatique : Daily", Class::AutoReply);
    check("Subject: =?utf-8?Q?R=C3=A9ponse_automatique?=", Class::AutoReply);
    check("Subject: الرد: رد تلقائي", Class::AutoReply);
    check("Subject: Please confirm your message to me", Class::AutoReply);
    check("Subject: Thank you", Class::Letter);
}

#[test]
fn a_report_without_our_names_is_still_read_but_proves_nothing() {
    let returned = read(&text(
        "<rose@example.ht>: 550 5.1.1 gone\n\nMessage headers follow.\n\nReturn-Path: <b+t@bounce.paper.example>\nX-Masthead-Delivery: 0abc\nMessage-ID: <id@paper.example>\n",
    ));
    assert_eq!(returned.proofs.deliveries, ["0abc"]);
    assert_eq!(returned.proofs.message_ids, ["id@paper.example"]);
    assert!(returned.proofs.addresses.contains(&"b+t@bounce.paper.example".to_owned()));
}

#[test]
fn broken_mail_is_refused_or_read_within_its_limits() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(30_000);
    let deep: String =
        (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    for whole in [nested, deep, "Content-Type: multipart/mixed; boundary=\"\"\n\n----\n".into()] {
        assert!(bounce::read(whole.as_bytes()).is_ok());
    }
    let parts: String = "--b\nContent-Type: text/plain\n\nuser unknown\n".repeat(100_000);
    assert!(
        bounce::read(format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{parts}").as_bytes())
            .is_ok()
    );
    let head = format!("Subject: {}\n\nx", "a".repeat(10 * 1024 * 1024));
    assert_eq!(bounce::read(head.as_bytes()), Err(Unreadable::HeadTooLarge));
    assert_eq!(bounce::read(b""), Err(Unreadable::NoHeaders));
    assert_eq!(bounce::read(&[0; 100]), Err(Unreadable::NoHeaders));
    let unknown =
        "From: MAILER-DAEMON@x.example\nContent-Type: text/plain; charset=no-such-charset\n\n\u{fffd}rose@example.ht\n";
    assert_eq!(bounce::read(unknown.as_bytes()).unwrap().verdicts[0].class, Class::Unclear);
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(returned) = bounce::read(&bytes) {
            prop_assert!(!returned.verdicts.is_empty());
        }
    }

    #[test]
    fn a_report_cut_or_bent_anywhere_never_becomes_a_dead_address(
        at in 0usize..600, byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut whole = dsn("Action: failed\nStatus: 4.2.1\nDiagnostic-Code: smtp; 451 4.2.1 come back").into_bytes();
        let at = at.min(whole.len() - 1);
        if cut { whole.truncate(at) } else if !byte.is_ascii_digit() { whole[at] = byte }
        if let Ok(returned) = bounce::read(&whole) {
            prop_assert!(returned.verdicts.iter().all(|verdict| verdict.class != Class::Address));
        }
    }
}
