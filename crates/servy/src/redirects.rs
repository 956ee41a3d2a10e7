//! Short links: an alias and the URL that it stands for.
//!
//! It knows nothing of requests; it finds the target of an alias and counts that it was served.

mod fetch;
mod list;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use tracing::warn;

use crate::config::RedirectSource;
use crate::demo;
use crate::error::Error;

/// All short links of one site.
pub(crate) struct Redirects(HashMap<Box<str>, Redirect>);

/// Where an alias leads, and how often it has.
pub(crate) struct Redirect {
    /// The target, byte for byte as the list has it.
    pub(crate) location: HeaderValue,
    served: AtomicU64,
}

impl Redirects {
    /// Reads the list from its source. Bad lines are logged and left out.
    pub(crate) async fn load(source: &RedirectSource) -> Result<Redirects, Error> {
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
        let list = list::parse(&text);
        for bad in &list.bad {
            warn!(line = bad.line, "redirects: {}", bad.reason);
        }
        let entry = |(alias, location)| {
            let redirect = Redirect { location, served: AtomicU64::new(0) };
            (alias, redirect)
        };
        Ok(Redirects(list.targets.into_iter().map(entry).collect()))
    }

    /// The redirect of that alias.
    pub(crate) fn get(&self, alias: &str) -> Option<&Redirect> {
        self.0.get(alias)
    }

    /// How many aliases there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Every alias and how often it was served, sorted by alias.
    pub(crate) fn served(&self) -> Vec<(&str, u64)> {
        let mut served: Vec<_> =
            self.0.iter().map(|(alias, r)| (&**alias, r.served.load(Ordering::Relaxed))).collect();
        served.sort_unstable();
        served
    }
}

impl Redirect {
    /// Counts one answer.
    pub(crate) fn count(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }
}
