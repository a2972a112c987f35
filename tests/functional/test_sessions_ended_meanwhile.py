"""Somebody ends every session of an account, with a new password perhaps, while a thief in one of them has a request
under way. It was let in before, and must not be written after."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.factors import removal
from tests.builders import PASSWORD
from tests.functional.apps import ApiClient
from tests.functional.factors import Owner, an_owner
from tests.functional.faults import just_before

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def thief(aws):
    return an_owner(password=PASSWORD, name="Ada")


def sessions_end(thief: Owner) -> None:
    accounts.people().change(thief.person, accounts.ended_sessions)


def meanwhile(thief: Owner):
    return just_before("TransactWriteItems", lambda: sessions_end(thief))


def test_no_authenticator_app_is_enrolled(thief):
    thief.secret = thief.call("POST", "/me/totp").body["secret"]
    with meanwhile(thief):
        assert thief.call("POST", "/me/totp/confirm", {"otp": thief.code()}).status == 401
    assert "factors" not in thief.person


def test_no_passkey_is_registered(thief):
    body = {"name": "Laptop", "response": thief.authenticator.create(thief.options())}
    with meanwhile(thief):
        assert thief.call("POST", "/me/passkeys", body).status == 401
    assert "factors" not in thief.person


def test_no_factor_is_removed_and_no_recovery_code_is_made(thief):
    thief.enrol_totp()
    for method, path in (("DELETE", "/me/totp"), ("POST", "/me/recovery-codes")):
        with meanwhile(thief):
            assert thief.call(method, path).status == 401
    assert thief.person["factors"] == ["totp"]


def test_an_administrator_takes_factors_away_all_the_same(thief):
    thief.enrol_totp()
    with meanwhile(thief):
        removal.remove_all(thief.id)
    assert "factors" not in thief.person


def test_no_account_is_deleted(thief):
    api = ApiClient(account_routes)
    api.sign_in(thief.id, user=thief.person)
    with meanwhile(thief):
        assert api.call("DELETE", "/me").status == 401
    assert thief.person["status"] == "active"
