"""Probes of the deployed API over HTTP: what API Gateway does to requests and answers."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from tools.rehearse import people
from tools.rehearse.people import expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.api import Answer
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

ORIGIN = "https://pages.example"
"""The origin whose web pages may call the stage, by its setting ALLOWED_ORIGINS."""

NO_GATEWAY_ERRORS = "the local cloud ignores gateway responses, and answers unknown paths in a way of its own"


@step(needs=("deploying",), look="infra/api.py, GATEWAY_ERRORS; the API's log")
def a_refused_token(rehearsal: Rehearsal) -> Evidence:
    """A refused token is answered with 401 and a challenge.

    API Gateway renames `WWW-Authenticate`, so that pages must know it by the problem's type.
    """
    answer = rehearsal.api.call("GET", "/me", Authorization="Bearer no-token-at-all")
    body = expect(answer, 401, what="a refused token")
    names = [name for name in answer.headers if name.lower().endswith("www-authenticate")]
    if not names or not _is_problem(answer):
        raise Failed("the refusal is no problem document with a challenge", headers=list(answer.headers))
    return {"challenge_in": names, "type": body["type"]}


@step(needs=("deploying",), aws_only=NO_GATEWAY_ERRORS, look="infra/api.py, GATEWAY_ERRORS")
def an_unknown_path(rehearsal: Rehearsal) -> Evidence:
    """An unknown path is answered by a problem document.

    Without a token and with one, which API Gateway takes for a signature that it does not understand.
    """
    bare = rehearsal.api.call("GET", "/nothing/of/the/kind")
    bearing = rehearsal.api.call("GET", "/nothing/of/the/kind", Authorization="Bearer x.y.z")
    statuses = {"without_a_token": bare.status, "with_one": bearing.status}
    if not _is_problem(bare) or not _is_problem(bearing):
        raise Failed("one of the answers is no problem document", **statuses)
    if bare.status != 404 or bearing.status not in {403, 404}:
        raise Failed("the statuses are others", **statuses)
    return statuses


@step(needs=("deploying",), look="chalicelib/core/http/cors.py; infra/api.py, GATEWAY_ERRORS")
def errors_carry_cors(rehearsal: Rehearsal) -> Evidence:
    """Errors can be read by the pages of an allowed origin.

    The app's own, and a preflight; and nothing of the kind is told to another origin.
    """
    refused = rehearsal.api.call("GET", "/me", Origin=ORIGIN)
    preflight = rehearsal.api.call(
        "OPTIONS",
        "/me",
        Origin=ORIGIN,
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="authorization",
    )
    stranger = rehearsal.api.call("GET", "/me", Origin="https://elsewhere.example")
    for answer in (refused, preflight):
        if _header(answer, "Access-Control-Allow-Origin") != ORIGIN:
            raise Failed(f"an answer of status {answer.status} allows no origin", headers=list(answer.headers))
    if _header(stranger, "Access-Control-Allow-Origin") not in {"", ORIGIN}:
        raise Failed("another origin is allowed")
    return {"refused": refused.status, "preflight": preflight.status}


@step(needs=("deploying",), aws_only=NO_GATEWAY_ERRORS, look="infra/api.py, GATEWAY_ERRORS")
def gateway_errors_carry_cors(rehearsal: Rehearsal) -> Evidence:
    """What API Gateway answers by itself can be read by pages too.

    Its answer to an unknown path carries the origin, a request id and no permission to be kept.
    """
    answer = rehearsal.api.call("GET", "/nothing", Origin=ORIGIN)
    carried = {
        name: _header(answer, name) for name in ("Access-Control-Allow-Origin", "X-Request-Id", "Cache-Control")
    }
    if carried["Access-Control-Allow-Origin"] != ORIGIN or not all(carried.values()):
        raise Failed("the answer lacks headers", **carried)
    return carried


@step(
    needs=("deploying",), aws_only="the local cloud takes bodies of any size", look="infra/api.py, GATEWAY_ERRORS"
)
def a_body_too_large(rehearsal: Rehearsal) -> Evidence:
    """A body above 10 MB is refused before it costs an invocation.

    With 413 and a problem document where API Gateway still answers, or by an ended connection.
    """
    url = urlsplit(rehearsal.api.url)
    connection = http.client.HTTPSConnection(url.netloc, timeout=60)
    try:
        connection.request(
            "POST",
            f"{url.path}/sessions",
            b" " * rehearsal.sizes.body_bytes,
            {"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        status, kind = answer.status, answer.getheader("Content-Type", "")
    except ConnectionError as error:
        return {"ended_by": type(error).__name__}
    finally:
        connection.close()
    if status != 413 or not kind.startswith("application/problem+json"):
        raise Failed(f"it was answered {status}, {kind}")
    return {"status": status}


@step(needs=("deploying",), look="chalicelib/core/http/bodies.py")
def a_body_above_its_route(rehearsal: Rehearsal) -> Evidence:
    """A body above 1 MB is refused by the app.

    It comes through API Gateway and Lambda, and its answer is a problem document with status 413.
    """
    answer = rehearsal.api.call("POST", "/sessions", json.dumps({"email": "x" * 1_200_000}).encode())
    expect(answer, 413, what="a body of 1.2 MB")
    if not _is_problem(answer):
        raise Failed("the refusal is no problem document")
    return {"status": answer.status}


ITEM_KEYS = ("theme:dark@home", "a~b_c.d-e", "100")
"""Valid keys of items."""

INVALID_ITEM_KEYS = ("a/b", "100%", "naïve", "日本 語", "a?b=c#d")
"""Invalid keys of items. They must reach the app, which refuses them."""


@step(needs=("signing-up",), look="chalicelib/items/routes.py: path parameters arrive as they were sent")
def path_parameters(rehearsal: Rehearsal) -> Evidence:
    """Path parameters keep every character.

    Items whose keys arrive encoded are written and read again; keys with a slash, a percent sign, a space and letters
    beyond ASCII reach the app as one parameter, decoded once, and are refused there by name.
    """
    person = people.ada(rehearsal)
    for key in ITEM_KEYS:
        path = f"/me/items/{quote(key, safe='')}"
        expect(person.call("PUT", path, {"item_value": key}), 200, 201, what=f"PUT {path}")
        body = expect(person.call("GET", path), 200, what=f"GET {path}")
        if (body["item_key"], body["item_value"]) != (key, key):
            raise Failed(f"{path} is another item: {body['item_key']}")
    # The local cloud takes an encoded slash for a separator of the path.
    refused = [key for key in INVALID_ITEM_KEYS if "/" not in key or not rehearsal.local]
    for key in refused:
        path = f"/me/items/{quote(key, safe='')}"
        body = expect(person.call("PUT", path, {"item_value": 1}), 422, what=f"PUT {path}")
        if [error["field"] for error in body["errors"]] != ["key"]:
            raise Failed(f"{path} was refused for another reason", errors=body["errors"])
    return {"kept": list(ITEM_KEYS), "refused": refused}


@step(needs=("deploying",), look="infra/api.py, OpenApiVersion")
def one_stage(rehearsal: Rehearsal) -> Evidence:
    """The API has one stage.

    None named `Stage`, which SAM would add, and which would pass by throttle and firewall.
    """
    client = rehearsal.client("apigateway")
    api = next(
        rest_api
        for rest_api in client.get_rest_apis(limit=500)["items"]
        if rest_api["name"] == rehearsal.names.api
    )
    stages = [stage["stageName"] for stage in client.get_stages(restApiId=api["id"])["item"]]
    if stages != ["api"]:
        raise Failed(f"the stages are {stages}")
    return {"stages": stages}


@step(needs=("deploying",), look="the API's log")
def public_documents(rehearsal: Rehearsal) -> Evidence:
    """What anyone may read is there.

    Health, the OpenAPI document, the docs as HTML, the account pages, and the public keys of tokens.
    """
    health = expect(rehearsal.api.call("GET", "/health"), 200, what="GET /health")
    openapi = expect(rehearsal.api.call("GET", "/openapi.json"), 200, what="GET /openapi.json")
    keys = expect(rehearsal.api.call("GET", "/.well-known/jwks.json"), 200, what="the key set")["keys"]
    pages = {}
    for path in ("/docs", "/account"):
        answer = rehearsal.api.call("GET", path, Accept="text/html")
        expect(answer, 200, what=f"GET {path}")
        pages[path] = len(str(answer.body))
        if "<html" not in str(answer.body)[:500]:
            raise Failed(f"{path} is no page", f"the API's log, {path}")
    if health["stage"] != rehearsal.stage.name or not keys:
        raise Failed("the API is of another stage, or has no keys")
    return {
        "version": health["version"],
        "paths": len(openapi["paths"]),
        "keys": [key["kid"] for key in keys],
        **pages,
    }


def _header(answer: Answer, wanted_name: str) -> str:
    return next((value for header, value in answer.headers.items() if header.lower() == wanted_name.lower()), "")


def _is_problem(answer: Answer) -> bool:
    has_problem_type = _header(answer, "Content-Type").startswith("application/problem+json")
    return has_problem_type and isinstance(answer.body, dict) and answer.body.get("status") == answer.status
