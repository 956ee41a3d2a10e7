//! The outputs of a run, each on its thread.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
};

use tokio::time::Instant;

use super::{Batch, Losses, Opened, Output, RunFacts};
use crate::{run_event::OutputTrouble, stream::Stream};

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
pub(crate) enum Loss {
    /// So many samples, the last of them for this reason. One that has lost nothing may still have
    /// something to say.
    #[error("output {output}{}: {reason}", lost(*samples))]
    Samples { output: String, samples: u64, reason: String },
    /// Nobody knows how many.
    #[error("output {output} panicked; what it had not written by then is lost")]
    Panicked { output: String },
}

/// Tells which outputs have come into trouble, each once.
pub(crate) struct Watch(Vec<(String, Losses)>);

impl Watch {
    /// Those that have since the last time, and why.
    pub(crate) fn news(&mut self) -> impl Iterator<Item = OutputTrouble> {
        let in_trouble = self.0.extract_if(.., |(_, losses)| losses.trouble().is_some());
        in_trouble.filter_map(|(output, losses)| {
            Some(OutputTrouble { output, reason: losses.trouble()?.to_owned() })
        })
    }
}

fn lost(samples: u64) -> String {
    if samples == 0 { String::new() } else { format!(" lost {samples} samples") }
}

impl Running {
    /// Starts the outputs of a run.
    pub(crate) fn start(outputs: Vec<Opened>, facts: &RunFacts) -> io::Result<Self> {
        if outputs.is_empty() {
            return Ok(Self { stream: None, outputs: Vec::new() });
        }
        let stream = Stream::with_system_tags(facts.registry.clone(), facts.system_tags);
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

    /// Who looks after the outputs while the run goes on.
    pub(crate) fn watch(&self) -> Watch {
        let watched = |thread: &Thread| (thread.name.clone(), thread.losses.clone());
        Watch(self.outputs.iter().map(watched).collect())
    }

    /// Waits until everything that was handed over is written, or given up on.
    pub(crate) fn finish(self) -> Vec<Loss> {
        if let Some(stream) = &self.stream {
            stream.close();
        }
        let finish = |Thread { name, losses, thread }| {
            if thread.join().is_err() {
                return Some(Loss::Panicked { output: name });
            }
            let (samples, reason) = (losses.samples(), losses.reason()?);
            Some(Loss::Samples { output: name, samples, reason })
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
