//! The file that `--config` names.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::options::{Options, file::InvalidOptions};

/// Why a file of options cannot be used, in k6's words.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error(
        "failed to load the configuration file from the local file system: {}: {source}",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds no options.
    #[error("couldn't parse the configuration from \"{}\": {source}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: InvalidOptions,
    },
}

/// Reads the options in a file, and says which of them are of no use.
pub(super) fn read(path: &Path) -> Result<(Options, Vec<String>), ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
    Options::from_json(&text).map_err(|source| ConfigError::Invalid { path: path.into(), source })
}
