//! Finds the paths of a site: every page and asset that links lead to from its start page.
//!
//! Links are those of HTML, SVG, CSS and sitemaps; scripts are not run. Visits go breadth first, a
//! few at a time, and what they find is taken in the order of their beginning: the same site gives
//! the same list each time. Memory and time are bounded whatever the site does: by
//! [`Limits`], and by the sizes of pages and sitemaps.
//!
//! It knows nothing of load tests; it uses [`http`](crate::http) as they do.
//!
//! ```
//! # let mut builder = tokio::runtime::Builder::new_current_thread();
//! # let runtime = builder.enable_all().build_local(Default::default()).unwrap();
//! # runtime.block_on(async {
//! use std::{future::pending, sync::Arc};
//!
//! use loadgen::{crawl, http::{HttpConfig, InProcess, Network}};
//!
//! let router = servy::router(servy::Config::default()).await.unwrap();
//! let site = InProcess::new("http://site.test", router).unwrap();
//! let network = Arc::new(Network::new(HttpConfig::default(), Some(site)));
//!
//! let options = crawl::Options::new("http://site.test/".parse().unwrap());
//! let crawled = crawl::crawl(network, options, pending(), |_| {}).await.unwrap();
//! assert!(crawled.paths.contains(&"/css/main.css".to_owned()));
//! # });
//! ```

mod content;
mod css;
mod discover;
mod frontier;
pub(crate) mod gzip;
mod html;
mod left_out;
mod pattern;
mod robots;
mod site;
mod sitemap;
mod survey;
mod visit;

use std::{future::Future, mem, sync::Arc};

use futures_util::{StreamExt, stream::FuturesOrdered};
use url::Url;

pub use left_out::{LeftOut, Reason};
pub use pattern::{InvalidPattern, Pattern};

use crate::http::{Client, Network};
use frontier::Frontier;
use robots::Robots;
use site::Site;
use survey::Survey;
use visit::{Visit, visit};

/// What to crawl, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The page that everything begins with; it is visited whatever the other options say.
    pub start: Url,
    /// Other URLs of the site: links to their hosts are taken for links to that of `start`.
    pub aliases: Vec<Url>,
    /// Follow only links that one of these matches; all if there are none.
    pub include: Vec<Pattern>,
    /// Do not follow links that one of these matches.
    pub exclude: Vec<Pattern>,
    /// Do as if there were no robots.txt, but for the sitemaps that it names.
    pub ignore_robots: bool,
    /// Visits under way at a time.
    pub concurrency: usize,
    /// Where to stop.
    pub limits: Limits,
}

/// Where a crawl stops, so that a site without end does not make one of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most paths to visit, pages, assets, redirects and failures together.
    pub max_pages: usize,
    /// Most links between the start page and another; `None` for no limit.
    pub max_depth: Option<u32>,
    /// Most paths to visit that differ in nothing but their query.
    pub max_queries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pages: 10_000, max_depth: None, max_queries: 100 }
    }
}

impl Options {
    /// As many visits at a time as a browser makes to one host.
    pub const CONCURRENCY: usize = 6;

    /// All that links lead to from `start`, within the default limits.
    pub fn new(start: Url) -> Self {
        Self {
            start,
            aliases: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            ignore_robots: false,
            concurrency: Self::CONCURRENCY,
            limits: Limits::default(),
        }
    }
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pages: what is HTML.
    pub pages: u64,
    /// Everything else that was found.
    pub assets: u64,
    /// Paths that lead elsewhere.
    pub redirects: u64,
    /// What is not as it should be.
    pub failures: u64,
    /// Paths that are known and not visited yet.
    pub waiting: u64,
}

/// What a crawl found.
#[derive(Debug)]
pub struct Crawled {
    /// The paths, with their queries, that are answered with a status of success; sorted, each once.
    pub paths: Vec<String>,
    /// How many there are of what.
    pub tally: Tally,
    /// Broken links and the like, sorted by their paths.
    pub failures: Vec<Failure>,
    /// Links that were not followed.
    pub left_out: LeftOut,
    /// Whether it came to its end.
    pub is_whole: bool,
}

/// A path that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The path; of a link that is no URL, its text.
    pub path: String,
    /// What is wrong: a status, or why there is none.
    pub problem: String,
    /// The first file that leads there; none for the start page, and for what nothing leads to.
    pub from: Option<String>,
    /// How many links lead there.
    pub links: u64,
}

/// Why there is nothing to crawl.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The start page is not there.
    #[error("crawl {url}: the start page cannot be had: {problem}")]
    Start {
        /// Its URL.
        url: String,
        /// A status, or why there is none.
        problem: String,
    },
    /// The start page is somewhere else.
    #[error("crawl {url}: the start page redirects to another host; crawl {to} instead")]
    Elsewhere {
        /// Its URL.
        url: String,
        /// Where it is.
        to: String,
    },
}

/// Crawls a site until nothing is left, or until `stop` is ready: then what was found so far is the
/// result. `on_progress` is told how far it is after each visit.
///
/// # Errors
///
/// When the start page cannot be had.
///
/// # Panics
///
/// Outside of a tokio `LocalRuntime` or `LocalSet`.
pub async fn crawl(
    network: Arc<Network>,
    options: Options,
    stop: impl Future<Output = ()>,
    mut on_progress: impl FnMut(&Tally),
) -> Result<Crawled, CrawlError> {
    let client = Client::new(network);
    let site = Site::new(&options.start, &options.aliases);
    let Options { include, exclude, limits, .. } = options.clone();
    let mut survey = Survey::new(&site, Frontier::new(limits, include, exclude));
    let is_whole = tokio::select! {
        biased;
        () = stop => false,
        done = crawl_all(&client, &site, &options, &mut survey, &mut on_progress) => {
            done?;
            true
        }
    };
    let crawled = survey.finish(is_whole);
    match crawled.failures.first() {
        // It redirects to what is not there.
        Some(failure) if is_whole && crawled.paths.is_empty() => Err(CrawlError::Start {
            url: public(&options.start),
            problem: format!("{}: {}", failure.path, failure.problem),
        }),
        _ => Ok(crawled),
    }
}

async fn crawl_all(
    client: &Client,
    site: &Site,
    options: &Options,
    survey: &mut Survey<'_>,
    on_progress: &mut impl FnMut(&Tally),
) -> Result<(), CrawlError> {
    let start = survey.frontier.start(&site.path(&options.start).unwrap_or_default());
    let found = visit(client, site, &start.path).await;
    check_start(&options.start, site, &found)?;
    let mut robots = match discover::robots(client, site, product(client)).await {
        Ok(robots) => robots,
        Err(problem) => {
            survey.fail(&discover::ROBOTS.into(), None, problem);
            Robots::default()
        }
    };
    let sitemaps = mem::take(&mut robots.sitemaps);
    if !options.ignore_robots {
        survey.frontier.heed(robots);
    }
    survey.settle(&start, found);
    on_progress(&survey.tally(0));
    discover::sitemaps(client, site, &sitemaps, survey).await;

    let mut visits = FuturesOrdered::new();
    loop {
        while visits.len() < options.concurrency.max(1)
            && let Some(link) = survey.frontier.next()
        {
            visits.push_back(async move {
                let found = visit(client, site, &link.path).await;
                (link, found)
            });
        }
        let Some((link, found)) = visits.next().await else { return Ok(()) };
        survey.settle(&link, found);
        on_progress(&survey.tally(visits.len()));
    }
}

/// What the crawler calls itself: the user agent up to its version.
fn product(client: &Client) -> &str {
    let agent = &*client.network().config().user_agent;
    agent.split(['/', ' ']).next().unwrap_or_default()
}

/// Whether there is something to begin with.
fn check_start(url: &Url, site: &Site, found: &Visit) -> Result<(), CrawlError> {
    match found {
        Visit::Failure(problem) => {
            Err(CrawlError::Start { url: public(url), problem: problem.clone() })
        }
        Visit::Redirect(to) if site.path(to).is_none() => {
            Err(CrawlError::Elsewhere { url: public(url), to: public(to) })
        }
        _ => Ok(()),
    }
}

/// The URL without user and password.
fn public(url: &Url) -> String {
    let mut url = url.clone();
    // They can only fail where there is no host.
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}
