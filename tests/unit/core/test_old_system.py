"""The setting `MIGRATION`: what it may say, and what is wrong with it in one message."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.old_system import OldSystem, contradictions, parse
from chalicelib.core.settings import SettingsError, read
from infra.stage import Stage, StageError, as_texts
from tests.environment import ENVIRONMENT

COGNITO = {"kind": "cognito", "region": "eu-central-1", "client_id": "c1"}
GRANT = {"kind": "password-grant", "url": "https://x.eu.auth0.com/oauth/token", "client_id": "c1"}
ENDPOINT = {"kind": "endpoint", "url": "https://old.example.com/verify"}


def parsed(members: object) -> OldSystem:
    return parse(json.dumps(members))


def test_a_user_pool_is_named_by_region_and_client():
    system = parsed({**COGNITO, "secret": True, "seconds": 3, "username": "id"})
    assert system.url == "https://cognito-idp.eu-central-1.amazonaws.com/"
    assert (system.secret, system.milliseconds, system.username, system.creates) == (True, 3000, "id", False)
    assert parsed({**COGNITO, "region": "cn-north-1"}).url == "https://cognito-idp.cn-north-1.amazonaws.com.cn/"
    assert parsed({**COGNITO, "url": "https://vpce.example/"}).url == "https://vpce.example/"


def test_an_endpoint_always_has_a_secret_and_a_client_where_it_is_said():
    assert parsed(ENDPOINT).secret
    assert not parsed(GRANT).secret
    assert parsed(GRANT).scope == "openid profile email"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([], "is no JSON object"),
        ({}, "needs a kind, one of cognito, password-grant, endpoint"),
        ({"kind": "ldap"}, "needs a kind"),
        ({"kind": "cognito"}, "needs client_id; needs region"),
        ({"kind": "password-grant"}, "needs client_id; needs url"),
        ({"kind": "endpoint"}, "needs url"),
        ({**COGNITO, "region": "Frankfurt"}, "has region, which is none of AWS"),
        ({**COGNITO, "realm": "x"}, "has realm, which means nothing for cognito"),
        ({**ENDPOINT, "secret": True}, "has secret, which means nothing for endpoint"),
        ({**GRANT, "secret": "s3cret"}, "has secret, which is neither true nor false"),
        ({**GRANT, "creates": "yes"}, "has creates, which is neither true nor false"),
        ({**GRANT, "url": "http://x.example/"}, "has url, which is no https address"),
        ({**GRANT, "url": "https://me:pw@x.example/"}, "has url, which is no https address"),
        ({**GRANT, "url": "https://[x/"}, "has url, which is no https address"),
        ({**GRANT, "url": "https://x.example/#top"}, "has url, which is no https address"),
        ({**GRANT, "client_id": "a\nb"}, "has client_id, which is no text"),
        ({**GRANT, "client_id": 7}, "has client_id, which is no text"),
        ({**GRANT, "username": "phone"}, "has username, which is neither email nor id"),
        ({**GRANT, "username": "id", "creates": True}, "creates nobody by an id"),
        ({**GRANT, "seconds": 0.1}, "has seconds, which are not 0.5 to 5.0"),
        ({**GRANT, "seconds": 6}, "has seconds, which are not 0.5 to 5.0"),
        ({**GRANT, "seconds": True}, "has seconds, which are not 0.5 to 5.0"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(members, reason):
    with pytest.raises(ValueError, match=reason):
        parsed(members)


def test_settings_and_stages_are_held_to_it():
    with pytest.raises(SettingsError, match="MIGRATION needs a kind"):
        read({**ENVIRONMENT, "MIGRATION": "{}"})
    with pytest.raises(StageError, match="MIGRATION is no JSON object"):
        Stage("prod", {"MIGRATION": "on"})
    assert read({**ENVIRONMENT, "MIGRATION": json.dumps(ENDPOINT)}).asked_first == parsed(ENDPOINT)
    assert read(ENVIRONMENT).asked_first is None


def test_a_stage_may_write_it_as_an_object():
    stage = Stage("prod", as_texts({"MIGRATION": ENDPOINT, "ALARMS": "all"}))
    assert parse(stage.settings["MIGRATION"]) == parsed(ENDPOINT)
    assert (stage.asks_with_secret, stage.settings["ALARMS"]) == (True, "all")
    assert not Stage("prod", as_texts({"MIGRATION": GRANT})).asks_with_secret


@pytest.mark.parametrize(("floor", "fits"), [("-1", True), ("1999", False), ("0", False), ("2000", True)])
def test_a_floor_that_shows_that_somebody_was_asked_is_refused(floor, fits):
    environment = {**ENVIRONMENT, "MIGRATION": json.dumps(ENDPOINT), "FAILED_SIGN_IN_MILLISECONDS": floor}
    found = contradictions(environment["MIGRATION"], int(floor))
    assert found == (
        [] if fits else [f"FAILED_SIGN_IN_MILLISECONDS is {floor}, below the 2000 that MIGRATION may take"]
    )
    if not fits:
        with pytest.raises(SettingsError, match="below the 2000"):
            read(environment)


def test_what_is_wrong_by_itself_contradicts_nothing():
    assert contradictions("{}", 0) == contradictions("", 0) == contradictions(json.dumps(ENDPOINT), None) == []
