"""What the routes of identities take and give."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chalicelib import factors
from chalicelib.connections.rows import Provider  # noqa: TC001 - pydantic reads annotations
from chalicelib.core.brand import NAME_LIMIT
from chalicelib.core.http.models import AnyQuery, Model, Visible
from chalicelib.identities.flow_cookies import Need  # noqa: TC001 - pydantic reads annotations
from chalicelib.identities.redirects import RETURN_LIMIT
from chalicelib.sessions.schemas import Credential, OfClient

CODE_LIMIT = 4096
"""Characters of an authorization code, and of what Apple posts about a name."""

ReturnTo = Annotated[
    str, Field(max_length=RETURN_LIMIT, description="A page of the account, or a URL on the connection's list")
]

UiLocales = Annotated[
    str, Field(max_length=200, description="The languages of the provider's page, and of ours that comes after it")
]


class BeginQuery(AnyQuery):
    """How to begin: whom the provider may show already, in which language, and where the browser goes then."""

    login_hint: Annotated[str, Field(max_length=320)] = ""
    return_to: ReturnTo = ""
    ui_locales: UiLocales = ""


class CallbackQuery(AnyQuery):
    """What the provider sends the browser back with (OpenID Connect Core 1.0, section 3.1.2.5; RFC 9207)."""

    state: Annotated[str, Field(max_length=500)] = ""
    code: Annotated[str, Field(max_length=CODE_LIMIT)] = ""
    iss: Annotated[str, Field(max_length=2000)] | None = None
    error: Annotated[str, Field(max_length=500)] = ""


class CallbackForm(BaseModel):
    """The same, as a form that the browser posts from the provider's page. Apple adds the name at the first time."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", defer_build=True)

    state: Annotated[str, Field(max_length=500)] = ""
    code: Annotated[str, Field(max_length=CODE_LIMIT)] = ""
    iss: Annotated[str, Field(max_length=2000)] | None = None
    error: Annotated[str, Field(max_length=500)] = ""
    user: Annotated[str, Field(max_length=CODE_LIMIT)] = ""


class Way(BaseModel):
    """A connection, as the page of sign-in shows it."""

    id: str
    name: str
    kind: Provider


class WayList(BaseModel):
    items: list[Way]
    next: None


class NoFields(Model):
    """Nothing: the browser's cookie says what is meant."""


class PendingView(BaseModel):
    """What a provider has proved in this browser, and what is still needed."""

    connection: Way
    need: Need = Field(
        description="A second factor, to sign in to the account of the address and link the identity, or to agree to "
        "the terms"
    )
    factors: list[str] = Field(description="Those that the person can prove: totp, recovery_code, passkey")
    label: str = Field(description="The address or name at the provider, to be shown before it is linked")
    email: str | None = Field(description="The address that the provider told")
    return_to: str | None = Field(description="Where the browser goes when this is done")


class PendingProof(OfClient):
    """What is still needed: a second factor, one of the three, or the version of the terms that somebody agrees to."""

    otp: Annotated[str, Field(max_length=32)] | None = None
    recovery_code: Annotated[str, Field(max_length=128)] | None = None
    passkey: Credential | None = None
    terms_version: Annotated[str, Visible(NAME_LIMIT)] | None = None

    def proof(self) -> factors.PresentedFactor:
        return factors.PresentedFactor(otp=self.otp, recovery_code=self.recovery_code, passkey=self.passkey)


class LinkRequest(Model):
    connection_id: Annotated[str, Field(max_length=40)]
    return_to: ReturnTo = ""
    ui_locales: UiLocales = ""


class LinkStart(BaseModel):
    redirect: str = Field(description="Where to send the browser that has the cookies of this answer")


class IdentityView(BaseModel):
    """A person as an identity provider knows them."""

    id: str
    connection: str = Field(description="The id of the connection, which may be gone")
    label: str = Field(description="The address or name there when it was linked; may be empty")
    subject: str = Field(description="The person's id there")
    linked_at: str


class IdentityList(BaseModel):
    items: list[IdentityView]
    next: None
