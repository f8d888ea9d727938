//! Where mail for a domain goes when no relay stands between, and a connection to whoever takes it (RFC 5321 §5.1).
//! Knows no queue; which addresses may be reached is the caller's to say. A loop cannot come about: what this program
//! takes in it passes on to nobody.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::timeout;

use crate::names::{Exchanger, Names, Unanswered};
use crate::smtp::{Connection, OpenError, Relay, RelaySettings, Stage, Tls, Trouble};

/// Hosts of one domain that are tried, and addresses of one host.
const HOSTS_MAX: usize = 4;
const ADDRESSES_MAX: usize = 4;
/// How long one address may take until it listens to the first envelope, and all of them together.
const ADDRESS_SECONDS_MAX: u64 = 20;
const OPEN_SECONDS_MAX: u64 = 60;

/// Where mail for a domain goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who runs the best host: domains of one provider share its limits.
    pub provider: String,
    /// The best first.
    pub hosts: Vec<String>,
}

/// Why mail for a domain goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// The domain says that it takes no mail (RFC 7505).
    TakesNone,
    /// There is no such domain: neither an exchanger nor an address.
    NoDomain,
    /// Nobody could be asked; later.
    Unanswered(Unanswered),
}

impl fmt::Display for NoRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TakesNone => f.write_str("the domain says that it takes no mail"),
            Self::NoDomain => f.write_str("there is no such domain, or nothing that takes mail for it"),
            Self::Unanswered(why) => why.fmt(f),
        }
    }
}

/// Looks up where mail for `domain` goes: its exchangers by preference, those of one preference in an order that `chance`
/// decides, or, without any, the domain itself (§5.1). A domain literal (§4.1.3) is its own host.
pub async fn route(names: &Names, domain: &str, chance: u64) -> Result<Route, NoRoute> {
    if let Some(literal) = domain.strip_prefix('[') {
        let literal = literal.trim_end_matches(']').trim_start_matches("IPv6:");
        let address: IpAddr = literal.parse().map_err(|_| NoRoute::NoDomain)?;
        return Ok(Route::to(vec![address.to_string()]));
    }
    let mut exchangers = names.exchangers(domain).await.map_err(NoRoute::Unanswered)?;
    if let [Exchanger { host, .. }] = exchangers.as_slice()
        && host.is_empty()
    {
        return Err(NoRoute::TakesNone);
    }
    exchangers.retain(|mx| !mx.host.is_empty());
    if exchangers.is_empty() {
        let addresses = names.addresses(domain).await.map_err(NoRoute::Unanswered)?;
        return match addresses.is_empty() {
            true => Err(NoRoute::NoDomain),
            false => Ok(Route::to(vec![domain.to_ascii_lowercase()])),
        };
    }
    for same in exchangers.chunk_by_mut(|one, other| one.preference == other.preference) {
        let turn = usize::try_from(chance % same.len() as u64).unwrap_or_default();
        same.rotate_left(turn);
    }
    Ok(Route::to(exchangers.into_iter().map(|mx| mx.host).take(HOSTS_MAX).collect()))
}

impl Route {
    fn to(hosts: Vec<String>) -> Self {
        Self { provider: hosts.first().map(|host| provider_of(host)).unwrap_or_default(), hosts }
    }
}

/// Who runs a host, as far as its name tells: `google.com` for `aspmx.l.google.com`, `example.co.uk` for
/// `mx.example.co.uk`. Where a name tells less, as below a public suffix of its own, two who share it share limits too.
fn provider_of(host: &str) -> String {
    if host.parse::<IpAddr>().is_ok() {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.split('.').collect();
    let kept = match labels.as_slice() {
        [.., second, top] if top.len() == 2 && second.len() <= 3 => 3,
        _ => 2,
    };
    labels[labels.len().saturating_sub(kept)..].join(".")
}

/// Opens a connection to the first host of `route` that takes one, within a minute. How to speak is taken from `like`;
/// encryption is taken where it is offered, whoever's certificate it is, and done without where it fails: a letter to a
/// stranger's server is better hidden from most than from nobody (RFC 7435). Only addresses that `may` allows are
/// reached. Errs with what the last host said or did.
pub async fn open(
    names: &Names,
    route: &Route,
    like: &RelaySettings,
    may: impl Fn(IpAddr) -> bool,
) -> Result<Connection, OpenError> {
    let mut last = OpenError::Failed { stage: Stage::Connect, trouble: Trouble::NoSuchHost };
    let mut like = like.clone();
    like.timeouts.step = like.timeouts.step.min(Duration::from_secs(ADDRESS_SECONDS_MAX));
    let one_after_another = async {
        for host in &route.hosts {
            let mut found = names.addresses(host).await.unwrap_or_default();
            // Machines that reach the world by the new protocol but have no name there are many, and refused for it.
            found.sort_by_key(IpAddr::is_ipv6);
            for address in found.into_iter().filter(|address| may(*address)).take(ADDRESSES_MAX) {
                match to(host, address, &like).await {
                    Ok(connection) => return Some(connection),
                    Err(fault) => last = fault,
                }
            }
        }
        None
    };
    let opened = timeout(Duration::from_secs(OPEN_SECONDS_MAX), one_after_another).await;
    opened.unwrap_or_default().ok_or(last)
}

async fn to(host: &str, address: IpAddr, like: &RelaySettings) -> Result<Connection, OpenError> {
    let open = async |tls| {
        let (host, address) = (host.to_owned(), Some(address));
        Relay::new(RelaySettings { host, address, tls, credentials: None, ..like.clone() })?.open().await
    };
    match open(Tls::Opportunistic).await {
        Err(
            OpenError::Failed { stage: Stage::Tls, .. }
            | OpenError::Deferred { stage: Stage::Tls, .. }
            | OpenError::Refused { stage: Stage::Tls, .. },
        ) => open(Tls::None).await,
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NameServer;

    #[tokio::test]
    async fn the_best_exchanger_comes_first_and_equals_take_turns() {
        let server = NameServer::start(
            "a.example MX 20 mx3.host.example\na.example MX 10 mx1.host.example\na.example MX 10 mx2.host.example\n\
             b.example A 192.0.2.2\nsix.example AAAA 2001:db8::2\nnull.example MX 0 .\nbroken.example FAILS\n",
        )
        .await
        .unwrap();
        let names = server.names();
        let hosts = async |domain: &str, chance| route(&names, domain, chance).await.map(|route| route.hosts);
        let all = |list: [&str; 3]| Ok(list.map(str::to_owned).to_vec());
        assert_eq!(hosts("a.example", 0).await, all(["mx1.host.example", "mx2.host.example", "mx3.host.example"]));
        assert_eq!(hosts("a.example", 1).await, all(["mx2.host.example", "mx1.host.example", "mx3.host.example"]));
        assert_eq!(hosts("b.example", 0).await, Ok(vec!["b.example".into()]), "without exchangers it is the domain");
        assert_eq!(hosts("six.example", 0).await, Ok(vec!["six.example".into()]));
        assert_eq!(hosts("[192.0.2.7]", 0).await, Ok(vec!["192.0.2.7".into()]));
        assert_eq!(hosts("[IPv6:2001:db8::7]", 0).await, Ok(vec!["2001:db8::7".into()]));
        assert_eq!(hosts("null.example", 0).await, Err(NoRoute::TakesNone));
        assert_eq!(hosts("no.such.example", 0).await, Err(NoRoute::NoDomain));
        assert!(matches!(hosts("broken.example", 0).await, Err(NoRoute::Unanswered(_))));
    }

    #[test]
    fn hosts_of_one_provider_are_one() {
        for (host, provider) in [
            ("aspmx.l.google.com", "google.com"),
            ("alt1.aspmx.l.google.com", "google.com"),
            ("example-ht.mail.protection.outlook.com", "outlook.com"),
            ("mx.example.co.uk", "example.co.uk"),
            ("mx.orange.fr", "orange.fr"),
            ("localhost", "localhost"),
            ("192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(provider_of(host), provider, "{host}");
        }
    }
}
