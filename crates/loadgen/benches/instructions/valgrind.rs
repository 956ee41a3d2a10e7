//! Counts the instructions of a process.

use std::{env, process::Command};

use crate::cases::Case;

/// The first argument of the process that is counted.
pub(crate) const REPEAT: &str = "--repeat";

/// How many instructions one repetition of `case` takes.
pub(crate) fn count(case: &Case, peer: &str) -> u64 {
    let [fewer, more] = case.times;
    (instructions(case, more, peer) - instructions(case, fewer, peer)) / u64::from(more - fewer)
}

/// How many instructions a process takes that does nothing but repeat `case`.
fn instructions(case: &Case, times: u32, peer: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(case.within.map(|function| format!("--toggle-collect={function}")))
        .arg(env::current_exe().expect("this program has a name"))
        .args([REPEAT, case.name, &times.to_string(), peer])
        .output()
        .expect("valgrind is needed to count instructions, and does not start");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed under valgrind:\n{text}", case.name);
    let count = text.lines().find_map(|line| line.split_once("Collected :"));
    let count = count.and_then(|(_, count)| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("valgrind says no number of instructions:\n{text}"))
}
