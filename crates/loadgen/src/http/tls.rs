//! TLS: what is trusted, what is offered, and the handshake's result.

mod insecure;

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, ProtocolVersion,
    client::{Resumption, danger::ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::ServerName,
};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::Host;

pub(crate) use self::insecure::AcceptAny;
use super::{Error, HttpConfig, classify, io::Counted};

/// The TLS configuration of a run. It is made when it is first asked for: reading the system's
/// certificates takes some milliseconds, and plain HTTP must work where there are none.
#[derive(Default)]
pub(super) struct Tls(OnceLock<Result<TlsConnector, Error>>);

/// A stream after its handshake.
pub(super) struct Secured {
    pub(super) stream: TlsStream<Counted<TcpStream>>,
    /// `tls1.2` or `tls1.3`.
    pub(super) version: Option<&'static str>,
    /// The server chose HTTP/2.
    pub(super) http2: bool,
}

impl Tls {
    /// What makes the handshakes.
    pub(super) fn connector(&self, config: &HttpConfig) -> Result<TlsConnector, Error> {
        self.0.get_or_init(|| connector(config)).clone()
    }
}

/// The handshake with `host` over `stream`.
pub(super) async fn handshake(
    connector: &TlsConnector,
    host: &Host,
    stream: Counted<TcpStream>,
) -> Result<Secured, Error> {
    let stream = connector
        .connect(server_name(host)?, stream)
        .await
        .map_err(|error| classify::handshake(&error))?;
    let session = stream.get_ref().1;
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => Some("tls1.2"),
        Some(ProtocolVersion::TLSv1_3) => Some("tls1.3"),
        _ => None,
    };
    let http2 = session.alpn_protocol() == Some(b"h2");
    Ok(Secured { stream, version, http2 })
}

fn connector(config: &HttpConfig) -> Result<TlsConnector, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if config.insecure_skip_tls_verify {
        Arc::new(AcceptAny::new(provider.signature_verification_algorithms))
    } else {
        let roots = config.extra_roots.iter().cloned();
        let verifier = Verifier::new_with_extra_roots(roots, provider.clone());
        Arc::new(verifier.map_err(|error| classify::trust(&error))?)
    };
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| classify::trust(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // Like k6: each connection does the whole handshake.
    tls.resumption = Resumption::disabled();
    tls.alpn_protocols = if config.http2 { vec![b"h2".to_vec()] } else { Vec::new() };
    tls.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(TlsConnector::from(Arc::new(tls)))
}

fn server_name(host: &Host) -> Result<ServerName<'static>, Error> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Error {
            code: super::ErrorCode::UNCLASSIFIED,
            text: format!("tls: `{name}` cannot be the name of a server"),
        }),
        Host::Ipv4(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress((*address).into())),
    }
}
