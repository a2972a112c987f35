"""Clients of machines and of applications, and their tokens, through the deployed stage."""

from __future__ import annotations

import base64
import http.client
import json
from urllib.parse import parse_qs, urlencode, urlsplit

from chalicelib.core import clock
from chalicelib.core.http.declarations import FORM
from chalicelib.oauth import client_rules
from chalicelib.sessions import cookies
from tests.cloud.devices import as_client, signed_in
from tests.cloud.people import PASSWORD, recent_administrator, register
from tests.cloud.stage import eventually, schedule_event
from tests.functional.relying_party import answer_in, challenge_of, claims_of, fragment_of
from tools.api import Api


def test_a_machine_from_its_client_to_its_removal(deployed):
    admin = recent_administrator(deployed)
    made = admin.call("POST", "/clients", {"name": "billing", "roles": ["service"]})
    assert made.status == 201, made.body
    client_id, secret = made.body["id"], made.body["secret"]
    listed = eventually(lambda: admin.call("GET", "/clients").body["items"], "the client in the list")
    assert client_id in [client["id"] for client in listed]
    assert admin.call("GET", f"/clients/{client_id}").headers["ETag"] == '"1"'

    machine = Api(deployed.anyone.url, token(deployed, client_id, secret), deployed.anyone.host)
    item = {"user_id": "01NOBODY", "item_id": "i-1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    assert machine.call("POST", "/items", {"items": [item]}).status == 202
    assert machine.call("GET", "/me").status == machine.call("GET", "/clients").status == 403

    rotated = admin.call("POST", f"/clients/{client_id}/rotate", {"grace_seconds": 600})
    assert rotated.status == 200
    assert token(deployed, client_id, secret)
    assert token(deployed, client_id, rotated.body["secret"])
    assert ask(deployed, client_id, "rcs_wrong").status == 401

    assert admin.call("DELETE", f"/clients/{client_id}").status == 204
    assert machine.call("POST", "/items", {"items": [item]}).status == 401
    refused = ask(deployed, client_id, secret)
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")


def test_the_endpoint_takes_a_form_and_a_header_through_the_gateway(deployed):
    found = deployed.anyone.call("GET", "/.well-known/openid-configuration").body
    assert found["token_endpoint"] == f"{found['issuer']}/oauth2/token"
    basic = "Basic " + base64.b64encode(b"nobody:rcs_wrong").decode()
    form = urlencode({"grant_type": "client_credentials"}).encode()
    answer = deployed.anyone.call("POST", "/oauth2/token", form, Content_Type=FORM, Authorization=basic)
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert deployed.anyone.call("POST", "/oauth2/token", {}).body["error"] == "invalid_request"


def ask(deployed, client_id: str, secret: str):
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return deployed.anyone.call("POST", "/oauth2/token", urlencode(form).encode(), Content_Type=FORM)


def token(deployed, client_id: str, secret: str) -> str:
    answer = ask(deployed, client_id, secret)
    assert answer.status == 200, answer.body
    return str(answer.body["access_token"])


def test_an_application_from_sign_in_to_the_end_of_consent(deployed):
    admin, email = recent_administrator(deployed, "shops-admin@example.com"), "shop-customer@example.com"
    shop = admin.call("POST", "/clients", {**SHOP, "name": "Shop"}).body
    assert admin.call("PATCH", f"/clients/{shop['id']}", {"name": "Store"}).body["version"] == 2
    person = register(deployed, email)
    browser = {"email": email, "password": PASSWORD, "browser": True}
    issuer = deployed.anyone.call("GET", "/.well-known/openid-configuration").body["issuer"]
    entered = sent(deployed.anyone, "POST", "/sessions", browser, Origin=issuer)
    lines = entered.get_all("Set-Cookie", [])
    cookie = next(line for line in lines if line.startswith(cookies.SESSION)).partition(";")[0]

    def send(path: str, **fields: str):
        proof = {"client_id": shop["id"], "client_secret": shop["secret"]}
        return deployed.anyone.call("POST", path, urlencode({**proof, **fields}).encode(), Content_Type=FORM)

    def asked(**parameters: str) -> str:
        """Where a browser in which the person is signed in is led."""
        led = sent(deployed.anyone, "GET", f"/oauth2/authorize?{urlencode(parameters)}", Cookie=cookie)
        return str(led["Location"])

    verifier = "v" * 43
    request = {
        "response_type": "code",
        "client_id": shop["id"],
        "redirect_uri": SHOP["redirect_uris"][0],
        "scope": "openid email offline_access",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    pushed = send("/oauth2/par", **request)
    assert pushed.status == 201, pushed.body
    page = asked(client_id=shop["id"], request_uri=pushed.body["request_uri"])
    allowed = person.call("POST", "/oauth2/consent", {"request": fragment_of(page)["request"], "allow": True})
    code = answer_in(allowed.body["redirect"])["code"]
    exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": request["redirect_uri"]}
    tokens = send("/oauth2/token", **exchange, code_verifier=verifier).body
    told = deployed.anyone.call("GET", "/oauth2/userinfo", Authorization=f"Bearer {tokens['access_token']}")
    assert (told.status, told.body["email"]) == (200, email)
    assert send("/oauth2/introspect", token=tokens["access_token"]).body["active"] is True
    refreshed = send("/oauth2/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.status == 200, refreshed.body
    assert answer_in(asked(**request))["iss"] == issuer
    assert [consent["name"] for consent in person.call("GET", "/me/consents").body["items"]] == ["Store"]
    assert person.call("DELETE", f"/me/consents/{shop['id']}").status == 204
    refused = send("/oauth2/token", grant_type="refresh_token", refresh_token=refreshed.body["refresh_token"])
    assert refused.body["error"] == "invalid_grant"
    assert send("/oauth2/revoke", token=refreshed.body["refresh_token"]).status == 200
    user_id = person.call("GET", "/me").body["id"]
    history = eventually(lambda: told_of(deployed, user_id, "consent.revoked"), "the event of the end of consent")
    assert history["data"]["consent"]["client"] == shop["id"]


def test_an_application_signs_out_and_is_told_and_a_device_signs_in(deployed, receiver):
    """The first time it does not take it: the schedule signs another token, and an administrator a third one."""
    admin, email = recent_administrator(deployed, "logout-admin@example.com"), "leaving-customer@example.com"
    asked = {**SHOP, "name": "Shop", "first_party": True, "backchannel_logout_uri": receiver.url}
    asked |= {"grant_types": ["authorization_code", client_rules.DEVICE_CODE]}
    shop = admin.call("POST", "/clients", asked).body
    person, issuer = register(deployed, email), metadata(deployed)["issuer"]
    browser = {"email": email, "password": PASSWORD, "browser": True}
    lines = sent(deployed.anyone, "POST", "/sessions", browser, Origin=issuer).get_all("Set-Cookie", [])
    cookie = next(line for line in lines if line.startswith(cookies.SESSION)).partition(";")[0]

    signed_in(deployed.anyone, shop, person)

    verifier = "v" * 43
    request = {"response_type": "code", "client_id": shop["id"], "redirect_uri": SHOP["redirect_uris"][0]}
    request |= {"scope": "openid", "code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    led = sent(deployed.anyone, "GET", f"/oauth2/authorize?{urlencode(request)}", Cookie=cookie)["Location"]
    exchange = {"grant_type": "authorization_code", "code": answer_in(led)["code"], "code_verifier": verifier}
    exchange |= {"redirect_uri": request["redirect_uri"]}
    tokens = as_client(deployed.anyone, shop, "/oauth2/token", **exchange).body

    receiver.statuses += [503]
    hint = urlencode({"id_token_hint": tokens["id_token"]})
    ended = sent(deployed.anyone, "GET", f"/oauth2/logout?{hint}", Cookie=cookie)
    assert ended["Location"] == f"{issuer}/account/signed-out"
    eventually(lambda: receiver.received, "the logout token", seconds=60)

    def told_again():
        deployed.invoke("every_five_minutes", schedule_event())
        return len(receiver.received) > 1

    eventually(told_again, "the logout token once more", seconds=60)
    sid = claims_of(tokens["id_token"])["sid"]
    came = [claims_of(parse_qs(body.decode())["logout_token"][0]) for _, body in receiver.received]
    assert [claims["sid"] for claims in came] == [sid] * len(came)
    assert len({claims["jti"] for claims in came}) == len(came)

    def delivered():
        log = admin.call("GET", f"/clients/{shop['id']}/logout-deliveries").body["items"]
        return log[0] if log and log[0]["state"] == "delivered" else None

    entry = eventually(delivered, "the log of what was told")
    path = f"/clients/{shop['id']}/logout-deliveries/{entry['id']}/retry"
    assert admin.call("POST", path).status == 202
    eventually(lambda: len(receiver.received) > len(came), "the retry")


def metadata(deployed):
    return deployed.anyone.call("GET", "/.well-known/openid-configuration").body


SHOP = {
    "type": "confidential",
    "redirect_uris": ["https://shop.example/callback"],
    "scopes": ["openid", "email", "offline_access"],
}


def sent(api: Api, method: str, path: str, body: object = None, **headers: str) -> http.client.HTTPMessage:
    """The headers of an answer, which is not followed where it leads elsewhere."""
    parts = urlsplit(api.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    own = {"Host": api.host or parts.netloc, "Content-Type": "application/json"}
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, parts.path + path, text, {**own, **headers})
        answer = connection.getresponse()
        assert answer.status < 400, answer.read()
        return answer.headers
    finally:
        connection.close()


def told_of(deployed, user_id: str, event_type: str):
    events = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
    return next((event for event in events if event["type"] == event_type), None)
