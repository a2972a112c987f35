"""`python -m benchmarks.peers.rollcall_server PORT`: `app.app` behind HTTP on loopback, in this one process.

It stands for one execution environment of the API function: a request at a time, each as the event that API Gateway
makes of it. What that costs is counted as ours, like the HTTP server of every peer. Paths are those of routes without
parameters.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from typing import TYPE_CHECKING, Any

from app import app
from benchmarks import gateway
from benchmarks.http_server import Connection, response

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUESTS = count(1)


class ApiConnection(Connection):
    """One connection of a client of the API."""

    def received(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        answer = app(event_of(method, path, headers, body), None)
        self.transport.write(response(answer["statusCode"], answer["headers"], answer["body"].encode()))


def event_of(method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What API Gateway's proxy integration makes of a request."""
    return gateway.event(method, path, headers, body=body.decode() or None, request_id=f"request-{next(REQUESTS)}")


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(ApiConnection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
