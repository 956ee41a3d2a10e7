//! What a reader of the numbers must know before believing them.

use std::time::Duration;

use crate::{
    engine::Outcome,
    metrics::{
        CheckCount, OTHER, Sink, TagSet,
        builtin::{HTTP_REQ_FAILED, SCHEDULE_LAG},
    },
    plan::Plan,
};

/// Share of the run in which a worker may have something to do before its own speed shapes the
/// numbers.
const BUSY: f64 = 0.9;

/// Share of the run in which a worker may wait for a CPU that others have.
const CROWDED_OUT: f64 = 0.1;

/// In less time than that, starting is most of it: any worker is busy that is not done yet.
const SHORTEST_JUDGED: Duration = Duration::from_secs(1);

/// How late the latest 1 % of an arrival rate's iterations may start, in milliseconds.
const LATE_MILLIS: f64 = 1.0;

/// All that must be said of a run; `in_process` is whether its target shared the generator's CPU.
pub(super) fn warnings(outcome: &Outcome, plan: &Plan, in_process: bool) -> Vec<String> {
    [
        nothing_finished(outcome),
        all_failed(outcome),
        failed_iterations(outcome),
        dropped(outcome),
        rejected(outcome),
        left_out_tags(outcome),
        unserved(outcome),
        warmup(outcome, plan),
        bottleneck(outcome, in_process),
        too_many_names(outcome),
    ]
    .into_iter()
    .flatten()
    .chain(outcome.exhausted.iter().map(exhausted))
    .collect()
}

fn exhausted((scenario, most): &(String, u64)) -> String {
    format!(
        "Insufficient VUs, reached {most} active VUs and cannot initialize more (scenario {scenario})"
    )
}

fn unserved(outcome: &Outcome) -> Option<String> {
    (outcome.unserved > 0).then(|| {
        format!(
            "{} iterations were never started: no VU was idle when they were due",
            outcome.unserved
        )
    })
}

fn warmup(outcome: &Outcome, plan: &Plan) -> Option<String> {
    match plan.warmup {
        0 => None,
        seconds if outcome.measured.is_zero() => Some(format!(
            "the run was over before its warm-up of {seconds} s: nothing was measured"
        )),
        seconds => Some(format!(
            "the first {seconds} s were a warm-up: what happened in them is left out of all metrics"
        )),
    }
}

fn nothing_finished(outcome: &Outcome) -> Option<String> {
    (outcome.complete == 0)
        .then(|| "no iteration ran to its end, consider making the test duration longer".into())
}

fn all_failed(outcome: &Outcome) -> Option<String> {
    let Some(&Sink::Rate { trues, total }) = outcome.total.metric(HTTP_REQ_FAILED) else {
        return None;
    };
    if total == 0 || trues < total {
        return None;
    }
    let reason = |tags: &TagSet| match (tags.get("error"), tags.get("error_code")) {
        (Some(error), Some(code)) => format!("{error} (error code {code})"),
        _ => format!("status {}", tags.get("status").unwrap_or("0")),
    };
    let (tags, count) = outcome.total.requests.iter().max_by_key(|&(_, count)| count)?;
    Some(format!(
        "every request failed: {total} of {total}, most often ({count}) with {}",
        reason(tags)
    ))
}

fn failed_iterations(outcome: &Outcome) -> Option<String> {
    let first = outcome.first_failure.as_ref()?;
    Some(format!(
        "{} of {} iterations returned an error or panicked, one of the first with: {first}",
        outcome.failed, outcome.complete
    ))
}

fn dropped(outcome: &Outcome) -> Option<String> {
    (outcome.dropped > 0)
        .then(|| format!("{} iterations were never started: the time was over", outcome.dropped))
}

fn rejected(outcome: &Outcome) -> Option<String> {
    let values = outcome.left_out.values;
    (values > 0)
        .then(|| format!("{values} values were no finite numbers and were left out of metrics"))
}

fn left_out_tags(outcome: &Outcome) -> Option<String> {
    let tags = outcome.left_out.tags;
    (tags > 0).then(|| {
        format!("tags were left out {tags} times: there were too many different sets of them")
    })
}

/// Where the clock starts iterations, a worker that is always on a CPU may just be waiting for it:
/// there it counts how late they started.
fn bottleneck(outcome: &Outcome, in_process: bool) -> Option<String> {
    let time = outcome.busiest_worker;
    let (running, waiting) = (outcome.share(time.running), outcome.share(time.waiting));
    let busiest = format!(
        "its busiest worker was on a CPU for {:.0} % of the run and waited for one for {:.0} %",
        running * 100.0,
        waiting * 100.0
    );
    let is_busy = match outcome.total.metric(SCHEDULE_LAG) {
        Some(Sink::Trend(lag)) => {
            let late = lag.percentile(99.0);
            if late > LATE_MILLIS {
                return Some(format!(
                    "the generator was late: 1 % of the iterations started more than {late:.1} ms \
                     after they were due, and {busiest}"
                ));
            }
            false
        }
        _ => running + waiting > BUSY,
    };
    let is_judged = !in_process && outcome.scenarios_took >= SHORTEST_JUDGED;
    (is_judged && (is_busy || waiting > CROWDED_OUT)).then(|| {
        format!(
            "the generator was a bottleneck: {busiest}, so times include waiting for that CPU and \
             the target may be faster than shown"
        )
    })
}

fn too_many_names(outcome: &Outcome) -> Option<String> {
    let is_other = |text: &str| text.trim_start_matches("::") == OTHER;
    let any_other = |tags: &TagSet| tags.iter().any(|(_, value)| is_other(value));
    let requests = outcome.total.requests.iter().filter(|(tags, _)| any_other(tags));
    let requests: u64 = requests.map(|(_, count)| count).sum();
    let checks =
        outcome.total.checks.iter().filter(|(key, _)| is_other(&key.name) || is_other(&key.group));
    let checks: u64 = checks.map(|(_, CheckCount { passes, fails })| passes + fails).sum();
    (requests + checks > 0).then(|| {
        format!(
            "too many different names: {requests} requests and {checks} checks are shown as {OTHER}"
        )
    })
}
