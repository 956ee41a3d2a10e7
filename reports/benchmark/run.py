"""Goes through environments, rounds and servers, and gathers what came of it."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .comparison import Comparison, compare
from .confine import parent_group
from .machine import Division, Machine
from .measure import PATHS, BenchError, Measurement, Setting, StartError, crawl, list_of_paths, measure, running
from .plan import Environment, Plan, Server


@dataclass(frozen=True)
class Cell:
    """One server in one environment: its rounds, in order."""

    rounds: tuple[Measurement, ...]

    @property
    def loaded(self) -> list[Measurement]:
        """The rounds in which it came to answer."""
        return [each for each in self.rounds if each.summary is not None]

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
    # None where there are no two servers that came to answer.
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
    (folder / PATHS).write_text(json.dumps(paths, indent=1) + "\n")

    rows = []
    for environment in plan.environments:
        if reason := machine.lacks(environment):
            _say(f"{environment.label}: skipped, {reason}")
            rows.append(Row(environment, None, reason, {}, None))
            continue
        setting = Setting(plan, environment, machine.divide(environment), group, loadgen)
        rows.append(_measure_environment(setting, folder))
    return Result(plan, machine, confinement, len(paths), left_out, tuple(rows), versions)


def _paths(setting: Setting) -> tuple[list[str], dict[str, list[str]]]:
    """The paths to ask for, and by server those of it that not every other server has. Every server is
    started once without limits, so that one that cannot be started is found before anything is measured."""
    plan = setting.plan
    found = {}
    for server in plan.servers:
        try:
            with running(server, setting) as started:
                found[server.name] = set() if plan.paths else set(crawl(started, setting))
        except StartError as error:
            raise BenchError(f"{server.name}: {error}") from error
    if plan.paths:
        return list_of_paths(plan.paths.read_text(), str(plan.paths)), {}
    common = set.intersection(*found.values())
    if not common:
        raise BenchError("the servers have no path in common")
    _say(f"{len(common)} paths that all servers have")
    extra = {name: sorted(paths - common) for name, paths in found.items() if paths - common}
    for name, paths in extra.items():
        _say(f"{name}: {len(paths)} paths left out that not every server has, as {paths[0]}")
    return sorted(common), extra


def _measure_environment(setting: Setting, results: Path) -> Row:
    slug = setting.environment.slug
    rounds: dict[str, list[Measurement]] = {server.name: [] for server in setting.plan.servers}
    _say(f"{setting.environment.label}: {setting.division}")
    for number, server in _turns(setting.plan):
        measured = measure(server, setting, results, f"{slug}/{server.name}/round-{number}")
        rounds[server.name].append(measured)
        outcome = measured.death or f"{measured.requests_per_second:,.0f} requests/s"
        _say(f"  round {number}, {server.name}: {outcome}")
    cells = {name: Cell(tuple(each)) for name, each in rounds.items()}
    folder = results / slug
    files = {name: kept for name, cell in cells.items() if (kept := _keep(cell, folder / name))}
    comparison = compare(setting.loadgen, files, folder / "compare.html") if len(files) > 1 else None
    return Row(setting.environment, setting.division, None, cells, comparison)


def _keep(cell: Cell, folder: Path) -> list[Path]:
    """Of the middle round all reports, as `summary`; of the others the figures. The figures' files."""
    files = []
    for number, summary in enumerate((each.summary for each in _by_speed(cell)), 1):
        assert summary is not None
        reports = summary.parent
        if number == (len(cell.loaded) + 1) // 2:
            for report in reports.iterdir():
                report.rename(folder / report.name)
            files.append(folder / summary.name)
        else:
            files.append(summary.rename(folder / f"{reports.name}.json"))
    for number in range(1, len(cell.rounds) + 1):
        shutil.rmtree(folder / f"round-{number}")
    return sorted(files)


def _by_speed(cell: Cell) -> list[Measurement]:
    return sorted(cell.loaded, key=lambda each: each.requests_per_second)


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
