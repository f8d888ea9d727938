//! What fetching from a mailbox promises, against a server that knows its words and breaks off.

use super::*;
use crate::testing::{MailboxServer, PASSWORD, USERNAME};
use proptest::prelude::*;

fn settings(protocol: Protocol, port: u16) -> MaildropSettings {
    MaildropSettings {
        protocol,
        host: "127.0.0.1".into(),
        port,
        tls: Tls::StartTlsIfOffered,
        username: USERNAME.into(),
        password: Secret::new(PASSWORD),
        folder: "INBOX".into(),
        extra_roots_pem: None,
    }
}

async fn server(protocol: Protocol) -> (MailboxServer, Maildrop) {
    let server = MailboxServer::start(protocol).await.unwrap();
    let maildrop = Maildrop::new(settings(protocol, server.port())).unwrap();
    (server, maildrop)
}

const BOTH: [Protocol; 2] = [Protocol::Pop3, Protocol::Imap];

#[tokio::test]
async fn a_message_comes_as_it_was_put_and_stays_until_it_is_removed() {
    for protocol in BOTH {
        let (server, maildrop) = server(protocol).await;
        let texts: [&[u8]; 3] =
            [b"Subject: one\r\n\r\n.dot\r\n..two\r\n", b"Subject: {5}\r\n\r\n\xff{3}\r\n", b"A: b\r\n\r\n"];
        texts.iter().for_each(|text| server.put(*text));
        let mut visit = maildrop.visit().await.unwrap();
        let waiting = visit.waiting().to_vec();
        assert_eq!(waiting.len(), 3);
        for (message, text) in waiting.iter().zip(texts) {
            assert_eq!(visit.read(message).await.unwrap(), Read::Whole(text.to_vec()), "{protocol:?}");
        }
        visit.remove(&waiting[1]).await.unwrap();
        visit.leave().await.unwrap();
        assert_eq!(server.holds(), [texts[0].to_vec(), texts[2].to_vec()], "{protocol:?}");
        let again = maildrop.visit().await.unwrap();
        assert_eq!(again.waiting()[1].id, waiting[2].id, "the same name on every visit");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_loses_nothing() {
    for protocol in BOTH {
        let (server, maildrop) = server(protocol).await;
        server.put(b"Subject: one\r\n\r\nfirst\r\n".to_vec());
        server.put(b"Subject: two\r\n\r\nsecond\r\n".to_vec());
        server.cut_after(Some(1));
        let mut visit = maildrop.visit().await.unwrap();
        let waiting = visit.waiting().to_vec();
        visit.read(&waiting[0]).await.unwrap();
        let broken = visit.read(&waiting[1]).await.unwrap_err();
        assert_eq!(broken, MaildropError::Failed { at: Step::Read, fault: Fault::Closed }, "{protocol:?}");
        server.cut_after(None);
        assert_eq!(server.holds().len(), 2);
        assert_eq!(maildrop.visit().await.unwrap().waiting(), waiting, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_is_not_read_and_the_next_one_is() {
    for protocol in BOTH {
        let (server, maildrop) = server(protocol).await;
        server.put(vec![b'x'; MESSAGE_BYTES_MAX + 2]);
        server.put(b"Subject: two\r\n\r\nsecond\r\n".to_vec());
        let mut visit = maildrop.visit().await.unwrap();
        let waiting = visit.waiting().to_vec();
        assert_eq!(visit.read(&waiting[0]).await.unwrap(), Read::TooLarge, "{protocol:?}");
        assert!(matches!(visit.read(&waiting[1]).await.unwrap(), Read::Whole(_)), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_sentence_without_the_password() {
    for protocol in BOTH {
        let (_server, maildrop) = server(protocol).await;
        let wrong = MaildropSettings { password: Secret::new("guess"), ..maildrop.settings().clone() };
        let refused = Maildrop::new(wrong).unwrap().visit().await.unwrap_err();
        assert!(matches!(refused, MaildropError::Refused { at: Step::Login, .. }), "{protocol:?} {refused:?}");
        assert_eq!(refused.to_string(), "the mailbox server said no at the login");
    }
}

#[tokio::test]
async fn encryption_that_is_asked_for_and_not_offered_ends_the_visit_before_the_password() {
    for protocol in BOTH {
        let (_server, maildrop) = server(protocol).await;
        let strict = MaildropSettings { tls: Tls::Required, ..maildrop.settings().clone() };
        assert_eq!(Maildrop::new(strict).unwrap().visit().await.unwrap_err(), MaildropError::TlsNotOffered);
    }
}

#[test]
fn what_would_break_out_of_a_line_is_no_setting() {
    let usual = settings(Protocol::Pop3, 110);
    for (username, password, folder) in
        [("a\r\nDELE 1", "p", "INBOX"), ("a", "p\0", "INBOX"), ("a", "", "INBOX"), ("a", "p", "X\r\n")]
    {
        let wrong = MaildropSettings {
            username: username.into(),
            password: Secret::new(password),
            folder: folder.into(),
            ..usual.clone()
        };
        assert!(matches!(Maildrop::new(wrong), Err(MaildropError::Settings(_))), "{username:?}");
    }
}

/// A server that says what it likes, and then goes.
async fn visited(protocol: Protocol, said: Vec<u8>) -> Result<usize, MaildropError> {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(&said).await.unwrap();
        stream.shutdown().await.unwrap();
        // Its own side stays open until the visitor goes.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.unwrap();
    });
    let mut visit = Maildrop::new(settings(protocol, port)).unwrap().visit().await?;
    let waiting = visit.waiting().to_vec();
    for message in &waiting {
        visit.read(message).await?;
    }
    server.abort();
    Ok(waiting.len())
}

fn words() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "+OK\r\n",
        "-ERR\r\n",
        ".\r\n",
        "1 a\r\n",
        "2 5000000000\r\n",
        "* OK x\r\n",
        "M1 OK\r\n",
        "M2 OK\r\n",
        "M3 NO\r\n",
        "* CAPABILITY AUTH=PLAIN\r\n",
        "* SEARCH 1 2 4294967296\r\n",
        "* OK [UIDVALIDITY 1] x\r\n",
        "+ \r\n",
        "{3}\r\n",
        "* 1 FETCH (BODY[]<0> {3}\r\nabc)\r\n",
        "* 1 FETCH (BODY[] {99999999999}\r\n",
        "M4 OK\r\n",
        "M5 OK\r\n",
        "M6 OK\r\n",
    ]);
    let odd = prop::collection::vec(any::<u8>(), 0..20);
    let one = prop_oneof![8 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => odd];
    prop::collection::vec(one, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn whatever_a_server_says_a_visit_ends(said in words(), imap in any::<bool>()) {
        let protocol = if imap { Protocol::Imap } else { Protocol::Pop3 };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), visited(protocol, said)).await })
            .expect("it ends");
    }
}
