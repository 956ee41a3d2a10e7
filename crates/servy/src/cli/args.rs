//! Every flag and variable, and the configuration that they make.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Parser, ValueEnum};
use http::StatusCode;
use tracing_subscriber::filter::LevelFilter;

use super::log::Format;
use super::values::{log_level, number, redirect_source, seconds};
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
    #[arg(
        long, env = "SERVY_REDIRECTS_URL", value_name = "FILE|URL",
        value_parser = redirect_source,
    )]
    redirects: Option<RedirectSource>,

    /// Start without redirects when their source fails, instead of not at all.
    #[arg(long, env = "SERVY_REDIRECTS_OPTIONAL")]
    redirects_optional: bool,

    /// An unknown alias makes servy read the list again, but no sooner than this many seconds
    /// after the last time.
    #[arg(
        long, env = "SERVY_REDIRECTS_MIN_REFRESH", value_name = "SECONDS", default_value = "10",
        value_parser = seconds(0),
    )]
    redirects_min_refresh: Duration,

    /// The status of a redirect.
    #[arg(long, env = "SERVY_REDIRECT_STATUS", value_name = "STATUS", default_value = "308")]
    redirect_status: RedirectStatus,

    /// The name or address to listen on.
    #[arg(
        long, env = "SERVY_HOST", default_value = "127.0.0.1",
        value_parser = NonEmptyStringValueParser::new(),
    )]
    host: String,

    /// The port of the site; 0 lets the system choose one.
    #[arg(
        long, env = "SERVY_PORT", default_value_t = 8080,
        value_parser = number::<u16>(0..=65_535),
    )]
    port: u16,

    /// The port of /metrics, /healthz and /readyz; 0 lets the system choose one.
    #[arg(
        long, env = "SERVY_METRICS_PORT", value_name = "PORT", default_value_t = 8081,
        value_parser = number::<u16>(0..=65_535),
    )]
    metrics_port: u16,

    /// Answer /debug/pprof/profile?seconds=N on the metrics port with a CPU profile.
    #[cfg(feature = "pprof")]
    #[arg(long, env = "SERVY_PPROF")]
    pprof: bool,

    /// The least important messages to log: error, warn, info, debug, trace or off.
    #[arg(
        long, env = "SERVY_LOG_LEVEL", value_name = "LEVEL", default_value = "info",
        value_parser = log_level,
    )]
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
    #[arg(
        long, env = "SERVY_MAX_REQUESTS", value_name = "COUNT", default_value_t = 1024,
        value_parser = number::<usize>(1..=u64::MAX),
    )]
    max_requests: usize,

    /// How many connections may be open; one more waits to be accepted. Each takes an open file
    /// of the system's limit, which servy raises as far as it may (ulimit -Hn).
    #[arg(
        long, env = "SERVY_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 8192,
        value_parser = number::<usize>(1..=u64::MAX),
    )]
    max_connections: usize,

    /// The longest head of a request in bytes; a longer one is answered with 431.
    #[arg(
        long, env = "SERVY_MAX_HEADER_SIZE", value_name = "BYTES", default_value_t = 16_384,
        value_parser = number::<usize>(8192..=1 << 30),
    )]
    max_header_size: usize,

    /// How many seconds finding a response may take; after that it is 408.
    #[arg(
        long, env = "SERVY_REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "10",
        value_parser = seconds(1),
    )]
    request_timeout: Duration,

    /// How many seconds the head of a request may take, from its first byte to its last.
    #[arg(
        long, env = "SERVY_HEADER_READ_TIMEOUT", value_name = "SECONDS", default_value = "10",
        value_parser = seconds(1),
    )]
    header_read_timeout: Duration,

    /// How many seconds a connection may be open without a byte moving.
    #[arg(
        long, env = "SERVY_KEEP_ALIVE_TIMEOUT", value_name = "SECONDS", default_value = "60",
        value_parser = seconds(1),
    )]
    keep_alive_timeout: Duration,

    /// How many requests a connection may have.
    #[arg(
        long, env = "SERVY_KEEP_ALIVE_REQUESTS", value_name = "COUNT", default_value_t = 100_000,
        value_parser = number::<u64>(1..=u64::MAX),
    )]
    keep_alive_requests: u64,

    /// How many seconds requests may still run after SIGTERM or SIGINT.
    #[arg(
        long, env = "SERVY_SHUTDOWN_TIMEOUT", value_name = "SECONDS", default_value = "10",
        value_parser = seconds(0),
    )]
    shutdown_timeout: Duration,

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
                Some(source) => source,
                None if assets == AssetSource::Demo => RedirectSource::Demo,
                None => RedirectSource::None,
            },
            assets,
            redirects_optional: args.redirects_optional,
            redirects_min_refresh: args.redirects_min_refresh,
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
            max_connections: args.max_connections,
            max_header_size: args.max_header_size,
            request_timeout: args.request_timeout,
            header_read_timeout: args.header_read_timeout,
            keep_alive_timeout: args.keep_alive_timeout,
            keep_alive_requests: args.keep_alive_requests,
            shutdown_timeout: args.shutdown_timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

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
    fn the_status_of_redirects_is_308_or_301() {
        assert_eq!(config(&["--redirect-status", "301"]).redirect_status, 301);
        assert!(Args::try_parse_from(["servy", "--redirect-status", "302"]).is_err());
    }

    #[test]
    fn the_help_is_well_formed() {
        Args::command().debug_assert();
    }
}
