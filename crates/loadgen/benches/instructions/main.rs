//! How many instructions the way of a request takes, compared with a committed baseline.
//!
//! `cargo bench -p loadgen --bench instructions` prints a table, and fails if a count is more
//! than 10 % away from `baseline.txt`. `LOADGEN_BLESS=1` before it writes that file anew. It needs
//! valgrind. Times of a busy machine say little about a change of a few per cent; instruction
//! counts are the same on all machines, up to what a compiler and a C library make of them.
//!
//! Each case is run twice, in a process of its own under valgrind, with fewer and with more
//! repetitions. The difference between the two is what the additional repetitions took, and what
//! is done once, from loading the program on, is in neither. The servers that are asked live in
//! this process, so their instructions are not counted.
#![allow(clippy::print_stdout, missing_docs)]

mod baseline;
mod cases;
mod peer;
mod valgrind;

use std::{env, process::ExitCode};

use crate::{baseline::Baseline, cases::Case};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [valgrind::REPEAT, case, times, peer] => {
            let case = Case::named(case).expect("the parent knows the cases");
            case.repeat(times.parse().expect("a number"), peer);
            ExitCode::SUCCESS
        }
        // `cargo test --all-targets` runs benches, too; counting is for `cargo bench`.
        _ if !arguments.contains(&"--bench") => ExitCode::SUCCESS,
        _ => count_all(),
    }
}

fn count_all() -> ExitCode {
    let peer = peer::start().to_string();
    let counts = Case::ALL.iter().map(|case| (case.name, valgrind::count(case, &peer)));
    match Baseline::read().compare(counts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            println!("\n{complaint}");
            ExitCode::FAILURE
        }
    }
}
