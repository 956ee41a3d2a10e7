//! Fetches a text from an `http` or `https` URL, within limits of time and size.
//!
//! It knows nothing of what the text means.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Request, Response, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use url::Url;

/// The whole exchange, redirects included, may take this long: half of the default limit of a
/// request, so that a request that waits for it still gets its answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The text may have this many bytes.
const MAX_LEN: usize = 8 << 20;

/// So many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// The text at that URL. The error says what went wrong in a few words.
pub(super) async fn text(url: &Url) -> Result<String, String> {
    let mut url = url.clone();
    // Hosts of pasted texts answer from a cache for minutes, unless the query is a new one.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    url.query_pairs_mut().append_pair("cachebust", &now.as_secs().to_string());
    tokio::time::timeout(TIMEOUT, follow(url))
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
}

async fn follow(mut url: Url) -> Result<String, String> {
    for _ in 0..=MAX_REDIRECTS {
        let response = get(&url).await?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(header::LOCATION);
            let target = location.and_then(|value| value.to_str().ok());
            let target = target.ok_or_else(|| format!("{status} without a location"))?;
            url = url.join(target).map_err(|e| format!("redirect to {target:?}: {e}"))?;
        } else if status.is_success() {
            return read(response).await;
        } else {
            return Err(format!("the answer is {status}"));
        }
    }
    Err(format!("more than {MAX_REDIRECTS} redirects"))
}

async fn read(response: Response<Incoming>) -> Result<String, String> {
    let body = Limited::new(response.into_body(), MAX_LEN).collect().await;
    let body = body.map_err(|e| format!("reading the answer (at most {MAX_LEN} bytes): {e}"))?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| "the answer is not UTF-8".to_owned())
}

async fn get(url: &Url) -> Result<Response<Incoming>, String> {
    let host = url.host_str().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().ok_or("the URL has no port")?;
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let tcp = TcpStream::connect((name, port)).await.map_err(|e| format!("connect: {e}"))?;
    match url.scheme() {
        "http" => exchange(tcp, url).await,
        "https" => exchange(secure(tcp, name).await?, url).await,
        other => Err(format!("scheme {other} is neither http nor https")),
    }
}

async fn secure(tcp: TcpStream, name: &str) -> Result<impl AsyncRead + AsyncWrite + use<>, String> {
    let config = rustls::ClientConfig::with_platform_verifier().map_err(|e| format!("TLS: {e}"))?;
    let name = rustls::pki_types::ServerName::try_from(name.to_owned())
        .map_err(|e| format!("TLS: {e}"))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(name, tcp).await.map_err(|e| format!("TLS: {e}"))
}

async fn exchange<S>(stream: S, url: &Url) -> Result<Response<Incoming>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(in_words)?;
    // Ends by itself with the sender and the body, which do not outlive the timeout.
    tokio::spawn(connection);
    let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
        .header(header::USER_AGENT, concat!("servy/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(in_words)?;
    sender.send_request(request).await.map_err(in_words)
}

fn in_words(error: impl std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_source_that_does_not_answer_is_not_waited_for() {
        // The system connects; nobody ever answers.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let url = Url::parse(&format!("http://{addr}/")).expect("a URL");
        assert_eq!(text(&url).await, Err("no answer within 5 s".to_owned()));
        assert!(TIMEOUT < crate::Config::default().request_timeout);
    }
}
