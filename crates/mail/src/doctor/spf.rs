//! Sender Policy Framework (RFC 7208): reads a record, counts what it costs receivers, and says whether it allows an
//! address. Pure. Macros are counted and never expanded: what they would match cannot be known beforehand.

use std::net::IpAddr;

use super::Looked;

/// Terms of a record and its includes that make receivers ask (RFC 7208 §4.6.4); with one more they take none of it.
pub const LOOKUPS_MAX: usize = 10;
/// Questions that find nothing (§4.6.4); with one more many receivers take none of it.
pub const VOID_LOOKUPS_MAX: usize = 2;

/// A record that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    terms: Vec<Term>,
    redirect: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    sign: Sign,
    mechanism: Mechanism,
}

/// What becomes of a sender that a term matches (§4.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mechanism {
    All,
    Include(String),
    /// Of this domain, or of the record's own; prefixes for IPv4 and IPv6.
    A(Option<String>, u8, u8),
    Mx(Option<String>, u8, u8),
    Ptr,
    Exists,
    Network(IpAddr, u8),
}

/// Why receivers take none of a record (§2.6.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Missing(String),
    Doubled(String),
    Broken(String, String),
    Unanswered(String, String),
}

/// What one look at a record costs, everything it includes counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) lookups: usize,
    pub(super) voids: usize,
    /// Some of it depends on the message.
    pub(super) macros: bool,
}

impl Record {
    /// None for a text that is no SPF record; else the record, or the first term that cannot be read.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        let mut words = text.split_ascii_whitespace();
        if !words.next()?.eq_ignore_ascii_case("v=spf1") {
            return None;
        }
        let mut record = Self { terms: Vec::new(), redirect: None };
        for word in words {
            let taken = match word.split_once('=').filter(|(name, _)| !name.contains([':', '/'])) {
                Some((name, domain)) if name.eq_ignore_ascii_case("redirect") => {
                    record.redirect = Some(domain.to_ascii_lowercase());
                    record.redirect.as_deref().is_some_and(is_domain)
                }
                // `exp` explains refusals; what we do not know must be passed over (§6).
                Some(_) => true,
                None => Term::parse(word).map(|term| record.terms.push(term)).is_some(),
            };
            if !taken {
                return Some(Err(word.to_owned()));
            }
        }
        Some(Ok(record))
    }

    /// What becomes of senders nothing else matches; None when another record decides, or nothing was said.
    pub(super) fn rest(&self) -> Option<Sign> {
        self.terms.iter().find(|term| term.mechanism == Mechanism::All).map(|term| term.sign)
    }

    pub(super) fn redirects(&self) -> bool {
        self.redirect.is_some()
    }

    /// The domains whose records belong to this one.
    pub(super) fn included(&self) -> impl Iterator<Item = &str> {
        let included = self.terms.iter().filter_map(|term| match &term.mechanism {
            Mechanism::Include(domain) => Some(domain.as_str()),
            _ => None,
        });
        included.chain(self.redirect.as_deref()).filter(|domain| !domain.contains('%'))
    }

    /// The hosts whose addresses it allows; `own` is the domain it stands at.
    pub(super) fn hosts(&self, own: &str) -> Vec<String> {
        self.named(own, |mechanism| match mechanism {
            Mechanism::A(domain, ..) => Some(domain),
            _ => None,
        })
    }

    /// The domains whose mail exchangers it allows.
    pub(super) fn exchanger_domains(&self, own: &str) -> Vec<String> {
        self.named(own, |mechanism| match mechanism {
            Mechanism::Mx(domain, ..) => Some(domain),
            _ => None,
        })
    }

    fn named(&self, own: &str, pick: impl Fn(&Mechanism) -> Option<&Option<String>>) -> Vec<String> {
        let named = self.terms.iter().filter_map(|term| pick(&term.mechanism));
        named.map(|domain| domain.as_deref().unwrap_or(own).to_owned()).filter(|name| !name.contains('%')).collect()
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (sign, rest) = match word.split_at_checked(1)? {
            ("+", rest) => (Sign::Pass, rest),
            ("-", rest) => (Sign::Fail, rest),
            ("~", rest) => (Sign::SoftFail, rest),
            ("?", rest) => (Sign::Neutral, rest),
            _ => (Sign::Pass, word),
        };
        let name_end = rest.find([':', '/']).unwrap_or(rest.len());
        let (name, value) = rest.split_at(name_end);
        let mechanism = match (name.to_ascii_lowercase().as_str(), value) {
            ("all", "") => Mechanism::All,
            ("include", value) => Mechanism::Include(domain(value.strip_prefix(':')?)?),
            ("a", value) => {
                let (domain, v4, v6) = host_and_prefixes(value)?;
                Mechanism::A(domain, v4, v6)
            }
            ("mx", value) => {
                let (domain, v4, v6) = host_and_prefixes(value)?;
                Mechanism::Mx(domain, v4, v6)
            }
            ("ptr", value) => match value.strip_prefix(':') {
                None if value.is_empty() => Mechanism::Ptr,
                of => domain(of?).map(|_| Mechanism::Ptr)?,
            },
            ("exists", value) => domain(value.strip_prefix(':')?).map(|_| Mechanism::Exists)?,
            ("ip4", value) => network(value.strip_prefix(':')?, IpAddr::is_ipv4, 32)?,
            ("ip6", value) => network(value.strip_prefix(':')?, IpAddr::is_ipv6, 128)?,
            _ => return None,
        };
        Some(Self { sign, mechanism })
    }
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.len() <= 253 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/')
}

fn domain(text: &str) -> Option<String> {
    is_domain(text).then(|| text.trim_end_matches('.').to_ascii_lowercase())
}

/// `:host/24//64`, each part of which may be missing (§5.3).
fn host_and_prefixes(value: &str) -> Option<(Option<String>, u8, u8)> {
    let (host, prefixes) = match value.find('/') {
        Some(at) => value.split_at(at),
        None => (value, ""),
    };
    let host = match host.strip_prefix(':') {
        Some(host) => Some(domain(host)?),
        None if host.is_empty() => None,
        None => return None,
    };
    let (v4, v6) = match prefixes.split_once("//") {
        Some((v4, v6)) => (v4, Some(v6)),
        None => (prefixes, None),
    };
    let v4 = if v4.is_empty() { 32 } else { prefix(v4.strip_prefix('/')?, 32)? };
    let v6 = v6.map_or(Some(128), |v6| prefix(v6, 128))?;
    Some((host, v4, v6))
}

fn prefix(text: &str, most: u8) -> Option<u8> {
    text.parse().ok().filter(|bits| *bits <= most)
}

fn network(text: &str, kind: impl Fn(&IpAddr) -> bool, most: u8) -> Option<Mechanism> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, prefix(bits, most)?),
        None => (text, most),
    };
    let address: IpAddr = address.parse().ok()?;
    kind(&address).then_some(Mechanism::Network(address, bits))
}

/// The one record of a domain (§4.5), with its text.
pub(super) fn record_of(looked: &Looked, domain: &str) -> Result<(String, Record), Fault> {
    let texts = looked.texts(domain).map_err(|why| Fault::Unanswered(domain.to_owned(), why.to_string()))?;
    let mut records = texts.into_iter().filter_map(|text| Record::parse(&text).map(|record| (text, record)));
    match (records.next(), records.next()) {
        (None, _) => Err(Fault::Missing(domain.to_owned())),
        (Some(_), Some(_)) => Err(Fault::Doubled(domain.to_owned())),
        (Some((text, Ok(record))), None) => Ok((text, record)),
        (Some((_, Err(term))), None) => Err(Fault::Broken(domain.to_owned(), term)),
    }
}

/// What the record of `domain` costs when nothing in it matches. Errs with what makes receivers take none of it. Stops
/// counting beyond [`LOOKUPS_MAX`], which also ends a record that includes itself.
pub(super) fn cost(looked: &Looked, domain: &str) -> Result<Cost, Fault> {
    let mut cost = Cost::default();
    add_cost(looked, domain, &mut cost)?;
    Ok(cost)
}

fn add_cost(looked: &Looked, domain: &str, cost: &mut Cost) -> Result<(), Fault> {
    let (_, record) = record_of(looked, domain)?;
    let ends = record.terms.iter().position(|term| term.mechanism == Mechanism::All).unwrap_or(record.terms.len());
    for term in &record.terms[..ends] {
        let empty = match &term.mechanism {
            Mechanism::All | Mechanism::Network(..) => continue,
            Mechanism::Include(name) if !name.contains('%') => {
                cost.lookups += 1;
                if cost.lookups > LOOKUPS_MAX {
                    return Ok(());
                }
                add_cost(looked, name, cost)?;
                continue;
            }
            Mechanism::A(name, ..) => {
                named(name, domain).map(|name| looked.addresses(name).is_ok_and(|a| a.is_empty()))
            }
            Mechanism::Mx(name, ..) => {
                named(name, domain).map(|name| looked.exchangers(name).is_ok_and(|mx| mx.is_empty()))
            }
            Mechanism::Ptr => Some(false),
            Mechanism::Include(_) | Mechanism::Exists => None,
        };
        cost.lookups += 1;
        cost.macros |= empty.is_none();
        cost.voids += usize::from(empty == Some(true));
        if cost.lookups > LOOKUPS_MAX {
            return Ok(());
        }
    }
    match &record.redirect {
        Some(name) if ends == record.terms.len() && !name.contains('%') => {
            cost.lookups += 1;
            if cost.lookups > LOOKUPS_MAX { Ok(()) } else { add_cost(looked, name, cost) }
        }
        Some(_) | None => Ok(()),
    }
}

/// The name a term means; None where it depends on the message.
fn named<'n>(given: &'n Option<String>, own: &'n str) -> Option<&'n str> {
    let name = given.as_deref().unwrap_or(own);
    (!name.contains('%')).then_some(name)
}

/// What becomes of mail that comes from `address`; None when the record says nothing of it (§4.7).
pub(super) fn says_of(looked: &Looked, domain: &str, address: IpAddr) -> Option<Sign> {
    verdict(looked, domain, address.to_canonical(), 0)
}

fn verdict(looked: &Looked, domain: &str, address: IpAddr, depth: usize) -> Option<Sign> {
    if depth > LOOKUPS_MAX {
        return None;
    }
    let (_, record) = record_of(looked, domain).ok()?;
    for term in &record.terms {
        let near = |host: &str, v4, v6| {
            looked
                .addresses(host)
                .is_ok_and(|all| all.iter().any(|one| within(address, *one, if one.is_ipv4() { v4 } else { v6 })))
        };
        let matches = match &term.mechanism {
            Mechanism::All => true,
            Mechanism::Include(name) => verdict(looked, name, address, depth + 1) == Some(Sign::Pass),
            Mechanism::A(name, v4, v6) => named(name, domain).is_some_and(|host| near(host, *v4, *v6)),
            Mechanism::Mx(name, v4, v6) => named(name, domain).is_some_and(|name| {
                looked.exchangers(name).is_ok_and(|all| all.iter().any(|mx| near(&mx.host, *v4, *v6)))
            }),
            Mechanism::Network(network, bits) => within(address, *network, *bits),
            Mechanism::Ptr | Mechanism::Exists => false,
        };
        if matches {
            return Some(term.sign);
        }
    }
    record.redirect.as_deref().and_then(|name| verdict(looked, name, address, depth + 1))
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(bits),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(bits),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_term_by_term_and_a_wrong_term_is_named() {
        fn check(text: &str, wrong: Option<Option<&str>>) {
            let read = Record::parse(text).map(|read| read.err());
            assert_eq!(read.as_ref().map(Option::as_deref), wrong, "{text}");
        }
        check(
            "v=spf1 a mx a:mail.example/24 mx/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 ptr exists:%{i}.x -all",
            Some(None),
        );
        check("V=SPF1 include:_spf.example ?all redirect=a.example exp=b.example", Some(None));
        check("v=spf1", Some(None));
        check("v=spf10 -all", None);
        check("google-site-verification=x", None);
        check("", None);
        check("v=spf1 ip4:300.0.0.1 -all", Some(Some("ip4:300.0.0.1")));
        check("v=spf1 ip4:192.0.2.1/33", Some(Some("ip4:192.0.2.1/33")));
        check("v=spf1 ip6:192.0.2.1", Some(Some("ip6:192.0.2.1")));
        check("v=spf1 include: -all", Some(Some("include:")));
        check("v=spf1 all:x", Some(Some("all:x")));
        check("v=spf1 includes:a.example", Some(Some("includes:a.example")));
        check("v=spf1 -all é", Some(Some("é")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}", tail in "[a-z0-9:/%.=+~?-]{0,40}") {
            let _read = Record::parse(&text);
            if let Some(Ok(record)) = Record::parse(&format!("v=spf1 {tail}")) {
                let _all = (record.rest(), record.hosts("a.example"), record.exchanger_domains("a.example"));
            }
        }
    }
}
