"""Files that say what to compare, good and bad."""

import tempfile
import unittest
from pathlib import Path

from ..plan import MATRIX, Environment, Plan, PlanError, read

TWO = """
[[server]]
name = "one"
command = "one --port @port@"
url = "http://127.0.0.1:@port@/"

[[server]]
name = "two"
command = "two"
url = "http://127.0.0.1:9/"
"""


class ReadsPlans(unittest.TestCase):
    def read(self, text: str) -> Plan:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "two-servers.toml"
            file.write_text(text)
            return read(file)

    def test_defaults_are_the_matrix_and_three_rounds(self) -> None:
        plan = self.read(TWO)
        self.assertEqual(plan.name, "two-servers")
        self.assertEqual([server.name for server in plan.servers], ["one", "two"])
        self.assertEqual(plan.environments, MATRIX)
        self.assertEqual((plan.rounds, plan.duration, plan.paths), (3, "30s", None))

    def test_everything_can_be_said(self) -> None:
        plan = self.read(
            'name = "x"\nrounds = 5\nduration = "1m"\npaths = "list.json"\nflags = ["--rps", "9"]\n'
            + TWO
            + '[server.files]\n"two.conf" = "listen @port@"\n'
            + '[[environment]]\ncores = "all"\nvus = 7\n[[environment]]\ncores = 3\nmemory = 512\nvus = 1\n'
        )
        self.assertEqual(plan.environments, (Environment(None, None, 7), Environment(3, 512, 1)))
        self.assertEqual(plan.paths, plan.folder / "list.json")
        self.assertEqual(plan.servers[1].files, {"two.conf": "listen @port@"})
        self.assertEqual(plan.flags, ("--rps", "9"))

    def test_what_is_wrong_is_said(self) -> None:
        for text, said in {
            "": "0 server; a comparison needs two or more [[server]]",
            "rounds = 0\n" + TWO: "the file: rounds is 0; allowed is a number from 1 up",
            "rouns = 1\n" + TWO: "the file has no 'rouns'; allowed are duration, environment, flags",
            TWO.replace('"two"\ncommand', '"one"\ncommand'): "two servers have one name; there are one, one",
            TWO.replace('command = "two"', ""): "server two: command is None; allowed is a text",
            TWO.replace(":9/", ":9"): "server two: url is 'http://127.0.0.1:9'; allowed is a URL with a path",
            TWO.replace('"two"\n', '"../two"\n', 1): "the name '../two' has something else than letters",
            TWO + '[[environment]]\ncores = "some"\nvus = 1': "an environment: cores is 'some'",
            "[": "two-servers.toml: ",
        }.items():
            with self.subTest(text), self.assertRaisesRegex(PlanError, "two-servers.toml: ") as caught:
                self.read(text)
            self.assertIn(said, str(caught.exception))

    def test_a_label_is_what_people_say_and_a_slug_is_a_folder(self) -> None:
        self.assertEqual(
            [(each.label, each.slug) for each in MATRIX],
            [
                ("1 core, 256 MB, 1 VU", "1-core-256-mb-1-vu"),
                ("2 cores, 4096 MB, 10 VUs", "2-cores-4096-mb-10-vus"),
                ("all cores, 10 VUs", "all-cores-10-vus"),
            ],
        )
