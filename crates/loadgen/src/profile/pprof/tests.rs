use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use prost::Message as _;

use super::*;

/// `profile.proto`, as far as it matters here, by another implementation.
#[derive(Clone, PartialEq, prost::Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Stack>,
    #[prost(message, repeated, tag = "3")]
    mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Place>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stack {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Mapping {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "5")]
    filename: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Place {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    mapping_id: u64,
    #[prost(uint64, tag = "3")]
    address: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
}

/// Places in the table of texts.
const TEXTS: [&str; 9] = [
    "",
    "samples",
    "count",
    "cpu",
    "nanoseconds",
    "main",
    "serve",
    "copy\u{1b}[2J",
    "/usr/lib/libc.so.6",
];

fn kind(kind: i64, unit: i64) -> ValueType {
    ValueType { kind, unit }
}

/// Functions 1 to 3 have the names 5 to 7 of the table, and 4 has none.
fn small() -> Profile {
    let function = |(id, name)| Function { id, name };
    let place = |id: u64, mapping_id, functions: &[u64]| Place {
        id,
        mapping_id,
        address: 0x1000 + id,
        line: functions.iter().map(|&function_id| Line { function_id, line: 1 }).collect(),
    };
    let stack = |places: &[u64], samples: i64| Stack {
        location_id: places.into(),
        value: vec![samples, samples * 10_000_000],
    };
    Profile {
        sample_type: vec![kind(1, 2), kind(3, 4)],
        sample: vec![
            // The innermost first: `copy` was inlined into `serve`.
            stack(&[20, 10], 3),
            stack(&[10], 1),
            stack(&[40, 10], 2),
            stack(&[50, 10], 1),
            stack(&[60, 10], 1),
        ],
        mapping: vec![Mapping { id: 1, filename: 8 }],
        location: vec![
            place(10, 0, &[1]),
            place(20, 0, &[3, 2]),
            place(40, 1, &[4]),
            place(50, 1, &[]),
            place(60, 0, &[]),
        ],
        function: [(1, 5), (2, 6), (3, 7), (4, 0)].map(function).into(),
        string_table: TEXTS.map(String::from).into(),
        duration_nanos: 1,
    }
}

fn shown(profile: &Profile) -> String {
    let contents = match read(&profile.encode_to_vec()) {
        Ok(contents) => contents,
        Err(error) => return error.to_string(),
    };
    let Contents { kind, unit, samples, tree } = contents;
    let mut lines = vec![format!("{kind} {unit} {samples:?} {}", tree.total())];
    lines.extend(
        tree.calls(1, 99)
            .into_iter()
            .map(|call| format!("{}{} {}", "  ".repeat(call.depth), call.name, call.value)),
    );
    lines.join("\n")
}

#[test]
fn stacks_with_inlined_functions_and_with_some_that_have_no_name() {
    insta::assert_snapshot!(shown(&small()), @r"
    cpu nanoseconds Some(8) 80000000
    main 80000000
      serve 30000000
        copy�[2J 30000000
      libc.so.6 0x1028 20000000
      libc.so.6 0x1032 10000000
      0x103c 10000000
    ");
}

#[test]
fn cpu_time_counts_and_else_the_last_type() {
    let kinds = |kinds: &[ValueType]| shown(&Profile { sample_type: kinds.into(), ..small() });
    assert!(kinds(&[kind(3, 4), kind(1, 2)]).starts_with("cpu nanoseconds Some(80000000) 8\n"));
    assert!(kinds(&[kind(1, 2), kind(5, 2)]).starts_with("main count Some(8) 80000000\n"));
    assert_eq!(kinds(&[]), "it has no sample type");
    let three = [kind(1, 2), kind(5, 2), kind(6, 2)];
    assert_eq!(kinds(&three), "it names value 2, which it does not have");
}

#[test]
fn what_is_named_must_be_there() {
    let mut profile = small();
    profile.string_table.truncate(6);
    assert_eq!(shown(&profile).lines().count(), 1);
    profile = small();
    profile.location.truncate(1);
    assert_eq!(shown(&profile), "it names location 20, which it does not have");
}

#[test]
fn the_difference_of_two_profiles_has_what_became_more() {
    let mut profile = small();
    profile.sample[0].value = vec![-3, -30_000_000];
    assert!(shown(&profile).starts_with("cpu nanoseconds Some(5) 50000000\n"));
}

#[test]
fn what_is_too_large_is_refused() {
    // A stack of all the functions of a place, over and over.
    let mut profile = small();
    profile.location[0].line = vec![Line { function_id: 1, line: 0 }; 100_000];
    profile.sample = vec![Stack { location_id: vec![10], value: vec![1, 1] }; 200];
    assert_eq!(shown(&profile), "it is too large");
    // Many entries in few bytes.
    profile = small();
    profile.function = vec![Function::default(); MOST_ENTRIES];
    assert_eq!(shown(&profile), "it is too large");
    // More numbers than there may be.
    profile = small();
    profile.sample[0].location_id = vec![10; MOST_FRAMES];
    assert_eq!(shown(&profile), "it is too large");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory takes it");
    packed.finish().expect("memory takes it")
}

#[test]
fn packed_or_not_and_never_without_end() {
    let message = small().encode_to_vec();
    assert_eq!(*unpack(&gzip(&message)).expect("it is packed"), message);
    assert_eq!(*unpack(&message).expect("it is not packed"), message);
    let bomb = gzip(&vec![0; MOST_BYTES + 1]);
    let error = unpack(&bomb).expect_err("too much").to_string();
    assert_eq!(error, "it unpacks to more than 64 MiB");
    unpack(&bomb[..999]).expect_err("cut short");
}

proptest! {
    #[test]
    fn any_bytes_can_be_read(bytes: Vec<u8>) {
        let _ = unpack(&bytes).map(|message| read(&message).map(drop));
    }

    #[test]
    fn a_profile_may_be_damaged_anywhere(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end: prop::sample::Index,
    ) {
        let mut message = small().encode_to_vec();
        for (place, byte) in damages {
            let place = place.index(message.len());
            message[place] = byte;
        }
        let _ = read(&message).map(drop);
        let _ = read(&message[..end.index(message.len())]).map(drop);
    }
}
