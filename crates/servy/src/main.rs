//! The `servy` command, see [`servy::cli`].

fn main() -> std::process::ExitCode {
    servy::cli::main()
}
