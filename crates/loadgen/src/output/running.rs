//! The outputs of a run, each on its thread.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::Instant,
};

use super::{Batch, Losses, Opened, Output, RunFacts};
use crate::stream::Stream;

/// See the module.
pub(crate) struct Running {
    stream: Stream,
    outputs: Vec<Thread>,
}

struct Thread {
    name: String,
    losses: Losses,
    thread: thread::JoinHandle<()>,
}

/// What an output did not write or send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The output's name.
    pub output: String,
    /// How many samples.
    pub samples: u64,
    /// Why the last of them.
    pub reason: String,
}

impl Running {
    /// Starts the outputs, to write what goes through `stream` from now on.
    pub(crate) fn start(
        outputs: Vec<Opened>,
        stream: &Stream,
        facts: &RunFacts,
    ) -> io::Result<Self> {
        let mut running = Self { stream: stream.clone(), outputs: Vec::new() };
        for Opened { name, output, losses, .. } in outputs {
            let batches = stream.subscribe(losses.clone());
            let facts = facts.clone();
            let thread = thread::Builder::new()
                .name("output".into())
                .spawn(move || write(output, &facts, &batches))?;
            running.outputs.push(Thread { name, losses, thread });
        }
        Ok(running)
    }

    /// Waits until everything that was handed over is written, or given up on.
    pub(crate) fn finish(self) -> Vec<Loss> {
        self.stream.close();
        let finish = |Thread { name, losses, thread }| {
            let panicked = thread.join().is_err();
            let reason = losses.reason();
            let reason = if panicked { Some("it panicked".into()) } else { reason };
            reason.map(|reason| Loss { output: name, samples: losses.samples(), reason })
        };
        self.outputs.into_iter().filter_map(finish).collect()
    }
}

/// The life of an output's thread.
fn write(mut output: Box<dyn Output>, facts: &RunFacts, batches: &Receiver<Arc<Batch>>) {
    output.start(facts);
    let interval = output.interval();
    let mut due = Instant::now() + interval;
    loop {
        match batches.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(batch) => output.write(&batch),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if Instant::now() >= due {
            output.flush();
            // One that takes longer than its interval gets to write in between all the same.
            due = Instant::now() + interval;
        }
    }
    output.finish();
}
