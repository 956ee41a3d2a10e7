//! What is served, where, and how much of it. Plain data; it knows nothing of flags, files or
//! sockets.

use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use url::Url;

/// Where the files of the site come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetSource {
    /// The demo site, see [`demo`](crate::demo).
    Demo,
    /// The folder that was in `SERVY_ASSETS_DIR` when servy was built; empty if there was none.
    Embedded,
    /// A folder, read at run time: a file that changes is served changed.
    Dir(PathBuf),
}

/// Where the list of short links comes from: one `alias URL` a line, `#` begins a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectSource {
    /// No short links.
    None,
    /// The fifty short links of the demo site, see [`demo::redirects`](crate::demo::redirects).
    Demo,
    /// The list itself.
    Inline(String),
    /// A file that holds the list.
    File(PathBuf),
    /// An `http` or `https` URL that answers with the list.
    Url(Url),
}

/// The configuration of one server. [`Config::default`] is the demo site on `127.0.0.1:8080`
/// with its metrics on port 8081.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The files of the site.
    pub assets: AssetSource,
    /// The short links of the site.
    pub redirects: RedirectSource,
    /// Start without redirects when their source fails.
    pub redirects_optional: bool,
    /// An unknown alias makes servy read the list again, but no sooner than this after the last
    /// time.
    pub redirects_min_refresh: Duration,
    /// The status of a redirect: 308, or 301 for clients that know no better.
    pub redirect_status: StatusCode,

    /// The name or address to listen on.
    pub host: String,
    /// The port of the site; 0 lets the system choose one.
    pub port: u16,
    /// The port of `/metrics`; 0 lets the system choose one.
    pub metrics_port: u16,
    /// Answer `/debug/pprof/profile?seconds=N` on the metrics port with a CPU profile.
    #[cfg(feature = "pprof")]
    pub pprof: bool,
    /// Log a line for each request, at level info.
    pub access_log: bool,

    /// How many requests are answered at a time; one more is answered with 503.
    pub max_requests: usize,
    /// How many connections may be open; one more waits to be accepted.
    pub max_connections: usize,
    /// The longest head of a request in bytes, at least 8192; a longer one is answered with 431.
    pub max_header_size: usize,
    /// How long finding a response may take; after that it is 408.
    pub request_timeout: Duration,
    /// How long the head of a request may take, from its first byte to its last.
    pub header_read_timeout: Duration,
    /// How long a connection may be open without a byte moving.
    pub keep_alive_timeout: Duration,
    /// How many requests a connection may have.
    pub keep_alive_requests: u64,
    /// How long requests may still run once the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            assets: AssetSource::Demo,
            redirects: RedirectSource::Demo,
            redirects_optional: false,
            redirects_min_refresh: Duration::from_secs(10),
            redirect_status: StatusCode::PERMANENT_REDIRECT,
            host: "127.0.0.1".to_owned(),
            port: 8080,
            metrics_port: 8081,
            #[cfg(feature = "pprof")]
            pprof: false,
            access_log: true,
            max_requests: 1024,
            max_connections: 8192,
            max_header_size: 16 << 10,
            request_timeout: Duration::from_secs(10),
            header_read_timeout: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(60),
            keep_alive_requests: 100_000,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}
