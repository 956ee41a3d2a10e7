//! Listens, answers, and stops in good order.
//!
//! It knows nothing of what the site answers.

mod activity;
mod admin;
mod connection;
mod host;
#[cfg(feature = "pprof")]
mod profile;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::app::App;
use crate::builder::Builder;
use crate::config::{AssetSource, Config};
use crate::error::Error;
use admin::Admin;
use connection::Connections;

/// A server that has its ports and its site, and does not answer yet.
///
/// Dropped, it gives the ports back.
pub struct Server {
    site: Listener,
    admin: Listener,
    app: App,
    config: Config,
}

struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Server {
    /// Begins with the demo site on free ports.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Reads the site and takes the ports. From here on clients can connect; they are answered
    /// once [`serve`](Server::serve) runs.
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or the assets or the redirects cannot be read.
    pub async fn bind(config: Config) -> Result<Server, Error> {
        let site = Listener::bind("--port", &config.host, config.port).await?;
        let admin = Listener::bind("--metrics-port", &config.host, config.metrics_port).await?;
        let app = App::new(&config).await?;
        match &config.assets {
            AssetSource::Demo => info!("serving the demo site; --assets-dir serves yours"),
            AssetSource::Embedded => info!("serving the site that servy was built with"),
            AssetSource::Dir(folder) => info!("serving {}", folder.display()),
        }
        info!("site on http://{}/, metrics on http://{}/metrics", site.addr, admin.addr);
        Ok(Server { site, admin, app, config })
    }

    /// The address of the site, its port included.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.site.addr
    }

    /// The address of `/metrics`, its port included.
    #[must_use]
    pub fn metrics_addr(&self) -> SocketAddr {
        self.admin.addr
    }

    /// Serves until `shutdown` completes. Then no connection is accepted any more, what runs is
    /// finished for at most [`Config::shutdown_timeout`], and what is still open is cut.
    ///
    /// Dropping the future cuts every connection.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let Server { site, admin, app, config } = self;
        let stopping = Arc::new(AtomicBool::new(false));
        let answers = Admin {
            app: app.clone(),
            stopping: Arc::clone(&stopping),
            #[cfg(feature = "pprof")]
            pprof: config.pprof,
        };
        let mut admin = Connections::new(admin.socket, &config, move |request| {
            answers.clone().respond(request)
        });
        let mut site = Connections::new(site.socket, &config, move |request| {
            let app = app.clone();
            async move { app.respond(request).await }
        });
        tokio::select! {
            () = shutdown => {}
            () = site.accept() => {}
            () = admin.accept() => {}
        }
        info!("stopping");
        stopping.store(true, Ordering::Relaxed);
        tokio::select! {
            finished = tokio::time::timeout(config.shutdown_timeout, site.finish()) => {
                if finished.is_err() {
                    warn!("connections were still busy after {:?}", config.shutdown_timeout);
                }
            }
            () = admin.accept() => {}
        }
    }
}

impl Listener {
    async fn bind(flag: &'static str, host: &str, port: u16) -> Result<Listener, Error> {
        let bound = async {
            let socket = TcpListener::bind((host, port)).await?;
            Ok(Listener { addr: socket.local_addr()?, socket })
        };
        bound.await.map_err(|source| Error::Listen { flag, host: host.to_owned(), port, source })
    }
}
