//! The JSON of the API: what server and client say to each other.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{
    control::Status,
    metrics::{Contains, MetricKind},
};

/// A body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<T> {
    /// What it holds.
    pub data: T,
}

/// One thing that can be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource<A> {
    /// `status`, `metrics`, `groups` or `setupData`. May be left out of a request.
    #[serde(rename = "type", default)]
    pub kind: Cow<'static, str>,
    /// `default`, the name of a metric, or the id of a group. May be left out of a request.
    #[serde(default)]
    pub id: Cow<'static, str>,
    /// What there is to know about it.
    pub attributes: A,
}

impl<A> Resource<A> {
    /// The only one of its kind.
    pub(super) fn only(kind: &'static str, attributes: A) -> Document<Self> {
        Document { data: Self { kind: kind.into(), id: "default".into(), attributes } }
    }
}

/// How a test stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StatusAttributes {
    /// The number of a [`Phase`](crate::control::Phase).
    pub status: u8,
    /// Whether it waits to be resumed.
    pub paused: bool,
    /// VUs that work.
    pub vus: u64,
    /// VUs that exist.
    pub vus_max: u64,
    /// Whether it was told to stop.
    pub stopped: bool,
    /// Whether it has started and not ended.
    pub running: bool,
    /// Whether a threshold did not hold when they were last looked at.
    pub tainted: bool,
}

impl From<Status> for StatusAttributes {
    fn from(status: Status) -> Self {
        let Status { phase, paused, vus, vus_max, stopped, running, tainted } = status;
        Self { status: phase as u8, paused, vus, vus_max, stopped, running, tainted }
    }
}

/// What is to change; what is left out stays. Other attributes are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StatusChange {
    /// Pauses the test, or lets it go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// VUs that work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vus: Option<i64>,
    /// VUs that exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vus_max: Option<i64>,
    /// `true` ends the test; then the rest is ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
}

/// A metric or submetric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricAttributes {
    /// How its samples add up.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// The unit of its values.
    pub contains: Contains,
    /// Whether one of its thresholds did not hold when they were last looked at; `None` if it has
    /// none or they were not looked at yet.
    pub tainted: Option<bool>,
    /// Counter: `count`, `rate`. Gauge: `value`. Rate: `rate`. Trend: `avg`, `max`, `med`, `min`,
    /// `p(90)`, `p(95)`. Times are milliseconds.
    pub sample: BTreeMap<Cow<'static, str>, f64>,
}

/// The body of an answer that is a refusal.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Errors {
    pub(super) errors: Vec<ErrorObject>,
}

/// What is wrong.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ErrorObject {
    /// The HTTP status.
    pub(super) status: String,
    /// What kind of thing is wrong.
    pub(super) title: String,
    pub(super) detail: String,
}
