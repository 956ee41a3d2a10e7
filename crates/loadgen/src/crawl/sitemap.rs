//! Sitemaps: lists of pages, and lists of such lists (sitemaps.org).

use std::borrow::Cow;

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, Event},
};

/// No sitemap may list more, says the standard.
const MAX_URLS: usize = 50_000;

/// What a sitemap lists, as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Pages, and the pictures and videos that some sitemaps list with them.
    pub(super) pages: Vec<String>,
    /// Further sitemaps.
    pub(super) sitemaps: Vec<String>,
}

/// Why no more of it can be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// It is something else.
    #[error("no sitemap")]
    Other,
    /// It lists more than it may.
    #[error("lists more than {MAX_URLS} URLs; the others were not read")]
    Long,
    /// It breaks off, or breaks the rules of XML.
    #[error("invalid XML: {0}")]
    Xml(String),
}

/// Reads a sitemap in XML, or as a text with a URL a line. What could be read stands beside the
/// error.
pub(super) fn parse(text: &[u8]) -> (Sitemap, Result<(), Unreadable>) {
    let mut sitemap = Sitemap::default();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let read = if text.starts_with(b"<") {
        sitemap.read_xml(text)
    } else {
        sitemap.read_lines(&String::from_utf8_lossy(text))
    };
    (sitemap, read)
}

impl Sitemap {
    /// Only the first line decides what it is: the last one may be cut.
    fn read_lines(&mut self, text: &str) -> Result<(), Unreadable> {
        let is_url = |line: &&str| line.starts_with("http://") || line.starts_with("https://");
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        if !lines.peek().is_none_or(is_url) {
            return Err(Unreadable::Other);
        }
        let mut urls = lines.filter(is_url);
        self.pages.extend(urls.by_ref().take(MAX_URLS).map(str::to_owned));
        if urls.next().is_some() { Err(Unreadable::Long) } else { Ok(()) }
    }

    fn read_xml(&mut self, text: &[u8]) -> Result<(), Unreadable> {
        let mut reader = Reader::from_reader(text);
        let mut has_root = false;
        let mut of_sitemap = false;
        let mut loc: Option<String> = None;
        loop {
            let event = reader.read_event().map_err(|error| Unreadable::Xml(error.to_string()))?;
            match event {
                Event::Start(tag) | Event::Empty(tag) if !has_root => {
                    has_root = matches!(tag.local_name().as_ref(), b"urlset" | b"sitemapindex");
                    if !has_root {
                        return Err(Unreadable::Other);
                    }
                }
                Event::Start(tag) => match tag.local_name().as_ref() {
                    b"sitemap" => of_sitemap = true,
                    b"url" => of_sitemap = false,
                    b"loc" => loc = Some(String::new()),
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == b"loc" => {
                    if self.pages.len() + self.sitemaps.len() == MAX_URLS {
                        return Err(Unreadable::Long);
                    }
                    let list = if of_sitemap { &mut self.sitemaps } else { &mut self.pages };
                    list.extend(loc.take().map(|loc| loc.trim().to_owned()));
                }
                Event::Text(text) => add(&mut loc, &String::from_utf8_lossy(&text)),
                Event::CData(text) => add(&mut loc, &String::from_utf8_lossy(&text)),
                Event::GeneralRef(name) => add(&mut loc, &resolve(&name)),
                Event::Eof if has_root => return Ok(()),
                Event::Eof => return Err(Unreadable::Other),
                _ => {}
            }
        }
    }
}

fn add(loc: &mut Option<String>, text: &str) {
    if let Some(loc) = loc {
        loc.push_str(text);
    }
}

/// What stands for a reference; itself if it is unknown, as those are that a document defines.
fn resolve(name: &BytesRef<'_>) -> Cow<'static, str> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return c.to_string().into();
    }
    let name = String::from_utf8_lossy(name);
    resolve_xml_entity(&name).map_or_else(|| format!("&{name};").into(), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(text: &str) -> (String, String) {
        let (sitemap, read) = parse(text.as_bytes());
        assert_eq!(read, Ok(()), "{text}");
        (sitemap.pages.join(" "), sitemap.sitemaps.join(" "))
    }

    #[test]
    fn pages_and_further_sitemaps() {
        let pages = list(
            "\u{feff}<?xml version='1.0'?><!-- x --><urlset xmlns='http://x' xmlns:i='http://y'>
             <url><loc> http://a/?b=1&amp;c=2 </loc><lastmod>2025</lastmod>
             <i:image><i:loc>http://a/p.png</i:loc></i:image></url>
             <url><loc><![CDATA[http://a/?x&y]]></loc></url><url><loc>/&#xe9;</loc></url></urlset>",
        );
        assert_eq!(pages.0, "http://a/?b=1&c=2 http://a/p.png http://a/?x&y /é");
        let index = list(
            "<s:sitemapindex xmlns:s='x'><s:sitemap><s:loc>/a.xml</s:loc></s:sitemap></s:sitemapindex>",
        );
        assert_eq!(index, (String::new(), "/a.xml".into()));
        assert_eq!(list("<urlset/>"), Default::default());
        assert_eq!(list("http://a/\r\n\nhttps://a/b\n").0, "http://a/ https://a/b");
    }

    #[test]
    fn what_is_none_and_what_breaks_off() {
        for text in
            ["<!doctype html><html><body>loc</body></html>", "<p/>", "<!-- -->", "not found"]
        {
            assert_eq!(parse(text.as_bytes()).1, Err(Unreadable::Other), "{text}");
        }
        let (sitemap, read) = parse(b"<urlset><url><loc>/a</loc></url><url></loc>");
        assert_eq!(sitemap.pages, ["/a"]);
        assert!(matches!(read, Err(Unreadable::Xml(_))), "{read:?}");
    }

    #[test]
    fn no_more_urls_are_read_than_there_may_be() {
        let xml = format!("<urlset>{}", "<url><loc>/a</loc></url>".repeat(MAX_URLS + 10));
        let lines = "http://a/\n".repeat(MAX_URLS + 10);
        for text in [xml, lines] {
            let (sitemap, read) = parse(text.as_bytes());
            assert_eq!((sitemap.pages.len(), read), (MAX_URLS, Err(Unreadable::Long)));
        }
    }

    #[test]
    fn entities_that_a_document_defines_do_not_grow() {
        let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><urlset><url><loc>/&b;</loc></url></urlset>";
        assert_eq!(list(text).0, "/&b;");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(<|</|>|/>|urlset|sitemap|loc|url|&|#x?|;|<!\\[CDATA\\[|\\]\\]>|\\PC){0,40}") {
            let _ = parse(text.as_bytes());
            let _ = parse(format!("<urlset>{text}").as_bytes());
        }
    }
}
