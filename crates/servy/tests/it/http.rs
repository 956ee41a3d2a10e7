//! Conditions, ranges and codings, header by header.

use std::io::Read;
use std::time::Duration;

use servy::{AssetSource, Config, RedirectSource};

use crate::{Running, client};

async fn get(server: &Running, target: &str, headers: &[(&str, &str)]) -> client::Answer {
    client::send(server.addr, "GET", target, headers).await
}

#[tokio::test]
async fn an_asset_has_the_headers_of_the_original() {
    let server = Running::demo().await;
    let answer = server.get("/css/main.css").await;
    let expected = Some("public, max-age=31536000, must-revalidate");
    assert_eq!(answer.header("cache-control"), expected);
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
    assert_eq!(answer.header("last-modified"), None, "what is made from seeds has no date");
    let etag = answer.header("etag").unwrap();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 20, "{etag}");
    let missing = server.get("/nowhere").await;
    assert_eq!((missing.header("cache-control"), missing.header("etag")), (None, None));
}

#[tokio::test]
async fn an_etag_makes_the_round_trip() {
    let server = Running::demo().await;
    let first = server.get("/css/main.css").await;
    let etag = first.header("etag").unwrap();
    for (value, status) in [
        (etag.to_owned(), 304),
        (format!("W/{etag}"), 304),
        (format!("\"x\", {etag}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let answer = get(&server, "/css/main.css", &[("if-none-match", &value)]).await;
        assert_eq!(answer.status, status, "{value}");
        assert_eq!(answer.header("etag"), Some(etag));
        assert_eq!(answer.body.is_empty(), status == 304);
        let head =
            client::send(server.addr, "HEAD", "/css/main.css", &[("if-none-match", &value)]).await;
        assert_eq!(head.status, status, "{value}");
    }
    let answer = get(&server, "/css/main.css", &[("if-match", "\"x\"")]).await;
    assert_eq!(answer.status, 412);
    let answer = get(&server, "/css/main.css", &[("if-match", etag)]).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn files_of_a_folder_have_dates() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.html"), "a").unwrap();
    let assets = AssetSource::Dir(folder.path().to_owned());
    let config = Config { assets, redirects: RedirectSource::None, ..Config::default() };
    let server = Running::start(config).await;
    let answer = server.get("/a.html").await;
    let date = answer.header("last-modified").unwrap();
    let answer = get(&server, "/a.html", &[("if-modified-since", date)]).await;
    assert_eq!(answer.status, 304);
    let old = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(get(&server, "/a.html", &[("if-modified-since", old)]).await.status, 200);
    assert_eq!(get(&server, "/a.html", &[("if-unmodified-since", old)]).await.status, 412);
}

#[tokio::test]
async fn one_range() {
    let server = Running::demo().await;
    let whole = server.get("/images/tides.png").await.body;
    let len = whole.len();
    let from = len - 10;
    for (range, part) in [
        ("bytes=0-99", 0..100),
        ("bytes=100-", 100..len),
        ("bytes=-10", from..len),
        ("bytes=0-999999999", 0..len),
    ] {
        let answer = get(&server, "/images/tides.png", &[("range", range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.body, whole[part.clone()], "{range}");
        let expected = format!("bytes {}-{}/{len}", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), Some(&*expected));
    }
    let behind = format!("bytes={len}-");
    let answer = get(&server, "/images/tides.png", &[("range", &behind)]).await;
    assert_eq!(answer.status, 416);
    assert_eq!(answer.header("content-range"), Some(&*format!("bytes */{len}")));
    let head =
        client::send(server.addr, "HEAD", "/images/tides.png", &[("range", "bytes=0-9")]).await;
    assert_eq!(head.status, 200, "ranges are for GET");
}

#[tokio::test]
async fn several_ranges_come_in_one_body() {
    let server = Running::demo().await;
    let whole = server.get("/images/tides.png").await.body;
    let answer = get(&server, "/images/tides.png", &[("range", "bytes=10-19, 0-4")]).await;
    assert_eq!(answer.status, 206);
    let kind = answer.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let head = |range| {
        format!(
            "\r\n--{boundary}\r\ncontent-type: image/png\r\ncontent-range: bytes {range}/{}\r\n\r\n",
            whole.len()
        )
    };
    let expected = [
        head("10-19").as_bytes(),
        &whole[10..20],
        head("0-4").as_bytes(),
        &whole[0..5],
        format!("\r\n--{boundary}--\r\n").as_bytes(),
    ]
    .concat();
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn a_range_of_an_old_copy_is_the_whole_new_one() {
    let server = Running::demo().await;
    let etag = server.get("/css/main.css").await.header("etag").unwrap().to_owned();
    let range = ("range", "bytes=0-9");
    let fresh = get(&server, "/css/main.css", &[range, ("if-range", &etag)]).await;
    assert_eq!((fresh.status, fresh.body.len()), (206, 10));
    let stale = get(&server, "/css/main.css", &[range, ("if-range", "\"old\"")]).await;
    assert_eq!(stale.status, 200);
    let known = get(&server, "/css/main.css", &[range, ("if-none-match", &etag)]).await;
    assert_eq!(known.status, 304, "conditions come before ranges");
}

#[tokio::test]
async fn text_is_compressed_as_the_client_likes() {
    let server = Running::demo().await;
    let plain = server.get("/archive/").await;
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for (accept, coding) in [("gzip, br;q=0.5", "gzip"), ("br", "br"), ("zstd", "zstd")] {
        let answer = get(&server, "/archive/", &[("accept-encoding", accept)]).await;
        assert_eq!(answer.header("content-encoding"), Some(coding));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert!(answer.body.len() < plain.body.len() / 2, "{coding}");
        assert_eq!(unpack(coding, &answer.body), plain.body);
        let etag = answer.header("etag").unwrap().to_owned();
        let again = [("accept-encoding", accept), ("if-none-match", &etag)];
        assert_eq!(get(&server, "/archive/", &again).await.status, 304);
        tags.push(etag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "other bytes have another tag");
    let missing = get(&server, "/nowhere", &[("accept-encoding", "gzip")]).await;
    assert_eq!((missing.status, missing.header("content-encoding")), (404, Some("gzip")));
}

fn unpack(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut plain),
        _ => zstd::Decoder::new(body).unwrap().read_to_end(&mut plain),
    }
    .unwrap();
    plain
}

#[tokio::test]
async fn pictures_are_left_alone() {
    let server = Running::demo().await;
    let accept = [("accept-encoding", "gzip, br, zstd")];
    let answer = get(&server, "/images/tides.png", &accept).await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), (None, None));
}

/// Cleartext HTTP/2 with prior knowledge.
#[tokio::test]
async fn http_2_is_spoken_on_the_same_port() {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let server = Running::demo().await;
    let stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let driver = tokio::spawn(connection);
    let request = |method, path: &str| {
        let uri = format!("http://{}{path}", server.addr);
        http::Request::builder().method(method).uri(uri).body(Empty::<bytes::Bytes>::new()).unwrap()
    };
    let both = tokio::join!(
        client.clone().send_request(request("GET", "/images/tides.png")),
        client.send_request(request("HEAD", "/about"))
    );
    let (picture, head) = (both.0.unwrap(), both.1.unwrap());
    assert_eq!((picture.status(), head.status()), (http::StatusCode::OK, http::StatusCode::OK));
    let body = picture.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, server.get("/images/tides.png").await.body);
    drop((client, head));
    tokio::time::timeout(Duration::from_secs(30), driver).await.unwrap().unwrap().unwrap();
}
