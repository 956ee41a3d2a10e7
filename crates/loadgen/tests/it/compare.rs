//! `loadgen compare` as a process: files in, tables and exit codes out.

use std::{fs, path::Path, process::Output};

use crate::cli::{loadgen, readable};

fn compare(folder: &Path, words: &[&str]) -> Output {
    loadgen().current_dir(folder).arg("compare").args(words).output().unwrap()
}

/// Code and both streams.
fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), readable(output.stderr))
}

/// Two short runs of the same, `a` and `b`, and what k6 would have stored of the second.
fn runs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let output = loadgen()
            .current_dir(folder.path())
            .args(["--quiet", "--vus", "2", "--duration", "1s", "--summary-mode", "disabled"])
            .args(["--report-dir", name, "--summary-export", "k6.json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    folder
}

#[test]
fn stored_runs_are_compared_in_all_formats() {
    let folder = runs();
    let (code, text, errors) = told(compare(folder.path(), &["a", "b/summary.json", "k6.json"]));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let head: Vec<_> = text.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["a", "b", "ratio", "verdict", "k6", "ratio", "verdict"]);
    assert!(text.contains("http_reqs.rate") && text.contains("too short to tell"), "{text}");
    assert!(text.contains("k6 comes from k6, which stores totals only"), "{text}");
    assert!(!text.contains('\u{1b}'), "no terminal, no colours");

    let (_, markdown, _) = told(compare(folder.path(), &["a", "b", "--format", "markdown"]));
    assert!(markdown.starts_with("| metric | a | b | ratio | verdict |\n|---|"), "{markdown}");

    let (_, json, _) = told(compare(folder.path(), &["x=a,b", "y=b", "y=a", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["columns"][1]["name"], "y");
    assert_eq!(json["columns"][1]["runs"], 2);
    assert_eq!(json["rows"][0]["cells"][1]["ratio"], 1.0, "the same runs in another order");

    let words = ["a", "b", "--format", "html", "--output", "page.html"];
    assert_eq!(told(compare(folder.path(), &words)), (Some(0), String::new(), String::new()));
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("b compared with a") && page.contains("<svg class=\"chart\""));
}

#[test]
fn a_condition_that_holds_gives_99_and_says_so() {
    let folder = runs();
    let words = ["a", "b", "--fail-if", "http_reqs.rate>-100%", "--fail-if", "http_reqs.rate<1"];
    let (code, text, errors) = told(compare(folder.path(), &words));
    assert_eq!(code, Some(99));
    assert!(errors.starts_with("error: http_reqs.rate>-100% holds for b: "), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(text.contains("✗ http_reqs.rate>-100% holds for b"), "{text}");
    assert!(text.contains("✓ http_reqs.rate<1 does not hold for b"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_an_error_in_one_line() {
    let folder = runs();
    fs::write(folder.path().join("other.json"), "{}").unwrap();
    for (words, expected) in [
        (&["a"][..], "error: 2 values required"),
        (&["a", "missing.json"], "error: cannot read missing.json: "),
        (&["a", "other.json"], "error: other.json: not a summary: "),
        (&["x=a", "x=b"], "error: nothing to compare: found 1"),
        (&["a", "b", "--fail-if", "faster"], "error: invalid value 'faster' for '--fail-if"),
        (&["a", "b", "--fail-if", "speed.rate>1"], "error: condition 'speed.rate>1': 'speed.rate'"),
    ] {
        let (code, text, errors) = told(compare(folder.path(), words));
        assert_eq!((code, text.as_str()), (Some(255), ""), "{words:?}");
        assert!(errors.starts_with(expected) && errors.lines().count() == 1, "{errors}");
    }
    let words = ["a", "b", "--output", "no/such/folder.txt"];
    assert_eq!(told(compare(folder.path(), &words)).0, Some(104));
}
