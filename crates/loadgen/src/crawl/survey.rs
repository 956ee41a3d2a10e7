//! What a crawl has found so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use url::Url;

use super::{
    Crawled, Failure, Tally,
    frontier::{Frontier, Link},
    left_out::Reason,
    site::Site,
    visit::{Links, Visit},
};

/// Redirects in a row that still arrive, as many as a run follows.
const MAX_REDIRECTS: u32 = 10;

/// Failures that are kept; more are only counted.
const MAX_FAILURES: usize = 10_000;

/// See the module.
pub(super) struct Survey<'a> {
    site: &'a Site,
    pub(super) frontier: Frontier,
    tally: Tally,
    found: BTreeSet<Rc<str>>,
    /// Paths that lead to others on the site.
    redirects: BTreeMap<Rc<str>, Redirect>,
    failures: BTreeMap<Rc<str>, Failure>,
}

struct Redirect {
    to: Rc<str>,
    from: Option<Rc<str>>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(site: &'a Site, frontier: Frontier) -> Self {
        Self {
            site,
            frontier,
            tally: Tally::default(),
            found: BTreeSet::new(),
            redirects: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// How far it is, with so many visits under way.
    pub(super) fn tally(&self, under_way: usize) -> Tally {
        Tally { waiting: (self.frontier.waiting() + under_way) as u64, ..self.tally }
    }

    /// Adds what a visit found.
    pub(super) fn settle(&mut self, link: &Link, visit: Visit) {
        match visit {
            Visit::Page(links) => {
                self.tally.pages += 1;
                self.file(link, links);
            }
            Visit::Asset(links) => {
                self.tally.assets += 1;
                self.file(link, links);
            }
            Visit::Redirect(to) => self.redirect(link, &to),
            Visit::Failure(problem) => self.fail(&link.path, link.from.as_ref(), problem),
        }
    }

    fn file(&mut self, link: &Link, links: Links) {
        self.found.insert(link.path.clone());
        if let Some(problem) = links.problem {
            self.fail(&link.path, link.from.as_ref(), problem.into());
        }
        for written in links.written {
            self.link(&links.base, &written, &link.path, link.depth + 1);
        }
    }

    /// Takes note of a link in the file `from`, as it is written there.
    pub(super) fn link(&mut self, base: &Url, written: &str, from: &Rc<str>, depth: u32) {
        if let Some(path) = self.path(base, written, from) {
            let from = Some(from.clone());
            self.frontier.offer(Link { path: path.into(), from, depth, redirects: 0 });
        }
    }

    /// Where a link in the file `from` leads on the site.
    pub(super) fn path(&mut self, base: &Url, written: &str, from: &Rc<str>) -> Option<String> {
        match base.join(written) {
            // No request is made for mailto: and data:.
            Ok(url) if !matches!(url.scheme(), "http" | "https") => None,
            Ok(url) => {
                let path = self.site.path(&url);
                if path.is_none() {
                    self.frontier.left_out.count(Reason::OtherHost);
                }
                path
            }
            Err(error) => {
                // It can be as long as the page.
                let text: String = written.chars().take(200).collect();
                self.fail(&text.into(), Some(from), format!("is no URL: {error}"));
                None
            }
        }
    }

    fn redirect(&mut self, link: &Link, to: &Url) {
        self.tally.redirects += 1;
        let Some(path) = self.site.path(to) else { return };
        let path: Rc<str> = path.into();
        let redirect = Redirect { to: path.clone(), from: link.from.clone() };
        self.redirects.insert(link.path.clone(), redirect);
        if link.redirects < MAX_REDIRECTS {
            self.frontier.offer(Link {
                path,
                from: Some(link.path.clone()),
                depth: link.depth,
                redirects: link.redirects + 1,
            });
        }
    }

    /// Notes that `path`, found in `from`, is not what it should be.
    pub(super) fn fail(&mut self, path: &Rc<str>, from: Option<&Rc<str>>, problem: String) {
        if let Some(failure) = self.failures.get_mut(path) {
            failure.links += 1;
            return;
        }
        self.tally.failures += 1;
        if self.failures.len() < MAX_FAILURES {
            let failure = Failure {
                path: path.to_string(),
                problem,
                from: from.map(|from| from.to_string()),
                links: 1,
            };
            self.failures.insert(path.clone(), failure);
        }
    }

    /// Redirects that do not arrive are failures, too.
    fn fail_circles(&mut self) {
        let arrives = |start: &Rc<str>| {
            let mut path = start;
            (0..=MAX_REDIRECTS).any(|_| match self.redirects.get(path) {
                Some(redirect) => {
                    path = &redirect.to;
                    false
                }
                None => true,
            })
        };
        let lost: Vec<_> = self.redirects.keys().filter(|path| !arrives(path)).cloned().collect();
        for path in lost {
            let from = self.redirects.get(&path).and_then(|redirect| redirect.from.clone());
            self.tally.redirects -= 1;
            let problem = format!("redirects in a circle, or more than {MAX_REDIRECTS} times");
            self.fail(&path, from.as_ref(), problem);
        }
    }

    /// All that was found.
    pub(super) fn finish(mut self, is_whole: bool) -> Crawled {
        self.fail_circles();
        let counted = |(path, failure): (Rc<str>, Failure)| {
            // Of what was visited, the frontier has counted all links.
            let links = self.frontier.links_to(&path).max(failure.links);
            Failure { links, ..failure }
        };
        Crawled {
            paths: self.found.iter().map(ToString::to_string).collect(),
            failures: self.failures.into_iter().map(counted).collect(),
            tally: Tally { waiting: self.frontier.waiting() as u64, ..self.tally },
            left_out: self.frontier.left_out,
            is_whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::Limits;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    /// Crawls a site of files and redirects (`/path>/target`) in which files hold links, and tells
    /// what was found and what failed.
    fn crawl(files: &[(&str, &str)]) -> String {
        let site = Site::new(&url("http://a.test/"), &[]);
        let frontier = Frontier::new(Limits::default(), Vec::new(), Vec::new());
        let mut survey = Survey::new(&site, frontier);
        let mut next = Some(survey.frontier.start("/"));
        while let Some(link) = next {
            let base = url(&site.url(&link.path));
            let visit = match files.iter().find(|(path, _)| *path == &*link.path) {
                None => Visit::Failure("404 Not Found".into()),
                Some((_, target)) if target.starts_with('>') => {
                    Visit::Redirect(base.join(&target[1..]).expect("a target"))
                }
                Some((_, links)) => {
                    let written = links.split(' ').map(str::to_owned).collect();
                    Visit::Page(Links { base, written, problem: None })
                }
            };
            survey.settle(&link, visit);
            next = survey.frontier.next();
        }
        let found = survey.finish(true);
        let mut text = format!("{}; {} redirects", found.paths.join(" "), found.tally.redirects);
        for Failure { path, problem, from, links } in &found.failures {
            let from = from.as_deref().unwrap_or_default();
            text += &format!("\n{path}, {links} from {from}: {problem}");
        }
        text
    }

    #[test]
    fn what_redirects_is_not_in_the_list_but_what_it_leads_to() {
        insta::assert_snapshot!(crawl(&[
            ("/", "/old /away /old #x mailto:a@b"),
            ("/old", ">/older"),
            ("/older", ">new#y"),
            ("/away", ">https://b.test/"),
            ("/new", "/"),
        ]), @"/ /new; 3 redirects");
    }

    #[test]
    fn broken_links_are_told_with_the_page_that_has_them() {
        insta::assert_snapshot!(crawl(&[
            ("/", "/a /missing http://[ /moved"),
            ("/a", "/missing ./missing http://["),
            ("/moved", ">/gone"),
        ]), @r"
        / /a; 1 redirects
        /gone, 1 from /moved: 404 Not Found
        /missing, 3 from /: 404 Not Found
        http://[, 2 from /: is no URL: invalid IPv6 address
        ");
    }

    #[test]
    fn redirects_that_do_not_arrive_are_failures() {
        let endless: Vec<_> = (0..30).map(|n| (format!("/{n}"), format!(">/{}", n + 1))).collect();
        let mut files =
            vec![("/", "/self /one /0"), ("/self", ">/self"), ("/one", ">/two"), ("/two", ">/one")];
        files.extend(endless.iter().map(|(path, target)| (&**path, &**target)));
        insta::assert_snapshot!(crawl(&files), @r"
        /; 10 redirects
        /0, 1 from /: redirects in a circle, or more than 10 times
        /one, 2 from /: redirects in a circle, or more than 10 times
        /self, 2 from /: redirects in a circle, or more than 10 times
        /two, 1 from /one: redirects in a circle, or more than 10 times
        ");
    }
}
