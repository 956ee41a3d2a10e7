//! The HTTP client against real sockets.

mod errors;
mod http1;
mod in_process;
mod pool;
mod reach;
mod redirects;
mod requests;
mod timings;
mod tls;

use std::{net::SocketAddr, sync::Arc};

use loadgen::http::{Client, Error, HttpConfig, Network, Request, Response, Timings};

/// Runs a test where clients live: on a runtime of one thread.
fn run<T>(test: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build_local(Default::default()).unwrap().block_on(test)
}

fn client(config: &HttpConfig) -> Client {
    Client::new(Arc::new(Network::new(config.clone(), None)))
}

/// What a sink was told.
#[derive(Debug, Clone)]
struct Seen {
    method: String,
    url: String,
    status: u16,
    expected: bool,
    proto: Option<&'static str>,
    tls_version: Option<&'static str>,
    remote: Option<SocketAddr>,
    error: Option<Error>,
    error_code: Option<u16>,
    timings: Timings,
}

async fn send(client: &Client, request: &Request) -> (Response, Vec<Seen>) {
    let mut seen = Vec::new();
    let response = client
        .send(request, &mut |hop| {
            seen.push(Seen {
                method: hop.method.to_string(),
                url: hop.url.to_owned(),
                status: hop.status,
                expected: hop.expected,
                proto: hop.proto,
                tls_version: hop.tls_version,
                remote: hop.remote,
                error: hop.error.cloned(),
                error_code: hop.error_code().map(|code| code.0),
                timings: hop.timings,
            });
        })
        .await;
    (response, seen)
}

/// Sends one GET that keeps the body, and is not redirected.
async fn get(client: &Client, url: impl Into<String>) -> (Response, Seen) {
    let request = Request::get(url).keep_body(true).build(client.network().config()).unwrap();
    let (response, mut seen) = send(client, &request).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    (response, seen.remove(0))
}
