//! What `K6_OTEL_*`, OpenTelemetry's own `OTEL_*`, and a file say of where and how to send.
//!
//! Of one thing, k6's variable is stronger than what stands in a file, and both than
//! OpenTelemetry's; of those, the one for metrics is stronger than the one for all.

use std::{fmt, time::Duration};

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use url::Url;

use super::super::{
    Settings,
    peer::{TlsSettings, TlsVersion},
    settings::{InvalidSetting, basic_auth, header, http_or_https},
};
use crate::{metrics::TagSet, options::notation::Reason};

/// What a file of options may say.
pub(in crate::output) const KEYS: &[&str] = &[
    "exportInterval",
    "exporterProtocol",
    "exporterType",
    "flushInterval",
    "grpcExporterEndpoint",
    "grpcExporterInsecure",
    "headers",
    "httpExporterEndpoint",
    "httpExporterInsecure",
    "httpExporterURLPath",
    "metricPrefix",
    "password",
    "serviceName",
    "serviceVersion",
    "tlsCertificate",
    "tlsClientCertificate",
    "tlsClientKey",
    "tlsInsecureSkipVerify",
    "username",
];

/// All of them.
#[derive(Debug)]
pub(super) struct OpenTelemetrySettings {
    /// Where to send.
    pub(super) endpoint: Endpoint,
    /// How often.
    pub(super) interval: Duration,
    /// Who sends.
    pub(super) resource: TagSet,
    /// What stands before the name of each metric.
    pub(super) prefix: String,
}

/// Where to send. As text, what the header of a run shows.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) transport: Transport,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) tls: TlsSettings,
    /// How long an answer may take.
    pub(super) patience: Duration,
    /// Whether messages are compressed.
    pub(super) gzip: bool,
}

/// What carries the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// gRPC
    Grpc,
    /// HTTP/1.1
    Http,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match self.transport {
            Transport::Http => write!(f, "http/protobuf, {url}"),
            Transport::Grpc => {
                let insecure = if url.scheme() == "http" { " (insecure)" } else { "" };
                let port = url.port_or_known_default().unwrap_or_default();
                write!(f, "grpc{insecure}, {}:{port}", url.host_str().unwrap_or_default())
            }
        }
    }
}

impl OpenTelemetrySettings {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// The first that cannot be used.
    pub(super) fn read(settings: &Settings<'_>) -> Result<Self, Reason> {
        let export = settings.interval("K6_OTEL_EXPORT_INTERVAL", "exportInterval")?;
        let standard = settings.interval("OTEL_METRIC_EXPORT_INTERVAL", "")?;
        // How long k6 keeps samples from its own aggregation. Here they are not kept at all.
        settings.interval("K6_OTEL_FLUSH_INTERVAL", "flushInterval")?;
        settings.parse(
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "",
            |text| match text.eq_ignore_ascii_case("cumulative") {
                true => Ok(()),
                false => Err("only cumulative is supported".into()),
            },
        )?;
        Ok(Self {
            endpoint: endpoint(settings)?,
            interval: export.or(standard).unwrap_or(Duration::from_secs(10)),
            resource: resource(settings)?,
            prefix: settings.text("K6_OTEL_METRIC_PREFIX", "metricPrefix")?.unwrap_or_default(),
        })
    }
}

/// A setting of OpenTelemetry's exporters.
fn standard<T>(
    settings: &Settings<'_>,
    name: &str,
    read: impl Fn(&str) -> Result<T, Reason>,
) -> Result<Option<T>, InvalidSetting> {
    match settings.parse(&format!("OTEL_EXPORTER_OTLP_METRICS_{name}"), "", &read)? {
        Some(value) => Ok(Some(value)),
        None => settings.parse(&format!("OTEL_EXPORTER_OTLP_{name}"), "", read),
    }
}

fn endpoint(settings: &Settings<'_>) -> Result<Endpoint, Reason> {
    let transport = transport(settings)?;
    let url = match transport {
        Transport::Grpc => grpc_url(settings)?,
        Transport::Http => http_url(settings)?,
    };
    let patience = standard(settings, "TIMEOUT", millis)?;
    Ok(Endpoint {
        transport,
        url,
        headers: headers(settings, transport)?,
        tls: tls(settings)?,
        patience: patience.unwrap_or(Duration::from_secs(10)),
        gzip: standard(settings, "COMPRESSION", compression)?.unwrap_or(false),
    })
}

fn millis(text: &str) -> Result<Duration, Reason> {
    let millis = text.parse().map_err(|_| "it must be a whole number of milliseconds")?;
    Ok(Duration::from_millis(millis))
}

fn compression(text: &str) -> Result<bool, Reason> {
    match text {
        "none" => Ok(false),
        "gzip" => Ok(true),
        _ => Err("allowed are none and gzip".into()),
    }
}

fn transport(settings: &Settings<'_>) -> Result<Transport, InvalidSetting> {
    let protocol = |text: &str| match text {
        "grpc" => Ok(Transport::Grpc),
        "http/protobuf" => Ok(Transport::Http),
        _ => Err("allowed are grpc and http/protobuf".into()),
    };
    let exporter_type = |text: &str| match text {
        "grpc" => Ok(Transport::Grpc),
        "http" => Ok(Transport::Http),
        _ => Err("allowed are grpc and http".into()),
    };
    let new = settings.parse("K6_OTEL_EXPORTER_PROTOCOL", "exporterProtocol", protocol)?;
    let old = settings.parse("K6_OTEL_EXPORTER_TYPE", "exporterType", exporter_type)?;
    Ok(new.or(old).or(standard(settings, "PROTOCOL", protocol)?).unwrap_or(Transport::Grpc))
}

fn grpc_url(settings: &Settings<'_>) -> Result<Url, InvalidSetting> {
    let insecure = settings.switch("K6_OTEL_GRPC_EXPORTER_INSECURE", "grpcExporterInsecure")?;
    let scheme = match insecure.or(settings.switch("OTEL_EXPORTER_OTLP_INSECURE", "")?) {
        Some(true) => "http",
        _ => "https",
    };
    let own = settings.parse("K6_OTEL_GRPC_EXPORTER_ENDPOINT", "grpcExporterEndpoint", |text| {
        authority(scheme, text)
    })?;
    let url = |text: &str| match text.contains("://") {
        true => http_or_https(text),
        false => authority(scheme, text),
    };
    let default = || authority(scheme, "localhost:4317").expect("a URL");
    Ok(own.or(standard(settings, "ENDPOINT", url)?).unwrap_or_else(default))
}

fn http_url(settings: &Settings<'_>) -> Result<Url, InvalidSetting> {
    let insecure = settings.switch("K6_OTEL_HTTP_EXPORTER_INSECURE", "httpExporterInsecure")?;
    let scheme = if insecure == Some(true) { "http" } else { "https" };
    let path = settings.text("K6_OTEL_HTTP_EXPORTER_URL_PATH", "httpExporterURLPath")?;
    let own = settings.parse("K6_OTEL_HTTP_EXPORTER_ENDPOINT", "httpExporterEndpoint", |text| {
        authority(scheme, text)
    })?;
    // The one for metrics is used as it is, the one for all is where the paths of each begin.
    let full = settings.parse("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "", http_or_https)?;
    let base = settings.parse("OTEL_EXPORTER_OTLP_ENDPOINT", "", |text| {
        http_or_https(&format!("{}/v1/metrics", text.trim_end_matches('/')))
    })?;
    if let Some(standard) = full.or(base).filter(|_| own.is_none()) {
        return Ok(standard);
    }
    let default = || authority(scheme, "localhost:4318").expect("a URL");
    let mut url = own.unwrap_or_else(default);
    url.set_path(path.as_deref().unwrap_or("/v1/metrics"));
    Ok(url)
}

/// The URL of what has no scheme.
fn authority(scheme: &str, text: &str) -> Result<Url, Reason> {
    if text.contains('/') {
        return Err("it must be a host and a port, with no scheme and no path".into());
    }
    Ok(Url::parse(&format!("{scheme}://{text}"))?)
}

fn headers(settings: &Settings<'_>, transport: Transport) -> Result<HeaderMap, Reason> {
    let read = |text: &str| {
        let pairs = pairs(text)?.into_iter();
        pairs.map(|(name, value)| header(&name, &value)).collect::<Result<Vec<_>, _>>()
    };
    let own = settings.parse("K6_OTEL_HEADERS", "headers", read)?;
    let listed = match own {
        Some(own) => Some(own),
        None => standard(settings, "HEADERS", read)?,
    };
    let mut headers: HeaderMap = listed.into_iter().flatten().collect();
    let user = settings.text("K6_OTEL_HTTP_EXPORTER_USERNAME", "username")?;
    let password = settings.text("K6_OTEL_HTTP_EXPORTER_PASSWORD", "password")?;
    if let Some(user) = user.filter(|_| transport == Transport::Http) {
        headers.extend([basic_auth(&user, &password.unwrap_or_default())]);
    }
    Ok(headers)
}

fn tls(settings: &Settings<'_>) -> Result<TlsSettings, InvalidSetting> {
    let file = |own, key, name| match settings.text(own, key)? {
        Some(path) => Ok(Some(path.into())),
        None => standard(settings, name, |path| Ok(path.into())),
    };
    let skip = settings.switch("K6_OTEL_TLS_INSECURE_SKIP_VERIFY", "tlsInsecureSkipVerify")?;
    Ok(TlsSettings {
        skip_verify: skip.unwrap_or(false),
        oldest: TlsVersion::V12,
        roots: file("K6_OTEL_TLS_CERTIFICATE", "tlsCertificate", "CERTIFICATE")?,
        certificate: file(
            "K6_OTEL_TLS_CLIENT_CERTIFICATE",
            "tlsClientCertificate",
            "CLIENT_CERTIFICATE",
        )?,
        key: file("K6_OTEL_TLS_CLIENT_KEY", "tlsClientKey", "CLIENT_KEY")?,
    })
}

fn resource(settings: &Settings<'_>) -> Result<TagSet, InvalidSetting> {
    let listed = settings.parse("OTEL_RESOURCE_ATTRIBUTES", "", pairs)?.unwrap_or_default();
    let own = settings.text("K6_OTEL_SERVICE_NAME", "serviceName")?;
    let name = own.or(settings.text("OTEL_SERVICE_NAME", "")?);
    let version = settings.text("K6_OTEL_SERVICE_VERSION", "serviceVersion")?;
    let defaults = [
        // The name by which dashboards made for k6 ask.
        ("service.name", "k6"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.name", "loadgen"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    let listed = listed.iter().map(|(name, value)| (&**name, &**value));
    let name = name.as_deref().map(|name| ("service.name", name));
    let version = version.as_deref().map(|version| ("service.version", version));
    Ok(TagSet::new(defaults.into_iter().chain(listed).chain(name).chain(version)))
}

/// `name=value,name=value`, percent-encoded where need be.
fn pairs(text: &str) -> Result<Vec<(String, String)>, Reason> {
    let decode = |text: &str| -> Result<String, Reason> {
        Ok(percent_decode_str(text.trim()).decode_utf8()?.into_owned())
    };
    let pair = |pair: &str| {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| format!("'{pair}' is not written as name=value"))?;
        Ok((decode(name)?, decode(value)?))
    };
    text.split(',').filter(|pair| !pair.trim().is_empty()).map(pair).collect()
}
