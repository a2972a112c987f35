"""What the routes of devices take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model
from chalicelib.oauth.authorization.schemas import ClientInQuestion  # noqa: TC001 - pydantic reads annotations
from chalicelib.oauth.token_endpoint.schemas import ClientForm


class DeviceForm(ClientForm):
    """RFC 8628, section 3.1."""

    scope: str | None = None
    resource: str | None = Field(default=None, description="The audience of its tokens (RFC 8707)")


class DeviceCodes(BaseModel):
    """RFC 8628, section 3.2."""

    device_code: str
    user_code: str = Field(description="To be shown, as `XXXX-XXXX`")
    verification_uri: str = Field(description="Where somebody types it")
    verification_uri_complete: str = Field(description="The same with the code, for a QR code")
    expires_in: int
    interval: int = Field(description="Seconds between two questions at the token endpoint")


class DeviceAnswer(Model):
    user_code: Annotated[
        str, Field(max_length=40, description="As the device shows it; case, blanks and dash are free")
    ]
    allow: bool | None = Field(default=None, description="My word; without it the question is told")


class DeviceQuestion(BaseModel):
    """What a person is asked to allow."""

    client: ClientInQuestion
    scopes: list[str]
    resource: str | None
    days: int | None = Field(description="How long it goes on without the person; None: until they sign out")


class DeviceStep(BaseModel):
    """What the page does next: ask, or tell what was answered."""

    consent: DeviceQuestion | None = None
    allowed: bool | None = None
