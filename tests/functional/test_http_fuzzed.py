"""Whatever a client sends, by any route, the answer is no failure of ours: every header, path, query and body, at its
strangest. A 5xx that anybody can have at will rings the alarm at will.

Derived from the declarations, so that a new route, path parameter or field is in it at once.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app import app as whole_app
from chalicelib.core.aws import telemetry
from chalicelib.core.http.declarations import ANYONE, FORM, MERGE_PATCH, routes_of
from chalicelib.core.http.replies import JSON
from chalicelib.core.settings import settings
from tests.authenticator import Authenticator, Passkey
from tests.builders import PASSWORD, a_user
from tests.functional.apps import Answer, ApiClient, blueprints, client_of
from tests.functional.importing import StateMachines
from tests.functional.operated import functions, measured
from tests.functional.serial import one_call_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.http.declarations import Route
    from tests.cloudlike import Cloud

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Generating overly large repr")]

ROUTES = sorted(routes_of(whole_app), key=lambda route: (route.path, route.method))
OPEN = [route for route in ROUTES if route.declaration.who is ANYONE]

DIGITS = (
    "0",
    "-1",
    "7",
    "\u00b2",
    "\u0661",
    "9" * 18,
    "9" * 400,
    "9" * 5000,
    "1e999",
    "0x1",
    "1_0",
    "NaN",
    " 1",
    "1.0",
)
ARABIC = "\u0661"
"""A one that Python takes for a digit, as it does U+00B2 in part."""

ODD = (
    *(
        "",
        " ",
        "\x00",
        "\x7f",
        "\u00ff",
        "\u0100",
        "\ud800",
        "\ufffe",
        "\u202e",
        "\r\nX: y",
        "'",
        '"',
        "\\",
        "%",
        "..",
        "\U0001f600",
    ),
    *(
        "x" * 200,
        "x" * 1025,
        "x" * 2000,
        "x" * 2049,
        "x" * 3000,
        "x" * 9000,
        "\u00e9" * 1000,
        "\ufdfa" * 256,
        "null",
        "[]",
        "{}",
    ),
)
TEXTS = st.sampled_from((*DIGITS, *ODD)) | st.text(max_size=30)


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ"
AUTHORIZATIONS = st.one_of(
    st.sampled_from(
        ["", "Bearer", "Bearer ", "bearer  x", "Basic", "Basic \u00ff", "Basic a", "Basic ====", "Digest x"]
    ),
    TEXTS.map("Bearer {}".format),
    TEXTS.map("Basic {}".format),
    st.builds(lambda name, secret: _basic(f"{name}:{secret}"), TEXTS, TEXTS),
    st.sampled_from(["a", ":", "\u00ff", "%", "%ff:%ff", "x" * 9000]).map(_basic),
    st.sampled_from(
        ["..", f"{JWT}.{JWT}.", f"{JWT}..x", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", f"{'W' * 9000}.W.W"]
    ).map("Bearer {}".format),
)
TAGS = st.builds(
    "{}{}{}".format, st.sampled_from(['"', 'W/"', "", '""', '"1", "']), TEXTS, st.sampled_from(['"', ""])
)
COOKIES = st.lists(
    st.builds(
        "{}={}".format,
        st.sampled_from(["__Host-rollcall_refresh", "__Host-rollcall_device", "a", ""]),
        TEXTS,
    ),
    max_size=3,
).map("; ".join)
FORWARDED = st.lists(
    st.sampled_from(["10.0.0.1", "::1", "1.2.3", "fe80::1%eth0", "[::1]:80", "\u0661", "", "x" * 9000])
).map(", ".join)
HEADERS = {
    "Accept": TEXTS | st.sampled_from(["*/*", "image/png", "application/octet-stream", ";q=", "a/b;q=\u00b2"]),
    "Accept-Language": TEXTS,
    "Cookie": COOKIES | TEXTS,
    "Idempotency-Key": TEXTS,
    "If-Match": TAGS | TEXTS,
    "If-None-Match": TAGS | TEXTS,
    "Origin": TEXTS | st.sampled_from(["https://app.example", "https://rollcall.example", "null"]),
    "Traceparent": TEXTS | st.sampled_from([f"00-{'1' * 32}-{'1' * 16}-01", f"00-{ARABIC * 32}-{'1' * 16}-01"]),
    "User-Agent": TEXTS,
    "X-Amzn-Trace-Id": TEXTS
    | st.sampled_from(["Root=1-00000000-" + "0" * 24 + ";Parent=" + "0" * 16 + ";Sampled=1"]),
    "X-Forwarded-For": FORWARDED | TEXTS,
}
MEDIA = (
    st.sampled_from([JSON, MERGE_PATCH, FORM])
    | st.sampled_from(["", ";", "text/plain", "application/json;charset=\u00ff"])
    | TEXTS
)

RAW_PATHS = (
    "%00",
    "%FF",
    "%",
    "%zz",
    "%ED%A0%80",
    "%2F",
    "%2E%2E",
    "%0A",
    "%C2%B2",
    "%EF%BF%BF",
    "%E2%80%AE",
    "+",
    "|",
    "a%7Cb",
)
LONG_PATHS = (
    *("x" * length for length in (1024, 1025, 1364, 1365, 2047, 2048, 2049, 3000)),
    *("%C3%A9" * 1025, "%F0%9F%98%80" * 700),
)
NAMES = {
    "client_id": ["C1"],
    "event_type": ["user.updated"],
    "file": ["app.js"],
    "folder": ["account"],
    "key": ["note"],
    "page": ["confirm"],
    "session_id": ["S1"],
    "user_id": ["U1", "U2"],
    "version": ["1"],
}
PLAUSIBLE: dict[str, list[Any]] = {
    "birthdate": ["1990-01-31", "0001-01-01", "9999-12-31"],
    "code": ["ABCDE-FGHJK", "123456"],
    "content": ["users", "items"],
    "created_after": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00+14:00"],
    "created_before": ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"],
    "client_id": ["C1"],
    "cursor": ["AAAA", "x" * 400],
    "email": ["u1@people.example", "U2@PEOPLE.example", "nobody@people.example", "j\u00f6rg@people.example"],
    "from": ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
    "grant_type": ["client_credentials"],
    "limit": ["1", "200"],
    "locale": ["de", "zh-Hant-TW"],
    "new_password": [PASSWORD, "violet otter sings at noon"],
    "current_password": [PASSWORD],
    "password": [PASSWORD, "violet otter sings at noon", "\ufdfa" * 256],
    "otp": ["123456", "\u0661\u0662\u0663\u0664\u0665\u0666"],
    "roles": [["support"], ["admin"], ["x" * 64]],
    "since": ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
    "subject": ["U1"],
    "time": ["2026-03-01T11:59:59.500Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999Z"],
    "to": ["2020-01-02T00:00:00Z", "9999-12-31T23:59:59-14:00"],
    "types": [["user.updated"], ["user.*"]],
    "until": ["2020-01-02T00:00:00Z", "9999-12-31T23:59:59-14:00"],
    "url": ["https://93.184.215.14/", "https://[::1]/", "https://\u00b2/", "https://x:99999/"],
}
CREDENTIAL = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXTS,
        "rawId": TEXTS,
        "type": st.just("public-key") | TEXTS,
        "response": st.fixed_dictionaries(
            {},
            optional={
                name: TEXTS | st.none() | st.integers()
                for name in (
                    "clientDataJSON",
                    "attestationObject",
                    "authenticatorData",
                    "signature",
                    "userHandle",
                    "transports",
                )
            },
        )
        | TEXTS,
    },
)


def _nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


NUMBERS = st.sampled_from([0, -1, 2**53, 10**38, -(10**400), 0.1, 1e308, 1e-320])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXTS, part, max_size=3),
    max_leaves=5,
) | st.sampled_from([16, 33, 101, 190]).map(_nested)

BARE = st.sampled_from(
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{" * 3000,
        b"[" * 90_000,
        b'{"a":' * 90_000,
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": -' + b"9" * 5000 + b"}",
        b'{"limit": 1e999}',
        b'{"name": "\\ud800"}',
        b'{"name": "\\u0000"}',
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b'{"": 1}',
        b"&&&=&=",
        b"a=%ff%",
        b"client_id=\xff&grant_type=%00",
    ]
)


def of_field(name: str) -> st.SearchStrategy[Any]:
    """Values of a field: what would do, most of the time, so that a body comes further than its validation."""
    plausible = PLAUSIBLE.get(name)
    good = CREDENTIAL if name in {"response", "passkey"} else st.sampled_from(plausible) if plausible else TEXTS
    return st.one_of(good, good, VALUES)


def fields_of(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


@st.composite
def requests(draw: st.DrawFn, route: Route, names: dict[str, list[str]]) -> tuple[str, dict[str, str], bytes]:
    """A request to a route: its path with a query, headers and body."""
    chosen = st.one_of(
        *[st.sampled_from(LONG_PATHS), st.sampled_from(RAW_PATHS)],
        TEXTS.map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    )
    path = re.sub(
        r"{(\w+)}",
        lambda found: draw(st.sampled_from(names.get(found[1], ["01NONE"])) | chosen, label=found[1]) or "x",
        route.path,
    )
    query = draw(
        st.fixed_dictionaries({}, optional={name: of_field(name) for name in fields_of(route.declaration.query)})
        | st.dictionaries(TEXTS, TEXTS, max_size=2),
        label="query",
    )
    written = "&".join(
        quote(str(part).encode("utf-8", "surrogatepass"), safe="=")
        for part in (f"{name}={value}" for name, value in query.items())
    )
    headers = draw(st.fixed_dictionaries({}, optional=HEADERS), label="headers")
    body = b""
    if route.declaration.body:
        good = {name: of_field(name) for name in fields_of(route.declaration.body)}
        document = st.fixed_dictionaries(good) | st.fixed_dictionaries({}, optional=good)
        body = draw(document.map(_json) | document.map(_json) | BARE, label="body")
        headers["Content-Type"] = draw(
            st.just(route.declaration.media_types[0]) | st.just(route.declaration.media_types[0]) | MEDIA,
            label="kind",
        )
    return f"{path}?{written}" if written else path, headers, body


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.fixture
def world(aws: Cloud, held_clock: object) -> Iterator[World]:
    """A stage with a thing for every path to name, and all areas for whoever may do everything."""
    held = settings.held(registrations_per_hour=1_000_000, trusted_proxies=1)
    rotations = {name: lambda _: None for name in ("rotate_signing_key", "rotate_app_keys")}
    with held, functions(**rotations), measured({}):
        yield filled(aws)


def filled(aws: Cloud) -> World:
    made = World(aws, ApiClient(*blueprints()), a_user(id="U1", email="u1@people.example", password=PASSWORD))
    a_user(id="U2", email="u2@people.example", password=PASSWORD)
    StateMachines(aws)  # which exports and retries start
    client = made.client
    client.sign_in("U1", "admin", second_factor=True, user=made.person)
    client.call("PUT", "/me/items/note", {"item_value": 1})
    hook = client.call("POST", "/webhooks", {"url": "https://93.184.215.14/"}).body["id"]
    delivery = client.call("POST", f"/webhooks/{hook}/test", {}).body["id"]
    machine = client.call("POST", "/clients", {"name": "reader", "roles": ["service"]}).body["id"]
    made.names = {**NAMES, "webhook_id": [hook], "delivery_id": [delivery], "client_id": [machine]}
    return made


@dataclass
class World:
    cloud: Cloud
    client: ApiClient
    person: dict[str, Any]
    names: dict[str, list[str]] = field(default_factory=dict)

    def called(self, route: Route, request: tuple[str, dict[str, str], bytes]) -> Answer:
        """The answer to somebody who may do everything, and is there whatever was done before."""
        path, headers, body = request
        self.cloud.put("users", self.person)
        roles = ("admin", "support", "service")
        self.client.sign_in("U1", *roles, second_factor=True, user=self.person)
        return self.client.call(route.method, path, body, **headers)


def check(answer: Answer) -> None:
    """No failure of ours, and an error says what is wrong."""
    assert answer.status < 500, answer
    if answer.status >= 400:
        kind = answer.headers["Content-Type"]
        assert kind == "application/problem+json" or "error" in answer.body, answer
    assert all(re.fullmatch("[\x20-\x7e]*", str(value)) for value in answer.headers.values())


many = examples(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def titled(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=titled)
@many
@given(data=st.data())
def test_whatever_is_sent_by_whoever_may_is_no_failure(world, route, data):
    with one_call_at_a_time():
        check(world.called(route, data.draw(requests(route, world.names))))


@pytest.mark.parametrize("route", OPEN, ids=titled)
@many
@given(data=st.data())
def test_whatever_a_stranger_sends_is_no_failure(world, route, data):
    path, headers, body = data.draw(requests(route, world.names))
    world.client.sign_out()
    headers["Authorization"] = data.draw(AUTHORIZATIONS, label="authorization")
    check(world.client.call(route.method, path, body, **headers))


@many
@given(authorization=AUTHORIZATIONS)
def test_no_authorization_is_a_failure(aws, authorization):
    with client_of(whole_app) as client:
        answer = client.http.get("/me", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json_body["title"]) == (401, "Not signed in")


STRANGE_HEADERS = {
    "Accept": ["", "image/png", ";q=", "a/b;q=\u00b2", "\x00", "x" * 9000],
    "Cookie": [
        "=",
        ";;;",
        "__Host-rollcall_refresh=\u00b2",
        "__Host-rollcall_refresh=..",
        "__Host-rollcall_device=\ud800",
        "x" * 9000,
    ],
    "Content-Type": [None, "APPLICATION/JSON ; charset=\u00b2", None],
    "Idempotency-Key": [None, "\u00ff", None, "\ud800", None, "x" * 9000, None, "\x00", None, "k"],
    "If-Match": [f'"{digits}"' for digits in DIGITS]
    + ['W/"1"', '"1", "2"', "*, *", '"', '""', "1", "\x00", "x" * 9000],
    "If-None-Match": ['"', ",,,", "W/", "W/*", '"1", W/"2"', "\ud800", "x" * 9000],
    "Origin": ["null", "https://\u00b2", "https://app.example", "://", "x" * 9000],
    "Traceparent": ["00-" + ARABIC * 32 + "-" + "1" * 16 + "-01", "00", "\ud800", "x" * 9000],
    "User-Agent": ["\ud800", "\x00", "\u202e", "x" * 9000],
    "X-Amzn-Trace-Id": [
        "Root=",
        "Root=1-" + ARABIC * 8 + "-" + "0" * 24 + ";Parent=" + "0" * 16,
        "\ud800",
        "x" * 9000,
    ],
    "X-Forwarded-For": [
        "",
        ",",
        "\u0661.1.1.1",
        "fe80::1%eth0",
        "[::1]:80",
        "999.1.1.1",
        "::ffff:1.2.3.4",
        "x" * 9000,
        "1," * 3000,
    ],
}


def timed_of(route: Route) -> list[str]:
    """The fields of a route that hold a time or a date."""
    return [
        name for name in (*fields_of(route.declaration.query), *fields_of(route.declaration.body)) if name in TIMED
    ]


def good_body(route: Route) -> bytes:
    """What comes through validation, as far as that can be told of all routes alike."""
    wanted = {
        field.alias or name: field.is_required() for name, field in route.declaration.body.model_fields.items()
    }
    one = next((name for name in ("name", "description") if name in wanted), None)
    names = [name for name, required in wanted.items() if required or name == one]
    fields = {name: PLAUSIBLE.get(name, ["ada"])[0] for name in names}
    if route.declaration.media_types == (FORM,):
        return urlencode(fields).encode()
    return _json({**fields, **{name: {} for name in fields.keys() & {"response"}}})


@pytest.mark.parametrize("route", ROUTES, ids=titled)
def test_no_header_is_a_failure_at_any_route(world, route):
    """Every strange value of each, with a request that is good otherwise."""
    path = re.sub(r"{(\w+)}", lambda found: world.names.get(found[1], ["01NONE"])[0], route.path)
    body = good_body(route) if route.declaration.body else b""
    for turn in range(max(map(len, STRANGE_HEADERS.values()))):
        headers = {name: values[turn % len(values)] for name, values in STRANGE_HEADERS.items()}
        given_headers = {"Content-Type": route.declaration.media_types[0]} | {
            name: text for name, text in headers.items() if text is not None
        }
        with one_call_at_a_time():
            check(world.called(route, (path, given_headers, body)))


TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.001Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "0000-01-01T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2024-02-29T24:00:00+24:00",
    "-62135596800",
)
"""The first and the last that there are, and what is just no more a time."""

TIMED = {"after", "at", "birthdate", "created_after", "created_before", "from", "time", "to"}


@pytest.mark.parametrize("route", [route for route in ROUTES if TIMED & {*timed_of(route)}], ids=titled)
def test_no_time_is_a_failure_at_any_route(world, route):
    path = re.sub(r"{(\w+)}", lambda found: world.names.get(found[1], ["01NONE"])[0], route.path)
    body = json.loads(good_body(route)) if route.declaration.body else {}
    for name, time in itertools.product(timed_of(route), TIMES):
        in_query = name in fields_of(route.declaration.query)
        asked = f"{path}?{name}={quote(time)}" if in_query else path
        sent = b"" if route.declaration.body is None else _json(body if in_query else {**body, name: time})
        with one_call_at_a_time():
            check(world.called(route, (asked, {"Content-Type": route.declaration.media_types[0]}, sent)))


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=titled)
def test_no_path_is_a_failure_at_any_route(world, route):
    """Every strange name, with a request that is good otherwise: it is not there, or no name."""
    kind = {"Content-Type": route.declaration.media_types[0]}
    body = good_body(route) if route.declaration.body else b""
    for name in (
        *RAW_PATHS,
        *LONG_PATHS,
        *(quote(text.encode("utf-8", "surrogatepass"), safe="") for text in ODD if text),
    ):
        with one_call_at_a_time():
            check(world.called(route, (re.sub(r"{\w+}", name, route.path), kind, body)))


UNICODE = TEXTS.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
"""What a body of JSON may hold: one with half a surrogate pair is no JSON in UTF-8."""

PASSKEY_IDS = st.binary(max_size=80) | st.sampled_from([64, 384, 385, 1023, 1024, 1500, 2000, 9000]).map(bytes)


@many
@given(
    passkey_id=PASSKEY_IDS, handle=st.none() | st.binary(max_size=100), transports=st.lists(UNICODE, max_size=2)
)
@example(passkey_id=b"i" * 2000, handle=b"h", transports=[])
def test_a_passkey_of_any_id_that_nobody_registered_is_refused(world, passkey_id, handle, transports):
    """By anybody, with a true challenge: the id is looked up, however long it is."""
    world.client.sign_out()
    options = world.client.call("POST", "/sessions/passkey/options").body
    made = Authenticator()
    key = Passkey(passkey_id, options["rpId"], handle or b"", ec.generate_private_key(ec.SECP256R1()))
    answered = made.get(options, key)
    answered["response"]["transports"] = transports
    answer = world.client.call("POST", "/sessions/passkey", {"response": answered})
    assert (answer.status, answer.body["title"]) == (401, "Not signed in")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", LONG_PATHS[-4:], ids=len)
def test_an_id_that_is_longer_than_any_key_costs_no_read(world, method, name):
    world.client.sign_in("U1", "admin", second_factor=True, user=world.person)
    with telemetry.recording() as calls:
        answer = world.client.call(method, f"/users/{name}", {"name": "Ada"} if method == "PATCH" else None)
    assert (answer.status, answer.body["title"], calls.names) == (404, "Not found", [])
