//! Result files: created before the run, so that a wrong path costs no test, and written after. One
//! whose name ends in `.gz` is compressed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use super::args::ResultPaths;

/// A result file cannot be created or written.
#[derive(Debug, thiserror::Error)]
#[error("--{flag} {}: cannot be written: {source}", path.display())]
pub struct OutputError {
    /// The flag that named it.
    pub flag: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// An open file that waits for its content.
#[derive(Debug)]
pub struct OutputFile {
    flag: &'static str,
    path: PathBuf,
    file: File,
}

impl OutputFile {
    /// Creates the file; one that exists keeps its content until [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// The system's reason, with the flag and the path.
    pub fn create(flag: &'static str, path: &Path) -> Result<Self, OutputError> {
        // Not truncated yet: a run that fails early must not cost the last one's results.
        let file = File::options().write(true).create(true).truncate(false).open(path);
        match file {
            Ok(file) => Ok(Self { flag, path: path.into(), file }),
            Err(source) => Err(OutputError { flag, path: path.into(), source }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the content.
    ///
    /// # Errors
    ///
    /// The system's reason, with the flag and the path.
    pub fn write(mut self, content: &[u8]) -> Result<(), OutputError> {
        let written = self.replace(content);
        written.map_err(|source| OutputError { flag: self.flag, path: self.path, source })
    }

    /// Removes the file: there is nothing to write, and what is in it is of an earlier run.
    ///
    /// # Errors
    ///
    /// The system's reason, with the flag and the path.
    pub fn remove(self) -> Result<(), OutputError> {
        fs::remove_file(&self.path).map_err(|source| OutputError {
            flag: self.flag,
            path: self.path,
            source,
        })
    }

    fn replace(&mut self, content: &[u8]) -> io::Result<()> {
        let is_compressed = self.path.extension().is_some_and(|extension| extension == "gz");
        let content = if is_compressed { &gzip(content)? } else { content };
        // What is no regular file, such as a pipe or a device, has nothing to cut off.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        self.file.write_all(content)
    }
}

/// What a name that ends in `.gz` promises.
fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(content)?;
    compressed.finish()
}

/// The files of a run.
#[derive(Debug, Default)]
pub struct Outputs {
    /// `--summary-export`
    pub summary_export: Option<OutputFile>,
    /// `--summary-junit`
    pub summary_junit: Option<OutputFile>,
    /// `--summary-markdown`
    pub summary_markdown: Option<OutputFile>,
    /// The report that the dashboard exports.
    pub dashboard: Option<OutputFile>,
    /// `--report-dir`
    pub report: Option<ReportFiles>,
}

/// The files of `--report-dir`.
#[derive(Debug)]
pub struct ReportFiles {
    /// `summary.txt`
    pub text: OutputFile,
    /// `summary.json`
    pub json: OutputFile,
    /// `summary.html`
    pub html: OutputFile,
    /// `paths.json`, if the paths are found by a crawl.
    pub paths: Option<OutputFile>,
    /// `profile.pb.gz`, if the target is asked for one.
    pub profile: Option<OutputFile>,
}

/// Which files a report has besides the summary.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extra {
    /// `paths.json`
    pub paths: bool,
    /// `profile.pb.gz`
    pub profile: bool,
}

impl Outputs {
    /// Creates all files. The report's folder is made if only itself is missing.
    ///
    /// # Errors
    ///
    /// The first file or folder that cannot be made, and why.
    pub fn create(
        paths: &ResultPaths,
        extra: Extra,
        dashboard: Option<&Path>,
    ) -> Result<Self, OutputError> {
        let create = |flag, path: &Option<PathBuf>| {
            path.as_deref().map(|path| OutputFile::create(flag, path)).transpose()
        };
        Ok(Self {
            // First, so that the others can be in its folder.
            report: paths
                .report_dir
                .as_deref()
                .map(|dir| ReportFiles::create(dir, extra))
                .transpose()?,
            summary_export: create("summary-export", &paths.summary_export)?,
            summary_junit: create("summary-junit", &paths.summary_junit)?,
            summary_markdown: create("summary-markdown", &paths.summary_markdown)?,
            dashboard: dashboard
                .map(|path| OutputFile::create("out dashboard", path))
                .transpose()?,
        })
    }

    /// Where results will be, for the header of a run.
    pub fn paths(&self) -> Vec<String> {
        let report = self.report.iter().flat_map(|files| {
            let extra = files.paths.iter().chain(&files.profile);
            [&files.text, &files.json, &files.html].into_iter().chain(extra)
        });
        let single =
            [&self.summary_export, &self.summary_junit, &self.summary_markdown, &self.dashboard];
        let files = single.into_iter().flatten().chain(report);
        files.map(|file| file.path.display().to_string()).collect()
    }
}

impl ReportFiles {
    fn create(folder: &Path, extra: Extra) -> Result<Self, OutputError> {
        const FLAG: &str = "report-dir";
        match fs::create_dir(folder) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                return Err(OutputError { flag: FLAG, path: folder.into(), source });
            }
            _ => {}
        }
        let create = |name| OutputFile::create(FLAG, &folder.join(name));
        Ok(Self {
            text: create("summary.txt")?,
            json: create("summary.json")?,
            html: create("summary.html")?,
            paths: extra.paths.then(|| create("paths.json")).transpose()?,
            profile: extra.profile.then(|| create("profile.pb.gz")).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(export: Option<&Path>, report: Option<&Path>) -> Result<Outputs, OutputError> {
        let paths = ResultPaths {
            summary_export: export.map(Into::into),
            report_dir: report.map(Into::into),
            ..Default::default()
        };
        Outputs::create(&paths, Extra { paths: true, profile: false }, None)
    }

    #[test]
    fn files_exist_before_the_run_and_are_replaced_after_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let export = folder.path().join("export.json");
        let report = folder.path().join("report");
        fs::write(&export, "a longer text from before").expect("a file");

        let outputs = create(Some(&export), Some(&report)).expect("both can be made");
        assert_eq!(outputs.paths().len(), 5);
        for name in ["summary.txt", "summary.json", "summary.html", "paths.json"] {
            assert!(report.join(name).exists(), "{name}");
        }
        let text = || fs::read_to_string(&export).expect("it is there");
        assert_eq!(text(), "a longer text from before");

        outputs.summary_export.expect("it was asked for").write(b"new").expect("it is open");
        assert_eq!(text(), "new");
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named_with_its_flag() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("a file");

        for (path, flag) in [
            (folder.path().join("missing/export.json"), "--summary-export"),
            (folder.path().to_path_buf(), "--summary-export"),
        ] {
            let error = create(Some(&path), None).expect_err("no file can be there");
            assert!(error.to_string().starts_with(&format!("{flag} {}: ", path.display())));
        }
        for path in [folder.path().join("missing/report"), file] {
            let error = create(None, Some(&path)).expect_err("no folder can be there");
            assert!(error.to_string().starts_with(&format!("--report-dir {}", path.display())));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_is_written_without_being_cut() {
        let outputs = create(Some(Path::new("/dev/null")), None).expect("it is open");
        outputs.summary_export.expect("it was asked for").write(b"new").expect("it takes all");
    }
}
