//! What is served, and where. Plain data; it knows nothing of flags, files or sockets.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

/// Where the files of the site come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetSource {
    /// The demo site, see [`demo`](crate::demo).
    Demo,
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
    /// The name or address to listen on.
    pub host: String,
    /// The port of the site; 0 lets the system choose one.
    pub port: u16,
    /// The port of `/metrics`; 0 lets the system choose one.
    pub metrics_port: u16,
    /// How long requests may still run once the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            assets: AssetSource::Demo,
            redirects: RedirectSource::Demo,
            host: "127.0.0.1".to_owned(),
            port: 8080,
            metrics_port: 8081,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}
