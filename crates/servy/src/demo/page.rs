//! The frame that every page of the demo site has.

/// What differs from page to page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    /// More elements for the head, one a line.
    pub(super) head: &'a str,
    pub(super) body: &'a str,
}

impl Page<'_> {
    pub(super) fn html(&self) -> String {
        let Page { title, description, head, body } = self;
        format!(
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Tidewater Notes</title>
<meta name="description" content="{description}">
<meta name="generator" content="servy demo site">
<link rel="icon" href="/favicon.ico" sizes="16x16">
<link rel="icon" href="/icons/logo.svg" type="image/svg+xml">
<link rel="manifest" href="/site.webmanifest">
<link rel="alternate" type="application/atom+xml" title="Tidewater Notes" href="/feed.xml">
<link rel="stylesheet" href="/css/main.css">
<link rel="stylesheet" href="/css/print.css" media="print">
<script src="/js/theme.js"></script>
<script src="/js/main.js" defer></script>
{head}</head>
<body>
<header class="site">
<a class="name" href="/"><img src="/icons/logo.svg" alt="" width="32" height="32">Tidewater Notes</a>
<nav><a href="/archive/">Archive</a> · <a href="/tags/">Tags</a> · <a href="/projects/">Projects</a> · <a href="/links/">Links</a> · <a href="/search/">Search</a> · <a href="/about/">About</a></nav>
<button type="button" data-theme-button>theme</button>
</header>
<main>
{body}</main>
<footer>
<p>Tidewater Notes is a demo site. No person, boat or packet in it is real. <a href="/colophon/">Colophon</a> · <a href="/feed.xml">Feed</a></p>
</footer>
</body>
</html>
"#
        )
    }
}
