//! What stands in the domain's own records: who may send for it, its keys, its policy, and whether the three agree.

use super::dmarc::{self, Policy, Request};
use super::looked::{is_ours, sending_addresses};
use super::spf::{self, Cost, Fault, LOOKUPS_MAX, Sign, VOID_LOOKUPS_MAX};
use super::{About, Finding, Key, Looked, RelaySeen, Sender, Standing, Verdict, is_near, text_line};
use crate::dkim::KeyRecord;

/// Providers whose machines send from other addresses than they take mail at: the end of their host, and the record they
/// ask to be included.
const PROVIDERS: [(&str, &str); 10] = [
    ("amazonaws.com", "amazonses.com"),
    ("mailgun.org", "mailgun.org"),
    ("sendgrid.net", "sendgrid.net"),
    ("postmarkapp.com", "spf.mtasv.net"),
    ("brevo.com", "spf.brevo.com"),
    ("sendinblue.com", "spf.brevo.com"),
    ("mailjet.com", "spf.mailjet.com"),
    ("resend.com", "amazonses.com"),
    ("gmail.com", "_spf.google.com"),
    ("office365.com", "spf.protection.outlook.com"),
];

/// Who may send for the envelope's domain.
pub(super) fn spf(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) {
    let domain = &sender.bounce_domain;
    let needs = needs(sender, looked);
    let fresh = || text_line(domain, &joined("v=spf1 ~all", &needs));
    let (text, record) = match spf::record_of(looked, domain) {
        Ok(known) => known,
        Err(fault) => {
            let line = match &fault {
                Fault::Missing(_) | Fault::Broken(..) => Some(fresh()),
                Fault::Doubled(_) => Some(text_line(domain, &merged(looked, domain, &needs))),
                Fault::Unanswered(..) => None,
            };
            found.push(Finding { line, ..Finding::mend(About::Spf, trouble(&fault, domain)) });
            return;
        }
    };
    let before = found.len();
    let more = match spf::cost(looked, domain) {
        Err(fault) => {
            found.push(Finding::mend(About::Spf, trouble(&fault, domain)));
            false
        }
        Ok(cost) => {
            found.extend(too_dear(domain, cost));
            cost.macros
        }
    };
    match record.rest() {
        Some(Sign::Pass) => found.push(
            Finding::mend(About::Spf, format!("The SPF record of {domain} ends in +all: everybody may send as you."))
                .with(text_line(domain, &text.replace("+all", "~all").replace(" all", " ~all"))),
        ),
        Some(Sign::Neutral) => found
            .push(Finding::note(About::Spf, open_end(domain)).with(text_line(domain, &text.replace("?all", "~all")))),
        None if !record.redirects() => {
            found.push(Finding::note(About::Spf, open_end(domain)).with(text_line(domain, &format!("{text} ~all"))));
        }
        Some(Sign::Fail | Sign::SoftFail) | None => {}
    }
    if found.len() == before {
        let missing: Vec<&Need> = needs.iter().filter(|need| !need.is_met(looked, domain)).collect();
        match missing.as_slice() {
            [] => found.push(Finding::pass(About::Spf, format!("The SPF record of {domain} lets your relays send."))),
            missing if more => found.push(Finding::note(
                About::Spf,
                format!(
                    "The SPF record of {domain} uses macros, so nobody can say beforehand whether it names {}.",
                    whom(missing)
                ),
            )),
            missing => {
                let sentence = format!(
                    "The SPF record of {domain} does not name {}. Receivers may take your letters for forged.",
                    whom(missing)
                );
                let line =
                    text_line(domain, &joined(&text, &missing.iter().map(|need| (*need).clone()).collect::<Vec<_>>()));
                found.push(Finding::mend(About::Spf, sentence).with(line));
            }
        }
    }
}

fn open_end(domain: &str) -> String {
    format!("The SPF record of {domain} says nothing of everybody else; it should end in ~all or -all.")
}

/// Something a record must allow.
#[derive(Clone, Debug)]
struct Need {
    /// Whom it means, for sentences.
    whom: String,
    term: String,
    addresses: Vec<std::net::IpAddr>,
    /// A provider's own record, which says more than addresses could.
    include: Option<&'static str>,
}

impl Need {
    fn is_met(&self, looked: &Looked, domain: &str) -> bool {
        let includes = self.include.is_some_and(|name| {
            spf::record_of(looked, domain).is_ok_and(|(_, record)| record.included().any(|known| known == name))
        });
        let allows = |address: &std::net::IpAddr| spf::says_of(looked, domain, *address) == Some(Sign::Pass);
        includes || (!self.addresses.is_empty() && self.addresses.iter().all(allows))
    }
}

fn whom(needs: &[&Need]) -> String {
    let mut all: Vec<&str> = needs.iter().map(|need| need.whom.as_str()).collect();
    all.dedup();
    all.join(" and ")
}

/// What the relays in use make a record say.
fn needs(sender: &Sender, looked: &Looked) -> Vec<Need> {
    let own = sending_addresses(sender, looked);
    let mut all: Vec<Need> = Vec::new();
    for relay in &sender.relays {
        let need = match provider(relay) {
            Some(include) => Need {
                whom: format!("the senders of relay “{}” ({include})", relay.name),
                term: format!("include:{include}"),
                addresses: Vec::new(),
                include: Some(include),
            },
            None if is_ours(&relay.host, looked) => Need {
                whom: format!("{}, your own machine", sender.host),
                term: format!("a:{}", sender.host),
                addresses: own.clone(),
                include: None,
            },
            None => {
                let addresses = looked.addresses(&relay.host).unwrap_or_default();
                let addresses: Vec<_> = addresses.into_iter().filter(|address| !is_near(*address)).collect();
                let term = match relay.host.parse::<std::net::IpAddr>() {
                    Ok(std::net::IpAddr::V4(v4)) => format!("ip4:{v4}"),
                    Ok(std::net::IpAddr::V6(v6)) => format!("ip6:{v6}"),
                    Err(_) => format!("a:{}", relay.host),
                };
                Need { whom: format!("relay “{}” ({})", relay.name, relay.host), term, addresses, include: None }
            }
        };
        if all.iter().all(|known| known.term != need.term) {
            all.push(need);
        }
    }
    all
}

fn provider(relay: &RelaySeen) -> Option<&'static str> {
    let host = relay.host.to_ascii_lowercase();
    let is = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    PROVIDERS.iter().find(|(end, _)| is(end)).map(|(_, include)| *include)
}

/// The text of a record with these terms before its end.
fn joined(text: &str, needs: &[Need]) -> String {
    let (head, tail): (Vec<&str>, Vec<&str>) = text
        .split_ascii_whitespace()
        .partition(|word| !word.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all"));
    let new = needs.iter().map(|need| need.term.as_str()).filter(|term| !head.contains(term));
    let all: Vec<&str> = head.iter().copied().chain(new).chain(tail).collect();
    all.join(" ")
}

/// Two records as the one they should be.
fn merged(looked: &Looked, domain: &str, needs: &[Need]) -> String {
    let texts = looked.texts(domain).unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for text in texts.iter().filter(|text| spf::Record::parse(text).is_some()) {
        for word in text.split_ascii_whitespace().skip(1) {
            let ends = word.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all");
            if !ends && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
    }
    joined(&format!("v=spf1 {} ~all", words.join(" ")), needs)
}

fn too_dear(domain: &str, cost: Cost) -> Vec<Finding> {
    let mut found = Vec::new();
    if cost.lookups > LOOKUPS_MAX {
        found.push(Finding::mend(
            About::Spf,
            format!(
                "The SPF record of {domain} makes receivers ask more than {LOOKUPS_MAX} times; they then take none of it. \
                 Drop an include you no longer use, or name addresses (ip4:, ip6:) in place of a, mx and include."
            ),
        ));
    }
    if cost.voids > VOID_LOOKUPS_MAX {
        found.push(Finding::mend(
            About::Spf,
            format!(
                "The SPF record of {domain} names {} hosts that do not exist; receivers bear {VOID_LOOKUPS_MAX}. Drop them.",
                cost.voids
            ),
        ));
    }
    found
}

fn trouble(fault: &Fault, domain: &str) -> String {
    let whose = |name: &str| match name == domain {
        true => format!("the SPF record of {domain}"),
        false => format!("{name}, which the SPF record of {domain} includes,"),
    };
    match fault {
        Fault::Missing(name) if name == domain => {
            format!("{domain} has no SPF record; nothing says who may send for it.")
        }
        Fault::Missing(name) => {
            format!("{} has no SPF record. Receivers then take none of yours: drop it.", whose(name))
        }
        Fault::Doubled(name) if name == domain => {
            format!("{domain} has more than one SPF record; receivers then take none of them. Keep one.")
        }
        Fault::Doubled(name) => {
            format!("{} has more than one SPF record; receivers then take none of yours.", whose(name))
        }
        Fault::Broken(name, term) => format!("Receivers cannot read “{term}” in {} and take none of it.", whose(name)),
        Fault::Unanswered(name, why) => format!("Whether {name} has an SPF record could not be asked: {why}."),
    }
}

/// The keys that letters are signed with.
pub(super) fn dkim(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) {
    if sender.keys.is_empty() {
        found.push(Finding::mend(
            About::Dkim,
            "Letters are not signed: there is no key yet. It is made when the paper is first served.",
        ));
    }
    found.extend(sender.keys.iter().map(|key| one_key(key, looked)));
}

fn one_key(key: &Key, looked: &Looked) -> Finding {
    let (name, line) = (&key.name, text_line(&key.name, &key.record.text()));
    let texts = match looked.texts(name) {
        Ok(texts) => texts,
        Err(why) => {
            return Finding::mend(About::Dkim, format!("Whether {name} holds your key could not be asked: {why}."));
        }
    };
    let finding = match texts.as_slice() {
        [] => match key.standing {
            Standing::InUse => {
                Finding::mend(About::Dkim, format!("{name} holds no key; nobody can check your signatures."))
            }
            Standing::Prepared => Finding::note(
                About::Dkim,
                format!("{name} does not hold the prepared key yet. Publish it before “masthead dkim use”."),
            ),
            Standing::Retired => Finding::mend(
                About::Dkim,
                format!("{name} was taken away too early: letters signed with that key are still under way."),
            ),
        },
        [text] => match KeyRecord::parse(text) {
            Some(record) if record == key.record && is_test(text) => Finding::note(
                About::Dkim,
                format!("{name} says that it is only a test (t=y); receivers may pass over your signatures."),
            ),
            Some(record) if record == key.record => {
                return Finding::pass(About::Dkim, format!("{name} holds your key."));
            }
            Some(_) => Finding::mend(About::Dkim, format!("{name} holds another key than the one you sign with.")),
            None => {
                Finding::mend(About::Dkim, format!("{name} holds something that is no key, or a key that was revoked."))
            }
        },
        _ => Finding::mend(
            About::Dkim,
            format!("{name} holds more than one record; receivers may take the wrong one. Keep one."),
        ),
    };
    finding.with(line)
}

fn is_test(text: &str) -> bool {
    let tag = text.split(';').filter_map(|tag| tag.split_once('=')).find(|(name, _)| name.trim() == "t");
    tag.is_some_and(|(_, flags)| flags.split(':').any(|flag| flag.trim() == "y"))
}

/// What the domain asks receivers to do with forged letters. Gives the policy in force.
pub(super) fn dmarc(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) -> Option<Policy> {
    let domain = &sender.from_domain;
    let own = format!("_dmarc.{domain}");
    let line = |request: &str| text_line(&own, &format!("v=DMARC1; p={request}; rua=mailto:dmarc@{domain}"));
    for name in dmarc::names(domain) {
        let texts = match looked.texts(&name) {
            Ok(texts) => texts,
            Err(why) => {
                found.push(Finding::mend(
                    About::Dmarc,
                    format!("Whether {name} holds a policy could not be asked: {why}."),
                ));
                return None;
            }
        };
        let policies: Vec<&String> = texts.iter().filter(|text| dmarc::is_policy(text)).collect();
        let policy = match policies.as_slice() {
            [] => continue,
            [text] => Policy::parse(text),
            _ => {
                let sentence =
                    format!("{name} holds more than one DMARC policy; receivers then take none of them. Keep one.");
                found.push(Finding::mend(About::Dmarc, sentence).with(text_line(&name, policies[0])));
                return None;
            }
        };
        let Some(policy) = policy else {
            let sentence = format!("Receivers cannot read the DMARC policy at {name} and take none of it.");
            found.push(Finding::mend(About::Dmarc, sentence).with(line("none")));
            return None;
        };
        let request = if name == own { policy.request } else { policy.below.unwrap_or(policy.request) };
        found.push(match request {
            Request::Nothing => Finding::note(
                About::Dmarc,
                format!(
                    "The policy at {name} is p=none: enough for Gmail, Yahoo and Microsoft, and no help against forged letters. \
                     When its reports show that all your mail passes, ask for quarantine."
                ),
            )
            .with(line("quarantine")),
            Request::Quarantine | Request::Reject => {
                Finding::pass(About::Dmarc, format!("The policy at {name} asks receivers not to trust forged letters."))
            }
        });
        if !policy.reports {
            found.push(Finding::note(
                About::Dmarc,
                format!("The policy at {name} names nobody who gets the reports (rua)."),
            ));
        }
        return Some(policy);
    }
    let sentence =
        format!("{domain} has no DMARC policy. Gmail, Yahoo and Microsoft ask for one of everybody who sends much.");
    found.push(Finding::mend(About::Dmarc, sentence).with(line("none")));
    None
}

/// Whether what SPF and DKIM prove is the domain readers see in `From` (RFC 7489 §3.1).
pub(super) fn alignment(sender: &Sender, policy: Option<&Policy>, found: &mut Vec<Finding>) {
    let (from, bounce) = (&sender.from_domain, &sender.bounce_domain);
    let below = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    let strict = policy.is_some_and(|policy| policy.strict_spf);
    let spf = from == bounce || (!strict && (below(bounce, from) || below(from, bounce)));
    let dkim = found.iter().any(|one| one.about == About::Dkim && one.verdict == Verdict::Pass);
    found.push(match (dkim, spf) {
        (true, true) => Finding::pass(About::Alignment, format!("Signature and envelope both prove {from}, which readers see.")),
        (true, false) => Finding::note(
            About::Alignment,
            format!(
                "Only the signature proves {from}; the envelope’s {bounce} is another domain. \
                 Set mail.bounce_domain to {from} or a name below it, so that one may fail."
            ),
        ),
        (false, true) => Finding::note(
            About::Alignment,
            format!("Only the envelope proves {from} until the key is published; a forwarded letter then proves nothing."),
        ),
        (false, false) => Finding::mend(
            About::Alignment,
            format!(
                "Nothing proves {from}, which readers see: no key is published, and the envelope’s {bounce} is another domain. \
                 Publish the key, and set mail.bounce_domain to {from} or a name below it."
            ),
        ),
    });
}
