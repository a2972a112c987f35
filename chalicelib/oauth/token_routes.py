"""The token endpoint over HTTP (RFC 6749, section 3.2)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from chalice import Blueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.core.http.routing import ANYONE, FORM, NoQuery, Reply, Request, declares
from chalicelib.core.settings import settings
from chalicelib.oauth import client_credentials
from chalicelib.oauth.client_credentials import OAUTH_ERRORS, UNCACHED

tokens = Blueprint(__name__)

BODY_LIMIT = 4096


class TokenRequest(BaseModel):
    """A client may also prove itself by HTTP Basic. Parameters that are empty or unknown count as not sent."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    grant_type: str | None = Field(default=None, description="`client_credentials`")
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_ones(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value != ""}


class AccessToken(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds that the access token is good for")


@tokens.route("/oauth2/token", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenRequest,
    answers={200: AccessToken},
    media_types=(FORM,),
    body_limit=BODY_LIMIT,
    errors=OAUTH_ERRORS,
)
def issue_token(request: Request[TokenRequest, NoQuery]) -> Reply:
    """Get an access token for a machine, by its client's id and secret."""
    token = client_credentials.grant(
        request.body.model_dump(exclude_none=True), request.headers.get("authorization", ""), request.source_ip
    )
    return Reply(AccessToken(access_token=token, expires_in=settings().access_token_seconds), headers={**UNCACHED})
