//! What `K6_PROMETHEUS_RW_*`, and the same in a file, say of where and how to write.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use serde_json::Value;
use url::Url;

use super::{
    super::{
        Settings,
        peer::{TlsSettings, TlsVersion},
        settings::{InvalidSetting, basic_auth, header, http_or_https},
    },
    sigv4::Credentials,
    trend_form::Statistic,
};
use crate::options::notation::Reason;

/// What a file of options may say.
pub(in crate::output) const KEYS: &[&str] = &[
    "bearerToken",
    "clientCertificate",
    "clientCertificateKey",
    "headers",
    "insecureSkipTLSVerify",
    "password",
    "pushInterval",
    "sigV4AccessKey",
    "sigV4Region",
    "sigV4SecretKey",
    "staleMarkers",
    "tlsMinVersion",
    "trendAsNativeHistogram",
    "trendStats",
    "url",
    "username",
];

/// All of them.
#[derive(Debug)]
pub(super) struct RemoteWriteSettings {
    /// Where to write.
    pub(super) target: Target,
    /// How often.
    pub(super) interval: Duration,
    /// What trends become.
    pub(super) trends: Trends,
    /// Whether series end with the run.
    pub(super) stale_markers: bool,
}

/// Where to write, and what lets us.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) tls: TlsSettings,
    pub(super) credentials: Option<Credentials>,
}

/// What trends become.
#[derive(Debug)]
pub(super) enum Trends {
    /// A series for each of these.
    Statistics(Vec<Statistic>),
    /// One series.
    NativeHistograms,
}

impl Target {
    /// The URL as people may see it.
    pub(super) fn shown(&self) -> Url {
        let mut url = self.url.clone();
        // Both only fail where there is no host, and so no user.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url
    }
}

impl RemoteWriteSettings {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// The first that cannot be used.
    pub(super) fn read(settings: &Settings<'_>) -> Result<Self, Reason> {
        let native = settings
            .switch("K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM", "trendAsNativeHistogram")?;
        let statistics =
            settings.parse("K6_PROMETHEUS_RW_TREND_STATS", "trendStats", statistics)?;
        let default = || vec![Statistic::Of("p(99)".parse().expect("a statistic"))];
        let interval = settings.interval("K6_PROMETHEUS_RW_PUSH_INTERVAL", "pushInterval")?;
        let stale_markers = settings.switch("K6_PROMETHEUS_RW_STALE_MARKERS", "staleMarkers")?;
        Ok(Self {
            target: target(settings)?,
            interval: interval.unwrap_or(Duration::from_secs(5)),
            trends: match native {
                Some(true) => Trends::NativeHistograms,
                _ => Trends::Statistics(statistics.unwrap_or_else(default)),
            },
            stale_markers: stale_markers.unwrap_or(false),
        })
    }
}

/// A list in a variable is separated by commas, one in a file is an array.
fn statistics(text: &str) -> Result<Vec<Statistic>, Reason> {
    let names: Vec<String> = match serde_json::from_str(text) {
        Ok(names) => names,
        Err(_) => text.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    Ok(names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?)
}

fn target(settings: &Settings<'_>) -> Result<Target, Reason> {
    let url = settings.parse("K6_PROMETHEUS_RW_SERVER_URL", "url", http_or_https)?;
    let url = match url {
        Some(url) => url,
        None => Url::parse("http://localhost:9090/api/v1/write")?,
    };
    Ok(Target {
        headers: headers(settings, &url)?,
        url,
        tls: tls(settings)?,
        credentials: credentials(settings)?,
    })
}

fn headers(settings: &Settings<'_>, url: &Url) -> Result<HeaderMap, Reason> {
    let mut headers = HeaderMap::new();
    let stored = settings.stored.and_then(|(_, stored)| stored.get("headers"));
    for (name, value) in stored.and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().ok_or("option headers: values must be strings")?;
        headers.extend([header(name, value)?]);
    }
    let listed = settings.parse("K6_PROMETHEUS_RW_HTTP_HEADERS", "", |text| {
        let parts = text.split(',').map(|part| match part.split_once(':') {
            Some((name, value)) if !value.contains(':') => header(name, value),
            _ => Err(format!("'{part}' is not written as name:value").into()),
        });
        parts.collect::<Result<Vec<_>, _>>()
    })?;
    headers.extend(listed.into_iter().flatten());
    const NAMED: &str = "K6_PROMETHEUS_RW_HEADERS_";
    for variable in settings.variables_from(NAMED) {
        let name = &variable[NAMED.len()..];
        let named = settings.parse(&variable, "", |value| header(name, value))?;
        headers.extend(named);
    }
    headers.extend(authorization(settings, url)?);
    Ok(headers)
}

/// A user name is stronger than a token, and both than what stands in the URL.
fn authorization(
    settings: &Settings<'_>,
    url: &Url,
) -> Result<Option<(HeaderName, HeaderValue)>, Reason> {
    let user = settings.text("K6_PROMETHEUS_RW_USERNAME", "username")?;
    let password = settings.text("K6_PROMETHEUS_RW_PASSWORD", "password")?;
    let bearer = settings.parse("K6_PROMETHEUS_RW_BEARER_TOKEN", "bearerToken", |token| {
        header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    })?;
    if let Some(user) = user {
        return Ok(Some(basic_auth(&user, &password.unwrap_or_default())));
    }
    if bearer.is_some() || url.username().is_empty() {
        return Ok(bearer);
    }
    let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    Ok(Some(basic_auth(&decoded(url.username()), &decoded(url.password().unwrap_or("")))))
}

fn tls(settings: &Settings<'_>) -> Result<TlsSettings, InvalidSetting> {
    let oldest = settings.parse(
        "K6_PROMETHEUS_RW_TLS_MINIMUM_VERSION",
        "tlsMinVersion",
        |text| match text {
            "1.2" | "tls1.2" => Ok(TlsVersion::V12),
            "1.3" | "tls1.3" => Ok(TlsVersion::V13),
            _ => Err("allowed are 1.2 and 1.3".into()),
        },
    )?;
    let skip_verify =
        settings.switch("K6_PROMETHEUS_RW_INSECURE_SKIP_TLS_VERIFY", "insecureSkipTLSVerify")?;
    let certificate = settings.text("K6_PROMETHEUS_RW_CLIENT_CERTIFICATE", "clientCertificate")?;
    let key = settings.text("K6_PROMETHEUS_RW_CLIENT_CERTIFICATE_KEY", "clientCertificateKey")?;
    Ok(TlsSettings {
        skip_verify: skip_verify.unwrap_or(false),
        oldest: oldest.unwrap_or(TlsVersion::V13),
        roots: None,
        certificate: certificate.map(Into::into),
        key: key.map(Into::into),
    })
}

fn credentials(settings: &Settings<'_>) -> Result<Option<Credentials>, Reason> {
    let read = |variable, key| {
        settings.parse(variable, key, |text| match text.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(text.to_owned()),
            false => Err("only visible ASCII characters are allowed".into()),
        })
    };
    let region = read("K6_PROMETHEUS_RW_SIGV4_REGION", "sigV4Region")?;
    let access_key = read("K6_PROMETHEUS_RW_SIGV4_ACCESS_KEY", "sigV4AccessKey")?;
    let secret_key = read("K6_PROMETHEUS_RW_SIGV4_SECRET_KEY", "sigV4SecretKey")?;
    match (region, access_key, secret_key) {
        (Some(region), Some(access_key), Some(secret_key)) => {
            Ok(Some(Credentials { region, access_key, secret_key }))
        }
        (None, None, None) => Ok(None),
        _ => Err("K6_PROMETHEUS_RW_SIGV4_REGION, _ACCESS_KEY and _SECRET_KEY: all three are \
                  needed, or none"
            .into()),
    }
}
