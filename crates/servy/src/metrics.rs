//! What a server counts, and the text in which Prometheus reads it.
//!
//! Counting is a few atomic additions into places that are known beforehand; names and labels
//! are only put together when somebody asks.

use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;

use crate::redirects::Redirects;

/// `http` allows the status codes 100 to 999.
const FIRST_STATUS: u16 = 100;
const STATUSES: usize = 900;

/// The upper bounds of the histogram in microseconds.
const BOUNDS: [u64; 15] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 10_000_000,
];

/// The counters of one server.
pub(crate) struct Metrics {
    by_status: Box<[AtomicU64]>,
    /// Requests by duration; the last one counts those above all bounds.
    by_duration: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
    bytes: AtomicU64,
    in_flight: AtomicUsize,
}

/// A request that is being answered; it is counted until this is dropped.
pub(crate) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics {
            by_status: (0..STATUSES).map(|_| AtomicU64::new(0)).collect(),
            by_duration: Default::default(),
            nanoseconds: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
        }
    }

    /// Admits one more request unless `limit` are being answered.
    pub(crate) fn enter(&self, limit: usize) -> Option<InFlight<'_>> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let entered = InFlight(&self.in_flight);
        (before < limit).then_some(entered)
    }

    /// Counts one response: its status, the bytes of its body, and how long it took to find.
    pub(crate) fn count(&self, status: StatusCode, bytes: u64, took: Duration) {
        let index = usize::from(status.as_u16() - FIRST_STATUS);
        self.by_status[index].fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        let bucket = BOUNDS.partition_point(|bound| bound * 1_000 < nanoseconds);
        self.by_duration[bucket].fetch_add(1, Ordering::Relaxed);
    }

    /// All series in Prometheus' text format 0.0.4.
    pub(crate) fn render(&self, redirects: &Redirects) -> String {
        let mut text = Text::default();
        self.render_requests(&mut text);
        render_redirects(&mut text, redirects);
        text.family("servy_build_info", "gauge", "The version of servy; the value is always 1");
        text.sample("", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.text
    }

    fn render_requests(&self, text: &mut Text) {
        let statuses: Vec<(String, u64)> = (FIRST_STATUS..)
            .zip(&self.by_status)
            .map(|(status, count)| (status.to_string(), count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let requests: u64 = statuses.iter().map(|(_, count)| count).sum();
        text.family(
            "servy_requests_total",
            "counter",
            "The total number of HTTP requests made to servy",
        );
        text.sample("", &[], requests);
        text.family("servy_response_status", "counter", "The status codes of HTTP responses");
        for (status, count) in &statuses {
            text.sample("", &[("status", status)], count);
        }
        text.family(
            "servy_response_bytes_total",
            "counter",
            "The bytes of the bodies of HTTP responses",
        );
        text.sample("", &[], self.bytes.load(Ordering::Relaxed));
        text.family("servy_requests_in_flight", "gauge", "The requests that are being answered");
        text.sample("", &[], self.in_flight.load(Ordering::Relaxed));

        let help = "How long it took to find the response to a request";
        text.family("servy_request_duration_seconds", "histogram", help);
        let mut up_to = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.by_duration) {
            up_to += count.load(Ordering::Relaxed);
            let bound = Duration::from_micros(*bound).as_secs_f64().to_string();
            text.sample("_bucket", &[("le", &bound)], up_to);
        }
        up_to += self.by_duration[BOUNDS.len()].load(Ordering::Relaxed);
        text.sample("_bucket", &[("le", "+Inf")], up_to);
        let sum = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed));
        text.sample("_sum", &[], sum.as_secs_f64());
        text.sample("_count", &[], up_to);
    }
}

fn render_redirects(text: &mut Text, redirects: &Redirects) {
    let map = redirects.map();
    let mut served: Vec<_> = map.iter().map(|(alias, r)| (alias, r.served())).collect();
    served.sort_unstable();
    text.family("servy_redirects_served", "counter", "The number of requests per redirect");
    // The series without a label is there before the first redirect, as it always was.
    text.sample("", &[], 0);
    for (alias, count) in served {
        text.sample("", &[("alias", alias)], count);
    }
    text.family("servy_redirects_defined", "gauge", "The number of redirects defined");
    text.sample("", &[], map.len());
    text.family(
        "servy_redirects_refresh_total",
        "counter",
        "How often the redirects were read again",
    );
    for (result, count) in redirects.refreshes() {
        text.sample("", &[("result", result)], count);
    }
}

/// The text format, one family after the other.
#[derive(Default)]
struct Text {
    text: String,
    name: &'static str,
}

impl Text {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.text, "{}{suffix}", self.name);
        for (i, (name, value)) in labels.iter().enumerate() {
            let open = if i == 0 { '{' } else { ',' };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{open}{name}=\"{value}\"");
        }
        let _ = writeln!(self.text, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}
