"""What `loadgen compare` says of several servers' rounds: ratios, and which differences are more than noise."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .measure import BenchError


@dataclass(frozen=True)
class Verdict:
    """A server held against the first."""

    # Of requests per second, and how far noise may have moved it, where that can be told.
    ratio: float | None
    margin: float | None
    # What that says, and what throughput, latency and failures say together.
    rate: str
    whole: str


@dataclass(frozen=True)
class Comparison:
    base: str
    # Of every server but the base.
    verdicts: Mapping[str, Verdict]

    @classmethod
    def parse(cls, text: str) -> "Comparison":
        """From what `--format json` prints."""
        parsed = json.loads(text)
        columns = parsed["columns"]
        requests = next(row for row in parsed["rows"] if (row["metric"], row["statistic"]) == ("http_reqs", "rate"))
        verdicts = {}
        for column, cell in list(zip(columns, requests["cells"], strict=True))[1:]:
            rate, whole = _words(cell["verdict"]), _words(column["verdict"])
            verdicts[column["name"]] = Verdict(cell["ratio"], _margin(cell["noise"]), rate, whole)
        return cls(columns[0]["name"], verdicts)


def _words(verdict: str | None) -> str:
    return (verdict or "not judged").replace("-", " ")


def _margin(noise: Mapping[str, float | None] | None) -> float | None:
    """Half the width of the interval around a change. An end without a bound is null."""
    low, high = (noise["low"], noise["high"]) if noise else (None, None)
    return None if low is None or high is None else (high - low) / 2


def compare(loadgen: str, rounds: Mapping[str, Sequence[Path]], page: Path) -> Comparison:
    """Compares the stored summaries of each server's rounds, and writes loadgen's page of it."""
    words = [f"{name}={','.join(map(str, files))}" for name, files in rounds.items()]
    _run(loadgen, *words, "--format", "html", "--output", str(page))
    return Comparison.parse(_run(loadgen, *words, "--format", "json"))


def _run(loadgen: str, *arguments: str) -> str:
    done = subprocess.run([loadgen, "compare", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"loadgen compare: {done.stderr.strip()}")
    return done.stdout
