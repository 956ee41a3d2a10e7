"""The table, from figures that are known."""

import tempfile
import unittest
from pathlib import Path

from .. import report
from ..comparison import Comparison
from ..machine import Division, Machine
from ..measure import Measurement
from ..plan import Environment, Plan, Server
from ..run import Cell, Result, Row


def measured(rate: float, death: str | None = None) -> Measurement:
    return Measurement(
        requests=int(rate * 10),
        requests_per_second=rate,
        failed=0.0 if death is None else 0.0624,
        p95=1234.5 / rate,
        bytes_per_second=rate * 1e6,
        seconds=10.0,
        cpu_seconds=5.0,
        peak_memory=20_000_000 + int(rate) * 1000,
        death=death,
        summary=Path("summary.json"),
    )


NO_START = Measurement(0, 0, 0, 0, 0, 0, 0, 0, death="died, with exit code 1, before it answered", summary=None)

# As `loadgen compare --format json` prints it.
COMPARED = Comparison.parse("""
{
  "columns": [{"name": "one", "verdict": null}, {"name": "two", "verdict": "slower"}],
  "rows": [
    {"metric": "http_req_failed", "statistic": "rate", "cells": []},
    {
      "metric": "http_reqs", "statistic": "rate",
      "cells": [
        {"value": 1000, "ratio": null, "verdict": null, "noise": null},
        {"value": 1005, "ratio": 1.005, "verdict": "no-difference",
         "noise": {"change": 0.005, "low": -0.045, "high": 0.055}}
      ]
    }
  ]
}
""")

RESULT = Result(
    plan=Plan(
        name="two",
        servers=(Server("one", "one", "http://x/"), Server("two", "two", "http://x/")),
        environments=(Environment(1, 256, 1), Environment(64, None, 10)),
    ),
    machine=Machine("Linux", "A CPU", (0, 1), 8000, 6000, 0.25),
    confinement="watched, because no cgroup v2 is mounted",
    paths=110,
    left_out={"two": ["/only"]},
    rows=(
        Row(
            Environment(1, 256, 1),
            Division((0,), (1,)),
            None,
            {
                "one": Cell((measured(1000), measured(1100), measured(900))),
                "two": Cell((measured(2000), measured(10, "killed for memory: 300 MB of 256 MB, after 0.1 s"))),
            },
            COMPARED,
        ),
        Row(
            Environment(2, 16, 10),
            Division((0, 1), (0, 1)),
            None,
            {"one": Cell((measured(50),)), "two": Cell((NO_START,))},
            None,
        ),
        Row(Environment(64, None, 10), None, "64 cores asked for, 2 there", {}, None),
    ),
    versions={"one": "one 1.0", "two": ""},
)

TABLE = """\
| environment | | one | two |
|---|---|---:|---:|
| **1 core, 256 MB, 1 VU** | requests/s | 1,000 | 1,005 |
|  | p95 | 1.24 ms | 62.03 ms |
|  | data received | 1.00 GB/s | 1.00 GB/s |
|  | failed requests | 0.00% | 3.12% |
|  | server's CPU | 0.50 cores | 0.50 cores |
|  | server's CPU a request | 500.0 µs | 497.5 µs |
|  | server's peak memory | 21.1 MB | 22.0 MB |
|  | requests/s against one |  | 1.00 ± 0.05 ×, no difference |
|  | all told against one |  | slower |
|  | end |  | 1 of 2 rounds: killed for memory: 300 MB of 256 MB, after 0.1 s |
| | [report](1-core-256-mb-1-vu/compare.html) | [page](1-core-256-mb-1-vu/one/summary.html) | \
[page](1-core-256-mb-1-vu/two/summary.html) |
| **2 cores, 16 MB, 10 VUs** | requests/s | 50 | – |
|  | p95 | 24.69 ms | – |
|  | data received | 50.0 MB/s | – |
|  | failed requests | 0.00% | – |
|  | server's CPU | 0.50 cores | – |
|  | server's CPU a request | 10,000.0 µs | – |
|  | server's peak memory | 20.1 MB | – |
|  | end |  | 1 of 1 rounds: died, with exit code 1, before it answered |
| | report | [page](2-cores-16-mb-10-vus/one/summary.html) |  |
| 64 cores, 10 VUs | skipped: 64 cores asked for, 2 there | | |
"""


class Reports(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        made = report.Circumstances("reports/bench two.toml", "2026-01-02", "The machine was <busy>.")
        report.write(RESULT, self.folder, made)

    def test_the_table_has_every_figure(self) -> None:
        text = (self.folder / "README.md").read_text()
        self.assertEqual(text[text.index("| environment") :], TABLE)

    def test_what_has_to_be_known_is_said(self) -> None:
        text = (self.folder / "README.md").read_text()
        for said in (
            "Made by `reports/bench two.toml` on 2026-01-02: 3 rounds of 30s",
            "Machine: A CPU, 2 cores, 8,000 MB, Linux; load of 0.25 before the first round.",
            "memory: watched, because no cgroup v2 is mounted.",
            "- The machine was <busy>.",
            "- 1 core, 256 MB, 1 VU: server on core 0, generator on core 1.",
            "- 64 cores, 10 VUs: skipped, 64 cores asked for, 2 there.",
            "- one: one 1.0.",
            "- two: 1 paths were left out that not every server has: /only.",
        ):
            self.assertIn(said, text)

    def test_the_page_has_what_the_text_has(self) -> None:
        page = (self.folder / "index.html").read_text()
        for line in report.lines(RESULT.rows[0], ["one", "two"]):
            for text in line.texts:
                self.assertIn(f"<td>{text}</td>", page)
        self.assertIn("The machine was &lt;busy&gt;.", page)
        self.assertIn('<a href="1-core-256-mb-1-vu/two/summary.html">', page)
