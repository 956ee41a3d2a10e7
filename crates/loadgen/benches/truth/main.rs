//! How near what loadgen reports comes to what a server really did, on a machine with nothing else
//! to do.
//!
//! `cargo bench -p loadgen --bench truth` prints a table: the server answers after a known delay and
//! has the first core, loadgen asks so often a second and has the second. In turns with loadgen, a
//! client that does nothing but ask takes its place: what that one adds to the server's time is the
//! machine's. After that a busy loop takes part of loadgen's core, and its summary has to warn. It
//! needs `taskset`; without it, it says so and measures nothing. `LOADGEN_BENCH_SECONDS` sets the
//! length of each run.
#![allow(clippy::print_stdout, missing_docs)]

#[path = "../../src/engine/alarm.rs"]
#[allow(dead_code, unused_imports, reason = "a bench is compiled as tests are, without the tests")]
mod alarm;
mod bare;
mod case;
mod load;
mod processes;
mod quantiles;
#[path = "../../tests/it/truth/server.rs"]
mod server;

use std::{
    env,
    io::{Read as _, Write as _},
    process::Command,
    time::Duration,
};

use crate::{
    case::Case,
    quantiles::Quantiles,
    server::{Delays, Server},
};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(processes::SERVE) => serve(&arguments[1]),
        Some(bare::ASK) => bare::ask(&arguments[1..]),
        // `cargo test --all-targets` runs benches, too; measuring is for `cargo bench`.
        Some("--bench") if Command::new("taskset").arg("--version").output().is_ok() => measure(),
        Some("--bench") => println!("nothing measured: taskset is not installed"),
        _ => {}
    }
}

/// Answers until standard input ends, then tells what it did.
fn serve(delays: &str) {
    let server = Server::start(processes::delays(delays));
    println!("{}", server.address);
    std::io::stdout().flush().expect("the parent listens");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("a pipe");
    print!("{}", Quantiles::of(server.stop(processes::WARM_UP)));
}

fn measure() {
    let millis = Duration::from_millis;
    let fixed = [Duration::from_micros(200), millis(1), millis(5), millis(20)];
    let fixed = fixed.map(|usual| Delays { usual, rare: None });
    // A little more than 1 %, so that the 99th percentile is among the slow and not at their edge.
    let mixed = Delays { usual: millis(1), rare: Some((90, millis(200))) };
    println!(
        "| answers after | requests/s | quantile | server | loadgen | difference | a bare client's | allowed | |"
    );
    println!("|---|---:|---|---:|---:|---:|---:|---:|---|");
    for delays in fixed.into_iter().chain([mixed]) {
        for rate in [100, 5_000, 20_000] {
            Case { delays, rate }.run();
        }
    }
    load::beside_a_busy_loop(fixed[1]);
}
