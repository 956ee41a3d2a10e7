//! What the load is: scenarios, checked, and this instance's share of them.

use super::shortcuts::{self, ShortcutError};
use crate::{
    executor::{Problems, Requirements, Scenario, Share, Spacing, Work, segment::SegmentError},
    options::{Arrival, Options, scenario::ScenarioOptions},
};

/// What the load is.
#[derive(Debug, Clone)]
pub struct Load {
    /// By time of start and then by name.
    pub scenarios: Vec<Scenario>,
    /// The same as they were written, or as the shortcuts stand for them.
    pub written: Vec<(String, ScenarioOptions)>,
    /// Which part of them this instance runs.
    pub share: Share,
    /// How starts of arrival rates are spread.
    pub spacing: Spacing,
    /// What the author of the options should know.
    pub warnings: Vec<String>,
}

/// Why options make no load.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// They contradict each other.
    #[error(transparent)]
    Shortcut(#[from] ShortcutError),
    /// Scenarios cannot be run, for these reasons. k6's message, in one line.
    #[error("there were problems with the specified script configuration: {}", .0.join("; "))]
    Scenarios(Vec<String>),
    /// The instance's part of the test is none.
    #[error(transparent)]
    Segment(#[from] SegmentError),
}

impl Load {
    /// The load that options describe.
    ///
    /// # Errors
    ///
    /// Options that contradict each other; or all that is wrong with the scenarios; or a segment
    /// that is none of the sequence.
    pub fn new(options: &Options) -> Result<Self, LoadError> {
        let derived = shortcuts::derive(options)?;
        let share =
            Share::new(options.execution_segment, options.execution_segment_sequence.clone())?;
        let spacing = match options.arrival.unwrap_or_default() {
            Arrival::Regular => Spacing::Even,
            Arrival::Poisson => Spacing::Poisson { seed: options.seed.unwrap_or(0) },
        };
        let scenarios = checked(&derived.scenarios)?;
        Ok(Self {
            scenarios,
            written: derived.scenarios,
            share,
            spacing,
            warnings: derived.warnings,
        })
    }

    /// What this instance is to do for each scenario, in the same order.
    pub fn works(&self) -> Vec<Work> {
        let work = |scenario: &Scenario| scenario.work(&self.share, self.spacing);
        self.scenarios.iter().map(work).collect()
    }

    /// What this instance needs to do these [`works`](Self::works).
    pub fn requirements(&self, works: &[Work]) -> Requirements {
        let starts = self.scenarios.iter().map(|scenario| scenario.start_time);
        Requirements::new(starts.zip(works))
    }
}

/// The scenarios, or what is wrong with all of them.
fn checked(scenarios: &[(String, ScenarioOptions)]) -> Result<Vec<Scenario>, LoadError> {
    let mut wrong = Vec::new();
    let mut checked = Vec::new();
    for (name, options) in scenarios {
        match Scenario::new(name, options) {
            Ok(scenario) => checked.push(scenario),
            Err(problems) => wrong.push(problem(name, &problems)),
        }
    }
    if wrong.is_empty() { Ok(checked) } else { Err(LoadError::Scenarios(wrong)) }
}

fn problem(name: &str, problems: &Problems) -> String {
    format!("scenario {name} has configuration errors: {problems}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> String {
        let (options, _) = Options::from_json(json).expect("it can be read");
        Load::new(&options).expect_err("it cannot be run").to_string()
    }

    #[test]
    fn problems_of_all_scenarios_are_told_in_one_line() {
        let lines = [
            r#"{"scenarios": {
                "s": {"executor": "constant-vus", "vus": 0, "duration": "1s"},
                "t": {"executor": "per-vu-iterations"},
                "a b": {"executor": "constant-arrival-rate", "startTime": "-1s"}
            }}"#,
            r#"{"vus": 0, "iterations": 2}"#,
            r#"{"vus": 3, "iterations": 2}"#,
            r#"{"duration": 30}"#,
            r#"{"duration": "99999d", "gracefulStop": "99999d"}"#,
            r#"{"stages": [{"duration": "5s"}]}"#,
            r#"{"duration": "5s", "stages": [{"duration": "5s", "target": 1}]}"#,
            r#"{"executionSegment": "0:1/2", "executionSegmentSequence": "0,1/3,1"}"#,
        ]
        .map(error);
        insta::assert_snapshot!(lines.join("\n"), @r"
        there were problems with the specified script configuration: scenario a b has configuration errors: the scenario name should contain only numbers, latin letters, underscores, and dashes, the startTime can't be negative, the iteration rate isn't specified, the duration is unspecified, the number of preAllocatedVUs isn't specified; scenario s has configuration errors: the number of VUs must be more than 0
        there were problems with the specified script configuration: scenario default has configuration errors: the number of VUs must be more than 0
        there were problems with the specified script configuration: scenario default has configuration errors: the number of iterations (2) can't be less than the number of VUs (3)
        there were problems with the specified script configuration: scenario default has configuration errors: the duration must be at least 1s, but is 30ms
        there were problems with the specified script configuration: scenario default has configuration errors: the gracefulStop timeout is 2399976h0m0s; allowed is 876000h0m0s at most, the duration is 2399976h0m0s; allowed is 876000h0m0s at most
        there were problems with the specified script configuration: scenario default has configuration errors: stage 1 doesn't have a target
        using `duration` and `stages` options simultaneously is not allowed
        provided segment 0:1/2 can't be found in sequence 0,1/3,1
        ");
    }

    #[test]
    fn requirements_are_of_all_scenarios_and_of_the_share() {
        let json = r#"{"scenarios": {
            "a": {"executor": "ramping-vus", "stages": [
                {"duration": "10s", "target": 5}, {"duration": "1m", "target": 0}
            ]},
            "b": {"executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1m", "duration": "30s",
                "preAllocatedVUs": 2, "maxVUs": 9, "startTime": "5s"}
        }}"#;
        let (mut options, _) = Options::from_json(json).expect("it can be read");
        let needs = |options: &Options| {
            let load = Load::new(options).expect("it can be run");
            load.requirements(&load.works())
        };
        let whole = needs(&options);
        assert_eq!((whole.max_duration.as_secs(), whole.max_possible), (100, 14));
        options.execution_segment = "0:1/2".parse().ok();
        assert!(needs(&options).max_possible < 14);
    }
}
