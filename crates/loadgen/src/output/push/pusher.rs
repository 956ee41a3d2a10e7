//! The thread that sends totals: the newest, until they have arrived or there are newer ones.
//!
//! After a failure it waits: half a second at first and twice as long each time, or longer if the
//! server asks for that.

use std::{sync::mpsc, time::Duration};

use tokio::{
    runtime,
    sync::watch,
    time::{sleep, timeout},
};

use super::{Losses, Snapshot, Told};
use crate::output::delivery::{Failure, GRACE, Post};

/// Pauses before the next attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// Pushes that failed, and how the last of them did.
#[derive(Debug, Default)]
pub(super) struct Failures {
    pub(super) count: u64,
    pub(super) reason: Option<String>,
}

/// See the module.
pub(super) struct Pusher<P> {
    post: P,
    snapshots: watch::Receiver<Snapshot>,
    arrived: mpsc::Sender<Vec<Told>>,
    losses: Losses,
    failures: Failures,
}

impl<P: Post> Pusher<P> {
    /// Sends through `post` what appears in `snapshots`, and tells `arrived` what did, and `losses`
    /// what does not.
    pub(super) fn new(
        post: P,
        snapshots: watch::Receiver<Snapshot>,
        arrived: mpsc::Sender<Vec<Told>>,
        losses: Losses,
    ) -> Self {
        Self { post, snapshots, arrived, losses, failures: Failures::default() }
    }

    /// The life of the thread.
    pub(super) fn run(mut self) -> Failures {
        let mut runtime = runtime::Builder::new_current_thread();
        match runtime.enable_all().build_local(Default::default()) {
            Ok(runtime) => {
                runtime.block_on(self.work());
                // A resolver that hangs on a blocking thread must not hold up the end.
                runtime.shutdown_background();
            }
            Err(error) => self.failures.reason = Some(error.to_string()),
        }
        self.failures
    }

    /// Sends the newest totals until there will be none and the last have arrived, or time is up.
    async fn work(&mut self) {
        let closed = closed(self.snapshots.clone());
        tokio::select! {
            () = self.push_all() => {}
            () = async { closed.await; sleep(GRACE).await } => {}
        }
    }

    async fn push_all(&mut self) {
        let mut pause = FIRST_PAUSE;
        while self.snapshots.changed().await.is_ok() {
            while let Err(wish) = self.push_newest().await {
                let closed = closed(self.snapshots.clone());
                if timeout(pause.max(wish), closed).await.is_ok() {
                    // Time is short.
                    sleep(FIRST_PAUSE / 2).await;
                }
                pause = (pause * 2).min(LAST_PAUSE);
            }
            pause = FIRST_PAUSE;
        }
    }

    /// An error if it is of use to send the newest totals again: how long the server wants to be
    /// left alone until then.
    async fn push_newest(&mut self) -> Result<(), Duration> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        for part in &*snapshot {
            match self.post.post(part.body.clone()).await {
                // Nobody listens any more only when the run has given up.
                Ok(()) => drop(self.arrived.send(part.tells.clone())),
                Err(Failure { reason, is_final, pause }) => {
                    self.losses.delay(&reason);
                    self.failures.count += 1;
                    self.failures.reason = Some(reason);
                    if !is_final {
                        return Err(pause);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Waits until there will be no more snapshots.
async fn closed(mut snapshots: watch::Receiver<Snapshot>) {
    while snapshots.changed().await.is_ok() {}
}
