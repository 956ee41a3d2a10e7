//! InfluxDB 1: samples as lines of its line protocol, over HTTP or UDP.
//!
//! InfluxDB keeps one value for a series and a time: of two samples with the same metric, tags and
//! nanosecond (or whatever `precision` says) it keeps the later one, whoever sends them.

mod config;
mod lines;
mod post;

use std::time::Duration;

use bytes::Bytes;

use super::{
    Batch, Losses, Opened, Output, RunFacts, Settings,
    delivery::{Delivery, Payload},
};
use crate::options::notation::Reason;
use config::Config;
pub(super) use config::KEYS;
use lines::Lines;
use post::InfluxPost;

/// Bytes of one request, about; servers take 25 MB by default.
const PAYLOAD: usize = 4 << 20;

/// `influxdb[=URL]`.
pub(super) fn open(settings: &Settings<'_>) -> Result<Opened, Reason> {
    let config = Config::new(settings)?;
    let losses = Losses::default();
    let name = format!("InfluxDBv1 ({})", config.address);
    let output = Box::new(Influxdb {
        lines: Lines::new(config.tags_as_fields.clone(), config.precision),
        config,
        text: Vec::new(),
        samples: 0,
        delivery: None,
        losses: losses.clone(),
    });
    Ok(Opened { name, is_stdout: false, output, losses })
}

struct Influxdb {
    config: Config,
    lines: Lines,
    /// Lines that wait for the next request, and how many.
    text: Vec<u8>,
    samples: u64,
    delivery: Option<Delivery>,
    losses: Losses,
}

impl Output for Influxdb {
    fn interval(&self) -> Duration {
        self.config.push_interval
    }

    fn start(&mut self, _: &RunFacts) {
        let config = self.config.clone();
        let post = move || InfluxPost::new(config);
        match Delivery::start(post, self.config.concurrent_writes, self.losses.clone()) {
            Ok(delivery) => self.delivery = Some(delivery),
            Err(error) => self.losses.add(0, error.to_string()),
        }
    }

    fn write(&mut self, batch: &Batch) {
        for sample in batch.samples() {
            self.lines.push(&mut self.text, &sample);
            self.samples += 1;
            if self.text.len() >= PAYLOAD {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if self.samples == 0 {
            return;
        }
        let body = Bytes::from(std::mem::take(&mut self.text));
        let payload = Payload { body, samples: std::mem::take(&mut self.samples) };
        match &self.delivery {
            Some(delivery) => delivery.send(payload),
            None => self.losses.add(payload.samples, "there was no thread to send them"),
        }
    }

    fn finish(&mut self) {
        self.flush();
        if let Some(delivery) = &mut self.delivery {
            delivery.finish();
        }
    }
}
