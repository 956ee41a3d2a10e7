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
    /// When a folder cannot be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Table> {
        let root = folder.canonicalize()?;
        let mut table = Table::default();
        table.collect(&root, &mut vec![root.clone()], "")?;
        Ok(table)
    }

    /// Collects the files of the last folder of `way`, which leads there from the root.
    fn collect(&mut self, root: &Path, way: &mut Vec<PathBuf>, prefix: &str) -> io::Result<()> {
        let Some(folder) = way.last() else { return Ok(()) };
        self.folders.push(folder.clone());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                self.left_out.push(format!("{}: its name is not UTF-8", path.display()));
                continue;
            };
            if is_hidden(name, prefix.is_empty()) {
                continue;
            }
            let name = format!("{prefix}{name}");
            match lead(root, &path) {
                Ok(target) if target.is_file() => {
                    self.files.insert(name, path);
                }
                Ok(target) if way.contains(&target) => {
                    self.left_out.push(format!("{name}: it links to a folder that it is in"));
                }
                Ok(target) => {
                    way.push(target);
                    self.collect(root, way, &format!("{name}/"))?;
                    way.pop();
                }
                Err(reason) => self.left_out.push(format!("{name}: {reason}")),
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

/// The file or folder that a path leads to, or why it cannot be served.
fn lead(root: &Path, path: &Path) -> Result<PathBuf, String> {
    let target = path.canonicalize().map_err(|error| error.to_string())?;
    let inside = target.strip_prefix(root).map_err(|_| "it links out of the folder")?;
    let mut segments = inside.iter().enumerate();
    if segments.any(|(i, segment)| is_hidden(&segment.to_string_lossy(), i == 0)) {
        Err("it links to something hidden".to_owned())
    } else if target.is_file() || target.is_dir() {
        Ok(target)
    } else {
        Err("it is neither a file nor a folder".to_owned())
    }
}

/// `.well-known` at the root exists to be served (RFC 8615).
fn is_hidden(name: &str, at_root: bool) -> bool {
    name.starts_with('.') && !(at_root && name == ".well-known")
}
