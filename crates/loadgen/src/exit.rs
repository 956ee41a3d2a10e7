//! How the process ends: k6's exit codes, so that CI jobs need not learn new ones.

use std::process::Termination;

/// k6's exit codes, as far as there is something here that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// The test ran to its end; failed checks and failed requests do not change that.
    Success = 0,
    /// A threshold was crossed.
    ThresholdsFailed = 99,
    /// The setup function took too long.
    SetupTimeout = 100,
    /// The teardown function took too long.
    TeardownTimeout = 101,
    /// The run was stopped through the REST API.
    StoppedByApi = 103,
    /// The options, or a file that they name, cannot be used; nothing was sent.
    InvalidConfig = 104,
    /// The run was ended by a signal.
    Interrupted = 105,
    /// The REST API cannot listen at the address that was asked for.
    ApiUnavailable = 106,
    /// The setup or the teardown function failed or panicked.
    HookFailed = 107,
    /// The test ended itself.
    TestAborted = 108,
    /// The program itself failed.
    Panic = 109,
    /// The test said of itself that it failed, and went on to its end.
    MarkedAsFailed = 110,
    /// The command line could not be read, or anything that has no code of its own.
    Other = 255,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        (code as u8).into()
    }
}

impl Termination for ExitCode {
    fn report(self) -> std::process::ExitCode {
        self.into()
    }
}
