"""Many at once: guesses, and refreshes of one token."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.hashing import hashes_computed
from tests.functional.serial import one_call_at_a_time
from tests.functional.threads import at_once
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email=ADA, password=PASSWORD)


def family(aws) -> dict:
    (session,) = aws.rows("sessions")
    return session


@pytest.mark.slow
@pytest.mark.parametrize("email", [ADA, "unknown@maths.example"])
def test_of_200_parallel_wrong_passwords_no_more_are_hashed_than_are_free(ada, email):
    guessers = [Visitor() for _ in range(200)]
    with one_call_at_a_time(), hashes_computed() as computed:
        answers = at_once(lambda guesser: guesser.enter(email, WRONG).status, guessers)
    assert Counter(answers) == {401: 5, 429: 195}
    assert len(computed) == 5


@pytest.mark.slow
def test_of_parallel_guesses_that_are_due_one_is_made(ada, held_clock):
    for _ in range(5):
        Visitor().enter(ADA, WRONG)
    held_clock.tick(seconds=1)
    guessers = [Visitor() for _ in range(50)]
    with one_call_at_a_time(), hashes_computed() as computed:
        answers = at_once(lambda guesser: guesser.enter(ADA, WRONG).status, guessers)
    assert Counter(answers) == {401: 1, 429: 49}
    assert len(computed) == 1


@pytest.mark.slow
def test_fifty_refreshes_at_once_make_one_new_family_member(aws, ada):
    token = visitor(ADA).refresh_token
    tabs = [Visitor() for _ in range(50)]
    with one_call_at_a_time():
        answers = at_once(lambda tab: tab.refresh(token), tabs)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 1
    assert (family(aws)["counter"], family(aws)["version"]) == (1, 2)
    assert tabs[0].refresh().status == 200


@pytest.mark.slow
@settings.held(refresh_grace_seconds=0)
def test_without_grace_one_of_fifty_is_served_and_the_others_are_refused(aws, ada):
    token = visitor(ADA).refresh_token
    tabs = [Visitor() for _ in range(50)]
    with one_call_at_a_time():
        answers = at_once(lambda tab: tab.refresh(token), tabs)
    assert Counter(answer.status for answer in answers) == {200: 1, 401: 49}
    assert {answer.body["detail"] for answer in answers if answer.status == 401} == {
        "the token does not hold, or no longer"
    }
    assert family(aws).get("counter", 1) == 1


@pytest.mark.slow
@settings.held(free_password_attempts=50)
def test_code_replay_one_of_fifty_sign_ins_with_one_code_is_served(aws, ada):
    code = app_of(visitor(ADA)).code()
    body = {"email": ADA, "password": PASSWORD, "otp": code}
    with one_call_at_a_time():
        answers = at_once(lambda guesser: guesser.call("POST", "/sessions", body).status, [Visitor()] * 50)
    assert Counter(answers) == {201: 1, 401: 49}
