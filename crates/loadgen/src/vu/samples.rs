//! From what happened to samples: which tags it carries and which sinks that means.
//!
//! One per worker, shared by its VUs. Tags are resolved once for each kind of outcome; after that
//! a request is one look-up and a few additions.

use std::{sync::Arc, time::Duration};

use rustc_hash::FxHashMap;

use super::texts::{TextId, Texts};
use crate::{
    http::{ErrorCode, Hop},
    metrics::{CheckKey, Delta, MetricId, Recorder, Registry, RouteId, TagSet, builtin::*},
};

/// Names of requests and of groups, methods, and texts of errors that a worker tells apart. What
/// the tags of a submetric name is always among them.
const MAX_NAMES: usize = 10_000;
const MAX_GROUPS: usize = 200;
const MAX_METHODS: usize = 50;
const MAX_ERRORS: usize = 1_000;

/// Kinds of outcomes, and checks in groups, that a worker tells apart by name; what comes later has
/// no name of its own.
const MAX_OUTCOMES: usize = 20_000;
const MAX_CHECKS: usize = 1_000;

/// The path of a group as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GroupId(TextId);

/// Everything that decides which tags a request's samples carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Outcome {
    group: GroupId,
    name: TextId,
    method: TextId,
    status: u16,
    proto: Option<&'static str>,
    tls_version: Option<&'static str>,
    error: Option<(ErrorCode, TextId)>,
    expected: bool,
}

/// Where the samples of a kind of outcome go.
#[derive(Debug, Clone, Copy)]
struct Class {
    route: RouteId,
    count: usize,
}

/// A worker's recorder, with what it takes to address it.
pub(super) struct Samples {
    recorder: Recorder,
    scenario: String,
    names: Texts,
    checks: Texts,
    groups: Texts,
    methods: Texts,
    errors: Texts,
    outcomes: FxHashMap<Outcome, Class>,
    check_places: FxHashMap<(GroupId, TextId), (usize, RouteId)>,
    group_routes: FxHashMap<GroupId, RouteId>,
    root: GroupId,
    rejected: u64,
}

impl Samples {
    /// Nothing recorded yet, for the VUs of one scenario.
    pub(super) fn new(registry: Arc<Registry>, scenario: &str) -> Self {
        let mut names = Texts::new(MAX_NAMES);
        let mut checks = Texts::new(MAX_CHECKS);
        let mut groups = Texts::with_other(MAX_GROUPS, "::(other)");
        let mut methods = Texts::new(MAX_METHODS);
        let mut errors = Texts::new(MAX_ERRORS);
        for (tag, value) in registry.submetrics().flat_map(|(_, submetric)| submetric.tags.iter()) {
            match tag {
                "name" | "url" => names.keep(value),
                "check" => checks.keep(value),
                "method" => methods.keep(value),
                "error" => errors.keep(value),
                // With the groups around it, without which its path does not come about.
                "group" => {
                    value.match_indices("::").for_each(|(end, _)| groups.keep(&value[..end]));
                    groups.keep(value);
                }
                _ => {}
            }
        }
        let root = GroupId(groups.id(""));
        Self {
            recorder: Recorder::new(registry),
            scenario: scenario.into(),
            names,
            checks,
            groups,
            methods,
            errors,
            outcomes: FxHashMap::default(),
            check_places: FxHashMap::default(),
            group_routes: FxHashMap::default(),
            root,
            rejected: 0,
        }
    }

    /// The root group.
    pub(super) fn root(&self) -> GroupId {
        self.root
    }

    /// The group of a name within another.
    pub(super) fn subgroup(&mut self, outer: GroupId, name: &str) -> GroupId {
        let path = format!("{}::{name}", self.groups.text(outer.0));
        GroupId(self.groups.id(&path))
    }

    /// Adds the samples of one network round trip.
    pub(super) fn hop(&mut self, group: GroupId, hop: &Hop<'_>) {
        let outcome = Outcome {
            group,
            name: self.names.id(hop.url),
            method: self.methods.id(hop.method.as_str()),
            status: hop.status,
            proto: hop.proto,
            tls_version: hop.tls_version,
            error: hop.error.map(|error| (error.code, self.errors.id(&error.text))),
            expected: hop.expected,
        };
        let class = self.class(outcome);
        let recorder = &mut self.recorder;
        recorder.count_request(class.count);
        recorder.add(HTTP_REQS, 1.0, class.route);
        let timings = &hop.timings;
        for (metric, time) in [
            (HTTP_REQ_DURATION, timings.duration()),
            (HTTP_REQ_BLOCKED, timings.blocked),
            (HTTP_REQ_CONNECTING, timings.connecting),
            (HTTP_REQ_TLS_HANDSHAKING, timings.tls_handshaking),
            (HTTP_REQ_SENDING, timings.sending),
            (HTTP_REQ_WAITING, timings.waiting),
            (HTTP_REQ_RECEIVING, timings.receiving),
        ] {
            recorder.add_duration(metric, time, class.route);
        }
        recorder.add(HTTP_REQ_FAILED, f64::from(u8::from(!hop.expected)), class.route);
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
        let tags = self.request_tags(&outcome);
        let class =
            Class { route: self.recorder.route(&tags), count: self.recorder.request_place(&tags) };
        self.outcomes.insert(outcome, class);
        class
    }

    /// k6's system tags of a request.
    fn request_tags(&self, outcome: &Outcome) -> TagSet {
        let (group, name) = (self.groups.text(outcome.group.0), self.names.text(outcome.name));
        let status = outcome.status.to_string();
        let code = outcome.error.map(|(code, _)| code);
        let code = code.or_else(|| ErrorCode::of_status(outcome.status));
        let code = code.map(|code| code.to_string());
        let error = outcome.error.map(|(_, text)| self.errors.text(text));
        let method = self.methods.text(outcome.method);
        let always = [
            ("scenario", self.scenario.as_str()),
            ("group", &group),
            ("name", &name),
            ("url", &name),
            ("method", &method),
            ("status", &status),
            ("expected_response", if outcome.expected { "true" } else { "false" }),
        ];
        let sometimes = [
            ("proto", outcome.proto),
            ("tls_version", outcome.tls_version),
            ("error", error.as_deref()),
            ("error_code", code.as_deref()),
        ];
        let sometimes = sometimes.into_iter().filter_map(|(name, value)| Some((name, value?)));
        TagSet::new(always.into_iter().chain(sometimes))
    }

    /// Counts a check.
    pub(super) fn check(&mut self, group: GroupId, name: &str, holds: bool) {
        let name = self.checks.id(name);
        let (place, route) = self.check_place(group, name);
        self.recorder.check(place, holds, route);
    }

    fn check_place(&mut self, group: GroupId, mut name: TextId) -> (usize, RouteId) {
        if let Some(&known) = self.check_places.get(&(group, name)) {
            return known;
        }
        if self.check_places.len() >= MAX_CHECKS {
            name = self.checks.unless_kept(name);
            if let Some(&known) = self.check_places.get(&(group, name)) {
                return known;
            }
        }
        let (path, text) = (self.groups.text(group.0), self.checks.text(name));
        let tags = [("scenario", self.scenario.as_str()), ("group", &path), ("check", &text)];
        let route = self.recorder.route(&TagSet::new(tags));
        let key = CheckKey { group: path[..].into(), name: text[..].into() };
        let place = (self.recorder.check_place(&key), route);
        self.check_places.insert((group, name), place);
        place
    }

    /// Adds a sample that carries no tags but the scenario's and the group's. What is no finite
    /// number is counted and left out, as in k6.
    pub(super) fn add(&mut self, group: GroupId, metric: MetricId, value: f64) {
        if !value.is_finite() {
            self.rejected += 1;
            return;
        }
        let route = self.group_route(group);
        self.recorder.add(metric, value, route);
    }

    /// Adds a time that carries no tags but the scenario's and the group's.
    pub(super) fn add_duration(&mut self, group: GroupId, metric: MetricId, value: Duration) {
        let route = self.group_route(group);
        self.recorder.add_duration(metric, value, route);
    }

    fn group_route(&mut self, group: GroupId) -> RouteId {
        if let Some(&route) = self.group_routes.get(&group) {
            return route;
        }
        let path = self.groups.text(group.0);
        let tags = TagSet::new([("scenario", self.scenario.as_str()), ("group", &path)]);
        let route = self.recorder.route(&tags);
        self.group_routes.insert(group, route);
        route
    }

    /// Takes out what was added since the last time.
    pub(super) fn take(&mut self) -> Delta {
        self.recorder.take()
    }

    /// How many values were left out because they were no numbers.
    pub(super) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// The metrics.
    pub(super) fn registry(&self) -> &Registry {
        self.recorder.registry()
    }
}

#[cfg(test)]
mod tests;
