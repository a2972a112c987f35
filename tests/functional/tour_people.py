"""The part of the tour in which an administrator helps one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.authenticator import Authenticator
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import App
from tests.functional.relying_party import RelyingParty, entered

if TYPE_CHECKING:
    from tests.functional.tour import Tour, Traveller

EMAIL = "mary@maths.example"


def travel(tour: Tour, administrator: Traveller) -> None:
    """Do once what there is to do for somebody who has one of everything."""
    a_user(id="U-helped", email=EMAIL, name="Mary", password=PASSWORD)
    _possessions(tour, type(administrator)(tour))
    tour.names["user_id"] = "U-helped"
    for what in ("factors", "consents", "items", "sessions"):
        administrator.call("GET", f"/users/{{user_id}}/{what}")
    administrator.call("GET", "/users/{user_id}/items/{key}")
    administrator.call("DELETE", "/users/{user_id}/totp")
    administrator.call("DELETE", "/users/{user_id}/passkeys/{passkey_id}")
    administrator.call("DELETE", "/users/{user_id}/consents/{client_id}")
    administrator.call("DELETE", "/users/{user_id}/sessions/{session_id}")
    administrator.call("DELETE", "/users/{user_id}/sessions")
    administrator.call("POST", "/users/{user_id}/password-reset")


def _possessions(tour: Tour, mary: Traveller) -> None:
    """A session, two factors, an item, and what an application was allowed in another session."""
    shop = RelyingParty()
    shop.tokens(entered(EMAIL))
    mary.enter(EMAIL)
    app, key = App(mary.call("POST", "/me/totp").body["secret"]), Authenticator()
    mary.call("POST", "/me/totp/confirm", {"otp": app.code()})
    mary.call("POST", "/sessions/current/step-up", {"otp": app.code()})
    made = key.create(mary.call("POST", "/me/passkeys/options").body)
    passkey = mary.call("POST", "/me/passkeys", {"name": "Key", "response": made}).body
    tour.names |= {
        "key": "theme",
        "client_id": shop.id,
        "passkey_id": passkey["id"],
        "session_id": mary.refresh_token.partition(".")[0],
    }
    mary.call("PUT", "/me/items/{key}", {"item_value": "dark"})
