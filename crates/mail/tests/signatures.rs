//! Has other implementations check our signatures: Python's dkimpy, and the library of OpenDKIM, which many mail servers
//! use. Both are given the key records and ask no network.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use mail::dkim::{Signer, SigningKey, generate_ed25519_pem, generate_rsa_pem};
use mail::list::List;
use mail::{Address, Body, Mailbox, Message};

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

/// Calls OpenDKIM's library (`libopendkim`, which comes with opendkim-tools) and prints, for each signature, whether it
/// holds. Its own program would ask the machine's name servers; the library takes the records from a file.
const OPENDKIM: &str = r#"
import sys, tempfile
from ctypes import *
lib = CDLL("libopendkim.so.11")
for name, takes, gives in [
    ("dkim_init", [c_void_p, c_void_p], c_void_p),
    ("dkim_options", [c_void_p, c_int, c_int, c_void_p, c_size_t], c_int),
    ("dkim_verify", [c_void_p, c_char_p, c_void_p, c_void_p], c_void_p),
    ("dkim_chunk", [c_void_p, c_char_p, c_size_t], c_int),
    ("dkim_eom", [c_void_p, c_void_p], c_int),
    ("dkim_getsiglist", [c_void_p, c_void_p, c_void_p], c_int),
    ("dkim_sig_getflags", [c_void_p], c_uint),
    ("dkim_sig_getbh", [c_void_p], c_int),
]:
    getattr(lib, name).argtypes, getattr(lib, name).restype = takes, gives
if sys.argv[1:] == []:
    sys.exit(0)
message = sys.stdin.buffer.read()
SET, QUERY_METHOD, QUERY_INFO, FROM_FILE, PASSED = 1, 6, 7, c_int(1), 4
with tempfile.NamedTemporaryFile("w") as records:
    for pair in sys.argv[1:]:
        records.write(" ".join(pair.split("=", 1)) + "\n")
    records.flush()
    handle, path = lib.dkim_init(None, None), create_string_buffer(records.name.encode())
    assert lib.dkim_options(handle, SET, QUERY_METHOD, byref(FROM_FILE), sizeof(FROM_FILE)) == 0
    assert lib.dkim_options(handle, SET, QUERY_INFO, path, len(records.name)) == 0
    dkim = lib.dkim_verify(handle, b"letter", None, byref(c_int()))
    assert lib.dkim_chunk(dkim, message, len(message)) == 0 and lib.dkim_chunk(dkim, None, 0) == 0
    lib.dkim_eom(dkim, None)
    found, count = POINTER(c_void_p)(), c_int()
    assert lib.dkim_getsiglist(dkim, byref(found), byref(count)) == 0
    holds = lambda one: bool(lib.dkim_sig_getflags(one) & PASSED) and lib.dkim_sig_getbh(one) == 0
    print([holds(found[n]) for n in range(count.value)])
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
    Some(python(SCRIPT, message, records))
}

/// `None` when the person running the tests has said that OpenDKIM is not there.
fn opendkim(message: &[u8], records: &[String]) -> Option<String> {
    let found = Command::new("python3").args(["-c", OPENDKIM]).output().is_ok_and(|out| out.status.success());
    if !found {
        assert!(
            std::env::var_os("MASTHEAD_TESTS_WITHOUT_OPENDKIM").is_some(),
            "Install OpenDKIM to check our DKIM signatures with it: `apt-get install opendkim-tools`. \
             To leave this test out, set MASTHEAD_TESTS_WITHOUT_OPENDKIM=1."
        );
        return None;
    }
    Some(python(OPENDKIM, message, records))
}

fn python(script: &str, message: &[u8], records: &[String]) -> String {
    let mut python = Command::new("python3")
        .args(["-c", script])
        .args(records)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(message).unwrap();
    let out = python.wait_with_output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
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
        headers: &list.headers().unwrap(),
        body: &Body::of(text, Some(html)),
    }
    .build()
    .unwrap()
}

/// Texts, HTML and subjects that canonicalisation could stumble over.
const LETTERS: [(&str, &str, &str); 4] = [
    ("Who will lead?\n\n", "<p>Who will lead?</p>", "Who will lead the mission?"),
    (
        "Ki moun ki pral dirije misyon an?  \n.\n..",
        "<p>é</p>\n\n\n",
        "Haïti: qui dirigera la mission internationale autorisée par les Nations unies ?",
    ),
    ("誰が率いるのか\n", "<p>誰が率いるのか</p>", "誰が率いるのか"),
    ("", "", ""),
];

#[test]
fn opendkim_agrees_with_our_rsa_signatures() {
    let rsa = SigningKey::from_pem(&generate_rsa_pem().unwrap()).unwrap();
    let records = [format!("m1._domainkey.paper.example={}", rsa.record().text())];
    let signer = Signer::new("paper.example", "m1", rsa).unwrap();
    for (text, html, subject) in LETTERS {
        let signed = signer.sign(&letter(text, html, subject), 1_700_000_000_000_000).unwrap();
        let text = String::from_utf8(signed.clone()).unwrap();
        for (message, verdict) in [
            (signed, "[True]"),
            (text.replace("To: <rose@", "To: <ben@").into_bytes(), "[False]"),
            (format!("{text}One line more.\r\n").into_bytes(), "[False]"),
            (format!("Subject: Pay here\r\n{text}").into_bytes(), "[False]"),
        ] {
            if let Some(verdicts) = opendkim(&message, &records) {
                assert_eq!(verdicts, verdict, "{subject}: {}", String::from_utf8_lossy(&message));
            }
        }
    }
}

#[test]
fn another_implementation_agrees_with_our_signatures() {
    for (text, html, subject) in LETTERS {
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
}
