//! How far a run is, for its readers.

use std::{sync::atomic::Ordering, time::Duration};

use super::{board::Standing, crew::Crew, site::Scenario};
use crate::{
    executor::{Budget, Moment, Position, Work},
    plan::Plan,
    run_event::{Progress, ScenarioProgress, ScenarioStatus},
};

/// The state `elapsed` after the scenarios' clocks began; `ended` is whether the run was cut short,
/// once it has ended.
pub(super) fn progress(
    plan: &Plan,
    crew: &Crew,
    elapsed: Duration,
    ended: Option<bool>,
) -> Progress {
    let mut whole = Progress {
        elapsed,
        active_vus: crew.active_vus(),
        initialized_vus: crew.existing_vus(),
        complete: 0,
        interrupted: 0,
        scenarios: Vec::new(),
    };
    for (place, scenario) in plan.scenarios.iter().enumerate() {
        let standing = crew.standing(place);
        whole.complete += standing.complete;
        whole.interrupted += standing.interrupted;
        let own = elapsed.saturating_sub(scenario.start_time);
        let position = match elapsed < scenario.start_time {
            true => Position::waiting(scenario.start_time - elapsed, scenario.start_time),
            false => crew.meters[place].read(Moment {
                elapsed: own,
                complete: standing.complete,
                active_vus: standing.active,
                initialized_vus: existing(&crew.scenarios[place], standing),
            }),
        };
        let work = &crew.scenarios[place].work;
        let duration = work.duration();
        let may_end_early =
            matches!(&**work, Work::Loops(loops) if loops.budget != Budget::Unlimited);
        let is_over = elapsed > scenario.start_time
            && standing.engaged == 0
            && (may_end_early && standing.started() > 0
                || duration.is_some_and(|duration| own > duration));
        let status = match ended {
            Some(true) => ScenarioStatus::Interrupted,
            _ if elapsed < scenario.start_time => ScenarioStatus::Waiting,
            _ if is_over || ended.is_some() => match position.fraction < 1.0 {
                true => ScenarioStatus::Interrupted,
                false => ScenarioStatus::Done,
            },
            _ if duration.is_some_and(|duration| own >= duration) => ScenarioStatus::Stopping,
            _ => ScenarioStatus::Running,
        };
        whole.scenarios.push(ScenarioProgress {
            name: scenario.name.clone(),
            status,
            fraction: position.fraction,
            columns: position.columns,
        });
    }
    whole
}

/// Notes of scenarios that are over how long after the clocks' begin that was first seen.
pub(super) fn note_ends(ends: &mut [Option<Duration>], progress: &Progress) {
    for (end, scenario) in ends.iter_mut().zip(&progress.scenarios) {
        if matches!(scenario.status, ScenarioStatus::Done | ScenarioStatus::Interrupted) {
            end.get_or_insert(progress.elapsed);
        }
    }
}

/// VUs that a scenario has.
fn existing(scenario: &Scenario, standing: Standing) -> u64 {
    match &*scenario.work {
        Work::Arrivals(arrivals) => arrivals.max_vus - scenario.unplanned.load(Ordering::Relaxed),
        Work::Loops(_) | Work::External(_) => standing.engaged,
    }
}
