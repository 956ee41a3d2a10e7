//! The server that an output speaks to: a connection to it, and requests with their answers.
//!
//! The [client](crate::http) that makes the load has its clocks in every step and offers nothing
//! that k6 does not. This one measures nothing, and knows what collectors want: certificates of its
//! own, HTTP/2 without TLS, trailers. It does not know what is in the requests.

mod poster;
mod tls;

use std::{cell::RefCell, future::Future, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::spawn_local,
    time::timeout,
};
use url::Url;

use self::tls::Tls;
use super::failure::Failure;
use crate::options::notation::Reason;

pub(super) use self::{
    poster::{Poster, USER_AGENT},
    tls::{TlsSettings, TlsVersion},
};

/// Bytes of an answer that are read.
const MOST_OF_ANSWER: usize = 64 * 1024;

/// Which HTTP is spoken, from the first byte on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// HTTP/1.1
    Http1,
    /// HTTP/2, with or without TLS.
    Http2,
}

/// See the module. Lives on one thread, in whose runtime its connection is driven.
pub(super) struct Peer {
    host: String,
    port: u16,
    tls: Option<Tls>,
    version: Version,
    patience: Duration,
    connection: RefCell<Option<Connection>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// Its content.
    pub(super) body: Bytes,
    /// What came behind the content.
    pub(super) trailers: HeaderMap,
}

impl Answer {
    /// The failure that an answer with this status is.
    pub(super) fn failure(&self) -> Failure {
        Failure::of_answer(self.status, &self.headers, &self.body)
    }
}

impl Peer {
    /// The server of `url`, of which scheme, host and port count. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// It is no URL of HTTP, or the certificates cannot be used.
    pub(super) fn new(
        url: &Url,
        version: Version,
        tls: &TlsSettings,
        patience: Duration,
    ) -> Result<Self, Reason> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err("the URL has no host".into());
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        let tls = match url.scheme() {
            "http" => None,
            "https" => Some(Tls::new(&host, version, tls)?),
            other => return Err(format!("'{other}' is neither http nor https").into()),
        };
        Ok(Self { host, port, tls, version, patience, connection: RefCell::default() })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    ///
    /// There was no answer within the time that was given, or it was none. That may pass.
    pub(super) async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let answer = timeout(self.patience, self.attempt(request)).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(format!("no answer within {} s", self.patience.as_secs_f64()).into())
        });
        answer.map_err(|reason| Failure::passing(chain(&*reason)))
    }

    async fn attempt(&self, request: Request<Full<Bytes>>) -> Result<Answer, Reason> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let answer = match &mut connection {
            Connection::Http1(sender) => sender.send_request(request).await?,
            Connection::Http2(sender) => sender.send_request(request).await?,
        };
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST_OF_ANSWER).collect().await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        *self.connection.borrow_mut() = Some(connection);
        let (status, headers) = (head.status, head.headers);
        Ok(Answer { status, headers, body: body.to_bytes(), trailers })
    }

    /// The connection of the last request, if it is still good. Taken out, so that one that fails is
    /// not used again.
    async fn kept(&self) -> Option<Connection> {
        let mut connection = self.connection.take()?;
        let ready = match &mut connection {
            Connection::Http1(sender) => sender.ready().await,
            Connection::Http2(sender) => sender.ready().await,
        };
        ready.is_ok().then_some(connection)
    }

    async fn connect(&self) -> Result<Connection, Reason> {
        let stream = TcpStream::connect((&*self.host, self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some(tls) => self.open(tls.handshake(stream).await?).await,
            None => self.open(stream).await,
        }
    }

    async fn open(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    ) -> Result<Connection, Reason> {
        let stream = TokioIo::new(stream);
        // What goes wrong with a driver goes wrong with the request that waits for it.
        Ok(match self.version {
            Version::Http1 => {
                let (sender, driver) = http1::handshake(stream).await?;
                spawn_local(async { drop(driver.await) });
                Connection::Http1(sender)
            }
            Version::Http2 => {
                let (sender, driver) = http2::handshake(OnThisThread, stream).await?;
                spawn_local(async { drop(driver.await) });
                Connection::Http2(sender)
            }
        })
    }
}

enum Connection {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// Runs hyper's tasks where the peer lives.
#[derive(Clone)]
struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, task: F) {
        spawn_local(async { drop(task.await) });
    }
}

/// An error with its causes, which are where hyper has what went wrong.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
