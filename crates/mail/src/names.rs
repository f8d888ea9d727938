//! Asks name servers: texts, mail exchangers, addresses and the names of addresses. Knows nothing of what they mean.
//! Every answer is bounded in time and number, and names are always asked for as they stand, never below a local domain.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};

/// How long one server may take for one try.
const TRY_SECONDS: u64 = 3;
/// Tries after the first that found no answer.
const TRIES: usize = 1;
/// Records of one answer that are looked at.
pub const RECORDS_MAX: usize = 64;
/// Bytes of one text that are looked at.
pub const TEXT_BYTES_MAX: usize = 4_096;

/// Asks the machine's name servers, or others that were named. Clones share the memory of what was answered.
#[derive(Clone)]
pub struct Names(Result<Arc<TokioResolver>, Arc<str>>);

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_ok() { "Names" } else { "Names(none)" })
    }
}

/// No name server gave an answer that says yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered(String);

impl Unanswered {
    pub fn new(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

/// What came of a question. An empty list says that there is nothing of the kind.
pub type Answer<T> = Result<Vec<T>, Unanswered>;

/// Where mail for a domain goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exchanger {
    /// The lower, the sooner (RFC 5321 §5.1).
    pub preference: u16,
    /// In small letters, without the last dot; empty for “no mail at all” (RFC 7505).
    pub host: String,
}

impl Names {
    /// The servers of this machine (`/etc/resolv.conf`). Where they cannot be read, every question stays unanswered.
    pub fn of_this_machine() -> Self {
        let built = TokioResolver::builder_tokio().and_then(|mut builder| {
            limit(builder.options_mut());
            builder.build()
        });
        Self::from_built(built)
    }

    /// These servers and no others, over UDP, and over TCP where an answer is too long for it.
    pub fn asking(servers: &[SocketAddr]) -> Self {
        let server = |address: &SocketAddr| {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            server.connections.iter_mut().for_each(|connection| connection.port = address.port());
            server
        };
        let config = ResolverConfig::from_name_servers(servers.iter().map(server).collect());
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        limit(builder.options_mut());
        Self::from_built(builder.build())
    }

    fn from_built(built: Result<TokioResolver, NetError>) -> Self {
        Self(built.map(Arc::new).map_err(|fault| format!("the machine knows no name server: {fault}").into()))
    }

    /// Forgets what was answered, so that the next questions are asked anew.
    pub fn forget(&self) {
        if let Ok(resolver) = &self.0 {
            resolver.clear_cache();
        }
    }

    /// The texts at a name, each with its strings joined (RFC 7208 §3.3).
    pub async fn texts(&self, name: &str) -> Answer<String> {
        let pick = |data: &RData| match data {
            RData::TXT(text) => {
                let joined: Vec<u8> = text.txt_data.iter().flatten().copied().take(TEXT_BYTES_MAX).collect();
                Some(String::from_utf8_lossy(&joined).into_owned())
            }
            _ => None,
        };
        self.ask(name, RecordType::TXT, pick).await
    }

    /// Where mail for a domain goes, the best first.
    pub async fn exchangers(&self, domain: &str) -> Answer<Exchanger> {
        let pick = |data: &RData| match data {
            RData::MX(mx) => Some(Exchanger { preference: mx.preference, host: plain(&mx.exchange) }),
            _ => None,
        };
        let mut found = self.ask(domain, RecordType::MX, pick).await?;
        found.sort();
        Ok(found)
    }

    /// The addresses of a host, of both kinds. An address is its own answer.
    pub async fn addresses(&self, host: &str) -> Answer<IpAddr> {
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            return Ok(vec![address]);
        }
        let found = self.resolver()?.lookup_ip(whole(host)?).await;
        match found {
            Ok(found) => Ok(found.iter().take(RECORDS_MAX).collect()),
            Err(fault) => nothing(fault),
        }
    }

    /// The names that the owner of an address gave it.
    pub async fn names_of(&self, address: IpAddr) -> Answer<String> {
        let pick = |data: &RData| match data {
            RData::PTR(name) => Some(plain(&name.0)),
            _ => None,
        };
        self.ask(&Name::from(address).to_ascii(), RecordType::PTR, pick).await
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        let found: Result<Lookup, NetError> = self.resolver()?.lookup(whole(name)?, kind).await;
        match found {
            Ok(found) => Ok(found.answers().iter().filter_map(|record| pick(&record.data)).take(RECORDS_MAX).collect()),
            Err(fault) => nothing(fault),
        }
    }

    fn resolver(&self) -> Result<&TokioResolver, Unanswered> {
        self.0.as_deref().map_err(|why| Unanswered(why.to_string()))
    }
}

fn limit(options: &mut ResolverOpts) {
    options.timeout = Duration::from_secs(TRY_SECONDS);
    options.attempts = TRIES;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
}

/// The name as it stands: a dot at its end keeps the machine's own domain out of it.
fn whole(name: &str) -> Result<Name, Unanswered> {
    let mut whole = Name::from_ascii(name).map_err(|_| Unanswered(format!("“{name}” is no name for a name server")))?;
    whole.set_fqdn(true);
    Ok(whole)
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

/// “There is no such thing” is an answer; that nobody answers is none.
fn nothing<T>(fault: NetError) -> Answer<T> {
    match fault {
        NetError::Dns(DnsError::NoRecordsFound(_)) => Ok(Vec::new()),
        NetError::Timeout => Err(Unanswered("the name server did not answer in time".into())),
        fault => Err(Unanswered(format!("the name server gave no answer: {fault}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NameServer;

    #[tokio::test]
    async fn what_a_zone_says_is_read_as_it_stands() {
        let server = NameServer::start(
            "paper.example TXT v=spf1 mx -all\npaper.example TXT another\npaper.example MX 20 b.mx.example\n\
             paper.example MX 10 A.mx.example\nnull.example MX 0 .\na.mx.example A 192.0.2.1\n\
             a.mx.example AAAA 2001:db8::1\n192.0.2.1 PTR a.mx.example\n",
        )
        .await
        .unwrap();
        let names = server.names();
        assert_eq!(names.texts("paper.example").await.unwrap(), ["v=spf1 mx -all", "another"]);
        let hosts: Vec<_> = names.exchangers("paper.example").await.unwrap().into_iter().map(|mx| mx.host).collect();
        assert_eq!(hosts, ["a.mx.example", "b.mx.example"]);
        assert_eq!(names.exchangers("null.example").await.unwrap()[0].host, "");
        let mut addresses = names.addresses("a.mx.example").await.unwrap();
        addresses.sort();
        assert_eq!(addresses, ["192.0.2.1".parse::<IpAddr>().unwrap(), "2001:db8::1".parse().unwrap()]);
        assert_eq!(names.addresses("[192.0.2.9]").await.unwrap(), ["192.0.2.9".parse::<IpAddr>().unwrap()]);
        assert_eq!(names.names_of("192.0.2.1".parse().unwrap()).await.unwrap(), ["a.mx.example"]);
    }

    #[tokio::test]
    async fn nothing_there_is_an_answer_and_no_answer_is_none() {
        let server = NameServer::start("paper.example A 192.0.2.1\nbroken.example FAILS\n").await.unwrap();
        let names = server.names();
        assert_eq!(names.texts("paper.example").await, Ok(vec![]));
        assert_eq!(names.texts("no.such.example").await, Ok(vec![]));
        assert_eq!(names.addresses("no.such.example").await, Ok(vec![]));
        assert!(names.texts("broken.example").await.is_err());
        assert!(names.texts("two words").await.is_err());
    }

    #[tokio::test]
    async fn an_answer_too_long_for_a_packet_comes_whole() {
        let long: String = (0..40).map(|n| format!("paper.example TXT {n:02} {}\n", "x".repeat(90))).collect();
        let server = NameServer::start(&long).await.unwrap();
        assert_eq!(server.names().texts("paper.example").await.unwrap().len(), 40);
    }

    #[tokio::test]
    async fn what_was_forgotten_is_asked_anew() {
        let server = NameServer::start("paper.example TXT before\n").await.unwrap();
        let names = server.names();
        assert_eq!(names.texts("paper.example").await.unwrap(), ["before"]);
        server.say("paper.example TXT after\n");
        assert_eq!(names.texts("paper.example").await.unwrap(), ["before"], "it is remembered");
        names.forget();
        assert_eq!(names.texts("paper.example").await.unwrap(), ["after"]);
    }
}
