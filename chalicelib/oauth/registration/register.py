"""An application registers itself (RFC 7591, section 3). It is a third party always: the people are asked, and what it
may ask them for is what the administrator said who made the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from chalicelib import limits
from chalicelib.core import clock, logs
from chalicelib.core.errors import Conflict, FieldError, Invalid, InvalidToken, NotFound
from chalicelib.core.http.models import validated
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules, model
from chalicelib.oauth.client_administration import registered_of
from chalicelib.oauth.registration.errors import REDIRECT_URIS
from chalicelib.oauth.registration.store import TokenUsedUp, id_of, registration_tokens
from chalicelib.oauth.schemas import NewClient

if TYPE_CHECKING:
    from chalicelib.oauth.registration.rows import RegistrationToken
    from chalicelib.oauth.registration.schemas import ClientMetadata, NewRegistrationToken
    from chalicelib.oauth.rows import Client

GRANT_TYPES = {client_rules.AUTHORIZATION_CODE, client_rules.REFRESH_TOKEN, client_rules.DEVICE_CODE}
"""That an application may register: those that need a person."""

NAMES = {"client_name": "name", "client_uri": "uri", "require_pushed_authorization_requests": "require_par"}
"""Members of RFC 7591 and 9126 that are called otherwise among clients."""

NAMELESS = "application without a name"

MEMBERS = {ours: theirs for theirs, ours in NAMES.items()} | {"scopes": "scope"}


def is_on() -> bool:
    """Whether applications may register themselves in this stage."""
    return settings().client_registration == "token"


def create_token(new: NewRegistrationToken, administrator: str) -> tuple[RegistrationToken, str]:
    """Make an initial access token: (its row, the token). Raises Conflict where no application may register itself."""
    if not is_on():
        raise Conflict("CLIENT_REGISTRATION is off in this stage")
    row, token = registration_tokens().create(
        uses=new.uses,
        seconds=new.days * 86400,
        scopes=new.scopes,
        audiences=new.audiences,
        created_by=administrator,
    )
    logs.info("registration token created", token_id=id_of(row), actor=administrator, uses=new.uses)
    return row, token


def register(metadata: ClientMetadata, authorization: str, source_ip: str) -> tuple[Client, str | None]:
    """Create the client of an application: its row, and its secret if it has one.

    Raises NotFound where no application may register itself, InvalidToken, Invalid, and TooManyRequests for a client
    network that came with too many wrong tokens.
    """
    if not is_on():
        raise NotFound("applications are registered by administrators here")
    limits.rates().refuse_known("registration", source_ip)
    scheme, _, token = authorization.partition(" ")
    row = registration_tokens().find(token.strip(" ")) if scheme.lower() == "bearer" else None
    if row is None:
        raise _refused(source_ip)
    new = _new_client(metadata, row)
    client, secret = model.new_client(new.name, [], registered_of(new, "registration"), new.jwks)
    try:
        registration_tokens().register(row, client)
    except TokenUsedUp as used_up:
        raise _refused(source_ip) from used_up
    logs.info("client registered", client=client["client_id"], token_id=id_of(row))
    return client, secret


def shown(client: Client, secret: str | None) -> dict[str, Any]:
    """The answer (RFC 7591, section 3.2.1), without what there is not."""
    registered = model.registered(client)
    members = {
        "client_id": client["client_id"],
        "client_secret": secret,
        "client_id_issued_at": int(clock.parse(client["created_at"]).timestamp()),
        "client_secret_expires_at": None if secret is None else 0,
        REDIRECT_URIS: registered["redirect_uris"],
        "token_endpoint_auth_method": registered["token_endpoint_auth_method"],
        "grant_types": registered["grant_types"],
        "response_types": ["code"] if registered["redirect_uris"] else [],
        "client_name": client["name"],
        "client_uri": registered.get("uri"),
        "logo_uri": registered.get("logo_uri"),
        "scope": " ".join(registered["scopes"]),
        "jwks": client.get("jwks"),
        "post_logout_redirect_uris": registered["post_logout_redirect_uris"],
        "backchannel_logout_uri": registered.get("backchannel_logout_uri"),
        "require_pushed_authorization_requests": registered["require_par"],
    }
    return {name: value for name, value in members.items() if value is not None}


def _refused(source_ip: str) -> InvalidToken:
    """The error of a wrong token, which is counted."""
    logs.info("registration refused", client_network=limits.logged_network(source_ip))
    limits.rates().take("registration", source_ip, settings().client_failures_per_hour)
    return InvalidToken()


def _new_client(metadata: ClientMetadata, token: RegistrationToken) -> NewClient:
    """The client that the metadata are of, by the rules of administrators' clients. Raises Invalid, with the members'
    names of RFC 7591."""
    if not set(metadata.grant_types) <= GRANT_TYPES:
        raise _invalid("grant_types", "must be of those that need a person")
    if metadata.redirect_uris and metadata.response_types != ["code"]:
        raise _invalid("response_types", "must be code alone")
    if client_rules.AUTHORIZATION_CODE in metadata.grant_types and not metadata.redirect_uris:
        raise _invalid(REDIRECT_URIS, "must hold one or more")
    fields = metadata.model_dump(exclude_none=True, exclude={"scope", "response_types"})
    document = {NAMES.get(name, name): value for name, value in fields.items()} | {
        "type": "public" if metadata.token_endpoint_auth_method == "none" else "confidential",
        "name": metadata.client_name or _name_of(metadata),
        "scopes": _scopes(metadata.scope, token),
        "audiences": token["audiences"],
    }
    try:
        return cast("NewClient", validated(NewClient, document))
    except Invalid as invalid:
        errors = [{**error, "field": _member(error["field"])} for error in invalid.errors]
        raise Invalid(cast("list[FieldError]", errors)) from invalid


def _scopes(asked: str | None, token: RegistrationToken) -> list[str]:
    """What it may ask people for: what it asked for, as far as the token allows it. Raises Invalid for nothing."""
    allowed = token["scopes"]
    if asked is None:
        return allowed
    scopes = [scope for scope in dict.fromkeys(asked.split()) if scope in allowed]
    if not scopes:
        raise _invalid("scope", "must name one that the token allows")
    return scopes


def _name_of(metadata: ClientMetadata) -> str:
    """What people see of an application that has no name: the host that its answers go to, or its scheme."""
    if not metadata.redirect_uris:
        return NAMELESS
    try:
        parts = urlsplit(metadata.redirect_uris[0])
    except ValueError:  # which is told where the address is checked
        return NAMELESS
    return (parts.hostname or parts.scheme)[:100] or NAMELESS


def _member(field: str) -> str:
    """The path of a field of ours as RFC 7591 names it."""
    name, point, rest = field.partition(".")
    return f"{MEMBERS.get(name, name)}{point}{rest}"


def _invalid(member: str, message: str) -> Invalid:
    return Invalid([FieldError(field=member, message=message)])
