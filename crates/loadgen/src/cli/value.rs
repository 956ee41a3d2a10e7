//! Values with a notation of their own: each is read from text by `FromStr` or by a function,
//! and its error says what is allowed. Flags and variables share them.

use std::{str::FromStr, time::Duration};

use http::{HeaderName, HeaderValue};

use crate::{
    http::{DnsOptions, DnsPolicy, DnsSelect},
    metrics::{InvalidTrendStat, TrendStat},
    options::{TimeUnit, duration},
};

/// Why a value cannot be used. The flag or variable is named by whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Not a whole number, or one beyond all use.
    #[error("allowed are whole numbers of at most 18 digits")]
    Integer,
    /// No colon, or a name or value that HTTP does not allow.
    #[error("invalid header '{0}'; allowed is 'Name: value'")]
    Header(String),
    /// Text that no header can carry.
    #[error("a header cannot carry this text; allowed are visible characters and spaces")]
    HeaderText,
    /// An unknown unit.
    #[error("invalid summary time unit '{0}', use 's', 'ms' or 'us'")]
    TimeUnit(String),
    /// A key without a value.
    #[error("no value for key '{0}'; allowed is {0}=VALUE")]
    DnsNoValue(String),
    /// A key that does not exist.
    #[error("unknown DNS configuration field '{0}'; allowed are ttl, select and policy")]
    DnsField(String),
    /// Neither a duration nor `inf`.
    #[error("invalid DNS TTL '{0}'; allowed are durations such as 5m, milliseconds, 0 and inf")]
    DnsTtl(String),
    /// An unknown selection.
    #[error("invalid DNS selection '{0}'; allowed are first, random and roundRobin")]
    DnsSelect(String),
    /// An unknown policy.
    #[error(
        "invalid DNS policy '{0}'; allowed are preferIPv4, preferIPv6, onlyIPv4, onlyIPv6 and any"
    )]
    DnsPolicy(String),
}

/// A whole number, with or without a sign; its range is checked when all layers are known.
///
/// # Errors
///
/// [`InvalidValue::Integer`] for anything else.
pub fn integer(text: &str) -> Result<i64, InvalidValue> {
    text.parse().map_err(|_| InvalidValue::Integer)
}

/// A header, name and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(pub String, pub String);

impl FromStr for Header {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidValue::Header(text.into());
        let (name, value) = text.split_once(':').ok_or_else(invalid)?;
        let (name, value) = (name.trim(), value.trim());
        HeaderName::from_str(name).map_err(|_| invalid())?;
        header_text(value).map_err(|_| invalid())?;
        Ok(Self(name.into(), value.into()))
    }
}

/// Text that a header can carry, unchanged.
///
/// # Errors
///
/// [`InvalidValue::HeaderText`] for text with control characters.
pub fn header_text(text: &str) -> Result<String, InvalidValue> {
    HeaderValue::from_str(text).map_err(|_| InvalidValue::HeaderText)?;
    Ok(text.into())
}

/// Statistics of trends, separated by commas.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendStats(pub Vec<TrendStat>);

impl FromStr for TrendStats {
    type Err = InvalidTrendStat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|stat| stat.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

/// A unit for all times of a summary.
///
/// # Errors
///
/// [`InvalidValue::TimeUnit`] names the three that exist.
pub fn time_unit(text: &str) -> Result<TimeUnit, InvalidValue> {
    match text {
        "s" => Ok(TimeUnit::Seconds),
        "ms" => Ok(TimeUnit::Milliseconds),
        "us" => Ok(TimeUnit::Microseconds),
        _ => Err(InvalidValue::TimeUnit(text.into())),
    }
}

/// The fields of `ttl=5m,select=random,policy=preferIPv4` that were given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DnsFields {
    /// How long an answer is kept; `Some(None)` is for the whole run.
    pub ttl: Option<Option<Duration>>,
    /// Which of several addresses is used.
    pub select: Option<DnsSelect>,
    /// Which address families are used.
    pub policy: Option<DnsPolicy>,
}

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
}

impl FromStr for DnsFields {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut fields = Self::default();
        for field in text.split(',') {
            let field = field.trim();
            let (key, value) =
                field.split_once('=').ok_or_else(|| InvalidValue::DnsNoValue(field.into()))?;
            match key {
                "ttl" => fields.ttl = Some(dns_ttl(value)?),
                "select" => fields.select = Some(dns_select(value)?),
                "policy" => fields.policy = Some(dns_policy(value)?),
                _ => return Err(InvalidValue::DnsField(key.into())),
            }
        }
        Ok(fields)
    }
}

fn dns_ttl(text: &str) -> Result<Option<Duration>, InvalidValue> {
    match text {
        "inf" => Ok(None),
        _ => {
            duration::parse_extended(text).map(Some).map_err(|_| InvalidValue::DnsTtl(text.into()))
        }
    }
}

fn dns_select(text: &str) -> Result<DnsSelect, InvalidValue> {
    match text {
        "first" => Ok(DnsSelect::First),
        "random" => Ok(DnsSelect::Random),
        "roundRobin" => Ok(DnsSelect::RoundRobin),
        _ => Err(InvalidValue::DnsSelect(text.into())),
    }
}

fn dns_policy(text: &str) -> Result<DnsPolicy, InvalidValue> {
    match text {
        "preferIPv4" => Ok(DnsPolicy::PreferIpv4),
        "preferIPv6" => Ok(DnsPolicy::PreferIpv6),
        "onlyIPv4" => Ok(DnsPolicy::OnlyIpv4),
        "onlyIPv6" => Ok(DnsPolicy::OnlyIpv6),
        "any" => Ok(DnsPolicy::Any),
        _ => Err(InvalidValue::DnsPolicy(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header = |text: &str| text.parse::<Header>();
        assert_eq!(header("X-A: b: c "), Ok(Header("X-A".into(), "b: c".into())));
        assert_eq!(header("X-A:"), Ok(Header("X-A".into(), String::new())));
        for bad in ["X-A", "", ": b", "X A: b", "X-A: b\r\nX-B: c"] {
            assert!(header(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dns() {
        let all = "ttl=1m,select=roundRobin,policy=onlyIPv6".parse::<DnsFields>();
        let expected = DnsOptions {
            ttl: Some(Duration::from_secs(60)),
            select: DnsSelect::RoundRobin,
            policy: DnsPolicy::OnlyIpv6,
        };
        assert_eq!(all.map(DnsFields::or_default), Ok(expected));
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
