//! Sites without end: every crawl of one ends by itself.

use std::{cell::Cell, io::Write};

use flate2::{Compression, write::GzEncoder};
use loadgen::crawl::Reason;
use tokio::time::Instant;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_calendar_ends_at_the_limit_of_pages() {
    run(async {
        let server = Site::of(|path| {
            let month: usize = path.rsplit('/').next().unwrap().parse().unwrap_or(0);
            links(&format!("/{} /{} /about", month + 1, month * 31 + 7))
        })
        .await;
        let mut options = options(&server.url("/"));
        options.limits.max_pages = 100;
        let crawled = crawl_all(options).await;
        assert_eq!(crawled.paths.len(), 100);
        assert!(crawled.left_out.of(Reason::Pages) > 50);
        // And robots.txt and the sitemap.
        assert_eq!(server.asked.borrow().len(), 102);
    });
}

#[test]
fn session_ids_end_at_the_limit_of_queries() {
    run(async {
        let next = Cell::new(0);
        let server = Site::of(move |_| {
            next.set(next.get() + 1);
            links(&format!("/shop?sid={0} /cart?sid={0}", next.get()))
        })
        .await;
        let mut options = options(&server.url("/"));
        options.limits.max_queries = 20;
        let crawled = crawl_all(options).await;
        assert_eq!(crawled.paths.len(), 41);
        assert!(crawled.left_out.of(Reason::Queries) > 10);
    });
}

#[test]
fn paths_that_grow_end_when_they_are_too_long() {
    run(async {
        let part = "a".repeat(100);
        let server = Site::of(move |_| links(&format!("{part}/"))).await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths.len(), 21);
        assert_eq!(crawled.left_out.of(Reason::Length), 1);
    });
}

#[test]
fn redirects_in_circles_and_without_end_are_failures() {
    run(async {
        let server = Site::of(|path| match path {
            "/" => links("/one /self /0"),
            "/one" => redirect("/two"),
            "/two" => redirect("/one"),
            "/self" => redirect("/self"),
            "/robots.txt" => redirect("/robots.txt"),
            "/sitemap.xml" => redirect("/sitemap.xml"),
            _ => redirect(&format!("/{}", path[1..].parse::<usize>().unwrap() + 1)),
        })
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/"]);
        let failed: Vec<_> = crawled.failures.iter().map(|failure| &*failure.path).collect();
        assert_eq!(failed, ["/0", "/one", "/self", "/two"]);
        assert!(server.asked_for("/") < 40);
    });
}

/// Writes for ever; counts the bytes that somebody took.
async fn pour(mut stream: TcpStream, head: &str, chunk: &[u8], taken: Rc<Cell<usize>>) {
    let mut next = head.as_bytes();
    while stream.write_all(next).await.is_ok() {
        taken.set(taken.get() + next.len());
        next = chunk;
    }
}

#[test]
fn bodies_of_gigabytes_are_not_read_to_their_ends() {
    run(async {
        let taken = Rc::<Cell<usize>>::default();
        let count = taken.clone();
        let server = Site::start(move |mut stream, path| {
            let taken = count.clone();
            async move {
                let mebibyte = vec![b' '; 1 << 20];
                let chunk = [b"100000\r\n", &mebibyte[..], b"\r\n"].concat();
                let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}\r\n\r\n");
                let (head, piece) = match &*path {
                    "/film" => {
                        (head("Content-Type: video/mp4\r\nContent-Length: 5000000000"), mebibyte)
                    }
                    "/page" => {
                        (head("Content-Type: text/html\r\nTransfer-Encoding: chunked"), chunk)
                    }
                    "/until-close" => (head("Content-Type: text/css"), mebibyte),
                    "/robots.txt" => (head("Content-Type: text/plain"), mebibyte),
                    "/sitemap.xml" => {
                        (head("Content-Type: text/plain"), b"http://[\n".repeat(100_000))
                    }
                    _ => {
                        let page = links("/film /page /until-close");
                        return drop(stream.write_all(&page.0).await);
                    }
                };
                pour(stream, &head, &piece, taken).await;
            }
        })
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/", "/film", "/page", "/until-close"]);
        insta::assert_snapshot!(failures(&crawled).join("\n"), @r"
        /page: is longer than 8 MiB; what follows was not looked through (/, 1)
        /sitemap.xml: is longer than 50 MiB; the rest was not read (nobody, 1)
        /until-close: is longer than 8 MiB; what follows was not looked through (/, 1)
        http://[: is no URL: invalid IPv6 address (/sitemap.xml, 50000)
        ");
        // Three files, the sitemap, robots.txt, and what sockets hold.
        let most = (3 * 8 + 50 + 1 + 5 * 8) << 20;
        assert!(taken.get() < most, "{} bytes", taken.get());
    });
}

#[test]
fn what_never_answers_ends_at_the_timeout() {
    run(async {
        let server = Site::start(|mut stream, path| async move {
            match &*path {
                "/silent" => pending().await,
                "/trickle" => {
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
                    while stream.write_all(head.as_bytes()).await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                _ => drop(stream.write_all(&links("/silent /trickle /fine").0).await),
            }
        })
        .await;
        let http = HttpConfig { timeout: Duration::from_millis(700), ..HttpConfig::default() };
        let started = Instant::now();
        let network = Arc::new(Network::new(http, None));
        let crawled = crawl(network, options(&server.url("/")), pending(), |_| {}).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(30));
        assert_eq!(crawled.paths, ["/", "/fine"]);
        assert_eq!(
            failures(&crawled),
            ["/silent: request timeout (/, 2)", "/trickle: request timeout (/, 2)"]
        );
    });
}

#[test]
fn sitemaps_that_name_each_other_are_read_once() {
    run(async {
        let index = |names: &str| {
            let entries: String = names
                .split(' ')
                .map(|name| format!("<sitemap><loc>{name}</loc></sitemap>"))
                .collect();
            file("application/xml", format!("<sitemapindex>{entries}</sitemapindex>"))
        };
        let packed = gzip(b"<urlset><url><loc>/a</loc></url></urlset>");
        let server = Site::with(&[
            ("/", html("")),
            ("/a", html("")),
            ("/sitemap.xml", index("/one.xml /sitemap.xml /pages.xml.gz https://b.test/x.xml")),
            ("/one.xml", index("/sitemap.xml /one.xml /gone.xml /pages.xml.gz")),
            ("/pages.xml.gz", file("application/gzip", packed)),
        ])
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/", "/a"]);
        assert_eq!(failures(&crawled), ["/gone.xml: is no sitemap (/one.xml, 1)"]);
        assert_eq!(crawled.left_out.of(Reason::OtherHost), 1);
        for path in ["/sitemap.xml", "/one.xml", "/pages.xml.gz"] {
            assert_eq!(server.asked_for(path), 1, "{path}");
        }
    });
}

#[test]
fn sitemaps_that_name_new_ones_for_ever_end_at_a_thousand() {
    run(async {
        let server = Site::of(|path| match path.strip_suffix(".xml") {
            Some(name) => {
                let number: usize = name[1..].parse().unwrap_or(0);
                let next = (1..=3)
                    .map(|n| format!("<sitemap><loc>/{}.xml</loc></sitemap>", number * 3 + n));
                file(
                    "text/xml",
                    format!("<sitemapindex>{}</sitemapindex>", next.collect::<String>()),
                )
            }
            None => html(""),
        })
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/"]);
        assert_eq!(
            server.asked.borrow().iter().filter(|path| path.ends_with(".xml")).count(),
            1000
        );
        assert!(failures(&crawled)[0].contains("was not read: there are more than 1000 sitemaps"));
    });
}

#[test]
fn what_unpacks_to_gigabytes_is_unpacked_in_part() {
    run(async {
        let coded = |coding: &str, body: &[u8]| {
            let headers = format!("Content-Type: text/html\r\nContent-Encoding: {coding}\r\n");
            answer("200 OK", &headers, body)
        };
        let page = [&b"<a href=/a>"[..], &vec![b' '; 60 << 20]].concat();
        let list = [&b"<urlset><url><loc>/b</loc></url>"[..], &vec![b' '; 60 << 20]].concat();
        let server = Site::with(&[
            ("/", coded("gzip", &gzip(&page))),
            ("/a", html("")),
            ("/b", coded("gzip", b"no gzip")),
            ("/sitemap.xml", file("text/xml", gzip(&list))),
        ])
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/", "/a"]);
        insta::assert_snapshot!(failures(&crawled).join("\n"), @r"
        /: is longer than 8 MiB; what follows was not looked through (nobody, 1)
        /b: cannot be unpacked: unexpected end of file (/sitemap.xml, 1)
        /sitemap.xml: is longer than 50 MiB; the rest was not read (nobody, 1)
        ");
    });
}
