//! Our client and our server talk to each other over a real socket, with and without TLS.

use std::future::Future;
use std::sync::{Arc, Mutex};

use mail::server::{Answer, Arrival, Limits, Settings, converse, serve};
use mail::smtp::{Credentials, Proof, RelaySettings, Stage, Tls};
use mail::{Connection, Envelope, OpenError, Relay, Secret};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::scripted::{Bag, Hang, Hear, HearText, MESSAGE, brief, open, relay, say, send, send_this, settings, up_to};

type Tray = Arc<Mutex<Vec<Arrival>>>;

/// Runs `talk` against a server that keeps everything, and gives back what it kept.
async fn with_server<F, T>(tls: Option<Arc<rustls::ServerConfig>>, talk: impl FnOnce(u16) -> F) -> (T, Vec<Arrival>)
where
    F: Future<Output = T>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tray = Tray::default();
    let keep = {
        let tray = tray.clone();
        move |arrival: Arrival| {
            let mut kept = tray.lock().unwrap();
            kept.push(arrival);
            let id = format!("T{:04}", kept.len());
            async move { Answer::Kept(id) }
        }
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let settings = Settings { tls, ..Settings::new("tray.example") };
    let server = tokio::spawn(serve(listener, settings, keep, async { drop(stopped.await) }));
    let talked = talk(port).await;
    drop(stop);
    server.await.unwrap();
    let kept = tray.lock().unwrap().clone();
    (talked, kept)
}

/// A certificate for localhost made for this one test, as server settings and as PEM to trust.
pub fn certificate() -> (Arc<rustls::ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), made.cert.pem())
}

fn to_port(port: u16, tls: Tls, root: Option<String>) -> RelaySettings {
    RelaySettings { port, extra_roots_pem: root, ..settings(tls) }
}

#[tokio::test]
async fn many_messages_go_over_one_connection() {
    let talk = |port| async move {
        let mut connection = Connection::open(&to_port(port, Tls::None, None)).await.unwrap();
        assert!(connection.capabilities().pipelining && connection.capabilities().smtputf8);
        for number in 1..=3 {
            assert_eq!(brief(&send(&mut connection).await), format!("sent T000{number}"));
        }
        let abroad = Envelope::parse("", "josé@bücher.example").unwrap();
        let outcome = send_this(&mut connection, abroad, MESSAGE.to_vec()).await;
        assert_eq!(brief(&outcome), "sent T0004");
        connection.quit().await;
    };
    let ((), kept) = with_server(None, talk).await;
    assert_eq!(kept.len(), 4);
    assert_eq!(kept[0].message, MESSAGE);
    assert_eq!(kept[0].helo, "paper.example");
    assert_eq!(kept[0].sender, "b+x@bounce.paper.example");
    assert_eq!(kept[0].recipients, ["rose@example.ht"]);
    assert_eq!((kept[3].sender.as_str(), kept[3].recipients[0].as_str()), ("", "josé@xn--bcher-kva.example"));
}

#[tokio::test]
async fn starttls_encrypts_for_a_certificate_we_trust() {
    for tls in [Tls::Required, Tls::StartTlsIfOffered] {
        let (config, root) = certificate();
        let talk = |port| async move {
            let mut connection = Connection::open(&to_port(port, tls, Some(root))).await.unwrap();
            let outcome = brief(&send(&mut connection).await);
            let encrypted = connection.is_encrypted();
            connection.quit().await;
            (outcome, encrypted)
        };
        let (said, kept) = with_server(Some(config), talk).await;
        assert_eq!(said, ("sent T0001".to_owned(), true));
        assert!(kept[0].encrypted);
    }
}

#[tokio::test]
async fn implicit_tls_encrypts_from_the_first_word() {
    let (config, root) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = tokio_rustls::TlsAcceptor::from(config).accept(stream).await.unwrap();
        let keep = |_: Arrival| async { Answer::Kept("T0001".into()) };
        drop(converse(stream, &Settings::new("tray.example"), &keep).await);
    };
    let client = async {
        let mut connection = Connection::open(&to_port(port, Tls::Implicit, Some(root))).await.unwrap();
        assert!(connection.is_encrypted());
        let outcome = brief(&send(&mut connection).await);
        connection.quit().await;
        outcome
    };
    assert_eq!(tokio::join!(client, server).0, "sent T0001");
}

#[tokio::test]
async fn a_certificate_we_do_not_trust_gets_no_mail() {
    for tls in [Tls::Required, Tls::StartTlsIfOffered] {
        let (config, _) = certificate();
        let (_, another_root) = certificate();
        let talk = |port| async move { Connection::open(&to_port(port, tls, Some(another_root))).await.unwrap_err() };
        let (error, kept) = with_server(Some(config), talk).await;
        assert!(matches!(error, OpenError::Failed { stage: Stage::Tls, .. }), "{error:?}");
        assert_eq!(kept, []);
    }
}

#[tokio::test]
async fn required_tls_that_is_not_offered_gets_no_mail() {
    let (_, root) = certificate();
    let talk = |port| async move {
        let required = Connection::open(&to_port(port, Tls::Required, Some(root.clone()))).await.unwrap_err();
        let mut open = Connection::open(&to_port(port, Tls::StartTlsIfOffered, Some(root))).await.unwrap();
        (required, open.is_encrypted(), brief(&send(&mut open).await))
    };
    let ((required, encrypted, outcome), _) = with_server(None, talk).await;
    assert_eq!(required, OpenError::TlsNotOffered);
    assert_eq!((encrypted, outcome.as_str()), (false, "sent T0001"));
}

#[tokio::test]
async fn words_slipped_in_before_the_handshake_are_not_heard() {
    let script = vec![
        say("220 relay\r\n"),
        Hear("EHLO"),
        say("250-relay\r\n250 STARTTLS\r\n"),
        Hear("STARTTLS"),
        say("220 go\r\n250 relay\r\n"),
        Hang,
    ];
    let (_, root) = certificate();
    let settings = RelaySettings { extra_roots_pem: Some(root), ..settings(Tls::Required) };
    let error = Relay::new(settings).unwrap().open_on(relay(script)).await.unwrap_err();
    assert_eq!(error.to_string(), "at tls: the relay does not speak SMTP: it answers a command that was never sent");
}

#[tokio::test]
async fn nobody_at_home_is_said_at_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = Connection::open(&RelaySettings { host: "127.0.0.1".into(), ..to_port(port, Tls::None, None) }).await;
    assert!(matches!(error, Err(OpenError::Failed { stage: Stage::Connect, .. })), "{error:?}");
}

#[tokio::test]
async fn a_password_travels_only_where_nobody_listens() {
    async fn check(offer: &str, auth_without_tls: bool, script: Vec<crate::scripted::Step>, result: Result<(), &str>) {
        let credentials =
            Credentials { username: "paper".into(), password: Secret::new("sesame"), proof: Proof::Password };
        let settings = RelaySettings { credentials: Some(credentials), auth_without_tls, ..settings(Tls::None) };
        let mut steps = up_to("EHLO");
        steps.push(say(format!("250-relay\r\n250 {offer}\r\n")));
        steps.extend(script);
        let opened = Relay::new(settings).unwrap().open_on(relay(steps)).await;
        assert_eq!(opened.map(|_| ()).map_err(|error| error.to_string()), result.map_err(str::to_owned), "{offer}");
    }
    let unsafe_sentence = "the password would travel unencrypted; turn on TLS or allow it in the settings";
    check("AUTH PLAIN", false, vec![Hang], Err(unsafe_sentence)).await;
    check(
        "SIZE",
        true,
        vec![Hang],
        Err("the relay offers no way to log in that we can use (AUTH PLAIN, LOGIN, or XOAUTH2 for a token)"),
    )
    .await;
    let plain = || Hear("AUTH PLAIN AHBhcGVyAHNlc2FtZQ==\r\n");
    check("AUTH LOGIN PLAIN", true, vec![plain(), say("235 welcome\r\n")], Ok(())).await;
    let no = Err("at auth the relay said no: 535 5.7.8 wrong");
    check("AUTH PLAIN", true, vec![plain(), say("535 5.7.8 wrong\r\n")], no).await;
    let later = Err("at auth the relay said later: 454 4.7.0 tired");
    check("AUTH=PLAIN", true, vec![plain(), say("454 4.7.0 tired\r\n")], later).await;
    let login = vec![
        Hear("AUTH LOGIN\r\n"),
        say("334 VXNlcm5hbWU6\r\n"),
        Hear("cGFwZXI=\r\n"),
        say("334 UGFzc3dvcmQ6\r\n"),
        Hear("c2VzYW1l\r\n"),
        say("235 welcome\r\n"),
    ];
    check("AUTH LOGIN", true, login, Ok(())).await;
}

#[tokio::test]
async fn a_server_that_stops_finishes_the_message_under_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let keep = |_: Arrival| async { Answer::Kept("T0001".into()) };
    let server = tokio::spawn(serve(listener, Settings::new("tray.example"), keep, async { drop(stopped.await) }));
    let mut connection = Connection::open(&to_port(port, Tls::None, None)).await.unwrap();
    let mut bag = Bag { at_the_dot: Some(stop), ..Bag::with(1) };
    connection.carry(&mut bag).await;
    assert_eq!(bag.brief(), ["1 sent T0001"]);
    server.await.unwrap();
    assert_ne!(brief(&send(&mut connection).await), "sent T0001");
}

#[tokio::test]
async fn a_visitor_too_many_is_asked_to_come_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits { connections_max: 1, ..Limits::default() };
    let full = Settings { limits, ..Settings::new("tray.example") };
    let server = tokio::spawn(serve(listener, full, |_| async { Answer::Later }, async { drop(stopped.await) }));
    let mut first = Connection::open(&to_port(port, Tls::None, None)).await.unwrap();
    let second = Connection::open(&to_port(port, Tls::None, None)).await.unwrap_err();
    assert!(matches!(second, OpenError::Deferred { stage: Stage::Greeting, .. }), "{second:?}");
    assert_eq!(brief(&send(&mut first).await), "deferred at dot 452");
    drop(stop);
    server.await.unwrap();
}

#[tokio::test]
async fn a_token_proves_who_we_are_and_a_no_to_it_is_told_with_its_reason() {
    async fn check(token: &str, script: Vec<crate::scripted::Step>, result: Result<(), &str>) {
        let credentials =
            Credentials { username: "news@paper.example".into(), password: Secret::new(token), proof: Proof::Token };
        let settings = RelaySettings { credentials: Some(credentials), auth_without_tls: true, ..settings(Tls::None) };
        let offer = "250-relay.example\r\n250 AUTH PLAIN XOAUTH2\r\n";
        let script = [vec![say("220 relay.example\r\n"), Hear("EHLO"), say(offer)], script].concat();
        let opened = Relay::new(settings).unwrap().open_on(relay(script)).await;
        assert_eq!(opened.map(drop).map_err(|error| error.to_string()), result.map_err(str::to_owned));
    }
    // user=news@paper.example^Aauth=Bearer ya29.short^A^A, in the form Google and Microsoft describe.
    let proof = "AUTH XOAUTH2 dXNlcj1uZXdzQHBhcGVyLmV4YW1wbGUBYXV0aD1CZWFyZXIgeWEyOS5zaG9ydAEB\r\n";
    check("ya29.short", vec![Hear(proof), say("235 2.7.0 Accepted\r\n")], Ok(())).await;
    let long = "t".repeat(2_000);
    let own_line = vec![
        Hear("AUTH XOAUTH2\r\n"),
        say("334 \r\n"),
        Hear("dXNlcj1uZXdzQHBhcGVyLmV4YW1wbGUBYXV0aD1CZWFyZXIgdHR0"),
        say("235 2.7.0 Accepted\r\n"),
    ];
    check(&long, own_line, Ok(())).await;
    let reason =
        vec![Hear(proof), say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"), Hear("\r\n"), say("535 5.7.8 token expired\r\n")];
    check("ya29.short", reason, Err("at auth the relay said no: 535 5.7.8 token expired")).await;
}

#[tokio::test]
async fn a_relay_that_reports_is_told_what_to_report_and_about_whom() {
    async fn check(offer: &str, mail: &'static str, rcpt: &'static str) {
        let words = [("EHLO", offer), (mail, "250 Ok"), (rcpt, "250 Ok"), ("DATA", "354 Go on")];
        let mut script = vec![say("220 relay.example\r\n")];
        script.extend(words.into_iter().flat_map(|(heard, said)| [Hear(heard), say(format!("{said}\r\n"))]));
        script.extend([HearText, say("250 2.0.0 Ok: queued as T0001\r\n")]);
        let mut connection = open(script).await.unwrap();
        let envelope = Envelope::parse("b+x@bounce.paper.example", "jo+x@example.ht").unwrap().with_id("d7=1");
        assert_eq!(brief(&send_this(&mut connection, envelope, MESSAGE.to_vec()).await), "sent T0001");
    }
    check(
        "250-relay.example\r\n250 DSN",
        "MAIL FROM:<b+x@bounce.paper.example> RET=HDRS ENVID=d7+3D1\r\n",
        "RCPT TO:<jo+x@example.ht> NOTIFY=FAILURE ORCPT=rfc822;jo+2Bx@example.ht\r\n",
    )
    .await;
    check("250 relay.example", "MAIL FROM:<b+x@bounce.paper.example>\r\n", "RCPT TO:<jo+x@example.ht>\r\n").await;
}
