//! Files that are too large for memory: they are sent from the disk, piece by piece.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use servy::{AssetSource, Config, RedirectSource};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Running, client};

const MB: usize = 1 << 20;

/// Different bytes everywhere, so that no piece can stand for another.
fn pattern(len: usize) -> Vec<u8> {
    let (mut bytes, mut word) = (Vec::with_capacity(len + 8), 1_u64);
    while bytes.len() < len {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// A folder with one file.
fn folder(name: &str, body: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    File::create(&path).unwrap().write_all(body).unwrap();
    (folder, path)
}

async fn serve(folder: &Path) -> Running {
    let assets = AssetSource::Dir(folder.to_owned());
    Running::start(Config { assets, redirects: RedirectSource::None, ..Config::default() }).await
}

#[tokio::test]
async fn it_has_the_bytes_and_the_headers_of_any_file() {
    let body = pattern(5 * MB + 3);
    let (folder, _) = folder("a.bin", &body);
    let server = serve(folder.path()).await;
    let get = server.get("/a.bin").await;
    assert_eq!(get.status, 200);
    assert!(get.body == body);
    assert_eq!(get.header("content-length"), Some(&*body.len().to_string()));
    assert_eq!(get.header("cache-control"), Some("public, max-age=31536000, must-revalidate"));
    let etag = get.header("etag").unwrap();
    assert!(etag.starts_with('"') && etag.len() == 34, "{etag}");

    let head = client::send(server.addr, "HEAD", "/a.bin", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-type", "content-length", "etag", "last-modified", "accept-ranges"] {
        assert!(get.header(name).is_some(), "{name}");
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    let date = get.header("last-modified").unwrap();
    for (name, value, status) in [
        ("if-none-match", etag, 304),
        ("if-none-match", "\"x\"", 200),
        ("if-modified-since", date, 304),
        ("if-match", "\"x\"", 412),
    ] {
        let answer = client::send(server.addr, "GET", "/a.bin", &[(name, value)]).await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_range_is_exact_to_the_byte() {
    // Pieces of 64 KB are an affair of the server; ranges begin and end beside their borders.
    let body = pattern(3 * MB + 1);
    let (folder, _) = folder("a.bin", &body);
    let server = serve(folder.path()).await;
    let len = body.len();
    for part in [0..1, 0..65_536, 65_535..65_537, 65_536..200_000, MB + 7..2 * MB + 9, len - 1..len]
    {
        let range = format!("bytes={}-{}", part.start, part.end - 1);
        let answer = client::send(server.addr, "GET", "/a.bin", &[("range", &range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        assert!(answer.body == body[part.clone()], "{range}");
        let expected = format!("bytes {}-{}/{len}", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), Some(&*expected));
    }
    let answer =
        client::send(server.addr, "GET", "/a.bin", &[("range", "bytes=-5,100000-300000")]).await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
    let kind = answer.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let head = |range: &str| {
        format!(
            "\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\n\
             content-range: bytes {range}/{len}\r\n\r\n"
        )
    };
    let last = format!("{}-{}", len - 5, len - 1);
    let expected = [
        head(&last).as_bytes(),
        &body[len - 5..],
        head("100000-300000").as_bytes(),
        &body[100_000..=300_000],
        format!("\r\n--{boundary}--\r\n").as_bytes(),
    ]
    .concat();
    assert!(answer.body == expected);
}

#[tokio::test]
async fn what_can_be_compressed_still_is_unless_it_is_huge() {
    let (folder, path) = folder("a.js", "let x = 1;\n".repeat(2 * MB / 11).as_bytes());
    // A file that has just changed may change again, and is not worth compressing yet.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let server = serve(folder.path()).await;
    let accept = [("accept-encoding", "br")];
    let answer = client::send(server.addr, "GET", "/a.js", &accept).await;
    assert_eq!(answer.header("content-encoding"), Some("br"));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
    OpenOptions::new().write(true).open(path).unwrap().set_len(9 * MB as u64).unwrap();
    let answer = client::send(server.addr, "GET", "/a.js", &accept).await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), (None, None));
    assert_eq!(answer.body.len(), 9 * MB);
}

/// Asks for the file, reads a little, lets `change` happen, and reads the rest.
async fn cut_by(change: impl FnOnce(&File)) -> (usize, usize) {
    let len = 64 * MB;
    let (folder, path) = folder("a.bin", b"");
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(len as u64).unwrap();
    let server = serve(folder.path()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(b"GET /a.bin HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut head = vec![0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head, b"HTTP/1.1 200");
    change(&file);
    let mut rest = Vec::new();
    // A reset is one way to end a connection.
    let end = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest));
    let _ = end.await.expect("the connection ends");
    (rest.len(), len)
}

#[tokio::test]
async fn a_file_that_shrinks_or_changes_while_it_is_sent_ends_the_connection() {
    let (received, len) = cut_by(|file| file.set_len(1 << 16).unwrap()).await;
    assert!(received < len, "{received} bytes that are not there");
    let (received, len) = cut_by(|file| file.write_all_at(b"changed", 60 << 20).unwrap()).await;
    assert!(received < len, "{received} bytes of two contents under one tag");
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end() {
    let body = pattern(16 * MB);
    let (folder, path) = folder("a.bin", &body);
    let server = serve(folder.path()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let request = b"GET /a.bin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut first = vec![0; 12];
    stream.read_exact(&mut first).await.unwrap();
    let new = folder.path().join("new");
    std::fs::write(&new, pattern(2 * MB)).unwrap();
    std::fs::rename(new, path).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(&body), "{} bytes", rest.len());
    assert_eq!(server.get("/a.bin").await.body.len(), 2 * MB, "and then the new one");
}
