//! Sending lines to a server.

use std::{
    io,
    net::{ToSocketAddrs as _, UdpSocket},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Method;
use tokio::sync::OnceCell;
use url::form_urlencoded::Serializer;

use super::{
    super::delivery::{Failure, Http, Post},
    config::{Address, Config},
};
use crate::http::{HttpConfig, Request, RequestBuilder};

/// See the module.
pub(super) struct InfluxPost {
    config: Config,
    http: Http,
    /// Whether the server was asked to make the database.
    asked: OnceCell<()>,
    socket: OnceCell<UdpSocket>,
}

impl InfluxPost {
    /// Sends lines as `config` says.
    pub(super) fn new(config: Config) -> Self {
        let http =
            HttpConfig { insecure_skip_tls_verify: config.insecure, ..HttpConfig::default() };
        Self { config, http: Http::new(http), asked: OnceCell::new(), socket: OnceCell::new() }
    }

    fn request(&self, url: &str, path: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
        let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = Request::builder(Method::POST, format!("{url}{path}?{query}"));
        let Config { username, password, .. } = &self.config;
        if username.is_empty() {
            return request;
        }
        let login = BASE64_STANDARD.encode(format!("{username}:{password}"));
        request.header("Authorization", format!("Basic {login}"))
    }

    /// Has the database made. That it cannot be, or is there, shows when it is written to.
    async fn create_database(&self, url: &str) {
        let database = &self.config.database;
        let is_plain = |text: &str| text.chars().all(|it| it.is_alphanumeric() || it == '_');
        let name = match is_plain(database) {
            true => database.clone(),
            false => format!("\"{}\"", database.replace('\\', r"\\").replace('"', "\\\"")),
        };
        let query = format!("CREATE DATABASE {name}");
        let request = self.request(url, "/query", &[("db", ""), ("params", "{}"), ("q", &query)]);
        let _ = self.http.send(request).await;
    }

    async fn write(&self, url: &str, body: Bytes) -> Result<(), Failure> {
        self.asked.get_or_init(|| self.create_database(url)).await;
        let Config { database, precision, retention, consistency, .. } = &self.config;
        let parameters = [
            ("consistency", consistency.as_str()),
            ("db", database),
            ("precision", precision.name),
            ("rp", retention),
        ];
        self.http.send(self.request(url, "/write", &parameters).body(body)).await
    }

    /// As many lines in a datagram as it holds. What arrives is not to be known.
    async fn datagrams(&self, address: &str, body: &[u8]) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::passing(error.to_string());
        let connect = async || {
            let Some(address) = address.to_socket_addrs()?.next() else {
                return Err(io::Error::other("its name has no address"));
            };
            let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(any)?;
            socket.connect(address).map(|()| socket)
        };
        let socket = self.socket.get_or_try_init(connect).await.map_err(failed)?;
        let mut rest = body;
        while !rest.is_empty() {
            let (datagram, more) = rest.split_at(cut(rest, self.config.payload_size));
            socket.send(datagram).map_err(failed)?;
            rest = more;
        }
        Ok(())
    }
}

/// The length of the lines that fit into `size` bytes; one line at least.
fn cut(lines: &[u8], size: usize) -> usize {
    let is_end = |byte: &u8| *byte == b'\n';
    if lines.len() <= size {
        return lines.len();
    }
    let whole = lines[..size].iter().rposition(is_end);
    whole.or_else(|| lines.iter().position(is_end)).map_or(lines.len(), |end| end + 1)
}

impl Post for InfluxPost {
    async fn post(&self, body: Bytes) -> Result<(), Failure> {
        match &self.config.address {
            Address::Http(url) => self.write(url, body).await,
            Address::Udp(address) => self.datagrams(address, &body).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_hold_whole_lines() {
        let lines = b"first\nsecond\na very long line\nlast\n";
        assert_eq!(cut(lines, 100), lines.len());
        assert_eq!(cut(lines, 13), 13);
        assert_eq!(cut(lines, 12), 6);
        assert_eq!(cut(&lines[13..], 5), 17);
    }
}
