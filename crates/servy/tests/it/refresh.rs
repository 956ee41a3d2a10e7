//! Redirects that are read again when an unknown alias is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use servy::{Config, RedirectSource};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use crate::{Running, client};

/// A source of redirects that counts how often it is asked, and can be told what to answer and
/// how slowly.
struct Source {
    url: Url,
    asked: Arc<AtomicUsize>,
    answer: watch::Sender<(&'static str, Duration)>,
}

impl Source {
    async fn start(list: &'static str) -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/list?raw=1", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, answers) = watch::channel((list, Duration::ZERO));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (list, delay) = *answers.borrow();
                let mut request = [0; 1024];
                let len = stream.read(&mut request).await.unwrap();
                let request = std::str::from_utf8(&request[..len]).unwrap();
                assert!(request.starts_with("GET /list?raw=1&cachebust="), "{request}");
                tokio::time::sleep(delay).await;
                let status = if list == "down" { "503 Down" } else { "200 OK" };
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", list.len());
                // Whoever timed out does not read the answer.
                let _ = stream.write_all((head + list).as_bytes()).await;
            }
        });
        Source { url: Url::parse(&url).unwrap(), asked, answer }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn config(&self, min_refresh: Duration) -> Config {
        Config {
            redirects: RedirectSource::Url(self.url.clone()),
            redirects_min_refresh: min_refresh,
            ..Config::default()
        }
    }
}

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn an_alias_that_was_just_added_is_found() {
    let source = Source::start("foo http://foo.bar\n").await;
    let server = Running::start(source.config(Duration::ZERO)).await;
    assert_eq!(server.get("/baz").await.status, 404);
    assert_eq!(server.get("/foo").await.status, 308);
    source.answer.send(("baz http://baz.qux\nfoo http://foo.new\n", Duration::ZERO)).unwrap();
    assert_eq!(server.get("/foo").await.header("location"), Some("http://foo.bar"));
    assert_eq!(server.get("/baz").await.header("location"), Some("http://baz.qux"));
    assert_eq!(server.get("/foo").await.header("location"), Some("http://foo.new"));
    assert_eq!(source.asked(), 3, "at start, for the first baz, for the second baz");
    let metrics = server.metrics().await;
    assert!(metrics.contains("servy_redirects_refresh_total{result=\"ok\"} 2\n"), "{metrics}");
    assert!(metrics.contains("servy_redirects_served{alias=\"foo\"} 3\n"), "{metrics}");
}

#[tokio::test]
async fn ten_thousand_unknown_paths_cause_one_fetch() {
    let source = Source::start("foo http://foo.bar\n").await;
    let server = Running::start(source.config(LONG)).await;
    source.answer.send(("foo http://foo.bar\n", Duration::from_millis(300))).unwrap();
    let addr = server.addr;
    let scanners: Vec<_> = (0..20)
        .map(|scanner| {
            tokio::spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
                let mut buffer = vec![0; 1 << 16];
                for i in 0..500 {
                    let request = format!("HEAD /scan-{scanner}-{i} HTTP/1.1\r\nhost: x\r\n\r\n");
                    stream.write_all(request.as_bytes()).await.unwrap();
                    let len = stream.read(&mut buffer).await.unwrap();
                    assert!(buffer[..len].starts_with(b"HTTP/1.1 404 "));
                }
            })
        })
        .collect();
    for scanner in scanners {
        scanner.await.unwrap();
    }
    assert_eq!(source.asked(), 2, "once at start, once for ten thousand");
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_end_the_fetch_of_the_others() {
    let source = Source::start("").await;
    let server = Running::start(source.config(LONG)).await;
    source.answer.send(("new http://new.example\n", Duration::from_millis(500))).unwrap();
    let mut rude = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    rude.write_all(b"GET /new HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    while source.asked() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(rude);
    assert_eq!(server.get("/new").await.status, 308);
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_source_that_is_down_changes_nothing() {
    let source = Source::start("foo http://foo.bar\n").await;
    let server = Running::start(source.config(Duration::ZERO)).await;
    source.answer.send(("down", Duration::ZERO)).unwrap();
    assert_eq!(server.get("/bar").await.status, 404);
    assert_eq!(server.get("/foo").await.status, 308);
    let metrics = server.metrics().await;
    assert!(metrics.contains("servy_redirects_refresh_total{result=\"error\"} 1\n"), "{metrics}");
    assert!(metrics.contains("servy_redirects_defined 1\n"), "{metrics}");
}

#[tokio::test]
async fn optional_redirects_may_come_later() {
    let source = Source::start("down").await;
    let config = Config { redirects_optional: true, ..source.config(Duration::ZERO) };
    let server = Running::start(config).await;
    assert_eq!(server.get("/foo").await.status, 404);
    source.answer.send(("foo http://foo.bar\n", Duration::ZERO)).unwrap();
    assert_eq!(server.get("/foo").await.status, 308);
}

#[tokio::test]
async fn a_file_is_read_again_too() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let redirects = RedirectSource::File(file.path().into());
    let config = Config { redirects, redirects_min_refresh: Duration::ZERO, ..Config::default() };
    let server = Running::start(config).await;
    assert_eq!(server.get("/foo").await.status, 404);
    std::fs::write(file.path(), "foo http://foo.bar\n").unwrap();
    assert_eq!(server.get("/foo").await.status, 308);
}

#[tokio::test]
async fn more_requests_than_allowed_are_turned_away_at_once() {
    let source = Source::start("").await;
    let config = Config { max_requests: 1, ..source.config(LONG) };
    let server = Running::start(config).await;
    source.answer.send(("", Duration::from_secs(2))).unwrap();
    let addr = server.addr;
    let waiting = tokio::spawn(async move { client::send(addr, "GET", "/unknown", &[]).await });
    while source.asked() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let refused = server.get("/").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(waiting.await.unwrap().status, 404);
    assert_eq!(server.get("/").await.status, 200);
}

#[tokio::test]
async fn no_request_waits_longer_than_its_timeout() {
    let source = Source::start("").await;
    let config = Config { request_timeout: Duration::from_millis(100), ..source.config(LONG) };
    let server = Running::start(config).await;
    source.answer.send(("", Duration::from_secs(5))).unwrap();
    assert_eq!(server.get("/unknown").await.status, 408);
    assert_eq!(server.get("/").await.status, 200);
}
