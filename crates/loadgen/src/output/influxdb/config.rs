//! What the output is set to; names and defaults are k6's.

use std::{collections::BTreeMap, fmt, time::Duration};

use percent_encoding::percent_decode_str;
use url::Url;

use super::super::{InvalidSetting, Settings, settings::interval};
use crate::options::notation::Reason;

/// What a file of options may say.
pub(in crate::output) const KEYS: &[&str] = &[
    "addr",
    "concurrentWrites",
    "consistency",
    "db",
    "insecure",
    "password",
    "payloadSize",
    "precision",
    "proxy",
    "pushInterval",
    "retention",
    "tagsAsFields",
    "username",
];

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub address: Address,
    pub username: String,
    pub password: String,
    pub database: String,
    pub precision: Precision,
    pub retention: String,
    pub consistency: String,
    pub insecure: bool,
    pub push_interval: Duration,
    /// Requests that are under way at once.
    pub concurrent_writes: usize,
    /// Bytes of a datagram.
    pub payload_size: usize,
    pub tags_as_fields: BTreeMap<String, FieldKind>,
}

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A URL without user, database and query, and without a slash at its end.
    Http(String),
    /// Host and port.
    Udp(String),
}

/// What the numbers behind the lines count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Precision {
    /// InfluxDB's word for it; empty for nanoseconds.
    pub name: &'static str,
    pub nanos: u64,
}

/// What a tag becomes that is written as a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    String,
    Int,
    Float,
    Bool,
}

#[derive(Debug, thiserror::Error)]
enum Invalid {
    #[error("invalid URL '{url}': {problem}; allowed are http://, https:// and udp://HOST:PORT")]
    Url { url: String, problem: String },
    #[error(
        "unknown query parameter '{0}'; allowed are insecure, payload_size, precision, retention, \
         consistency, pushInterval, concurrentWrites and tagsAsFields"
    )]
    Parameter(String),
    #[error("allowed are ns, n, us, u, ms, s, m and h")]
    Precision,
    #[error("'{0}': allowed are NAME, NAME:string, NAME:int, NAME:float and NAME:bool")]
    Field(String),
    #[error("allowed are whole numbers from 1")]
    Count,
    #[error("allowed are true and false")]
    Switch,
    #[error("a proxy is not supported")]
    Proxy,
}

const PRECISIONS: [(&str, u64); 9] = [
    ("", 1),
    ("ns", 1),
    ("n", 1),
    ("us", 1_000),
    ("u", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl Config {
    /// From defaults, file, variables and argument.
    pub(super) fn new(settings: &Settings<'_>) -> Result<Self, Reason> {
        let text =
            |variable, key| Ok::<_, Reason>(settings.text(variable, key)?.unwrap_or_default());
        let count = |variable, key, default| {
            Ok::<_, Reason>(settings.parse(variable, key, count)?.unwrap_or(default))
        };
        if settings.text("K6_INFLUXDB_PROXY", "proxy")?.is_some() {
            return Err(Invalid::Proxy.into());
        }
        let database = settings.text("K6_INFLUXDB_DB", "db")?;
        let precision = settings.parse("K6_INFLUXDB_PRECISION", "precision", precision)?;
        let push_interval = settings.interval("K6_INFLUXDB_PUSH_INTERVAL", "pushInterval")?;
        let fields = settings.parse("K6_INFLUXDB_TAGS_AS_FIELDS", "tagsAsFields", fields)?;
        let mut config = Self {
            address: Address::Http("http://localhost:8086".into()),
            username: text("K6_INFLUXDB_USERNAME", "username")?,
            password: text("K6_INFLUXDB_PASSWORD", "password")?,
            database: database.unwrap_or_else(|| "k6".into()),
            precision: precision.unwrap_or(Precision { name: "", nanos: 1 }),
            retention: text("K6_INFLUXDB_RETENTION", "retention")?,
            consistency: text("K6_INFLUXDB_CONSISTENCY", "consistency")?,
            insecure: settings.switch("K6_INFLUXDB_INSECURE", "insecure")?.unwrap_or(false),
            push_interval: push_interval.unwrap_or(Duration::from_secs(1)),
            concurrent_writes: count("K6_INFLUXDB_CONCURRENT_WRITES", "concurrentWrites", 4)?,
            payload_size: count("K6_INFLUXDB_PAYLOAD_SIZE", "payloadSize", 512)?,
            tags_as_fields: fields.map_or_else(|| self::fields("vu:int,iter:int,url"), Ok)?,
        };
        let address = settings.text("K6_INFLUXDB_ADDR", "addr")?;
        for url in address.as_deref().into_iter().chain(settings.argument) {
            config.set_url(url)?;
        }
        Ok(config)
    }

    /// Takes over all that a URL says.
    fn set_url(&mut self, text: &str) -> Result<(), Reason> {
        let invalid = |problem: &str| {
            let url = text.rsplit_once('@').map_or(text, |(_, rest)| rest).into();
            Invalid::Url { url, problem: problem.into() }
        };
        let mut url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if !url.username().is_empty() {
            self.username = decoded(url.username());
            self.password = decoded(url.password().unwrap_or_default());
        }
        for (name, value) in url.query_pairs() {
            let is_known = self.set_parameter(&name, &value).map_err(|reason| InvalidSetting {
                place: format!("parameter {name}"),
                value: value.into(),
                reason,
            })?;
            if !is_known {
                return Err(Invalid::Parameter(name.into()).into());
            }
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let (prefix, database) = path.rsplit_once('/').unwrap_or_default();
        if !database.is_empty() {
            self.database = decoded(database);
        }
        self.address = match (url.scheme(), url.host_str(), url.port()) {
            ("udp", Some(host), Some(port)) => Address::Udp(format!("{host}:{port}")),
            ("http" | "https", Some(_), _) => {
                url.set_path(prefix);
                url.set_query(None);
                // They cannot fail for a URL that has a host.
                let _ = (url.set_username(""), url.set_password(None));
                Address::Http(url.as_str().trim_end_matches('/').into())
            }
            (scheme, ..) => return Err(invalid(&format!("the scheme is {scheme}")).into()),
        };
        Ok(())
    }

    /// Takes over what a parameter of a URL says; whether there is such a parameter.
    fn set_parameter(&mut self, name: &str, value: &str) -> Result<bool, Reason> {
        match name {
            "insecure" => self.insecure = value.parse().map_err(|_| Invalid::Switch)?,
            "payload_size" => self.payload_size = count(value)?,
            "precision" => self.precision = precision(value)?,
            "retention" => self.retention = value.into(),
            "consistency" => self.consistency = value.into(),
            "pushInterval" => self.push_interval = interval(value)?,
            "concurrentWrites" => self.concurrent_writes = count(value)?,
            "tagsAsFields" => self.tags_as_fields = fields(value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => f.write_str(url),
            Self::Udp(address) => write!(f, "udp://{address}"),
        }
    }
}

fn count(text: &str) -> Result<usize, Reason> {
    let count: usize = text.parse().map_err(|_| Invalid::Count)?;
    if count == 0 { Err(Invalid::Count.into()) } else { Ok(count) }
}

fn precision(text: &str) -> Result<Precision, Reason> {
    let known = PRECISIONS.into_iter().find(|(name, _)| *name == text);
    let (name, nanos) = known.ok_or(Invalid::Precision)?;
    Ok(Precision { name, nanos })
}

/// `NAME[:KIND],…`, or the same as an array of JSON.
fn fields(text: &str) -> Result<BTreeMap<String, FieldKind>, Reason> {
    let items: Vec<String> = match text.starts_with('[') {
        true => serde_json::from_str(text)?,
        false => text.split(',').map(|item| item.trim().to_owned()).collect(),
    };
    let field = |item: String| {
        let (name, kind) = item.split_once(':').unwrap_or((&item, "string"));
        let kind = match kind {
            "string" => FieldKind::String,
            "int" => FieldKind::Int,
            "float" => FieldKind::Float,
            "bool" => FieldKind::Bool,
            _ => return Err(Invalid::Field(item).into()),
        };
        Ok((name.to_owned(), kind))
    };
    items.into_iter().filter(|item| !item.is_empty()).map(field).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, ffi::OsString};

    use serde_json::json;

    use super::*;

    fn config(
        argument: Option<&str>,
        variables: &[(&str, &str)],
        stored: &serde_json::Value,
    ) -> Result<Config, String> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let lookup = |name: &str| variables.get(name).map(OsString::from);
        let settings = Settings {
            argument,
            stored: stored.as_object().map(|all| ("influxdb", all)),
            lookup: &lookup,
        };
        Config::new(&settings).map_err(|reason| reason.to_string())
    }

    #[test]
    fn the_argument_is_stronger_than_variables_and_those_than_the_file() {
        let unset = config(None, &[], &json!({})).expect("defaults");
        assert_eq!(unset.address.to_string(), "http://localhost:8086");
        assert_eq!((&*unset.database, unset.push_interval.as_secs()), ("k6", 1));
        assert_eq!((unset.concurrent_writes, unset.precision.nanos), (4, 1));

        let stored = json!({"db": "file", "addr": "http://file:1", "concurrentWrites": 2,
            "tagsAsFields": ["vu", "status:int"]});
        let variables = [("K6_INFLUXDB_DB", "variable"), ("K6_INFLUXDB_USERNAME", "me")];
        let both = config(None, &variables, &stored).expect("they fit");
        assert_eq!(both.address.to_string(), "http://file:1");
        assert_eq!((&*both.database, &*both.username), ("variable", "me"));
        assert_eq!(both.concurrent_writes, 2);
        assert_eq!(both.tags_as_fields["status"], FieldKind::Int);

        let url = "https://you:p%40ss@[::1]:8086/prefix/mydb?precision=ms&pushInterval=2s\
                   &insecure=true&retention=week&consistency=one";
        let all = config(Some(url), &variables, &stored).expect("they fit");
        assert_eq!(all.address.to_string(), "https://[::1]:8086/prefix");
        assert_eq!((&*all.username, &*all.password, &*all.database), ("you", "p@ss", "mydb"));
        assert_eq!((all.precision.name, all.precision.nanos), ("ms", 1_000_000));
        assert_eq!((all.push_interval, all.insecure), (Duration::from_secs(2), true));
        assert_eq!((&*all.retention, &*all.consistency), ("week", "one"));

        let udp = config(Some("udp://localhost:8089"), &[], &json!({})).expect("it fits");
        assert_eq!(udp.address, Address::Udp("localhost:8089".into()));
    }

    #[test]
    fn what_cannot_be_used_is_told_without_passwords() {
        for (argument, want) in [
            ("ftp://me:secret@host/db", "invalid URL 'host/db': the scheme is ftp; "),
            ("udp://host", "invalid URL 'udp://host': the scheme is udp; "),
            ("http://me:secret@host:x/", "invalid URL 'host:x/': invalid port number; "),
            ("http://host/?nope=1", "unknown query parameter 'nope'; "),
            (
                "http://host/?precision=d",
                "parameter precision has an invalid value 'd': allowed are ns, n, us, u, ms, s, m and h",
            ),
            (
                "http://host/?concurrentWrites=0",
                "parameter concurrentWrites has an invalid value '0': allowed are whole numbers from 1",
            ),
            (
                "http://host/?pushInterval=0",
                "parameter pushInterval has an invalid value '0': it must be above zero",
            ),
            (
                "http://host/?tagsAsFields=a:b",
                "parameter tagsAsFields has an invalid value 'a:b': 'a:b': allowed are NAME, ",
            ),
        ] {
            let error = config(Some(argument), &[], &json!({})).expect_err(argument);
            assert!(error.starts_with(want), "{argument}: {error}");
        }
        let error = config(None, &[("K6_INFLUXDB_PUSH_INTERVAL", "soon")], &json!({}));
        let error = error.expect_err("that is no duration");
        assert!(
            error.starts_with("variable K6_INFLUXDB_PUSH_INTERVAL has an invalid value 'soon'")
        );
        assert!(config(None, &[("K6_INFLUXDB_PROXY", "http://proxy")], &json!({})).is_err());
    }
}
