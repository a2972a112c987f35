"""Which key signs, which waits and which is kept, after each rotation."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.tokens.key_rotation import next_content

pytestmark = pytest.mark.usefixtures("held_clock")


def kids(secret: dict) -> tuple:
    return secret["current"]["kid"], secret["next"]["kid"], tuple(key["kid"] for key in secret["previous"])


@pytest.mark.slow
def test_a_secret_without_keys_gets_its_first_two():
    secret = next_content({})
    assert secret["current"]["alg"] == secret["next"]["alg"] == "RS256"
    assert secret["previous"] == []


@pytest.mark.slow
def test_a_key_signs_only_after_it_was_published_for_a_day():
    first = next_content({})
    current, upcoming, _ = kids(first)
    clock.tick(hours=23)
    assert kids(next_content(first)) == (current, upcoming, ())
    clock.tick(hours=1)
    assert kids(next_content(first))[0] == upcoming
    assert kids(next_content(first))[2] == (current,)


@pytest.mark.slow
def test_a_key_that_signed_is_kept_for_a_day():
    first = next_content({})
    clock.tick(days=30)
    second = next_content(first)
    clock.tick(hours=23)
    assert kids(next_content(second)) == kids(second)
    clock.tick(days=30)
    assert kids(next_content(second))[2] == (kids(first)[1],)


@pytest.mark.slow
def test_a_secret_without_a_next_key_publishes_one_first():
    first = next_content({})
    clock.tick(days=30)
    secret = next_content({**first, "next": None})
    assert secret["current"]["kid"] == first["current"]["kid"]
    assert secret["next"]["kid"] not in {first["current"]["kid"], first["next"]["kid"]}


@pytest.mark.slow
def test_what_a_rotation_begins_from_stays_as_it_was():
    first = next_content({})
    before = repr(first)
    clock.tick(days=30)
    next_content(first)
    assert repr(first) == before


@pytest.mark.slow
def test_a_key_keeps_its_algorithm_and_a_new_one_takes_the_settings():
    first = next_content({})
    clock.tick(days=30)
    with settings.held(signing_alg="ES256"):
        second = next_content(first)
        clock.tick(days=30)
        third = next_content(second)
    assert (first["current"]["alg"], second["current"]["alg"], second["next"]["alg"]) == (
        "RS256",
        "RS256",
        "ES256",
    )
    assert (third["current"]["alg"], third["previous"][0]["alg"]) == ("ES256", "RS256")
