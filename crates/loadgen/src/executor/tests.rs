use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn constant(vus: i64, duration: Duration) -> ConstantVus {
    ConstantVus { vus, duration, graceful_stop: DEFAULT_GRACEFUL_STOP }
}

fn shared(vus: i64, iterations: i64) -> SharedIterations {
    SharedIterations {
        vus,
        iterations,
        max_duration: DEFAULT_MAX_DURATION,
        graceful_stop: DEFAULT_GRACEFUL_STOP,
    }
}

fn per_vu(vus: i64, iterations: i64) -> PerVuIterations {
    PerVuIterations {
        vus,
        iterations,
        max_duration: DEFAULT_MAX_DURATION,
        graceful_stop: DEFAULT_GRACEFUL_STOP,
    }
}

#[test]
fn descriptions_are_k6s() {
    let cases = [
        (
            Executor::ConstantVus(constant(10, 30 * SECOND)),
            "10 looping VUs for 30s (gracefulStop: 30s)",
        ),
        (
            Executor::SharedIterations(shared(2, 10)),
            "10 iterations shared among 2 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
        ),
        (
            Executor::PerVuIterations(PerVuIterations {
                graceful_stop: Duration::ZERO,
                ..per_vu(2, 4)
            }),
            "4 iterations for each of 2 VUs (maxDuration: 10m0s)",
        ),
        (
            Executor::ConstantVus(ConstantVus {
                graceful_stop: Duration::ZERO,
                ..constant(1, SECOND)
            }),
            "1 looping VUs for 1s",
        ),
    ];
    for (executor, want) in cases {
        assert_eq!(executor.describe(), want);
    }
}

#[test]
fn problems_are_all_named() {
    let problems = |executor: Executor| executor.problems().join(", ");
    assert_eq!(
        problems(Executor::ConstantVus(constant(0, SECOND / 2))),
        "the number of VUs must be more than 0, the duration must be at least 1s, but is 500ms"
    );
    assert_eq!(
        problems(Executor::SharedIterations(shared(3, 2))),
        "the number of iterations (2) can't be less than the number of VUs (3)"
    );
    assert_eq!(
        problems(Executor::PerVuIterations(PerVuIterations {
            max_duration: Duration::ZERO,
            ..per_vu(1, 0)
        })),
        "the number of iterations must be more than 0, the maxDuration must be at least 1s, but is 0s"
    );
    assert_eq!(problems(Executor::ConstantVus(constant(1, SECOND))), "");
}

#[test]
fn positions_count_time_or_iterations() {
    let looping = Executor::ConstantVus(constant(3, 20 * SECOND));
    let position = looping.position(5 * SECOND, 1_000);
    assert_eq!(
        (position.fraction, position.columns),
        (0.25, vec!["3 VUs".into(), "05.0s/20s".into()])
    );
    assert_eq!(looping.position(21 * SECOND, 0).columns[1], "20s");

    let common = Executor::SharedIterations(shared(2, 10));
    let position = common.position(1_200 * SECOND / 1_000, 7);
    assert_eq!(position.fraction, 0.7);
    assert_eq!(position.columns, ["2 VUs", "00m01.2s/10m0s", "07/10 shared iters"]);

    let each = Executor::PerVuIterations(per_vu(2, 4));
    assert_eq!(each.position(SECOND, 6).columns[2], "6/8 iters, 4 per VU");
}
