//! Samples as lines: `metric,tag=value field=1i,value=0.5 1795502445065000000`.

use std::{collections::BTreeMap, io::Write as _};

use super::{
    super::{Sample, number, once::Once},
    config::{FieldKind, Precision},
};
use crate::metrics::TagSet;

/// Makes lines.
pub(super) struct Lines {
    fields: BTreeMap<String, FieldKind>,
    precision: Precision,
    /// By tags: what stands between metric and value, and between value and time.
    frames: Once<(Vec<u8>, Vec<u8>)>,
}

impl Lines {
    /// Lines in which these tags are fields.
    pub(super) fn new(fields: BTreeMap<String, FieldKind>, precision: Precision) -> Self {
        Self { fields, precision, frames: Once::default() }
    }

    /// Appends the line of a sample. Names of metrics need no escaping.
    pub(super) fn push(&mut self, text: &mut Vec<u8>, sample: &Sample<'_>) {
        let fields = &self.fields;
        let with_origin = (!sample.origin.is_unknown()).then(|| {
            let numbers = sample.origin.metadata().map(|(name, it)| (name, it.to_string()));
            let numbers: Vec<_> = numbers.collect();
            let tags = numbers.iter().map(|(name, number)| (*name, number.as_str()));
            frame(&sample.tags.with(tags), fields)
        });
        let (before, behind) = match &with_origin {
            Some(frame) => frame,
            None => self.frames.get(sample.series.tags.index(), || frame(sample.tags, fields)),
        };
        text.extend_from_slice(sample.metric.name.as_bytes());
        text.extend_from_slice(before);
        number::without_exponent(text, sample.value);
        text.extend_from_slice(behind);
        let _ = writeln!(text, "{}", sample.unix_nanos / self.precision.nanos);
    }
}

fn frame(tags: &TagSet, kinds: &BTreeMap<String, FieldKind>) -> (Vec<u8>, Vec<u8>) {
    let mut before = Vec::new();
    // InfluxDB has no tags without a value.
    for (name, value) in tags.iter().filter(|(_, value)| !value.is_empty()) {
        if !kinds.contains_key(name) {
            before.push(b',');
            push_escaped(&mut before, name);
            before.push(b'=');
            push_escaped(&mut before, value);
        }
    }
    before.push(b' ');
    let mut behind = Vec::new();
    for (name, value) in tags.iter() {
        let Some(kind) = kinds.get(name) else { continue };
        // Sorted, and `value` is one of them.
        if name < "value" {
            push_field(&mut before, name, value, *kind);
            before.push(b',');
        } else {
            behind.push(b',');
            push_field(&mut behind, name, value, *kind);
        }
    }
    before.extend_from_slice(b"value=");
    behind.push(b' ');
    (before, behind)
}

/// A field; text if the value is none of its kind.
fn push_field(text: &mut Vec<u8>, name: &str, value: &str, kind: FieldKind) {
    push_escaped(text, name);
    let typed = match kind {
        FieldKind::String => None,
        FieldKind::Int => value.parse::<i64>().ok().map(|number| format!("={number}i")),
        FieldKind::Float => value
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| format!("={number}")),
        FieldKind::Bool => value.parse::<bool>().ok().map(|on| format!("={on}")),
    };
    match typed {
        Some(typed) => text.extend_from_slice(typed.as_bytes()),
        None => {
            let value = value.replace('\\', r"\\").replace('"', "\\\"");
            text.extend_from_slice(format!("=\"{value}\"").as_bytes());
        }
    }
}

/// The name or the value of a tag.
fn push_escaped(text: &mut Vec<u8>, tag: &str) {
    for character in tag.chars() {
        match character {
            // There is no way to write a line break.
            '\n' | '\r' => text.extend_from_slice(br"\ "),
            ',' | '=' | ' ' => text.extend_from_slice(&[b'\\', character as u8]),
            _ => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    if tag.ends_with('\\') {
        // Or else it would escape what comes next.
        text.push(b'\\');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(tags: &[(&str, &str)], fields: &[(&str, FieldKind)]) -> String {
        let fields = fields.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
        let (before, behind) = super::frame(&TagSet::new(tags.iter().copied()), &fields);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        format!("{}1{}", text(before), text(behind))
    }

    #[test]
    fn tags_and_fields_are_sorted_and_empty_tags_left_out() {
        let fields =
            [("status", FieldKind::Int), ("url", FieldKind::String), ("vu", FieldKind::Int)];
        assert_eq!(
            frame(
                &[("url", "root"), ("group", ""), ("vu", "7"), ("status", "200"), ("name", "root")],
                &fields
            ),
            r#",name=root status=200i,url="root",value=1,vu=7i "#
        );
        assert_eq!(frame(&[], &fields), " value=1 ");
        assert_eq!(frame(&[("vu", "none")], &fields), r#" value=1,vu="none" "#);
        let fields = [("a", FieldKind::Float), ("b", FieldKind::Bool)];
        assert_eq!(frame(&[("a", "1.50"), ("b", "true")], &fields), " a=1.5,b=true,value=1 ");
        assert_eq!(frame(&[("a", "NaN"), ("b", "1")], &fields), r#" a="NaN",b="1",value=1 "#);
    }

    #[test]
    fn what_means_something_to_influxdb_is_escaped() {
        let fields = [("url", FieldKind::String)];
        assert_eq!(
            frame(&[("check", "a=b, c\nd\\"), ("url", r#"/"x"\"#)], &fields),
            r#",check=a\=b\,\ c\ d\\ url="/\"x\"\\",value=1 "#
        );
    }
}
