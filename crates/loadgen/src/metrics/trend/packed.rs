//! A trend that is only kept: a few kilobytes where an open histogram takes hundreds.

use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer as _, V2Serializer},
};

use super::Trend;

/// What a [`Trend`] holds, made small. It can be added to another one, and nothing else.
#[derive(Debug, Clone)]
pub struct PackedTrend {
    positive: Box<[u8]>,
    negative: Option<Box<[u8]>>,
    sum: i128,
    min: i64,
    max: i64,
}

impl Trend {
    /// Makes it small.
    pub fn pack(&self) -> PackedTrend {
        PackedTrend {
            positive: pack(&self.positive),
            negative: self.negative.as_deref().map(pack),
            sum: self.sum,
            min: self.min,
            max: self.max,
        }
    }

    /// The values of zero and above, in ticks, in HDR's V2 format.
    pub fn encoded(&self) -> Box<[u8]> {
        pack(&self.positive)
    }

    /// Adds all values of a packed trend.
    pub fn merge_packed(&mut self, other: &PackedTrend) {
        self.merge(&Self {
            positive: unpack(&other.positive),
            negative: other.negative.as_deref().map(|bytes| Box::new(unpack(bytes))),
            sum: other.sum,
            min: other.min,
            max: other.max,
        });
    }
}

fn pack(histogram: &Histogram<u64>) -> Box<[u8]> {
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(histogram, &mut bytes).expect("writing to memory does not fail");
    bytes.into()
}

fn unpack(mut bytes: &[u8]) -> Histogram<u64> {
    Deserializer::new().deserialize(&mut bytes).expect("written by `pack`")
}
