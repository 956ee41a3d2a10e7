//! Requests that failed since readers were told last, counted by error: a test in which all fails
//! says so a few times a second, not a few thousand times.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use indexmap::IndexMap;
use tokio::time::Instant;

use crate::{
    metrics::{Delta, TagSet},
    run_event::RequestFailure,
};

/// Readers are told no more often than that.
const INTERVAL: Duration = Duration::from_secs(1);

/// Errors that are told apart each time; those of the rest are only counted.
const TOLD_APART: usize = 10;

/// See the module.
#[derive(Default)]
pub(super) struct Failing {
    by_error: IndexMap<Arc<str>, Alike>,
    told: Option<Instant>,
}

/// Those with one error.
struct Alike {
    example: TagSet,
    various: bool,
    count: u64,
}

impl Failing {
    /// Counts those in `delta` that got no answer or none that could be used.
    pub(super) fn take_in(&mut self, delta: &Delta) {
        for (tags, count) in delta.requests().filter(|(_, count)| *count > 0) {
            let Some(error) = tags.get("error") else { continue };
            match self.by_error.get_mut(error) {
                None => {
                    let alike = Alike { example: tags.clone(), various: false, count };
                    self.by_error.insert(error.into(), alike);
                }
                Some(alike) => {
                    let differs = |tag| tags.get(tag) != alike.example.get(tag);
                    alike.various |= differs("name") || differs("method");
                    alike.count += count;
                }
            }
        }
    }

    /// Takes out what there is to tell `now`, most frequent first. It waits its time, unless this
    /// is the `last` one.
    pub(super) fn take(&mut self, now: Instant, last: bool) -> Option<Vec<RequestFailure>> {
        let is_due = self.told.is_none_or(|told| now.duration_since(told) >= INTERVAL);
        if self.by_error.is_empty() || !(is_due || last) {
            return None;
        }
        self.told = Some(now);
        let mut all: Vec<_> = self.by_error.drain(..).collect();
        all.sort_by_key(|(_, alike)| Reverse(alike.count));
        let rest = all.split_off(all.len().min(TOLD_APART));
        let mut failures: Vec<_> = all.into_iter().map(failure).collect();
        if !rest.is_empty() {
            failures.push(RequestFailure {
                error: format!("{} other errors", rest.len()),
                example: None,
                various: true,
                count: rest.iter().map(|(_, alike)| alike.count).sum(),
            });
        }
        Some(failures)
    }
}

fn failure((error, alike): (Arc<str>, Alike)) -> RequestFailure {
    let tag = |name| alike.example.get(name).unwrap_or_default().to_owned();
    RequestFailure {
        error: error.to_string(),
        example: Some((tag("method"), tag("name"))),
        various: alike.various,
        count: alike.count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Tally;

    fn delta(requests: &[(&str, &str, u64)]) -> Delta {
        let mut tally = Tally::default();
        for (name, error, count) in requests {
            let error = (!error.is_empty()).then_some(("error", *error));
            let tags = [("method", "GET"), ("name", name)].into_iter().chain(error);
            let place = tally.requests.place(&TagSet::new(tags), || 0);
            tally.requests[place] += count;
        }
        tally.take()
    }

    fn told(failing: &mut Failing, now: Instant, last: bool) -> Vec<String> {
        let failures = failing.take(now, last).unwrap_or_default();
        failures.iter().map(|failure| format!("{} {failure}", failure.count)).collect()
    }

    #[test]
    fn failures_of_all_workers_are_told_by_error_once_a_second() {
        let (mut failing, start) = (Failing::default(), Instant::now());
        let after = |millis| start + Duration::from_millis(millis);
        failing.take_in(&delta(&[("/a", "", 9), ("/a", "refused", 2), ("/b", "timeout", 3)]));
        failing.take_in(&delta(&[("/c", "refused", 5)]));
        let first = ["7 Get \"/a\" and others: refused", "3 Get \"/b\": timeout"];
        assert_eq!(told(&mut failing, start, false), first);

        failing.take_in(&delta(&[("/a", "refused", 1)]));
        failing.take_in(&delta(&[("/a", "refused", 1)]));
        assert_eq!(told(&mut failing, after(900), false), [""; 0]);
        assert_eq!(told(&mut failing, after(1000), false), ["2 Get \"/a\": refused"]);
        assert_eq!(told(&mut failing, after(2000), false), [""; 0]);

        failing.take_in(&delta(&[("/a", "refused", 1)]));
        assert_eq!(told(&mut failing, after(1001), true), ["1 Get \"/a\": refused"]);
    }

    #[test]
    fn many_errors_are_counted_together() {
        let mut failing = Failing::default();
        let errors: Vec<_> = (0..500).map(|n| format!("error {n}")).collect();
        let requests: Vec<_> =
            errors.iter().zip(1..).map(|(error, count)| ("/", error.as_str(), count)).collect();
        failing.take_in(&delta(&requests));
        let told = told(&mut failing, Instant::now(), false);
        assert_eq!(told.len(), TOLD_APART + 1);
        assert_eq!(told[0], "500 Get \"/\": error 499");
        assert_eq!(told[TOLD_APART], format!("{} 490 other errors", 490 * 491 / 2));
    }
}
