//! Ranges of IP addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

/// A range of addresses in CIDR notation, such as `203.0.113.0/24` (RFC 4632) or
/// `2001:db8::/48` (RFC 4291).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl Network {
    /// Bits of the coarse network of an address, by which no single line is told apart.
    pub const COARSE_V4: u8 = 24;
    /// Likewise, of IPv6: what one site is given.
    pub const COARSE_V6: u8 = 48;

    /// Reads CIDR notation; `None` for anything else. Bits beyond the length do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
        let length: u8 = length.parse().ok().filter(|_| is_number)?;
        (length <= bits(address)).then(|| Network::around(address, length))
    }

    /// The coarse network of an address, as privacy policies cut addresses.
    pub fn coarse(address: IpAddr) -> Self {
        let length = match address {
            IpAddr::V4(_) => Network::COARSE_V4,
            IpAddr::V6(_) => Network::COARSE_V6,
        };
        Network::around(address, length)
    }

    fn around(address: IpAddr, length: u8) -> Self {
        let address = match address {
            IpAddr::V4(v4) => {
                let kept = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & kept))
            }
            IpAddr::V6(v6) => {
                let kept = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & kept))
            }
        };
        Network { address, length }
    }

    /// How many leading bits its addresses share.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// True when it is no smaller than a coarse network.
    pub fn is_coarse(&self) -> bool {
        self.length <= Network::coarse(self.address).length
    }

    /// True when every address of the other is one of this.
    pub fn contains(&self, other: &Network) -> bool {
        let same_kind = self.address.is_ipv4() == other.address.is_ipv4();
        let longer = other.length >= self.length;
        same_kind && longer && Network::around(other.address, self.length) == *self
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cidr_notation() {
        let check = |text: &str, expect: Option<&str>| {
            let read = Network::parse(text).map(|network| network.to_string());
            assert_eq!(read.as_deref(), expect, "{text}");
        };
        check("203.0.113.0/24", Some("203.0.113.0/24"));
        check("203.0.113.77/24", Some("203.0.113.0/24"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("203.0.113.77/32", Some("203.0.113.77/32"));
        check("203.0.113.77/33", None);
        check("203.0.113.77/+8", None);
        check("203.0.113/24", None);
        check("203.0.113.0", None);
        check("2001:db8:1:2::/48", Some("2001:db8:1::/48"));
        check("::/0", Some("::/0"));
        check("::/129", None);
    }

    #[test]
    fn larger_ones_contain_smaller_ones() {
        let check = |outer: &str, inner: &str, expect: bool| {
            let read = |text: &str| Network::parse(text).expect("a network");
            assert_eq!(
                read(outer).contains(&read(inner)),
                expect,
                "{outer} {inner}"
            );
        };
        check("203.0.112.0/22", "203.0.113.0/24", true);
        check("203.0.113.0/24", "203.0.113.0/24", true);
        check("203.0.113.0/24", "203.0.112.0/22", false);
        check("203.0.116.0/22", "203.0.113.0/24", false);
        check("0.0.0.0/0", "::/0", false);
        check("2001:db8::/32", "2001:db8:1::/48", true);
    }

    #[test]
    fn coarse_ones_tell_no_single_line() {
        let coarse = |text: &str| Network::coarse(text.parse().expect("an address"));
        assert_eq!(coarse("203.0.113.77").to_string(), "203.0.113.0/24");
        assert_eq!(coarse("2001:db8:1:2::9").to_string(), "2001:db8:1::/48");
        let is_coarse = |text: &str| Network::parse(text).expect("a network").is_coarse();
        assert!(is_coarse("203.0.113.0/24") && is_coarse("2001:db8::/32"));
        assert!(!is_coarse("203.0.113.0/25") && !is_coarse("2001:db8::/49"));
    }
}
