//! Files that are in memory from the start: answering is one look-up.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::Asset;

/// Assets by name. An index page is there under its folder's name, too.
pub(crate) struct Table(HashMap<Box<str>, Arc<Asset>>);

impl Table {
    /// A table of files, each with its name relative to the root of the site.
    pub(super) fn new(files: impl IntoIterator<Item = (String, Bytes)>) -> Table {
        let mut table = HashMap::new();
        let mut folders = Vec::new();
        for (name, body) in files {
            let asset = Arc::new(Asset::new(&name, body, None));
            if let Some(folder) = folder_of_index(&name) {
                folders.push((folder.into(), Arc::clone(&asset)));
            }
            table.insert(name.into_boxed_str(), asset);
        }
        // Afterwards, so that a folder's page wins over a file of the same name.
        table.extend(folders);
        Table(table)
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Asset>> {
        self.0.get(name).cloned()
    }
}

fn folder_of_index(name: &str) -> Option<&str> {
    let folder = name.strip_suffix("index.html")?;
    if folder.is_empty() { Some("") } else { folder.strip_suffix('/') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_page_answers_for_its_folder() {
        let file = |name: &str| (name.to_owned(), Bytes::copy_from_slice(name.as_bytes()));
        let files = ["index.html", "a/index.html", "a/b.css", "myindex.html"];
        let table = Table::new(files.map(file));
        let found = |name| table.get(name).map(|asset| asset.name.to_string());
        assert_eq!(found("").as_deref(), Some("index.html"));
        assert_eq!(found("a").as_deref(), Some("a/index.html"));
        assert_eq!(found("a/index.html").as_deref(), Some("a/index.html"));
        assert_eq!(found("a/b.css").as_deref(), Some("a/b.css"));
        assert_eq!(found("my"), None);
    }
}
