//! `docs/options.md` says what the tables say.
//!
//! `LOADGEN_BLESS=1 cargo test -p loadgen --lib document` writes it anew.

use std::{fmt::Write as _, path::Path};

use clap::{Arg, CommandFactory};

use super::*;
use crate::{
    cli::env::VARIABLES,
    options::table::{HEADINGS, ROWS, Row},
};

const BEGIN: &str = "<!-- Generated from the table of options; CONTRIBUTING.md tells how. -->\n";
const END: &str = "<!-- End of the generated part. -->\n";

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}

fn row(row: &Row) -> String {
    let flag = row.flag.map_or(String::new(), |flag| match flag.short {
        Some(short) => format!("`-{short}` `--{}`", flag.long),
        None => format!("`--{}`", flag.long),
    });
    format!(
        "| {} | {flag} | {} | {} | {} |\n",
        code(row.key.unwrap_or_default()),
        code(row.variable.unwrap_or_default()),
        cell(row.default),
        cell(row.about),
    )
}

fn tables() -> String {
    let mut text = String::new();
    for heading in HEADINGS {
        let _ = write!(
            text,
            "\n## {heading}\n\n| key | flag | variable | default | |\n|---|---|---|---|---|\n"
        );
        ROWS.iter().filter(|row| row.heading == heading).for_each(|it| text.push_str(&row(it)));
    }
    text.push_str(
        "\n## Not options of the test\n\nThese cannot be in a file.\n\n| flag | |\n|---|---|\n",
    );
    for arg in Cli::command().get_arguments().filter(|arg| is_no_option(arg)) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "| `--{}` | {} |", arg.get_long().unwrap_or_default(), cell(&help));
    }
    text.push_str(
        "\n## Options of k6 that have no effect\n\nThey are read, and a warning says so.\n\n| key | variable |\n|---|---|\n",
    );
    for row in ROWS.iter().filter(|row| row.access.is_none()) {
        let variable = code(row.variable.unwrap_or_default());
        let _ = writeln!(text, "| `{}` | {variable} |", row.name());
    }
    text.push('\n');
    text
}

fn is_no_option(arg: &Arg) -> bool {
    let long = arg.get_long();
    long.is_some() && !ROWS.iter().any(|row| row.flag.map(|flag| flag.long) == long)
}

#[test]
fn document_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/options.md");
    let document = fs::read_to_string(&path).expect("it is there");
    let (before, rest) = document.split_once(BEGIN).expect("the generated part begins");
    let (generated, after) = rest.split_once(END).expect("the generated part ends");
    if std::env::var_os("LOADGEN_BLESS").is_some() {
        let document = format!("{before}{BEGIN}{}{END}{after}", tables());
        fs::write(&path, document).expect("it can be written");
    } else {
        assert!(
            generated == tables(),
            "docs/options.md is stale; LOADGEN_BLESS=1 cargo test -p loadgen --lib document writes it"
        );
    }
}

#[test]
fn every_variable_is_in_the_help_of_its_flag() {
    let command = Cli::command();
    let names = VARIABLES.iter().map(|variable| (variable.name, variable.flag));
    let options = ROWS.iter().filter_map(|row| Some((row.variable?, row.flag?.long)));
    for (name, flag) in names.chain(options) {
        let arg = command.get_arguments().find(|arg| arg.get_long() == Some(flag));
        let help = arg.and_then(Arg::get_help).map(ToString::to_string).unwrap_or_default();
        let (_, variables) = help.split_once("(env: ").unwrap_or_default();
        let names: Vec<_> = variables.trim_end_matches(')').split(", ").collect();
        assert!(names.contains(&name), "{name} is not in: {help}");
    }
}
