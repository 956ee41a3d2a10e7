//! The other end: servers on raw sockets that do what a test tells them.

use std::{
    cell::{Cell, RefCell},
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::spawn_local,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
        server::WebPkiClientVerifier,
    },
};

/// Gives each accepted connection to `session`, in a task of its own.
pub(crate) async fn serve<F: Future<Output = ()> + 'static>(
    mut session: impl FnMut(TcpStream) -> F + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn_local(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            spawn_local(session(stream));
        }
    });
    address
}

/// Reads the head of a request, and the body if the head says how long it is. Empty at the end.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return String::new(),
        }
    }
    let head = String::from_utf8(request.clone()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// An answer with a length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A server that answers as it is told, keeps its connections open and notes what it saw.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Connections that were accepted.
    pub(crate) connections: Rc<Cell<usize>>,
    /// Connections that the client closed.
    pub(crate) closed: Rc<Cell<usize>>,
    pub(crate) requests: Rc<RefCell<Vec<String>>>,
    pub(crate) bytes_in: Rc<Cell<u64>>,
    pub(crate) bytes_out: Rc<Cell<u64>>,
}

impl Server {
    pub(crate) async fn start(respond: impl Fn(&str) -> String + 'static) -> Self {
        Self::start_slow(Duration::ZERO, respond).await
    }

    /// Takes its time for each answer.
    pub(crate) async fn start_slow(
        delay: Duration,
        respond: impl Fn(&str) -> String + 'static,
    ) -> Self {
        let server = Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            connections: Rc::default(),
            closed: Rc::default(),
            requests: Rc::default(),
            bytes_in: Rc::default(),
            bytes_out: Rc::default(),
        };
        let respond = Rc::new(respond);
        let notes = server.clone();
        let address = serve(move |mut stream| {
            let (notes, respond) = (notes.clone(), respond.clone());
            notes.connections.set(notes.connections.get() + 1);
            async move {
                loop {
                    let request = read_request(&mut stream).await;
                    if request.is_empty() {
                        notes.closed.set(notes.closed.get() + 1);
                        return;
                    }
                    notes.bytes_in.set(notes.bytes_in.get() + request.len() as u64);
                    let answer = respond(&request);
                    notes.requests.borrow_mut().push(request);
                    tokio::time::sleep(delay).await;
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                    notes.bytes_out.set(notes.bytes_out.get() + answer.len() as u64);
                }
            }
        })
        .await;
        Self { address, ..server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// A port at which connecting takes until the returned listener accepts: its queue is full.
pub(crate) async fn full_queue() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    // In threads and with their own clock, so that a paused one does not matter.
    loop {
        let attempt = tokio::task::spawn_blocking(move || {
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200))
        });
        match attempt.await.unwrap() {
            Ok(stream) => {
                stream.set_nonblocking(true).unwrap();
                queued.push(TcpStream::from_std(stream).unwrap());
            }
            Err(_) => return (listener, queued),
        }
    }
}

/// A certificate for some names, and the key to it.
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(crate) fn of(names: &[&str]) -> Self {
        Self::with(names, |_| {})
    }

    /// A certificate that was good for a while long ago.
    pub(crate) fn expired(names: &[&str]) -> Self {
        Self::with(names, |params| params.not_after = rcgen::date_time_ymd(2001, 1, 1))
    }

    fn with(names: &[&str], change: impl FnOnce(&mut rcgen::CertificateParams)) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = rcgen::CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("test {names:?}"));
        change(&mut params);
        Self {
            certificate: params.self_signed(&key).unwrap().der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// A TLS server with this certificate that speaks `alpn`.
    pub(crate) fn acceptor(&self, alpn: &[&str]) -> TlsAcceptor {
        self.build(alpn, false)
    }

    /// The same, and it wants to see a certificate of the client.
    pub(crate) fn acceptor_with_client_auth(&self) -> TlsAcceptor {
        self.build(&[], true)
    }

    fn build(&self, alpn: &[&str], client_auth: bool) -> TlsAcceptor {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if client_auth {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let mut config =
            builder.with_single_cert(vec![self.certificate.clone()], self.key.clone_key()).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Answers `200 OK` with `body` to all requests, until the client goes.
pub(crate) async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin, body: &str) {
    while !read_request(&mut stream).await.is_empty() {
        if stream.write_all(answer("200 OK", "", body).as_bytes()).await.is_err() {
            return;
        }
    }
}
