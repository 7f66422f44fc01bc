//! Which addresses deliveries may go to.
//!
//! Somebody who may write a webhook must not reach through it what only this machine or its
//! network can: a metadata service, an internal panel. The check is made on the addresses that
//! are connected to, after names are resolved, so that a name cannot change in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far deliveries reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only.
    Public,
    /// Private networks and this machine too.
    Everywhere,
}

impl Reach {
    /// Whether deliveries may go to an address.
    pub fn allows(self, address: IpAddr) -> bool {
        self == Reach::Everywhere || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public_v4(v4),
            // 2000::/3 is all that is given out; 2001::/23 is set aside within it.
            None => {
                let parts = v6.segments();
                let set_aside = parts[0] == 0x2001 && parts[1] < 0x0200;
                let example = parts[0] == 0x2001 && parts[1] == 0x0db8;
                parts[0] & 0xe000 == 0x2000 && !set_aside && !example
            }
        },
    }
}

/// Networks of IANA's registry of special-purpose IPv4 addresses, as address and bits.
const SPECIAL_V4: [([u8; 4], u32); 14] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast and what is reserved, up to the broadcast address.
    ([224, 0, 0, 0], 3),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    let within = |(network, length): &([u8; 4], u32)| {
        let shift = 32 - length;
        bits >> shift == u32::from_be_bytes(*network) >> shift
    };
    !SPECIAL_V4.iter().any(within)
}

/// The IPv4 address that an IPv6 one stands for: mapped, NAT64 or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match parts {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(of(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_disguise_are_refused() {
        for address in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.127.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "::7f00:1",
        ] {
            let parsed: IpAddr = address.parse().unwrap();
            assert!(!Reach::Public.allows(parsed), "{address}");
            assert!(Reach::Everywhere.allows(parsed), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_allowed_up_to_the_edge_of_a_network() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(Reach::Public.allows(address.parse().unwrap()), "{address}");
        }
    }
}
