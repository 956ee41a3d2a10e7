//! A virtual user: what an iteration is handed to do its work with.
//!
//! A VU belongs to one worker thread from birth to death. It sends requests through a connection
//! pool of its own and adds samples to its worker's recorder; it knows nothing of when its
//! iterations start or of how many VUs there are.

mod batch;
mod common;
mod custom;
mod duty;
mod samples;
mod scopes;
mod texts;

use std::{cell::RefMut, rc::Rc, sync::Arc, time::Duration};

use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::time::Instant;

pub use batch::BatchLimits;
pub(crate) use common::{Common, LeftOut};
pub use custom::{Counter, Gauge, Rate, TimeTrend, Trend};
pub(crate) use duty::{Duty, Env, Numbers, Task};

use samples::Samples;
use scopes::ScopeId;

use crate::{
    engine::{Abort, AbortReason},
    http::{
        Client, Error, ErrorCode, Hop, InvalidRequest, Network, Request, RequestBuilder, Response,
        Timings,
    },
    metrics::builtin::{
        DATA_RECEIVED, DATA_SENT, GROUP_DURATION, ITERATION_DURATION, ITERATIONS, SCHEDULE_LAG,
    },
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
    /// Variables that all iterations see.
    pub env: Arc<Env>,
    /// What ends the run.
    pub abort: Abort,
}

/// A virtual user.
pub struct Vu {
    id: u64,
    config: Rc<VuConfig>,
    client: Client,
    common: Rc<Common>,
    duty: Rc<Duty>,
    iteration: u64,
    /// By scenario: how many iterations it has had there.
    served: Vec<u64>,
    /// The number of its current iteration in the whole test, once it was asked for.
    in_test: Option<u64>,
    /// Outside of all groups.
    root: ScopeId,
    scope: ScopeId,
    /// Whether it ended the test.
    has_aborted: bool,
}

impl Vu {
    /// A VU that does `duty` first.
    pub(crate) fn new(id: u64, config: Rc<VuConfig>, common: Rc<Common>, duty: Rc<Duty>) -> Self {
        Self {
            id,
            client: Client::nth(config.network.clone(), id.saturating_sub(1)),
            config,
            common,
            iteration: 0,
            served: Vec::new(),
            in_test: None,
            root: duty.root,
            scope: duty.root,
            has_aborted: false,
            duty,
        }
    }

    /// Gives it something else to do. Tags that it was given are gone.
    pub(crate) fn set_duty(&mut self, duty: Rc<Duty>) {
        self.root = duty.root;
        self.duty = duty;
    }

    /// Which of the workload's functions its iterations run.
    pub(crate) fn function(&self) -> usize {
        self.duty.task.function
    }

    /// Where its samples go.
    fn samples(&self) -> RefMut<'_, Samples> {
        let mut samples = self.common.samples();
        samples.set_origin(Some((self.id, self.iteration)));
        samples
    }

    /// Adds how long after its due time an iteration starts, now.
    pub(crate) fn add_lag(&self, due: Instant, now: Instant) {
        let lag = now.saturating_duration_since(due);
        self.samples().add_duration(self.duty.root, SCHEDULE_LAG, now, lag);
    }

    /// Its number, from 1.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The number of its current iteration, from 0; those of all scenarios count.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    /// The number of its current iteration in its current scenario, from 0.
    pub fn iteration_in_scenario(&self) -> u64 {
        // The current one is counted when it begins.
        self.served.get(self.duty.task.scenario).map_or(0, |served| served.saturating_sub(1))
    }

    /// A number that no other iteration of the scenario has, from 0 and without gaps as long as
    /// each iteration asks for its own. It is drawn when it is first asked for.
    pub fn iteration_in_test(&mut self) -> u64 {
        *self.in_test.get_or_insert_with(|| self.duty.task.numbers.next())
    }

    /// The scenario that its current iteration belongs to; empty in setup and teardown.
    pub fn scenario(&self) -> &str {
        &self.duty.task.name
    }

    /// A variable: of the scenario, of the test, or of the process if the test may see those.
    pub fn env(&self, name: &str) -> Option<&str> {
        self.duty.task.env.get(name).or_else(|| self.config.env.get(name)).map(String::as_str)
    }

    /// What the setup function returned.
    pub fn setup_data(&self) -> &Value {
        self.common.setup_data().unwrap_or(&Value::Null)
    }

    /// Gives all its samples a tag from now on, until it changes to another scenario. A tag called
    /// `name` takes the place of the URL.
    pub fn tag(&mut self, name: &str, value: &str) {
        let mut samples = self.common.samples();
        let scopes = samples.scopes();
        self.root = scopes.tagged(self.root, std::iter::once((name, value)));
        self.scope = scopes.tagged(self.scope, std::iter::once((name, value)));
    }

    /// Ends the test now: iterations under way, this one too, are cut off where they wait next. The
    /// teardown function still runs, and there is a summary.
    pub fn abort_test(&mut self, why: &str) {
        self.has_aborted = true;
        self.config.abort.abort(AbortReason::Test(why.into()));
    }

    /// Whether it ended the test.
    pub(crate) fn has_aborted(&self) -> bool {
        self.has_aborted
    }

    /// Lets the test fail in the end, whatever its thresholds say, and goes on.
    pub fn fail_test(&mut self, why: &str) {
        self.common.fail_test(why.into());
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
        Request::builder(method, self.config.target.resolve(url)).keep_body(self.config.keep_bodies)
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
        let scope = match request.tags() {
            [] => self.scope,
            tags => {
                let tags = tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                self.common.samples().scopes().tagged(self.scope, tags)
            }
        };
        let mut record = |hop: &Hop<'_>| self.samples().hop(scope, hop);
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
        self.samples().check(self.scope, name, holds);
    }

    /// Runs `body` as a group: its samples carry the group's path, and how long it took is added
    /// to `group_duration`.
    ///
    /// # Panics
    ///
    /// When the name contains `::`, which separates groups. That ends the iteration, not the run.
    pub async fn group<T>(&mut self, name: &str, body: impl AsyncFnOnce(&mut Self) -> T) -> T {
        assert_is_name(name);
        let outer = self.scope;
        self.scope = self.common.samples().scopes().subgroup(outer, name);
        let open = OpenGroup { vu: self, outer, start: Instant::now(), is_done: false };
        open.run(body).await
    }

    /// Waits, as a person would between two clicks.
    pub async fn sleep(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Puts all its samples into one of the groups that are no part of an iteration.
    pub(crate) fn enter_service_group(&mut self, name: &str) {
        self.root = self.common.samples().scopes().subgroup(self.root, name);
        self.scope = self.root;
    }

    /// Called before each iteration: an iteration that panicked may have left a group open.
    pub(crate) fn begin_iteration(&mut self) {
        self.scope = self.root;
        self.in_test = None;
        let scenario = self.duty.task.scenario;
        if self.served.len() <= scenario {
            self.served.resize(scenario + 1, 0);
        }
        self.served[scenario] += 1;
    }

    /// Called at the end of every iteration, with how long it took unless it was cut off.
    pub(crate) fn end_iteration(&mut self, end: Instant, took: Option<Duration>) {
        if self.config.close_after_iteration {
            self.client.close_idle();
        }
        self.add_traffic(end);
        if let Some(took) = took {
            let mut samples = self.samples();
            samples.add_duration(self.root, ITERATION_DURATION, end, took);
            samples.add(self.root, ITERATIONS, || end, 1.0);
        }
        self.iteration += 1;
    }

    /// Adds what its connections carried since the last time.
    pub(crate) fn add_traffic(&mut self, now: Instant) {
        self.scope = self.root;
        let traffic = self.client.take_bytes();
        let mut samples = self.samples();
        samples.add(self.root, DATA_SENT, || now, traffic.sent as f64);
        samples.add(self.root, DATA_RECEIVED, || now, traffic.received as f64);
    }
}

/// A group that is open: however it ends, the one around it is the VU's again.
struct OpenGroup<'a> {
    vu: &'a mut Vu,
    outer: ScopeId,
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
            let (start, now) = (self.start, Instant::now());
            let mut samples = self.vu.samples();
            samples.add_duration(self.vu.scope, GROUP_DURATION, now, now - start);
        }
        // Tags that it was given inside stay.
        let scope = self.vu.common.samples().scopes().within(self.vu.scope, self.outer);
        self.vu.scope = scope;
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
