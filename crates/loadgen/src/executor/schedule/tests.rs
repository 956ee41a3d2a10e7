use proptest::prelude::*;

use super::*;
use crate::executor::tests::shares;

const SECOND: Duration = Duration::from_secs(1);

fn constant(rate: u64, duration: Duration) -> Schedule {
    let own = Some(Share::whole());
    Schedule::constant(rate, SECOND, duration, own, Spacing::Even)
}

/// Stages as pairs of milliseconds and target.
fn ramping(start_rate: u64, stages: &[(u64, u64)], share: Option<Share>) -> Schedule {
    let stages: Vec<_> = stages
        .iter()
        .map(|&(millis, target)| Stage { duration: Duration::from_millis(millis), target })
        .collect();
    Schedule::ramping(start_rate, SECOND, &stages, share, Spacing::Even)
}

fn nanos(schedule: &Schedule) -> Vec<u128> {
    schedule.due_times().map(|due| due.as_nanos()).collect()
}

fn millis(schedule: &Schedule) -> Vec<u128> {
    schedule.due_times().map(|due| (due.as_nanos() + 500_000) / 1_000_000).collect()
}

/// Trap 01, trap 03: a constant rate begins at once and goes on through the last instant; a ramp never
/// begins at once.
#[test]
fn a_constant_rate_begins_at_once_and_a_ramp_does_not() {
    let tenths: Vec<_> = (0..=10).map(|tenth| tenth * 100).collect();
    assert_eq!(millis(&constant(10, SECOND)), tenths);
    assert_eq!(millis(&ramping(10, &[(1_000, 10)], Some(Share::whole()))), tenths[1..]);
}

/// Trap 02: the period is whole nanoseconds.
#[test]
fn a_constant_period_is_cut_to_nanoseconds() {
    assert_eq!(nanos(&constant(7, SECOND))[..3], [0, 142_857_142, 285_714_284]);
    assert_eq!(nanos(&constant(7, SECOND)).last(), Some(&999_999_994));
    let minute = 60 * SECOND;
    let fifty = Schedule::constant(50, minute, minute, Some(Share::whole()), Spacing::Even);
    assert_eq!(nanos(&fifty)[1], 1_200_000_000);
}

#[test]
fn a_ramp_follows_the_area_under_its_rate() {
    let whole = || Some(Share::whole());
    let up = [632, 894, 1_095, 1_265, 1_414, 1_549, 1_673, 1_789, 1_897, 2_000];
    assert_eq!(millis(&ramping(0, &[(2_000, 10)], whole())), up);
    let then_slow = ramping(0, &[(2_000, 10), (0, 2), (2_000, 2)], whole());
    assert_eq!(millis(&then_slow)[10..], [2_500, 3_000, 3_500, 4_000]);
    assert_eq!(nanos(&ramping(0, &[(2_000, 0)], whole())), []);
}

#[test]
fn due_times_are_k6s_to_the_nanosecond() {
    let stages = [(5_000, 1), (1_000, 1), (5_000, 0)];
    assert_eq!(
        nanos(&ramping(0, &stages, Some(Share::whole()))),
        [3_162_277_660, 4_472_135_954, 5_499_999_999, 6_527_864_045, 7_837_722_339, 11_000_000_000]
    );
    let parts = shares("0,1/3,2/3,1").into_iter();
    let parts: Vec<_> = parts.map(|share| nanos(&ramping(0, &stages, Some(share)))).collect();
    assert_eq!(
        parts,
        [
            [3_162_277_660, 6_527_864_045],
            [4_472_135_954, 7_837_722_339],
            [5_499_999_999, 11_000_000_000]
        ]
    );
}

#[test]
fn an_instance_without_a_vu_starts_nothing() {
    assert_eq!(nanos(&ramping(10, &[(1_000, 10)], None)), []);
    assert_eq!(ramping(10, &[(1_000, 10)], None).rate_at(SECOND), 0.0);
}

/// As a run of k6 showed them each second.
#[test]
fn the_rate_is_that_of_the_last_two_due_times() {
    let schedule = ramping(1, &[(2_000, 10), (2_000, 3)], Some(Share::whole()));
    let shown = [1_000, 1_999, 3_000, 4_000, 9_000]
        .map(|millis| format!("{:05.2}", schedule.rate_at(Duration::from_millis(millis))));
    assert_eq!(shown, ["05.69", "09.77", "06.36", "03.50", "03.50"]);
    assert_eq!(ramping(0, &[(2_000, 0)], Some(Share::whole())).rate_at(SECOND), 0.0);
    assert_eq!(constant(4, SECOND).rate_at(SECOND / 2), 4.0);
}

#[test]
fn due_times_are_found_one_by_one_and_fast() {
    let century = Duration::from_secs(100 * 365 * 24 * 3_600);
    let mut due = constant(20_000, century).due_times();
    assert_eq!(due.nth(1_000_000), Some(50 * SECOND));
}

fn poisson(seed: u64, share: Share) -> Schedule {
    let spacing = Spacing::Poisson { seed };
    Schedule::constant(1_000, SECOND, 100 * SECOND, Some(share), spacing)
}

/// The first of them are written down: the same seed must mean the same in every version.
#[test]
fn random_arrivals_are_the_same_for_the_same_seed() {
    let micros = |seed| -> Vec<_> {
        poisson(seed, Share::whole()).due_times().take(5).map(|due| due.as_micros()).collect()
    };
    insta::assert_debug_snapshot!((micros(1), micros(2)), @r"
    (
        [
            1669,
            3044,
            3149,
            4520,
            4725,
        ],
        [
            1449,
            2219,
            3273,
            3620,
            4295,
        ],
    )
    ");
    assert_ne!(
        Spacing::Poisson { seed: 1 }.of_scenario("a"),
        Spacing::Poisson { seed: 1 }.of_scenario("b")
    );
}

/// In a Poisson process the mean of the gaps is also their standard deviation, and of all gaps a
/// part of 1/e is longer than the mean.
#[test]
fn random_arrivals_are_a_poisson_process() {
    let due: Vec<_> =
        poisson(7, Share::whole()).due_times().map(|due| due.as_secs_f64() * 1e3).collect();
    let gaps: Vec<_> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let deviation = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count).sqrt();
    let longer = gaps.iter().filter(|&&gap| gap > 1.0).count() as f64 / count;
    // Of 100,000 draws with a fixed seed; the bounds are five times the error to be expected.
    assert!((mean - 1.0).abs() < 0.016, "{mean}");
    assert!((deviation - 1.0).abs() < 0.025, "{deviation}");
    assert!((longer - (-1.0_f64).exp()).abs() < 0.008, "{longer}");
}

#[test]
fn together_the_random_arrivals_of_instances_are_the_whole() {
    let mut parts: Vec<_> =
        shares("0,1/5,1/2,1").into_iter().flat_map(|share| nanos(&poisson(3, share))).collect();
    parts.sort_unstable();
    assert_eq!(parts, nanos(&poisson(3, Share::whole())));
}

fn stages() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0..5_000_u64, 0..100_u64), 1..6)
}

proptest! {
    #[test]
    fn together_the_instances_are_the_whole(start in 0..50_u64, stages in stages(), vus in 3..40_u64) {
        let share = |share: Share| share.refit(vus).ok();
        let mut parts: Vec<_> = shares("0,1/5,1/2,1")
            .into_iter()
            .flat_map(|own| nanos(&ramping(start, &stages, share(own))))
            .collect();
        parts.sort_unstable();
        prop_assert_eq!(parts, nanos(&ramping(start, &stages, Some(Share::whole()))));
    }

    #[test]
    fn as_many_are_due_as_the_rate_says(start in 0..50_u64, stages in stages()) {
        let due = nanos(&ramping(start, &stages, Some(Share::whole())));
        let mut from = start;
        let area: u64 = stages.iter().map(|&(millis, to)| millis * (std::mem::replace(&mut from, to) + to)).sum();
        let expected = area as f64 / 2_000.0;
        prop_assert!((due.len() as f64 - expected).abs() <= 1.0, "{} of {expected}", due.len());
        prop_assert!(due.is_sorted());
        let end: u64 = stages.iter().map(|stage| stage.0).sum();
        prop_assert!(due.last().is_none_or(|&last| last <= u128::from(end) * 1_000_000));
    }

    #[test]
    fn the_rate_is_between_the_lowest_and_the_highest(start in 20..50_u64, millis in 0..3_000_u64) {
        let schedule = ramping(start, &[(1_000, 60), (1_000, 20)], Some(Share::whole()));
        let rate = schedule.rate_at(Duration::from_millis(millis));
        prop_assert!((19.9..=60.1).contains(&rate), "{rate}");
    }
}
