"""The documents by which clients and resource servers find what they need."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.aws.secret_cache import CACHED_SECONDS
from chalicelib.core.http.routing import ANYONE, AnyQuery, Reply, Request, declares
from chalicelib.oauth import metadata
from chalicelib.oauth.metadata import ResourceMetadata, ServerMetadata

discovery = Blueprint(__name__)

DISCOVERABLE = {"Cache-Control": f"public, max-age={CACHED_SECONDS}"}


@discovery.route("/.well-known/openid-configuration", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: ServerMetadata})
def discover_provider(_request: Request[None, AnyQuery]) -> Reply:
    """Where OpenID Connect clients find what they need."""
    return Reply(metadata.of_server().model_dump(exclude_none=True), headers={**DISCOVERABLE})


@discovery.route("/.well-known/oauth-authorization-server", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: ServerMetadata})
def discover_server(_request: Request[None, AnyQuery]) -> Reply:
    """Where OAuth clients find it: the same document (RFC 8414)."""
    return Reply(metadata.of_server().model_dump(exclude_none=True), headers={**DISCOVERABLE})


@discovery.route("/.well-known/oauth-protected-resource", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: ResourceMetadata})
def discover_resource(_request: Request[None, AnyQuery]) -> Reply:
    """Who issues the tokens of this API (RFC 9728)."""
    return Reply(metadata.of_resource(), headers={**DISCOVERABLE})
