"""Serving declared routes: one `Api` validates, authenticates, answers, and turns every error into a response."""

from __future__ import annotations

import time
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from chalice import Response
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from chalicelib.core import (
    context,
    ids,
    logs,
    wire,
)
from chalicelib.core.aws import batch, key_limits
from chalicelib.core.errors import (
    Forbidden,
    Malformed,
    NotFound,
    RollcallError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.core.http import idempotency, long_replies
from chalicelib.core.http.client_address import SECRET_HEADER, client_address, is_proxy
from chalicelib.core.http.declarations import (
    FORM,
    JSON,
    Reply,
    Request,
    invalid,
)
from chalicelib.core.http.security_headers import SECURITY_HEADERS
from chalicelib.core.http.trace_context import traceparent
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice import Chalice

    from chalicelib.core.http.declarations import Caller, Route, Routes

ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, traceparent"
"""What a page of an allowed origin may send beside what every page may."""

_incoming: ContextVar[Any] = ContextVar("incoming")
"""The request that this thread answers, as Chalice has it."""


class Api:
    """All mounted routes on one Chalice app. `authenticate` turns a bearer token into a Caller."""

    def __init__(self, app: Chalice, authenticate: Callable[[str], Caller]) -> None:
        self.app = app
        self.authenticate = authenticate
        self.routes: list[Route] = []
        app.register_middleware(_secured, "http")
        app.register_middleware(_keep_request, "http")
        app.register_middleware(_problems_for_chalice, "http")

    def mount(self, *areas: Routes) -> None:
        """Register the areas' routes, and for each path the preflight that CORS asks for."""
        for routes in areas:
            routes.api = self
            self.app.register_blueprint(routes)
            self.routes.extend(routes.declared)
            for path in dict.fromkeys(route.path for route in routes.declared):
                self._preflight(path)

    def view(self, route: Route) -> Callable[..., Response]:
        """What Chalice calls for a route."""

        @wraps(route.handler)
        def view(**path_parameters: str) -> Response:
            return self.serve(route, _incoming.get(), path_parameters)

        return view

    def _preflight(self, path: str) -> None:
        methods = ", ".join(method for route in self.routes if route.path == path for method in route.methods)
        if any(entry == "OPTIONS" for entry in self.app.routes.get(path, {})):
            return

        def preflight(**_: str) -> Response:
            allowed = _cors(_incoming.get().headers.get("origin", ""))
            if "Access-Control-Allow-Origin" in allowed:
                allowed |= {
                    "Access-Control-Allow-Methods": methods,
                    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                    "Access-Control-Max-Age": "600",
                }
            return _chalice_response("", 204, {"Allow": f"{methods}, OPTIONS", **allowed})

        self.app.route(path, methods=["OPTIONS"], name=f"OPTIONS {path}", content_types=[])(preflight)

    def serve(self, route: Route, incoming: Any, path_parameters: dict[str, str]) -> Response:
        """Answer one request to one route: the only place where an error becomes a response."""
        request_id = incoming.context.get("requestId") or ids.new_id()
        started = time.perf_counter()
        trace = traceparent(incoming.headers)
        with context.working_for(request_id, traceparent=trace):
            try:
                response = self._answer(route, incoming, path_parameters, request_id)
            except Exception as error:
                response = _response(_told(error, route), route, incoming)
            response.headers["X-Request-Id"] = wire.header(request_id)
            response.headers.update(_cors(incoming.headers.get("origin", "")))
            response.headers.setdefault("Cache-Control", "no-store")
            if incoming.method == "HEAD":
                response.body = ""
            logs.info(
                "request",
                method=incoming.method,
                route=route.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response

    def _answer(self, route: Route, incoming: Any, path: dict[str, str], request_id: str) -> Response:
        path = {name: _decoded(value) for name, value in path.items()}
        caller = self._caller(route, incoming)
        body = _body(route, incoming)
        if route.proof_for and caller:
            caller.require(route.proof_for(body))
        request: Request[Any, Any] = Request(
            id=request_id,
            body=body,
            query=_validated(route.query, _query(incoming)),
            headers=incoming.headers,
            source_ip=_source_ip(incoming),
            _caller=caller,
        )

        def run() -> Reply:
            trace = context.current().traceparent
            with context.working_for(request_id, caller.id if caller else "", trace):
                answer = route.handler(request, **path)
            return answer if isinstance(answer, Reply) else Reply(answer)

        key = incoming.headers.get("idempotency-key")
        if route.idempotent and key and caller:
            reply = _once(f"{caller.id} {route.method} {route.path} {path}", key, incoming.raw_body, run)
        else:
            reply = run()
        return _response(reply, route, incoming)

    def _caller(self, route: Route, incoming: Any) -> Caller | None:
        if route.who is None:
            return None
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("this route needs a bearer token")
        caller = self.authenticate(token.strip(" "))
        if route.who and not route.who & caller.roles:
            raise Forbidden(_why_not(route.who, caller))
        if not route.who and not caller.is_person:
            raise Forbidden("this route is for persons, not for machines")
        caller.require(route.proof)
        return caller


def _why_not(who: frozenset[str], caller: Caller) -> str:
    """Why somebody with none of these roles at work is refused."""
    if who & caller.withheld:
        return (
            "administrators need a second factor here: enrol one at POST /me/totp or POST /me/passkeys/options, then "
            "prove it at POST /sessions/current/step-up or by signing in again"
        )
    return f"this route needs one of the roles {', '.join(sorted(who))}"


def _source_ip(incoming: Any) -> str:
    """Whose request it is, by what proxies of ours say of it."""
    known, called_by = settings(), incoming.context.get("identity", {}).get("sourceIp", "")
    secret = incoming.headers.get(SECRET_HEADER, "")
    is_ours = is_proxy(called_by, secret, known.proxy_secret_hashes, known.proxy_networks)
    forwarded_for = ", ".join(_lines(incoming, "x-forwarded-for"))
    return client_address(called_by, forwarded_for, known.trusted_proxies if is_ours else 0)


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


def problem(error: RollcallError) -> dict[str, Any]:
    """The RFC 9457 document of an error."""
    return {
        "type": error.type,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.members,
    }


def _once(scope: str, key: str, body: bytes, run: Callable[[], Reply]) -> Reply:
    def recorded() -> dict[str, Any]:
        reply = run()
        return {
            "body": _plain(reply.body),
            "status": reply.status,
            "headers": reply.headers,
            "version": reply.version,
        }

    return Reply(**idempotency.once(scope, key, body, recorded))


def _plain(body: Any) -> Any:
    return body.model_dump(mode="json") if isinstance(body, BaseModel) else body


def _response(reply: Reply, route: Route, incoming: Any) -> Response:
    headers: dict[str, Any] = {"Content-Type": reply.media_type, **reply.headers}
    if reply.cookies:
        headers["Set-Cookie"] = reply.cookies
    status = reply.status or route.status
    if reply.version is not None:
        headers["ETag"] = f'"{reply.version}"'
        if route.method == "GET" and _is_known(headers["ETag"], incoming.headers.get("if-none-match", "")):
            return _chalice_response("", 304, headers)
    if reply.body is None:
        return _chalice_response("", 204 if status == 200 else status, headers)
    if reply.media_type != JSON:
        return _chalice_response(reply.body, status, headers)
    text = wire.to_json(_plain(reply.body))
    if len(text) > long_replies.INLINE_BYTES // 4 and len(text.encode()) > long_replies.INLINE_BYTES:
        headers["Location"] = long_replies.link_to(text.encode(), reply.media_type)
        return _chalice_response("", 303, headers)
    return _chalice_response(text, status, headers)


def _is_known(tag: str, known: str) -> bool:
    """Whether `If-None-Match` names this `ETag`, or a weak one of it, which whoever compresses an answer makes of it
    (RFC 9110, section 13.1.2)."""
    return known.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(","))


def _chalice_response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    return Response(
        body=body, status_code=status, headers={name: _in_header(value) for name, value in headers.items()}
    )


def _in_header(value: Any) -> Any:
    """A header's value, or the values of one that there may be several of."""
    return [wire.header(one) for one in value] if isinstance(value, list) else wire.header(value)


def _told(error: Exception, route: Route) -> Reply:
    """What to answer to an error. One that is not ours is logged, and told as no more than that it happened."""
    if not isinstance(error, RollcallError):
        if batch.is_transient(error):
            logs.failure("a service did not answer", error, reason=batch.reason(error))
            error = Unavailable("a service that this needs did not answer", headers={"Retry-After": "2"})
        else:
            logs.failure("request failed", error)
            error = RollcallError("an internal error, logged under this response's X-Request-Id")
    if route.errors:
        return route.errors.reply(error)
    return Reply(wire.to_json(problem(error)), error.status, error.headers, media_type="application/problem+json")


def _secured(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Every answer, whoever made it, with the headers that it does not say otherwise."""
    response = get_response(event)
    said = {name.lower() for name in response.headers}
    response.headers.update({name: value for name, value in SECURITY_HEADERS.items() if name.lower() not in said})
    return response


def _keep_request(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Keep the request for its view: where Chalice has it, on the app, the threads of `chalice local` put theirs too,
    and one request would be answered for another."""
    _incoming.set(event)
    return get_response(event)


def _problems_for_chalice(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """What Chalice answers by itself (405, unknown request), as a problem document."""
    response = get_response(event)
    if isinstance(response.body, dict) and {"Code", "Message"} == set(response.body):
        detail = response.body["Message"]
        document = {
            "type": "about:blank",
            "title": response.body["Code"],
            "status": response.status_code,
            "detail": detail,
        }
        response.body = wire.to_json(document)
        response.headers["Content-Type"] = "application/problem+json"
    return response


def _body(route: Route, incoming: Any) -> Any:
    if route.body is None:
        return None
    raw: bytes = incoming.raw_body
    if len(raw) > route.body_limit:
        raise TooLarge(f"the body is above {route.body_limit:,} bytes")
    media_type = incoming.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if media_type not in route.media_types:
        raise UnsupportedMedia(f"this route takes {' or '.join(route.media_types)}")
    if media_type == FORM:
        return _validated(route.body, _form(raw))
    if not raw and not any(field.is_required() for field in route.body.model_fields.values()):
        return _validated(route.body, {})
    try:
        document = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"the body is not JSON in UTF-8: {error}") from error
    if not isinstance(document, dict):
        raise Malformed("the body is not a JSON object")
    return _validated(route.body, document)


def _form(raw: bytes) -> dict[str, str]:
    """The fields of a form. Which of two values of one field counts would be anybody's guess, so neither does."""
    pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("a field was sent twice")
    return fields


def _query(incoming: Any) -> dict[str, str]:
    return dict(incoming.query_params or {})


def _validated(model: type[BaseModel], document: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid(error) from error


def _cors(origin: str) -> dict[str, str]:
    """What an allowed origin is told. Where there are any, every answer says that it varies: else a cache would give a
    page what it keeps for who asked from none (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)."""
    allowed = settings().allowed_origins
    if origin not in allowed:
        return {"Vary": "Origin"} if allowed else {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "ETag, X-Request-Id, Retry-After",
        "Vary": "Origin",
    }
