//! Host names that are blocked, and those that lead elsewhere than the name service says.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// A host name, or the end of one behind a `*`: `*.example.com` is every name below
/// `example.com`, `*example.com` also that name itself. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPattern(String);

/// Text that is no [`HostPattern`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid hostname pattern '{0}'; allowed are names such as example.com and *.example.com")]
pub struct InvalidHostPattern(String);

impl HostPattern {
    /// Whether `host`, in lower case, is meant.
    pub fn matches(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(end) => host.ends_with(end),
            None => host == self.0,
        }
    }
}

impl FromStr for HostPattern {
    type Err = InvalidHostPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_prefix('*').map_or(text, |end| end.strip_prefix('.').unwrap_or(end));
        let valid = name.split('.').all(is_label) || text == "*";
        if valid { Ok(Self(text.to_lowercase())) } else { Err(InvalidHostPattern(text.into())) }
    }
}

fn is_label(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !text.is_empty() && text.chars().all(known) && !text.starts_with('-') && !text.ends_with('-')
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where host names lead, for those that are named here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostMap(BTreeMap<Key, HostAddress>);

/// A pattern, alone or for one port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    pattern: HostPattern,
    port: Option<u16>,
}

/// An address, and a port if it is to be another than the URL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostAddress {
    /// The address.
    pub ip: IpAddr,
    /// The port.
    pub port: Option<u16>,
}

/// What no [`HostMap`] can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// A bad name.
    #[error(
        "invalid host pattern '{0}'; allowed are names such as example.com, *.example.com and example.com:8080"
    )]
    Pattern(String),
    /// A bad address.
    #[error("invalid address '{0}'; allowed are addresses such as 127.0.0.1 and 127.0.0.1:8080")]
    Address(String),
}

impl HostMap {
    /// Makes `host`, a name or a pattern with or without a port, lead to `address`, which may have
    /// a port, too.
    ///
    /// # Errors
    ///
    /// Says which of the two cannot be used.
    pub fn insert(&mut self, host: &str, address: &str) -> Result<(), InvalidHost> {
        let bad_host = || InvalidHost::Pattern(host.into());
        let (name, port) = match host.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().map_err(|_| bad_host())?)),
            None => (host, None),
        };
        let pattern = name.parse().map_err(|_| bad_host())?;
        let ip = |text: &str| text.parse().map(|ip| HostAddress { ip, port: None });
        let socket = |text: &str| {
            text.parse().map(|at: SocketAddr| HostAddress { ip: at.ip(), port: Some(at.port()) })
        };
        let address = ip(address)
            .or_else(|_| socket(address))
            .map_err(|_| InvalidHost::Address(address.into()))?;
        self.0.insert(Key { pattern, port }, address);
        Ok(())
    }

    /// Where `host`, in lower case, leads for `port`: an entry for the port goes before one
    /// without, a name before patterns, and the longest pattern before the others.
    pub fn find(&self, host: &str, port: u16) -> Option<HostAddress> {
        let rank = |key: &Key| {
            let exact = !key.pattern.0.starts_with('*');
            (key.port.is_some(), exact, key.pattern.0.len())
        };
        let found = self.0.iter().filter(|(key, _)| {
            key.port.is_none_or(|wanted| wanted == port) && key.pattern.matches(host)
        });
        found.max_by_key(|(key, _)| rank(key)).map(|(_, address)| *address)
    }

    /// Hosts and addresses, as text.
    pub fn entries(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|(Key { pattern, port }, address)| {
            let host = port.map_or(pattern.to_string(), |port| format!("{pattern}:{port}"));
            let at = |port| SocketAddr::new(address.ip, port).to_string();
            (host, address.port.map_or(address.ip.to_string(), at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names_or_their_ends() {
        for (pattern, matching, other) in [
            ("Example.com", "example.com", "a.example.com"),
            ("*.example.com", "a.b.example.com", "example.com"),
            ("*example.com", "example.com", "example.org"),
            ("*example.com", "an-example.com", "example.com.org"),
            ("*", "anything", ""),
        ] {
            let pattern: HostPattern = pattern.parse().expect("a pattern");
            assert!(pattern.matches(matching), "{pattern} {matching}");
            assert!(other.is_empty() || !pattern.matches(other), "{pattern} {other}");
        }
        for bad in ["", "*.", "a.*", "**", "a..b", "-a", "a b", "a.", "http://a"] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_most_exact_entry_decides() {
        let mut hosts = HostMap::default();
        for (host, address) in [
            ("*.test", "10.0.0.1"),
            ("*.b.test", "10.0.0.2"),
            ("a.b.test", "10.0.0.3"),
            ("*.test:8080", "10.0.0.4:81"),
            ("c.test", "[::1]:90"),
        ] {
            hosts.insert(host, address).expect("it is right");
        }
        let find = |host, port| {
            hosts.find(host, port).map(|to| (to.ip.to_string(), to.port)).unwrap_or_default()
        };
        assert_eq!(find("x.test", 80), ("10.0.0.1".into(), None));
        assert_eq!(find("x.b.test", 80), ("10.0.0.2".into(), None));
        assert_eq!(find("a.b.test", 80), ("10.0.0.3".into(), None));
        assert_eq!(find("a.b.test", 8080), ("10.0.0.4".into(), Some(81)));
        assert_eq!(find("c.test", 80), ("::1".into(), Some(90)));
        assert_eq!(find("test", 80), (String::new(), None));
        assert!(hosts.entries().any(|entry| entry == ("c.test".into(), "[::1]:90".into())));
    }

    #[test]
    fn entries_that_lead_nowhere() {
        let mut hosts = HostMap::default();
        for (host, address) in
            [("a b", "10.0.0.1"), ("a:x", "10.0.0.1"), ("a", "x"), ("a", "10.0.0.1:"), ("a", "")]
        {
            assert!(hosts.insert(host, address).is_err(), "{host} {address}");
        }
    }
}
