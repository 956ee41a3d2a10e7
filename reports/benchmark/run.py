"""Goes through environments, rounds and servers, and gathers what came of it."""

import json
import shlex
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .comparison import Comparison, compare
from .confine import parent_group
from .machine import Division, Machine
from .measure import BenchError, Measurement, Setting, crawl, list_of_paths, measure
from .plan import Environment, Plan, Server


@dataclass(frozen=True)
class Cell:
    """One server in one environment: its rounds, in order."""

    rounds: tuple[Measurement, ...]

    def middle(self) -> int:
        """The round whose requests per second are the median; its reports stand for the others."""
        rates = [each.requests_per_second for each in self.rounds]
        return rates.index(statistics.median_low(rates))

    @property
    def deaths(self) -> list[str]:
        return [each.death for each in self.rounds if each.death is not None]


@dataclass(frozen=True)
class Row:
    """What came of an environment: a cell for each server, or why there is none."""

    environment: Environment
    division: Division | None
    skipped: str | None
    cells: dict[str, Cell]
    comparison: Comparison | None


@dataclass(frozen=True)
class Result:
    plan: Plan
    machine: Machine
    # How memory was kept.
    confinement: str
    paths: int
    # What not all servers had, and was left out.
    left_out: dict[str, list[str]]
    rows: tuple[Row, ...]
    versions: dict[str, str]


def run(plan: Plan, folder: Path, loadgen: str) -> Result:
    """Measures everything in a plan; loadgen's reports go into the folder, by environment and server."""
    machine = Machine.this()
    group = parent_group()
    confinement = f"watched, because {group}" if isinstance(group, str) else "a limit of the kernel (cgroup v2)"
    _say(f"cores by affinity; memory: {confinement}")

    versions = {server.name: _version(server, plan) for server in plan.servers}

    everything = Environment(None, None, 1)
    setting = Setting(plan, everything, machine.divide(everything), group, loadgen)
    paths, left_out = _paths(setting)
    list_file = folder / "paths.json"
    list_file.write_text(json.dumps(paths, indent=1) + "\n")

    rows = []
    for environment in plan.environments:
        if reason := machine.lacks(environment):
            _say(f"{environment.label}: skipped, {reason}")
            rows.append(Row(environment, None, reason, {}, None))
            continue
        setting = Setting(plan, environment, machine.divide(environment), group, loadgen)
        rows.append(_measure_environment(setting, list_file, folder / environment.slug))
    return Result(plan, machine, confinement, len(paths), left_out, tuple(rows), versions)


def _paths(setting: Setting) -> tuple[list[str], dict[str, list[str]]]:
    """The paths to ask for, and by server those that it alone or not every other server has."""
    plan = setting.plan
    if plan.paths is not None:
        return list_of_paths(plan.paths.read_text(), str(plan.paths)), {}
    found = {}
    for server in plan.servers:
        found[server.name] = set(crawl(server, setting))
        _say(f"{server.name}: {len(found[server.name])} paths")
    common = set.intersection(*found.values())
    if not common:
        raise BenchError("the servers have no path in common")
    extra = {name: sorted(paths - common) for name, paths in found.items() if paths - common}
    for name, paths in extra.items():
        _say(f"{name}: {len(paths)} paths left out that not every server has, as {paths[0]}")
    return sorted(common), extra


def _measure_environment(setting: Setting, paths: Path, folder: Path) -> Row:
    rounds: dict[str, list[Measurement]] = {server.name: [] for server in setting.plan.servers}
    _say(f"{setting.environment.label}: {setting.division}")
    for number, server in _turns(setting.plan):
        measured = measure(server, setting, paths, folder / server.name / f"round-{number}")
        rounds[server.name].append(measured)
        outcome = measured.death or f"{measured.requests_per_second:,.0f} requests/s"
        _say(f"  round {number}, {server.name}: {outcome}")
    cells = {name: Cell(tuple(each)) for name, each in rounds.items()}
    files = {name: _keep(cell, folder / name) for name, cell in cells.items()}
    comparison = compare(setting.loadgen, files, folder / "compare.html")
    return Row(setting.environment, setting.division, None, cells, comparison)


def _keep(cell: Cell, folder: Path) -> list[Path]:
    """Of the middle round all reports, as `summary`; of the others the figures. All figures' files."""
    files = []
    for number in range(1, len(cell.rounds) + 1):
        reports = folder / f"round-{number}"
        if number == cell.middle() + 1:
            for report in reports.iterdir():
                report.rename(folder / report.name)
            files.append(folder / "summary.json")
        else:
            files.append((reports / "summary.json").rename(folder / f"round-{number}.json"))
        shutil.rmtree(reports)
    return files


def _turns(plan: Plan) -> Iterator[tuple[int, Server]]:
    """Servers in turn; every second round backwards, so that none is always after the same."""
    for number in range(1, plan.rounds + 1):
        servers = plan.servers if number % 2 else reversed(plan.servers)
        for server in servers:
            yield number, server


def _version(server: Server, plan: Plan) -> str:
    if not server.version:
        return ""
    try:
        done = subprocess.run(
            shlex.split(server.version),
            cwd=plan.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError(f"{server.name}: version: {error}") from error
    return done.stdout.partition("\n")[0].strip()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
