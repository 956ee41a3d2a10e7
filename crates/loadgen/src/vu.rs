//! A virtual user: what an iteration is handed to do its work with.
//!
//! A VU belongs to one worker thread from birth to death. It sends requests through a connection
//! pool of its own and adds samples to its worker's recorder; it knows nothing of when its
//! iterations start or of how many VUs there are.

mod batch;
mod common;
mod custom;
mod samples;
mod texts;

use std::{rc::Rc, sync::Arc, time::Duration};

use http::{HeaderMap, Method};
use tokio::time::Instant;

pub use batch::BatchLimits;
pub(crate) use common::Common;
pub use custom::{Counter, Gauge, Rate, TimeTrend, Trend};
pub(crate) use texts::OTHER;

use samples::GroupId;

use crate::{
    http::{
        Client, Error, ErrorCode, Hop, InvalidRequest, Network, Request, RequestBuilder, Response,
        Timings,
    },
    metrics::builtin::{DATA_RECEIVED, DATA_SENT, GROUP_DURATION, ITERATION_DURATION, ITERATIONS},
    target::Target,
};

/// What all VUs of a run have in common.
#[derive(Clone)]
pub(crate) struct VuConfig {
    /// Where relative URLs lead.
    pub target: Arc<Target>,
    /// How requests reach it.
    pub network: Arc<Network>,
    /// How many requests of a batch run at once.
    pub batch_limits: BatchLimits,
    /// Keep bodies for iterations that may look at them.
    pub keep_bodies: bool,
    /// Close connections when an iteration ends.
    pub close_after_iteration: bool,
}

/// A virtual user.
pub struct Vu {
    id: u64,
    iteration: u64,
    target: Arc<Target>,
    client: Client,
    batch_limits: BatchLimits,
    keep_bodies: bool,
    close_after_iteration: bool,
    common: Rc<Common>,
    root: GroupId,
    group: GroupId,
}

impl Vu {
    pub(crate) fn new(id: u64, config: &VuConfig, common: Rc<Common>) -> Self {
        let root = common.samples().root();
        Self {
            id,
            iteration: 0,
            target: config.target.clone(),
            client: Client::nth(config.network.clone(), id.saturating_sub(1)),
            batch_limits: config.batch_limits,
            keep_bodies: config.keep_bodies,
            close_after_iteration: config.close_after_iteration,
            common,
            root,
            group: root,
        }
    }

    /// Its number, from 1.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The number of its current iteration, from 0.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    /// GETs a URL, or a path of the target.
    ///
    /// Nothing that goes wrong on the way is an `Err`: as in k6 the response then has no status
    /// but an [`error`](Response::error). A URL that cannot be parsed counts as no request.
    pub async fn get(&mut self, url: &str) -> Response {
        match self.prepare(url) {
            Ok(request) => self.exchange(&request).await,
            Err(invalid) => unsent(&invalid),
        }
    }

    /// A request of a URL, or of a path of the target, with any method; to be given to
    /// [`send`](Self::send) when it is complete.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        Request::builder(method, self.target.resolve(url)).keep_body(self.keep_bodies)
    }

    /// Sends a request; what is said of [`get`](Self::get) holds here too.
    pub async fn send(&mut self, request: RequestBuilder) -> Response {
        match request.build(self.client.network().config()) {
            Ok(request) => self.exchange(&request).await,
            Err(invalid) => unsent(&invalid),
        }
    }

    /// GETs several URLs, or paths of the target, at once; responses are in the URLs' order.
    ///
    /// How many are under way at once is k6's `batch` (20) and, for one host, `batchPerHost` (6).
    /// A URL that cannot be parsed counts as no request; the others are sent.
    pub async fn batch(&mut self, urls: impl IntoIterator<Item: AsRef<str>>) -> Vec<Response> {
        let mut responses = Vec::new();
        let (mut places, mut requests) = (Vec::new(), Vec::new());
        for (place, url) in urls.into_iter().enumerate() {
            match self.prepare(url.as_ref()) {
                Ok(request) => {
                    places.push(place);
                    requests.push(request);
                    responses.push(None);
                }
                Err(invalid) => responses.push(Some(unsent(&invalid))),
            }
        }
        self.run_batch(&requests, |sent, response| responses[places[sent]] = Some(response)).await;
        responses.into_iter().flatten().collect()
    }

    fn prepare(&mut self, url: &str) -> Result<Rc<Request>, InvalidRequest> {
        self.common
            .prepared(url, || self.request(Method::GET, url).build(self.client.network().config()))
    }

    /// One request with its redirects, recorded.
    async fn exchange(&self, request: &Request) -> Response {
        let mut record = |hop: &Hop<'_>| self.common.samples().hop(self.group, hop);
        self.client.send(request, &mut record).await
    }

    /// Counts whether something holds, and tells it. A check that fails stops nothing.
    ///
    /// # Panics
    ///
    /// When the name contains `::`, which separates groups. That ends the iteration, not the run.
    pub fn check(&mut self, name: &str, holds: bool) -> bool {
        assert_is_name(name);
        self.count_check(name, holds);
        holds
    }

    pub(crate) fn count_check(&self, name: &str, holds: bool) {
        self.common.samples().check(self.group, name, holds);
    }

    /// Runs `body` as a group: its samples carry the group's path, and how long it took is added
    /// to `group_duration`.
    ///
    /// # Panics
    ///
    /// When the name contains `::`, which separates groups. That ends the iteration, not the run.
    pub async fn group<T>(&mut self, name: &str, body: impl AsyncFnOnce(&mut Self) -> T) -> T {
        assert_is_name(name);
        let outer = self.group;
        self.group = self.common.samples().subgroup(outer, name);
        let open = OpenGroup { vu: self, outer, start: Instant::now(), is_done: false };
        open.run(body).await
    }

    /// Waits, as a person would between two clicks.
    pub async fn sleep(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Called before each iteration: an iteration that panicked may have left a group open.
    pub(crate) fn begin_iteration(&mut self) {
        self.group = self.root;
    }

    /// Called after an iteration that ran to its end.
    pub(crate) fn complete_iteration(&mut self, took: Duration) {
        self.end_iteration();
        let mut samples = self.common.samples();
        samples.add_duration(self.root, ITERATION_DURATION, took);
        samples.add(self.root, ITERATIONS, 1.0);
    }

    /// Called after every iteration, those that were cut off too.
    pub(crate) fn end_iteration(&mut self) {
        self.group = self.root;
        self.iteration += 1;
        if self.close_after_iteration {
            self.client.close_idle();
        }
        let traffic = self.client.take_bytes();
        let mut samples = self.common.samples();
        samples.add(self.root, DATA_SENT, traffic.sent as f64);
        samples.add(self.root, DATA_RECEIVED, traffic.received as f64);
    }
}

/// A group that is open: however it ends, the one around it is the VU's again.
struct OpenGroup<'a> {
    vu: &'a mut Vu,
    outer: GroupId,
    start: Instant,
    is_done: bool,
}

impl OpenGroup<'_> {
    async fn run<T>(mut self, body: impl AsyncFnOnce(&mut Vu) -> T) -> T {
        let result = body(self.vu).await;
        self.is_done = true;
        result
    }
}

impl Drop for OpenGroup<'_> {
    fn drop(&mut self) {
        // As in k6, a group that failed took its time too, and one that was cut off has none.
        if self.is_done || std::thread::panicking() {
            let took = self.start.elapsed();
            self.vu.common.samples().add_duration(self.vu.group, GROUP_DURATION, took);
        }
        self.vu.group = self.outer;
    }
}

/// The response to a request that could not be made, and so was not sent.
fn unsent(invalid: &InvalidRequest) -> Response {
    Response {
        status: None,
        headers: HeaderMap::new(),
        body: None,
        proto: None,
        tls_version: None,
        remote: None,
        timings: Timings::default(),
        error: Some(Error { code: ErrorCode::INVALID_URL, text: invalid.to_string() }),
        redirected_to: None,
    }
}

fn assert_is_name(name: &str) {
    assert!(!name.contains("::"), "group and check names may not contain '::', but '{name}' does");
}
