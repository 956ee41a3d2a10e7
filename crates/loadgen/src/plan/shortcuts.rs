//! From the options `vus`, `duration`, `iterations`, `stages` and `scenarios` to scenarios: the
//! shortcuts stand for one scenario named `default`.
//!
//! The first rule that fits decides, in k6's order: `iterations`, `duration`, `stages`, `vus`
//! alone, `scenarios`, and one iteration of one VU when there is none of them.

use jiff::SignedDuration;

use crate::options::{
    Options,
    scenario::{ExecutorKind, ScenarioOptions, StageOptions, signed},
};

/// What the shortcuts' scenario is called.
const DEFAULT_NAME: &str = "default";

/// Scenarios as options describe them.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// Names and fields, by time of start and then by name.
    pub scenarios: Vec<(String, ScenarioOptions)>,
    /// What their author should know.
    pub warnings: Vec<String>,
}

/// Options that contradict each other, in k6's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShortcutError {
    /// Two of them say what the load is.
    #[error("using `{0}` and `{1}` options simultaneously is not allowed")]
    Conflict(&'static str, &'static str),
    /// A duration of nothing.
    #[error(
        "`duration` option should be more than 0, for infinite duration use the externally-controlled executor"
    )]
    Duration,
}

/// The scenarios that options describe. What their fields hold is not checked.
///
/// # Errors
///
/// Options of which only one can hold.
pub fn derive(options: &Options) -> Result<Derived, ShortcutError> {
    let mut warnings = Vec::new();
    let stages = options.stages.as_ref().map(|stages| usable(stages, &mut warnings));
    let has_stages = stages.as_ref().is_some_and(|stages| !stages.is_empty());
    let conflict = |option| match (has_stages, &options.scenarios) {
        (true, _) if option != "stages" => Err(ShortcutError::Conflict(option, "stages")),
        (_, Some(_)) => Err(ShortcutError::Conflict(option, "scenarios")),
        _ => Ok(()),
    };
    let duration = options.duration.map(signed);
    let shared = |iterations, max_duration| ScenarioOptions {
        vus: options.vus,
        iterations: Some(iterations),
        max_duration,
        ..ScenarioOptions::new(ExecutorKind::SharedIterations)
    };
    let scenario = match (options.iterations, duration, stages) {
        (Some(iterations), max_duration, _) => {
            conflict("iterations")?;
            shared(iterations, max_duration)
        }
        (None, Some(duration), _) => {
            conflict("duration")?;
            if duration.is_zero() {
                return Err(ShortcutError::Duration);
            }
            ScenarioOptions {
                vus: options.vus,
                duration: Some(duration),
                ..ScenarioOptions::new(ExecutorKind::ConstantVus)
            }
        }
        (None, None, Some(stages)) if has_stages => {
            conflict("stages")?;
            ScenarioOptions {
                start_vus: options.vus,
                stages: Some(stages),
                ..ScenarioOptions::new(ExecutorKind::RampingVus)
            }
        }
        (None, None, stages) => match (options.vus, stages, &options.scenarios) {
            (Some(vus), None, scenarios) => {
                if scenarios.is_some() {
                    warnings.push(format!("`vus={vus}` overrides scenarios configuration"));
                }
                shared(vus, None)
            }
            (_, _, Some(scenarios)) if !scenarios.is_empty() => {
                let scenarios = scenarios.clone().into_iter().collect();
                return Ok(Derived { scenarios: sorted(scenarios), warnings });
            }
            (_, stages, scenarios) => {
                for (option, is_empty) in
                    [("stages", stages.is_some()), ("scenarios", scenarios.is_some())]
                {
                    if is_empty {
                        warnings.push(format!(
                            "`{option}` was explicitly set to an empty value, running the script with 1 iteration in 1 VU"
                        ));
                    }
                }
                ScenarioOptions::new(ExecutorKind::PerVuIterations)
            }
        },
    };
    let scenario = ScenarioOptions { graceful_stop: options.graceful_stop.map(signed), ..scenario };
    Ok(Derived { scenarios: vec![(DEFAULT_NAME.into(), scenario)], warnings })
}

/// The stages that have a duration; k6 takes no others.
fn usable(stages: &[StageOptions], warnings: &mut Vec<String>) -> Vec<StageOptions> {
    let usable: Vec<_> = stages.iter().copied().filter(|stage| stage.duration.is_some()).collect();
    match stages.len() - usable.len() {
        0 => {}
        missing => warnings.push(format!("`stages`: {missing} without a duration have no effect")),
    }
    usable
}

fn sorted(mut scenarios: Vec<(String, ScenarioOptions)>) -> Vec<(String, ScenarioOptions)> {
    scenarios.sort_by_key(|(_, scenario)| scenario.start_time.unwrap_or(SignedDuration::ZERO));
    scenarios
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::*;

    const STAGE: StageOptions =
        StageOptions { duration: Some(SignedDuration::from_secs(1)), target: Some(5) };

    fn scenarios() -> BTreeMap<String, ScenarioOptions> {
        let scenario = |start| ScenarioOptions {
            start_time: Some(SignedDuration::from_secs(start)),
            ..ScenarioOptions::new(ExecutorKind::ConstantVus)
        };
        let names = [("b", 1), ("a", 1), ("z", 0)];
        names.map(|(name, start)| (name.to_owned(), scenario(start))).into()
    }

    /// Options from words: `v3` VUs, `d` for 5 s, `i7` iterations, `s` stages, `S` scenarios,
    /// `s0` and `S0` empty ones.
    fn options(words: &str) -> Options {
        let mut options = Options::default();
        for word in words.split_whitespace() {
            match word.split_at(1) {
                ("v", vus) => options.vus = vus.parse().ok(),
                ("d", "") => options.duration = Some(Duration::from_secs(5)),
                ("d", _) => options.duration = Some(Duration::ZERO),
                ("i", iterations) => options.iterations = iterations.parse().ok(),
                ("s", "") => options.stages = Some(vec![STAGE]),
                ("s", "?") => options.stages = Some(vec![StageOptions::default()]),
                ("s", _) => options.stages = Some(vec![]),
                ("S", "") => options.scenarios = Some(scenarios()),
                _ => options.scenarios = Some(BTreeMap::new()),
            }
        }
        options
    }

    /// What comes of it: the fields that are set, or what is wrong.
    fn outcome(words: &str) -> String {
        let derived = match derive(&options(words)) {
            Ok(derived) => derived,
            Err(error) => return error.to_string(),
        };
        let text = |(name, scenario): &(String, ScenarioOptions)| {
            let mut text = format!("{name}: {}", scenario.executor.as_str());
            let mut add = |field: &str, value: Option<String>| {
                text.extend(value.map(|value| format!(" {field}={value}")));
            };
            add("vus", scenario.vus.map(|vus| vus.to_string()));
            add("iterations", scenario.iterations.map(|count| count.to_string()));
            add("duration", scenario.duration.map(|time| time.as_secs().to_string()));
            add("maxDuration", scenario.max_duration.map(|time| time.as_secs().to_string()));
            add("startVUs", scenario.start_vus.map(|vus| vus.to_string()));
            add("stages", scenario.stages.as_ref().map(|stages| stages.len().to_string()));
            text
        };
        let scenarios = derived.scenarios.iter().map(text);
        let warnings = derived.warnings.iter().map(|warning| format!("! {warning}"));
        scenarios.chain(warnings).collect::<Vec<_>>().join("; ")
    }

    /// Trap 23: `vus` alone are shared iterations, whatever scenarios there are.
    #[test]
    fn every_rule_in_its_turn() {
        let outcomes: Vec<_> = [
            "i7", "v3 i7", "v3 i7 d", "i7 s0", "d", "v3 d", "d s0", "s", "v3 s", "v0 s", "s s?",
            "v3", "v0", "v3 S", "v3 S0", "S", "S s0", "v3 S s0", "", "s0", "S0", "s0 S0", "v3 s0",
            "s?",
        ]
        .iter()
        .map(|words| format!("{words:7} => {}", outcome(words)))
        .collect();
        insta::assert_snapshot!(outcomes.join("\n"), @r"
        i7      => default: shared-iterations iterations=7
        v3 i7   => default: shared-iterations vus=3 iterations=7
        v3 i7 d => default: shared-iterations vus=3 iterations=7 maxDuration=5
        i7 s0   => default: shared-iterations iterations=7
        d       => default: constant-vus duration=5
        v3 d    => default: constant-vus vus=3 duration=5
        d s0    => default: constant-vus duration=5
        s       => default: ramping-vus stages=1
        v3 s    => default: ramping-vus startVUs=3 stages=1
        v0 s    => default: ramping-vus startVUs=0 stages=1
        s s?    => default: per-vu-iterations; ! `stages`: 1 without a duration have no effect; ! `stages` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        v3      => default: shared-iterations vus=3 iterations=3
        v0      => default: shared-iterations vus=0 iterations=0
        v3 S    => default: shared-iterations vus=3 iterations=3; ! `vus=3` overrides scenarios configuration
        v3 S0   => default: shared-iterations vus=3 iterations=3; ! `vus=3` overrides scenarios configuration
        S       => z: constant-vus; a: constant-vus; b: constant-vus
        S s0    => z: constant-vus; a: constant-vus; b: constant-vus
        v3 S s0 => z: constant-vus; a: constant-vus; b: constant-vus
                => default: per-vu-iterations
        s0      => default: per-vu-iterations; ! `stages` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        S0      => default: per-vu-iterations; ! `scenarios` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        s0 S0   => default: per-vu-iterations; ! `stages` was explicitly set to an empty value, running the script with 1 iteration in 1 VU; ! `scenarios` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        v3 s0   => default: per-vu-iterations; ! `stages` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        s?      => default: per-vu-iterations; ! `stages`: 1 without a duration have no effect; ! `stages` was explicitly set to an empty value, running the script with 1 iteration in 1 VU
        ");
    }

    #[test]
    fn what_contradicts_itself() {
        let outcomes: Vec<_> =
            ["i7 s", "i7 S", "i7 S0", "d s", "d S", "d0", "s S", "v3 s S", "i7 d s S", "d0 s"]
                .iter()
                .map(|words| format!("{words:8} => {}", outcome(words)))
                .collect();
        insta::assert_snapshot!(outcomes.join("\n"), @r"
        i7 s     => using `iterations` and `stages` options simultaneously is not allowed
        i7 S     => using `iterations` and `scenarios` options simultaneously is not allowed
        i7 S0    => using `iterations` and `scenarios` options simultaneously is not allowed
        d s      => using `duration` and `stages` options simultaneously is not allowed
        d S      => using `duration` and `scenarios` options simultaneously is not allowed
        d0       => `duration` option should be more than 0, for infinite duration use the externally-controlled executor
        s S      => using `stages` and `scenarios` options simultaneously is not allowed
        v3 s S   => using `stages` and `scenarios` options simultaneously is not allowed
        i7 d s S => using `iterations` and `stages` options simultaneously is not allowed
        d0 s     => using `duration` and `stages` options simultaneously is not allowed
        ");
    }

    #[test]
    fn only_the_shortcuts_have_the_common_graceful_stop() {
        let graceful_stop = Some(Duration::from_secs(3));
        let of = |words| {
            let options = Options { graceful_stop, ..options(words) };
            derive(&options).expect("it is clear").scenarios[0].1.graceful_stop
        };
        assert_eq!(of("d"), Some(SignedDuration::from_secs(3)));
        assert_eq!(of("S"), None);
    }
}
