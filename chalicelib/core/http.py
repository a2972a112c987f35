"""The HTTP edge: a route is declared once, with its models, and everything else follows from that.

A domain declares `routes = Routes("accounts")` and decorates functions of one `Request`; `app.py` mounts them on
one `Api`. The declaration drives validation, who may call, idempotency keys, the OpenAPI document and the docs.
Errors become RFC 9457 problem documents here and nowhere else.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import parse_qsl

from chalice import Blueprint, Chalice, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from chalicelib.core import batch, context, idempotency, ids, logs
from chalicelib.core.errors import (
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    RollcallError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.core.dynamo import Item

BODY_LIMIT = 1024 * 1024
"""Bytes of a request body, unless its route says otherwise."""

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
FORM = "application/x-www-form-urlencoded"

SIGNED_IN: frozenset[str] = frozenset()
ADMIN = frozenset({"admin"})
SUPPORT = frozenset({"admin", "support"})
SERVICE = frozenset({"admin", "service"})
ANYONE = None


class Model(BaseModel):
    """The base of every request model: unknown fields are errors, and nothing is coerced from another type."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", str_max_length=20_000)


class QueryModel(BaseModel):
    """The base of query-string models: values arrive as text, so they are coerced."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class ListQuery(QueryModel):
    """What every list takes: `limit` 1 to 200, and the cursor of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class NoQuery(QueryModel):
    pass


@dataclass(frozen=True)
class Caller:
    """Who is asking, as read from the tables in this very request."""

    id: str
    session_id: str
    roles: frozenset[str]
    user: Item


B = TypeVar("B")
Q = TypeVar("Q")


@dataclass(frozen=True)
class Request(Generic[B, Q]):
    """What a route's function gets. `body` and `query` are validated; `caller` is None on open routes only."""

    id: str
    body: B
    query: Q
    headers: Mapping[str, str]
    source_ip: str
    _caller: Caller | None = None

    @property
    def caller(self) -> Caller:
        """The signed-in caller. Raises Unauthenticated on a route open to anyone."""
        if self._caller is None:
            raise Unauthenticated
        return self._caller

    def expected_version(self) -> int | None:
        """The version that `If-Match` asks for, or None. Raises PreconditionFailed for one that no record has."""
        tag = self.headers.get("if-match", "*").strip()
        if tag == "*":
            return None
        if not (tag.startswith('"') and tag.endswith('"') and tag[1:-1].isdigit()):
            raise PreconditionFailed("If-Match names no version of this record")
        return int(tag[1:-1])


@dataclass
class Reply:
    """An answer with more to say than its body. `version` becomes the `ETag`."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    media_type: str = JSON


@dataclass(frozen=True)
class Route:
    """One declared route."""

    method: str
    path: str
    summary: str
    handler: Callable[..., Any]
    who: frozenset[str] | None
    body: type[BaseModel] | None
    query: type[BaseModel]
    returns: type[BaseModel] | None
    status: int
    media_types: tuple[str, ...]
    body_limit: int
    idempotent: bool
    area: str


class Routes(Blueprint):
    """A Chalice blueprint of declared routes. `area` groups them in the docs."""

    def __init__(self, area: str) -> None:
        super().__init__(__name__)
        self.area = area
        self.declared: list[Route] = []
        self.api: Api

    def get(self, path: str, **declaration: Any) -> Callable[..., Any]:
        return self._declare("GET", path, **declaration)

    def post(self, path: str, **declaration: Any) -> Callable[..., Any]:
        return self._declare("POST", path, **declaration)

    def put(self, path: str, **declaration: Any) -> Callable[..., Any]:
        return self._declare("PUT", path, **declaration)

    def patch(self, path: str, **declaration: Any) -> Callable[..., Any]:
        return self._declare("PATCH", path, media_types=(MERGE_PATCH, JSON), **declaration)

    def delete(self, path: str, **declaration: Any) -> Callable[..., Any]:
        return self._declare("DELETE", path, status=204, **declaration)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        who: frozenset[str] | None,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] = NoQuery,
        returns: type[BaseModel] | None = None,
        status: int = 200,
        media_types: tuple[str, ...] = (JSON,),
        body_limit: int = BODY_LIMIT,
        idempotent: bool = False,
    ) -> Callable[..., Any]:
        """Declare a route. `who` is ANYONE, SIGNED_IN, or roles of which the caller must hold one; `idempotent`
        honours `Idempotency-Key`. The function's docstring is the summary; path parameters are its arguments."""

        def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
            summary = (handler.__doc__ or "").strip().split("\n")[0]
            route = Route(
                method,
                path,
                summary,
                handler,
                who,
                body,
                query,
                returns,
                status,
                media_types,
                body_limit,
                idempotent,
                self.area,
            )
            self.declared.append(route)
            return handler

        return decorate

    def register(self, app: Chalice, options: dict[str, Any]) -> None:  # noqa: ARG002 - Chalice's own signature
        """Register every declared route, on as many apps as ask: Chalice's own keeps its declarations for one."""
        for route in self.declared:
            name = f"{route.method} {route.path}"
            view = _view(self.api, app, route)
            app.route(route.path, methods=[route.method], name=name, content_types=[])(view)


def _view(api: Api, app: Chalice, route: Route) -> Callable[..., Response]:
    @wraps(route.handler)
    def view(**path_parameters: str) -> Response:
        return api.serve(route, app.current_request, path_parameters)

    return view


class Api:
    """All mounted routes on one Chalice app. `authenticate` turns a bearer token into a Caller."""

    def __init__(self, app: Chalice, authenticate: Callable[[str], Caller]) -> None:
        self.app = app
        self.authenticate = authenticate
        self.routes: list[Route] = []
        app.register_middleware(_problems_for_chalice, "http")

    def mount(self, *areas: Routes) -> None:
        """Register the areas' routes, and for each path the preflight that CORS asks for."""
        for routes in areas:
            routes.api = self
            self.app.register_blueprint(routes)
            self.routes.extend(routes.declared)
            for path in dict.fromkeys(route.path for route in routes.declared):
                self._preflight(path)

    def _preflight(self, path: str) -> None:
        methods = ", ".join(route.method for route in self.routes if route.path == path)
        if any(entry == "OPTIONS" for entry in self.app.routes.get(path, {})):
            return

        def preflight(**_: str) -> Response:
            request = self.app.current_request
            headers = _cors(request.headers.get("origin", "") if request else "")
            if headers:
                headers |= {
                    "Access-Control-Allow-Methods": methods,
                    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-Match",
                    "Access-Control-Max-Age": "600",
                }
            return _chalice_response("", 204, headers)

        self.app.route(path, methods=["OPTIONS"], name=f"OPTIONS {path}", content_types=[])(preflight)

    def serve(self, route: Route, incoming: Any, path_parameters: dict[str, str]) -> Response:
        """Answer one request to one route: the only place where an error becomes a response."""
        request_id = incoming.context.get("requestId") or ids.new_id()
        started = time.perf_counter()
        with context.working_for(request_id):
            try:
                response = self._answer(route, incoming, path_parameters, request_id)
            except Exception as error:
                response = _problem_response(error)
            response.headers["X-Request-Id"] = request_id
            response.headers.update(_cors(incoming.headers.get("origin", "")))
            response.headers.setdefault("Cache-Control", "no-store")
            logs.info(
                "request",
                method=route.method,
                route=route.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response

    def _answer(self, route: Route, incoming: Any, path: dict[str, str], request_id: str) -> Response:
        if not all(path.values()):
            raise NotFound("the path names nothing")
        caller = self._caller(route, incoming)
        request: Request[Any, Any] = Request(
            id=request_id,
            body=_body(route, incoming),
            query=_validated(route.query, _query(incoming)),
            headers=incoming.headers,
            source_ip=incoming.context.get("identity", {}).get("sourceIp", ""),
            _caller=caller,
        )

        def run() -> Reply:
            with context.working_for(request_id, caller.id if caller else ""):
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
        caller = self.authenticate(token.strip())
        if route.who and not route.who & caller.roles:
            raise Forbidden(f"this route needs one of the roles {', '.join(sorted(route.who))}")
        return caller


def problem(error: RollcallError) -> dict[str, Any]:
    """The RFC 9457 document of an error."""
    document: dict[str, Any] = {
        "type": error.type,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if isinstance(error, Invalid):
        document["errors"] = error.errors
    return document


def invalid(error: ValidationError) -> Invalid:
    """pydantic's complaints as ours: every wrong field, none of the values."""
    errors: list[FieldError] = [
        {
            "field": ".".join(str(part) for part in found["loc"]) or "(document)",
            "message": found["msg"].removeprefix("Value error, "),
        }
        for found in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return Invalid(errors)


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
    headers = {"Content-Type": reply.media_type, **reply.headers}
    status = reply.status or route.status
    if reply.version is not None:
        headers["ETag"] = f'"{reply.version}"'
        if route.method == "GET" and incoming.headers.get("if-none-match") == headers["ETag"]:
            return _chalice_response("", 304, headers)
    if reply.body is None:
        return _chalice_response("", 204 if status == 200 else status, headers)
    if reply.media_type != JSON:
        return _chalice_response(reply.body, status, headers)
    text = json.dumps(_plain(reply.body), ensure_ascii=False, separators=(",", ":"))
    return _chalice_response(text, status, headers)


def _chalice_response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    return Response(body=body, status_code=status, headers={**headers})


def _problem_response(error: Exception) -> Response:
    if not isinstance(error, RollcallError):
        if batch.is_transient(error):
            logs.failure("a service did not answer", error, reason=batch.reason(error))
            error = Unavailable("a service that this needs did not answer", headers={"Retry-After": "2"})
        else:
            logs.failure("request failed", error)
            error = RollcallError("an internal error, logged under this response's X-Request-Id")
    headers = {"Content-Type": "application/problem+json", **error.headers}
    return _chalice_response(json.dumps(problem(error)), error.status, headers)


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
        response.body = json.dumps(document)
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
        return _validated(route.body, dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)))
    try:
        document = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("the body is not JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise Malformed("the body is not a JSON object")
    return _validated(route.body, document)


def _query(incoming: Any) -> dict[str, str]:
    return dict(incoming.query_params or {})


def _validated(model: type[BaseModel], document: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid(error) from error


def _cors(origin: str) -> dict[str, str]:
    if not origin or origin not in settings().allowed_origins:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "ETag, X-Request-Id, Retry-After",
        "Vary": "Origin",
    }


def listing(items: Sequence[Any], following: str | None) -> dict[str, Any]:
    """The shape of every list: its items, and the cursor of the next page or None."""
    return {"items": list(items), "next": following}
