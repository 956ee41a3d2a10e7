"""The command line of `reports/bench`."""

import argparse
import datetime
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from . import plan, report
from .measure import BenchError
from .run import run

_TOOLS = ("setpriv", "taskset")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench",
        description="Starts each server of a TOML file in each environment, loads it, and writes a table. "
        "The README's section 'Compare two servers' has an example.",
    )
    parser.add_argument("file", type=Path, help="what to compare")
    parser.add_argument("--loadgen", default="loadgen", help="the loadgen to use (default: that of the PATH)")
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="where reports go (default: reports)")
    parser.add_argument("--note", default="", help="a sentence for the report, as on who else used the machine")
    options = parser.parse_args(arguments)

    # All of these leave the blocks that processes run in, and so end the processes.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _compare(options.file, _program(options.loadgen), options.reports, options.note)
    except (plan.PlanError, BenchError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except _Interrupted as interrupted:
        print(f"bench: stopped by {interrupted}; there is no table", file=sys.stderr)
        return 128 + interrupted.number


def _compare(file: Path, loadgen: str, reports: Path, note: str) -> int:
    comparison = plan.read(file)
    today = datetime.date.today().isoformat()
    folder = reports / f"{today}-{comparison.name}"
    if folder.exists():
        raise BenchError(f"{folder} exists; move it away, or give the comparison another name")
    folder.mkdir(parents=True)
    result = run(comparison, folder, loadgen)
    report.write(result, folder, report.Circumstances(f"reports/bench {file}", today, note))
    print(folder / "README.md")
    died = any(cell.deaths for row in result.rows for cell in row.cells.values())
    return 3 if died else 0


def _program(loadgen: str) -> str:
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            raise BenchError(f"{tool} is not installed; it is part of util-linux")
    if shutil.which(loadgen) is None:
        raise BenchError(f"no program {loadgen}; put it on the PATH or name it with --loadgen")
    # It is called in other folders than this.
    return loadgen if "/" not in loadgen else str(Path(loadgen).resolve())


class _Interrupted(BaseException):
    """Raised in the place where a signal arrived."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Once: the way out must not be interrupted in its turn.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise _Interrupted(number)
