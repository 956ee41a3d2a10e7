//! servy as its clients see it: over real sockets, byte by byte.
#![allow(clippy::unwrap_used, missing_docs)]

mod assets;
mod client;
mod command;
mod embedded;
mod folder;
mod hostile;
mod http;
mod large;
mod limits;
mod load;
mod memory;
mod metrics;
mod process;
mod redirects;
mod refresh;
mod stop;
#[path = "../../build/table.rs"]
mod table;

use std::net::SocketAddr;

use servy::{Config, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server, on ports that the system chose.
struct Running {
    addr: SocketAddr,
    metrics_addr: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    async fn start(config: Config) -> Running {
        let server = Server::bind(Config { port: 0, metrics_port: 0, ..config }).await.unwrap();
        let (addr, metrics_addr) = (server.addr(), server.metrics_addr());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.serve(async { drop(stopped.await) }));
        Running { addr, metrics_addr, stop, served }
    }

    async fn demo() -> Running {
        Running::start(Config::default()).await
    }

    async fn get(&self, target: &str) -> client::Answer {
        client::send(self.addr, "GET", target, &[]).await
    }

    async fn metrics(&self) -> String {
        client::send(self.metrics_addr, "GET", "/metrics", &[]).await.text()
    }
}
