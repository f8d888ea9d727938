//! Which addresses may be reached: reads them strictly and knows which networks are public.
//! Decides, and never connects.

use super::{NoReply, URL_BYTES_MAX, Why};
use crate::network::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Url;

/// Reads an address of the web: `http` or `https`, no user, a port meant for it.
pub(super) fn read(text: &str) -> Result<Url, NoReply> {
    let unreadable = || NoReply { host: String::new(), why: Why::NoAddress };
    let url = Some(text).filter(|text| text.len() <= URL_BYTES_MAX).and_then(|text| Url::parse(text).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(unreadable)?;
    let no = |why| Err(NoReply { host: host_of(&url), why });
    if !url.username().is_empty() || url.password().is_some() {
        return no(Why::Password);
    }
    match url.port() {
        Some(port) if port < 1_024 && port != 80 && port != 443 => no(Why::Port(port)),
        _ => Ok(url),
    }
}

/// The host as people write it.
pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Whether we connect to `address`: it is public, or the operator said so.
pub(super) fn may_reach(address: IpAddr, exceptions: &[Network]) -> bool {
    is_public(address) || exceptions.iter().any(|network| network.holds(address))
}

/// Whether `address` is a unicast address of the public Internet, by the registries of special addresses (IANA, RFC
/// 6890 with its updates). An IPv4 address inside an IPv6 one (mapped, NAT64) counts as that IPv4 address; tunnels that
/// nobody needs (6to4, Teredo) are not public.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match inner_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 16] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        // Azure answers machines with their own secrets there, although the address is public.
        ([168, 63, 129, 16], 32),
        // Link-local; metadata of most clouds.
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let within = |(network, bits): &([u8; 4], u32)| {
        (address.to_bits() ^ Ipv4Addr::from(*network).to_bits()).leading_zeros() >= *bits
    };
    !SPECIAL.iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global_unicast = first & 0xe000 == 0x2000;
    let is_protocol_assignment = first == 0x2001 && second < 0x0200;
    let is_documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    let is_6to4 = first == 0x2002;
    is_global_unicast && !is_protocol_assignment && !is_documentation && !is_6to4
}

/// The IPv4 address that packets to this one go to: `::ffff:0:0/96` (RFC 4291) and `64:ff9b::/96` (RFC 6052).
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = address.segments();
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}
