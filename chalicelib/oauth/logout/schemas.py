"""What `/oauth2/logout` takes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import ConfigDict, Field, model_validator

from chalicelib.core.http.models import AnyQuery


class LogoutParameters(AnyQuery):
    """OpenID Connect RP-Initiated Logout 1.0, section 2. Those that are empty or unknown count as not sent, and one
    that is sent twice is refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", defer_build=True)
    once: ClassVar[bool] = True

    id_token_hint: str | None = Field(default=None, description="An ID token of this session, however old")
    client_id: str | None = None
    post_logout_redirect_uri: str | None = Field(default=None, description="As it is registered")
    state: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_ones(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value != ""}


class LogoutForm(LogoutParameters):
    """The same as a form."""
