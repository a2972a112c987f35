"""DynamoDB's limits at the doors: what is derived from somebody's text fits, and what nobody can have is not there.

`tests.strictness` holds every other functional test to the same limits.
"""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

import pytest

from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo.conditions import Key
from chalicelib.core.aws.key_limits import PARTITION_BYTES, SORT_BYTES
from chalicelib.core.http import idempotency
from chalicelib.directory.routes import directory
from chalicelib.events.history import record_history
from chalicelib.factors.store import factors
from chalicelib.items.ingest import take_queued_items
from chalicelib.items.routes import items as item_routes
from tests.builders import EVENT, a_user
from tests.functional.apps import ApiClient
from tests.functional.importing import StateMachines, people
from tests.functional.serial import one_call_at_a_time

pytestmark = pytest.mark.usefixtures("held_clock")

LIGATURE = "\ufdfa"
"""Three bytes, of which NFKC makes 33."""

LONGEST_NAMES = {
    "grows elevenfold": LIGATURE * 200,
    "just too long once folded": LIGATURE * 31,
    "four bytes each": "\U0001f600" * 200,
    "grows by case": "\u0390" * 200,
    "ends inside a character": "a" + LIGATURE * 199,
    "marks": "e" + "\u0301" * 199,
}


@pytest.fixture
def admin(aws):
    api = ApiClient(account_routes, directory)
    api.sign_in("ROOT", "admin")
    return api


def found(api, name: str) -> list[str]:
    answer = api.call("GET", f"/users?name={quote(name)}")
    assert answer.status == 200, answer
    return [person["id"] for person in answer.body["items"]]


@pytest.mark.parametrize("name", LONGEST_NAMES.values(), ids=LONGEST_NAMES)
def test_a_name_that_grows_when_it_is_folded_is_kept_and_found(admin, name):
    user_id = "u" * 128
    a_user(id=user_id)
    answer = admin.call("PATCH", f"/users/{user_id}", {"name": name})
    assert answer.status == 200, answer
    kept = answer.body["name"]
    assert kept == unicodedata.normalize("NFC", name)
    assert [found(admin, kept[:length]) for length in (2, 40, 200)] == [[user_id]] * 3


def test_names_that_agree_as_far_as_the_index_goes_are_told_apart(admin):
    for number, last in enumerate("ab"):
        a_user(id=f"U{number}", name=LIGATURE * 150 + last)
    assert found(admin, LIGATURE * 150) == ["U0", "U1"]
    assert found(admin, LIGATURE * 150 + "b") == ["U1"]


def test_a_name_is_not_found_by_what_its_key_ends_with(admin):
    a_user(id="U1", name="Anna")
    assert found(admin, "anna") == ["U1"]
    assert found(admin, "anna#U1") == []


@pytest.mark.slow
@pytest.mark.peers
def test_a_row_with_such_a_name_is_imported_with_its_neighbours(aws):
    rows = [{"name": name, "email": f"p{number}@a.example"} for number, name in enumerate(LONGEST_NAMES.values())]
    with one_call_at_a_time():
        job = StateMachines(aws).drop(json.dumps(rows).encode())
    assert (job["status"], job["counts"]["created"], job["counts"]["failed"]) == ("finished", len(rows), 0)
    assert len(people(aws)) == len(rows)


def test_what_no_key_can_be_is_under_none(aws):
    table, history = clients.table("users"), clients.table("history")
    a_user(id="U1")
    for text in ("", "x" * (PARTITION_BYTES + 1), "\u00e9" * PARTITION_BYTES, "\ud800"):
        assert table.get({"id": text}) is None
        assert clients.database().batch_get([(table, {"id": text}), (table, {"id": "U1"})])[0] is None
        assert history.query(Key("subject").eq(text)).items == []
    assert history.get({"subject": "U1", "at": "x" * (SORT_BYTES + 1)}) is None


def test_the_longest_id_of_a_passkey_is_kept_and_found(aws):
    person, longest = a_user(id="U1"), "A" * 1364
    clients.database().transact({"passkey": factors().claiming(longest, person["id"])})
    assert factors().owner_of(longest) == "U1"
    assert factors().owner_of(longest[:-1] + "B") is None
    clients.database().transact({"passkey": factors().releasing(longest)})
    assert factors().owner_of(longest) is None


def history_of(*documents: dict) -> None:
    for document in documents:
        clients.send("history", json.dumps(document))


@pytest.mark.parametrize("field", ["id", "subject"])
@pytest.mark.parametrize("text", ["x" * 2000, "\u00e9" * 20, "\ud800"], ids=["long", "accents", "surrogate"])
def test_an_event_with_names_that_history_cannot_keep_is_parked_and_says_why(aws, field, text):
    history_of({**EVENT, field: text}, EVENT)
    record_history({"Records": aws.take("history")})
    assert [row["subject"] for row in aws.rows("history")] == ["U1"]
    (parked,) = aws.take("history-dlq")
    assert field in parked["messageAttributes"]["reason"]["stringValue"]


def test_a_message_cannot_make_an_item_too_large_by_what_it_says_of_itself(aws):
    item = {
        "user_id": "U1",
        "item_id": "I1",
        "item_key": "k",
        "item_value": "v" * 290_000,
        "at": clock.timestamp(),
    }
    said = {"request_id": "r" * 400_000, "actor": "\ud800", "traceparent": 7}
    clients.send("items", json.dumps({"items": [item], **said}))
    with one_call_at_a_time():
        take_queued_items({"Records": aws.take("items")})
    (row,) = aws.rows("items")
    assert (row["size"], row["changed_by"], row["traceparent"]) == (290_002, "", "")
    assert len(row["request_id"]) < 400


@pytest.mark.slow
@pytest.mark.peers
def test_an_answer_too_long_to_be_kept_is_not_asked_for_twice(aws):
    api = ApiClient(item_routes)
    api.sign_in("ROOT", "service")
    good = {"user_id": "U1", "item_id": "I1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    long = "\u00e9" * 200
    bad = {f"{number}{long}": 1 for number in range(10)}
    body = {"items": [good, *([bad] * 300)]}
    first = api.call("POST", "/items", body, Idempotency_Key="k1")
    assert (first.status, first.body["accepted"]) == (202, 1)
    assert len(json.dumps(first.body, ensure_ascii=False).encode()) > idempotency.ANSWER_BYTES
    second = api.call("POST", "/items", body, Idempotency_Key="k1")
    assert (second.status, "too long" in second.body["detail"]) == (409, True)
    assert len(aws.take("items")) == 1


def test_a_flood_of_unknown_fields_is_told_in_a_short_answer(admin):
    body = {f"{'x' * 900}{number}": 1 for number in range(1000)}
    answer = admin.call("POST", "/users/invite", body)
    assert answer.status == 422
    assert len(json.dumps(answer.body)) < 20_000
