use proptest::prelude::*;

use super::*;
use crate::executor::{Requirement, tests::shares};

const SECOND: Duration = Duration::from_secs(1);

/// Stages as pairs of tenths of a second and target.
fn ramp(start_vus: u64, stages: &[(u64, u64)], ramp_down: Duration) -> RampingVus {
    let stages = stages
        .iter()
        .map(|&(tenths, target)| Stage { duration: Duration::from_millis(tenths * 100), target });
    RampingVus { start_vus, stages: stages.collect(), graceful_ramp_down: ramp_down }
}

/// `1.5:3`, for each time a number of VUs changes.
fn text(steps: impl IntoIterator<Item = (Duration, u64)>) -> String {
    let step = |(at, vus): (Duration, u64)| format!("{}:{vus}", at.as_nanos() as f64 / 1e9);
    steps.into_iter().map(step).collect::<Vec<_>>().join(" ")
}

fn raw(ramp: &RampingVus, share: &Share) -> String {
    text(ramp.steps(share).into_iter().map(|step| (step.at, step.vus)))
}

fn loops(ramp: &RampingVus, share: &Share, graceful_stop: Duration) -> Loops {
    match ramp.work(share, graceful_stop, Spacing::Even) {
        Work::Loops(loops) => loops,
        other => panic!("{other:?}"),
    }
}

fn reserved(ramp: &RampingVus, graceful_stop: Duration) -> String {
    let requirement = Work::Loops(loops(ramp, &Share::whole(), graceful_stop)).requirement();
    text(requirement.into_iter().map(|step| (step.at, step.planned)))
}

fn worked_example(ramp_down: u64) -> RampingVus {
    let stages = [(20, 6), (50, 1), (40, 5), (40, 1), (30, 4), (20, 4), (0, 1), (30, 1)];
    ramp(4, &stages, SECOND * ramp_down as u32)
}

#[test]
fn vus_come_and_go_one_by_one() {
    assert_eq!(
        raw(&worked_example(30), &Share::whole()),
        "0:4 1:5 2:6 3:5 4:4 5:3 6:2 7:1 8:2 9:3 10:4 11:5 12:4 13:3 14:2 15:1 16:2 17:3 18:4 20:1"
    );
}

#[test]
fn vus_are_set_aside_as_long_as_they_may_be_busy() {
    for (graceful_stop, want) in [
        (30, "0:4 1:5 2:6 33:5 42:4 50:1 53:0"),
        (80, "0:4 1:5 2:6 33:5 42:4 50:1 103:0"),
        (3, "0:4 1:5 2:6 26:0"),
        (0, "0:4 1:5 2:6 23:0"),
    ] {
        assert_eq!(reserved(&worked_example(30), graceful_stop * SECOND), want);
    }
    assert_eq!(
        reserved(&worked_example(0), 30 * SECOND),
        "0:4 1:5 2:6 3:5 4:4 5:3 6:2 7:1 8:2 9:3 10:4 11:5 12:4 13:3 14:2 15:1 16:2 17:3 18:4 20:1 \
         53:0"
    );
}

/// Trap 08: it is not given another one.
#[test]
fn a_slot_that_is_wanted_again_in_time_keeps_its_vu() {
    let second = |from: u32, to: u32| Span { start: from * SECOND, stop: to * SECOND };
    // Up to 2, one taken away at 2 s, wanted again at 4 s.
    let stages = [(10, 2), (10, 1), (10, 1), (10, 2), (20, 2)];
    let kept = loops(&ramp(1, &stages, 2 * SECOND), &Share::whole(), SECOND);
    let stint = |spans: Vec<Span>, cut| Stint { spans, cut: cut * SECOND };
    assert_eq!(
        kept.stints,
        [stint(vec![second(0, 6)], 7), stint(vec![second(1, 2), second(4, 6)], 7)]
    );
    // With less time to end its iteration it is free in between.
    let freed = loops(&ramp(1, &stages, SECOND), &Share::whole(), SECOND);
    assert_eq!(
        freed.stints,
        [stint(vec![second(0, 6)], 7), stint(vec![second(1, 2)], 3), stint(vec![second(4, 6)], 7)]
    );
}

/// Trap 06: the ramp ends with its last VU, not with its last stage.
#[test]
fn stages_without_vus_at_the_end_are_left_out() {
    let ramp = ramp(1, &[(10, 3), (10, 0), (30, 0)], 30 * SECOND);
    assert_eq!(raw(&ramp, &Share::whole()), "0:1 0.5:2 1:3 1.333333334:2 1.666666667:1 2:0");
    let work = ramp.work(&Share::whole(), 30 * SECOND, Spacing::Even);
    assert_eq!(work.duration(), Some(2 * SECOND));
    assert_eq!(
        work.requirement().last(),
        Some(&Requirement { at: 32 * SECOND, planned: 0, unplanned: 0 })
    );
}

/// Trap 08: the first one goes only after its part of the stage, and the last to come goes first.
#[test]
fn a_ramp_down_takes_the_highest_slot_first() {
    let loops = loops(&ramp(2, &[(20, 0)], Duration::ZERO), &Share::whole(), SECOND);
    let stops: Vec<_> = loops.stints.iter().map(Stint::stop).collect();
    assert_eq!(stops, [2 * SECOND, SECOND]);
}

#[test]
fn instances_take_the_steps_of_their_own_vus() {
    let ramp = ramp(0, &[(100, 10), (50, 0)], 30 * SECOND);
    let steps: Vec<_> = shares("0,1/3,2/3,1").iter().map(|share| raw(&ramp, share)).collect();
    assert_eq!(
        steps,
        [
            "0:0 1:1 4:2 7:3 10:4 10.5:3 12:2 13.5:1 15:0",
            "0:0 2:1 5:2 8:3 11.5:2 13:1 14.5:0",
            "0:0 3:1 6:2 9:3 11:2 12.5:1 14:0"
        ]
    );
}

#[test]
fn a_vu_that_goes_when_it_comes_is_set_aside_for_its_grace_only() {
    let up_and_down = [(0, 3), (0, 1), (10, 1)];
    assert_eq!(reserved(&ramp(1, &up_and_down, SECOND / 2), SECOND), "0:3 0.5:1 2:0");
    assert_eq!(reserved(&ramp(1, &up_and_down, Duration::ZERO), SECOND), "0:1 2:0");
}

/// The rule of k6 for VUs that may be busy, step by step. None where it goes back in time: when
/// several VUs are taken away at one instant and only a part of them is wanted again within their
/// grace.
fn k6_reserved(ramp: &RampingVus, graceful_stop: Duration) -> Option<Vec<(Duration, u64)>> {
    let raw = ramp.steps(&Share::whole());
    let end = ramp.duration() + graceful_stop;
    let grace = ramp.graceful_ramp_down;
    let mut steps: Vec<(Duration, u64)> = Vec::new();
    let mut number = 0;
    while let Some(step) = raw.get(number) {
        number += 1;
        let last = steps.last().map(|step| step.1);
        if grace.is_zero() || last.is_none_or(|last| step.vus > last) {
            steps.push((step.at, step.vus));
        } else if let Some(last) = last
            && step.vus < last
        {
            let again = raw[number..]
                .iter()
                .take_while(|later| later.at <= step.at + grace)
                .position(|later| later.vus >= last);
            match again {
                Some(skipped) => number += skipped,
                None if step.at + grace >= end => break,
                None => steps.push((step.at + grace, step.vus)),
            }
        }
    }
    if steps.last().is_some_and(|step| step.1 > 0) {
        steps.push((end, 0));
    }
    steps.is_sorted_by_key(|step| step.0).then_some(steps)
}

/// What counts after all that happens at the same instant, each time that changes.
fn settled(steps: impl IntoIterator<Item = (Duration, u64)>) -> Vec<(Duration, u64)> {
    let steps: Vec<_> = steps.into_iter().collect();
    let instants = steps.chunk_by(|a, b| a.0 == b.0).filter_map(<[_]>::last).copied();
    let mut settled: Vec<_> = instants.collect();
    settled.dedup_by_key(|step| step.1);
    settled.into_iter().skip_while(|step| step.1 == 0).collect()
}

fn ramps() -> impl Strategy<Value = RampingVus> {
    let stage = (prop_oneof![Just(0_u64), 1..40_u64], 0..9_u64);
    let stages = prop::collection::vec(stage, 1..8);
    let ramp_down = prop_oneof![Just(0_u64), 1..60_u64];
    (0..9_u64, stages, ramp_down).prop_map(|(start, stages, ramp_down)| {
        ramp(start, &stages, Duration::from_millis(ramp_down * 100))
    })
}

proptest! {
    #[test]
    fn as_many_vus_are_set_aside_as_by_k6(ramp in ramps(), stop in 0..60_u64) {
        let graceful_stop = Duration::from_millis(stop * 100);
        if let Some(k6) = k6_reserved(&ramp, graceful_stop) {
            let own = Work::Loops(loops(&ramp, &Share::whole(), graceful_stop)).requirement();
            prop_assert_eq!(settled(own.into_iter().map(|step| (step.at, step.planned))), settled(k6));
        }
    }

    #[test]
    fn as_many_vus_work_as_the_ramp_says(ramp in ramps(), stop in 0..60_u64) {
        let loops = loops(&ramp, &Share::whole(), Duration::from_millis(stop * 100));
        let steps = settled(ramp.steps(&Share::whole()).iter().map(|step| (step.at, step.vus)));
        let spans = || loops.stints.iter().flat_map(|stint| &stint.spans);
        for (at, vus) in steps {
            if at < ramp.duration() {
                let open = spans().filter(|span| span.start <= at && at < span.stop).count();
                prop_assert_eq!(open as u64, vus, "at {:?}", at);
            }
        }
        for stint in &loops.stints {
            let times = stint.spans.iter().flat_map(|span| [span.start, span.stop]);
            prop_assert!(times.chain([stint.cut]).is_sorted());
        }
    }

    #[test]
    fn together_the_instances_are_the_whole_ramp(ramp in ramps()) {
        let at = |steps: &[Step], time| {
            steps.iter().take_while(|step| step.at <= time).last().map_or(0, |step| step.vus)
        };
        let whole = ramp.steps(&Share::whole());
        let parts: Vec<_> =
            shares("0,1/5,1/2,1").iter().map(|share| ramp.steps(share)).collect();
        for Step { at: time, .. } in parts.iter().flatten().chain(&whole) {
            let sum: u64 = parts.iter().map(|steps| at(steps, *time)).sum();
            prop_assert_eq!(sum, at(&whole, *time));
        }
    }
}
