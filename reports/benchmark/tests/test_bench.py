"""The command, with real servers and the real loadgen."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("PROGRAMS", REPORTS.parent / "target/debug")).resolve()

# A server of one page: a good one, one that grows with each request, one that ends after some, one
# that is too large from the start.
PEER = """
import http.server, os, sys
kept = []
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    def do_GET(self):
        kept.append(b"x" * 2_000_000 if sys.argv[2] == "grows" else None)
        if sys.argv[2] == "ends" and len(kept) > 50:
            os._exit(7)
        self.send_response(200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *_):
        pass
if sys.argv[2] == "starts-large":
    kept.append(b"x" * 200_000_000)
    import time; time.sleep(1)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""

PLAN = """
name = "peers"
duration = "{duration}"
rounds = 2
paths = "paths.json"

[[environment]]
cores = 1
memory = 120
vus = 1

[[environment]]
cores = 4096
vus = 1

[[server]]
name = "good"
command = "{python} peer.py @port@ serves"
url = "http://127.0.0.1:@port@/"
version = "echo good 1.0"

[[server]]
name = "other"
command = "{python} peer.py @port@ {other}"
url = "http://127.0.0.1:@port@/"
"""


class Command(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "peer.py").write_text(PEER)
        (self.folder / "paths.json").write_text('["/"]')

    def start(self, other: str, duration: str = "1s") -> subprocess.Popen[str]:
        (self.folder / "peers.toml").write_text(PLAN.format(python=sys.executable, other=other, duration=duration))
        return subprocess.Popen(
            [sys.executable, REPORTS / "bench", "peers.toml", "--loadgen", PROGRAMS / "loadgen"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, other: str) -> tuple[int, str]:
        bench = self.start(other)
        said = bench.communicate(timeout=120)[1]
        self.assertEqual(self.left(), [], "processes are left")
        return bench.returncode, said

    def left(self) -> list[str]:
        """Command lines of processes that this test is the reason of."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "cwd").readlink().is_relative_to(self.folder):
                    found.append((entry / "cmdline").read_text().replace("\0", " "))
            except OSError:
                pass
        return found

    def results(self) -> Path:
        return next((self.folder / "reports").glob("????-??-??-peers"))

    def test_a_comparison_leaves_table_pages_and_figures(self) -> None:
        code, said = self.finish("serves")
        self.assertEqual(code, 0, said)
        results = self.results()
        text = (results / "README.md").read_text()
        self.assertIn("good 1.0", text)
        self.assertIn("| 4096 cores, 1 VU | skipped: 4096 cores asked for", text)
        self.assertIn("4096 cores, 1 VU: skipped", said)
        self.assertTrue((results / "index.html").exists())
        self.assertTrue((results / "1-core-120-mb-1-vu/compare.html").exists())
        self.assertRegex(text, r"requests/s against good \|  \| \d+\.\d\d ×, too short")
        self.assertRegex(text, r"all told against good \|  \| too short")
        for server in ("good", "other"):
            folder = results / "1-core-120-mb-1-vu" / server
            names = {file.name for file in folder.iterdir()}
            self.assertLess({"summary.txt", "summary.json", "summary.html"}, names)
            # The middle round is the summary; the other's figures are kept.
            self.assertEqual(len(names & {"round-1.json", "round-2.json"}), 1)
            summary = json.loads((folder / "summary.json").read_text())
            self.assertGreater(summary["metrics"]["http_reqs"]["values"]["count"], 10)

    def test_a_server_that_is_too_large_is_killed_and_reported(self) -> None:
        code, said = self.finish("grows")
        self.assertEqual(code, 3, said)
        self.assertRegex(said, r"round 1, other: killed for memory")
        text = (self.results() / "README.md").read_text()
        self.assertRegex(text, r"\|  \| end \|  \| 2 of 2 rounds: killed for memory.* after \d+\.\d s \|")
        summary = json.loads((self.results() / "1-core-120-mb-1-vu/other/summary.json").read_text())
        # What was measured until then.
        self.assertGreater(summary["metrics"]["http_reqs"]["values"]["count"], 10)

    def test_a_server_that_ends_is_reported(self) -> None:
        code, said = self.finish("ends")
        self.assertEqual(code, 3, said)
        self.assertIn("round 2, other: died, with exit code 7, after", said)

    def test_a_server_that_does_not_start_is_an_error(self) -> None:
        (self.folder / "peer.py").write_text("import sys; sys.exit('no ' + sys.argv[2])")
        code, said = self.finish("today")
        self.assertEqual(code, 1)
        self.assertIn("good: died, with exit code 1, before it answered; its last words: no serves", said)

    def test_a_server_that_does_not_fit_is_reported_beside_the_others(self) -> None:
        code, said = self.finish("starts-large")
        self.assertEqual(code, 3, said)
        text = (self.results() / "README.md").read_text()
        self.assertRegex(text, r"end \|  \| 2 of 2 rounds: killed for memory: \d+ MB of 120 MB, before it answered")
        self.assertRegex(text, r"requests/s \| [\d,]+ \| – \|")

    def test_results_are_not_written_over(self) -> None:
        self.assertEqual(self.finish("serves")[0], 0)
        code, said = self.finish("serves")
        self.assertEqual(code, 1)
        self.assertIn("exists; move it away", said)

    def test_signals_leave_no_process(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                bench = self.start("serves", duration="60s")
                self.addCleanup(bench.kill)
                deadline = time.monotonic() + 60
                # Itself, a server and a generator.
                while len(self.left()) < 3 and time.monotonic() < deadline:
                    time.sleep(0.05)
                self.assertGreaterEqual(len(self.left()), 3)
                bench.send_signal(number)
                said = bench.communicate(timeout=60)[1]
                self.assertEqual(bench.returncode, 128 + number, said)
                self.assertIn(f"bench: stopped by {number.name}; there is no table", said)
                self.assertEqual(self.left(), [])
                shutil.rmtree(self.folder / "reports")
