//! The command line: flags and variables in, a running server and an exit code out.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use crate::{AssetSource, Config, Error, RedirectSource, Server};

/// A small web server: static assets, short-link redirects, and Prometheus metrics on a second
/// port.
///
/// Without --assets-dir it serves a demo site with fifty short links.
#[derive(Debug, Parser)]
#[command(name = "servy", version, max_term_width = 100)]
struct Args {
    /// The folder to serve; a file that changes is served changed.
    #[arg(long, env = "SERVY_ASSETS_DIR", value_name = "DIR")]
    assets_dir: Option<PathBuf>,

    /// A file or an http(s) URL with the short links: one `alias URL` a line, `#` begins a
    /// comment. Each alias is answered with a permanent redirect (308) unless a file has its name.
    #[arg(long, env = "SERVY_REDIRECTS_URL", value_name = "FILE|URL")]
    redirects: Option<String>,

    /// The name or address to listen on.
    #[arg(long, env = "SERVY_HOST", default_value = "127.0.0.1")]
    host: String,

    /// The port of the site; 0 lets the system choose one.
    #[arg(long, env = "SERVY_PORT", default_value_t = 8080)]
    port: u16,

    /// The port of /metrics; 0 lets the system choose one.
    #[arg(long, env = "SERVY_METRICS_PORT", value_name = "PORT", default_value_t = 8081)]
    metrics_port: u16,

    /// The least important messages to log: error, warn, info, debug, trace or off.
    #[arg(long, env = "SERVY_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,

    /// How many seconds requests may still run after SIGTERM or SIGINT.
    #[arg(long, env = "SERVY_SHUTDOWN_TIMEOUT", value_name = "SECONDS", default_value_t = 10)]
    shutdown_timeout: u64,
}

/// Runs servy with the arguments and variables of this process until SIGTERM or SIGINT.
///
/// The exit code is 0 after a stop, 1 when the server could not start, and 2 for arguments that
/// are no configuration.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_max_level(args.log_level)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(args.into()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when even this fails.
            let _ = writeln!(std::io::stderr(), "servy: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: Config) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let server = Server::bind(config).await?;
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => info!("SIGTERM"),
            _ = interrupt.recv() => info!("SIGINT"),
        }
    };
    server.serve(stop).await;
    Ok(())
}

impl From<Args> for Config {
    fn from(args: Args) -> Config {
        let own_site = args.assets_dir.is_some();
        Config {
            assets: args.assets_dir.map_or(AssetSource::Demo, AssetSource::Dir),
            redirects: match args.redirects {
                Some(place) => redirect_source(&place),
                None if own_site => RedirectSource::None,
                None => RedirectSource::Demo,
            },
            host: args.host,
            port: args.port,
            metrics_port: args.metrics_port,
            shutdown_timeout: Duration::from_secs(args.shutdown_timeout),
        }
    }
}

/// A URL with a scheme that can be fetched, or else the name of a file.
fn redirect_source(place: &str) -> RedirectSource {
    match Url::parse(place) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => RedirectSource::Url(url),
        _ => RedirectSource::File(place.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Config {
        Args::parse_from([&["servy"], args].concat()).into()
    }

    #[test]
    fn without_flags_it_is_the_default_configuration() {
        assert_eq!(config(&[]), Config::default());
    }

    #[test]
    fn a_folder_of_its_own_has_no_demo_redirects() {
        let config = config(&["--assets-dir", "public"]);
        assert_eq!(config.assets, AssetSource::Dir("public".into()));
        assert_eq!(config.redirects, RedirectSource::None);
    }

    #[test]
    fn a_redirect_source_is_a_url_or_a_file() {
        let of = |place| config(&["--redirects", place]).redirects;
        assert!(matches!(of("https://example.com/list"), RedirectSource::Url(_)));
        assert!(matches!(of("http://127.0.0.1:9/list"), RedirectSource::Url(_)));
        assert_eq!(of("redirects.txt"), RedirectSource::File("redirects.txt".into()));
        assert_eq!(of("/etc/redirects"), RedirectSource::File("/etc/redirects".into()));
    }

    #[test]
    fn the_help_is_well_formed() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }
}
