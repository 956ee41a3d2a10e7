//! When a site sees the iterations of option files start.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use super::{
    cases::{self, Case, Seen},
    process::run,
    site::Site,
};

/// So many runs at once; none of them has much to do.
const AT_ONCE: usize = 4;

/// How far a start may be off on a machine that is busy with other things, in milliseconds.
const TOLERANCE: f64 = 150.0;

/// How far most of them may be off; closer than starts of any case lie to each other.
const TYPICAL: f64 = 30.0;

#[test]
fn iterations_start_when_the_plan_says() {
    let cases: Vec<_> = cases::all().collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    case.seen.iter().for_each(|seen| watch(case, seen));
                }
            });
        }
    });
}

/// A machine that is busy with other things may spoil a run, but hardly three in a row.
fn watch(case: &Case, seen: &Seen) {
    let attempts = (0..3).map(|_| attempt(case, seen));
    let flaws: Vec<_> = attempts.map_while(Result::err).collect();
    assert!(flaws.len() < 3, "{}: {flaws:#?}", case.name);
}

/// Runs the case once; what is wrong with its starts is the error.
fn attempt(case: &Case, seen: &Seen) -> Result<(), String> {
    let site = Site::start(Duration::from_millis(seen.service_time));
    let ended = run(case.options, &site, &[]);
    assert_eq!(ended.code, 0, "{}: {}", case.name, ended.stderr);
    ended.assert_adds_up(&site);
    let starts = site.offsets();
    let late: Vec<_> = starts.iter().zip(seen.starts).map(|(is, due)| is - due).collect();
    // All are counted from the first, which may be late itself.
    let common = median(late.clone());
    let off: Vec<_> = late.iter().map(|late| (late - common).abs()).collect();
    let fits = starts.len() == seen.starts.len()
        && common.abs() <= TOLERANCE
        && off.iter().all(|off| *off <= TOLERANCE)
        && median(off) <= TYPICAL;
    if fits { Ok(()) } else { Err(format!("{starts:?}")) }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
