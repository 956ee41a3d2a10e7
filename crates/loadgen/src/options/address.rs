//! Where the REST API is: a host and a port, as `--address` and `K6_ADDRESS` say it.

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use url::Host;

/// A host and a port. `:6565` and `6565` mean this machine, reachable from nowhere else; all
/// interfaces are asked for by `0.0.0.0:6565` or `[::]:6565`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: Host,
    port: u16,
}

/// Text that is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("allowed are HOST:PORT, [IPv6]:PORT and :PORT")]
pub struct InvalidAddress;

impl Address {
    /// The address to use. Of a name's addresses it is the first one of IPv4, so that server and
    /// client agree, and a port in use is not evaded by taking another family.
    ///
    /// # Errors
    ///
    /// If the name has no address.
    pub(crate) fn resolve(&self) -> io::Result<SocketAddr> {
        let addresses: Vec<_> = match &self.host {
            Host::Domain(name) => (name.as_str(), self.port).to_socket_addrs()?.collect(),
            Host::Ipv4(ip) => vec![(*ip, self.port).into()],
            Host::Ipv6(ip) => vec![(*ip, self.port).into()],
        };
        let v4 = addresses.iter().find(|address| address.is_ipv4());
        let found = v4.or(addresses.first()).copied();
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address"))
    }
}

/// k6's: `localhost:6565`.
impl Default for Address {
    fn default() -> Self {
        Self { host: localhost(), port: 6565 }
    }
}

fn localhost() -> Host {
    Host::Domain("localhost".into())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let host = match host {
            "" => localhost(),
            host => Host::parse(host).map_err(|_| InvalidAddress)?,
        };
        // `parse` alone would take a sign.
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAddress);
        }
        Ok(Self { host, port: port.parse().map_err(|_| InvalidAddress)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse().ok().map(|address: Address| address.to_string())
    }

    #[test]
    fn without_a_host_it_is_this_machine() {
        for text in [":6565", "6565", "localhost:6565"] {
            assert_eq!(text.parse(), Ok(Address::default()), "{text}");
        }
        let resolved = Address::default().resolve().expect("every machine knows localhost");
        assert!(resolved.ip().is_loopback(), "{resolved}");
    }

    #[test]
    fn hosts_are_names_and_addresses() {
        for text in ["127.0.0.1:0", "[::1]:6565", "0.0.0.0:65535", "api.example:80"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ":",
            "localhost",
            "localhost:",
            "host:65536",
            "host:-1",
            ":+1",
            "::1:6565",
            "http://localhost:6565",
            "a b:1",
            "host:1/v1",
            "[::1]",
            "[nonsense]:1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_shown_reads_the_same(text in "\\PC{0,20}(:[0-9]{0,6})?") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
