"""The process of the null AWS: `python -m benchmarks.null_aws.server` prints its URL and serves until it is ended."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.http_server import Connection, response
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
        self._work = ""
        """What is done again and again, since the last `again`, and how often each request was made meanwhile."""
        self._in_round: Counter[tuple[str, ...]] = Counter()
        self._answers: dict[tuple[str, ...], bytes] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The whole response to a request of AWS."""
        self.counted[operation_of(method, headers, body)] += 1
        if not self.canned:
            return _moto(method, path, headers, body)
        key = key_of(method, path, headers, body)
        if self._work:
            self._in_round[key] += 1
            key = (self._work, *key, str(self._in_round[key]))
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
        elif verb == "again":
            self.canned, self._work, self._in_round = True, value, Counter()
        else:
            self.canned, self._work = verb == "canned", ""
            self._answers.clear()
        return response(200, {"content-type": "application/json"}, json.dumps(found).encode())


class AwsConnection(Connection):
    """One connection of a client of AWS."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def received(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        if path.startswith("/_null/"):
            self.transport.write(self._endpoint.told(path.removeprefix("/_null/")))
            return
        answer = self._endpoint.answer(method, path, headers, body)
        if self._endpoint.delay:
            asyncio.get_running_loop().call_later(self._endpoint.delay, self.transport.write, answer)
        else:
            self.transport.write(answer)


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
    return response(int(status), dict(more), text if isinstance(text, bytes) else str(text).encode())


async def serve() -> None:
    endpoint = Endpoint()
    server = await asyncio.get_running_loop().create_server(lambda: AwsConnection(endpoint), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    os.environ.update(ENVIRONMENT)
    from moto import mock_aws

    import tests.in_process  # noqa: F401 - moto's `INSERT`, as DynamoDB has it
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
