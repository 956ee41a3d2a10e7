//! Names to addresses, with k6's cache, policies and selection.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use tokio::{net::lookup_host, time::Instant};

use super::{DnsOptions, DnsPolicy, DnsSelect, Error, ErrorCode, classify};

/// Resolves names for all clients of a run.
#[derive(Debug)]
pub(super) struct Resolver {
    options: DnsOptions,
    names: Mutex<HashMap<String, Name>>,
}

#[derive(Debug, Default)]
struct Name {
    addresses: Vec<IpAddr>,
    looked_up: Option<Instant>,
    /// How often it was asked for.
    asked: usize,
}

impl Resolver {
    pub(super) fn new(options: DnsOptions) -> Self {
        Self { options, names: Mutex::default() }
    }

    /// One address of `host`. Simultaneous calls for an unknown name look it up each, and
    /// failures are not kept.
    pub(super) async fn resolve(&self, host: &str) -> Result<IpAddr, Error> {
        if let Some(address) = self.cached(host) {
            return Ok(address);
        }
        let found = lookup_host((host, 0)).await.map_err(|error| classify::lookup(&error))?;
        let addresses = apply(self.options.policy, found.map(|address| address.ip()).collect());
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = names.entry(host.to_owned()).or_default();
        name.addresses = addresses;
        name.looked_up = Some(Instant::now());
        name.select(self.options.select).ok_or_else(|| Error {
            code: ErrorCode::UNCLASSIFIED,
            text: format!("lookup {host}: no such host"),
        })
    }

    fn cached(&self, host: &str) -> Option<IpAddr> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = names.get_mut(host)?;
        let age = name.looked_up?.elapsed();
        if self.options.ttl.is_some_and(|ttl| age >= ttl) {
            return None;
        }
        name.select(self.options.select)
    }
}

impl Name {
    fn select(&mut self, how: DnsSelect) -> Option<IpAddr> {
        let count = self.addresses.len();
        let index = match how {
            _ if count == 0 => return None,
            DnsSelect::First => 0,
            DnsSelect::RoundRobin => self.asked % count,
            DnsSelect::Random => random() % count,
        };
        self.asked = self.asked.wrapping_add(1);
        self.addresses.get(index).copied()
    }
}

/// Good enough to spread connections: each new `RandomState` has other keys.
fn random() -> usize {
    RandomState::new().hash_one(0) as usize
}

fn apply(policy: DnsPolicy, addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(IpAddr::is_ipv4);
    match policy {
        DnsPolicy::PreferIpv4 if v4.is_empty() => v6,
        DnsPolicy::PreferIpv6 if v6.is_empty() => v4,
        DnsPolicy::PreferIpv4 | DnsPolicy::OnlyIpv4 => v4,
        DnsPolicy::PreferIpv6 | DnsPolicy::OnlyIpv6 => v6,
        DnsPolicy::Any => addresses,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    fn addresses(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().expect("an address")).collect()
    }

    #[test]
    fn policies_choose_the_family() {
        let both = addresses(&["::1", "10.0.0.1", "10.0.0.2"]);
        let (v4, v6) = (addresses(&["10.0.0.1", "10.0.0.2"]), addresses(&["::1"]));
        for (policy, of_both, of_v4, of_v6) in [
            (DnsPolicy::PreferIpv4, &v4, &v4, &v6),
            (DnsPolicy::PreferIpv6, &v6, &v4, &v6),
            (DnsPolicy::OnlyIpv4, &v4, &v4, &vec![]),
            (DnsPolicy::OnlyIpv6, &v6, &vec![], &v6),
            (DnsPolicy::Any, &both, &v4, &v6),
        ] {
            assert_eq!(&apply(policy, both.clone()), of_both, "{policy:?}");
            assert_eq!(&apply(policy, v4.clone()), of_v4, "{policy:?}");
            assert_eq!(&apply(policy, v6.clone()), of_v6, "{policy:?}");
        }
    }

    #[test]
    fn selection_is_first_in_turn_or_by_chance() {
        let all = addresses(&["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
        let pick = |how| {
            let mut name = Name { addresses: all.clone(), ..Name::default() };
            (0..100).map(|_| name.select(how).expect("not empty")).collect::<Vec<_>>()
        };
        assert!(pick(DnsSelect::First).iter().all(|address| *address == all[0]));
        let in_turn = pick(DnsSelect::RoundRobin);
        assert!((0..100).all(|index| in_turn[index] == all[index % 3]));
        // Misses one of three in a hundred with a probability below 10^-17.
        let by_chance = pick(DnsSelect::Random);
        assert!(all.iter().all(|address| by_chance.contains(address)));
    }

    /// Numbers are names that resolve to themselves, without a server.
    const NUMBER: &str = "127.0.0.1";

    #[tokio::test]
    async fn no_address_of_the_wanted_family() {
        let policy = DnsPolicy::OnlyIpv6;
        let resolver = Resolver::new(DnsOptions { policy, ..DnsOptions::default() });
        let error = resolver.resolve(NUMBER).await.expect_err("it is IPv4");
        assert_eq!((error.code.0, error.text), (1000, format!("lookup {NUMBER}: no such host")));
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_kept_as_long_as_they_may() {
        const MINUTE: Duration = Duration::from_secs(60);
        for (ttl, again) in [
            (Some(MINUTE * 2), [false, true, false]),
            (Some(Duration::ZERO), [true, true, true]),
            (None, [false, false, false]),
        ] {
            let resolver = Resolver::new(DnsOptions { ttl, ..DnsOptions::default() });
            let looked_up = async || {
                resolver.resolve(NUMBER).await.expect("a number");
                resolver.names.lock().expect("not poisoned")[NUMBER].looked_up
            };
            let mut last = looked_up().await;
            for again in again {
                advance(MINUTE).await;
                let now = looked_up().await;
                assert_eq!(now != last, again, "{ttl:?}");
                last = now;
            }
        }
    }
}
