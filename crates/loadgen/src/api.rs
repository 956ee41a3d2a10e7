//! k6's REST API v1: watching and steering a running test over HTTP.
//!
//! | request | answer |
//! |---|---|
//! | `GET /v1/status` | what the test is doing, its VUs, whether it is paused, stopped, tainted |
//! | `PATCH /v1/status` | after `stopped`, or `paused` and then `vus` and `vus-max` were obeyed, the new status |
//! | `GET /v1/metrics`, `/v1/metrics/NAME` | metrics and submetrics that have a sample |
//! | `GET /v1/groups`, `/v1/groups/ID` | groups and their checks, parents before children |
//! | `GET /v1/setup` | the data of the setup function: always none, see below |
//! | `GET /`, `/ping` | `ok` |
//!
//! Bodies are JSON with k6's fields in k6's order. As in k6, metrics and groups come as
//! `text/plain`. A known path answers another method with 405 and no body.
//!
//! What differs from k6: `HEAD` works wherever `GET` does. A connection carries one request and is closed. Metrics come in the order
//! of the summary instead of at random. What a setup function in Rust returned is neither shown nor set, so `GET
//! /v1/setup` has no data, and `PUT` and `POST /v1/setup` and `POST /v1/teardown` are not there. A test that is over is answered with 503 as
//! long as the port is open.
//!
//! There is no password: whoever reaches the port steers the test, which is why an [`Address`]
//! without a host is one that only this machine can reach.
//!
//! Knows nothing of how a test runs: it asks a [`Control`].

pub mod client;
mod groups;
mod metrics;
mod problem;
pub mod resource;
mod routes;

use std::{io, net::SocketAddr, time::Duration};

use crate::{
    control::Control,
    serving::{self, Limits},
};

pub use crate::options::address::{Address, InvalidAddress};

/// For a request, what the test has to say to it, and the answer; connections at once.
const LIMITS: Limits = Limits { connections: 64, exchange: Some(Duration::from_secs(10)) };

/// A running API, on a thread of its own so that it never waits for a worker and no worker for it.
///
/// Dropping it ends it as [`stop`](Self::stop) does, without waiting.
#[derive(Debug)]
pub struct Server(serving::Server);

/// The API cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the REST API cannot be served on {address}: {source}")]
pub struct StartError {
    /// Where it was to be.
    pub address: Address,
    /// What the system says.
    pub source: io::Error,
}

impl Server {
    /// Listens on `address` and answers with what `control` says. What is asked before the test
    /// answers waits for it, for at most ten seconds.
    ///
    /// # Errors
    ///
    /// If the address cannot be had (it is in use, say), or no thread can be started.
    pub fn start(address: &Address, control: Control) -> Result<Self, StartError> {
        let start = || {
            let router = || routes::router(control);
            serving::Server::start("api", address.resolve()?, LIMITS, router)
        };
        start().map(Self).map_err(|source| StartError { address: address.clone(), source })
    }

    /// Where it listens, with the port that the system chose if it was to choose one.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Closes the port, waits up to a second for answers on their way, and cuts what is left.
    /// Blocks the calling thread as long.
    pub fn stop(self) {
        self.0.stop();
    }
}
