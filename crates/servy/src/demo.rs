//! The demo site: a small blog of 110 pages and assets and fifty short links, so that a server
//! has something real to serve where there is no site yet.
//!
//! It is made in memory when it is first asked for and not stored in the binary. It is made from
//! seeded random numbers and integers, so that every machine has the same bytes. Everything is
//! linked, so that a crawler that begins at `/` finds [every path](paths). Files have between
//! 1 KB and 1 MB, and 100 KB in the mean.

mod feeds;
mod links;
mod page;
mod pages;
mod picture;
mod posts;
mod prose;
mod random;
mod site;

use std::sync::OnceLock;

use bytes::Bytes;

/// The paths of all pages and assets, in a fixed order that begins with `/`. Each is answered
/// with status 200. The page for what is missing is not among them.
#[must_use]
pub fn paths() -> Vec<String> {
    let names = files().map(|(name, _)| name);
    names.filter(|name| name != crate::assets::NOT_FOUND_PAGE).map(|name| path_of(&name)).collect()
}

/// The fifty short links: alias without a slash, and URL.
#[must_use]
pub fn redirects() -> Vec<(String, String)> {
    links::LINKS.iter().map(|(alias, url)| ((*alias).to_owned(), (*url).to_owned())).collect()
}

/// The short links as a redirect list.
pub(crate) fn redirect_list() -> String {
    links::LINKS.iter().map(|(alias, url)| format!("{alias} {url}\n")).collect()
}

/// All files by name. They are made once in the life of the process; their bytes are shared.
pub(crate) fn files() -> impl Iterator<Item = (String, Bytes)> {
    static SITE: OnceLock<Vec<(String, Bytes)>> = OnceLock::new();
    SITE.get_or_init(site::build).iter().cloned()
}

fn path_of(name: &str) -> String {
    match name.strip_suffix("index.html") {
        Some(folder) => format!("/{folder}"),
        None => format!("/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn by_path() -> HashMap<String, Bytes> {
        files().map(|(name, body)| (path_of(&name), body)).collect()
    }

    #[test]
    fn it_has_the_size_and_shape_of_a_real_blog() {
        let site = by_path();
        let paths = paths();
        assert_eq!(paths.len(), 110);
        assert_eq!(paths.iter().collect::<HashSet<_>>().len(), 110, "no path twice");
        assert_eq!(paths[0], "/");

        let sizes: Vec<usize> = paths.iter().map(|path| site[path].len()).collect();
        for (path, size) in paths.iter().zip(&sizes) {
            assert!((1_000..=1 << 20).contains(size), "{path} has {size} bytes");
        }
        let mean = sizes.iter().sum::<usize>() / sizes.len();
        assert!((95_000..=105_000).contains(&mean), "the mean is {mean} bytes");
        assert!(sizes.iter().any(|size| *size > 1_000_000), "one is near 1 MB");
    }

    #[test]
    fn the_same_bytes_on_every_machine() {
        let mut all = Vec::new();
        for (name, body) in files() {
            all.extend(name.as_bytes());
            all.extend(&body);
        }
        // Changes with every edit of the demo site, and with nothing else.
        insta::assert_snapshot!(format!("{:08x}", crc32fast::hash(&all)), @"0d931b2a");
    }

    #[test]
    fn a_crawler_that_begins_at_the_root_finds_everything() {
        let site = by_path();
        let aliases: HashSet<_> = redirects().into_iter().map(|(a, _)| format!("/{a}")).collect();
        let mut found = HashSet::from(["/".to_owned()]);
        let mut queue = vec!["/".to_owned()];
        while let Some(path) = queue.pop() {
            let Ok(text) = std::str::from_utf8(&site[&path]) else { continue };
            for link in links_in(text) {
                let known = site.contains_key(&link) || aliases.contains(&link);
                assert!(known, "{path} links to {link}, which is not there");
                if site.contains_key(&link) && found.insert(link.clone()) {
                    queue.push(link);
                }
            }
        }
        let missed: Vec<_> = paths().into_iter().filter(|path| !found.contains(path)).collect();
        assert_eq!(missed, [""; 0]);
    }

    /// What HTML and CSS point to on the same site.
    fn links_in(text: &str) -> Vec<String> {
        let after = |mark: &'static str| text.split(mark).skip(1);
        let marks = ["href=\"", "src=\"", "url(\""];
        let targets = marks.into_iter().flat_map(after).filter_map(|rest| rest.split('"').next());
        let local = targets.filter(|target| target.starts_with('/'));
        local.map(|target| target.split('#').next().unwrap_or(target).to_owned()).collect()
    }

    #[test]
    fn binary_files_are_what_their_names_say() {
        for (name, body) in files() {
            let signature: &[u8] = match name.rsplit('.').next() {
                Some("png") => b"\x89PNG\r\n\x1a\n",
                Some("ico") => b"\0\0\x01\0",
                Some("woff2") => b"wOF2",
                Some("svg") => b"<svg ",
                Some("html") => b"<!doctype html>",
                Some("xml") => b"<?xml ",
                _ => continue,
            };
            assert!(body.starts_with(signature), "{name}");
        }
    }

    #[test]
    fn fifty_short_links_that_no_file_hides() {
        let site = by_path();
        let aliases: HashSet<String> = redirects().into_iter().map(|(alias, _)| alias).collect();
        assert_eq!(aliases.len(), 50);
        for (alias, url) in redirects() {
            assert!(!site.contains_key(&format!("/{alias}/")), "{alias}");
            let url = url::Url::parse(&url).expect("a URL");
            let host = url.host_str().expect("a host");
            let reserved = [".example", "example.com", "example.org", "example.net"];
            assert!(reserved.iter().any(|end| host.ends_with(end)), "{host} is nobody's");
        }
    }
}
