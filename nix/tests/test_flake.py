"""The flake, as far as it can be looked at without nixpkgs.

Its outputs are evaluated against the stub beside this file; its scripts are run for real, with local
processes in the place of the virtual machine (see `fakes`). `servy` and `loadgen` are those of the
folder that PROGRAMS names, target/debug if it names none.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = Path(os.environ.get("PROGRAMS", ROOT / "target/debug")).resolve()
STORE = "/nix/store/00000000000000000000000000000000-"


def run_nix(*command: str) -> str:
    """What a command of Nix says, with a store of its own: nothing outside it is written."""
    with tempfile.TemporaryDirectory() as store:
        own = {"NIX_STORE_DIR": f"{store}/store", "NIX_STATE_DIR": f"{store}/state", "HOME": store}
        # Paths are put into the store, nothing is built: the group of the builders may be missing.
        own["NIX_CONFIG"] = "build-users-group =\nexperimental-features = nix-command flakes"
        done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True)
        # What is in the store may not be changed, not even by who removes it.
        subprocess.run(["chmod", "-R", "u+w", store], check=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def evaluate() -> dict[str, Any]:
    command = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode"]
    return json.loads(run_nix(*command, str(HERE / "eval.nix")))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


class Flake(unittest.TestCase):
    flake: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.flake = evaluate()


class Outputs(Flake):
    def test_every_file_parses(self) -> None:
        files = [ROOT / "flake.nix", *(ROOT / "nix").rglob("*.nix")]
        self.assertGreater(len(files), 10)
        for file in files:
            done = subprocess.run(["nix-instantiate", "--parse", file], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_names(self) -> None:
        names = {"default", "loadgen", "servy"}
        bench = {"loadtest", "benchvm", "benchvm-exec", "benchvm-test"}
        for system in ("x86_64-linux", "aarch64-linux"):
            self.assertEqual(set(self.flake["outputs"]["apps"][system]), names | bench)
            packages = names | bench | {"demo-site", "servy-container"}
            self.assertEqual(set(self.flake["outputs"]["packages"][system]), packages)
            self.assertEqual(set(self.flake["outputs"]["checks"][system]), {"fmt", "clippy", "tests", "vm"})
        darwin = {kind: set(systems["aarch64-darwin"]) for kind, systems in self.flake["outputs"].items()}
        self.assertEqual(darwin["packages"], names)
        self.assertEqual(darwin["checks"], {"fmt", "clippy", "tests"})
        self.assertEqual(darwin["devShells"], {"default"})
        self.assertEqual(self.flake["modules"], ["default", "servy"])
        self.assertEqual(self.flake["formatter"], "nixfmt")

    def test_the_default_app_is_loadgen(self) -> None:
        self.assertEqual(self.flake["apps"]["default"], self.flake["apps"]["loadgen"])
        self.assertTrue(self.flake["apps"]["loadgen"].endswith("/bin/loadgen"))

    def test_the_lock_pins_what_the_flake_names(self) -> None:
        lock = json.loads((ROOT / "flake.lock").read_text())
        self.assertEqual(lock["nodes"]["root"]["inputs"], {"nixpkgs": "nixpkgs"})
        node = lock["nodes"]["nixpkgs"]
        original = node["original"]
        url = f"{original['type']}:{original['owner']}/{original['repo']}/{original['ref']}"
        self.assertIn(f'inputs.nixpkgs.url = "{url}"', (ROOT / "flake.nix").read_text())
        self.assertRegex(node["locked"]["rev"], r"^[0-9a-f]{40}$")
        self.assertRegex(node["locked"]["narHash"], r"^sha256-[A-Za-z0-9+/]{43}=$")

    def test_nix_itself_reads_flake_and_lock(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copytree(ROOT / "crates", folder / "crates")
        shutil.copytree(ROOT / "nix", folder / "nix")
        for name in ("flake.nix", "flake.lock", "Cargo.toml", "Cargo.lock", "clippy.toml", "rustfmt.toml"):
            shutil.copy(ROOT / name, folder)
        flake = f"path:{folder}"
        # It takes the lock as it is, without a look at the network.
        metadata = json.loads(run_nix("nix", "flake", "metadata", "--json", "--no-write-lock-file", flake))
        self.assertEqual(metadata["locks"], json.loads((ROOT / "flake.lock").read_text()))
        stub = ["--override-input", "nixpkgs", f"path:{HERE}/stub", "--no-write-lock-file"]
        app = run_nix("nix", "eval", "--json", *stub, f"{flake}#apps.x86_64-linux.default")
        self.assertEqual(json.loads(app)["program"], self.flake["apps"]["default"])

    def test_programs_are_built_from_the_lock_file_with_a_c_compiler_s_tools(self) -> None:
        for name, build in self.flake["builds"].items():
            self.assertEqual(build["cargoBuildFlags"], ["--package", name])
            self.assertEqual(build["inputs"], ["cmake"])
            self.assertIn(str(ROOT / "Cargo.lock"), build["source"])
            self.assertEqual(build["env"], {})
        self.assertEqual(self.flake["servyWithAssets"], {"SERVY_ASSETS_DIR": "/some/public"})

    def test_the_container_runs_as_nobody_with_certificates_and_both_ports(self) -> None:
        image = self.flake["container"]
        self.assertEqual(image["contents"], [f"{STORE}cacert"])
        self.assertEqual(image["config"]["User"], "65534:65534")
        self.assertEqual(set(image["config"]["ExposedPorts"]), {"8080/tcp", "8081/tcp"})
        self.assertIn("SERVY_HOST=0.0.0.0", image["config"]["Env"])
        self.assertIn("SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt", image["config"]["Env"])

    def test_checks_run_what_ci_runs(self) -> None:
        self.assertIn("cargo fmt --all --check", self.flake["checks"]["fmt"])
        self.assertIn("cargo clippy --workspace --all-targets", self.flake["checks"]["clippy"])
        self.assertIn("cargo test --workspace", self.flake["checks"]["tests"])

    def test_the_machine_is_what_environment_nix_says(self) -> None:
        machine = self.flake["machine"]
        self.assertEqual(machine["vm"]["cores"], machine["environment"]["cores"])
        self.assertEqual(machine["vm"]["memorySize"], machine["environment"]["memory"])
        self.assertEqual(machine["vm"]["forwardPorts"][0]["host"]["port"], machine["environment"]["sshPort"])
        self.assertIs(machine["ssh"]["PasswordAuthentication"], False)
        for server in machine["environment"]["servers"].values():
            unit = machine["units"][server["unit"].removesuffix(".service")]
            self.assertEqual(unit["wantedBy"], [])
            self.assertEqual(unit["restart"], "no")


class Module(Flake):
    def unit(self, name: str) -> str:
        unit: str = self.flake["units"][name]
        version = self.flake["builds"]["servy"]["version"]
        return unit.replace(f"{STORE}servy-{version}/bin/servy", str(PROGRAMS / "servy"))

    def analyze(self, *arguments: str, unit: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "servy.service"
            file.write_text(self.unit(unit))
            command = ["systemd-analyze", *arguments, str(file)]
            done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_options_become_variables(self) -> None:
        unit = self.flake["units"]["everything"]
        for line in (
            "SERVY_ASSETS_DIR=/srv/www",
            "SERVY_REDIRECTS_URL=https://example.org/redirects.txt",
            "SERVY_HOST=0.0.0.0",
            "SERVY_PORT=80",
            "SERVY_METRICS_PORT=8081",
            "SERVY_PPROF=true",
            "SERVY_MAX_CONNECTIONS=20000",
        ):
            self.assertIn(f'Environment="{line}"\n', unit)
        self.assertNotIn("SERVY_ASSETS_DIR", self.flake["units"]["plain"])
        self.assertEqual(self.flake["firewall"], [[], [8080]])

    def test_servy_knows_the_variables(self) -> None:
        unit = self.flake["units"]["everything"]
        variables = dict(re.findall(r'^Environment="(\w+)=(.*)"$', unit, re.MULTILINE))
        config = subprocess.run(
            [PROGRAMS / "servy", "--print-config"], env=variables, capture_output=True, text=True, check=True
        ).stdout
        for name, value in variables.items():
            self.assertIn(f"{name}={value}\n", config)

    def test_wrong_values_are_not_accepted(self) -> None:
        accepted = {"good": True, "type": False, "range": False, "name": False}
        self.assertEqual(self.flake["accepted"], accepted)

    def test_systemd_takes_the_unit(self) -> None:
        for name in self.flake["units"]:
            self.assertEqual(self.analyze("verify", "--man=no", unit=name), "")

    def test_the_unit_is_hardened(self) -> None:
        # systemd's own scale: 0 is a service that can do nothing, 10 one that can do everything.
        report = self.analyze("security", "--offline=true", "--threshold=20", unit="plain")
        self.assertRegex(report, r"Overall exposure level for servy.service: [01]\.\d OK")


class Scripts(Flake):
    """Each script as the flake makes it, in a folder of its own with the fakes before it on the PATH."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = free_port()
        self.units = self.folder / "units"
        self.units.mkdir()
        (self.units / "nginx.service").write_text("false")
        self.serve_with(f"{PROGRAMS}/servy --port {self.port} --metrics-port 0 --access-log false")
        programs = self.folder / "bin"
        programs.mkdir()
        for name, script in self.flake["scripts"].items():
            script = script.replace("http://127.0.0.1:8080/", f"http://127.0.0.1:{self.port}/")
            script = script.replace("K6_DURATION=30s", "K6_DURATION=1s")
            script = script.replace("/tmp/loadtest", str(self.folder / "there"))
            script = script.replace(f"{STORE}vm/bin/run-benchvm-vm", str(HERE / "fakes/run-benchvm-vm"))
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{HERE}/fakes:{programs}:{PROGRAMS}:{os.environ['PATH']}",
            "UNITS": str(self.units),
            "BENCHVM_WAIT": "20",
        }

    def serve_with(self, command: str) -> None:
        (self.units / "servy.service").write_text(command)

    def run_script(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment | more, capture_output=True, text=True, timeout=120
        )

    def assert_nothing_runs(self) -> None:
        with socket.socket() as caller:
            self.assertNotEqual(caller.connect_ex(("127.0.0.1", self.port)), 0, "the server still listens")

    def test_shellcheck(self) -> None:
        for script in [*(self.folder / "bin").iterdir(), *(HERE / "fakes").iterdir()]:
            done = subprocess.run(["shellcheck", script], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_loadtest(self) -> None:
        done = self.run_script("loadtest", "servy", "out", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        paths = json.loads((self.folder / "out/paths.json").read_text())
        self.assertGreaterEqual(len(paths), 100)
        metrics = json.loads((self.folder / "out/summary.json").read_text())["metrics"]
        self.assertGreaterEqual(metrics["http_reqs"]["values"]["count"], len(paths))
        self.assertEqual(metrics["checks"]["values"]["rate"], 1)
        self.assertTrue((self.folder / "out/summary.txt").exists())
        self.assertTrue((self.folder / "out/summary.html").exists())
        self.assert_nothing_runs()

    def test_loadtest_names_what_there_is(self) -> None:
        done = self.run_script("loadtest", "apache", "out")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no server is named 'apache'; there are nginx servy", done.stderr)

    def test_loadtest_says_that_a_server_did_not_start(self) -> None:
        self.serve_with("false")
        done = self.run_script("loadtest", "servy", "out")
        self.assertEqual(done.returncode, 1)
        self.assertIn("servy.service ended before it answered", done.stderr)

    def test_loadtest_says_that_a_server_died_and_keeps_what_was_measured(self) -> None:
        self.serve_with(f"timeout 4 {PROGRAMS}/servy --port {self.port} --metrics-port 0 --access-log false")
        done = self.run_script("loadtest", "servy", "out", "--quiet", "--duration", "6s")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("servy.service ended while it was tested", done.stderr)
        metrics = json.loads((self.folder / "out/summary.json").read_text())["metrics"]
        self.assertGreater(metrics["http_reqs"]["values"]["count"], 0)

    def test_ctrl_c_stops_the_server_and_keeps_what_was_measured(self) -> None:
        started = subprocess.Popen(
            ["loadtest", "servy", "out", "--quiet", "--duration", "60s"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while not (self.folder / "out/paths.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(2)
        os.killpg(started.pid, signal.SIGINT)
        self.assertNotEqual(started.wait(timeout=60), 0)
        self.assert_nothing_runs()
        self.assertTrue((self.folder / "out/summary.json").exists())

    def test_benchvm_makes_its_key_once(self) -> None:
        first = self.run_script("benchvm", "-m", "64")
        self.assertEqual(first.returncode, 0, first.stderr)
        disk, key, arguments = first.stdout.splitlines()
        self.assertEqual(disk, str(self.folder / ".benchvm/disk.qcow2"))
        self.assertTrue(key.startswith("ssh-ed25519 "), key)
        self.assertEqual(arguments, "-m 64")
        self.assertEqual((self.folder / ".benchvm/key").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.run_script("benchvm").stdout.splitlines()[1], key)

    def test_benchvm_exec_passes_words_as_they_are(self) -> None:
        self.run_script("benchvm")
        done = self.run_script("benchvm-exec", "printf", "%s|", "two words", "$HOME", "it's", "")
        self.assertEqual(done.stdout, "two words|$HOME|it's||", done.stderr)
        self.assertEqual(self.run_script("benchvm-exec", "exit", "7").returncode, 7)

    def test_benchvm_exec_waits_for_a_machine_that_boots(self) -> None:
        self.run_script("benchvm")
        booting = self.folder / "booting"
        booting.touch()
        waiting = subprocess.Popen(
            ["benchvm-exec", "echo", "up"],
            cwd=self.folder,
            env=self.environment | {"BOOTING": str(booting)},
            stdout=subprocess.PIPE,
            text=True,
        )
        time.sleep(1.5)
        self.assertIsNone(waiting.poll())
        booting.unlink()
        self.assertEqual(waiting.communicate(timeout=30)[0], "up\n")

    def test_benchvm_exec_gives_up(self) -> None:
        without = self.run_script("benchvm-exec", "true")
        self.assertEqual(without.returncode, 1)
        self.assertIn("no key in .benchvm; start 'benchvm' first", without.stderr)
        self.run_script("benchvm")
        (self.folder / "booting").touch()
        done = self.run_script("benchvm-exec", "true", BOOTING=str(self.folder / "booting"), BENCHVM_WAIT="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the machine does not answer: connect to host 127.0.0.1", done.stderr)

    def test_benchvm_test_brings_the_reports_of_a_test_that_failed(self) -> None:
        self.run_script("benchvm")
        done = self.run_script("benchvm-test", "servy", "--quiet", "--threshold", "http_reqs=count<1")
        self.assertEqual(done.returncode, 99, done.stderr)
        reports = self.folder / "reports/benchvm/servy"
        self.assertEqual(
            {file.name for file in reports.iterdir()},
            {"paths.json", "summary.txt", "summary.json", "summary.html"},
        )
        self.assert_nothing_runs()


class VmTest(Flake):
    """The test script of the machine, with this machine in its place."""

    def test_the_script_passes_here(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        site, metrics = free_port(), free_port()
        path = f"{HERE}/fakes:{PROGRAMS}:{os.environ['PATH']}"
        environment = os.environ | {"UNITS": str(folder), "PATH": path}
        (folder / "servy.service").write_text(f"{PROGRAMS}/servy --port {site} --metrics-port {metrics}")

        class Machine:
            def run(self, command: str) -> subprocess.CompletedProcess[str]:
                for there, here in (("8080", str(site)), ("8081", str(metrics)), ("/tmp/", f"{folder}/")):
                    command = command.replace(there, here)
                return subprocess.run(
                    ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=120
                )

            def succeed(self, command: str) -> str:
                done = self.run(command)
                assert done.returncode == 0, f"{command}: {done.stderr}"
                return done.stdout

            def fail(self, command: str) -> None:
                assert self.run(command).returncode != 0, command

            def wait_for_unit(self, unit: str) -> None:
                self.succeed(f"systemctl start {unit}")

            def wait_for_open_port(self, port: int) -> None:
                self.succeed(
                    f"for _ in $(seq 100); do : </dev/tcp/127.0.0.1/{port} && break; sleep 0.1; done 2>/dev/null"
                )

        machine = Machine()
        self.addCleanup(machine.run, "systemctl stop servy.service")
        subtest = lambda name: self.subTest(name)  # noqa: E731
        exec(compile(self.flake["vmTest"]["script"], "vm-test.py", "exec"), {"machine": machine, "subtest": subtest})


if __name__ == "__main__":
    unittest.main()
