"""What a person has beside their password."""

from __future__ import annotations

import pytest

from chalicelib.core.errors import Conflict
from chalicelib.factors import model

NO_FACTORS = model.no_factors("U1")
TOTP = {"key": "1", "sealed": b"x", "last_step": 1, "since": "2026-03-01T12:00:00.000Z"}
PASSKEY = {
    "id": "pk",
    "name": "Laptop",
    "credential": b"key",
    "sign_count": 3,
    "synced": True,
    "created_at": "2026-03-01T12:00:00.000Z",
}
CODES = {"recovery_codes": ["hash", "other"], "recovery_codes_at": "2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize(
    ("fields", "kinds", "usable"),
    [
        ({}, [], []),
        ({"pending": {"key": "1"}}, [], []),
        ({"totp": TOTP}, ["totp"], ["totp"]),
        ({"passkeys": [PASSKEY]}, ["passkey"], ["passkey"]),
        ({"passkeys": []}, [], []),
        ({"totp": TOTP, "passkeys": [PASSKEY]}, ["passkey", "totp"], ["passkey", "totp"]),
        ({"totp": TOTP, **CODES}, ["totp"], ["recovery_code", "totp"]),
        ({"totp": TOTP, "recovery_codes": []}, ["totp"], ["totp"]),
    ],
)
def test_what_counts_as_a_factor_and_what_would_prove_one(fields, kinds, usable):
    record = model.next_version(NO_FACTORS, **fields)
    assert (model.kinds(record), model.usable(record)) == (kinds, usable)


def test_a_version_follows_another_and_none_takes_a_field_away():
    one = model.next_version(NO_FACTORS, totp=TOTP, pending={"key": "1"})
    two = model.next_version(one, pending=None)
    assert (NO_FACTORS["version"], one["version"], two["version"]) == (0, 1, 2)
    assert two == {"id": "factors#U1", "schema": 1, "version": 2, "totp": TOTP}


@pytest.mark.usefixtures("held_clock")
def test_a_person_says_which_factors_they_have_and_when_that_changed():
    changes = model.changes_of_person(model.next_version(NO_FACTORS, totp=TOTP))
    change = changes.pop("factors_change")
    assert changes == {"factors": ["totp"], "factors_changed_at": "2026-03-01T12:00:00.000Z"}
    assert model.changes_of_person(model.next_version(NO_FACTORS, totp=TOTP))["factors_change"] != change
    assert model.changes_of_person(model.next_version(NO_FACTORS))["factors"] is None
    assert model.enrolled({"id": "U1", **changes}) == ["totp"]
    assert model.enrolled({"id": "U1"}) == []


def test_no_secret_is_shown():
    shown = model.view(model.next_version(NO_FACTORS, totp=TOTP, passkeys=[PASSKEY], handle=b"handle", **CODES))
    since = "2026-03-01T12:00:00.000Z"
    passkey = {"id": "pk", "name": "Laptop", "synced": True, "created_at": since, "last_used_at": None}
    assert shown == {
        "totp": {"created_at": since},
        "recovery_codes": {"left": 2, "created_at": since},
        "passkeys": [passkey],
    }
    assert model.view(NO_FACTORS) == {"totp": None, "recovery_codes": None, "passkeys": []}


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ({"email": "a@b.example", "email_verified": True}, True),
        ({"email": "a@b.example", "email_verified": False}, False),
        ({"email_verified": False}, True),
    ],
)
def test_who_has_an_address_proves_it_before_they_enrol(person, may):
    if may:
        model.check_may_enrol(person)
    else:
        with pytest.raises(Conflict, match="confirm your email address first"):
            model.check_may_enrol(person)
