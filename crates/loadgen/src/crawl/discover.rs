//! What a site tells crawlers of itself: robots.txt and sitemaps.

use std::{
    collections::{HashSet, VecDeque},
    rc::Rc,
};

use url::Url;

use super::{content, gzip, robots::Robots, site::Site, sitemap, survey::Survey, visit::get};
use crate::http::Client;

/// What is read of robots.txt; the standard asks for as much.
const MAX_ROBOTS: usize = 500 << 10;
/// No sitemap may be longer, packed or not, says the standard.
const MAX_SITEMAP: usize = 50 << 20;
/// So many sitemaps are read.
const MAX_SITEMAPS: usize = 1000;
/// Redirects that are followed to one of these files.
const MAX_REDIRECTS: u32 = 5;

pub(super) const ROBOTS: &str = "/robots.txt";
/// Where a sitemap is looked for even if nobody names it.
const SITEMAP: &str = "/sitemap.xml";

/// robots.txt for the crawler that calls itself `product`; without one there are no rules.
///
/// # Errors
///
/// What keeps the file from being read.
pub(super) async fn robots(client: &Client, site: &Site, product: &str) -> Result<Robots, String> {
    let Some((text, _)) = file(client, &site.url(ROBOTS), MAX_ROBOTS).await? else {
        return Ok(Robots::default());
    };
    Ok(Robots::parse(&String::from_utf8_lossy(&text), product))
}

/// Reads the sitemaps that robots.txt names, the usual one, and those that they name, each once, and
/// gives what they list to `survey`.
pub(super) async fn sitemaps(
    client: &Client,
    site: &Site,
    named: &[String],
    survey: &mut Survey<'_>,
) {
    let Ok(root) = Url::parse(&site.url(ROBOTS)) else { return };
    let mut sitemaps = Sitemaps { root, known: HashSet::new(), waiting: VecDeque::new() };
    for written in named {
        sitemaps.add(written, &ROBOTS.into(), survey);
    }
    if sitemaps.known.insert(SITEMAP.into()) {
        sitemaps.waiting.push_back((SITEMAP.into(), None));
    }
    while let Some((path, from)) = sitemaps.waiting.pop_front() {
        let problem = match read(client, &site.url(&path)).await {
            Ok((list, problem)) => {
                for written in &list.pages {
                    survey.link(&sitemaps.root, written, &path, 1);
                }
                for written in &list.sitemaps {
                    sitemaps.add(written, &path, survey);
                }
                problem
            }
            Err(problem) => Some(problem),
        };
        match problem {
            // Nobody has said that there is one.
            Some(Problem::Missing) if from.is_none() => {}
            Some(problem) => survey.fail(&path, from.as_ref(), problem.to_string()),
            None => {}
        }
    }
}

/// Sitemaps to read.
struct Sitemaps {
    root: Url,
    known: HashSet<Rc<str>>,
    /// Each with the file that names it.
    waiting: VecDeque<(Rc<str>, Option<Rc<str>>)>,
}

impl Sitemaps {
    fn add(&mut self, written: &str, from: &Rc<str>, survey: &mut Survey<'_>) {
        let Some(path) = survey.path(&self.root, written, from).map(Rc::from) else { return };
        if self.known.contains(&path) {
            return;
        }
        if self.known.len() < MAX_SITEMAPS {
            self.known.insert(Rc::clone(&path));
            self.waiting.push_back((path, Some(from.clone())));
        } else {
            let problem = format!("was not read: there are more than {MAX_SITEMAPS} sitemaps");
            survey.fail(&path, Some(from), problem);
        }
    }
}

/// Why a sitemap is of no use, or not all of it.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("is no sitemap")]
    Missing,
    #[error("is longer than 50 MiB; the rest was not read")]
    Cut,
    #[error("{0}")]
    Broken(String),
}

/// A sitemap, and what is wrong with it.
async fn read(client: &Client, url: &str) -> Result<(sitemap::Sitemap, Option<Problem>), Problem> {
    let file = file(client, url, MAX_SITEMAP).await.map_err(Problem::Broken)?;
    let (mut text, mut is_cut) = file.ok_or(Problem::Missing)?;
    if text.starts_with(&gzip::MAGIC) {
        (text, is_cut) = content::gunzip(&text, MAX_SITEMAP).map_err(Problem::Broken)?;
    }
    let (list, read) = sitemap::parse(&text);
    let problem = match read {
        _ if is_cut => Some(Problem::Cut),
        Err(sitemap::Unreadable::Other) => Some(Problem::Missing),
        Err(error) => Some(Problem::Broken(error.to_string())),
        Ok(()) => None,
    };
    Ok((list, problem))
}

/// The content of a file up to `limit` bytes, and whether there is more; none if the server has no
/// such file.
async fn file(client: &Client, url: &str, limit: usize) -> Result<Option<(Vec<u8>, bool)>, String> {
    let response = get(client, url, limit, MAX_REDIRECTS).await?;
    let body = response.body.as_deref().unwrap_or_default();
    match response.status {
        Some(status) if status.is_success() => {
            let (body, is_cut) = content::unpack(&response.headers, body, limit)?;
            Ok(Some((body.into_owned(), is_cut || response.is_cut)))
        }
        Some(status) if status.is_server_error() => Err(status.to_string()),
        _ => Ok(None),
    }
}
