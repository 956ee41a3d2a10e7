//! Which addresses are connected to, and from where.

use std::{cell::RefCell, net::SocketAddr, rc::Rc, sync::Arc};

use loadgen::http::{Client, HostMap, HttpConfig, Network};
use tokio::io::AsyncWriteExt;

use super::{client, get, run};
use crate::peer::{self, answer, read_request};

/// A server that answers each connection once, and who has asked it.
async fn server() -> (SocketAddr, Rc<RefCell<Vec<String>>>) {
    let peers = Rc::new(RefCell::new(Vec::new()));
    let seen = peers.clone();
    let address = peer::serve(move |mut stream| {
        seen.borrow_mut().push(stream.peer_addr().unwrap().ip().to_string());
        async move {
            read_request(&mut stream).await;
            stream.write_all(answer("200 OK", "", "").as_bytes()).await.unwrap();
        }
    })
    .await;
    (address, peers)
}

/// Status or error of one GET.
async fn outcome(client: &Client, url: &str) -> String {
    let (response, _) = get(client, url).await;
    match response.error {
        Some(error) => format!("{} {}", error.code, error.text),
        None => response.status_code().to_string(),
    }
}

#[test]
fn addresses_on_the_blacklist_are_not_connected_to() {
    run(async {
        let (address, peers) = server().await;
        let blacklist_ips = vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.0/8".parse().unwrap()];
        let mut hosts = HostMap::default();
        hosts.insert("mapped.test", &address.to_string()).unwrap();
        let client = client(&HttpConfig { blacklist_ips, hosts, ..HttpConfig::default() });
        for host in ["127.0.0.1", "localhost", "mapped.test"] {
            let url = format!("http://{host}:{}/", address.port());
            assert_eq!(outcome(&client, &url).await, "1110 ip is blacklisted", "{host}");
        }
        assert!(peers.borrow().is_empty());
    });
}

#[test]
fn names_that_are_blocked_are_neither_resolved_nor_connected_to() {
    run(async {
        let (address, peers) = server().await;
        let config = HttpConfig {
            block_hostnames: vec!["*.Blocked.test".parse().unwrap(), "localhost".parse().unwrap()],
            ..HttpConfig::default()
        };
        let client = client(&config);
        for host in ["localhost", "a.b.blocked.TEST"] {
            let url = format!("http://{host}:{}/", address.port());
            assert_eq!(outcome(&client, &url).await, "1111 hostname is blocked", "{host}");
        }
        assert!(peers.borrow().is_empty());
        assert_eq!(outcome(&client, &format!("http://{address}/")).await, "200");
    });
}

#[test]
fn names_lead_where_the_map_says() {
    run(async {
        let (address, peers) = server().await;
        let mut hosts = HostMap::default();
        hosts.insert("*.mapped.test:80", &address.to_string()).unwrap();
        hosts.insert("whole.test", "127.0.0.1").unwrap();
        let client = client(&HttpConfig { hosts, ..HttpConfig::default() });
        assert_eq!(outcome(&client, "http://a.mapped.test/").await, "200");
        let port = address.port();
        assert_eq!(outcome(&client, &format!("http://whole.test:{port}/")).await, "200");
        assert_eq!(peers.borrow().len(), 2);
    });
}

/// Other systems have but one address on the loopback interface.
#[cfg(target_os = "linux")]
#[test]
fn clients_take_the_local_addresses_in_turn() {
    run(async {
        let (address, peers) = server().await;
        let local_ips = "127.0.0.2-127.0.0.3,127.0.0.9".parse().ok();
        let network =
            Arc::new(Network::new(HttpConfig { local_ips, ..HttpConfig::default() }, None));
        for index in 0..4 {
            let client = Client::nth(network.clone(), index);
            assert_eq!(outcome(&client, &format!("http://{address}/")).await, "200");
        }
        assert_eq!(*peers.borrow(), ["127.0.0.2", "127.0.0.3", "127.0.0.9", "127.0.0.2"]);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_local_address_that_is_not_ours_is_a_failure_to_connect() {
    run(async {
        let (address, _) = server().await;
        let local_ips = "192.0.2.1".parse().ok();
        let client = client(&HttpConfig { local_ips, ..HttpConfig::default() });
        let outcome = outcome(&client, &format!("http://{address}/")).await;
        assert!(outcome.starts_with("1213 dial: unknown errno 99"), "{outcome}");
    });
}
