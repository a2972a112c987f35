"""A checked request on its way through the page, sealed: the page can neither read nor change what it asks the person
about, and has it for ten minutes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from chalicelib.core import clock, wire
from chalicelib.core.crypto import seals
from chalicelib.core.errors import Gone
from chalicelib.oauth.authorization.request import AuthorizationRequest

SECONDS = 600

LENGTH_LIMIT = 16_000
"""Characters: what the parameters may have together, in base64."""

_BOUND_TO = "authorization-request"


class RequestExpired(Gone):
    title = "The request has expired"
    type = "request-expired"


def seal(request: AuthorizationRequest) -> str:
    """The request as the page gets it."""
    return seals.sealed_text("authorization", wire.to_json(asdict(request)), _BOUND_TO)


def opened(text: str) -> AuthorizationRequest:
    """The request. Raises RequestExpired where it is too old, or nothing that we sealed."""
    from cryptography.exceptions import InvalidTag

    try:
        plain = seals.opened_text("authorization", text, _BOUND_TO)
    except (InvalidTag, ValueError, KeyError) as error:
        raise RequestExpired from error
    fields: dict[str, Any] = json.loads(plain)
    if clock.epoch() - fields["begun"] > SECONDS:
        raise RequestExpired
    lists = ("scopes", "prompts", "acr_values")
    return AuthorizationRequest(**{**fields, **{name: tuple(fields[name]) for name in lists}})
