//! `externally-controlled`: VUs loop while somebody outside wants them to.

use std::time::Duration;

use super::{
    Rules,
    checks::Checks,
    position::{Meter, Position, padded_of, spent_of, time_fraction},
    schedule::Spacing,
    segment::Share,
    work::{External, Work},
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `externally-controlled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternallyControlled {
    /// VUs that loop at the start.
    pub vus: u64,
    /// VUs that exist at the start.
    pub max_vus: u64,
    /// When it ends, if it does by itself.
    pub duration: Option<Duration>,
}

impl ExternallyControlled {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        let vus = options.vus.unwrap_or(0);
        let max_vus = options.max_vus.unwrap_or(vus);
        checks.require(vus >= 0, "the number of VUs can't be negative");
        if max_vus < vus {
            checks.problem(format!(
                "the number of active VUs ({vus}) must be less than or equal to the number of maxVUs ({max_vus})"
            ));
        }
        let max_vus = checks.limit_vus("number of maxVUs", max_vus);
        let duration = match options.duration {
            None => {
                checks.problem("the duration must be specified, for infinite duration use 0");
                Duration::ZERO
            }
            Some(duration) => {
                checks.require(
                    !duration.is_negative(),
                    "the duration can't be negative, for infinite duration use 0",
                );
                checks.limit_time("the duration", duration)
            }
        };
        checks.require(
            options.graceful_stop.is_none(),
            "gracefulStop is not supported by the externally controlled executor",
        );
        let duration = (!duration.is_zero()).then_some(duration);
        Self { vus: vus.unsigned_abs(), max_vus, duration }
    }
}

impl Rules for ExternallyControlled {
    fn summary(&self, share: &Share) -> String {
        let (vus, max_vus) = (share.scale(self.vus), share.scale(self.max_vus));
        let duration =
            self.duration.map_or("infinite".into(), |duration| GoDuration(duration).to_string());
        format!(
            "Externally controlled execution with {vus} VUs, {max_vus} max VUs, {duration} duration"
        )
    }

    fn work(&self, share: &Share, _: Duration, _: Spacing) -> Work {
        Work::External(External {
            vus: share.scale(self.vus),
            max_vus: share.scale(self.max_vus),
            whole: (self.vus, self.max_vus),
            duration: self.duration,
        })
    }

    fn meter(&self, _: &Share) -> Meter {
        let duration = self.duration;
        Meter::new(move |moment| {
            let max_vus = moment.initialized_vus;
            let vus = format!("{} VUs", padded_of(moment.active_vus, max_vus));
            let (fraction, time) = match duration {
                Some(duration) => {
                    (time_fraction(moment.elapsed, duration), spent_of(moment.elapsed, duration))
                }
                None => (0.0, GoDuration(moment.elapsed).to_string()),
            };
            Position { fraction, columns: vec![vus, time] }
        })
    }
}
