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
    /// What they write; none if there are none.
    stream: Option<Stream>,
    outputs: Vec<Thread>,
}

struct Thread {
    name: String,
    losses: Losses,
    thread: thread::JoinHandle<()>,
}

/// What an output did not write or send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("output {output} lost {samples} samples: {reason}")]
pub(crate) struct Loss {
    output: String,
    samples: u64,
    /// Why the last of them were lost.
    reason: String,
}

impl Running {
    /// Starts the outputs of a run.
    pub(crate) fn start(outputs: Vec<Opened>, facts: &RunFacts) -> io::Result<Self> {
        if outputs.is_empty() {
            return Ok(Self { stream: None, outputs: Vec::new() });
        }
        let stream = Stream::new(facts.registry.clone());
        let mut running = Self { stream: Some(stream.clone()), outputs: Vec::new() };
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

    /// Where the run puts its samples, if there are outputs.
    pub(crate) fn stream(&self) -> Option<Stream> {
        self.stream.clone()
    }

    /// Waits until everything that was handed over is written, or given up on.
    pub(crate) fn finish(self) -> Vec<Loss> {
        if let Some(stream) = &self.stream {
            stream.close();
        }
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
