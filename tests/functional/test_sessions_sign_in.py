"""Signing in: the same words and the same work for everybody, and no more guesses than are free."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.faults import listening
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

WRONG = "not the right password"


def enter(email: str = "ada@maths.example", password: str = PASSWORD):
    return Visitor().enter(email, password)


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email="ada@maths.example", password=PASSWORD)


def test_signing_in_gives_tokens_and_begins_a_session(aws, ada):
    answer = Visitor().enter("ADA@Maths.example", User_Agent="Firefox")
    assert answer.status == 201
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 600)
    (session,) = aws.rows("sessions")
    assert (session["user_id"], session["version"], session["agent"]) == ("U1", 1, "Firefox")
    assert session["expires_at"] == clock.epoch() + 30 * 86400
    stored = repr(aws.rows("sessions"))
    assert answer.body["refresh_token"] not in stored
    assert answer.body["refresh_token"].rpartition(".")[2] not in stored


def test_a_sign_in_is_three_reads_and_three_writes(ada):
    enter()
    with telemetry.recording() as record:
        enter()
    assert record.names == ["UpdateItem", "GetItem", "GetItem", "GetItem", "PutItem", "DeleteItem"]
    assert all(call.parameters["ConsistentRead"] for call in record.of("GetItem"))


def test_whoever_does_not_get_in_learns_nothing(aws, ada):
    a_user(email="disabled@maths.example", password=PASSWORD, status="disabled")
    a_user(email="imported@maths.example")
    cases = {
        "ada@maths.example": WRONG,
        "unknown@maths.example": PASSWORD,
        "disabled@maths.example": PASSWORD,
        "imported@maths.example": PASSWORD,
    }
    Visitor().refresh(
        "made.up.token"
    )  # what a process does once: reading the key that the log's digests are made with
    connections().enabled()  # read once a minute
    seen = set()
    for email, password in cases.items():
        with telemetry.recording() as record:
            answer = enter(email, password)
        headers = tuple((name, text) for name, text in answer.headers.items() if name != "X-Request-Id")
        seen.add((answer.status, repr(answer.body), headers, tuple(record.names)))
    assert len(seen) == 1
    assert next(iter(seen))[0] == 401
    counted = {row["id"]: row["count"] for row in aws.rows("guards") if row["id"].startswith("attempts#")}
    assert counted == {f"attempts#{digest_of(email)}": 1 for email in cases}


@pytest.mark.slow
@pytest.mark.parametrize("email", ["ada@maths.example", "unknown@maths.example"])
def test_after_five_failures_each_further_one_doubles_the_wait(aws, ada, email):
    assert [enter(email, WRONG).status for _ in range(5)] == [401] * 5
    for wait in (1, 2, 4):
        refused = enter(email)
        assert (refused.status, refused.headers["Retry-After"]) == (429, str(wait))
        clock.tick(seconds=wait)
        assert enter(email, WRONG).status == 401


@pytest.mark.slow
def test_a_refused_attempt_costs_no_hash_and_no_read(ada):
    for _ in range(5):
        enter(password=WRONG)
    with telemetry.recording() as record:
        assert enter().status == 429
    assert record.names == ["UpdateItem"]


@pytest.mark.slow
def test_of_attempts_at_the_same_moment_one_is_made(ada):
    """Another attempt comes between this one's look at the counter and its turn."""
    for _ in range(5):
        enter(password=WRONG)
    clock.tick(seconds=1)
    others: list[int] = []

    def come_first(**_) -> None:
        if not others:
            others.append(0)
            others[0] = enter(password=WRONG).status

    with listening(clients.client("dynamodb"), "after-call.dynamodb.UpdateItem", come_first):
        refused = enter()
    assert others == [401]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "2")


@pytest.mark.slow
def test_a_right_password_clears_the_counter(aws, ada):
    for _ in range(4):
        enter(password=WRONG)
    assert enter().status == 201
    assert [row for row in aws.rows("guards") if row["id"].startswith("attempts#")] == []
    assert [enter(password=WRONG).status for _ in range(5)] == [401] * 5


@pytest.mark.slow
def test_failures_are_not_forgotten_by_who_pauses(ada):
    for _ in range(5):
        enter(password=WRONG)
    clock.tick(days=30)
    assert enter(password=WRONG).status == 401
    assert enter(password=WRONG).status == 429


@pytest.mark.slow
@settings.held(sign_ins_per_hour=3)
def test_one_client_fails_only_so_often_in_an_hour(aws, ada):
    assert [enter(f"u{n}@maths.example").status for n in range(4)] == [401, 401, 401, 429]
    with telemetry.recording() as record:
        assert enter().status == 429
    assert record.names == []
    clock.tick(hours=1)
    assert enter().status == 201


@pytest.mark.slow
@settings.held(sign_ins_per_hour=2)
def test_signing_in_gives_a_client_none_of_its_failures_back(aws, ada):
    for _ in range(2):
        assert enter(password=WRONG).status == 401
        assert enter().status == 201
    assert enter(password=WRONG).status == 429


@pytest.mark.slow
def test_a_hash_with_older_parameters_is_replaced_when_its_password_comes(aws, dear_hashes):
    person = accounts.new_person(source="import", id="U1", email="ada@maths.example")
    older = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    clients.database().transact(accounts.people().creating(person, older))
    assert enter(password=WRONG).status == 401
    assert enter().status == 201
    (row,) = (row for row in aws.rows("credentials") if row["id"] == "password#U1")
    assert row["hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert row["version"] == 1
    assert enter().status == 201


@pytest.mark.slow
def test_a_session_that_began_with_an_old_password_does_not_outlive_its_change(aws, ada):
    """The password is changed after the sign-in read it, and before the session is kept."""
    owner = visitor("ada@maths.example")
    latecomer = visitor("ada@maths.example")
    (kept,) = (row for row in aws.rows("sessions") if row["id"] == latecomer.refresh_token.split(".")[0])
    change = {"current_password": PASSWORD, "new_password": "copper lantern river nine"}
    assert owner.call("PUT", "/me/password", change).status == 204
    clock.tick(minutes=1)
    aws.put("sessions", {**kept, "created_at": clock.timestamp()})
    assert latecomer.call("GET", "/me").status == 401
    assert latecomer.refresh().status == 401


def test_what_is_no_address_is_named(aws):
    answer = enter("not an address")
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "email")
