"""An identity provider that people come from: the stage itself, which is one too."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyotp

from tools import operate
from tools.rehearse.people import expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.api import Api
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

ITSELF = "itself"


@step(
    needs=("administrator", "changing-a-setting"),
    look="the API's log; chalicelib/core/outbound/",
)
def a_provider_is_reached(rehearsal: Rehearsal) -> Evidence:
    """The API reaches an identity provider: the stage itself.

    A second factor, a secret that is sealed, and from within Lambda a name, a certificate, a discovery document and
    keys. The local cloud has no such name: there it says so.
    """
    issuer = rehearsal.facts["public url"]
    staff = with_second_factor(rehearsal, "success+security@simulator.amazonses.com")
    connection = {"id": ITSELF, "kind": "oidc", "name": "Itself", "issuer": issuer, "client_id": "rehearsed"}
    connection["client_secret"] = rehearsal.hide(pyotp.random_base32())
    expect(staff.call("POST", "/connections", connection), 201, what="making a connection")
    tried = expect(staff.call("POST", f"/connections/{ITSELF}/test"), 200, what="testing a connection")
    expect(staff.call("DELETE", f"/connections/{ITSELF}"), 204, what="removing a connection")
    is_whole = tried["ok"] and tried.get("issuer") == issuer and tried.get("keys") and tried.get("names_itself")
    if not is_whole and not (rehearsal.local and tried.get("problem")):
        raise Failed("the stage does not find all of its provider", tried=tried)
    return {"issuer": issuer, **tried}


def with_second_factor(rehearsal: Rehearsal, email: str) -> Api:
    """The API with the token of another administrator, who has just proved two factors."""
    made = operate.invoke(rehearsal.stage, "create_admin", {"email": email, "force": True})
    api = rehearsal.api.signed_in(made["email"], rehearsal.hide(made["password"]))
    api = dataclasses.replace(api, token=rehearsal.hide(api.token))
    secret = expect(api.call("POST", "/me/totp"), 201, what="asking for a second factor")["secret"]
    app = pyotp.TOTP(rehearsal.hide(secret))
    expect(api.call("POST", "/me/totp/confirm", {"otp": app.now()}), 204, what="confirming it")
    following = app.at(datetime.now(UTC), counter_offset=1)
    expect(api.call("POST", "/sessions/current/step-up", {"otp": following}), 204, what="proving it")
    return api
