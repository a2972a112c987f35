"""Every text that somebody may write, at its longest and strangest, through every public door into every store: it is
kept and reads back equal, or it is refused by its field's name. Never a failure of ours, nor a neighbour's loss.

It runs over moto and, with `--dynamodb=dynalite`, over another DynamoDB, each held to DynamoDB's limits.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.directory.routes import directory
from chalicelib.items.ingest import put_items, take_queued_items
from chalicelib.items.routes import items as item_routes
from chalicelib.jobs import jobs
from chalicelib.oauth.routes import oauth as machine_routes
from chalicelib.webhooks.routes import webhooks as webhook_routes
from tests.builders import a_user
from tests.cloudlike import stage
from tests.conftest import NOW
from tests.functional.apps import Answer, ApiClient
from tests.functional.importing import StateMachines
from tests.functional.serial import one_call_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cloudlike import Cloud

pytestmark = [
    pytest.mark.slow,
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

UNITS = (
    *(
        "x",
        "\u00df",
        "\u0130",
        "\u0149",
        "\ufdfa",
        "\u0390",
        "\u0301",
        "e\u0301\u0323",
        "\U0001f600",
        "\U0010ffff",
    ),
    *("\u05d0", "\u202e", "\x00", "\x1f", "\x7f", "\u2028", "\ufeff", "\ufffe", "\uffff", "\ud800", "\udc00"),
    *(" ", "\u00a0", "\u3164", "#", "..", "/", "%2F", "\u1100\u1161", "\uff21", "\ufb03", "\u0344", "Z\u0335"),
)
LENGTHS = (0, 1, 2, 31, 64, 100, 128, 199, 200, 201, 255, 256, 500, 501, 2001)

TEXTS = st.builds(
    lambda unit, length, end: (unit * length)[: max(length, 1)] + end,
    st.sampled_from(UNITS),
    st.sampled_from(LENGTHS),
    st.sampled_from(("", "", "a", "\ufdfa")),
) | st.text(max_size=40)
NUMBERS = st.sampled_from((0, -1, 10**37, 10**38 - 1, 10**38, -(10**39), 1e124, 1e126, 1e-129, 1e-131, 0.1, 1e40))
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXTS, part, max_size=3),
    max_leaves=6,
) | st.sampled_from((8, 15, 16, 17, 31, 33, 99, 101, 150)).map(lambda depth: json.loads("[" * depth + "]" * depth))
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)

PROFILE = {"name": TEXTS, "locale": TEXTS, "birthdate": TEXTS, "attributes": OBJECTS}


@dataclass
class World:
    """A stage, with a person who may do everything and one whom things are done to."""

    cloud: Cloud
    api: ApiClient
    state_machines: StateMachines
    webhook_id: str = ""
    number: int = 0

    def email(self) -> str:
        self.number += 1
        return f"p{self.number}@people.example"


def call(world: World, method: str, path: str, body: Any = None) -> Answer:
    return world.api.call(method, path, body)


@dataclass(frozen=True)
class Door:
    """`send` goes through it with fields of these kinds, and `kept` reads what is there then."""

    send: Callable[[World, dict[str, Any]], Answer]
    kept: Callable[[World, Answer, dict[str, Any]], dict[str, Any]]
    fields: dict[str, Any]
    always: dict[str, Any] = field(default_factory=dict)


def _registered(world: World, _: Answer, sent: dict[str, Any]) -> dict[str, Any]:
    email = tidy("email", sent["email"])
    return next(row for row in world.cloud.rows("intents") if tidy("email", row["email"]) == email)


def _register(world: World, sent: dict[str, Any]) -> Answer:
    sent["email"] = world.email()
    return call(world, "POST", "/users", {**sent, "password": "violet otter sings at noon"})


def _invite(world: World, sent: dict[str, Any]) -> Answer:
    sent["email"] = world.email()
    return call(world, "POST", "/users/invite", sent)


def _shown(world: World, answer: Answer, _: dict[str, Any]) -> dict[str, Any]:
    return call(world, "GET", f"/users/{answer.body['id']}").body


def _put_item(world: World, sent: dict[str, Any]) -> Answer:
    path = quote(sent["key"].encode("utf-8", "replace"), safe="")
    if not path:
        return Answer(404, {}, {})
    return call(world, "PUT", f"/me/items/{path}", {"item_value": sent["item_value"]})


def _item(world: World, answer: Answer, _: dict[str, Any]) -> dict[str, Any]:
    found = call(world, "GET", f"/me/items/{answer.body['item_key']}").body
    return {"key": found["item_key"], "item_value": found["item_value"]}


ITEM = {"user_id": TEXTS, "item_id": TEXTS, "item_key": TEXTS, "item_value": VALUES, "at": TEXTS}


DOORS = {
    "registration": Door(_register, _registered, PROFILE),
    "registration of an address": Door(
        lambda world, sent: call(world, "POST", "/users", {**sent, "password": "violet otter sings at noon"}),
        _registered,
        {"email": TEXTS.map(lambda text: f"{text}@people.example")},
    ),
    "a password": Door(
        lambda world, sent: call(world, "POST", "/users", {"email": world.email(), **sent}),
        lambda _world, _answer, sent: sent,
        {"password": TEXTS},
    ),
    "invitation": Door(_invite, _shown, {**PROFILE, "metadata": OBJECTS}),
    "profile": Door(
        lambda world, sent: call(world, "PATCH", "/users/U1", sent), _shown, {**PROFILE, "metadata": OBJECTS}
    ),
    "roles": Door(
        lambda world, sent: call(world, "PUT", "/users/U1/roles", sent),
        _shown,
        {"roles": st.lists(TEXTS, max_size=3)},
    ),
    "item": Door(_put_item, _item, {"key": TEXTS, "item_value": VALUES}),
    "webhook": Door(
        lambda world, sent: call(world, "PATCH", f"/webhooks/{world.webhook_id}", sent),
        lambda world, answer, _: call(world, "GET", f"/webhooks/{answer.body['id']}").body,
        {
            "description": TEXTS,
            "url": TEXTS.map(lambda text: f"https://93.184.215.14/{text}"),
            "types": st.lists(TEXTS),
        },
    ),
    "client": Door(
        lambda world, sent: call(world, "POST", "/clients", {**sent, "roles": ["service"]}),
        lambda world, answer, _: call(world, "GET", f"/clients/{answer.body['id']}").body,
        {"name": TEXTS},
    ),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all: every example makes things of its own."""
    often = settings.held(registrations_per_hour=1_000_000)
    with often, clock.held(NOW), stage() as cloud, one_call_at_a_time():
        api = ApiClient(account_routes, directory, item_routes, machine_routes, webhook_routes)
        api.sign_in("U1", "admin")
        a_user(id="U1", email="u1@people.example", roles=["admin"])
        a_user(id="U2", email="u2@people.example", roles=["admin"])
        made = World(cloud, api, StateMachines(cloud))
        made.webhook_id = call(made, "POST", "/webhooks", {"url": "https://93.184.215.14/"}).body["id"]
        yield made


def tidy(name: str, value: Any) -> Any:
    """What the rules make of a value that they take: spellings, and nothing that can be seen."""
    if name in {"name", "email", "description"} and isinstance(value, str):
        return unicodedata.normalize("NFC", " ".join(value.split()))
    if name == "locale" and isinstance(value, str):
        return value.replace("_", "-")
    return sorted(set(value)) if name in {"roles", "types"} else _less_nulls(value) if name in MERGED else value


MERGED = {"attributes", "metadata"}
"""Given as merge patches, in which null takes a member away (RFC 7396)."""


def _less_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _less_nulls(part) for name, part in value.items() if part is not None}
    return value


def _within(part: Any, whole: Any) -> bool:
    """Whether a patched value holds all that a patch said."""
    if not isinstance(part, dict):
        return bool(part == whole)
    return isinstance(whole, dict) and all(
        name in whole and _within(value, whole[name]) for name, value in part.items()
    )


NO_SHRINKING = (Phase.explicit, Phase.generate)
"""Making a failure smaller would go through a stage for minutes."""

many = examples(max_examples=40, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@many
@given(st.data())
def test_whatever_is_written_reads_back_equal_or_is_refused_by_its_name(world, door, data):
    sent = {
        name: data.draw(kind, label=name)
        for name, kind in door.fields.items()
        if len(door.fields) == 1 or data.draw(st.booleans(), label=f"with {name}") or door.send is _put_item
    }
    check(world, door, sent)


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_each_text_alone_at_its_longest(world, unit):
    """Every one, as chance may not come to the one that matters."""
    for length in (31, 128, 200):
        for door, name in ((DOORS["profile"], "name"), (DOORS["invitation"], "name"), (DOORS["client"], "name")):
            check(world, door, {name: unit * length})


def check(world: World, door: Door, sent: dict[str, Any]) -> None:
    """Send it through the door, and see what became of it."""
    given_fields = set(sent)
    answer = door.send(world, sent)
    if answer.status < 300:
        found = door.kept(world, answer, sent)
        for name in given_fields - {"password"}:
            if name in MERGED and door is DOORS["profile"]:
                assert _within(_less_nulls(sent[name]), found[name]), name
            elif sent[name] not in (None, ""):
                assert tidy(name, found[name]) == tidy(name, sent[name]), name
        return
    assert 400 <= answer.status < 500, answer
    if answer.status == 422:
        named = {error["field"].partition(".")[0] for error in answer.body["errors"]}
        assert named & (given_fields | {"(document)"}), answer.body


def good_item(number: int) -> dict[str, Any]:
    return {
        "user_id": "U9",
        "item_id": f"W{number}",
        "item_key": "good",
        "item_value": number,
        "at": clock.timestamp(),
    }


def stored(world: World) -> dict[tuple[str, str], Any]:
    return {(row["user_id"], row["item_key"]): json.loads(row["value"]) for row in world.cloud.rows("items")}


def by_queue(world: World, items: list[dict[str, Any]]) -> None:
    clients.send("items", json.dumps({"items": items}))
    take_queued_items({"Records": world.cloud.take("items")})


def is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def by_route(world: World, items: list[dict[str, Any]]) -> None:
    answer = call(world, "POST", "/items", {"items": items})
    assert answer.status in {202, 400}, answer
    assert (answer.status == 400) == (not is_unicode(items)), answer
    if answer.status == 202:
        take_queued_items({"Records": world.cloud.take("items")})
    else:
        by_queue(world, items[-1:])


def by_invocation(_: World, items: list[dict[str, Any]]) -> None:
    assert put_items({"items": items})["accepted"] >= 1


@pytest.mark.parametrize("send", [by_queue, by_route, by_invocation])
@many
@given(st.data())
def test_an_item_is_kept_or_refused_and_its_neighbour_is_kept(world, send, data):
    world.number += 1
    strange = {**good_item(0), "item_key": "odd"} | data.draw(st.fixed_dictionaries({}, optional=ITEM))
    clock.tick(seconds=1)
    send(world, [strange, good_item(world.number)])
    kept = stored(world)
    assert kept[("U9", "good")] == world.number
    if (strange["user_id"], strange["item_key"]) in kept and strange["at"] == clock.timestamp():
        assert kept[(strange["user_id"], strange["item_key"])] == strange["item_value"]


ROW = {
    "id": TEXTS,
    "email": TEXTS.map(lambda text: f"{text}@rows.example"),
    "name": TEXTS,
    "age": NUMBERS,
    "birthdate": TEXTS,
    "locale": TEXTS,
    "attributes": OBJECTS,
    "metadata": OBJECTS,
    "password_hash": TEXTS,
    "\ufdfa": TEXTS,
}


@examples(max_examples=15, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries({}, optional=ROW), min_size=1, max_size=8))
def test_a_row_is_imported_or_reported_and_its_neighbours_are_imported(world, rows):
    world.number += 1
    good = {"email": f"good{world.number}@rows.example", "name": "Good"}
    job = world.state_machines.drop(
        b"[" + b",\n".join(json.dumps(row).encode() for row in (*rows, good)) + b"]",
        f"imports/{world.number}.json",
    )
    assert job["status"] == "finished", jobs().get(job["id"]).get("reason")
    counts = job["counts"]
    assert counts["rows"] == len(rows) + 1 == counts["created"] + counts["failed"] + counts["unchanged"]
    assert good["email"] in {row.get("email") for row in world.cloud.rows("users")}
    if counts["failed"]:
        faults = {line for line, _, _ in world.state_machines.errors(job)}
        assert len(faults) == counts["failed"]
