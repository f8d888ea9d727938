//! The doctor before a name server that says what each test tells it.

use super::*;
use crate::dkim::{SigningKey, generate_ed25519_pem};
use crate::testing::NameServer;

const KEY_NAME: &str = "m1._domainkey.paper.example";

struct Case {
    sender: Sender,
    zone: String,
}

/// A paper that sends from its own machine, and whose records are all right.
fn sound() -> Case {
    let record = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap().record();
    let zone = format!(
        "paper.example MX 10 mail.paper.example\npaper.example A 203.0.113.9\nmail.paper.example A 203.0.113.9\n\
         bounce.paper.example MX 10 mail.paper.example\nbounce.paper.example TXT v=spf1 a:paper.example -all\n\
         {KEY_NAME} TXT {}\n_dmarc.paper.example TXT v=DMARC1; p=reject; rua=mailto:d@paper.example\n\
         203.0.113.9 PTR mail.paper.example\n",
        record.text()
    );
    let relay = RelaySeen { name: "own".into(), host: "127.0.0.1".into(), opened: Ok(false) };
    let sender = Sender {
        from_domain: "paper.example".into(),
        bounce_domain: "bounce.paper.example".into(),
        host: "paper.example".into(),
        keys: vec![Key { name: KEY_NAME.into(), record, standing: Standing::InUse }],
        relays: vec![relay],
    };
    Case { sender, zone }
}

impl Case {
    /// With every line about `name` and `kind` replaced by these.
    fn with(mut self, name: &str, kind: &str, lines: &str) -> Self {
        let start = format!("{name} {kind} ");
        let kept: Vec<&str> = self.zone.lines().filter(|line| !line.starts_with(&start)).collect();
        self.zone = format!("{}\n{lines}\n", kept.join("\n"));
        self
    }

    fn and(mut self, lines: &str) -> Self {
        self.zone.push_str(lines);
        self.zone.push('\n');
        self
    }

    fn sent_by(mut self, host: &str) -> Self {
        self.sender.relays = vec![RelaySeen { name: "main".into(), host: host.into(), opened: Ok(true) }];
        self
    }

    async fn found(&self) -> Vec<Finding> {
        let server = NameServer::start(&self.zone).await.unwrap();
        let mut found = examine(&self.sender, &look(&server.names(), &self.sender).await);
        found.extend(providers(&found));
        found
    }

    /// The one finding about `about` that is not a pass holds these words; its line holds those.
    #[track_caller]
    fn says(self, about: About, verdict: Verdict, words: &str, line: &str) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let found = self.found().await;
            let one = found.iter().find(|one| one.about == about && one.verdict == verdict);
            let one = one.unwrap_or_else(|| panic!("{place}: no {verdict:?} about {about:?}: {found:#?}"));
            assert!(one.sentence.contains(words), "{place}: {}", one.sentence);
            let given = one.line.as_deref().unwrap_or_default();
            assert!(given.contains(line) && given.is_empty() == line.is_empty(), "{place}: {given}");
            let gmail = found.iter().any(|one| one.about == About::Gmail && one.verdict == Verdict::Mend);
            assert_eq!(gmail, verdict == Verdict::Mend, "{place}: {found:#?}");
        }
    }
}

#[tokio::test]
async fn records_that_are_right_all_pass() {
    let found = sound().found().await;
    assert!(found.iter().all(|one| one.verdict == Verdict::Pass), "{found:#?}");
    for about in [About::Spf, About::Dkim, About::Dmarc, About::Alignment, About::Mx, About::Ptr, About::Relay] {
        assert!(found.iter().any(|one| one.about == about), "nothing about {about:?}: {found:#?}");
    }
    assert!(found.iter().filter(|one| one.about >= About::Gmail).count() == 3, "{found:#?}");
}

#[tokio::test]
async fn an_spf_record_that_receivers_would_not_take_is_mended() {
    use Verdict::{Mend, Note};
    let spf = |lines: &str| {
        let lines: Vec<String> = lines.lines().map(|text| format!("bounce.paper.example TXT {text}")).collect();
        sound().with("bounce.paper.example", "TXT", &lines.join("\n"))
    };
    spf("").says(About::Spf, Mend, "no SPF record", "\"v=spf1 a:paper.example ~all\"").await;
    spf("v=spf1 mx -all\nv=spf1 include:x.example ~all")
        .says(About::Spf, Mend, "more than one", "\"v=spf1 mx include:x.example a:paper.example ~all\"")
        .await;
    spf("v=spf1 ipv4:192.0.2.1 -all").says(About::Spf, Mend, "“ipv4:192.0.2.1”", "v=spf1 a:paper.example ~all").await;
    spf("v=spf1 a:paper.example +all").says(About::Spf, Mend, "everybody", "v=spf1 a:paper.example ~all").await;
    spf("v=spf1 a:paper.example").says(About::Spf, Note, "everybody else", "v=spf1 a:paper.example ~all").await;
    spf("v=spf1 ip4:192.0.2.1 -all")
        .says(About::Spf, Mend, "does not name paper.example", "v=spf1 ip4:192.0.2.1 a:paper.example -all")
        .await;
    spf("v=spf1 include:gone.example a:paper.example -all").says(About::Spf, Mend, "gone.example", "").await;
    spf("v=spf1 a:x.example a:y.example a:z.example a:paper.example -all")
        .says(About::Spf, Mend, "3 hosts that do not exist", "")
        .await;
    spf("v=spf1 exists:%{i}.x.example -all").says(About::Spf, Note, "macros", "").await;
    spf("").and("bounce.paper.example FAILS").says(About::Spf, Mend, "could not be asked", "").await;
}

#[tokio::test]
async fn a_record_that_costs_receivers_too_much_is_named() {
    let many: String = (0..11).map(|n| format!(" include:i{n}.example")).collect();
    let included: String = (0..11).map(|n| format!("i{n}.example TXT v=spf1 ip4:192.0.2.{n} -all\n")).collect();
    let record = format!("bounce.paper.example TXT v=spf1{many} a:paper.example -all\n{included}");
    let eleven = sound().with("bounce.paper.example", "TXT", &record);
    eleven.says(About::Spf, Verdict::Mend, "more than 10 times", "").await;
    let loops = "bounce.paper.example TXT v=spf1 include:bounce.paper.example -all";
    sound().with("bounce.paper.example", "TXT", loops).says(About::Spf, Verdict::Mend, "more than 10 times", "").await;
    let ten = "bounce.paper.example TXT v=spf1 redirect=r.example\nr.example TXT v=spf1 a:paper.example -all";
    let found = sound().with("bounce.paper.example", "TXT", ten).found().await;
    assert!(found.iter().all(|one| one.verdict == Verdict::Pass), "{found:#?}");
}

#[tokio::test]
async fn a_relay_of_somebody_else_must_stand_in_the_record() {
    let record = |text: &str| format!("bounce.paper.example TXT {text}");
    let spf = |text: &str| sound().with("bounce.paper.example", "TXT", &record(text));
    spf("v=spf1 -all")
        .sent_by("email-smtp.eu-west-1.amazonaws.com")
        .and("email-smtp.eu-west-1.amazonaws.com A 198.18.0.1")
        .says(About::Spf, Verdict::Mend, "amazonses.com", "v=spf1 include:amazonses.com -all")
        .await;
    spf("v=spf1 a:mx.relay.example -all")
        .sent_by("out.relay.example")
        .and("out.relay.example A 203.0.113.77\nmx.relay.example A 203.0.113.76")
        .says(About::Spf, Verdict::Mend, "out.relay.example", "v=spf1 a:mx.relay.example a:out.relay.example -all")
        .await;
    let covered = spf("v=spf1 a:mx.relay.example/28 -all")
        .sent_by("out.relay.example")
        .and("out.relay.example A 203.0.113.77\nmx.relay.example A 203.0.113.76");
    let found = covered.found().await;
    assert!(found.iter().all(|one| one.verdict == Verdict::Pass), "{found:#?}");
}

#[tokio::test]
async fn a_key_that_is_not_the_one_we_sign_with_is_mended() {
    use Verdict::{Mend, Note};
    let mine = sound().sender.keys[0].record.text();
    let key = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|text| format!("{KEY_NAME} TXT {text}")).collect();
        sound().with(KEY_NAME, "TXT", &lines.join("\n"))
    };
    key(&[]).says(About::Dkim, Mend, "holds no key", "v=DKIM1; k=ed25519; p=").await;
    key(&[&mine]).says(About::Dkim, Mend, "another key", KEY_NAME).await;
    key(&[&mine, &mine]).says(About::Dkim, Mend, "more than one", KEY_NAME).await;
    key(&["v=DKIM1; p="]).says(About::Dkim, Mend, "revoked", KEY_NAME).await;
    let mut prepared = key(&[]);
    prepared.sender.keys[0].standing = Standing::Prepared;
    prepared.says(About::Dkim, Note, "does not hold the prepared key yet", KEY_NAME).await;
    let mut none = sound();
    none.sender.keys.clear();
    none.says(About::Dkim, Mend, "not signed", "").await;
    let mut test = sound();
    test.zone = test.zone.replace("k=ed25519;", "k=ed25519; t=y;");
    test.says(About::Dkim, Note, "only a test", KEY_NAME).await;
}

#[tokio::test]
async fn a_policy_that_is_missing_doubled_or_weak_gets_its_sentence() {
    use Verdict::{Mend, Note};
    let policy = |lines: &str| sound().with("_dmarc.paper.example", "TXT", lines);
    policy("").says(About::Dmarc, Mend, "no DMARC policy", "v=DMARC1; p=none; rua=mailto:dmarc@paper.example").await;
    let one = "_dmarc.paper.example TXT v=DMARC1; p=none; rua=mailto:d@paper.example";
    policy(one).says(About::Dmarc, Note, "p=none", "p=quarantine").await;
    policy(&format!("{one}\n{one}x")).says(About::Dmarc, Mend, "more than one", "p=none").await;
    policy("_dmarc.paper.example TXT v=DMARC1; p=perhaps").says(About::Dmarc, Mend, "cannot read", "p=none").await;
    policy("_dmarc.paper.example TXT v=DMARC1; p=reject")
        .says(About::Dmarc, Note, "nobody who gets the reports", "")
        .await;
    let mut below = policy("_dmarc.paper.example TXT v=DMARC1; p=reject; sp=none; rua=mailto:d@paper.example");
    below.sender.from_domain = "news.paper.example".into();
    below.and("news.paper.example A 203.0.113.9").says(About::Dmarc, Note, "p=none", "_dmarc.news.paper.example").await;
}

#[tokio::test]
async fn what_proves_another_domain_than_readers_see_is_named() {
    let elsewhere = || {
        let mut case =
            sound().and("b.mailer.example MX 10 mail.paper.example\nb.mailer.example TXT v=spf1 a:paper.example -all");
        case.sender.bounce_domain = "b.mailer.example".into();
        case
    };
    elsewhere().says(About::Alignment, Verdict::Note, "Only the signature", "").await;
    let found = elsewhere().with(KEY_NAME, "TXT", "").found().await;
    let one = found.iter().find(|one| one.about == About::Alignment).unwrap();
    assert!(one.verdict == Verdict::Mend && one.sentence.contains("Nothing proves paper.example"), "{found:#?}");
    let strict = "_dmarc.paper.example TXT v=DMARC1; p=reject; aspf=s; rua=mailto:d@paper.example";
    let strict = sound().with("_dmarc.paper.example", "TXT", strict);
    strict.says(About::Alignment, Verdict::Note, "Only the signature", "").await;
}

#[tokio::test]
async fn machines_without_a_name_and_domains_without_a_mailbox_are_named() {
    use Verdict::Mend;
    let pointer = |name: &str| {
        let case = sound().with("203.0.113.9", "PTR", "");
        if name.is_empty() { case } else { case.and(&format!("203.0.113.9 PTR {name}")) }
    };
    pointer("").says(About::Ptr, Mend, "has no name", "9.113.0.203.in-addr.arpa. IN PTR paper.example.").await;
    pointer("host-9.isp.example").says(About::Ptr, Mend, "does not lead back", "in-addr.arpa").await;
    let mx = |line: &str| sound().with("bounce.paper.example", "MX", line);
    mx("").says(About::Mx, Mend, "takes no mail", "bounce.paper.example. IN MX 10 paper.example.").await;
    mx("bounce.paper.example MX 0 .").says(About::Mx, Mend, "no mail at all", "IN MX 10").await;
    mx("bounce.paper.example MX 5 gone.example").says(About::Mx, Mend, "gone.example", "IN MX 10").await;
    let mut open = sound().sent_by("out.relay.example").and("out.relay.example A 203.0.113.9");
    open.sender.relays[0].opened = Ok(false);
    open.says(About::Relay, Mend, "without encryption", "").await;
    let mut shut = sound();
    shut.sender.relays[0].opened = Err("at auth the relay said no: 535 5.7.8".into());
    shut.says(About::Relay, Mend, "535 5.7.8", "").await;
}

#[tokio::test]
async fn a_record_without_end_is_not_followed_for_ever() {
    let many: String = (0..400).map(|n| format!(" a:h{n}.example")).collect();
    let zone = format!("bounce.paper.example TXT v=spf1{many} -all");
    let case = sound().with("bounce.paper.example", "TXT", &zone);
    case.says(About::Spf, Verdict::Mend, "more than 10 times", "").await;
}
