//! `ramping-vus`: a number of VUs that changes from stage to stage loop.

use std::time::Duration;

use super::{
    Budget, Rules,
    checks::{Checks, MAX_VUS, Stage, length, named, peak},
    position::{Meter, Position, padded_of, time_fraction},
    schedule::Spacing,
    segment::Share,
    work::{Loops, Span, Stint, Work},
};
use crate::options::{
    duration::{GoDuration, fixed_width},
    scenario::ScenarioOptions,
};

const DEFAULT_GRACEFUL_RAMP_DOWN: Duration = Duration::from_secs(30);

/// Options of `ramping-vus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RampingVus {
    /// VUs at the start.
    pub start_vus: u64,
    /// The stretches of the ramp.
    pub stages: Vec<Stage>,
    /// How long iterations of VUs that the ramp takes away may go on.
    pub graceful_ramp_down: Duration,
}

/// From here on, so many VUs start iterations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    at: Duration,
    vus: u64,
}

impl RampingVus {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        let start_vus = options.start_vus.unwrap_or(1);
        let stages = options.stages.as_deref().unwrap_or_default();
        let targets = || stages.iter().map(|stage| stage.target.unwrap_or(0));
        checks.require(start_vus >= 0, "the number of start VUs can't be negative");
        checks.require(
            start_vus > 0 || targets().any(|target| target > 0),
            "either startVUs or one of the stages' target values must be greater than 0",
        );
        let checked = checks.stages(stages);
        let too_many = |vus: i64| vus > 0 && vus.unsigned_abs() > MAX_VUS;
        if too_many(start_vus) {
            checks.problem(format!("the startVUs exceed max limit of {MAX_VUS}"));
        }
        for (number, _) in (1..).zip(targets()).filter(|&(_, target)| too_many(target)) {
            checks.problem(format!("target for stage {number} exceeds max limit of {MAX_VUS}"));
        }
        let graceful_ramp_down = match options.graceful_ramp_down {
            // k6 does not mind, and takes it for none.
            Some(time) if time.is_negative() => Duration::ZERO,
            Some(time) => checks.limit_time("the gracefulRampDown", time),
            None => DEFAULT_GRACEFUL_RAMP_DOWN,
        };
        Self { start_vus: start_vus.unsigned_abs(), stages: checked, graceful_ramp_down }
    }

    /// Of all stages.
    fn duration(&self) -> Duration {
        length(&self.stages)
    }

    /// This instance's part of the most VUs.
    fn peak(&self, share: &Share) -> u64 {
        share.scale(peak(self.start_vus, &self.stages))
    }

    /// How many VUs of this instance start iterations, each time that changes: the VU that is the
    /// n-th of all comes and goes when the ramp of all VUs passes n.
    fn steps(&self, share: &Share) -> Vec<Step> {
        let mut steps = vec![Step { at: Duration::ZERO, vus: share.scale(self.start_vus) }];
        let (mut from, mut end) = (self.start_vus, Duration::ZERO);
        for &Stage { duration, target } in &self.stages {
            end += duration;
            let (before, after) = (share.scale(from), share.scale(target));
            // How long before the end of the stage the ramp is `vus` away from its target.
            let ahead = |vus: u64| part(duration, vus, from.abs_diff(target));
            if duration.is_zero() {
                if before != after {
                    steps.push(Step { at: end, vus: after });
                }
            } else if target > from {
                steps.extend((before..after).map(|own| {
                    let number = share.global(own) + 1;
                    Step { at: end - ahead(target - number), vus: own + 1 }
                }));
            } else {
                steps.extend((after..before).rev().map(|own| {
                    let number = share.global(own) + 1;
                    Step { at: end - ahead(number - 1 - target), vus: own }
                }));
            }
            from = target;
        }
        steps
    }

    /// The working times of this instance's VUs. The ramp takes away first who came last.
    ///
    /// A VU that it takes away is kept as long as an iteration may go on, and works on if it is
    /// wanted again until then. (k6 forgets some of those that it kept when several are taken away
    /// at one instant and only a part of them is wanted again.)
    fn stints(&self, share: &Share, graceful_stop: Duration) -> Vec<Stint> {
        let end = self.duration();
        let cut = end + graceful_stop;
        let mut stints = Vec::new();
        // The last stint of each slot; those in the first `working` slots are not over.
        let mut slots: Vec<Stint> = Vec::new();
        let mut working = 0;
        for step in self.steps(share) {
            let wanted = step.vus as usize;
            for slot in working..wanted {
                let span = Span { start: step.at, stop: end };
                match slots.get_mut(slot) {
                    None => slots.push(Stint { spans: vec![span], cut }),
                    Some(stint) if step.at <= stint.cut => {
                        stint.spans.push(span);
                        stint.cut = cut;
                    }
                    Some(stint) => {
                        let next = Stint { spans: vec![span], cut };
                        stints.push((slot, std::mem::replace(stint, next)));
                    }
                }
            }
            for stint in slots.iter_mut().take(working).skip(wanted) {
                if let Some(span) = stint.spans.last_mut() {
                    span.stop = step.at;
                }
                stint.cut = cut.min(step.at + self.graceful_ramp_down);
            }
            working = wanted;
        }
        stints.extend(slots.into_iter().enumerate());
        stints.sort_by_key(|(slot, stint)| (stint.start(), *slot));
        stints.into_iter().map(|(_, stint)| stint).collect()
    }
}

/// `count` of `total` equal parts of a duration, to the nanosecond below.
fn part(duration: Duration, count: u64, total: u64) -> Duration {
    // Less than a hundred years times less than 2^27.
    Duration::from_nanos_u128(duration.as_nanos() * u128::from(count) / u128::from(total))
}

impl Rules for RampingVus {
    fn summary(&self, share: &Share) -> String {
        format!(
            "Up to {} looping VUs for {} over {} stages",
            self.peak(share),
            GoDuration(self.duration()),
            self.stages.len()
        )
    }

    fn fact(&self, _: &Share) -> Option<String> {
        Some(format!("gracefulRampDown: {}", GoDuration(self.graceful_ramp_down)))
    }

    fn stages(&self, share: &Share) -> Vec<(String, Duration)> {
        named(self.start_vus, &self.stages, |vus| format!("{} VUs", share.scale(vus)))
    }

    fn work(&self, share: &Share, graceful_stop: Duration, _: Spacing) -> Work {
        let stints = self.stints(share, graceful_stop);
        Work::Loops(Loops { stints, budget: Budget::Unlimited })
    }

    fn meter(&self, share: &Share) -> Meter {
        let peak = self.peak(share);
        // Iterations start until the last VU is taken away, which may be before the last stage.
        let duration = match self.steps(share).last() {
            Some(Step { at, vus: 0 }) => *at,
            _ => self.duration(),
        };
        Meter::new(move |moment| {
            let time = match moment.elapsed > duration {
                true => GoDuration(duration).to_string(),
                false => {
                    let [spent, all] =
                        [moment.elapsed, duration].map(|time| fixed_width(time, duration));
                    format!("{spent}/{all}")
                }
            };
            Position {
                fraction: time_fraction(moment.elapsed, duration),
                columns: vec![format!("{} VUs", padded_of(moment.active_vus, peak)), time],
            }
        })
    }
}

#[cfg(test)]
mod tests;
