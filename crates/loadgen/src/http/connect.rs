//! From an origin to a connection, in steps that are timed: resolve, connect, TLS.

use std::{
    cell::Cell,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use tokio::{
    io::duplex,
    net::TcpStream,
    task::spawn_local,
    time::{Instant, timeout},
};
use url::Host;

use super::{
    Error, Network, Timings, Traffic, classify,
    connection::Connection,
    http1::Http1,
    http2::Http2,
    io::{Counted, Stream},
    target::Origin,
    tls,
    trace::Peer,
};

/// How far a service in this process can be ahead of its client, and the other way round.
const PIPE: usize = 64 * 1024;

/// What Go's dialer, and so k6, gives a TCP connect.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

impl Network {
    /// A new connection to `origin`. The steps that end are timed in `times`, so that the time of
    /// the ones before a failure is kept; `traffic` counts the connection's bytes.
    pub(super) async fn connect(
        &self,
        origin: &Origin,
        traffic: Rc<Cell<Traffic>>,
        times: &mut Timings,
    ) -> Result<Connection, Error> {
        let mut peer = Peer::default();
        let mut http2 = false;
        let stream: Box<dyn Stream> = match self.in_process.as_ref() {
            Some(target) if target.origin == *origin => {
                let (ours, theirs) = duplex(PIPE);
                spawn_local(target.service.serve(theirs));
                Box::new(Counted::new(ours, traffic))
            }
            _ => {
                // Here, should it have to be made: that is no part of the handshake.
                let tls = origin.tls.then(|| self.tls.connector(&self.config)).transpose()?;
                let ip = self.resolve(&origin.host, times).await?;
                let address = SocketAddr::new(ip, origin.port);
                let started = Instant::now();
                let socket = Counted::new(dial(address).await?, traffic);
                let connected = Instant::now();
                times.connecting = connected - started;
                peer.address = Some(address);
                if let Some(connector) = tls {
                    let secured = tls::handshake(&connector, &origin.host, socket).await?;
                    times.tls_handshaking = connected.elapsed();
                    peer.tls_version = secured.version;
                    http2 = secured.http2;
                    Box::new(secured.stream)
                } else {
                    Box::new(socket)
                }
            }
        };
        if http2 {
            Http2::new(stream, peer).await.map(Connection::Http2)
        } else {
            Ok(Connection::Http1(Http1::new(stream, peer, origin.clone())))
        }
    }

    async fn resolve(&self, host: &Host, times: &mut Timings) -> Result<IpAddr, Error> {
        match host {
            Host::Ipv4(address) => Ok((*address).into()),
            Host::Ipv6(address) => Ok((*address).into()),
            Host::Domain(name) => {
                let started = Instant::now();
                let address = self.resolver.resolve(name).await?;
                times.looking_up = started.elapsed();
                Ok(address)
            }
        }
    }
}

async fn dial(address: SocketAddr) -> Result<TcpStream, Error> {
    let connected = timeout(DIAL_TIMEOUT, TcpStream::connect(address)).await;
    let stream =
        connected.map_err(|_| classify::dial_timeout())?.map_err(|error| classify::dial(&error))?;
    // Without it, a request in two writes waits for an acknowledgement in between.
    stream.set_nodelay(true).map_err(|error| classify::dial(&error))?;
    Ok(stream)
}
