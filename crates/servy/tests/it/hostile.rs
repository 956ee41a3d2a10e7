//! Whatever a client sends: no panic, no status of the 500s, no byte from outside the root.

use std::fs;
use std::os::unix::fs::symlink;

use http_body_util::BodyExt;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use servy::{AssetSource, Config, RedirectSource};
use tower_service::Service;

/// Pieces of which targets are made: names that are there, and ways to leave.
const PIECES: &str = "(/|\\.\\.|\\.|%2e|%2E%2e|%2f|%5c|%00|%25|%252e|%|\\?|#|//|\\\\|~|;|é|a|\
                      index\\.html|nested|secret\\.txt|out|link\\.txt|\\.env|up|large){0,12}";

const HEADERS: [(&str, &str); 6] = [
    ("range", "(bytes|lines)?=?([0-9]{0,20}-[0-9]{0,20},? ?){0,20}"),
    ("accept-encoding", "((gzip|br|zstd|identity|\\*|x)(;q=[0-9.]{0,6})?,? ?){0,6}"),
    ("if-none-match", "(W/)?\"?[a-f0-9*,\" ]{0,40}"),
    ("if-match", "(\\*|\"[a-f0-9]{0,40}\"|[ -~]{0,20})"),
    ("if-modified-since", "(Sun, 06 Nov [0-9]{1,5} [0-9:]{5,8} GMT|[ -~]{0,30})"),
    ("if-range", "(\"[a-z]{0,9}\"|W/\"x\"|Sun, 06 Nov 1994 08:49:37 GMT|[ -~]{0,20})"),
];

#[test]
fn nothing_breaks_it_and_nothing_gets_out() {
    let outside = tempfile::TempDir::new().unwrap();
    let root = outside.path().join("public");
    fs::create_dir_all(root.join("nested")).unwrap();
    fs::write(outside.path().join("secret.txt"), "secret").unwrap();
    fs::write(root.join("index.html"), "public ".repeat(40)).unwrap();
    fs::write(root.join("nested/a"), "public").unwrap();
    fs::write(root.join("large"), vec![b'.'; (1 << 20) + 1]).unwrap();
    fs::write(root.join(".env"), "secret").unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink(outside.path(), root.join("out")).unwrap();
    symlink("../secret.txt", root.join("link.txt")).unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config {
        assets: AssetSource::Dir(root),
        redirects: RedirectSource::Inline("a http://a.example\nup http://up.example\n".to_owned()),
        ..Config::default()
    };
    let router = runtime.block_on(servy::router(config)).unwrap();

    let values: Vec<_> =
        HEADERS.iter().map(|(_, pattern)| proptest::option::of(*pattern)).collect();
    let requests = ("(GET|HEAD|POST|get|PURGE)", PIECES, values);
    TestRunner::default()
        .run(&requests, |(method, path, values)| {
            let target = format!("/{path}");
            let mut request = http::Request::builder().method(method.as_str()).uri(&target);
            for ((name, _), value) in HEADERS.iter().zip(values) {
                if let Some(value) = value {
                    request = request.header(*name, value);
                }
            }
            // What is no request does not get as far as the site.
            let Ok(request) = request.body(axum::body::Body::empty()) else { return Ok(()) };
            let mut router = router.clone();
            let (status, body) = runtime.block_on(async {
                let Ok(response) = router.call(request).await;
                let status = response.status().as_u16();
                (status, response.into_body().collect().await.unwrap().to_bytes())
            });
            prop_assert!((200..500).contains(&status), "{target}: {status}");
            let secret = body.windows(6).any(|window| window == b"secret");
            prop_assert!(!secret, "{target} got out");
            Ok(())
        })
        .unwrap();
}
