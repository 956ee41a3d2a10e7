use jiff::SignedDuration;

use super::{segment::SegmentSequence, *};
use crate::options::scenario::StageOptions;

pub(super) fn seconds(seconds: i64) -> Option<SignedDuration> {
    Some(SignedDuration::from_secs(seconds))
}

fn millis(millis: i64) -> Option<SignedDuration> {
    Some(SignedDuration::from_millis(millis))
}

pub(super) fn stage(duration: Option<SignedDuration>, target: i64) -> StageOptions {
    StageOptions { duration, target: Some(target) }
}

/// The shares of all instances of a test that is cut like this.
pub(super) fn shares(sequence: &str) -> Vec<Share> {
    let points: Vec<_> = sequence.split(',').collect();
    let whole: SegmentSequence = sequence.parse().expect("a valid sequence");
    let share = |ends: &[&str]| {
        let segment = format!("{}:{}", ends[0], ends[1]).parse().expect("a valid segment");
        Share::new(Some(segment), Some(whole.clone())).expect("a segment of the sequence")
    };
    points.windows(2).map(share).collect()
}

pub(super) fn options(kind: ExecutorKind) -> ScenarioOptions {
    ScenarioOptions::new(kind)
}

/// The scenarios of a run whose screen was recorded, by start time and name.
fn recorded() -> Vec<Scenario> {
    let long = "a_very_long_scenario_name_that_exceeds_thirty_chars";
    [
        (
            "car",
            ScenarioOptions {
                rate: Some(90),
                time_unit: seconds(60),
                duration: seconds(4),
                pre_allocated_vus: Some(2),
                max_vus: Some(15),
                ..options(ExecutorKind::ConstantArrivalRate)
            },
        ),
        (
            "constant",
            ScenarioOptions {
                vus: Some(3),
                duration: seconds(4),
                graceful_stop: seconds(5),
                ..options(ExecutorKind::ConstantVus)
            },
        ),
        (
            "pervu",
            ScenarioOptions {
                vus: Some(2),
                iterations: Some(4),
                exec: Some("other".into()),
                graceful_stop: seconds(0),
                ..options(ExecutorKind::PerVuIterations)
            },
        ),
        (
            "ramping",
            ScenarioOptions {
                start_vus: Some(1),
                stages: Some(vec![stage(seconds(2), 12), stage(millis(2_500), 0)]),
                graceful_ramp_down: seconds(1),
                ..options(ExecutorKind::RampingVus)
            },
        ),
        (
            "rar",
            ScenarioOptions {
                start_rate: Some(1),
                pre_allocated_vus: Some(4),
                stages: Some(vec![stage(seconds(2), 10), stage(seconds(2), 3)]),
                ..options(ExecutorKind::RampingArrivalRate)
            },
        ),
        (
            "shared",
            ScenarioOptions {
                vus: Some(2),
                iterations: Some(8),
                max_duration: seconds(10),
                ..options(ExecutorKind::SharedIterations)
            },
        ),
        (
            long,
            ScenarioOptions {
                duration: seconds(1),
                start_time: seconds(2),
                graceful_stop: seconds(1),
                ..options(ExecutorKind::ConstantVus)
            },
        ),
    ]
    .map(|(name, options)| Scenario::new(name, &options).expect(name))
    .into()
}

/// Trap 07, trap 09: a ramp of VUs starts with one, a ramp of a rate with nothing, and there are two
/// kinds of grace, each of 30 s.
#[test]
fn defaults_are_k6s() {
    let second = Duration::from_secs(1);
    let work = |options| {
        let scenario = Scenario::new("name", &options).expect("valid");
        scenario.work(&Share::whole(), Spacing::Even)
    };
    let stages = Some(vec![stage(seconds(1), 2), stage(seconds(2), 1), stage(seconds(0), 1)]);
    let ramp = ScenarioOptions { stages: stages.clone(), ..options(ExecutorKind::RampingVus) };
    let needs = work(ramp).requirement().into_iter().map(|step| (step.at, step.planned));
    assert_eq!(needs.collect::<Vec<_>>(), [(Duration::ZERO, 1), (second, 2), (33 * second, 0)]);

    let rate = ScenarioOptions {
        stages,
        pre_allocated_vus: Some(3),
        ..options(ExecutorKind::RampingArrivalRate)
    };
    let Work::Arrivals(rate) = work(rate) else { panic!("iterations start by the clock") };
    let first = rate.schedule.due_times().next().expect("some are due");
    assert!(first > second * 9 / 10, "{first:?}");
    assert_eq!((rate.max_vus, rate.duration, rate.cut), (3, 3 * second, 33 * second));

    let once = work(options(ExecutorKind::PerVuIterations));
    let spans = vec![work::Span { start: Duration::ZERO, stop: 600 * second }];
    let stints = vec![work::Stint { spans, cut: 630 * second }];
    assert_eq!(once, Work::Loops(work::Loops { stints, budget: Budget::PerVu(1) }));
}

#[test]
fn descriptions_are_k6s() {
    let describe = |scenario: &Scenario| scenario.describe(&Share::whole());
    insta::assert_snapshot!(recorded().iter().map(describe).collect::<Vec<_>>().join("\n"), @r"
    1.50 iterations/s for 4s (maxVUs: 2-15, gracefulStop: 30s)
    3 looping VUs for 4s (gracefulStop: 5s)
    4 iterations for each of 2 VUs (maxDuration: 10m0s, exec: other)
    Up to 12 looping VUs for 4.5s over 2 stages (gracefulRampDown: 1s, gracefulStop: 30s)
    Up to 10.00 iterations/s for 4s over 2 stages (maxVUs: 4, gracefulStop: 30s)
    8 iterations shared among 2 VUs (maxDuration: 10s, gracefulStop: 30s)
    1 looping VUs for 1s (startTime: 2s, gracefulStop: 1s)
    ");
    let outside = ScenarioOptions {
        vus: Some(2),
        max_vus: Some(10),
        duration: seconds(9),
        ..options(ExecutorKind::ExternallyControlled)
    };
    let describe = |options| describe(&Scenario::new("ext", &options).expect("valid"));
    assert_eq!(
        describe(outside.clone()),
        "Externally controlled execution with 2 VUs, 10 max VUs, 9s duration"
    );
    assert_eq!(
        describe(ScenarioOptions { duration: seconds(0), start_time: seconds(1), ..outside }),
        "Externally controlled execution with 2 VUs, 10 max VUs, infinite duration (startTime: 1s)"
    );
}

#[test]
fn an_instance_describes_its_share() {
    let share = &shares("0,1/4,1/2,1")[1];
    let describe = |scenario: &Scenario| scenario.describe(share);
    insta::assert_snapshot!(recorded().iter().map(describe).collect::<Vec<_>>().join("\n"), @r"
    0.30 iterations/s for 4s (maxVUs: 0-3, gracefulStop: 30s)
    0 looping VUs for 4s (gracefulStop: 5s)
    4 iterations for each of 0 VUs (maxDuration: 10m0s, exec: other)
    Up to 3 looping VUs for 4.5s over 2 stages (gracefulRampDown: 1s, gracefulStop: 30s)
    Up to 2.50 iterations/s for 4s over 2 stages (maxVUs: 1, gracefulStop: 30s)
    0 iterations shared among 0 VUs (maxDuration: 10s, gracefulStop: 30s)
    0 looping VUs for 1s (startTime: 2s, gracefulStop: 1s)
    ");
}

#[test]
fn positions_are_worded_as_k6s() {
    let lines =
        [(1_000, 2, 2), (2_000, 7, 11), (600_001, 8, 0)].map(|(millis, complete, active)| {
            let moment = Moment {
                elapsed: Duration::from_millis(millis),
                complete,
                active_vus: active,
                initialized_vus: 13,
            };
            recorded()
                .iter()
                .map(|scenario| {
                    let Position { fraction, columns } =
                        scenario.meter(&Share::whole()).read(moment);
                    format!("{:.0}% {}\n", fraction * 100.0, columns.join(" | "))
                })
                .collect::<String>()
        });
    insta::assert_snapshot!(lines.join("\n"), @r"
    25% 02/13 VUs | 1.0s/4s | 1.50 iters/s
    25% 3 VUs | 1.0s/4s
    25% 2 VUs | 00m01.0s/10m0s | 2/8 iters, 4 per VU
    22% 02/12 VUs | 1.0s/4.5s
    25% 2/13 VUs | 1.0s/4s | 05.69 iters/s
    25% 2 VUs | 01.0s/10s | 2/8 shared iters
    100% 1 VUs | 1.0s/1s

    50% 11/13 VUs | 2.0s/4s | 1.50 iters/s
    50% 3 VUs | 2.0s/4s
    88% 2 VUs | 00m02.0s/10m0s | 7/8 iters, 4 per VU
    44% 11/12 VUs | 2.0s/4.5s
    50% 11/13 VUs | 2.0s/4s | 09.82 iters/s
    88% 2 VUs | 02.0s/10s | 7/8 shared iters
    100% 1 VUs | 1s

    100% 00/13 VUs | 4s | 1.50 iters/s
    100% 3 VUs | 4s
    100% 2 VUs | 10m0s | 8/8 iters, 4 per VU
    100% 00/12 VUs | 4.5s
    100% 0/13 VUs | 4s | 03.50 iters/s
    100% 2 VUs | 10m00.0s/10s | 8/8 shared iters
    100% 1 VUs | 1s
    ");
    let outside = ScenarioOptions {
        vus: Some(2),
        max_vus: Some(10),
        duration: seconds(9),
        ..options(ExecutorKind::ExternallyControlled)
    };
    let meter = Scenario::new("ext", &outside).expect("valid").meter(&Share::whole());
    let moment = Moment {
        elapsed: Duration::from_secs(3),
        active_vus: 4,
        initialized_vus: 20,
        ..Moment::default()
    };
    assert_eq!(meter.read(moment).columns, ["04/20 VUs", "3.0s/9s"]);
    assert_eq!(
        Position::waiting(Duration::from_millis(3_200), Duration::from_secs(5)).columns,
        ["waiting", "3.2s"]
    );
}

#[test]
fn a_share_of_nothing_is_no_work() {
    let third = &shares("0,1/3,2/3,1")[2];
    for scenario in recorded() {
        let few = matches!(scenario.name.as_str(), "pervu" | "shared") || scenario.name.len() > 30;
        let work = scenario.work(third, Spacing::Even);
        assert_eq!(work.is_empty(), few, "{}", scenario.name);
    }
    let idle =
        ScenarioOptions { duration: seconds(0), ..options(ExecutorKind::ExternallyControlled) };
    let idle = Scenario::new("ext", &idle).expect("valid").work(third, Spacing::Even);
    assert!(!idle.is_empty(), "somebody may want more");
}

/// Trap 24: iterations of each VU are its own, and shared ones follow the VUs.
#[test]
fn iterations_are_shared_with_the_vus() {
    let own = |kind| {
        let options = ScenarioOptions { vus: Some(5), iterations: Some(17), ..options(kind) };
        let scenario = Scenario::new("name", &options).expect("valid");
        let own = |share: &Share| match scenario.work(share, Spacing::Even) {
            Work::Loops(loops) => (loops.stints.len(), loops.budget),
            other => panic!("{other:?}"),
        };
        shares("0,1/3,2/3,1").iter().map(own).collect::<Vec<_>>()
    };
    assert_eq!(
        own(ExecutorKind::SharedIterations),
        [(2, Budget::Shared(7)), (2, Budget::Shared(7)), (1, Budget::Shared(3))]
    );
    assert_eq!(own(ExecutorKind::PerVuIterations), [2, 2, 1].map(|vus| (vus, Budget::PerVu(17))));
}
