"""A hundred failures in a row: then a password alone lets nobody in, right or wrong, known address or not."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.hashing import hashes_computed
from tests.functional.visitors import Visitor, mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
NOBODY = "nobody@maths.example"
WRONG = "not the right password"
ANOTHER = "copper lantern river nine"


def enter(password: str = PASSWORD, device: str | None = None, email: str = ADA):
    body = {"email": email, "password": password, **({"device": device} if device else {})}
    return Visitor().call("POST", "/sessions", body)


@pytest.fixture
def limit():
    """Eight failures stand for a hundred."""
    with settings.held(password_attempts=8):
        yield 8


@pytest.fixture
def ada(aws, limit):
    return a_user(id="U1", email=ADA, password=PASSWORD)


def fail(times: int, email: str = ADA, device: str | None = None) -> None:
    """Fail so often in a row, waiting as long as one has to."""
    for _ in range(times):
        answer = enter(WRONG, device, email)
        if answer.status == 429:
            clock.tick(seconds=int(answer.headers["Retry-After"]))
            answer = enter(WRONG, device, email)
        assert answer.status == 401


def blocked_at(aws) -> str | None:
    (row,) = aws.rows("users")
    return row.get("blocked_at")


@pytest.mark.slow
def test_the_right_password_is_refused_like_a_wrong_one(aws, ada, limit):
    fail(limit)
    clock.tick(hours=1)
    refused = enter()
    assert (refused.status, refused.body["detail"]) == (401, "the address or the password is wrong")
    assert aws.rows("sessions") == []


@pytest.mark.slow
def test_before_the_limit_it_is_not(ada, limit):
    fail(limit - 1)
    clock.tick(hours=1)
    assert enter().status == 201


@pytest.mark.slow
def test_no_password_is_hashed_any_more(ada, limit):
    fail(limit)
    clock.tick(hours=1)
    with hashes_computed() as computed:
        assert enter().status == 401
    assert computed == []


@pytest.mark.slow
def test_unknown_addresses_are_blocked_alike(aws, ada, limit):
    seen = []
    for email in (ADA, NOBODY):
        fail(limit, email)
        answers = []
        for seconds in (0, 3600, 86400):
            clock.tick(seconds=seconds)
            answer = enter(PASSWORD, None, email)
            answers.append((answer.status, repr(answer.body), answer.headers.get("Retry-After")))
        seen.append(answers)
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_the_block_lasts_a_year_without_another_attempt(ada, limit):
    fail(limit)
    clock.tick(days=300)
    assert enter().status == 401
    clock.tick(days=365)
    assert enter().status == 201


@pytest.mark.slow
@pytest.mark.parametrize("pause", [{"hours": 24}, {"days": 2}, {"days": 90}])
def test_who_pauses_before_the_last_failure_begins_no_new_row(aws, ada, limit, pause):
    fail(limit - 1)
    clock.tick(**pause)
    fail(1)
    assert blocked_at(aws)
    clock.tick(hours=1)
    assert enter().status == 401


@pytest.mark.slow
def test_who_pauses_after_each_failure_has_no_more_of_them(aws, ada, limit):
    for _ in range(limit):
        assert enter(WRONG).status == 401
        clock.tick(days=1, seconds=1)
    assert blocked_at(aws)
    assert enter().status == 401


@pytest.mark.slow
def test_who_pauses_on_a_known_device_has_no_more_either(aws, ada, limit):
    device = enter().body["device"]
    for _ in range(limit):
        assert enter(WRONG, device).status == 401
        clock.tick(days=7)
    assert enter(device=device).status == 401


@pytest.mark.slow
def test_a_known_device_still_lets_its_owner_in(aws, ada, limit):
    device = enter().body["device"]
    fail(limit)
    assert enter(device=device).status == 201
    clock.tick(hours=1)
    assert enter().status == 401


@pytest.mark.slow
def test_a_known_device_has_the_same_limit(aws, ada, limit):
    device = enter().body["device"]
    fail(limit, device=device)
    clock.tick(hours=1)
    assert enter(device=device).status == 401
    assert blocked_at(aws)
    assert enter().status == 201


@pytest.mark.slow
def test_a_reset_ends_it(aws, ada, limit):
    fail(limit)
    Visitor().call("POST", "/password-resets", {"email": ADA})
    mail = next(mail for mail in mailed(aws) if mail["template"] == "password_reset")
    confirmed = {"token": token_of(mail), "password": ANOTHER}
    assert Visitor().call("POST", "/password-resets/confirm", confirmed).status == 204
    assert enter(ANOTHER).status == 201


@pytest.mark.slow
def test_the_failure_that_reaches_the_limit_is_told_once(aws, ada, limit):
    fail(limit - 1)
    assert blocked_at(aws) is None
    fail(1)
    first = blocked_at(aws)
    assert first == clock.timestamp()
    fail(2)
    assert blocked_at(aws) == first


@pytest.mark.slow
def test_nothing_is_told_of_who_does_not_exist(aws, ada, limit):
    fail(limit, NOBODY)
    assert blocked_at(aws) is None


@pytest.mark.slow
def test_failures_at_several_addresses_are_no_row(aws, ada, limit):
    a_user(email="grace@maths.example", password=PASSWORD)
    fail(limit - 1)
    fail(limit - 1, "grace@maths.example")
    clock.tick(hours=1)
    assert enter().status == 201
