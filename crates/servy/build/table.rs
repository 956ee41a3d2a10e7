//! The files of a folder as the source of a table: what `build.rs` embeds.
//!
//! Only names and contents get into the binary, in the order of their names: the same folder
//! makes the same binary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What there is to embed.
#[derive(Default)]
pub(crate) struct Table {
    files: BTreeMap<String, PathBuf>,
    /// Every folder that was looked into.
    pub(crate) folders: Vec<PathBuf>,
    /// What should be served and is not, and why.
    pub(crate) left_out: Vec<String>,
}

impl Table {
    /// Finds the files below a folder, with their names relative to it. Hidden files, which servy
    /// would not serve, are not among them.
    ///
    /// # Errors
    ///
    /// When something cannot be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Table> {
        let root = folder.canonicalize()?;
        let mut table = Table::default();
        table.collect(&root, &root, "")?;
        Ok(table)
    }

    fn collect(&mut self, root: &Path, folder: &Path, prefix: &str) -> io::Result<()> {
        self.folders.push(folder.to_owned());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                self.left_out.push(format!("{}: its name is not UTF-8", path.display()));
                continue;
            };
            let well_known = prefix.is_empty() && name == ".well-known";
            if name.starts_with('.') && !well_known {
                continue;
            }
            let name = format!("{prefix}{name}");
            if !path.canonicalize()?.starts_with(root) {
                self.left_out.push(format!("{name}: it links out of the folder"));
            } else if path.is_dir() {
                self.collect(root, &path, &format!("{name}/"))?;
            } else {
                self.files.insert(name, path);
            }
        }
        Ok(())
    }

    /// An expression of the type `&[(&str, &[u8])]`.
    #[must_use]
    pub(crate) fn source(&self) -> String {
        let mut source = String::from("&[\n");
        for (name, path) in &self.files {
            // Writing to a String cannot fail.
            let _ = writeln!(source, "    ({name:?}, &*include_bytes!({path:?})),");
        }
        source.push_str("]\n");
        source
    }
}
