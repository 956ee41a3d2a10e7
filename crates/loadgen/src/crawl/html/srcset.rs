//! The `srcset` attribute: several URLs, each with a size behind it (HTML, section 4.8.4.2.2).

/// The URLs of a `srcset` or `imagesrcset`.
pub(super) fn urls(srcset: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return urls;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        let bare = url.trim_end_matches(',');
        urls.push(bare);
        // A comma behind the URL itself means that it has no size.
        rest = if bare.len() < url.len() { after } else { after_descriptors(after) };
    }
}

/// What follows the sizes of one URL; a comma in parentheses does not end them.
fn after_descriptors(text: &str) -> &str {
    let mut is_inside = false;
    for (place, c) in text.char_indices() {
        match c {
            '(' => is_inside = true,
            ')' => is_inside = false,
            ',' if !is_inside => return &text[place..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_with_and_without_sizes() {
        for (srcset, found) in [
            ("a.png", &["a.png"][..]),
            ("a.png 1x, b.png 2x", &["a.png", "b.png"]),
            (" a.png,\n\tb.png 100w ,c.png", &["a.png", "b.png", "c.png"]),
            ("a,b.png 1x", &["a,b.png"]),
            ("a.png 1x,b.png 2x", &["a.png", "b.png"]),
            ("a.png calc(1x, 2x) 3w, b.png", &["a.png", "b.png"]),
            ("data:image/png;base64,AA== 1x, b.png 2x", &["data:image/png;base64,AA==", "b.png"]),
            ("", &[]),
            (" , ,", &[]),
        ] {
            assert_eq!(urls(srcset), found, "{srcset}");
        }
    }

    proptest! {
        #[test]
        fn it_ends_with_urls_that_are_not_empty(srcset in "[ab, ()é\n]{0,40}") {
            prop_assert!(urls(&srcset).iter().all(|url| !url.is_empty()));
        }
    }
}
