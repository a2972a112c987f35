"""An application that people sign in to with the stage."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tools.rehearse.people import ADA, PASSWORD, expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

CALLBACK = "https://application.example/callback"
"""Nobody is there: where the browser would be sent is looked at, and not followed."""

FORM = "application/x-www-form-urlencoded"
SECONDS = 60
IN_A_BROWSER = ("__Host-rollcall_refresh", "__Host-rollcall_session", "__Host-rollcall_device")


@step(needs=("signing-up", "administrator"), look="the API's log; docs/provider.md")
def an_application_signs_a_person_in(rehearsal: Rehearsal) -> Evidence:
    """An application signs a person in, by the browser's cookie and a code.

    Several `Set-Cookie` in one answer and a `Cookie` in a request through API Gateway, a redirect that a browser
    follows, forms, and a token whose signature is by the key of the stage.
    """
    application = _application(rehearsal)
    cookies = _cookies(rehearsal)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code",
        "client_id": application["id"],
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "rehearsed",
    }
    status, headers, _ = _send(rehearsal, "GET", f"/oauth2/authorize?{urlencode(parameters)}", Cookie=cookies)
    location = urlsplit(headers.get("Location", ""))
    answer = {name: values[0] for name, values in parse_qs(location.query).items()}
    if (
        status != 303
        or f"{location.scheme}://{location.netloc}{location.path}" != CALLBACK
        or "code" not in answer
    ):
        raise Failed(f"the browser was answered {status}, and sent to {location.path or 'nowhere'}")
    form = {
        "grant_type": "authorization_code",
        "code": rehearsal.hide(answer["code"]),
        "redirect_uri": CALLBACK,
        "client_id": application["id"],
        "client_secret": application["secret"],
        "code_verifier": verifier,
    }
    status, _, tokens = _send(rehearsal, "POST", "/oauth2/token", urlencode(form), Content_Type=FORM)
    if status != 200:
        raise Failed(f"the code was answered {status}: {tokens.get('error')}")
    bearer = f"Bearer {rehearsal.hide(tokens['access_token'])}"
    status, _, person = _send(rehearsal, "GET", "/oauth2/userinfo", Authorization=bearer)
    if (status, person.get("email")) != (200, ADA):
        raise Failed(f"userinfo was answered {status}, of another person than who signed in")
    return {"issuer": answer["iss"], "scope": tokens["scope"]}


def _application(rehearsal: Rehearsal) -> dict[str, str]:
    """A client of the owner's own, whose people are not asked for their consent."""
    client = {"type": "confidential", "name": "Rehearsed", "redirect_uris": [CALLBACK], "first_party": True}
    client["token_endpoint_auth_method"] = "client_secret_post"
    created = expect(rehearsal.admin.call("POST", "/clients", client), 201, what="creating a client")
    return {"id": created["id"], "secret": rehearsal.hide(created["secret"])}


def _cookies(rehearsal: Rehearsal) -> str:
    """What a browser brings in which the person has signed in. Raises Failed where a cookie did not get through."""
    signing_in = json.dumps({"email": ADA, "password": PASSWORD, "browser": True})
    origin = urlsplit(rehearsal.stage.settings["PUBLIC_URL"])
    status, headers, _ = _send(
        rehearsal,
        "POST",
        "/sessions",
        signing_in,
        Content_Type="application/json",
        Origin=f"{origin.scheme}://{origin.netloc}",
    )
    cookies: SimpleCookie = SimpleCookie()
    for line in headers.get_all("Set-Cookie", []):
        cookies.load(line)
    lost = [name for name in IN_A_BROWSER if name not in cookies]
    if status != 201 or lost:
        raise Failed(f"signing in was answered {status}", lost_cookies=lost)
    return "; ".join(f"{name}={rehearsal.hide(morsel.coded_value)}" for name, morsel in cookies.items())


def _send(
    rehearsal: Rehearsal, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, Mapping[str, Any]]:
    """The status, headers and JSON of an answer that is not followed, as `tools.api` follows redirects."""
    url = urlsplit(rehearsal.api.url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if rehearsal.api.host:
        sent["Host"] = rehearsal.api.host
    connection = kind(url.netloc, timeout=SECONDS)
    try:
        connection.request(method, f"{url.path}{path}", body, sent)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, answer.headers, json.loads(text) if text else {}
    finally:
        connection.close()
