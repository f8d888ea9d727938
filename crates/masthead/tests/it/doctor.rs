//! `masthead check` before a name server, a relay and a public address that say what each test tells them.

use crate::program::{Running, fine, masthead, output, serve_on};
use mail::maildrop::Protocol;
use mail::testing::{Conduct, MailboxServer, NameServer, PASSWORD, USERNAME, WildRelay};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

/// A paper at `paper.example`, with its own relay, its name server and a certificate of its own.
struct House {
    folder: tempfile::TempDir,
    names: NameServer,
    relay: WildRelay,
    front: u16,
    key: String,
}

impl House {
    /// Everything in place, the site served over HTTPS.
    async fn open() -> (Self, Running) {
        let folder = tempfile::tempdir().unwrap();
        let relay = WildRelay::start(Conduct::default()).await.unwrap();
        let names = NameServer::start("").await.unwrap();
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut house = Self { folder, names, relay, front: front.local_addr().unwrap().port(), key: String::new() };
        let data = house.data();
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("masthead.toml"), house.settings()).unwrap();
        fine(&data, &["init", "--name", "The Morning", "--owner", "ann@paper.example"]);
        let keys: Value = serde_json::from_str(&fine(&data, &["dkim", "show", "--json"])).unwrap();
        house.key = keys[0]["records"][0]["txt"].as_str().unwrap_or_else(|| panic!("{keys}")).to_owned();
        house.names.say(&house.zone());
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let (running, _) = serve_on(&data, &free);
        house.encrypt(front, free);
        (house, running)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("paper")
    }

    fn settings(&self) -> String {
        format!(
            "public_url = \"https://paper.example:{}\"\n[mail]\nfrom = \"news@paper.example\"\nbounce_domain = \"bounce.paper.example\"\n\
             [outgoing]\nallow = [\"127.0.0.1\"]\n[dns]\nservers = [\"{}\"]\n\
             [[relay]]\nname = \"own\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
            self.front,
            self.names.address(),
            self.relay.port()
        )
    }

    /// Records that are right. The site is on this machine; the world sees it at an address of its own.
    fn zone(&self) -> String {
        format!(
            "paper.example A 127.0.0.1\npaper.example A 203.0.113.9\npaper.example MX 10 paper.example\n\
             bounce.paper.example MX 10 paper.example\nbounce.paper.example TXT v=spf1 a:paper.example -all\n\
             masthead._domainkey.paper.example TXT {}\n203.0.113.9 PTR paper.example\n\
             _dmarc.paper.example TXT v=DMARC1; p=quarantine; rua=mailto:d@paper.example\n",
            self.key
        )
    }

    /// What stands in front of the program: a certificate for `paper.example`, and nothing else.
    fn encrypt(&self, front: TcpListener, site: String) {
        let made = rcgen::generate_simple_self_signed(["paper.example".to_owned()]).unwrap();
        std::fs::write(self.roots(), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((peer, _)) = front.accept().await {
                let (acceptor, site) = (acceptor.clone(), site.clone());
                tokio::spawn(async move {
                    let Ok(mut peer) = acceptor.accept(peer).await else { return };
                    let Ok(mut program) = TcpStream::connect(site).await else { return };
                    drop(tokio::io::copy_bidirectional(&mut peer, &mut program).await);
                });
            }
        });
    }

    fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }

    /// Whether `check` ended well, and what it found.
    async fn check(&self) -> (bool, Value) {
        let (data, roots) = (self.data(), self.roots());
        let run = move || masthead(&data, &["check", "--json"]).env("SSL_CERT_FILE", roots).output().unwrap();
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let said = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.success(), said)
    }

    /// With one line of the zone replaced, `check` fails and says this about it.
    async fn mends(&self, line: &str, by: &str, about: &str, words: &str, paste: &str) {
        assert!(self.zone().contains(line), "{line}");
        self.names.say(&self.zone().replace(line, by));
        let (fine, said) = self.check().await;
        let found = findings(&said).find(|one| one["about"] == about && one["verdict"] == "mend");
        let found = found.unwrap_or_else(|| panic!("nothing about {about}: {said:#}"));
        assert!(found["sentence"].as_str().unwrap().contains(words), "{found}");
        assert!(found["line"].as_str().unwrap_or_default().contains(paste), "{found}");
        assert!(!fine && said["fine"] == false, "{said:#}");
        assert!(findings(&said).any(|one| one["about"] == "Gmail" && one["verdict"] == "mend"), "{said:#}");
    }
}

fn findings(said: &Value) -> impl Iterator<Item = &Value> {
    said["findings"].as_array().unwrap().iter()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_whose_records_are_right_passes_and_each_fault_gets_its_sentence_and_its_line() {
    let (house, _running) = House::open().await;
    let (fine, said) = house.check().await;
    assert!(fine && said["fine"] == true, "{said:#}");
    for about in ["SPF", "DKIM", "DMARC", "alignment", "MX", "PTR", "relay", "unsubscribe", "clock", "Gmail", "Yahoo"] {
        assert!(findings(&said).any(|one| one["about"] == about && one["verdict"] == "pass"), "{about}: {said:#}");
    }
    let spf = "bounce.paper.example TXT v=spf1 a:paper.example -all\n";
    house
        .mends(spf, "", "SPF", "has no SPF record", "bounce.paper.example. IN TXT ( \"v=spf1 a:paper.example ~all\" )")
        .await;
    house.mends(spf, &format!("{spf}{spf}"), "SPF", "more than one SPF record", "v=spf1 a:paper.example ~all").await;
    let many: String = (0..11).map(|n| format!(" mx:m{n}.example")).collect();
    house.mends(spf, &spf.replace(" a:", &format!("{many} a:")), "SPF", "more than 10 times", "").await;
    house.mends("v=DKIM1; k=rsa; p=", "v=DKIM1; k=rsa; p=AAAA", "DKIM", "", &house.key[..60]).await;
    house
        .mends(
            "_dmarc.paper.example TXT v=DMARC1; p=quarantine; rua=mailto:d@paper.example\n",
            "",
            "DMARC",
            "no DMARC policy",
            "p=none",
        )
        .await;
    house
        .mends(
            "203.0.113.9 PTR paper.example",
            "203.0.113.9 PTR other.example",
            "PTR",
            "does not lead back",
            "IN PTR paper.example.",
        )
        .await;
    house
        .mends(
            "bounce.paper.example MX 10 paper.example",
            "bounce.paper.example MX 0 .",
            "MX",
            "no mail at all",
            "IN MX 10",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_shuts_us_out_and_a_site_that_is_not_there_are_named() {
    let (house, running) = House::open().await;
    house.relay.behave(Conduct::saying(mail::smtp::Stage::Greeting, "554 5.7.1 No service for you"));
    let (fine, said) = house.check().await;
    let relay = findings(&said).find(|one| one["about"] == "relay").unwrap();
    assert!(
        !fine && relay["verdict"] == "mend" && relay["sentence"].as_str().unwrap().contains("No service"),
        "{relay}"
    );
    drop(running);
    let (_, said) = house.check().await;
    let way_out = findings(&said).find(|one| one["about"] == "unsubscribe").unwrap();
    assert!(way_out["verdict"] == "mend" && way_out["sentence"].as_str().unwrap().contains("one click"), "{way_out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_relay_the_way_out_is_tried_and_our_own_address_must_have_a_name() {
    let (house, _running) = House::open().await;
    let settings = house.settings();
    let (own, _) = settings.split_once("[[relay]]").unwrap();
    let straight = format!("{own}[[relay]]\nto = \"mx\"\nport = {}\n", house.relay.port());
    std::fs::write(house.data().join("masthead.toml"), straight).unwrap();
    let zone = format!("{}gmail.com MX 5 mx.gmail.example\nmx.gmail.example A 127.0.0.1\n", house.zone());
    house.names.say(&zone);
    let (fine, said) = house.check().await;
    for (about, words) in [("relay", "reaches Gmail"), ("PTR", "leads back")] {
        let found = findings(&said).find(|one| one["about"] == about).unwrap();
        assert!(found["verdict"] == "pass" && found["sentence"].as_str().unwrap().contains(words), "{found}");
    }
    assert!(fine, "{said:#}");
    house.names.say(&zone.replace("203.0.113.9 PTR paper.example\n", ""));
    assert!(findings(&house.check().await.1).any(|one| one["about"] == "PTR" && one["verdict"] == "mend"));
    house.names.say(&zone);
    house.relay.behave(Conduct::saying(mail::smtp::Stage::Greeting, "554 5.7.1 No service for you"));
    let (fine, said) = house.check().await;
    let relay = findings(&said).find(|one| one["about"] == "relay").unwrap();
    assert!(!fine && relay["sentence"].as_str().unwrap().contains("port 25"), "{relay}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_of_reports_is_tried_and_nothing_in_it_is_touched() {
    for (protocol, scheme) in [(Protocol::Imap, "imap"), (Protocol::Pop3, "pop3")] {
        let mailbox = MailboxServer::start(protocol).await.unwrap();
        mailbox.put("Subject: one\r\n\r\n");
        mailbox.put("Subject: two\r\n\r\n");
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("paper");
        fine(&data, &["init", "--name", "The Morning"]);
        let check = async |password: &str, port: u16| {
            let password = toml::Value::String(password.into());
            let settings = format!(
                "[bounces]\nmailbox = \"{scheme}://127.0.0.1:{port}\"\nmailbox_username = \"{USERNAME}\"\nmailbox_password = {password}\n"
            );
            std::fs::write(data.join("masthead.toml"), settings).unwrap();
            let data = data.clone();
            let output = tokio::task::spawn_blocking(move || output(&data, &["check", "--json"])).await.unwrap();
            let said: Value = serde_json::from_slice(&output.stdout).unwrap();
            let found = findings(&said).find(|one| one["about"] == "mailbox").unwrap_or_else(|| panic!("{said:#}"));
            (output.status.success(), found["verdict"].clone(), found["sentence"].as_str().unwrap().to_owned())
        };
        let (well, verdict, sentence) = check(PASSWORD, mailbox.port()).await;
        assert!(well && verdict == "pass" && sentence.contains("Messages there: 2"), "{scheme}: {sentence}");
        assert_eq!((mailbox.holds().len(), mailbox.handed_out()), (2, 0));
        let (well, verdict, sentence) = check("wrong", mailbox.port()).await;
        assert!(!well && verdict == "mend" && sentence.contains("said no at the login"), "{scheme}: {sentence}");
        assert!(!sentence.contains(USERNAME) && !sentence.contains("wrong"), "{sentence}");
        let shut = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (well, _, sentence) = check(PASSWORD, shut).await;
        assert!(!well && sentence.contains("failed at connecting"), "{scheme}: {sentence}");
    }
}

#[test]
fn a_paper_without_a_name_of_its_own_is_not_told_to_mend_the_world() {
    let folder = tempfile::tempdir().unwrap();
    let data: &Path = &folder.path().join("paper");
    fine(data, &["init", "--name", "The Morning"]);
    let output = output(data, &["check", "--json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success() && said["fine"] == true, "{said:#}");
    assert!(findings(&said).any(|one| one["about"] == "name" && one["verdict"] == "note"), "{said:#}");
    assert!(!findings(&said).any(|one| one["about"] == "SPF"), "{said:#}");
}
