"""`GET /me/export`: everything about oneself, and no secret."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import factors, items, segments
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import TooLarge
from chalicelib.core.http.responses import INLINE_BYTES
from chalicelib.core.http.routing import ANYONE, AnyQuery, Reply, Request, declares
from chalicelib.core.settings import settings
from chalicelib.events.store import history
from chalicelib.privacy.own_data import within_limits
from chalicelib.privacy.routes import privacy
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.serial import one_call_at_a_time
from tests.functional.test_events_erased import an_event
from tests.functional.visitors import visitor

SECRETS = ("hash", "sealed", "secret", "$argon2")


@pytest.fixture(autouse=True)
def _one_at_a_time(aws, held_clock):
    with one_call_at_a_time():
        yield


@pytest.fixture
def ada(aws):
    fields = {"name": "Ada", "birthdate": "1990-12-10", "attributes": {"tea": 1}, "metadata": {"plan": "free"}}
    person = a_user(id="U-owner", email="Ada@Maths.example", password=PASSWORD, import_job="J1", **fields)
    a_user(id="U2", email="bea@maths.example")
    visitor("ada@maths.example")
    for user_id in ("U-owner", "U2"):
        write = {"item_id": "i", "item_key": "k", "item_value": {"of": user_id}, "at": clock.timestamp()}
        items.apply(items.ItemWrite(user_id=user_id, **write))
        history().record([{**an_event(user={"id": user_id}), "subject": user_id}], 365)
        stamps = {"created_at": clock.timestamp(), "updated_at": clock.timestamp(), "state": "sent"}
        aws.put("mail", {"id": f"M-{user_id}", "user_id": user_id, "template": "password_reset", **stamps})
    return person


@pytest.fixture
def api(ada):
    client = ApiClient(privacy)
    client.sign_in("U-owner", user=ada)
    return client


def test_it_holds_what_every_domain_has_and_nothing_of_others(api):
    answer = api.call("GET", "/me/export")
    assert answer.status == 200
    data = answer.body
    told = {"name": "Ada", "birthdate": "1990-12-10", "attributes": {"tea": 1}, "metadata": {"plan": "free"}}
    assert data["person"].items() >= told.items()
    assert data["address"] == {"email": "Ada@Maths.example", "locked_as": "ada@maths.example"}
    assert data["password"] == {"changed_at": clock.timestamp(), "version": 1}
    assert data["factors"] == json.loads(json.dumps(factors.view("U-owner")))
    assert [session["user_id"] for session in data["sessions"]] == ["U-owner"]
    assert [(item["item_key"], item["item_value"]) for item in data["items"]] == [("k", {"of": "U-owner"})]
    assert [event["data"] for event in data["history"]] == [{"user": {"id": "U-owner"}}]
    assert [mail["id"] for mail in data["mails"]] == ["M-U-owner"]
    assert data["jobs"] == [{"id": "J1", "kind": "import"}]
    assert "U2" not in json.dumps(data)


@pytest.mark.slow
def test_it_holds_the_segments_one_is_in_or_was_in(api):
    assert api.call("GET", "/me/export").body["segments"] == []
    adults = segments.model.new_segment("S1", name="Adults", filter="age >= 18", watched=True)
    entered = {user_id: segments.model.moved(adults, user_id, None, inside=True) for user_id in ("U-owner", "U2")}
    segments.segments().write({user_id: (None, row) for user_id, row in entered.items()})
    left = segments.model.moved(adults, "U-owner", entered["U-owner"], inside=False)
    segments.segments().write({"U-owner": (entered["U-owner"], left)})
    with settings.held(read_model="postgres"):
        (membership,) = api.call("GET", "/me/export").body["segments"]
    now = clock.timestamp()
    named = {"segment_id": "S1", "segment_name": "Adults"}
    assert membership == {**named, "entered_at": now, "left_at": now}


def test_it_holds_no_secret(aws, api):
    text = json.dumps(api.call("GET", "/me/export").body)
    kept = [row for table in ("credentials", "sessions") for row in aws.rows(table)]
    hashes = {str(value) for row in kept for name, value in row.items() if "hash" in name}
    assert len(hashes) == 2
    assert not any(secret in text for secret in (*hashes, *SECRETS))


def test_it_wants_a_recent_sign_in(api, ada):
    api.sign_in("U-owner", user=ada, seconds_ago=301)
    answer = api.call("GET", "/me/export")
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")


def test_it_reads_and_writes_nothing(api):
    with telemetry.recording() as seen:
        api.call("GET", "/me/export")
    assert sorted(seen.names) == ["GetItem"] * 4 + ["Query"] * 5


@pytest.mark.slow
def test_a_long_one_is_a_link(aws, api):
    for number in range(15):
        items.items().put("U-owner", f"long-{number}", "x" * 295_000)
    answer = api.call("GET", "/me/export")
    assert (answer.status, answer.body) == (303, "")
    place = urllib.parse.urlsplit(answer.headers["Location"])
    (key,) = aws.objects("work")
    assert key.startswith("answers/")
    assert place.path.endswith(f"/{key}")
    assert "U-owner" not in answer.headers["Location"]
    data = json.loads(aws.objects("work")[key])
    assert len(data["items"]) == 16


@pytest.mark.slow
@pytest.mark.parametrize("letters", ["y" * 2**20, "\u0436" * 2**19])
def test_what_no_request_can_give_is_refused(letters):
    megabyte = {"x": letters}
    assert len(within_limits(megabyte for _ in range(63))) == 63
    with pytest.raises(TooLarge):
        within_limits(megabyte for _ in range(64))


class Long(BaseModel):
    x: str


@pytest.mark.parametrize(("size", "status"), [(INLINE_BYTES - 8, 200), (INLINE_BYTES - 7, 303)])
def test_every_route_answers_more_than_4_mb_by_a_link(aws, size, status):
    routes = Blueprint(__name__)

    @routes.route("/long", methods=["GET", "HEAD"], content_types=[])
    @declares(who=ANYONE, query=AnyQuery, answers={200: Long, 303: None, 304: None})
    def long(_request: Request[None, AnyQuery]) -> Reply:
        """Answer at length."""
        return Reply({"x": "é" * ((size - 1) // 2) + "x" * (1 + (size - 1) % 2)}, version=3)

    answer = ApiClient(routes).call("GET", "/long")
    assert answer.status == status
    kept = clients.client("s3").list_objects_v2(Bucket=settings().bucket("work")).get("KeyCount")
    assert kept == (status == 303)
