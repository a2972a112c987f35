"""Routes about the API itself, open to anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from chalice import Blueprint
from pydantic import BaseModel, ConfigDict

from chalicelib.about.version import VERSION
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.routing import ANYONE, AnyQuery, Reply, Request, declares
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.http.declarations import Route

about = Blueprint(__name__)

CACHED = {"Cache-Control": "public, max-age=300"}


class Health(BaseModel):
    status: Literal["ok"]
    stage: str
    version: str


class OpenApi(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")


@about.route("/health", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Health})
def read_health(_request: Request[None, AnyQuery]) -> Health:
    """Say that the API is up, and which stage and version it is."""
    return Health(status="ok", stage=settings().stage, version=VERSION)


@about.route("/openapi.json", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: OpenApi})
def read_openapi(_request: Request[None, AnyQuery]) -> Reply:
    """Read the OpenAPI document of every route."""
    from chalicelib.about.openapi import document

    return Reply(document(_every_route(), settings().public_url), headers={**CACHED})


def _every_route() -> tuple[Route, ...]:
    return routes_of(about.current_app)
