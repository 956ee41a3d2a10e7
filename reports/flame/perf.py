"""Reads what `perf script` prints: blocks of a head and one line for each function, the innermost first."""

import re

from .stacks import ProfileError, Stacks

_HEAD = re.compile(r"^(\S.*?)\s+\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:")
_FRAME = re.compile(r"^\s+[0-9a-f]+\s+(.*?)(?:\+0x[0-9a-f]+)?\s+\(.*\)$")


def read(text: str) -> Stacks:
    """The stacks of a recording, each below the name of its thread."""
    stacks = Stacks()
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        head = _HEAD.match(lines[0])
        if head is None:
            raise ProfileError(f"not a line of perf script: {lines[0][:80]!r}")
        frames = [found[1] for line in lines[1:] if (found := _FRAME.match(line))]
        stacks[(head[1], *reversed(frames))] += 1
    return stacks
