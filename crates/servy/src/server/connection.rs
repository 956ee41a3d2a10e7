//! The connections of one listening socket: accepted, watched, and finished in good order.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Future, ready};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::activity::{Activity, Limits, Watched};
use super::host;
use crate::config::Config;
use crate::respond::{self, Body};

/// The pause after a failed accept: most likely the process has no file descriptor left, and
/// trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A stopping server closes a connection once it is quiet for so long. A request that is on its
/// way when the stop begins is still answered, and its answer says that it is the last one.
const QUIET: Duration = Duration::from_millis(200);

/// No connection is waited for longer than this to become quiet.
const LINGER: Duration = Duration::from_secs(1);

/// A limit of time beyond this is as good as none, and no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// hyper reads heads into a buffer of at least this many bytes.
const MIN_HEADER_SIZE: usize = 8192;

/// A listening socket with what answers on it. Dropped, it cuts every connection.
pub(super) struct Connections<F> {
    socket: TcpListener,
    shared: Arc<Shared<F>>,
    permits: Arc<Semaphore>,
    running: JoinSet<()>,
    stop: CancellationToken,
}

struct Shared<F> {
    respond: F,
    protocol: Builder<TokioExecutor>,
    limits: Limits,
    max_requests: u64,
}

impl<F, Fut> Connections<F>
where
    F: Fn(Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    pub(super) fn new(socket: TcpListener, config: &Config, respond: F) -> Self {
        let limits = Limits {
            head: config.header_read_timeout.min(LONGEST),
            idle: config.keep_alive_timeout.min(LONGEST),
        };
        let shared = Shared {
            respond,
            protocol: protocol(config.max_header_size),
            limits,
            max_requests: config.keep_alive_requests,
        };
        Connections {
            socket,
            shared: Arc::new(shared),
            permits: Arc::new(Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS))),
            running: JoinSet::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Accepts connections and answers on them, for ever.
    pub(super) async fn accept(&mut self) {
        loop {
            tokio::select! {
                accepted = accept(&self.socket, &self.permits) => match accepted {
                    Ok((stream, permit)) => self.start(stream, permit),
                    Err(error) => refused(&error).await,
                },
                Some(_) = self.running.join_next() => {}
            }
        }
    }

    fn start(&mut self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let connection = Arc::clone(&self.shared).run(stream, self.stop.clone());
        self.running.spawn(async move {
            connection.await;
            drop(permit);
        });
    }

    /// Closes the socket, lets each connection finish what runs, and returns when the last one
    /// is done. Clients that the system has connected already are not turned away.
    pub(super) async fn finish(mut self) {
        while let Some(Ok((stream, permit))) = tokio::select! {
            biased;
            accepted = accept(&self.socket, &self.permits) => Some(accepted),
            () = ready(()) => None,
        } {
            self.start(stream, permit);
        }
        drop(self.socket);
        self.stop.cancel();
        while self.running.join_next().await.is_some() {}
    }
}

async fn accept(
    socket: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = socket.accept().await?;
    // Heads and small bodies leave in one write; waiting to fill a packet only adds latency.
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    // These are the client's doing and say nothing about the next one.
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput
    ) {
        warn!("cannot accept a connection: {error}");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// HTTP/1.1 and HTTP/2, whichever the client begins with. Time is [`Activity`]'s business.
fn protocol(max_header_size: usize) -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    protocol.http1().header_read_timeout(None).max_buf_size(max_header_size.max(MIN_HEADER_SIZE));
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .max_header_list_size(u32::try_from(max_header_size).unwrap_or(u32::MAX));
    protocol
}

impl<F, Fut> Shared<F>
where
    F: Fn(Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    async fn run(self: Arc<Self>, stream: TcpStream, stop: CancellationToken) {
        let activity = Arc::new(Activity::new(self.limits));
        let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let (closing, requests) = (AtomicBool::new(false), AtomicU64::new(0));
        let used_up = Notify::new();
        let service = service_fn(|request: Request<Incoming>| {
            let is_last = requests.fetch_add(1, Ordering::Relaxed) + 1 >= self.max_requests
                || closing.load(Ordering::Relaxed);
            let multiplexed = request.version() > Version::HTTP_11;
            if is_last && multiplexed {
                used_up.notify_one();
            }
            let answering = activity.answer(multiplexed);
            let response = host::is_named(&request).then(|| (self.respond)(request));
            async move {
                let mut response = match response {
                    Some(response) => response.await,
                    None => respond::text(StatusCode::BAD_REQUEST, "expected one host\n"),
                };
                drop(answering);
                // HTTP/2 has its own way to say goodbye, and forbids this one.
                if is_last && !multiplexed {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, Infallible>(response)
            }
        });
        let mut connection = pin!(self.protocol.serve_connection(stream, service));
        let stopped = async {
            stop.cancelled().await;
            closing.store(true, Ordering::Relaxed);
            quiet(&activity).await;
        };
        tokio::select! {
            ended = &mut connection => return report(ended),
            () = activity.expired() => return debug!("a client was too slow"),
            () = stopped => {}
            () = used_up.notified() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection => report(ended),
            () = activity.expired() => debug!("a client was too slow"),
        }
    }
}

/// A connection that fails is the client's affair, and of interest to nobody else.
fn report<E: Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        debug!("connection: {error}");
    }
}

/// Completes when the connection is quiet, or has had its time to become so.
async fn quiet(activity: &Activity) {
    let quiet = async {
        while !activity.is_idle_for(QUIET) {
            tokio::time::sleep(QUIET / 4).await;
        }
    };
    // Either way it is time to end.
    let _ = tokio::time::timeout(LINGER, quiet).await;
}
