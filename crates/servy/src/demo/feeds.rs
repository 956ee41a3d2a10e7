//! What programs read on the demo site: feed, site map, search index, manifest and robots.txt.

use std::fmt::Write as _;

use bytes::Bytes;

use super::pages;
use super::posts::{POSTS, TAGS, date};

/// The address that the site gives itself, where only absolute addresses are allowed.
const HOME: &str = "https://tidewater.example";

pub(super) fn all() -> Vec<(String, Bytes)> {
    let files = [
        ("feed.xml", feed()),
        ("sitemap.xml", sitemap()),
        ("search.json", search_index()),
        ("site.webmanifest", manifest()),
        ("robots.txt", robots()),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
}

fn feed() -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <title>Tidewater Notes</title>\n<id>{HOME}/</id>\n<link href=\"{HOME}/\"/>\n\
         <link rel=\"self\" href=\"{HOME}/feed.xml\"/>\n<updated>{}T08:00:00Z</updated>\n\
         <author><name>Tidewater Notes</name></author>\n",
        date(0)
    );
    for (i, post) in POSTS.iter().enumerate() {
        let (path, day) = (post.path(), date(i));
        let (title, tag, summary) = (post.title, post.tag().name, pages::summary(post));
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            xml,
            "<entry>\n<title>{title}</title>\n<id>{HOME}{path}</id>\n<link href=\"{HOME}{path}\"/>\n\
             <updated>{day}T08:00:00Z</updated>\n<category term=\"{tag}\"/>\n\
             <summary>{summary}</summary>\n</entry>"
        );
    }
    xml.push_str("</feed>\n");
    xml
}

fn sitemap() -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in ["/", "/about/", "/archive/", "/projects/", "/links/", "/tags/"] {
        let _ = writeln!(xml, "<url><loc>{HOME}{path}</loc></url>");
    }
    for tag in &TAGS {
        let _ = writeln!(xml, "<url><loc>{HOME}/tags/{}/</loc></url>", tag.name);
    }
    for (i, post) in POSTS.iter().enumerate() {
        let (path, day) = (post.path(), date(i));
        let _ = writeln!(xml, "<url><loc>{HOME}{path}</loc><lastmod>{day}</lastmod></url>");
    }
    xml.push_str("</urlset>\n");
    xml
}

fn search_index() -> String {
    let entry = |(i, post): (usize, &super::posts::Post)| {
        format!(
            "{{\"title\":\"{}\",\"url\":\"{}\",\"date\":\"{}\",\"tag\":\"{}\",\"summary\":\"{}\"}}",
            post.title,
            post.path(),
            date(i),
            post.tag().name,
            pages::summary(post)
        )
    };
    let entries: Vec<String> = POSTS.iter().enumerate().map(entry).collect();
    format!("[\n{}\n]\n", entries.join(",\n"))
}

fn manifest() -> String {
    let icon = |name| {
        format!(
            "    {{ \"src\": \"/icons/{name}.svg\", \"sizes\": \"any\", \"type\": \"image/svg+xml\" }}"
        )
    };
    let shortcut = |tag: &super::posts::Tag| {
        format!(
            "    {{ \"name\": \"Posts about {}\", \"description\": \"{}\", \"url\": \"/tags/{}/\" }}",
            tag.name, tag.about, tag.name
        )
    };
    format!(
        "{{\n  \"name\": \"Tidewater Notes\",\n  \"short_name\": \"Tidewater\",\n  \"start_url\": \"/\",\n  \
         \"display\": \"browser\",\n  \"background_color\": \"#fbfaf7\",\n  \"theme_color\": \"#1b6085\",\n  \
         \"icons\": [\n{}\n  ],\n  \"shortcuts\": [\n{}\n  ]\n}}\n",
        ["logo", "lighthouse"].map(icon).join(",\n"),
        TAGS.iter().map(shortcut).collect::<Vec<_>>().join(",\n")
    )
}

fn robots() -> String {
    let mut text = String::from(
        "# Tidewater Notes is a demo site, made by the server that answers you.\n\
         # Everybody may read everything; please take your time.\n\n",
    );
    for robot in ["tidebot", "harbourbot", "gullbot", "fogbot", "lampbot", "buoybot", "ropebot"] {
        let _ = writeln!(
            text,
            "User-agent: {robot}\nDisallow: /search/\nDisallow: /search.json\nCrawl-delay: 5\n\
             # {robot} reads the site map and leaves the search page to people.\n"
        );
    }
    let _ = write!(text, "User-agent: *\nDisallow:\n\nSitemap: {HOME}/sitemap.xml\n");
    text
}
