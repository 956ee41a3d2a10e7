"""One round of one server in one environment: started, waited for, loaded, watched, ended."""

import http.client
import json
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .confine import Limit, limit
from .machine import Division
from .plan import Environment, Plan, Server
from .session import Session

# The list of paths, among the results.
PATHS = "paths.json"

_READY_SECONDS = 30.0
_WATCH_SECONDS = 0.05
# loadgen's exit codes: passed, and a threshold was crossed.
_DONE = {0, 99}
# Interrupted, as it is when its server died.
_INTERRUPTED = 105


class BenchError(Exception):
    """Nothing can be measured; the message says why."""


class StartError(BenchError):
    """A server did not come to answer."""


@dataclass(frozen=True)
class Measurement:
    """What a round showed. Of a server that died, what was measured until then; nothing of one that did not
    come to answer."""

    requests: int
    requests_per_second: float
    # A share.
    failed: float
    # Milliseconds.
    p95: float
    bytes_per_second: float
    seconds: float
    # Of the server.
    cpu_seconds: float
    peak_memory: int
    # How the server ended before the load did, if it did.
    death: str | None
    # loadgen's figures, if there was load.
    summary: Path | None


@dataclass(frozen=True)
class Setting:
    """Where and with what a server is measured."""

    plan: Plan
    environment: Environment
    division: Division
    # The group for limits of the kernel, or why there is none.
    group: Path | str
    loadgen: str


@dataclass(frozen=True)
class Running:
    session: Session
    url: str
    limit: Limit


@contextmanager
def running(server: Server, setting: Setting) -> Iterator[Running]:
    """The server, started and ready; ended when the block is left."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        values = {"port": _free_port(), "folder": folder, "cores": len(setting.division.server)}

        def fill(text: str) -> str:
            return re.sub(r"@(port|folder|cores)@", lambda found: str(values[found[1]]), text)

        for file, text in server.files.items():
            (folder / file).write_text(fill(text))
        url = fill(server.url)
        if _answers(url):
            raise BenchError(f"{server.name}: something answers at {url} before the server is started")
        log = folder / "bench.log"
        with closing(limit(setting.environment.memory, setting.group)) as held:
            command = [*held.prefix, *shlex.split(fill(server.command))]
            with Session(command, setting.division.server, setting.plan.folder, log) as session:
                _wait(session, held, url, log)
                yield Running(session, url, held)


def measure(server: Server, setting: Setting, results: Path, name: str) -> Measurement:
    """Loads a server with the paths.json of the results, and leaves loadgen's reports among them."""
    reports = results / name
    reports.mkdir(parents=True)
    log = reports / "loadgen.log"
    try:
        with running(server, setting) as under_test:
            # Reports tell this command: from the results' folder it is the same on every machine.
            command = [setting.loadgen, "--quiet", "--host", _origin(under_test.url), "--paths", PATHS]
            command += ["--vus", str(setting.environment.vus), "--duration", setting.plan.duration]
            command += ["--report-dir", name, *setting.plan.flags]
            with Session(command, setting.division.generator, results, log) as load:
                seen = _watch(under_test, load)
    except StartError as error:
        return Measurement(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, death=str(error), summary=None)
    if seen.code not in _DONE and not (seen.death and seen.code == _INTERRUPTED):
        raise BenchError(f"loadgen against {server.name} ended {_how(seen.code)}; {_tail(log)}")
    log.unlink()
    return _measurement(reports / "summary.json", seen)


def crawl(server: Running, setting: Setting) -> list[str]:
    """The paths that a server has."""
    pinned = ["taskset", "--cpu-list", ",".join(map(str, setting.division.generator))]
    command = [*pinned, setting.loadgen, "crawl", server.url]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"crawl of {server.url} ended {_how(done.returncode)}; {done.stderr[-400:].strip()}")
    return list_of_paths(done.stdout, f"crawl of {server.url}")


def list_of_paths(text: str, source: str) -> list[str]:
    """A JSON array of paths, or BenchError."""
    try:
        paths = json.loads(text)
    except json.JSONDecodeError as error:
        raise BenchError(f"{source}: {error}") from error
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise BenchError(f"{source}: not a JSON array of paths")
    return paths


@dataclass(frozen=True)
class _Seen:
    # loadgen's exit code.
    code: int
    cpu_seconds: float
    peak_memory: int
    death: str | None


def _watch(under_test: Running, load: Session) -> _Seen:
    """Watches a server until its load ends, and ends the load when the server ends."""
    session, held = under_test.session, under_test.limit
    before = latest = session.usage()
    peak = before.memory_bytes
    started = time.monotonic()
    death = None
    code = None
    while code is None:
        time.sleep(_WATCH_SECONDS)
        code = load.ended()
        if death is not None:
            continue
        death = _death(session, held)
        if death is None:
            latest = session.usage()
            peak = max(peak, latest.memory_bytes)
        else:
            death += f", after {time.monotonic() - started:.1f} s"
            session.signal(signal.SIGKILL)
            load.signal(signal.SIGINT)
    return _Seen(code, latest.cpu_seconds - before.cpu_seconds, peak, death)


def _death(session: Session, held: Limit) -> str | None:
    """How a server has ended, or has to."""
    code = session.ended()
    exceeded = held.exceeded(0 if code is not None else session.usage().memory_bytes)
    return exceeded or (None if code is None else f"died, {_how(code)}")


def _wait(session: Session, held: Limit, url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(url):
        if death := _death(session, held):
            raise StartError(f"{death}, before it answered; {_tail(log)}")
        if time.monotonic() > deadline:
            raise StartError(f"no answer at {url} within {_READY_SECONDS:.0f} s; {_tail(log)}")
        time.sleep(_WATCH_SECONDS)


def _measurement(summary: Path, seen: _Seen) -> Measurement:
    stored = json.loads(summary.read_text())
    values = {name: metric["values"] for name, metric in stored["metrics"].items()}
    return Measurement(
        requests=values["http_reqs"]["count"],
        requests_per_second=values["http_reqs"]["rate"],
        failed=values["http_req_failed"]["rate"],
        p95=values["http_req_duration"]["p(95)"],
        bytes_per_second=values["data_received"]["rate"],
        seconds=stored["state"]["testRunDurationMs"] / 1000,
        cpu_seconds=seen.cpu_seconds,
        peak_memory=seen.peak_memory,
        death=seen.death,
        summary=summary,
    )


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        # It answers, if only to say no.
        return True
    except (OSError, http.client.HTTPException):
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()[-5:]
    return "its last words: " + " | ".join(lines) if lines else "it said nothing"
