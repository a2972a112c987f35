"""One-time codes: enrolled, proved, removed."""

from __future__ import annotations

import json

import pytest
from cryptography.exceptions import InvalidTag

from chalicelib import accounts, factors
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import FactorRequired
from chalicelib.core.ids import digest_of
from chalicelib.events.change import events_of
from chalicelib.factors import PresentedFactor, enrolment
from tests.builders import PASSWORD, a_person
from tests.cloudlike import NAMES
from tests.functional.factors import Owner, an_owner, one_of_many, proves, record

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    return an_owner(password=PASSWORD, name="Ada")


@pytest.mark.slow
def test_a_secret_is_a_factor_once_a_code_of_it_confirms_it(ada):
    begun = ada.call("POST", "/me/totp")
    assert begun.status == 201
    assert begun.body["otpauth_url"].startswith("otpauth://totp/Rollcall:u1%40maths.example?")
    assert begun.body["secret"] in begun.body["otpauth_url"]
    assert factors.enrolled(ada.person) == []
    factors.verify(ada.person, PresentedFactor())  # nothing to prove yet
    ada.secret = begun.body["secret"]
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 204
    assert factors.enrolled(ada.person) == ["totp"]
    shown = {"totp": {"created_at": clock.timestamp()}, "recovery_codes": None, "passkeys": []}
    assert ada.call("GET", "/me/factors").body == shown


def test_enrolling_and_removing_are_told_by_an_event_each(aws, ada):
    before = ada.person
    ada.enrol_totp()
    enrolled = ada.person
    assert ada.call("DELETE", "/me/totp").status == 204
    removed = ada.person
    for old, new in [(before, enrolled), (enrolled, removed)]:
        (event,) = events_of("users", old, new, expired=False, public_url="https://rollcall.example")
        assert (event["type"], event["actor"]) == ("user.factors_changed", "U1")
    assert factors.enrolled(removed) == []
    assert "totp" not in record(aws)


def test_the_secret_is_sealed_for_its_owner_and_moves_on_with_the_keys(aws, ada):
    secret = ada.enrol_totp()
    kept = record(aws)
    assert secret not in repr(aws.rows("credentials"))
    keys = json.dumps({"1": "k" * 64, "2": "n" * 64})
    aws.session.client("secretsmanager").put_secret_value(SecretId=NAMES.of("app-keys"), SecretString=keys)
    clients.clear()
    assert (kept["totp"]["key"], app_keys.current_key_id()) == ("1", "2")
    assert proves(ada, otp=ada.code())
    assert record(aws)["totp"]["key"] == "2"
    assert proves(ada, otp=ada.code(1))
    eve = an_owner("U2")
    aws.put("credentials", {**kept, "id": "factors#U2"})
    with pytest.raises(InvalidTag):
        factors.verify({**eve.person, "factors": ["totp"]}, PresentedFactor(otp=ada.code(1)))


def test_a_code_works_once_and_none_before_it_afterwards(ada):
    ada.enrol_totp()
    code, earlier = ada.code(), ada.code(-1)
    assert proves(ada, otp=code)
    assert not proves(ada, otp=code)
    assert not proves(ada, otp=earlier)
    clock.tick(seconds=30)
    assert proves(ada, otp=ada.code())


def test_the_code_that_confirmed_is_used_up(ada):
    ada.secret = ada.call("POST", "/me/totp").body["secret"]
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 204
    assert not proves(ada, otp=ada.code())


@pytest.mark.slow
def test_of_many_who_bring_the_same_code_at_once_one_gets_in(ada):
    ada.enrol_totp()
    assert one_of_many(ada, otp=ada.code()) == 1


@pytest.mark.slow
def test_what_was_not_given_is_asked_for_and_what_is_wrong_is_refused(ada):
    ada.enrol_totp()
    with pytest.raises(FactorRequired) as asked:
        factors.verify(ada.person, PresentedFactor())
    assert asked.value.members == {"factors": ["totp"]}
    ada.recovery_codes()
    with pytest.raises(FactorRequired) as asked:
        factors.verify(ada.person, PresentedFactor())
    assert asked.value.members == {"factors": ["recovery_code", "totp"]}
    wrong = "000000" if ada.code() != "000000" else "000001"
    for proof in ({"otp": wrong}, {"otp": ""}, {"recovery_code": "AAAA"}, {"passkey": {}}):
        assert not proves(ada, **proof)
    assert proves(ada, otp=ada.code())


@pytest.mark.slow
def test_wrong_codes_at_enrolment_are_counted_and_delayed(aws, ada):
    ada.secret = ada.call("POST", "/me/totp").body["secret"]
    near = {ada.code(step) for step in range(-1, 3)}
    wrong = {"otp": next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in near)}
    answers = [ada.call("POST", "/me/totp/confirm", wrong) for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]
    assert answers[0].body["errors"] == [{"field": "otp", "message": "is not the code of this moment"}]
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 429
    clock.tick(seconds=1)
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 204
    assert aws.rows("guards") == []


def test_a_confirmation_wipes_out_nothing_that_was_counted_of_passwords(aws, ada):
    counted = {"id": f"attempts#{digest_of('u1@maths.example')}", "count": 4}
    aws.put("guards", counted)
    ada.enrol_totp()
    assert aws.rows("guards") == [counted]


def test_a_secret_waits_for_a_quarter_of_an_hour(ada):
    ada.secret = ada.call("POST", "/me/totp").body["secret"]
    clock.tick(minutes=15)
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 409
    assert factors.enrolled(ada.person) == []


def test_nothing_is_confirmed_that_was_not_begun(ada):
    assert ada.call("POST", "/me/totp/confirm", {"otp": "123456"}).status == 409
    ada.enrol_totp()
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 409


@pytest.mark.slow
def test_another_secret_takes_the_place_of_the_first_when_it_is_confirmed(ada):
    first = ada.enrol_totp()
    second = ada.call("POST", "/me/totp").body["secret"]
    assert proves(ada, otp=ada.code())
    clock.tick(seconds=30)
    ada.secret = second
    assert ada.call("POST", "/me/totp/confirm", {"otp": ada.code()}).status == 204
    clock.tick(seconds=30)
    assert proves(ada, otp=ada.code())
    ada.secret = first
    assert not proves(ada, otp=ada.code(1))


def test_who_has_not_proved_their_mailbox_enrols_nothing(aws):
    squatter = an_owner(email_verified=False)
    assert squatter.call("POST", "/me/totp").status == 409
    assert squatter.call("POST", "/me/passkeys/options").status == 409
    assert record(aws) == {}


def test_a_secret_of_another_system_comes_with_its_person(aws):
    secret = "GEZDGNBVGY3TQOJQ" * 2
    person, action = factors.imported_totp(a_person(id="U7"), secret.lower())
    clients.database().transact({**accounts.people().creating(person, None), "totp": action})
    owner = Owner("U7")
    owner.secret = secret
    assert factors.enrolled(owner.person) == ["totp"]
    assert proves(owner, otp=owner.code())
    with pytest.raises(ValueError, match="72 bits"):
        factors.imported_totp(a_person(id="U8"), secret[:15])


@pytest.mark.slow
def test_enrolling_and_proving_cost_what_they_must(ada):
    ada.enrol_totp()
    person = ada.person
    with telemetry.recording() as calls:
        secret, _ = enrolment.begin_totp(person)
    assert calls.names == ["GetItem", "PutItem"]
    ada.secret = secret
    with telemetry.recording() as calls:
        enrolment.confirm_totp(person, ada.code())
    attempt_counted, attempt_forgotten = "UpdateItem", "DeleteItem"
    assert calls.names == ["GetItem", attempt_counted, "GetItem", "TransactWriteItems", attempt_forgotten]
    clock.tick(seconds=30)
    person = ada.person
    with telemetry.recording() as calls:
        factors.verify(person, PresentedFactor(otp=ada.code()))
    assert calls.names == ["GetItem", "PutItem"]
