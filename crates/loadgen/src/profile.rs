//! The CPU profile of the target, taken in the middle of a run: what was it busy with while the load
//! was on?
//!
//! It is asked for on a thread of its own, with a client of its own: workers and metrics have no part
//! in it. One that cannot be had is a warning, and the end of a run does not wait long for it.

mod fetch;
mod pprof;
mod tree;
mod window;

use std::{io, thread, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout_at},
};

use self::{
    fetch::Fetch,
    pprof::{Contents, InvalidProfile},
    window::Window,
};
use crate::{
    http::InvalidRequest, options::ProfileTarget, plan::Plan, run_event::RunEvent,
    summary::model::Profile,
};

pub use window::ProfileTooLong;

/// How long the end of a run waits for a profile.
const GRACE: Duration = Duration::from_secs(2);

/// Functions that the summary names.
const HOTTEST: usize = 15;

/// Calls with less than this share of all that was spent are not shown each by itself.
const SMALLEST: u64 = 200;

/// Most calls that are.
const MOST_CALLS: usize = 250;

/// Why a profile cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum InvalidProfiling {
    /// There is not enough time for it.
    #[error(transparent)]
    TooLong(#[from] ProfileTooLong),
    /// The URL makes no request.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
enum ProfileError {
    /// The target cannot be reached, or says nothing.
    #[error("{0}")]
    NoAnswer(String),
    /// It says no.
    #[error("the answer was {0}")]
    Refused(String),
    /// It says too much.
    #[error("the answer is longer than {} MiB", pprof::MOST_BYTES >> 20)]
    TooLong,
    /// It says something else.
    #[error("the answer is no profile of pprof: {0}")]
    Invalid(#[from] InvalidProfile),
    /// It had nothing to do.
    #[error("it has no samples, as of a target that used no CPU")]
    Empty,
    /// There was no time for it.
    #[error("the run was over before it could be taken")]
    RunOver,
    /// The run is over, and nothing has come.
    #[error("there was no answer until {} s after the end of the run", GRACE.as_secs())]
    Late,
    /// There is nobody to take it.
    #[error("{0}")]
    Runtime(io::Error),
    /// Whoever took it is gone, which is a defect of loadgen.
    #[error("its thread panicked")]
    Lost,
}

/// A profile that is to be taken.
#[derive(Debug)]
pub(crate) struct Wanted {
    fetch: Fetch,
    window: Window,
}

/// Takes a profile while a run goes on.
pub(crate) struct Profiler {
    window: Window,
    url: String,
    /// Says when the scenarios began; used up when they have.
    begin: Option<oneshot::Sender<Instant>>,
    began: Option<Instant>,
    taken: oneshot::Receiver<Result<Taken, ProfileError>>,
}

/// A profile that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    /// As much as the summary has, with times since the start of the scenarios.
    pub(crate) profile: Profile,
    /// All of it, unpacked.
    pub(crate) message: Bytes,
}

impl Wanted {
    /// The profile that `target` stands for, in a run of this plan.
    ///
    /// # Errors
    ///
    /// The URL makes no request, or asks for a profile that is longer than the run.
    pub(crate) fn new(target: &ProfileTarget, plan: &Plan) -> Result<Self, InvalidProfiling> {
        let window = Window::of(window::planned(plan), target.seconds())?;
        let url = target.asking_for(window.seconds);
        let fetch = Fetch::new(url.as_str(), window.seconds, &plan.http)?;
        Ok(Self { fetch, window })
    }

    /// Starts the thread that takes it.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had.
    pub(crate) fn start(self) -> io::Result<Profiler> {
        let (window, url) = (self.window, self.fetch.url().to_owned());
        let (begin, begun) = oneshot::channel();
        let (done, taken) = oneshot::channel();
        thread::Builder::new().name("profile".into()).spawn(move || self.take(begun, done))?;
        Ok(Profiler { window, url, begin: Some(begin), began: None, taken })
    }

    /// The life of the thread. It ends early when nobody waits for the profile any more.
    fn take(
        self,
        begun: oneshot::Receiver<Instant>,
        mut done: oneshot::Sender<Result<Taken, ProfileError>>,
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let result = match runtime.enable_all().build_local(Default::default()) {
            Ok(runtime) => {
                let result = runtime.block_on(async {
                    tokio::select! {
                        result = self.profile(begun) => Some(result),
                        () = done.closed() => None,
                    }
                });
                // A resolver that hangs on a blocking thread must not hold up the end.
                runtime.shutdown_background();
                result
            }
            Err(error) => Some(Err(ProfileError::Runtime(error))),
        };
        if let Some(result) = result {
            // The run may just have given it up.
            let _ = done.send(result);
        }
    }

    async fn profile(self, begun: oneshot::Receiver<Instant>) -> Result<Taken, ProfileError> {
        let began = begun.await.map_err(|_| ProfileError::RunOver)?;
        sleep_until(began + self.window.start).await;
        let asked = began.elapsed();
        let url = self.fetch.url().to_owned();
        let answer = self.fetch.fetch().await?;
        // Some of the time may have gone into names of functions.
        let end = began.elapsed().min(asked + self.window.length());
        let message = pprof::unpack(&answer)?;
        let Contents { kind, unit, samples, tree } = pprof::read(&message)?;
        if tree.total() == 0 {
            return Err(ProfileError::Empty);
        }
        let profile = Profile {
            url,
            start: asked.as_secs_f64(),
            end: end.as_secs_f64(),
            kind,
            unit,
            total: tree.total(),
            samples,
            hottest: tree.hottest(HOTTEST),
            calls: tree.calls((tree.total() / SMALLEST).max(1), MOST_CALLS),
        };
        Ok(Taken { profile, message: message.into_owned().into() })
    }
}

impl Profiler {
    /// Watches how the run goes, to know when its scenarios begin.
    pub(crate) fn watch(&mut self, event: &RunEvent) {
        if let RunEvent::Progress(progress) = event
            && !progress.elapsed.is_zero()
            && let Some(begin) = self.begin.take()
        {
            let now = Instant::now();
            let began = now.checked_sub(progress.elapsed).unwrap_or(now);
            self.began = Some(began);
            // If the thread is gone, that is found out in the end.
            let _ = begin.send(began);
        }
    }

    /// The profile of a run that was over at `over`. Waits for one that may still come, but not for
    /// long; if there is none the warnings say why.
    pub(crate) async fn finish(self, over: Instant, warnings: &mut Vec<String>) -> Option<Taken> {
        let url = self.url.clone();
        let taken = self.taken(over).await;
        let warn = |error| warnings.push(format!("no profile of the target from {url}: {error}"));
        taken.map_err(warn).ok()
    }

    async fn taken(self, over: Instant) -> Result<Taken, ProfileError> {
        let Self { window, began, mut taken, .. } = self;
        if let Ok(result) = taken.try_recv() {
            return result;
        }
        let began = began.ok_or(ProfileError::RunOver)?;
        let (start, end) = (began + window.start, began + window.end());
        if over < start || over + GRACE < end {
            return Err(ProfileError::RunOver);
        }
        let taken = timeout_at(over + GRACE, taken).await.map_err(|_| ProfileError::Late)?;
        taken.unwrap_or(Err(ProfileError::Lost))
    }
}
