"""The load generators, and how each is told what to do."""

import dataclasses
import json
import random
import shutil
import subprocess

# The list of the batch: as many files as the site has that loadgen was written for, with sizes
# that vary as those of a site do.
FILES = 164
MEAN_KILOBYTES = 40
USERS = 10
# k6's `batchPerHost`: what a user may have under way at once.
LANES = 6


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    # Which of the server's ports.
    kind: str
    is_batch: bool = False

    @property
    def slug(self):
        """Its name as a part of file names."""
        return "".join(letter for letter in self.name.lower() if letter.isalnum())

    @property
    def connections(self):
        return USERS * LANES if self.is_batch else USERS


CASES = [
    Case("1 KB", "1 KB file, 10 connections", "http"),
    Case("batch", f"Batch of {FILES} files, mean {MEAN_KILOBYTES} KB, {USERS} users with {LANES} connections each", "http", is_batch=True),
    Case("TLS 1.3", "1 KB file over TLS 1.3, 10 connections", "tls"),
    Case("HTTP/2", "1 KB file over HTTP/2 and TLS 1.3, 10 connections with one request at a time", "http2"),
]


class Files:
    """What the server serves and the generators read."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        www = folder / "www"
        www.mkdir()
        (www / "1k.html").write_bytes(b"x" * 1024)
        sizes = random.Random(1)
        for name in self.batch_paths():
            size = min(sizes.lognormvariate(0, 1) / 1.65, 8) * MEAN_KILOBYTES * 1024
            (www / name[1:]).write_bytes(b"x" * int(size))

    @staticmethod
    def batch_paths():
        return [f"/{number}.bin" for number in range(FILES)]

    def paths(self, case):
        return self.batch_paths() if case.is_batch else ["/1k.html"]

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return str(file)

    def urls(self, case, server):
        return [server.url(case.kind) + path for path in self.paths(case)]


class Tool:
    """A generator. `arguments` is `None` for a case that it cannot do."""

    name = ""
    environment = {}
    version_arguments = ["--version"]

    def find(self, options):
        self.program = shutil.which(self.name)
        return self.program is not None

    def version(self):
        run = subprocess.run([self.program, *self.version_arguments], capture_output=True, text=True)
        text = (run.stdout or run.stderr).strip()
        # Some add what they are made with, and by whom.
        return text.splitlines()[0].removeprefix(self.name).split("[")[0].split("(")[0].strip()

    def command(self, case, server, files, seconds):
        arguments = self.arguments(case, server, files, seconds)
        return None if arguments is None else [self.program, *arguments]


class Loadgen(Tool):
    name = "loadgen"

    def find(self, options):
        self.program = str(options.loadgen)
        return options.loadgen.exists()

    def arguments(self, case, server, files, seconds):
        paths = files.write(f"{case.slug}.json", json.dumps(files.paths(case)))
        return ["--quiet", "--vus", str(USERS), "--duration", f"{seconds}s"] + [
            "--host", server.url(case.kind), "--paths", paths, "--insecure-skip-tls-verify"
        ]


class Wrk(Tool):
    name = "wrk"
    version_arguments = ["-v"]

    def arguments(self, case, server, files, seconds):
        if case.kind == "http2":
            return None
        script = []
        if case.is_batch:
            paths = ", ".join(f'"{path}"' for path in files.paths(case))
            script = ["-s", files.write(f"{case.slug}.lua", f"local paths = {{{paths}}}\nlocal i = 0\n"
                "request = function() i = i % #paths + 1 return wrk.format('GET', paths[i]) end\n")]
        url = files.urls(case, server)[0]
        return ["-t1", f"-c{case.connections}", f"-d{seconds}s", *script, url]


class Oha(Tool):
    name = "oha"

    def arguments(self, case, server, files, seconds):
        common = ["--no-tui", "--insecure", "-z", f"{seconds}s", "-c", str(case.connections)]
        if case.kind == "http2":
            common += ["--http2", "-p", "1"]
        urls = files.urls(case, server)
        if case.is_batch:
            return common + ["--urls-from-file", files.write(f"{case.slug}.txt", "\n".join(urls) + "\n")]
        return common + urls


class Hey(Tool):
    name = "hey"
    environment = {"GOMAXPROCS": "1"}
    version_arguments = ["-h"]

    def version(self):
        return "of unknown version"

    def arguments(self, case, server, files, seconds):
        if case.is_batch:
            return None
        http2 = ["-h2"] if case.kind == "http2" else []
        return ["-z", f"{seconds}s", "-c", str(case.connections), *http2, *files.urls(case, server)]


class H2load(Tool):
    name = "h2load"

    def arguments(self, case, server, files, seconds):
        urls = files.write(f"{case.slug}.txt", "\n".join(files.urls(case, server)) + "\n")
        http1 = [] if case.kind == "http2" else ["--h1"]
        return ["-t1", f"-c{case.connections}", "-m1", f"-D{seconds}", *http1, "-i", urls]


K6_SCRIPT = """
import http from 'k6/http';
import {{ check }} from 'k6';
export const options = {{ insecureSkipTLSVerify: true, discardResponseBodies: true }};
const urls = {urls};
export default function () {{
  for (const response of http.batch(urls)) check(response, {{ status: (r) => r.status === 200 }});
}}
"""


class K6(Tool):
    name = "k6"
    environment = {"GOMAXPROCS": "1"}
    version_arguments = ["version"]

    def arguments(self, case, server, files, seconds):
        script = files.write(f"{case.slug}.js", K6_SCRIPT.format(urls=json.dumps(files.urls(case, server))))
        return ["run", "--quiet", "--vus", str(USERS), "--duration", f"{seconds}s", script]


class K9(Tool):
    name = "k9"

    def arguments(self, case, server, files, seconds):
        check = {"status": {"status": 200}}
        requests = [{"url": url, "checks": check} for url in files.urls(case, server)]
        plan = {"options": {"vus": USERS}, "flows": {"default": [{"batch": requests}]}}
        version = "2" if case.kind == "http2" else "1.1"
        return ["run", "--quiet", "--duration", f"{seconds}s", "--insecure-skip-tls-verify"] + [
            "--discard-response-bodies", "--http-version", version,
            files.write(f"{case.slug}-plan.json", json.dumps(plan)),
        ]


class Vegeta(Tool):
    name = "vegeta"
    environment = {"GOMAXPROCS": "1"}
    version_arguments = ["-version"]

    def arguments(self, case, server, files, seconds):
        targets = "".join(f"GET {url}\n" for url in files.urls(case, server))
        file = files.write(f"{case.slug}-targets.txt", targets)
        workers = ["-workers", str(case.connections), "-max-workers", str(case.connections)]
        return ["attack", "-rate", "0", *workers, "-duration", f"{seconds}s", "-insecure"] + [
            f"-http2={str(case.kind == 'http2').lower()}", "-targets", file, "-output", "/dev/null"
        ]


class Bombardier(Tool):
    name = "bombardier"
    environment = {"GOMAXPROCS": "1"}

    def arguments(self, case, server, files, seconds):
        if case.is_batch:
            return None
        http2 = ["--http2"] if case.kind == "http2" else []
        common = ["-c", str(case.connections), "-d", f"{seconds}s", "--insecure", "--print", "result"]
        return [*common, *http2, *files.urls(case, server)]


TOOLS = [Loadgen(), Wrk(), Oha(), Hey(), H2load(), K6(), K9(), Vegeta(), Bombardier()]
