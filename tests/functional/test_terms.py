"""Whoever registers agrees to the terms of a stage that has some, and it is kept which and when."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from chalicelib.privacy.own_data import export_of
from tests.builders import PASSWORD
from tests.functional.visitors import Visitor
from tests.unit.events.images import URL

pytestmark = pytest.mark.usefixtures("held_clock")

TERMS = {"terms_url": "https://acme.example/terms", "terms_version": "2026-03"}
ADA = {"email": "ada@maths.example", "password": PASSWORD}


@pytest.fixture
def terms():
    with settings.held(**TERMS):
        yield


@pytest.mark.parametrize("agreed", [{}, {"terms_version": "2025-01"}, {"terms_version": None}])
def test_nobody_registers_without_agreeing_to_the_terms_that_hold_now(aws, terms, agreed):
    answer = Visitor().call("POST", "/users", {**ADA, **agreed})
    assert answer.status == 422
    (error,) = answer.body["errors"]
    assert (error["field"], error["code"]) == ("terms_version", "other-terms")
    assert error["message"] == "must be '2026-03', the version of the terms at https://acme.example/terms"
    assert aws.rows("intents") == []


def test_nobody_agrees_to_terms_that_there_are_not(aws):
    answer = Visitor().call("POST", "/users", {**ADA, "terms_version": "2026-03"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (422, "no-terms")
    assert Visitor().call("POST", "/users", ADA).status == 202


@pytest.mark.parametrize("when", ["in the same request", "after the mail"])
def test_version_and_time_are_kept_with_the_person(aws, terms, when):
    agreed_at = clock.timestamp()
    with settings.held(email_verification="optional" if when == "in the same request" else "required"):
        assert Visitor().call("POST", "/users", {**ADA, "terms_version": "2026-03"}).status in {201, 202}
    if when == "after the mail":
        confirm_later(aws)
    ada = Visitor()
    ada.enter(ADA["email"])
    me = ada.call("GET", "/me").body
    assert (me["terms_version"], me["terms_accepted_at"]) == ("2026-03", agreed_at)
    (row,) = aws.rows("users")
    event = events_of("users", None, row, False, public_url=URL)[0]
    told = event["data"]["user"]
    assert (event["type"], told["terms_version"]) == ("user.registered", "2026-03")
    assert told["terms_accepted_at"] == agreed_at
    assert export_of(row)["person"]["terms_version"] == "2026-03"


def confirm_later(aws):
    """Confirm the registration an hour later, when other terms hold."""
    from chalicelib.core.crypto import links

    (intent,) = aws.rows("intents")
    clock.tick(hours=1)
    with settings.held(terms_version="2026-04"):
        token = links.mint("confirm", intent["id"])
        confirmed = Visitor().call("POST", "/users/confirm", {"token": token, "password": PASSWORD})
    assert confirmed.status == 201


def test_nobody_changes_what_they_agreed_to(aws, terms):
    with settings.held(email_verification="optional"):
        Visitor().call("POST", "/users", {**ADA, "terms_version": "2026-03"})
    ada = Visitor()
    ada.enter(ADA["email"])
    for field in ("terms_version", "terms_accepted_at"):
        assert ada.call("PATCH", "/me", {field: None}).status == 422
