//! Whether a run ended as it should, and the exit code if not: k6's rules of which reason counts.

use crate::{
    engine::{AbortReason, HookError, HookKind, Outcome},
    exit::ExitCode,
    thresholds,
};

/// Why a run that was carried through is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It was cut short.
    #[error("{}", aborted(.0))]
    Aborted(AbortReason),
    /// Setup or teardown gave nothing.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// An iteration marked the test as failed.
    #[error("test run was marked as failed: {0}")]
    Marked(String),
    /// Thresholds were crossed: those of these metrics.
    #[error("{}", thresholds::failure_message(.0))]
    Thresholds(Vec<String>),
}

fn aborted(reason: &AbortReason) -> String {
    match reason {
        AbortReason::Signal(signal) => {
            format!("test run was aborted because loadgen received a '{signal}' signal")
        }
        AbortReason::Dropped => "test run was aborted because nobody waited for it".into(),
        AbortReason::Requested => "test run was aborted by the program that ran it".into(),
        AbortReason::Api => "test run stopped from REST API".into(),
        AbortReason::Test(why) => format!("test aborted: {why}"),
        AbortReason::Threshold(why) => why.to_string(),
    }
}

impl RunError {
    /// What is wrong with a run, if anything is: the first of what k6 looks at.
    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        if let Some(reason) = &outcome.aborted {
            return Some(Self::Aborted(reason.clone()));
        }
        if let Some(error) = &outcome.hook_error {
            return Some(Self::Hook(error.clone()));
        }
        if let Some(why) = &outcome.marked_failed {
            return Some(Self::Marked(why.clone()));
        }
        let crossed = thresholds::crossed(&outcome.thresholds);
        (!crossed.is_empty()).then_some(Self::Thresholds(crossed))
    }

    /// k6's code for it.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Aborted(AbortReason::Threshold(_)) | Self::Thresholds(_) => {
                ExitCode::ThresholdsFailed
            }
            Self::Aborted(AbortReason::Api) => ExitCode::StoppedByApi,
            Self::Aborted(AbortReason::Test(_)) => ExitCode::TestAborted,
            Self::Aborted(_) => ExitCode::Interrupted,
            Self::Hook(HookError::Timeout(HookKind::Setup, _)) => ExitCode::SetupTimeout,
            Self::Hook(HookError::Timeout(HookKind::Teardown, _)) => ExitCode::TeardownTimeout,
            Self::Hook(HookError::Failed(..)) => ExitCode::HookFailed,
            Self::Marked(_) => ExitCode::MarkedAsFailed,
        }
    }
}
