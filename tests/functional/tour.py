"""Everything that the app does, done once in an ordinary case, with what it takes from AWS: by `GET /me` and its like,
and by handlers with what they are handed."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.http.declarations import FORM, MERGE_PATCH
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules
from chalicelib.sessions import cookies
from chalicelib.sessions.browser_sessions import cookie_value
from infra.messaging import SUBSCRIPTIONS
from tests import system
from tests.authenticator import Authenticator
from tests.builders import PASSWORD, a_user
from tests.cloudlike import topic_messages
from tests.functional import tour_identities, tour_operations, tour_people, tour_questions, tour_segments
from tests.functional.apps import ApiClient, blueprints
from tests.functional.enrolled import App
from tests.functional.providers import CLIENT_ID, CLIENT_SECRET, providing
from tests.functional.relying_party import CALLBACK, ISSUER, PersonsBrowser, RelyingParty, answer_in, fragment_of
from tests.functional.streams import stream_event
from tests.functional.visitors import Visitor, token_of
from tests.metering import Meter, metered

if TYPE_CHECKING:
    from tests.cloudlike import Cloud
    from tests.functional.apps import Answer

ANOTHER = "copper lantern river nine"
ADA, GRACE, JOAN = "ada@maths.example", "grace@maths.example", "joan@maths.example"
HYPATIA = "hypatia@maths.example"
LEAVING = "leaving@maths.example"


class Traveller(Visitor):
    """A visitor of the whole app, whose requests are metered."""

    def __init__(self, tour: Tour) -> None:
        ApiClient.__init__(self, *blueprints())
        self.access_token = self.refresh_token = ""
        self.tour = tour

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        route, path = path, path.format_map(self.tour.names)
        clock.tick(seconds=1)
        connections().enabled()  # read once a minute
        with metered() as meter:
            answer = super().call(method, path, body, **headers)
        assert answer.status < 400, (method, path, answer.body)
        self.tour.note(f"{method} {route.partition('?')[0]}", meter)
        return answer


@dataclass
class Tour:
    """What was done, with the meters of the first time. `names` is what paths name."""

    cloud: Cloud
    machines: Any
    taken: dict[str, Meter] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def note(self, operation: str, meter: Meter) -> None:
        self.taken.setdefault(operation, meter)

    def metered(self, operation: str, handler: str, event: Any) -> None:
        with metered() as meter:
            system.invoke(handler, event)
        self.note(operation, meter)

    def mailed(self) -> str:
        """Answer the intents that are there, and send what follows: the token of the mail."""
        rows = sorted(self.cloud.rows("intents"), key=lambda row: row["created_at"])[-1:]
        self.metered("on_intent", "on_intent", stream_event("intents", *((None, row) for row in rows)))
        records = [record for record in self.cloud.take("mail") if "intent_id" in record["body"]]
        self.metered("on_mail, with a token", "on_mail", {"Records": records})
        return token_of(json.loads(records[-1]["body"]))


def travel(cloud: Cloud, machines: Any) -> dict[str, Meter]:
    """What each operation took."""
    tour = Tour(cloud, machines)
    for queue in SUBSCRIPTIONS:
        topic_messages(cloud, queue)
    ada = _people(tour)
    _factors(tour, ada)
    _items(tour, ada)
    _administration(tour)
    _application(tour)
    _files(tour)
    _events(tour)
    _pages(tour)
    return tour.taken


def _people(tour: Tour) -> Traveller:
    ada = Traveller(tour)
    ada.call("POST", "/users", {"email": ADA, "name": "Ada Lovelace", "age": 36, "password": PASSWORD})
    ada.call("POST", "/users/confirm", {"token": tour.mailed(), "password": PASSWORD})
    device = ada.enter(ADA).body["device"]
    known = {"email": ADA, "password": PASSWORD, "device": device}
    with metered() as meter:
        ada.call("POST", "/sessions", known)
    tour.note("POST /sessions, on a known device", meter)
    ada.refresh()
    ada.call("GET", "/me")
    ada.call("POST", "/users/resend-confirmation", {"email": ADA})
    ada.call("PATCH", "/me", {"name": "Ada King"}, Content_Type=MERGE_PATCH)
    ada.call("PUT", "/me/email", {"email": "ada@king.example"})
    ada.call("POST", "/me/email/confirm", {"token": tour.mailed()})
    ada.enter("ada@king.example")
    ada.call("PUT", "/me/password", {"current_password": PASSWORD, "new_password": ANOTHER})
    ada.call("POST", "/password-resets", {"email": "ada@king.example"})
    ada.call("POST", "/password-resets/confirm", {"token": tour.mailed(), "password": PASSWORD})
    ada.call("POST", "/sessions/email", {"email": "ada@king.example"})
    code = ada.call("POST", "/sessions/email/confirm", {"code": tour.mailed()})
    ada._keep(code)
    ada.call("POST", "/sessions/current/step-up", {"password": PASSWORD})
    ada.call("GET", "/sessions")
    Traveller(tour).enter("ada@king.example")
    for row in tour.cloud.rows("sessions"):
        if "deleted_at" not in row and row["id"] not in ada.refresh_token:
            tour.names["session_id"] = row["id"]
    ada.call("DELETE", "/sessions/{session_id}")
    other = Traveller(tour)
    other.enter("ada@king.example")
    other.call("DELETE", "/sessions/current")
    ada.call("GET", "/me/export")
    ada.call("DELETE", "/sessions")
    ada.access_token = ""
    ada.enter("ada@king.example")
    return ada


def _factors(tour: Tour, ada: Traveller) -> None:
    app = App(ada.call("POST", "/me/totp").body["secret"])
    ada.call("POST", "/me/totp/confirm", {"otp": app.code()})
    ada.call("POST", "/sessions/current/step-up", {"otp": app.code()})
    key = Authenticator()
    made = key.create(ada.call("POST", "/me/passkeys/options").body)
    ada.call("POST", "/me/passkeys", {"name": "Key", "response": made})
    ada.call("POST", "/me/recovery-codes")
    ada.call("GET", "/me/factors")
    (passkey,) = ada.call("GET", "/me/passkeys").body["items"]
    tour.names["passkey_id"] = passkey["id"]
    options = ada.call("POST", "/sessions/passkey/options").body
    ada._keep(ada.call("POST", "/sessions/passkey", {"response": key.get(options)}))
    ada.call("DELETE", "/me/passkeys/{passkey_id}")
    ada.call("DELETE", "/me/totp")


def _items(tour: Tour, ada: Traveller) -> None:
    tour.names["key"] = "theme"
    ada.call("PUT", "/me/items/{key}", {"item_value": "dark"})
    ada.call("GET", "/me/items")
    ada.call("GET", "/me/items/{key}")
    ada.call("DELETE", "/me/items/{key}")


def _administrator(tour: Tour) -> Traveller:
    a_user(email=GRACE, password=PASSWORD, roles=["admin", "service"])
    grace = Traveller(tour)
    grace.enter(GRACE)
    app = App(grace.call("POST", "/me/totp").body["secret"])
    grace.call("POST", "/me/totp/confirm", {"otp": app.code()})
    grace.call("POST", "/sessions/current/step-up", {"otp": app.code()})
    return grace


def _administration(tour: Tour) -> None:
    grace = _administrator(tour)
    joan = grace.call("POST", "/users/invite", {"email": JOAN, "name": "Joan"}).body
    tour.names["user_id"] = joan["id"]
    grace.call("GET", "/users?age=36")
    grace.call("GET", "/users/{user_id}")
    grace.call("PATCH", "/users/{user_id}", {"age": 41}, Content_Type=MERGE_PATCH)
    grace.call("PUT", "/users/{user_id}/roles", {"roles": ["support"]})
    grace.call("POST", "/users/{user_id}/disable")
    grace.call("POST", "/users/{user_id}/enable")
    grace.call("POST", "/users/{user_id}/invitation")
    grace.call("DELETE", "/users/{user_id}/factors")
    grace.call("GET", "/users/{user_id}/history")
    grace.call("GET", "/users/{user_id}/mail")
    grace.call("DELETE", "/users/{user_id}/mail/suppression")
    grace.call("DELETE", "/users/{user_id}")
    (job,) = [row for row in tour.cloud.rows("jobs") if row["kind"] == "erasure"][:1]
    tour.names["erasure_id"] = job["id"]
    grace.call("GET", "/erasures/{erasure_id}")
    made = grace.call("POST", "/clients", {"name": "billing", "roles": ["service"]}).body
    tour.names["client_id"] = made["id"]
    grace.call("GET", "/clients")
    grace.call("GET", "/clients/{client_id}")
    grace.call("PATCH", "/clients/{client_id}", {"name": "invoices"}, Content_Type=MERGE_PATCH)
    basic = base64.b64encode(f"{made['id']}:{made['secret']}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials"}).encode()
    machine = Traveller(tour)
    machine.access_token = machine.call(
        "POST", "/oauth2/token", form, Content_Type=FORM, Authorization=f"Basic {basic}"
    ).body["access_token"]
    write = {"user_id": joan["id"], "item_id": "1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    machine.call("POST", "/items", {"items": [write]})
    grace.call("POST", "/clients/{client_id}/rotate", {})
    grace.call("DELETE", "/clients/{client_id}")
    tour.names["admin"] = grace.access_token
    tour_people.travel(tour, grace)
    _connections(tour, grace)
    _registration(tour, grace)


def _application(tour: Tour) -> None:
    """An application of the owner's, to which somebody who is signed in goes, and one of others that asks first."""
    a_user(id="U-app", email=HYPATIA, name="Hypatia", password=PASSWORD)
    hypatia = Traveller(tour)
    hypatia.enter(HYPATIA)
    cookie = f"{cookies.SESSION}={cookie_value(hypatia.refresh_token.partition('.')[0], 'U-app')}"
    shop = RelyingParty({"first_party": True})
    there = hypatia.call("GET", shop.link().removeprefix(ISSUER), Cookie=cookie).headers["Location"]
    form = urlencode(shop.parameters(scope="openid offline_access")).encode()
    hypatia.call("POST", "/oauth2/authorize", form, Cookie=cookie, Content_Type=FORM)
    machine, proof = Traveller(tour), {"client_id": shop.id, "client_secret": str(shop.secret)}

    def send(path: str, **fields: str) -> Answer:
        return machine.call("POST", path, urlencode({**proof, **fields}).encode(), Content_Type=FORM)

    code = {"code": answer_in(there)["code"], "redirect_uri": CALLBACK, "code_verifier": shop.verifier}
    tokens = send("/oauth2/token", grant_type="authorization_code", **code).body
    for method in ("GET", "POST"):
        machine.call(method, "/oauth2/userinfo", Authorization=f"Bearer {tokens['access_token']}")
    send("/oauth2/introspect", token=tokens["access_token"])
    send("/oauth2/revoke", token=tokens["access_token"])
    send("/oauth2/par", **shop.parameters())
    other = RelyingParty()
    there = hypatia.call("GET", other.link().removeprefix(ISSUER), Cookie=cookie).headers["Location"]
    hypatia.call("POST", "/oauth2/consent", {"request": fragment_of(there)["request"], "allow": True})
    hypatia.call("GET", "/me/consents")
    tour.names["client_id"] = other.id
    hypatia.call("DELETE", "/me/consents/{client_id}")
    for method in ("GET", "POST"):
        _logged_out(tour, method)
    television = RelyingParty({"type": "public", "redirect_uris": [], "grant_types": [client_rules.DEVICE_CODE]})
    asked = urlencode({"client_id": television.id, "scope": "openid"}).encode()
    shown = machine.call("POST", "/oauth2/device", asked, Content_Type=FORM).body
    hypatia.call("POST", "/oauth2/device/approve", {"user_code": shown["user_code"], "allow": True})


def _leaving() -> PersonsBrowser:
    """The browser of somebody who has signed in and is going to leave."""
    if accounts.people().find("U-leaving") is None:
        a_user(id="U-leaving", email=LEAVING, password=PASSWORD)
    browser = PersonsBrowser()
    browser.enter(LEAVING)
    return browser


def _logged_out(tour: Tour, method: str) -> None:
    """Somebody whom an application signs out, with an ID token of their session."""
    browser = _leaving()
    shop = RelyingParty({"first_party": True, "post_logout_redirect_uris": [CALLBACK]})
    asked = {"id_token_hint": shop.tokens(browser)["id_token"], "post_logout_redirect_uri": CALLBACK}
    form, cookie = urlencode(asked), f"{cookies.SESSION}={browser.cookies[cookies.SESSION]}"
    if method == "GET":
        Traveller(tour).call("GET", f"/oauth2/logout?{form}", Cookie=cookie)
    else:
        Traveller(tour).call("POST", "/oauth2/logout", form.encode(), Cookie=cookie, Content_Type=FORM)


def _admin(tour: Tour) -> Traveller:
    grace = Traveller(tour)
    grace.access_token = tour.names["admin"]
    return grace


def _connections(tour: Tour, grace: Traveller) -> None:
    fields = {"id": "corp", "kind": "oidc", "name": "Corp", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    tour.names["connection_id"] = "corp"
    with settings.held(outbound_allow_http=True), providing() as provider:
        grace.call("POST", "/connections", {**fields, "issuer": provider.url})
        grace.call("POST", "/connections/{connection_id}/test")
    grace.call("GET", "/connections")
    grace.call("GET", "/connections/{connection_id}")
    grace.call("PATCH", "/connections/{connection_id}", {"name": "Corp"}, Content_Type=MERGE_PATCH)
    tour_identities.travel(tour, grace)
    grace.call("DELETE", "/connections/{connection_id}")


def _registration(tour: Tour, grace: Traveller) -> None:
    metadata = {"redirect_uris": ["http://127.0.0.1/callback"], "token_endpoint_auth_method": "none"}
    with settings.held(client_registration="token"):
        token = grace.call("POST", "/clients/registration-tokens", {"uses": 2}).body
        Traveller(tour).call("POST", "/oauth2/register", metadata, Authorization=f"Bearer {token['token']}")
        tour.names["token_id"] = token["id"]
        grace.call("DELETE", "/clients/registration-tokens/{token_id}")


def _files(tour: Tour) -> None:
    grace = _admin(tour)
    grace.call("POST", "/imports", {})
    grace.call("POST", "/imports/preview", {"beginning": base64.b64encode(b'[{"name": "Ann"}]').decode()})
    rows = [{"email": f"person{n}@many.example", "name": "Many", "age": 20} for n in range(99)]
    job = tour.machines.drop(json.dumps([*rows, {"email": "no address", "name": "x", "age": 1}]).encode())
    tour.names["job_id"] = job["id"]
    grace.call("GET", "/imports")
    grace.call("GET", "/imports/{job_id}")
    grace.call("GET", "/imports/{job_id}/errors")
    grace.call("POST", "/imports/{job_id}/retry", {"rows": [{**rows[0], "email": "mended@many.example"}]})
    tour.names["job_id"] = grace.call("POST", "/exports", {}).body["id"]
    grace.call("GET", "/exports")
    grace.call("GET", "/exports/{job_id}")
    tour_segments.travel(tour, grace)
    tour_operations.travel(tour, grace)


def _events(tour: Tour) -> None:
    grace = _admin(tour)
    for row in tour.cloud.rows("users")[:1]:
        system.invoke("on_user_change", stream_event("users", (None, row)))
    system.consume("history", {"Records": tour.cloud.take("history")})
    grace.call("GET", "/events")
    tour.names["event_id"] = tour.cloud.rows("history")[0]["at"].partition("#")[2]
    grace.call("GET", "/events/{event_id}")
    grace.call("GET", "/events/{event_id}/journey")
    grace.call("GET", "/events/schemas")
    tour.names |= {"event_type": "user.updated", "version": "1"}
    grace.call("GET", "/events/schemas/{event_type}/{version}")
    years = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    grace.call("POST", "/events/replay/preview", years)
    tour.names["job_id"] = grace.call("POST", "/events/replay", years).body["id"]
    grace.call("GET", "/events/replay")
    grace.call("GET", "/events/replay/{job_id}")
    grace.call("POST", "/events/replay/{job_id}/pause")
    grace.call("POST", "/events/replay/{job_id}/resume")
    grace.call("POST", "/events/replay/{job_id}/cancel")
    made = grace.call("POST", "/webhooks", {"url": "https://93.184.215.14/", "description": "ours"}).body
    tour.names["webhook_id"] = made["id"]
    grace.call("GET", "/webhooks")
    grace.call("GET", "/webhooks/{webhook_id}")
    grace.call("PATCH", "/webhooks/{webhook_id}", {"description": "theirs"}, Content_Type=MERGE_PATCH)
    grace.call("POST", "/webhooks/{webhook_id}/test", {})
    (delivery,) = grace.call("GET", "/webhooks/{webhook_id}/deliveries").body["items"]
    tour.names["delivery_id"] = delivery["id"]
    grace.call("GET", "/webhooks/{webhook_id}/deliveries/{delivery_id}")
    grace.call("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry")
    grace.call("POST", "/webhooks/{webhook_id}/rotate-secret")
    grace.call("DELETE", "/webhooks/{webhook_id}")
    grace.call("GET", "/insights")
    grace.call("GET", "/insights/flow")
    tour_questions.travel(tour, grace)
    _told_of_the_end(tour, grace)


def _told_of_the_end(tour: Tour, grace: Traveller) -> None:
    """Of a session, to a client that had a grant in it."""
    shop = RelyingParty({"first_party": True, "backchannel_logout_uri": "https://93.184.215.14/"})
    browser = _leaving()
    shop.tokens(browser)
    session = max(tour.cloud.rows("sessions"), key=lambda row: str(row["id"]))
    tour.cloud.take("webhooks")
    system.invoke("on_session_change", stream_event("sessions", (session, None), expired=True))
    system.consume("webhooks", {"Records": tour.cloud.take("webhooks")})
    tour.names["client_id"] = shop.id
    (delivery,) = grace.call("GET", "/clients/{client_id}/logout-deliveries").body["items"]
    tour.names["delivery_id"] = delivery["id"]
    grace.call("POST", "/clients/{client_id}/logout-deliveries/{delivery_id}/retry")


def _pages(tour: Tour) -> None:
    anybody = Traveller(tour)
    page = anybody.call("GET", "/account").body
    version = re.findall(r"assets/([^/]+)/shared/style.css", str(page))[0]
    tour.names |= {
        "page": "confirm",
        "part": "people",
        "thing": "ada",
        "version": version,
        "folder": "shared",
        "file": "style.css",
    }
    for path in ("/account/{page}", "/console", "/console/{part}", "/console/{part}/{thing}"):
        anybody.call("GET", path)
    anybody.call("GET", "/assets/{version}/{folder}/{file}")
    for path in (
        "/.well-known/change-password",
        "/health",
        "/openapi.json",
        "/docs",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
    ):
        anybody.call("GET", path)
    ada = Traveller(tour)
    ada.enter("ada@king.example")
    ada.call("DELETE", "/me")
