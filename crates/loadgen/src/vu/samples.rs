//! From what happened to samples: which tags it carries and which sinks that means.
//!
//! One per worker, shared by its VUs. Tags are resolved once for each kind of outcome; after that
//! a request is one look-up and a few additions.

use std::{rc::Rc, sync::Arc, time::Duration};

use http::Method;
use rustc_hash::FxHashMap;

use crate::{
    http::{ErrorCode, Hop},
    metrics::{CheckKey, MetricId, Recorder, Registry, RouteId, TagSet, Tally, builtin::*},
};

/// Different texts (URLs, names of checks and groups, error messages) that are told apart.
///
/// A test over a million distinct URLs must not keep a million tag sets; what comes after the
/// limit is counted under [`OTHER`].
const MAX_TEXTS: usize = 10_000;

/// The tag value that stands for all texts beyond [`MAX_TEXTS`].
pub(crate) const OTHER: &str = "(other)";

/// A text as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TextId(u32);

/// Everything that decides which tags a request's samples carry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Outcome {
    group: TextId,
    name: TextId,
    method: Method,
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
pub(crate) struct Samples {
    recorder: Recorder,
    scenario: String,
    texts: FxHashMap<Rc<str>, TextId>,
    by_id: Vec<Rc<str>>,
    outcomes: FxHashMap<Outcome, Class>,
    checks: FxHashMap<(TextId, TextId), (usize, RouteId)>,
    groups: FxHashMap<TextId, RouteId>,
}

impl Samples {
    /// Nothing recorded yet, for the VUs of one scenario.
    pub(crate) fn new(registry: Arc<Registry>, scenario: &str) -> Self {
        let mut samples = Self {
            recorder: Recorder::new(registry),
            scenario: scenario.into(),
            texts: FxHashMap::default(),
            by_id: Vec::new(),
            outcomes: FxHashMap::default(),
            checks: FxHashMap::default(),
            groups: FxHashMap::default(),
        };
        let root = samples.text("");
        debug_assert_eq!(root, Self::ROOT);
        samples
    }

    /// The path of the root group.
    pub(super) const ROOT: TextId = TextId(0);

    /// The number of a text.
    pub(super) fn text(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.texts.get(text) {
            return id;
        }
        let text = if self.by_id.len() < MAX_TEXTS { text } else { OTHER };
        if let Some(&id) = self.texts.get(text) {
            return id;
        }
        let id = TextId(self.by_id.len() as u32);
        let text: Rc<str> = text.into();
        self.by_id.push(text.clone());
        self.texts.insert(text, id);
        id
    }

    /// The text of a number.
    pub(super) fn str(&self, id: TextId) -> Rc<str> {
        self.by_id[id.0 as usize].clone()
    }

    /// Adds the samples of one network round trip.
    pub(super) fn hop(&mut self, group: TextId, hop: &Hop<'_>) {
        let outcome = Outcome {
            group,
            name: self.text(hop.url),
            method: hop.method.clone(),
            status: hop.status,
            proto: hop.proto,
            tls_version: hop.tls_version,
            error: hop.error.map(|error| (error.code, self.text(&error.text))),
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

    fn class(&mut self, outcome: Outcome) -> Class {
        if let Some(&class) = self.outcomes.get(&outcome) {
            return class;
        }
        let tags = self.request_tags(&outcome);
        let class =
            Class { route: self.recorder.route(&tags), count: self.recorder.request_place(&tags) };
        self.outcomes.insert(outcome, class);
        class
    }

    /// k6's system tags of a request.
    fn request_tags(&self, outcome: &Outcome) -> TagSet {
        let (group, name) = (self.str(outcome.group), self.str(outcome.name));
        let status = outcome.status.to_string();
        let code = outcome.error.map(|(code, _)| code);
        let code = code.or_else(|| ErrorCode::of_status(outcome.status));
        let code = code.map(|code| code.to_string());
        let error = outcome.error.map(|(_, text)| self.str(text));
        let always = [
            ("scenario", self.scenario.as_str()),
            ("group", &group),
            ("name", &name),
            ("url", &name),
            ("method", outcome.method.as_str()),
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
    pub(super) fn check(&mut self, group: TextId, name: &str, holds: bool) {
        let name = self.text(name);
        let (place, route) = match self.checks.get(&(group, name)) {
            Some(&known) => known,
            None => {
                let (path, text) = (self.str(group), self.str(name));
                let tags = TagSet::new([
                    ("scenario", self.scenario.as_str()),
                    ("group", &path),
                    ("check", &text),
                ]);
                let key = CheckKey { group: path[..].into(), name: text[..].into() };
                let new = (self.recorder.check_place(&key), self.recorder.route(&tags));
                self.checks.insert((group, name), new);
                new
            }
        };
        self.recorder.check(place, holds, route);
    }

    /// Adds a sample that carries no tags but the scenario's and the group's.
    pub(super) fn add(&mut self, group: TextId, metric: MetricId, value: f64) {
        let route = self.group_route(group);
        self.recorder.add(metric, value, route);
    }

    /// Adds a time that carries no tags but the scenario's and the group's.
    pub(super) fn add_duration(&mut self, group: TextId, metric: MetricId, value: Duration) {
        let route = self.group_route(group);
        self.recorder.add_duration(metric, value, route);
    }

    fn group_route(&mut self, group: TextId) -> RouteId {
        if let Some(&route) = self.groups.get(&group) {
            return route;
        }
        let path = self.str(group);
        let tags = TagSet::new([("scenario", self.scenario.as_str()), ("group", &path)]);
        let route = self.recorder.route(&tags);
        self.groups.insert(group, route);
        route
    }

    /// Takes out what was added since the last time.
    pub(crate) fn take(&mut self) -> Tally {
        self.recorder.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_beyond_the_limit_are_told_apart_no_more() {
        let mut samples = Samples::new(Arc::new(Registry::default()), "default");
        for number in 0..2 * MAX_TEXTS {
            samples.text(&format!("/{number}"));
        }
        let other = samples.text("/one-more");
        assert_eq!(&*samples.str(other), OTHER);
        assert_eq!(other, samples.text("/yet-another"));
        assert_eq!(samples.by_id.len(), MAX_TEXTS + 1);
        let early = samples.text("/5");
        assert_eq!(&*samples.str(early), "/5");
    }
}
