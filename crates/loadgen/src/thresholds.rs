//! Thresholds: what must hold for a metric, and whether it does.
//!
//! Knows metrics and nothing of where their samples come from. [`Thresholds`] is what was asked for,
//! checked against the metrics that a run has; its [`Evaluator`] looks at what was measured, every
//! [`INTERVAL`] and at the end.
//!
//! What is asked for is a [statistic](Statistic), an operator and a number: `p(95)<200`, k6's
//! grammar. ` last 30s` behind it, which k6 does not have, makes it hold for the last 30 seconds
//! only, at every evaluation: whole seconds, 1 s to 10 min. The value of a trend's percentile comes
//! from a histogram and is right to three significant digits; all others are exact.

mod evaluator;
mod expression;
mod number;
mod result;
mod statistic;
mod window;

use std::time::Duration;

pub use evaluator::{Evaluation, Evaluator};
pub use expression::{Expression, InvalidExpression, InvalidWindow, Operator};
pub use number::InvalidNumber;
pub use result::ThresholdResult;
pub use statistic::{InvalidStatistic, Statistic};
pub(crate) use {evaluator::failure_message, result::crossed};

use crate::{
    metrics::{InvalidSelector, MetricError, MetricKind, Registry, Selector, SinkKey},
    options::thresholds::{ThresholdMap, ThresholdOptions},
};

/// How often thresholds are looked at during a run, as in k6.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// The thresholds of a run, checked, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct Thresholds {
    thresholds: Vec<Threshold>,
    warnings: Vec<String>,
}

/// One of them.
#[derive(Debug, Clone)]
struct Threshold {
    /// Name of the metric or submetric.
    metric: String,
    key: SinkKey,
    kind: MetricKind,
    /// The expression as it was written.
    text: String,
    expression: Expression,
    abort_on_fail: bool,
    delay_abort_eval: Option<Duration>,
}

/// A threshold that cannot be used. The messages are k6's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// It cannot be read.
    #[error(transparent)]
    Expression(#[from] InvalidExpression),
    /// The name of its metric cannot be read.
    #[error("unable to validate threshold expressions; reason: {0}")]
    Selector(#[from] InvalidSelector),
    /// There is no such metric.
    #[error("invalid threshold defined on {0}; reason: no metric name {0:?} found")]
    UnknownMetric(String),
    /// Metrics of this kind have no such statistic.
    #[error(
        "invalid threshold {text:?} applied on metric {metric}; reason: unsupported aggregation \
         method {method} on metric of type {kind}. supported aggregation methods for this metric \
         are: {supported}"
    )]
    Unsupported {
        /// The threshold.
        text: String,
        /// Its metric.
        metric: String,
        /// The statistic.
        method: &'static str,
        /// What the metric is.
        kind: MetricKind,
        /// The statistics that it has.
        supported: String,
    },
    /// A gauge keeps its last value only.
    #[error(
        "invalid threshold {text:?} applied on metric {metric}; reason: a gauge is its last value \
         and has no window"
    )]
    Window {
        /// The threshold.
        text: String,
        /// Its metric.
        metric: String,
    },
    /// Its submetric cannot be made.
    #[error("invalid threshold defined on {metric}; reason: {reason}")]
    Submetric {
        /// Its metric.
        metric: String,
        /// What is in the way.
        reason: MetricError,
    },
}

impl Thresholds {
    /// Checks thresholds and makes the submetrics that they name.
    ///
    /// Must be done before the registry is given to recorders: they route samples to the
    /// submetrics that exist by then.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the first that cannot be used.
    pub fn new(map: &ThresholdMap, registry: &mut Registry) -> Result<Self, ThresholdError> {
        let mut all = Self::default();
        for (name, list) in map {
            let expressions: Vec<Expression> = list
                .iter()
                .map(|options| options.threshold.parse())
                .collect::<Result<_, InvalidExpression>>()?;
            let (metric, key, kind) = all.resolve(name, registry)?;
            for (options, expression) in list.iter().zip(expressions) {
                check(name, kind, options, &expression)?;
                all.thresholds.push(Threshold {
                    metric: metric.clone(),
                    key: key.clone(),
                    kind,
                    text: options.threshold.clone(),
                    expression,
                    abort_on_fail: options.abort_on_fail,
                    delay_abort_eval: options.delay_abort_eval,
                });
            }
        }
        Ok(all)
    }

    /// Makes the submetrics that thresholds name, and forgets the thresholds: k6's
    /// `--no-thresholds`. What is wrong with their metrics is only warned of.
    pub fn ignored(map: &ThresholdMap, registry: &mut Registry) -> Self {
        let mut none = Self::default();
        for name in map.keys() {
            if none.resolve(name, registry).is_err() {
                none.warnings.push(format!("Invalid metric '{name}' in threshold definitions"));
            }
        }
        none
    }

    /// What whoever wrote them should know, as sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The name, place and kind of the metric or submetric of a name.
    fn resolve(
        &mut self,
        name: &str,
        registry: &mut Registry,
    ) -> Result<(String, SinkKey, MetricKind), ThresholdError> {
        let Selector { metric, criteria } = Selector::parse(name)?;
        let unknown = || ThresholdError::UnknownMetric(name.into());
        let id = registry.find(metric).ok_or_else(unknown)?;
        let kind = registry.metric(id).kind;
        let Some((criteria, tags)) = criteria else {
            return Ok((name.into(), SinkKey::Metric(id), kind));
        };
        let high_cardinality = ["vu", "iter"].into_iter().filter(|tag| tags.get(tag).is_some());
        self.warnings.extend(high_cardinality.map(|tag| {
            format!(
                "The high-cardinality '{tag}' metric tag was made non-indexable in k6 v0.41.0, so \
                 thresholds like '{name}' that are based on it won't work correctly."
            )
        }));
        let submetric = registry
            .submetric_of(id, criteria, &tags)
            .map_err(|reason| ThresholdError::Submetric { metric: name.into(), reason })?;
        Ok((registry.submetric(submetric).name.clone(), SinkKey::Submetric(submetric), kind))
    }
}

/// Whether the metric has what the expression asks for.
fn check(
    metric: &str,
    kind: MetricKind,
    options: &ThresholdOptions,
    expression: &Expression,
) -> Result<(), ThresholdError> {
    let (text, metric) = (options.threshold.clone(), metric.to_owned());
    let supported = Statistic::methods_of(kind);
    let method = expression.statistic.method();
    if !supported.contains(&method) {
        let supported = supported.join(", ");
        return Err(ThresholdError::Unsupported { text, metric, method, kind, supported });
    }
    if kind == MetricKind::Gauge && expression.window.is_some() {
        return Err(ThresholdError::Window { text, metric });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
