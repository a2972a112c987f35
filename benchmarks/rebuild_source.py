"""A DynamoDB that has as many people, items, events and sessions as is wished, for a rebuild of the read model to read.

It answers Scan with result pages of a thousand rows that it made once, in which only the numbers change: what it takes
is little beside what reads it. Nothing is recorded meanwhile: Query finds nothing.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.dynamo import from_item
from chalicelib.events.change import events_of
from tests.unit.events import images

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1000
"""Of a result page."""

NOTHING = b'{"Items":[],"Count":0}'


def row(table: str, number: int) -> dict[str, Any]:
    """The row of one of a thousand, with `@@` for the seven digits of the number of the thousand."""
    user_id = f"U@@{number:03}"
    if table == "users":
        attributes = {"plan": ("free", "pro")[number % 2], "city": f"City {number}", "score": number}
        return images.user(
            id=user_id, email=f"person@@{number:03}@d{number % 90}.example", name=f"Ada @@{number:03} Lovelace",
            attributes=attributes,
        )  # fmt: skip
    if table == "items":
        return images.item(user_id=user_id)
    if table == "sessions":
        return images.session(id=f"S@@{number:03}", user_id=user_id, amr=["pwd"])
    (event,) = events_of(
        "sessions",
        None,
        images.session(id=f"S@@{number:03}", user_id=user_id),
        expired=False,
        public_url=images.URL,
    )
    return {"subject": user_id, "at": f"{event['time']}#{event['id']}", "event": json.dumps(event)}


def result_page(table: str) -> bytes:
    """A result page of a thousand such rows."""
    rows = [from_item(row(table, number)) for number in range(ROWS)]
    return json.dumps({"Items": rows, "Count": ROWS, "ConsumedCapacity": {"CapacityUnits": 1}}).encode()


def serve(numbers: dict[str, int]) -> None:
    """Serve tables of so many rows, until the process ends. Prints the URL first."""
    pages = {table: result_page(table) for table in ("users", "items", "sessions", "history")}
    answer = _answering(pages, numbers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            reply = answer(self.headers["x-amz-target"].partition(".")[2], json.loads(body))
            self.send_response(200)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def _answering(pages: dict[str, bytes], numbers: dict[str, int]) -> Callable[[str, dict[str, Any]], bytes]:
    def answer(operation: str, request: dict[str, Any]) -> bytes:
        table = request["TableName"].rpartition("-")[2]
        if operation != "Scan" or table not in pages:  # `segments`: nobody is in one
            return NOTHING
        start = request.get("ExclusiveStartKey")
        thousand = int(start["n"]["N"]) if start else 0
        found = pages[table].replace(b"@@", f"{thousand:07}".encode())
        if (thousand + 1) * ROWS >= numbers[table]:
            return found
        return found[:-1] + b',"LastEvaluatedKey":{"n":{"N":"%d"}}}' % (thousand + 1)

    return answer


if __name__ == "__main__":
    serve(dict(zip(("users", "items", "sessions", "history"), map(int, chain(sys.argv[1:])), strict=True)))
