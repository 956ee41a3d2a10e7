//! Stages and scenarios.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{
        duration::parse_signed,
        scenario::{ScenarioOptions, StageOptions, json},
    },
    Flag, Notation, Reason, at, file_only, items, object, replace,
};

/// The stages of a ramp: objects in files, `30s:50,1m:0` elsewhere.
pub const STAGES: Notation<Vec<StageOptions>> = Notation {
    json: |value| items(value, json::read_stage),
    variable: stages,
    flag: Flag::Many(|list, text| {
        list.get_or_insert_default().extend(stages(text)?);
        Ok(())
    }),
    write: |stages| stages.iter().map(json::write_stage).collect(),
    fill: replace,
};

/// Why text is no list of stages.
#[derive(Debug, thiserror::Error)]
enum InvalidStage {
    #[error(
        "stage {0} doesn't have a specified duration; allowed is DURATION:TARGET, as in 30s:50"
    )]
    NoDuration(usize),
    #[error("error for stage {index}: {reason}")]
    Duration {
        index: usize,
        #[source]
        reason: Reason,
    },
    #[error("error for stage {index}: the target '{text}' is no whole number")]
    Target { index: usize, text: String },
}

fn stages(text: &str) -> Result<Vec<StageOptions>, Reason> {
    let stage = |(index, text): (usize, &str)| {
        let (duration, target) = match text.split_once(':') {
            Some((duration, target)) => (duration, Some(target)),
            None => (text, None),
        };
        if duration.is_empty() {
            return Err(InvalidStage::NoDuration(index));
        }
        let duration = parse_signed(duration)
            .map_err(|reason| InvalidStage::Duration { index, reason: reason.into() })?;
        let target = target.filter(|target| !target.is_empty()).map(|target| {
            target.parse().map_err(|_| InvalidStage::Target { index, text: target.into() })
        });
        Ok(StageOptions { duration: Some(duration), target: target.transpose()? })
    };
    let stages: Result<_, _> = text.split(',').map(str::trim).enumerate().map(stage).collect();
    Ok(stages?)
}

/// Scenarios by name; files only.
pub const SCENARIOS: Notation<BTreeMap<String, ScenarioOptions>> = Notation {
    json: |value| {
        let read = |(name, value): (&String, &Value)| {
            let scenario = json::read(name, value).map_err(|reason| at(name, reason))?;
            Ok((name.clone(), scenario))
        };
        object(value)?.iter().map(read).collect()
    },
    variable: file_only,
    flag: Flag::Once(file_only),
    write: |scenarios| {
        let write = |(name, scenario): (&String, _)| (name.clone(), json::write(scenario));
        Value::Object(scenarios.iter().map(write).collect())
    },
    fill: replace,
};
