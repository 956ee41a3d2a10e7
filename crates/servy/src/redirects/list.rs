//! The format of the redirect list: `alias URL` a line, one space between them; empty lines and
//! lines that begin with `#` do not count.

use std::collections::HashMap;

use http::HeaderValue;
use url::Url;

/// What a list of short links holds.
#[derive(Debug)]
pub struct RedirectList {
    /// The target of each alias, byte for byte.
    pub targets: HashMap<Box<str>, HeaderValue>,
    /// The lines that were left out, in their order.
    pub bad: Vec<BadLine>,
}

/// A line that is no redirect, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a list. A line that is wrong is set aside; of two lines for one alias the later wins.
pub(super) fn parse(text: &str) -> RedirectList {
    let mut list = RedirectList { targets: HashMap::new(), bad: Vec::new() };
    for (i, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let problem = match parse_line(line) {
            Ok((alias, target)) => list
                .targets
                .insert(alias.into(), target)
                .map(|_| format!("alias {alias:?} has an earlier line, which no longer counts")),
            Err(reason) => Some(reason),
        };
        list.bad.extend(problem.map(|reason| BadLine { line: i + 1, reason }));
    }
    list
}

fn parse_line(line: &str) -> Result<(&str, HeaderValue), String> {
    let Some((alias, target)) = line.split_once(' ').filter(|(_, target)| !target.contains(' '))
    else {
        return Err("expected an alias, one space and a URL".to_owned());
    };
    if alias.is_empty() || alias.starts_with('/') || alias.ends_with('/') {
        return Err(format!("alias {alias:?} is empty or has a slash at an end"));
    }
    Url::parse(target).map_err(|e| format!("{target:?} is not a URL: {e}"))?;
    let location = HeaderValue::from_bytes(target.as_bytes())
        .map_err(|_| format!("{target:?} has a control character"))?;
    Ok((alias, location))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn targets(list: &RedirectList) -> Vec<(&str, &str)> {
        let mut targets: Vec<_> = list
            .targets
            .iter()
            .map(|(alias, target)| (&**alias, target.to_str().expect("test URLs are ASCII")))
            .collect();
        targets.sort_unstable();
        targets
    }

    #[test]
    fn aliases_comments_and_line_ends() {
        let list = parse(
            "# links\nfoo http://foo.bar\r\n\nbar https://bar.baz?q=1#top\na/b mailto:x@example.com",
        );
        assert_eq!(list.bad, []);
        assert_eq!(
            targets(&list),
            [
                ("a/b", "mailto:x@example.com"),
                ("bar", "https://bar.baz?q=1#top"),
                ("foo", "http://foo.bar")
            ]
        );
    }

    #[test]
    fn bad_lines_are_set_aside_with_number_and_reason() {
        let list = parse(
            "garbage\nok http://a.example\ntwo  http://b.example\nx but-a-bad-url\n http://c.example\n/s http://d.example\n\
             tab\thttp://e.example\nctl http://f.example/\u{1}\nok http://g.example\n",
        );
        assert_eq!(targets(&list), [("ok", "http://g.example")]);
        let bad: Vec<_> = list.bad.iter().map(|b| format!("{}: {}", b.line, b.reason)).collect();
        insta::assert_snapshot!(bad.join("\n"), @r#"
            1: expected an alias, one space and a URL
            3: expected an alias, one space and a URL
            4: "but-a-bad-url" is not a URL: relative URL without a base
            5: alias "" is empty or has a slash at an end
            6: alias "/s" is empty or has a slash at an end
            7: expected an alias, one space and a URL
            8: "http://f.example/\u{1}" has a control character
            9: alias "ok" has an earlier line, which no longer counts
            "#);
    }

    proptest! {
        #[test]
        fn every_line_is_an_entry_a_report_or_nothing(text in "([#a-z/ ]|http://x|\n|\r|\u{7f}|é){0,60}") {
            let list = parse(&text);
            let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).count();
            prop_assert_eq!(list.targets.len() + list.bad.len(), lines);
        }
    }
}
