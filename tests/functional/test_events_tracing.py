"""Request, acting person and trace travel from a request into the event of what it changed."""

from __future__ import annotations

import pytest

from chalicelib.accounts.routes import accounts as routes
from chalicelib.accounts.store import people
from chalicelib.core import context
from chalicelib.directory.routes import directory
from chalicelib.events.stream_changes import publish_changes
from chalicelib.items.ingest import take_queued_items
from chalicelib.items.model import ItemWrite
from chalicelib.items.queue import queue_items
from tests.builders import a_user
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.streams import stream_event

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

pytestmark = pytest.mark.usefixtures("held_clock")


def published(aws, table, old, new):
    topic_messages(aws, "webhooks")
    publish_changes(table, stream_event(table, (old, new)))
    (event,) = aws.bodies("webhooks")
    return event


@pytest.fixture
def api(aws):
    client = ApiClient(routes, directory)
    client.sign_in("A1", "admin")
    return client


def test_a_request_s_trace_is_in_the_event_of_its_change(aws, api):
    before = a_user(id="U1", name="Ada")
    answer = api.call("PATCH", "/users/U1", {"name": "A."}, traceparent=TRACE)
    event = published(aws, "users", before, people().get("U1"))
    assert event["traceparent"] == TRACE
    assert (event["requestid"], event["actor"]) == (answer.headers["X-Request-Id"], "A1")


def test_no_trace_is_left_over_from_the_change_before(aws, api):
    a_user(id="U1", name="Ada")
    api.call("PATCH", "/users/U1", {"name": "A."}, traceparent=TRACE)
    before = people().get("U1")
    api.call("PATCH", "/users/U1", {"name": "B."})
    assert "traceparent" not in published(aws, "users", before, people().get("U1"))


def test_a_queued_write_is_told_with_the_trace_of_who_queued_it(aws):
    write = {"user_id": "U1", "item_id": "I1", "item_key": "k", "item_value": 1, "at": "2026-03-01T12:00:00Z"}
    with context.working_for("R1", "A1", TRACE):
        queue_items([ItemWrite.model_validate(write)])
    take_queued_items({"Records": aws.take("items")})
    (row,) = aws.rows("items")
    event = published(aws, "items", None, row)
    assert (event["requestid"], event["actor"], event["traceparent"]) == ("R1", "A1", TRACE)
