//! A client of the API: asks a test that runs in another process.

use std::{fmt, io, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::{net::TcpStream, time::timeout};

use super::{
    Address,
    resource::{Document, Errors, MetricAttributes, Resource, StatusAttributes, StatusChange},
};

/// More than a server takes that gives an answer at all.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Some ten thousand metrics.
const MAX_ANSWER: usize = 16 << 20;

/// What can be asked of the API at one address. Needs a tokio runtime with I/O and time.
#[derive(Debug, Clone)]
pub struct Client {
    address: Address,
}

/// Why there is no answer, or none to use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens there.
    #[error("cannot reach a test on {address}: {source}; it must have been started with --address")]
    Connect {
        /// Where.
        address: Address,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody listens but does not answer.
    #[error("the test on {address} did not answer within {}s", TIMEOUT.as_secs())]
    Timeout {
        /// Where.
        address: Address,
    },
    /// The test does not do what it was asked.
    #[error("{title}: {detail}")]
    Refused {
        /// What kind of thing is wrong.
        title: String,
        /// What is wrong.
        detail: String,
    },
    /// Whoever answers, it is no REST API.
    #[error("{address} does not answer as a test does: {reason}")]
    Unexpected {
        /// Where.
        address: Address,
        /// What was unexpected.
        reason: String,
    },
}

impl Client {
    /// A client of the API at `address`.
    pub fn new(address: Address) -> Self {
        Self { address }
    }

    /// How the test stands.
    ///
    /// # Errors
    ///
    /// Any [`ClientError`].
    pub async fn status(&self) -> Result<StatusAttributes, ClientError> {
        let status: Resource<_> = self.call(Method::GET, "/v1/status", Bytes::new()).await?;
        Ok(status.attributes)
    }

    /// Changes how it stands and tells how it stands then.
    ///
    /// # Errors
    ///
    /// Any [`ClientError`].
    pub async fn change(&self, change: StatusChange) -> Result<StatusAttributes, ClientError> {
        let body = serde_json::to_vec(&Resource::only("status", change))
            .expect("numbers and flags are JSON");
        let status: Resource<_> = self.call(Method::PATCH, "/v1/status", body.into()).await?;
        Ok(status.attributes)
    }

    /// What it has measured so far.
    ///
    /// # Errors
    ///
    /// Any [`ClientError`].
    pub async fn metrics(&self) -> Result<Vec<Resource<MetricAttributes>>, ClientError> {
        self.call(Method::GET, "/v1/metrics", Bytes::new()).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<T, ClientError> {
        let answer = timeout(TIMEOUT, self.exchange(method, path, body)).await;
        let (status, body) =
            answer.map_err(|_| ClientError::Timeout { address: self.address.clone() })??;
        if status.is_success() {
            let document: Result<Document<T>, _> = serde_json::from_slice(&body);
            return document.map(|document| document.data).map_err(|error| self.unexpected(&error));
        }
        match serde_json::from_slice(&body).map(|Errors { errors }| errors.into_iter().next()) {
            Ok(Some(error)) => {
                Err(ClientError::Refused { title: error.title, detail: error.detail })
            }
            _ => Err(self.unexpected(&format_args!("status {status}"))),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let unexpected = |error: hyper::Error| self.unexpected(&error);
        let stream = self
            .connect()
            .await
            .map_err(|source| ClientError::Connect { address: self.address.clone(), source })?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(unexpected)?;
        // What goes wrong on it is told to the request, too.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| self.unexpected(&error))?;
        let response = sender.send_request(request).await.map_err(unexpected)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        Ok((status, body.map_err(|error| self.unexpected(&error))?.to_bytes()))
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.address.resolve()?).await
    }

    fn unexpected(&self, reason: &dyn fmt::Display) -> ClientError {
        ClientError::Unexpected { address: self.address.clone(), reason: reason.to_string() }
    }
}
