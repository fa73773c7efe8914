//! Whose request it is: the address that has a quota.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::HeaderMap;

use crate::config::Network;

/// Tells clients apart by what they cannot forge.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    trusted: Vec<Network>,
}

impl Clients {
    /// With the proxies whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn new(trusted: Vec<Network>) -> Clients {
        Clients { trusted }
    }

    /// Whether an address is that of a proxy of ours.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The key of a client: its address, an IPv6 one cut to its /64 (one
    /// subscriber has a whole /64). `X-Forwarded-For` counts only behind a
    /// trusted proxy, and is read from the right, where the proxy wrote: the
    /// first hop that is no proxy is the client, whatever stands before it.
    #[must_use]
    pub fn of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).to_canonical();
        if self.trusts(address) {
            let lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").map(|value| value.as_bytes()).collect();
            let hops = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
            for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
                let Some(hop) = read(hop) else { break };
                address = hop.to_canonical();
                if !self.trusts(address) {
                    break;
                }
            }
        }
        keyed(address)
    }
}

/// What one subscriber has: an IPv4 address, or an IPv6 network of 64 bits.
#[must_use]
pub fn keyed(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        short => short,
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn read(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// An address as it may stand in a log: without its last part.
#[must_use]
pub fn truncated(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "-".to_owned(),
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => format!("{}/48", Ipv6Addr::from(u128::from(address) >> 80 << 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn clients(trusted: &[&str]) -> Clients {
        Clients::new(trusted.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn forwarded(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn clients_are_told_apart_by_what_they_cannot_forge() {
        let peer = Some("10.0.0.9".parse().unwrap());
        assert_eq!(clients(&[]).of(peer, &forwarded(&[b"1.2.3.4"])).to_string(), "10.0.0.9");
        let trusting = clients(&["10.0.0.0/8"]);
        let of = |lines: &[&[u8]]| trusting.of(peer, &forwarded(lines)).to_string();
        assert_eq!(of(&[b"6.6.6.6, 1.2.3.4, 10.1.1.1"]), "1.2.3.4");
        assert_eq!(of(&[b"6.6.6.6", b"1.2.3.4", b"10.1.1.1"]), "1.2.3.4", "several lines are one list");
        assert_eq!(of(&[b"rubbish"]), "10.0.0.9");
        assert_eq!(of(&[b"1.2.3.4, rubbish, 10.1.1.1"]), "10.1.1.1", "what stands before rubbish is not believed");
        assert_eq!(of(&[b"1.2.3.4, \xff\xfe"]), "10.0.0.9");
        assert_eq!(of(&[b"2001:db8:1:2:3:4:5:6"]), "2001:db8:1:2::");
        assert_eq!(of(&[b"[2001:db8:1:2::9]:443"]), "2001:db8:1:2::");
        assert_eq!(of(&[b"[2001:db8:1:2::9]"]), "2001:db8:1:2::");
        assert_eq!(of(&[b"1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(of(&[b"::ffff:1.2.3.4"]), "1.2.3.4");
        assert_eq!(of(&[b" , ,"]), "10.0.0.9");
        assert_eq!(of(&[]), "10.0.0.9");
    }

    #[test]
    fn a_subscriber_is_a_64() {
        let of = |text: &str| clients(&[]).of(Some(text.parse().unwrap()), &HeaderMap::new());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1").to_string(), "10.0.0.1");
    }

    #[test]
    fn logs_hold_no_whole_address() {
        assert_eq!(truncated(Some("10.1.2.3".parse().unwrap())), "10.1.2.0/24");
        assert_eq!(truncated(Some("2001:db8:1:2::9".parse().unwrap())), "2001:db8:1::/48");
    }
}
