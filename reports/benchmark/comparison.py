"""What `loadgen compare` says of the rounds of several servers: means, ratios, and which differences are
more than noise."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .measure import BenchError


@dataclass(frozen=True)
class Figure:
    """One statistic of one server: the mean of its rounds. Times are milliseconds."""

    value: float
    # The value divided by the first server's, and how far that may be off; None where there is none.
    ratio: float | None = None
    margin: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Servers, held against the first one."""

    # By "metric.statistic" and server.
    figures: Mapping[str, Mapping[str, Figure]]
    # By server, in words; the first has none.
    verdicts: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "Comparison":
        """From what `--format json` prints."""
        parsed = json.loads(text)
        names = [column["name"] for column in parsed["columns"]]
        figures = {}
        for row in parsed["rows"]:
            cells = zip(names, row["cells"], strict=True)
            figures[f"{row['metric']}.{row['statistic']}"] = {name: _figure(cell) for name, cell in cells if cell}
        verdicts = {column["name"]: column["verdict"] for column in parsed["columns"] if column["verdict"]}
        return cls(figures, {name: verdict.replace("-", " ") for name, verdict in verdicts.items()})


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


def _figure(cell: dict[str, Any]) -> Figure:
    noise = cell["noise"]
    margin = noise["margin"] / noise["base"] if noise and noise["base"] > 0 else None
    return Figure(cell["value"], cell["ratio"], margin)
