//! Which metrics and submetrics a run has. Fixed before the run starts.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Contains, MetricKind, TagSet, builtin};

/// A metric, as a place in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(pub(super) u16);

impl MetricId {
    /// The place, from 0, to index a table with.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A submetric, as a place in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubmetricId(pub(super) u16);

/// What a metric is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricDef {
    /// Its name.
    pub name: String,
    /// How its samples add up.
    pub kind: MetricKind,
    /// The unit of its values.
    pub contains: Contains,
}

/// The samples of a metric that carry certain tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submetric {
    /// The metric whose samples they are.
    pub parent: MetricId,
    /// `parent{tag:value}`.
    pub name: String,
    /// The tags that a sample must carry.
    pub tags: TagSet,
}

/// Why a metric cannot be declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// k6's rule for names is broken.
    #[error(
        "invalid metric name '{0}': 2 to 129 ASCII letters, digits or underscores are allowed, \
         starting with a letter or underscore"
    )]
    Name(String),
    /// The name is taken by a metric of another type.
    #[error("metric '{name}' already exists as a {existing:?} of {contains:?} values")]
    Exists {
        /// The name.
        name: String,
        /// The kind it has.
        existing: MetricKind,
        /// The unit it has.
        contains: Contains,
    },
    /// More metrics than there are ids.
    #[error("more than 65536 metrics or submetrics")]
    TooMany,
}

/// The metrics of a run: k6's built-in ones, then its own.
#[derive(Debug, Clone)]
pub struct Registry {
    id: u64,
    metrics: Vec<MetricDef>,
    submetrics: Vec<Submetric>,
}

impl Default for Registry {
    /// The built-in metrics and `http_req_duration{expected_response:true}`.
    fn default() -> Self {
        let metrics = builtin::ALL
            .iter()
            .map(|&(name, kind, contains)| MetricDef { name: name.into(), kind, contains })
            .collect();
        static REGISTRIES: AtomicU64 = AtomicU64::new(0);
        let id = REGISTRIES.fetch_add(1, Ordering::Relaxed);
        let expected = Submetric {
            parent: builtin::HTTP_REQ_DURATION,
            name: "http_req_duration{expected_response:true}".into(),
            tags: TagSet::new([("expected_response", "true")]),
        };
        Self { id, metrics, submetrics: vec![expected] }
    }
}

impl Registry {
    /// A number that no other registry has but clones of this one.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Declares a metric. Declaring one again with the same type gives the same metric.
    pub fn declare(
        &mut self,
        name: &str,
        kind: MetricKind,
        contains: Contains,
    ) -> Result<MetricId, MetricError> {
        if let Some(at) = self.metrics.iter().position(|metric| metric.name == name) {
            let existing = &self.metrics[at];
            if (existing.kind, existing.contains) == (kind, contains) {
                return Ok(MetricId(at as u16));
            }
            return Err(MetricError::Exists {
                name: name.into(),
                existing: existing.kind,
                contains: existing.contains,
            });
        }
        if !is_valid(name) {
            return Err(MetricError::Name(name.into()));
        }
        let id = MetricId(u16::try_from(self.metrics.len()).map_err(|_| MetricError::TooMany)?);
        self.metrics.push(MetricDef { name: name.into(), kind, contains });
        Ok(id)
    }

    /// The submetric of the samples that carry `tags`. If there is none with these tags yet, it is
    /// made, and `criteria` is what its name has between the braces.
    pub fn submetric_of(
        &mut self,
        parent: MetricId,
        criteria: &str,
        tags: &TagSet,
    ) -> Result<SubmetricId, MetricError> {
        let same = |sub: &Submetric| sub.parent == parent && sub.tags == *tags;
        if let Some(at) = self.submetrics.iter().position(same) {
            return Ok(SubmetricId(at as u16));
        }
        let id = u16::try_from(self.submetrics.len()).map_err(|_| MetricError::TooMany)?;
        let name = format!("{}{{{criteria}}}", self.metric(parent).name);
        self.submetrics.push(Submetric { parent, name, tags: tags.clone() });
        Ok(SubmetricId(id))
    }

    /// The metric of a name.
    pub fn find(&self, name: &str) -> Option<MetricId> {
        self.metrics().find(|(_, metric)| metric.name == name).map(|(id, _)| id)
    }

    /// What a metric is.
    pub fn metric(&self, id: MetricId) -> &MetricDef {
        &self.metrics[usize::from(id.0)]
    }

    /// What a submetric is.
    pub fn submetric(&self, id: SubmetricId) -> &Submetric {
        &self.submetrics[usize::from(id.0)]
    }

    /// All metrics, built-in ones first.
    pub fn metrics(&self) -> impl Iterator<Item = (MetricId, &MetricDef)> {
        self.metrics.iter().enumerate().map(|(at, metric)| (MetricId(at as u16), metric))
    }

    /// All submetrics.
    pub fn submetrics(&self) -> impl Iterator<Item = (SubmetricId, &Submetric)> {
        self.submetrics.iter().enumerate().map(|(at, sub)| (SubmetricId(at as u16), sub))
    }
}

fn is_valid(name: &str) -> bool {
    (2..=129).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_ids_name_their_metrics() {
        let registry = Registry::default();
        let name = |id| registry.metric(id).name.as_str();
        assert_eq!(name(builtin::HTTP_REQS), "http_reqs");
        assert_eq!(name(builtin::DATA_RECEIVED), "data_received");
        assert_eq!(name(builtin::HTTP_REQ_FAILED), "http_req_failed");
        let submetrics: Vec<_> = registry.submetrics().map(|(_, sub)| sub.name.clone()).collect();
        assert_eq!(submetrics, ["http_req_duration{expected_response:true}"]);
    }

    #[test]
    fn a_metric_may_be_declared_twice_but_not_with_another_type() {
        let mut registry = Registry::default();
        let id = registry.declare("orders", MetricKind::Counter, Contains::Default).expect("new");
        let again = registry.declare("orders", MetricKind::Counter, Contains::Default);
        assert_eq!(again, Ok(id));
        let error = registry.declare("orders", MetricKind::Trend, Contains::Time).unwrap_err();
        assert_eq!(
            error.to_string(),
            "metric 'orders' already exists as a Counter of Default values"
        );
        assert!(registry.declare("http_reqs", MetricKind::Rate, Contains::Default).is_err());
    }

    #[test]
    fn spellings_of_the_same_tags_share_a_submetric() {
        let mut registry = Registry::default();
        let mut add = |criteria, tags: &[(&str, &str)]| {
            registry.submetric_of(builtin::HTTP_REQS, criteria, &TagSet::new(tags.iter().copied()))
        };
        let first = add("a:1,b:2", &[("a", "1"), ("b", "2")]).expect("new");
        assert_eq!(add("b:2, a:1", &[("b", "2"), ("a", "1")]), Ok(first));
        assert_ne!(add("a:1", &[("a", "1")]), Ok(first));
        assert_eq!(registry.submetric(first).name, "http_reqs{a:1,b:2}");
    }

    #[test]
    fn names_follow_the_rule() {
        let longest = "a".repeat(129);
        for good in ["ab", "_1", "Orders_2", &longest] {
            assert!(is_valid(good), "{good}");
        }
        let too_long = "a".repeat(130);
        for bad in ["", "a", "1a", "a-b", "añ", "a b", &too_long] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
