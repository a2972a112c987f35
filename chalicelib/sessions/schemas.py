"""What the routes of sessions take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chalicelib import factors
from chalicelib.accounts import schemas as accounts  # noqa: TC001 - pydantic reads annotations
from chalicelib.core.crypto.kept_texts import LENGTH_LIMIT
from chalicelib.core.http.models import Model

Credential = Annotated[dict[str, Any], Field(description="What `navigator.credentials.get` gave, as JSON")]


class OfClient(Model):
    """Where somebody signs in."""

    device: Annotated[str, Field(max_length=LENGTH_LIMIT)] | None = Field(
        default=None, description="The token that this device was given at the last sign-in"
    )
    browser: bool = Field(
        default=False, description="Keep refresh token and device in cookies that no script can read"
    )


class WithFactor(OfClient):
    """Where somebody signs in, and the second factor that they may have."""

    otp: Annotated[str, Field(max_length=32)] | None = Field(default=None, description="The authenticator's code")
    recovery_code: Annotated[str, Field(max_length=128)] | None = None

    def proof(self) -> factors.PresentedFactor:
        return factors.PresentedFactor(otp=self.otp, recovery_code=self.recovery_code)


class SignIn(WithFactor):
    email: accounts.KnownEmail
    password: accounts.Password


ASKER = r"^[A-Za-z0-9_-]{43,128}$"
"""256 random bits at least, as base64url."""

Asker = Annotated[str, Field(pattern=ASKER)]


class CodeRequest(Model):
    """Who wants a code, and who alone may use it then."""

    email: accounts.Email
    asker: Asker | None = Field(
        default=None, description="A random secret of the app that asks: only with it is the code good then"
    )
    browser: bool = Field(default=False, description="Keep that secret in a cookie that no script can read")


class CodeSignIn(WithFactor):
    """The code of the mail's link alone, or the short one with its address; and the asker, where one asked."""

    code: Annotated[str, Field(max_length=500)]
    email: accounts.Email | None = None
    asker: Asker | None = Field(default=None, description="As it was sent when the code was asked for")


class PasskeySignIn(OfClient):
    response: Credential


class StepUp(Model):
    """A second factor, or the password of who has none."""

    password: accounts.Password | None = None
    otp: Annotated[str, Field(max_length=32)] | None = None
    recovery_code: Annotated[str, Field(max_length=128)] | None = None
    passkey: Credential | None = None

    def proof(self) -> factors.PresentedFactor:
        return factors.PresentedFactor(otp=self.otp, recovery_code=self.recovery_code, passkey=self.passkey)


class Refresh(Model):
    refresh_token: Annotated[str, Field(max_length=1024)] | None = Field(
        default=None, description="Left out in a browser, whose cookie is taken"
    )


class TokenPair(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds that the access token is good for")
    refresh_token: str | None = Field(default=None, description="Left out where it is in a cookie")
    device: str | None = Field(
        default=None,
        description="To send along at the next sign-in on this device; a secret of the device's owner",
    )
    second_factor: factors.Need | None = Field(
        default=None,
        description="There for an administrator without a second factor: whether the role works without one",
    )


class PasskeyOptions(BaseModel):
    """What `navigator.credentials.get` takes as `publicKey`, as JSON."""

    model_config = {"extra": "allow"}

    challenge: str


class SessionView(BaseModel):
    id: str
    agent: str | None = Field(description="The browser or app, as it called itself")
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool = Field(description="Whether this request is made in it")


class SessionList(BaseModel):
    items: list[SessionView]
    next: str | None


class KeyList(BaseModel):
    keys: list[dict[str, str]] = Field(description="JSON Web Keys (RFC 7517)")
