"""What the nickname of CONTRIBUTING.md, "Add a field to a person", brings with it.

`test_added_field.py` runs this in a copy of the tree that has the field; here there is none.
"""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import pytest

from chalicelib.core import clock
from chalicelib.directory.routes import directory
from chalicelib.events.catalog import CATALOG, schema
from chalicelib.events.change import events_of
from chalicelib.events.history import record_history
from chalicelib.exports.export import start_export
from chalicelib.privacy.own_data import export_of
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.streams import queue_event
from tests.functional.visitors import Visitor, visitor
from tests.unit.events.images import URL

pytestmark = pytest.mark.usefixtures("held_clock")

NICKNAME = "The Countess"
EMAIL = "ada@maths.example"


@pytest.fixture
def ada(aws: Any) -> Any:
    """Somebody who has told a nickname."""
    a_user(id="U1", email=EMAIL, password=PASSWORD, name="Ada")
    client = visitor(EMAIL)
    clock.tick(minutes=1)
    assert client.call("PATCH", "/me", {"nickname": "The  Countess"}).status == 200
    return client


def row(aws: Any) -> dict[str, Any]:
    (person,) = (person for person in aws.rows("users") if person["id"] == "U1")
    return dict(person)


def test_people_see_it_and_take_it_away(ada: Any) -> None:
    assert ada.call("GET", "/me").body["nickname"] == NICKNAME
    assert ada.call("PATCH", "/me", {"nickname": None}).body["nickname"] is None


def test_it_is_shown_after_the_field_before_it_in_the_table(ada: Any) -> None:
    names = list(ada.call("GET", "/me").body)
    assert names[names.index("nickname") - 1] == "identities"


@pytest.mark.parametrize("nickname", ["", "x" * 51, "a\nb", 7])
def test_it_is_held_to_its_rule(ada: Any, nickname: Any) -> None:
    answer = ada.call("PATCH", "/me", {"nickname": nickname})
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "nickname")


def test_a_registration_takes_it(aws: Any) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "nickname": NICKNAME}
    assert Visitor().call("POST", "/users", body).status == 202
    assert [intent["nickname"] for intent in aws.rows("intents")] == [NICKNAME]


def test_the_directory_shows_it_now_and_as_it_was(aws: Any, ada: Any) -> None:
    old = row(aws)
    clock.tick(minutes=1)
    assert ada.call("PATCH", "/me", {"nickname": "Ada"}).status == 200
    happened = events_of("users", old, row(aws), False, public_url=URL)
    record_history(queue_event("history", happened))
    staff = ApiClient(directory)
    staff.sign_in("S1", "support")
    moment = old["updated_at"]
    clock.tick(minutes=5)
    assert staff.call("GET", "/users/U1").body["nickname"] == "Ada"
    assert staff.call("GET", f"/users/U1?at={moment}").body["nickname"] == NICKNAME
    assert staff.call("GET", "/users?name=Ada").body["items"][0]["nickname"] == "Ada"


def test_events_tell_it_as_their_schemas_say(aws: Any, ada: Any) -> None:
    old = row(aws)
    assert ada.call("PATCH", "/me", {"nickname": "Ada"}).status == 200
    (event,) = events_of("users", old, row(aws), False, public_url=URL)
    data = event["data"]
    assert (event["type"], data["changed"], data["user"]["nickname"]) == ("user.updated", ["nickname"], "Ada")
    assert data["previous"]["nickname"] == NICKNAME
    CATALOG[event["type"]].model_validate(data)
    said = schema("user.updated", "1")["$defs"]
    assert all("nickname" in said[model]["properties"] for model in ("Person", "Previous"))
    assert "nickname" in said["PersonUpdated"]["properties"]["changed"]["items"]["enum"]


def test_imports_take_it_and_exports_give_it(aws: Any, state_machines: Any) -> None:
    data = f"id,email,nickname\nU1,{EMAIL},{NICKNAME}\nU2,bea@maths.example,\n"
    job = state_machines.drop(data.encode(), key="imports/users.csv")
    assert (job["counts"]["created"], job["counts"]["failed"]) == (2, 0), state_machines.errors(job)
    assert row(aws)["nickname"] == NICKNAME
    again = state_machines.drop(data.replace("The Countess", "Ada").encode(), "imports/again.csv", mode="upsert")
    assert (again["counts"]["updated"], row(aws)["nickname"]) == (1, "Ada")
    exported = start_export("csv", credentials=False, filters={})
    (given,) = (each for each in state_machines.started("export") if each["job"] == exported["id"])
    ended = state_machines.run_export(given)
    text = aws.objects("work")[ended["file"]].decode()
    assert sorted(person["nickname"] for person in csv.DictReader(io.StringIO(text))) == ["", "Ada"]


def test_a_row_that_breaks_the_rule_is_refused(state_machines: Any) -> None:
    job = state_machines.drop(f"id,nickname\nU1,{'x' * 51}\n".encode(), key="imports/users.csv")
    assert [field for _, field, _ in state_machines.errors(job)] == ["nickname"]


def test_the_api_says_it(chalice_client: Any) -> None:
    models = chalice_client.http.get("/openapi.json").json_body["components"]["schemas"]
    shown = [name for name, model in models.items() if "nickname" in model.get("properties", {})]
    assert {"NewUser", "Invitation", "ProfilePatch", "PersonPatch", "User", "DirectoryUser"} <= set(shown)


def test_it_is_among_ones_own_data(aws: Any, ada: Any) -> None:
    assert export_of(cast("Any", row(aws)))["person"]["nickname"] == NICKNAME
