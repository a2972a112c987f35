"""What every answer tells browsers, whoever makes it, and that what is linked to is found however the link was touched.

Derived from the declarations, so that a new route is in it at once.
"""

from __future__ import annotations

import re

import pytest
from chalice import Blueprint
from pydantic import BaseModel, ConfigDict

from app import app
from chalicelib.accounts.routes import accounts
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.routing import ANYONE, AnyQuery, Reply, declares
from chalicelib.core.http.security_headers import SECURITY_HEADERS
from chalicelib.directory.routes import directory
from chalicelib.insights.routes import insights
from infra.api import GATEWAY_ERRORS, overrides
from infra.stage import Stage
from tests.cloudlike import stage
from tests.functional.apps import ApiClient, client_of
from tests.functional.test_route_matrix import NAMES

ROUTES = sorted(routes_of(app), key=lambda route: (route.path, route.method))

LINKED = [route for route in ROUTES if route.method == "GET" and route.declaration.who is ANYONE]
"""What anyone may open by a link."""

TRACKED = "utm_source=mail&fbclid=x&gclid=y&_hsenc=z&mc_eid=%C2%B2&=&%ff"

OF_NOBODY = {
    "/oauth2/authorize": {303},
    "/oauth2/logout": {303},
    "/oauth2/userinfo": {401},
    "/sessions/connections/{connection_id}": {404},
    "/sessions/connections/{connection_id}/callback": {410},
}
"""What is answered to who brings nothing: the page that says so, a challenge, and that there is no such thing."""

LARGE = Blueprint(__name__)


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


@LARGE.route("/large", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Anything, 303: None})
def read_much(_request):
    """Answer by a link."""
    return {"text": "x" * 5_000_000}


@LARGE.route("/fails", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={204: None})
def fail(_request):
    """Fail."""
    raise KeyError


@LARGE.route("/own", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Anything})
def say_otherwise(_request):
    """Answer with a policy of its own, in another spelling."""
    return Reply({}, headers={"content-security-policy": "default-src 'self'"})


@pytest.fixture(scope="module")
def whole():
    """The whole app, on one stage: nothing here changes anything."""
    with stage(), client_of(app) as client:
        yield client.http


def titled(route):
    return f"{route.method} {route.path}"


def path_of(route):
    named = {
        "page": "confirm",
        "folder": "account",
        "file": "app.js",
        "version": "1",
        "event_type": "user.updated",
    }
    return re.sub(r"{(\w+)}", lambda parameter: {**NAMES, **named}[parameter[1]].replace(" ", "-"), route.path)


def check(headers):
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = [part.strip() for part in headers["Content-Security-Policy"].split(";")]
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert ("sandbox" in policy) == (not headers.get("Content-Type", "").startswith("text/html"))


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=titled)
def test_every_route_answers_and_refuses_with_the_headers_that_browsers_heed(whole, route):
    """Without a token, so most are refused; its preflight, and a method that the path has not."""
    body = b"[" if route.declaration.body else b""
    for method in (*route.methods, "OPTIONS", "TRACE"):
        answer = whole.request(method, path_of(route), headers={"Content-Type": "application/json"}, body=body)
        assert answer.status_code in {200, 204, 302, 303, 400, 401, 404, 405, 410, 415}, (method, answer.body)
        check(answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/large", 303), ("HEAD", "/large", 303), ("GET", "/fails", 500), ("PUT", "/fails", 405)],
)
def test_links_to_answers_and_errors_have_them_too(aws, method, path, status):
    answer = ApiClient(LARGE).call(method, path)
    assert answer.status == status
    check(answer.headers)


def test_what_has_not_changed_has_them_too(whole):
    tag = whole.get("/account").headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", W/{tag}', "*"):
        answer = whole.get("/account", headers={"If-None-Match": known})
        assert (answer.status_code, answer.body) == (304, b"")
        check({**answer.headers, "Content-Type": "text/html"})


def test_a_policy_of_an_answer_s_own_stands():
    headers = ApiClient(LARGE).call("GET", "/own").headers
    assert headers["content-security-policy"] == "default-src 'self'"
    assert "Content-Security-Policy" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", GATEWAY_ERRORS)
def test_what_api_gateway_answers_by_itself_has_them_too(kind):
    made = overrides(Stage("prod", {}))["Properties"]["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]
    said = made[kind]["responseParameters"]
    headers = {name.removeprefix("gatewayresponse.header."): value[1:-1] for name, value in said.items()}
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    check(headers)


@pytest.mark.slow
@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=titled)
def test_head_is_answered_wherever_get_is(whole, route):
    read, head = (whole.request(method, path_of(route)) for method in ("GET", "HEAD"))
    assert (head.status_code, head.body) == (read.status_code, b"")
    varying = {"X-Request-Id"}
    assert {name: value for name, value in head.headers.items() if name not in varying} == {
        name: value for name, value in read.headers.items() if name not in varying
    }


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_options_names_every_method_of_the_path(whole, path):
    (route, *_) = (route for route in ROUTES if route.path == path)
    answer = whole.request("OPTIONS", path_of(route))
    methods = [method for route in ROUTES if route.path == path for method in route.methods]
    assert sorted(answer.headers["Allow"].split(", ")) == sorted([*methods, "OPTIONS"])


@pytest.mark.parametrize("route", LINKED, ids=titled)
def test_a_link_leads_where_it_led_whatever_trackers_wrote_into_it(whole, route):
    plain, tracked = whole.get(path_of(route)), whole.get(f"{path_of(route)}?{TRACKED}")
    assert (tracked.status_code, tracked.body) == (plain.status_code, plain.body)
    assert plain.status_code in OF_NOBODY.get(route.path, {200, 302})


def test_what_is_linked_to_are_pages_documents_and_keys():
    paths = {route.path for route in LINKED}
    assert paths >= {"/account", "/account/{page}", "/docs", "/openapi.json", "/health", "/.well-known/jwks.json"}


@pytest.mark.parametrize("path", ["/users?utm_source=mail", "/me?fbclid=x", "/insights?_hsenc=z"])
def test_what_is_for_programs_stays_strict(path):
    client = ApiClient(accounts, directory, insights)
    client.sign_in("U1", "admin")
    assert client.call("GET", path).status == 422
