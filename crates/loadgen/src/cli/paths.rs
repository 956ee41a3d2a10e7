//! Lists of paths: what each iteration asks for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::options::notation::kind;

/// Why a list of paths cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// The file cannot be read.
    #[error("--paths {}: cannot be read: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not JSON.
    #[error("--paths {}: not JSON: {source}; allowed is an array of strings", file.display())]
    NotJson {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// JSON, but not an array.
    #[error("--paths {}: found {found}; allowed is an array of strings", file.display())]
    NotAnArray {
        /// The file.
        file: PathBuf,
        /// What was found.
        found: &'static str,
    },
    /// An array with something else in it.
    #[error("--paths {}: entry {index} is {found}; allowed are strings", file.display())]
    NotAString {
        /// The file.
        file: PathBuf,
        /// Its place, from 0.
        index: usize,
        /// What was found.
        found: &'static str,
    },
    /// A list without entries.
    #[error("--paths {}: the list is empty; at least one path is needed", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A string that is no path on the host.
    #[error("--paths {}: entry {index} {path:?} {problem}", file.display())]
    BadPath {
        /// The file.
        file: PathBuf,
        /// Its place, from 0.
        index: usize,
        /// What was found.
        path: String,
        /// What is wrong, and what is allowed.
        problem: &'static str,
    },
}

/// Reads the lists in the order given; every path begins with `/`.
///
/// A file is a JSON array of strings. One whose name ends in `.txt` has one path a line; empty
/// lines and those that begin with `#` do not count.
///
/// # Errors
///
/// The first file that cannot be used, and why.
pub fn read_all(files: &[PathBuf]) -> Result<Vec<String>, PathsError> {
    let mut paths = Vec::new();
    for file in files {
        paths.extend(read(file)?);
    }
    Ok(paths)
}

fn read(file: &Path) -> Result<Vec<String>, PathsError> {
    let unreadable = |source| PathsError::Unreadable { file: file.into(), source };
    let text = fs::read_to_string(file).map_err(unreadable)?;
    let entries = if file.extension().is_some_and(|extension| extension == "txt") {
        lines(&text)
    } else {
        json(file, &text)?
    };
    if entries.is_empty() {
        return Err(PathsError::Empty { file: file.into() });
    }
    let normalize = |(index, path): (usize, String)| match problem(&path) {
        Some(problem) => Err(PathsError::BadPath { file: file.into(), index, path, problem }),
        None if path.starts_with('/') => Ok(path),
        None => Ok(format!("/{path}")),
    };
    entries.into_iter().enumerate().map(normalize).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn json(file: &Path, text: &str) -> Result<Vec<String>, PathsError> {
    let not_json = |source| PathsError::NotJson { file: file.into(), source };
    let entries = match serde_json::from_str(text).map_err(not_json)? {
        Value::Array(entries) => entries,
        other => return Err(PathsError::NotAnArray { file: file.into(), found: kind(&other) }),
    };
    let string = |(index, entry)| match entry {
        Value::String(path) => Ok(path),
        other => Err(PathsError::NotAString { file: file.into(), index, found: kind(&other) }),
    };
    entries.into_iter().enumerate().map(string).collect()
}

/// What keeps `path` from being joined to a host.
fn problem(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("is empty; the root is \"/\"")
    } else if path.contains("://") && url::Url::parse(path).is_ok() {
        Some("is a whole URL; allowed are paths on the host, as in /css/main.css")
    } else if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Some("holds a space or a control character; a space is written %20")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message or the list for a file of this name and content.
    fn outcome(name: &str, content: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(name);
        fs::write(&file, content).expect("a file");
        match read_all(std::slice::from_ref(&file)) {
            Ok(paths) => paths.join(" "),
            Err(error) => error.to_string().replace(&*file.to_string_lossy(), name),
        }
    }

    #[test]
    fn what_is_found_in_a_file() {
        let outcomes: Vec<_> = [
            ("p.json", &b"[\"/\", \"/css/main.css?v=1\", \"github\"]"[..]),
            ("p.json", b"[\"/\",\n  /css]"),
            ("p.json", b""),
            ("p.json", b"{\"paths\": []}"),
            ("p.json", b"[\"/\", 7]"),
            ("p.json", b"[]"),
            ("p.json", b"[\"/\", \"\"]"),
            ("p.json", b"[\"http://example.com/\"]"),
            ("p.json", b"[\"/a b\"]"),
            ("p.json", b"[\"/\xff\"]"),
            ("p.txt", b"# site\n/\n\n  github\n"),
            ("p.txt", b"# nothing\n"),
            ("p.txt", b"github https://github.com/someone\n"),
        ]
        .iter()
        .map(|(name, content)| outcome(name, content))
        .collect();
        insta::assert_snapshot!(outcomes.join("\n"), @r#"
        / /css/main.css?v=1 /github
        --paths p.json: not JSON: expected value at line 2 column 3; allowed is an array of strings
        --paths p.json: not JSON: EOF while parsing a value at line 1 column 0; allowed is an array of strings
        --paths p.json: found an object; allowed is an array of strings
        --paths p.json: entry 1 is a number; allowed are strings
        --paths p.json: the list is empty; at least one path is needed
        --paths p.json: entry 1 "" is empty; the root is "/"
        --paths p.json: entry 0 "http://example.com/" is a whole URL; allowed are paths on the host, as in /css/main.css
        --paths p.json: entry 0 "/a b" holds a space or a control character; a space is written %20
        --paths p.json: cannot be read: stream did not contain valid UTF-8
        / /github
        --paths p.txt: the list is empty; at least one path is needed
        --paths p.txt: entry 0 "github https://github.com/someone" holds a space or a control character; a space is written %20
        "#);
    }

    #[test]
    fn lists_follow_each_other_and_repeats_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ["a.json", "b.txt"].map(|name| folder.path().join(name));
        fs::write(&files[0], "[\"/a\", \"/b\"]").expect("a file");
        fs::write(&files[1], "/b\n/c\n").expect("a file");
        assert_eq!(read_all(&files).expect("both are lists"), ["/a", "/b", "/b", "/c"]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read_all(&["no/such.json".into()]).expect_err("there is none").to_string();
        assert!(error.starts_with("--paths no/such.json: cannot be read: "), "{error}");
    }
}
