"""The HTTP edge: every answer that a route's declaration implies."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from botocore.exceptions import ClientError
from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib.core import context
from chalicelib.core.errors import Conflict, NotFound, TooManyRequests
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    FORM,
    PATCHES,
    SIGNED_IN,
    AnyQuery,
    ErrorFormat,
    ListQuery,
    Model,
    Proof,
    Reply,
    declares,
)
from chalicelib.core.settings import settings
from tests.functional.apps import ApiClient

CANARY = "canary@mail.example"
PROBLEM = "application/problem+json"

routes = Blueprint(__name__)
handled: list[str] = []


class Thing(Model):
    name: str = Field(min_length=2)
    size: int


class Shown(BaseModel):
    name: str


@routes.route("/things", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=Thing, answers={201: Shown}, idempotent=True, body_limit=2000)
def add_thing(request):
    """Add a thing."""
    handled.append(request.body.name)
    if request.body.name == "taken":
        raise Conflict("there is one of that name")
    return Reply(Shown(name=request.body.name), headers={"X-Made": str(len(handled))})


@routes.route("/things", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, query=ListQuery, answers={200: Shown})
def list_things(request):
    """List things."""
    return {"name": f"{request.query.limit}"}


@routes.route("/things/{thing_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: Shown, 304: None})
def read_thing(request, thing_id):
    """Read a thing."""
    if thing_id == "none":
        raise NotFound("there is no such thing")
    return Reply({"name": "größe"}, version=3)


@routes.route("/things/{thing_id}", methods=["PATCH"], content_types=[])
@declares(who=ADMIN, body=Thing, answers={200: Shown}, media_types=PATCHES)
def change_thing(request, thing_id):
    """Change a thing."""
    return {"name": str(request.expected_version())}


@routes.route("/things/{thing_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def remove_thing(request, thing_id):
    """Remove a thing."""


@routes.route("/forms", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=Shown, answers={200: Shown}, media_types=(FORM,))
def take_form(request):
    """Take a form."""
    return request.body


class Woe(BaseModel):
    woe: str


def in_woes(error):
    return Reply({"woe": error.title}, 418, error.headers)


@routes.route("/otherwise", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=Thing, answers={204: None}, errors=ErrorFormat(Woe, in_woes))
def fail_otherwise(request):
    """Fail as another standard says."""
    if request.body.name == "throttle":
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": CANARY}}, "PutItem")
    raise KeyError(CANARY)


@routes.route("/fails/{how}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={204: None})
def fail(request, how):
    """Fail."""
    if how == "throttle":
        answer = {"Error": {"Code": "ThrottlingException", "Message": CANARY}}
        raise ClientError(answer, "PutItem")
    if how == "often":
        raise TooManyRequests(7, "too often")
    raise KeyError(CANARY)


@routes.route("/who", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: Shown})
def read_context(request):
    """Say for whom the work is done."""
    known = context.current()
    return {"name": f"{known.request_id} {known.actor}"}


@routes.route("/address", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Shown})
def read_address(request):
    """Say where the request comes from."""
    return {"name": request.source_ip}


@routes.route("/dangers", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None}, proof=Proof.PERSON)
def dare(request):
    """Dare."""


@routes.route("/provisions", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def provide(request):
    """Provide."""


def _weighing(thing):
    """Whatever is heavy wants a second factor."""
    return Proof.SECOND_FACTOR if thing.size > 9 else Proof.RECENT


@routes.route("/burdens", methods=["PUT"], content_types=[])
@declares(who=ADMIN, body=Thing, answers={204: None}, proof=Proof.RECENT, proof_for=_weighing)
def burden(request):
    """Burden."""


@pytest.fixture
def api():
    handled.clear()
    client = ApiClient(routes)
    client.sign_in("U1")
    return client


GOOD = {"name": "lamp", "size": 3}


def refused(answer, status, title=None):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.body["status"] == status
    assert {"type", "title", "status", "detail"} <= set(answer.body)
    assert answer.headers["X-Request-Id"]
    return answer.body


def test_a_good_request_is_answered_as_declared(api):
    answer = api.call("POST", "/things", GOOD)
    assert (answer.status, answer.body) == (201, {"name": "lamp"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Made"] == "1"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"[]",
        b'"text"',
        b"null",
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        '{"name": "lamp", "size": 3}'.encode("utf-16"),
        b"[" * 9000 + b"]" * 9000,
    ],
)
def test_what_is_no_json_object_is_400(api, raw):
    status = 413 if len(raw) > 2000 else 400
    refused(api.call("POST", "/things", raw, Content_Type="application/json"), status)


def test_half_of_a_surrogate_pair_is_refused_by_its_place(api):
    answer = api.call("POST", "/things", b'{"name": "\\ud800"}', Content_Type="application/json")
    assert answer.status == 400
    assert re.search(r"not JSON in UTF-8: .* at line 1 column \d+$", answer.body["detail"])


def test_deep_nesting_is_400_and_no_crash(api):
    raw = b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}"
    refused(api.call("POST", "/things", raw, Content_Type="application/json"), 400)


def test_no_token_and_a_token_that_does_not_hold_are_401(api):
    refused(api.call("GET", "/things", Authorization="Basic dXNlcg=="), 401)
    api.sign_out()
    for headers in ({}, {"Authorization": "Bearer stale"}, {"Authorization": "Bearer"}):
        answer = api.call("GET", "/things", **headers)
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_who_may_not_is_403_before_anything_else_is_looked_at(api):
    assert "admin" in refused(api.call("PATCH", "/things/1", b"{"), 403)["detail"]
    api.sign_in("U1", "admin")
    refused(api.call("PATCH", "/things/1", b"{"), 400)


def test_what_is_not_there_is_404(api):
    assert refused(api.call("GET", "/things/none"), 404)["detail"] == "there is no such thing"


def test_a_method_that_a_path_has_not_is_405(api):
    answer = api.call("PUT", "/things", GOOD)
    assert (answer.status, answer.headers["Content-Type"], answer.body["status"]) == (405, PROBLEM, 405)


def test_too_much_is_413(api):
    refused(api.call("POST", "/things", {**GOOD, "name": "x" * 2000}), 413)


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("POST", "/things", "text/plain"),
        ("POST", "/things", "application/merge-patch+json"),
        ("POST", "/forms", "application/json"),
    ],
)
def test_another_media_type_is_415(api, method, path, media_type):
    refused(api.call(method, path, json.dumps(GOOD).encode(), Content_Type=media_type), 415)


def test_a_media_type_may_carry_parameters_and_a_patch_its_own(api):
    raw = json.dumps(GOOD).encode()
    assert api.call("POST", "/things", raw, Content_Type="Application/JSON; charset=utf-8").status == 201
    api.sign_in("U1", "admin")
    assert api.call("PATCH", "/things/1", raw, Content_Type="application/merge-patch+json").status == 200
    assert api.call("POST", "/forms", b"name=a%20b", Content_Type=FORM).body == {"name": "a b"}


def test_invalid_content_is_422_with_every_wrong_field_and_no_value(api):
    document = refused(api.call("POST", "/things", {"name": "x", "size": "canary", "colour": 1}), 422)
    assert [error["field"] for error in document["errors"]] == ["name", "size", "colour"]
    assert "canary" not in json.dumps(document)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "colour=red"])
def test_a_wrong_query_is_422(api, query):
    refused(api.call("GET", f"/things?{query}"), 422)


@pytest.mark.parametrize(("query", "limit"), [("", "50"), ("?limit=1", "1"), ("?limit=200", "200")])
def test_a_list_has_50_unless_asked(api, query, limit):
    assert api.call("GET", f"/things{query}").body == {"name": limit}


def test_an_etag_names_the_version_and_saves_reading_it_again(api):
    first = api.call("GET", "/things/1")
    assert (first.headers["ETag"], first.body) == ('"3"', {"name": "größe"})
    again = api.call("GET", "/things/1", If_None_Match='"3"')
    assert (again.status, again.body) == (304, "")
    assert api.call("GET", "/things/1", If_None_Match='"2"').status == 200


@pytest.mark.parametrize(("tag", "expected"), [('"7"', "7"), ("*", "None"), (None, "None")])
def test_if_match_names_the_expected_version(api, tag, expected):
    api.sign_in("U1", "admin")
    headers = {"If_Match": tag} if tag else {}
    assert api.call("PATCH", "/things/1", GOOD, **headers).body == {"name": expected}


STRANGE_TAGS = [
    *(
        "7",
        '"x"',
        'W/"7"',
        '""',
        '"7", "8"',
        '"\u00b2"',
        '"\u0661"',
        f'"{"9" * 5000}"',
        '"-1"',
        '"1.0"',
        '"7\n"',
        '"',
    ),
]
"""Those that Python's `isdigit` takes for numbers, and more digits than its `int` takes, among them."""


@pytest.mark.parametrize("tag", STRANGE_TAGS, ids=lambda tag: ascii(tag[:8]))
def test_an_if_match_that_no_version_has_is_412(api, tag):
    api.sign_in("U1", "admin")
    refused(api.call("PATCH", "/things/1", GOOD, If_Match=tag), 412)


def test_nothing_to_say_is_204(api):
    answer = api.call("DELETE", "/things/1")
    assert (answer.status, answer.body) == (204, "")


def test_an_unexpected_error_is_500_and_names_only_the_request(api, caplog):
    answer = api.call("GET", "/fails/badly")
    document = refused(answer, 500)
    assert CANARY not in json.dumps(document)
    assert document["detail"] == "an internal error, logged under this response's X-Request-Id"
    (line,) = [record for record in caplog.records if record.message == "request failed"]
    assert line.request_id == answer.headers["X-Request-Id"]
    assert CANARY not in str(vars(line))


def test_a_service_that_does_not_answer_is_503(api):
    answer = api.call("GET", "/fails/throttle")
    assert CANARY not in json.dumps(refused(answer, 503))
    assert answer.headers["Retry-After"] == "2"


def test_too_often_is_429_and_says_when(api):
    answer = api.call("GET", "/fails/often")
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "7"


def test_the_work_is_done_in_the_name_of_request_and_caller(api):
    answer = api.call("GET", "/who")
    assert answer.body["name"] == f"{answer.headers['X-Request-Id']} U1"


def test_a_request_is_answered_for_itself_whatever_another_thread_does(api):
    """The threads of `chalice local` share the app, and with it what Chalice calls the current request."""

    def meanwhile(event, get_response):
        api.app.current_request = None
        return get_response(event)

    api.app.register_middleware(meanwhile, "http")
    assert api.call("GET", "/things?limit=7").body["name"] == "7"


ORIGIN = "https://app.example"


@pytest.mark.parametrize("path", ["/things/1", "/things/none", "/fails/badly"])
def test_an_allowed_origin_may_read_answers_and_errors(api, path):
    answer = api.call("GET", path, Origin=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil.example"])
def test_another_origin_may_not(api, origin):
    assert "Access-Control-Allow-Origin" not in api.call("GET", "/things/1", Origin=origin).headers


def test_no_cache_gives_an_allowed_origin_what_it_keeps_for_others(api):
    for asked in ({}, {"Origin": "https://evil.example"}, {"Origin": ORIGIN}):
        for method, path in (("GET", "/things/1"), ("GET", "/fails/badly"), ("OPTIONS", "/things/1")):
            assert api.call(method, path, **asked).headers.get("Vary") == "Origin", (asked, method, path)


def test_a_preflight_names_the_methods_of_the_path(api):
    api.sign_out()
    answer = api.call("OPTIONS", "/things/1", Origin=ORIGIN)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, PATCH, DELETE"
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
    assert (
        "Access-Control-Allow-Methods"
        not in api.call("OPTIONS", "/things/1", Origin="https://evil.example").headers
    )


def test_no_request_line_holds_a_body_or_a_token(api, caplog):
    api.call("POST", "/things", {"name": CANARY, "size": 1}, Authorization="Bearer canary-token")
    (line,) = [record for record in caplog.records if record.message == "request"]
    assert (line.method, line.route, line.status) == ("POST", "/things", 201)
    assert "canary" not in str(vars(line))


def test_what_a_stolen_token_must_not_do_wants_a_sign_in_of_the_last_five_minutes(api):
    api.sign_in("U1", seconds_ago=300)
    assert api.call("POST", "/dangers").status == 204
    api.sign_in("U1", seconds_ago=301)
    answer = api.call("POST", "/dangers")
    problem = refused(answer, 401, "Prove again who you are")
    assert problem["type"] == "step-up-required"
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age=300'


def test_a_second_factor_may_be_wanted_for_what_is_in_the_body(api):
    api.sign_in("U1", "admin")
    assert api.call("PUT", "/burdens", GOOD).status == 204
    heavy = {**GOOD, "size": 10}
    problem = refused(api.call("PUT", "/burdens", heavy), 401)
    assert problem["type"] == "step-up-required"
    assert "POST /me/totp" in problem["detail"]
    api.sign_in("U1", "admin", second_factor=True)
    assert api.call("PUT", "/burdens", heavy).status == 204
    api.sign_in("U1", "admin", second_factor=True, seconds_ago=301)
    refused(api.call("PUT", "/burdens", heavy), 401)
    api.be_machine("C1", "admin")
    refused(api.call("PUT", "/burdens", heavy), 403)


def test_of_a_machine_a_fresh_token_is_wanted(api):
    api.be_machine("C1", "admin", seconds_ago=300)
    assert api.call("POST", "/provisions").status == 204
    api.be_machine("C1", "admin", seconds_ago=301)
    answer = api.call("POST", "/provisions")
    problem = refused(answer, 401, "Prove again who you are")
    assert (problem["type"], "POST /oauth2/token" in problem["detail"]) == ("step-up-required", True)
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age=300'


def test_a_machine_is_no_person(api):
    api.be_machine("C1", "admin")
    refused(api.call("GET", "/who"), 403)
    refused(api.call("POST", "/dangers"), 403)
    assert api.call("PATCH", "/things/one", GOOD).status == 200


@pytest.mark.parametrize(
    ("body", "woe"),
    [
        (GOOD, "Internal error"),
        ({**GOOD, "name": "throttle"}, "Temporarily unavailable"),
        ({}, "Invalid content"),
        (b"[", "Malformed request"),
    ],
)
def test_a_route_tells_every_error_in_its_own_format(api, body, woe):
    answer = api.call("POST", "/otherwise", body)
    assert (answer.status, answer.body) == (418, {"woe": woe})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-Id"]


def test_a_form_says_nothing_twice(api):
    answer = api.call("POST", "/forms", b"name=one&name=two", Content_Type=FORM)
    refused(answer, 400)


SECRET = "of the proxy alone"
BY_SECRET = {"proxy_secret_hashes": (hashlib.sha256(SECRET.encode()).hexdigest(),)}


@pytest.mark.parametrize(
    ("proxies", "known", "secret", "counted"),
    [
        (0, BY_SECRET, SECRET, "127.0.0.1"),
        (1, BY_SECRET, SECRET, "203.0.113.9"),
        (1, BY_SECRET, "a guess", "127.0.0.1"),
        (1, BY_SECRET, "", "127.0.0.1"),
        (1, {}, "", "127.0.0.1"),
        (1, {"proxy_networks": ("10.0.0.0/8", "127.0.0.0/8")}, "", "203.0.113.9"),
        (1, {"proxy_networks": ("10.0.0.0/8",)}, "", "127.0.0.1"),
    ],
)
def test_a_client_is_known_by_its_address_before_proxies_that_are_ours(api, proxies, known, secret, counted):
    """Whoever calls past them chooses no address."""
    headers = {"X_Proxy_Secret": secret} if secret else {}
    with settings.held(trusted_proxies=proxies, **known):
        answer = api.call("GET", "/address", X_Forwarded_For="10.0.0.1, 203.0.113.9", **headers)
    assert answer.body == {"name": counted}


@pytest.mark.parametrize(
    "header", ["CloudFront_Viewer_Address", "Forwarded", "X_Real_IP", "True_Client_IP", "Via"]
)
def test_no_other_header_says_whose_request_it_is(api, header):
    with settings.held(trusted_proxies=1, **BY_SECRET):
        answer = api.call("GET", "/address", X_Proxy_Secret=SECRET, **{header: "203.0.113.9"})
    assert answer.body == {"name": "127.0.0.1"}
