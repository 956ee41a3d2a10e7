"""How a machine is divided, and what it lacks."""

import unittest

from ..machine import Division, Machine
from ..plan import Environment

FOUR = Machine("Linux", "CPU", cores=(0, 1, 4, 5), memory=8000, free_memory=6000, load=0.0)


class DividesMachines(unittest.TestCase):
    def test_server_and_generator_are_apart_while_there_are_cores(self) -> None:
        division = FOUR.divide(Environment(2, 256, 1))
        self.assertEqual(division, Division((0, 1), (4, 5)))
        self.assertEqual(str(division), "server on cores 0, 1, generator on cores 4, 5")

    def test_they_share_when_the_server_has_all(self) -> None:
        for environment in (Environment(4, None, 1), Environment(None, None, 1)):
            division = FOUR.divide(environment)
            self.assertEqual(division, Division((0, 1, 4, 5), (0, 1, 4, 5)))
            self.assertEqual(str(division), "server and generator share cores 0, 1, 4, 5")

    def test_what_is_lacking_is_said(self) -> None:
        self.assertIsNone(FOUR.lacks(Environment(4, 6000, 10)))
        self.assertIsNone(FOUR.lacks(Environment(None, None, 10)))
        self.assertEqual(FOUR.lacks(Environment(8, None, 1)), "8 cores asked for, 4 there")
        self.assertEqual(FOUR.lacks(Environment(1, 7000, 1)), "7000 MB asked for, 6000 MB free")

    def test_this_machine_is_known(self) -> None:
        machine = Machine.this()
        self.assertGreater(len(machine.cores), 0)
        self.assertGreater(machine.memory, machine.free_memory)
        self.assertIn("Linux", machine.system)
