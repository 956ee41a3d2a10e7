//! What a reader of the numbers must know: where the runs are not alike, what they say of
//! themselves, and what the verdicts rest on.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Basis, Column, Subject, judge, seconds};
use crate::summary::model::Extras;

/// Options that change neither the load nor what is counted.
const HARMLESS: [&str; 5] =
    ["address", "summaryTimeUnit", "summaryTrendStats", "tags", "thresholds"];

pub(super) fn notes(subjects: &[Subject], columns: &[Column]) -> Vec<String> {
    let mut notes = method(columns);
    notes.extend(without_seconds(subjects, columns));
    notes.extend(unsteady(subjects, columns));
    let base = &subjects[0];
    notes.extend(subjects.iter().flat_map(|subject| {
        let pairs = subject
            .runs
            .iter()
            .filter_map(|run| Some((base.runs[0].loadgen.as_ref()?, run.loadgen.as_ref()?)));
        let differences: BTreeSet<String> =
            pairs.flat_map(|(base, run)| differences(base, run)).collect();
        differences.into_iter().map(|difference| {
            format!("not alike: {difference} of {} and {}", base.name, subject.name)
        })
    }));
    notes.extend(subjects.iter().flat_map(told));
    notes
}

/// What verdicts rest on, where there are any.
fn method(columns: &[Column]) -> Vec<String> {
    let names = |basis: Basis| -> Vec<&str> {
        columns.iter().filter(|c| c.basis == Some(basis)).map(|c| c.name.as_str()).collect()
    };
    let mut notes = Vec::new();
    let (runs, seconds) = (names(Basis::Runs), names(Basis::Seconds));
    if !runs.is_empty() {
        notes.push(format!(
            "{}: judged by how whole runs differ; changes below 1% are not called differences",
            runs.join(", ")
        ));
    }
    if !seconds.is_empty() {
        notes.push(format!(
            "{}: judged by how the seconds within a run differ; changes below 5% are not called differences, \
             since fewer than {} runs of each do not tell how much runs of the same differ",
            seconds.join(", "),
            judge::FEWEST_RUNS,
        ));
    }
    notes
}

/// Why there is no verdict where there is none.
fn without_seconds(subjects: &[Subject], columns: &[Column]) -> Option<String> {
    let is_unjudged = |at: usize| columns[at].basis.is_none();
    let stored_by_k6 = |subject: &&Subject| subject.runs.iter().any(|run| run.loadgen.is_none());
    let any = (1..columns.len()).any(is_unjudged);
    let names: Vec<&str> =
        subjects.iter().filter(stored_by_k6).map(|subject| subject.name.as_str()).collect();
    (any && !names.is_empty()).then(|| {
        format!(
            "no verdict without noise: {} comes from k6, which stores totals only; {} runs of each or more can be judged",
            names.join(", "),
            judge::FEWEST_RUNS
        )
    })
}

/// Who is not judged by its seconds because they are not steady.
fn unsteady(subjects: &[Subject], columns: &[Column]) -> Vec<String> {
    if !columns.iter().any(|column| column.basis == Some(Basis::Seconds)) {
        return Vec::new();
    }
    let variation = |subject: &Subject| {
        let runs = subject.runs.iter().filter_map(|run| run.loadgen.as_ref());
        runs.map(seconds::variation).fold(0.0, f64::max)
    };
    let subjects = subjects.iter().map(|subject| (&subject.name, variation(subject)));
    subjects
        .filter(|(_, variation)| *variation > judge::UNSTEADY)
        .map(|(name, variation)| {
            format!(
                "{name}: requests per second vary by {:.0}%, so another run of it may differ by more than its \
                 seconds tell; {} runs of each or more can be judged",
                100.0 * variation,
                judge::FEWEST_RUNS
            )
        })
        .collect()
}

/// What makes two runs different tests.
fn differences(base: &Extras, run: &Extras) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (&base.host, &run.host);
    if (&before.cpu, before.cores) != (&after.cpu, after.cores) {
        found.push("the machines".into());
    } else if before.os != after.os {
        found.push("the operating systems".into());
    }
    if base.version != run.version {
        found.push("the versions of loadgen".into());
    }
    let empty = serde_json::Map::new();
    let options = |extras: &'_ Extras| match &extras.options {
        Value::Object(map) => map.clone(),
        _ => empty.clone(),
    };
    let (before, after) = (options(base), options(run));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = |key: &&String| before.get(*key) != after.get(*key);
    let options = keys.into_iter().filter(|key| !HARMLESS.contains(&key.as_str())).filter(differ);
    found.extend(options.map(|key| {
        let value = |map: &serde_json::Map<String, Value>| {
            map.get(key).map_or("unset".into(), Value::to_string)
        };
        format!("the option {key} ({} and {})", value(&before), value(&after))
    }));
    found
}

/// What the runs of a subject say of themselves, each thing once.
fn told(subject: &Subject) -> Vec<String> {
    let extras = || subject.runs.iter().filter_map(|run| run.loadgen.as_ref());
    let told: BTreeSet<&String> =
        extras().flat_map(|extras| extras.warnings.iter().chain(&extras.error)).collect();
    told.into_iter().map(|text| format!("{}: {text}", subject.name)).collect()
}
