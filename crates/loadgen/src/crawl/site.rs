//! Which URLs belong to the site, and what they are called there.

use url::{Position, Url};

/// A site: its own origin, and others that are taken for it.
#[derive(Debug)]
pub(super) struct Site {
    /// The origin as it is asked, with credentials if there are any: what stands before paths.
    root: String,
    /// Scheme, host and port, each.
    origins: Vec<url::Origin>,
}

impl Site {
    /// The site that `start` is a page of; what leads to the hosts of `aliases` leads to it.
    pub(super) fn new(start: &Url, aliases: &[Url]) -> Self {
        Self {
            root: start[..Position::BeforePath].to_owned(),
            origins: [start].into_iter().chain(aliases).map(Url::origin).collect(),
        }
    }

    /// Path and query of `url`, without its fragment; none if it is of another site.
    pub(super) fn path(&self, url: &Url) -> Option<String> {
        let is_of_site = self.origins.contains(&url.origin());
        is_of_site.then(|| url[Position::BeforePath..Position::AfterQuery].to_owned())
    }

    /// Where a path of the site leads.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(site: &Site, base: &str, link: &str) -> Option<String> {
        let base = Url::parse(base).expect("a URL");
        site.path(&base.join(link).expect("a link"))
    }

    #[test]
    fn links_are_resolved_by_the_url_standard() {
        let base = "http://a.test:8080/b/c?d";
        let site = Site::new(&Url::parse(base).expect("a URL"), &[]);
        for (link, expected) in [
            ("e", "/b/e"),
            ("../e#top", "/e"),
            ("/e/./f/%2e%2e/g", "/e/g"),
            ("?q=1", "/b/c?q=1"),
            ("#top", "/b/c?d"),
            ("", "/b/c?d"),
            ("//a.test:8080/e", "/e"),
            ("HTTP://A.test:8080/e", "/e"),
            ("http://user@a.test:8080/e", "/e"),
            (" /e f\n/é ", "/e%20f/%C3%A9"),
            ("\\e\\f", "/e/f"),
            ("/%7Ee?é=%zz", "/%7Ee?%C3%A9=%zz"),
        ] {
            assert_eq!(path(&site, base, link).as_deref(), Some(expected), "{link}");
        }
        for link in ["https://a.test:8080/", "//a.test/", "//b.test:8080/", "mailto:a@b", "data:,x"]
        {
            assert_eq!(path(&site, base, link), None, "{link}");
        }
    }

    #[test]
    fn other_names_of_the_site() {
        let url = |text| Url::parse(text).expect("a URL");
        let site = Site::new(&url("http://u:p@127.0.0.1:80/x"), &[url("https://blog.test/any")]);
        assert_eq!(
            path(&site, "http://x/", "https://blog.test:443/a?b#c").as_deref(),
            Some("/a?b")
        );
        assert_eq!(path(&site, "http://x/", "http://blog.test/a"), None);
        assert_eq!(site.url("/a?b"), "http://u:p@127.0.0.1/a?b");
    }
}
