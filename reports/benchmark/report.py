"""The closing table and what has to be known to read it, as README.md and index.html."""

import html
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .comparison import Verdict
from .measure import Measurement
from .run import Cell, Result, Row


@dataclass(frozen=True)
class Circumstances:
    """What only who ran it knows."""

    command: str
    date: str
    # A sentence, or nothing.
    note: str


@dataclass(frozen=True)
class Line:
    """One line of the table: a measure of all servers in one environment."""

    measure: str
    texts: list[str]


def write(result: Result, folder: Path, made: Circumstances) -> None:
    (folder / "README.md").write_text(_markdown(result, made))
    (folder / "index.html").write_text(_html(result, made))


def lines(row: Row, servers: list[str]) -> list[Line]:
    """The table's lines of one environment; figures are means of its rounds."""
    cells = [row.cells[server] for server in servers]

    def line(measure: str, text: Callable[[list[Measurement]], str]) -> Line:
        return Line(measure, [text(cell.loaded) if cell.loaded else "–" for cell in cells])

    def mean(of: Callable[[Measurement], float]) -> Callable[[list[Measurement]], float]:
        return lambda rounds: statistics.fmean(map(of, rounds))

    rate = mean(lambda each: each.requests_per_second)
    p95 = mean(lambda each: each.p95)
    received = mean(lambda each: each.bytes_per_second)
    failed = mean(lambda each: each.failed)
    table = [
        line("requests/s", lambda rounds: f"{rate(rounds):,.0f}"),
        line("p95", lambda rounds: f"{p95(rounds):,.2f} ms"),
        line("data received", lambda rounds: f"{_bytes(received(rounds))}/s"),
        line("failed requests", lambda rounds: f"{failed(rounds):.2%}"),
        line("server's CPU", _cores),
        line("server's CPU a request", _cost),
        line("server's peak memory", lambda rounds: _bytes(max(each.peak_memory for each in rounds))),
    ]
    if row.comparison is not None:
        base, verdicts = row.comparison.base, row.comparison.verdicts

        def judged(measure: str, text: Callable[[Verdict], str]) -> Line:
            return Line(measure, [text(verdicts[server]) if server in verdicts else "" for server in servers])

        table.append(judged(f"requests/s against {base}", _rate))
        table.append(judged(f"all told against {base}", lambda verdict: verdict.whole))
    if any(cell.deaths for cell in cells):
        table.append(Line("end", list(map(_end, cells))))
    return table


def _rate(verdict: Verdict) -> str:
    margin = "" if verdict.margin is None else f" ± {verdict.margin:.2f}"
    ratio = "" if verdict.ratio is None else f"{verdict.ratio:.2f}{margin} ×, "
    return ratio + verdict.rate


def _cores(rounds: list[Measurement]) -> str:
    seconds = sum(each.cpu_seconds for each in rounds)
    return f"{seconds / sum(each.seconds for each in rounds):.2f} cores"


def _cost(rounds: list[Measurement]) -> str:
    requests = sum(each.requests for each in rounds)
    seconds = sum(each.cpu_seconds for each in rounds)
    return f"{seconds * 1e6 / requests:,.1f} µs" if requests else "–"


def _end(cell: Cell) -> str:
    if not cell.deaths:
        return ""
    return f"{len(cell.deaths)} of {len(cell.rounds)} rounds: {cell.deaths[0]}"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.2f} GB"


def facts(result: Result, made: Circumstances) -> list[str]:
    """Sentences: what was done, where, and what to keep in mind."""
    plan, machine = result.plan, result.machine
    said = [
        f"Made by `{made.command}` on {made.date}: {plan.rounds} rounds of {plan.duration} for each server in each "
        f"environment, servers in turn and every second round in reverse; {result.paths} paths, requested as "
        "one batch in each iteration.",
        f"Machine: {machine.processor}, {len(machine.cores)} cores, {machine.memory:,} MB, {machine.system}; "
        f"load of {machine.load:.2f} before the first round.",
        f"Cores were kept by affinity, memory: {result.confinement}.",
    ]
    if made.note:
        said.append(made.note)
    for row in result.rows:
        label = row.environment.label
        said.append(f"{label}: skipped, {row.skipped}." if row.skipped else f"{label}: {row.division}.")
    for name, version in result.versions.items():
        if version:
            said.append(f"{name}: {version}.")
    for name, paths in result.left_out.items():
        shown = ", ".join(paths[:5]) + (" …" if len(paths) > 5 else "")
        said.append(f"{name}: {len(paths)} paths were left out that not every server has: {shown}.")
    said.append(
        "Figures are means of the rounds, peak memory is the highest of all. Memory is the proportional set "
        "size of all the server's processes, CPU their user and system time. The last lines of an environment are "
        "the verdicts of `loadgen compare`: the ratio of requests/s, how far noise may have moved it and whether "
        "that is a difference; and all told, what throughput, latency and failures say together."
    )
    return said


def _markdown(result: Result, made: Circumstances) -> str:
    servers = [server.name for server in result.plan.servers]
    text = [f"# {result.plan.name}", ""]
    text += [f"- {sentence}" for sentence in facts(result, made)] + [""]
    text.append("| environment | | " + " | ".join(servers) + " |")
    text.append("|---|---|" + "---:|" * len(servers))
    for row in result.rows:
        if row.skipped:
            text.append(f"| {row.environment.label} | skipped: {row.skipped} |" + " |" * len(servers))
            continue
        label = f"**{row.environment.label}**"
        for line in lines(row, servers):
            text.append(f"| {label} | {line.measure} | " + " | ".join(line.texts) + " |")
            label = ""
        links = [f"[page]({file})" if file else "" for file in _pages(row, servers)]
        compared = f"[report]({row.environment.slug}/compare.html)" if row.comparison else "report"
        text.append(f"| | {compared} | " + " | ".join(links) + " |")
    return "\n".join(text) + "\n"


def _html(result: Result, made: Circumstances) -> str:
    servers = [server.name for server in result.plan.servers]
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in servers)
    sentences = "".join(f"<li>{html.escape(sentence)}</li>\n" for sentence in facts(result, made))
    bodies = "".join(_html_environment(row, servers) for row in result.rows)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{html.escape(result.plan.name)}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .75rem; text-align: right; white-space: nowrap; }}
th:first-child {{ text-align: left; }}
thead th, tbody tr:first-child th {{ border-bottom: 1px solid; }}
tbody tr:first-child th {{ padding-top: 1.5rem; text-align: left; }}
tbody tr th {{ font-weight: normal; }}
thead th, tbody tr:first-child th {{ font-weight: bold; }}
</style>
<h1>{html.escape(result.plan.name)}</h1>
<div class="wide">
<table>
<thead><tr><th></th>{heads}</tr></thead>
{bodies}</table>
</div>
<h2>How it was made</h2>
<ul>
{sentences}</ul>
</html>
"""


def _html_environment(row: Row, servers: list[str]) -> str:
    span = len(servers) + 1
    head = f'<tr><th colspan="{span}">{html.escape(row.environment.label)}</th></tr>\n'
    if row.skipped:
        return f'<tbody>{head}<tr><td colspan="{span}">skipped: {html.escape(row.skipped)}</td></tr></tbody>\n'
    body = ""
    for line in lines(row, servers):
        cells = "".join(f"<td>{html.escape(text)}</td>" for text in line.texts)
        body += f"<tr><th>{html.escape(line.measure)}</th>{cells}</tr>\n"
    links = [f'<a href="{file}">page</a>' if file else "" for file in _pages(row, servers)]
    compared = f'<a href="{row.environment.slug}/compare.html">report</a>' if row.comparison else "report"
    pages = "".join(f"<td>{link}</td>" for link in links)
    return f"<tbody>{head}{body}<tr><th>{compared}</th>{pages}</tr></tbody>\n"


def _pages(row: Row, servers: list[str]) -> list[str | None]:
    """Where loadgen's page of each server is, if it has one."""
    slug = row.environment.slug
    return [f"{slug}/{name}/summary.html" if row.cells[name].loaded else None for name in servers]
