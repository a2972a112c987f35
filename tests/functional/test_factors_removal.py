"""Factors go: by their owner, by an administrator, or with the person."""

from __future__ import annotations

import pytest

from chalicelib import accounts, factors
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.factors.routes import factors as routes
from tests.builders import PASSWORD
from tests.functional.apps import ApiClient
from tests.functional.enrolled import app_of
from tests.functional.factors import an_owner, proves, record
from tests.functional.faults import Crash, crashing, just_before, listening
from tests.functional.visitors import visitor

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    return an_owner(password=PASSWORD)


@pytest.fixture
def admin():
    api = ApiClient(routes)
    api.sign_in("A1", "admin")
    return api


def password(cloud):
    return next((row for row in cloud.rows("credentials") if row["id"] == "password#U1"), None)


@pytest.mark.slow
def test_the_last_factor_stays_while_the_password_is_short(aws, ada):
    ada.enrol_totp()
    passkey_id = ada.enrol_passkey()
    known = password(aws)
    aws.put("credentials", {**known, "short": True})
    assert ada.call("DELETE", f"/me/passkeys/{passkey_id}").status == 204
    refused = ada.call("DELETE", "/me/totp")
    assert (refused.status, factors.enrolled(ada.person)) == (409, ["totp"])
    assert "longer password" in refused.body["detail"]
    aws.put("credentials", {**known, "version": 2})
    assert ada.call("DELETE", "/me/totp").status == 204
    assert factors.enrolled(ada.person) == []


@pytest.mark.slow
def test_a_short_password_keeps_its_factor_until_a_longer_one_is_chosen(ada):
    owner = visitor(ada.person["email"])
    app_of(owner)

    def choose(old, new):
        return owner.call("PUT", "/me/password", {"current_password": old, "new_password": new}).status

    assert choose(PASSWORD, "kettle/9") == 204
    assert owner.call("DELETE", "/me/totp").status == 409
    assert choose("kettle/9", "copper lantern river nine") == 204
    assert owner.call("DELETE", "/me/totp").status == 204
    assert choose("copper lantern river nine", "kettle/9") == 422


def test_the_last_passkey_stays_as_well(aws, ada):
    passkey_id = ada.enrol_passkey()
    aws.put("credentials", {**password(aws), "short": True})
    assert ada.call("DELETE", f"/me/passkeys/{passkey_id}").status == 409
    assert factors.passkey_sign_in(ada.authenticator.get(factors.passkey_options()), str) == "U1"


def test_a_password_that_turns_short_meanwhile_keeps_the_last_factor(aws, ada):
    ada.enrol_totp()
    short = {**password(aws), "version": 2, "short": True}

    def chosen_meanwhile(**_):
        aws.put("credentials", short)

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", chosen_meanwhile):
        assert ada.call("DELETE", "/me/totp").status == 409
    assert factors.enrolled(ada.person) == ["totp"]


def test_who_has_no_password_may_remove_their_last_factor(aws):
    bea = an_owner("U2")
    bea.enrol_totp()
    assert bea.call("DELETE", "/me/totp").status == 204


def test_what_is_not_there_cannot_be_removed(ada):
    assert ada.call("DELETE", "/me/totp").status == 404
    assert ada.call("DELETE", "/me/passkeys/none").status == 404
    ada.call("POST", "/me/totp")
    assert ada.call("DELETE", "/me/totp").status == 404


@pytest.mark.slow
def test_a_removed_factor_proves_nothing(ada):
    ada.enrol_totp()
    passkey_id = ada.enrol_passkey()
    answer = ada.authenticator.get(factors.passkey_options())
    assert ada.call("DELETE", "/me/totp").status == 204
    assert not proves(ada, otp=ada.code())
    assert ada.call("DELETE", f"/me/passkeys/{passkey_id}").status == 204
    eve = an_owner("U2")
    eve.enrol_totp()
    assert not proves(eve, passkey=answer)


@pytest.mark.slow
def test_an_administrator_takes_all_factors_from_who_lost_them(aws, ada, admin):
    ada.enrol_totp()
    ada.enrol_passkey()
    ada.recovery_codes()
    before, known = ada.person, password(aws)
    assert admin.call("DELETE", "/users/U1/factors").status == 204
    after = ada.person
    assert factors.enrolled(after) == []
    assert (after["factors_changed_at"], after["changed_by"]) == (before["factors_changed_at"], "A1")
    assert after.get("sessions_since") == before.get("sessions_since")
    assert password(aws) == known
    assert record(aws).keys() == {"id", "schema", "version", "handle"}
    assert [row for row in aws.rows("credentials") if row["id"].startswith("passkey#")] == []
    assert admin.call("DELETE", "/users/U1/factors").status == 204
    assert ada.person["version"] == after["version"]


def test_a_short_password_goes_with_them_and_the_sessions_end(aws, ada, admin):
    ada.enrol_totp()
    aws.put("credentials", {**password(aws), "short": True})
    assert admin.call("DELETE", "/users/U1/factors").status == 204
    person = ada.person
    assert (factors.enrolled(person), password(aws)) == ([], None)
    assert not accounts.may_continue(person, "S1", person["version"] - 1)


@pytest.mark.slow
def test_a_password_that_turns_short_meanwhile_goes_too(aws, ada, admin):
    ada.enrol_totp()
    short = {**password(aws), "version": 2, "short": True}
    chosen = iter([short])

    def chosen_meanwhile(**_):
        for one in chosen:
            aws.put("credentials", one)

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", chosen_meanwhile):
        assert admin.call("DELETE", "/users/U1/factors").status == 204
    assert (factors.enrolled(ada.person), password(aws)) == ([], None)


@pytest.mark.slow
def test_an_administrator_takes_the_one_that_is_lost(aws, ada, admin):
    """The other stays, and what was proved with both before counts no more in open sessions."""
    ada.enrol_totp()
    passkey_id = ada.enrol_passkey()
    ada.recovery_codes()
    before = ada.person
    assert admin.call("DELETE", "/users/U1/totp").status == 204
    after = ada.person
    assert (factors.enrolled(after), after["changed_by"]) == (["passkey"], "A1")
    assert record(aws).keys() >= {"passkeys", "recovery_codes"}
    assert not factors.is_fresh(after, before["version"])
    assert not factors.still_has(after, before["version"])
    assert factors.is_fresh(after, after["version"])
    assert admin.call("DELETE", "/users/U1/totp").status == 404
    assert admin.call("DELETE", f"/users/U1/passkeys/{passkey_id}").status == 204
    assert (factors.enrolled(ada.person), record(aws).keys()) == ([], {"id", "schema", "version", "handle"})
    assert [row for row in aws.rows("credentials") if row["id"].startswith("passkey#")] == []
    assert admin.call("DELETE", f"/users/U1/passkeys/{passkey_id}").status == 404


def test_a_short_password_goes_with_the_last_of_them(aws, ada, admin):
    ada.enrol_totp()
    passkey_id = ada.enrol_passkey()
    short = {**password(aws), "short": True}
    aws.put("credentials", short)
    assert admin.call("DELETE", f"/users/U1/passkeys/{passkey_id}").status == 204
    assert (factors.enrolled(ada.person), password(aws)) == (["totp"], short)
    assert admin.call("DELETE", "/users/U1/totp").status == 204
    assert (factors.enrolled(ada.person), password(aws)) == ([], None)
    assert not accounts.may_continue(ada.person, "S1", ada.person["version"] - 1)


def test_a_passkey_that_is_the_last_way_in_is_taken_all_the_same(aws, admin):
    bea = an_owner("U2")
    passkey_id = bea.enrol_passkey()
    aws.put("users", {name: value for name, value in bea.person.items() if not name.startswith("email")})
    assert bea.call("DELETE", f"/me/passkeys/{passkey_id}").status == 409
    assert admin.call("DELETE", f"/users/U2/passkeys/{passkey_id}").status == 204


def test_who_is_removed_meanwhile_is_not_there_again(aws, ada, admin):
    ada.enrol_totp()
    tombstone = {"id": "U1", "version": ada.person["version"] + 1, "deleted_at": clock.timestamp()}
    with just_before("TransactWriteItems", lambda: aws.put("users", tombstone)):
        assert admin.call("DELETE", "/users/U1/totp").status == 404
    assert aws.rows("users") == [tombstone]


def test_support_sees_what_there_is_and_no_secret(ada, admin):
    secret = ada.enrol_totp()
    ada.enrol_passkey("Laptop")
    ada.recovery_codes()
    admin.sign_in("B1", "support")
    answer = admin.call("GET", "/users/U1/factors")
    assert (answer.status, answer.body) == (200, ada.call("GET", "/me/factors").body)
    assert secret not in repr(answer.body)
    assert (answer.body["passkeys"][0]["name"], answer.body["recovery_codes"]["left"]) == ("Laptop", 10)
    an_owner("U2", roles=["admin"])
    assert admin.call("GET", "/users/U2/factors").body["wanted"] == "advised"
    assert admin.call("GET", "/users/U9/factors").status == 404


@pytest.mark.parametrize("path", ["factors", "totp", "passkeys/some"])
def test_only_administrators_do_and_only_to_who_is_there(ada, admin, path):
    assert admin.call("DELETE", f"/users/U9/{path}").status == 404
    for roles_of in (("support",), ("service",), ()):
        admin.sign_in("A1", *roles_of)
        assert admin.call("DELETE", f"/users/U1/{path}").status == 403


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_leaves_the_person_and_their_factors_in_agreement(aws, ada, after):
    ada.enrol_totp()
    with crashing("dynamodb", "TransactWriteItems", after=after), pytest.raises(Crash):
        ada.call("DELETE", "/me/totp")
    assert factors.enrolled(ada.person) == ([] if after else ["totp"])
    assert ("totp" in record(aws)) is not after


STEPPED_UP = [
    ("POST", "/me/totp"),
    ("DELETE", "/me/totp"),
    ("POST", "/me/recovery-codes"),
    ("POST", "/me/passkeys/options"),
    ("POST", "/me/passkeys"),
    ("DELETE", "/me/passkeys/some"),
    ("DELETE", "/users/U2/factors"),
    ("DELETE", "/users/U2/totp"),
    ("DELETE", "/users/U2/passkeys/some"),
]


@pytest.mark.parametrize(("method", "path"), STEPPED_UP)
def test_what_a_stolen_token_must_not_do_wants_a_recent_sign_in(aws, admin, method, path):
    admin.sign_in("A1", "admin", seconds_ago=301)
    answer = admin.call(method, path)
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    admin.be_machine("C1", "admin")
    assert admin.call(method, path).status == 403
    admin.sign_out()
    assert admin.call(method, path).status == 401
    assert aws.rows("credentials") == aws.rows("guards") == []


@pytest.mark.slow
def test_whoever_is_gone_leaves_nothing(aws, ada):
    ada.enrol_totp()
    ada.enrol_passkey()
    ada.enrol_passkey("Phone")
    ada.recovery_codes()
    assert factors.erase("U1").done
    assert {row["id"].partition("#")[0] for row in aws.rows("credentials")} == {"password", "email"}
    assert factors.erase("U1").done
