//! `loadgen crawl` and `loadgen --crawl`: from flags to a list of paths.

use std::sync::Arc;

use url::Url;

use super::{
    CliError,
    args::{CrawlArgs, ListFormat, ScopeArgs},
    env::Lookup,
    execute::demo_service,
    run,
};
use crate::{
    crawl::{self, Crawled, Limits},
    engine::Abort,
    http::{HttpConfig, Network},
    plan,
    progress::{CrawlProgress, ProgressOptions},
    target::Target,
};

/// A site to crawl, and how.
#[derive(Debug)]
pub struct CrawlPlan {
    /// What is crawled.
    pub options: crawl::Options,
    /// How requests are made.
    pub http: HttpConfig,
}

/// A site to print the paths of.
#[derive(Debug)]
pub struct CrawlCommand {
    /// What is crawled, and how.
    pub plan: CrawlPlan,
    /// How the list is printed.
    pub format: ListFormat,
    /// What whoever set the variables should know.
    pub warnings: Vec<String>,
}

pub(super) fn resolve(args: CrawlArgs, lookup: &Lookup<'_>) -> Result<CrawlCommand, CliError> {
    let (options, warnings) = run::consolidate(args.requests.0, None, lookup)?;
    Ok(CrawlCommand {
        plan: CrawlPlan::new(args.url, args.scope, plan::http(&options)),
        format: args.format,
        warnings,
    })
}

impl CrawlPlan {
    pub(super) fn new(start: Url, scope: ScopeArgs, http: HttpConfig) -> Self {
        let number = |given: Option<u32>, default: usize| given.map_or(default, |n| n as usize);
        let defaults = Limits::default();
        let concurrency = number(scope.concurrency, crawl::Options::CONCURRENCY);
        let options = crawl::Options {
            start,
            aliases: scope.alias,
            include: scope.include,
            exclude: scope.exclude,
            ignore_robots: scope.ignore_robots,
            concurrency,
            limits: Limits {
                max_pages: number(scope.max_pages, defaults.max_pages),
                max_depth: scope.max_depth,
                max_queries: number(scope.max_queries, defaults.max_queries),
            },
        };
        // Each visit keeps its connection.
        let http = HttpConfig { max_idle: concurrency, max_idle_per_host: concurrency, ..http };
        Self { options, http }
    }

    /// Crawls, showing how it goes; the bundled demo site if that is where it starts.
    pub(super) fn crawl(self, show: ProgressOptions, abort: &Abort) -> Result<Crawled, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(Default::default())
            .map_err(CliError::Runtime)?;
        runtime.block_on(async {
            let is_demo = self.options.start.as_str().trim_end_matches('/') == Target::IN_PROCESS;
            let service = if is_demo { Some(demo_service().await?) } else { None };
            let network = Arc::new(Network::new(self.http, service));
            let mut progress = CrawlProgress::new(show);
            let on_progress = |tally: &_| progress.update(tally);
            let crawled = crawl::crawl(network, self.options, abort.aborted(), on_progress).await;
            progress.end(crawled.as_ref().ok());
            Ok(crawled?)
        })
    }
}
