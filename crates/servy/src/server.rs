//! Listens, accepts connections, and stops in good order.
//!
//! It knows nothing of what is answered.

mod connection;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::app::App;
use crate::config::{AssetSource, Config};
use crate::error::Error;
use crate::respond::{self, Body};
use connection::Connections;

/// A server that has its ports and its site, and does not answer yet.
///
/// Dropped, it gives the ports back.
pub struct Server {
    site: Listener,
    metrics: Listener,
    app: App,
    shutdown_timeout: Duration,
}

struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Server {
    /// Reads the site and takes the ports. From here on clients can connect; they are answered
    /// once [`serve`](Server::serve) runs.
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or the assets or the redirects cannot be read.
    pub async fn bind(config: Config) -> Result<Server, Error> {
        let site = Listener::bind("--port", &config.host, config.port).await?;
        let metrics = Listener::bind("--metrics-port", &config.host, config.metrics_port).await?;
        let app = App::new(&config).await?;
        if config.assets == AssetSource::Demo {
            info!("serving the demo site, because --assets-dir names no folder");
        }
        info!("site on http://{}/, metrics on http://{}/metrics", site.addr, metrics.addr);
        Ok(Server { site, metrics, app, shutdown_timeout: config.shutdown_timeout })
    }

    /// The address of the site, its port included.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.site.addr
    }

    /// The address of `/metrics`, its port included.
    #[must_use]
    pub fn metrics_addr(&self) -> SocketAddr {
        self.metrics.addr
    }

    /// Serves until `shutdown` completes. Then no connection is accepted any more, requests that
    /// run are answered for at most [`Config::shutdown_timeout`], and what is still open is cut.
    ///
    /// Dropping the future cuts every connection.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let Server { site, metrics, app, shutdown_timeout } = self;
        let admin = app.clone();
        let mut site = Connections::new(site.socket, move |request| {
            let app = app.clone();
            async move { app.respond(request).await }
        });
        let mut metrics = Connections::new(metrics.socket, move |request| {
            std::future::ready(admin_response(&admin, &request))
        });
        tokio::select! {
            () = shutdown => {}
            () = site.accept() => {}
            () = metrics.accept() => {}
        }
        info!("stopping");
        let finish = async { tokio::join!(site.finish(), metrics.finish()) };
        if tokio::time::timeout(shutdown_timeout, finish).await.is_err() {
            warn!("stopped after {shutdown_timeout:?} with requests unanswered");
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

/// Answers a request on the metrics port.
fn admin_response(app: &App, request: &Request<Incoming>) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => {
            let mut response = Response::new(Body::from(app.metrics()));
            let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
            response
        }
        (_, "/metrics") => respond::method_not_allowed(),
        _ => respond::plain(StatusCode::NOT_FOUND, "not found\n"),
    }
}
