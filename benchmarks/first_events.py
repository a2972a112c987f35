"""What functions are handed first, in a benchmark of cold starts: a request of each kind, and an event for each
consumer and each step of a job, in a stage that has what they need."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from benchmarks.gateway import bearing, call, event
from tests.environment import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

Event = dict[str, Any]

SCHEDULED: Event = {
    "version": "0",
    "account": "123456789012",
    "region": "eu-central-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-03-01T12:00:00Z",
    "id": "E1",
    "resources": [],
}


@contextmanager
def first_events() -> Iterator[dict[str, Event]]:
    """The events, by `GET /health`, `GET /me` and the names of functions. Webhooks are received meanwhile."""
    from chalicelib.core.settings import settings

    with receiver() as url, settings.held(outbound_allow_http=True):
        yield {**_requests(), **_of_streams(), **_of_queues(url), **_of_jobs(), "every_five_minutes": SCHEDULED}


def _requests() -> dict[str, Event]:
    from tests.builders import PASSWORD, a_user
    from tests.functional.visitors import visitor

    a_user(email="ada@maths.example", password=PASSWORD)
    token = visitor("ada@maths.example").access_token
    return {"GET /health": event("GET", "/health"), "GET /me": event("GET", "/me", bearing(token))}


def _of_streams() -> dict[str, Event]:
    from chalicelib import items
    from chalicelib.core import clock
    from tests.builders import PASSWORD, a_person
    from tests.functional.streams import stream_event
    from tests.simulation.stories import kinesis_record

    call("POST", "/users", {"email": "grace@maths.example", "password": PASSWORD})
    written = items.ItemWrite(user_id="U1", item_id="1", item_key="k", item_value=1, at=clock.timestamp())
    items.apply(written)
    person = dict(a_person(email="alan@maths.example", name="Alan"))
    data = base64.b64encode(json.dumps(ITEM).encode()).decode()
    return {
        "on_user_change": stream_event("users", (None, person)),
        **{
            function: stream_event(table, (None, _newest(table)))
            for function, table in (
                ("on_session_change", "sessions"),
                ("on_item_change", "items"),
                ("on_intent", "intents"),
            )
        },
        "on_item_stream": {"Records": [kinesis_record(data, "shard:1")]},
    }


def _of_queues(url: str) -> dict[str, Event]:
    from chalicelib.core import wire
    from chalicelib.core.aws import clients
    from chalicelib.core.settings import settings
    from chalicelib.webhooks import endpoints
    from chalicelib.webhooks.fanout import fan_out
    from tests.builders import EVENT
    from tests.functional.streams import queue_event

    endpoints.create({"url": url, "types": []})
    fan_out(queue_event("webhooks", [{**EVENT, "id": "users:U1:1:7"}]))
    sqs, queue = clients.client("sqs"), settings().queue_url("deliveries")
    (delivery,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    mail = {"to": "ada@maths.example", "subject": "Hello", "body": "Hello."}
    bodies: dict[str, tuple[str, list[Any]]] = {
        "on_history": ("history", [EVENT]),
        "on_user_event": ("insights", [EVENT]),
        "on_webhook": ("webhooks", [wire.to_json(EVENT)]),
        "on_delivery": ("deliveries", [delivery["Body"]]),
        "on_items": ("items", [{"items": [ITEM]}]),
        "on_mail": ("mail", [mail]),
        "on_job": ("jobs", []),
    }
    return {function: queue_event(*body) for function, body in bodies.items()}


def _of_jobs() -> dict[str, Event]:
    """Of an upload and of each step of jobs, which are where the step finds them."""
    import boto3

    from chalicelib.core import ids
    from chalicelib.exports.export import export_segment
    from chalicelib.imports.chunk import import_chunk
    from chalicelib.imports.plan import plan_import
    from chalicelib.imports.uploads import receive_uploads
    from chalicelib.jobs import jobs
    from tests.functional.importing import StateMachines

    machines = StateMachines(SimpleNamespace(session=boto3.Session(region_name=REGION)))  # type: ignore[arg-type]

    def uploaded(name: str) -> Event:
        row = json.dumps({"email": f"{name}@maths.example", "name": name}).encode()
        return {"Records": [machines.upload(row, f"imports/{name}.ndjson")]}

    def waiting(name: str) -> Event:
        receive_uploads(uploaded(name))
        return machines.waiting()

    planned = machines.manifest(plan_import(waiting("planned")))
    done = waiting("done")
    for entry in machines.manifest(plan_import(done)):
        import_chunk(entry)
    job, _ = jobs().create("export", ids.new_id(), format="ndjson", credentials=False, filters={})
    joined, _ = jobs().create("export", ids.new_id(), format="ndjson", credentials=False, filters={})
    segment = export_segment({"job": joined["id"], "segment": 0, "segments": 1})
    return {
        "plan_import": waiting("waiting"),
        "on_upload": uploaded("new"),
        "import_chunk": planned[0],
        "finish_import": done,
        "export_segment": {"job": job["id"], "segment": 0, "segments": 1},
        "finish_export": {"job": joined["id"], "segments": [segment]},
    }


ITEM = {"user_id": "U1", "item_id": "I1", "item_key": "k", "item_value": 1, "at": "2026-03-01T12:00:00.000Z"}


def _newest(table: str) -> dict[str, Any]:
    from chalicelib.core.aws import clients

    return dict(clients.table(table).scan_segment(0, 1).items[-1])


class _Taking(BaseHTTPRequestHandler):
    """Takes each webhook."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def receiver() -> Iterator[str]:
    """The URL of somebody who takes webhooks."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
