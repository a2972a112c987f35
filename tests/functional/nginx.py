"""A real nginx (Debian: `apt-get install nginx-light`) as a receiver of webhooks, on free ports of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        server_name hooks.example;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        location /hook {{ proxy_pass {upstream}; }}
        location /down {{ proxy_pass http://127.0.0.1:{closed}; }}
        location /moved {{ return 301 http://169.254.169.254/latest/meta-data/; }}
        location /gone {{ return 410; }}
        location /busy {{ add_header Retry-After 120 always; return 429; }}
        location /small {{ client_max_body_size 10; proxy_pass {upstream}; }}
        location /reset {{ return 444; }}
    }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens. `/hook` goes on to the receiver behind it; the other paths answer as they are called."""

    http: int
    https: int


@contextmanager
def nginx(folder: Path, certificate: Path, upstream: str) -> Iterator[Nginx]:
    """Run nginx before a receiver at `upstream` while the block does. `certificate` is a file with its key."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise AssertionError("this test drives a real nginx: apt-get install nginx-light")
    http, https, closed = _free_ports(3)
    written = folder / "nginx.conf"
    written.write_text(
        CONFIGURATION.format(
            folder=folder, http=http, https=https, closed=closed, certificate=certificate, upstream=upstream
        )
    )
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(written)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as running:
        try:
            _wait_for(http, running)
            yield Nginx(http, https)
        finally:
            running.terminate()


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionError:
            time.sleep(0.01)
        else:
            return
    running.kill()
    raise AssertionError(f"nginx does not start: {(running.stderr.read() if running.stderr else b'').decode()}")
