//! The `loadgen` program: calls the library and ends with its code.

use loadgen::exit::ExitCode;

fn main() -> ExitCode {
    loadgen::cli::main(std::env::args_os())
}
