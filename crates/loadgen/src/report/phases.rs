//! Which stretches of a run differ from each other: setup, warm-up, stages or scenarios, teardown.
//!
//! A scenario's is from its planned start to its real end, to a tenth of a second. Stages are the
//! planned ones, as far as the run came.

use std::time::Duration;

use crate::{engine::Outcome, plan::Plan, summary::model::Phase};

/// See the module; in order of their start. Empty if the run is all of a piece.
pub(super) fn phases(outcome: &Outcome, plan: &Plan) -> Vec<Phase> {
    let begin = outcome.setup_took;
    let over = begin + outcome.scenarios_took;
    let planned = scenarios(outcome, plan).into_iter().filter_map(|(name, start, end)| {
        let (start, end) = (begin + start, begin.saturating_add(end).min(over));
        (start < end).then(|| phase(&name, start, end))
    });
    let warmup = (begin + Duration::from_secs(plan.warmup)).min(over);
    let asides = [
        phase("setup", Duration::ZERO, begin),
        phase("warm-up", begin, warmup),
        phase("teardown", over, outcome.duration),
    ];
    // A run that was held has no teardown just because its duration is less than its clock says.
    let asides = asides.into_iter().filter(|phase| phase.end - phase.start > 1e-3);
    let mut phases: Vec<_> = asides.chain(planned).collect();
    phases.sort_by(|a, b| a.start.total_cmp(&b.start));
    phases
}

/// Name, start and end of each scenario, or of the stages of the only one.
fn scenarios(outcome: &Outcome, plan: &Plan) -> Vec<(String, Duration, Duration)> {
    if let [only] = &plan.scenarios[..] {
        let mut end = only.start_time;
        let stages = only.stages(&plan.share).into_iter().map(|(name, took)| {
            let start = end;
            end += took;
            (name, start, end)
        });
        return stages.collect();
    }
    let scenarios = plan.scenarios.iter().zip(&outcome.scenario_ends).map(|(scenario, end)| {
        (scenario.name.clone(), scenario.start_time, end.unwrap_or(Duration::MAX))
    });
    scenarios.collect()
}

fn phase(name: &str, start: Duration, end: Duration) -> Phase {
    Phase { name: name.into(), start: start.as_secs_f64(), end: end.as_secs_f64() }
}
