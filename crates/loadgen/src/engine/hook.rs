//! Running a function once, before the scenarios or after them, on a thread of its own.

use std::{any::Any, io, panic::AssertUnwindSafe, rc::Rc, sync::Arc, thread, time::Duration};

use futures_util::FutureExt as _;
use serde_json::Value;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use super::{Abort, rows::Aside};
use crate::{
    executor::Share,
    metrics::{Registry, TagSet},
    options::system_tags::SystemTags,
    stream::Stream,
    vu::{Common, Duty, Env, Numbers, Task, Vu, VuConfig},
    workload::Hook,
};

/// Which function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// Before the scenarios.
    Setup,
    /// After them.
    Teardown,
}

impl HookKind {
    /// k6's name of the function.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Teardown => "teardown",
        }
    }
}

/// Why a function gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// It took too long.
    #[error("{}() execution timed out after {:.0} seconds", .0.as_str(), .1.as_secs_f64())]
    Timeout(HookKind, Duration),
    /// It returned an error or panicked.
    #[error("{}() failed: {}", .0.as_str(), .1)]
    Failed(HookKind, String),
}

/// A function with all it needs.
pub(super) struct Call {
    pub kind: HookKind,
    pub hook: Arc<Hook>,
    pub timeout: Duration,
    pub registry: Arc<Registry>,
    pub system_tags: SystemTags,
    pub stream: Option<Stream>,
    /// The tags of the run.
    pub tags: TagSet,
    pub vu: VuConfig,
    /// What the setup function returned, for those that come later.
    pub setup_data: Option<Arc<Value>>,
    /// Cuts it off.
    pub abort: Abort,
}

/// What a function gave.
pub(super) struct Answer {
    /// `None` if it was cut off.
    pub result: Option<Result<Value, HookError>>,
    /// What it measured.
    pub aside: Aside,
    /// Why it marked the test as failed, if it did.
    pub marked_failed: Option<String>,
}

impl Call {
    /// Calls the function. The answer comes when it is done; none does if its thread panics.
    pub(super) fn start(self) -> io::Result<oneshot::Receiver<io::Result<Answer>>> {
        let (answer, answered) = oneshot::channel();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        thread::Builder::new().name(self.kind.as_str().into()).spawn(move || {
            let runtime = runtime.enable_all().build_local(Default::default());
            let result = runtime.map(|runtime| {
                let answer = runtime.block_on(self.run());
                // A resolver that hangs on a blocking thread must not hold up the end.
                runtime.shutdown_background();
                answer
            });
            // Whoever no longer waits does not want it.
            let _ = answer.send(result);
        })?;
        Ok(answered)
    }

    async fn run(self) -> Answer {
        let tap = self.stream.as_ref().map(Stream::tap);
        let common = Rc::new(Common::new(self.registry, self.system_tags, tap));
        if let Some(data) = self.setup_data {
            common.set_setup_data(data);
        }
        let task = Task {
            scenario: 0,
            name: "".into(),
            function: 0,
            env: Arc::new(Env::new()),
            tags: self.tags,
            numbers: Arc::new(Numbers::new(Share::whole())),
        };
        let duty = Rc::new(Duty::new(task, &common));
        let mut vu = Vu::new(0, Rc::new(self.vu), common.clone(), duty);
        vu.enter_service_group(self.kind.as_str());
        let start = Instant::now();
        let result = {
            let call = AssertUnwindSafe((self.hook)(&mut vu)).catch_unwind();
            tokio::select! {
                result = timeout(self.timeout, call) => Some(result),
                () = self.abort.aborted() => None,
            }
        };
        let end = Instant::now();
        vu.add_traffic(end);
        let failed = |why| HookError::Failed(self.kind, why);
        Answer {
            result: result.map(|result| match result {
                Err(_) => Err(HookError::Timeout(self.kind, self.timeout)),
                Ok(Ok(result)) => result.map_err(failed),
                Ok(Err(panic)) => Err(failed(panic_text(&*panic))),
            }),
            aside: Aside { took: end - start, delta: common.take() },
            marked_failed: common.failed(),
        }
    }
}

/// What a panic says.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("no message"))
}
