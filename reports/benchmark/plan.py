"""What is to be compared, from a TOML file. It knows nothing of processes or of this machine."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class PlanError(Exception):
    """The file cannot be used; the message says where and why, and what is allowed."""


@dataclass(frozen=True)
class Server:
    """A server under test. In `command`, `url` and `files` stand @port@, @folder@ and @cores@."""

    name: str
    # Words as a shell would take them; it has to stay in the foreground.
    command: str
    # It is ready once it answers there, and it is crawled from there.
    url: str
    # Files that it needs, by name; they are written into @folder@.
    files: dict[str, str] = field(default_factory=dict)
    # A command whose first line of output says what was tested.
    version: str = ""


@dataclass(frozen=True)
class Environment:
    """What the servers may use, and how many virtual users they meet."""

    # None: all.
    cores: int | None
    # In MB; None: no limit.
    memory: int | None
    vus: int

    @property
    def label(self) -> str:
        cores = "all cores" if self.cores is None else f"{self.cores} core{'s' if self.cores > 1 else ''}"
        memory = [] if self.memory is None else [f"{self.memory} MB"]
        return ", ".join([cores, *memory, f"{self.vus} VU{'s' if self.vus > 1 else ''}"])

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.label.lower())


MATRIX = (Environment(1, 256, 1), Environment(2, 4096, 10), Environment(None, None, 10))


@dataclass(frozen=True)
class Plan:
    name: str
    servers: tuple[Server, ...]
    environments: tuple[Environment, ...] = MATRIX
    rounds: int = 3
    # As loadgen takes it.
    duration: str = "30s"
    # A JSON array of paths, instead of a crawl.
    paths: Path | None = None
    # Further flags of loadgen, which is called in the folder of the results.
    flags: tuple[str, ...] = ()
    # Where relative paths of commands begin: the folder of the file.
    folder: Path = Path()


def read(file: Path) -> Plan:
    """The plan in a file, or PlanError."""
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{file}: {error}") from error
    try:
        return _plan(table, file)
    except PlanError as error:
        raise PlanError(f"{file}: {error}") from None


def _plan(table: dict[str, Any], file: Path) -> Plan:
    allowed = {"name", "server", "environment", "rounds", "duration", "paths", "flags"}
    _known(table, allowed, "the file")
    servers = tuple(_server(each) for each in _tables(table, "server"))
    if len(servers) < 2:
        raise PlanError(f"{len(servers)} server; a comparison needs two or more [[server]]")
    names = [server.name for server in servers]
    if len(set(names)) < len(names):
        raise PlanError(f"two servers have one name; there are {', '.join(names)}")
    environments = tuple(_environment(each) for each in _tables(table, "environment"))
    paths = _text(table, "paths", "the file", "")
    flags = table.get("flags", [])
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise PlanError("flags is not a list of strings")
    return Plan(
        name=_name(_text(table, "name", "the file", file.stem)),
        servers=servers,
        environments=environments or MATRIX,
        rounds=_count(table, "rounds", "the file", 3),
        duration=_text(table, "duration", "the file", "30s"),
        paths=file.parent / paths if paths else None,
        flags=tuple(flags),
        folder=file.parent,
    )


def _server(table: dict[str, Any]) -> Server:
    name = _name(_text(table, "name", "a server"))
    where = f"server {name}"
    _known(table, {"name", "command", "url", "files", "version"}, where)
    files = table.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise PlanError(f"{where}: files is not a table of texts")
    for file in files:
        _name(file)
    url = _text(table, "url", where)
    if not re.match(r"https?://[^/]+/", url):
        raise PlanError(f"{where}: url is {url!r}; allowed is a URL with a path, as http://127.0.0.1:@port@/")
    return Server(name, _text(table, "command", where), url, files, _text(table, "version", where, ""))


def _environment(table: dict[str, Any]) -> Environment:
    _known(table, {"cores", "memory", "vus"}, "an environment")
    cores = None if table.get("cores") == "all" else _count(table, "cores", "an environment")
    memory = _count(table, "memory", "an environment") if "memory" in table else None
    return Environment(cores, memory, _count(table, "vus", "an environment"))


def _known(table: dict[str, Any], allowed: set[str], where: str) -> None:
    if unknown := sorted(set(table) - allowed):
        raise PlanError(f"{where} has no {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}")


def _tables(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    tables = table.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise PlanError(f"{key} is written [[{key}]]")
    return tables


def _text(table: dict[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (value == "" and default is None):
        raise PlanError(f"{where}: {key} is {value!r}; allowed is a text")
    return value


def _count(table: dict[str, Any], key: str, where: str, default: int | None = None) -> int:
    value = table.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise PlanError(f"{where}: {key} is {value!r}; allowed is a number from 1 up")
    return value


def _name(name: str) -> str:
    # It becomes the name of a folder or file.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise PlanError(f"the name {name!r} has something else than letters, digits, '.', '_' and '-'")
    return name
