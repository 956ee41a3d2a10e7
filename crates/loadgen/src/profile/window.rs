//! When a profile is taken: in the middle of the run, where the load is what it is meant to be.

use std::time::Duration;

use crate::{
    executor::{
        Budget,
        work::{Loops, Work},
    },
    plan::Plan,
};

/// The longest profile that is not asked for in so many words.
const LONGEST: u64 = 30;

/// Of a run that may end at any time: after this, for so long.
const SOON: Duration = Duration::from_secs(1);
const SHORT: u32 = 3;

/// A stretch of the run, counted from the start of the scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Duration,
    pub(super) seconds: u32,
}

/// A profile that would be longer than the run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a profile of {seconds} s is longer than the run, which takes {} s", planned.as_secs_f64())]
pub struct ProfileTooLong {
    /// What the profile was to have.
    pub seconds: u32,
    /// What the run has.
    pub planned: Duration,
}

impl Window {
    /// Of a run that takes this long, if that is known; for this many seconds, if somebody wants that.
    pub(super) fn of(
        planned: Option<Duration>,
        seconds: Option<u32>,
    ) -> Result<Self, ProfileTooLong> {
        let Some(planned) = planned else {
            return Ok(Self { start: SOON, seconds: seconds.unwrap_or(SHORT) });
        };
        let half = || (planned.as_secs() / 2).clamp(1, LONGEST) as u32;
        let wanted = seconds.unwrap_or_else(half);
        let length = Duration::from_secs(wanted.into());
        match seconds {
            Some(seconds) if length > planned => Err(ProfileTooLong { seconds, planned }),
            _ => Ok(Self { start: planned.saturating_sub(length) / 2, seconds: wanted }),
        }
    }

    /// How long it is.
    pub(super) fn length(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// Where it ends.
    pub(super) fn end(self) -> Duration {
        self.start.saturating_add(self.length())
    }
}

/// How long iterations are started, if time decides that; where their number does, nobody knows.
pub(super) fn planned(plan: &Plan) -> Option<Duration> {
    let scenarios = plan.scenarios.iter().zip(&plan.works);
    let ends = scenarios.filter_map(|(scenario, work)| {
        let took = match &**work {
            Work::Loops(Loops { budget, .. }) if *budget != Budget::Unlimited => None,
            work => work.duration(),
        };
        Some(scenario.start_time.saturating_add(took?))
    });
    ends.max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn window(seconds: f64, wanted: Option<u32>) -> String {
        match Window::of(Some(Duration::from_secs_f64(seconds)), wanted) {
            Ok(window) => format!("{:?} for {} s", window.start, window.seconds),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn it_is_half_of_the_run_in_its_middle() {
        assert_eq!(window(10.0, None), "2.5s for 5 s");
        assert_eq!(window(15.0, None), "4s for 7 s");
        assert_eq!(window(600.0, None), "285s for 30 s");
        assert_eq!(window(1.0, None), "0ns for 1 s");
        assert_eq!(window(0.3, None), "0ns for 1 s");
        assert_eq!(window(10.0, Some(2)), "4s for 2 s");
        assert_eq!(window(600.0, Some(60)), "270s for 60 s");
        assert_eq!(window(2.0, Some(2)), "0ns for 2 s");
        let longer = "a profile of 3 s is longer than the run, which takes 2.5 s";
        assert_eq!(window(2.5, Some(3)), longer);
        let unknown = |seconds| Window::of(None, seconds).map(|it| (it.start, it.seconds));
        assert_eq!(unknown(None), Ok((SOON, SHORT)));
        assert_eq!(unknown(Some(60)), Ok((SOON, 60)));
        assert!(Window::of(Some(Duration::MAX), Some(u32::MAX)).is_ok());
    }

    #[test]
    fn the_length_of_a_run_is_known_where_time_decides_it() {
        let planned = |options: &str| {
            let (options, _) = Options::from_json(options).expect("options");
            planned(&Plan::new(&options).expect("a plan")).map(|it| it.as_secs_f64())
        };
        let ramp = r#"{"duration": "4s", "target": 2}"#;
        let steady = r#"{"executor": "constant-vus", "duration": "5s", "startTime": "2s"}"#;
        let number = r#"{"executor": "shared-iterations", "maxDuration": "60s"}"#;
        assert_eq!(planned(r#"{"duration": "10s"}"#), Some(10.0));
        assert_eq!(planned(&format!(r#"{{"stages": [{ramp}, {ramp}]}}"#)), Some(8.0));
        assert_eq!(
            planned(&format!(r#"{{"scenarios": {{"a": {steady}, "b": {number}}}}}"#)),
            Some(7.0)
        );
        assert_eq!(planned(r#"{"iterations": 9, "duration": "10s"}"#), None);
        assert_eq!(planned("{}"), None);
    }
}
