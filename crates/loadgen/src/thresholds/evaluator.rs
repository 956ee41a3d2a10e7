//! Holding thresholds against what was measured.

use std::{collections::BTreeSet, time::Duration};

use super::{Threshold, ThresholdResult, Thresholds, window::Window};
use crate::metrics::{Delta, Merge as _, Sink, Tally};

/// The thresholds of a run that goes on.
///
/// Give it each interval as it ends, if there are windows; ask it every
/// [`INTERVAL`](super::INTERVAL) and once at the end.
#[derive(Debug, Default)]
pub struct Evaluator {
    states: Vec<State>,
}

#[derive(Debug)]
struct State {
    threshold: Threshold,
    window: Option<Window>,
    /// What was seen by the last look; `None` before the first one.
    last: Option<Look>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    observed: Option<f64>,
    ok: bool,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Names of the metrics and submetrics with a threshold that does not hold, sorted bytewise.
    pub crossed: Vec<String>,
    /// Whether the test must end now.
    pub abort: bool,
}

impl Evaluation {
    /// Whether all thresholds hold.
    pub fn passed(&self) -> bool {
        self.crossed.is_empty()
    }

    /// k6's words for a test that ends because of them.
    pub fn abort_message(&self) -> String {
        format!(
            "thresholds on metrics '{}' were crossed; at least one has abortOnFail enabled, \
             stopping test prematurely",
            self.crossed.join(", ")
        )
    }
}

/// k6's words for a test that ended and did not pass.
pub(crate) fn failure_message(crossed: &[String]) -> String {
    format!("thresholds on metrics '{}' have been crossed", crossed.join(", "))
}

impl Thresholds {
    /// Starts to hold them against a run.
    pub fn into_evaluator(self) -> Evaluator {
        let states = self.thresholds.into_iter().map(|threshold| State {
            window: threshold.expression.window.map(|length| Window::new(threshold.kind, length)),
            threshold,
            last: None,
        });
        Evaluator { states: states.collect() }
    }
}

impl Evaluator {
    /// Whether there are no thresholds.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Takes in what workers gathered in the interval that just ended, usually a second. Only
    /// thresholds over a window need it. A window is made of whole intervals: of as many as it
    /// takes to fill it, or of all if they do not.
    pub fn observe(&mut self, interval: &[Delta], length: Duration) {
        for State { threshold, window, .. } in &mut self.states {
            if let Some(window) = window {
                let sinks = interval.iter().flat_map(Delta::sinks);
                let own = sinks.filter(|(key, _)| **key == threshold.key);
                window.push(own.map(|(_, sink)| sink), length);
            }
        }
    }

    /// Holds all of them against what was gathered in `time`. `now` is how long the run has been
    /// going on, which may be longer; `None` when it is over.
    ///
    /// During the run a metric without samples is passed over and no test ends before its
    /// threshold's delay is over. At the end no metric is passed over, and nothing is left to end.
    pub fn evaluate(&mut self, total: &Tally, time: Duration, now: Option<Duration>) -> Evaluation {
        let mut crossed = BTreeSet::new();
        let mut abort = false;
        for state in &mut self.states {
            let sink = total.sinks.get(&state.threshold.key);
            if now.is_some() && sink.is_none_or(Sink::is_empty) {
                continue;
            }
            if !state.look(sink, time) {
                crossed.insert(&*state.threshold.metric);
                abort |= now.is_some_and(|now| state.threshold.may_abort(now));
            }
        }
        Evaluation { crossed: crossed.into_iter().map(String::from).collect(), abort }
    }

    /// Metrics whose thresholds were looked at, in order, and whether one of them did not hold.
    pub fn tainted(&self) -> Vec<(String, bool)> {
        let mut metrics: Vec<(String, bool)> = Vec::new();
        for State { threshold, last, .. } in &self.states {
            let Some(last) = last else { continue };
            match metrics.iter_mut().find(|(name, _)| *name == threshold.metric) {
                Some((_, tainted)) => *tainted |= !last.ok,
                None => metrics.push((threshold.metric.clone(), !last.ok)),
            }
        }
        metrics
    }

    /// What became of each, in order, when it was last looked at. One that was not yet is taken
    /// to hold, as in k6.
    pub fn results(&self) -> Vec<ThresholdResult> {
        self.states.iter().map(State::result).collect()
    }
}

impl Threshold {
    fn may_abort(&self, now: Duration) -> bool {
        self.abort_on_fail && self.delay_abort_eval.is_none_or(|delay| delay < now)
    }
}

impl State {
    /// Looks at the metric's sink, or at the window if it has one; `true` if all is well.
    fn look(&mut self, sink: Option<&Sink>, time: Duration) -> bool {
        let Threshold { kind, expression, .. } = &self.threshold;
        let statistic = expression.statistic;
        let observed = match (&self.window, sink) {
            (Some(window), _) => {
                let (sink, seconds) = window.sum();
                statistic.of(&sink, seconds)
            }
            (None, Some(sink)) => statistic.of(sink, time.as_secs_f64()),
            (None, None) => statistic.of(&Sink::new(*kind), time.as_secs_f64()),
        };
        let ok = observed.is_none_or(|value| expression.holds(value));
        self.last = Some(Look { observed, ok });
        ok
    }

    fn result(&self) -> ThresholdResult {
        let Threshold { metric, text, expression, abort_on_fail, .. } = &self.threshold;
        let finite = |value: &f64| value.is_finite();
        ThresholdResult {
            metric: metric.clone(),
            threshold: text.clone(),
            statistic: expression.statistic.to_string(),
            bound: Some(expression.bound).filter(finite),
            observed: self.last.and_then(|last| last.observed).filter(finite),
            significant_digits: expression.statistic.significant_digits(),
            window_seconds: expression.window.map(|window| window.as_secs()),
            ok: self.last.is_none_or(|last| last.ok),
            abort_on_fail: *abort_on_fail,
        }
    }
}
