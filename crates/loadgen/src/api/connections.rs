//! Connections: each carries one request and one answer and has a time limit for all of it. A
//! client that is slow, mute or deaf costs a socket for that long and holds up nobody.

use std::{convert::Infallible, pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};

/// For the request, what the test has to say to it, and the answer.
const EXCHANGE: Duration = Duration::from_secs(10);

/// For what is under way when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// Connections at once; more wait. The test needs the file descriptors.
const CONNECTIONS: usize = 64;

/// After a failed accept: most likely the process is out of file descriptors, and trying again at
/// once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers what arrives at `listener` until the other end of `stop` is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: oneshot::Receiver<Infallible>,
) {
    let mut stop = pin!(stop);
    let mut exchanges = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(_) = exchanges.join_next() => {}
            accepted = listener.accept(), if exchanges.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(exchanges.spawn(exchange(stream, router.clone()))),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    // Over or not, what is left is cut by dropping it.
    let _ = timeout(GRACE, async { while exchanges.join_next().await.is_some() {} }).await;
}

async fn exchange(stream: TcpStream, router: Router) {
    let connection = http1::Builder::new()
        .keep_alive(false)
        // As k6 writes them: there are scripts that look for `Content-Type`.
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // Whether it failed or took too long, the client sees its connection closed.
    let _ = timeout(EXCHANGE, connection).await;
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// The clock is paused: time passes when everyone waits for it.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_request_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (_stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, Router::new(), stopped));

        for begun in ["", "GET / HT", "PATCH / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"] {
            let mut client = TcpStream::connect(address).await.expect("a connection");
            client.write_all(begun.as_bytes()).await.expect("room in the socket");
            let mut answer = Vec::new();
            let cut = timeout(2 * EXCHANGE, client.read_to_end(&mut answer)).await;
            // Reset or closed, it is over.
            assert!(cut.is_ok(), "{begun}");
        }
    }
}
