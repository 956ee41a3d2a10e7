//! Why arguments are no configuration: clap's message in one line, as all messages of servy are.

/// The message without its "error:" and without the usage text behind it.
pub(super) fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Args;

    #[test]
    fn a_message_names_the_flag_and_what_is_allowed() {
        let messages = [
            &["--prot", "80"][..],
            &["--port"],
            &["--port", "x"],
            &["--port", "70000"],
            &["--max-requests", "0"],
            &["--max-header-size", "1000"],
            &["--request-timeout", "-1"],
            &["--log-level", "loud"],
            &["--log-format", "xml"],
            &["--access-log", "maybe"],
            &["--redirect-status", "302"],
            &["--assets-dir", ""],
            &["--host", ""],
            &["--redirects", ""],
            &["--redirects", "ftp://example.com/list"],
            &["public"],
        ];
        let messages = messages.map(|args| {
            let parsed = Args::command().try_get_matches_from([&["servy"], args].concat());
            one_line(&parsed.expect_err("they are no configuration"))
        });
        insta::assert_snapshot!(messages.join("\n"), @r#"
            unexpected argument '--prot' found; tip: a similar argument exists: '--port'
            a value is required for '--port <PORT>' but none was supplied
            invalid value 'x' for '--port <PORT>': allowed are whole numbers from 0 to 65535
            invalid value '70000' for '--port <PORT>': allowed are whole numbers from 0 to 65535
            invalid value '0' for '--max-requests <COUNT>': allowed are whole numbers from 1
            invalid value '1000' for '--max-header-size <BYTES>': allowed are whole numbers from 8192 to 1073741824
            unexpected argument '-1' found
            invalid value 'loud' for '--log-level <LEVEL>': allowed are error, warn, info, debug, trace and off
            invalid value 'xml' for '--log-format <FORMAT>'; [possible values: text, json]
            invalid value 'maybe' for '--access-log <BOOL>'; [possible values: true, false]
            invalid value '302' for '--redirect-status <STATUS>'; [possible values: 301, 308]; tip: a similar value exists: '308'
            a value is required for '--assets-dir <DIR>' but none was supplied
            a value is required for '--host <HOST>' but none was supplied
            invalid value '' for '--redirects <FILE|URL>': allowed are the name of a file and a URL with http or https
            invalid value 'ftp://example.com/list' for '--redirects <FILE|URL>': allowed are the name of a file and a URL with http or https
            unexpected argument 'public' found
            "#);
    }
}
