//! Messages as they leave us, and as a reader's program reads them back.

use mail::list::{List, automatic};
use mail::read::{Letter, read};
use mail::smtp::{Enhanced, Reply, ReplyReader};
use mail::{Address, BadMessage, Body, Header, MailData, Mailbox, Message};
use proptest::prelude::*;

const NOON: i64 = 1_700_000_000_000_000;

fn print(subject: &str, name: &str, text: &str, html: Option<&str>, headers: &[Header]) -> Result<Vec<u8>, BadMessage> {
    let (from, to) = (Address::parse("news@paper.example").unwrap(), Address::parse("rose@example.ht").unwrap());
    Message {
        from: Mailbox { name, address: &from },
        reply_to: None,
        to: Mailbox { name: "", address: &to },
        subject,
        date: NOON,
        message_id: "abc@paper.example",
        language: Some("ht"),
        headers,
        body: &Body::of(text, html),
    }
    .build()
}

fn read_back(message: &[u8]) -> Letter {
    read(message).unwrap()
}

#[test]
fn a_reader_reads_what_was_written() {
    fn check(subject: &str, name: &str, text: &str, html: &str) {
        let message = print(subject, name, text, Some(html), &[]).unwrap();
        MailData::check(message.clone()).expect(subject);
        assert!(message.is_ascii(), "{subject}");
        let letter = read_back(&message);
        assert_eq!((letter.subject.as_str(), letter.from[0].name.as_str()), (subject, name));
        assert_eq!(letter.from[0].address, "news@paper.example");
        assert_eq!(letter.to[0].address, "rose@example.ht");
        assert_eq!(letter.date, Some(NOON));
        assert_eq!(letter.message_id.as_deref(), Some("abc@paper.example"));
        assert_eq!(letter.text.unwrap().replace("\r\n", "\n").trim_end(), text.trim_end());
        assert_eq!(letter.html.unwrap().replace("\r\n", "\n").trim_end(), html.trim_end());
    }
    let long = "Haïti: la mission internationale autorisée par les Nations unies arrive ".repeat(40);
    check("Who will lead the mission?", "The Morning", "Read on.\n", "<p>Read on.</p>\n");
    check("Haïti: qui dirigera?", "Le Matin, éd. d’Haïti", "Où ?\n.\n..\n", "<p>Où ?</p>\n");
    check("誰が率いるのか", "朝", "誰が率いるのか\n", "<p>誰が率いるのか</p>\n");
    check("من سيقود", "الصباح", "من سيقود؟\n", "<p dir=rtl>من سيقود؟</p>\n");
    check("A rather long subject in plain words ".repeat(8).trim(), "A \"B\" \\ <C>", &long, &long);
    check("=?utf-8?Q?not_encoded?=", "x", "From the start\nFrom here\n", "x");
}

#[test]
fn printing_twice_gives_the_same_bytes() {
    let once = print("é", "é", "é", Some("<p>é</p>"), &automatic("d1").unwrap()).unwrap();
    assert_eq!(once, print("é", "é", "é", Some("<p>é</p>"), &automatic("d1").unwrap()).unwrap());
}

#[test]
fn a_message_without_html_has_one_part() {
    let message = String::from_utf8(print("x", "x", "Your code: 1234\n", None, &[]).unwrap()).unwrap();
    assert!(message.contains("Content-Type: text/plain; charset=\"utf-8\"\r\n"), "{message}");
    assert!(!message.contains("multipart"), "{message}");
    assert!(message.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"), "{message}");
}

#[test]
fn latin_text_stays_readable_on_the_wire_and_other_text_stays_short() {
    fn check(text: &str, encoding: &str) {
        let message = String::from_utf8(print("x", "x", text, None, &[]).unwrap()).unwrap();
        assert!(message.contains(&format!("Content-Transfer-Encoding: {encoding}\r\n")), "{message}");
    }
    check("Plain.\n", "7bit");
    check("Où sont les élèves de la capitale aujourd'hui, se demande-t-on.\n", "quoted-printable");
    check("誰が率いるのか。誰が率いるのか。\n", "base64");
}

#[test]
fn a_newsletter_says_how_to_leave_it() {
    let list = List {
        name: "The Morning",
        id: "morning.paper.example",
        unsubscribe_url: "https://paper.example/leave/abc",
        unsubscribe_mailto: "mailto:leave+abc@paper.example",
        archive_url: "https://paper.example/editions",
        feedback_id: "2026-11-23:morning:edition:paper",
        complaints_address: "fbl@paper.example",
        delivery: "d1",
    };
    let letter = read_back(&print("x", "x", "x", None, &list.headers().unwrap()).unwrap());
    let check = |name: &str, value: &str| {
        let found: Vec<&str> = letter.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
        assert_eq!(found, [value], "{name}");
    };
    check("List-Id", "\"The Morning\" <morning.paper.example>");
    check("List-Unsubscribe", "<https://paper.example/leave/abc>, <mailto:leave+abc@paper.example>");
    check("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    check("List-Archive", "<https://paper.example/editions>");
    check("Feedback-ID", "2026-11-23:morning:edition:paper");
    check("CFBL-Address", "fbl@paper.example; report=arf");
    check("Precedence", "bulk");
    check("Auto-Submitted", "auto-generated");
    check("X-Auto-Response-Suppress", "All");
    check("X-Masthead-Delivery", "d1");
    check("Content-Language", "ht");
}

#[test]
fn a_header_that_could_become_two_is_refused() {
    fn check(name: &'static str, value: &str, why: BadMessage) {
        assert_eq!(Header::new(name, value), Err(why));
    }
    check("X-A", "a\r\nBcc: b@c.example", BadMessage::HeaderValue("X-A".into()));
    check("X-A", "a\0", BadMessage::HeaderValue("X-A".into()));
    check("X-A", &"a".repeat(901), BadMessage::HeaderValue("X-A".into()));
    check("X A", "a", BadMessage::HeaderName("X A".into()));
    check("X-A:", "a", BadMessage::HeaderName("X-A:".into()));
    check("", "a", BadMessage::HeaderName(String::new()));
    check("bcc", "a", BadMessage::ReservedHeader("bcc".into()));
    check("Subject", "a", BadMessage::ReservedHeader("Subject".into()));
}

#[test]
fn a_relays_own_name_for_a_message_is_found_in_its_reply() {
    fn check(said: &str, id: Option<&str>) {
        let mut reader = ReplyReader::default();
        reader.push(said.as_bytes());
        assert_eq!(reader.next_reply().unwrap().unwrap().queue_id().as_deref(), id, "{said}");
    }
    check("250 2.0.0 Ok: queued as 4XyZ12\r\n", Some("4XyZ12"));
    check("250 OK id=1rAbCd-0000xy-1K\r\n", Some("1rAbCd-0000xy-1K"));
    check("250 Ok 010201a-b3c4-000000\r\n", Some("010201a-b3c4-000000"));
    check("250 2.0.0 3AN9abc012 Message accepted for delivery\r\n", Some("3AN9abc012"));
    check("250 2.0.0 Ok\r\n", None);
    check("250 Ok thanks\r\n", None);
}

#[test]
fn an_enhanced_status_is_read_only_where_it_agrees_with_the_code() {
    fn check(said: &str, enhanced: Option<(u8, u16, u16)>, text: &str) {
        let mut reader = ReplyReader::default();
        reader.push(said.as_bytes());
        let reply: Reply = reader.next_reply().unwrap().unwrap();
        let status = enhanced.map(|(class, subject, detail)| Enhanced { class, subject, detail });
        assert_eq!((reply.enhanced, reply.text().as_str()), (status, text), "{said}");
    }
    check("550 5.1.1 no such user\r\n", Some((5, 1, 1)), "no such user");
    check("550-5.7.1 one\r\n550 5.7.1 two\r\n", Some((5, 7, 1)), "one two");
    check("550 4.1.1 odd\r\n", None, "4.1.1 odd");
    check("550 5.1.1.1 odd\r\n", None, "5.1.1.1 odd");
    check("250\r\n", None, "");
    check("250 caf\u{e9}\x07\n", None, "caf\u{e9}\u{fffd}");
}

#[test]
fn a_message_within_a_message_as_deep_as_can_be_sent_is_read_and_forgotten() {
    let mut message = b"From: a@b.example\r\n".to_vec();
    while message.len() < mail::read::READ_BYTES_MAX - 100 {
        message.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\n");
    }
    message.extend_from_slice(b"Subject: inside\r\n\r\nText.\r\n");
    assert_eq!(read_back(&message).from[0].address, "a@b.example");
    message.resize(mail::read::READ_BYTES_MAX + 1, b' ');
    assert_eq!(read(&message), None);
}

#[test]
fn ten_megabytes_of_headers_are_read_within_their_limits() {
    for line in
        ["X-A: b\r\n", "Received: from somewhere by somewhere\r\n else\r\n", "To: rose@example.ht,\r\n", " folded\r\n"]
    {
        let mut message = b"From: a@b.example\r\nTo: ".to_vec();
        message.extend(line.as_bytes().iter().cycle().take(10 * 1024 * 1024));
        let letter = read_back(&message);
        assert!(letter.headers.len() <= mail::read::READ_HEADERS_MAX, "{line}");
        assert!(letter.headers.iter().all(|(_, value)| value.len() <= mail::read::READ_VALUE_BYTES_MAX), "{line}");
        assert!(letter.to.len() <= mail::read::READ_CORRESPONDENTS_MAX, "{line}");
    }
}

proptest! {
    #[test]
    fn no_value_adds_a_header(
        subject in "\\PC{0,20}[\r\n\0]{0,3}(Bcc: )?\\PC{0,90}",
        name in "\\PC{0,20}[\r\n\0\"\\\\]{0,3}(Bcc: )?\\PC{0,60}",
        value in "\\PC{0,40}[\r\n]{0,2}(Bcc: )?\\PC{0,40}",
        text in "(?s).{0,200}",
    ) {
        let plain = read_back(&print("s", "n", "t", Some("h"), &[Header::new("X-A", "v").unwrap()]).unwrap());
        if let Ok(header) = Header::new("X-A", value)
            && let Ok(message) = print(&subject, &name, &text, Some(&text), &[header])
        {
            prop_assert!(MailData::check(message.clone()).is_ok());
            let letter = read_back(&message);
            let names = |letter: &Letter| letter.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            prop_assert_eq!(names(&letter), names(&plain));
        }
    }

    #[test]
    fn a_reply_is_read_the_same_however_it_is_cut(
        pieces in proptest::collection::vec("[2-5][0-9]{2}[ -]?.{0,9}\r?\n|[2-5][0-9]{2} .{990,1010}\n|\\PC{0,9}", 0..40),
        octets in proptest::collection::vec(any::<u8>(), 0..300),
        cut in 1usize..20,
    ) {
        mail::testing::read_replies(pieces.concat().as_bytes(), cut);
        mail::testing::read_replies(&octets, cut);
        mail::testing::read_replies(&"250-more\r\n".repeat(pieces.len() * 5).into_bytes(), cut);
    }

    #[test]
    fn no_octets_make_reading_panic(octets in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(&octets);
        let mut message = b"From: a\r\nContent-Type: multipart/mixed; boundary=x\r\nContent-Transfer-Encoding: base64\r\n\r\n--x\r\n".to_vec();
        message.extend_from_slice(&octets);
        read(&message);
    }
}
