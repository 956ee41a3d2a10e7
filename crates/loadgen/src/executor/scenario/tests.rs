use jiff::SignedDuration;

use super::*;
use crate::{
    executor::{
        MAX_TIME, Moment, Requirements,
        tests::{options, seconds, stage},
    },
    options::scenario::StageOptions,
};

fn problems(options: &ScenarioOptions) -> String {
    Scenario::new("name", options).expect_err("unusable options").to_string()
}

/// In k6's order: what all scenarios have first, then what the executor has.
#[test]
fn problems_are_all_named() {
    let minus = seconds(-5);
    let bad = |kind| ScenarioOptions {
        start_time: minus,
        graceful_stop: minus,
        exec: Some(String::new()),
        vus: Some(-1),
        iterations: Some(-2),
        duration: minus,
        max_duration: Some(SignedDuration::from_millis(999)),
        start_vus: Some(-1),
        start_rate: Some(-1),
        rate: Some(0),
        time_unit: seconds(0),
        pre_allocated_vus: Some(-1),
        max_vus: Some(-2),
        stages: Some(vec![
            StageOptions::default(),
            StageOptions { duration: minus, target: Some(-1) },
        ]),
        ..options(kind)
    };
    let all = ExecutorKind::ALL.map(|kind| {
        let Problems(problems) = Scenario::new("a b", &bad(kind)).expect_err("unusable options");
        format!("{}:\n  {}\n", kind.as_str(), problems.join("\n  "))
    });
    insta::assert_snapshot!(all.join(""), @r"
    shared-iterations:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the number of VUs must be more than 0
      the number of iterations (-2) can't be less than the number of VUs (-1)
      the maxDuration must be at least 1s, but is 999ms
    per-vu-iterations:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the number of VUs must be more than 0
      the number of iterations must be more than 0
      the maxDuration must be at least 1s, but is 999ms
    constant-vus:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the number of VUs must be more than 0
      the duration must be at least 1s, but is -5s
    ramping-vus:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the number of start VUs can't be negative
      either startVUs or one of the stages' target values must be greater than 0
      stage 1 doesn't have a duration
      stage 1 doesn't have a target
      the duration for stage 2 can't be negative
      the target for stage 2 can't be negative
    constant-arrival-rate:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the iteration rate must be more than 0
      the timeUnit must be more than 0
      the duration must be at least 1s, but is -5s
      the number of preAllocatedVUs can't be negative
      maxVUs can't be less than preAllocatedVUs
    ramping-arrival-rate:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the startRate value can't be negative
      the timeUnit must be more than 0
      stage 1 doesn't have a duration
      stage 1 doesn't have a target
      the duration for stage 2 can't be negative
      the target for stage 2 can't be negative
      the number of preAllocatedVUs can't be negative
      maxVUs can't be less than preAllocatedVUs
    externally-controlled:
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      exec value cannot be empty
      the startTime can't be negative
      the gracefulStop timeout can't be negative
      the number of VUs can't be negative
      the number of active VUs (-1) must be less than or equal to the number of maxVUs (-2)
      the duration can't be negative, for infinite duration use 0
      gracefulStop is not supported by the externally controlled executor
    ");
}

#[test]
fn what_is_missing_is_named() {
    let all = ExecutorKind::ALL.map(|kind| {
        let problems = Scenario::new("", &options(kind)).expect_err("no name").0;
        format!("{}:\n  {}\n", kind.as_str(), problems.join("\n  "))
    });
    insta::assert_snapshot!(all.join(""), @r"
    shared-iterations:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
    per-vu-iterations:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
    constant-vus:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      the duration is unspecified
    ramping-vus:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      at least one stage has to be specified
    constant-arrival-rate:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      the iteration rate isn't specified
      the duration is unspecified
      the number of preAllocatedVUs isn't specified
    ramping-arrival-rate:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      at least one stage has to be specified
      the number of preAllocatedVUs isn't specified
    externally-controlled:
      scenario name can't be empty
      the scenario name should contain only numbers, latin letters, underscores, and dashes
      the duration must be specified, for infinite duration use 0
    ");
}

#[test]
fn what_is_too_much_is_refused() {
    let shared = |vus, iterations| ScenarioOptions {
        vus: Some(vus),
        iterations: Some(iterations),
        ..options(ExecutorKind::SharedIterations)
    };
    assert_eq!(
        problems(&shared(3, 2)),
        "the number of iterations (2) can't be less than the number of VUs (3)"
    );
    assert_eq!(
        problems(&shared(i64::MAX, i64::MAX)),
        "the number of VUs is 9223372036854775807; allowed is 100000000 at most"
    );
    let forever = Some(SignedDuration::MAX);
    let ramp = ScenarioOptions {
        start_vus: Some(100_000_001),
        stages: Some(vec![stage(forever, 100_000_001)]),
        graceful_ramp_down: forever,
        ..options(ExecutorKind::RampingVus)
    };
    insta::assert_snapshot!(problems(&ramp).replace(", ", "\n"), @r"
    the duration for stage 1 is 2562047788015215h30m7.999999999s; allowed is 876000h0m0s at most
    the startVUs exceed max limit of 100000000
    target for stage 1 exceeds max limit of 100000000
    the gracefulRampDown is 2562047788015215h30m7.999999999s; allowed is 876000h0m0s at most
    ");
    let century = seconds(MAX_TIME.as_secs() as i64);
    let ramp = ScenarioOptions {
        stages: Some(vec![stage(century, 1), stage(century, 1)]),
        ..options(ExecutorKind::RampingVus)
    };
    assert_eq!(
        problems(&ramp),
        "the duration of all stages is 1752000h0m0s; allowed is 876000h0m0s at most"
    );
    let arrivals = ScenarioOptions {
        rate: Some(1_000_000_001),
        duration: seconds(1),
        pre_allocated_vus: Some(0),
        ..options(ExecutorKind::ConstantArrivalRate)
    };
    assert_eq!(
        problems(&arrivals),
        "the iteration rate is 1000000001 in 1s; allowed is one in a nanosecond at most"
    );
}

/// The largest numbers that are allowed overflow nowhere.
#[test]
fn what_is_just_allowed_is_worked_out() {
    let century = seconds(MAX_TIME.as_secs() as i64);
    let most = |kind| ScenarioOptions {
        start_time: century,
        graceful_stop: century.filter(|_| kind != ExecutorKind::ExternallyControlled),
        vus: Some(3),
        iterations: Some(i64::MAX),
        duration: century,
        max_duration: century,
        start_vus: Some(0),
        graceful_ramp_down: century,
        rate: Some(MAX_TIME.as_nanos() as i64),
        start_rate: Some(MAX_TIME.as_nanos() as i64),
        time_unit: century,
        pre_allocated_vus: Some(5),
        max_vus: Some(100_000_000),
        stages: Some(vec![stage(century, 1_000)]),
        ..options(kind)
    };
    for kind in ExecutorKind::ALL {
        let scenario = Scenario::new("name", &most(kind)).expect("all is allowed");
        let work = scenario.work(&Share::whole(), Spacing::Even);
        let needs = Requirements::new([(scenario.start_time, &work)]);
        assert!(needs.max_duration >= 2 * MAX_TIME, "{kind:?}");
        let moment = Moment { elapsed: MAX_TIME, complete: u64::MAX, ..Moment::default() };
        assert_eq!(scenario.meter(&Share::whole()).read(moment).fraction, 1.0, "{kind:?}");
        if let Work::Arrivals(arrivals) = work {
            assert_eq!(arrivals.schedule.due_times().take(100).count(), 100);
        }
    }
}
