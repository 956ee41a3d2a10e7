//! The committed counts, and how far others may be from them.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

/// How far a count may be from its baseline, as a share of that.
const TOLERANCE: f64 = 0.1;

/// Set to anything, it makes the counts the new baseline.
const BLESS: &str = "LOADGEN_BLESS";

/// Instructions by case.
pub(crate) struct Baseline(BTreeMap<String, u64>);

impl Baseline {
    /// What is committed.
    pub(crate) fn read() -> Self {
        // Without the file every case is new.
        let text = fs::read_to_string(file()).unwrap_or_default();
        let line = |line: &str| {
            let (count, case) = line.split_once(' ').expect("a count and a case");
            (case.to_owned(), count.parse().expect("a count"))
        };
        Self(text.lines().map(line).collect())
    }

    /// Prints the counts beside the baseline. With [`BLESS`] they replace it.
    ///
    /// # Errors
    ///
    /// What to do when they differ by more than is allowed, or when the cases are not the same.
    pub(crate) fn compare<'a>(
        mut self,
        counts: impl Iterator<Item = (&'a str, u64)>,
    ) -> Result<(), String> {
        let bless = env::var_os(BLESS).is_some();
        let (mut lines, mut far) = (String::new(), Vec::new());
        println!("| case | instructions | baseline | change |\n|---|---:|---:|---:|");
        for (case, count) in counts {
            lines += &format!("{count} {case}\n");
            let Some(before) = self.0.remove(case) else {
                println!("| {case} | {count} | | |");
                far.push(case.to_owned());
                continue;
            };
            let change = count as f64 / before as f64 - 1.0;
            println!("| {case} | {count} | {before} | {:+.1} % |", change * 100.0);
            if change.abs() > TOLERANCE {
                far.push(case.to_owned());
            }
        }
        far.extend(self.0.into_keys());
        if bless {
            return fs::write(file(), lines).map_err(|error| error.to_string());
        }
        if far.is_empty() {
            return Ok(());
        }
        Err(format!(
            "more than {} % away from the baseline, or not on both sides: {}.\n\
             If that is as it should be: {BLESS}=1 cargo bench -p loadgen --bench instructions",
            TOLERANCE * 100.0,
            far.join(", ")
        ))
    }
}

fn file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "instructions", "baseline.txt"].iter().collect()
}
