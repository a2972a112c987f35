"""Clients of machines over HTTP: administrators make, list, rotate and remove; no secret is shown twice or kept."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts
from chalicelib.core.aws import clients, telemetry
from chalicelib.oauth.routes import oauth as routes
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.oauth_machine import Machine

pytestmark = pytest.mark.usefixtures("held_clock")


MACHINE = {
    "type": "machine",
    "redirect_uris": [],
    "post_logout_redirect_uris": [],
    "backchannel_logout_uri": None,
    "scopes": [],
    "grant_types": ["client_credentials"],
    "first_party": False,
    "token_endpoint_auth_method": "client_secret_basic",
    "jwks": None,
    "audiences": [],
    "access_token_seconds": None,
    "refresh_token_days": None,
    "require_par": False,
    "uri": None,
    "logo_uri": None,
    "source": "admin",
}
"""What is registered of a machine."""


@pytest.fixture
def api(aws):
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


def make(api, name: str = "billing", *roles: str) -> dict:
    answer = api.call("POST", "/clients", {"name": name, "roles": list(roles or ("service",))})
    assert answer.status == 201, answer.body
    return answer.body


def test_a_client_from_making_to_removal(aws, api):
    made = make(api, " billing ", "service", "audit")
    secret = made.pop("secret")
    assert made == {
        **MACHINE,
        "id": made["id"],
        "name": "billing",
        "roles": ["audit", "service"],
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "secret_made_at": "2026-03-01T12:00:00.000Z",
        "previous_valid_until": None,
        "version": 1,
    }
    read = api.call("GET", f"/clients/{made['id']}")
    assert (read.status, read.body, read.headers["ETag"]) == (200, made, '"1"')
    rotated = api.call("POST", f"/clients/{made['id']}/rotate", {"grace_seconds": 60})
    assert rotated.status == 200
    assert rotated.body["secret"] not in {secret, None}
    assert rotated.body["previous_valid_until"] == "2026-03-01T12:01:00.000Z"
    assert api.call("DELETE", f"/clients/{made['id']}").status == 204
    for method in ("GET", "DELETE"):
        assert api.call(method, f"/clients/{made['id']}").status == 404
    assert api.call("POST", f"/clients/{made['id']}/rotate", {}).status == 404
    assert aws.rows("credentials") == []
    (tombstone,) = aws.rows("clients")
    assert (tombstone["id"], tombstone["version"], "name" in tombstone) == (made["id"], 3, False)


def test_a_secret_is_shown_once_and_kept_nowhere(aws, api, caplog):
    first = make(api)
    second = api.call("POST", f"/clients/{first['id']}/rotate", {"grace_seconds": 60}).body
    told = json.dumps([api.call("GET", path).body for path in ("/clients", f"/clients/{first['id']}")])
    kept = json.dumps([aws.rows(table) for table in ("credentials", "clients", "idempotency", "guards")])
    logged = str([vars(record) for record in caplog.records])
    assert first["id"] in logged
    for secret in (first["secret"], second["secret"]):
        assert secret[4:] not in told + kept + logged
    assert "digest" not in told


def test_idempotency_keys_are_ignored_where_the_answer_holds_a_secret(aws, api):
    body = {"name": "billing", "roles": ["service"]}
    one, other = [api.call("POST", "/clients", body, Idempotency_Key="k1").body for _ in range(2)]
    assert one["id"] != other["id"]
    assert aws.rows("idempotency") == []


def test_every_change_is_logged_by_id_and_by_whom(api, caplog):
    made = make(api)
    api.call("POST", f"/clients/{made['id']}/rotate", {})
    api.call("DELETE", f"/clients/{made['id']}")
    events = [record for record in caplog.records if record.getMessage().startswith("client ")]
    assert [event.getMessage() for event in events] == [
        "client created",
        "client secret rotated",
        "client removed",
    ]
    assert {(event.client, event.actor) for event in events} == {(made["id"], "A1")}
    assert "billing" not in str([vars(event) for event in events])


def test_clients_are_listed_oldest_first_in_pages(api, held_clock):
    made = []
    for number in range(5):
        held_clock.tick(seconds=1)
        made.append(make(api, f"client {number}")["id"])
    found, cursor, pages = [], None, 0
    while True:
        page = api.call("GET", f"/clients?limit=2{'&cursor=' + cursor if cursor else ''}").body
        found += [client["id"] for client in page["items"]]
        pages, cursor = pages + 1, page["next"]
        if cursor is None:
            break
    assert (found, pages) == (made, 3)


def test_a_list_is_a_query_and_a_batch_and_never_a_scan(api):
    make(api)
    with telemetry.recording() as record:
        api.call("GET", "/clients")
    assert record.names == ["Query", "BatchGetItem"]


@pytest.mark.parametrize("path", ["/clients", "/clients/{id}/rotate"])
def test_what_changes_clients_wants_a_recent_sign_in(api, path):
    made = make(api)
    api.sign_in("A1", "admin", seconds_ago=301)
    stale = api.call("POST", path.format(**made), {"name": "x", "roles": ["service"]})
    assert (stale.status, stale.body["type"]) == (401, "step-up-required")
    assert api.call("DELETE", f"/clients/{made['id']}").status == 401
    assert api.call("GET", "/clients").status == 200


def test_a_machine_makes_no_machines(api):
    api.be_machine("M1", "admin")
    assert api.call("GET", "/clients").status == 200
    assert api.call("POST", "/clients", {"name": "x", "roles": ["admin"]}).status == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "roles": ["service"]},
        {"name": "   ", "roles": ["service"]},
        {"name": "x" * 101, "roles": ["service"]},
        {"name": "x", "roles": []},
        {"name": "x", "roles": ["Service"]},
        {"name": "x", "roles": ["a b"]},
        {"name": "x", "roles": "service"},
        {"name": "x", "roles": [f"r{n}" for n in range(21)]},
        {"name": "x", "roles": ["service"], "secret": "mine"},
        {"name": "x", "roles": ["service"], "scopes": [f"{'s' * 98}{n:02}" for n in range(20)]},
        {"name": "x", "roles": ["service"], "id": "mine"},
    ],
)
def test_wrong_bodies_are_refused(aws, api, body):
    assert api.call("POST", "/clients", body).status == 422
    assert aws.rows("credentials") == []


@pytest.mark.parametrize("seconds", [-1, 86401, "60", 1.5])
def test_a_grace_is_a_day_at_most(api, seconds):
    made = make(api)
    assert api.call("POST", f"/clients/{made['id']}/rotate", {"grace_seconds": seconds}).status == 422


def test_changes_hold_to_the_version_that_was_read(api):
    made = make(api)
    path = f"/clients/{made['id']}"
    assert api.call("POST", f"{path}/rotate", {}, If_Match='"2"').status == 412
    assert api.call("POST", f"{path}/rotate", {}, If_Match='"1"').status == 200
    assert api.call("DELETE", path, If_Match='"1"').status == 412
    assert api.call("DELETE", path, If_Match='"2"').status == 204


def test_of_two_rotations_at_once_one_wins_and_the_other_says_so(aws, api):
    """Else one of them would show a secret that never holds."""
    made = make(api)
    path = f"/clients/{made['id']}/rotate"
    other = ApiClient(routes)
    other.sign_in("A2", "admin")
    raced = []

    def meanwhile(**_) -> None:
        if not raced:
            raced.append(None)
            raced[0] = other.call("POST", path, {})

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", meanwhile):
        lost = api.call("POST", path, {})
    assert (lost.status, raced[0].status) == (412, 200)
    assert Machine(made["id"], raced[0].body["secret"]).ask().status == 200


def test_a_client_is_no_person_and_no_lock_of_an_address(aws, api):
    """Rows of one table, told apart by their keys."""
    made = make(api)
    assert accounts.people().find(made["id"]) is None
    (row,) = aws.rows("credentials")
    assert row["id"] == f"client#{made['id']}"
