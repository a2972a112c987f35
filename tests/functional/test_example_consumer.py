"""The example of a consumer comes out right however events reach it: twice, late, redacted, or after a deletion."""

from __future__ import annotations

import itertools
import json
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from chalicelib.core.aws.dynamo import to_item
from chalicelib.event_bus.envelope import redacted
from chalicelib.events.change import events_of
from tests.unit.docs.markdown import ROOT

URL = "https://rollcall.example"
TABLE = "contacts"


@pytest.fixture
def contacts(aws, monkeypatch):
    """The example's module, over a table of its own in the pretend account."""
    monkeypatch.setenv("TABLE", TABLE)
    aws.session.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    spec = spec_from_file_location("contacts", ROOT / "examples" / "consumer" / "function" / "contacts.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def person(version, **fields):
    at = f"2026-03-01T12:00:0{version}.000Z"
    record = {"id": "U1", "version": version, "created_at": at, "updated_at": at, "source": "registration"}
    return {**record, "status": "active", "roles": [], **fields}


ADA = person(1, name="Ada", email="ada@example.com")
RENAMED = person(2, name="Countess", email="ada@example.com")
MOVED = person(3, name="Countess", email="countess@example.com")
GONE = {**person(4), "deleted_at": "T"}


def happened(old, new):
    (event,) = events_of("users", old, new, expired=False, public_url=URL)
    return event


LIFE = [happened(None, ADA), happened(ADA, RENAMED), happened(RENAMED, MOVED), happened(MOVED, GONE)]


def take(contacts, *events):
    """Hand events on as Lambda does; the ids of the messages that must come again."""
    records = [{"messageId": str(n), "body": json.dumps(event)} for n, event in enumerate(events)]
    answer = contacts.handle({"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def row(aws):
    """The one row, without what only says when and how often."""
    (found,) = (to_item(item) for item in aws.session.client("dynamodb").scan(TableName=TABLE)["Items"])
    return {name: value for name, value in found.items() if name not in {"seen_at", "changes"}}


@pytest.mark.slow
def test_any_order_with_duplicates_ends_the_same(aws, contacts):
    for order in itertools.permutations(LIFE[:3]):
        aws.session.client("dynamodb").delete_item(TableName=TABLE, Key={"id": {"S": "U1"}})
        assert take(contacts, *order, *order) == []
        expected = {"id": "U1", "sequence": "000000000003", "name": "Countess", "email": "countess@example.com"}
        assert row(aws) == expected


@pytest.mark.slow
def test_nothing_late_brings_back_who_was_deleted(aws, contacts):
    take(contacts, *reversed(LIFE))
    assert row(aws) == {"id": "U1", "sequence": "000000000004"}


@pytest.mark.slow
def test_an_event_is_taken_once(aws, contacts):
    take(contacts, LIFE[0], LIFE[0])
    take(contacts, LIFE[0])
    (found,) = aws.session.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert found["changes"] == {"N": "1"}


@pytest.mark.slow
def test_data_that_was_omitted_is_looked_up_later_or_not_at_all(aws, contacts):
    large = {**LIFE[1], "data": {"data_omitted": True, "reason": "size", "link": f"{URL}/users/U1"}}
    take(contacts, LIFE[0], large)
    assert row(aws)["name"] == "Ada"
    assert row(aws)["look_up"] == f"{URL}/users/U1"
    take(contacts, redacted(LIFE[2]))
    assert row(aws) == {"id": "U1", "sequence": "000000000003"}


@pytest.mark.slow
def test_what_it_does_not_know_comes_again_and_holds_up_nothing(aws, contacts):
    newer = {**LIFE[2], "dataschema": f"{URL}/events/schemas/user.email_changed/2"}
    assert take(contacts, newer, LIFE[0], {"no": "event"}) == ["0", "2"]
    assert row(aws)["name"] == "Ada"
