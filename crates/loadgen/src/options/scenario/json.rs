//! Scenarios in files: which fields each executor has, read and written in k6's order.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    super::{
        duration::SignedGoDuration,
        notation::{self, INTEGER, Reason, STAGES, TAGS, at, signed_duration},
    },
    ExecutorKind, ScenarioOptions, StageOptions,
};

/// A field of a scenario.
struct Field {
    key: &'static str,
    read: fn(&mut ScenarioOptions, &Value) -> Result<(), Reason>,
    write: fn(&ScenarioOptions) -> Value,
}

macro_rules! field {
    ($key:literal, $field:ident, $read:expr, $write:expr) => {
        Field {
            key: $key,
            read: |scenario, value| {
                scenario.$field = Some($read(value)?);
                Ok(())
            },
            write: |scenario| scenario.$field.as_ref().map_or(Value::Null, $write),
        }
    };
    ($key:literal, $field:ident: pairs) => {
        Field {
            key: $key,
            read: |scenario, value| {
                scenario.$field = (TAGS.json)(value)?;
                Ok(())
            },
            write: |scenario| match scenario.$field.is_empty() {
                true => Value::Null,
                false => (TAGS.write)(&scenario.$field),
            },
        }
    };
    ($key:literal, $field:ident: integer) => {
        field!($key, $field, (INTEGER.json), |&number| number.into())
    };
    ($key:literal, $field:ident: duration) => {
        field!($key, $field, signed_duration, |&time| write_duration(time))
    };
}

/// What all executors have. `options` is for the browser, and has no effect here.
const COMMON: &[Field] = &[
    field!("startTime", start_time: duration),
    field!("gracefulStop", graceful_stop: duration),
    field!("env", env: pairs),
    field!("exec", exec, read_string, |exec| exec.as_str().into()),
    field!("tags", tags: pairs),
];

const VUS: Field = field!("vus", vus: integer);
const ITERATIONS: Field = field!("iterations", iterations: integer);
const DURATION: Field = field!("duration", duration: duration);
const MAX_DURATION: Field = field!("maxDuration", max_duration: duration);
const START_VUS: Field = field!("startVUs", start_vus: integer);
const RAMP: Field = field!("stages", stages, (STAGES.json), STAGES.write);
const GRACEFUL_RAMP_DOWN: Field = field!("gracefulRampDown", graceful_ramp_down: duration);
const RATE: Field = field!("rate", rate: integer);
const START_RATE: Field = field!("startRate", start_rate: integer);
const TIME_UNIT: Field = field!("timeUnit", time_unit: duration);
const PRE_ALLOCATED_VUS: Field = field!("preAllocatedVUs", pre_allocated_vus: integer);
const MAX_VUS: Field = field!("maxVUs", max_vus: integer);

/// What an executor has beside that.
fn own(executor: ExecutorKind) -> &'static [Field] {
    match executor {
        ExecutorKind::SharedIterations | ExecutorKind::PerVuIterations => {
            const { &[VUS, ITERATIONS, MAX_DURATION] }
        }
        ExecutorKind::ConstantVus => const { &[VUS, DURATION] },
        ExecutorKind::RampingVus => const { &[START_VUS, RAMP, GRACEFUL_RAMP_DOWN] },
        ExecutorKind::ConstantArrivalRate => {
            const { &[RATE, TIME_UNIT, DURATION, PRE_ALLOCATED_VUS, MAX_VUS] }
        }
        ExecutorKind::RampingArrivalRate => {
            const { &[START_RATE, TIME_UNIT, RAMP, PRE_ALLOCATED_VUS, MAX_VUS] }
        }
        ExecutorKind::ExternallyControlled => const { &[VUS, DURATION, MAX_VUS] },
    }
}

fn fields(executor: ExecutorKind) -> impl Iterator<Item = &'static Field> {
    COMMON.iter().chain(own(executor))
}

/// Why an object is no scenario, in k6's words.
#[derive(Debug, thiserror::Error)]
enum InvalidScenario {
    #[error("scenario '{0}' doesn't have a specified executor type")]
    NoExecutor(String),
    #[error("unknown executor type '{0}'")]
    Executor(String),
    #[error("json: unknown field \"{0}\"")]
    UnknownField(String),
}

/// Reads a scenario. A field that its executor does not have is an error.
pub(in super::super) fn read(name: &str, value: &Value) -> Result<ScenarioOptions, Reason> {
    let object = notation::object(value)?;
    let executor = match object.get("executor") {
        None | Some(Value::Null) => return Err(InvalidScenario::NoExecutor(name.into()).into()),
        Some(executor) => read_string(executor).map_err(|reason| at("executor", reason))?,
    };
    let known = ExecutorKind::ALL.into_iter().find(|kind| kind.as_str() == executor);
    let executor = known.ok_or(InvalidScenario::Executor(executor))?;
    let mut scenario = ScenarioOptions::new(executor);
    for (key, value) in object {
        let field = fields(executor).find(|field| field.key == key);
        match field {
            Some(_) if value.is_null() => {}
            Some(field) => {
                (field.read)(&mut scenario, value).map_err(|reason| at(key, reason))?;
            }
            None if key == "executor" || key == "options" => {}
            None => return Err(InvalidScenario::UnknownField(key.clone()).into()),
        }
    }
    Ok(scenario)
}

/// All fields that its executor has, those that nobody set as `null`.
pub(in super::super) fn write(scenario: &ScenarioOptions) -> Value {
    let executor = ("executor", Value::from(scenario.executor.as_str()));
    let fields = fields(scenario.executor).map(|field| (field.key, (field.write)(scenario)));
    std::iter::once(executor).chain(fields).collect()
}

/// Reads a stage.
pub(in super::super) fn read_stage(value: &Value) -> Result<StageOptions, Reason> {
    let mut stage = StageOptions::default();
    for (key, value) in notation::object(value)?.iter().filter(|(_, value)| !value.is_null()) {
        let read = match key.as_str() {
            "duration" => signed_duration(value).map(|duration| stage.duration = Some(duration)),
            "target" => (INTEGER.json)(value).map(|target| stage.target = Some(target)),
            _ => return Err(InvalidScenario::UnknownField(key.clone()).into()),
        };
        read.map_err(|reason| at(key, reason))?;
    }
    Ok(stage)
}

/// A stage, what nobody set as `null`.
pub(in super::super) fn write_stage(stage: &StageOptions) -> Value {
    json!({ "duration": stage.duration.map(write_duration), "target": stage.target })
}

fn read_string(value: &Value) -> Result<String, Reason> {
    notation::string(value).map(str::to_owned)
}

fn write_duration(duration: SignedDuration) -> Value {
    SignedGoDuration(duration).to_string().into()
}
