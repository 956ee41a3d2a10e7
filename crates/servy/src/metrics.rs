//! What a server counts, and the text in which Prometheus reads it.
//!
//! Counting is one atomic addition into a place that is known beforehand; names and labels
//! are only put together when somebody asks.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

use crate::redirects::Redirects;

/// `http` allows the status codes 100 to 999.
const FIRST_STATUS: u16 = 100;
const STATUSES: usize = 900;

/// The counters of one server.
pub(crate) struct Metrics {
    by_status: Box<[AtomicU64]>,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics { by_status: (0..STATUSES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Counts one response.
    pub(crate) fn count(&self, status: StatusCode) {
        let index = usize::from(status.as_u16() - FIRST_STATUS);
        self.by_status[index].fetch_add(1, Ordering::Relaxed);
    }

    /// All series in Prometheus' text format 0.0.4.
    pub(crate) fn render(&self, redirects: &Redirects) -> String {
        let statuses: Vec<(u16, u64)> = (FIRST_STATUS..)
            .zip(&self.by_status)
            .map(|(status, count)| (status, count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let requests: u64 = statuses.iter().map(|(_, count)| count).sum();

        let mut text = Text::default();
        text.family(
            "servy_requests_total",
            "counter",
            "The total number of HTTP requests made to servy",
        );
        text.sample("", requests);
        text.family("servy_response_status", "counter", "The status codes of HTTP responses");
        for (status, count) in statuses {
            text.sample(&format!("{{status=\"{status}\"}}"), count);
        }
        text.family("servy_redirects_served", "counter", "The number of requests per redirect");
        // The series without a label is there before the first redirect, as it always was.
        text.sample("", 0);
        for (alias, count) in redirects.served() {
            text.sample(&format!("{{alias=\"{}\"}}", escape(alias)), count);
        }
        text.family("servy_redirects_defined", "gauge", "The number of redirects defined");
        text.sample("", redirects.len());
        text.text
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
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.text, "{}{labels} {value}", self.name);
    }
}

/// A label value as the format wants it.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
