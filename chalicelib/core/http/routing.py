"""The words of a route file: Chalice's own decorator says path and methods, and `declares`, right below it, the rest.

    accounts = Blueprint(__name__)

    @accounts.route("/users", methods=["POST"], content_types=[])
    @declares(who=ANYONE, body=NewUser, answers={202: Accepted, 201: User})
    def register(request: Request[NewUser, NoQuery]) -> Reply: ...

`content_types` is empty because the edge looks at media types itself: Chalice's refusal is no problem document.
A route that has `GET` has `HEAD` too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, Unpack, overload

from pydantic import BaseModel

from chalicelib.core.http.declarations import (
    ADMIN,
    ANYONE,
    FORM,
    FORM_LIMIT,
    MERGE_PATCH,
    PATCHES,
    SERVICE,
    SIGNED_IN,
    SUPPORT,
    Declaration,
    Further,
)
from chalicelib.core.http.models import AnyQuery, ListQuery, Model, Moment, NoQuery, QueryModel, Visible
from chalicelib.core.http.replies import JSON, ErrorFormat, Reply, listing
from chalicelib.core.http.requests import Caller, Request
from chalicelib.core.http.serving import serve
from chalicelib.core.http.step_up import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice import Response

__all__ = [
    "ADMIN",
    "ANYONE",
    "FORM",
    "FORM_LIMIT",
    "JSON",
    "MERGE_PATCH",
    "PATCHES",
    "SERVICE",
    "SIGNED_IN",
    "SUPPORT",
    "AnyQuery",
    "Caller",
    "ErrorFormat",
    "ListQuery",
    "Model",
    "Moment",
    "NoQuery",
    "Proof",
    "QueryModel",
    "Reply",
    "Request",
    "Visible",
    "declares",
    "listing",
    "view_of",
]

Answer = Reply | BaseModel | Mapping[str, Any] | None
"""What a route's function returns: its body, nothing, or a reply that says more."""

P = ParamSpec("P")
B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
Body = TypeVar("Body")
Query = TypeVar("Query")


class Declares(Protocol[Body, Query]):
    """Makes the view that Chalice calls of a function that takes such a request, and the parameters of the path."""

    def __call__(
        self, handler: Callable[Concatenate[Request[Body, Query], P], Answer], /
    ) -> Callable[P, Response]: ...


@overload
def declares(
    *, who: frozenset[str] | None, answers: Mapping[int, type[BaseModel] | None], **further: Unpack[Further]
) -> Declares[None, NoQuery]: ...


@overload
def declares(
    *,
    who: frozenset[str] | None,
    query: type[Q],
    answers: Mapping[int, type[BaseModel] | None],
    **further: Unpack[Further],
) -> Declares[None, Q]: ...


@overload
def declares(
    *,
    who: frozenset[str] | None,
    body: type[B],
    answers: Mapping[int, type[BaseModel] | None],
    proof_for: Callable[[B], Proof] | None = None,
    **further: Unpack[Further],
) -> Declares[B, NoQuery]: ...


@overload
def declares(
    *,
    who: frozenset[str] | None,
    body: type[B],
    query: type[Q],
    answers: Mapping[int, type[BaseModel] | None],
    proof_for: Callable[[B], Proof] | None = None,
    **further: Unpack[Further],
) -> Declares[B, Q]: ...


def declares(
    *,
    who: frozenset[str] | None,
    answers: Mapping[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] = NoQuery,
    proof_for: Callable[[Any], Proof] | None = None,
    **further: Unpack[Further],
) -> Declares[Any, Any]:
    """Declare what `Declaration` describes of the function below, and make the view of it that Chalice calls."""

    def view(handler: Callable[Concatenate[Any, P], Answer], /) -> Callable[P, Response]:
        return view_of(Declaration(who, answers, handler, body, query, proof_for=proof_for, **further))

    return view


def view_of(declaration: Declaration) -> Callable[..., Response]:
    """What Chalice calls for a route of this declaration, which `declaration` of the view names."""

    @wraps(declaration.handler)
    def view(**path_parameters: str) -> Response:
        return serve(declaration, path_parameters)

    view.declaration = declaration  # type: ignore[attr-defined]
    return view
