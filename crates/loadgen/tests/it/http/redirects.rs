//! Which redirects are followed, and what each hop looks like to the server.

use std::{cell::RefCell, rc::Rc};

use http::Method;
use loadgen::http::{Client, HttpConfig, Request, RequestBuilder};

use tokio::io::AsyncWriteExt;

use super::{Seen, client, run, send};
use crate::peer::{self, Server, answer, read_request};

/// Redirects `/STATUS/LOCATION` there, and answers `/end`.
async fn server() -> Server {
    Server::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        let mut answer = match path[1..].split_once('/') {
            Some((status, location)) => {
                answer(&format!("{status} Moved"), &format!("Location: {location}\r\n"), "moved")
            }
            None => answer("200 OK", "", "end"),
        };
        if request.starts_with("HEAD") {
            answer.truncate(answer.find("\r\n\r\n").unwrap() + 4);
        }
        answer
    })
    .await
}

async fn follow(client: &Client, request: RequestBuilder) -> (u16, Vec<Seen>, Option<String>) {
    let request = request.build(client.network().config()).unwrap();
    let (response, seen) = send(client, &request).await;
    (response.status_code(), seen, response.redirected_to)
}

fn statuses(seen: &[Seen]) -> Vec<u16> {
    seen.iter().map(|hop| hop.status).collect()
}

/// Trap 15: each has samples of its own, with its own URL.
#[test]
fn each_hop_is_a_round_trip_of_its_own() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        let (status, seen, to) = follow(&client, Request::get(server.url("/302//end"))).await;
        assert_eq!(status, 200);
        assert_eq!(statuses(&seen), [302, 200]);
        assert_eq!(seen[0].url, server.url("/302//end"));
        assert_eq!(seen[1].url, server.url("/end"));
        assert_eq!(to, Some(server.url("/end")));
        assert_eq!(server.connections.get(), 1, "the redirect's body was read");
        assert!(seen.iter().all(|hop| hop.expected && hop.timings.waiting.as_nanos() > 0));
    });
}

#[test]
fn methods_and_bodies() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        for (status, method, then, body) in [
            (301, Method::POST, "GET", ""),
            (302, Method::PUT, "GET", ""),
            (303, Method::DELETE, "GET", ""),
            (303, Method::HEAD, "HEAD", ""),
            (307, Method::POST, "POST", "hello"),
            (308, Method::PATCH, "PATCH", "hello"),
        ] {
            let request = Request::builder(method.clone(), server.url(&format!("/{status}//end")))
                .body("hello")
                .header("Content-Type", "text/plain")
                .header("Cookie", "a=b");
            let (_, seen, _) = follow(&client, request).await;
            assert_eq!(statuses(&seen), [status, 200]);
            assert_eq!(seen[1].method, then);
            let second = server.requests.borrow().last().unwrap().clone();
            assert!(second.starts_with(&format!("{then} /end HTTP/1.1\r\n")), "{second}");
            assert!(second.ends_with(&format!("\r\n\r\n{body}")), "{second}");
            assert_eq!(second.contains("Content-Type"), !body.is_empty(), "{second}");
            assert!(!second.contains("Cookie"), "{second}");
        }
    });
}

#[test]
fn not_every_300_is_a_redirect() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        for path in ["/300//end", "/305//end", "/200//end", "/302/"] {
            let (status, seen, to) = follow(&client, Request::get(server.url(path))).await;
            assert_eq!(statuses(&seen), [status], "{path}");
            assert_eq!(to, None);
        }
    });
}

/// Trap 15: that is no error.
#[test]
fn the_limit_returns_the_last_redirect() {
    run(async {
        let server = Server::start(|_| answer("302 Found", "Location: /again\r\n", "")).await;
        let client = client(&HttpConfig { max_redirects: 3, ..HttpConfig::default() });
        let (status, seen, _) = follow(&client, Request::get(server.url("/"))).await;
        assert_eq!(status, 302);
        assert_eq!(seen.len(), 4);
        let none = Request::get(server.url("/")).max_redirects(0);
        assert_eq!(follow(&client, none).await.1.len(), 1);
    });
}

#[test]
fn other_hosts_are_left_alone_unless_asked_for() {
    run(async {
        let there = server().await;
        let here = server().await;
        let offsite = format!("http://localhost:{}/end", there.address.port());
        let url = here.url(&format!("/302/{offsite}"));

        let stays = client(&HttpConfig::default());
        let (status, seen, to) = follow(&stays, Request::get(&url)).await;
        assert_eq!((status, seen.len(), to), (302, 1, None));
        assert_eq!(there.connections.get(), 0);

        // Another port of the same host is no other host.
        let port = here.url(&format!("/302/{}", there.url("/end")));
        assert_eq!(statuses(&follow(&stays, Request::get(&port)).await.1), [302, 200]);

        let goes = client(&HttpConfig { follow_offsite: true, ..HttpConfig::default() });
        let request = Request::get(&url)
            .header("Authorization", "secret")
            .header("Cookie", "secret")
            .header("Proxy-Authorization", "secret")
            .header("X-Plain", "plain");
        let (status, seen, to) = follow(&goes, request).await;
        assert_eq!((status, seen[1].url.as_str()), (200, offsite.as_str()));
        assert_eq!(to, Some(offsite));
        let sent = there.requests.borrow().last().unwrap().clone();
        assert!(!sent.contains("secret"), "{sent}");
        assert!(sent.contains("X-Plain: plain"), "{sent}");
        assert!(sent.contains(&format!("Host: localhost:{}\r\n", there.address.port())), "{sent}");
    });
}

#[test]
fn referer_is_where_the_redirect_came_from() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        let url = format!("http://user:pass@{}/302//302//end", server.address);
        follow(&client, Request::get(url)).await;
        let sent = server.requests.borrow().clone();
        let referer = |index: usize| {
            let line: &String = &sent[index];
            line.lines().find_map(|line| line.strip_prefix("Referer: ")).map(str::to_owned)
        };
        assert_eq!(referer(0), None);
        assert_eq!(referer(1), Some(server.url("/302//302//end")));
        assert_eq!(referer(2), Some(server.url("/302//end")));

        let mine = Request::get(server.url("/302//end")).header("Referer", "mine");
        follow(&client, mine).await;
        assert!(server.requests.borrow().last().unwrap().contains("Referer: mine\r\n"));
    });
}

#[test]
fn a_host_header_goes_along_with_relative_locations_only() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        let host = |index: usize| {
            let requests = server.requests.borrow();
            let mut lines = requests[index].lines();
            lines.find_map(|line| line.strip_prefix("Host: ")).unwrap().to_owned()
        };
        let request = Request::get(server.url("/302//end")).header("host", "named.test");
        follow(&client, request).await;
        assert_eq!([host(0), host(1)], ["named.test", "named.test"]);
        let absolute = server.url(&format!("/302/{}", server.url("/end")));
        follow(&client, Request::get(absolute).header("host", "named.test")).await;
        assert_eq!([host(2), host(3)], ["named.test".into(), server.address.to_string()]);
    });
}

#[test]
fn a_location_that_is_none_1000() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig::default());
        let (status, seen, _) = follow(&client, Request::get(server.url("/302/http://[::1"))).await;
        assert_eq!(status, 0);
        let error = seen[0].error.clone().unwrap();
        assert_eq!(error.code.0, 1000);
        assert_eq!(error.text, "failed to parse Location header: invalid IPv6 address");
    });
}

#[test]
fn what_is_not_http_is_not_followed() {
    run(async {
        let server = server().await;
        let client = client(&HttpConfig { follow_offsite: true, ..HttpConfig::default() });
        for location in ["ftp://127.0.0.1/x", "mailto:someone@host.test"] {
            let request = Request::get(server.url(&format!("/302/{location}")));
            let (status, seen, to) = follow(&client, request).await;
            assert_eq!((status, statuses(&seen), to), (302, vec![302], None));
        }
    });
}

#[test]
fn bytes_of_a_location_that_are_no_text_are_escaped() {
    run(async {
        let paths = Rc::<RefCell<Vec<String>>>::default();
        let notes = paths.clone();
        let address = peer::serve(move |mut stream| {
            let notes = notes.clone();
            async move {
                let request = read_request(&mut stream).await;
                let path = request.split(' ').nth(1).unwrap().to_owned();
                let answer: &[u8] = match path.as_str() {
                    "/" => b"HTTP/1.1 302 Found\r\nLocation: /\xe4\r\nContent-Length: 0\r\n\r\n",
                    _ => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                };
                notes.borrow_mut().push(path);
                stream.write_all(answer).await.unwrap();
            }
        })
        .await;
        let client = client(&HttpConfig::default());
        follow(&client, Request::get(format!("http://{address}/"))).await;
        assert_eq!(*paths.borrow(), ["/", "/%E4"]);
    });
}
