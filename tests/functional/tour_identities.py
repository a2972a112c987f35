"""The part of the tour in which people come in from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.core.http.declarations import FORM
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import connected
from tests.functional.enrolled import App

if TYPE_CHECKING:
    from tests.functional.apps import Answer
    from tests.functional.providers import Provider
    from tests.functional.tour import Tour, Traveller

BEGIN = "/sessions/connections/{connection_id}"
CALLBACK = f"{BEGIN}/callback"
ORIGIN = "https://rollcall.example"
KNOWN = "bob@elsewhere.example"


def travel(tour: Tour, administrator: Traveller) -> None:
    """Do once what there is to do with identities."""
    tour.names["connection_id"] = "guest"
    trusting = connected("guest", trusted_domains=["corp.example"])
    with settings.held(outbound_allow_http=True), trusting as provider:
        _travel(tour, administrator, provider)
    tour.names["connection_id"] = "corp"


def _travel(tour: Tour, administrator: Traveller, provider: Provider) -> None:
    alice = type(administrator)(tour)
    alice.call("GET", "/sessions/connections")
    _arrive(alice, provider)
    tour.taken[f"GET {CALLBACK}, of a new person"] = tour.taken.pop(f"GET {CALLBACK}")
    _arrive(alice, provider)
    entered = _arrive(alice, provider, post=True)
    _sign_in(alice, entered)
    _link(alice, provider)
    tour.names["identity_id"] = alice.call("GET", "/me/identities").body["items"][1]["id"]
    alice.call("DELETE", "/me/identities/{identity_id}")
    app = App(alice.call("POST", "/me/totp").body["secret"])
    alice.call("POST", "/me/totp/confirm", {"otp": app.code()})
    pending = _cookie(_arrive(alice, provider), "__Host-rollcall_pending")
    alice.call("POST", "/sessions/connections/pending", {}, Cookie=pending, Origin=ORIGIN)
    alice.call("POST", "/sessions/connections/pending/confirm", {"otp": app.code()}, Cookie=pending, Origin=ORIGIN)
    a_user(email=KNOWN, password=PASSWORD, id="01BOB")
    bob = type(administrator)(tour)
    pending = _cookie(_arrive(bob, provider, sub="bob", email=KNOWN), "__Host-rollcall_pending")
    bob.enter(KNOWN)
    bob.call("POST", "/me/identities", {}, Cookie=pending, Origin=ORIGIN)
    tour.names["user_id"] = "01BOB"
    (identity,) = administrator.call("GET", "/users/{user_id}/identities").body["items"]
    tour.names["identity_id"] = identity["id"]
    administrator.call("DELETE", "/users/{user_id}/identities/{identity_id}")


def _arrive(traveller: Traveller, provider: Provider, *, post: bool = False, **person: Any) -> Answer:
    begun = traveller.call("GET", BEGIN)
    parameters = provider.authorize(begun.headers["Location"], **person)
    cookie = _cookie(begun, "__Host-rollcall_flow_")
    if post:
        return traveller.call("POST", CALLBACK, urlencode(parameters).encode(), Content_Type=FORM, Cookie=cookie)
    return traveller.call("GET", f"{CALLBACK}?{urlencode(parameters)}", Cookie=cookie)


def _link(traveller: Traveller, provider: Provider) -> None:
    begun = traveller.call("POST", "/me/identities/link", {"connection_id": "guest"})
    parameters = provider.authorize(begun.body["redirect"], sub="another")
    cookie = _cookie(begun, "__Host-rollcall_flow_")
    traveller.call("GET", f"{CALLBACK}?{urlencode(parameters)}", Cookie=cookie)


def _sign_in(traveller: Traveller, answer: Answer) -> None:
    refresh = _cookie(answer, "__Host-rollcall_refresh")
    traveller._keep(traveller.call("POST", "/sessions/refresh", {"refresh_token": refresh.partition("=")[2]}))


def _cookie(answer: Answer, name: str) -> str:
    """What the browser sends back of an answer's cookie whose name begins so."""
    return next(
        cookie.partition(";")[0]
        for cookie in answer.headers["Set-Cookie"]
        if cookie.startswith(name) and "Max-Age=0" not in cookie
    )
