"""What is sealed or signed with the stage's keys: cursors, mail links, and the keys themselves."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import get_args

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.crypto import app_keys, links, seals
from chalicelib.core.errors import Gone, Invalid
from chalicelib.core.http import cursors, idempotency
from tests.cloudlike import NAMES
from tests.environment import REGION

pytestmark = pytest.mark.usefixtures("aws", "held_clock")

ONE_STAGE = examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
POSITIONS = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers(), max_size=4)


@pytest.mark.slow
@ONE_STAGE
@given(position=POSITIONS, bound=st.lists(st.text("abc/", max_size=5), max_size=3))
def test_a_cursor_opens_for_what_it_was_sealed_for(position, bound):
    cursor = cursors.seal(position, *bound)
    assert cursors.open_sealed(cursor, *bound) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    with pytest.raises(Invalid, match="is not a cursor of this list"):
        cursors.open_sealed(cursor, *bound, "another")


@ONE_STAGE
@given(text=st.text(max_size=80))
def test_what_was_not_sealed_does_not_open(text):
    with pytest.raises(Invalid, match="is not a cursor of this list"):
        cursors.open_sealed(text, "/x")


def test_a_changed_cursor_does_not_open():
    cursor = cursors.seal({"id": "U1"}, "/x")
    for position, letter in enumerate(cursor[:-1]):
        with pytest.raises(Invalid, match="is not a cursor of this list"):
            cursors.open_sealed(
                f"{cursor[:position]}{'A' if letter != 'A' else 'B'}{cursor[position + 1 :]}", "/x"
            )


def test_a_cursor_says_nothing_and_dies_after_a_day():
    cursor = cursors.seal({"email": "ada@mail.example"}, "/x")
    assert cursor != cursors.seal({"email": "ada@mail.example"}, "/x")
    clock.tick(hours=24, seconds=-1)
    assert cursors.open_sealed(cursor, "/x")
    clock.tick(seconds=1)
    with pytest.raises(Invalid, match="expired"):
        cursors.open_sealed(cursor, "/x")


@ONE_STAGE
@given(record_id=st.text("ABC123", min_size=1, max_size=26), purpose=st.sampled_from(["confirm", "reset"]))
def test_a_link_s_token_is_good_for_its_record_and_purpose(record_id, purpose):
    token = links.mint(purpose, record_id)
    assert links.redeem(purpose, token) == record_id
    with pytest.raises(Gone, match="this link is not valid"):
        links.redeem("another", token)


def test_a_token_that_was_not_minted_is_gone():
    token = links.mint("confirm", "I1")
    forged = [
        "",
        "..",
        token[:-1],
        token + "A",
        token + ".A",
        "J" + token,
        token.replace(".1.", ".2."),
        token.replace(".1.", ".é."),
        token.replace(".1.", ".."),
        "ä" * 300,
    ]
    for other in forged:
        with pytest.raises(Gone, match="this link is not valid"):
            links.redeem("confirm", other)


def test_a_link_carries_its_token_in_the_fragment():
    url = links.url("/account/confirm", "t.1.m")
    assert url == "https://rollcall.example/account/confirm#token=t.1.m"


def add_key(aws):
    secrets = aws.session.client("secretsmanager", region_name=REGION)
    secrets.put_secret_value(
        SecretId=NAMES.of("app-keys"), SecretString=json.dumps({"1": "k" * 64, "2": "n" * 64, "10": "m" * 64})
    )
    clients.clear()


def test_a_new_key_makes_new_tokens_and_the_old_ones_still_hold(aws):
    old = links.mint("confirm", "I1")
    add_key(aws)
    assert app_keys.current_key_id() == "10"
    assert links.mint("confirm", "I1") != old
    assert links.redeem("confirm", old) == "I1"


def test_a_sealed_secret_opens_for_its_owner_and_purpose_and_after_a_new_key(aws):
    stored = seals.seal("factors", b"secret", "U1")
    assert b"secret" not in stored["sealed"]
    assert seals.seal("factors", b"secret", "U1") != stored
    add_key(aws)
    assert seals.opened("factors", stored, "U1") == b"secret"
    assert seals.seal("factors", b"secret", "U1")["key"] == "10"
    for purpose, owner, changed in [
        ("factors", "U2", {}),
        ("webhooks", "U1", {}),
        ("factors", "U1", {"key": "2"}),
        ("factors", "U1", {"sealed": stored["sealed"][:-1] + bytes([stored["sealed"][-1] ^ 1])}),
    ]:
        with pytest.raises(InvalidTag):
            seals.opened(purpose, {**stored, **changed}, owner)


OLD_CURSOR = "AAAAARVmvWP2tWdKsi_eXQQjxCNv0UZEIiJ7N444_9kH3Ppdlo0vvRzFoiXnvgwctpTn33ft0S0"
OLD_TOTP = "HbaXAfuJBVg3bEa/Vh/mmpM5auNrECK3FIFs72B5cUbYZqAMAi5Sbk/T2m8="
OLD_WEBHOOK = "qPP1WZm6OinL0+JaBGb4j9s4UNaOtpeAemHrXONJd9X4"
OLD_ANSWER = "Hq6/DThESNtXRyVMH/N8UXCGtPAz7r/b0CPy3n+yRwtgI8TawkP/7o8zRWwt6OxC3RM/ATpUC/avVygjuw=="
"""Sealed when cursors, secrets and answers had an implementation each, under this stage's first key."""


def test_what_was_sealed_by_earlier_releases_opens():
    assert cursors.open_sealed(OLD_CURSOR, "/users", "status=active", "U9") == {"id": "U1"}
    totp, webhook, answer = map(base64.b64decode, (OLD_TOTP, OLD_WEBHOOK, OLD_ANSWER))
    assert seals.opened("factors", {"key": "1", "sealed": totp}, "U1") == b"GEZDGNBVGY3TQOJQ"
    assert seals.opened("webhooks", {"key": "1", "sealed": webhook}, "W1") == b"whsec"
    clients.table("idempotency").put(
        {
            "id": hashlib.sha256(b"POST /users U9\nkey-1").hexdigest(),
            "body": hashlib.sha256(b"{}").hexdigest(),
            "claimed_at": clock.epoch(),
            "expires_at": clock.epoch() + 60,
            "answer": {"key": "1", "sealed": answer},
        }
    )
    found = idempotency.once("POST /users U9", "key-1", b"{}", dict)
    assert found == {"status": 201, "body": {"id": "U1"}}


def test_each_purpose_has_a_key_of_its_own():
    purposes = get_args(app_keys.Purpose)
    keys = {app_keys.key_for(purpose) for purpose in purposes}
    assert len(keys) == len(purposes) > 1
    assert {len(key) for key in keys} == {32}


def test_the_parts_of_a_mac_are_told_apart():
    assert app_keys.mac("links", "ab", "c") != app_keys.mac("links", "a", "bc")
    assert app_keys.mac("links", "a") == app_keys.mac("links", "a", key_id="1")
    with pytest.raises(KeyError):
        app_keys.mac("links", "a", key_id="7")


@ONE_STAGE
@given(purpose=st.sampled_from(["code", "other"]), record_id=st.text("ABC123", min_size=1, max_size=26))
def test_a_short_code_is_of_its_record_and_purpose_however_it_is_typed(purpose, record_id):
    code = links.short_code(purpose, record_id)
    assert (len(code), set(code) <= set(links.ALPHABET)) == (links.SHORT_CODE_LENGTH, True)
    assert links.is_short_code(purpose, record_id, code.lower().replace("1", "l").replace("0", "o"))
    assert not links.is_short_code(purpose, record_id + "X", code)
    assert not links.is_short_code(purpose + "s", record_id, code)
    assert code not in links.mint(purpose, record_id)


@pytest.mark.slow
@ONE_STAGE
@given(typed=st.text(max_size=20))
def test_nothing_else_is_a_short_code(typed):
    assert not links.is_short_code("code", "R1", typed)
