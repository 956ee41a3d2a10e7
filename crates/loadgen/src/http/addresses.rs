//! Sets of IP addresses as options name them: which are forbidden, and which to send from.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A network in CIDR notation, such as `10.0.0.0/8`. An address alone is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpNet {
    first: IpAddr,
    prefix: u32,
}

/// Text that is no [`IpNet`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid CIDR address '{0}'; allowed are networks such as 10.0.0.0/8 and addresses")]
pub struct InvalidIpNet(String);

impl IpNet {
    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4()
            && bits(address) & !self.host_bits() == bits(self.first)
    }

    /// The bits in which its addresses differ, all set.
    fn host_bits(&self) -> u128 {
        let count = width(self.first) - self.prefix;
        u128::MAX.checked_shr(u128::BITS - count).unwrap_or(0)
    }

    /// How many addresses it has; all of IPv6 is one more than can be counted.
    fn len(&self) -> u128 {
        self.host_bits().saturating_add(1)
    }
}

impl FromStr for IpNet {
    type Err = InvalidIpNet;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIpNet(text.into());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let widest = width(address);
        let prefix = prefix.map_or(Ok(widest), str::parse).map_err(|_| invalid())?;
        if prefix > widest {
            return Err(invalid());
        }
        let net = Self { first: address, prefix };
        Ok(Self { first: from_bits(bits(address) & !net.host_bits(), address.is_ipv4()), prefix })
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// The addresses that VUs send from, in turn: addresses, ranges such as `10.0.0.1-10.0.0.9`, and
/// networks. Of an IPv4 network with more than two addresses, its own and the one for broadcasts
/// are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalIps {
    blocks: Vec<Block>,
    text: String,
}

/// Addresses one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    first: IpAddr,
    count: u128,
}

/// Text that is no [`LocalIps`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLocalIps {
    /// Nothing that is known.
    #[error("'{0}' is not a valid IP, IP range or CIDR")]
    Unknown(String),
    /// A range of something else than addresses.
    #[error("wrong IP range format: {0}")]
    Range(String),
    /// A range from one family to the other.
    #[error("mixed IP range format: {0}")]
    Mixed(String),
    /// A range that ends before it begins.
    #[error("negative IP range: {0}")]
    Negative(String),
}

impl LocalIps {
    /// The address of the client with this index, from 0.
    pub fn nth(&self, index: u64) -> IpAddr {
        let total = self.blocks.iter().fold(0, |sum: u128, block| sum.saturating_add(block.count));
        let mut index = u128::from(index) % total;
        for block in &self.blocks {
            if index < block.count {
                return from_bits(bits(block.first) + index, block.first.is_ipv4());
            }
            index -= block.count;
        }
        unreachable!("the index is less than the sum of all counts")
    }
}

impl FromStr for LocalIps {
    type Err = InvalidLocalIps;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let blocks = text.split(',').map(|part| block(part.trim())).collect::<Result<_, _>>()?;
        Ok(Self { blocks, text: text.into() })
    }
}

impl fmt::Display for LocalIps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn block(text: &str) -> Result<Block, InvalidLocalIps> {
    if let Some((first, last)) = text.split_once('-') {
        let address = |part: &str| {
            part.trim().parse::<IpAddr>().map_err(|_| InvalidLocalIps::Range(text.into()))
        };
        let (first, last) = (address(first)?, address(last)?);
        if first.is_ipv4() != last.is_ipv4() {
            return Err(InvalidLocalIps::Mixed(text.into()));
        }
        let more = bits(last).checked_sub(bits(first));
        let more = more.ok_or_else(|| InvalidLocalIps::Negative(text.into()))?;
        return Ok(Block { first, count: more.saturating_add(1) });
    }
    let net: IpNet = text.parse().map_err(|_| InvalidLocalIps::Unknown(text.into()))?;
    Ok(match net.first {
        IpAddr::V4(_) if net.len() > 2 => {
            Block { first: from_bits(bits(net.first) + 1, true), count: net.len() - 2 }
        }
        first => Block { first, count: net.len() },
    })
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn from_bits(bits: u128, v4: bool) -> IpAddr {
    match u32::try_from(bits) {
        Ok(bits) if v4 => Ipv4Addr::from_bits(bits).into(),
        _ => Ipv6Addr::from_bits(bits).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks() {
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "::1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("0.0.0.0/0", "8.8.8.8", "::"),
            ("fd00::/8", "fdff::1", "fe00::"),
            ("::/0", "1::", "1.1.1.1"),
        ] {
            let parsed: IpNet = net.parse().expect("a network");
            assert!(parsed.contains(ip(inside)) && !parsed.contains(ip(outside)), "{net}");
        }
        assert_eq!("10.1.2.3/8".parse::<IpNet>().expect("a network").to_string(), "10.0.0.0/8");
        for bad in ["", "10", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "a/8"] {
            assert!(bad.parse::<IpNet>().is_err(), "{bad}");
        }
    }

    #[test]
    fn local_addresses_in_turn() {
        for (text, expected) in [
            ("10.0.0.7", &["10.0.0.7", "10.0.0.7"][..]),
            ("10.0.0.1-10.0.0.3", &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"]),
            ("10.0.0.0/30", &["10.0.0.1", "10.0.0.2", "10.0.0.1"]),
            ("10.0.0.0/31,::5", &["10.0.0.0", "10.0.0.1", "::5", "10.0.0.0"]),
            ("fd00::/127", &["fd00::", "fd00::1", "fd00::"]),
            ("::/0", &["::", "::1"]),
        ] {
            let ips: LocalIps = text.parse().expect("addresses");
            let found: Vec<_> = (0..expected.len() as u64).map(|index| ips.nth(index)).collect();
            assert_eq!(found, expected.iter().map(|text| ip(text)).collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn local_addresses_that_are_none() {
        let lines: Vec<_> = ["", "x", "1.1.1.1-x", "1.1.1.1-::1", "1.1.1.2-1.1.1.1", "::1,"]
            .iter()
            .map(|text| text.parse::<LocalIps>().expect_err("it is none").to_string())
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        '' is not a valid IP, IP range or CIDR
        'x' is not a valid IP, IP range or CIDR
        wrong IP range format: 1.1.1.1-x
        mixed IP range format: 1.1.1.1-::1
        negative IP range: 1.1.1.2-1.1.1.1
        '' is not a valid IP, IP range or CIDR
        ");
    }
}
