//! From what happened to samples: which tags it carries and which sinks that means.
//!
//! One per worker, shared by its VUs. Tags are resolved once for each kind of outcome; after that
//! a request is one look-up and a few additions.

use std::{net::IpAddr, sync::Arc, time::Duration};

use rustc_hash::FxHashMap;
use tokio::time::Instant;

use super::{
    common::LeftOut,
    scopes::{ScopeId, Scopes},
    texts::{TextId, Texts},
};
use crate::{
    http::{ErrorCode, Hop},
    metrics::{
        CheckKey, Delta, MetricId, Recorder, Registry, RouteId, TagSet, builtin::*, scenario_of,
    },
    options::system_tags::{SystemTag, SystemTags},
    stream::{RequestTimes, TagsId, Tap},
};

/// Names of requests, methods, and texts of errors that a worker tells apart. What the tags of a
/// submetric name is always among them.
const MAX_NAMES: usize = 10_000;
const MAX_METHODS: usize = 50;
const MAX_ERRORS: usize = 1_000;

/// Kinds of outcomes, and checks in groups, that a worker tells apart by name; what comes later has
/// no name of its own.
const MAX_OUTCOMES: usize = 20_000;
const MAX_CHECKS: usize = 1_000;

/// Everything that decides which tags a request's samples carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Outcome {
    scope: ScopeId,
    name: TextId,
    method: TextId,
    status: u16,
    proto: Option<&'static str>,
    tls_version: Option<&'static str>,
    error: Option<(ErrorCode, TextId)>,
    expected: bool,
    ip: Option<IpAddr>,
}

/// Where samples with certain tags go.
#[derive(Debug, Clone, Copy)]
struct Address {
    route: RouteId,
    /// What the tags are called in the stream, if there is one.
    tags: Option<TagsId>,
}

/// Where the samples of a kind of outcome go.
#[derive(Debug, Clone, Copy)]
struct Class {
    address: Address,
    count: usize,
}

/// A worker's recorder, and its tap if somebody wants every sample, with what it takes to address
/// them.
pub(super) struct Samples {
    recorder: Recorder,
    tap: Option<Tap>,
    system_tags: SystemTags,
    scopes: Scopes,
    names: Texts,
    checks: Texts,
    methods: Texts,
    errors: Texts,
    outcomes: FxHashMap<Outcome, Class>,
    check_places: FxHashMap<(ScopeId, TextId), (usize, Address)>,
    scope_addresses: FxHashMap<ScopeId, Address>,
    rejected: u64,
}

impl Samples {
    /// Nothing recorded yet. Of the tags that samples get from what they are, only `system_tags`
    /// are kept.
    pub(super) fn new(registry: Arc<Registry>, system_tags: SystemTags, tap: Option<Tap>) -> Self {
        let mut scopes = Scopes::new();
        let mut names = Texts::new(MAX_NAMES);
        let mut checks = Texts::new(MAX_CHECKS);
        let mut methods = Texts::new(MAX_METHODS);
        let mut errors = Texts::new(MAX_ERRORS);
        for (tag, value) in registry.submetrics().flat_map(|(_, submetric)| submetric.tags.iter()) {
            match tag {
                "name" | "url" => names.keep(value),
                "check" => checks.keep(value),
                "method" => methods.keep(value),
                "error" => errors.keep(value),
                "group" => scopes.keep_group(value),
                _ => {}
            }
        }
        Self {
            recorder: Recorder::new(registry),
            tap,
            system_tags,
            scopes,
            names,
            checks,
            methods,
            errors,
            outcomes: FxHashMap::default(),
            check_places: FxHashMap::default(),
            scope_addresses: FxHashMap::default(),
            rejected: 0,
        }
    }

    /// Says which VU's samples come next, and of which iteration; `None` if they are no VU's.
    pub(super) fn set_origin(&mut self, origin: Option<(u64, u64)>) {
        if let Some(tap) = &mut self.tap {
            tap.set_origin(origin);
        }
    }

    /// What the samples of a VU carry.
    pub(super) fn scopes(&mut self) -> &mut Scopes {
        &mut self.scopes
    }

    /// Adds the samples of one network round trip.
    pub(super) fn hop(&mut self, scope: ScopeId, hop: &Hop<'_>) {
        let ip = if self.system_tags.has(SystemTag::Ip) { hop.remote } else { None };
        let outcome = Outcome {
            scope,
            // As in k6, a tag called `name` takes the URL's place.
            name: self.names.id(self.scopes.tags(scope).get("name").unwrap_or(hop.url)),
            method: self.methods.id(hop.method.as_str()),
            status: hop.status,
            proto: hop.proto,
            tls_version: hop.tls_version,
            error: hop.error.map(|error| (error.code, self.errors.id(&error.text))),
            expected: hop.expected,
            ip: ip.map(|address| address.ip()),
        };
        let Class { address, count } = self.class(outcome);
        let timings = &hop.timings;
        if let (Some(tap), Some(tags)) = (&mut self.tap, address.tags) {
            let times = RequestTimes {
                blocked: timings.blocked,
                connecting: timings.connecting,
                tls_handshaking: timings.tls_handshaking,
                sending: timings.sending,
                waiting: timings.waiting,
                receiving: timings.receiving,
            };
            tap.request(tags, hop.ended, &times, !hop.expected);
        }
        let recorder = &mut self.recorder;
        recorder.add(HTTP_REQS, 1.0, address.route);
        let times = [
            (HTTP_REQ_DURATION, timings.duration()),
            (HTTP_REQ_BLOCKED, timings.blocked),
            (HTTP_REQ_CONNECTING, timings.connecting),
            (HTTP_REQ_TLS_HANDSHAKING, timings.tls_handshaking),
            (HTTP_REQ_SENDING, timings.sending),
            (HTTP_REQ_WAITING, timings.waiting),
            (HTTP_REQ_RECEIVING, timings.receiving),
        ];
        recorder.add_request(count, &times, address.route);
        recorder.add(HTTP_REQ_FAILED, f64::from(u8::from(!hop.expected)), address.route);
    }

    fn class(&mut self, mut outcome: Outcome) -> Class {
        if let Some(&class) = self.outcomes.get(&outcome) {
            return class;
        }
        if self.outcomes.len() >= MAX_OUTCOMES {
            outcome.name = self.names.unless_kept(outcome.name);
            outcome.error = outcome.error.map(|(code, text)| (code, self.errors.unless_kept(text)));
            if let Some(&class) = self.outcomes.get(&outcome) {
                return class;
            }
        }
        let tags = self.request_tags(&outcome, SystemTags::ALL);
        let count = self.recorder.request_place(&tags);
        let tags = self.request_tags(&outcome, self.system_tags);
        let class = Class { address: self.address(&tags), count };
        self.outcomes.insert(outcome, class);
        class
    }

    fn address(&mut self, tags: &TagSet) -> Address {
        let route = self.recorder.route(tags);
        Address { route, tags: self.tap.as_ref().map(|tap| tap.tags(tags)) }
    }

    /// The tags of a request: its scope's, and those of `kept` that k6 gives it.
    fn request_tags(&self, outcome: &Outcome, kept: SystemTags) -> TagSet {
        let name = self.names.text(outcome.name);
        let status = outcome.status.to_string();
        let code = outcome.error.map(|(code, _)| code);
        let code = code.or_else(|| ErrorCode::of_status(outcome.status));
        let code = code.map(|code| code.to_string());
        let error = outcome.error.map(|(_, text)| self.errors.text(text));
        let method = self.methods.text(outcome.method);
        let ip = outcome.ip.map(|ip| ip.to_string());
        let expected = if outcome.expected { "true" } else { "false" };
        self.tags(
            outcome.scope,
            kept,
            &[
                (SystemTag::Name, Some(&name)),
                (SystemTag::Url, Some(&name)),
                (SystemTag::Method, Some(&method)),
                (SystemTag::Status, Some(&status)),
                (SystemTag::ExpectedResponse, Some(expected)),
                (SystemTag::Proto, outcome.proto),
                (SystemTag::TlsVersion, outcome.tls_version),
                (SystemTag::Error, error.as_deref()),
                (SystemTag::ErrorCode, code.as_deref()),
                (SystemTag::Ip, ip.as_deref()),
            ],
        )
    }

    /// The tags of a scope, with those of `kept` and `more` that have a value.
    fn tags(&self, scope: ScopeId, kept: SystemTags, more: &[(SystemTag, Option<&str>)]) -> TagSet {
        let group = self.scopes.group(scope);
        // The scope's own tags may replace the group, as in k6, and nothing else.
        let group = kept.has(SystemTag::Group).then_some((SystemTag::Group.as_str(), &*group));
        let more = more.iter().filter(|(tag, _)| kept.has(*tag));
        let more = more.filter_map(|&(tag, value)| Some((tag.as_str(), value?)));
        TagSet::new(group.into_iter().chain(self.scopes.tags(scope).iter()).chain(more))
    }

    /// Counts a check.
    pub(super) fn check(&mut self, scope: ScopeId, name: &str, holds: bool) {
        let name = self.checks.id(name);
        let (place, address) = self.check_place(scope, name);
        self.recorder.check(place, holds, address.route);
        self.note(address, CHECKS, Instant::now, || f64::from(u8::from(holds)));
    }

    fn check_place(&mut self, scope: ScopeId, mut name: TextId) -> (usize, Address) {
        if let Some(&known) = self.check_places.get(&(scope, name)) {
            return known;
        }
        if self.check_places.len() >= MAX_CHECKS {
            name = self.checks.unless_kept(name);
            if let Some(&known) = self.check_places.get(&(scope, name)) {
                return known;
            }
        }
        let (path, text) = (self.scopes.group(scope), self.checks.text(name));
        let tags = self.tags(scope, self.system_tags, &[(SystemTag::Check, Some(&text))]);
        let key = CheckKey {
            scenario: scenario_of(self.scopes.tags(scope)).into(),
            group: path[..].into(),
            name: text[..].into(),
        };
        let place = (self.recorder.check_place(&key), self.address(&tags));
        self.check_places.insert((scope, name), place);
        place
    }

    /// Adds a sample that carries the scope's tags alone. What is no finite number is counted and
    /// left out, as in k6. The time of it is asked for only if somebody wants to know.
    pub(super) fn add(
        &mut self,
        scope: ScopeId,
        metric: MetricId,
        at: impl FnOnce() -> Instant,
        value: f64,
    ) {
        if !value.is_finite() {
            self.rejected += 1;
            return;
        }
        let address = self.scope_address(scope);
        self.recorder.add(metric, value, address.route);
        self.note(address, metric, at, || value);
    }

    /// Adds a time, of which the same is true.
    pub(super) fn add_duration(
        &mut self,
        scope: ScopeId,
        metric: MetricId,
        at: Instant,
        value: Duration,
    ) {
        let address = self.scope_address(scope);
        self.recorder.add_duration(metric, value, address.route);
        self.note(address, metric, || at, || value.as_nanos() as f64 / 1e6);
    }

    fn note(
        &mut self,
        address: Address,
        metric: MetricId,
        at: impl FnOnce() -> Instant,
        value: impl FnOnce() -> f64,
    ) {
        if let (Some(tap), Some(tags)) = (&mut self.tap, address.tags) {
            tap.add(tags, metric, at(), value());
        }
    }

    fn scope_address(&mut self, scope: ScopeId) -> Address {
        if let Some(&address) = self.scope_addresses.get(&scope) {
            return address;
        }
        let tags = self.tags(scope, self.system_tags, &[]);
        let address = self.address(&tags);
        self.scope_addresses.insert(scope, address);
        address
    }

    /// Takes out what was added since the last time. What was noted in the tap goes the same way at
    /// the same time, so that both have the same sums.
    pub(super) fn take(&mut self) -> Delta {
        if let Some(tap) = &mut self.tap {
            tap.hand_over();
        }
        self.recorder.take()
    }

    /// How many values were left out because they were no numbers, and how often tags were because
    /// there were too many different ones.
    pub(super) fn left_out(&self) -> LeftOut {
        LeftOut { values: self.rejected, tags: self.scopes.left_out() }
    }

    /// The metrics.
    pub(super) fn registry(&self) -> &Registry {
        self.recorder.registry()
    }
}

#[cfg(test)]
mod tests;
