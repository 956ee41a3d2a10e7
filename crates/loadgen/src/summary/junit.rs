//! The summary as JUnit XML, which GitLab, Jenkins and the reporters of GitHub's actions read.
//!
//! Three suites: the run itself, its thresholds, its checks. A check that did not hold once is a
//! failed test, as in a k6 summary. Knows what XML 1.0 cannot say: a control character becomes `�`.

use std::fmt::{self, Write as _};

use super::{
    Summary,
    html::{
        HtmlError,
        outcome::{self, share},
        statistics::Statistics,
        tables,
    },
    model::Extras,
};
/// The document.
///
/// # Errors
///
/// If a histogram of the `loadgen` key is no base64 or no HDR histogram.
pub fn junit(summary: &Summary) -> Result<String, HtmlError> {
    let statistics = Statistics::read(summary)?;
    let run = summary.loadgen.iter().map(run).collect();
    let suites = [
        Suite { name: "run", cases: run },
        Suite { name: "thresholds", cases: thresholds(summary, &statistics) },
        Suite { name: "checks", cases: checks(summary) },
    ];
    let mut document = String::new();
    write_document(&mut document, summary, &suites).expect("a String takes all");
    Ok(document)
}

/// Tests of one kind.
struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// What is wrong, if something is.
    failure: Option<String>,
}

impl Suite {
    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.failure.is_some()).count()
    }
}

/// Whether the run went as it should, thresholds aside: they have tests of their own.
fn run(extras: &Extras) -> Case {
    let failure = extras.error_besides_thresholds().map(Into::into);
    Case { name: "the run was carried through".into(), failure }
}

fn thresholds(summary: &Summary, statistics: &Statistics<'_>) -> Vec<Case> {
    let rows = tables::thresholds(summary, statistics);
    let case = |row: tables::ThresholdRow<'_>| Case {
        name: format!("{}: {}", row.metric, row.expression.trim()),
        failure: (!row.ok).then(|| format!("observed {}", row.observed)),
    };
    rows.into_iter().map(case).collect()
}

fn checks(summary: &Summary) -> Vec<Case> {
    let mut cases = Vec::new();
    outcome::walk(&summary.root_group, &mut |group, check| {
        let trail: Vec<_> = outcome::trail(group).chain([check.name.as_str()]).collect();
        let failed = || format!("failed {}", share(check.fails, check.passes + check.fails));
        cases.push(Case { name: trail.join(" › "), failure: (check.fails > 0).then(failed) });
    });
    cases
}

fn write_document(out: &mut String, summary: &Summary, suites: &[Suite]) -> fmt::Result {
    let seconds = summary.state.test_run_duration_ms / 1000.0;
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let failures: usize = suites.iter().map(Suite::failures).sum();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="loadgen" tests="{tests}" failures="{failures}" errors="0" time="{seconds:.3}">"#
    )?;
    for suite in suites.iter().filter(|suite| !suite.cases.is_empty()) {
        write_suite(out, summary, suite)?;
    }
    writeln!(out, "</testsuites>")
}

fn write_suite(out: &mut String, summary: &Summary, suite: &Suite) -> fmt::Result {
    let Suite { name, cases } = suite;
    // Its time is the run's: all suites are about the same seconds.
    let seconds = summary.state.test_run_duration_ms / 1000.0;
    write!(
        out,
        r#"  <testsuite name="{name}" tests="{}" failures="{}" errors="0" skipped="0" time="{seconds:.3}""#,
        cases.len(),
        suite.failures(),
    )?;
    let extras = summary.loadgen.as_ref();
    if let Some(extras) = extras {
        write!(out, r#" timestamp="{}""#, Escaped(&extras.started))?;
    }
    writeln!(out, ">")?;
    let about_run = extras.filter(|_| *name == "run");
    about_run.map_or(Ok(()), |extras| write_properties(out, extras))?;
    for Case { name: case, failure } in cases {
        write!(out, r#"    <testcase classname="{name}" name="{}""#, Escaped(case))?;
        match failure {
            None => writeln!(out, "/>")?,
            Some(why) => {
                let why = Escaped(why);
                writeln!(out, ">\n      <failure message=\"{why}\">{why}</failure>")?;
                writeln!(out, "    </testcase>")?;
            }
        }
    }
    if let Some(extras) = about_run.filter(|extras| !extras.warnings.is_empty()) {
        writeln!(out, "    <system-err>{}</system-err>", Escaped(&extras.warnings.join("\n")))?;
    }
    writeln!(out, "  </testsuite>")
}

fn write_properties(out: &mut String, extras: &Extras) -> fmt::Result {
    writeln!(out, "    <properties>")?;
    let command = extras.command.join(" ");
    for (name, value) in
        [("target", &extras.target), ("command", &command), ("version", &extras.version)]
    {
        writeln!(out, r#"      <property name="{name}" value="{}"/>"#, Escaped(value))?;
    }
    writeln!(out, "    </properties>")
}

/// Text that means itself, in an attribute and between tags.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // As they are, a reader makes spaces of them in an attribute.
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c))?,
                _ if is_xml(c) => f.write_char(c)?,
                _ => f.write_char(char::REPLACEMENT_CHARACTER)?,
            }
        }
        Ok(())
    }
}

/// Whether XML 1.0 has the character; surrogates are no `char`.
fn is_xml(c: char) -> bool {
    c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests;
