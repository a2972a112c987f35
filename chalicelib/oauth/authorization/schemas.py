"""What the routes of the authorization endpoint take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model
from chalicelib.oauth.authorization.sealed_requests import LENGTH_LIMIT
from chalicelib.oauth.parameters import Parameters
from chalicelib.oauth.rows import Source  # noqa: TC001 - pydantic reads annotations


class AuthorizationParameters(Parameters):
    """Parameters of RFC 6749, OpenID Connect Core 1.0, RFC 7636, RFC 8707 and RFC 9126. Those that are empty or unknown
    count as not sent, and one that is sent twice is refused."""

    response_type: str | None = Field(default=None, description="`code`")
    client_id: str | None = None
    redirect_uri: str | None = None
    scope: str | None = None
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = Field(default=None, description="`S256`")
    nonce: str | None = None
    prompt: str | None = Field(default=None, description="`none`, or some of `login`, `consent`, `select_account`")
    max_age: str | None = None
    acr_values: str | None = Field(default=None, description="Some of `aal1`, `aal2`, `phr`")
    login_hint: str | None = None
    id_token_hint: str | None = None
    ui_locales: str | None = None
    resource: str | None = None
    response_mode: str | None = Field(default=None, description="`query`")
    request_uri: str | None = None
    request: str | None = None
    registration: str | None = None
    claims: str | None = None


class AuthorizationForm(AuthorizationParameters):
    """The same as a form."""


class PushedParameters(AuthorizationParameters):
    """The same, with the client's proof."""

    client_secret: str | None = None
    client_assertion_type: str | None = None
    client_assertion: str | None = None


class PushedRequest(BaseModel):
    request_uri: str
    expires_in: int = Field(description="Seconds in which the browser must come with it")


class ConsentAnswer(Model):
    request: Annotated[str, Field(max_length=LENGTH_LIMIT, description="As the page got it")]
    allow: bool | None = Field(default=None, description="The person's word; without it the question is told")


class ClientInQuestion(BaseModel):
    id: str
    name: str
    uri: str | None
    logo_uri: str | None
    first_party: bool = Field(description="Whether it is the owner's own")
    source: Source = Field(description="Whether an administrator made it, or it registered itself")


class Question(BaseModel):
    """What a person is asked to allow."""

    client: ClientInQuestion
    scopes: list[str]
    resource: str | None
    days: int | None = Field(description="How long it goes on without the person; None: until they sign out")
    redirect_uri: str = Field(description="Where the answer goes")


class NextStep(BaseModel):
    """What the page does next: lead the browser there, or ask."""

    redirect: str | None = None
    consent: Question | None = None
