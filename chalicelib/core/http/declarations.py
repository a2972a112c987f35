"""The HTTP edge: a route is declared once, with its models, and everything else follows from that.

A domain declares `routes = Routes("accounts")` and decorates functions of one `Request`; `app.py` mounts them on
one `Api` (`core.http.serving`). The declaration drives validation, who may call, idempotency keys, the OpenAPI document
and the docs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import core_schema

from chalicelib.core import clock
from chalicelib.core.errors import (
    FieldError,
    Forbidden,
    Invalid,
    PreconditionFailed,
    StepUpRequired,
    Unauthenticated,
)
from chalicelib.core.http import step_up
from chalicelib.core.http.step_up import Proof
from chalicelib.core.texts import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalice import Chalice
    from pydantic import GetCoreSchemaHandler, ValidationError
    from pydantic_core import CoreSchema

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.core.errors import RollcallError
    from chalicelib.core.http.serving import Api

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


@dataclass(frozen=True)
class Visible:
    """Marks a text that people see, `Annotated[str, Visible(100)]`: it is held to `core.texts.visible`. A field of free
    text has this mark, or a reason in `tests/unit/core/test_free_texts.py`."""

    limit: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(min_length=1, max_length=self.limit)
        return core_schema.no_info_before_validator_function(lambda value: visible(value, self.limit), text)


def _moment(text: str) -> str:
    try:
        return clock.timestamp(clock.parse(text))
    except ValueError:
        raise ValueError("must be an RFC 3339 time with an offset") from None


Moment = Annotated[str, AfterValidator(_moment), Field(json_schema_extra={"format": "date-time"})]
"""A time that a request names, as `clock.timestamp` writes it: one of the years 1 to 9999, also in UTC."""


class QueryModel(BaseModel):
    """The base of query-string models: values arrive as text, so they are coerced."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class ListQuery(QueryModel):
    """What every list takes: `limit` 1 to 200, and the cursor of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class NoQuery(QueryModel):
    pass


class AnyQuery(NoQuery):
    """Whatever there is, is ignored: of what anyone may `GET`, which is linked to. Mailers, trackers and advertisers
    write parameters of their own into links (`utm_source`, `fbclid`), which must lead where they led before."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")


@dataclass(frozen=True)
class Caller:
    """Who is asking, as read from the tables in this very request: a person in a session, or a machine, which has
    neither session nor person."""

    id: str
    session_id: str
    roles: frozenset[str]
    user: Item
    authenticated_at: int = 0
    """When they last signed in or stepped up, in seconds since 1970, with every factor that they have; of a machine,
    when it got its token by its secret."""
    second_factor: bool = False
    """Whether they proved two factors then, both of which they still have."""
    withheld: frozenset[str] = frozenset()
    """Roles of theirs that do not work in this session, for want of a second factor."""

    @property
    def is_person(self) -> bool:
        return bool(self.session_id)

    def require(self, proof: Proof) -> None:
        """Raises StepUpRequired where they proved who they are too long ago or too weakly, Forbidden for a machine
        where a person is asked for."""
        if proof >= Proof.PERSON and not self.is_person:
            raise Forbidden("only a person in a session may do this")
        if not self.has(proof):
            wanted = proof is Proof.SECOND_FACTOR
            raise StepUpRequired(step_up.STEP_UP_SECONDS, machine=not self.is_person, second_factor=wanted)

    def has(self, proof: Proof) -> bool:
        """Whether `require` lets them through."""
        if proof >= Proof.PERSON and not self.is_person:
            return False
        if proof >= Proof.RECENT and not step_up.is_recent(self.authenticated_at):
            return False
        return self.second_factor or proof < Proof.SECOND_FACTOR


_VERSION_TAG = re.compile('"([0-9]{1,18})"')
"""The `ETag` of a record: its version, which is counted up by one."""

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

    @property
    def must_exist(self) -> bool:
        """Whether `If-Match: *` asks that there be something by now (RFC 9110, section 13.1.1). For a route that makes
        what there is not yet: any other says that it is not there."""
        return self.headers.get("if-match", "").strip() == "*"

    def expected_version(self) -> int | None:
        """The version that `If-Match` asks for, or None. Raises PreconditionFailed for one that no record has: also
        for a weak one, which matches nothing here (RFC 9110, section 13.1.1), and for several, of which one must."""
        tag = self.headers.get("if-match", "*").strip()
        if tag == "*":
            return None
        if not (named := _VERSION_TAG.fullmatch(tag)):
            raise PreconditionFailed("If-Match names no version of this record")
        return int(named[1])


@dataclass
class Reply:
    """An answer with more to say than its body. `version` becomes the `ETag`."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    version: int | str | None = None
    media_type: str = JSON
    cookies: list[str] = field(default_factory=list)
    """Values of `Set-Cookie`."""


@dataclass(frozen=True)
class ErrorFormat:
    """How a route tells its errors where a standard of its own says so; all others send problem documents."""

    model: type[BaseModel]
    reply: Callable[[RollcallError], Reply]


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
    proof: Proof
    proof_for: Callable[[Any], Proof] | None
    errors: ErrorFormat | None
    area: str

    @property
    def methods(self) -> tuple[str, ...]:
        """What it is called by: `HEAD` wherever `GET` is (RFC 9110, section 9.1)."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)


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
        return self._declare("DELETE", path, **{"status": 204, **declaration})

    def _declare(
        self,
        method: str,
        path: str,
        *,
        who: frozenset[str] | None,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        returns: type[BaseModel] | None = None,
        status: int = 200,
        media_types: tuple[str, ...] = (JSON,),
        body_limit: int = BODY_LIMIT,
        idempotent: bool = False,
        proof: Proof = Proof.NONE,
        proof_for: Callable[[Any], Proof] | None = None,
        errors: ErrorFormat | None = None,
    ) -> Callable[..., Any]:
        """Declare a route. `who` is ANYONE, SIGNED_IN (a person), or roles of which the caller must hold one;
        `idempotent` honours `Idempotency-Key`; `proof` is what the caller must have proved of themselves, and
        `proof_for` what they must have for this body, whose docstring tells it. A route that changes something and
        wants no proof is in `tests/functional/unproved.py`, with the reason. The function's docstring is the summary;
        path parameters are its arguments. Without a `query` there is none to send, but for what anyone may `GET`."""
        linked_to = method == "GET" and who is ANYONE

        def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
            summary = (handler.__doc__ or "").strip().split("\n")[0]
            route = Route(
                method,
                path,
                summary,
                handler,
                who,
                body,
                query or (AnyQuery if linked_to else NoQuery),
                returns,
                status,
                media_types,
                body_limit,
                idempotent,
                proof,
                proof_for,
                errors,
                self.area,
            )
            self.declared.append(route)
            return handler

        return decorate

    def register(self, app: Chalice, options: dict[str, Any]) -> None:  # noqa: ARG002 - Chalice's own signature
        """Register every declared route, on as many apps as ask: Chalice's own keeps its declarations for one."""
        for route in self.declared:
            view = self.api.view(route)
            for method in route.methods:
                app.route(route.path, methods=[method], name=f"{method} {route.path}", content_types=[])(view)


ERRORS_SHOWN = 100
FIELD_SHOWN = 100
"""Wrong fields that one answer names, and characters of each name: unknown ones are named by whoever asks, as many and
as long as a body holds."""


def invalid(error: ValidationError) -> Invalid:
    """pydantic's complaints as ours: every wrong field, none of the values."""
    errors: list[FieldError] = [
        {
            "field": ".".join(str(part) for part in found["loc"])[:FIELD_SHOWN] or "(document)",
            "message": found["msg"].removeprefix("Value error, "),
        }
        for found in error.errors(include_input=False, include_url=False, include_context=False)[:ERRORS_SHOWN]
    ]
    return Invalid(errors)


def listing(items: Sequence[Any], following: str | None) -> dict[str, Any]:
    """The shape of every list: its items, and the cursor of the next page or None."""
    return {"items": list(items), "next": following}
