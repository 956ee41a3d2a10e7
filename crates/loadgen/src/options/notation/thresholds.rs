//! Thresholds.

use serde::Deserialize as _;

use super::{
    super::thresholds::{ThresholdMap, ThresholdOptions},
    Flag, Notation, at, file_only, items, object, replace,
};

/// Why text is no metric with what must hold for it.
#[derive(Debug, thiserror::Error)]
#[error("invalid threshold '{0}'; allowed is METRIC=EXPRESSION, as in http_req_duration=p(95)<200")]
struct InvalidThreshold(String);

/// Thresholds: by metric in files, `METRIC=EXPRESSION` as a flag.
pub const THRESHOLDS: Notation<ThresholdMap> = Notation {
    json: |value| {
        let mut map = ThresholdMap::default();
        for (metric, list) in object(value)? {
            let list = items(list, |item| Ok(ThresholdOptions::deserialize(item)?));
            map.insert(metric.clone(), list.map_err(|reason| at(metric, reason))?);
        }
        Ok(map)
    },
    variable: file_only,
    flag: Flag::Many(|map, text| {
        let (metric, expression) = split(text).ok_or_else(|| InvalidThreshold(text.into()))?;
        let map = map.get_or_insert_default();
        map.entry(metric.into()).or_default().push(ThresholdOptions::new(expression));
        Ok(())
    }),
    // Only keys that are no text could fail, and there are none.
    write: |map| serde_json::to_value(map).unwrap_or_default(),
    fill: replace,
};

/// Cuts at the first `=` that is not between the braces of a submetric, where tags may hold one.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let at = text.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '=' && depth == 0
    })?;
    let (metric, expression) = (text[..at].trim(), text[at + 1..].trim());
    // In `checks==1` the statistic is missing, not the metric called `checks`.
    let valid = !metric.is_empty() && !expression.is_empty() && !expression.starts_with('=');
    valid.then_some((metric, expression))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_ends_at_the_first_equals_sign_outside_of_braces() {
        for (text, expected) in [
            ("http_req_duration=p(95)<200", Some(("http_req_duration", "p(95)<200"))),
            ("checks = rate==1", Some(("checks", "rate==1"))),
            ("vus=value<=5", Some(("vus", "value<=5"))),
            ("a{b:c=d,e:}=count>0", Some(("a{b:c=d,e:}", "count>0"))),
            ("a}=count>0", Some(("a}", "count>0"))),
            ("checks==1", None),
            ("checks<1", None),
            ("=rate>0", None),
            ("checks=", None),
            ("a{b:c=count>0", None),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
