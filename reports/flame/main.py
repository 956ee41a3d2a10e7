"""The command line of `reports/flamegraph`."""

import argparse
import sys
from pathlib import Path

from . import perf, pprof, svg
from .stacks import ProfileError, Stacks, hottest


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="flamegraph", description="Draws a CPU profile as a flame graph (SVG).")
    parser.add_argument("profile", type=Path, help="an answer of /debug/pprof/profile, or output of `perf script`")
    parser.add_argument("--top", type=int, metavar="N", help="print the N hottest functions instead")
    options = parser.parse_args(arguments)
    try:
        stacks = _read(options.profile.read_bytes())
    except (OSError, ProfileError) as error:
        print(f"flamegraph: {options.profile}: {error}", file=sys.stderr)
        return 1
    if options.top is None:
        print(svg.draw(stacks, options.profile.name), end="")
    else:
        print(_table(stacks, options.top))
    return 0


def _read(data: bytes) -> Stacks:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        stacks = pprof.read(data)
    else:
        stacks = perf.read(text)
    if not stacks.total():
        raise ProfileError("it has no samples; was there load while it was taken?")
    return stacks


def _table(stacks: Stacks, count: int) -> str:
    total = stacks.total()
    lines = ["itself   below  function"]
    for function, itself, below in hottest(stacks)[:count]:
        lines.append(f"{itself / total:6.1%}  {below / total:6.1%}  {function}")
    return "\n".join(lines)
