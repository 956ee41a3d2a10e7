//! The fields of `ttl=5m,select=random,policy=preferIPv4`, as far as they are given.

use std::{str::FromStr, time::Duration};

use super::duration::{self, GoDuration};
use crate::http::{DnsOptions, DnsPolicy, DnsSelect};

/// How names become addresses, as far as somebody says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DnsFields {
    /// How long an answer is kept; `Some(None)` is for the whole run. Unset: 5 min.
    pub ttl: Option<Option<Duration>>,
    /// Which of several addresses is used. Unset: any, by chance.
    pub select: Option<DnsSelect>,
    /// Which address families are used. Unset: IPv4, and IPv6 if there is none.
    pub policy: Option<DnsPolicy>,
}

/// Why text is none of the fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDns {
    /// A key without a value.
    #[error("no value for key '{0}'; allowed is {0}=VALUE")]
    NoValue(String),
    /// A key that does not exist.
    #[error("unknown DNS configuration field '{0}'; allowed are ttl, select and policy")]
    Field(String),
    /// Neither a duration nor `inf`.
    #[error("invalid DNS TTL '{0}'; allowed are durations such as 5m, milliseconds, 0 and inf")]
    Ttl(String),
    /// An unknown selection.
    #[error("invalid DNS selection '{0}'; allowed are first, random and roundRobin")]
    Select(String),
    /// An unknown policy.
    #[error(
        "invalid DNS policy '{0}'; allowed are preferIPv4, preferIPv6, onlyIPv4, onlyIPv6 and any"
    )]
    Policy(String),
}

const SELECTS: [(&str, DnsSelect); 3] = [
    ("first", DnsSelect::First),
    ("random", DnsSelect::Random),
    ("roundRobin", DnsSelect::RoundRobin),
];

const POLICIES: [(&str, DnsPolicy); 5] = [
    ("preferIPv4", DnsPolicy::PreferIpv4),
    ("preferIPv6", DnsPolicy::PreferIpv6),
    ("onlyIPv4", DnsPolicy::OnlyIpv4),
    ("onlyIPv6", DnsPolicy::OnlyIpv6),
    ("any", DnsPolicy::Any),
];

impl DnsFields {
    /// Fields that are missing here are taken from `weaker`.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        Self {
            ttl: self.ttl.or(weaker.ttl),
            select: self.select.or(weaker.select),
            policy: self.policy.or(weaker.policy),
        }
    }

    /// All fields, k6's defaults for those that are missing.
    pub fn or_default(self) -> DnsOptions {
        let default = DnsOptions::default();
        DnsOptions {
            ttl: self.ttl.unwrap_or(default.ttl),
            select: self.select.unwrap_or(default.select),
            policy: self.policy.unwrap_or(default.policy),
        }
    }

    /// Reads one field.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), InvalidDns> {
        match key {
            "ttl" => self.ttl = Some(ttl(value)?),
            "select" => {
                let known = named(&SELECTS, value);
                self.select = Some(known.ok_or_else(|| InvalidDns::Select(value.into()))?);
            }
            "policy" => {
                let known = named(&POLICIES, value);
                self.policy = Some(known.ok_or_else(|| InvalidDns::Policy(value.into()))?);
            }
            _ => return Err(InvalidDns::Field(key.into())),
        }
        Ok(())
    }

    /// The fields as text: TTL, selection, policy.
    pub(super) fn texts(&self) -> [Option<String>; 3] {
        let ttl = |ttl: Option<Duration>| match ttl {
            Some(ttl) => GoDuration(ttl).to_string(),
            None => "inf".into(),
        };
        [
            self.ttl.map(ttl),
            self.select.and_then(|select| name(&SELECTS, select)),
            self.policy.and_then(|policy| name(&POLICIES, policy)),
        ]
    }
}

impl FromStr for DnsFields {
    type Err = InvalidDns;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut fields = Self::default();
        for field in text.split(',').map(str::trim) {
            let pair = field.split_once('=');
            let (key, value) = pair.ok_or_else(|| InvalidDns::NoValue(field.into()))?;
            fields.set(key, value)?;
        }
        Ok(fields)
    }
}

fn ttl(text: &str) -> Result<Option<Duration>, InvalidDns> {
    match text {
        "inf" => Ok(None),
        _ => duration::parse_extended(text).map(Some).map_err(|_| InvalidDns::Ttl(text.into())),
    }
}

fn named<T: Copy>(names: &[(&str, T)], text: &str) -> Option<T> {
    names.iter().find(|(name, _)| *name == text).map(|&(_, value)| value)
}

fn name<T: Copy + PartialEq>(names: &[(&str, T)], value: T) -> Option<String> {
    names.iter().find(|(_, known)| *known == value).map(|&(name, _)| name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_written() {
        let text = "ttl=1m,select=roundRobin,policy=onlyIPv6";
        let all: DnsFields = text.parse().expect("all are known");
        let expected = DnsOptions {
            ttl: Some(Duration::from_secs(60)),
            select: DnsSelect::RoundRobin,
            policy: DnsPolicy::OnlyIpv6,
        };
        assert_eq!(all.or_default(), expected);
        assert_eq!(all.texts().map(Option::unwrap_or_default), ["1m0s", "roundRobin", "onlyIPv6"]);
        for (text, ttl) in [
            ("ttl=0", Some(Duration::ZERO)),
            ("ttl=250", Some(Duration::from_millis(250))),
            ("ttl=1d", Some(Duration::from_secs(86_400))),
            ("ttl=inf", None),
        ] {
            let fields = DnsFields { ttl: Some(ttl), ..DnsFields::default() };
            assert_eq!(text.parse(), Ok(fields), "{text}");
        }
        for bad in ["", "ttl", "ttl=", "ttl=-1s", "foo=1", "select=Random", "policy=ipv4"] {
            assert!(bad.parse::<DnsFields>().is_err(), "{bad}");
        }
    }
}
