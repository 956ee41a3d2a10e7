//! How many VUs a test needs at what time, and how long it takes at most.

use std::time::Duration;

use super::work::{Arrivals, External, Loops, Work};

/// From here on, so many VUs are set aside for a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Time since the start of the scenario.
    pub at: Duration,
    /// VUs that exist before the test starts.
    pub planned: u64,
    /// VUs that may be made while it runs.
    pub unplanned: u64,
}

/// What all scenarios of a test need together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requirements {
    /// VUs that exist before the test starts.
    pub max_planned: u64,
    /// VUs that can exist, those included which may be made while it runs.
    pub max_possible: u64,
    /// When the last iteration is over at the latest. A scenario that has no end does not count.
    pub max_duration: Duration,
}

impl Work {
    /// The VUs that are set aside for it, each time that number changes.
    pub fn requirement(&self) -> Vec<Requirement> {
        match self {
            Self::Loops(loops) => of_loops(loops),
            Self::Arrivals(Arrivals { pre_allocated_vus, max_vus, cut, .. }) => vec![
                Requirement {
                    at: Duration::ZERO,
                    planned: *pre_allocated_vus,
                    unplanned: max_vus - pre_allocated_vus,
                },
                Requirement { at: *cut, planned: 0, unplanned: 0 },
            ],
            Self::External(External { max_vus, duration, .. }) => {
                let step = |at, planned| Requirement { at, planned, unplanned: 0 };
                [step(Duration::ZERO, *max_vus)]
                    .into_iter()
                    .chain(duration.map(|end| step(end, 0)))
                    .collect()
            }
        }
    }
}

fn of_loops(loops: &Loops) -> Vec<Requirement> {
    let begins = loops.stints.iter().map(|stint| (stint.start(), 1));
    let ends = loops.stints.iter().map(|stint| (stint.cut, -1));
    let mut changes: Vec<(Duration, i64)> = begins.chain(ends).collect();
    changes.sort_unstable_by_key(|&(at, _)| at);
    let mut planned = 0_u64;
    let mut steps = Vec::new();
    for instant in changes.chunk_by(|a, b| a.0 == b.0) {
        let change: i64 = instant.iter().map(|&(_, change)| change).sum();
        if change != 0 {
            planned = planned.saturating_add_signed(change);
            steps.push(Requirement { at: instant[0].0, planned, unplanned: 0 });
        }
    }
    steps
}

impl Requirements {
    /// Of scenarios that start at the given times.
    pub fn new<'a>(scenarios: impl IntoIterator<Item = (Duration, &'a Work)>) -> Self {
        let mut steps = Vec::new();
        let mut current = Vec::new();
        for (scenario, (start_time, work)) in scenarios.into_iter().enumerate() {
            let shifted = |step: Requirement| Requirement { at: start_time + step.at, ..step };
            steps.extend(work.requirement().into_iter().map(|step| (scenario, shifted(step))));
            current.push((0, 0));
        }
        steps.sort_by_key(|(_, step)| step.at);
        let mut total = Self::default();
        let (mut planned, mut possible) = (0, 0);
        // Who ends at an instant makes room for who starts then.
        for instant in steps.chunk_by(|a, b| a.1.at == b.1.at) {
            for (scenario, step) in instant {
                let now = (step.planned, step.planned + step.unplanned);
                let before = std::mem::replace(&mut current[*scenario], now);
                planned = planned + now.0 - before.0;
                possible = possible + now.1 - before.1;
                total.max_duration = step.at;
            }
            total.max_planned = total.max_planned.max(planned);
            total.max_possible = total.max_possible.max(possible);
        }
        total
    }
}
