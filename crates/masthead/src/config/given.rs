//! One value as it was given, in the file or in the environment, and the shapes a setting can ask it for.
//! Each asking errs with a sentence that says what was wanted.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use mail::address::Address;

/// A value before anybody knows what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Text(String),
    Whole(i64),
    Truth(bool),
    List(Vec<String>),
    /// From the environment, where everything is text.
    Loose(String),
    /// A float, a date, a table: nothing we ask for. Holds what to call it.
    Else(&'static str),
}

type Asked<T> = Result<T, String>;

impl Given {
    /// A text that is not empty.
    pub(super) fn text(&self) -> Asked<String> {
        match self {
            Self::Text(text) | Self::Loose(text) if text.trim().is_empty() => {
                Err("is empty. Give it a value or leave it out.".into())
            }
            Self::Text(text) | Self::Loose(text) => Ok(text.trim().to_owned()),
            Self::Whole(_) | Self::Truth(_) | Self::List(_) | Self::Else(_) => {
                Err(format!("is {}, but must be a text in quotes.", self.kind()))
            }
        }
    }

    pub(super) fn whole(&self, range: RangeInclusive<i64>) -> Asked<i64> {
        let wanted = || format!("must be a whole number from {} to {}.", range.start(), range.end());
        let number = match self {
            Self::Whole(number) => *number,
            Self::Loose(text) => text.trim().parse().map_err(|_| wanted())?,
            Self::Text(_) | Self::Truth(_) | Self::List(_) | Self::Else(_) => return Err(wanted()),
        };
        if range.contains(&number) { Ok(number) } else { Err(wanted()) }
    }

    pub(super) fn truth(&self) -> Asked<bool> {
        let word = match self {
            Self::Truth(truth) => return Ok(*truth),
            Self::Loose(text) => text.trim(),
            Self::Text(_) | Self::Whole(_) | Self::List(_) | Self::Else(_) => "",
        };
        match word {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("must be true or false.".into()),
        }
    }

    pub(super) fn list(&self) -> Asked<Vec<String>> {
        match self {
            Self::List(list) => Ok(list.clone()),
            Self::Loose(text) => {
                Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
            Self::Text(_) | Self::Whole(_) | Self::Truth(_) | Self::Else(_) => {
                Err(format!("is {}, but must be a list such as [\"10.0.0.1\"].", self.kind()))
            }
        }
    }

    pub(super) fn one_of<T: Copy>(&self, choices: &[(&'static str, T)]) -> Asked<T> {
        let text = self.text()?;
        choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("“{name}”")).collect();
            format!("is “{text}”, but must be {}.", names.join(" or "))
        })
    }

    /// Scheme, host and port of a site, without a slash at the end.
    pub(super) fn site(&self) -> Asked<String> {
        let text = self.text()?;
        let wanted = || {
            format!(
                "is “{text}”, but must be the address readers use, such as https://news.example.org, without a path."
            )
        };
        let url: axum::http::Uri = text.parse().map_err(|_| wanted())?;
        let scheme = url.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or_else(wanted)?;
        let authority = url.authority().filter(|it| !it.host().is_empty() && !it.as_str().contains('@'));
        let authority = authority.ok_or_else(wanted)?;
        let bare = url.path_and_query().is_none_or(|path| path.as_str() == "/");
        if bare { Ok(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase())) } else { Err(wanted()) }
    }

    pub(super) fn address(&self) -> Asked<String> {
        let text = self.text()?;
        match Address::parse(&text) {
            Ok(address) => Ok(address.as_str().to_owned()),
            Err(_) => Err("must be a mail address such as news@example.org.".into()),
        }
    }

    pub(super) fn domain(&self) -> Asked<String> {
        let text = self.text()?;
        match Address::parse(&format!("x@{text}")) {
            Ok(address) if address.domain().contains('.') => Ok(address.domain().to_owned()),
            Ok(_) | Err(_) => Err(format!("is “{text}”, but must be a domain such as bounces.example.org.")),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Loose(_) => "a text",
            Self::Whole(_) => "a number",
            Self::Truth(_) => "true or false",
            Self::List(_) => "a list",
            Self::Else(kind) => kind,
        }
    }
}

/// One address or a network of addresses (RFC 4632): `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    /// How many leading bits must be equal.
    pub bits: u8,
}

impl Network {
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        Some(Self { address, bits })
    }

    /// Whether `other` lies in this network. An IPv4 address written as IPv6 counts as IPv4.
    pub fn holds(&self, other: IpAddr) -> bool {
        let spread = |address: IpAddr| match address.to_canonical() {
            IpAddr::V4(v4) => (32, u128::from(v4.to_bits())),
            IpAddr::V6(v6) => (128, v6.to_bits()),
        };
        let ((width, own), (other_width, other)) = (spread(self.address), spread(other));
        let rest = width - u32::from(self.bits).min(width);
        width == other_width && own.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let most = if self.address.is_ipv4() { 32 } else { 128 };
        if self.bits == most { write!(f, "{}", self.address) } else { write!(f, "{}/{}", self.address, self.bits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_bits() {
        fn check(network: &str, address: &str, holds: bool) {
            let network = Network::parse(network).unwrap();
            assert_eq!(network.holds(address.parse().unwrap()), holds, "{network} {address}");
        }
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.8", false);
        check("10.0.0.0/8", "10.200.3.4", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.0.0.0/8", "::ffff:10.1.1.1", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("::/0", "2001:db8::1", true);
    }

    #[test]
    fn what_is_not_a_network_is_not_taken() {
        for text in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
