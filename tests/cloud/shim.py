"""Stands before the local cloud and answers the one call of `chalice deploy` that it lacks.

A second `chalice deploy` updates the REST API with `PutRestApi`, which the local cloud does not know. Everything else
is passed on as it came, signature and all.
"""

from __future__ import annotations

import http.client
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

PUT_REST_API = re.compile(r"^/restapis/[^/]+(\?|$)")
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@contextmanager
def answering_put_rest_api(endpoint: str) -> Iterator[str]:
    """The endpoint to use instead while the block runs."""
    behind = urlsplit(endpoint)

    class Shim(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or a body waits for the acknowledgement of its headers

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.command == "PUT" and PUT_REST_API.match(self.path):
                self._answer(200, {"Content-Type": "application/json"}, b"{}")
                return
            connection = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=120)
            connection.request(self.command, self.path, body=body, headers=dict(self.headers.items()))
            response = connection.getresponse()
            self._answer(response.status, dict(response.getheaders()), response.read())
            connection.close()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - the library's names

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shim)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"
