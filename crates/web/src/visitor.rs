//! Who asks: the address behind trusted proxies, and its network, which is all that is ever passed on.
//! Nothing here reaches a page that others see.

use std::net::IpAddr;

use desk::Network;
use http::HeaderMap;

/// Addresses of `X-Forwarded-For` that are looked at, from the right.
const HOPS_MAX: usize = 16;

/// The address of the person: the rightmost one of `X-Forwarded-For` that is not a trusted proxy, as long as every
/// hop to the right of it is one. Without trusted proxies it is who connected.
pub fn address_of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut last = peer.to_canonical();
    if !is_trusted(last) {
        return last;
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')).take(HOPS_MAX) {
        let Some(address) = hop_address(hop) else { return last };
        last = address;
        if !is_trusted(address) {
            return address;
        }
    }
    last
}

/// `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1` or `[2001:db8::1]:1234`.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let plain = || hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain().or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], address: &str) {
        let trusted: Vec<Network> = ["10.0.0.0/8", "::1"].iter().map(|n| Network::parse(n).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        assert_eq!(address_of(peer.parse().unwrap(), &headers, &trusted).to_string(), address, "{forwarded:?}");
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        check("203.0.113.7", &["1.2.3.4"], "203.0.113.7");
        check("10.0.0.1", &["1.2.3.4"], "1.2.3.4");
        check("10.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4");
        check("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.9.9.9"], "1.2.3.4");
        check("10.0.0.1", &["6.6.6.6", "1.2.3.4", "10.9.9.9"], "1.2.3.4");
        check("10.0.0.1", &["unknown, 10.9.9.9"], "10.9.9.9");
        check("10.0.0.1", &[], "10.0.0.1");
        check("::1", &["[2001:db8::1]:443"], "2001:db8::1");
        check("::ffff:10.0.0.1", &["1.2.3.4:5678"], "1.2.3.4");
        check("10.0.0.1", &["10.0.0.2, 10.0.0.3"], "10.0.0.2");
    }
}
