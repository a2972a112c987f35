"""What a route declares of itself, once: validation, who may call, the OpenAPI document and the docs follow from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from chalicelib.core.http.models import NoQuery
from chalicelib.core.http.replies import JSON
from chalicelib.core.http.step_up import Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalice import Chalice
    from pydantic import BaseModel

    from chalicelib.core.http.replies import ErrorFormat

BODY_LIMIT = 1024 * 1024
"""Bytes of a request body, unless its route says otherwise."""

MERGE_PATCH = "application/merge-patch+json"
FORM = "application/x-www-form-urlencoded"
FORM_LIMIT = 16 * 1024
"""Bytes of a form: those that are taken hold a few tokens and addresses."""
PATCHES = (MERGE_PATCH, JSON)
"""The media types of a `PATCH`, whichever a client prefers (RFC 7396)."""

SIGNED_IN: frozenset[str] = frozenset()
ADMIN = frozenset({"admin"})
SUPPORT = frozenset({"admin", "support"})
SERVICE = frozenset({"admin", "service"})
ANYONE = None


class Further(TypedDict, total=False):
    """The parts of a declaration that few routes need; see `Declaration`."""

    media_types: tuple[str, ...]
    body_limit: int
    idempotent: bool
    proof: Proof
    errors: ErrorFormat
    bearer: str


@dataclass(frozen=True, eq=False)
class Declaration:
    """What a route declares that Chalice's own decorator cannot say.

    The function's docstring is the summary, and path parameters are its arguments.

    A route that changes something and wants no proof is in `tests/functional/unproved.py`, with the reason.
    """

    who: frozenset[str] | None
    """ANYONE, SIGNED_IN (a person), or roles of which the caller must hold one."""
    answers: Mapping[int, type[BaseModel] | None]
    """Every answer that is no error, by its status: the model of its body, or None where it has none. The first is what
    is answered unless the function's `Reply` says another."""
    handler: Callable[..., Any]
    body: type[BaseModel] | None = None
    query: type[BaseModel] = NoQuery
    media_types: tuple[str, ...] = (JSON,)
    """Of the body."""
    body_limit: int = BODY_LIMIT
    """Bytes."""
    idempotent: bool = False
    """Whether `Idempotency-Key` is honoured."""
    proof: Proof = Proof.NONE
    """What the caller must have proved of themselves."""
    proof_for: Callable[[Any], Proof] | None = None
    """What they must have proved for this body; its docstring is in the documentation."""
    errors: ErrorFormat | None = None
    """How errors are told, where a standard has its own format for them."""
    bearer: str = ""
    """Which bearer token it takes, where that is none of our own API: it verifies it itself."""

    @property
    def status(self) -> int:
        """The status of an answer that does not say its own."""
        return next(iter(self.answers))

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().split("\n")[0]

    @property
    def tag(self) -> str:
        """What groups it in the documentation: the folder that it is declared in."""
        return self.handler.__module__.split(".")[-2]


@dataclass(frozen=True)
class Route:
    """A declaration at the place where Chalice serves it."""

    method: str
    path: str
    declaration: Declaration = field(repr=False)

    @property
    def methods(self) -> tuple[str, ...]:
        """What it is called by: `HEAD` wherever `GET` is (RFC 9110, section 9.1)."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: Chalice) -> tuple[Route, ...]:
    """Every declared route that an app serves, in the order of registration."""
    return tuple(_routes(app))


def _routes(app: Chalice) -> Iterator[Route]:
    for path, entries in app.routes.items():
        for method, entry in entries.items():
            declaration = getattr(entry.view_function, "declaration", None)
            if declaration is not None and method != "HEAD":
                yield Route(method, path, declaration)
