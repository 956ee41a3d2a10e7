//! Lists of paths as they are printed and stored.

use super::args::ListFormat;

/// The list as `--paths` reads it.
pub(super) fn render(paths: &[String], format: ListFormat) -> String {
    match format {
        ListFormat::Json => format!("{:#}\n", serde_json::Value::from(paths)),
        ListFormat::Text => paths.iter().map(|path| format!("{path}\n")).collect(),
    }
}
