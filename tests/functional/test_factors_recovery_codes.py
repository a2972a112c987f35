"""Recovery codes, which stand in for a factor that was lost."""

from __future__ import annotations

import pytest

from chalicelib.events.change import events_of
from tests.functional.factors import an_owner, one_of_many, proves

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    return an_owner()


def test_they_are_made_only_beside_a_factor(ada):
    assert ada.call("POST", "/me/recovery-codes").status == 409
    ada.enrol_passkey()
    assert len(ada.recovery_codes()) == 10


def test_they_are_shown_once_and_kept_as_hashes(aws, ada):
    ada.enrol_totp()
    codes = ada.recovery_codes()
    kept = repr(aws.rows("credentials"))
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []
    assert ada.call("GET", "/me/factors").body["recovery_codes"].keys() == {"left", "created_at"}


@pytest.mark.slow
def test_each_works_once(ada):
    ada.enrol_totp()
    codes = ada.recovery_codes()
    assert proves(ada, recovery_code=codes[0].lower())
    assert not proves(ada, recovery_code=codes[0])
    assert ada.call("GET", "/me/factors").body["recovery_codes"]["left"] == 9
    assert all(proves(ada, recovery_code=code) for code in codes[1:])
    assert ada.call("GET", "/me/factors").body["recovery_codes"]["left"] == 0


@pytest.mark.slow
def test_of_many_who_bring_the_same_one_at_once_one_gets_in(ada):
    ada.enrol_totp()
    assert one_of_many(ada, recovery_code=ada.recovery_codes()[0]) == 1


@pytest.mark.slow
def test_new_ones_replace_those_before_and_an_event_tells_of_it(ada):
    ada.enrol_totp()
    old, before = ada.recovery_codes(), ada.person
    new = ada.recovery_codes()
    assert not proves(ada, recovery_code=old[0])
    assert proves(ada, recovery_code=new[0])
    (event,) = events_of(
        "users",
        before,
        {**ada.person, "factors_changed_at": "later"},
        False,
        public_url="https://rollcall.example",
    )
    assert event["type"] == "user.factors_changed"


@pytest.mark.slow
def test_they_are_of_one_person(ada):
    ada.enrol_totp()
    eve = an_owner("U2")
    eve.enrol_totp()
    assert not proves(eve, recovery_code=ada.recovery_codes()[0])


@pytest.mark.slow
def test_they_go_with_the_last_factor(ada):
    ada.enrol_totp()
    passkey_id = ada.enrol_passkey()
    code = ada.recovery_codes()[0]
    assert ada.call("DELETE", "/me/totp").status == 204
    assert ada.call("GET", "/me/factors").body["recovery_codes"]["left"] == 10
    assert ada.call("DELETE", f"/me/passkeys/{passkey_id}").status == 204
    assert ada.call("GET", "/me/factors").body["recovery_codes"] is None
    ada.enrol_totp()
    assert not proves(ada, recovery_code=code)
