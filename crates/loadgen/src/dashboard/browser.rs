//! Opening a page in the browser of whoever is here.

use std::{
    io,
    process::{Command, Stdio},
};

/// Opens `url`; does not wait for the browser.
///
/// # Errors
///
/// If the program that knows the browser cannot be started.
pub(crate) fn open(url: &str) -> io::Result<()> {
    let (program, first): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(first).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}
