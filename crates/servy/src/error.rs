//! Why a server could not start. Each message is one line and names the flag to change.

use std::io;
use std::path::PathBuf;

use url::Url;

/// What can be wrong with a configuration. A server that has started has no errors of its own:
/// what goes wrong afterwards goes wrong for one client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The asset folder is missing, unreadable, or no folder.
    #[error("--assets-dir: cannot serve {}: {source}", path.display())]
    Assets {
        /// The folder as it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file with the list of redirects cannot be read.
    #[error("--redirects: cannot read {}: {source}", path.display())]
    RedirectsFile {
        /// The file as it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The URL with the list of redirects did not answer with a list.
    #[error("--redirects: cannot fetch {url}: {reason}")]
    RedirectsUrl {
        /// The URL as it was given.
        url: Url,
        /// What went wrong, in a few words.
        reason: String,
    },
    /// The address is taken, not ours, or does not exist.
    #[error("{flag}: cannot listen on {host}:{port}: {source}")]
    Listen {
        /// The flag that names the port.
        flag: &'static str,
        /// The host as it was given.
        host: String,
        /// The port as it was given.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The handlers for SIGTERM and SIGINT could not be installed.
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
}
