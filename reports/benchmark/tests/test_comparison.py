"""What the real `loadgen compare` says is understood."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from ..comparison import compare
from .test_bench import PROGRAMS


class Compare(unittest.TestCase):
    def test_three_rounds_of_each_have_a_ratio_and_how_far_it_may_be_off(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        loadgen = str(PROGRAMS / "loadgen")
        rounds: dict[str, list[Path]] = {"one": [], "two": []}
        for name, files in rounds.items():
            for number in range(3):
                report = folder / f"{name}-{number}"
                words = ["--quiet", "--iterations", "3", "--report-dir", str(report)]
                subprocess.run([loadgen, *words], check=True, capture_output=True)
                files.append(report / "summary.json")
        comparison = compare(loadgen, rounds, folder / "compare.html")
        verdict = comparison.verdicts["two"]
        self.assertEqual(comparison.base, "one")
        self.assertGreater(verdict.ratio or 0, 0)
        self.assertGreater(verdict.margin or 0, 0)
        known = {"faster", "slower", "no difference", "too noisy", "too short"}
        self.assertLessEqual({verdict.rate, verdict.whole}, known)
        self.assertIn("</html>", (folder / "compare.html").read_text())
