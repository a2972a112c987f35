"""Attacks on the codes of devices (RFC 8628, section 5), each by its name."""

from __future__ import annotations

from itertools import islice

import pytest

from chalicelib.core import clock
from chalicelib.oauth.device.model import LETTERS, MISSES_OF_ALL, MISSES_OF_NETWORK, TRIES_OF_PERSON
from tests.builders import PASSWORD, a_user
from tests.functional.relying_party import PersonsBrowser, RelyingParty, claims_of, entered
from tests.functional.test_oauth_device import ADA, Television, answered

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def browser(aws):
    """Ada's, who has signed in."""
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


@pytest.fixture
def television(aws):
    device = Television()
    assert device.begin().status == 200
    return device


def guesses():
    """Well-formed codes, none twice."""
    for first in LETTERS:
        for second in LETTERS:
            yield f"BBBBBB{first}{second}"


def person(number: int) -> PersonsBrowser:
    a_user(id=f"P{number}", email=f"p{number}@people.example", password=PASSWORD)
    return entered(f"p{number}@people.example")


@pytest.mark.slow
def test_device_code_guessing_by_one_person_ends_after_a_few_guesses(browser, television):
    statuses = [answered(browser, guess).status for guess in islice(guesses(), TRIES_OF_PERSON + 5)]
    assert statuses == [404] * TRIES_OF_PERSON + [429] * 5
    assert answered(browser, television.shown["user_code"]).status == 429
    clock.tick(hours=1)
    browser.enter(ADA)
    television.begin()
    assert answered(browser, television.shown["user_code"]).status == 200


@pytest.mark.slow
def test_device_code_guessing_by_many_persons_ends_for_their_network(aws, television):
    guess, statuses = guesses(), []
    for number in range(MISSES_OF_NETWORK // TRIES_OF_PERSON + 1):
        there = person(number)
        statuses += [answered(there, next(guess)).status for _ in range(TRIES_OF_PERSON)]
    assert statuses.count(404) == MISSES_OF_NETWORK
    assert set(statuses[MISSES_OF_NETWORK:]) == {429}


@pytest.mark.slow
def test_device_code_guessing_from_many_networks_ends_for_all(aws, browser, television):
    """Others have missed so often, from wherever, that one miss is left for everybody."""
    window = clock.epoch() // 3600
    aws.put("guards", {"id": f"limit#device-code#unknown#{window}", "count": MISSES_OF_ALL - 1})
    guess = guesses()
    assert [answered(browser, next(guess)).status for _ in range(3)] == [404, 429, 429]
    assert answered(person(1), television.shown["user_code"]).status == 429


def test_what_is_told_of_a_wrong_code_is_the_same_for_one_that_was_never_made(browser, television):
    letters = television.shown["user_code"].replace("-", "")
    near = letters[:-1] + next(letter for letter in LETTERS if letter != letters[-1])
    wrong, malformed = answered(browser, near), answered(browser, "none")
    assert (wrong.status, wrong.body["detail"]) == (malformed.status, malformed.body["detail"])


@pytest.mark.slow
def test_a_device_code_is_of_no_use_to_another_client(browser, television):
    thief = Television()
    thief.shown = dict(television.shown)
    assert thief.error() == "invalid_grant"
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    assert thief.error() == "invalid_grant"
    assert television.poll().status == 200


def test_a_device_code_is_not_made_of_its_user_code(browser, television):
    """Who sees the screen has the user code, and may know where the row is: that is not enough to fetch the tokens."""
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    place, _, _ = television.shown["device_code"].partition(".")
    for guess in (place, f"{place}.", f"{place}.x", f".{place}", ""):
        assert television.poll(device_code=guess).status in {400, 401}, guess
    assert television.error(device_code=f"{place}.{'A' * 43}") == "invalid_grant"
    assert television.poll().status == 200


@pytest.mark.slow
def test_a_code_of_a_device_is_no_authorization_code_and_the_other_way_round(browser, television):
    shop = RelyingParty({"type": "public"})
    code, device_code = browser.through(shop.link())["code"], television.shown["device_code"]
    assert television.error(device_code=code) == "invalid_grant"
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    assert shop.redeem(device_code).body["error"] == "invalid_grant"
    assert (shop.redeem(code).status, television.poll().status) == (200, 200)


@pytest.mark.slow
def test_consent_of_one_device_is_not_that_of_another_person(browser, television):
    """Who was asked by one account answers for that account alone."""
    grace = person(1)
    assert answered(grace, television.shown["user_code"]).status == 200
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    assert answered(grace, television.shown["user_code"], allow=True).status == 410
    assert claims_of(television.poll().body["id_token"])["sub"] == "U1"
