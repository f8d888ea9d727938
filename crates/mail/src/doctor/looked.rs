//! What name servers were asked about a sender and what they answered. The only file of the doctor that does anything.
//! Which questions there are follows from the answers so far, so that every rule can be judged without asking again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use tokio::task::JoinSet;

use super::spf::{self, Record};
use super::{Sender, dmarc, is_near};
use crate::names::{Answer, Exchanger, Names, Unanswered};

/// Questions about one sender, over all rounds: a record that includes half the world is not followed further.
pub const QUESTIONS_MAX: usize = 120;
/// Hosts of one MX answer that are looked up (RFC 7208 §4.6.4).
const EXCHANGERS_MAX: usize = 10;
/// Addresses of our own whose names are asked for.
const POINTERS_MAX: usize = 8;

/// One question for a name server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    Texts(String),
    Exchangers(String),
    Addresses(String),
    NamesOf(IpAddr),
}

/// The answers so far.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    texts: BTreeMap<String, Answer<String>>,
    exchangers: BTreeMap<String, Answer<Exchanger>>,
    addresses: BTreeMap<String, Answer<IpAddr>>,
    pointers: BTreeMap<IpAddr, Answer<String>>,
}

enum Told {
    Texts(Answer<String>),
    Exchangers(Answer<Exchanger>),
    Addresses(Answer<IpAddr>),
    Names(Answer<String>),
}

impl Looked {
    pub(super) fn texts(&self, name: &str) -> Answer<String> {
        self.texts.get(name).cloned().unwrap_or_else(not_asked)
    }

    pub(super) fn exchangers(&self, domain: &str) -> Answer<Exchanger> {
        self.exchangers.get(domain).cloned().unwrap_or_else(not_asked)
    }

    pub(super) fn addresses(&self, host: &str) -> Answer<IpAddr> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        self.addresses.get(host).cloned().unwrap_or_else(not_asked)
    }

    pub(super) fn pointers(&self, address: IpAddr) -> Answer<String> {
        self.pointers.get(&address).cloned().unwrap_or_else(not_asked)
    }

    fn knows(&self, question: &Question) -> bool {
        match question {
            Question::Texts(name) => self.texts.contains_key(name),
            Question::Exchangers(domain) => self.exchangers.contains_key(domain),
            Question::Addresses(host) => self.addresses.contains_key(host),
            Question::NamesOf(address) => self.pointers.contains_key(address),
        }
    }

    fn count(&self) -> usize {
        self.texts.len() + self.exchangers.len() + self.addresses.len() + self.pointers.len()
    }

    fn keep(&mut self, question: Question, told: Told) {
        match (question, told) {
            (Question::Texts(name), Told::Texts(answer)) => drop(self.texts.insert(name, answer)),
            (Question::Exchangers(name), Told::Exchangers(answer)) => drop(self.exchangers.insert(name, answer)),
            (Question::Addresses(name), Told::Addresses(answer)) => drop(self.addresses.insert(name, answer)),
            (Question::NamesOf(address), Told::Names(answer)) => drop(self.pointers.insert(address, answer)),
            (Question::Texts(_) | Question::Exchangers(_) | Question::Addresses(_) | Question::NamesOf(_), _) => {}
        }
    }
}

fn not_asked<T>() -> Answer<T> {
    Err(Unanswered::new("this was not asked, because there were too many questions already"))
}

/// Asks until no answer raises a further question, at most [`QUESTIONS_MAX`]. What was answered before is asked anew.
pub async fn look(names: &Names, sender: &Sender) -> Looked {
    names.forget();
    let mut looked = Looked::default();
    loop {
        let room = QUESTIONS_MAX.saturating_sub(looked.count());
        let open: Vec<Question> =
            wanted(sender, &looked).into_iter().filter(|question| !looked.knows(question)).take(room).collect();
        if open.is_empty() {
            return looked;
        }
        let mut asking = JoinSet::new();
        for question in open {
            let names = names.clone();
            asking.spawn(async move {
                let told = match &question {
                    Question::Texts(name) => Told::Texts(names.texts(name).await),
                    Question::Exchangers(domain) => Told::Exchangers(names.exchangers(domain).await),
                    Question::Addresses(host) => Told::Addresses(names.addresses(host).await),
                    Question::NamesOf(address) => Told::Names(names.names_of(*address).await),
                };
                (question, told)
            });
        }
        while let Some(done) = asking.join_next().await {
            if let Ok((question, told)) = done {
                looked.keep(question, told);
            }
        }
    }
}

/// Every question about `sender` that the answers so far give reason for.
fn wanted(sender: &Sender, looked: &Looked) -> BTreeSet<Question> {
    let mut open = BTreeSet::new();
    let hosts = sender.relays.iter().map(|relay| &relay.host).filter(|host| !host.is_empty());
    open.extend(hosts.cloned().map(Question::Addresses));
    if !sender.is_public() {
        return open;
    }
    let texts = |name: &str| Question::Texts(name.to_owned());
    open.extend([texts(&sender.bounce_domain), Question::Addresses(sender.host.clone())]);
    open.extend(sender.keys.iter().map(|key| texts(&key.name)));
    // The policy of a domain stands at the domain or at the nearest one above that has one.
    for name in dmarc::names(&sender.from_domain) {
        open.insert(texts(&name));
        if looked.texts(&name).is_ok_and(|found| found.iter().any(|text| dmarc::is_policy(text))) {
            break;
        }
    }
    for domain in [&sender.from_domain, &sender.bounce_domain] {
        open.extend([Question::Exchangers(domain.clone()), Question::Addresses(domain.clone())]);
        open.extend(hosts_of(looked.exchangers(domain)));
    }
    for address in sending_addresses(sender, looked) {
        open.insert(Question::NamesOf(address));
        open.extend(looked.pointers(address).unwrap_or_default().into_iter().take(2).map(Question::Addresses));
    }
    follow(&sender.bounce_domain, looked, &mut open, 0);
    open
}

fn hosts_of(exchangers: Answer<Exchanger>) -> Vec<Question> {
    let hosts = exchangers.unwrap_or_default().into_iter().filter(|mx| !mx.host.is_empty()).take(EXCHANGERS_MAX);
    hosts.map(|mx| Question::Addresses(mx.host)).collect()
}

/// What an SPF record asks for, and what it includes asks for in its turn.
fn follow(domain: &str, looked: &Looked, open: &mut BTreeSet<Question>, depth: usize) {
    open.insert(Question::Texts(domain.to_owned()));
    if depth > spf::LOOKUPS_MAX {
        return;
    }
    let texts = looked.texts(domain).unwrap_or_default();
    for record in texts.iter().filter_map(|text| Record::parse(text)?.ok()) {
        for name in record.included() {
            follow(name, looked, open, depth + 1);
        }
        open.extend(record.hosts(domain).into_iter().map(Question::Addresses));
        for name in record.exchanger_domains(domain) {
            open.extend(hosts_of(looked.exchangers(&name)));
            open.insert(Question::Exchangers(name));
        }
    }
}

/// The addresses mail leaves by that are our own: where a relay is on this machine or its network, those of our host.
pub(super) fn sending_addresses(sender: &Sender, looked: &Looked) -> Vec<IpAddr> {
    if !sender.relays.iter().any(|relay| is_ours(relay.host.as_str(), looked)) {
        return Vec::new();
    }
    let own = looked.addresses(&sender.host).unwrap_or_default();
    own.into_iter().filter(|address| !is_near(*address)).take(POINTERS_MAX).collect()
}

/// Whether a relay is on this machine or its network, or there is none between, so that the world sees our own address.
pub(super) fn is_ours(host: &str, looked: &Looked) -> bool {
    if host.is_empty() {
        return true;
    }
    let addresses = looked.addresses(host).unwrap_or_default();
    !addresses.is_empty() && addresses.into_iter().all(is_near)
}
