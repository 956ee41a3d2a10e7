"""Keeps a session within its memory: by a control group of the kernel (v2) where that is allowed, else
by watching it. Cores are kept by affinity in both cases.

The kernel's limit counts page cache that cannot be given back, and holds at once. The watched one is
looked at every time `exceeded` is called, and counts the proportional set size.
"""

import itertools
import os
from pathlib import Path
from typing import Protocol

MOUNT = Path("/sys/fs/cgroup")
_numbers = itertools.count(1)


class Limit(Protocol):
    """What keeps one session within its memory."""

    # Words before the command of the session.
    prefix: list[str]

    def exceeded(self, memory_bytes: int) -> str | None:
        """Why the session has to end, or has been ended, if it was too large."""

    def close(self) -> None: ...


class Unlimited:
    prefix: list[str] = []

    def exceeded(self, memory_bytes: int) -> str | None:
        return None

    def close(self) -> None:
        pass


class Watched:
    prefix: list[str] = []

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes

    def exceeded(self, memory_bytes: int) -> str | None:
        used = memory_bytes / 2**20
        if used <= self._megabytes:
            return None
        return f"killed for memory: {used:.0f} MB of {self._megabytes} MB"

    def close(self) -> None:
        pass


class Group:
    """A control group below this process's own, for one session."""

    def __init__(self, megabytes: int, parent: Path) -> None:
        self._megabytes = megabytes
        self._folder = parent / f"bench-{os.getpid()}-{next(_numbers)}"
        self._folder.mkdir()
        # The command joins the group before it can start others.
        join = 'echo $$ >"$0" && exec "$@"'
        self.prefix = ["sh", "-c", join, str(self._folder / "cgroup.procs")]
        try:
            (self._folder / "memory.max").write_text(str(megabytes * 2**20))
            _write_if_there(self._folder / "memory.swap.max", "0")
            # The whole group is ended: half of a server would be no result.
            _write_if_there(self._folder / "memory.oom.group", "1")
        except OSError:
            self.close()
            raise

    def exceeded(self, memory_bytes: int) -> str | None:
        events = (self._folder / "memory.events").read_text().split()
        kills = int(events[events.index("oom_kill") + 1])
        return f"killed for memory by the kernel, with {self._megabytes} MB" if kills else None

    def close(self) -> None:
        self._folder.rmdir()


def parent_group(mount: Path = MOUNT, own: Path = Path("/proc/self/cgroup")) -> Path | str:
    """The group in which groups with a limit on memory can be made, or why there is none."""
    if not (mount / "cgroup.controllers").exists():
        return "no cgroup v2 is mounted"
    path = next((line[3:] for line in own.read_text().splitlines() if line.startswith("0::")), "/")
    group = mount / path.lstrip("/")
    if "memory" not in (group / "cgroup.controllers").read_text().split():
        return "cgroup v2 has no memory controller here"
    try:
        if "memory" not in (group / "cgroup.subtree_control").read_text().split():
            # A group with processes of its own cannot limit others: this one moves into one of its own.
            leaf = group / "bench"
            leaf.mkdir(exist_ok=True)
            (leaf / "cgroup.procs").write_text(str(os.getpid()))
            (group / "cgroup.subtree_control").write_text("+memory")
        probe = group / "bench-probe"
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        return f"cgroup v2 cannot be used: {error.strerror}"
    return group


def limit(megabytes: int | None, parent: Path | str) -> Limit:
    if megabytes is None:
        return Unlimited()
    if isinstance(parent, str):
        return Watched(megabytes)
    return Group(megabytes, parent)


def _write_if_there(file: Path, text: str) -> None:
    if file.exists():
        file.write_text(text)
