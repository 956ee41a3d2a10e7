//! Outputs that push totals: what a receiver decodes, added up, is what the summary says.

mod messages;
mod otlp;
mod prometheus;
mod receiver;
mod remote_write;

use std::{ffi::OsString, time::Duration};

use axum::{Router, routing::get};
use loadgen::{LoadTest, Report, Vu, output};

/// An output with these variables.
fn open(name: &str, variables: &[(&str, String)]) -> output::Opened {
    try_open(name, variables).unwrap()
}

fn try_open(
    name: &str,
    variables: &[(&str, String)],
) -> Result<output::Opened, output::OutputError> {
    let lookup = |name: &str| {
        variables.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value))
    };
    output::open(name, None, &lookup)
}

/// A site with an answer that takes 3 ms and one that is none.
fn site() -> Router {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(3)).await;
        "slow"
    };
    Router::new().route("/", get(|| async { "hello" })).route("/slow", get(slow))
}

/// A run of four users with 200 iterations, of three requests each and with samples of all kinds.
async fn run(output: output::Opened) -> Report {
    let mut test = LoadTest::new().vus(4).iterations(200).output(output);
    let orders = test.counter("orders").unwrap();
    let queue = test.gauge("queue").unwrap();
    let won = test.rate("won").unwrap();
    let size = test.trend("size").unwrap();
    let test = test.iteration(async move |vu: &mut Vu| {
        for path in ["/", "/slow", "/missing"] {
            vu.get(path).await;
        }
        orders.add(vu, 1.5);
        queue.set(vu, 7.0);
        won.add(vu, vu.iteration().is_multiple_of(4));
        size.add(vu, -2.5);
        // A run of more than a second, after which samples are handed over for the first time.
        vu.sleep(Duration::from_millis(40)).await;
    });
    test.run(site()).await.unwrap()
}

/// Whether two sums of the same numbers in different orders are the same.
fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
}
