//! Several requests at once, as k6's `http.batch` runs them.
//!
//! `min(n, total)` lanes take the requests in their order. A lane that has taken a request then
//! waits, if it must, until fewer than `per_host` requests to that host are under way, and keeps
//! its place while it waits.

use std::{
    borrow::Borrow,
    cell::{Cell, RefCell},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::Semaphore;

use super::Vu;
use crate::http::{Request, Response};

/// How many requests of a batch run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// All together; at least 1.
    pub total: usize,
    /// To one host; `None` for no limit of its own.
    pub per_host: Option<usize>,
}

impl Vu {
    /// Sends all requests and hands over each response, with its place in the batch, as it comes.
    pub(crate) async fn run_batch(
        &self,
        requests: &[impl Borrow<Request>],
        on_response: impl FnMut(usize, Response),
    ) {
        let hosts = Hosts::new(requests, self.config.batch_limits.per_host);
        let lanes = hosts.lanes(self.config.batch_limits.total.min(requests.len()));
        let next = Cell::new(0);
        let on_response = RefCell::new(on_response);
        let lane = async || {
            while let Some(request) = requests.get(next.get()) {
                let place = next.replace(next.get() + 1);
                let _permit = hosts.permit(place).await;
                let response = self.exchange(request.borrow()).await;
                on_response.borrow_mut()(place, response);
            }
        };
        // A single lane is the common case of a list with one path: no set of futures for it.
        if lanes == 1 {
            return lane().await;
        }
        let mut running: FuturesUnordered<_> = (0..lanes).map(|_| lane()).collect();
        while running.next().await.is_some() {}
    }
}

/// The limit for each host of a batch.
enum Hosts {
    /// One host: its limit is a limit on lanes.
    One(usize),
    /// By place in the batch: which of the limits.
    Many(Vec<usize>, Vec<Semaphore>),
}

impl Hosts {
    fn new(requests: &[impl Borrow<Request>], per_host: Option<usize>) -> Self {
        let per_host = per_host.unwrap_or(usize::MAX).min(requests.len());
        let Some((first, rest)) = requests.split_first() else { return Self::One(per_host) };
        let first = first.borrow().authority();
        if rest.iter().all(|request| request.borrow().authority() == first) {
            return Self::One(per_host);
        }
        let mut hosts = Vec::new();
        let places = requests.iter().map(|request| {
            let host = request.borrow().authority();
            hosts.iter().position(|&known| known == host).unwrap_or_else(|| {
                hosts.push(host);
                hosts.len() - 1
            })
        });
        let places: Vec<usize> = places.collect();
        Self::Many(places, hosts.iter().map(|_| Semaphore::new(per_host)).collect())
    }

    fn lanes(&self, most: usize) -> usize {
        match self {
            Self::One(per_host) => most.min(*per_host),
            Self::Many(..) => most,
        }
    }

    async fn permit(&self, place: usize) -> Option<tokio::sync::SemaphorePermit<'_>> {
        match self {
            Self::One(_) => None,
            // Nothing closes these semaphores.
            Self::Many(hosts, limits) => limits[hosts[place]].acquire().await.ok(),
        }
    }
}
