//! TLS to a collector: whom to trust, and who we are.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, SupportedProtocolVersion,
    client::danger::ServerCertVerifier,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem, pem::PemObject},
    version::{TLS12, TLS13},
};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::Version;
use crate::{http::AcceptAny, options::notation::Reason};

/// What an output's TLS is set to.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsSettings {
    /// Accept any certificate.
    pub(crate) skip_verify: bool,
    /// The oldest version that is spoken.
    pub(crate) oldest: TlsVersion,
    /// A PEM file with certificates to trust beside those of the system.
    pub(crate) roots: Option<PathBuf>,
    /// A PEM file with the certificate, and those that lead to it, which the server may ask for.
    pub(crate) certificate: Option<PathBuf>,
    /// A PEM file with its key.
    pub(crate) key: Option<PathBuf>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TlsVersion {
    /// TLS 1.2
    #[default]
    V12,
    /// TLS 1.3
    V13,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidTls {
    /// A file is not there, or has nothing in it that was looked for.
    #[error("{} holds no {what}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// What is wrong.
        source: pem::Error,
    },
    /// Certificate and key only make sense together.
    #[error("a client certificate needs its key, and a key its certificate")]
    Half,
    /// They do not belong together, or are of an unknown kind; or the system trusts nobody.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

/// Makes the handshakes with one server.
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    version: Version,
}

impl Tls {
    pub(super) fn new(
        host: &str,
        version: Version,
        settings: &TlsSettings,
    ) -> Result<Self, Reason> {
        let name = ServerName::try_from(host.to_owned())?;
        let mut config = config(settings)?;
        if version == Version::Http2 {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name, version })
    }

    pub(super) async fn handshake(
        &self,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Reason> {
        let stream = self.connector.connect(self.name.clone(), stream).await?;
        if self.version == Version::Http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err("the server does not speak HTTP/2".into());
        }
        Ok(stream)
    }
}

fn config(settings: &TlsSettings) -> Result<ClientConfig, InvalidTls> {
    const ALL: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = if settings.oldest == TlsVersion::V13 { &ALL[1..] } else { ALL };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(verifier(settings, provider)?);
    match (&settings.certificate, &settings.key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|source| InvalidTls::File {
                path: key.clone(),
                what: "private key",
                source,
            })?;
            Ok(builder.with_client_auth_cert(certificates(certificate)?, key)?)
        }
        _ => Err(InvalidTls::Half),
    }
}

fn verifier(
    settings: &TlsSettings,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, InvalidTls> {
    if settings.skip_verify {
        return Ok(Arc::new(AcceptAny::new(provider.signature_verification_algorithms)));
    }
    let roots = settings.roots.as_ref().map(certificates).transpose()?.unwrap_or_default();
    Ok(Arc::new(Verifier::new_with_extra_roots(roots, provider)?))
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match certificates {
        Ok(found) if Vec::is_empty(&found) => Err(pem::Error::NoItemsFound),
        other => other,
    }
    .map_err(|source| InvalidTls::File { path: path.clone(), what: "certificate", source })
}
