//! Embeds the folder that `SERVY_ASSETS_DIR` names, if it names one.

#[path = "build/table.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::{env, fs};

use table::Table;

fn main() {
    println!("cargo::rerun-if-env-changed=SERVY_ASSETS_DIR");
    println!("cargo::rerun-if-changed=build");
    let mut table = Table::default();
    if let Some(folder) = env::var_os("SERVY_ASSETS_DIR").filter(|folder| !folder.is_empty()) {
        // A relative folder is meant as seen from the workspace, where cargo is called.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        table = Table::read(&folder).unwrap_or_else(|error| {
            panic!("SERVY_ASSETS_DIR: cannot embed {}: {error}", folder.display())
        });
    }
    for folder in &table.folders {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    for file in &table.left_out {
        println!("cargo::warning=not embedded: {file}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("embedded.rs"), table.source()).expect("OUT_DIR can be written to");
}
