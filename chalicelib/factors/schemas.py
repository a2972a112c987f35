"""What the routes of second factors take and give."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model, Visible
from chalicelib.factors.model import Need  # noqa: TC001 - pydantic reads the type


class TotpCode(Model):
    otp: Annotated[str, Field(pattern="^[0-9]{6}$", description="What the authenticator app shows")]


class NewPasskey(Model):
    name: Annotated[str, Visible(100)]
    response: Annotated[
        dict[str, Any], Field(description="What `navigator.credentials.create()` gave, by its `toJSON()`")
    ]


class TotpSecret(BaseModel):
    secret: str = Field(description="In base 32; shown once")
    otpauth_url: str = Field(description="The same for authenticator apps, to be shown as a QR code")


class NewRecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each works once; shown once")


class Passkey(BaseModel):
    id: str
    name: str
    synced: bool = Field(description="Whether it is kept beyond one device")
    created_at: str
    last_used_at: str | None


class PasskeyList(BaseModel):
    items: list[Passkey]
    next: str | None


class Totp(BaseModel):
    """`bits` is there only where another system made the secret shorter than RFC 4226 asks for: a new one has 160."""

    created_at: str
    bits: int | None = None


class RecoveryCodesLeft(BaseModel):
    left: int
    created_at: str


class Factors(BaseModel):
    """Null where there is none."""

    totp: Totp | None
    recovery_codes: RecoveryCodesLeft | None
    passkeys: list[Passkey]
    wanted: Need | None = Field(
        default=None,
        description="There for an administrator without a second factor: whether the role works without one",
    )


class CreationOptions(BaseModel):
    """WebAuthn's PublicKeyCredentialCreationOptionsJSON, for `parseCreationOptionsFromJSON()`."""

    rp: dict[str, str]
    user: dict[str, str]
    challenge: str
    pubKeyCredParams: list[dict[str, Any]]  # noqa: N815 - WebAuthn's own names
    timeout: int = Field(description="Milliseconds")
    excludeCredentials: list[dict[str, Any]]  # noqa: N815
    authenticatorSelection: dict[str, Any]  # noqa: N815
    attestation: str
