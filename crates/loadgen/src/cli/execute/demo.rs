//! What is tested when no host is named: the bundled server with its demo site, in this process.

use crate::{cli::CliError, http::InProcess, target::Target};

/// The bundled server with its demo site.
pub(in crate::cli) async fn service() -> Result<InProcess, CliError> {
    let router = servy::router(servy::Config::default()).await?;
    InProcess::new(Target::IN_PROCESS, router).map_err(|error| CliError::Test(error.into()))
}

/// The demo site, and what to request of it: `paths`, or everything.
pub(super) async fn target(
    paths: &[String],
) -> Result<(Target, Option<InProcess>, Vec<String>), CliError> {
    let service = service().await?;
    let paths = match paths {
        [] => {
            let aliases = servy::demo::redirects().into_iter().map(|(alias, _)| alias);
            servy::demo::paths().into_iter().chain(aliases).collect()
        }
        paths => paths.to_vec(),
    };
    Ok((Target::in_process("bundled servy, demo site"), Some(service), paths))
}
