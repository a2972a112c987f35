"""The process of the null AWS: `python -m benchmarks.null_aws.server` prints its URL and serves until it is ended."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.null_aws.keys import key_of, operation_of, service_of
from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTS = {"secretsmanager": "secretsmanager", "states": "states", "ses": "email"}
"""The host of a service whose name in signatures is another."""


class Endpoint:
    """What is answered, and how late."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.canned = False
        self.counted: Counter[str] = Counter()
        self._answers: dict[tuple[str, ...], bytes] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The whole response to a request of AWS."""
        self.counted[operation_of(method, headers, body)] += 1
        if not self.canned:
            return _moto(method, path, headers, body)
        key = key_of(method, path, headers, body)
        if key not in self._answers:
            self._answers[key] = _moto(method, path, headers, body)
        return self._answers[key]

    def told(self, what: str) -> bytes:
        """Do what the benchmark says (see `NullAws`)."""
        verb, _, value = what.partition("?")
        found: Counter[str] = Counter()
        if verb == "delay":
            self.delay = float(value) / 1000
        elif verb == "counted":
            found, self.counted = self.counted, found
        else:
            self.canned = verb == "canned"
            self._answers.clear()
        return _response(200, {"content-type": "application/json"}, json.dumps(found).encode())


class Connection(asyncio.Protocol):
    """One connection, kept alive: requests come one after the other."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._received = b""
        self._continued = False
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, length, headers = self._head(end)
            if len(self._received) < end + 4 + length:
                if headers.get("expect") == "100-continue" and not self._continued:
                    self._continued = True
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            self._continued = False
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            method, path = head.split(" ")[:2]
            self._reply(method, path, headers, body)

    def _head(self, end: int) -> tuple[str, int, dict[str, str]]:
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return first, int(headers.get("content-length", 0)), headers

    def _reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        if path.startswith("/_null/"):
            self._transport.write(self._endpoint.told(path.removeprefix("/_null/")))
            return
        answer = self._endpoint.answer(method, path, headers, body)
        if self._endpoint.delay:
            asyncio.get_running_loop().call_later(self._endpoint.delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _moto(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.core.models import botocore_stubber

    service = service_of(headers)
    sent = HTTPHeaders()
    for name, value in headers.items():
        sent[name] = value
    url = f"https://{HOSTS.get(service, service)}.{ENVIRONMENT['AWS_REGION']}.amazonaws.com{path}"
    answered = botocore_stubber.process_request(AWSPreparedRequest(method, url, sent, body, stream_output=False))
    if answered is None:
        raise RuntimeError(f"moto has no {url}")
    status, more, text = answered
    return _response(int(status), dict(more), text if isinstance(text, bytes) else str(text).encode())


def _response(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    kept = {name: value for name, value in headers.items() if name.lower() not in {"content-length", "connection"}}
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in kept.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body


async def serve() -> None:
    endpoint = Endpoint()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(endpoint), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    os.environ.update(ENVIRONMENT)
    from moto import mock_aws

    from tests.cloudlike import KeptSession, build

    mock_aws().start()
    build(KeptSession())
    gc.freeze()
    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
