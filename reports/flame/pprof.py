"""Reads pprof's format: a gzipped protocol buffer, as google/pprof's profile.proto describes it."""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator

from .stacks import ProfileError, Stacks

# Of a field: a number, or bytes that are a text, a message or packed numbers.
Value = int | bytes
Fields = dict[int, list[Value]]


def read(data: bytes) -> Stacks:
    """The stacks of a profile, counted by the last of its sample types, which pprof shows too."""
    try:
        profile = _fields(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        return _stacks(profile)
    except (EOFError, OSError, zlib.error, IndexError, KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"not a profile of pprof: {error}") from error


def _stacks(profile: Fields) -> Stacks:
    texts = [_bytes(text).decode() for text in profile[6]]
    functions = {}
    for message in profile[5]:
        function = _fields(_bytes(message))
        functions[_number(function, 1)] = texts[_number(function, 2)]
    # An address stands for several functions where some were inlined, the innermost first.
    locations = {}
    for message in profile[4]:
        location = _fields(_bytes(message))
        lines = [_fields(_bytes(line)) for line in location[4]]
        names = [functions[_number(line, 1)] for line in lines]
        locations[_number(location, 1)] = names or [f"{_number(location, 3):#x}"]
    stacks = Stacks()
    for message in profile[2]:
        sample = _fields(_bytes(message))
        innermost_first = [name for location in _numbers(sample[1]) for name in locations[location]]
        stacks[tuple(reversed(innermost_first))] += list(_numbers(sample[2]))[-1]
    return stacks


def _fields(message: bytes) -> Fields:
    fields: Fields = defaultdict(list)
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(message, at)
            fields[number].append(value)
        elif kind == 2:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("it ends within a field")
            fields[number].append(message[at : at + length])
            at += length
        else:
            raise ValueError(f"a field of kind {kind}")
    return fields


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _numbers(values: list[Value]) -> Iterator[int]:
    """Repeated numbers, packed or one by one."""
    for value in values:
        if isinstance(value, int):
            yield value
        else:
            at = 0
            while at < len(value):
                number, at = _varint(value, at)
                yield number


def _number(fields: Fields, number: int) -> int:
    # What is not written is 0.
    value = fields[number][-1] if fields[number] else 0
    if not isinstance(value, int):
        raise ValueError(f"field {number} is not a number")
    return value


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a number where a message should be")
    return value
