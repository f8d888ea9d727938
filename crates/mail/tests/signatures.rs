//! Has another implementation check our signatures: Python's dkimpy, with the key record given, without a network.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use mail::dkim::{Signer, SigningKey, generate_ed25519_pem, generate_rsa_pem};
use mail::list::List;
use mail::{Address, Mailbox, Message};

const SCRIPT: &str = r#"
import sys, dkim
message = sys.stdin.buffer.read()
records = dict(pair.split("=", 1) for pair in sys.argv[1:])
def dnsfunc(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return records[name.rstrip(".")].encode()
verdicts = [dkim.DKIM(message).verify(idx=i, dnsfunc=dnsfunc) for i in range(len(records))]
print(verdicts)
"#;

/// `None` when the person running the tests has said that dkimpy is not there.
fn dkimpy(message: &[u8], records: &[String]) -> Option<String> {
    let found =
        Command::new("python3").args(["-c", "import dkim, nacl"]).output().is_ok_and(|out| out.status.success());
    if !found {
        assert!(
            std::env::var_os("MASTHEAD_TESTS_WITHOUT_DKIMPY").is_some(),
            "Install dkimpy to check our DKIM signatures with another implementation: `pip install dkimpy pynacl`. \
             To leave this test out, set MASTHEAD_TESTS_WITHOUT_DKIMPY=1."
        );
        return None;
    }
    let mut python = Command::new("python3")
        .args(["-c", SCRIPT])
        .args(records)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(message).unwrap();
    let out = python.wait_with_output().unwrap();
    Some(String::from_utf8(out.stdout).unwrap().trim().to_owned())
}

fn letter(text: &str, html: &str, subject: &str) -> Vec<u8> {
    let (from, to) = (Address::parse("news@paper.example").unwrap(), Address::parse("rose@example.ht").unwrap());
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
    Message {
        from: Mailbox { name: "Le Matin — Haïti", address: &from },
        reply_to: None,
        to: Mailbox { name: "", address: &to },
        subject,
        date: 1_700_000_000_000_000,
        message_id: "abc@paper.example",
        language: Some("fr-HT"),
        headers: &list.headers(),
        text,
        html: Some(html),
    }
    .build()
    .unwrap()
}

#[test]
fn another_implementation_agrees_with_our_signatures() {
    fn check(text: &str, html: &str, subject: &str) {
        let rsa = SigningKey::from_pem(&generate_rsa_pem().unwrap()).unwrap();
        let ed = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
        let records = [
            format!("m1._domainkey.paper.example={}", rsa.record().text()),
            format!("m2._domainkey.paper.example={}", ed.record().text()),
        ];
        let signer = Signer::new("paper.example", "m1", rsa).unwrap().with_second("m2", ed).unwrap();
        let signed = signer.sign(&letter(text, html, subject), 1_700_000_000_000_000).unwrap();
        if let Some(verdicts) = dkimpy(&signed, &records) {
            assert_eq!(verdicts, "[True, True]", "{subject}");
        }
        let forged = String::from_utf8(signed).unwrap().replace("To: <rose@", "To: <ben@");
        if let Some(verdicts) = dkimpy(forged.as_bytes(), &records) {
            assert_eq!(verdicts, "[False, False]", "{subject}");
        }
    }
    check("Who will lead?\n\n", "<p>Who will lead?</p>", "Who will lead the mission?");
    check(
        "Ki moun ki pral dirije misyon an?  \n.\n..",
        "<p>é</p>\n\n\n",
        "Haïti: qui dirigera la mission internationale autorisée par les Nations unies ?",
    );
    check("誰が率いるのか\n", "<p>誰が率いるのか</p>", "誰が率いるのか");
    check("", "", "");
}
