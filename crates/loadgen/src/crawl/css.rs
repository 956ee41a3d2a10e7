//! Links in CSS: `url(…)` and `@import "…"`, by the tokens of CSS Syntax Level 3.
//!
//! It looks at tokens and not at rules, so it needs no stack, however deep the blocks are.

use std::{iter::Peekable, str::Chars};

/// All URLs of a stylesheet or of a style attribute, as written.
pub(super) fn links(css: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut after_import = false;
    for token in Tokens(css.chars().peekable()) {
        let is_import = matches!(token, Token::Import);
        match token {
            Token::Url(url) => links.push(url),
            Token::String(text) if after_import => links.push(text),
            _ => {}
        }
        after_import = is_import;
    }
    links
}

/// As much of a token as matters here; spaces and comments are none.
enum Token {
    Url(String),
    String(String),
    Import,
    Other,
}

struct Tokens<'a>(Peekable<Chars<'a>>);

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let next = *self.0.peek()?;
            if is_name(next) || next == '\\' {
                let name = self.name();
                return Some(match self.0.next_if_eq(&'(') {
                    Some(_) if name.eq_ignore_ascii_case("url") => self.url(),
                    _ => Token::Other,
                });
            }
            self.0.next();
            match next {
                '/' if self.0.next_if_eq(&'*').is_some() => self.comment(),
                '"' | '\'' => return Some(self.string(next).map_or(Token::Other, Token::String)),
                '@' if self.name().eq_ignore_ascii_case("import") => return Some(Token::Import),
                '#' => {
                    self.name();
                    return Some(Token::Other);
                }
                _ if is_space(next) => {}
                _ => return Some(Token::Other),
            }
        }
    }
}

impl Tokens<'_> {
    /// What is left of a comment.
    fn comment(&mut self) {
        while let Some(next) = self.0.next() {
            if next == '*' && self.0.next_if_eq(&'/').is_some() {
                return;
            }
        }
    }

    /// A name, also one that begins with a digit, which no name does: a number with its unit.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(next) = self.0.next_if(|c| is_name(*c) || *c == '\\') {
            match next {
                '\\' => name.extend(self.escape()),
                _ => name.push(next),
            }
        }
        name
    }

    /// What is left of a string; none if its line ends before it does.
    fn string(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        while let Some(next) = self.0.next() {
            match next {
                _ if next == quote => break,
                '\n' => return None,
                '\\' if self.0.next_if_eq(&'\n').is_some() => {}
                '\\' => text.extend(self.escape()),
                _ => text.push(next),
            }
        }
        Some(text)
    }

    /// What is left of `url(`.
    fn url(&mut self) -> Token {
        self.spaces();
        if let Some(quote) = self.0.next_if(|c| matches!(c, '"' | '\'')) {
            return self.string(quote).map_or(Token::Other, Token::Url);
        }
        let mut url = String::new();
        while let Some(next) = self.0.next() {
            match next {
                ')' => return Token::Url(url),
                '\\' => url.extend(self.escape()),
                '"' | '\'' | '(' => return self.bad_url(),
                _ if is_space(next) => {
                    self.spaces();
                    if self.0.peek().is_some_and(|after| *after != ')') {
                        return self.bad_url();
                    }
                }
                _ => url.push(next),
            }
        }
        Token::Url(url)
    }

    /// Passes over what cannot be a URL, up to where that would end.
    fn bad_url(&mut self) -> Token {
        while let Some(next) = self.0.next() {
            match next {
                ')' => break,
                '\\' => drop(self.escape()),
                _ => {}
            }
        }
        Token::Other
    }

    fn spaces(&mut self) {
        while self.0.next_if(|c| is_space(*c)).is_some() {}
    }

    /// The character that an escape stands for, after its backslash.
    fn escape(&mut self) -> Option<char> {
        let mut code = 0;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = self.0.next_if(char::is_ascii_hexdigit)
        {
            code = code * 16 + digit.to_digit(16).unwrap_or_default();
            digits += 1;
        }
        if digits == 0 {
            return self.0.next();
        }
        self.0.next_if(|c| is_space(*c));
        let known = char::from_u32(code).filter(|c| *c != '\0');
        Some(known.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_and_imports() {
        for (css, found) in [
            ("@import \"a.css\" screen; @import url(b.css);", &["a.css", "b.css"][..]),
            ("@IMPORT/**/'a.css';", &["a.css"]),
            ("a { background: url( 'x y.png' ), URL(\"b.png\") }", &["x y.png", "b.png"]),
            ("@font-face { src: url(a.woff2)format('woff2'), local(\"b\") }", &["a.woff2"]),
            ("/* url(no.png) */ a { b: url(/*yes*/) } /* url(no)", &["/*yes*/"]),
            ("a::before { content: 'url(no.png)'; b: my-url(no) #url(no) 2url(no) }", &[]),
            (
                "a { b: url(a\\)b.png) \\75 rl(c.png) url(\\0000e9.png) }",
                &["a)b.png", "c.png", "é.png"],
            ),
            ("a { b: url(bad url.png) url(b\"ad) url(go(o)d) url(good) }", &["good"]),
            ("a { b: 'not\nclosed' url(a) }", &[]),
            ("a { b: \"not\nclosed url(a) }", &["a"]),
            ("a { b: url(\n a.png \n) url(", &["a.png", ""]),
            ("a { b: url(\"a\\\nb\") url(end", &["ab", "end"]),
            ("@charset \"utf-8\"; @media print { a { b: url(a) } }", &["a"]),
            ("\\", &[]),
        ] {
            assert_eq!(links(css), found, "{css}");
        }
    }

    #[test]
    fn deep_blocks_and_long_tokens_take_no_stack() {
        let deep = format!("{}url(a){}", "{(".repeat(200_000), "url(".repeat(200_000));
        assert_eq!(links(&deep)[0], "a");
    }

    proptest! {
        #[test]
        fn nothing_panics(css in "(url\\(|@import|/\\*|\\*/|\"|'|\\\\|\\(|\\)|[0-9a-f]{1,7}|\n|\\PC){0,40}") {
            links(&css);
        }

        #[test]
        fn any_text_in_quotes_is_found(url in "[^\"\\\\\n]{0,20}") {
            let css = format!("a {{ b: url(\"{url}\") }}");
            prop_assert_eq!(links(&css), [url]);
        }
    }
}
