//! The requests that took longest, each with its times.
//!
//! Bounded, and cheap for all others: a request that is no slower than the last of them costs one
//! comparison. Two lists merge into one in any order.

use std::time::Duration;

use tokio::time::Instant;

use super::{MetricId, TagSet};

/// How many are kept.
const SLOWEST: usize = 20;

/// The times that a request has samples of, the one that it is ranked by first.
pub type Times = [(MetricId, Duration); 7];

/// One of the slowest requests.
#[derive(Debug, Clone)]
pub struct SlowRequest {
    /// What it was.
    pub tags: TagSet,
    /// When it ended.
    pub ended: Instant,
    /// Its times.
    pub times: Times,
}

impl SlowRequest {
    /// The time that it is ranked by.
    pub fn took(&self) -> Duration {
        self.times[0].1
    }

    /// One of its times; zero if it is none of them.
    pub fn time(&self, metric: MetricId) -> Duration {
        self.times.iter().find(|(id, _)| *id == metric).map_or(Duration::ZERO, |(_, time)| *time)
    }
}

/// The slowest 20 requests, the slowest first.
#[derive(Debug, Clone, Default)]
pub struct Slowest {
    requests: Vec<SlowRequest>,
    /// What a request must exceed to have a place.
    floor: Duration,
}

impl Slowest {
    /// Takes in a request with these times if it is slow enough; only then asks what it was.
    pub fn add(&mut self, times: &Times, tags: impl FnOnce() -> TagSet) {
        if times[0].1 > self.floor {
            self.insert(SlowRequest { tags: tags(), ended: Instant::now(), times: *times });
        }
    }

    /// Takes in those of another list.
    pub fn merge(&mut self, others: &[SlowRequest]) {
        for request in others {
            if request.took() > self.floor {
                self.insert(request.clone());
            }
        }
    }

    fn insert(&mut self, request: SlowRequest) {
        if self.requests.is_empty() {
            self.requests.reserve_exact(SLOWEST + 1);
        }
        let took = request.took();
        let place = self.requests.partition_point(|other| other.took() >= took);
        self.requests.insert(place, request);
        self.requests.truncate(SLOWEST);
        if let [.., last] = &self.requests[..]
            && self.requests.len() == SLOWEST
        {
            self.floor = last.took();
        }
    }

    /// The slowest first.
    pub fn as_slice(&self) -> &[SlowRequest] {
        &self.requests
    }

    /// Takes out all, and starts anew.
    pub fn take(&mut self) -> Vec<SlowRequest> {
        std::mem::take(self).requests
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::builtin::HTTP_REQ_DURATION;

    fn times(micros: u64) -> Times {
        [(HTTP_REQ_DURATION, Duration::from_micros(micros)); 7]
    }

    fn list(micros: &[u64]) -> Slowest {
        let mut slowest = Slowest::default();
        micros.iter().for_each(|&took| slowest.add(&times(took), TagSet::default));
        slowest
    }

    fn shown(slowest: &Slowest) -> Vec<u128> {
        slowest.as_slice().iter().map(|request| request.took().as_micros()).collect()
    }

    #[test]
    fn what_a_fast_request_was_is_never_asked() {
        let mut slowest = list(&[9; SLOWEST]);
        slowest.add(&times(9), || panic!("it is too fast"));
        slowest.add(&times(10), || TagSet::new([("name", "slow")]));
        assert_eq!(slowest.as_slice()[0].tags.get("name"), Some("slow"));
        assert_eq!(slowest.take().len(), SLOWEST);
        assert!(slowest.as_slice().is_empty());
        slowest.add(&times(1), TagSet::default);
        assert_eq!(shown(&slowest), [1], "it starts anew");
    }

    proptest! {
        #[test]
        fn lists_of_workers_hold_the_slowest_of_all(
            left in prop::collection::vec(1..500_u64, 0..60),
            right in prop::collection::vec(1..500_u64, 0..60),
        ) {
            let mut merged = list(&left);
            merged.merge(list(&right).as_slice());
            let mut all = [left, right].concat();
            all.sort_unstable_by(|a, b| b.cmp(a));
            let want: Vec<_> = all.into_iter().take(SLOWEST).map(u128::from).collect();
            prop_assert_eq!(shown(&merged), want);
        }
    }
}
