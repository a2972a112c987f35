"""What is published of each type agrees with what is sent, and with CloudEvents as others read them."""

from __future__ import annotations

import json

import pytest
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator, ValidationError

from chalicelib.core import wire
from chalicelib.core.errors import Malformed, NotFound
from chalicelib.event_bus.envelope import (
    EventType,
    checked,
    marked,
    redacted,
)
from chalicelib.events.catalog import CATALOG, schema
from chalicelib.events.change import events_of
from tests.unit.events.images import URL, session
from tests.unit.events.test_change import CHANGES
from tools.event_schemas import FOLDER, documents

EVENTS = [
    event
    for table, rows in CHANGES.items()
    for old, new, _ in rows
    for event in events_of(table, old, new, False, public_url=URL)
] + events_of("sessions", session(), None, True, public_url=URL)


def validator(kind):
    return Draft202012Validator(schema(kind, "1"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", EventType)
def test_every_type_s_events_follow_its_published_schema(kind):
    found = [event for event in EVENTS if event["type"] == kind]
    assert found
    for event in found:
        validator(kind).validate(event["data"])
        validator(kind).validate(redacted(event)["data"])
        assert event["dataschema"] == f"{URL}/events/schemas/{kind}/1"


def test_a_schema_refuses_other_data():
    with pytest.raises(ValidationError):
        validator("user.updated").validate({"changed": []})


def test_another_reader_of_cloudevents_takes_ours():
    for event in EVENTS:
        read = JSONFormat().read(None, wire.to_json(marked(event, "bulk", "replayed", "reconciled")))
        assert (read.get_id(), read.get_type(), read.get_subject()) == (
            event["id"],
            event["type"],
            event["subject"],
        )
        assert read.get_extension("sequence") == event["sequence"]
        assert read.get_data() == event["data"]


@pytest.mark.slow
def test_the_schemas_in_the_docs_are_those_of_the_code():
    written = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert written == documents(), "run: python -m tools.event_schemas"


def test_the_docs_name_every_type():
    text = (FOLDER / "README.md").read_text()
    assert [kind for kind in CATALOG if f"`{kind}`" not in text] == []


@pytest.mark.parametrize(
    ("kind", "version"), [("user.exploded", "1"), ("user.updated", "2"), ("user.updated", "x")]
)
def test_there_is_no_schema_of_what_there_is_not(kind, version):
    with pytest.raises(NotFound, match="no such event type or version"):
        schema(kind, version)


@pytest.mark.parametrize(
    "document", [None, [], "x", {}, {**EVENTS[0], "specversion": "1.1"}, {**EVENTS[0], "id": 7}]
)
def test_what_is_no_event_is_malformed(document):
    with pytest.raises(Malformed, match="a CloudEvent"):
        checked(document)


def test_an_event_survives_its_own_json():
    for event in EVENTS:
        assert checked(json.loads(wire.to_json(event))) == event
