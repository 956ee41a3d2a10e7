//! What is counted.

use std::{hint::black_box, sync::Arc, time::Duration};

use loadgen::{
    LoadTest,
    http::{Client, HttpConfig, Network, Request},
    metrics::{Recorder, Registry, TagSet, builtin},
};
use tokio::runtime;

use crate::peer::{CHUNKS, HEADERS, PLAIN};

/// Something that is repeated.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// How often, at first and then.
    pub(crate) times: [u32; 2],
    /// The function within which instructions are counted, if not all are.
    pub(crate) within: Option<&'static str>,
    run: fn(times: u32, peer: &str),
}

/// What polls a task, such as a VU. What a worker does once a second is outside of it: how often
/// that is depends on how slow valgrind is.
const TASKS: &str = "tokio::runtime::task::raw::poll*";

impl Case {
    pub(crate) const ALL: [Self; 8] = [
        Self::all_of("record the samples of a request", [1_000, 11_000], record),
        Self::all_of("build a request", [100, 1_100], build),
        Self::all_of("send a request and read its answer", [1_000, 6_000], send),
        Self::all_of("… with 20 headers more", [1_000, 6_000], send_for_headers),
        Self::all_of("… in eight chunks", [1_000, 6_000], send_for_chunks),
        Self::all_of("… beside 50 idle connections", [1_000, 6_000], send_beside_idle),
        Self::tasks_of("iteration of one request", [1_000, 6_000], iterate),
        Self::tasks_of("iteration in-process", [1_000, 6_000], iterate_in_process),
    ];

    const fn all_of(name: &'static str, times: [u32; 2], run: fn(u32, &str)) -> Self {
        Self { name, times, within: None, run }
    }

    const fn tasks_of(name: &'static str, times: [u32; 2], run: fn(u32, &str)) -> Self {
        Self { name, times, within: Some(TASKS), run }
    }

    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|case| case.name == name)
    }

    pub(crate) fn repeat(&self, times: u32, peer: &str) {
        (self.run)(times, peer);
    }
}

/// The sinks alone; how an outcome finds its route is a part of an iteration.
fn record(times: u32, _: &str) {
    let mut recorder = Recorder::new(Arc::new(Registry::default()));
    let route = recorder.route(&TagSet::new([("scenario", "default"), ("status", "200")]));
    for n in 0..times {
        recorder.add(builtin::HTTP_REQS, 1.0, route);
        for metric in [
            builtin::HTTP_REQ_DURATION,
            builtin::HTTP_REQ_BLOCKED,
            builtin::HTTP_REQ_CONNECTING,
            builtin::HTTP_REQ_TLS_HANDSHAKING,
            builtin::HTTP_REQ_SENDING,
            builtin::HTTP_REQ_WAITING,
            builtin::HTTP_REQ_RECEIVING,
        ] {
            recorder.add_duration(metric, Duration::from_nanos(black_box(n).into()), route);
        }
        recorder.add(builtin::HTTP_REQ_FAILED, 0.0, route);
    }
    black_box(recorder.take());
}

fn build(times: u32, _: &str) {
    let config = HttpConfig::default();
    for _ in 0..times {
        let url = black_box("http://site.test/articles/2026/11/25?page=2");
        black_box(Request::get(url).build(&config).expect("a valid URL"));
    }
}

fn send(times: u32, peer: &str) {
    send_to(PLAIN, times, peer, 0);
}

fn send_for_headers(times: u32, peer: &str) {
    send_to(HEADERS, times, peer, 0);
}

fn send_for_chunks(times: u32, peer: &str) {
    send_to(CHUNKS, times, peer, 0);
}

fn send_beside_idle(times: u32, peer: &str) {
    send_to(PLAIN, times, peer, 50);
}

/// Sends requests over one connection, while others are idle. Looks at no answer.
fn send_to(path: &str, times: u32, peer: &str, idle: u32) {
    let mut config = HttpConfig::default();
    let others: Vec<String> = (0..idle).map(|n| format!("other-{n}.test")).collect();
    for other in &others {
        config.hosts.insert(other, peer).expect("a name and an address");
    }
    let mut builder = runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build_local(Default::default()).expect("a runtime");
    runtime.block_on(async {
        let client = Client::new(Arc::new(Network::new(config, None)));
        let request = |host: &str| {
            let request = Request::get(format!("http://{host}{path}")).keep_headers(false);
            request.build(client.network().config()).expect("a valid URL")
        };
        for other in others {
            let response = client.send(&request(&other), &mut |_| {}).await;
            assert_eq!(response.status_code(), 200);
        }
        let request = request(peer);
        for _ in 0..times {
            let response = client
                .send(&request, &mut |hop| {
                    black_box(hop.timings);
                })
                .await;
            assert_eq!(response.status_code(), 200);
        }
    });
}

fn iterate(times: u32, peer: &str) {
    run(async {
        let url = format!("http://{peer}");
        LoadTest::new().vus(1).iterations(times).batch_get([PLAIN]).run_at(&url).await
    });
}

fn iterate_in_process(times: u32, _: &str) {
    let hello = axum::routing::get(|| async { "hello" });
    let service = axum::Router::new().route("/", hello);
    run(LoadTest::new().vus(1).iterations(times).batch_get(["/"]).run(service));
}

fn run(test: impl Future<Output = Result<loadgen::Report, loadgen::LoadTestError>>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let report = runtime.block_on(test).expect("the test runs");
    report.assert_passed();
}
