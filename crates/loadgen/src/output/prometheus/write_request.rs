//! The message of remote write 1.0: totals in, Snappy-compressed Protocol Buffers out.
//!
//! ```text
//! WriteRequest { 1: TimeSeries timeseries… }
//! TimeSeries   { 1: Label labels…, 2: Sample samples…, 4: Histogram histograms… }
//! Label        { 1: string name, 2: string value }
//! Sample       { 1: double value, 2: int64 timestamp }
//! Histogram    { 1: uint64 count_int, 3: double sum, 4: sint32 schema, 5: double zero_threshold,
//!                6: uint64 zero_count_int, 8: BucketSpan negative_spans…, 9: sint64 negative_deltas…,
//!                11: BucketSpan positive_spans…, 12: sint64 positive_deltas…, 15: int64 timestamp }
//! BucketSpan   { 1: sint32 offset, 2: uint32 length }
//! ```

use std::time::SystemTime;

use bytes::Bytes;

use super::{
    super::{
        aggregate::{Series, Total},
        protobuf::Message,
        push::{Placed, Protocol},
    },
    labels::labels,
    native_histogram::{Buckets, NativeHistogram, SCHEMA, ZERO_THRESHOLD},
    trend_form::{TrendForm, Value},
};

/// The value that ends a series: one certain NaN among all.
const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Writes totals down, with a time for each series that only moves forward.
pub(super) struct WriteRequests<F> {
    form: F,
    stale_markers: bool,
    /// By the places of series.
    stamps: Vec<Stamp>,
}

/// When a series was said to be how.
#[derive(Clone, Copy, Default)]
struct Stamp {
    /// How many samples the total had.
    samples: u64,
    /// In milliseconds since the Unix epoch.
    millis: u64,
}

impl<F: TrendForm> WriteRequests<F> {
    /// Trends are sent in this form; with `stale_markers`, series are ended with the run.
    pub(super) fn new(form: F, stale_markers: bool) -> Self {
        Self { form, stale_markers, stamps: Vec::new() }
    }

    /// The time of a total: that of its latest sample. A server takes no two values of one time, so
    /// another total of the same millisecond is said to be of the next. The same total keeps its
    /// time, so that it may be sent again.
    fn stamp(&mut self, place: usize, series: &Series<F::Trend>) -> u64 {
        if self.stamps.len() <= place {
            self.stamps.resize(place + 1, Stamp::default());
        }
        let stamp = &mut self.stamps[place];
        if stamp.samples != series.samples {
            stamp.millis = (series.latest / 1_000_000).max(stamp.millis + 1);
            stamp.samples = series.samples;
        }
        stamp.millis
    }

    /// The series that one of ours is there: their names and values.
    fn values<'a>(&self, series: &'a Series<F::Trend>) -> Vec<(String, Value<'a>)> {
        let name = format!("k6_{}", series.metric.name);
        match &series.total {
            Total::Counter(sum) => vec![(name + "_total", Value::Float(*sum))],
            Total::Gauge(last) => vec![(name, Value::Float(*last))],
            Total::Rate { trues, total } => {
                vec![(name + "_rate", Value::Float(*trues as f64 / *total as f64))]
            }
            Total::Trend(trend) => {
                let mut values = self.form.series(series.metric.contains, trend);
                values.iter_mut().for_each(|(suffix, _)| suffix.insert_str(0, &name));
                values
            }
        }
    }
}

impl<F: TrendForm> Protocol for WriteRequests<F> {
    type Trend = F::Trend;

    const REPEATS: bool = false;

    fn encode(&mut self, series: &[Placed<'_, F::Trend>]) -> Bytes {
        compressed(|request| {
            for &(place, series) in series {
                let millis = self.stamp(place, series);
                for (name, value) in self.values(series) {
                    time_series(request, &name, series, &value, millis);
                }
            }
        })
    }

    fn farewell(&mut self, series: &[Placed<'_, F::Trend>]) -> Option<Bytes> {
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let now = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        self.stale_markers.then(|| {
            compressed(|request| {
                for &(place, series) in series {
                    let millis = now.max(self.stamp(place, series)) + 1;
                    for (name, _) in self.values(series) {
                        time_series(request, &name, series, &Value::Float(STALE), millis);
                    }
                }
            })
        })
    }
}

fn compressed(write: impl FnOnce(&mut Message)) -> Bytes {
    let message = Message::encode(write);
    let compressed = snap::raw::Encoder::new().compress_vec(&message);
    compressed.expect("a message is far below the 4 GiB that Snappy takes").into()
}

fn time_series<D>(
    request: &mut Message,
    name: &str,
    series: &Series<D>,
    value: &Value<'_>,
    millis: u64,
) {
    request.message(1, |time_series| {
        for (name, value) in labels(name, &series.tags) {
            time_series.message(1, |label| {
                label.string(1, &name);
                label.string(2, value);
            });
        }
        match value {
            Value::Float(value) => time_series.message(2, |sample| {
                sample.double(1, *value);
                sample.uint(2, millis);
            }),
            Value::Histogram(histogram) => {
                time_series.message(4, |message| write_histogram(message, histogram, millis));
            }
        }
    });
}

fn write_histogram(message: &mut Message, histogram: &NativeHistogram, millis: u64) {
    message.uint_even_if_zero(1, histogram.count);
    message.double(3, histogram.sum);
    message.sint(4, SCHEMA.into());
    message.double(5, ZERO_THRESHOLD);
    message.uint_even_if_zero(6, histogram.zeros);
    write_buckets(message, [8, 9], &histogram.negative);
    write_buckets(message, [11, 12], &histogram.positive);
    message.uint(15, millis);
}

fn write_buckets(message: &mut Message, [span, delta]: [u32; 2], buckets: &Buckets) {
    let (spans, deltas) = buckets.spans();
    for it in spans {
        message.message(span, |message| {
            message.sint(1, it.offset.into());
            message.uint(2, it.length.into());
        });
    }
    message.sints(delta, deltas);
}
