//! Embeds the folder that `SERVY_ASSETS_DIR` names, if it names one.
//!
//! Only names and contents get into the binary, in the order of their names: the same folder
//! makes the same binary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() {
    println!("cargo::rerun-if-env-changed=SERVY_ASSETS_DIR");
    let mut files = BTreeMap::new();
    if let Some(folder) = env::var_os("SERVY_ASSETS_DIR").filter(|folder| !folder.is_empty()) {
        // A relative folder is meant as seen from the workspace, where cargo is called.
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = workspace.join(folder);
        let found = folder.canonicalize().and_then(|root| collect(&root, &root, "", &mut files));
        if let Err(error) = found {
            panic!("SERVY_ASSETS_DIR: cannot embed {}: {error}", folder.display());
        }
    }
    let mut table = String::from("&[\n");
    for (name, path) in files {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "    ({name:?}, &*include_bytes!({path:?})),");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("embedded.rs"), table).expect("OUT_DIR can be written to");
}

/// Adds the files below a folder, with their names relative to the root. What servy would not
/// serve is left out: hidden files, and links that lead out of the root.
fn collect(
    root: &Path,
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, PathBuf>,
) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            println!("cargo::warning={} is left out: its name is not UTF-8", path.display());
            continue;
        };
        let well_known = prefix.is_empty() && name == ".well-known";
        if name.starts_with('.') && !well_known {
            continue;
        }
        let name = format!("{prefix}{name}");
        if !path.canonicalize()?.starts_with(root) {
            println!("cargo::warning={name} is left out: it links out of the folder");
        } else if path.is_dir() {
            collect(root, &path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, path);
        }
    }
    Ok(())
}
