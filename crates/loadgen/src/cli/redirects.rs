//! `loadgen redirects`: from servy's list of short links to their paths.

use url::Url;

use super::{
    CliError,
    args::{ListFormat, RedirectsArgs},
    console::Console,
    lists,
};

/// A list to print the paths of.
#[derive(Debug)]
pub struct RedirectsCommand {
    /// Where it is.
    pub source: servy::RedirectSource,
    /// How the paths are printed.
    pub format: ListFormat,
}

/// A list of short links that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("redirects {list}: cannot be read: {reason}")]
pub struct RedirectsError {
    /// Its file or URL.
    pub list: String,
    /// What the system or the server says.
    pub reason: String,
}

pub(super) fn resolve(args: RedirectsArgs) -> RedirectsCommand {
    let url = Url::parse(&args.list).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let source = match url {
        Some(url) => servy::RedirectSource::Url(url),
        None => servy::RedirectSource::File(args.list.into()),
    };
    RedirectsCommand { source, format: args.format }
}

impl RedirectsCommand {
    /// Reads the list and gives its paths as text to print.
    pub(super) fn execute(self, console: &Console) -> Result<String, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CliError::Runtime)?;
        let list = runtime.block_on(servy::redirect_list(&self.source)).map_err(unreadable)?;
        for line in &list.bad {
            console.warn(format!("line {}: {}", line.line, line.reason));
        }
        let mut paths: Vec<_> = list.targets.keys().map(|alias| path(alias)).collect();
        // Aliases may differ in their spelling only.
        paths.sort();
        paths.dedup();
        Ok(lists::render(&paths, self.format))
    }
}

/// Where an alias is found, percent-encoded.
fn path(alias: &str) -> String {
    let mut url = Url::parse("http://host/").expect("a constant URL");
    url.set_path(alias);
    url.path().to_owned()
}

fn unreadable(error: servy::Error) -> CliError {
    let (list, reason) = match error {
        servy::Error::RedirectsFile { path, source } => {
            (path.display().to_string(), source.to_string())
        }
        servy::Error::RedirectsUrl { url, reason } => (url.to_string(), reason),
        other => (String::new(), other.to_string()),
    };
    RedirectsError { list, reason }.into()
}
