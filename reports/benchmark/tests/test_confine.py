"""Limits of memory. The kernel's part of cgroup v2 is played by files."""

import tempfile
import unittest
from pathlib import Path

from ..confine import Group, Unlimited, Watched, limit, parent_group


class Watches(unittest.TestCase):
    def test_a_session_may_have_all_of_its_memory_and_no_more(self) -> None:
        held = limit(256, "no cgroup")
        self.assertIsInstance(held, Watched)
        self.assertIsNone(held.exceeded(256 * 2**20))
        self.assertEqual(held.exceeded(300 * 2**20), "killed for memory: 300 MB of 256 MB")

    def test_without_a_limit_nothing_is_too_much(self) -> None:
        held = limit(None, "no cgroup")
        self.assertIsInstance(held, Unlimited)
        self.assertIsNone(held.exceeded(2**50))


class Groups(unittest.TestCase):
    def setUp(self) -> None:
        self.mount = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.own = self.mount / "own"
        self.own.write_text("4:memory:/elsewhere\n0::/session\n")
        self.group = self.mount / "session"
        self.group.mkdir()

    def controllers(self, has: str, gives: str) -> None:
        (self.mount / "cgroup.controllers").write_text("cpu memory")
        (self.group / "cgroup.controllers").write_text(has)
        (self.group / "cgroup.subtree_control").write_text(gives)

    def test_the_reason_is_told_when_there_is_none(self) -> None:
        self.assertEqual(parent_group(self.mount, self.own), "no cgroup v2 is mounted")
        self.controllers("cpu", "")
        self.assertEqual(parent_group(self.mount, self.own), "cgroup v2 has no memory controller here")

    def test_a_group_that_gives_memory_is_used(self) -> None:
        self.controllers("cpu memory", "memory")
        self.assertEqual(parent_group(self.mount, self.own), self.group)

    def test_a_group_that_does_not_is_made_to_by_leaving_it(self) -> None:
        self.controllers("cpu memory", "")
        self.assertEqual(parent_group(self.mount, self.own), self.group)
        self.assertTrue((self.group / "bench/cgroup.procs").read_text().isdigit())
        self.assertEqual((self.group / "cgroup.subtree_control").read_text(), "+memory")

    def test_the_kernel_is_told_the_limit_and_asked_who_was_killed(self) -> None:
        held = Group(256, self.group)
        folder = Path(held.prefix[-1]).parent
        self.assertEqual((folder / "memory.max").read_text(), str(256 * 2**20))
        (folder / "memory.events").write_text("low 0\nhigh 0\nmax 9\noom 1\noom_kill 0\n")
        self.assertIsNone(held.exceeded(2**50))
        (folder / "memory.events").write_text("low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\n")
        self.assertEqual(held.exceeded(0), "killed for memory by the kernel, with 256 MB")
        for file in folder.iterdir():
            file.unlink()
        held.close()
        self.assertFalse(folder.exists())
