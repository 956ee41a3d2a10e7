"""Profiles that are known, read and drawn."""

import contextlib
import gzip
import io
import re
import tempfile
import unittest
from pathlib import Path

from .. import perf, pprof, svg
from ..main import main
from ..stacks import ProfileError, Stacks, hottest

STACKS = Stacks({("main", "serve", "write"): 60, ("main", "serve", "read"): 30, ("main",): 10})


def varint(number: int) -> bytes:
    low = bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
    return low + (varint(number >> 7) if number > 0x7F else b"")


def message(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def profile() -> bytes:
    """STACKS, with samples of two values, numbers packed and not, and `read` inlined into `serve`."""
    texts = ["", "main", "serve", "write", "read", "a long name that is not used" * 9]
    out = b"".join(message(6, text.encode()) for text in texts)
    out += b"".join(message(5, number(1, id) + number(2, id)) for id in (1, 2, 3, 4))

    def location(id: int, *functions: int) -> bytes:
        return message(4, number(1, id) + b"".join(message(4, number(1, function)) for function in functions))

    out += location(1, 1) + location(2, 2) + location(3, 3) + location(300, 4, 2)
    packed = message(1, b"".join(map(varint, (3, 2, 1)))) + message(2, varint(6) + varint(60))
    out += message(2, packed)
    out += message(2, number(1, 300) + number(1, 1) + number(2, 3) + number(2, 30))
    return out + message(2, message(1, varint(1)) + message(2, varint(1) + varint(10)))


PERF = """\
# ========
# captured on: today
servy 1234/1236 [000]  100.5:   10101010 cpu-clock:pppH:
	    55d0c1 write+0x10 (/bin/servy)
	    55d0c2 serve+0x1f (/bin/servy)

tokio worker 1 1237   100.6:          1 cpu-clock:
	    55d0c3 <T as Future>::poll (inlined)
	    ffff81 [unknown] ([unknown])
"""


class Reads(unittest.TestCase):
    def test_pprof(self) -> None:
        self.assertEqual(pprof.read(gzip.compress(profile())), STACKS)
        self.assertEqual(pprof.read(profile()), STACKS)

    def test_what_is_cut_off_is_no_profile(self) -> None:
        whole = profile()
        for end in (len(whole) - 1, len(whole) - 2, 1):
            with self.assertRaises(ProfileError):
                pprof.read(whole[:end])
        with self.assertRaises(ProfileError):
            pprof.read(gzip.compress(whole)[:-12])

    def test_perf(self) -> None:
        self.assertEqual(
            perf.read(PERF),
            Stacks({("servy", "serve", "write"): 1, ("tokio worker 1", "[unknown]", "<T as Future>::poll"): 1}),
        )
        with self.assertRaisesRegex(ProfileError, "not a line of perf script: 'hello'"):
            perf.read("hello")


class Shows(unittest.TestCase):
    def test_hottest_functions_come_first(self) -> None:
        self.assertEqual(hottest(STACKS), [("write", 60, 60), ("read", 30, 30), ("main", 10, 100)])
        self.assertEqual(hottest(Stacks({("f", "f"): 4})), [("f", 4, 4)])

    def test_a_function_is_as_wide_as_its_share_and_stands_on_its_caller(self) -> None:
        picture = svg.draw(STACKS, "a <title>")
        boxes = dict(re.findall(r"<title>(\w+): [\d.]+%</title><rect ([^/]*)/>", picture))
        box = {name: [float(part) for part in re.findall(r'"([\d.]+)"', text)] for name, text in boxes.items()}
        self.assertEqual(set(box), {"all", "main", "serve", "write", "read"})
        for name, width in {"all": 1200, "main": 1200, "serve": 1080, "write": 720, "read": 360}.items():
            self.assertAlmostEqual(box[name][2], width - 0.5)
        self.assertLess(box["write"][1], box["serve"][1])
        self.assertEqual(box["write"][1], box["read"][1])
        self.assertIn("a &lt;title&gt;", picture)

    def test_the_command(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "cpu.pb.gz").write_bytes(gzip.compress(profile()))
        (folder / "perf.txt").write_text(PERF)
        (folder / "empty.txt").write_text("")

        def run(*arguments: str) -> tuple[int, str, str]:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([*arguments])
            return code, out.getvalue(), err.getvalue()

        self.assertEqual(
            run("--top", "2", str(folder / "cpu.pb.gz")),
            (0, "itself   below  function\n 60.0%   60.0%  write\n 30.0%   30.0%  read\n", ""),
        )
        self.assertIn("tokio worker 1: 50.0%", run(str(folder / "perf.txt"))[1])
        code, _, said = run(str(folder / "empty.txt"))
        self.assertEqual(code, 1)
        self.assertIn("it has no samples; was there load while it was taken?", said)
