//! From an origin to a connection, in steps that are timed: resolve, connect, TLS.

use std::{
    cell::Cell,
    io,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use tokio::{
    io::duplex,
    net::{TcpSocket, TcpStream},
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
    /// A new connection to `origin`, from `local_ip` if there is one. The steps that end are timed in `times`, so that the time of
    /// the ones before a failure is kept; `traffic` counts the connection's bytes.
    pub(super) async fn connect(
        &self,
        origin: &Origin,
        local_ip: Option<IpAddr>,
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
                let address = self.address(origin, times).await?;
                let started = Instant::now();
                let socket = Counted::new(dial(address, local_ip).await?, traffic);
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

    /// Where to connect to, if that is allowed.
    async fn address(&self, origin: &Origin, times: &mut Timings) -> Result<SocketAddr, Error> {
        let config = &self.config;
        let name = origin.host.to_string();
        let is_name = matches!(*origin.host, Host::Domain(_));
        if is_name && config.block_hostnames.iter().any(|pattern| pattern.matches(&name)) {
            return Err(classify::blocked_hostname());
        }
        let address = match config.hosts.find(&name, origin.port) {
            Some(to) => SocketAddr::new(to.ip, to.port.unwrap_or(origin.port)),
            None => SocketAddr::new(self.resolve(&origin.host, times).await?, origin.port),
        };
        if config.blacklist_ips.iter().any(|net| net.contains(address.ip())) {
            return Err(classify::blacklisted_ip());
        }
        Ok(address)
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

async fn dial(address: SocketAddr, local_ip: Option<IpAddr>) -> Result<TcpStream, Error> {
    let connected = timeout(DIAL_TIMEOUT, connect(address, local_ip)).await;
    let stream =
        connected.map_err(|_| classify::dial_timeout())?.map_err(|error| classify::dial(&error))?;
    // Without it, a request in two writes waits for an acknowledgement in between.
    stream.set_nodelay(true).map_err(|error| classify::dial(&error))?;
    Ok(stream)
}

async fn connect(address: SocketAddr, local_ip: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(local_ip) = local_ip else { return TcpStream::connect(address).await };
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(SocketAddr::new(local_ip, 0))?;
    socket.connect(address).await
}
