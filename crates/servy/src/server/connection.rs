//! The connections of one listening socket: accepted, driven, and finished in good order.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::{debug, warn};

use crate::respond::Body;

/// A client that is slower than this with the head of a request is let go.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause after a failed accept: most likely the process has no file descriptor left, and
/// trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A listening socket with what answers on it. Dropped, it cuts every connection.
pub(super) struct Connections<F> {
    socket: TcpListener,
    respond: Arc<F>,
    builder: Builder<TokioExecutor>,
    running: JoinSet<()>,
    stop: GracefulShutdown,
}

impl<F, Fut> Connections<F>
where
    F: Fn(Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    pub(super) fn new(socket: TcpListener, respond: F) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
        builder.http2().timer(TokioTimer::new());
        let (respond, running) = (Arc::new(respond), JoinSet::new());
        Connections { socket, respond, builder, running, stop: GracefulShutdown::new() }
    }

    /// Accepts connections and answers on them, for ever.
    pub(super) async fn accept(&mut self) {
        loop {
            tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => self.start(stream),
                    Err(error) => refused(&error).await,
                },
                Some(_) = self.running.join_next() => {}
            }
        }
    }

    fn start(&mut self, stream: TcpStream) {
        // Heads and small bodies leave in one write; waiting to fill a packet only adds latency.
        if let Err(error) = stream.set_nodelay(true) {
            debug!("nodelay: {error}");
        }
        let respond = Arc::clone(&self.respond);
        let service = service_fn(move |request| {
            let response = respond(request);
            async move { Ok::<_, Infallible>(response.await) }
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = self.stop.watch(connection);
        self.running.spawn(async move {
            if let Err(error) = connection.await {
                debug!("connection: {error}");
            }
        });
    }

    /// Closes the socket, lets each connection finish the request that runs, and returns when
    /// the last one is done.
    pub(super) async fn finish(self) {
        let Connections { socket, mut running, stop, .. } = self;
        drop(socket);
        stop.shutdown().await;
        while running.join_next().await.is_some() {}
    }
}

async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    // These are the client's doing and say nothing about the next one.
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        warn!("cannot accept a connection: {error}");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}
