"""What API Gateway does to a request and its answer, and the local cloud does not: a proxy between tests and a stage.

It goes by the packaged template: which paths and methods there are, and what API Gateway says by itself. The facts are
from https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html and
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
"""

from __future__ import annotations

import http.client
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST_BYTES = 10 * 1024**2
"""Of a body, for API Gateway."""

ANSWER_BYTES = 6 * 1024**2
"""Of what a function gives back."""

SECONDS = 29
"""Until API Gateway answers in the place of a function."""

REMAPPED = {"connection", "content-length", "date", "server", "www-authenticate"}
"""Headers of an answer that API Gateway keeps for itself: what a function says in them comes under another name."""

HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
"""What the proxy itself says of its two connections."""


@dataclass(frozen=True)
class Backend:
    """Where the local cloud serves the deployed API: `host` tells it which, `prefix` is the API's stage."""

    port: int
    host: str
    prefix: str = "/api"


@dataclass(frozen=True)
class Gateway:
    """API Gateway's own part, read off a packaged template."""

    paths: dict[str, dict[str, Any]]
    errors: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, template: dict[str, Any]) -> Gateway:
        body = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
        return cls(body["paths"], body["x-amazon-apigateway-gateway-responses"])

    def serves(self, method: str, path: str) -> bool:
        """Whether a method of that path, as it was sent, is declared."""
        sent = path.split("/")
        return any(
            method.lower() in methods and len(sent) == len(declared) and all(map(_fits, declared, sent))
            for declared, methods in ((each.split("/"), methods) for each, methods in self.paths.items())
        )

    def error(self, kind: str, status: int) -> tuple[int, dict[str, str], bytes]:
        """What API Gateway answers by itself: with this status, where the template says no other."""
        told = self.errors[kind]
        request_id = str(uuid.uuid4())
        headers = {
            name.removeprefix("gatewayresponse.header."): value.strip("'").replace("context.requestId", request_id)
            for name, value in told["responseParameters"].items()
        }
        body = told["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
        return int(told.get("statusCode", status)), headers, body.encode()


def _fits(declared: str, sent: str) -> bool:
    return bool(sent) if declared.startswith("{") else declared == sent


@contextmanager
def strict_edge(gateway: Gateway, backend: Backend, port: int = 0, seconds: float = SECONDS) -> Iterator[str]:
    """Serve the edge on a port of loopback while the block runs: its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or a body waits for the acknowledgement of its headers

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._reply(*_answer(gateway, backend, seconds, self.command, self.path, self.headers, body))

        def _reply(self, status: int, headers: list[tuple[str, str]] | dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items() if isinstance(headers, dict) else headers:
                self.send_header(name, value)
            if status not in {204, 304}:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The tests' output is not the place for it."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that went away, which browsers do."""

    server = Server(("127.0.0.1", port), Handler)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"


def _answer(
    gateway: Gateway, backend: Backend, seconds: float, method: str, target: str, headers: Any, body: bytes
) -> tuple[int, Any, bytes]:
    path, _, query = target.partition("?")
    if not gateway.serves(method, path):
        # A header that is no signature of AWS's is what it complains of first, whatever the path.
        if headers.get("Authorization"):
            return gateway.error("DEFAULT_4XX", 403)
        return gateway.error("MISSING_AUTHENTICATION_TOKEN", 403)
    if len(body) > REQUEST_BYTES:
        return gateway.error("REQUEST_TOO_LARGE", 413)
    connection = http.client.HTTPConnection("127.0.0.1", backend.port, timeout=seconds)
    sent = [(name, value) for name, value in headers.items() if name.lower() not in {*HOP_BY_HOP, "host"}]
    # The local cloud decodes a path before it takes the parameters out of it, and API Gateway does not.
    connection.putrequest(
        method, backend.prefix + path.replace("%", "%25") + (query and f"?{query}"), skip_host=True
    )
    for name, value in [("Host", backend.host), *sent, ("Content-Length", str(len(body)))]:
        connection.putheader(name, value)
    try:
        connection.endheaders(body)
        response = connection.getresponse()
        got = response.read()
    except TimeoutError:
        return gateway.error("INTEGRATION_TIMEOUT", 504)
    finally:
        connection.close()
    if len(got) > ANSWER_BYTES:
        return gateway.error("DEFAULT_5XX", 502)
    return response.status, [_remapped(*header) for header in response.getheaders() if _goes_on(header[0])], got


def _goes_on(name: str) -> bool:
    return name.lower() not in HOP_BY_HOP


def _remapped(name: str, value: str) -> tuple[str, str]:
    return (f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED else name), value
