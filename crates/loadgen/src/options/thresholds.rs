//! Thresholds as their author writes them. Nothing is checked here;
//! [`thresholds`](crate::thresholds) says what is wrong with them.

use std::{fmt, time::Duration};

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
    ser::SerializeStruct,
};

use super::duration::{self, GoDuration};

/// By metric (`http_req_duration`) or submetric (`http_req_duration{status:200}`), in the order of
/// their file: what must hold for it. All of a metric's must.
pub type ThresholdMap = IndexMap<String, Vec<ThresholdOptions>>;

/// One threshold: in files a text, or an object `{threshold, abortOnFail, delayAbortEval}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThresholdOptions {
    /// What must hold: `p(95)<200`.
    pub threshold: String,
    /// End the test when it does not.
    pub abort_on_fail: bool,
    /// Do so only when the test is older than this. Unset: at once.
    pub delay_abort_eval: Option<Duration>,
}

impl ThresholdOptions {
    /// A threshold that does not end the test.
    pub fn new(threshold: impl Into<String>) -> Self {
        Self { threshold: threshold.into(), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for ThresholdOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = ThresholdOptions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a threshold, as in \"p(95)<200\" or {\"threshold\": \"p(95)<200\"}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(ThresholdOptions::new(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let object = Object::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ThresholdOptions {
                    threshold: object.threshold,
                    abort_on_fail: object.abort_on_fail.unwrap_or_default(),
                    delay_abort_eval: object.delay_abort_eval,
                })
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// The longer form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    threshold: String,
    abort_on_fail: Option<bool>,
    #[serde(default, deserialize_with = "delay")]
    delay_abort_eval: Option<Duration>,
}

/// A number is milliseconds; a text is in the extended notation.
fn delay<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    struct Delay;

    impl Visitor<'_> for Delay {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a duration, as in \"10s\" or 10000")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_u64<E: Error>(self, millis: u64) -> Result<Self::Value, E> {
            self.visit_str(&millis.to_string())
        }

        fn visit_i64<E: Error>(self, millis: i64) -> Result<Self::Value, E> {
            self.visit_str(&millis.to_string())
        }

        fn visit_f64<E: Error>(self, millis: f64) -> Result<Self::Value, E> {
            self.visit_str(&millis.to_string())
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            duration::parse_extended(text).map(Some).map_err(E::custom)
        }
    }

    deserializer.deserialize_any(Delay)
}

impl Serialize for ThresholdOptions {
    /// As k6 prints it: the text alone, unless it ends the test.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.abort_on_fail {
            return serializer.serialize_str(&self.threshold);
        }
        let delay = self.delay_abort_eval.map(|delay| GoDuration(delay).to_string());
        let mut object = serializer.serialize_struct("threshold", 3)?;
        object.serialize_field("threshold", &self.threshold)?;
        object.serialize_field("abortOnFail", &true)?;
        object.serialize_field("delayAbortEval", &delay)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_order_is_kept() {
        let file = r#"{
            "vus": ["value>0"],
            "checks": [
                "rate>0.9",
                {"threshold": "rate>0.5", "abortOnFail": true, "delayAbortEval": "1m"},
                {"threshold": "rate>0", "abortOnFail": true, "delayAbortEval": 1500},
                {"threshold": "rate<2", "abortOnFail": null, "delayAbortEval": null}
            ],
            "a{b:c}": []
        }"#;
        let map: ThresholdMap = serde_json::from_str(file).expect("thresholds");
        assert_eq!(map.keys().collect::<Vec<_>>(), ["vus", "checks", "a{b:c}"]);
        let printed = serde_json::to_string(&map).expect("text keys");
        insta::assert_snapshot!(printed, @r#"{"vus":["value>0"],"checks":["rate>0.9",{"threshold":"rate>0.5","abortOnFail":true,"delayAbortEval":"1m0s"},{"threshold":"rate>0","abortOnFail":true,"delayAbortEval":"1.5s"},"rate<2"],"a{b:c}":[]}"#);
        assert_eq!(map["checks"][3], ThresholdOptions::new("rate<2"));
    }

    #[test]
    fn other_forms_are_refused() {
        let errors = [
            "7",
            "{}",
            r#"{"threshold": "a>1", "abortOnFail": "yes"}"#,
            r#"{"threshold": "a>1", "delayAbortEval": "soon"}"#,
            r#"{"threshold": "a>1", "delayAbortEval": -1}"#,
            r#"{"threshold": "a>1", "delayAbortEval": true}"#,
        ]
        .map(|text| match serde_json::from_str::<ThresholdOptions>(text) {
            Ok(options) => format!("{options:?}"),
            Err(error) => error.to_string(),
        });
        insta::assert_snapshot!(errors.join("\n"), @r#"
        invalid type: integer `7`, expected a threshold, as in "p(95)<200" or {"threshold": "p(95)<200"} at line 1 column 1
        missing field `threshold` at line 1 column 2
        invalid type: string "yes", expected a boolean at line 1 column 41
        invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h at line 1 column 45
        negative duration "-1"; allowed is zero or more at line 1 column 41
        invalid type: boolean `true`, expected a duration, as in "10s" or 10000 at line 1 column 43
        "#);
    }
}
