//! The files of a site: from the name that a request asks for to the asset that answers it.
//!
//! It knows nothing of HTTP methods, conditions or redirects.

mod asset;
mod coding;
mod content;
mod digest;
mod embedded;
mod folder;
mod large_file;
mod path;
mod table;
mod turns;

use std::io;
use std::sync::Arc;

pub(crate) use asset::{Asset, Representation};
pub(crate) use content::Content;
pub(crate) use embedded::is_there as is_embedded;
pub(crate) use large_file::PIECE;
pub(crate) use path::normalize;

use crate::config::AssetSource;
use crate::demo;
use crate::error::Error;
use folder::Folder;
use table::Table;

/// The page that answers when nothing else does; asked for by its own name it is still a 404.
pub(crate) const NOT_FOUND_PAGE: &str = "404.html";

/// All files of one site.
pub(crate) enum Assets {
    Table(Table),
    Folder(Arc<Folder>),
}

impl Assets {
    /// Opens the source. A folder is only looked at; its files are read when asked for.
    pub(crate) async fn open(source: &AssetSource) -> Result<Assets, Error> {
        match source {
            AssetSource::Demo => Ok(Assets::Table(Table::new(demo::files()))),
            AssetSource::Embedded => Ok(Assets::Table(Table::new(embedded::files()))),
            AssetSource::Dir(path) => Folder::open(path)
                .map(|folder| Assets::Folder(Arc::new(folder)))
                .map_err(|source| Error::Assets { path: path.clone(), source }),
        }
    }

    /// The asset of that [normalized](normalize) name, or the index page of that folder.
    ///
    /// # Errors
    ///
    /// When there is such a file and it cannot be read just now.
    pub(crate) async fn get(&self, name: &str) -> io::Result<Option<Arc<Asset>>> {
        match self {
            Assets::Table(table) => Ok(table.get(name)),
            Assets::Folder(folder) => folder.get(name).await,
        }
    }
}
