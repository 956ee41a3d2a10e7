//! `loadgen compare`: which files, under which names, and what to make of them.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{
    CliError,
    args::{CompareArgs, CompareFormat},
    outputs::OutputFile,
};
use crate::{
    compare::{Condition, Rows, Subject},
    summary,
};

/// The file that `--report-dir` puts into a folder.
const SUMMARY: &str = "summary.json";

/// Stored summaries to compare.
#[derive(Debug)]
pub struct CompareCommand {
    /// The base and the others.
    pub subjects: Vec<Subject>,
    /// What fails the comparison.
    pub conditions: Vec<Condition>,
    /// Which rows are shown.
    pub rows: Rows,
    /// What to make of it.
    pub format: CompareFormat,
    /// Where the result goes; `None` for stdout.
    pub output: Option<OutputFile>,
}

/// `FILE`, `FILE,FILE…` or `NAME=FILE,FILE…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFiles {
    name: Option<String>,
    files: Vec<PathBuf>,
}

/// A word that names no files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected FILE or NAME=FILE, and more files behind commas; a name and a file are not empty"
)]
pub struct InvalidRunFiles;

impl FromStr for RunFiles {
    type Err = InvalidRunFiles;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, files) = match text.split_once('=') {
            Some((name, files)) => (Some(name.to_owned()), files),
            None => (None, text),
        };
        let is_empty = files.split(',').any(str::is_empty) || name.as_deref() == Some("");
        let files = files.split(',').map(PathBuf::from).collect();
        if is_empty { Err(InvalidRunFiles) } else { Ok(Self { name, files }) }
    }
}

/// Reads the stored summaries, then creates the output.
pub(super) fn resolve(args: CompareArgs) -> Result<CompareCommand, CliError> {
    let columns = columns(args.runs);
    let subjects: Vec<Subject> = names(&columns)
        .into_iter()
        .zip(&columns)
        .map(|(name, column)| {
            let runs = column.files.iter().map(|file| summary::load(&summary_in(file)));
            Ok(Subject { name, runs: runs.collect::<Result<_, _>>()? })
        })
        .collect::<Result<_, CliError>>()?;
    let output = args.output.map(|path| OutputFile::create("output", &path)).transpose()?;
    Ok(CompareCommand {
        subjects,
        conditions: args.fail_if,
        rows: if args.all { Rows::All } else { Rows::Main },
        format: args.format,
        output,
    })
}

/// A folder stands for the summary in it.
fn summary_in(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(SUMMARY) } else { path.to_owned() }
}

/// The columns in the order in which they were first named. A name that is given again adds runs.
fn columns(words: Vec<RunFiles>) -> Vec<RunFiles> {
    let mut columns: Vec<RunFiles> = Vec::new();
    for word in words {
        let same = |column: &&mut RunFiles| word.name.is_some() && column.name == word.name;
        match columns.iter_mut().find(same) {
            Some(column) => column.files.extend(word.files),
            None => columns.push(word),
        }
    }
    columns
}

/// A name for each column, no two alike.
fn names(columns: &[RunFiles]) -> Vec<String> {
    let mut names: Vec<Option<String>> = columns.iter().map(|column| column.name.clone()).collect();
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.name.is_none()) {
        let name = name_of(&column.files[0]);
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let mut free = std::iter::once(name.clone()).chain(numbered);
        names[at] = free.find(|name| !names.iter().flatten().any(|taken| taken == name));
    }
    names.into_iter().flatten().collect()
}

/// The file's name without its ending, or that of its folder if the file has the usual name.
fn name_of(path: &Path) -> String {
    let path = std::path::absolute(summary_in(path)).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().and_then(Path::file_name).filter(|_| path.ends_with(SUMMARY));
    let name = folder.or_else(|| path.file_stem()).unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(words: &[&str]) -> String {
        let words = words.iter().map(|word| word.parse().expect("files")).collect();
        let columns = columns(words);
        let files = columns.iter().map(|column| column.files.len());
        let named = names(&columns).into_iter().zip(files);
        named.map(|(name, files)| format!("{name}:{files}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_are_named_by_what_tells_their_files_apart() {
        for (words, expected) in [
            (&["base.json", "new.json"][..], "base:1 new:1"),
            (&["a/summary.json", "b/summary.json"], "a:1 b:1"),
            (&["1/a/summary.json", "2/a/summary.json", "a 2.json"], "a:1 a 2:1 a 2 2:1"),
            (&["new.json", "new=other.json"], "new 2:1 new:1"),
            (&["a=1.json", "b=2.json", "a=3.json,4.json"], "a:3 b:1"),
            (&["a.b.json,c.json", "x=y=z.json"], "a.b:2 x:1"),
        ] {
            assert_eq!(names_of(words), expected, "{words:?}");
        }
    }

    #[test]
    fn a_folder_stands_for_its_summary() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = folder.path().join("quay");
        std::fs::create_dir(&run).expect("a folder");
        assert_eq!(summary_in(&run), run.join("summary.json"));
        assert_eq!(name_of(&run), "quay");
    }

    #[test]
    fn words_without_a_name_or_a_file_are_refused() {
        for word in ["", "=a.json", "a=", "a.json,", "a=,b.json"] {
            assert_eq!(word.parse::<RunFiles>(), Err(InvalidRunFiles), "{word}");
        }
    }
}
