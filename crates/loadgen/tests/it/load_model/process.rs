//! Runs of the program as a process, on options in a file.

use std::{
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

use loadgen::summary::{self, Summary, model::Extras};
use tempfile::TempDir;

use super::site::Site;
use crate::cli::{loadgen, readable};

/// A run that was started.
pub(super) struct Running {
    pub(super) process: Child,
    folder: TempDir,
}

/// A run that is over.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) stderr: String,
    pub(super) stdout: String,
    summary: Result<Summary, summary::LoadError>,
}

/// A command with options in a file, in the folder that is returned.
fn command(words: &[&str], options: &str) -> (Command, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.json");
    std::fs::write(&file, options).unwrap();
    let mut command = loadgen();
    command.args(words).arg("--config").arg(file);
    (command, folder)
}

/// What `loadgen inspect` prints of options.
pub(super) fn inspect(options: &str) -> Output {
    let (mut command, _folder) = command(&["inspect", "--execution-requirements"], options);
    command.output().unwrap()
}

/// Starts a run of options against a site. Each iteration is one request.
pub(super) fn start(options: &str, site: &Site, words: &[&str]) -> Running {
    let (mut command, folder) = command(&["run", "--quiet", "--host", &site.url()], options);
    let process = command
        .args(words)
        .arg("--report-dir")
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running { process, folder }
}

/// Runs options against a site to their end.
pub(super) fn run(options: &str, site: &Site, words: &[&str]) -> Ended {
    start(options, site, words).wait()
}

impl Running {
    pub(super) fn wait(self) -> Ended {
        let output = self.process.wait_with_output().unwrap();
        Ended {
            code: output.status.code().expect("it ended by itself"),
            stderr: readable(output.stderr),
            stdout: String::from_utf8(output.stdout).unwrap(),
            summary: summary::load(&self.folder.path().join("summary.json")),
        }
    }
}

impl Ended {
    pub(super) fn summary(&self) -> &Summary {
        self.summary.as_ref().unwrap_or_else(|error| panic!("{error}; stderr: {}", self.stderr))
    }

    pub(super) fn extras(&self) -> &Extras {
        self.summary().loadgen.as_ref().unwrap()
    }

    /// A value of a metric; 0 if it has no samples.
    pub(super) fn value(&self, metric: &str, value: &str) -> f64 {
        let metric = self.summary().metrics.get(metric);
        metric.and_then(|metric| metric.values.get(value)).copied().unwrap_or(0.0)
    }

    /// Iterations that ran to their end, and those that were cut off.
    pub(super) fn iterations(&self) -> (u64, u64) {
        let extras = self.extras();
        (extras.iterations_complete, extras.iterations_interrupted)
    }

    /// Every request that arrived belongs to an iteration that is told of, and the metrics tell of
    /// as many as the counts do.
    pub(super) fn assert_adds_up(&self, site: &Site) {
        let (complete, interrupted) = self.iterations();
        assert_eq!(site.requests() as u64, complete + interrupted, "{}", self.stderr);
        assert_eq!(self.value("iterations", "count"), complete as f64);
    }
}

/// An address of this machine that no other test has, so that its ports are free.
#[cfg(target_os = "linux")]
pub(super) fn own_address() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    format!("127.{}.{high}.{low}:6565", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Asks a running test with one of the program's own clients: the code, and what was printed.
#[cfg(target_os = "linux")]
pub(super) fn ask(address: &str, words: &[&str]) -> (i32, String) {
    let output = loadgen().args(words).args(["--address", address]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &readable(output.stderr);
    (output.status.code().unwrap(), text)
}

/// A line of `status`.
#[cfg(target_os = "linux")]
pub(super) fn status(address: &str, name: &str) -> String {
    let (_, text) = ask(address, &["status"]);
    let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    value.unwrap_or_default().trim_matches('"').to_owned()
}
