"""The receivers that the console offers to copy verify what is signed, and take nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import HTTPServer

import pytest
from standardwebhooks import Webhook

from chalicelib.web import assets
from tests.serving import served

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw=="
SOURCE = (assets.HERE / "console" / "webhook-snippets.js").read_text("utf-8")
SNIPPETS = {
    name: text.replace("\\t", "\t") for name, text in re.findall(r"^const (\w+) = `(.*?)`;", SOURCE, re.M | re.S)
}
BODY = b'{"type":"user.updated","subject":"U1"}'


def signed(body=BODY, secret=SECRET):
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", now, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def test_there_is_one_in_each_language():
    assert SNIPPETS.keys() == {"PYTHON", "NODE", "GO"}


def test_the_python_receiver_verifies(monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    names: dict[str, object] = {"__name__": "receiver"}
    exec(compile(SNIPPETS["PYTHON"], "receiver.py", "exec"), names)
    server = HTTPServer(("127.0.0.1", 0), names["Receiver"])  # type: ignore[arg-type]
    with served(server):
        for headers, status in ((signed(), 204), (signed(BODY + b" "), 400), ({}, 400)):
            connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request("POST", "/", BODY, headers)
            assert connection.getresponse().status == status
            connection.close()


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node.js")
def test_the_node_receiver_is_a_program(tmp_path):
    path = tmp_path / "receiver.js"
    path.write_text(SNIPPETS["NODE"], "utf-8")
    subprocess.run(["node", "--check", str(path)], check=True)


@pytest.mark.skipif(not shutil.which("gofmt"), reason="there is no Go")
def test_the_go_receiver_is_a_program(tmp_path):
    path = tmp_path / "receiver.go"
    path.write_text(SNIPPETS["GO"], "utf-8")
    formatted = subprocess.run(["gofmt", str(path)], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert formatted == SNIPPETS["GO"]
