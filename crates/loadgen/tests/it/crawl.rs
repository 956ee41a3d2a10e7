//! Crawls of real servers, well-behaved and not.

mod command;
mod site;
mod traps;

use std::{
    cell::RefCell, collections::HashMap, future::pending, net::SocketAddr, rc::Rc, sync::Arc,
    time::Duration,
};

use loadgen::{
    crawl::{CrawlError, Crawled, Options, crawl},
    http::{HttpConfig, Network},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::peer::{self, read_request};

/// Runs a test where clients live: on a runtime of one thread.
fn run<T>(test: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build_local(Default::default()).unwrap().block_on(test)
}

fn options(url: &str) -> Options {
    Options::new(url.parse().unwrap())
}

async fn try_crawl(options: Options) -> Result<Crawled, CrawlError> {
    // Nobody answers as slowly as this by accident.
    let http = HttpConfig { timeout: Duration::from_secs(5), ..HttpConfig::default() };
    crawl(Arc::new(Network::new(http, None)), options, pending(), |_| {}).await
}

async fn crawl_all(options: Options) -> Crawled {
    let crawled = try_crawl(options).await.unwrap();
    assert!(crawled.is_whole);
    assert_eq!(crawled.tally.waiting, 0);
    assert_eq!(crawled.tally.pages + crawled.tally.assets, crawled.paths.len() as u64);
    crawled
}

/// A site on a raw socket.
#[derive(Clone)]
struct Site {
    address: SocketAddr,
    /// The paths that were asked for, in order.
    asked: Rc<RefCell<Vec<String>>>,
}

impl Site {
    /// Answers with what `respond` writes for a path.
    async fn start<F: Future<Output = ()> + 'static>(
        respond: impl Fn(TcpStream, String) -> F + 'static,
    ) -> Self {
        let asked = Rc::<RefCell<Vec<String>>>::default();
        let (notes, respond) = (asked.clone(), Rc::new(respond));
        let address = peer::serve(move |mut stream| {
            let (notes, respond) = (notes.clone(), respond.clone());
            async move {
                let request = read_request(&mut stream).await;
                let Some(path) = request.split(' ').nth(1).map(str::to_owned) else { return };
                notes.borrow_mut().push(path.clone());
                respond(stream, path).await;
            }
        })
        .await;
        Self { address, asked }
    }

    /// Answers with what `page` makes of a path.
    async fn of(page: impl Fn(&str) -> Page + 'static) -> Self {
        Self::start(move |mut stream, path| {
            let answer = page(&path).0;
            async move { drop(stream.write_all(&answer).await) }
        })
        .await
    }

    /// Serves these pages, and nothing else.
    async fn with(pages: &[(&'static str, Page)]) -> Self {
        let pages: HashMap<_, _> = pages.iter().cloned().collect();
        Self::of(move |path| pages.get(path).cloned().unwrap_or_else(missing)).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn crawl(&self) -> Crawled {
        crawl_all(options(&self.url("/"))).await
    }

    /// How often paths that begin like this were asked for.
    fn asked_for(&self, start: &str) -> usize {
        self.asked.borrow().iter().filter(|path| path.starts_with(start)).count()
    }
}

/// An answer, byte for byte.
#[derive(Clone)]
struct Page(Vec<u8>);

fn answer(status: &str, headers: &str, body: &[u8]) -> Page {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    Page([head.as_bytes(), body].concat())
}

fn file(content_type: &str, body: impl AsRef<[u8]>) -> Page {
    answer("200 OK", &format!("Content-Type: {content_type}\r\n"), body.as_ref())
}

fn html(body: &str) -> Page {
    file("text/html", body)
}

/// A page with these links.
fn links(links: &str) -> Page {
    html(&links.split(' ').map(|link| format!("<a href='{link}'>x</a>")).collect::<String>())
}

fn redirect(to: &str) -> Page {
    answer("302 Found", &format!("Location: {to}\r\n"), b"")
}

fn missing() -> Page {
    answer("404 Not Found", "", b"")
}

/// The failures, as in `/missing: 404 Not Found (/, 2)`.
fn failures(crawled: &Crawled) -> Vec<String> {
    let text = |failure: &loadgen::crawl::Failure| {
        let from = failure.from.as_deref().unwrap_or("nobody");
        format!("{}: {} ({from}, {})", failure.path, failure.problem, failure.links)
    };
    assert_eq!(crawled.tally.failures, crawled.failures.len() as u64);
    crawled.failures.iter().map(text).collect()
}
