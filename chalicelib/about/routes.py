"""What anyone may ask about the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, RootModel

from chalicelib.about import VERSION
from chalicelib.core.http.declarations import (
    ANYONE,
    NoQuery,
    Reply,
    Request,
    Routes,
)
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.http.declarations import Route

routes = Routes("about")

CACHED = {"Cache-Control": "public, max-age=300"}


class Health(BaseModel):
    status: Literal["ok"]
    stage: str
    version: str


class OpenApi(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")


class Html(RootModel[str]):
    """A page for people."""

    media_type: ClassVar[str] = "text/html"


@routes.get("/health", who=ANYONE, returns=Health)
def read_health(_request: Request[None, NoQuery]) -> Health:
    """Say that the API is up, and which stage and version it is."""
    return Health(status="ok", stage=settings().stage, version=VERSION)


@routes.get("/openapi.json", who=ANYONE, returns=OpenApi)
def read_openapi(_request: Request[None, NoQuery]) -> Reply:
    """Read the OpenAPI document of every route."""
    from chalicelib.about.openapi import document

    return Reply(document(_all(), settings().public_url), headers={**CACHED})


@routes.get("/docs", who=ANYONE, returns=Html)
def read_docs(_request: Request[None, NoQuery]) -> Reply:
    """Read the docs of every route in a browser."""
    from chalicelib.about.docs import page

    docs = page(_all(), settings().public_url)
    headers: dict[str, Any] = {**CACHED, "Content-Security-Policy": docs.policy}
    return Reply(docs.html, headers=headers, media_type="text/html; charset=utf-8")


def _all() -> tuple[Route, ...]:
    return tuple(routes.api.routes)
