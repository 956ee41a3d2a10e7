//! Protocol Buffers, as far as something here speaks them: a writer and a reader of fields, whose
//! numbers and kinds the callers take from the `.proto` files.
//!
//! Like every implementation of proto3 the writer leaves out numbers that are zero and texts that are
//! empty, except in what is repeated, part of a `oneof` or `optional`: there zero is a value, and
//! the methods that end in `_even_if_zero` and `_even_if_empty` write it.

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

/// What a field's value looks like on the wire.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
}

impl Message {
    /// The bytes of a message whose fields `write` writes.
    pub(super) fn encode(write: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut message = Self::default();
        write(&mut message);
        message.bytes
    }

    /// A message inside this one; repeated ones are written one after the other.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.tag(field, Wire::Bytes);
        self.measured(write);
    }

    /// A text.
    pub(super) fn string(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.string_even_if_empty(field, text);
        }
    }

    /// The same in a `oneof`.
    pub(super) fn string_even_if_empty(&mut self, field: u32, text: &str) {
        self.tag(field, Wire::Bytes);
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A `bool`, `enum`, `uint32`, `uint64`, or an `int64` that is not negative.
    pub(super) fn uint(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.uint_even_if_zero(field, value);
        }
    }

    /// The same in a `oneof`.
    pub(super) fn uint_even_if_zero(&mut self, field: u32, value: u64) {
        self.tag(field, Wire::Varint);
        self.varint(value);
    }

    /// A `sint32` or `sint64`.
    pub(super) fn sint(&mut self, field: u32, value: i64) {
        self.uint(field, zigzag(value));
    }

    /// A `fixed64`.
    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.fixed64_even_if_zero(field, value);
        }
    }

    /// A `fixed64` or `sfixed64` in a `oneof`.
    pub(super) fn fixed64_even_if_zero(&mut self, field: u32, value: u64) {
        self.tag(field, Wire::Fixed64);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A `double`.
    pub(super) fn double(&mut self, field: u32, value: f64) {
        // Of the two zeros only the positive one is the default.
        self.fixed64(field, value.to_bits());
    }

    /// A `double` in a `oneof`, or an `optional` one.
    pub(super) fn double_even_if_zero(&mut self, field: u32, value: f64) {
        self.fixed64_even_if_zero(field, value.to_bits());
    }

    /// A `repeated sint64`, packed.
    pub(super) fn sints(&mut self, field: u32, values: impl IntoIterator<Item = i64>) {
        self.packed(field, |packed| {
            values.into_iter().for_each(|value| packed.varint(zigzag(value)));
        });
    }

    /// A `repeated fixed64`, packed.
    pub(super) fn fixed64s(&mut self, field: u32, values: impl IntoIterator<Item = u64>) {
        self.packed(field, |packed| {
            values
                .into_iter()
                .for_each(|value| packed.bytes.extend_from_slice(&value.to_le_bytes()));
        });
    }

    /// A `repeated double`, packed.
    pub(super) fn doubles(&mut self, field: u32, values: impl IntoIterator<Item = f64>) {
        self.fixed64s(field, values.into_iter().map(f64::to_bits));
    }

    fn packed(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.tag(field, Wire::Bytes);
        if self.measured(write) == 0 {
            self.bytes.truncate(start);
        }
    }

    /// Writes a length and, after it, what has that length, which it returns.
    fn measured(&mut self, write: impl FnOnce(&mut Self)) -> usize {
        let start = self.bytes.len();
        write(self);
        let length = self.bytes.len() - start;
        // The length goes in front, where its own size is known only now.
        self.varint(length as u64);
        let prefix = self.bytes.len() - start - length;
        self.bytes[start..].rotate_right(prefix);
        length
    }

    fn tag(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field) << 3 | wire as u64);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// A field of a message that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// An `int64` or one of its kind.
    Varint(u64),
    /// A text, a message, or what is packed.
    Bytes(&'a [u8]),
    /// A number of four or eight bytes; nothing here asks for one.
    Fixed,
}

/// What is no field, in a message that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no message of Protocol Buffers, or was cut short")]
pub(crate) struct Malformed;

/// The fields of a message with their numbers. What is no field is the last item.
pub(crate) fn fields(bytes: &[u8]) -> impl Iterator<Item = Result<(u64, Field<'_>), Malformed>> {
    all(bytes, take_field)
}

/// The numbers of a packed field.
pub(crate) fn packed(bytes: &[u8]) -> impl Iterator<Item = Result<u64, Malformed>> {
    all(bytes, take_varint)
}

fn all<'a, T>(
    mut bytes: &'a [u8],
    take: impl Fn(&mut &'a [u8]) -> Option<T>,
) -> impl Iterator<Item = Result<T, Malformed>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let item = take(&mut bytes).ok_or(Malformed);
        if item.is_err() {
            bytes = &[];
        }
        Some(item)
    })
}

fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let tag = take_varint(bytes)?;
    let field = match tag & 7 {
        0 => Field::Varint(take_varint(bytes)?),
        1 => take(bytes, 8).map(|_| Field::Fixed)?,
        2 => {
            let length = usize::try_from(take_varint(bytes)?).ok()?;
            Field::Bytes(take(bytes, length)?)
        }
        5 => take(bytes, 4).map(|_| Field::Fixed)?,
        _ => return None,
    };
    Some((tag >> 3, field))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Numbers near zero of either sign are small.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    /// One field of each kind that is written.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Everything {
        #[prost(string, tag = "1")]
        text: String,
        #[prost(uint64, tag = "2")]
        uint: u64,
        #[prost(sint64, tag = "3")]
        sint: i64,
        #[prost(fixed64, tag = "4")]
        fixed: u64,
        #[prost(double, tag = "5")]
        double: f64,
        #[prost(double, optional, tag = "6")]
        optional: Option<f64>,
        #[prost(sint64, repeated, tag = "7")]
        sints: Vec<i64>,
        #[prost(double, repeated, tag = "8")]
        doubles: Vec<f64>,
        #[prost(message, repeated, tag = "9")]
        inner: Vec<Everything>,
        #[prost(uint64, optional, tag = "1000")]
        far: Option<u64>,
    }

    fn everything() -> impl Strategy<Value = Everything> {
        // The other implementation leaves out the negative zero, too, which is a value.
        let double = any::<f64>().prop_map(|value| if value == 0.0 { 0.0 } else { value });
        let numbers = (any::<u64>(), any::<i64>(), any::<u64>(), double);
        let more = (
            any::<Option<f64>>(),
            prop::collection::vec(any::<i64>(), 0..100),
            prop::collection::vec(any::<f64>(), 0..50),
            any::<Option<u64>>(),
        );
        let leaf = ("\\PC{0,200}", numbers, more).prop_map(|(text, numbers, more)| {
            let (uint, sint, fixed, double) = numbers;
            let (optional, sints, doubles, far) = more;
            let inner = Vec::new();
            Everything { text, uint, sint, fixed, double, optional, sints, doubles, inner, far }
        });
        leaf.prop_recursive(3, 8, 3, |inner| {
            (inner.clone(), prop::collection::vec(inner, 0..3))
                .prop_map(|(outer, inner)| Everything { inner, ..outer })
        })
    }

    fn write(it: &Everything, message: &mut Message) {
        message.string(1, &it.text);
        message.uint(2, it.uint);
        message.sint(3, it.sint);
        message.fixed64(4, it.fixed);
        message.double(5, it.double);
        if let Some(value) = it.optional {
            message.double_even_if_zero(6, value);
        }
        message.sints(7, it.sints.iter().copied());
        message.doubles(8, it.doubles.iter().copied());
        for inner in &it.inner {
            message.message(9, |message| write(inner, message));
        }
        if let Some(value) = it.far {
            message.uint_even_if_zero(1000, value);
        }
    }

    proptest! {
        #[test]
        fn another_implementation_writes_the_same_bytes(it in everything()) {
            prop_assert_eq!(Message::encode(|message| write(&it, message)), it.encode_to_vec());
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(uint: u64, text in "\\PC*", number: u64) {
            let bytes = Message::encode(|message| {
                message.uint_even_if_zero(1, uint);
                message.fixed64_even_if_zero(2000, number);
                message.string_even_if_empty(3, &text);
            });
            let want = [
                (1, Field::Varint(uint)),
                (2000, Field::Fixed),
                (3, Field::Bytes(text.as_bytes())),
            ];
            let read: Result<Vec<_>, _> = fields(&bytes).collect();
            prop_assert_eq!(read, Ok(want.to_vec()));
            // Cut short, it has the fields before the cut.
            for end in 0..bytes.len() {
                prop_assert!(fields(&bytes[..end]).flatten().count() < 3);
            }
        }

        #[test]
        fn what_is_packed_can_be_read(numbers: Vec<u64>, cut in 1..9_usize) {
            let mut message = Message::default();
            numbers.iter().for_each(|number| message.varint(*number));
            let bytes = message.bytes;
            let read: Result<Vec<_>, _> = packed(&bytes).collect();
            prop_assert_eq!(read, Ok(numbers));
            let cut = &bytes[..bytes.len().saturating_sub(cut)];
            prop_assert!(packed(cut).flatten().count() < packed(&bytes).count().max(1));
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            prop_assert!(fields(&bytes).count() <= bytes.len());
            prop_assert!(packed(&bytes).count() <= bytes.len());
        }
    }

    #[test]
    fn zeros_are_left_out_except_where_they_are_values() {
        let zeros = Everything { optional: Some(0.0), far: Some(0), ..Everything::default() };
        let bytes = Message::encode(|message| write(&zeros, message));
        assert_eq!(bytes, zeros.encode_to_vec());
        assert_eq!(bytes.len(), 1 + 8 + 2 + 1);
    }
}
