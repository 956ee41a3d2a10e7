//! Short links: an alias and the URL that it stands for.
//!
//! It knows nothing of requests; it finds the target of an alias and counts that it was served.
//! An alias that is not known makes it read the list again, as somebody may just have added it.
//! Whoever asks for many unknown aliases gains nothing: one fetch runs at a time, everybody waits
//! for the same one, and the next one begins no sooner than [`Config::redirects_min_refresh`]
//! after it. Until then what was missing stays missing.

mod fetch;
mod list;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::config::{Config, RedirectSource};
use crate::demo;
use crate::error::Error;
pub use list::{BadLine, RedirectList};

/// All short links of one site. Clones are the same links.
#[derive(Clone)]
pub(crate) struct Redirects(Arc<Inner>);

struct Inner {
    source: RedirectSource,
    min_refresh: Duration,
    map: RwLock<Arc<Map>>,
    /// When the last refresh ended, if there was one; locked while one runs.
    refreshed: Arc<Mutex<Option<Instant>>>,
    succeeded: AtomicU64,
    failed: AtomicU64,
}

/// Redirects by alias.
pub(crate) type Map = HashMap<Box<str>, Redirect>;

/// Where an alias leads, and how often it has.
#[derive(Clone)]
pub(crate) struct Redirect {
    /// The target, byte for byte as the list has it.
    pub(crate) location: HeaderValue,
    /// Outlives the map, so that a refresh does not begin at zero.
    served: Arc<AtomicU64>,
}

impl Redirects {
    /// Reads the list from its source. Bad lines are logged and left out.
    pub(crate) async fn load(config: &Config) -> Result<Redirects, Error> {
        let map = match read(&config.redirects, &Map::new()).await {
            Err(error) if config.redirects_optional => {
                warn!("no redirects for now: {error}");
                Map::new()
            }
            read => read?,
        };
        Ok(Redirects(Arc::new(Inner {
            source: config.redirects.clone(),
            min_refresh: config.redirects_min_refresh,
            map: RwLock::new(Arc::new(map)),
            refreshed: Arc::new(Mutex::new(None)),
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        })))
    }

    /// The redirect of that alias, after a refresh if it is unknown and a refresh is due.
    pub(crate) async fn find(&self, alias: &str) -> Option<Redirect> {
        let known = self.map().get(alias).cloned();
        if known.is_some() || !self.is_refreshable() {
            return known;
        }
        self.refresh().await;
        self.map().get(alias).cloned()
    }

    /// The redirects of this moment.
    pub(crate) fn map(&self) -> Arc<Map> {
        Arc::clone(&self.0.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many refreshes succeeded and how many failed.
    pub(crate) fn refreshes(&self) -> [(&'static str, u64); 2] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [("ok", count(&self.0.succeeded)), ("error", count(&self.0.failed))]
    }

    fn is_refreshable(&self) -> bool {
        matches!(self.0.source, RedirectSource::File(_) | RedirectSource::Url(_))
    }

    /// Returns when a refresh that is due, or that runs already, has ended.
    async fn refresh(&self) {
        let asked = Instant::now();
        let mut refreshed = Arc::clone(&self.0.refreshed).lock_owned().await;
        let too_soon = |end: Instant| end >= asked || end.elapsed() < self.0.min_refresh;
        if refreshed.is_some_and(too_soon) {
            return;
        }
        // In a task of its own: the client that asked may hang up, the others still wait.
        let this = self.clone();
        let fetch = tokio::spawn(async move {
            this.replace().await;
            *refreshed = Some(Instant::now());
        });
        // It does not panic; if it did, the map would be the old one.
        let _ = fetch.await;
    }

    async fn replace(&self) {
        match read(&self.0.source, &self.map()).await {
            Ok(map) => {
                info!(redirects = map.len(), "refreshed the redirects");
                *self.0.map.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(map);
                self.0.succeeded.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                warn!("the redirects stay as they are: {error}");
                self.0.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Redirect {
    /// Counts one answer.
    pub(crate) fn count(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }

    /// How many answers there were.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

/// Reads a list of short links from its source. Lines that are wrong are left out of it, and told.
///
/// # Errors
///
/// When the file or the URL cannot be read.
pub async fn redirect_list(source: &RedirectSource) -> Result<RedirectList, Error> {
    let text = match source {
        RedirectSource::None => String::new(),
        RedirectSource::Demo => demo::redirect_list(),
        RedirectSource::Inline(list) => list.clone(),
        RedirectSource::File(path) => tokio::fs::read_to_string(path)
            .await
            .map_err(|source| Error::RedirectsFile { path: path.clone(), source })?,
        RedirectSource::Url(url) => fetch::text(url)
            .await
            .map_err(|reason| Error::RedirectsUrl { url: url.clone(), reason })?,
    };
    Ok(list::parse(&text))
}

/// Reads a list; aliases that `old` has go on counting.
async fn read(source: &RedirectSource, old: &Map) -> Result<Map, Error> {
    let list = redirect_list(source).await?;
    for bad in &list.bad {
        warn!(line = bad.line, "redirects: {}", bad.reason);
    }
    let entry = |(alias, location): (Box<str>, HeaderValue)| {
        let served = old.get(&alias).map(|redirect| Arc::clone(&redirect.served));
        let redirect = Redirect { location, served: served.unwrap_or_default() };
        (alias, redirect)
    };
    Ok(list.targets.into_iter().map(entry).collect())
}
