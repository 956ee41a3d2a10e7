//! HTTP servers beside a run, each on a thread of its own so that it never waits for a worker and no
//! worker for it. A client that is slow, mute or deaf costs a socket for a while and holds up nobody.
//!
//! Knows nothing of what is served.

mod impatient;

use std::{
    convert::Infallible,
    io,
    net::{self, SocketAddr},
    pin::pin,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};

use impatient::Impatient;

/// For the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// For what is under way when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// Bytes that the system keeps for a client at most, more or less. Left to itself it keeps megabytes,
/// which nobody sees in the memory of this process; a thousand clients that take nothing would have
/// gigabytes of it.
const UNSENT: usize = 64 << 10;

/// After a failed accept: most likely the process is out of file descriptors, and trying again at
/// once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a server puts up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at once; more wait. The test needs the file descriptors.
    pub(crate) connections: usize,
    /// For a request, what there is to do about it, and the answer; `None` for an answer that has no
    /// end.
    pub(crate) exchange: Option<Duration>,
}

/// A server. Dropping it ends it as [`stop`](Self::stop) does, without waiting.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    /// Nothing is ever sent: when this end goes, the server stops.
    stop: oneshot::Sender<Infallible>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Answers what arrives at `address` with what `router` returns, which is called on the thread
    /// of the server, in its runtime. A connection carries one request.
    ///
    /// # Errors
    ///
    /// If the address cannot be had (it is in use, say), or no thread can be started.
    pub(crate) fn start(
        name: &str,
        address: SocketAddr,
        limits: Limits,
        router: impl FnOnce() -> Router + Send + 'static,
    ) -> io::Result<Self> {
        let socket = net::TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        // Connections inherit it.
        SockRef::from(&socket).set_send_buffer_size(UNSENT)?;
        let address = socket.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::channel::<io::Result<()>>();
        let thread = thread::Builder::new().name(name.into()).spawn(move || {
            // Made here, for no runtime may be dropped on a thread that runs another one.
            let serve = || {
                let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async {
                    let listener = TcpListener::from_std(socket)?;
                    let router = router();
                    // Whoever started it waits for this.
                    let _ = report.send(Ok(()));
                    serve(listener, router, limits, stopped).await;
                    Ok(())
                })
            };
            if let Err(error) = serve() {
                let _ = report.send(Err(error));
            }
        })?;
        started.recv().map_err(io::Error::other)??;
        Ok(Self { address, stop, thread })
    }

    /// Where it listens, with the port that the system chose if it was to choose one.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port, waits up to a second for answers on their way, and cuts what is left.
    /// Blocks the calling thread as long.
    pub(crate) fn stop(self) {
        drop(self.stop);
        // Had it panicked, it would have said so.
        let _ = self.thread.join();
    }
}

/// Answers what arrives at `listener` until the other end of `stop` is dropped.
async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: oneshot::Receiver<Infallible>,
) {
    let mut stop = pin!(stop);
    let mut exchanges = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(_) = exchanges.join_next() => {}
            accepted = listener.accept(), if exchanges.len() < limits.connections => match accepted {
                Ok((stream, _)) => drop(exchanges.spawn(exchange(stream, router.clone(), limits))),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    // Over or not, what is left is cut by dropping it.
    let _ = timeout(GRACE, async { while exchanges.join_next().await.is_some() {} }).await;
}

async fn exchange(stream: TcpStream, router: Router, limits: Limits) {
    let connection = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        // As k6 writes them: there are scripts that look for `Content-Type`.
        .title_case_headers(true)
        .serve_connection(TokioIo::new(Impatient::new(stream)), TowerToHyperService::new(router));
    // Whether it failed or took too long, the client sees its connection closed.
    match limits.exchange {
        Some(limit) => drop(timeout(limit, connection).await),
        None => drop(connection.await),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use axum::{body::Body, routing::get};
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const EXCHANGE: Duration = Duration::from_secs(10);

    /// An answer without an end, for a client that takes nothing.
    #[test]
    fn little_waits_for_a_client_that_takes_nothing() {
        const CHUNK: usize = 100_000;
        let made = Arc::new(AtomicUsize::new(0));
        let counted = made.clone();
        let endless = move || {
            let counted = counted.clone();
            Body::from_stream(stream::repeat_with(move || {
                counted.fetch_add(CHUNK, Ordering::Relaxed);
                Ok::<_, Infallible>(vec![0; CHUNK])
            }))
        };
        let limits = Limits { connections: 1, exchange: None };
        let address = "127.0.0.1:0".parse().expect("an address");
        let router = || Router::new().route("/", get(async move || endless()));
        let server = Server::start("test", address, limits, router).expect("a port");
        let mut client = net::TcpStream::connect(server.address()).expect("a connection");
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("room in the socket");
        let mut before = 0;
        let until_it_makes_no_more = loop {
            thread::sleep(Duration::from_secs(1));
            match made.load(Ordering::Relaxed) {
                now if now > 0 && now == before => break now,
                now => before = now,
            }
        };
        assert!((CHUNK..1_500_000).contains(&until_it_makes_no_more), "{before}");
    }

    /// The clock is paused: time passes when everyone waits for it.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_request_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (_stop, stopped) = oneshot::channel();
        let limits = Limits { connections: 64, exchange: Some(EXCHANGE) };
        tokio::spawn(serve(listener, Router::new(), limits, stopped));

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
