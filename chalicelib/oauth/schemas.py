"""What the routes of OAuth clients and of their tokens take and give."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.accounts.schemas import Roles  # noqa: TC001 - pydantic reads annotations
from chalicelib.core.http.models import Model, Visible
from chalicelib.oauth.model import GRACE_LIMIT


class NewClient(Model):
    name: Annotated[str, Visible(100)]
    roles: Annotated[Roles, Field(min_length=1)]


class Rotation(Model):
    grace_seconds: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=GRACE_LIMIT,
        description="How long the secret before it goes on, with its tokens",
    )


class OAuthClient(BaseModel):
    id: str
    name: str
    roles: list[str]
    created_at: str
    updated_at: str
    secret_made_at: str
    previous_valid_until: str | None = Field(description="Until when the secret before the present one holds")
    version: int


class ClientWithSecret(OAuthClient):
    secret: str = Field(description="Shown in this answer only")


class ClientList(BaseModel):
    items: list[OAuthClient]
    next: str | None


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


class OAuthError(BaseModel):
    """An error (RFC 6749, section 5.2)."""

    error: str
    error_description: str
