"""The edge: a request to a declared route is validated and authenticated, and every error becomes a response."""

from __future__ import annotations

import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from chalicelib.core import context, ids, logs, wire
from chalicelib.core.aws import key_limits
from chalicelib.core.errors import Forbidden, Malformed, NotFound, Unauthenticated
from chalicelib.core.http.bodies import body_of
from chalicelib.core.http.client_address import SECRET_HEADER, client_address, is_proxy
from chalicelib.core.http.cors import cors_headers
from chalicelib.core.http.current import caller_of, current_request
from chalicelib.core.http.models import validated
from chalicelib.core.http.problems import reply_to
from chalicelib.core.http.replies import Reply
from chalicelib.core.http.requests import Request
from chalicelib.core.http.responses import plain, response_to
from chalicelib.core.http.trace_context import traceparent
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice import Response
    from pydantic import BaseModel

    from chalicelib.core.http.declarations import Declaration
    from chalicelib.core.http.requests import Caller


def serve(declaration: Declaration, path_parameters: dict[str, str]) -> Response:
    """Answer the present request to a route: the only place where an error becomes a response."""
    incoming = current_request()
    request_id = incoming.context.get("requestId") or ids.new_id()
    started = time.perf_counter()
    with context.working_for(request_id, traceparent=traceparent(incoming.headers)):
        try:
            reply = _reply(declaration, incoming, path_parameters, request_id)
            response = response_to(reply, declaration.status, incoming)
        except Exception as error:
            response = response_to(reply_to(error, declaration.errors), declaration.status, incoming)
        response.headers["X-Request-Id"] = wire.header(request_id)
        _add_cors(response.headers, cors_headers(incoming.headers.get("origin", "")))
        response.headers.setdefault("Cache-Control", "no-store")
        if incoming.method == "HEAD":
            response.body = ""
        logs.info(
            "request",
            method=incoming.method,
            route=incoming.context["resourcePath"],
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
    return response


def _add_cors(headers: dict[str, Any], cors: dict[str, str]) -> None:
    """What an answer varies by already, it varies by as well."""
    varies = [each["Vary"] for each in (headers, cors) if "Vary" in each]
    headers.update(cors)
    if varies:
        headers["Vary"] = ", ".join(varies)


def _reply(declaration: Declaration, incoming: Any, path: dict[str, str], request_id: str) -> Reply:
    route = incoming.context["resourcePath"]
    path = {name: _decoded(value) for name, value in path.items()}
    caller = _caller(declaration, incoming)
    body = body_of(declaration, incoming)
    if declaration.proof_for and caller:
        caller.require(declaration.proof_for(body))
    request: Request[Any, Any] = Request(
        id=request_id,
        body=body,
        query=_query_of(declaration, incoming),
        headers=incoming.headers,
        _find_source_ip=partial(_source_ip, incoming),
        _caller=caller,
        _target=(route, *path.values()),
    )

    def run() -> Reply:
        if caller is None:
            answer = declaration.handler(request, **path)
        else:
            with context.working_for(request_id, caller.id, context.current().traceparent):
                answer = declaration.handler(request, **path)
        return answer if isinstance(answer, Reply) else Reply(answer)

    if declaration.idempotent and caller and (key := incoming.headers.get("idempotency-key")):
        return _once(f"{caller.id} {incoming.method} {route} {path}", key, incoming.raw_body, run)
    return run()


def _query_of(declaration: Declaration, incoming: Any) -> BaseModel:
    """The query, validated. Raises Invalid, and Malformed where a parameter was sent twice that must not be."""
    model, sent = declaration.query, incoming.query_params
    if (
        sent
        and getattr(model, "once", False)
        and any(len(sent.getlist(name)) > 1 for name in sent if name in model.model_fields)
    ):
        raise Malformed("a parameter was sent twice")
    return validated(model, dict(sent or {})) if sent or model.model_fields else _without_fields(model)


@cache
def _without_fields(model: type[BaseModel]) -> BaseModel:
    return model()


def _caller(declaration: Declaration, incoming: Any) -> Caller | None:
    who = declaration.who
    if who is None:
        return None
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("this route needs a bearer token")
    caller = caller_of(token.strip(" "))
    if who and not who & caller.roles:
        raise Forbidden(_why_not(who, caller))
    if not who and not caller.is_person:
        raise Forbidden("this route is for persons, not for machines")
    caller.require(declaration.proof)
    return caller


def _why_not(who: frozenset[str], caller: Caller) -> str:
    """Why a caller is refused who has none of these roles in this session."""
    if who & caller.withheld:
        return (
            "administrators need a second factor here: enrol one at POST /me/totp or POST /me/passkeys/options, then "
            "prove it at POST /sessions/current/step-up or by signing in again"
        )
    return f"this route needs one of the roles {', '.join(sorted(who))}"


def _source_ip(incoming: Any) -> str:
    """The IP address of the client, as far as trusted proxies tell it (`client_address`)."""
    current, called_by = settings(), incoming.context.get("identity", {}).get("sourceIp", "")
    secret = incoming.headers.get(SECRET_HEADER, "")
    is_ours = is_proxy(called_by, secret, current.proxy_secret_hashes, current.proxy_networks)
    forwarded_for = ", ".join(_lines(incoming, "x-forwarded-for"))
    return client_address(called_by, forwarded_for, current.trusted_proxies if is_ours else 0)


def _lines(incoming: Any, name: str) -> list[str]:
    """The values of a header that may be sent more than once, in their order: API Gateway's `headers` have the last."""
    several = incoming.to_original_event().get("multiValueHeaders") or {}
    values = [value for header, values in several.items() if header.lower() == name for value in values]
    return values or [incoming.headers.get(name, "")]


def _decoded(parameter: str) -> str:
    """A parameter of the path. API Gateway and `chalice local` hand it on as it was sent, percent-encoded:
    `auth0%7C5f` is the id `auth0|5f`. Raises NotFound for what no key can be: nothing, bytes that are no UTF-8, and
    more of them than any key has."""
    try:
        decoded = unquote(parameter, errors="strict")
    except UnicodeDecodeError:
        decoded = ""
    if not key_limits.is_possible({"id": decoded}):
        raise NotFound("the path names nothing")
    return decoded


def _once(scope: str, key: str, body: bytes, run: Callable[[], Reply]) -> Reply:
    from chalicelib.core.http import idempotency

    def recorded() -> dict[str, Any]:
        reply = run()
        return {
            "body": plain(reply.body),
            "status": reply.status,
            "headers": reply.headers,
            "version": reply.version,
        }

    return Reply(**idempotency.once(scope, key, body, recorded))
