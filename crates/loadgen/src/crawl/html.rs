//! Links in HTML, and in SVG, as a browser without scripts finds them.
//!
//! Knows nothing of where the page is: links are given as they are written, and so is the base
//! that the page itself names.

mod entities;
mod srcset;

use std::cell::RefCell;

use encoding_rs::{Encoding, UTF_8};
use lol_html::{
    AsciiCompatibleEncoding, HtmlRewriter, MemorySettings, Settings, element,
    html_content::{Element, TextChunk},
    text,
};

use super::css;

/// What a parser may keep: the tag that it reads, and which elements are open.
const MAX_MEMORY: usize = 16 << 20;

/// The links of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// What relative links are relative to, if the page says so.
    pub(super) base: Option<String>,
    /// As written, in their order.
    pub(super) links: Vec<String>,
    /// The rest of the page could not be read.
    pub(super) is_cut: bool,
}

/// Reads a page. `encoding` is what its server calls it; if that says nothing, the page may.
pub(super) fn read(html: &[u8], encoding: Option<&'static Encoding>) -> Page {
    let marked = Encoding::for_bom(html).map(|(encoding, _)| encoding);
    let known = marked.or(encoding);
    let page = RefCell::<Page>::default();
    match known.map_or(Some(AsciiCompatibleEncoding::utf_8()), AsciiCompatibleEncoding::new) {
        Some(encoding) => parse(html, encoding, known.is_none(), Scripting::Off, &page),
        // UTF-16, of which every other byte is a zero.
        None => {
            let (text, ..) = known.unwrap_or(UTF_8).decode(html);
            let encoding = AsciiCompatibleEncoding::utf_8();
            parse(text.as_bytes(), encoding, false, Scripting::Off, &page);
        }
    }
    page.into_inner()
}

/// What a page is shown with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scripting {
    /// What is in a `noscript` counts.
    Off,
    /// It does not.
    On,
}

fn parse(
    html: &[u8],
    encoding: AsciiCompatibleEncoding,
    may_name_encoding: bool,
    scripting: Scripting,
    page: &RefCell<Page>,
) {
    let mut style = Gathered::default();
    let mut noscript = Gathered::default();
    let settings = Settings::new()
        .with_encoding(encoding)
        .with_adjust_charset_on_meta_tag(may_name_encoding)
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY))
        .append_element_content_handler(element!("*", |element| {
            page.borrow_mut().take(element);
            Ok(())
        }))
        .append_element_content_handler(text!("style", |chunk| {
            if let Some(css) = style.take(chunk) {
                page.borrow_mut().links.extend(css::links(&css));
            }
            Ok(())
        }))
        .append_element_content_handler(text!("noscript", |chunk| {
            // The parser has scripts and sees a text. One inside of another is none.
            if scripting == Scripting::Off
                && let Some(html) = noscript.take(chunk)
            {
                let encoding = AsciiCompatibleEncoding::utf_8();
                parse(html.as_bytes(), encoding, false, Scripting::On, page);
            }
            Ok(())
        }));
    let mut parser = HtmlRewriter::new(settings, |_: &[u8]| {});
    let read = parser.write(html).and_then(|()| parser.end());
    page.borrow_mut().is_cut |= read.is_err();
}

/// A text that comes in pieces.
#[derive(Default)]
struct Gathered(String);

impl Gathered {
    /// The whole text, with its last piece.
    fn take(&mut self, chunk: &TextChunk<'_>) -> Option<String> {
        self.0.push_str(chunk.as_str());
        chunk.last_in_text_node().then(|| std::mem::take(&mut self.0))
    }
}

impl Page {
    fn take(&mut self, element: &Element<'_, '_>) {
        let tag = element.tag_name();
        if tag == "link" && is_hint(element) {
            return;
        }
        for attribute in element.attributes() {
            let value = || entities::decode(&attribute.value()).into_owned();
            match (&*tag, &*attribute.name()) {
                ("base", "href") => drop(self.base.get_or_insert_with(value)),
                ("meta", "content") if is_refresh(element) => self.links.extend(refresh(&value())),
                (_, "style") => self.links.extend(css::links(&value())),
                ("img" | "source", "srcset") | ("link", "imagesrcset") => {
                    self.links.extend(srcset::urls(&value()).into_iter().map(str::to_owned));
                }
                (tag, name) if is_url(tag, name) => self.links.push(value()),
                _ => {}
            }
        }
    }
}

/// Whether the attribute of this name holds a URL that a browser may ask for. Forms are left out:
/// nobody gets to where they lead without filling them in.
fn is_url(tag: &str, attribute: &str) -> bool {
    match attribute {
        "src" => SOURCES.contains(&tag),
        "href" => matches!(tag, "a" | "area" | "link" | "image" | "use" | "feimage" | "script"),
        "xlink:href" => matches!(tag, "a" | "image" | "use" | "feimage" | "script"),
        "poster" => tag == "video",
        "data" => tag == "object",
        "background" => matches!(tag, "body" | "table" | "td" | "th"),
        _ => false,
    }
}

/// What has a `src`.
const SOURCES: [&str; 10] =
    ["script", "img", "source", "video", "audio", "track", "iframe", "frame", "embed", "input"];

/// Whether a `link` only says which hosts will be of use.
fn is_hint(link: &Element<'_, '_>) -> bool {
    let is = |rel: &str| ["preconnect", "dns-prefetch"].contains(&&*rel.to_ascii_lowercase());
    link.get_attribute("rel").is_some_and(|rel| rel.split_ascii_whitespace().all(is))
}

fn is_refresh(meta: &Element<'_, '_>) -> bool {
    let name = meta.get_attribute("http-equiv");
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case("refresh"))
}

/// Where a page goes on by itself: `5; url=/next` (HTML, section 4.2.5.3). Without a URL it stays.
fn refresh(content: &str) -> Option<String> {
    let after_time = content
        .trim_start_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_digit() || c == '.');
    let rest =
        after_time.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | ','));
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let named = named.and_then(|_| rest[3..].trim_ascii_start().strip_prefix('='));
    let url = named.unwrap_or(rest).trim_ascii();
    let url = match url.chars().next() {
        Some(quote @ ('"' | '\'')) => url[1..].split(quote).next().unwrap_or_default(),
        _ => url,
    };
    (!url.is_empty()).then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(html: &str) -> String {
        read(html.as_bytes(), None).links.join(" ")
    }

    #[test]
    fn what_each_element_leads_to() {
        for (html, found) in [
            ("<a href=/a>x</a><area HREF='b'><a name=c>", "/a b"),
            ("<link rel=stylesheet href=a.css><link rel='icon' href=b>", "a.css b"),
            ("<link rel='preconnect dns-prefetch' href=//x><link rel='Preconnect' href=//x>", ""),
            ("<link rel=preload as=image imagesrcset='a 1x, b 2x' href=c>", "a b c"),
            ("<script src=a.js></script><script>'<a href=no>'</script>", "a.js"),
            ("<img src=a srcset='b 1x, c 2x'>", "a b c"),
            ("<picture><source srcset='a, b 2x'><img src=c></picture>", "a b c"),
            ("<video src=a poster=b><source src=c><track src=d></video><audio src=e>", "a b c d e"),
            (
                "<iframe src=a></iframe><embed src=b><object data=c></object><frame src=d>",
                "a b c d",
            ),
            ("<svg><image href=a /><use xlink:href='b#c'/><a xlink:href=d></a></svg>", "a b#c d"),
            (
                "<p style='background: url(a)'><style>@import \"b\"; c { d: url(e) }</style>",
                "a b e",
            ),
            ("<body background=a><input type=image src=b>", "a b"),
            ("<form action=no><button formaction=no></form><q cite=no>", ""),
            ("<meta http-equiv=Refresh content='5; URL = \"/a\"'><meta content='0; url=no'>", "/a"),
            ("<meta property=og:image content=/no><img data-src=no>", ""),
            ("<noscript><img src=a><noscript><img src=no></noscript>", "a"),
            (
                "<template><img src=a></template><!-- <img src=no> --><title><a href=no></title>",
                "a",
            ),
            ("<a href='/?a=1&amp;b=2'>", "/?a=1&b=2"),
            ("<a href=", ""),
            ("<a href='a'><", "a"),
        ] {
            assert_eq!(links(html), found, "{html}");
        }
    }

    #[test]
    fn where_a_page_goes_on_by_itself() {
        for (content, url) in [
            ("0;url=/a", Some("/a")),
            (" 3.5 , '/a b'x", Some("/a b")),
            ("5; URL = /a", Some("/a")),
            ("5; urlx", Some("urlx")),
            ("5", None),
            ("5; url=", None),
            ("éé; url=a", Some("éé; url=a")),
            ("", None),
        ] {
            assert_eq!(refresh(content).as_deref(), url, "{content}");
        }
    }

    #[test]
    fn the_first_base_counts_wherever_it_stands() {
        let page = read(b"<a href=a><base target=x><base href='/b/'><base href=/c/>", None);
        assert_eq!((page.base.as_deref(), &*page.links), (Some("/b/"), &["a".to_owned()][..]));
    }

    #[test]
    fn encodings_by_header_mark_and_meta() {
        let read = |html: &[u8], encoding: Option<&str>| {
            read(html, encoding.and_then(|label| Encoding::for_label(label.as_bytes()))).links
        };
        assert_eq!(read(b"<a href=\xe9>", Some("iso-8859-1")), ["é"]);
        assert_eq!(read(b"<meta charset=latin1><a href=\xe9>", None), ["é"]);
        assert_eq!(read("<meta charset=latin1><a href=é>".as_bytes(), Some("utf-8")), ["é"]);
        let utf16: Vec<u8> =
            "\u{feff}<a href=é>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16, None), ["é"]);
        assert_eq!(read(&utf16[2..], Some("utf-16le")), ["é"]);
    }

    #[test]
    fn what_takes_too_much_memory_is_cut() {
        let page = read(format!("<a href=a>{}", "<div>".repeat(1 << 20)).as_bytes(), None);
        assert_eq!(page.links, ["a"]);
        assert!(page.is_cut);
    }

    #[test]
    fn deep_pages_take_no_stack() {
        assert_eq!(links(&format!("{}<a href=no>", "<noscript>".repeat(100_000))), "");
        assert_eq!(links(&format!("{}<a href=a>", "<div><svg><p>".repeat(10_000))), "a");
    }

    proptest! {
        #[test]
        fn nothing_panics(
            html in "(<|>|</|/>|=|'|\"|<!--|-->|<!\\[CDATA\\[|a |href|srcset|style|noscript|svg|base|meta|content|refresh|http-equiv|url\\(|&|\n|\\PC){0,60}",
            cut in any::<prop::sample::Index>(),
        ) {
            let bytes = html.as_bytes();
            read(&bytes[..cut.index(bytes.len() + 1)], None);
        }

        #[test]
        fn any_bytes_in_any_encoding(bytes in prop::collection::vec(any::<u8>(), 0..200), label in prop::sample::select(&["utf-8", "utf-16le", "gb18030", "iso-2022-jp", "latin1"][..])) {
            read(&bytes, Encoding::for_label(label.as_bytes()));
        }

        #[test]
        fn a_link_in_quotes_is_found(url in "[^\"&\0\r\u{feff}]{1,20}") {
            prop_assert_eq!(links(&format!("<p><a x href=\"{url}\">")), url);
        }
    }
}
