//! Every flag and variable, and the configuration that they make.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, ArgMatches, CommandFactory, Parser, ValueEnum};
use http::StatusCode;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::log::Format;
use crate::{AssetSource, Config, RedirectSource};

/// A small web server: static assets, short-link redirects, and Prometheus metrics on a second
/// port.
///
/// Without --assets-dir it serves the site that it was built with, or else a demo site with fifty
/// short links. Every flag has a variable; the flag wins.
#[derive(Debug, Parser)]
#[command(name = "servy", version, max_term_width = 100)]
pub(super) struct Args {
    /// The folder to serve; a file that changes is served changed.
    #[arg(long, env = "SERVY_ASSETS_DIR", value_name = "DIR")]
    assets_dir: Option<PathBuf>,

    /// A file or an http(s) URL with the short links: one `alias URL` a line, `#` begins a
    /// comment. An alias is answered with a redirect unless a file has its name.
    #[arg(long, env = "SERVY_REDIRECTS_URL", value_name = "FILE|URL")]
    redirects: Option<String>,

    /// Start without redirects when their source fails, instead of not at all.
    #[arg(long, env = "SERVY_REDIRECTS_OPTIONAL")]
    redirects_optional: bool,

    /// An unknown alias makes servy read the list again, but no sooner than this many seconds
    /// after the last time.
    #[arg(long, env = "SERVY_REDIRECTS_MIN_REFRESH", value_name = "SECONDS", default_value_t = 10)]
    redirects_min_refresh: u64,

    /// The status of a redirect.
    #[arg(long, env = "SERVY_REDIRECT_STATUS", default_value = "308")]
    redirect_status: RedirectStatus,

    /// The name or address to listen on.
    #[arg(long, env = "SERVY_HOST", default_value = "127.0.0.1")]
    host: String,

    /// The port of the site; 0 lets the system choose one.
    #[arg(long, env = "SERVY_PORT", default_value_t = 8080)]
    port: u16,

    /// The port of /metrics, /healthz and /readyz; 0 lets the system choose one.
    #[arg(long, env = "SERVY_METRICS_PORT", value_name = "PORT", default_value_t = 8081)]
    metrics_port: u16,

    /// Answer /debug/pprof/profile?seconds=N on the metrics port with a CPU profile.
    #[cfg(feature = "pprof")]
    #[arg(long, env = "SERVY_PPROF")]
    pprof: bool,

    /// The least important messages to log: error, warn, info, debug, trace or off.
    #[arg(long, env = "SERVY_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: LevelFilter,

    /// How a line of the log looks.
    #[arg(long, env = "SERVY_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(super) log_format: Format,

    /// Log a line for each request.
    #[arg(
        long, env = "SERVY_ACCESS_LOG", value_name = "BOOL", default_value_t = true,
        action = ArgAction::Set,
    )]
    access_log: bool,

    /// How many requests are answered at a time; one more is answered with 503.
    #[arg(long, env = "SERVY_MAX_REQUESTS", value_name = "COUNT", default_value_t = 1024)]
    max_requests: usize,

    /// How many connections may be open; one more waits to be accepted. Each takes an open file
    /// of the system's limit, which servy raises as far as it may (ulimit -Hn).
    #[arg(
        long, env = "SERVY_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 8192,
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    max_connections: u32,

    /// The longest head of a request in bytes; a longer one is answered with 431.
    #[arg(
        long, env = "SERVY_MAX_HEADER_SIZE", value_name = "BYTES", default_value_t = 16_384,
        value_parser = clap::value_parser!(u32).range(8192..),
    )]
    max_header_size: u32,

    /// How many seconds finding a response may take; after that it is 408.
    #[arg(long, env = "SERVY_REQUEST_TIMEOUT", value_name = "SECONDS", default_value_t = 10)]
    request_timeout: u64,

    /// How many seconds the head of a request may take, from its first byte to its last.
    #[arg(long, env = "SERVY_HEADER_READ_TIMEOUT", value_name = "SECONDS", default_value_t = 10)]
    header_read_timeout: u64,

    /// How many seconds a connection may be open without a byte moving.
    #[arg(long, env = "SERVY_KEEP_ALIVE_TIMEOUT", value_name = "SECONDS", default_value_t = 60)]
    keep_alive_timeout: u64,

    /// How many requests a connection may have.
    #[arg(
        long,
        env = "SERVY_KEEP_ALIVE_REQUESTS",
        value_name = "COUNT",
        default_value_t = 100_000
    )]
    keep_alive_requests: u64,

    /// How many seconds requests may still run after SIGTERM or SIGINT.
    #[arg(long, env = "SERVY_SHUTDOWN_TIMEOUT", value_name = "SECONDS", default_value_t = 10)]
    shutdown_timeout: u64,

    /// Print the configuration that flags and variables make, as variables, and exit.
    #[arg(long)]
    pub(super) print_config: bool,
}

/// How a client is told that it is redirected for good.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RedirectStatus {
    /// Moved Permanently, which clients older than 2014 know, too.
    #[value(name = "301")]
    MovedPermanently,
    /// Permanent Redirect, which keeps the method of the request.
    #[value(name = "308")]
    PermanentRedirect,
}

impl From<Args> for Config {
    fn from(args: Args) -> Config {
        let assets = match args.assets_dir {
            Some(folder) => AssetSource::Dir(folder),
            None if crate::has_embedded_assets() => AssetSource::Embedded,
            None => AssetSource::Demo,
        };
        Config {
            redirects: match args.redirects {
                Some(place) => redirect_source(&place),
                None if assets == AssetSource::Demo => RedirectSource::Demo,
                None => RedirectSource::None,
            },
            assets,
            redirects_optional: args.redirects_optional,
            redirects_min_refresh: Duration::from_secs(args.redirects_min_refresh),
            redirect_status: match args.redirect_status {
                RedirectStatus::MovedPermanently => StatusCode::MOVED_PERMANENTLY,
                RedirectStatus::PermanentRedirect => StatusCode::PERMANENT_REDIRECT,
            },
            host: args.host,
            port: args.port,
            metrics_port: args.metrics_port,
            #[cfg(feature = "pprof")]
            pprof: args.pprof,
            access_log: args.access_log,
            max_requests: args.max_requests,
            max_connections: args.max_connections as usize,
            max_header_size: args.max_header_size as usize,
            request_timeout: Duration::from_secs(args.request_timeout),
            header_read_timeout: Duration::from_secs(args.header_read_timeout),
            keep_alive_timeout: Duration::from_secs(args.keep_alive_timeout),
            keep_alive_requests: args.keep_alive_requests,
            shutdown_timeout: Duration::from_secs(args.shutdown_timeout),
        }
    }
}

/// A URL with a scheme that can be fetched, or else the name of a file.
fn redirect_source(place: &str) -> RedirectSource {
    match Url::parse(place) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => RedirectSource::Url(url),
        _ => RedirectSource::File(place.into()),
    }
}

/// The value of every variable, as a shell reads it; those that have none as comments.
pub(super) fn print(matches: &ArgMatches) -> String {
    let command = Args::command();
    let line = |arg: &clap::Arg| {
        let variable = arg.get_env()?.to_string_lossy();
        let value = matches.get_raw(arg.get_id().as_str()).and_then(|mut values| values.next());
        Some(match value {
            Some(value) => format!("{variable}={}\n", quoted(&value.to_string_lossy())),
            None => format!("# {variable} is not set\n"),
        })
    };
    command.get_arguments().filter_map(line).collect()
}

fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Config {
        Args::parse_from([&["servy"], args].concat()).into()
    }

    #[test]
    fn without_flags_it_is_the_default_configuration() {
        assert_eq!(config(&[]), Config::default());
    }

    #[test]
    fn a_folder_of_its_own_has_no_demo_redirects() {
        let config = config(&["--assets-dir", "public"]);
        assert_eq!(config.assets, AssetSource::Dir("public".into()));
        assert_eq!(config.redirects, RedirectSource::None);
    }

    #[test]
    fn a_redirect_source_is_a_url_or_a_file() {
        let of = |place| config(&["--redirects", place]).redirects;
        assert!(matches!(of("https://example.com/list"), RedirectSource::Url(_)));
        assert!(matches!(of("http://127.0.0.1:9/list"), RedirectSource::Url(_)));
        assert_eq!(of("redirects.txt"), RedirectSource::File("redirects.txt".into()));
        assert_eq!(of("/etc/redirects"), RedirectSource::File("/etc/redirects".into()));
    }

    #[test]
    fn the_status_of_redirects_is_308_or_301() {
        assert_eq!(config(&["--redirect-status", "301"]).redirect_status, 301);
        assert!(Args::try_parse_from(["servy", "--redirect-status", "302"]).is_err());
    }

    #[test]
    fn the_configuration_is_printed_as_variables() {
        let flags = ["servy", "--assets-dir", "my site", "--port", "80", "--redirects-optional"];
        let printed = print(&Args::command().get_matches_from(flags));
        // This one is there only where profiles are compiled in.
        let printed = printed.replace("SERVY_PPROF=false\n", "");
        insta::assert_snapshot!(printed, @r#"
            SERVY_ASSETS_DIR='my site'
            # SERVY_REDIRECTS_URL is not set
            SERVY_REDIRECTS_OPTIONAL=true
            SERVY_REDIRECTS_MIN_REFRESH=10
            SERVY_REDIRECT_STATUS=308
            SERVY_HOST=127.0.0.1
            SERVY_PORT=80
            SERVY_METRICS_PORT=8081
            SERVY_LOG_LEVEL=info
            SERVY_LOG_FORMAT=text
            SERVY_ACCESS_LOG=true
            SERVY_MAX_REQUESTS=1024
            SERVY_MAX_CONNECTIONS=8192
            SERVY_MAX_HEADER_SIZE=16384
            SERVY_REQUEST_TIMEOUT=10
            SERVY_HEADER_READ_TIMEOUT=10
            SERVY_KEEP_ALIVE_TIMEOUT=60
            SERVY_KEEP_ALIVE_REQUESTS=100000
            SERVY_SHUTDOWN_TIMEOUT=10
            "#);
    }

    #[test]
    fn the_help_is_well_formed() {
        Args::command().debug_assert();
    }
}
