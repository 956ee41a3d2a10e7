"""The server under test: nginx with one worker, which counts its requests."""

import os
import pathlib
import socket
import subprocess
import time
import urllib.request

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_requests 1000000000; keepalive_timeout 300s;
  open_file_cache max=1000 inactive=300s; open_file_cache_valid 300s;
  map $status $is_wrong {{ 200 0; default 1; }}
  access_log {folder}/wrong.log combined if=$is_wrong;
  root {folder}/www;
  ssl_certificate {folder}/certificate.pem;
  ssl_certificate_key {folder}/key.pem;
  ssl_protocols TLSv1.3;
  server {{ listen 127.0.0.1:{http} reuseport; }}
  server {{ listen 127.0.0.1:{tls} ssl reuseport; }}
  server {{ listen 127.0.0.1:{http2} ssl http2 reuseport; http2_max_requests 1000000000; }}
  server {{ listen 127.0.0.1:{status}; location / {{ stub_status; access_log off; }} }}
}}
"""


class Server:
    """A running nginx, which is stopped at the end of the `with` block."""

    def __init__(self, files, core):
        self.folder = files.folder
        self.ports = dict(zip(("http", "tls", "http2", "status"), free_ports(4)))
        self.core = core

    def __enter__(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
            + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
            + ["-keyout", self.folder / "key.pem", "-out", self.folder / "certificate.pem"],
            check=True,
            capture_output=True,
        )
        config = self.folder / "nginx.conf"
        text = CONFIG.format(folder=self.folder, **self.ports)
        if os.geteuid() == 0:
            # Without it the worker is another user, who cannot read the folder.
            text = "user root;" + text
        config.write_text(text)
        self.process = subprocess.Popen(
            ["nginx", "-c", config],
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.core}),
        )
        for _ in range(100):
            try:
                self.requests()
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError((self.folder / "error.log").read_text() or "nginx does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def url(self, kind):
        return f"{'http' if kind == 'http' else 'https'}://127.0.0.1:{self.ports[kind]}"

    def requests(self):
        """Requests so far, but for those of this function."""
        self.asked = getattr(self, "asked", 0) + 1
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['status']}/") as page:
            # The third line: connections accepted, handled, and requests.
            return int(page.read().decode().splitlines()[2].split()[2]) - self.asked

    def errors(self):
        """The first requests that were not answered with 200, as lines of a log."""
        log = pathlib.Path(self.folder / "wrong.log")
        return "\n".join(log.read_text().splitlines()[:3]) if log.exists() else ""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [bound.getsockname()[1] for bound in sockets]
    for bound in sockets:
        bound.close()
    return ports
