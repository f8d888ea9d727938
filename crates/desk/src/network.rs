//! Ranges of Internet addresses, as operators write them and as they are kept of a visitor. Knows nothing of who is
//! behind one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads an address with or without a number of bits.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Network { address, bits })
    }

    /// Whether the address is one of them. An IPv4 address written as IPv6 is that IPv4 address.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                cut(ours.to_bits().into(), 32, self.bits) == cut(theirs.to_bits().into(), 32, self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                cut(ours.to_bits(), 128, self.bits) == cut(theirs.to_bits(), 128, self.bits)
            }
            _ => false,
        }
    }
}

/// The first `bits` of an address that is `width` bits wide.
fn cut(address: u128, width: u8, bits: u8) -> u128 {
    address.checked_shr(u32::from(width - bits)).unwrap_or(0)
}

/// The network of an address, /24 or /48: coarse enough to be nobody in particular.
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
        assert!(Network::parse("0.0.0.0/0").unwrap().holds("8.8.8.8".parse().unwrap()));
        assert!(!Network::parse("0.0.0.0/0").unwrap().holds("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn only_the_network_of_a_visitor_is_passed_on() {
        for (address, network) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            assert_eq!(network_of(address.parse().unwrap()), network);
        }
    }
}
