//! `--print-config`: the configuration as variables, in a form that a shell reads.

use clap::{ArgMatches, CommandFactory as _};

use super::args::Args;

/// The value of every variable, as a shell reads it; those that have none are
/// comments.
pub(super) fn render(matches: &ArgMatches) -> String {
    let command = Args::command();
    let line = |arg: &clap::Arg| {
        let variable = arg.get_env()?.to_string_lossy();
        let value = matches.get_raw(arg.get_id().as_str()).and_then(|mut values| values.next());
        Some(match value {
            Some(value) => format!("{variable}={}\n", quoted(&value.to_string_lossy())),
            None => format!("# {variable} is not set\n"),
        })
    };
    command.get_arguments().filter_map(line).collect()
}

fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_printed_as_variables() {
        let flags = ["servy", "--assets-dir", "my site", "--port", "80", "--redirects-optional"];
        let printed = render(&Args::command().get_matches_from(flags));
        // This one is there only where profiles are compiled in.
        let printed = printed.replace("SERVY_PPROF=false\n", "");
        insta::assert_snapshot!(printed, @r#"
            SERVY_ASSETS_DIR='my site'
            # SERVY_REDIRECTS_URL is not set
            SERVY_REDIRECTS_OPTIONAL=true
            SERVY_REDIRECTS_MIN_REFRESH=10
            SERVY_REDIRECT_STATUS=308
            SERVY_HOST=127.0.0.1
            SERVY_PORT=80
            SERVY_METRICS_PORT=8081
            SERVY_LOG_LEVEL=info
            SERVY_LOG_FORMAT=text
            SERVY_ACCESS_LOG=true
            SERVY_MAX_REQUESTS=1024
            SERVY_MAX_CONNECTIONS=8192
            SERVY_MAX_HEADER_SIZE=16384
            SERVY_REQUEST_TIMEOUT=10
            SERVY_HEADER_READ_TIMEOUT=10
            SERVY_KEEP_ALIVE_TIMEOUT=60
            SERVY_KEEP_ALIVE_REQUESTS=100000
            SERVY_SHUTDOWN_TIMEOUT=10
            "#);
    }
}
