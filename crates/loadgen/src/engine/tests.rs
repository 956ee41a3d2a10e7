//! Whole scenarios on workers that live in paused time: an hour takes moments, and every start can
//! be held against the instant that the arithmetic gives. tokio's paused clock goes in whole
//! milliseconds, so a start may be one late.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    Abort, AbortReason, Run,
    alarm::Alarm,
    board::Standing,
    crew::{blueprint, workers},
    worker::{Message, Start},
};
use crate::{
    ScenarioOptions,
    executor::schedule::Schedule,
    http::Network,
    metrics::{
        Registry, Sink, Tally,
        builtin::{DROPPED_ITERATIONS, ITERATIONS, SCHEDULE_LAG},
    },
    options::Options,
    plan::Plan,
    target::Target,
    thresholds::Evaluator,
    vu::{Vu, VuConfig},
    workload::{Closure, Hooks},
};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// What an iteration of the tests notes when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Started {
    at: Duration,
    vu: u64,
    scenario: String,
    iteration: u64,
}

/// What came of a run.
struct Ran {
    started: Vec<Started>,
    total: Tally,
    /// By scenario.
    standings: Vec<Standing>,
    vus: u64,
    took: Duration,
}

/// A test whose iterations take `service` each.
struct Test {
    scenarios: BTreeMap<String, ScenarioOptions>,
    workers: usize,
    service: Duration,
    abort_after: Option<Duration>,
}

impl Test {
    fn new(service: Duration) -> Self {
        Self { scenarios: BTreeMap::new(), workers: 1, service, abort_after: None }
    }

    fn scenario(mut self, name: &str, options: ScenarioOptions) -> Self {
        self.scenarios.insert(name.into(), options);
        self
    }

    fn plan(&self) -> Plan {
        let options = Options {
            scenarios: Some(self.scenarios.clone()),
            workers: Some(self.workers),
            ..Options::default()
        };
        Plan::new(&options).expect("a plan")
    }

    fn run(self) -> Ran {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build_local(Default::default())
            .expect("a runtime");
        runtime.block_on(self.run_paused())
    }

    async fn run_paused(self) -> Ran {
        let plan = self.plan();
        let scenarios = plan.scenarios.len();
        let (origin, service) = (Instant::now(), self.service);
        let started = Arc::new(Mutex::new(Vec::new()));
        let notes = started.clone();
        let workload = Closure::new(async move |vu: &mut Vu| {
            let scenario = vu.scenario().to_owned();
            let (vu, iteration) = (vu.id(), vu.iteration());
            let at = origin.elapsed();
            notes.lock().expect("no panic").push(Started { at, vu, scenario, iteration });
            sleep(service).await;
        });
        let (registry, abort) = (Arc::new(Registry::default()), Abort::default());
        let vu = VuConfig {
            target: Arc::new(Target::in_process("nothing")),
            network: Arc::new(Network::new(plan.http.clone(), None)),
            batch_limits: plan.batch_limits,
            keep_bodies: false,
            close_after_iteration: false,
            env: Arc::default(),
            abort: abort.clone(),
        };
        let run = Run {
            plan,
            workload,
            hooks: Hooks::default(),
            registry,
            stream: None,
            vu,
            thresholds: Evaluator::default(),
            asks: None,
        };
        let (blueprint, lanes, _steered) = blueprint(run, &abort, || Ok(Alarm::Coarse));
        let (messages, mut inbox) = mpsc::unbounded_channel();
        let start = watch::Sender::new(Some(Start { at: origin, setup_data: None }));
        let workers = workers(&Arc::new(blueprint), lanes, &start, &messages);
        drop(messages);
        let boards: Vec<_> = workers.iter().map(|worker| worker.board.clone()).collect();
        let mut tasks = JoinSet::new();
        workers.into_iter().for_each(|worker| {
            tasks.spawn_local(worker.work());
        });
        if let Some(after) = self.abort_after {
            let abort = abort.clone();
            tokio::task::spawn_local(async move {
                sleep(after).await;
                abort.abort(AbortReason::Requested);
            });
        }
        tasks.join_all().await;
        let took = origin.elapsed();
        let mut total = Tally::default();
        while let Ok((_, message)) = inbox.try_recv() {
            match message {
                Message::Ready => {}
                Message::Interval { delta, .. } => total.add(&delta),
                Message::Done(done) => total.add(&done.delta),
                Message::Failed(error) => panic!("{error}"),
            }
        }
        let standing = |scenario| {
            boards.iter().fold(Standing::default(), |sum, board| sum.plus(board.standing(scenario)))
        };
        let mut started = std::mem::take(&mut *started.lock().expect("no panic"));
        started.sort_by_key(|started| started.at);
        Ran {
            started,
            total,
            standings: (0..scenarios).map(standing).collect(),
            vus: boards.iter().map(|board| board.vus().get()).sum(),
            took,
        }
    }
}

fn count(total: &Tally, metric: crate::metrics::MetricId) -> u64 {
    match total.metric(metric) {
        Some(&Sink::Counter { sum, .. }) => sum as u64,
        Some(Sink::Trend(trend)) => trend.count(),
        _ => 0,
    }
}

/// `start` is at `due` or one tick of the paused clock later.
#[track_caller]
fn assert_on_time(start: Duration, due: Duration) {
    assert!(due <= start && start <= due + MILLI, "{start:?} instead of {due:?}");
}

#[test]
fn an_hours_ramp_of_an_arrival_rate_starts_every_iteration_when_it_is_due() {
    let stages = [(HOUR / 2, 20), (HOUR / 4, 20), (HOUR / 4, 0)];
    let ramp = ScenarioOptions::ramping_arrival_rate(0, stages, 5);
    let test = Test::new(50 * MILLI).scenario("ramp", ramp);
    let plan = test.plan();
    let work = &*plan.works[0];
    let crate::executor::Work::Arrivals(arrivals) = work else { panic!("no arrivals") };
    let schedule: Schedule = arrivals.schedule.clone();
    let run = test.run();
    // The area under the curve: 18,000 on the way up, 18,000 on top, 9,000 on the way down.
    assert_eq!(run.started.len(), 45_000);
    for (started, due) in run.started.iter().zip(schedule.due_times()) {
        assert_on_time(started.at, due);
    }
    assert_eq!(run.standings[0], Standing { complete: 45_000, ..Standing::default() });
    assert_eq!(count(&run.total, SCHEDULE_LAG), 45_000);
    assert_eq!(run.vus, 5);
}

#[test]
fn an_hours_ramp_of_vus_adds_and_takes_away_each_when_it_should() {
    let stages = [(HOUR / 2, 31), (HOUR / 2, 1)];
    let ramp = ScenarioOptions::ramping_vus(1, stages);
    let run = Test::new(SECOND).scenario("ramp", ramp).run();
    let mut by_vu: BTreeMap<u64, Vec<Duration>> = BTreeMap::new();
    run.started.iter().for_each(|started| by_vu.entry(started.vu).or_default().push(started.at));
    assert_eq!(by_vu.len(), 31);
    // One VU a minute is added, the first after a minute; and taken away, the last one first.
    for (vu, starts) in by_vu {
        assert_on_time(starts[0], (vu as u32 - 1) * 60 * SECOND);
        let last = *starts.last().expect("a start");
        let end = match vu {
            1 => HOUR,
            vu => HOUR / 2 + (32 - vu as u32) * 60 * SECOND,
        };
        assert!(last < end && end <= last + SECOND + 5 * MILLI, "VU {vu}: {last:?}, {end:?}");
    }
    assert_eq!(run.standings[0].interrupted, 0);
    assert_eq!(count(&run.total, ITERATIONS), run.started.len() as u64);
}

#[test]
fn a_vu_that_is_wanted_again_while_it_finishes_goes_on() {
    // Down to none at 2 s and up again at once; an iteration lasts 5 s.
    let stages = [(2 * SECOND, 1), (Duration::ZERO, 0), (SECOND, 0), (Duration::ZERO, 1)];
    let stages = stages.into_iter().chain([(10 * SECOND, 1)]);
    let ramp = ScenarioOptions::ramping_vus(1, stages);
    let run = Test::new(5 * SECOND).scenario("ramp", ramp).run();
    let starts: Vec<_> = run.started.iter().map(|started| started.at.as_secs()).collect();
    assert_eq!(starts, [0, 5, 10]);
    assert!(run.started.iter().all(|started| started.vu == 1));
    assert_eq!(run.standings[0].interrupted, 0);
}

#[test]
fn iterations_under_way_are_cut_off_when_their_grace_is_over() {
    let scenario =
        ScenarioOptions::constant_vus(3, 2 * SECOND).graceful_stop(Duration::from_millis(1_500));
    let run = Test::new(3 * SECOND).scenario("long", scenario).run();
    assert_eq!(run.started.len(), 3);
    let run = Test::new(4 * SECOND)
        .scenario("longer", ScenarioOptions::constant_vus(3, 2 * SECOND).graceful_stop(SECOND))
        .run();
    assert_eq!(run.standings[0], Standing { interrupted: 3, ..Standing::default() });
    assert_on_time(run.took, 3 * SECOND);
    assert_eq!(count(&run.total, ITERATIONS), 0);
}

#[test]
fn trap_04_a_dropped_iteration_is_gone_and_makes_one_more_vu() {
    // At 0, 100, 200 … ms; the first VU is busy for a second.
    let scenario = ScenarioOptions {
        max_vus: Some(3),
        ..ScenarioOptions::constant_arrival_rate(10, SECOND, 1)
    };
    let run = Test::new(950 * MILLI).scenario("few", scenario).run();
    let starts: Vec<_> = run.started.iter().map(|started| (started.at, started.vu)).collect();
    // Due at 100 ms: dropped, and a second VU is made; so at 300 ms for the third; then there are
    // no more until the first is free at 950 ms.
    let due = |tenths: u32| tenths * 100 * MILLI;
    assert_eq!(starts, [(due(0), 1), (due(2), 2), (due(4), 3), (due(10), 1)]);
    assert_eq!((run.standings[0].complete, run.standings[0].dropped), (4, 7));
    assert_eq!(count(&run.total, DROPPED_ITERATIONS), 7);
    assert_eq!(run.vus, 3);
}

#[test]
fn an_iteration_is_dropped_only_if_no_vu_of_any_worker_is_idle() {
    // Three VUs, each busy for 0.9 s, three starts a second: nothing may be dropped, though the
    // workers have unequal shares of the VUs.
    for workers in 1..=3 {
        let scenario = ScenarioOptions::constant_arrival_rate(3, 20 * SECOND, 3);
        let mut test = Test::new(900 * MILLI).scenario("tight", scenario);
        test.workers = workers;
        let run = test.run();
        assert_eq!((run.started.len(), run.standings[0].dropped), (61, 0), "{workers} workers");
        let schedule = (0_u32..61).map(|number| number * Duration::from_nanos(333_333_333));
        run.started.iter().zip(schedule).for_each(|(start, due)| assert_on_time(start.at, due));
    }
}

#[test]
fn scenarios_one_after_another_share_their_vus() {
    let scenario = |start| {
        ScenarioOptions::constant_vus(2, 2 * SECOND).start_time(start).graceful_stop(Duration::ZERO)
    };
    for workers in [1, 2] {
        let mut test = Test::new(500 * MILLI)
            .scenario("first", scenario(Duration::ZERO))
            .scenario("second", scenario(2 * SECOND));
        test.workers = workers;
        let run = test.run();
        assert_eq!(run.vus, 2);
        let of = |name: &str, vu| -> Vec<u64> {
            let own = run.started.iter().filter(|it| it.scenario == name && it.vu == vu);
            own.map(|started| started.iteration).collect()
        };
        for vu in [1, 2] {
            assert_eq!((of("first", vu), of("second", vu)), (vec![0, 1, 2, 3], vec![4, 5, 6, 7]));
        }
    }
}

#[test]
fn an_abort_cuts_everything_off_and_starts_nothing_more() {
    for workers in [1, 2] {
        let mut test = Test::new(700 * MILLI)
            .scenario("loop", ScenarioOptions::constant_vus(4, 60 * SECOND))
            .scenario("clock", ScenarioOptions::constant_arrival_rate(10, 60 * SECOND, 20))
            .scenario("late", ScenarioOptions::constant_vus(2, SECOND).start_time(30 * SECOND));
        test.abort_after = Some(1_050 * MILLI);
        test.workers = workers;
        let run = test.run();
        assert_on_time(run.took, 1_050 * MILLI);
        let sum = run.standings.iter().fold(Standing::default(), |sum, it| sum.plus(*it));
        assert_eq!(sum.started(), run.started.len() as u64);
        assert_eq!((sum.active, sum.engaged), (0, 0));
        assert!(run.started.iter().all(|started| started.scenario != "late"));
        // Four loops in their second iteration, and seven of the clock's that are not 0.7 s old.
        assert_eq!(sum.interrupted, 11);
    }
}

#[test]
fn poisson_arrivals_are_as_many_and_as_irregular_as_they_should() {
    let scenario = ScenarioOptions::constant_arrival_rate(100, 600 * SECOND, 50);
    let mut options = Options {
        scenarios: Some(BTreeMap::from([("random".into(), scenario)])),
        arrival: Some(crate::options::Arrival::Poisson),
        ..Options::default()
    };
    let starts = |options: &Options| -> Vec<Duration> {
        let plan = Plan::new(options).expect("a plan");
        let work = &*plan.works[0];
        let crate::executor::Work::Arrivals(arrivals) = work else { panic!("no arrivals") };
        arrivals.schedule.due_times().collect()
    };
    let first = starts(&options);
    assert_eq!(first, starts(&options));
    // 60,000 with a standard deviation of 245.
    assert!((58_500..61_500).contains(&first.len()), "{}", first.len());
    let gaps: Vec<f64> = first.windows(2).map(|two| (two[1] - two[0]).as_secs_f64()).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    // The standard deviation of exponential gaps is their mean.
    assert!((variance.sqrt() / mean - 1.0).abs() < 0.05, "{variance} {mean}");
    options.seed = Some(7);
    assert_ne!(first, starts(&options));
}
