"""A command and all that it starts, as one session of the kernel: watched together, ended together.

It knows nothing of servers or load. Whatever becomes of this program, the command is killed with it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a session takes at one moment."""

    # Of processes that run and of children that were waited for.
    cpu_seconds: float
    # Proportional set size: what processes share is counted once.
    memory_bytes: int


class Session:
    """Ends when its block is left, in whatever way."""

    def __init__(self, command: Sequence[str], cores: Sequence[int], folder: Path, log: Path) -> None:
        """Starts a command on some cores, in a folder; what it says goes into a log."""
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *pinned, *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def id(self) -> int:
        return self._process.pid

    def ended(self) -> int | None:
        """The exit code, once the command has ended; of a signal, the negative of its number."""
        return self._process.poll()

    def usage(self) -> Usage:
        cpu = 0
        memory = 0
        for process, fields in _processes(self.id):
            # User and system time, its own and its children's: fields 14 to 17 of proc(5).
            cpu += sum(int(ticks) for ticks in fields[11:15])
            memory += _memory(process)
        return Usage(cpu / _TICKS, memory)

    def signal(self, number: signal.Signals) -> None:
        for process, _ in _processes(self.id):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def stop(self, patience: float = 10.0) -> None:
        """Asks all processes to end, then ends those that do not within some seconds."""
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        while any(True for _ in _processes(self.id)):
            # The command itself is gone from the list when it has been waited for.
            self._process.poll()
            if time.monotonic() > deadline:
                self.signal(signal.SIGKILL)
            time.sleep(0.01)
        self._process.wait()

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _processes(session: int) -> Iterator[tuple[int, list[str]]]:
    """The processes of a session, and their fields of /proc/PID/stat from the third on."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The second field is a name in brackets that may have spaces and brackets itself.
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, its_session = fields[0], int(fields[3])
        if its_session == session and not (state == "Z" and int(entry.name) != session):
            yield int(entry.name), fields


def _memory(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        # It has ended meanwhile.
        pass
    return 0
