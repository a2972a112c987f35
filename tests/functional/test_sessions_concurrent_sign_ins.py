"""How many sign-ins are under way at once, each of which may hold an execution as long as a failure takes."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.settings import settings
from chalicelib.sessions.concurrent_sign_ins import SIGN_INS_OF_A_ROW, sign_ins_under_way
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import key_of
from tests.functional.hashing import hashes_computed
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"
AT_ONCE, IN_ALL = 2, 3


@pytest.fixture
def ada(aws):
    """Ada, in a stage in which a failure takes 700 milliseconds."""
    a_user(id="U1", email=ADA, password=PASSWORD)
    known = visitor(ADA)
    with settings.held(
        failed_sign_in_milliseconds=700,
        sign_ins_at_once=AT_ONCE,
        sign_ins_at_once_in_all=IN_ALL,
        trusted_proxies=1,
        proxy_networks=("127.0.0.0/8",),
    ):
        yield known


def enter(client: int = 1, password: str = PASSWORD, **fields: object):
    """Sign in from one of many addresses. The clock stands still unless it fails, so all begins at one moment."""
    body = {"email": ADA, "password": password, **fields}
    return Visitor().call("POST", "/sessions", body, X_Forwarded_For=f"203.0.113.{client}")


def fill() -> None:
    """Take every place that there is for passwords."""
    assert [enter(client).status for client in range(IN_ALL)] == [201] * IN_ALL


@pytest.mark.slow
def test_one_address_has_few_places(ada):
    assert [enter().status for _ in range(AT_ONCE + 1)] == [*[201] * AT_ONCE, 429]
    assert enter().headers["Retry-After"] == "1"
    assert enter(2).status == 201


@pytest.mark.slow
def test_all_addresses_together_have_few_places(ada):
    fill()
    assert enter(IN_ALL + 1).status == 429


@pytest.mark.slow
def test_a_place_is_free_again_when_a_failure_would_be_over(ada):
    fill()
    clock.tick(milliseconds=700)
    assert enter().status == 201


@pytest.mark.slow
def test_the_next_one_comes_in_after_a_failure(ada):
    assert [enter(password=WRONG).status for _ in range(4)] == [401] * 4


@pytest.mark.slow
def test_who_finds_no_place_costs_one_write_and_no_hash(ada):
    fill()
    with telemetry.recording() as record, hashes_computed() as computed:
        assert enter().status == 429
    assert (record.names, computed) == (["UpdateItem"], [])


@pytest.mark.slow
def test_who_finds_no_place_again_costs_no_call_until_the_window_is_over(ada):
    fill()
    assert enter().status == 429
    with telemetry.recording() as record:
        assert [enter(client).status for client in range(1, IN_ALL + 9)] == [429] * (IN_ALL + 8)
    assert record.names == []
    clock.tick(milliseconds=700)
    assert enter().status == 201


@pytest.mark.slow
def test_a_network_that_finds_no_place_costs_no_further_call_and_keeps_nobody_else_out(ada):
    assert [enter().status for _ in range(AT_ONCE + 1)] == [*[201] * AT_ONCE, 429]
    with telemetry.recording() as record:
        assert enter().status == 429
    assert record.names == []
    assert enter(2).status == 201


@pytest.mark.slow
def test_a_high_limit_is_counted_in_rows_of_less_than_a_write_unit(aws, ada):
    """Else all sign-ins would write one row, and each would cost more units the more networks the row names."""
    with settings.held(sign_ins_at_once_in_all=8 * SIGN_INS_OF_A_ROW):
        counters = sign_ins_under_way()
        for client in range(200):
            counters.count("password", f"203.0.{client}.1", 700)
    (written,) = ([row for row in aws.rows("guards") if row["id"].startswith("flights#")],)
    assert sum(row["begun"] for row in written) == 200
    assert len(written) == 8
    assert max(row["begun"] for row in written) <= SIGN_INS_OF_A_ROW
    largest = max(sum(len(f"{name}{value}") for name, value in row.items()) for row in written)
    assert largest * SIGN_INS_OF_A_ROW / max(row["begun"] for row in written) < 1024


@pytest.mark.slow
def test_a_place_costs_a_sign_in_one_write(ada):
    assert enter(2).status == 201  # and the process has its keys
    with telemetry.recording() as record:
        assert enter().status == 201
    place, attempt = "UpdateItem", "UpdateItem"
    assert record.names == [place, attempt, "GetItem", "GetItem", "GetItem", "PutItem", "DeleteItem"]


@pytest.mark.slow
def test_a_known_device_needs_no_place(aws, ada):
    device = enter().body["device"]
    clock.tick(seconds=1)
    fill()
    assert enter(IN_ALL + 1).status == 429
    with telemetry.recording() as record:
        assert enter(device=device).status == 201
    assert record.names[:2] == ["UpdateItem", "GetItem"]


@pytest.mark.slow
def test_a_device_of_somebody_else_is_none(aws, ada):
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    body = {"email": "grace@maths.example", "password": PASSWORD}
    device = Visitor().call("POST", "/sessions", body, X_Forwarded_For="198.51.100.1").body["device"]
    clock.tick(seconds=1)
    fill()
    assert enter(device=device).status == 429


@pytest.mark.slow
def test_nor_does_one_of_ones_own_give_more_places_for_guesses_at_codes(aws, ada):
    device = enter().body["device"]
    clock.tick(seconds=1)
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    guess = {"email": "grace@maths.example", "code": "ABCD-EFGH", "device": device}
    statuses = [fail("/sessions/email/confirm", guess, client) for client in range(IN_ALL + 2)]
    assert statuses == [*[401] * IN_ALL, 429, 429]


def fail(path: str, body: dict, client: int) -> int:
    """Fail from one of many addresses, at the same moment as others: it is over later, and the clock goes back."""
    with clock.held(clock.now()):
        return Visitor().call("POST", path, body, X_Forwarded_For=f"198.51.100.{client}").status


UNGUESSABLE = {
    "/sessions/passkey": {"response": {"id": "x"}},
    "/sessions/email/confirm": {"code": "x.1.y"},
}


@pytest.mark.parametrize("path", UNGUESSABLE)
def test_what_fails_finds_no_place_once_too_many_do(ada, path):
    """It is not told how long a failure takes then: it has been tried, and says no more than that others fail too."""
    assert [fail(path, UNGUESSABLE[path], client) for client in range(IN_ALL + 2)] == [*[401] * IN_ALL, 429, 429]


@pytest.mark.slow
def test_no_flood_holds_up_a_passkey_or_the_link_of_a_mail(aws, ada):
    """Neither guesses nor failures of their own kind, from however many addresses."""
    key = key_of(ada)
    Visitor().call("POST", "/sessions/email", {"email": ADA})
    code = token_of(mailed(aws)[-1])
    for client in range(IN_ALL + 1):
        fail("/sessions", {"email": ADA, "password": WRONG}, client)
        for path, body in UNGUESSABLE.items():
            fail(path, body, client)
        last = fail("/sessions/email/confirm", {"code": "ABCD-EFGH", "email": ADA}, client)
    assert last == 429
    options = Visitor().call("POST", "/sessions/passkey/options").body
    assert Visitor().call("POST", "/sessions/passkey", {"response": key.get(options)}).status == 201
    assert Visitor().call("POST", "/sessions/email/confirm", {"code": code}).status != 429
    assert enter(IN_ALL + 1).status == 429
