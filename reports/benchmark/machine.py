"""The machine that is compared on: what it has, and how it is divided."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from .plan import Environment


@dataclass(frozen=True)
class Division:
    """The cores of the server and those of the generator."""

    server: tuple[int, ...]
    generator: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        return bool(set(self.server) & set(self.generator))

    def __str__(self) -> str:
        def named(cores: tuple[int, ...]) -> str:
            return f"core{'s' if len(cores) > 1 else ''} {', '.join(map(str, cores))}"

        if self.is_shared:
            return f"server and generator share {named(self.server)}"
        return f"server on {named(self.server)}, generator on {named(self.generator)}"


@dataclass(frozen=True)
class Machine:
    system: str
    processor: str
    cores: tuple[int, ...]
    # In MB.
    memory: int
    free_memory: int
    # Runnable processes in the last minute, before anything was started here.
    load: float

    @classmethod
    def this(cls) -> "Machine":
        release = _field("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)') or platform.system()
        return cls(
            system=f"{release}, Linux {platform.release()}",
            processor=_field("/proc/cpuinfo", r"^model name\s*: (.*)") or platform.machine(),
            cores=tuple(sorted(os.sched_getaffinity(0))),
            memory=int(_field("/proc/meminfo", r"^MemTotal:\s*(\d+)") or 0) // 1024,
            free_memory=int(_field("/proc/meminfo", r"^MemAvailable:\s*(\d+)") or 0) // 1024,
            load=os.getloadavg()[0],
        )

    def lacks(self, environment: Environment) -> str | None:
        """Why an environment cannot be had here, if it cannot."""
        if environment.cores is not None and environment.cores > len(self.cores):
            return f"{environment.cores} cores asked for, {len(self.cores)} there"
        if environment.memory is not None and environment.memory > self.free_memory:
            return f"{environment.memory} MB asked for, {self.free_memory} MB free"
        return None

    def divide(self, environment: Environment) -> Division:
        """The first cores for the server; the others for the generator, or the same if there are none."""
        count = len(self.cores) if environment.cores is None else environment.cores
        server = self.cores[:count]
        return Division(server, self.cores[count:] or server)


def _field(file: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(file).read_text(), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None
