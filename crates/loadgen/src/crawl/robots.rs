//! robots.txt (RFC 9309): what a crawler may ask for, and where the sitemaps are.

use super::pattern::Pattern;

/// What the file says to one crawler.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    /// The `Sitemap` lines, as written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: Pattern,
}

/// Rules, and whom they are for.
#[derive(Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    /// A rule came, so that the next agent begins another group; also one that means nothing.
    is_closed: bool,
}

impl Robots {
    /// Reads the file for the crawler that calls itself `product`: the groups that name it, or else
    /// those for everybody. Lines that mean nothing are passed over, as the standard wants it.
    pub(super) fn parse(text: &str, product: &str) -> Self {
        let mut sitemaps = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        for line in text.trim_start_matches('\u{feff}').split(['\r', '\n']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match (&*key, groups.last_mut()) {
                ("sitemap", _) => sitemaps.push(value.to_owned()),
                ("user-agent", Some(group)) if !group.is_closed => group.agents.push(value.into()),
                ("user-agent", _) => {
                    groups.push(Group { agents: vec![value.into()], ..Group::default() });
                }
                ("allow" | "disallow", Some(group)) => {
                    group.is_closed = true;
                    let rule = |pattern| Rule { allows: key == "allow", pattern };
                    // An empty one says nothing.
                    group.rules.extend(value.parse().map(rule));
                }
                _ => {}
            }
        }
        let is_named = groups.iter().any(|group| group.is_for(product));
        let agent = if is_named { product } else { "*" };
        let meant = groups.into_iter().filter(|group| group.is_for(agent));
        Self { rules: meant.flat_map(|group| group.rules).collect(), sitemaps }
    }

    /// Whether `path`, with its query, may be asked for: the longest rule that matches decides, and
    /// of two equal ones the one that allows.
    pub(super) fn allows(&self, path: &str) -> bool {
        let matching = self.rules.iter().filter(|rule| rule.pattern.matches(path));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allows)).is_none_or(|rule| rule.allows)
    }
}

impl Group {
    fn is_for(&self, agent: &str) -> bool {
        self.agents.iter().any(|named| named.eq_ignore_ascii_case(agent))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_rule_decides_and_allow_goes_first() {
        let robots = Robots::parse(
            "\u{feff}# all of them\nUser-agent: *\r\nDisallow: /private/ # not here\n\
             Allow: /private/open/\nDisallow: /*?sid=\nDisallow:\nDISALLOW : /same\nallow:/same\n",
            "loadgen",
        );
        for (path, allowed) in [
            ("/", true),
            ("/private/", false),
            ("/private/open/x", true),
            ("/a?sid=1", false),
            ("/same", true),
        ] {
            assert_eq!(robots.allows(path), allowed, "{path}");
        }
    }

    #[test]
    fn groups_that_name_the_crawler_replace_those_for_all() {
        let text = "Disallow: /nobody\nUser-agent: *\nDisallow: /\n\nUser-agent: other\n\
                    User-agent: LoadGen\nDisallow: /a\n\nUser-agent: third\nDisallow: /c\n\
                    User-agent: loadgen\nDisallow: /b\n";
        let robots = Robots::parse(text, "loadgen");
        let allowed: Vec<_> =
            ["/", "/a", "/b", "/c", "/nobody"].map(|path| robots.allows(path)).into();
        assert_eq!(allowed, [true, false, false, true, true]);
        assert!(!Robots::parse(text, "curl").allows("/x"));
    }

    #[test]
    fn sitemaps_stand_outside_of_groups() {
        let text =
            "Sitemap: https://a.test/one.xml\nUser-agent: x\nSITEMAP:/two.xml\nDisallow: /\n";
        let robots = Robots::parse(text, "loadgen");
        assert_eq!(robots.sitemaps, ["https://a.test/one.xml", "/two.xml"]);
        assert!(robots.allows("/x"));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(User-agent:|\\*|Disallow:|Allow:|Sitemap:|/|\\$|#|\n|\r|\\PC){0,60}", path in "\\PC{0,20}") {
            Robots::parse(&text, "loadgen").allows(&path);
        }
    }
}
