//! A server put together call by call, for programs that find that easier to read than a
//! [`Config`].

use crate::{AssetSource, Config, Error, RedirectSource, Server};

/// Begins as the demo site on `127.0.0.1`, on ports that the system chooses. Made by
/// [`Server::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder(Config);

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder(Config { port: 0, metrics_port: 0, ..Config::default() })
    }

    /// The files of the site.
    pub fn assets(mut self, assets: AssetSource) -> Builder {
        self.0.assets = assets;
        self
    }

    /// The short links of the site.
    pub fn redirects(mut self, redirects: RedirectSource) -> Builder {
        self.0.redirects = redirects;
        self
    }

    /// The port of the site.
    pub fn port(mut self, port: u16) -> Builder {
        self.0.port = port;
        self
    }

    /// The port of `/metrics`.
    pub fn metrics_port(mut self, port: u16) -> Builder {
        self.0.metrics_port = port;
        self
    }

    /// Everything else, see [`Config`].
    pub fn configure(mut self, change: impl FnOnce(&mut Config)) -> Builder {
        change(&mut self.0);
        self
    }

    /// Takes the ports, see [`Server::bind`].
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or the assets or the redirects cannot be read.
    pub async fn bind(self) -> Result<Server, Error> {
        Server::bind(self.0).await
    }

    /// The site without a socket, see [`router`](crate::router).
    ///
    /// # Errors
    ///
    /// When the assets or the redirects cannot be read.
    pub async fn router(self) -> Result<axum::Router, Error> {
        crate::router(self.0).await
    }
}
