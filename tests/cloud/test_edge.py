"""The strict edge does what API Gateway does, and the deployed API holds behind it."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from tests.cloud.edge import ANSWER_BYTES, REQUEST_BYTES, Backend, Gateway, strict_edge
from tests.cloud.people import register
from tests.cloud.stage import eventually
from tests.serving import served
from tools.api import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

ERRORS = {
    kind: {
        "responseParameters": {
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
            "gatewayresponse.header.X-Request-Id": "context.requestId",
        },
        "responseTemplates": {"application/json": json.dumps({"title": kind})},
    }
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX", "INTEGRATION_TIMEOUT", "REQUEST_TOO_LARGE")
} | {
    "MISSING_AUTHENTICATION_TOKEN": {
        "statusCode": "404",
        "responseParameters": {},
        "responseTemplates": {"application/json": '{"title": "MISSING_AUTHENTICATION_TOKEN"}'},
    }
}
GATEWAY = Gateway({"/users": {"get": {}}, "/users/{id}": {"get": {}, "put": {}}}, ERRORS)


@contextmanager
def backend() -> Iterator[Backend]:
    """Decodes paths, as the local cloud does, and answers what it is asked for in the query."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, asked = self.path.partition("?")
            if asked == "hang":
                over.wait(30)
            body = b"x" * (ANSWER_BYTES + 1) if asked == "long" else unquote(path).encode()
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Bearer")
            self.send_header("X-Host", self.headers["Host"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        try:
            yield Backend(server.server_port, "x.execute-api.localhost")
        finally:
            over.set()


@pytest.fixture(scope="module")
def edge():
    with backend() as behind, strict_edge(GATEWAY, behind, seconds=0.5) as url:
        yield Api(url)


def test_a_challenge_comes_under_another_name(edge):
    answer = edge.call("GET", "/users")
    assert answer.status == 401
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Bearer"
    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["X-Host"] == "x.execute-api.localhost"


@pytest.mark.parametrize("sent", ["auth0%7C5f", "a%2Fb", "100%25", "a+b"])
def test_a_path_is_handed_on_as_it_came(edge, sent):
    assert edge.call("GET", f"/users/{sent}").body == f"/api/users/{sent}"


@pytest.mark.parametrize("sent", ["/nowhere", "/users/1/2", "/users/", "/Users"])
def test_an_unknown_path_is_not_found_and_forbidden_to_a_bearer(edge, sent):
    assert edge.call("GET", sent).status == 404
    refused = Api(edge.url, token="t").call("GET", sent)
    assert (refused.status, refused.body) == (403, {"title": "DEFAULT_4XX"})


def test_so_is_an_unknown_method_of_a_path(edge):
    assert [edge.call(method, "/users").status for method in ("POST", "DELETE")] == [404, 404]


def test_a_body_above_ten_megabytes_goes_nowhere(edge):
    assert edge.call("PUT", "/users/1", b"x" * REQUEST_BYTES).status == 401
    assert edge.call("PUT", "/users/1", b"x" * (REQUEST_BYTES + 1)).status == 413


def test_an_answer_above_six_megabytes_is_none(edge):
    assert edge.call("GET", "/users?long").status == 502


def test_an_answer_that_takes_too_long_is_none(edge):
    answer = edge.call("GET", "/users?hang")
    assert answer.status == 504
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"].count("-") == 4


def is_problem(answer) -> bool:
    told = answer.headers["Content-Type"] == "application/problem+json" and answer.headers["X-Request-Id"]
    return bool(told) and answer.body.keys() >= {"type", "title"}


def test_what_the_edge_says_by_itself_is_a_problem_document(deployed):
    for status, answer in [
        (404, deployed.anyone.call("GET", "/nowhere")),
        (403, deployed.admin.call("GET", "/nowhere")),
        (413, deployed.anyone.call("POST", "/users", b"x" * (REQUEST_BYTES + 1))),
    ]:
        assert answer.status == status
        assert is_problem(answer), answer


def test_a_token_that_does_not_hold_is_told_by_the_type_of_the_problem(deployed):
    answer = Api(deployed.anyone.url, token="x.y.z").call("GET", "/me")
    assert (answer.status, answer.body["type"]) == (401, "invalid-token")
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert Api(deployed.anyone.url).call("GET", "/me").body["type"] == "about:blank"


@pytest.mark.parametrize("user_id", ["auth0|5f7c8ec7c33c6c004bbafe82", "a+b=c~d"])
def test_whoever_was_imported_under_any_id_is_found_by_it(deployed, user_id):
    path = f"/users/{quote(user_id, safe='')}"
    deployed.drop("imports/ids.json", json.dumps([{"id": user_id, "name": "Imported", "age": 30}]).encode())
    eventually(lambda: deployed.admin.call("GET", path).status == 200, f"the import of {user_id}")
    assert deployed.admin.call("GET", path).body["id"] == user_id
    changed = deployed.admin.call("PATCH", path, {"name": "Changed"})
    assert (changed.status, changed.body["name"]) == (200, "Changed")


def test_a_key_of_an_item_is_found_however_it_was_sent(deployed):
    person = register(deployed, "keys@example.com")
    assert person.call("PUT", "/me/items/a%3Ab", {"item_value": 1}).status in {200, 201}
    assert person.call("GET", "/me/items/a:b").body["item_value"] == 1


def test_a_preflight_is_answered(deployed):
    port = int(deployed.anyone.url.rpartition(":")[2])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("OPTIONS", "/me")
        assert connection.getresponse().status == 204
