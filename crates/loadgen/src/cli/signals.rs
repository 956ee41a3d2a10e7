//! Signals that ask for the end: the first ends the run, the second the program.
//!
//! They are heard on a thread of their own, because the thread that runs the test also writes to
//! the terminal, and a terminal that takes no more must not make the program deaf.

use std::{io, thread};

use super::{
    console::Console,
    log::{Entry, Level},
};
use crate::{
    engine::{Abort, AbortReason},
    exit::ExitCode,
};

/// Starts to listen.
///
/// # Errors
///
/// When the system refuses a thread or a handler.
pub(super) fn listen(abort: Abort, console: Console) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = runtime.block_on(async { Signals::new() })?;
    let listen = async move {
        abort.abort(AbortReason::Signal(signals.next().await));
        let signal = signals.next().await;
        let aborting = Entry::new(Level::Error, "aborting at once, without a summary");
        console.last_words(aborting.with("sig", &signal));
        std::process::exit(ExitCode::Interrupted as i32);
    };
    thread::Builder::new().name("signals".into()).spawn(move || runtime.block_on(listen))?;
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one; gives k6's name of it.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupt",
            _ = self.terminate.recv() => "terminated",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next one; gives k6's name of it.
    async fn next(&mut self) -> &'static str {
        let _ = tokio::signal::ctrl_c().await;
        "interrupt"
    }
}
