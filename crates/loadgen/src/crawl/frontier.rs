//! What is known, and what comes next: breadth first, each path once, within limits.
//!
//! Paths are visited in the order in which they were found, so two crawls of one site give the same
//! list, also when a limit cuts them off.

use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use super::{
    Limits, Pattern,
    left_out::{LeftOut, Reason},
    robots::Robots,
};

/// Longer paths are made by machines that add to them for ever; servers refuse them, too.
const MAX_PATH: usize = 2048;

/// A path to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) path: Rc<str>,
    /// The first page that leads there.
    pub(super) from: Option<Rc<str>>,
    /// How many links it is away from the start.
    pub(super) depth: u32,
    /// How many redirects led there, one after the other.
    pub(super) redirects: u32,
}

/// See the module.
pub(super) struct Frontier {
    limits: Limits,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
    robots: Robots,
    /// How many links lead there.
    known: HashMap<Rc<str>, u64>,
    /// How many queries are known of a path.
    queries: HashMap<Box<str>, usize>,
    queue: VecDeque<Link>,
    pub(super) left_out: LeftOut,
}

impl Frontier {
    pub(super) fn new(limits: Limits, include: Vec<Pattern>, exclude: Vec<Pattern>) -> Self {
        Self {
            limits,
            include,
            exclude,
            robots: Robots::default(),
            known: HashMap::new(),
            queries: HashMap::new(),
            queue: VecDeque::new(),
            left_out: LeftOut::default(),
        }
    }

    /// Heeds these rules from now on.
    pub(super) fn heed(&mut self, robots: Robots) {
        self.robots = robots;
    }

    /// The path that everything begins with, whatever the rules say.
    pub(super) fn start(&mut self, path: &str) -> Link {
        let path: Rc<str> = path.into();
        self.known.insert(path.clone(), 0);
        Link { path, from: None, depth: 0, redirects: 0 }
    }

    /// Takes note of a link; it will be visited unless it was found before or something speaks
    /// against it.
    pub(super) fn offer(&mut self, link: Link) {
        if let Some(links) = self.known.get_mut(&link.path) {
            *links += 1;
        } else if let Some(reason) = self.objection(&link) {
            self.left_out.count(reason);
        } else {
            self.known.insert(link.path.clone(), 1);
            if let Some((path, _)) = link.path.split_once('?') {
                *self.queries.entry(path.into()).or_default() += 1;
            }
            self.queue.push_back(link);
        }
    }

    /// What speaks against a visit.
    fn objection(&self, link: &Link) -> Option<Reason> {
        let path = &*link.path;
        let matches = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(path));
        let queries = || path.split_once('?').and_then(|(path, _)| self.queries.get(path)).copied();
        if matches(&self.exclude) || !(self.include.is_empty() || matches(&self.include)) {
            Some(Reason::Pattern)
        } else if !self.robots.allows(path) {
            Some(Reason::Robots)
        } else if path.len() > MAX_PATH {
            Some(Reason::Length)
        } else if self.limits.max_depth.is_some_and(|limit| link.depth > limit) {
            Some(Reason::Depth)
        } else if queries().is_some_and(|queries| queries >= self.limits.max_queries) {
            Some(Reason::Queries)
        } else if self.known.len() >= self.limits.max_pages {
            Some(Reason::Pages)
        } else {
            None
        }
    }

    /// The next path to visit.
    pub(super) fn next(&mut self) -> Option<Link> {
        self.queue.pop_front()
    }

    /// How many paths wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// How many links lead to `path`.
    pub(super) fn links_to(&self, path: &str) -> u64 {
        self.known.get(path).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::default()
    }

    fn frontier(limits: Limits) -> Frontier {
        Frontier::new(limits, Vec::new(), Vec::new())
    }

    fn offer(frontier: &mut Frontier, path: &str, depth: u32) {
        frontier.offer(Link { path: path.into(), from: None, depth, redirects: 0 });
    }

    fn rest(frontier: &mut Frontier) -> String {
        let paths: Vec<_> =
            std::iter::from_fn(|| frontier.next()).map(|link| link.path.to_string()).collect();
        paths.join(" ")
    }

    #[test]
    fn each_path_once_in_the_order_of_their_finding() {
        let mut frontier = frontier(limits());
        assert_eq!(&*frontier.start("/").path, "/");
        for path in ["/b", "/a", "/b", "/", "/a?", "/b"] {
            offer(&mut frontier, path, 1);
        }
        assert_eq!(frontier.waiting(), 3);
        assert_eq!(rest(&mut frontier), "/b /a /a?");
        assert_eq!(["/", "/b", "/x"].map(|path| frontier.links_to(path)), [1, 3, 0]);
        assert_eq!(frontier.left_out.to_string(), "");
    }

    #[test]
    fn limits_are_kept_and_what_they_cost_is_counted() {
        let mut frontier = frontier(Limits { max_depth: Some(2), max_pages: 4, max_queries: 2 });
        frontier.start("/");
        for (path, depth) in [
            ("/a?sid=1", 1),
            ("/a?sid=2", 1),
            ("/a?sid=3", 1),
            ("/a?sid=1", 1),
            ("/deep", 3),
            ("/b", 2),
            ("/c", 1),
            ("/d", 1),
        ] {
            offer(&mut frontier, path, depth);
        }
        offer(&mut frontier, &format!("/{}", "x/".repeat(2000)), 1);
        assert_eq!(rest(&mut frontier), "/a?sid=1 /a?sid=2 /b");
        assert_eq!(
            frontier.left_out.to_string(),
            "2 by --max-pages, 1 by --max-depth, 1 by --max-queries, 1 longer than 2048 bytes"
        );
    }

    #[test]
    fn patterns_and_robots_keep_links_out_but_not_the_start() {
        let pattern = |text: &str| vec![text.parse().expect("a pattern")];
        let mut frontier = Frontier::new(limits(), pattern("/blog/"), pattern("*.zip$"));
        frontier.heed(Robots::parse("User-agent: *\nDisallow: /blog/drafts/", "loadgen"));
        frontier.start("/");
        for path in ["/blog/a", "/about", "/blog/b.zip", "/blog/drafts/c"] {
            offer(&mut frontier, path, 1);
        }
        assert_eq!(rest(&mut frontier), "/blog/a");
        assert_eq!(
            frontier.left_out.to_string(),
            "2 by --include and --exclude, 1 by robots.txt (--ignore-robots visits them)"
        );
    }
}
