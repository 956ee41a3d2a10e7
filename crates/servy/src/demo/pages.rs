//! The pages of the demo site.

use std::fmt::Write as _;

use bytes::Bytes;

use super::links::LINKS;
use super::page::Page;
use super::posts::{POSTS, Post, TAGS, Tag, date};
use super::prose::Writer;
use super::site::{MARKS, PICTURES};

const POSTS_A_PAGE: usize = 8;

/// All pages by name, the root first.
pub(super) fn all() -> Vec<(String, Bytes)> {
    let mut pages = Vec::new();
    let mut add = |name: String, html: String| pages.push((name, html.into()));
    for number in 1..=POSTS.len().div_ceil(POSTS_A_PAGE) {
        add(format!("{}index.html", &list_path(number)[1..]), list(number));
    }
    add("about/index.html".to_owned(), about());
    add("archive/index.html".to_owned(), archive());
    add("projects/index.html".to_owned(), projects());
    add("links/index.html".to_owned(), links());
    add("search/index.html".to_owned(), search());
    add("colophon/index.html".to_owned(), colophon());
    add("tags/index.html".to_owned(), tags());
    for tag in &TAGS {
        add(format!("tags/{}/index.html", tag.name), tagged(tag));
    }
    for (i, post) in POSTS.iter().enumerate() {
        add(format!("{}index.html", &post.path()[1..]), article(i, post));
    }
    add("404.html".to_owned(), missing());
    pages
}

/// The first words of a post, as lists and feeds show them.
pub(super) fn summary(post: &Post) -> String {
    Writer::new(post.title, &post.tag().things).paragraph(2)
}

fn page(title: &str, description: &str, body: &str) -> String {
    Page { title, description, head: "", body }.html()
}

fn list_path(number: usize) -> String {
    if number == 1 { "/".to_owned() } else { format!("/page/{number}/") }
}

fn list(number: usize) -> String {
    let first = (number - 1) * POSTS_A_PAGE;
    let mut body = String::from("<h1>Small servers, slow boats</h1>\n<ul class=\"posts\">\n");
    for (i, post) in POSTS.iter().enumerate().skip(first).take(POSTS_A_PAGE) {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            body,
            "<li><a href=\"{path}\"><img src=\"{}\" alt=\"\" loading=\"lazy\"></a><div><time datetime=\"{day}\">{day}</time>\
             <h2><a href=\"{path}\">{}</a></h2><p>{}</p></div></li>",
            post.picture(),
            post.title,
            summary(post),
            path = post.path(),
            day = date(i),
        );
    }
    body.push_str("</ul>\n<nav class=\"pages\">");
    if number > 1 {
        let _ = write!(body, "<a href=\"{}\">← Newer</a>", list_path(number - 1));
    }
    if number * POSTS_A_PAGE < POSTS.len() {
        let _ = write!(body, "<a href=\"{}\">Older →</a>", list_path(number + 1));
    }
    body.push_str("</nav>\n");
    page("Home", "Notes on small servers, slow boats and other patient things.", &body)
}

fn article(index: usize, post: &Post) -> String {
    let tag = post.tag();
    let mut writer = Writer::new(post.title, &tag.things);
    let lead = writer.paragraph(2);
    let mut body = format!(
        "<article>\n<h1>{}</h1>\n<p class=\"tags\"><time datetime=\"{day}\">{day}</time> <a href=\"/tags/{tag}/\">{tag}</a></p>\n\
         <img src=\"{}\" alt=\"Hills and water\">\n<p><strong>{lead}</strong></p>\n",
        post.title,
        post.picture(),
        day = date(index),
        tag = tag.name,
    );
    for section in 1..=writer.between(4, 10) {
        let _ = writeln!(body, "<h2 id=\"part-{section}\">{}</h2>", writer.heading());
        for _ in 0..writer.between(3, 7) {
            let sentences = writer.between(3, 8);
            let _ = writeln!(body, "<p>{}</p>", writer.paragraph(sentences));
        }
        match writer.between(0, 3) {
            0 => body.push_str(&code(&mut writer)),
            1 => {
                let _ = writeln!(body, "<blockquote>{}</blockquote>", writer.sentence());
            }
            _ => {}
        }
    }
    body.push_str("</article>\n<nav class=\"pages\">");
    // The list is newest first, so the older post is the next one.
    for (arrow, neighbour) in
        [("←", POSTS.get(index + 1)), ("→", index.checked_sub(1).map(|i| &POSTS[i]))]
    {
        if let Some(post) = neighbour {
            let _ = write!(body, "<a href=\"{}\">{arrow} {}</a>", post.path(), post.title);
        }
    }
    body.push_str("</nav>\n");
    let head = "<link rel=\"stylesheet\" href=\"/css/code.css\">\n";
    Page { title: post.title, description: &lead, head, body: &body }.html()
}

/// A block of code that does something simple with numbers.
fn code(writer: &mut Writer<'_>) -> String {
    let (low, high) = (writer.between(2, 9), writer.between(10, 99));
    let comment = writer.sentence();
    format!(
        "<pre><code><span class=\"c\">// {comment}</span>\n\
         <span class=\"k\">let</span> readings: Vec&lt;u32&gt; = (<span class=\"n\">{low}</span>..<span class=\"n\">{high}</span>).filter(|n| n % <span class=\"n\">{low}</span> == <span class=\"n\">0</span>).collect();\n\
         <span class=\"k\">let</span> sum: u32 = readings.iter().sum();\n\
         println!(<span class=\"s\">\"{{}} readings, {{:.1}} in the mean\"</span>, readings.len(), f64::from(sum) / readings.len() <span class=\"k\">as</span> f64);\n\
         </code></pre>\n"
    )
}

fn archive() -> String {
    let mut body = String::from("<h1>Archive</h1>\n<ul class=\"list\">\n");
    for (i, post) in POSTS.iter().enumerate() {
        body.push_str(&row(i, post));
    }
    body.push_str("</ul>\n");
    page("Archive", "Every post, newest first.", &body)
}

fn row(index: usize, post: &Post) -> String {
    let (day, path, title) = (date(index), post.path(), post.title);
    format!("<li><time datetime=\"{day}\">{day}</time><a href=\"{path}\">{title}</a></li>\n")
}

fn tags() -> String {
    let mut body = String::from("<h1>Tags</h1>\n<ul class=\"list\">\n");
    for Tag { name, about, .. } in &TAGS {
        let _ = writeln!(body, "<li><a href=\"/tags/{name}/\">{name}</a> {about}</li>");
    }
    body.push_str("</ul>\n");
    page("Tags", "What the posts are about.", &body)
}

fn tagged(tag: &Tag) -> String {
    let mut body =
        format!("<h1>{}</h1>\n<p>Posts about {}.</p>\n<ul class=\"list\">\n", tag.name, tag.about);
    for (i, post) in POSTS.iter().enumerate().filter(|(_, post)| post.tag().name == tag.name) {
        body.push_str(&row(i, post));
    }
    body.push_str("</ul>\n<p class=\"tags\"><a href=\"/tags/\">All tags</a></p>\n");
    page(tag.name, tag.about, &body)
}

fn about() -> String {
    let mut writer = Writer::new("about", &TAGS[7].things);
    let mut body = String::from(
        "<h1>About</h1>\n<img src=\"/images/portrait.png\" alt=\"The author, as a landscape\">\n\
         <p>These are the notes of nobody in particular, who runs small servers, sails slow boats, and writes both down.</p>\n",
    );
    for _ in 0..5 {
        let _ = writeln!(body, "<p>{}</p>", writer.paragraph(5));
    }
    body.push_str("<p>Elsewhere: <a href=\"/github\">code</a>, <a href=\"/mastodon\">chatter</a>, <a href=\"/links/\">all short links</a>.</p>\n\
         <img src=\"/images/panorama.png\" alt=\"The coast, all of it\">\n");
    page("About", "Who writes here, and why.", &body)
}

fn projects() -> String {
    let mut body = String::from("<h1>Projects</h1>\n");
    for ((name, ..), mark) in PICTURES[2..].iter().zip(MARKS) {
        let text = Writer::new(name, &TAGS[3].things).paragraph(6);
        let _ = writeln!(
            body,
            "<h2><img src=\"/icons/{mark}.svg\" alt=\"\" width=\"40\" height=\"40\">{name}</h2>\n\
             <img src=\"/images/{name}.png\" alt=\"\">\n<p>{text}</p>\n<p><a href=\"/{name}\">Source</a></p>"
        );
    }
    page("Projects", "Small programs that are finished.", &body)
}

fn links() -> String {
    let mut body = String::from(
        "<h1>Links</h1>\n<p>Short ways to long addresses. Each is answered with a permanent redirect.</p>\n\
         <table>\n<tr><th>Short</th><th>Long</th></tr>\n",
    );
    for (alias, url) in LINKS {
        let url = url.replace('&', "&amp;");
        let _ = writeln!(body, "<tr><td><a href=\"/{alias}\">/{alias}</a></td><td>{url}</td></tr>");
    }
    body.push_str("</table>\n");
    page("Links", "Fifty short links.", &body)
}

fn search() -> String {
    let head = "<script src=\"/js/search.js\" defer></script>\n\
                <link rel=\"preload\" href=\"/search.json\" as=\"fetch\" crossorigin>\n";
    let body = "<h1>Search</h1>\n<input type=\"search\" placeholder=\"tide, socket, onion …\" autofocus aria-label=\"Search\">\n\
                <ul class=\"list\" data-results></ul>\n";
    Page { title: "Search", description: "Find a post.", head, body }.html()
}

fn colophon() -> String {
    let mut writer = Writer::new("colophon", &TAGS[0].things);
    let mut body = String::from("<h1>Colophon</h1>\n<p>");
    for mark in MARKS {
        let _ = write!(
            body,
            "<img src=\"/icons/{mark}.svg\" alt=\"{mark}\" width=\"64\" height=\"64\">"
        );
    }
    let _ = writeln!(
        body,
        "</p>\n<p>This site is made in memory by the server that sent it to you: text from templates, pictures from \
         noise, all of it from fixed seeds, so that it is the same everywhere.</p>\n<p>{}</p>\n\
         <p>For programs: <a href=\"/robots.txt\">robots.txt</a>, <a href=\"/sitemap.xml\">sitemap.xml</a>, \
         <a href=\"/feed.xml\">feed.xml</a>.</p>",
        writer.paragraph(6)
    );
    page("Colophon", "How this site is made.", &body)
}

fn missing() -> String {
    let body = "<h1>Nothing here at this tide</h1>\n<p>The page you look for is not there, or not there any more. \
                The <a href=\"/archive/\">archive</a> has everything that is.</p>\n";
    page("Not found", "There is no such page.", body)
}
