"""Where the requests of the program `rollcall` go."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.serving import served

CLI = Path(__file__).resolve().parents[2] / "cli"
SENDING = """
import pathlib, sys
from rollcall_cli.http import Request, download, send
url, target = sys.argv[1:]
print(send(Request("GET", url, {"Authorization": "Bearer secret"})).body.decode())
download(url, pathlib.Path(target))
"""


@contextmanager
def serving(answer: bytes):
    """A server on loopback; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.mark.slow
def test_what_is_for_this_machine_goes_to_no_proxy(tmp_path):
    with serving(b"the stage") as stage, serving(b"the proxy") as proxy:
        others = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        done = subprocess.run(
            [sys.executable, "-c", SENDING, f"{stage}/me", tmp_path / "export"],
            env={**others, "http_proxy": proxy, "PYTHONPATH": str(CLI)},
            capture_output=True,
            text=True,
        )
    assert (done.stdout, (tmp_path / "export").read_text("utf-8")) == ("the stage\n", "the stage"), done.stderr
