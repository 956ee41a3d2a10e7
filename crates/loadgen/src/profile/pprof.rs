//! pprof's format: a message of Protocol Buffers, gzipped as a rule, that google/pprof's
//! `profile.proto` describes. Samples are stacks of locations, a location is one function and those
//! that were inlined into it, and all names are in one table.
//!
//! A message from a stranger may hold anything: memory and time are bounded by counting what it
//! names.

use std::{borrow::Cow, collections::HashMap, io};

use super::tree::{CallTree, TooLarge};
use crate::{
    crawl::gzip,
    output::protobuf::{Field, Malformed, fields, packed},
};

/// Bytes of an answer, packed or not; real profiles have some million.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Texts, functions, mappings, locations and their lines, all together.
const MOST_ENTRIES: usize = 1 << 20;

/// Locations and their lines in all samples together.
const MOST_FRAMES: usize = 1 << 22;

/// Fields of a `Profile`.
const SAMPLE_TYPE: u64 = 1;
const SAMPLE: u64 = 2;
const MAPPING: u64 = 3;
const LOCATION: u64 = 4;
const FUNCTION: u64 = 5;
const STRING_TABLE: u64 = 6;

/// What a profile holds.
#[derive(Debug)]
pub(super) struct Contents {
    /// What was counted.
    pub(super) kind: String,
    /// In what.
    pub(super) unit: String,
    /// How often somebody looked, if the profile says so.
    pub(super) samples: Option<u64>,
    /// Where it was found.
    pub(super) tree: CallTree,
}

/// Why bytes are no profile.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidProfile {
    /// It looks packed and is not.
    #[error("it cannot be unpacked: {0}")]
    Packed(#[from] io::Error),
    /// A few bytes that stand for many.
    #[error("it unpacks to more than {} MiB", MOST_BYTES >> 20)]
    TooLong,
    /// Not even a message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It says of no value what it is.
    #[error("it has no sample type")]
    Kindless,
    /// It names something that it does not have.
    #[error("it names {what} {place}, which it does not have")]
    Missing { what: &'static str, place: u64 },
    /// More than anybody wants to see.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl InvalidProfile {
    fn missing(what: &'static str, place: u64) -> Self {
        Self::Missing { what, place }
    }
}

/// The message in what a target answered.
pub(super) fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, InvalidProfile> {
    if !bytes.starts_with(&gzip::MAGIC) {
        return Ok(bytes.into());
    }
    match gzip::unpack(bytes, MOST_BYTES)? {
        (message, false) => Ok(message.into()),
        (_, true) => Err(InvalidProfile::TooLong),
    }
}

/// Reads a message, and adds up the values that matter.
pub(super) fn read(message: &[u8]) -> Result<Contents, InvalidProfile> {
    let tables = Tables::read(message)?;
    let kinds = tables.kinds()?;
    let chosen = chosen(&kinds).ok_or(InvalidProfile::Kindless)?;
    let counted = position(&kinds, "samples", "count");
    let mut tree = CallTree::default();
    let frames = tables.frames(&mut tree)?;
    let mut samples = 0_u64;
    let mut left = MOST_FRAMES;
    for sample in fields(message).filter_map(|field| inner(field, SAMPLE)) {
        let sample = Sample::read(sample?, &mut left)?;
        if let Some(place) = counted {
            samples = samples.saturating_add(sample.value(place)?);
        }
        let value = sample.value(chosen)?;
        if value > 0 {
            tree.add(sample.stack(&frames, &mut left)?, value)?;
        }
    }
    let (kind, unit) = kinds.into_iter().nth(chosen).unwrap_or_default();
    Ok(Contents { kind, unit, samples: counted.map(|_| samples), tree })
}

/// Which of the values matters: CPU time if there is any, else the last one, which pprof shows, too.
fn chosen(kinds: &[(String, String)]) -> Option<usize> {
    position(kinds, "cpu", "nanoseconds").or(kinds.len().checked_sub(1))
}

fn position(kinds: &[(String, String)], kind: &str, unit: &str) -> Option<usize> {
    kinds.iter().position(|it| (&*it.0, &*it.1) == (kind, unit))
}

/// What samples refer to.
#[derive(Default)]
struct Tables<'a> {
    texts: Vec<&'a [u8]>,
    /// Each a kind and a unit, as places in the texts.
    sample_types: Vec<(u64, u64)>,
    /// Names of functions, as places in the texts.
    functions: HashMap<u64, u64>,
    /// Files that were loaded, as places in the texts.
    mappings: HashMap<u64, u64>,
    locations: HashMap<u64, Location>,
}

struct Location {
    mapping: u64,
    address: u64,
    /// The innermost first.
    functions: Vec<u64>,
}

impl<'a> Tables<'a> {
    fn read(message: &'a [u8]) -> Result<Self, InvalidProfile> {
        let mut tables = Self::default();
        let mut left = MOST_ENTRIES;
        for field in fields(message) {
            let (number, Field::Bytes(bytes)) = field? else { continue };
            match number {
                SAMPLE_TYPE => {
                    let [kind, unit] = numbers(bytes, [1, 2])?;
                    tables.sample_types.push((kind, unit));
                }
                MAPPING => {
                    let [id, file] = numbers(bytes, [1, 5])?;
                    tables.mappings.insert(id, file);
                }
                LOCATION => {
                    let [id, mapping, address] = numbers(bytes, [1, 2, 3])?;
                    let lines = fields(bytes).filter_map(|field| inner(field, 4));
                    let functions = lines.map(|line| {
                        spend(&mut left, 1)?;
                        let [function] = numbers(line?, [1])?;
                        Ok(function)
                    });
                    let functions = functions.collect::<Result<_, InvalidProfile>>()?;
                    tables.locations.insert(id, Location { mapping, address, functions });
                }
                FUNCTION => {
                    let [id, name] = numbers(bytes, [1, 2])?;
                    tables.functions.insert(id, name);
                }
                STRING_TABLE => tables.texts.push(bytes),
                _ => continue,
            }
            spend(&mut left, 1)?;
        }
        Ok(tables)
    }

    fn text(&self, place: u64) -> Result<String, InvalidProfile> {
        let text = usize::try_from(place).ok().and_then(|place| self.texts.get(place));
        let text = text.ok_or(InvalidProfile::missing("text", place))?;
        // What is shown on a terminal must not steer it.
        Ok(String::from_utf8_lossy(text).replace(char::is_control, "\u{fffd}"))
    }

    /// Kind and unit of each value.
    fn kinds(&self) -> Result<Vec<(String, String)>, InvalidProfile> {
        let texts = |&(kind, unit): &(u64, u64)| Ok((self.text(kind)?, self.text(unit)?));
        self.sample_types.iter().map(texts).collect()
    }

    /// The functions of each location as `tree` has them, the innermost first.
    fn frames(&self, tree: &mut CallTree) -> Result<HashMap<u64, Vec<usize>>, InvalidProfile> {
        let mut frames = HashMap::new();
        for (id, location) in &self.locations {
            let names = match &location.functions[..] {
                [] => vec![String::new()],
                functions => {
                    let names = functions.iter().map(|function| self.name(*function));
                    names.collect::<Result<_, _>>()?
                }
            };
            let mut functions = Vec::with_capacity(names.len());
            for name in names {
                let name = if name.is_empty() { self.place(location)? } else { name };
                functions.push(tree.function(name));
            }
            frames.insert(*id, functions);
        }
        Ok(frames)
    }

    /// The name of a function; empty if it has none.
    fn name(&self, function: u64) -> Result<String, InvalidProfile> {
        self.functions.get(&function).map_or(Ok(String::new()), |name| self.text(*name))
    }

    /// Where a function is that has no name: its file and its address.
    fn place(&self, location: &Location) -> Result<String, InvalidProfile> {
        let file = self.mappings.get(&location.mapping).map(|file| self.text(*file)).transpose()?;
        let file = file.unwrap_or_default();
        let file = file.rsplit('/').next().unwrap_or_default();
        let separator = if file.is_empty() { "" } else { " " };
        Ok(format!("{file}{separator}{:#x}", location.address))
    }
}

struct Sample {
    /// The innermost first.
    locations: Vec<u64>,
    values: Vec<u64>,
}

impl Sample {
    /// `left` is how many numbers there may still be.
    fn read(sample: &[u8], left: &mut usize) -> Result<Self, InvalidProfile> {
        let mut read = Self { locations: Vec::new(), values: Vec::new() };
        for field in fields(sample) {
            let (number, field) = field?;
            let list = match number {
                1 => &mut read.locations,
                2 => &mut read.values,
                _ => continue,
            };
            let start = list.len();
            match field {
                Field::Varint(number) => list.push(number),
                Field::Bytes(bytes) => {
                    for number in packed(bytes).take(*left + 1) {
                        list.push(number?);
                    }
                }
                Field::Fixed => return Err(Malformed.into()),
            }
            spend(left, list.len() - start)?;
        }
        Ok(read)
    }

    /// One of its values. The difference of two profiles has negative ones, which are none here.
    fn value(&self, place: usize) -> Result<u64, InvalidProfile> {
        let value = self.values.get(place);
        let value = value.ok_or(InvalidProfile::missing("value", place as u64))?;
        Ok(u64::try_from(value.cast_signed()).unwrap_or(0))
    }

    /// Its functions, the outermost first; `frames` are those of each location.
    fn stack<'a>(
        &self,
        frames: &'a HashMap<u64, Vec<usize>>,
        left: &mut usize,
    ) -> Result<impl Iterator<Item = usize> + use<'a>, InvalidProfile> {
        let functions = self.locations.iter().map(|location| {
            frames.get(location).ok_or(InvalidProfile::missing("location", *location))
        });
        let functions: Vec<_> = functions.collect::<Result<_, _>>()?;
        spend(left, functions.iter().map(|lines| lines.len()).sum())?;
        Ok(functions.into_iter().rev().flat_map(|lines| lines.iter().rev().copied()))
    }
}

fn spend(left: &mut usize, amount: usize) -> Result<(), TooLarge> {
    *left = left.checked_sub(amount).ok_or(TooLarge)?;
    Ok(())
}

/// The message in a field with this number.
fn inner<'a>(
    field: Result<(u64, Field<'a>), Malformed>,
    wanted: u64,
) -> Option<Result<&'a [u8], Malformed>> {
    match field {
        Ok((number, Field::Bytes(bytes))) if number == wanted => Some(Ok(bytes)),
        Ok(_) => None,
        Err(malformed) => Some(Err(malformed)),
    }
}

/// The numbers in these fields; what is not written is 0.
fn numbers<const N: usize>(message: &[u8], wanted: [u64; N]) -> Result<[u64; N], Malformed> {
    let mut found = [0; N];
    for field in fields(message) {
        if let (number, Field::Varint(value)) = field?
            && let Some(place) = wanted.iter().position(|wanted| *wanted == number)
        {
            found[place] = value;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
