//! The front door for Rust: a load test described by calls, run against a service or a URL.
//! The command line goes through the same door.

mod iteration;
mod prepared;

use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::sync::mpsc;

pub use iteration::{Custom, Iteration, Paths};
pub(crate) use prepared::Prepared;

use crate::{
    control::{Ask, Control},
    engine::{Abort, EngineError, Run},
    http::{ExpectedStatuses, InProcess, InProcessService, InvalidRequest, InvalidUrl, Network},
    metrics::{MetricError, Registry},
    options::{Options, ProfileTarget, scenario::ScenarioOptions, thresholds::ThresholdOptions},
    output::{self, Opened, OutputError},
    plan::{Plan, PlanError},
    profile::{InvalidProfiling, Wanted},
    report::{Report, Reporter},
    target::{InvalidHost, Target},
    thresholds::{ThresholdError, Thresholds},
    vu::{Counter, Gauge, Rate, TimeTrend, Trend, Vu, VuConfig},
    workload::{Closure, Functions, Hooks, IterationResult, Workload},
};

/// A load test.
///
/// Say how much load ([`vus`](Self::vus), [`duration`](Self::duration),
/// [`iterations`](Self::iterations)), what an iteration does ([`batch_get`](Self::batch_get) or
/// [`iteration`](Self::iteration)), and run it. With neither a duration nor iterations there are
/// as many iterations as VUs.
///
/// ```
/// use std::time::Duration;
///
/// use loadgen::LoadTest;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let report = LoadTest::new()
///     .vus(2)
///     .duration(Duration::from_secs(1))
///     .batch_get(["/", "/about/"])
///     .run(servy::router(servy::Config::default()).await?)
///     .await?;
/// report.assert_passed();
/// assert!(report.http_reqs().rate > 100.0, "{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a load test does nothing until it is run"]
pub struct LoadTest<I = ()> {
    options: Options,
    registry: Registry,
    abort: Abort,
    asks: Option<mpsc::UnboundedReceiver<Ask>>,
    hooks: Hooks,
    functions: Functions<I>,
    outputs: Vec<Opened>,
}

impl<I> fmt::Debug for LoadTest<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadTest").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Why a load test could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadTestError {
    /// The options make no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The URL of the target is none.
    #[error(transparent)]
    Host(#[from] InvalidHost),
    /// One of the URLs, or a header, makes no request.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// The service cannot be reached in-process.
    #[error(transparent)]
    Service(#[from] InvalidUrl),
    /// A threshold cannot be used.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// A scenario names a function that there is not.
    #[error("executor {scenario}: function '{function}' not found in exports")]
    Function {
        /// The scenario.
        scenario: String,
        /// The function.
        function: String,
    },
    /// A profile of the target cannot be asked for.
    #[error("profile target: {0}")]
    Profile(#[from] InvalidProfiling),
    /// An output cannot be opened.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// There is nothing to request.
    #[error("the list of paths is empty")]
    NoPaths,
    /// The run could not be carried through.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Default for LoadTest {
    fn default() -> Self {
        Self::with_options(Options::default())
    }
}

impl LoadTest {
    /// A test with k6's defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// A test with these options.
    pub fn with_options(options: Options) -> Self {
        Self {
            options,
            registry: Registry::default(),
            abort: Abort::default(),
            asks: None,
            hooks: Hooks::default(),
            functions: Functions::new(()),
            outputs: Vec::new(),
        }
    }

    /// Makes each iteration GET all of these paths (or URLs) as one batch and check each status,
    /// as a check named `status`. Bodies are counted and dropped.
    pub fn batch_get<P: Into<String>>(self, paths: impl IntoIterator<Item = P>) -> LoadTest<Paths> {
        self.with(Paths(paths.into_iter().map(Into::into).collect()))
    }

    /// Makes each iteration run an async closure with a VU. It may return nothing, or a `Result`
    /// whose error is counted and shown, as an exception of a k6 script is.
    ///
    /// ```
    /// use loadgen::{LoadTest, Vu};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut test = LoadTest::new().vus(2).iterations(10);
    /// let articles = test.counter("articles_read")?;
    /// let report = test
    ///     .iteration(async move |vu: &mut Vu| {
    ///         let home = vu.get("/").await;
    ///         vu.check("home is there", home.status_code() == 200);
    ///         vu.group("reading", async |vu| {
    ///             for page in vu.batch(["/about/", "/archive/"]).await {
    ///                 vu.check("page is there", page.status_code() == 200);
    ///                 articles.add(vu, 1.0);
    ///             }
    ///         })
    ///         .await;
    ///     })
    ///     .run(servy::router(servy::Config::default()).await?)
    ///     .await?;
    /// report.assert_passed();
    /// assert_eq!(report.counter("articles_read").map(|articles| articles.count), Some(20.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn iteration<F, R>(self, iteration: F) -> LoadTest<Closure<F>>
    where
        F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
        R: IterationResult,
    {
        self.with(Closure::new(iteration))
    }

    /// Makes each iteration do something else.
    pub fn workload<W: Workload>(self, workload: W) -> LoadTest<Custom<W>> {
        self.with(Custom(workload))
    }

    fn with<I>(self, iteration: I) -> LoadTest<I> {
        let Self { options, registry, abort, asks, hooks, functions, outputs } = self;
        let functions = functions.map(|()| iteration);
        LoadTest { options, registry, abort, asks, hooks, functions, outputs }
    }

    /// Declares a sum.
    ///
    /// # Errors
    ///
    /// When the name breaks k6's rule, or is a metric of another type. So for the other three.
    pub fn counter(&mut self, name: &str) -> Result<Counter, MetricError> {
        Counter::declare(&mut self.registry, name)
    }

    /// Declares a last value with its extremes.
    pub fn gauge(&mut self, name: &str) -> Result<Gauge, MetricError> {
        Gauge::declare(&mut self.registry, name)
    }

    /// Declares a share of what held.
    pub fn rate(&mut self, name: &str) -> Result<Rate, MetricError> {
        Rate::declare(&mut self.registry, name)
    }

    /// Declares a distribution of plain numbers.
    pub fn trend(&mut self, name: &str) -> Result<Trend, MetricError> {
        Trend::declare(&mut self.registry, name)
    }

    /// Declares a distribution of times.
    pub fn time_trend(&mut self, name: &str) -> Result<TimeTrend, MetricError> {
        TimeTrend::declare(&mut self.registry, name)
    }
}

impl<I> LoadTest<I> {
    /// Sets the number of virtual users; 1 by default.
    pub fn vus(mut self, vus: u32) -> Self {
        self.options.vus = Some(vus.into());
        self
    }

    /// Sets how long iterations are started, at least 1 s.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.options.duration = Some(duration);
        self
    }

    /// Sets the number of iterations, which the VUs share, first come, first served. There must be
    /// at least as many as VUs.
    pub fn iterations(mut self, iterations: u32) -> Self {
        self.options.iterations = Some(iterations.into());
        self
    }

    /// Sets which statuses are not failures; 200 to 399 by default.
    pub fn expect_status(mut self, expected: ExpectedStatuses) -> Self {
        self.options.expected = Some(expected);
        self
    }

    /// Lets `abort` end the test before its time; there is a report all the same.
    pub fn abort_with(mut self, abort: &Abort) -> Self {
        self.abort = abort.clone();
        self
    }

    /// Adds a scenario, which runs beside the others and instead of what [`vus`](Self::vus) and the
    /// like say.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use loadgen::{LoadTest, ScenarioOptions, Vu};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let second = Duration::from_secs(1);
    /// let report = LoadTest::new()
    ///     .iteration(async |vu: &mut Vu| drop(vu.get("/").await))
    ///     .function("reader", async |vu: &mut Vu| drop(vu.get("/about/").await))
    ///     .scenario("visitors", ScenarioOptions::constant_arrival_rate(50, second, 10))
    ///     .scenario("readers", ScenarioOptions::constant_vus(2, second).exec("reader"))
    ///     .threshold("http_req_failed", "rate<0.01")
    ///     .threshold("http_req_duration{scenario:visitors}", "p(95)<500")
    ///     .run(servy::router(servy::Config::default()).await?)
    ///     .await?;
    /// assert_eq!(report.error(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn scenario(mut self, name: &str, scenario: ScenarioOptions) -> Self {
        self.options.scenarios.get_or_insert_default().insert(name.into(), scenario);
        self
    }

    /// Adds a function that scenarios can name as their `exec`. The name `default` is that of
    /// the iteration itself; of two functions with one name the first is run.
    pub fn function<F, R>(mut self, name: &str, function: F) -> Self
    where
        F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
        R: IterationResult,
    {
        self.functions.add(name, function);
        self
    }

    /// Runs a function once, before all iterations. They can read what it returns, with
    /// [`Vu::setup_data`]; if it returns an error there are none.
    pub fn setup<F, T, E>(mut self, setup: F) -> Self
    where
        F: AsyncFn(&mut Vu) -> Result<T, E> + Send + Sync + 'static,
        T: Serialize,
        E: fmt::Display,
    {
        self.hooks.set_setup(setup);
        self
    }

    /// Runs a function once, after all iterations, even if the test was cut short.
    pub fn teardown<F, R>(mut self, teardown: F) -> Self
    where
        F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
        R: IterationResult,
    {
        self.hooks.set_teardown(teardown);
        self
    }

    /// Adds something that must hold for a metric: `("http_req_duration", "p(95)<200")`.
    pub fn threshold(mut self, metric: &str, threshold: &str) -> Self {
        let thresholds = self.options.thresholds.get_or_insert_default();
        let all = thresholds.entry(metric.into()).or_default();
        all.push(ThresholdOptions::new(threshold));
        self
    }

    /// A handle with which the test can be watched and steered while it runs.
    pub fn control(&mut self) -> Control {
        let (control, asks) = Control::new();
        self.asks = Some(asks);
        control
    }

    /// Lets every sample of the test go to an output, besides those that the option `out` names.
    ///
    /// What it may do, and on which thread, is told by [`Output`](crate::output::Output).
    pub fn output(mut self, output: Opened) -> Self {
        self.outputs.push(output);
        self
    }

    /// Asks the target for its CPU profile in the middle of the test. The [`Report`] has it; without
    /// one it has a warning.
    ///
    /// Such a URL is `"http://127.0.0.1:8081".parse()`, on the port where the target has its
    /// profiles.
    pub fn profile_target(mut self, target: ProfileTarget) -> Self {
        self.options.profile_target = Some(target);
        self
    }

    /// Sets anything else.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }
}

impl<I: Iteration> LoadTest<I> {
    /// Runs the test against a service in this process: all of HTTP, but no network.
    pub async fn run(self, service: impl InProcessService) -> Result<Report, LoadTestError> {
        let service = InProcess::new(Target::IN_PROCESS, service)?;
        self.prepare(Target::in_process("service"), Some(service))?.run_detached().await
    }

    /// Runs the test against the server at a URL.
    pub async fn run_at(self, url: &str) -> Result<Report, LoadTestError> {
        self.prepare(Target::at(url)?, None)?.run_detached().await
    }

    /// Makes everything that a run needs, and finds everything that is wrong with it.
    pub(crate) fn prepare(
        self,
        target: Target,
        service: Option<InProcess>,
    ) -> Result<Prepared<Functions<I::Workload>>, LoadTestError> {
        let mut registry = self.registry;
        let options = self.options;
        let plan = Plan::new(&options)?;
        let functions =
            self.functions.try_map(|iteration| iteration.workload(&target, &plan.http))?;
        if let Some(scenario) =
            plan.scenarios.iter().find(|scenario| functions.function(scenario.exec()).is_none())
        {
            return Err(LoadTestError::Function {
                scenario: scenario.name.clone(),
                function: scenario.exec().into(),
            });
        }
        let thresholds = options.thresholds.clone().unwrap_or_default();
        let thresholds = match plan.no_thresholds {
            false => Thresholds::new(&thresholds, &mut registry)?,
            true => Thresholds::ignored(&thresholds, &mut registry),
        };
        let profile = options.profile_target.as_ref();
        let profile = profile.map(|target| Wanted::new(target, &plan)).transpose()?;
        let mut warnings = plan.warnings.clone();
        warnings.extend_from_slice(thresholds.warnings());
        // Last of what can be wrong, so that a test that cannot be run leaves no files behind.
        let outputs = outputs(self.outputs, &options)?;
        let network = Network::new(plan.http.clone(), service);
        if target.is_tls() {
            network.prepare_tls();
        }
        let vu = VuConfig {
            network: Arc::new(network),
            target: Arc::new(target.clone()),
            batch_limits: plan.batch_limits,
            keep_bodies: plan.keep_bodies,
            close_after_iteration: plan.close_after_iteration,
            env: Arc::new(plan.env.clone()),
            abort: self.abort.clone(),
        };
        let run = Run {
            plan,
            workload: functions,
            hooks: self.hooks,
            registry: Arc::new(registry),
            stream: None,
            vu,
            thresholds: thresholds.into_evaluator(),
            asks: self.asks,
        };
        let started = jiff::Timestamp::now();
        let (plan, command) = (run.plan.clone(), Vec::new());
        let reporter = Reporter { plan, target, options, command, warnings, started };
        Ok(Prepared { run, reporter, outputs, profile, abort: self.abort })
    }
}

/// Those that were given and those that the options name.
fn outputs(given: Vec<Opened>, options: &Options) -> Result<Vec<Opened>, OutputError> {
    let mut outputs = given;
    for spec in options.out.iter().flatten() {
        outputs
            .push(output::open(spec, options.collectors.as_ref(), &|name| std::env::var_os(name))?);
    }
    match outputs.iter().filter(|output| output.is_stdout).count() {
        0 | 1 => Ok(outputs),
        _ => Err(OutputError::SharedStdout),
    }
}
