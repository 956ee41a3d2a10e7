"""Processes: what they take, and that none is left."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

from ..machine import Machine
from ..session import Session

CORES = Machine.this().cores[:1]


def runs(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Sessions(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.log = self.folder / "log"

    def start(self, script: str) -> Session:
        return Session(["bash", "-c", script], CORES, self.folder, self.log)

    def children(self, count: int) -> list[int]:
        """The process numbers that a script printed."""
        self.assertTrue(until(lambda: len(self.log.read_text().split()) == count))
        return [int(word) for word in self.log.read_text().split()]

    def test_children_end_with_it_also_those_that_will_not(self) -> None:
        with self.start(
            "sleep 99 & echo $!; (trap '' TERM; echo $BASHPID; while :; do sleep 0.1; done) & wait"
        ) as session:
            children = self.children(2)
            started = time.monotonic()
            session.stop(patience=0.5)
        self.assertLess(time.monotonic() - started, 20)
        self.assertFalse(any(map(runs, children)))

    def test_children_end_when_the_command_has_ended_by_itself(self) -> None:
        with self.start("sleep 99 & echo $!") as session:
            children = self.children(1)
            self.assertTrue(until(lambda: session.ended() == 0))
            self.assertTrue(runs(children[0]))
        self.assertFalse(runs(children[0]))

    def test_a_command_is_killed_when_this_program_is(self) -> None:
        program = f"""
import time
from pathlib import Path
from benchmark.session import Session
session = Session(["sleep", "99"], {CORES}, Path("."), Path({str(self.log)!r}))
print(session.id, flush=True)
time.sleep(99)
"""
        parent = Path(__file__).resolve().parents[2]
        starter = subprocess.Popen([sys.executable, "-c", program], cwd=parent, stdout=subprocess.PIPE, text=True)
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        self.assertTrue(runs(child))
        starter.kill()
        starter.communicate()
        self.assertTrue(until(lambda: not runs(child)))

    def test_usage_is_that_of_all_processes(self) -> None:
        script = f"{sys.executable} -c 'x = bytearray(50_000_000); print(1, flush=True); import time; time.sleep(99)' &"
        script += "(while :; do :; done) & echo 2; wait"
        with self.start(script) as session:
            self.children(2)
            before = session.usage()
            self.assertGreater(before.memory_bytes, 50_000_000)
            self.assertTrue(until(lambda: session.usage().cpu_seconds > before.cpu_seconds + 0.2))

    def test_cores_are_those_that_were_named(self) -> None:
        with self.start("sleep 99 & echo $!; wait"):
            self.assertEqual(os.sched_getaffinity(self.children(1)[0]), set(CORES))

    def test_the_way_it_ended_is_known(self) -> None:
        with self.start("exit 7") as session:
            self.assertTrue(until(lambda: session.ended() == 7))
        with self.start("kill -SEGV $$") as session:
            self.assertTrue(until(lambda: session.ended() == -signal.SIGSEGV))
