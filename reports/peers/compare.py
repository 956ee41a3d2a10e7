#!/usr/bin/env python3
"""Runs loadgen and every other load generator that is installed, in turn, and writes a table.

    cargo build --release -p loadgen && reports/peers/compare.py

nginx has the first core and the generators, one at a time, have the second. What a generator costs
is the CPU time that the kernel counted for it, divided by the requests that nginx counted, so no
generator's own figures are used. Requests that were not answered with 200 end the comparison.

Needs Linux, two cores, nginx and openssl. See `tools.py` for the generators.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from machine import facts
from server import Server
from tools import CASES, TOOLS, Files

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def main():
    options = arguments()
    # However it ends, nginx is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    # The generator's core is for the generator.
    os.sched_setaffinity(0, {options.server_core})
    tools = [tool for tool in TOOLS if tool.find(options)]
    if missing := [tool.name for tool in TOOLS if tool not in tools]:
        print("not installed, and left out:", ", ".join(missing), file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        files = Files(pathlib.Path(folder))
        with Server(files, core=options.server_core) as server:
            runs = [
                run
                for case in CASES
                if not options.case or case.name in options.case
                for run in measure(case, tools, server, files, options)
            ]
    result = {"machine": facts(), "versions": {tool.name: tool.version() for tool in tools}, "runs": runs}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.output / "result.md").write_text(document(result, options))


def arguments():
    parser = argparse.ArgumentParser(description="Compares loadgen with its peers.")
    parser.add_argument("--seconds", type=int, default=10, help="length of each run")
    parser.add_argument("--rounds", type=int, default=5, help="how often each generator has its turn")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--generator-core", type=int, default=1)
    parser.add_argument("--loadgen", type=pathlib.Path, default=ROOT / "target/release/loadgen")
    parser.add_argument("--output", type=pathlib.Path, default=HERE, help="folder for the result")
    return parser.parse_args()


def measure(case, tools, server, files, options):
    """All rounds of a case: each generator has its turn in each round."""
    able = [(tool, tool.command(case, server, files, options.seconds)) for tool in tools]
    able = [(tool, command) for tool, command in able if command]
    for tool, command in able:
        # Not counted: it finds what cannot work, and fills the caches.
        run(command, server, options.generator_core, tool.environment)
    for number in range(options.rounds):
        for tool, command in able:
            requests, cpu, memory, seconds = run(
                command, server, options.generator_core, tool.environment
            )
            row = {
                "case": case.name,
                "round": number + 1,
                "tool": tool.name,
                "command": shown(command, files),
                "cpu_microseconds": round(cpu / requests * 1e6, 2),
                "requests_per_second": round(requests / seconds),
                "memory_megabytes": round(memory / 1024, 1),
            }
            print(
                f"{case.name:8} {tool.name:10} {row['cpu_microseconds']:7.2f} µs a request"
                f" {row['requests_per_second']:8} /s {row['memory_megabytes']:7.1f} MB",
                file=sys.stderr,
            )
            yield row


def run(command, server, core, environment):
    """Requests, CPU seconds, peak memory in KiB and wall seconds of one run."""
    before, start = server.requests(), time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    memory = ended = 0
    while not ended:
        # What the kernel says at the end counts this program, too, which it was before it was
        # the generator.
        memory = max(memory, peak_memory(process.pid))
        time.sleep(0.05)
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {' '.join(command)}")
    if wrong := server.errors():
        sys.exit(f"not answered with 200: {' '.join(command)}\n{wrong}")
    return server.requests() - before, used.ru_utime + used.ru_stime, memory, seconds


def shown(command, files):
    """The command without what differs from machine to machine."""
    program, *arguments = command
    return " ".join([pathlib.Path(program).name, *arguments]).replace(f"{files.folder}/", "")


def peak_memory(pid):
    """In KiB, since the program was started; 0 when it has ended."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def document(result, options):
    """The result as Markdown."""
    lines = [
        "# loadgen beside other load generators",
        "",
        f"Made by `reports/peers/compare.py` on {result['machine']['date']}: {options.rounds} rounds of"
        f" {options.seconds} s, in which the generators took turns. nginx had core"
        f" {options.server_core}, the generator core {options.generator_core}. CPU time is user and system, from start to exit, as the"
        " kernel counted it; requests are those that nginx counted. Every figure is the median of the rounds; what"
        " each round gave is in `result.json`.",
        "",
        f"Machine: {result['machine']['cpu']}, {result['machine']['cores']} cores, {result['machine']['kernel']},"
        f" load average before the first run {result['machine']['load']:.2f}.",
        "",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
    ]
    for case in CASES:
        rows = [row for row in result["runs"] if row["case"] == case.name]
        if rows:
            lines += ["", f"## {case.title}", "", *table(rows), "", "```", *commands(rows), "```"]
    return "\n".join(lines) + "\n"


def table(rows):
    """Medians, and how many times loadgen's CPU time each generator needs."""
    medians = {}
    for tool in dict.fromkeys(row["tool"] for row in rows):
        of_tool = [row for row in rows if row["tool"] == tool]
        medians[tool] = [
            statistics.median(row[key] for row in of_tool)
            for key in ("cpu_microseconds", "requests_per_second", "memory_megabytes")
        ]
    own = medians["loadgen"][0]
    yield "| generator | CPU per request | loadgen needs | requests/s | peak memory |"
    yield "|---|---:|---:|---:|---:|"
    for tool, (cpu, rate, memory) in sorted(medians.items(), key=lambda entry: entry[1][0]):
        yield f"| {tool} | {cpu:.2f} µs | {own / cpu:.2f} × as much | {rate:,.0f} | {memory:.1f} MB |"


def commands(rows):
    return dict.fromkeys(row["command"] for row in rows)


if __name__ == "__main__":
    main()
