#!/usr/bin/env python3
"""Measures what loadgen promises of itself: memory, start-up, size, speed in-process.

    cargo build --release && cargo build --release -p servy && reports/peers/alone.py

Writes `alone.md`. Needs what `compare.py` needs, and `strip`.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from machine import facts
from server import Server
from tools import CASES, Files, Loadgen, USERS

HERE = pathlib.Path(__file__).parent
RELEASE = HERE.parent.parent / "target/release"
CROWD = 100_000
VISITORS = 10_000
ARRIVALS = 20_000


def main():
    parser = argparse.ArgumentParser(description="Measures what loadgen promises of itself.")
    parser.add_argument("--seconds", type=int, default=60, help="length of the runs at full speed")
    parser.add_argument("--loadgen", type=pathlib.Path, default=RELEASE / "loadgen")
    parser.add_argument("--servy", type=pathlib.Path, default=RELEASE / "servy")
    parser.add_argument("--output", type=pathlib.Path, default=HERE, help="folder for the result")
    options = parser.parse_args()
    lines = []
    for line in document(options):
        print(line, flush=True)
        lines.append(line)
    # Only a whole one replaces the one before it.
    (options.output / "alone.md").write_text("\n".join(lines) + "\n")


def document(options):
    machine = facts()
    yield "# loadgen alone"
    yield ""
    yield (
        f"Made by `reports/peers/alone.py` on {machine['date']}. Machine: {machine['cpu']}, {machine['cores']} cores,"
        f" {machine['kernel']}, load average before {machine['load']:.2f}."
    )
    yield ""
    yield "| what | asked for | measured |"
    yield "|---|---:|---:|"
    yield f"| stripped binary | < 15 MB | {stripped_megabytes(options.loadgen):.1f} MB |"
    first = [milliseconds_to_first_connection(options.loadgen, 1) for _ in range(11)]
    yield f"| start of the process to the first request's connection, median of {len(first)} | < 30 ms | {statistics.median(first):.1f} ms |"
    crowd = [milliseconds_to_first_connection(options.loadgen, CROWD) for _ in range(5)]
    yield f"| the same with {CROWD:,} VUs, median of {len(crowd)} | < 2 s | {statistics.median(crowd) / 1000:.2f} s |"
    lag, dropped = arrivals(options)
    yield (
        f"| {ARRIVALS:,} iterations a second on one core: `schedule_lag`, p(99); dropped | ≤ 0.1 ms, none | {lag:.3f} ms, {dropped} |"
    )
    each = kilobytes_per_vu(options)
    yield f"| memory for each of {VISITORS:,} VUs with a connection and a request a second | ≤ 20 KB | {each:.1f} KB |"
    within, over_tcp = in_process_and_tcp(options)
    yield (
        f"| requests/s in-process and over TCP, the same service, both cores | ≥ 2 × | {within:,.0f} and {over_tcp:,.0f},"
        f" {within / over_tcp:.2f} × |"
    )
    peak, requests = sleeping_crowd(options)
    yield f"| {CROWD:,} VUs in-process, each with a request in ten seconds | runs | {requests:,} requests, {peak / 1024:.0f} MB |"
    yield ""
    yield f"Resident memory in {options.seconds} s at full speed, {USERS} VUs, one core; asked for are 15 MB at most and no growth after 10 s:"
    yield ""
    marks = [second for second in (1, 2, 5, 10, 20, 30, 40, 50, 60) if second < options.seconds]
    yield "| case | " + " | ".join(f"{second} s" for second in marks) + " | peak |"
    yield "|---|" + "---:|" * (len(marks) + 1)
    with tempfile.TemporaryDirectory(prefix="alone-") as folder:
        files = Files(pathlib.Path(folder))
        with Server(files, core=0) as server:
            for case in CASES:
                sizes, peak = memory(options, case, server, files, marks)
                yield f"| {case.name} | " + " | ".join(f"{size} kB" for size in sizes) + f" | {peak} kB |"


def stripped_megabytes(program):
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, program], check=True)
        return os.path.getsize(stripped.name) / 1e6


def milliseconds_to_first_connection(program, vus):
    """From the start of the process to its first connection. What follows is not waited for."""
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile("w") as paths:
        paths.write('["/"]')
        paths.flush()
        host = f"http://127.0.0.1:{server.getsockname()[1]}"
        start = time.monotonic()
        process = subprocess.Popen(
            [program, "--quiet", "--vus", str(vus), "--iterations", str(vus), "--host", host]
            + ["--paths", paths.name],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        connection, _ = server.accept()
        seconds = time.monotonic() - start
        process.kill()
        process.wait()
        connection.close()
    return seconds * 1000


def run(program, *arguments, cores=None):
    """The metrics of a run that asks for the bundled site's smallest page, and its peak memory in kB."""
    with tempfile.TemporaryDirectory(prefix="alone-") as name:
        folder = pathlib.Path(name)
        (folder / "paths.json").write_text('["/robots.txt"]')
        subprocess.run(
            [program, "--quiet", "--report-dir", folder, "--paths", folder / "paths.json", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, cores or os.sched_getaffinity(0)),
        )
        summary = json.loads((folder / "summary.json").read_text())
    values = {name: metric["values"] for name, metric in summary["metrics"].items()}
    return values, summary["loadgen"]["generator"]["peak_memory_bytes"] // 1024


@contextlib.contextmanager
def servy(options, cores=None):
    """servy with its own site, and where it is."""
    with subprocess.Popen(
        [options.servy, "--port", "0", "--metrics-port", "0", "--access-log", "false"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores or os.sched_getaffinity(0)),
    ) as process:
        try:
            yield next(
                match[1]
                for line in process.stderr
                if (match := re.search(r"site on (http://127\.0\.0\.1:\d+)", line))
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()


def in_process_and_tcp(options):
    """Requests a second, medians of three runs."""
    common = ["--vus", str(USERS), "--duration", "5s"]
    with servy(options) as host:
        rates = [
            [run(options.loadgen, *common, *where)[0]["http_reqs"]["rate"] for where in ([], ["--host", host])]
            for _ in range(3)
        ]
    return [statistics.median(column) for column in zip(*rates)]


def arrivals(options):
    """The 99th percentile of how late iterations started, in ms, and how many were not started."""
    load = {"executor": "constant-arrival-rate", "rate": ARRIVALS, "duration": "10s", "preAllocatedVUs": 1000}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config, servy(options, {0}) as host:
        json.dump({"scenarios": {"load": load}, "summaryTrendStats": ["p(99)"]}, config)
        config.flush()
        values, _ = run(options.loadgen, "--config", config.name, "--warmup", "1s", "--host", host, cores={1})
    dropped = values.get("dropped_iterations", {"count": 0})["count"]
    return values["schedule_lag"]["p(99)"], int(dropped)


def kilobytes_per_vu(options):
    """From the peaks of a crowd and of one."""
    common = ["--duration", "5s", "--min-iteration-duration", "1s"]
    with servy(options) as host:
        peaks = [run(options.loadgen, "--vus", str(vus), *common, "--host", host)[1] for vus in (1, VISITORS + 1)]
    return (peaks[1] - peaks[0]) / VISITORS


def sleeping_crowd(options):
    """Peak memory in kB, and how many requests there were."""
    values, peak = run(
        options.loadgen,
        *["--vus", str(CROWD), "--duration", "20s", "--min-iteration-duration", "10s"],
        "--no-vu-connection-reuse",
    )
    return peak, int(values["http_reqs"]["count"])


def memory(options, case, server, files, marks):
    """Resident kB after so many seconds, and the peak."""
    tool = Loadgen()
    tool.find(options)
    process = subprocess.Popen(
        tool.command(case, server, files, options.seconds),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {1}),
    )
    start, sizes = time.monotonic(), []
    for mark in marks:
        time.sleep(max(0, start + mark - time.monotonic()))
        sizes.append(status(process.pid, "VmRSS"))
    time.sleep(max(0, start + options.seconds - 0.3 - time.monotonic()))
    peak = status(process.pid, "VmHWM")
    process.wait()
    return sizes, peak


def status(pid, key):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{key}:\s+(\d+)", text, re.MULTILINE)[1])


if __name__ == "__main__":
    main()
