"""`oidc-provider-mock`, and what a person does on its page."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit

from chalicelib.connections import administration

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def running() -> Iterator[str]:
    """The issuer of one that runs in a process of its own: its libraries warn, and warnings are errors here."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{issuer}/.well-known/openid-configuration", process)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the provider ended"
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except OSError:
            time.sleep(0.1)  # until it listens
        else:
            return
    raise AssertionError("the provider does not listen")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def connect(issuer: str) -> None:
    """Make a connection to it. It takes any client and secret."""
    fields = {"name": "Mock", "enabled": True, "client_id": "any", "issuer": issuer}
    administration.create("corp", "oidc", "any secret", fields, "ops.example")


def approve(location: str, subject: str | None) -> dict[str, str]:
    """Sign in there as somebody, or say no (None): the parameters of the redirect."""
    form = {"sub": subject} if subject else {"action": "deny"}
    request = urllib.request.Request(location, urlencode(form).encode(), method="POST")
    try:
        urllib.request.build_opener(_Stay).open(request, timeout=10).close()
    except HTTPError as answer:
        with answer:
            return dict(parse_qsl(urlsplit(str(answer.headers["Location"])).query))
    raise AssertionError("the provider did not redirect")
