//! Short links.

use std::sync::Arc;
use std::time::Duration;

use servy::{AssetSource, Config, Error, RedirectSource, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::process::{Process, on_free_ports};
use crate::{Running, client};

fn with(redirects: RedirectSource) -> Config {
    Config { redirects, ..Config::default() }
}

fn inline(list: &str) -> Config {
    with(RedirectSource::Inline(list.to_owned()))
}

#[tokio::test]
async fn an_alias_is_answered_with_its_target_unchanged() {
    let target = "https://example.com/Some%20Path/?q=a+b&c=%E2%82%AC#top";
    let server = Running::start(inline(&format!("foo {target}\na/b http://example.org"))).await;
    for request in ["/foo", "/foo/", "/foo?utm=1", "/%66oo"] {
        let answer = server.get(request).await;
        assert_eq!((answer.status, answer.header("location")), (308, Some(target)), "{request}");
        assert_eq!(answer.body, b"");
    }
    assert_eq!(server.get("/a/b").await.header("location"), Some("http://example.org"));
    let head = client::send(server.addr, "HEAD", "/foo", &[]).await;
    assert_eq!((head.status, head.header("location")), (308, Some(target)));
    assert_eq!(server.get("/bar").await.status, 404);
    assert_eq!(server.get("/foo//").await.status, 404);
}

#[tokio::test]
async fn the_status_may_be_301_as_in_the_go_original() {
    let redirect_status = http::StatusCode::MOVED_PERMANENTLY;
    let server = Running::start(Config { redirect_status, ..inline("foo http://foo.bar") }).await;
    let answer = server.get("/foo").await;
    assert_eq!((answer.status, answer.header("location")), (301, Some("http://foo.bar")));
}

#[tokio::test]
async fn every_demo_alias_is_there() {
    let server = Running::demo().await;
    for (alias, url) in servy::demo::redirects() {
        let answer = server.get(&format!("/{alias}")).await;
        assert_eq!((answer.status, answer.header("location")), (308, Some(&*url)));
    }
}

#[tokio::test]
async fn files_win_over_redirects() {
    let server = Running::start(inline("about https://example.com/elsewhere")).await;
    assert_eq!(server.get("/about").await.status, 200);
}

#[tokio::test]
async fn the_list_may_be_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "# links\nfoo http://foo.bar\nbroken line here\n").unwrap();
    let server = Running::start(with(RedirectSource::File(file.path().into()))).await;
    assert_eq!(server.get("/foo").await.header("location"), Some("http://foo.bar"));
    assert_eq!(server.get("/broken").await.status, 404);
}

/// A web server that gives these answers, one connection each.
async fn source(answers: &'static [&'static str]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/list?raw=1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let len = stream.read(&mut request).await.unwrap();
            let request = std::str::from_utf8(&request[..len]).unwrap();
            assert!(request.starts_with("GET /"), "{request}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Url::parse(&url).unwrap()
}

#[tokio::test]
async fn the_list_may_be_at_a_url_that_redirects() {
    let url = source(&[
        "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\nfoo http://foo.bar\n",
    ])
    .await;
    let server = Running::start(with(RedirectSource::Url(url))).await;
    assert_eq!(server.get("/foo").await.header("location"), Some("http://foo.bar"));
}

#[tokio::test]
async fn a_source_that_fails_is_an_error_with_the_flags_name() {
    let missing = RedirectSource::File("/nowhere/redirects.txt".into());
    let error =
        Server::bind(Config { port: 0, metrics_port: 0, ..with(missing) }).await.err().unwrap();
    insta::assert_snapshot!(error, @"--redirects: cannot read /nowhere/redirects.txt: No such file or directory (os error 2)");

    let url = source(&["HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"]).await;
    let broken = with(RedirectSource::Url(url.clone()));
    let error = Server::bind(Config { port: 0, metrics_port: 0, ..broken }).await.err().unwrap();
    assert!(matches!(error, Error::RedirectsUrl { .. }));
    let expected =
        format!("--redirects: cannot fetch {url}: the answer is 503 Service Unavailable");
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_folder_may_go_without_redirects() {
    let folder = tempfile::TempDir::new().unwrap();
    let assets = AssetSource::Dir(folder.path().into());
    let server = Running::start(Config { assets, ..with(RedirectSource::None) }).await;
    assert_eq!(server.get("/github").await.status, 404);
}

#[tokio::test]
async fn a_list_that_is_too_long_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // Without end, until the other side has had enough.
        while stream.write_all(&[b'#'; 1 << 16]).await.is_ok() {}
    });
    let endless = with(RedirectSource::Url(Url::parse(&url).unwrap()));
    let bound = Server::bind(Config { port: 0, metrics_port: 0, ..endless });
    let error = tokio::time::timeout(Duration::from_secs(60), bound).await.unwrap().err().unwrap();
    assert!(error.to_string().contains("(at most 8388608 bytes)"), "{error}");
}

/// In a process of its own, which is told by a variable whom to trust.
#[tokio::test]
async fn the_list_may_be_behind_tls() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let trusted = folder.path().join("ca.pem");
    std::fs::write(&trusted, cert.pem()).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/list", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever does not trust us ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let len = stream.read(&mut [0; 1024]).await.unwrap();
            assert!(len > 0);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\nfoo http://foo.bar";
            stream.write_all(answer).await.unwrap();
            let _ = stream.shutdown().await;
        }
    });
    let flags = ["--redirects", &url];
    let mut command = on_free_ports(&flags);
    command.env("SSL_CERT_FILE", &trusted);
    let (_process, _, addr) =
        tokio::task::spawn_blocking(|| Process::start(command)).await.unwrap();
    let answer = client::send(addr, "GET", "/foo", &[]).await;
    assert_eq!(answer.header("location"), Some("http://foo.bar"));

    let mut stranger = on_free_ports(&flags);
    stranger.env_remove("SSL_CERT_FILE");
    let refused = tokio::task::spawn_blocking(move || stranger.output().unwrap()).await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("TLS: ") && text.contains("certificate"), "{text}");
}
