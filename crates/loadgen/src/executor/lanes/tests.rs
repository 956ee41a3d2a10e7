use proptest::prelude::*;

use super::*;
use crate::{
    executor::{Requirements, Scenario, Share, Spacing},
    options::scenario::{ExecutorKind, ScenarioOptions, StageOptions},
};

const SECOND: Duration = Duration::from_secs(1);

fn work(options: &ScenarioOptions) -> (Duration, Work) {
    let scenario = Scenario::new("name", options).expect("a valid scenario");
    (scenario.start_time, scenario.work(&Share::whole(), Spacing::Even))
}

fn options(kind: ExecutorKind, start: i64, grace: i64, vus: i64, duration: i64) -> ScenarioOptions {
    let seconds = |seconds| Some(jiff::SignedDuration::from_secs(seconds));
    ScenarioOptions {
        start_time: seconds(start),
        graceful_stop: seconds(grace),
        vus: Some(vus),
        duration: seconds(duration),
        ..ScenarioOptions::new(kind)
    }
}

fn constant(start: i64, grace: i64, vus: i64, duration: i64) -> (Duration, Work) {
    work(&options(ExecutorKind::ConstantVus, start, grace, vus, duration))
}

fn of(scenarios: &[(Duration, Work)]) -> (Vec<Lane>, Requirements) {
    let refer = || scenarios.iter().map(|(start, work)| (*start, work));
    (lanes(refer()), Requirements::new(refer()))
}

#[test]
fn a_vu_serves_the_next_scenario_when_its_own_is_over() {
    let (lanes, needs) = of(&[constant(0, 5, 3, 5), constant(10, 0, 2, 5)]);
    assert_eq!(lanes.len(), 3);
    let scenarios = |lane: &Lane| lane.turns.iter().map(|turn| turn.scenario).collect::<Vec<_>>();
    assert_eq!(lanes.iter().map(scenarios).collect::<Vec<_>>(), [vec![0, 1], vec![0, 1], vec![0]]);
    assert_eq!(
        lanes[1].turns[1],
        Turn {
            scenario: 1,
            start: 10 * SECOND,
            end: Some(15 * SECOND),
            task: Task::Loop(vec![Span { start: 10 * SECOND, stop: 15 * SECOND }]),
        }
    );
    assert_eq!(needs, Requirements { max_planned: 3, max_possible: 3, max_duration: 15 * SECOND });
}

/// The default graceful stop keeps back-to-back scenarios apart, as in k6.
#[test]
fn a_vu_that_may_be_busy_serves_nobody_else() {
    let (lanes, needs) = of(&[constant(0, 30, 3, 10), constant(10, 30, 2, 10)]);
    assert_eq!((lanes.len(), needs.max_planned), (5, 5));
}

#[test]
fn vus_are_set_aside_for_arrivals_and_for_somebody_outside() {
    let arrivals = ScenarioOptions {
        rate: Some(10),
        pre_allocated_vus: Some(2),
        max_vus: Some(9),
        ..options(ExecutorKind::ConstantArrivalRate, 1, 2, 1, 10)
    };
    let outside = ScenarioOptions {
        graceful_stop: None,
        max_vus: Some(2),
        ..options(ExecutorKind::ExternallyControlled, 0, 0, 1, 0)
    };
    let (lanes, needs) = of(&[work(&arrivals), work(&outside)]);
    let turns: Vec<_> = lanes.into_iter().flat_map(|lane| lane.turns).collect();
    let turn = |scenario, start, end, task| Turn { scenario, start, end, task };
    let end = Some(13 * SECOND);
    assert_eq!(
        turns,
        [
            turn(1, Duration::ZERO, None, Task::Follow { slot: 0 }),
            turn(1, Duration::ZERO, None, Task::Follow { slot: 1 }),
            turn(0, SECOND, end, Task::Serve),
            turn(0, SECOND, end, Task::Serve),
        ]
    );
    assert_eq!(needs, Requirements { max_planned: 4, max_possible: 11, max_duration: 13 * SECOND });
}

#[test]
fn a_hundred_thousand_vus_are_no_burden() {
    let stage = |seconds, target| StageOptions {
        duration: Some(jiff::SignedDuration::from_secs(seconds)),
        target: Some(target),
    };
    let ramp = ScenarioOptions {
        stages: Some(vec![stage(60, 100_000), stage(60, 0), stage(60, 100_000), stage(60, 0)]),
        graceful_ramp_down: Some(jiff::SignedDuration::ZERO),
        duration: None,
        ..options(ExecutorKind::RampingVus, 0, 0, 1, 1)
    };
    let (lanes, needs) = of(&[work(&ramp)]);
    assert_eq!((lanes.len(), needs.max_planned), (100_000, 100_000));
}

fn scenarios() -> impl Strategy<Value = Vec<ScenarioOptions>> {
    let kind = prop::sample::select(&ExecutorKind::ALL[..]);
    let times = (0..8_i64, 0..4_i64, 1..6_i64);
    let stages = prop::collection::vec((0..4_i64, 0..6_i64), 1..6);
    let scenario = (kind, times, 1..6_i64, 0..3_i64, 0..4_i64, stages);
    let scenario =
        scenario.prop_map(|(kind, (start, grace, duration), vus, more, down, stages)| {
            let seconds = |seconds| Some(jiff::SignedDuration::from_secs(seconds));
            let stages = stages.into_iter();
            ScenarioOptions {
                iterations: Some(9),
                max_duration: seconds(duration),
                rate: Some(5),
                pre_allocated_vus: Some(vus),
                max_vus: Some(vus + more),
                graceful_stop: seconds(grace)
                    .filter(|_| kind != ExecutorKind::ExternallyControlled),
                graceful_ramp_down: seconds(down),
                stages: Some(
                    stages
                        .map(|(time, target)| StageOptions {
                            duration: seconds(time),
                            target: Some(target),
                        })
                        .collect(),
                ),
                ..options(kind, start, grace, vus, duration)
            }
        });
    prop::collection::vec(scenario, 1..6)
}

proptest! {
    #[test]
    fn there_are_as_many_lanes_as_planned_vus(scenarios in scenarios()) {
        let works: Vec<_> = scenarios.iter().map(work).collect();
        let (lanes, needs) = of(&works);
        prop_assert_eq!(lanes.len() as u64, needs.max_planned);
        prop_assert!(needs.max_possible >= needs.max_planned);
        for lane in &lanes {
            for pair in lane.turns.windows(2) {
                prop_assert!(pair[0].end.is_some_and(|end| end <= pair[1].start));
            }
        }
        let turns = lanes.iter().flat_map(|lane| &lane.turns);
        let last = turns.filter_map(|turn| turn.end).max().unwrap_or_default();
        prop_assert!(last <= needs.max_duration);
    }
}
